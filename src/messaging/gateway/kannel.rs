//! Kannel's HTTP `sendsms` (Kannel user guide, chapter 6.8).
//!
//! Kannel takes parameters in the address only, so its access log holds texts:
//! it belongs on the clinic's own machine. It gives no number to ask by; what
//! became of a message comes back over `dlr-url`.

use reqwest::StatusCode;
use serde::Deserialize;

use super::http::{self, Http, Silence};
use super::{Delivery, Endpoint, Health, Outcome, Reason, Sms, Trouble};
use crate::messaging::segments::{Alphabet, Segments};
use std::time::Duration;

/// Delivered, not delivered, taken by the operator, refused by the operator.
const REPORTS_WANTED: &str = "27";

/// A `sendsms-user` of a Kannel.
#[derive(Clone)]
pub struct Kannel {
    http: Http,
    /// Such as `http://127.0.0.1:13013/cgi-bin/sendsms`.
    endpoint: Endpoint,
    username: String,
    password: String,
    /// Sender name or number. None: what Kannel is set to.
    sender: Option<String>,
}

/// What Kannel tells over `dlr-url` as `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Report(pub Delivery);

impl TryFrom<String> for Report {
    type Error = &'static str;

    /// The bits of `dlr-mask`, one at a time.
    fn try_from(kind: String) -> Result<Self, Self::Error> {
        match kind.parse().unwrap_or(0) {
            1 => Ok(Self(Delivery::Delivered(None))),
            2 => Ok(Self(Delivery::Failed(Reason::Unreachable))),
            4 | 8 => Ok(Self(Delivery::OnTheWay)),
            16 => Ok(Self(Delivery::Failed(Reason::Other))),
            _ => Err("not a kind of delivery report"),
        }
    }
}

impl Kannel {
    pub fn new(
        endpoint: Endpoint,
        username: String,
        password: String,
        sender: Option<String>,
    ) -> Self {
        Self { http: Http::new(), endpoint, username, password, sender }
    }

    pub(super) async fn send(&self, sms: Sms<'_>) -> Outcome {
        let coding = match Alphabet::of(sms.text) {
            Alphabet::Gsm7 => "0",
            Alphabet::Ucs2 => "2",
        };
        let mut query = vec![
            ("to", sms.to.as_str()),
            ("text", sms.text),
            ("coding", coding),
            ("charset", "UTF-8"),
        ];
        // Kannel fills in what it has to say where the address says %d.
        let report_url = sms.report_url.map(|url| format!("{url}?type=%d"));
        if let Some(url) = &report_url {
            query.extend([("dlr-mask", REPORTS_WANTED), ("dlr-url", url)]);
        }
        if let Some(sender) = &self.sender {
            query.push(("from", sender));
        }
        match self.call(&query).await {
            Ok(answer) => sent(&answer, sms.text),
            Err(Silence::NotSent) => retry(Trouble::Unreachable),
            Err(Silence::Lost) => Outcome::Uncertain,
        }
    }

    /// Asks for a message to nobody: Kannel looks at the password first, then
    /// refuses.
    pub(super) async fn health(&self) -> Health {
        match self.call(&[]).await {
            Err(_) => Health::Ill(Trouble::Unreachable),
            Ok(answer) => match answer.status {
                StatusCode::BAD_REQUEST => Health::Well { balance: None },
                StatusCode::FORBIDDEN => Health::Ill(Trouble::Credentials),
                StatusCode::SERVICE_UNAVAILABLE => Health::Ill(Trouble::Busy),
                _ => Health::Ill(Trouble::WrongAddress),
            },
        }
    }

    async fn call(&self, query: &[(&str, &str)]) -> Result<http::Answer, Silence> {
        let account = [("username", self.username.as_str()), ("password", self.password.as_str())];
        let all = [&account, query].concat();
        http::fetch(self.http.get(self.endpoint.url()).query(&all)).await
    }
}

fn sent(answer: &http::Answer, text: &str) -> Outcome {
    match answer.status {
        // "0: Accepted for delivery", "3: Queued for later delivery".
        StatusCode::ACCEPTED if matches!(answer.body.get(..2), Some(b"0:" | b"3:")) => {
            let parts = Segments::of(text).parts;
            Outcome::Accepted { provider_id: None, parts, cost: None }
        }
        StatusCode::BAD_REQUEST => Outcome::Rejected(Reason::Parameters),
        StatusCode::FORBIDDEN => retry(Trouble::Credentials),
        StatusCode::SERVICE_UNAVAILABLE => retry(Trouble::Busy),
        status if status.is_client_error() || status.is_redirection() => {
            retry(Trouble::WrongAddress)
        }
        _ => Outcome::Uncertain,
    }
}

fn retry(trouble: Trouble) -> Outcome {
    let minutes = match trouble {
        Trouble::Unreachable | Trouble::Busy => 1,
        _ => 15,
    };
    Outcome::Retry { after: Duration::from_secs(60 * minutes), trouble }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kannel_takes_a_message_only_with_its_own_words() {
        let said = |status: u16, body: &str| {
            let status = StatusCode::from_u16(status).unwrap();
            sent(&http::Answer { status, body: body.as_bytes().to_vec() }, "hi")
        };
        let accepted = Outcome::Accepted { provider_id: None, parts: 1, cost: None };
        assert_eq!(said(202, "0: Accepted for delivery"), accepted);
        assert_eq!(said(202, "3: Queued for later delivery"), accepted);
        assert_eq!(said(202, "<html>"), Outcome::Uncertain);
        assert_eq!(said(200, "0: Accepted for delivery"), Outcome::Uncertain);
        assert_eq!(said(500, ""), Outcome::Uncertain);
        assert_eq!(said(400, "Missing receiver"), Outcome::Rejected(Reason::Parameters));
        assert_eq!(said(503, ""), retry(Trouble::Busy));
        assert_eq!(said(403, ""), retry(Trouble::Credentials));
        assert_eq!(said(302, ""), retry(Trouble::WrongAddress));
    }
}
