//! Reviews: what was signed, and the form that signs the next one.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::words::read_day;
use crate::audit::reviews::{self, Code, Counts, Draft, Due, ReviewRow};
use crate::audit::{self, AuditError, findings};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::i18n::dates::numeric;
use crate::ids::StaffId;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{ReviewLog, SignReview};
use crate::web::{FieldErrors, Page, Problem, see_other};

const LONGEST_NOTE: usize = 2000;

#[derive(Debug, Serialize)]
pub struct ReviewsPage {
    reviews: Vec<ReviewRow>,
    due: Due,
    may_sign: bool,
    form: ReviewForm,
    errors: FieldErrors,
    /// What there was within the days of the form; None while they make no sense.
    counts: Option<Counts>,
    people: Vec<(String, String)>,
    codes: Vec<&'static str>,
    /// Fluent key of why it was not signed.
    refused: Option<&'static str>,
    open: [i64; 3],
}

/// The form as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReviewForm {
    from: String,
    until: String,
    /// Empty: everybody.
    about: String,
    code: String,
    note: String,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Form(form): Form<ReviewForm>,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant, form).await?;
    Page::of(&clinic, &chrome.active("audit"), &view)
}

pub(super) async fn sign(
    State(clinic): State<Clinic>,
    grant: Grant<SignReview>,
    chrome: Chrome,
    Form(form): Form<ReviewForm>,
) -> Result<Response, Problem> {
    let refusal = match form.understand() {
        Ok(draft) => match reviews::sign(&clinic, &grant, &draft).await {
            Ok(_) => return Ok(see_other("/audit/reviews")),
            Err(AuditError::AboutYou) => (FieldErrors::new(), Some("audit-about-you")),
            Err(AuditError::BadPeriod) => (period_error(), None),
            Err(error) => return Err(error.into()),
        },
        Err(errors) => (errors, None),
    };
    let (errors, refused) = refusal;
    let review = grant.also::<ReviewLog>()?;
    let view = ReviewsPage { errors, refused, ..page(&clinic, &review, form).await? };
    Ok(Page::of(&clinic, &chrome.active("audit"), &view)?.refused().into_response())
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    mut form: ReviewForm,
) -> Result<ReviewsPage, Problem> {
    let due = reviews::next(clinic, grant).await?;
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    if form.from.is_empty() && form.until.is_empty() {
        let first = due.next.unwrap_or(today).max(today.plus_days(1 - reviews::LONGEST));
        form.from = numeric(first.min(today));
        form.until = numeric(today);
    }
    let mut errors = FieldErrors::new();
    let mut counts = None;
    if let (Some(first), Some(last)) = (read_day(&form.from), read_day(&form.until)) {
        let about = form.about.parse().ok();
        match reviews::counts(clinic, grant, first, last, about).await {
            Ok(counted) => counts = Some(counted),
            Err(AuditError::BadPeriod) => errors = period_error(),
            Err(error) => return Err(error.into()),
        }
    } else {
        errors.insert("from", "audit-error-day".to_owned());
    }
    Ok(ReviewsPage {
        reviews: reviews::list(clinic, grant).await?,
        due,
        may_sign: grant.actor().may::<SignReview>(),
        form,
        errors,
        counts,
        people: audit::people(clinic, grant).await?,
        codes: Code::ALL.map(Code::name).to_vec(),
        refused: None,
        open: findings::open_counts(clinic, grant).await?,
    })
}

fn period_error() -> FieldErrors {
    FieldErrors::from([("from", "audit-error-period".to_owned())])
}

impl ReviewForm {
    fn understand(&self) -> Result<Draft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut day = |field: &'static str, text: &str| {
            let read = read_day(text);
            if read.is_none() {
                errors.insert(field, "audit-error-day".to_owned());
            }
            read
        };
        let (first, last) = (day("from", &self.from), day("until", &self.until));
        let code = Code::ALL.into_iter().find(|code| code.name() == self.code);
        if code.is_none() {
            errors.insert("code", "audit-error-code".to_owned());
        }
        let about = self.about.parse::<StaffId>().ok();
        let note = self.note.trim();
        // "Nothing to ask about" needs no words; everything else does.
        let short = note.is_empty() && code.is_some_and(|code| code != Code::Clean);
        if short || LONGEST_NOTE < note.chars().count() {
            errors.insert("note", "audit-error-note".to_owned());
        }
        match (first, last, code) {
            (Some(first), Some(last), Some(code)) if errors.is_empty() => {
                Ok(Draft { first, last, about, code, note: note.to_owned() })
            }
            _ => Err(errors),
        }
    }
}

impl View for ReviewsPage {
    const TEMPLATE: &'static str = "audit/reviews.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let day = Day::new(2026, 11, 20);
        let counts = Counts { entries: 1204, looks: 900, open: 1, ..Counts::default() };
        let review = |about: Option<&str>, code, note: Option<&str>| ReviewRow {
            id: reviews::ReviewId::new(at),
            first_day: day.expect("a day"),
            last_day: day.expect("a day"),
            about: about.map(str::to_owned),
            signed_at: at,
            signed_by: "Gulnara".to_owned(),
            code,
            counts,
            note: note.map(str::to_owned),
        };
        let page = |reviews, overdue: bool, errors, refused, counts| Self {
            reviews,
            due: Due { last: day.filter(|_| !overdue), next: day, overdue },
            may_sign: true,
            form: ReviewForm::default(),
            errors,
            counts,
            people: vec![("p".to_owned(), "Aigul".to_owned())],
            codes: Code::ALL.map(Code::name).to_vec(),
            refused,
            open: [0; 3],
        };
        let signed =
            vec![review(None, Code::Clean, None), review(Some("Aigul"), Code::Incident, Some("n"))];
        let errors = FieldErrors::from([("code", "audit-error-code".to_owned())]);
        vec![
            page(signed, false, FieldErrors::new(), None, Some(counts)),
            page(Vec::new(), true, errors, Some("audit-about-you"), None),
        ]
    }
}
