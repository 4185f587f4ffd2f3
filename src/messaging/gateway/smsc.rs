//! SMSC.kz over HTTP, with JSON answers (smsc.kz/api/http, `fmt=3`).
//!
//! Everything goes in the body of a POST, so that neither the password nor the
//! text stands in an address. Our own number goes along as `id`: by it
//! `status.php` finds a message whose answer was lost.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::http::{self, Answer, Http, Silence};
use super::replies::{self, Written};
use super::{Delivery, Endpoint, Health, Outcome, Reason, Reference, Sms, Trouble};
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::messaging::segments::Segments;
use crate::money::Money;

/// An account with SMSC.
#[derive(Clone)]
pub struct Smsc {
    http: Http,
    /// `https://smsc.kz/`, or its second host `https://www2.smsc.kz/`.
    host: Endpoint,
    account: Account,
    /// A sender name registered with the operators. None: the account's own.
    sender: Option<String>,
}

/// How SMSC knows its customer.
#[derive(Clone)]
enum Account {
    Password {
        login: String,
        password: String,
    },
    /// Made in the customer's settings, in place of login and password.
    Key(String),
}

impl Smsc {
    /// Without a login the password is an API key, as in SMSC's own libraries.
    pub fn new(host: Endpoint, login: String, password: String, sender: Option<String>) -> Self {
        let account = if login.is_empty() {
            Account::Key(password)
        } else {
            Account::Password { login, password }
        };
        Self { http: Http::new(), host, account, sender }
    }

    /// Waits less long for answers: for tests of what happens then.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { http: Http::with_timeout(timeout), ..self }
    }

    pub(super) async fn send(&self, sms: Sms<'_>) -> Outcome {
        let id = sms.reference.to_string();
        let mut form = vec![
            ("phones", sms.to.digits()),
            ("mes", sms.text),
            ("id", &id),
            ("cost", "3"), // send, and tell the price and the balance
        ];
        if let Some(sender) = &self.sender {
            form.push(("sender", sender));
        }
        match self.call("/sys/send.php", &form).await {
            Ok(answer) => sent(&answer, sms),
            Err(Silence::NotSent) => {
                Outcome::Retry { after: minutes(1), trouble: Trouble::Unreachable }
            }
            Err(Silence::Lost) => Outcome::Uncertain,
        }
    }

    pub(super) async fn status(&self, to: &Phone, reference: Reference) -> Delivery {
        let id = reference.to_string();
        match self.call("/sys/status.php", &[("phone", to.digits()), ("id", &id)]).await {
            Ok(answer) => delivery(&answer),
            Err(_) => Delivery::Unknown,
        }
    }

    pub(super) async fn health(&self) -> Health {
        let Ok(answer) = self.call("/sys/balance.php", &[]).await else {
            return Health::Ill(Trouble::Unreachable);
        };
        if answer.status != StatusCode::OK {
            return Health::Ill(http_trouble(answer.status));
        }
        match serde_json::from_slice::<Said>(&answer.body) {
            Ok(Said { error_code: Some(code), .. }) => {
                Health::Ill(trouble(code).map_or(Trouble::WrongAddress, |(trouble, _)| trouble))
            }
            Ok(Said { balance: Some(balance), .. }) => match money(&balance) {
                Some(balance) if balance <= Money::from_tiyn(0) => Health::Ill(Trouble::NoMoney),
                balance => Health::Well { balance },
            },
            _ => Health::Ill(Trouble::WrongAddress),
        }
    }

    /// What people wrote to the account's number.
    pub(super) async fn replies(
        &self,
        after: Option<&str>,
        hours: i64,
    ) -> Result<Vec<Written>, Trouble> {
        let hours = hours.to_string();
        let from = match after {
            Some(id) if !id.is_empty() => ("after_id", id),
            _ => ("hour", hours.as_str()),
        };
        let answer = self.call("/sys/get.php", &[("get_answers", "1"), from]).await;
        let answer = answer.map_err(|_| Trouble::Unreachable)?;
        match answer.status {
            StatusCode::OK => replies::of_smsc(&answer.body),
            status => Err(http_trouble(status)),
        }
    }

    async fn call(&self, path: &str, form: &[(&str, &str)]) -> Result<Answer, Silence> {
        let account = match &self.account {
            Account::Password { login, password } => {
                vec![("login", login.as_str()), ("psw", password.as_str())]
            }
            Account::Key(key) => vec![("apikey", key.as_str())],
        };
        let all = [&account[..], &[("charset", "utf-8"), ("fmt", "3")], form].concat();
        http::fetch(self.http.post(self.host.join(path)).form(&all)).await
    }
}

/// What SMSC says, in any of its answers. It writes numbers now as numbers,
/// now as strings.
#[derive(Deserialize)]
struct Said {
    id: Option<Value>,
    cnt: Option<usize>,
    cost: Option<Value>,
    balance: Option<Value>,
    error_code: Option<i64>,
    status: Option<i64>,
    last_timestamp: Option<i64>,
}

fn sent(answer: &Answer, sms: Sms<'_>) -> Outcome {
    match answer.status {
        StatusCode::OK => {}
        // The message may have been taken before the machine there stumbled.
        status if status.is_server_error() => return Outcome::Uncertain,
        status => return Outcome::Retry { after: minutes(5), trouble: http_trouble(status) },
    }
    let Ok(said) = serde_json::from_slice::<Said>(&answer.body) else {
        return Outcome::Uncertain;
    };
    if let Some(code) = said.error_code {
        return refused(code);
    }
    // An answer about another message tells nothing about this one.
    match said.id.as_ref().map(plain) {
        Some(id) if id == sms.reference.to_string() => Outcome::Accepted {
            provider_id: Some(id),
            parts: said.cnt.unwrap_or_else(|| Segments::of(sms.text).parts),
            cost: said.cost.as_ref().and_then(money),
        },
        _ => Outcome::Uncertain,
    }
}

fn refused(code: i64) -> Outcome {
    match (trouble(code), code) {
        (Some((trouble, after)), _) => Outcome::Retry { after, trouble },
        (None, 1 | 5) => Outcome::Rejected(Reason::Parameters),
        (None, 6) => Outcome::Rejected(Reason::Forbidden),
        (None, 7) => Outcome::Rejected(Reason::BadNumber),
        (None, 8) => Outcome::Rejected(Reason::Unreachable),
        // "A duplicate": so an earlier attempt may have got through.
        (None, 9) => Outcome::Uncertain,
        (None, _) => Outcome::Rejected(Reason::Other),
    }
}

/// Codes that are about the account, not about the message.
fn trouble(code: i64) -> Option<(Trouble, Duration)> {
    match code {
        2 => Some((Trouble::Credentials, minutes(15))),
        3 => Some((Trouble::NoMoney, minutes(15))),
        4 => Some((Trouble::Blocked, minutes(30))),
        _ => None,
    }
}

fn http_trouble(status: StatusCode) -> Trouble {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Trouble::Busy,
        status if status.is_server_error() => Trouble::Busy,
        _ => Trouble::WrongAddress,
    }
}

fn delivery(answer: &Answer) -> Delivery {
    if answer.status != StatusCode::OK {
        return Delivery::Unknown;
    }
    let Ok(said) = serde_json::from_slice::<Said>(&answer.body) else {
        return Delivery::Unknown;
    };
    let at = said
        .last_timestamp
        .filter(|seconds| (1..=253_402_300_799).contains(seconds))
        .map(|seconds| Timestamp::from_unix_ms(seconds * 1000));
    match (said.error_code, said.status) {
        (None, Some(-1 | 0)) => Delivery::OnTheWay,
        (None, Some(1 | 2 | 4)) => Delivery::Delivered(at),
        (None, Some(3)) => Delivery::Expired,
        (None, Some(-2)) => Delivery::Failed(Reason::Stopped),
        (None, Some(6 | 23)) => Delivery::Failed(Reason::Forbidden),
        (None, Some(20 | 25)) => Delivery::Failed(Reason::Unreachable),
        (None, Some(22)) => Delivery::Failed(Reason::BadNumber),
        (None, Some(24)) => Delivery::Failed(Reason::NoMoney),
        (None, Some(-3)) => Delivery::NotFound,
        _ => Delivery::Unknown,
    }
}

pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `"15.5"` or `15.5`, in tenge.
pub(super) fn money(value: &Value) -> Option<Money> {
    let text = plain(value);
    let (sign, text) = text.strip_prefix('-').map_or((1, text.as_str()), |rest| (-1, rest));
    let (tenge, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // A price such as 15.625 is rounded up: a tiyn too much harms nobody.
    let over = fraction.len() > 2 && fraction[2..].bytes().any(|byte| byte != b'0');
    let hundredths: i64 = format!("{fraction:0<2}")[..2].parse().ok()?;
    let tenge: i64 = tenge.parse().ok()?;
    let tiyn = tenge.checked_mul(100)?.checked_add(hundredths + i64::from(over))?;
    Some(Money::from_tiyn(sign * tiyn))
}

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        Answer { status: StatusCode::OK, body: body.as_bytes().to_vec() }
    }

    fn sent_to_seven(body: &str) -> Outcome {
        let to = Phone::parse("+77010000001").unwrap();
        sent(&answer(body), Sms { to: &to, text: "hi", reference: Reference(7), report_url: None })
    }

    #[test]
    fn prices_are_read_as_numbers_and_as_strings_and_never_too_low() {
        let read = |text| money(&serde_json::from_str(text).unwrap()).map(Money::tiyn);
        assert_eq!(read("\"15.5\""), Some(1550));
        assert_eq!(read("15"), Some(1500));
        assert_eq!(read("\"15.625\""), Some(1563));
        assert_eq!(read("\"-3.10\""), Some(-310));
        assert_eq!(read("\"free\""), None);
    }

    #[test]
    fn only_an_answer_about_this_message_is_an_answer() {
        let mine = sent_to_seven(r#"{"id":"7","cnt":2,"cost":"30.1","balance":"9"}"#);
        let cost = Some(Money::from_tiyn(3010));
        let accepted = Outcome::Accepted { provider_id: Some("7".to_owned()), parts: 2, cost };
        assert_eq!(mine, accepted);
        for other in [r#"{"id":8,"cnt":1}"#, "{}", "<html>", ""] {
            assert_eq!(sent_to_seven(other), Outcome::Uncertain, "{other}");
        }
    }

    #[test]
    fn a_refusal_is_final_only_when_it_is_about_the_message() {
        let code = |code| sent_to_seven(&format!(r#"{{"error":"x","error_code":{code}}}"#));
        assert_eq!(code(7), Outcome::Rejected(Reason::BadNumber));
        assert_eq!(code(6), Outcome::Rejected(Reason::Forbidden));
        assert_eq!(code(9), Outcome::Uncertain);
        for (number, trouble) in
            [(2, Trouble::Credentials), (3, Trouble::NoMoney), (4, Trouble::Blocked)]
        {
            assert!(
                matches!(code(number), Outcome::Retry { trouble: said, .. } if said == trouble)
            );
        }
    }

    #[test]
    fn every_documented_status_has_its_meaning() {
        let status = |code| delivery(&answer(&format!(r#"{{"status":{code},"err":0}}"#)));
        assert_eq!(status(-3), Delivery::NotFound);
        assert_eq!(status(-1), Delivery::OnTheWay);
        assert_eq!(status(0), Delivery::OnTheWay);
        assert_eq!(status(1), Delivery::Delivered(None));
        assert_eq!(status(3), Delivery::Expired);
        assert_eq!(status(20), Delivery::Failed(Reason::Unreachable));
        assert_eq!(status(22), Delivery::Failed(Reason::BadNumber));
        assert_eq!(status(99), Delivery::Unknown);
        assert_eq!(delivery(&answer(r#"{"error":"x","error_code":9}"#)), Delivery::Unknown);
    }
}
