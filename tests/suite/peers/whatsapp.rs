//! WhatsApp Cloud API as its document says it is (KAZAKHSTAN.md 3.1): takes no
//! request that breaks the protocol, misbehaves when told to, and signs what it
//! tells the clinic's door.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use tirkeu::crypto::hash::{HmacKey, hex};
use tirkeu::messaging::gateway::{Endpoint, Whatsapp};

use super::slowly;

pub const NUMBER: &str = "106540352242922";
pub const TOKEN: &str = "EAAJB0123456789";
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A server on loopback; it stops with the test's runtime.
#[derive(Clone)]
pub struct WhatsappServer {
    /// With the version.
    pub address: String,
    state: Arc<Mutex<Book>>,
}

#[derive(Default)]
struct Book {
    /// Name, language and number of values of templates that were approved; while
    /// there is none, every one is taken.
    approved: Vec<(String, String, usize)>,
    taken: Vec<Value>,
    violations: Vec<String>,
    next: VecDeque<Mood>,
    /// Numbers that wrote within 24 hours: only they are sent free words.
    open: BTreeSet<String>,
}

/// What goes wrong with the next message.
#[derive(Clone, Copy, Debug)]
pub enum Mood {
    /// Takes it and never answers.
    Silent,
    /// Takes it and answers a letter at a time, for ever.
    Slow,
    /// Takes it, then fails with status 502.
    FailsAfter,
    /// Takes it and answers with a page.
    Garbage,
    /// Refuses with this status and code.
    Refuses(u16, i64),
}

impl WhatsappServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/v24.0", listener.local_addr().unwrap());
        let server = Self { address, state: Arc::default() };
        let router = Router::new()
            .route("/v24.0/{number}/messages", post(take))
            .route("/v24.0/{number}", get(node))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    pub fn client(&self, token: &str) -> Whatsapp {
        let endpoint = Endpoint::parse(&self.address).unwrap();
        let whatsapp = Whatsapp::new(endpoint, NUMBER.to_owned(), token.to_owned());
        whatsapp.with_timeout(Duration::from_millis(300))
    }

    pub fn next(&self, mood: Mood) {
        self.state.lock().unwrap().next.push_back(mood);
    }

    /// From now on only templates that were approved are taken, with as many values.
    pub fn approves(&self, name: &str, language: &str, values: usize) {
        let one = (name.to_owned(), language.to_owned(), values);
        self.state.lock().unwrap().approved.push(one);
    }

    /// Somebody writes to the number: it may be answered in free words.
    pub fn window_opens(&self, digits: &str) {
        self.state.lock().unwrap().open.insert(digits.to_owned());
    }

    /// 24 hours have passed.
    pub fn window_shuts(&self, digits: &str) {
        self.state.lock().unwrap().open.remove(digits);
    }

    /// Messages it took: the n-th is `wamid.n`.
    pub fn taken(&self) -> Vec<Value> {
        self.state.lock().unwrap().taken.clone()
    }

    /// The ways in which we broke the protocol: none, or the test fails.
    pub fn violations(&self) -> Vec<String> {
        self.state.lock().unwrap().violations.clone()
    }

    /// A webhook about the n-th message, as Meta sends it.
    pub fn status(&self, index: usize, status: &str, at_ms: i64, error: Option<i64>) -> String {
        let sent = &self.taken()[index];
        let mut one = json!({"id": format!("wamid.{index}"), "status": status,
            "timestamp": (at_ms / 1000).to_string(), "recipient_id": sent["to"],
            "biz_opaque_callback_data": sent["biz_opaque_callback_data"],
            "pricing": {"billable": true, "pricing_model": "PMP", "category": "utility"}});
        if let Some(code) = error {
            one["errors"] = json!([{"code": code, "title": "x", "message": "x",
                "error_data": {"details": "x"}}]);
        }
        change(&json!({ "statuses": [one] }))
    }
}

/// A webhook with what somebody wrote.
#[allow(clippy::needless_pass_by_value, reason = "callers write json! in place")]
pub fn written(messages: Value, contacts: Value) -> String {
    change(&json!({ "messages": messages, "contacts": contacts }))
}

fn change(more: &Value) -> String {
    let mut value = json!({"messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "77000000000", "phone_number_id": NUMBER}});
    for (key, one) in more.as_object().unwrap() {
        value[key] = one.clone();
    }
    json!({"object": "whatsapp_business_account",
        "entry": [{"id": "1020", "changes": [{"field": "messages", "value": value}]}]})
    .to_string()
}

/// The header that goes with a body.
pub fn signature(secret: &str, body: &str) -> String {
    let tag = HmacKey::new(secret.as_bytes()).sign(&[body.as_bytes()]);
    format!("sha256={}", hex(&tag))
}

async fn node(
    State(server): State<WhatsappServer>,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if !query.unwrap_or_default().starts_with("fields=") {
        server.state.lock().unwrap().violations.push("node without fields".to_owned());
    }
    if headers.get(AUTHORIZATION).is_none_or(|it| it != format!("Bearer {TOKEN}").as_str()) {
        return refused(401, 190);
    }
    if number != NUMBER {
        return refused(400, 100);
    }
    json!({"id": NUMBER, "display_phone_number": "+7 700 000 00 00",
        "quality_rating": "GREEN"})
    .to_string()
    .into_response()
}

async fn take(
    State(server): State<WhatsappServer>,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (mood, index) = {
        let mut book = server.state.lock().unwrap();
        if headers.get(AUTHORIZATION).is_none_or(|it| it != format!("Bearer {TOKEN}").as_str()) {
            return refused(401, 190);
        }
        let mut wrong = Vec::new();
        if headers.get(CONTENT_TYPE).is_none_or(|kind| kind != "application/json") {
            wrong.push("not JSON by its type".to_owned());
        }
        if number != NUMBER {
            wrong.push(format!("number {number}"));
        }
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        wrong.extend(faults(&said));
        if !wrong.is_empty() {
            book.violations.extend(wrong);
            return refused(400, 100);
        }
        let mood = book.next.pop_front();
        if let Some(Mood::Refuses(status, code)) = mood {
            return refused(status, code);
        }
        let to = said["to"].as_str().or(said["recipient"].as_str()).unwrap_or_default();
        if said["type"] != "template" && !book.open.contains(to) {
            return refused(400, 131_047);
        }
        if said["type"] == "template"
            && let Some(code) = book.unapproved(&said["template"])
        {
            return refused(if code == 132_001 { 404 } else { 400 }, code);
        }
        book.taken.push(said);
        (mood, book.taken.len() - 1)
    };
    match mood {
        Some(Mood::Silent) => std::future::pending().await,
        Some(Mood::Slow) => slowly(),
        Some(Mood::FailsAfter) => StatusCode::BAD_GATEWAY.into_response(),
        Some(Mood::Garbage) => "<html>welcome</html>".into_response(),
        _ => json!({"messaging_product": "whatsapp", "contacts": [],
            "messages": [{"id": format!("wamid.{index}"), "message_status": "accepted"}]})
        .to_string()
        .into_response(),
    }
}

impl Book {
    /// The code with which a template is refused that is not known so.
    fn unapproved(&self, template: &Value) -> Option<i64> {
        let is = |known: &&(String, String, usize)| {
            template["name"] == known.0.as_str() && template["language"]["code"] == known.1.as_str()
        };
        let body = template["components"].as_array().into_iter().flatten();
        let body = body.filter(|one| one["type"] == "body");
        let values: usize = body.map(|one| one["parameters"].as_array().map_or(0, Vec::len)).sum();
        match self.approved.iter().find(is) {
            None if self.approved.is_empty() => None,
            None => Some(132_001),
            Some((.., expected)) => (*expected != values).then_some(132_000),
        }
    }
}

fn refused(status: u16, code: i64) -> Response {
    let body = json!({"error": {"message": "refused", "type": "OAuthException", "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": "x"}, "fbtrace_id": "A"}});
    (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response()
}

/// What the document does not allow.
fn faults(said: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let known = [
        "messaging_product",
        "recipient_type",
        "to",
        "recipient",
        "type",
        "template",
        "text",
        "interactive",
        "biz_opaque_callback_data",
    ];
    for key in said.as_object().map_or_else(Vec::new, |it| it.keys().cloned().collect()) {
        if !known.contains(&key.as_str()) {
            wrong.push(format!("unknown field {key}"));
        }
    }
    if said["messaging_product"] != "whatsapp" || said["recipient_type"] != "individual" {
        wrong.push("neither whatsapp nor an individual".to_owned());
    }
    // A number goes into `to`, an id of somebody who hides theirs into `recipient`.
    let (to, id) = (text(&said["to"]), text(&said["recipient"]));
    let is_number = !to.is_empty() && to.bytes().all(|it| it.is_ascii_digit());
    if !(is_number && said["recipient"].is_null() || said["to"].is_null() && is_user_id(&id)) {
        wrong.push(format!("to {to} recipient {id}"));
    }
    let opaque = text(&said["biz_opaque_callback_data"]);
    if opaque.is_empty() || 512 < opaque.len() {
        wrong.push("no callback data, or too long".to_owned());
    }
    match text(&said["type"]).as_str() {
        "template" => wrong.extend(template_faults(&said["template"])),
        "text" => {
            let body = text(&said["text"]["body"]);
            if body.is_empty() || 4096 < body.chars().count() {
                wrong.push("a text without a body, or too long".to_owned());
            }
        }
        "interactive" => wrong.extend(interactive_faults(&said["interactive"])),
        other => wrong.push(format!("type {other}")),
    }
    wrong
}

/// `KZ.` and up to 128 letters and digits; `KZ.ENT.` of several businesses.
fn is_user_id(id: &str) -> bool {
    let Some((country, rest)) = id.split_once('.') else { return false };
    let rest = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|it| it.is_ascii_uppercase())
        && (1..=128).contains(&rest.len())
        && rest.bytes().all(|it| it.is_ascii_alphanumeric())
}

fn template_faults(template: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let name = template["name"].as_str().unwrap_or_default();
    let letter = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
    if name.is_empty() || !name.bytes().all(letter) {
        wrong.push(format!("template name {name}"));
    }
    if template["language"]["code"].as_str().is_none_or(str::is_empty) {
        wrong.push("no language".to_owned());
    }
    let empty = Vec::new();
    let mut buttons = 0;
    for component in template["components"].as_array().unwrap_or(&empty) {
        let parameters = component["parameters"].as_array().unwrap_or(&empty);
        if parameters.is_empty() {
            wrong.push("a component without parameters".to_owned());
        }
        match component["type"].as_str() {
            Some("body") => {
                for one in parameters {
                    let text = one["text"].as_str().unwrap_or_default();
                    if one["type"] != "text" || text.is_empty() || text.contains(['\n', '\t']) {
                        wrong.push(format!("parameter {one}"));
                    }
                }
            }
            Some("button") => {
                let payload = parameters.first().map(|one| &one["payload"]);
                let payload = payload.and_then(Value::as_str).unwrap_or_default();
                let is_right = component["sub_type"] == "quick_reply"
                    && component["index"].as_str() == Some(&*buttons.to_string())
                    && parameters.len() == 1
                    && parameters[0]["type"] == "payload"
                    && !payload.is_empty()
                    && payload.len() <= 256;
                if !is_right {
                    wrong.push(format!("button {component}"));
                }
                buttons += 1;
            }
            _ => wrong.push(format!("component {component}")),
        }
    }
    wrong
}

fn letters(value: &Value) -> usize {
    value.as_str().unwrap_or_default().chars().count()
}

/// Whether it has these fields and no others.
fn has_only(value: &Value, fields: &[&str]) -> bool {
    value.as_object().is_some_and(|it| it.keys().all(|key| fields.contains(&key.as_str())))
}

fn interactive_faults(interactive: &Value) -> Vec<String> {
    let (body, most) = match interactive["type"].as_str() {
        Some("button") => (button_faults(&interactive["action"]), 1024),
        Some("list") => (list_faults(&interactive["action"]), 4096),
        _ => (vec!["neither buttons nor a list".to_owned()], 1024),
    };
    let mut wrong = body;
    if !(1..=most).contains(&letters(&interactive["body"]["text"])) {
        wrong.push("no body, or too long a one".to_owned());
    }
    if !has_only(interactive, &["type", "body", "action"]) {
        wrong.push("something we have no use for".to_owned());
    }
    wrong.into_iter().map(|one| format!("{one}: {interactive}")).collect()
}

fn button_faults(action: &Value) -> Vec<String> {
    let empty = Vec::new();
    let buttons = action["buttons"].as_array().unwrap_or(&empty);
    let mut wrong = Vec::new();
    if !(1..=3).contains(&buttons.len()) || !has_only(action, &["buttons"]) {
        wrong.push(format!("{} buttons", buttons.len()));
    }
    let (mut titles, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for one in buttons {
        let (title, id) = (&one["reply"]["title"], &one["reply"]["id"]);
        let fits = (1..=20).contains(&letters(title)) && (1..=256).contains(&letters(id));
        let is_new = titles.insert(title.to_string()) && ids.insert(id.to_string());
        if one["type"] != "reply" || !fits || !is_new {
            wrong.push(format!("button {one}"));
        }
    }
    wrong
}

fn list_faults(action: &Value) -> Vec<String> {
    let empty = Vec::new();
    let sections = action["sections"].as_array().unwrap_or(&empty);
    let mut wrong = Vec::new();
    let opens = (1..=20).contains(&letters(&action["button"]));
    if !opens || !(1..=10).contains(&sections.len()) || !has_only(action, &["button", "sections"]) {
        wrong.push("what opens the list, or its sections".to_owned());
    }
    let (mut titles, mut ids, mut count) = (BTreeSet::new(), BTreeSet::new(), 0);
    for section in sections {
        let title = letters(&section["title"]);
        if 24 < title || (1 < sections.len() && title == 0) {
            wrong.push(format!("section {section}"));
        }
        for row in section["rows"].as_array().unwrap_or(&empty) {
            count += 1;
            let (title, id) = (&row["title"], &row["id"]);
            let fits = (1..=24).contains(&letters(title)) && (1..=200).contains(&letters(id));
            let more = row.get("description").is_none_or(|it| (1..=72).contains(&letters(it)));
            let is_new = titles.insert(title.to_string()) && ids.insert(id.to_string());
            if !fits || !more || !is_new || !has_only(row, &["id", "title", "description"]) {
                wrong.push(format!("row {row}"));
            }
        }
    }
    if !(1..=10).contains(&count) {
        wrong.push(format!("{count} rows"));
    }
    wrong
}
