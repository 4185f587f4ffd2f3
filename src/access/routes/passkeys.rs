//! Passkeys: a question for the browser as JSON, and a form with its answer.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::account::{Shown, answer};
use super::session::{LockedSession, still_locked};
use super::sign_in::{device, entered};
use super::{Next, PLAIN, ProvePage, SignInPage, explain};
use crate::access::devices::DeviceToken;
use crate::access::passkeys::{self, PasskeyId};
use crate::access::{AccessError, Progress};
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::permission::{OwnAccount, SignIn};
use crate::vault::{Grant, SessionToken};
use crate::web::{FieldErrors, Guest, Page, Problem, Proven, see_other};

fn json(text: String) -> Response {
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}

pub(super) async fn ask_at_door(
    State(clinic): State<Clinic>,
    guest: Guest,
) -> Result<Response, Problem> {
    Ok(json(passkeys::ask_at_door(&clinic, &guest.grant::<SignIn>()?)?))
}

/// What the browser's key says, and where to go then.
#[derive(Deserialize)]
pub(super) struct Answered {
    answer: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn sign_in(
    State(clinic): State<Clinic>,
    guest: Guest,
    chrome: Chrome,
    headers: HeaderMap,
    Form(form): Form<Answered>,
) -> Result<Response, Problem> {
    let grant = guest.grant::<SignIn>()?;
    let device = device(&headers).unwrap_or_else(|| DeviceToken::generate(&clinic));
    let (next, desk) = (form.next, Some(device.hash()));
    let error = match passkeys::sign_in(&clinic, &grant, &form.answer, desk).await {
        Ok(Progress::Done(inside)) => {
            return entered(&clinic, &grant, &next, inside, &device).await;
        }
        Ok(Progress::Next { .. }) => AccessError::StartOver,
        Err(error) => error,
    };
    let (key, wait_s) = explain(error)?;
    let view = SignInPage { error: Some(key), wait_s, ..SignInPage::new(&clinic, next) };
    Ok(Page::of(&clinic, &chrome.layout(PLAIN), &view)?.refused().into_response())
}

pub(super) async fn ask_for_proof(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
) -> Result<Response, Problem> {
    Ok(json(passkeys::ask_for_proof(&clinic, &grant)?))
}

pub(super) async fn prove(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    token: SessionToken,
    chrome: Chrome,
    Form(form): Form<Answered>,
) -> Result<Response, Problem> {
    let next = Next { next: form.next };
    match passkeys::prove(&clinic, &grant, &token, &form.answer).await {
        Ok(()) => Ok(see_other(next.path())),
        Err(error) => {
            let (key, wait_s) = explain(error)?;
            let view = ProvePage::load(&clinic, &grant, next.path(), Some((key, wait_s))).await?;
            Ok(Page::of(&clinic, &chrome, &view)?.refused().into_response())
        }
    }
}

pub(super) async fn ask_to_unlock(
    State(clinic): State<Clinic>,
    guest: Guest,
    locked: LockedSession,
) -> Result<Response, Problem> {
    let staff = locked.staff()?;
    Ok(json(passkeys::ask_to_unlock(&clinic, &guest.grant::<SignIn>()?, staff)?))
}

pub(super) async fn unlock(
    State(clinic): State<Clinic>,
    guest: Guest,
    chrome: Chrome,
    headers: HeaderMap,
    locked: LockedSession,
    Form(form): Form<Answered>,
) -> Result<Response, Problem> {
    let (grant, staff) = (guest.grant::<SignIn>()?, locked.staff()?);
    match passkeys::unlock(&clinic, &grant, staff, &locked.token, &form.answer).await {
        Ok(()) => Ok(see_other(Next { next: form.next }.path())),
        Err(error) => {
            let said = explain(error)?;
            still_locked(&clinic, &guest, chrome, &headers, &locked, (form.next, said)).await
        }
    }
}

pub(super) async fn ask_to_make(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    _proven: Proven,
) -> Result<Response, Problem> {
    Ok(json(passkeys::ask_to_make(&clinic, &grant).await?))
}

#[derive(Deserialize)]
pub(super) struct NewKey {
    name: String,
    answer: String,
}

pub(super) async fn register(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    _proven: Proven,
    chrome: Chrome,
    Form(form): Form<NewKey>,
) -> Result<Page, Problem> {
    let made = passkeys::register(&clinic, &grant, &form.name, &form.answer).await;
    let errors = match made {
        Ok(_) => FieldErrors::new(),
        Err(AccessError::BadKeyName) => {
            FieldErrors::from([("name", "access-error-passkey-name".to_owned())])
        }
        Err(error) => FieldErrors::from([("name", explain(error)?.0.to_owned())]),
    };
    let key_name = if errors.is_empty() { String::new() } else { form.name };
    let shown = Shown { errors, done: "access-passkey-made", key_name };
    answer(&clinic, &grant, chrome, shown).await
}

pub(super) async fn remove(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    _proven: Proven,
    Path(id): Path<PasskeyId>,
) -> Result<Response, Problem> {
    passkeys::remove(&clinic, &grant, id).await?;
    Ok(see_other("/account"))
}
