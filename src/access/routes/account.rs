//! One's own account.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::{AccountPage, CodesPage, explain};
use crate::access::{self, AccessError, devices, pin, recovery_codes};
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
    let view = account_page(&clinic, &grant, FieldErrors::new(), "").await?;
    Page::of(&clinic, &chrome.active("account"), &view)
}

/// `done` is the Fluent key of what was just done, or "".
async fn account_page(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    errors: FieldErrors,
    done: &'static str,
) -> Result<AccountPage, Problem> {
    let login = grant.actor().person().map(|person| person.login.clone()).unwrap_or_default();
    Ok(AccountPage {
        login,
        this: grant.actor().origin().session.clone().unwrap_or_default(),
        sessions: clinic.vault.own_sessions(grant),
        devices: devices::own(clinic, grant).await?,
        codes_left: recovery_codes::left(clinic, grant).await?,
        passkeys_host: passkeys_host(&clinic.places.staff_url),
        errors,
        done,
    })
}

/// The name under which this server is reached, when passkeys could not work
/// with it: they are bound to a domain (W3C Web Authentication, 5.1.3), and
/// browsers take neither an address nor a single word for one.
fn passkeys_host(staff_url: &str) -> Option<String> {
    let uri = staff_url.parse::<axum::http::Uri>().ok()?;
    let host = uri.host()?.to_owned();
    let is_address = host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[');
    let last = host.rsplit_once('.').map(|(_, last)| last);
    let is_domain = last.is_some_and(|last| !last.eq_ignore_ascii_case("local")) && !is_address;
    (!is_domain).then_some(host)
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
    answer(&clinic, &grant, chrome, errors, "access-password-changed").await
}

/// The page again: with what is wrong, or with what was done.
async fn answer(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    chrome: Chrome,
    errors: FieldErrors,
    done: &'static str,
) -> Result<Page, Problem> {
    let refused = !errors.is_empty();
    let view = account_page(clinic, grant, errors, if refused { "" } else { done }).await?;
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
    answer(&clinic, &grant, chrome, errors, "access-pin-set").await
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
