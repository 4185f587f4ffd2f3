//! Mobizon.kz as its document says it is (KAZAKHSTAN.md 2.3): takes no request
//! that breaks the protocol, and misbehaves when told to.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use tirkeu::messaging::gateway::{Endpoint, Gateway, Mobizon};

use super::slowly;
use super::smsc::form_pairs;

/// Forty letters and digits, as the document says.
pub const KEY: &str = "kz0123456789abcdef0123456789abcdef012345";

/// A server on loopback; it stops with the test's runtime.
#[derive(Clone)]
pub struct MobizonServer {
    pub address: String,
    state: Arc<Mutex<Book>>,
}

#[derive(Default)]
struct Book {
    taken: Vec<Taken>,
    violations: Vec<String>,
    next: VecDeque<Mood>,
}

/// A message the server took: message 500 + n of campaign 900 + n.
#[derive(Clone, Debug)]
pub struct Taken {
    pub to: String,
    pub text: String,
    pub name: String,
    pub status: &'static str,
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
    /// Fails with status 500 before looking.
    FailsBefore,
    /// Takes it and answers with a page.
    Garbage,
    /// Takes it, and has it in a queue of its own: code 100 without its number.
    Queues,
    /// Refuses with this code.
    Refuses(i64),
    /// Answers with this HTTP status.
    Answers(u16),
}

impl MobizonServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let server = Self { address, state: Arc::default() };
        let router = Router::new()
            .route("/service/{module}/{method}", post(serve))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    pub fn gateway(&self, key: &str) -> Gateway {
        let endpoint = Endpoint::parse(&self.address).unwrap();
        let mobizon = Mobizon::new(endpoint, key.to_owned(), Some("ARAI".to_owned()));
        Gateway::Mobizon(mobizon.with_timeout(Duration::from_millis(300)))
    }

    pub fn next(&self, mood: Mood) {
        self.state.lock().unwrap().next.push_back(mood);
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.state.lock().unwrap().taken.clone()
    }

    pub fn set_status(&self, index: usize, status: &'static str) {
        self.state.lock().unwrap().taken[index].status = status;
    }

    /// The ways in which we broke the protocol: none, or the test fails.
    pub fn violations(&self) -> Vec<String> {
        self.state.lock().unwrap().violations.clone()
    }
}

impl Book {
    /// The fields of a request that keeps to the document, and its key.
    fn fields(
        &mut self,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
        known: &[&str],
    ) -> Result<HashMap<String, String>, i64> {
        let mut wrong = Vec::new();
        let query = form_pairs(uri.query().unwrap_or_default().as_bytes());
        let said = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        if query.len() != 3 || said("output").is_none_or(|it| it != "json") {
            wrong.push(format!("the address asks for {:?}", said("output")));
        }
        if said("api").is_none_or(|api| api != "v1") {
            wrong.push("api is not v1".to_owned());
        }
        if headers.get(CONTENT_TYPE).is_none_or(|kind| kind != "application/x-www-form-urlencoded")
            && !known.is_empty()
        {
            wrong.push("not a form".to_owned());
        }
        let mut fields = HashMap::new();
        for (name, value) in form_pairs(body) {
            if !known.contains(&name.as_str()) {
                wrong.push(format!("unknown parameter {name}"));
            }
            if fields.insert(name.clone(), value).is_some() {
                wrong.push(format!("{name} twice"));
            }
        }
        let key = said("apiKey").cloned().unwrap_or_default();
        if !wrong.is_empty() {
            self.violations.extend(wrong);
            return Err(12);
        }
        if key == KEY { Ok(fields) } else { Err(8) }
    }

    fn take(&mut self, fields: &HashMap<String, String>) -> Result<usize, Value> {
        let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let to = text("recipient");
        if to.is_empty() || !to.bytes().all(|byte| byte.is_ascii_digit()) {
            self.violations.push(format!("recipient {to}"));
        }
        if text("text").is_empty() || text("from").chars().count() > 11 {
            self.violations.push("no text, or a sender longer than 11".to_owned());
        }
        if !to.starts_with("77") || to.len() != 11 {
            return Err(json!({"code": 1, "data": {"recipient": "wrong"}, "message": "refused"}));
        }
        let (text, name) = (text("text"), text("params[name]"));
        self.taken.push(Taken { to, text, name, status: "NEW" });
        Ok(self.taken.len() - 1)
    }

    fn campaigns(&self, fields: &HashMap<String, String>) -> Value {
        let to = &fields["criteria[recipient]"];
        let all = self.taken.iter().enumerate().rev().filter(|(_, taken)| taken.to.contains(to));
        let items: Vec<Value> = all
            .map(|(index, taken)| json!({"id": (900 + index).to_string(), "name": taken.name}))
            .collect();
        let total = items.len();
        json!({"items": items[..total.min(25)], "totalItemCount": total.to_string()})
    }

    fn message(&self, index: usize) -> Option<Value> {
        let taken = self.taken.get(index)?;
        Some(json!({"id": (500 + index).to_string(), "status": taken.status, "segNum": "1",
            "startSendTs": "2026-09-20 19:13:20", "statusUpdateTs": null}))
    }
}

async fn serve(
    State(server): State<MobizonServer>,
    Path((module, method)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let page = ["pagination[pageSize]", "pagination[currentPage]", "sort[id]"];
    let known: Vec<&str> = match (module.as_str(), method.as_str()) {
        ("Message", "SendSmsMessage") => vec!["recipient", "text", "from", "params[name]"],
        ("Message", "GetSMSStatus") => vec!["ids"],
        ("Message", "List") => vec!["criteria[campaignIds]"],
        ("Campaign", "List") => [&["criteria[recipient]", "criteria[type]"][..], &page].concat(),
        ("User", "GetOwnBalance") => vec![],
        _ => return said(&json!({"code": 4})),
    };
    let (mood, taken) = {
        let mut book = server.state.lock().unwrap();
        let fields = match book.fields(&uri, &headers, &body, &known) {
            Ok(fields) => fields,
            Err(code) => return said(&json!({"code": code, "data": null, "message": "refused"})),
        };
        let number = |name: &str, base: usize| {
            fields[name].parse::<usize>().ok().and_then(|id| id.checked_sub(base))
        };
        let data = match (module.as_str(), method.as_str()) {
            ("User", _) => json!({"balance": "984.5000", "currency": "KZT"}),
            ("Campaign", _) => book.campaigns(&fields),
            ("Message", "GetSMSStatus") => {
                let found = number("ids", 500).and_then(|index| book.message(index));
                json!(found.into_iter().collect::<Vec<_>>())
            }
            ("Message", "List") => {
                let found = number("criteria[campaignIds]", 900);
                let found = found.and_then(|index| book.message(index));
                json!({"items": found.into_iter().collect::<Vec<_>>(), "totalItemCount": 1})
            }
            _ => Value::Null,
        };
        if data != Value::Null {
            return said(&json!({"code": 0, "data": data, "message": ""}));
        }
        let mood = book.next.pop_front();
        match mood {
            Some(Mood::FailsBefore) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Some(Mood::Answers(status)) => {
                return StatusCode::from_u16(status).unwrap().into_response();
            }
            Some(Mood::Refuses(code)) => return said(&json!({"code": code, "data": null})),
            _ => {}
        }
        (mood, book.take(&fields))
    };
    let index = match taken {
        Ok(index) => index,
        Err(refusal) => return said(&refusal),
    };
    let data = json!({"campaignId": (900 + index).to_string(),
        "messageId": (500 + index).to_string(), "status": 2});
    match mood {
        Some(Mood::Silent) => std::future::pending().await,
        Some(Mood::Slow) => slowly(),
        Some(Mood::FailsAfter) => StatusCode::BAD_GATEWAY.into_response(),
        Some(Mood::Garbage) => "<html>welcome</html>".into_response(),
        Some(Mood::Queues) => said(&json!({"code": 100, "data": 77})),
        _ => said(&json!({"code": 0, "data": data, "message": ""})),
    }
}

fn said(answer: &Value) -> Response {
    answer.to_string().into_response()
}
