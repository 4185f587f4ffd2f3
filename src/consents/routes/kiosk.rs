//! The tablet's pages. All of them are one address, `/tablet`, which shows
//! what is to be done now: going back in the browser cannot show the past.

mod page;

use axum::Form;
use axum::extract::{FromRequestParts, Path, Query, Request, State};
use axum::http::header::HeaderName;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::consents::document::Fact;
use crate::consents::kiosk::{self, Current};
use crate::consents::model::{ConsentId, Language};
use crate::consents::routes::ShownPart;
use crate::consents::tablets::{JoinPage, Tablet};
use crate::consents::{ConsentError, confirming};
use crate::pages::Chrome;
use crate::web::{Page, Problem, Routes, see_other};

/// How long the thanks stay on the screen, in seconds.
const THANKS_S: u32 = 20;

pub fn routes() -> Routes {
    Routes::new()
        .get("/tablet", now)
        .get("/tablet/next", next)
        .get("/tablet/still/{consent_id}", still)
        .get("/tablet/done", done)
        .get("/tablet/cleared", cleared)
        .get("/tablet/refusal", ask_refusal)
        .post("/tablet/language", language)
        .post("/tablet/reading", read)
        .post("/tablet/signature", sign)
        .post("/tablet/back", back)
        .post("/tablet/paper", paper)
        .post("/tablet/refusal", refuse)
        .post("/tablet/code", confirm)
        .post("/tablet/code/sending", send)
}

/// A document on the tablet, at one of its steps.
#[derive(Debug, Serialize)]
pub struct KioskPage {
    consent: ConsentId,
    /// `read`, `sign`, `code`, `paper`, `refusal`.
    screen: &'static str,
    who: String,
    tablet: String,
    language: &'static str,
    number: String,
    title: String,
    parts: Vec<ShownPart>,
    facts: Vec<Fact>,
    basis: String,
    minutes: usize,
    /// 1 to 3, and how many there are at this level.
    step_count: usize,
    /// `A1B2-C3D4`, once the document has its bytes.
    short_id: String,
    phone: String,
    /// Whether a code is on its way.
    sent: bool,
    /// Seconds until another may be asked for; 0 for now.
    wait: i64,
    more: usize,
    /// Until the document's time runs out, in seconds.
    left: i64,
    /// What is wrong: a Fluent key, or empty.
    error: &'static str,
    tries: u8,
    /// Keys of boxes that must be ticked.
    missing: Vec<String>,
}

/// The blank screen between patients, and the thanks.
#[derive(Debug, Serialize)]
pub struct LockPage {
    /// `lock`, `done`, `refused`, `over`.
    screen: &'static str,
    tablet: String,
    seconds: u32,
}

async fn now(State(clinic): State<Clinic>, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let chrome = Chrome::from_request_parts(&mut parts, &clinic).await?;
    let Some(tablet) = Tablet::of_request(&mut parts, &clinic).await? else {
        return Ok(Page::of(&clinic, &chrome, &JoinPage { wrong: false, wait: 0 })?.into_response());
    };
    match kiosk::current(&clinic, &tablet).await? {
        None => lock(&clinic, &chrome, &tablet, "lock", StatusCode::OK),
        Some(current) => show(&clinic, chrome, &tablet, &current, None, None).await,
    }
}

/// Draws the step that the document is at.
async fn show(
    clinic: &Clinic,
    mut chrome: Chrome,
    tablet: &Tablet,
    current: &Current,
    error: Option<&ConsentError>,
    screen: Option<&'static str>,
) -> Result<Response, Problem> {
    chrome.language = current.row.language.into();
    let mut page = KioskPage::of(current, tablet, clinic.clock().now())?;
    if let Some(screen) = screen {
        page.screen = screen;
    }
    if let Some(error) = error {
        page.say(error);
    }
    let html = clinic.pages.render(&chrome, &page)?;
    if page.screen == "read" && current.row.html_sha256.is_none() {
        kiosk::shown(clinic, tablet, current.row.id, &html).await?;
    }
    Ok((error.map_or(StatusCode::OK, ConsentError::status), Html(html)).into_response())
}

fn lock(
    clinic: &Clinic,
    chrome: &Chrome,
    tablet: &Tablet,
    screen: &'static str,
    status: StatusCode,
) -> Result<Response, Problem> {
    let seconds = if screen == "lock" { 0 } else { THANKS_S };
    let view = LockPage { screen, tablet: tablet.row.name.clone(), seconds };
    let mut response = Page::of(clinic, chrome, &view)?.status(status).into_response();
    if screen == "lock" {
        // Not "cookies": the tablet stays paired.
        let clear = HeaderValue::from_static("\"cache\", \"storage\"");
        response.headers_mut().insert(HeaderName::from_static("clear-site-data"), clear);
    }
    Ok(response)
}

/// The blank screen asks every two seconds whether there is something to show.
async fn next(State(clinic): State<Clinic>, tablet: Tablet) -> Result<Response, Problem> {
    Ok(if kiosk::waits(&clinic, &tablet).await? { go() } else { nothing() })
}

/// A document's page asks whether it still stands: staff may have taken it back.
async fn still(
    State(clinic): State<Clinic>,
    tablet: Tablet,
    Path(id): Path<ConsentId>,
) -> Result<Response, Problem> {
    let current = kiosk::current(&clinic, &tablet).await?;
    Ok(if current.is_some_and(|current| current.row.id == id) { nothing() } else { go() })
}

fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn go() -> Response {
    let there = HeaderValue::from_static("/tablet");
    ([(HeaderName::from_static("hx-redirect"), there)], "").into_response()
}

/// The thanks have stood long enough.
async fn cleared(_: Tablet) -> Response {
    go()
}

/// Whose thanks these are decides their language.
#[derive(Debug, Deserialize)]
struct Thanked {
    language: Option<Language>,
}

async fn done(
    State(clinic): State<Clinic>,
    tablet: Tablet,
    mut chrome: Chrome,
    Query(thanked): Query<Thanked>,
) -> Result<Response, Problem> {
    if let Some(language) = thanked.language {
        chrome.language = language.into();
    }
    lock(&clinic, &chrome, &tablet, "done", StatusCode::OK)
}

/// Parting words for the patient of this document, in its language: the
/// tablet's own may be another.
async fn part(
    clinic: &Clinic,
    mut chrome: Chrome,
    tablet: &Tablet,
    id: ConsentId,
    screen: &'static str,
    status: StatusCode,
) -> Result<Response, Problem> {
    if let Some(language) = kiosk::language_of(clinic, tablet, id).await? {
        chrome.language = language.into();
    }
    lock(clinic, &chrome, tablet, screen, status)
}

#[derive(Debug, Deserialize)]
struct About {
    consent: ConsentId,
}

#[derive(Debug, Deserialize)]
struct Switch {
    consent: ConsentId,
    language: Language,
}

async fn language(
    State(clinic): State<Clinic>,
    tablet: Tablet,
    Form(form): Form<Switch>,
) -> Result<Response, Problem> {
    kiosk::set_language(&clinic, &tablet, form.consent, form.language).await?;
    Ok(see_other("/tablet"))
}

async fn read(
    State(clinic): State<Clinic>,
    tablet: Tablet,
    chrome: Chrome,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let value = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let id = value("consent").and_then(|id| serde_json::from_value(id.clone().into()).ok());
    let id = id.ok_or(Problem::NotFound)?;
    let ticked: Vec<_> =
        fields.iter().filter(|(key, _)| key == "tick").map(|(_, value)| value.clone()).collect();
    let scrolled = value("scrolled").is_some_and(|value| value == "1");
    let outcome = kiosk::accept(&clinic, &tablet, id, &ticked, scrolled).await;
    let outcome = then_send(&clinic, &tablet, id, outcome).await;
    after(&clinic, &tablet, chrome, id, outcome).await
}

#[derive(Debug, Deserialize)]
struct Drawn {
    consent: ConsentId,
    strokes: String,
}

async fn sign(
    State(clinic): State<Clinic>,
    tablet: Tablet,
    chrome: Chrome,
    Form(form): Form<Drawn>,
) -> Result<Response, Problem> {
    let outcome = kiosk::draw(&clinic, &tablet, form.consent, &form.strokes).await;
    let outcome = then_send(&clinic, &tablet, form.consent, outcome).await;
    after(&clinic, &tablet, chrome, form.consent, outcome).await
}

/// Sends the code at once when its step is reached: one tap less.
async fn then_send(
    clinic: &Clinic,
    tablet: &Tablet,
    id: ConsentId,
    outcome: Result<(), ConsentError>,
) -> Result<(), ConsentError> {
    outcome?;
    match confirming::send_code(clinic, tablet, id).await {
        // A signature comes first.
        Err(ConsentError::OutOfStep) => Ok(()),
        other => other,
    }
}

async fn back(
    State(clinic): State<Clinic>,
    tablet: Tablet,
    chrome: Chrome,
    Form(form): Form<About>,
) -> Result<Response, Problem> {
    let outcome = kiosk::back(&clinic, &tablet, form.consent).await;
    after(&clinic, &tablet, chrome, form.consent, outcome).await
}

async fn paper(
    State(clinic): State<Clinic>,
    tablet: Tablet,
    chrome: Chrome,
    Form(form): Form<About>,
) -> Result<Response, Problem> {
    let outcome = kiosk::ask_for_paper(&clinic, &tablet, form.consent).await;
    after(&clinic, &tablet, chrome, form.consent, outcome).await
}

async fn ask_refusal(
    State(clinic): State<Clinic>,
    tablet: Tablet,
    chrome: Chrome,
) -> Result<Response, Problem> {
    match kiosk::current(&clinic, &tablet).await? {
        None => Ok(see_other("/tablet")),
        Some(current) => show(&clinic, chrome, &tablet, &current, None, Some("refusal")).await,
    }
}

async fn refuse(
    State(clinic): State<Clinic>,
    tablet: Tablet,
    chrome: Chrome,
    Form(form): Form<About>,
) -> Result<Response, Problem> {
    match kiosk::refuse(&clinic, &tablet, form.consent).await {
        Ok(()) => part(&clinic, chrome, &tablet, form.consent, "refused", StatusCode::OK).await,
        outcome => after(&clinic, &tablet, chrome, form.consent, outcome).await,
    }
}

async fn send(
    State(clinic): State<Clinic>,
    tablet: Tablet,
    chrome: Chrome,
    Form(form): Form<About>,
) -> Result<Response, Problem> {
    let outcome = confirming::send_code(&clinic, &tablet, form.consent).await;
    after(&clinic, &tablet, chrome, form.consent, outcome).await
}

#[derive(Debug, Deserialize)]
struct Typed {
    consent: ConsentId,
    code: String,
}

async fn confirm(
    State(clinic): State<Clinic>,
    tablet: Tablet,
    chrome: Chrome,
    Form(form): Form<Typed>,
) -> Result<Response, Problem> {
    match confirming::confirm(&clinic, &tablet, form.consent, &form.code).await {
        Ok(language) => Ok(see_other(&format!("/tablet/done?language={}", language.tag()))),
        Err(error) => after(&clinic, &tablet, chrome, form.consent, Err(error)).await,
    }
}

/// On to the next step; or the same step again, with what is wrong.
async fn after(
    clinic: &Clinic,
    tablet: &Tablet,
    chrome: Chrome,
    id: ConsentId,
    outcome: Result<(), ConsentError>,
) -> Result<Response, Problem> {
    let error = match outcome {
        Ok(()) | Err(ConsentError::OutOfStep) => return Ok(see_other("/tablet")),
        Err(ConsentError::Ended) => {
            return part(clinic, chrome, tablet, id, "over", StatusCode::GONE).await;
        }
        Err(error) => error,
    };
    let shown = matches!(
        error,
        ConsentError::WrongCode { .. }
            | ConsentError::CodeDead
            | ConsentError::CodeGone
            | ConsentError::DocumentChanged
            | ConsentError::NoPhone
            | ConsentError::StaffPhone
            | ConsentError::Send(_)
            | ConsentError::Tick(_)
            | ConsentError::Signature(_)
    );
    match kiosk::current(clinic, tablet).await? {
        Some(current) if shown => show(clinic, chrome, tablet, &current, Some(&error), None).await,
        _ => Err(error.into()),
    }
}
