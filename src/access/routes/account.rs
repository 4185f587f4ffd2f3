//! One's own account.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::{AccountPage, CodesPage, explain};
use crate::access::{self, AccessError, devices, passkeys, pin, recovery_codes, second_factor};
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::OwnAccount;
use crate::web::{FieldErrors, Page, Problem, Proven, see_other};

pub(super) async fn account(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = account_page(&clinic, &grant, Shown::default()).await?;
    Page::of(&clinic, &chrome.active("account"), &view)
}

/// What the page says beside how the account stands.
#[derive(Default)]
pub(super) struct Shown {
    pub errors: FieldErrors,
    /// Fluent key of what was just done, or "".
    pub done: &'static str,
    /// The name of a key that was not made, as typed.
    pub key_name: String,
}

async fn account_page(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    shown: Shown,
) -> Result<AccountPage, Problem> {
    let login = grant.actor().person().map(|person| person.login.clone()).unwrap_or_default();
    Ok(AccountPage {
        login,
        this: grant.actor().origin().session.clone().unwrap_or_default(),
        sessions: clinic.vault.own_sessions(grant),
        devices: devices::own(clinic, grant).await?,
        codes_left: recovery_codes::left(clinic, grant).await?,
        passkeys: passkeys::own(clinic, grant).await?,
        passkeys_host: passkeys::home(clinic).err(),
        factor: second_factor::standing(clinic, grant).await?,
        proven: grant.actor().is_proven(),
        key_name: shown.key_name,
        errors: shown.errors,
        done: shown.done,
    })
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
    let shown = Shown { errors, done: "access-password-changed", ..Shown::default() };
    answer(&clinic, &grant, chrome, shown).await
}

/// The page again: with what is wrong, or with what was done.
pub(super) async fn answer(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    chrome: Chrome,
    mut shown: Shown,
) -> Result<Page, Problem> {
    let refused = !shown.errors.is_empty();
    if refused {
        shown.done = "";
    }
    let view = account_page(clinic, grant, shown).await?;
    let page = Page::of(clinic, &chrome.active("account"), &view)?;
    Ok(if refused { page.refused() } else { page })
}

#[derive(Deserialize)]
pub(super) struct NewPin {
    pin: String,
}

pub(super) async fn set_pin(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    _proven: Proven,
    chrome: Chrome,
    Form(form): Form<NewPin>,
) -> Result<Page, Problem> {
    let errors = match pin::set(&clinic, &grant, form.pin.trim()).await {
        Ok(()) => FieldErrors::new(),
        Err(AccessError::BadPin) => FieldErrors::from([("pin", "access-error-pin".to_owned())]),
        Err(other) => return Err(other.into()),
    };
    let shown = Shown { errors, done: "access-pin-set", ..Shown::default() };
    answer(&clinic, &grant, chrome, shown).await
}

/// New recovery codes, on a page that shows them this once.
pub(super) async fn renew_recovery_codes(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    _proven: Proven,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let codes = recovery_codes::renew(&clinic, &grant).await?;
    let login = grant.actor().person().map(|person| person.login.clone()).unwrap_or_default();
    Page::of(&clinic, &chrome.active("account"), &CodesPage { login, codes })
}

pub(super) async fn forget_device(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    Path(tag): Path<String>,
) -> Result<Response, Problem> {
    devices::forget(&clinic, &grant, &tag).await?;
    Ok(see_other("/account"))
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
