//! The steps of signing in.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{A_YEAR_SECONDS, EnrolPage, Next, PLAIN, PasswordPage, SignInPage, explain};
use crate::access::challenge::Step;
use crate::access::devices::{self, DeviceToken};
use crate::access::{self, AccessError, Entered, Progress};
use crate::clinic::Clinic;
use crate::crypto::totp::TotpSecret;
use crate::pages::Chrome;
use crate::vault::permission::SignIn;
use crate::vault::{Grant, SessionToken};
use crate::web::{Guest, Page, Problem, SESSION_COOKIE, cookie, see_other};

/// By which a browser is known again: see [`devices`].
pub(super) const KNOWN_COOKIE: &str = "__Host-known";

pub(super) async fn sign_in_form(
    State(clinic): State<Clinic>,
    _guest: Guest,
    chrome: Chrome,
    Query(next): Query<Next>,
) -> Result<Page, Problem> {
    Page::of(&clinic, &chrome.layout(PLAIN), &SignInPage::new(&clinic, next.next))
}

#[derive(Deserialize)]
pub(super) struct SignInForm {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn sign_in(
    State(clinic): State<Clinic>,
    guest: Guest,
    chrome: Chrome,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Result<Response, Problem> {
    let grant = guest.grant::<SignIn>()?;
    let device = device(&headers).unwrap_or_else(|| DeviceToken::generate(&clinic));
    let desk = Some(device.hash());
    let given = access::give_password(&clinic, &grant, &form.login, &form.password, desk).await;
    match given {
        Ok(Progress::Done(inside)) => entered(&clinic, &grant, &form.next, inside, &device).await,
        Ok(progress) => step_page(&clinic, chrome, progress, &form.login, &form.next, None),
        Err(error) => {
            let (key, wait_s) = explain(error)?;
            let SignInForm { login, next, .. } = form;
            let view =
                SignInPage { login, error: Some(key), wait_s, ..SignInPage::new(&clinic, next) };
            Ok(Page::of(&clinic, &chrome.layout(PLAIN), &view)?.refused().into_response())
        }
    }
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    challenge: String,
    #[serde(default)]
    code: String,
    /// A recovery code in its place.
    #[serde(default)]
    recovery: String,
    login: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn give_code(
    State(clinic): State<Clinic>,
    guest: Guest,
    chrome: Chrome,
    headers: HeaderMap,
    Form(form): Form<CodeForm>,
) -> Result<Response, Problem> {
    let grant = guest.grant::<SignIn>()?;
    let device = device(&headers).unwrap_or_else(|| DeviceToken::generate(&clinic));
    let code = if form.recovery.trim().is_empty() { &form.code } else { &form.recovery };
    match access::give_code(&clinic, &grant, &form.challenge, code, Some(device.hash())).await {
        Ok(Progress::Done(inside)) => entered(&clinic, &grant, &form.next, inside, &device).await,
        Ok(progress) => step_page(&clinic, chrome, progress, &form.login, &form.next, None),
        Err(error) => {
            let again = access::challenge::Challenge::open(&clinic, &form.challenge);
            let (key, wait_s) = explain(error)?;
            let Some(open) = again else { return start_over(&clinic, chrome, form.login) };
            let progress = Progress::Next { step: open.next, challenge: form.challenge };
            let error = Some((key, wait_s));
            step_page(&clinic, chrome, progress, &form.login, &form.next, error)
        }
    }
}

#[derive(Deserialize)]
pub(super) struct NewPassword {
    challenge: String,
    password: String,
    login: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn give_new_password(
    State(clinic): State<Clinic>,
    guest: Guest,
    chrome: Chrome,
    headers: HeaderMap,
    Form(form): Form<NewPassword>,
) -> Result<Response, Problem> {
    let grant = guest.grant::<SignIn>()?;
    let device = device(&headers).unwrap_or_else(|| DeviceToken::generate(&clinic));
    let (challenge, desk) = (&form.challenge, Some(device.hash()));
    match access::give_new_password(&clinic, &grant, challenge, &form.password, desk).await {
        Ok(Progress::Done(inside)) => entered(&clinic, &grant, &form.next, inside, &device).await,
        Ok(progress) => step_page(&clinic, chrome, progress, &form.login, &form.next, None),
        Err(AccessError::StartOver) => start_over(&clinic, chrome, form.login),
        Err(error) => {
            let (key, wait_s) = explain(error)?;
            let progress = Progress::Next { step: Step::NewPassword, challenge: form.challenge };
            step_page(&clinic, chrome, progress, &form.login, &form.next, Some((key, wait_s)))
        }
    }
}

/// Somebody is in: this browser is known from now on, whoever else uses it waits.
pub(super) async fn entered(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    next: &str,
    inside: Entered,
    device: &DeviceToken,
) -> Result<Response, Problem> {
    devices::remember(clinic, grant, device, inside.staff).await?;
    clinic.vault.park(&device.hash(), Some(&inside.token));
    Ok(enter(next, &inside.token, device))
}

/// The page of the step that comes next.
fn step_page(
    clinic: &Clinic,
    chrome: Chrome,
    progress: Progress,
    login: &str,
    next: &str,
    error: Option<(&'static str, i64)>,
) -> Result<Response, Problem> {
    let chrome = chrome.layout(PLAIN);
    let (step, challenge) = match progress {
        // Whoever is in was shown in before.
        Progress::Done(_) => return start_over(clinic, chrome, login.to_owned()),
        Progress::Next { step, challenge } => (step, challenge),
    };
    let (login, next) = (login.to_owned(), next.to_owned());
    let refused = error.is_some();
    let (error, wait_s) = error.map_or((None, 0), |(key, wait_s)| (Some(key), wait_s));
    let page = match step {
        Step::NewPassword => {
            Page::of(clinic, &chrome, &PasswordPage { challenge, login, next, error })?
        }
        Step::Code => {
            let view = EnrolPage { challenge, login, next, error, wait_s, secret: None, qr: None };
            Page::of(clinic, &chrome, &view)?
        }
        Step::Enrol(secret) => {
            let clinic_name = clinic.profile.get().name.clone();
            let qr = TotpSecret::from_base32(&secret)
                .and_then(|secret| secret.qr_svg(&clinic_name, &login));
            let secret = Some(secret);
            let view = EnrolPage { challenge, login, next, error, wait_s, secret, qr };
            Page::of(clinic, &chrome, &view)?
        }
    };
    Ok(if refused { page.refused().into_response() } else { page.into_response() })
}

fn start_over(clinic: &Clinic, chrome: Chrome, login: String) -> Result<Response, Problem> {
    let error = Some("access-error-start-over");
    let view = SignInPage { login, error, ..SignInPage::new(clinic, String::new()) };
    Ok(Page::of(clinic, &chrome.layout(PLAIN), &view)?.refused().into_response())
}

/// Sets the cookies and goes where one wanted to go.
pub(super) fn enter(next: &str, token: &SessionToken, device: &DeviceToken) -> Response {
    let next = Next { next: next.to_owned() };
    let mut response = see_other(next.path());
    let session = format!(
        "{SESSION_COOKIE}={}; Secure; HttpOnly; SameSite=Strict; Path=/",
        token.cookie_value()
    );
    let known = format!(
        "{KNOWN_COOKIE}={}; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age={A_YEAR_SECONDS}",
        device.cookie_value()
    );
    for cookie in [session, known] {
        let value = HeaderValue::from_str(&cookie).expect("hex and constants");
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// The browser that asks, if it is known.
pub(super) fn device(headers: &HeaderMap) -> Option<DeviceToken> {
    cookie(headers, KNOWN_COOKIE).and_then(DeviceToken::from_cookie)
}
