//! Telegram Bot API (KAZAKHSTAN.md 3.2): a bot of the clinic's at
//! api.telegram.org, asked by long polling, so that no door stands open.
//!
//! A message cannot be asked about, nor does anybody report that it was read: an
//! answer that was lost stays lost. The token is a part of every address, which
//! is why addresses are never logged.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::http::{self, Answer, Http, Silence};
use super::{Endpoint, Health, Outcome, Reason, Trouble};

/// Letters of one message, as the document says.
pub const LONGEST_TEXT: usize = 4096;

/// Bytes that a button may carry, as the document says.
pub const LONGEST_DATA: usize = 64;

/// Updates that are brought at once, as the document says.
pub const MOST_UPDATES: usize = 100;

/// What is asked for; the rest is nothing to a clinic.
const KINDS: [&str; 3] = ["message", "callback_query", "my_chat_member"];

/// How much longer an answer may take than was waited for updates.
const GRACE: Duration = Duration::from_secs(10);

/// A bot.
#[derive(Clone)]
pub struct Telegram {
    http: Http,
    endpoint: Endpoint,
    token: String,
}

/// A button under a message: its words, and what comes back when it is pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    pub text: String,
    pub data: String,
}

/// What stands under a message or in place of the keyboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Markup {
    Nothing,
    /// Rows of buttons under the message.
    Buttons(Vec<Vec<Button>>),
    /// One key in place of the keyboard that shares the own number.
    Contact(String),
    /// Takes such a key away.
    Plain,
}

/// Who the bot is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Me {
    pub id: i64,
    pub is_bot: bool,
    /// Without the `@`.
    #[serde(default)]
    pub username: String,
}

/// Why no updates came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deaf {
    /// A webhook is set, or another program listens with this token.
    Conflict,
    /// For so long at least.
    Rest(Option<Duration>, Trouble),
}

impl Telegram {
    pub fn new(endpoint: Endpoint, token: String) -> Self {
        Self { http: Http::new(), endpoint, token }
    }

    /// Waits less long for answers: for tests of what happens then.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { http: Http::with_timeout(timeout), ..self }
    }

    /// Whether it may be a token at all: the bot's number, a colon, a secret.
    pub fn is_token(text: &str) -> bool {
        let Some((id, secret)) = text.split_once(':') else { return false };
        let letter = |it: u8| it.is_ascii_alphanumeric() || it == b'_' || it == b'-';
        (5..=16).contains(&id.len())
            && id.bytes().all(|it| it.is_ascii_digit())
            && (20..=80).contains(&secret.len())
            && secret.bytes().all(letter)
    }

    /// The bot's number, which its token begins with.
    pub fn bot_id(&self) -> i64 {
        let id = self.token.split(':').next();
        id.and_then(|id| id.parse().ok()).unwrap_or_default()
    }

    /// # Errors
    /// Why it did not say.
    pub async fn me(&self) -> Result<Me, Trouble> {
        let answer = self.call(&self.http, "getMe", &json!({})).await;
        let answer = answer.map_err(|_| Trouble::Unreachable)?;
        match read(&answer) {
            Some(Said { ok: true, result, .. }) => {
                let me = serde_json::from_value::<Me>(result).map_err(|_| Trouble::WrongAddress)?;
                if me.is_bot { Ok(me) } else { Err(Trouble::WrongAddress) }
            }
            Some(refused) => Err(refused.trouble()),
            None if answer.status.is_server_error() => Err(Trouble::Busy),
            None => Err(Trouble::WrongAddress),
        }
    }

    pub(super) async fn health(&self) -> Health {
        match self.me().await {
            Ok(_) => Health::Well { balance: None },
            Err(trouble) => Health::Ill(trouble),
        }
    }

    /// What happened, from this one on; waits so many seconds for the first.
    ///
    /// # Errors
    /// Why nobody could tell.
    pub async fn updates(&self, from: Option<i64>, wait: u64) -> Result<Vec<Value>, Deaf> {
        let mut body = json!({"limit": MOST_UPDATES, "timeout": wait, "allowed_updates": KINDS});
        if let Some(from) = from {
            body["offset"] = from.into();
        }
        let patient = Http::with_timeout(Duration::from_secs(wait) + GRACE);
        let answer = self.call(&patient, "getUpdates", &body).await;
        let answer = answer.map_err(|_| Deaf::Rest(None, Trouble::Unreachable))?;
        match read(&answer) {
            Some(Said { ok: true, result: Value::Array(all), .. }) => Ok(all),
            Some(Said { ok: false, error_code: 409, .. }) => Err(Deaf::Conflict),
            Some(said) if !said.ok => Err(Deaf::Rest(said.rest(), said.trouble())),
            _ if answer.status.is_server_error() => Err(Deaf::Rest(None, Trouble::Busy)),
            _ => Err(Deaf::Rest(None, Trouble::WrongAddress)),
        }
    }

    /// Takes a webhook away that somebody set; what waits for it stays.
    pub async fn forget_webhook(&self) -> bool {
        let body = json!({"drop_pending_updates": false});
        self.does("deleteWebhook", &body).await
    }

    /// Says something in a chat.
    pub async fn say(&self, chat: i64, text: &str, markup: &Markup) -> Outcome {
        let mut body = said(chat, text);
        if let Some(markup) = markup.json() {
            body["reply_markup"] = markup;
        }
        match self.call(&self.http, "sendMessage", &body).await {
            Ok(answer) => sent(&answer),
            Err(Silence::NotSent) => retry(None, Trouble::Unreachable),
            Err(Silence::Lost) => Outcome::Uncertain,
        }
    }

    /// Puts other words and buttons in place of a message of ours. False when it
    /// was not done: the old ones stand.
    pub async fn change(&self, chat: i64, message: i64, text: &str, markup: &Markup) -> bool {
        let mut body = said(chat, text);
        body["message_id"] = message.into();
        if let Markup::Buttons(_) = markup {
            body["reply_markup"] = markup.json().unwrap_or_default();
        }
        self.does("editMessageText", &body).await
    }

    /// Ends the wait of whoever pressed a button, with a few words or none.
    pub async fn answer(&self, callback: &str, words: &str) -> bool {
        let mut body = json!({"callback_query_id": callback});
        if !words.is_empty() {
            body["text"] = cut(words, 200).into();
        }
        self.does("answerCallbackQuery", &body).await
    }

    async fn does(&self, method: &str, body: &Value) -> bool {
        let answer = self.call(&self.http, method, body).await;
        answer.is_ok_and(|answer| read(&answer).is_some_and(|said| said.ok))
    }

    async fn call(&self, http: &Http, method: &str, body: &Value) -> Result<Answer, Silence> {
        let url = self.endpoint.below(&format!("bot{}/{method}", self.token));
        let request = http.post(url).header("content-type", "application/json");
        http::fetch(request.body(body.to_string())).await
    }
}

/// A text without a picture of what its link leads to: Telegram would follow it.
fn said(chat: i64, text: &str) -> Value {
    json!({"chat_id": chat, "text": cut(text, LONGEST_TEXT),
        "link_preview_options": {"is_disabled": true}})
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

impl Markup {
    fn json(&self) -> Option<Value> {
        match self {
            Self::Nothing => None,
            Self::Buttons(rows) => {
                let row = |row: &Vec<Button>| -> Value {
                    let each = row.iter();
                    each.map(|one| json!({"text": one.text, "callback_data": one.data})).collect()
                };
                let rows: Vec<Value> = rows.iter().map(row).collect();
                Some(json!({ "inline_keyboard": rows }))
            }
            Self::Contact(words) => Some(json!({
                "keyboard": [[{"text": words, "request_contact": true}]],
                "resize_keyboard": true,
                "one_time_keyboard": true,
            })),
            Self::Plain => Some(json!({"remove_keyboard": true})),
        }
    }
}

/// Every answer of Telegram's.
#[derive(Deserialize)]
struct Said {
    ok: bool,
    #[serde(default)]
    result: Value,
    #[serde(default)]
    error_code: i64,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    retry_after: Option<u64>,
}

impl Said {
    fn rest(&self) -> Option<Duration> {
        self.parameters.retry_after.map(Duration::from_secs)
    }

    fn trouble(&self) -> Trouble {
        match self.error_code {
            // A token that is none is answered as an address that is none.
            401 | 404 => Trouble::Credentials,
            403 => Trouble::Blocked,
            429 | 500.. => Trouble::Busy,
            _ => Trouble::WrongAddress,
        }
    }
}

/// None when it is no answer of Telegram's.
fn read(answer: &Answer) -> Option<Said> {
    serde_json::from_slice(&answer.body).ok()
}

fn sent(answer: &Answer) -> Outcome {
    let Some(said) = read(answer) else {
        return match answer.status {
            StatusCode::OK => Outcome::Uncertain,
            status if status.is_server_error() => Outcome::Uncertain,
            _ => retry(Some(Duration::from_mins(15)), Trouble::WrongAddress),
        };
    };
    if said.ok {
        return match said.result["message_id"].as_i64() {
            Some(id) => {
                let provider_id = Some(id.to_string());
                Outcome::Accepted { provider_id, parts: 1, cost: None }
            }
            None => Outcome::Uncertain,
        };
    }
    match said.error_code {
        // Blocked by the person, or the account is gone.
        403 => Outcome::Rejected(Reason::Unreachable),
        400 if said.description.contains("chat not found") => {
            Outcome::Rejected(Reason::Unreachable)
        }
        400 => Outcome::Rejected(Reason::Parameters),
        401 | 404 => retry(Some(Duration::from_mins(15)), Trouble::Credentials),
        429 => retry(said.rest(), Trouble::Busy),
        // It may have been taken before the machine there stumbled.
        500.. => Outcome::Uncertain,
        _ => Outcome::Rejected(Reason::Other),
    }
}

fn retry(after: Option<Duration>, trouble: Trouble) -> Outcome {
    Outcome::Retry { after: after.unwrap_or(Duration::from_mins(1)), trouble }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(status: u16, body: &str) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap();
        sent(&Answer { status, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn a_message_is_taken_only_when_its_number_is_told() {
        let taken = after(200, r#"{"ok":true,"result":{"message_id":7,"date":1}}"#);
        let provider_id = Some("7".to_owned());
        assert_eq!(taken, Outcome::Accepted { provider_id, parts: 1, cost: None });
        for odd in [r#"{"ok":true,"result":true}"#, r#"{"ok":true}"#, "<html>", ""] {
            assert_eq!(after(200, odd), Outcome::Uncertain, "{odd}");
        }
        assert_eq!(after(502, "<html>"), Outcome::Uncertain);
    }

    #[test]
    fn what_an_error_means_is_decided_by_its_code() {
        let refused = |code: u16, more: &str| {
            after(code, &format!(r#"{{"ok":false,"error_code":{code},"description":"x"{more}}}"#))
        };
        assert_eq!(refused(403, ""), Outcome::Rejected(Reason::Unreachable));
        assert_eq!(refused(400, ""), Outcome::Rejected(Reason::Parameters));
        assert_eq!(refused(500, ""), Outcome::Uncertain);
        let minutes = |count| Some(Duration::from_mins(count));
        assert_eq!(refused(401, ""), retry(minutes(15), Trouble::Credentials));
        let seconds = r#","parameters":{"retry_after":5}"#;
        assert_eq!(refused(429, seconds), retry(Some(Duration::from_secs(5)), Trouble::Busy));
        assert_eq!(refused(429, ""), retry(minutes(1), Trouble::Busy));
        let gone = r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#;
        assert_eq!(after(400, gone), Outcome::Rejected(Reason::Unreachable));
    }

    #[test]
    fn a_token_looks_like_one() {
        assert!(Telegram::is_token("7000000001:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw-_"));
        for odd in [
            "",
            "7000000001",
            "bot7000000001:AAHdqTcvCH1vGWJxfSeofSAs0K5",
            "7000000001:short",
            "7000000001:AAHdqTcvCH1vGWJxfSeofSAs0K5/../x",
        ] {
            assert!(!Telegram::is_token(odd), "{odd}");
        }
    }
}
