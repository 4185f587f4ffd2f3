//! Telegram's Bot API as its document says it is (KAZAKHSTAN.md 3.2): takes no
//! request that breaks the protocol, keeps updates until they are confirmed by a
//! higher offset, and misbehaves when told to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use tirkeu::messaging::gateway::{Endpoint, Telegram};

use super::slowly;

pub const BOT: i64 = 7_000_000_001;
pub const TOKEN: &str = "7000000001:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
pub const NAME: &str = "arai_dent_bot";

/// A server on loopback; it stops with the test's runtime.
#[derive(Clone)]
pub struct TelegramServer {
    pub address: String,
    state: Arc<Mutex<Book>>,
}

#[derive(Default)]
struct Book {
    /// What was asked of the methods that change something, in order.
    calls: Vec<(String, Value)>,
    violations: Vec<String>,
    /// By method: what goes wrong with the next call.
    moods: VecDeque<(&'static str, Mood)>,
    /// Not confirmed yet, as they are brought.
    updates: Vec<(i64, Value)>,
    next_update: i64,
    next_message: i64,
    /// Messages of the bot's as they stand: chat and number, text, keyboard.
    messages: BTreeMap<i64, (i64, String, Value)>,
    webhook: bool,
    blocked_by: Vec<i64>,
    callbacks: Vec<String>,
}

/// What goes wrong with the next call of a method.
#[derive(Clone, Copy, Debug)]
pub enum Mood {
    /// Takes it and never answers.
    Silent,
    /// Takes it and answers a letter at a time, for ever.
    Slow,
    /// Takes it, then fails with status 500.
    FailsAfter,
    /// Takes it and answers with a page.
    Garbage,
    /// Refuses with this code, and says when to come again.
    Refuses(u16, Option<u64>),
    /// Brings the newest first, and all twice.
    Twice,
    /// Forgets that the offset confirmed anything.
    Forgetful,
}

impl TelegramServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let book = Book { next_update: 871_000, next_message: 100, ..Book::default() };
        let server = Self { address, state: Arc::new(Mutex::new(book)) };
        let router = Router::new().route("/{bot}/{method}", any(take)).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    pub fn client(&self, token: &str) -> Telegram {
        let endpoint = Endpoint::parse(&self.address).unwrap();
        Telegram::new(endpoint, token.to_owned()).with_timeout(Duration::from_millis(300))
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.state.lock().unwrap()
    }

    pub fn next(&self, method: &'static str, mood: Mood) {
        self.book().moods.push_back((method, mood));
    }

    /// The ways in which we broke the protocol: none, or the test fails.
    pub fn violations(&self) -> Vec<String> {
        self.book().violations.clone()
    }

    /// What was asked of a method.
    pub fn calls(&self, method: &str) -> Vec<Value> {
        let book = self.book();
        let of = book.calls.iter().filter(|(name, _)| name == method);
        of.map(|(_, body)| body.clone()).collect()
    }

    /// Texts of the bot's in a chat as they stand now, oldest first.
    pub fn texts(&self, chat: i64) -> Vec<String> {
        let book = self.book();
        let of = book.messages.values().filter(|(to, ..)| *to == chat);
        of.map(|(_, text, _)| text.clone()).collect()
    }

    /// The newest message of the bot's in a chat: its number, text and keyboard.
    pub fn last(&self, chat: i64) -> (i64, String, Value) {
        let book = self.book();
        let last = book.messages.iter().rfind(|(_, (to, ..))| *to == chat);
        let (id, (_, text, markup)) = last.expect("the bot has said something");
        (*id, text.clone(), markup.clone())
    }

    /// The words of the buttons that stand under the newest message of a chat.
    pub fn buttons(&self, chat: i64) -> Vec<String> {
        rows(&self.last(chat).2).map(|key| key["text"].as_str().unwrap().to_owned()).collect()
    }

    pub fn set_webhook(&self) {
        self.book().webhook = true;
    }

    pub fn has_webhook(&self) -> bool {
        self.book().webhook
    }

    /// Updates that nobody has confirmed.
    pub fn unconfirmed(&self) -> usize {
        self.book().updates.len()
    }

    /// From here on updates have other numbers, as after a week of silence.
    pub fn restart_numbers(&self, at: i64) {
        self.book().next_update = at;
    }

    fn push(&self, kind: &str, what: &Value) {
        let mut book = self.book();
        let id = book.next_update;
        book.next_update += 1;
        book.updates.push((id, json!({"update_id": id, kind: what})));
    }

    fn message(&self, chat: i64, at_ms: i64, more: Value) -> Value {
        let mut book = self.book();
        book.next_message += 1;
        let mut all = json!({"message_id": book.next_message, "date": at_ms / 1000,
            "from": user(chat), "chat": {"id": chat, "type": "private", "first_name": "Дана"}});
        let Value::Object(more) = more else { panic!("an object") };
        all.as_object_mut().unwrap().extend(more);
        all
    }

    /// Somebody writes to the bot.
    pub fn writes(&self, chat: i64, at_ms: i64, text: &str) {
        let message = self.message(chat, at_ms, json!({ "text": text }));
        self.push("message", &message);
    }

    /// Somebody sends something that is no text.
    pub fn sends(&self, chat: i64, at_ms: i64, what: Value) {
        let message = self.message(chat, at_ms, what);
        self.push("message", &message);
    }

    /// Somebody shares a number, their own or another's.
    pub fn shares(&self, chat: i64, at_ms: i64, phone: &str, whose: Option<i64>) {
        let mut contact = json!({"phone_number": phone, "first_name": "Дана"});
        if let Some(whose) = whose {
            contact["user_id"] = whose.into();
        }
        let message = self.message(chat, at_ms, json!({ "contact": contact }));
        self.push("message", &message);
    }

    /// Somebody presses the button with these words under the newest message.
    pub fn presses(&self, chat: i64, words: &str) {
        let (id, _, markup) = self.last(chat);
        let key = rows(&markup).find(|key| key["text"] == words);
        let key = key.unwrap_or_else(|| panic!("no button {words} in {markup}"));
        let data = key["callback_data"].as_str().unwrap().to_owned();
        self.presses_data(chat, id, &data);
    }

    /// Somebody's program presses what it likes.
    pub fn presses_data(&self, chat: i64, message: i64, data: &str) {
        let mut book = self.book();
        let (_, text, markup) =
            book.messages.get(&message).cloned().unwrap_or((chat, "?".to_owned(), Value::Null));
        let callback = format!("{}", 4_382_000 + book.callbacks.len());
        book.callbacks.push(callback.clone());
        drop(book);
        let mut under = json!({"message_id": message, "date": 1, "text": text,
            "chat": {"id": chat, "type": "private"}, "from": {"id": BOT, "is_bot": true}});
        if !markup.is_null() {
            under["reply_markup"] = markup;
        }
        let pressed = json!({"id": callback, "from": user(chat), "message": under,
            "chat_instance": "1", "data": data});
        self.push("callback_query", &pressed);
    }

    /// Somebody blocks the bot, or lets it write again.
    pub fn blocks(&self, chat: i64, blocked: bool) {
        let status = if blocked { "kicked" } else { "member" };
        let before = if blocked { "member" } else { "kicked" };
        let member = |status: &str| json!({"user": {"id": BOT, "is_bot": true}, "status": status});
        let change = json!({"chat": {"id": chat, "type": "private"}, "from": user(chat), "date": 1,
            "old_chat_member": member(before), "new_chat_member": member(status)});
        self.is_blocked(chat, blocked);
        self.push("my_chat_member", &change);
    }

    /// The same, of which the bot is told nothing.
    pub fn is_blocked(&self, chat: i64, blocked: bool) {
        let mut book = self.book();
        book.blocked_by.retain(|one| *one != chat);
        if blocked {
            book.blocked_by.push(chat);
        }
    }
}

fn user(id: i64) -> Value {
    json!({"id": id, "is_bot": false, "first_name": "Дана", "language_code": "ru"})
}

fn rows(markup: &Value) -> impl Iterator<Item = Value> {
    let rows = markup["inline_keyboard"].as_array().cloned().unwrap_or_default();
    rows.into_iter().flat_map(|row| row.as_array().cloned().unwrap_or_default())
}

fn done(result: &Value) -> Response {
    (StatusCode::OK, json!({"ok": true, "result": result}).to_string()).into_response()
}

fn refused(code: u16, description: &str, retry_after: Option<u64>) -> Response {
    let mut body = json!({"ok": false, "error_code": code, "description": description});
    if let Some(seconds) = retry_after {
        body["parameters"] = json!({"retry_after": seconds});
    }
    (StatusCode::from_u16(code).unwrap(), body.to_string()).into_response()
}

async fn take(
    State(server): State<TelegramServer>,
    Path((bot, method)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if bot != format!("bot{TOKEN}") {
        return refused(if bot.contains(':') { 401 } else { 404 }, "Unauthorized", None);
    }
    let (mood, answer) = {
        let mut book = server.book();
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        let mut wrong = faults(&method, &said);
        if headers.get(CONTENT_TYPE).is_none_or(|kind| kind != "application/json") {
            wrong.push("not JSON by its type".to_owned());
        }
        if !wrong.is_empty() {
            let described = format!("Bad Request: {}", wrong.join(", "));
            book.violations.extend(wrong);
            return refused(400, &described, None);
        }
        let place = book.moods.iter().position(|(of, _)| *of == method);
        let mood = place.and_then(|at| book.moods.remove(at)).map(|(_, mood)| mood);
        if let Some(Mood::Refuses(code, after)) = mood {
            return refused(code, "Refused", after);
        }
        (mood, book.answer(&method, &said, mood))
    };
    match mood {
        Some(Mood::Silent) => std::future::pending().await,
        Some(Mood::Slow) => slowly(),
        Some(Mood::FailsAfter) => refused(500, "Internal Server Error", None),
        Some(Mood::Garbage) => "<html>welcome</html>".into_response(),
        _ => answer,
    }
}

impl Book {
    fn answer(&mut self, method: &str, said: &Value, mood: Option<Mood>) -> Response {
        match method {
            "getMe" => done(&json!({"id": BOT, "is_bot": true, "first_name": "Арай",
                "username": NAME, "can_join_groups": false})),
            "getUpdates" => self.updates(said, mood),
            "deleteWebhook" => {
                self.calls.push((method.to_owned(), said.clone()));
                self.webhook = false;
                done(&true.into())
            }
            "sendMessage" => self.send(said),
            "editMessageText" => self.edit(said),
            _ => {
                let id = said["callback_query_id"].as_str().unwrap_or_default();
                if !self.callbacks.iter().any(|known| known == id) {
                    return refused(400, "Bad Request: query is too old or is invalid", None);
                }
                self.calls.push((method.to_owned(), said.clone()));
                done(&true.into())
            }
        }
    }

    fn updates(&mut self, said: &Value, mood: Option<Mood>) -> Response {
        if self.webhook {
            let why = "Conflict: can't use getUpdates method while webhook is active; use \
                deleteWebhook to delete the webhook first";
            return refused(409, why, None);
        }
        let offset = said["offset"].as_i64();
        let all = self.updates.clone();
        if let Some(offset) = offset {
            self.updates.retain(|(id, _)| offset <= *id);
        }
        let mut brought: Vec<Value> = self.updates.iter().map(|(_, one)| one.clone()).collect();
        match mood {
            Some(Mood::Twice) => {
                brought.reverse();
                brought.extend(brought.clone());
            }
            Some(Mood::Forgetful) => {
                brought = all.iter().map(|(_, one)| one.clone()).collect();
                self.updates = all;
            }
            _ => {}
        }
        brought.truncate(usize::try_from(said["limit"].as_u64().unwrap_or(100)).unwrap());
        done(&brought.into())
    }

    fn send(&mut self, said: &Value) -> Response {
        let chat = said["chat_id"].as_i64().unwrap_or_default();
        if self.blocked_by.contains(&chat) {
            return refused(403, "Forbidden: bot was blocked by the user", None);
        }
        self.calls.push(("sendMessage".to_owned(), said.clone()));
        self.next_message += 1;
        let text = said["text"].as_str().unwrap_or_default().to_owned();
        self.messages.insert(self.next_message, (chat, text, said["reply_markup"].clone()));
        done(&json!({"message_id": self.next_message, "date": 1, "text": said["text"],
            "chat": {"id": chat, "type": "private"}, "from": {"id": BOT, "is_bot": true}}))
    }

    fn edit(&mut self, said: &Value) -> Response {
        let id = said["message_id"].as_i64().unwrap_or_default();
        let Some((chat, text, markup)) = self.messages.get_mut(&id) else {
            return refused(400, "Bad Request: message to edit not found", None);
        };
        if Some(*chat) != said["chat_id"].as_i64() {
            return refused(400, "Bad Request: chat not found", None);
        }
        if said["text"] == text.as_str() && said["reply_markup"] == *markup {
            return refused(400, "Bad Request: message is not modified", None);
        }
        said["text"].as_str().unwrap_or_default().clone_into(text);
        *markup = said["reply_markup"].clone();
        self.calls.push(("editMessageText".to_owned(), said.clone()));
        done(&json!({"message_id": id, "date": 1, "text": said["text"]}))
    }
}

/// A field, whether it is needed, and whether a value is of its type.
type Field = (&'static str, bool, fn(&Value) -> bool);

/// What the document does not allow.
fn faults(method: &str, said: &Value) -> Vec<String> {
    let fields: &[Field] = match method {
        "getMe" => &[],
        "getUpdates" => &[
            ("offset", false, Value::is_i64),
            ("limit", false, |it| it.as_i64().is_some_and(|it| (1..=100).contains(&it))),
            ("timeout", false, |it| it.as_i64().is_some_and(|it| (0..=50).contains(&it))),
            ("allowed_updates", false, are_kinds),
        ],
        "deleteWebhook" => &[("drop_pending_updates", false, |it| *it == Value::Bool(false))],
        "sendMessage" => &[
            ("chat_id", true, Value::is_i64),
            ("text", true, |it| is_text(it, 4096)),
            ("link_preview_options", false, hides_links),
            ("reply_markup", false, is_markup),
        ],
        "editMessageText" => &[
            ("chat_id", true, Value::is_i64),
            ("message_id", true, Value::is_i64),
            ("text", true, |it| is_text(it, 4096)),
            ("link_preview_options", false, hides_links),
            ("reply_markup", false, |it| it["inline_keyboard"].is_array() && is_markup(it)),
        ],
        "answerCallbackQuery" => {
            &[("callback_query_id", true, Value::is_string), ("text", false, |it| is_text(it, 200))]
        }
        other => return vec![format!("method {other}")],
    };
    let Some(said) = said.as_object() else { return vec![format!("{method}: not an object")] };
    checked(method, said, fields)
}

fn checked(of: &str, said: &Map<String, Value>, fields: &[Field]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, needed, _) in fields {
        if *needed && !said.contains_key(*name) {
            wrong.push(format!("{of}: {name} is missing"));
        }
    }
    for (name, value) in said {
        match fields.iter().find(|(known, ..)| known == name) {
            Some((.., fits)) if fits(value) => {}
            _ => wrong.push(format!("{of}: {name} {value}")),
        }
    }
    wrong
}

fn is_text(value: &Value, most: usize) -> bool {
    value
        .as_str()
        .is_some_and(|text| !text.trim().is_empty() && text.encode_utf16().count() <= most)
}

fn are_kinds(value: &Value) -> bool {
    let known = ["message", "edited_message", "callback_query", "my_chat_member", "chat_member"];
    let is_known = |kind: &Value| kind.as_str().is_some_and(|kind| known.contains(&kind));
    value.as_array().is_some_and(|all| all.iter().all(is_known))
}

/// A preview would have Telegram open a patient's link.
fn hides_links(value: &Value) -> bool {
    *value == json!({"is_disabled": true})
}

/// One of the shapes of a keyboard, whole.
fn is_markup(value: &Value) -> bool {
    let Some(markup) = value.as_object() else { return false };
    let grid = |rows: &Value, key: fn(&Value) -> bool| {
        rows.as_array().is_some_and(|rows| {
            let row = |row: &Value| {
                row.as_array()
                    .is_some_and(|row| !row.is_empty() && row.len() <= 8 && row.iter().all(key))
            };
            !rows.is_empty() && rows.len() <= 100 && rows.iter().all(row)
        })
    };
    let yes: fn(&Value) -> bool = |it| *it == Value::Bool(true);
    if markup.contains_key("inline_keyboard") {
        return markup.len() == 1 && grid(&markup["inline_keyboard"], is_inline_key);
    }
    if markup.contains_key("remove_keyboard") {
        return markup.len() == 1 && yes(&markup["remove_keyboard"]);
    }
    let known = ["keyboard", "resize_keyboard", "one_time_keyboard"];
    markup.keys().all(|key| known.contains(&key.as_str()))
        && grid(&value["keyboard"], is_contact_key)
        && yes(&value["resize_keyboard"])
        && yes(&value["one_time_keyboard"])
}

fn is_inline_key(key: &Value) -> bool {
    let data = key["callback_data"].as_str().unwrap_or_default();
    is_text(&key["text"], 64)
        && (1..=64).contains(&data.len())
        && key.as_object().is_some_and(|key| key.len() == 2)
}

fn is_contact_key(key: &Value) -> bool {
    is_text(&key["text"], 64)
        && key["request_contact"] == true
        && key.as_object().is_some_and(|key| key.len() == 2)
}
