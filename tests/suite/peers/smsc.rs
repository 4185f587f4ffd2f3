//! SMSC.kz as its document says it is (KAZAKHSTAN.md 2.2): takes no request
//! that breaks the protocol, and misbehaves when told to.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use tirkeu::messaging::gateway::{Endpoint, Gateway, Smsc};

use super::slowly;

pub const LOGIN: &str = "clinic";
pub const PASSWORD: &str = "smsc-secret-9";
/// In place of login and password.
pub const API_KEY: &str = "smsc-key-7";

/// A server on loopback; it stops with the test's runtime.
#[derive(Clone)]
pub struct SmscServer {
    pub address: String,
    state: Arc<Mutex<Book>>,
    took: Arc<Notify>,
}

#[derive(Default)]
struct Book {
    taken: Vec<Taken>,
    /// The ids of all requests to send, in order.
    handed: Vec<i64>,
    /// Those that came once more when they had been taken.
    doubled: Vec<i64>,
    statuses: HashMap<i64, i64>,
    violations: Vec<String>,
    next: VecDeque<Mood>,
    /// Says nothing of any message.
    mute: bool,
    /// What people wrote to the account's number.
    inbox: Vec<(u64, String, String)>,
}

/// A message the server took, and would send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub id: i64,
    pub phone: String,
    pub text: String,
    pub sender: Option<String>,
}

/// What goes wrong with the next request.
#[derive(Clone, Copy, Debug)]
pub enum Mood {
    /// Takes the message and never answers.
    Silent,
    /// Takes it and answers a letter at a time, for ever.
    Slow,
    /// Does not take it, and never answers.
    Lost,
    /// Takes the message, then fails with status 500.
    FailsAfter,
    /// Fails with status 500 before looking.
    FailsBefore,
    /// Takes the message and answers with a page.
    Garbage,
    /// Takes the message and answers two megabytes.
    Endless,
    /// Takes the message and answers about another.
    Mistaken,
    /// Refuses with this code.
    Refuses(i64),
    /// Sends elsewhere, as a hotel's wireless network does.
    Redirects,
}

impl SmscServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let server = Self { address, state: Arc::default(), took: Arc::default() };
        let router = Router::new()
            .route("/sys/send.php", post(send))
            .route("/sys/status.php", post(status))
            .route("/sys/balance.php", post(balance))
            .route("/sys/get.php", post(get))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    /// A gateway with the right account that waits a third of a second.
    pub fn gateway(&self) -> Gateway {
        self.gateway_with(PASSWORD)
    }

    pub fn gateway_with(&self, password: &str) -> Gateway {
        let endpoint = Endpoint::parse(&self.address).unwrap();
        let smsc = Smsc::new(endpoint, LOGIN.to_owned(), password.to_owned(), None);
        Gateway::Smsc(smsc.with_timeout(Duration::from_millis(300)))
    }

    /// `status.php` fails from now on.
    pub fn be_mute(&self) {
        self.state.lock().unwrap().mute = true;
    }

    /// Nothing more goes wrong that was to, and `status.php` answers.
    pub fn recover(&self) {
        let mut book = self.state.lock().unwrap();
        book.next.clear();
        book.mute = false;
    }

    pub fn next(&self, mood: Mood) {
        self.state.lock().unwrap().next.push_back(mood);
    }

    /// Until a message has been taken that nobody waited for yet.
    pub async fn took(&self) {
        self.took.notified().await;
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.state.lock().unwrap().taken.clone()
    }

    /// How many requests to send have come.
    pub fn handed(&self) -> usize {
        self.state.lock().unwrap().handed.len()
    }

    /// Messages that were handed over although they had been taken: none, or the
    /// test fails.
    pub fn doubled(&self) -> Vec<i64> {
        self.state.lock().unwrap().doubled.clone()
    }

    /// What `status.php` says of a message from now on.
    pub fn set_status(&self, id: i64, status: i64) {
        self.state.lock().unwrap().statuses.insert(id, status);
    }

    /// Somebody writes to the account's number.
    pub fn receives(&self, phone: &str, text: &str) {
        let mut book = self.state.lock().unwrap();
        let id = 700 + u64::try_from(book.inbox.len()).unwrap();
        book.inbox.push((id, phone.to_owned(), text.to_owned()));
    }

    /// The ways in which we broke the protocol: none, or the test fails.
    pub fn violations(&self) -> Vec<String> {
        self.state.lock().unwrap().violations.clone()
    }
}

/// The fields of a request, or the code of its refusal.
type Fields = Result<HashMap<String, String>, i64>;

impl Book {
    fn fields(&mut self, uri: &Uri, headers: &HeaderMap, body: &[u8], known: &[&str]) -> Fields {
        let mut wrong = Vec::new();
        if uri.query().is_some() {
            wrong.push("parameters in the address".to_owned());
        }
        if headers.get(CONTENT_TYPE).is_none_or(|kind| kind != "application/x-www-form-urlencoded")
        {
            wrong.push("not a form".to_owned());
        }
        let pairs: Vec<(String, String)> = form_pairs(body);
        let mut fields = HashMap::new();
        for (name, value) in pairs {
            if !["login", "psw", "apikey", "charset", "fmt"].contains(&name.as_str())
                && !known.contains(&name.as_str())
            {
                wrong.push(format!("unknown parameter {name}"));
            }
            if fields.insert(name.clone(), value).is_some() {
                wrong.push(format!("{name} twice"));
            }
        }
        if fields.get("charset").map(String::as_str) != Some("utf-8") {
            wrong.push("charset is not utf-8: Kazakh letters would be lost".to_owned());
        }
        if fields.get("fmt").map(String::as_str) != Some("3") {
            wrong.push("fmt is not 3".to_owned());
        }
        if !wrong.is_empty() {
            self.violations.extend(wrong);
            return Err(1);
        }
        let said = |name: &str| fields.get(name).map(String::as_str);
        match (said("login"), said("psw"), said("apikey")) {
            (Some(LOGIN), Some(PASSWORD), None) | (None, None, Some(API_KEY)) => Ok(fields),
            _ => Err(2),
        }
    }

    fn take(&mut self, fields: &HashMap<String, String>) -> Result<i64, i64> {
        let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let id: i64 = text("id").parse().unwrap_or_default();
        let phone = text("phones");
        let mut wrong = Vec::new();
        if !(1..=2_147_483_647).contains(&id) {
            wrong.push(format!("id {id}"));
        }
        if phone.len() != 11 || !phone.bytes().all(|byte| byte.is_ascii_digit()) {
            wrong.push("phones is not one number of 11 digits".to_owned());
        }
        if !(1..=1000).contains(&text("mes").chars().count()) {
            wrong.push("mes is empty or longer than 1000 letters".to_owned());
        }
        if !["0", "2", "3"].contains(&text("cost").as_str()) {
            wrong.push("cost does not send".to_owned());
        }
        if !wrong.is_empty() {
            self.violations.extend(wrong);
            return Err(1);
        }
        if !phone.starts_with("77") {
            return Err(8);
        }
        if self.taken.iter().any(|taken| taken.id == id) {
            self.doubled.push(id);
            return Err(9);
        }
        let sender = fields.get("sender").cloned();
        self.taken.push(Taken { id, phone, text: text("mes"), sender });
        self.statuses.insert(id, 0);
        Ok(id)
    }
}

async fn send(
    State(server): State<SmscServer>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (mood, taken) = {
        let mut book = server.state.lock().unwrap();
        let known = ["phones", "mes", "id", "cost", "sender"];
        let fields = match book.fields(&uri, &headers, &body, &known) {
            Ok(fields) => fields,
            Err(code) => return error(code),
        };
        let id = fields.get("id").and_then(|id| id.parse::<i64>().ok());
        book.handed.extend(id);
        let mood = book.next.pop_front();
        match mood {
            Some(Mood::FailsBefore) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Some(Mood::Refuses(code)) => return error(code),
            Some(Mood::Redirects) => {
                return (StatusCode::FOUND, [(LOCATION, "http://127.0.0.1:9/login")])
                    .into_response();
            }
            _ => {}
        }
        // A lost one is looked at when nobody holds the book.
        let taken = if matches!(mood, Some(Mood::Lost)) { Ok(0) } else { book.take(&fields) };
        (mood, taken)
    };
    if matches!(mood, Some(Mood::Lost)) {
        return std::future::pending().await;
    }
    let id = match taken {
        Ok(id) => id,
        Err(code) => return error(code),
    };
    server.took.notify_one();
    let good = json!({"id": id, "cnt": 1, "cost": "15.5", "balance": "984.5"});
    match mood {
        Some(Mood::Silent) => std::future::pending().await,
        Some(Mood::Slow) => slowly(),
        Some(Mood::FailsAfter) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Mood::Garbage) => "<html>welcome</html>".into_response(),
        Some(Mood::Endless) => format!("{good}{}", " ".repeat(2 << 20)).into_response(),
        Some(Mood::Mistaken) => json!({"id": id ^ 1, "cnt": 1}).to_string().into_response(),
        _ => good.to_string().into_response(),
    }
}

async fn status(
    State(server): State<SmscServer>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut book = server.state.lock().unwrap();
    let fields = match book.fields(&uri, &headers, &body, &["phone", "id"]) {
        Ok(fields) => fields,
        Err(code) => return error(code),
    };
    if book.mute {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let id: i64 = fields["id"].parse().unwrap();
    let known = book.taken.iter().any(|taken| taken.id == id && taken.phone == fields["phone"]);
    let status = if known { book.statuses[&id] } else { -3 };
    json!({"status": status, "last_date": "20.09.2026 19:13:20", "last_timestamp": 1_789_913_600})
        .to_string()
        .into_response()
}

async fn balance(
    State(server): State<SmscServer>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut book = server.state.lock().unwrap();
    match book.fields(&uri, &headers, &body, &[]) {
        Ok(_) => json!({"balance": "984.50"}).to_string().into_response(),
        Err(code) => error(code),
    }
}

/// What came in the last hours, or after a number; newest first.
async fn get(
    State(server): State<SmscServer>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut book = server.state.lock().unwrap();
    let known = ["get_answers", "after_id", "hour"];
    let fields = match book.fields(&uri, &headers, &body, &known) {
        Ok(fields) => fields,
        Err(code) => return error(code),
    };
    let number = |name: &str| fields.get(name).map(|text| text.parse::<u64>());
    let after = match (number("after_id"), number("hour")) {
        (Some(Ok(after)), None) => after,
        (None, Some(Ok(1..=168))) => 0,
        other => {
            book.violations.push(format!("get.php: {other:?}"));
            return error(1);
        }
    };
    if fields.get("get_answers").map(String::as_str) != Some("1") {
        book.violations.push("get.php without get_answers".to_owned());
        return error(1);
    }
    let newer = book.inbox.iter().rev().filter(|(id, ..)| after < *id);
    let list: Vec<_> = newer
        .map(|(id, phone, text)| {
            json!({"id": id.to_string(), "received": "24.11.2026 10:15:00", "phone": phone,
                "message": text, "to_phone": "77770000000", "sent": "24.11.2026 10:14:58"})
        })
        .collect();
    if list.is_empty() { error(3) } else { json!(list).to_string().into_response() }
}

fn error(code: i64) -> Response {
    json!({"error": "refused", "error_code": code}).to_string().into_response()
}

/// `application/x-www-form-urlencoded`, read independently of our own writer.
pub fn form_pairs(body: &[u8]) -> Vec<(String, String)> {
    let decode = |part: &str| {
        let mut bytes = Vec::new();
        let mut rest = part.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let mut digit =
                        || u8::try_from((rest.next().unwrap() as char).to_digit(16).unwrap());
                    digit().unwrap() * 16 + digit().unwrap()
                }
                other => other,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    let body = std::str::from_utf8(body).unwrap();
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
