//! WhatsApp Business Cloud API (KAZAKHSTAN.md 3.1): a number of the clinic's at
//! graph.facebook.com.
//!
//! A message cannot be asked about: its fate comes to the public door by
//! itself, with our reference in `biz_opaque_callback_data`, so that one whose
//! answer was lost is found again. What an error means is decided by its code;
//! titles and texts change.

use std::time::Duration;

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::http::{self, Answer, Http, Silence};
use super::meta::{self, Meaning, retry};
use super::{Endpoint, Health, Outcome, Reason, Reference, Trouble};
use crate::contact::Phone;

/// Buttons of one message, as the document says, and letters of their words.
pub const MOST_BUTTONS: usize = 3;
pub const LONGEST_BUTTON: usize = 20;

/// Rows of one list, and letters of their words.
pub const MOST_ROWS: usize = 10;
pub const LONGEST_ROW: usize = 24;
pub const LONGEST_DESCRIPTION: usize = 72;

/// Letters above buttons; above a list, or alone.
pub const LONGEST_OVER_BUTTONS: usize = 1024;
pub const LONGEST_TEXT: usize = 4096;

/// A number with the Cloud API.
#[derive(Clone)]
pub struct Whatsapp {
    http: Http,
    /// `https://graph.facebook.com/v24.0`: with the version.
    endpoint: Endpoint,
    phone_number_id: String,
    access_token: String,
}

/// A template with its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    pub name: String,
    /// Meta's code of the language: `ru`, `kk`, `en_US`.
    pub code: String,
    /// Of the body, in order.
    pub parameters: Vec<String>,
    /// Payloads of the quick replies, in order.
    pub payloads: Vec<String>,
}

/// A button under a message within the open conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    pub id: String,
    /// Up to [`LONGEST_BUTTON`] letters, each its own.
    pub title: String,
}

/// A row of a list that is opened by a button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub id: String,
    /// Up to [`LONGEST_ROW`] letters, each its own.
    pub title: String,
    /// Empty where the title says it all.
    pub description: String,
}

impl Whatsapp {
    pub fn new(endpoint: Endpoint, phone_number_id: String, access_token: String) -> Self {
        Self { http: Http::new(), endpoint, phone_number_id, access_token }
    }

    /// Waits less long for answers: for tests of what happens then.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { http: Http::with_timeout(timeout), ..self }
    }

    /// Sends a template: what may be said to anybody at any time.
    pub async fn send_template(
        &self,
        to: &Phone,
        reference: Reference,
        filled: &Filled,
    ) -> Outcome {
        let texts: Vec<Value> =
            filled.parameters.iter().map(|text| json!({"type": "text", "text": text})).collect();
        let mut components = Vec::new();
        if !texts.is_empty() {
            components.push(json!({"type": "body", "parameters": texts}));
        }
        components.extend(filled.payloads.iter().take(MOST_BUTTONS).enumerate().map(
            |(index, payload)| {
                json!({"type": "button", "sub_type": "quick_reply", "index": index.to_string(),
                    "parameters": [{"type": "payload", "payload": payload}]})
            },
        ));
        let mut template = json!({"name": filled.name, "language": {"code": filled.code}});
        if !components.is_empty() {
            template["components"] = components.into();
        }
        self.send(to.digits(), &reference.to_string(), "template", &template).await
    }

    /// Sends words: only within 24 hours of the person's last message.
    pub async fn send_text(&self, to: &str, reference: Reference, text: &str) -> Outcome {
        let words = json!({"preview_url": false, "body": text});
        self.send(to, &reference.to_string(), "text", &words).await
    }

    /// Says words that stand in no outbox; `mark` comes back with what became of
    /// them. As [`Self::send_text`].
    pub async fn say(&self, to: &str, mark: &str, text: &str) -> Outcome {
        self.send(to, mark, "text", &json!({"preview_url": false, "body": text})).await
    }

    /// The same with buttons under them.
    pub async fn say_buttons(
        &self,
        to: &str,
        mark: &str,
        text: &str,
        buttons: &[Button],
    ) -> Outcome {
        let buttons: Vec<Value> = buttons
            .iter()
            .take(MOST_BUTTONS)
            .map(|one| json!({"type": "reply", "reply": {"id": one.id, "title": one.title}}))
            .collect();
        let body =
            json!({"type": "button", "body": {"text": text}, "action": {"buttons": buttons}});
        self.send(to, mark, "interactive", &body).await
    }

    /// The same with a list that a button opens.
    pub async fn say_list(
        &self,
        to: &str,
        mark: &str,
        text: &str,
        (button, rows): (&str, &[Row]),
    ) -> Outcome {
        let row = |one: &Row| match one.description.as_str() {
            "" => json!({"id": one.id, "title": one.title}),
            more => json!({"id": one.id, "title": one.title, "description": more}),
        };
        let rows: Vec<Value> = rows.iter().take(MOST_ROWS).map(row).collect();
        let action = json!({"button": button, "sections": [{"rows": rows}]});
        let body = json!({"type": "list", "body": {"text": text}, "action": action});
        self.send(to, mark, "interactive", &body).await
    }

    async fn send(&self, to: &str, mark: &str, kind: &str, what: &Value) -> Outcome {
        // Whoever hides the number has an id with the clinic: `KZ.` and letters.
        let whom = if to.bytes().all(|it| it.is_ascii_digit()) { "to" } else { "recipient" };
        let body = json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            whom: to,
            "type": kind,
            kind: what,
            "biz_opaque_callback_data": mark,
        });
        let url = self.endpoint.below(&format!("{}/messages", self.phone_number_id));
        let request = self.http.post(url).bearer_auth(&self.access_token);
        let request = request.header("content-type", "application/json").body(body.to_string());
        match http::fetch(request).await {
            Ok(answer) => sent(&answer),
            Err(Silence::NotSent) => retry(1, Trouble::Unreachable),
            Err(Silence::Lost) => Outcome::Uncertain,
        }
    }

    /// Reads the number's own node: whether the token opens it.
    pub(super) async fn health(&self) -> Health {
        let mut url = self.endpoint.below(&self.phone_number_id);
        url.set_query(Some("fields=id,display_phone_number,verified_name,quality_rating"));
        let request = self.http.get(url).bearer_auth(&self.access_token);
        let Ok(answer) = http::fetch(request).await else {
            return Health::Ill(Trouble::Unreachable);
        };
        if answer.status == StatusCode::OK {
            let node: Option<Node> = serde_json::from_slice(&answer.body).ok();
            return match node {
                Some(node) if node.id == self.phone_number_id => Health::Well { balance: None },
                _ => Health::Ill(Trouble::WrongAddress),
            };
        }
        Health::Ill(meta::trouble(&answer, |fault| meaning(fault.code)))
    }
}

#[derive(Deserialize)]
struct Node {
    id: String,
}

#[derive(Deserialize)]
struct Sent {
    messages: Vec<SentMessage>,
}

#[derive(Deserialize)]
struct SentMessage {
    id: String,
}

fn meaning(code: i64) -> Meaning {
    use Meaning::{Later, Never, Unknown};
    match code {
        // The token ended, was taken back, or may not do this.
        0 | 3 | 10 | 102 | 190 | 200..=299 => Later(15, Trouble::Credentials),
        // Too many at once, or something of theirs: to be tried again.
        4 | 80007 | 130_429 | 131_048 | 131_056 | 133_016 | 1 | 2 | 131_000 | 131_016 | 131_057
        | 133_004 => Later(1, Trouble::Busy),
        368 | 130_497 | 131_031 => Later(30, Trouble::Blocked),
        131_042 => Later(15, Trouble::NoMoney),
        33 | 131_045 | 133_010 => Later(15, Trouble::WrongAddress),
        // Not on WhatsApp, too old a client, terms not accepted.
        131_021 | 131_026 | 131_030 => Never(Reason::Unreachable),
        // Outside of 24 hours, too much advertising, not wanted.
        130_472 | 131_047 | 131_049 | 131_050 => Never(Reason::Forbidden),
        100 | 131_008 | 131_009 | 131_051 | 131_062 | 132_000..=132_999 => {
            Never(Reason::Parameters)
        }
        _ => Unknown,
    }
}

/// Why a message that was taken failed all the same, by the code it came with.
pub fn failure(code: Option<i64>) -> Reason {
    match code.map(meaning) {
        Some(Meaning::Never(reason)) => reason,
        Some(Meaning::Later(_, Trouble::NoMoney)) => Reason::NoMoney,
        Some(Meaning::Later(_, Trouble::Blocked)) => Reason::Stopped,
        _ => Reason::Other,
    }
}

fn sent(answer: &Answer) -> Outcome {
    if answer.status == StatusCode::OK {
        let said: Option<Sent> = serde_json::from_slice(&answer.body).ok();
        return match said.and_then(|said| said.messages.into_iter().next()) {
            Some(one) if !one.id.is_empty() => {
                Outcome::Accepted { provider_id: Some(one.id), parts: 1, cost: None }
            }
            // It comes back to the door with our reference.
            _ => Outcome::Uncertain,
        };
    }
    meta::refused(answer, |fault| meaning(fault.code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap();
        sent(&Answer { status, body: body.as_bytes().to_vec() })
    }

    fn refused(status: u16, code: i64) -> Outcome {
        said(status, &format!(r#"{{"error":{{"message":"x","code":{code}}}}}"#))
    }

    #[test]
    fn a_message_is_taken_only_when_its_number_is_told() {
        let taken = said(200, r#"{"messaging_product":"whatsapp","messages":[{"id":"wamid.A"}]}"#);
        let provider_id = Some("wamid.A".to_owned());
        assert_eq!(taken, Outcome::Accepted { provider_id, parts: 1, cost: None });
        for odd in [r#"{"messages":[]}"#, r#"{"messages":[{"id":""}]}"#, "<html>", ""] {
            assert_eq!(said(200, odd), Outcome::Uncertain, "{odd}");
        }
        assert_eq!(said(502, "<html>"), Outcome::Uncertain);
    }

    #[test]
    fn what_an_error_means_is_decided_by_its_code() {
        assert_eq!(refused(400, 131_026), Outcome::Rejected(Reason::Unreachable));
        assert_eq!(refused(400, 131_047), Outcome::Rejected(Reason::Forbidden));
        assert_eq!(refused(400, 132_001), Outcome::Rejected(Reason::Parameters));
        assert_eq!(refused(400, 100), Outcome::Rejected(Reason::Parameters));
        assert_eq!(refused(401, 190), retry(15, Trouble::Credentials));
        assert_eq!(refused(429, 130_429), retry(1, Trouble::Busy));
        assert_eq!(refused(500, 131_000), retry(1, Trouble::Busy));
        assert_eq!(refused(400, 131_042), retry(15, Trouble::NoMoney));
        assert_eq!(refused(400, 368), retry(30, Trouble::Blocked));
        assert_eq!(refused(500, 999_999), Outcome::Uncertain);
        assert_eq!(failure(Some(131_026)), Reason::Unreachable);
        assert_eq!(failure(None), Reason::Other);
    }
}
