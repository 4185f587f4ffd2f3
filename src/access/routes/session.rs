//! Locking the screen, opening it again, and signing out.

use axum::Form;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{Next, PLAIN, UnlockPage, explain};
use crate::access;
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::permission::{OwnAccount, SignIn};
use crate::vault::{Actor, Authenticated, Grant, SessionToken};
use crate::web::{Guest, Page, Problem, SESSION_COOKIE, see_other};

pub(super) async fn unlock_form(
    State(clinic): State<Clinic>,
    chrome: Chrome,
    locked: LockedSession,
    Query(next): Query<Next>,
) -> Result<Page, Problem> {
    let name = locked.name();
    let view = UnlockPage { name, next: next.next, error: None };
    Page::of(&clinic, &chrome.layout(PLAIN), &view)
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
    locked: LockedSession,
    Form(form): Form<Unlock>,
) -> Result<Response, Problem> {
    let grant = guest.grant::<SignIn>()?;
    let staff = locked.actor.staff().ok_or(Problem::SignedOut)?;
    let opened = access::unlock(&clinic, &grant, staff, &locked.token, &form.password).await;
    match opened {
        Ok(()) => Ok(see_other(Next { next: form.next }.path())),
        Err(error) => {
            let (key, _) = explain(error)?;
            let view = UnlockPage { name: locked.name(), next: form.next, error: Some(key) };
            Ok(Page::of(&clinic, &chrome.layout(PLAIN), &view)?.refused().into_response())
        }
    }
}

pub(super) async fn lock(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    token: SessionToken,
) -> Result<Response, Problem> {
    clinic.vault.lock_session(&grant, &token).await?;
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
    token: SessionToken,
}

/// Somebody who is signed in, locked or not.
pub(super) struct AnySession {
    actor: Actor,
    token: SessionToken,
}

impl LockedSession {
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
