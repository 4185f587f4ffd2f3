//! Signing in and out, one's own account, and the staff list.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::access::challenge::Step;
use crate::access::{self, AccessError, NewStaff, Progress, trust};
use crate::clinic::Clinic;
use crate::crypto::Weakness;
use crate::crypto::password::one_time;
use crate::crypto::totp::TotpSecret;
use crate::i18n::Language;
use crate::ids::StaffId;
use crate::pages::Chrome;
use crate::vault::permission::{ManageStaff, OwnAccount, Role, SignIn, ViewStaff};
use crate::vault::{Authenticated, Grant, SessionToken};
use crate::web::{FieldErrors, Guest, Page, Problem, Routes, SESSION_COOKIE, cookie, see_other};

pub use super::views::{AccountPage, EnrolPage, PasswordPage, SignInPage, StaffPage, UnlockPage};

/// Says that a browser has signed a login in before: see [`access::give_password`].
const KNOWN_COOKIE: &str = "__Host-known";

const A_YEAR_SECONDS: u32 = 365 * 24 * 60 * 60;

const PLAIN: &str = "layout/plain.html";

pub fn routes() -> Routes {
    Routes::new()
        .get("/sign-in", sign_in_form)
        .post("/sign-in", sign_in)
        .post("/sign-in/code", give_code)
        .post("/sign-in/password", give_new_password)
        .get("/unlock", unlock_form)
        .post("/unlock", unlock)
        .post("/lock", lock)
        .post("/sign-out", sign_out)
        .post("/sign-out/everywhere", sign_out_everywhere)
        .post("/language", set_language)
        .get("/account", account)
        .post("/account/password", change_password)
        .get("/staff", staff)
        .post("/staff", add_staff)
        .post("/staff/{staff_id}/reset", reset_staff)
        .post("/staff/{staff_id}/leave", staff_leaves)
        .get("/trust", trust::page)
        .get("/trust/ca.crt", trust::certificate)
        .get("/trust/tirkeu.mobileconfig", trust::mobileconfig)
}

/// What the pages of the public listener need of it.
pub fn public_routes() -> Routes {
    Routes::new().post("/language", set_language)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Next {
    next: String,
}

impl Next {
    /// A path of this site, or the start page.
    fn path(&self) -> &str {
        let local =
            self.next.starts_with('/') && !self.next.starts_with("//") && !self.next.contains('\\');
        if local { &self.next } else { "/" }
    }
}

async fn sign_in_form(
    State(clinic): State<Clinic>,
    _guest: Guest,
    chrome: Chrome,
    Query(next): Query<Next>,
) -> Result<Page, Problem> {
    let view = SignInPage { login: String::new(), next: next.next, error: None, wait_s: 0 };
    Page::of(&clinic, &chrome.layout(PLAIN), &view)
}

#[derive(Deserialize)]
struct SignInForm {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

async fn sign_in(
    State(clinic): State<Clinic>,
    guest: Guest,
    chrome: Chrome,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Result<Response, Problem> {
    let grant = guest.grant::<SignIn>()?;
    let known = cookie(&headers, KNOWN_COOKIE) == Some(&known_value(&clinic, &form.login));
    let given = access::give_password(&clinic, &grant, &form.login, &form.password, known).await;
    match given {
        Ok(progress) => step_page(&clinic, chrome, progress, &form.login, &form.next, None),
        Err(error) => {
            let (key, wait_s) = explain(error)?;
            let SignInForm { login, next, .. } = form;
            let view = SignInPage { login, next, error: Some(key), wait_s };
            Ok(Page::of(&clinic, &chrome.layout(PLAIN), &view)?.refused().into_response())
        }
    }
}

#[derive(Deserialize)]
struct CodeForm {
    challenge: String,
    code: String,
    login: String,
    #[serde(default)]
    next: String,
}

async fn give_code(
    State(clinic): State<Clinic>,
    guest: Guest,
    chrome: Chrome,
    Form(form): Form<CodeForm>,
) -> Result<Response, Problem> {
    let grant = guest.grant::<SignIn>()?;
    let code: String = form.code.chars().filter(char::is_ascii_digit).collect();
    match access::give_code(&clinic, &grant, &form.challenge, &code).await {
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
struct NewPassword {
    challenge: String,
    password: String,
    login: String,
    #[serde(default)]
    next: String,
}

async fn give_new_password(
    State(clinic): State<Clinic>,
    guest: Guest,
    chrome: Chrome,
    Form(form): Form<NewPassword>,
) -> Result<Response, Problem> {
    let grant = guest.grant::<SignIn>()?;
    match access::give_new_password(&clinic, &grant, &form.challenge, &form.password).await {
        Ok(progress) => step_page(&clinic, chrome, progress, &form.login, &form.next, None),
        Err(AccessError::StartOver) => start_over(&clinic, chrome, form.login),
        Err(error) => {
            let (key, wait_s) = explain(error)?;
            let progress = Progress::Next { step: Step::NewPassword, challenge: form.challenge };
            step_page(&clinic, chrome, progress, &form.login, &form.next, Some((key, wait_s)))
        }
    }
}

/// The page of the step that comes next, or into the house.
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
        Progress::Done(token) => return Ok(enter(clinic, login, next, &token)),
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
    let view = SignInPage { login, next: String::new(), error, wait_s: 0 };
    Ok(Page::of(clinic, &chrome.layout(PLAIN), &view)?.refused().into_response())
}

/// Sets the cookies and goes where one wanted to go.
fn enter(clinic: &Clinic, login: &str, next: &str, token: &SessionToken) -> Response {
    let next = Next { next: next.to_owned() };
    let mut response = see_other(next.path());
    let session = format!(
        "{SESSION_COOKIE}={}; Secure; HttpOnly; SameSite=Strict; Path=/",
        token.cookie_value()
    );
    let known = format!(
        "{KNOWN_COOKIE}={}; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age={A_YEAR_SECONDS}",
        known_value(clinic, login)
    );
    for cookie in [session, known] {
        let value = HeaderValue::from_str(&cookie).expect("hex and constants");
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

fn known_value(clinic: &Clinic, login: &str) -> String {
    let login = login.trim().to_lowercase();
    let tag = clinic.keys.get().session_pepper().sign(&[b"known", login.as_bytes()]);
    data_encoding::HEXLOWER.encode(&tag[..16])
}

/// The Fluent key of why a step was refused, and how many seconds to wait.
fn explain(error: AccessError) -> Result<(&'static str, i64), Problem> {
    Ok(match error {
        AccessError::Wrong => ("access-error-wrong", 0),
        AccessError::TooSoon { wait_ms } => ("access-error-too-soon", (wait_ms + 999) / 1000),
        AccessError::StartOver => ("access-error-start-over", 0),
        AccessError::Weak(Weakness::TooShort) => ("access-error-short", 0),
        AccessError::Weak(Weakness::TooLong) => ("access-error-long", 0),
        AccessError::Weak(_) => ("access-error-guessable", 0),
        other => return Err(other.into()),
    })
}

async fn unlock_form(
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
struct Unlock {
    password: String,
    #[serde(default)]
    next: String,
}

async fn unlock(
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

async fn lock(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    token: SessionToken,
) -> Result<Response, Problem> {
    clinic.vault.lock_session(&grant, &token).await?;
    Ok(see_other("/unlock"))
}

/// Ends the session, even a locked one, and makes the browser forget.
async fn sign_out(State(clinic): State<Clinic>, session: AnySession) -> Result<Response, Problem> {
    let own = session.actor.grant::<OwnAccount>()?;
    clinic.vault.end_session(&own, &session.token).await?;
    Ok(left())
}

async fn sign_out_everywhere(
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

#[derive(Deserialize)]
struct ChosenLanguage {
    language: Language,
    #[serde(default)]
    back: String,
}

async fn set_language(_guest: Guest, Form(form): Form<ChosenLanguage>) -> Response {
    let mut response = see_other(Next { next: form.back }.path());
    let cookie =
        format!("lang={}; Secure; SameSite=Lax; Path=/; Max-Age={A_YEAR_SECONDS}", form.language);
    let value = HeaderValue::from_str(&cookie).expect("a tag and constants");
    response.headers_mut().append(SET_COOKIE, value);
    response
}

async fn account(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    Page::of(&clinic, &chrome, &account_page(&clinic, &grant, FieldErrors::new(), false))
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
struct PasswordChange {
    present: String,
    password: String,
}

async fn change_password(
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
    let page = Page::of(&clinic, &chrome, &account_page(&clinic, &grant, errors, done))?;
    Ok(if done { page } else { page.refused() })
}

async fn staff(
    State(clinic): State<Clinic>,
    grant: Grant<ViewStaff>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = StaffPage::of(&grant, access::staff(&clinic, &grant).await?);
    Page::of(&clinic, &chrome.active("staff"), &view)
}

#[derive(Debug, Default, Deserialize, serde::Serialize)]
#[serde(default)]
pub struct StaffForm {
    pub name: String,
    pub login: String,
    pub role: String,
}

async fn add_staff(
    State(clinic): State<Clinic>,
    grant: Grant<ManageStaff>,
    chrome: Chrome,
    Form(form): Form<StaffForm>,
) -> Result<Page, Problem> {
    let mut errors = FieldErrors::new();
    if form.name.trim().is_empty() {
        errors.insert("name", "access-error-name".to_owned());
    }
    let role = Role::staff(&form.role);
    if role.is_none() {
        errors.insert("role", "access-error-role".to_owned());
    }
    let password = one_time(&clinic.random).to_string();
    if let Some(role) = role.filter(|_| errors.is_empty()) {
        let new = NewStaff {
            login: form.login.trim().to_lowercase(),
            name: form.name.trim().to_owned(),
            role,
            language: Language::default(),
            password: password.clone(),
            must_change: true,
            totp_secret: None,
        };
        match access::add(&clinic, &grant, &new).await {
            Ok(_) => return shown_once(&clinic, &grant, chrome, new.login, password).await,
            Err(AccessError::LoginTaken) => {
                errors.insert("login", "access-error-login-taken".to_owned());
            }
            Err(AccessError::BadLogin) => {
                errors.insert("login", "access-error-login".to_owned());
            }
            Err(other) => return Err(other.into()),
        }
    }
    let view_grant = grant.also::<ViewStaff>()?;
    let mut view = StaffPage::of(&view_grant, access::staff(&clinic, &view_grant).await?);
    (view.form, view.errors) = (form, errors);
    Ok(Page::of(&clinic, &chrome.active("staff"), &view)?.refused())
}

/// The list with a one-time password that is never shown again.
async fn shown_once(
    clinic: &Clinic,
    grant: &Grant<ManageStaff>,
    chrome: Chrome,
    login: String,
    password: String,
) -> Result<Page, Problem> {
    let grant = grant.also::<ViewStaff>()?;
    let mut view = StaffPage::of(&grant, access::staff(clinic, &grant).await?);
    view.one_time = Some((login, password));
    Page::of(clinic, &chrome.active("staff"), &view)
}

async fn reset_staff(
    State(clinic): State<Clinic>,
    grant: Grant<ManageStaff>,
    chrome: Chrome,
    Path(id): Path<StaffId>,
) -> Result<Page, Problem> {
    let everybody = access::staff(&clinic, &grant.also()?).await?;
    let person = everybody.into_iter().find(|person| person.id == id && !person.left);
    let login = person.ok_or(Problem::NotFound)?.login;
    let password = one_time(&clinic.random).to_string();
    access::reset(&clinic, &grant, &login, &password).await?;
    shown_once(&clinic, &grant, chrome, login, password).await
}

async fn staff_leaves(
    State(clinic): State<Clinic>,
    grant: Grant<ManageStaff>,
    Path(id): Path<StaffId>,
) -> Result<Response, Problem> {
    access::leave(&clinic, &grant, id).await?;
    Ok(see_other("/staff"))
}

/// Somebody whose screen is locked, or who went to the page by hand.
struct LockedSession {
    actor: crate::vault::Actor,
    token: SessionToken,
}

/// Somebody who is signed in, locked or not.
struct AnySession {
    actor: crate::vault::Actor,
    token: SessionToken,
}

impl LockedSession {
    fn name(&self) -> String {
        self.actor.person().map(|person| person.name.clone()).unwrap_or_default()
    }
}

impl axum::extract::FromRequestParts<Clinic> for AnySession {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        clinic: &Clinic,
    ) -> Result<Self, Problem> {
        let token = SessionToken::from_request_parts(parts, clinic).await?;
        match crate::web::authenticated(parts, clinic) {
            Authenticated::Live(actor) | Authenticated::Locked(actor) => Ok(Self { actor, token }),
            Authenticated::Nobody => Err(Problem::SignedOut),
        }
    }
}

impl axum::extract::FromRequestParts<Clinic> for LockedSession {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        clinic: &Clinic,
    ) -> Result<Self, Problem> {
        let AnySession { actor, token } = AnySession::from_request_parts(parts, clinic).await?;
        Ok(Self { actor, token })
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::TooSoon { .. } => Self::TooMany,
            AccessError::NoSuchPerson => Self::NotFound,
            AccessError::LastOwner => Self::Conflict("access-error-last-owner"),
            AccessError::LoginTaken => Self::Conflict("access-error-login-taken"),
            AccessError::BadLogin => Self::Invalid("access-error-login"),
            AccessError::Wrong | AccessError::StartOver => Self::SignedOut,
            AccessError::Weak(_) => Self::Invalid("access-error-guessable"),
            AccessError::Password(crate::crypto::PasswordError::Busy) => Self::Unavailable,
            AccessError::Password(other) => Self::Internal(Box::new(other)),
            AccessError::Vault(error) => error.into(),
        }
    }
}
