//! Instagram API with Instagram Login as its document says it is (KAZAKHSTAN.md
//! 3.3): takes no request that breaks the protocol, misbehaves when told to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use tirkeu::messaging::gateway::{Endpoint, Instagram};

use super::slowly;

/// The `user_id` of the account: 17 digits.
pub const ACCOUNT: &str = "17841400000000001";
pub const TOKEN: &str = "IGAAJ0123456789";
pub const SECRET: &str = "fedcba9876543210fedcba9876543210";

/// A server on loopback; it stops with the test's runtime.
#[derive(Clone)]
pub struct InstagramServer {
    /// With the version.
    pub address: String,
    state: Arc<Mutex<Book>>,
    /// While it is there.
    serving: AbortHandle,
}

/// A token that the server knows, by its own clock.
#[derive(Clone)]
struct Known {
    token: String,
    made_at: i64,
    until: i64,
}

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Seconds that a token lives, as in the document's example.
pub const LASTS: i64 = 5_183_944;

#[derive(Default)]
struct Book {
    /// Those that were given stay good until their own end.
    tokens: Vec<Known>,
    /// What goes wrong with the next renewal.
    next_renewal: VecDeque<Mood>,
    renewals: usize,
    now: i64,
    taken: Vec<Value>,
    violations: Vec<String>,
    next: VecDeque<Mood>,
    /// Who has ever written, and what they are called.
    people: BTreeMap<String, Value>,
    /// Who wrote within 24 hours.
    open: BTreeSet<String>,
    asked_names: usize,
    /// What the app of the token is told of the account. None: it is not subscribed.
    subscribed: Option<Vec<&'static str>>,
    /// What goes wrong with the next question about the account or its apps.
    next_question: VecDeque<Mood>,
}

/// What goes wrong with the next message.
#[derive(Clone, Copy, Debug)]
pub enum Mood {
    /// Takes it and never answers.
    Silent,
    /// Takes it and answers a letter at a time, for ever.
    Slow,
    /// Takes it, then fails with status 500 and no code.
    FailsAfter,
    /// Takes it and hangs up in the middle of the answer.
    HangsUp,
    /// Takes it and answers with a page.
    Garbage,
    /// Refuses with this status, code and subcode.
    Refuses(u16, i64, i64),
}

impl InstagramServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/v24.0", listener.local_addr().unwrap());
        let first = Known { token: TOKEN.to_owned(), made_at: 0, until: LASTS * 1000 };
        let subscribed = Some(vec!["messages", "messaging_postbacks", "messaging_seen"]);
        let book = Book { tokens: vec![first], subscribed, ..Book::default() };
        let state = Arc::new(Mutex::new(book));
        let router = Router::new()
            .route("/v24.0/me/messages", post(take))
            .route("/v24.0/me", get(me))
            .route("/v24.0/me/subscribed_apps", get(subscribed_apps))
            .route("/v24.0/{person}", get(person))
            .route("/refresh_access_token", get(renew))
            .with_state(Arc::clone(&state));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, state, serving: serving.abort_handle() }
    }

    /// Nobody is at its address any more.
    pub async fn goes_away(&self) {
        self.serving.abort();
        while !self.serving.is_finished() {
            tokio::task::yield_now().await;
        }
    }

    /// The account's apps: what ours is told, or that there is none.
    pub fn tells(&self, fields: Option<&[&'static str]>) {
        self.state.lock().unwrap().subscribed = fields.map(<[_]>::to_vec);
    }

    pub fn next_question(&self, mood: Mood) {
        self.state.lock().unwrap().next_question.push_back(mood);
    }

    pub fn client(&self, token: &str) -> Instagram {
        let endpoint = Endpoint::parse(&self.address).unwrap();
        let instagram = Instagram::new(endpoint, ACCOUNT.to_owned(), token.to_owned());
        instagram.with_timeout(Duration::from_millis(300))
    }

    pub fn next(&self, mood: Mood) {
        self.state.lock().unwrap().next.push_back(mood);
    }

    pub fn next_renewal(&self, mood: Mood) {
        self.state.lock().unwrap().next_renewal.push_back(mood);
    }

    /// So much time goes by at Meta, too.
    pub fn passes(&self, ms: i64) {
        self.state.lock().unwrap().now += ms;
    }

    /// How often it was asked for another token.
    pub fn renewals(&self) -> usize {
        self.state.lock().unwrap().renewals
    }

    /// Somebody writes to the account, and is called so there.
    pub fn met(&self, person: &str, name: &str, username: &str) {
        let mut book = self.state.lock().unwrap();
        let told = json!({"id": person, "name": name, "username": username});
        book.people.insert(person.to_owned(), told);
        book.open.insert(person.to_owned());
    }

    /// 24 hours have passed.
    pub fn window_shuts(&self, person: &str) {
        self.state.lock().unwrap().open.remove(person);
    }

    /// Messages it took: the n-th is `mid.n`.
    pub fn taken(&self) -> Vec<Value> {
        self.state.lock().unwrap().taken.clone()
    }

    /// The ways in which we broke the protocol: none, or the test fails.
    pub fn violations(&self) -> Vec<String> {
        self.state.lock().unwrap().violations.clone()
    }

    /// How often it was asked what somebody is called.
    pub fn asked_names(&self) -> usize {
        self.state.lock().unwrap().asked_names
    }
}

/// A webhook about one person, as Meta sends it.
#[allow(clippy::needless_pass_by_value, reason = "callers write json! in place")]
pub fn told(person: &str, at_ms: i64, more: Value) -> String {
    let is_echo = more["message"]["is_echo"] == true;
    let (from, to) = if is_echo { (ACCOUNT, person) } else { (person, ACCOUNT) };
    let mut one = json!({"sender": {"id": from}, "recipient": {"id": to}, "timestamp": at_ms});
    for (key, value) in more.as_object().unwrap() {
        one[key] = value.clone();
    }
    json!({"object": "instagram",
        "entry": [{"id": ACCOUNT, "time": at_ms, "messaging": [one]}]})
    .to_string()
}

impl Book {
    /// Whether somebody comes with a token that is not over.
    fn knows(&self, headers: &HeaderMap) -> bool {
        let token = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok());
        let token = token.and_then(|it| it.strip_prefix("Bearer ")).unwrap_or_default();
        self.token(token).is_some()
    }

    fn token(&self, token: &str) -> Option<&Known> {
        self.tokens.iter().find(|one| one.token == token && self.now < one.until)
    }
}

/// GET without a version, both parameters and nothing else; the token a day old and
/// not over.
async fn renew(
    State(state): State<Arc<Mutex<Book>>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let (mood, given) = {
        let mut book = state.lock().unwrap();
        book.renewals += 1;
        let query = query.unwrap_or_default();
        let token = query.strip_prefix("grant_type=ig_refresh_token&access_token=");
        let token = token.filter(|it| it.bytes().all(|it| it.is_ascii_alphanumeric()));
        if token.is_none() || headers.contains_key(AUTHORIZATION) {
            book.violations.push(format!("a renewal by {query}"));
            return refused(400, 100, 0);
        }
        let Some(known) = book.token(token.unwrap_or_default()).cloned() else {
            return refused(400, 190, 463);
        };
        let now = book.now;
        if now < known.made_at + DAY {
            book.violations.push("a renewal of a token of today".to_owned());
            return refused(400, 100, 0);
        }
        let mood = book.next_renewal.pop_front();
        if let Some(Mood::Refuses(status, code, subcode)) = mood {
            return refused(status, code, subcode);
        }
        let token = format!("IGAAJrenewed{}", book.tokens.len());
        let made = Known { token: token.clone(), made_at: now, until: now + LASTS * 1000 };
        book.tokens.push(made);
        (mood, token)
    };
    let body = json!({"access_token": given, "token_type": "bearer", "expires_in": LASTS,
        "permissions": "instagram_business_basic,instagram_business_manage_messages"});
    answered(mood, &body.to_string()).await
}

/// What was done is told, or not.
async fn answered(mood: Option<Mood>, body: &str) -> Response {
    match mood {
        Some(Mood::Silent) => std::future::pending().await,
        Some(Mood::Slow) => slowly(),
        Some(Mood::FailsAfter) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Mood::Garbage) => "<html>welcome</html>".into_response(),
        Some(Mood::HangsUp) => {
            let half = Bytes::copy_from_slice(&body.as_bytes()[..body.len() / 2]);
            let parts = [Ok(half), Err(std::io::Error::other("hung up"))];
            Body::from_stream(futures_util::stream::iter(parts)).into_response()
        }
        Some(Mood::Refuses(..)) | None => body.to_owned().into_response(),
    }
}

async fn me(
    State(state): State<Arc<Mutex<Book>>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let body = json!({"user_id": ACCOUNT, "username": "arai.dent", "id": "28978671838402975"});
    asked(&state, &headers, query.as_deref(), Some("fields=user_id,username"), |_| body).await
}

/// The apps of the account, those that are subscribed to something of it.
async fn subscribed_apps(
    State(state): State<Arc<Mutex<Book>>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let body = |book: &Book| {
        let app = |fields: &Vec<_>| json!({"id": "1029384756", "subscribed_fields": fields});
        json!({"data": book.subscribed.iter().map(app).collect::<Vec<_>>()})
    };
    asked(&state, &headers, query.as_deref(), None, body).await
}

/// A question about the account: with just this query, and a token that is good.
async fn asked(
    state: &Mutex<Book>,
    headers: &HeaderMap,
    query: Option<&str>,
    wanted: Option<&str>,
    body: impl FnOnce(&Book) -> Value,
) -> Response {
    let (mood, body) = {
        let mut book = state.lock().unwrap();
        if query != wanted {
            book.violations.push(format!("{query:?} in place of {wanted:?}"));
        }
        if !book.knows(headers) {
            return refused(400, 190, 0);
        }
        let mood = book.next_question.pop_front();
        if let Some(Mood::Refuses(status, code, subcode)) = mood {
            return refused(status, code, subcode);
        }
        (mood, body(&book).to_string())
    };
    answered(mood, &body).await
}

async fn person(
    State(state): State<Arc<Mutex<Book>>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let mut book = state.lock().unwrap();
    book.asked_names += 1;
    if query.as_deref() != Some("fields=name,username") {
        book.violations.push(format!("{id} without its fields"));
    }
    if !book.knows(&headers) {
        return refused(400, 190, 0);
    }
    match book.people.get(&id) {
        Some(person) => person.to_string().into_response(),
        None => refused(400, 100, 33),
    }
}

async fn take(
    State(state): State<Arc<Mutex<Book>>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (mood, index, to) = {
        let mut book = state.lock().unwrap();
        if !book.knows(&headers) {
            return refused(400, 190, 0);
        }
        let mut wrong = Vec::new();
        if headers.get(CONTENT_TYPE).is_none_or(|kind| kind != "application/json") {
            wrong.push("not JSON by its type".to_owned());
        }
        if query.is_some() {
            wrong.push("something in the address".to_owned());
        }
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        wrong.extend(faults(&said));
        if !wrong.is_empty() {
            book.violations.extend(wrong);
            return refused(400, 100, 0);
        }
        let mood = book.next.pop_front();
        if let Some(Mood::Refuses(status, code, subcode)) = mood {
            return refused(status, code, subcode);
        }
        let to = said["recipient"]["id"].as_str().unwrap_or_default().to_owned();
        if !book.people.contains_key(&to) {
            return refused(400, 100, 2_534_014);
        }
        if !book.open.contains(&to) {
            return refused(403, 10, 2_534_022);
        }
        book.taken.push(said);
        (mood, book.taken.len() - 1, to)
    };
    let body = json!({"recipient_id": to, "message_id": format!("mid.{index}")});
    answered(mood, &body.to_string()).await
}

fn refused(status: u16, code: i64, subcode: i64) -> Response {
    let body = json!({"error": {"message": "refused", "type": "IGApiException", "code": code,
        "error_subcode": subcode, "fbtrace_id": "A"}});
    (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response()
}

/// What the document does not allow.
fn faults(said: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let keys = |value: &Value| -> Vec<String> {
        value.as_object().map_or_else(Vec::new, |it| it.keys().cloned().collect())
    };
    for (of, known) in [
        (said, &["recipient", "message"][..]),
        (&said["recipient"], &["id"]),
        (&said["message"], &["text"]),
    ] {
        for key in keys(of) {
            if !known.contains(&key.as_str()) {
                wrong.push(format!("unknown field {key}"));
            }
        }
    }
    let id = said["recipient"]["id"].as_str().unwrap_or_default();
    if id.is_empty() || !id.bytes().all(|it| it.is_ascii_digit()) {
        wrong.push(format!("recipient {}", said["recipient"]));
    }
    let text = said["message"]["text"].as_str().unwrap_or_default();
    if text.is_empty() || 1000 < text.len() {
        wrong.push(format!("a text of {} bytes", text.len()));
    }
    wrong
}
