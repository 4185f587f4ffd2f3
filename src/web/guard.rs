//! What every request passes on its way in and out: limits, the same-origin
//! guard, security headers, and problems drawn as pages.

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, LOCATION, ORIGIN, REFERER,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
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
use crate::web::problem::{ProblemPage, Told};
use crate::web::{Navigation, Problem, Routes, chrome, live, statics};

const BODY_LIMIT: usize = 1024 * 1024;
const PUBLIC_BODY_LIMIT: usize = 16 * 1024;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
const PUBLIC_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

/// SECURITY.md 7.2.
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
pub fn layers(routes: Routes, navigation: Navigation, clinic: Clinic) -> Router {
    let inner = routes
        .into_router()
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIMEOUT))
        // A stream lives as long as its page: it stands outside the time limit.
        .route("/live", get(live::stream))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    common(inner, Some(navigation), clinic)
}

/// The public listener's router.
pub fn public_layers(routes: Routes, clinic: Clinic) -> Router {
    let inner = routes
        .into_router()
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, PUBLIC_REQUEST_TIMEOUT))
        .layer(DefaultBodyLimit::max(PUBLIC_BODY_LIMIT));
    common(inner, None, clinic)
}

fn common(router: Router<Clinic>, navigation: Option<Navigation>, clinic: Clinic) -> Router {
    let router = router
        .route("/static/{*name}", get(statics::file))
        .route("/healthz", get(health))
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || {
            (StatusCode::METHOD_NOT_ALLOWED, Problem::NotFound).into_response()
        })
        .layer(from_fn(same_origin))
        .layer(from_fn_with_state(clinic.clone(), draw_problems));
    let router = match navigation {
        Some(navigation) => router.layer(Extension(navigation)),
        None => router,
    };
    router
        .layer(CatchPanicLayer::custom(|_| {
            let cause = "a handler panicked".into();
            Problem::Internal(cause).into_response()
        }))
        .layer(CompressionLayer::new())
        .layer(from_fn(security_headers))
        .with_state(clinic)
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

/// Refuses what another site makes a browser send. A request that changes
/// something must say where it comes from.
async fn same_origin(request: Request, next: Next) -> Response {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if safe || from_this_site(&request) {
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
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Draws the page of a [`Problem`] for whoever reads pages.
async fn draw_problems(State(clinic): State<Clinic>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let chrome = chrome::of_request(&mut parts, &clinic);
    let (headers, method) = (parts.headers.clone(), parts.method.clone());
    let staff_side = parts.extensions.get::<Navigation>().is_some();
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(told) = response.extensions().get::<Told>().cloned() else { return response };
    if told.signed_out && staff_side {
        return to_sign_in(&chrome, &headers, response.status());
    }
    if told.proof_needed {
        return to_proof(&chrome, &headers, &method);
    }
    let page = page(&clinic, &chrome, &told, response.status(), staff_side);
    let chrome = if chrome.user.is_some() { chrome } else { chrome.layout("layout/plain.html") };
    match clinic.pages.render(&chrome, &page) {
        Ok(html) => (response.status(), Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the problem page could not be made");
            response
        }
    }
}

/// Browsers go to the sign-in page; htmx is told to.
fn to_sign_in(chrome: &Chrome, headers: &HeaderMap, status: StatusCode) -> Response {
    let back = if chrome.path == "/" { String::new() } else { format!("?next={}", chrome.path) };
    let sign_in = format!("/sign-in{back}");
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
fn to_proof(chrome: &Chrome, headers: &HeaderMap, method: &Method) -> Response {
    let from = headers.get(REFERER).and_then(|value| value.to_str().ok());
    let form_page = from.and_then(|from| from.parse::<axum::http::Uri>().ok());
    let form_page = form_page.as_ref().map_or("/account", axum::http::Uri::path);
    let back = if method == Method::GET { chrome.path.as_str() } else { form_page };
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
