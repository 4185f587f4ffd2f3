//! Reviews on the web: those that were signed, one of them, and the next.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{Check, Item, Review, ReviewForm};
use crate::accountability::{ENTRY, disproved, today, yearly};
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{KeepRegisters, ViewRegisters};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/personal-data/reviews", list)
        .get("/personal-data/reviews/new", blank)
        .post("/personal-data/reviews/new", sign)
        .get("/personal-data/reviews/{number}", one)
}

/// Every review that was signed.
#[derive(Debug, Serialize)]
pub struct ReviewsPage {
    pub(in crate::accountability) reviews: Vec<Review>,
    /// The next one should have been signed by now.
    pub(in crate::accountability) overdue: bool,
    pub(in crate::accountability) may_keep: bool,
}

/// One review.
#[derive(Debug, Serialize)]
pub struct ReviewPage {
    pub(in crate::accountability) review: Review,
    pub(in crate::accountability) points: Vec<Point>,
}

/// A point of a signed review, for the page.
#[derive(Debug, Serialize)]
pub(in crate::accountability) struct Point {
    #[serde(flatten)]
    pub item: Item,
    pub days: bool,
}

/// The next review, to be answered.
#[derive(Debug, Serialize)]
pub struct NewReviewPage {
    pub(in crate::accountability) checks: Vec<Check>,
    pub(in crate::accountability) form: ReviewForm,
    pub(in crate::accountability) errors: FieldErrors,
    /// The codes of points that are not answered.
    pub(in crate::accountability) unanswered: Vec<&'static str>,
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let reviews = yearly::reviews(&clinic.vault, &grant).await?;
    let view = ReviewsPage {
        overdue: reviews.first().is_none_or(|newest| newest.next_on < today(&clinic)),
        reviews,
        may_keep: grant.actor().may::<KeepRegisters>(),
    };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn one(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
    Path(number): Path<String>,
) -> Result<Page, Problem> {
    let number: i64 = number.parse().map_err(|_| Problem::NotFound)?;
    let reviews = yearly::reviews(&clinic.vault, &grant).await?;
    let review = reviews.into_iter().find(|one| one.number == number).ok_or(Problem::NotFound)?;
    let items = yearly::items(&clinic.vault, &grant, number).await?;
    let point = |item: Item| Point { days: item.code.most_days().is_some(), item };
    let view = ReviewPage { review, points: items.into_iter().map(point).collect() };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn blank(
    State(clinic): State<Clinic>,
    grant: Grant<KeepRegisters>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let checks = yearly::checks(&clinic, &grant.also()?, &grant.also()?).await?;
    let fine = checks.iter().filter(|check| check.fine).map(|check| check.code.name());
    let answers = fine.map(|code| (code.to_owned(), "done".to_owned())).collect();
    let form = ReviewForm { answers, ..ReviewForm::default() };
    let (errors, unanswered) = (FieldErrors::new(), Vec::new());
    let view = NewReviewPage { checks, form, errors, unanswered };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn sign(
    State(clinic): State<Clinic>,
    grant: Grant<KeepRegisters>,
    chrome: Chrome,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let form = ReviewForm::typed(typed);
    let checks = yearly::checks(&clinic, &grant.also()?, &grant.also()?).await?;
    let (errors, unanswered) = match form.read(&checks) {
        Ok(new) => match disproved(&clinic, &grant, &form.password, &form.proof).await? {
            None => {
                let number = yearly::sign(&clinic, &grant, &new).await?;
                return Ok(see_other(&format!("/personal-data/reviews/{number}")));
            }
            Some(errors) => (errors, Vec::new()),
        },
        Err(wrong) => wrong,
    };
    let view = NewReviewPage { checks, form, errors, unanswered };
    Ok(Page::of(&clinic, &chrome.active(ENTRY), &view)?.refused().into_response())
}
