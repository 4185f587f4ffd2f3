//! What every request passes on its way in and out: limits, the same-origin
//! guard, security headers, and problems drawn as pages (SECURITY.md 7).

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HOST, HeaderName, LOCATION, ORIGIN, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::web::local::{encoded, local_path};
use crate::web::problem::{ProblemPage, Told};
use crate::web::rates::{Paces, Rates};
use crate::web::{Navigation, Problem, Routes, arrival, chrome, journal, live, rates, statics};

/// What one request of a listener may take (SECURITY.md 7.3).
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// Bytes of a body; uploads have their own limit.
    pub body: usize,
    /// From the head of a request to the head of its answer, the body's arrival
    /// included.
    pub patience: Duration,
    pub paces: Paces,
}

impl Gate {
    pub const fn staff() -> Self {
        Self { body: 1024 * 1024, patience: Duration::from_secs(30), paces: Paces::staff() }
    }

    pub const fn public() -> Self {
        Self { body: 16 * 1024, patience: Duration::from_secs(10), paces: Paces::public() }
    }
}

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

/// The same for a page that other sites may show inside theirs: these origins
/// and no others; with none, nobody.
pub fn framed_by(sites: &[String]) -> HeaderValue {
    let sites = if sites.is_empty() { "'none'".to_owned() } else { sites.join(" ") };
    let csp = CSP.replace("frame-ancestors 'none'", &format!("frame-ancestors {sites}"));
    HeaderValue::from_str(&csp).unwrap_or(HeaderValue::from_static(CSP))
}

/// Of what is saved and never shown: nothing in it runs, not even by accident.
const DOWNLOAD_CSP: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// SECURITY.md 7.2, but for the referrer: with `no-referrer` browsers that do
/// not send `Sec-Fetch-Site` (Safari before 16.4, on older tablets) say
/// `Origin: null` with our own forms (Fetch 3.2), which the same-origin guard has
/// to refuse. `same-origin` tells no other site anything either.
const HEADERS: [(HeaderName, &str); 7] = [
    (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (CONTENT_SECURITY_POLICY, CSP),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
];

/// The staff listener's router.
pub fn layers(routes: Routes, navigation: Navigation, clinic: Clinic, gate: &Gate) -> Router {
    let inner = routes
        .into_router()
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, gate.patience))
        // A stream lives as long as its page: it stands outside the time limit.
        .route("/live", get(live::stream));
    common(inner, Some(navigation), clinic, gate)
}

/// The public listener's router.
pub fn public_layers(routes: Routes, clinic: Clinic, gate: &Gate) -> Router {
    let inner = routes
        .into_router()
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, gate.patience));
    common(inner, None, clinic, gate)
}

fn common(
    router: Router<Clinic>,
    navigation: Option<Navigation>,
    clinic: Clinic,
    gate: &Gate,
) -> Router {
    let router = router
        .layer(DefaultBodyLimit::max(gate.body))
        .route("/static/{*name}", get(statics::file))
        .route("/healthz", get(health))
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || {
            (StatusCode::METHOD_NOT_ALLOWED, Problem::NotFound).into_response()
        })
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn(same_origin))
        .layer(from_fn_with_state(clinic.clone(), arrival::looked_at))
        .layer(from_fn_with_state(Rates::new(gate.paces), rates::paced))
        .layer(from_fn_with_state(clinic.clone(), draw_problems));
    let router = match navigation {
        Some(navigation) => router.layer(Extension(navigation)),
        None => router,
    };
    router
        // Once more, for what stands between the two.
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn(journal::noted))
        .layer(CompressionLayer::new())
        .layer(from_fn(security_headers))
        .with_state(clinic)
}

fn panicked() -> Response {
    Problem::Internal("a handler panicked".into()).into_response()
}

/// `GET /healthz`: whether a row can be read, and written (507 when the disk has
/// no room for more). For machines; says nothing else.
async fn health(State(clinic): State<Clinic>) -> Result<Response, Problem> {
    let head = clinic.vault.ledger_head().await?;
    let (status, state) = if clinic.vault.has_room() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::INSUFFICIENT_STORAGE, "disk_full")
    };
    let said = serde_json::json!({ "state": state, "events": head.size });
    Ok((status, axum::Json(said)).into_response())
}

/// Doors at which a machine knocks whose every request is signed.
const SIGNED: &str = "/hooks/";

/// Refuses what another site makes a browser send. A request that changes
/// something must say where it comes from.
async fn same_origin(request: Request, next: Next) -> Response {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    // What stands there is no browser's: it proves itself by a signature.
    let is_signed = request.uri().path().starts_with(SIGNED);
    // Pressed in a mail program, and sent by its provider (RFC 8058): whoever holds
    // the secret of the link may.
    let path = request.uri().path();
    let is_pressed = path.starts_with("/m/") && path.ends_with("/leave");
    if safe || is_signed || is_pressed || from_this_site(&request) {
        next.run(request).await
    } else {
        Problem::ForeignOrigin.into_response()
    }
}

fn from_this_site(request: &Request) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = header("sec-fetch-site") {
        return site == "same-origin";
    }
    let host = request.uri().authority().map(axum::http::uri::Authority::as_str);
    let host = host.or_else(|| header(HOST.as_str()));
    let origin = header(ORIGIN.as_str()).and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin == host)
}

async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let disposition = headers.get(CONTENT_DISPOSITION).map(HeaderValue::as_bytes);
    if disposition.is_some_and(|value| value.starts_with(b"attachment")) {
        let csp = HeaderValue::from_static(DOWNLOAD_CSP);
        headers.insert(CONTENT_SECURITY_POLICY, csp);
    }
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // Only files of the program are kept; what axum says of streams is too little.
    let kept = headers.get(CACHE_CONTROL).is_some_and(|value| value == statics::FOR_GOOD);
    if !kept {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Draws the page of a [`Problem`] for whoever reads pages.
async fn draw_problems(State(clinic): State<Clinic>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let chrome = chrome::of_request(&mut parts, &clinic);
    let headers = parts.headers.clone();
    let staff_side = parts.extensions.get::<Navigation>().is_some();
    let response = next.run(Request::from_parts(parts, body)).await;
    let told = response.extensions().get::<Told>().cloned().or_else(|| unsaid(&response));
    let Some(told) = told else { return response };
    if told.signed_out && staff_side {
        let door = if told.key == Problem::Locked.key() { "/unlock" } else { "/sign-in" };
        return to_sign_in(door, &chrome, &headers, response.status());
    }
    if told.proof_needed {
        return to_proof(&chrome, &headers);
    }
    let page = page(&clinic, &chrome, &told, response.status(), staff_side);
    let chrome = if chrome.user.is_some() { chrome } else { chrome.layout("layout/plain.html") };
    match clinic.pages.render(&chrome, &page) {
        Ok(html) => {
            // `Retry-After`, `Allow` and the like stay.
            let mut headers = response.headers().clone();
            headers.remove(CONTENT_TYPE);
            headers.remove(CONTENT_LENGTH);
            (response.status(), headers, Html(html)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the problem page could not be made");
            response
        }
    }
}

/// What an extractor or a layer refused in its own words: they are English, and
/// may hold what was typed.
fn unsaid(response: &Response) -> Option<Told> {
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_plain = kind.is_none_or(|kind| kind.starts_with(b"text/plain"));
    let is_error = status.is_client_error() || status.is_server_error();
    (is_error && is_plain).then(|| Told::of_status(status))
}

/// Browsers go to the sign-in page, or to where a locked screen is opened; htmx is told to.
fn to_sign_in(door: &str, chrome: &Chrome, headers: &HeaderMap, status: StatusCode) -> Response {
    let back = local_path(&chrome.back).filter(|path| *path != "/").map(encoded);
    let sign_in = back.map_or(door.to_owned(), |back| format!("{door}?next={back}"));
    let location = HeaderValue::from_str(&sign_in).unwrap_or(HeaderValue::from_static("/sign-in"));
    if headers.contains_key("hx-request") {
        return (status, [(HeaderName::from_static("hx-redirect"), location)]).into_response();
    }
    let reads_pages = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if reads_pages {
        return (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
    }
    status.into_response()
}

/// To where password and code are asked for, and back to this page or, after a
/// form, to the one it stood on.
fn to_proof(chrome: &Chrome, headers: &HeaderMap) -> Response {
    let back = encoded(local_path(&chrome.back).unwrap_or("/account"));
    let location = HeaderValue::from_str(&format!("/prove?next={back}"));
    let location = location.unwrap_or(HeaderValue::from_static("/prove"));
    if headers.contains_key("hx-request") {
        let header = HeaderName::from_static("hx-redirect");
        return (StatusCode::FORBIDDEN, [(header, location)]).into_response();
    }
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

fn page(
    clinic: &Clinic,
    chrome: &Chrome,
    told: &Told,
    status: StatusCode,
    staff_side: bool,
) -> ProblemPage {
    let words = clinic.pages.words();
    let say = |key: &str| words.plain(chrome.language, key);
    let hint = say(&format!("{}-hint", told.key));
    let (href, label) = told.action.clone().unwrap_or_else(|| ("/".to_owned(), "web-home"));
    ProblemPage {
        status: status.as_u16(),
        code: told.code.clone(),
        heading: say(told.key),
        hint,
        action_href: href,
        action_label: if staff_side { say(label) } else { String::new() },
    }
}
