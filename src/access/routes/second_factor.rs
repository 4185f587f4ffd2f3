//! One's own second factor, set up or given up beside signing in.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{OwnFactorPage, explain};
use crate::access::{AccessError, second_factor};
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::OwnAccount;
use crate::web::{Page, Problem, Proven, see_other};

pub(super) async fn form(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    _proven: Proven,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let (secret, challenge) = second_factor::propose(&clinic, &grant)?;
    let view = OwnFactorPage::new(&clinic, &grant, secret, challenge, None);
    Page::of(&clinic, &chrome.active("account"), &view)
}

#[derive(Deserialize)]
pub(super) struct Tried {
    challenge: String,
    code: String,
}

pub(super) async fn set_up(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    _proven: Proven,
    chrome: Chrome,
    Form(form): Form<Tried>,
) -> Result<Response, Problem> {
    let error = match second_factor::set_up(&clinic, &grant, &form.challenge, &form.code).await {
        Ok(()) => return Ok(see_other("/account")),
        Err(AccessError::Wrong) => "access-error-code",
        Err(other) => explain(other)?.0,
    };
    let again = second_factor::proposed(&clinic, &grant, &form.challenge);
    let (secret, challenge) = match again {
        Some(secret) => (secret, form.challenge),
        None => second_factor::propose(&clinic, &grant)?,
    };
    let view = OwnFactorPage::new(&clinic, &grant, secret, challenge, Some(error));
    Ok(Page::of(&clinic, &chrome.active("account"), &view)?.refused().into_response())
}

pub(super) async fn give_up(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    _proven: Proven,
) -> Result<Response, Problem> {
    second_factor::give_up(&clinic, &grant).await?;
    Ok(see_other("/account"))
}
