//! The page of quick replies.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::conversations::WAITING;
use crate::inbox::model::QuickReply;
use crate::inbox::{self, InboxError, QuickForm};
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::EditTexts;
use crate::web::{Page, Problem, see_other};

const PATH: &str = "/inbox/quick";

#[derive(Debug, Serialize)]
pub struct QuickPage {
    pub(super) replies: Vec<QuickReply>,
    /// What was typed and not taken.
    pub(super) form: QuickForm,
    /// The Fluent key of why; empty: it was.
    pub(super) error: &'static str,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    page(&clinic, &grant, chrome, QuickForm::default(), "").await
}

pub(super) async fn add(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
    Form(form): Form<QuickForm>,
) -> Result<Response, Problem> {
    kept(&clinic, &grant, chrome, None, form).await
}

pub(super) async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
    Path(number): Path<i64>,
    Form(form): Form<QuickForm>,
) -> Result<Response, Problem> {
    kept(&clinic, &grant, chrome, Some(number), form).await
}

pub(super) async fn remove(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    Path(number): Path<i64>,
) -> Result<Response, Problem> {
    inbox::remove_quick(&clinic, &grant, number).await?;
    Ok(see_other(PATH))
}

async fn kept(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    chrome: Chrome,
    number: Option<i64>,
    form: QuickForm,
) -> Result<Response, Problem> {
    match inbox::save_quick(clinic, grant, number, &form).await {
        Ok(()) => Ok(see_other(PATH)),
        Err(InboxError::Missing(key)) => {
            Ok(page(clinic, grant, chrome, form, key).await?.refused().into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    chrome: Chrome,
    form: QuickForm,
    error: &'static str,
) -> Result<Page, Problem> {
    let replies = inbox::quick_replies(clinic, grant).await?;
    Page::of(clinic, &chrome.active(WAITING), &QuickPage { replies, form, error })
}
