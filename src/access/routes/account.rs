//! One's own account.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::{AccountPage, explain};
use crate::access::{self, AccessError};
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::OwnAccount;
use crate::web::{FieldErrors, Page, Problem, see_other};

pub(super) async fn account(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    Page::of(
        &clinic,
        &chrome.active("account"),
        &account_page(&clinic, &grant, FieldErrors::new(), false),
    )
}

fn account_page(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    errors: FieldErrors,
    changed: bool,
) -> AccountPage {
    let login = grant.actor().person().map(|person| person.login.clone()).unwrap_or_default();
    let this = grant.actor().origin().session.clone().unwrap_or_default();
    AccountPage { login, this, sessions: clinic.vault.own_sessions(grant), errors, changed }
}

#[derive(Deserialize)]
pub(super) struct PasswordChange {
    present: String,
    password: String,
}

pub(super) async fn change_password(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    chrome: Chrome,
    Form(form): Form<PasswordChange>,
) -> Result<Page, Problem> {
    let changed = access::change_password(&clinic, &grant, &form.present, &form.password).await;
    let errors = match changed {
        Ok(()) => FieldErrors::new(),
        Err(AccessError::Wrong) => {
            FieldErrors::from([("present", "access-error-present".to_owned())])
        }
        Err(error) => FieldErrors::from([("password", explain(error)?.0.to_owned())]),
    };
    let done = errors.is_empty();
    let page =
        Page::of(&clinic, &chrome.active("account"), &account_page(&clinic, &grant, errors, done))?;
    Ok(if done { page } else { page.refused() })
}

/// Signs out one of one's own sessions.
pub(super) async fn end_session(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    Path(tag): Path<String>,
) -> Result<Response, Problem> {
    clinic.vault.end_own_session(&grant, &tag).await?;
    Ok(see_other("/account"))
}
