//! Locking the screen, opening it again, and signing out.

use axum::Form;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::sign_in::{device, enter};
use super::{Next, PLAIN, UnlockPage, explain};
use crate::access::{self, pin};
use crate::clinic::Clinic;
use crate::ids::StaffId;
use crate::pages::Chrome;
use crate::vault::permission::{OwnAccount, SignIn};
use crate::vault::{Actor, Authenticated, Grant, SessionToken};
use crate::web::{Guest, Page, Problem, SESSION_COOKIE, see_other};

pub(super) async fn unlock_form(
    State(clinic): State<Clinic>,
    guest: Guest,
    chrome: Chrome,
    headers: HeaderMap,
    locked: LockedSession,
    Query(next): Query<Next>,
) -> Result<Page, Problem> {
    let view = unlock_page(&clinic, &guest, &headers, &locked, next.next, None).await?;
    Page::of(&clinic, &chrome.layout(PLAIN), &view)
}

/// The locked screen, and who else waits at this desk.
pub(super) async fn unlock_page(
    clinic: &Clinic,
    guest: &Guest,
    headers: &HeaderMap,
    locked: &LockedSession,
    next: String,
    error: Option<(&'static str, i64)>,
) -> Result<UnlockPage, Problem> {
    let own = locked.actor.staff();
    let all = match device(headers) {
        Some(desk) => pin::at_desk(clinic, &guest.grant()?, &desk.hash(), None).await?,
        None => Vec::new(),
    };
    let has_pin = all.iter().any(|one| Some(one.staff) == own && one.has_pin);
    let others = all.into_iter().filter(|one| Some(one.staff) != own && one.has_pin).collect();
    let staff = locked.staff()?;
    let passkeys = access::passkeys::unlocks(clinic, &guest.grant()?, staff).await?;
    Ok(UnlockPage { name: locked.name(), staff, has_pin, passkeys, others, next, error })
}

#[derive(Deserialize)]
pub(super) struct Switch {
    staff: StaffId,
    pin: String,
    #[serde(default)]
    next: String,
}

/// Another of those who share this desk goes on, or the same one, with a PIN.
pub(super) async fn switch(
    State(clinic): State<Clinic>,
    guest: Guest,
    chrome: Chrome,
    headers: HeaderMap,
    locked: LockedSession,
    Form(form): Form<Switch>,
) -> Result<Response, Problem> {
    let desk = device(&headers).ok_or(Problem::SignedOut)?;
    let grant = guest.grant::<SignIn>()?;
    match pin::switch(&clinic, &grant, &desk.hash(), form.staff, form.pin.trim()).await {
        Ok(token) => {
            let same = locked.actor.staff() == Some(form.staff);
            Ok(enter(if same { &form.next } else { "/" }, &token, &desk))
        }
        Err(error) => {
            let (key, wait_s) = explain(error)?;
            let key = if key == "access-error-wrong" { "access-error-pin-wrong" } else { key };
            let said = (key, wait_s);
            still_locked(&clinic, &guest, chrome, &headers, &locked, (form.next, said)).await
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Unlock {
    password: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn unlock(
    State(clinic): State<Clinic>,
    guest: Guest,
    chrome: Chrome,
    headers: HeaderMap,
    locked: LockedSession,
    Form(form): Form<Unlock>,
) -> Result<Response, Problem> {
    let grant = guest.grant::<SignIn>()?;
    let staff = locked.staff()?;
    let opened = access::unlock(&clinic, &grant, staff, &locked.token, &form.password).await;
    match opened {
        Ok(()) => Ok(see_other(Next { next: form.next }.path())),
        Err(error) => {
            let said = explain(error)?;
            still_locked(&clinic, &guest, chrome, &headers, &locked, (form.next, said)).await
        }
    }
}

/// The locked screen again, with what was wrong and for how long to wait.
pub(super) async fn still_locked(
    clinic: &Clinic,
    guest: &Guest,
    chrome: Chrome,
    headers: &HeaderMap,
    locked: &LockedSession,
    (next, said): (String, (&'static str, i64)),
) -> Result<Response, Problem> {
    let view = unlock_page(clinic, guest, headers, locked, next, Some(said)).await?;
    Ok(Page::of(clinic, &chrome.layout(PLAIN), &view)?.refused().into_response())
}

pub(super) async fn lock(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    token: SessionToken,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let desk = device(&headers).map(|device| device.hash());
    clinic.vault.lock_at_desk(&grant, &token, desk.as_ref()).await?;
    Ok(see_other("/unlock"))
}

/// Ends the session, even a locked one, and makes the browser forget.
pub(super) async fn sign_out(
    State(clinic): State<Clinic>,
    session: AnySession,
) -> Result<Response, Problem> {
    let own = session.actor.grant::<OwnAccount>()?;
    clinic.vault.end_session(&own, &session.token).await?;
    Ok(left())
}

pub(super) async fn sign_out_everywhere(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
) -> Result<Response, Problem> {
    clinic.vault.end_own_sessions(&grant).await?;
    Ok(left())
}

fn left() -> Response {
    let mut response = see_other("/sign-in");
    let gone = format!("{SESSION_COOKIE}=; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
    let headers = response.headers_mut();
    headers.append(SET_COOKIE, HeaderValue::from_str(&gone).expect("constants"));
    // Not "cookies": the language, the theme and the known browser stay.
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    headers.insert(HeaderName::from_static("clear-site-data"), clear);
    response
}

/// Somebody whose screen is locked, or who went to the page by hand.
pub(super) struct LockedSession {
    actor: Actor,
    pub(super) token: SessionToken,
}

/// Somebody who is signed in, locked or not.
pub(super) struct AnySession {
    actor: Actor,
    token: SessionToken,
}

impl LockedSession {
    pub(super) fn staff(&self) -> Result<StaffId, Problem> {
        self.actor.staff().ok_or(Problem::SignedOut)
    }

    fn name(&self) -> String {
        self.actor.person().map(|person| person.name.clone()).unwrap_or_default()
    }
}

impl FromRequestParts<Clinic> for AnySession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, clinic: &Clinic) -> Result<Self, Problem> {
        let token = SessionToken::from_request_parts(parts, clinic).await?;
        match crate::web::authenticated(parts, clinic) {
            Authenticated::Live(actor) | Authenticated::Locked(actor) => Ok(Self { actor, token }),
            Authenticated::Nobody => Err(Problem::SignedOut),
        }
    }
}

impl FromRequestParts<Clinic> for LockedSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, clinic: &Clinic) -> Result<Self, Problem> {
        let AnySession { actor, token } = AnySession::from_request_parts(parts, clinic).await?;
        Ok(Self { actor, token })
    }
}
