//! Instagram API with Instagram Login (KAZAKHSTAN.md 3.3): a professional account
//! of the clinic's at graph.instagram.com.
//!
//! Only whoever wrote to the account can be answered, for 24 hours. A message
//! cannot be asked about; what left comes back to the door as an echo, by which
//! one whose answer was lost is found again. What an error means is decided by its
//! code and subcode; texts change.

use std::time::Duration;

use reqwest::{StatusCode, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::http::{self, Answer, Http, Silence};
use super::meta::{self, Fault, Meaning, retry};
use super::{Endpoint, Health, Outcome, Reason, Trouble};

/// A professional account.
#[derive(Clone)]
pub struct Instagram {
    http: Http,
    /// `https://graph.instagram.com/v24.0`: with the version.
    endpoint: Endpoint,
    /// What webhooks call it: `user_id`, not `id`.
    account_id: String,
    access_token: String,
}

impl Instagram {
    pub fn new(endpoint: Endpoint, account_id: String, access_token: String) -> Self {
        Self { http: Http::new(), endpoint, account_id, access_token }
    }

    /// Waits less long for answers: for tests of what happens then.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { http: Http::with_timeout(timeout), ..self }
    }

    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// Sends words to whoever wrote within 24 hours: up to 1000 bytes.
    pub async fn send_text(&self, to: &str, text: &str) -> Outcome {
        let body = json!({"recipient": {"id": to}, "message": {"text": text}});
        let request = self.http.post(self.endpoint.below("me/messages"));
        let request = request.bearer_auth(&self.access_token);
        let request = request.header("content-type", "application/json").body(body.to_string());
        match http::fetch(request).await {
            Ok(answer) => sent(&answer),
            Err(Silence::NotSent) => retry(1, Trouble::Unreachable),
            Err(Silence::Lost) => Outcome::Uncertain,
        }
    }

    /// As somebody who wrote calls themselves there; None: it was not told.
    pub async fn name_of(&self, id: &str) -> Option<String> {
        if id.is_empty() || !id.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        let mut url = self.endpoint.below(id);
        url.set_query(Some("fields=name,username"));
        let request = self.http.get(url).bearer_auth(&self.access_token);
        let answer = http::fetch(request).await.ok()?;
        if answer.status != StatusCode::OK {
            return None;
        }
        let person: Person = serde_json::from_slice(&answer.body).ok()?;
        let username = person.username.filter(|name| !name.is_empty());
        let username = username.map(|name| format!("@{name}"));
        let name = person.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        match (name, username) {
            (Some(name), Some(username)) => Some(format!("{name} {username}")),
            (name, username) => name.or(username),
        }
    }

    /// Asks for a token that lives for another 60 days. This one stays good until
    /// its own end, so nothing is lost when the answer is.
    ///
    /// # Errors
    /// Why there is none. A token has to be a day old, and not over.
    pub async fn renewed(&self) -> Result<Renewed, Trouble> {
        // Beside the versions, and with the token in the address: so Meta wants it.
        let mut url = self.endpoint.join("/refresh_access_token");
        url.query_pairs_mut()
            .append_pair("grant_type", "ig_refresh_token")
            .append_pair("access_token", &self.access_token);
        match http::fetch(self.http.get(url)).await {
            Ok(answer) if answer.status == StatusCode::OK => {
                renewed(&answer.body).ok_or(Trouble::WrongAddress)
            }
            Ok(answer) => Err(meta::trouble(&answer, meaning)),
            Err(Silence::NotSent) => Err(Trouble::Unreachable),
            Err(Silence::Lost) => Err(Trouble::Silent),
        }
    }

    /// Whose the token is.
    ///
    /// # Errors
    /// Why it was not told.
    pub async fn profile(&self) -> Result<Profile, Trouble> {
        let mut url = self.endpoint.below("me");
        url.set_query(Some("fields=user_id,username"));
        profile(&self.asked(url).await?).ok_or(Trouble::WrongAddress)
    }

    /// Which fields of the account Meta tells our app of. None: it tells nothing.
    ///
    /// # Errors
    /// Why it was not told.
    pub async fn told_fields(&self) -> Result<Option<Vec<String>>, Trouble> {
        let body = self.asked(self.endpoint.below("me/subscribed_apps")).await?;
        told_fields(&body).ok_or(Trouble::WrongAddress)
    }

    async fn asked(&self, url: Url) -> Result<Vec<u8>, Trouble> {
        let request = self.http.get(url).bearer_auth(&self.access_token);
        let answer = http::fetch(request).await.map_err(|_| Trouble::Unreachable)?;
        if answer.status == StatusCode::OK {
            return Ok(answer.body);
        }
        Err(meta::trouble(&answer, meaning))
    }

    /// Asks whose the token is.
    pub(super) async fn health(&self) -> Health {
        match self.profile().await {
            Ok(profile) if profile.user_id == self.account_id => Health::Well { balance: None },
            Ok(_) => Health::Ill(Trouble::WrongAddress),
            Err(trouble) => Health::Ill(trouble),
        }
    }
}

/// Whose a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What webhooks call the account.
    pub user_id: String,
    /// Without the `@`; empty when it is none that could be shown.
    pub username: String,
}

/// A token in place of another. No `Debug`: it stays out of logs.
#[derive(Deserialize)]
pub struct Renewed {
    pub access_token: String,
    /// Seconds from when it was asked for.
    #[serde(rename = "expires_in")]
    pub lasts: i64,
}

/// Nothing lives for longer, in seconds.
const LONGEST: i64 = 10 * 365 * 24 * 60 * 60;

/// None when it is no token that could be used.
fn renewed(body: &[u8]) -> Option<Renewed> {
    let one: Renewed = serde_json::from_slice(body).ok()?;
    let token = one.access_token.as_bytes();
    let is_token = !token.is_empty() && token.iter().all(u8::is_ascii_graphic);
    (is_token && (1..=LONGEST).contains(&one.lasts)).then_some(one)
}

#[derive(Deserialize)]
struct Person {
    name: Option<String>,
    username: Option<String>,
}

/// The account in an answer, which may come in a list of one, its id as a number.
fn profile(body: &[u8]) -> Option<Profile> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let one = said.get("data").and_then(|data| data.get(0)).unwrap_or(&said);
    let user_id = match one.get("user_id")? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let username = one.get("username").and_then(Value::as_str).unwrap_or_default();
    let is_name = |name: &str| {
        let plain = |it: u8| it.is_ascii_alphanumeric() || it == b'.' || it == b'_';
        name.len() <= 30 && name.bytes().all(plain)
    };
    let username = Some(username).filter(|name| is_name(name)).unwrap_or_default().to_owned();
    Some(Profile { user_id, username })
}

/// What the apps of an account are told. The documents show how the edge is written
/// to; what it answers when read is what Meta's own libraries expect.
#[derive(Deserialize)]
struct Subscribed {
    data: Vec<SubscribedApp>,
}

#[derive(Deserialize)]
struct SubscribedApp {
    subscribed_fields: Vec<String>,
}

#[allow(clippy::option_option, reason = "nothing is told, and the answer cannot be read")]
fn told_fields(body: &[u8]) -> Option<Option<Vec<String>>> {
    let said: Subscribed = serde_json::from_slice(body).ok()?;
    let all = said.data.into_iter().map(|app| app.subscribed_fields);
    Some(all.reduce(|all, more| [all, more].concat()))
}

#[derive(Deserialize)]
struct Sent {
    message_id: String,
}

fn meaning(fault: Fault) -> Meaning {
    use Meaning::{Later, Never, Unknown};
    match (fault.code, fault.error_subcode) {
        // More than 24 hours after the person wrote.
        (10, 2_018_278 | 2_534_022) => Never(Reason::Window),
        // The person is gone, or has blocked the account.
        (551, _) | (100, 2_018_001 | 2_534_014) => Never(Reason::Unreachable),
        (100, _) => Never(Reason::Parameters),
        // The token ended, was taken back, or may not do this.
        (0 | 3 | 10 | 102 | 190 | 200..=299, _) => Later(15, Trouble::Credentials),
        // Too many at once, or something of theirs: to be tried again.
        (2 | 4 | 17 | 32 | 613 | 1200 | 80_002 | 80_006, _) => Later(1, Trouble::Busy),
        (368, _) => Later(30, Trouble::Blocked),
        _ => Unknown,
    }
}

fn sent(answer: &Answer) -> Outcome {
    if answer.status == StatusCode::OK {
        let said: Option<Sent> = serde_json::from_slice(&answer.body).ok();
        return match said {
            Some(one) if !one.message_id.is_empty() => {
                Outcome::Accepted { provider_id: Some(one.message_id), parts: 1, cost: None }
            }
            // Its echo comes to the door.
            _ => Outcome::Uncertain,
        };
    }
    meta::refused(answer, meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> Outcome {
        let status = StatusCode::from_u16(status).unwrap();
        sent(&Answer { status, body: body.as_bytes().to_vec() })
    }

    fn refused(status: u16, code: i64, subcode: i64) -> Outcome {
        let error = json!({"message": "x", "code": code, "error_subcode": subcode});
        said(status, &json!({ "error": error }).to_string())
    }

    #[test]
    fn a_message_is_taken_only_when_its_number_is_told() {
        let taken = said(200, r#"{"recipient_id":"178","message_id":"aWdf"}"#);
        let provider_id = Some("aWdf".to_owned());
        assert_eq!(taken, Outcome::Accepted { provider_id, parts: 1, cost: None });
        for odd in [r#"{"recipient_id":"178"}"#, r#"{"message_id":""}"#, "<html>", ""] {
            assert_eq!(said(200, odd), Outcome::Uncertain, "{odd}");
        }
        assert_eq!(said(502, "<html>"), Outcome::Uncertain);
    }

    #[test]
    fn what_an_error_means_is_decided_by_its_code() {
        assert_eq!(refused(403, 10, 2_534_022), Outcome::Rejected(Reason::Window));
        assert_eq!(refused(403, 10, 0), retry(15, Trouble::Credentials));
        assert_eq!(refused(400, 190, 463), retry(15, Trouble::Credentials));
        assert_eq!(refused(400, 551, 0), Outcome::Rejected(Reason::Unreachable));
        assert_eq!(refused(400, 100, 2_534_014), Outcome::Rejected(Reason::Unreachable));
        assert_eq!(refused(400, 100, 0), Outcome::Rejected(Reason::Parameters));
        for busy in [4, 32, 613] {
            assert_eq!(refused(400, busy, 0), retry(1, Trouble::Busy), "{busy}");
        }
        assert_eq!(refused(400, 368, 0), retry(30, Trouble::Blocked));
        assert_eq!(refused(500, 1, 0), Outcome::Uncertain, "it may have left");
        assert_eq!(refused(400, 999_999, 0), Outcome::Rejected(Reason::Other));
    }

    #[test]
    fn a_token_is_taken_only_with_its_end_and_when_it_could_be_one() {
        let one = br#"{"access_token":"IGAA1","token_type":"bearer","expires_in":5183944,
            "permissions":"instagram_business_basic"}"#;
        let one = renewed(one).unwrap();
        assert_eq!((one.access_token.as_str(), one.lasts), ("IGAA1", 5_183_944));
        for odd in [
            "<html>",
            r#"{"access_token":"IGAA1"}"#,
            r#"{"access_token":"","expires_in":60}"#,
            r#"{"access_token":"IG\nAA","expires_in":60}"#,
            r#"{"access_token":"IGAA1","expires_in":0}"#,
            r#"{"access_token":"IGAA1","expires_in":9223372036854775807}"#,
        ] {
            assert!(renewed(odd.as_bytes()).is_none(), "{odd}");
        }
    }

    #[test]
    fn an_account_is_known_by_the_id_that_webhooks_have() {
        let ids = [
            r#"{"user_id":"17841400000000001","id":"28978671838402975"}"#,
            r#"{"data":[{"user_id":17841400000000001}]}"#,
        ];
        for body in ids {
            let told = profile(body.as_bytes()).unwrap();
            assert_eq!(told.user_id, "17841400000000001", "{body}");
        }
        assert_eq!(profile(br#"{"id":"1"}"#), None);
        let named = |name: &str| {
            profile(json!({"user_id": "1", "username": name}).to_string().as_bytes()).unwrap()
        };
        assert_eq!(named("arai.dent_1").username, "arai.dent_1");
        assert_eq!(named("<b>").username, "");
    }

    #[test]
    fn an_account_without_an_app_is_told_from_one_whose_app_gets_no_messages() {
        let told = |body: &str| told_fields(body.as_bytes());
        assert_eq!(told(r#"{"data":[]}"#), Some(None));
        let one = r#"{"data":[{"id":"1","subscribed_fields":["messages","message_edit"]}]}"#;
        assert_eq!(told(one), Some(Some(vec!["messages".to_owned(), "message_edit".to_owned()])));
        assert_eq!(told(r#"{"data":[{"subscribed_fields":[]}]}"#), Some(Some(vec![])));
        for odd in ["<html>", "{}", r#"{"data":[{"id":"1"}]}"#, r#"{"data":{}}"#] {
            assert_eq!(told(odd), None, "{odd}");
        }
    }
}
