//! Mobizon.kz over HTTP (its API v1; KAZAKHSTAN.md 2.3).
//!
//! The key goes in the address, as the document has it, so addresses are never
//! logged; numbers and texts go in the body. There is no key of ours that
//! Mobizon refuses to take twice, but each message is a campaign and a campaign
//! has a name: ours is our reference, and by it a message whose answer was lost
//! is found again.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::http::{self, Answer, Http, Silence};
use super::smsc::{money, plain};
use super::{Delivery, Endpoint, Health, Outcome, Reason, Reference, Sms, Trouble};
use crate::contact::Phone;
use crate::messaging::segments::Segments;
use crate::money::Money;

/// Campaigns of one recipient on a page of the list, newest first.
const PAGE: usize = 25;

/// An account with Mobizon.
#[derive(Clone)]
pub struct Mobizon {
    http: Http,
    /// `https://api.mobizon.kz/`.
    host: Endpoint,
    key: String,
    /// A sender name registered with the operators. None: one that Mobizon's
    /// customers share.
    sender: Option<String>,
}

impl Mobizon {
    pub fn new(host: Endpoint, key: String, sender: Option<String>) -> Self {
        Self { http: Http::new(), host, key, sender }
    }

    /// Waits less long for answers: for tests of what happens then.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { http: Http::with_timeout(timeout), ..self }
    }

    pub(super) async fn send(&self, sms: Sms<'_>) -> Outcome {
        let name = name_of(sms.reference);
        let mut form =
            vec![("recipient", sms.to.digits()), ("text", sms.text), ("params[name]", &name)];
        if let Some(sender) = &self.sender {
            form.push(("from", sender));
        }
        match self.call("Message", "SendSmsMessage", &form).await {
            Ok(answer) => sent(&answer, sms.text),
            Err(Silence::NotSent) => retry(1, Trouble::Unreachable),
            Err(Silence::Lost) => Outcome::Uncertain,
        }
    }

    pub(super) async fn status(
        &self,
        to: &Phone,
        reference: Reference,
        provider_id: Option<&str>,
    ) -> Delivery {
        let found = match provider_id {
            Some(id) => self.ask("Message", "GetSMSStatus", &[("ids", id)]).await,
            None => match self.campaign(to, reference).await {
                Found::Campaign(id) => {
                    let form = [("criteria[campaignIds]", id.as_str())];
                    self.ask("Message", "List", &form).await
                }
                Found::Nothing => return Delivery::NotFound,
                Found::Unknown => None,
            },
        };
        let one = found.and_then(|data| {
            let items = data.get("items").unwrap_or(&data).as_array()?;
            serde_json::from_value::<Message>(items.first()?.clone()).ok()
        });
        one.map_or(Delivery::Unknown, |message| delivery(&message.status))
    }

    /// The campaign that carries our name.
    async fn campaign(&self, to: &Phone, reference: Reference) -> Found {
        let page = PAGE.to_string();
        let form = [
            ("criteria[recipient]", to.digits()),
            ("criteria[type]", "1"),
            ("pagination[pageSize]", &page),
            ("pagination[currentPage]", "0"),
            ("sort[id]", "DESC"),
        ];
        let data = self.ask("Campaign", "List", &form).await;
        let Some(list) = data.and_then(|data| serde_json::from_value::<Campaigns>(data).ok())
        else {
            return Found::Unknown;
        };
        let name = name_of(reference);
        match list.items.iter().find(|campaign| campaign.name.as_deref() == Some(&name)) {
            Some(campaign) => Found::Campaign(plain(&campaign.id)),
            None if whole(&list.total) == Some(list.items.len()) => Found::Nothing,
            None => Found::Unknown,
        }
    }

    pub(super) async fn health(&self) -> Health {
        let Ok(answer) = self.call("User", "GetOwnBalance", &[]).await else {
            return Health::Ill(Trouble::Unreachable);
        };
        match read(&answer) {
            Err(trouble) => Health::Ill(trouble),
            Ok(Said { code: 0, data }) => match data.get("balance").and_then(money) {
                Some(balance) if balance <= Money::from_tiyn(0) => Health::Ill(Trouble::NoMoney),
                balance => Health::Well { balance },
            },
            Ok(Said { code, .. }) => {
                Health::Ill(trouble(code).map_or(Trouble::WrongAddress, |(_, trouble)| trouble))
            }
        }
    }

    /// The data of an answer that is one.
    async fn ask(&self, module: &str, method: &str, form: &[(&str, &str)]) -> Option<Value> {
        let answer = self.call(module, method, form).await.ok()?;
        read(&answer).ok().filter(|said| said.code == 0).map(|said| said.data)
    }

    async fn call(
        &self,
        module: &str,
        method: &str,
        form: &[(&str, &str)],
    ) -> Result<Answer, Silence> {
        let url = self.host.join(&format!("/service/{module}/{method}"));
        let query = [("output", "json"), ("api", "v1"), ("apiKey", self.key.as_str())];
        http::fetch(self.http.post(url).query(&query).form(form)).await
    }
}

/// What became of looking for a campaign.
enum Found {
    Campaign(String),
    /// It is not among all there are.
    Nothing,
    Unknown,
}

#[derive(Deserialize)]
struct Said {
    code: i64,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct Message {
    status: String,
}

#[derive(Deserialize)]
struct Campaigns {
    items: Vec<Campaign>,
    #[serde(rename = "totalItemCount")]
    total: Value,
}

#[derive(Deserialize)]
struct Campaign {
    id: Value,
    name: Option<String>,
}

fn name_of(reference: Reference) -> String {
    format!("tirkeu-{reference}")
}

fn whole(value: &Value) -> Option<usize> {
    plain(value).parse().ok()
}

/// An answer of Mobizon, or why it is none.
fn read(answer: &Answer) -> Result<Said, Trouble> {
    match answer.status {
        StatusCode::OK => serde_json::from_slice(&answer.body).map_err(|_| Trouble::WrongAddress),
        StatusCode::TOO_MANY_REQUESTS => Err(Trouble::Busy),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Trouble::Credentials),
        status if status.is_server_error() => Err(Trouble::Busy),
        _ => Err(Trouble::WrongAddress),
    }
}

fn sent(answer: &Answer, text: &str) -> Outcome {
    // The message may have been taken before the machine there stumbled.
    if answer.status.is_server_error() {
        return Outcome::Uncertain;
    }
    let said = match read(answer) {
        Ok(said) => said,
        Err(_) if answer.status == StatusCode::OK => return Outcome::Uncertain,
        Err(Trouble::Busy) => return retry(1, Trouble::Busy),
        Err(trouble) => return retry(15, trouble),
    };
    match said.code {
        // 100: taken, and worked on in the background.
        0 | 100 => match said.data.get("messageId").map(plain) {
            Some(id) if id.bytes().all(|byte| byte.is_ascii_digit()) && !id.is_empty() => {
                let parts = Segments::of(text).parts;
                Outcome::Accepted { provider_id: Some(id), parts, cost: None }
            }
            // Found again by its name.
            _ => Outcome::Uncertain,
        },
        1 if names(&said.data, "recipient") => Outcome::Rejected(Reason::BadNumber),
        1 | 2 | 11 | 12 => Outcome::Rejected(Reason::Parameters),
        code => match trouble(code) {
            Some((minutes, trouble)) => retry(minutes, trouble),
            // "Unknown error" and the like: nobody says that it was not taken.
            None => Outcome::Uncertain,
        },
    }
}

/// Whether a refusal is about this field: `data` says what is wrong with which.
fn names(data: &Value, field: &str) -> bool {
    data.get(field).is_some()
}

/// Codes that are about the account or the server, not about the message, and
/// that say it was not taken: minutes to wait, and what it is.
fn trouble(code: i64) -> Option<(u64, Trouble)> {
    match code {
        4..=6 | 13 => Some((15, Trouble::WrongAddress)),
        8 | 9 => Some((15, Trouble::Credentials)),
        14 => Some((30, Trouble::Blocked)),
        // "Operation cannot be done": Mobizon says so of an empty account.
        15 => Some((15, Trouble::NoMoney)),
        30 => Some((1, Trouble::Busy)),
        _ => None,
    }
}

fn delivery(status: &str) -> Delivery {
    match status {
        "NEW" | "ENQUEUD" | "ACCEPTD" | "PDLIVRD" => Delivery::OnTheWay,
        "DELIVRD" => Delivery::Delivered(None),
        "UNDELIV" => Delivery::Failed(Reason::Unreachable),
        "REJECTD" => Delivery::Failed(Reason::Forbidden),
        "DELETED" => Delivery::Failed(Reason::Stopped),
        "EXPIRED" => Delivery::Expired,
        _ => Delivery::Unknown,
    }
}

fn retry(minutes: u64, trouble: Trouble) -> Outcome {
    Outcome::Retry { after: Duration::from_secs(60 * minutes), trouble }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap();
        sent(&Answer { status, body: body.as_bytes().to_vec() }, "hi")
    }

    #[test]
    fn a_message_is_taken_only_when_its_number_is_told() {
        let taken =
            said(200, r#"{"code":0,"data":{"campaignId":"9","messageId":"12","status":2}}"#);
        let provider_id = Some("12".to_owned());
        assert_eq!(taken, Outcome::Accepted { provider_id, parts: 1, cost: None });
        for odd in [
            r#"{"code":0}"#,
            r#"{"code":100,"data":77}"#,
            r#"{"code":0,"data":{"messageId":"<b>"}}"#,
            r#"{"code":999}"#,
            r#"{"code":3}"#,
            "<html>",
            "",
        ] {
            assert_eq!(said(200, odd), Outcome::Uncertain, "{odd}");
        }
        assert_eq!(said(500, ""), Outcome::Uncertain);
        assert_eq!(said(504, ""), Outcome::Uncertain);
    }

    #[test]
    fn a_refusal_is_final_only_when_it_is_about_the_message() {
        let number = r#"{"code":1,"data":{"recipient":"wrong"}}"#;
        assert_eq!(said(200, number), Outcome::Rejected(Reason::BadNumber));
        assert_eq!(said(200, r#"{"code":12}"#), Outcome::Rejected(Reason::Parameters));
        assert_eq!(said(200, r#"{"code":8}"#), retry(15, Trouble::Credentials));
        assert_eq!(said(200, r#"{"code":30}"#), retry(1, Trouble::Busy));
        assert_eq!(said(429, ""), retry(1, Trouble::Busy));
        assert_eq!(said(302, ""), retry(15, Trouble::WrongAddress));
    }

    #[test]
    fn every_documented_status_has_its_meaning() {
        for way in ["NEW", "ENQUEUD", "ACCEPTD", "PDLIVRD"] {
            assert_eq!(delivery(way), Delivery::OnTheWay, "{way}");
        }
        assert_eq!(delivery("DELIVRD"), Delivery::Delivered(None));
        assert_eq!(delivery("EXPIRED"), Delivery::Expired);
        assert_eq!(delivery("UNDELIV"), Delivery::Failed(Reason::Unreachable));
        assert_eq!(delivery("REJECTD"), Delivery::Failed(Reason::Forbidden));
        assert_eq!(delivery("DELETED"), Delivery::Failed(Reason::Stopped));
        assert_eq!(delivery("?"), Delivery::Unknown);
    }
}
