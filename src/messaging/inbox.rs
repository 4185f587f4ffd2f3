//! Where a demo clinic's messages land: one page on this machine, and the same
//! as JSON for programs.
//!
//! It listens on loopback only and answers to names of this machine only, so
//! that a page from elsewhere cannot read it through the browser.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, Query, Request, State};
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, Timestamp};
use crate::contact::Phone;
use crate::i18n::Language;
use crate::messaging::gateway::DemoSms;
use crate::pages::{Assets, Chrome, Pages, View};

/// Older messages make room.
const KEPT: usize = 500;

/// The list and what shows it. Cheap to clone; clones share the list.
#[derive(Clone)]
pub struct Inbox {
    clock: Clock,
    pages: Pages,
    list: Arc<Mutex<VecDeque<(DemoSms, Timestamp)>>>,
}

/// A message as its patient would see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landed {
    pub to: Phone,
    pub text: String,
    pub at: Timestamp,
}

#[derive(Debug, Serialize)]
pub struct InboxPage {
    messages: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Shown {
    to: Phone,
    pieces: Vec<Piece>,
    at: Timestamp,
}

/// A run of text, or an address to follow.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Piece {
    text: String,
    link: bool,
}

impl From<Landed> for Shown {
    fn from(landed: Landed) -> Self {
        Self { pieces: pieces(&landed.text), to: landed.to, at: landed.at }
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let words = text.split_inclusive(char::is_whitespace);
    let is_link = |word: &str| word.starts_with("https://") || word.starts_with("http://");
    words.map(|word| Piece { link: is_link(word), text: word.to_owned() }).collect()
}

impl Inbox {
    pub fn new(clock: Clock, pages: Pages) -> Self {
        Self { clock, pages, list: Arc::default() }
    }

    /// To be served on a loopback address.
    pub fn router(self) -> Router {
        Router::new()
            .route("/", get(show).post(land))
            .route("/language", post(set_language))
            .route("/{reference}", get(landed))
            .route("/static/{*name}", get(asset))
            .layer(from_fn(this_machine_only))
            .with_state(self)
    }

    /// The messages, newest first.
    pub fn messages(&self) -> Vec<Landed> {
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.iter()
            .map(|(sms, at)| Landed { to: sms.to.clone(), text: sms.text.clone(), at: *at })
            .collect()
    }

    /// Takes a message; the same one only once.
    fn take(&self, sms: DemoSms) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        if !list.iter().any(|(kept, _)| kept.reference == sms.reference) {
            list.push_front((sms, self.clock.now()));
            list.truncate(KEPT);
        }
    }
}

async fn this_machine_only(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if ["127.0.0.1", "localhost", "[::1]"].contains(&name) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

#[derive(Deserialize)]
struct Wanted {
    format: Option<String>,
    lang: Option<String>,
}

#[derive(Deserialize)]
struct Chosen {
    language: Language,
}

/// The switch in the page's head. No cookie: this page is no place to keep one.
async fn set_language(Form(Chosen { language }): Form<Chosen>) -> Redirect {
    Redirect::to(&format!("/?lang={language}"))
}

async fn show(
    State(inbox): State<Inbox>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Response {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let messages = inbox.messages();
    if wanted.format.as_deref() == Some("json") || accept.starts_with("application/json") {
        return Json(as_json(&messages)).into_response();
    }
    let language = wanted.lang.and_then(|tag| tag.parse().ok()).unwrap_or_default();
    let chrome = Chrome::plain(language);
    let page = InboxPage { messages: messages.into_iter().map(Shown::from).collect() };
    match inbox.pages.render(&chrome, &page) {
        Ok(html) => ([(CONTENT_SECURITY_POLICY, CSP)], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the inbox could not be shown");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// `[{"to": "+7…", "text": "…", "at": "2026-11-23T03:00:00.000Z"}]`.
fn as_json(messages: &[Landed]) -> serde_json::Value {
    let each = messages
        .iter()
        .map(|sms| serde_json::json!({ "to": sms.to, "text": sms.text, "at": sms.at.rfc3339() }));
    each.collect()
}

const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// JSON only, which no page from elsewhere may send unasked.
async fn land(State(inbox): State<Inbox>, Json(sms): Json<DemoSms>) -> StatusCode {
    inbox.take(sms);
    StatusCode::ACCEPTED
}

async fn landed(State(inbox): State<Inbox>, Path(reference): Path<String>) -> StatusCode {
    let list = inbox.list.lock().unwrap_or_else(PoisonError::into_inner);
    let known = list.iter().any(|(sms, _)| sms.reference.to_string() == reference);
    if known { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn asset(Path(name): Path<String>) -> Response {
    match Assets::get(&name) {
        Some(file) => {
            let kind = file.metadata.mimetype().to_owned();
            ([(CONTENT_TYPE, kind)], file.data.into_owned()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl View for InboxPage {
    const TEMPLATE: &'static str = "messaging/inbox.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_790_000_000_000);
        let to = Phone::parse("+77010000001").expect("a number");
        let text = "A: https://localhost:8444/m/A".to_owned();
        let one = Shown::from(Landed { to, text, at });
        vec![Self { messages: vec![] }, Self { messages: vec![one] }]
    }
}
