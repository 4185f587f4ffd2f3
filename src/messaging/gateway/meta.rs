//! What Meta's Graph API answers where it does not do what it was asked to: for
//! WhatsApp and Instagram alike. What its codes mean is each one's own.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;

use super::http::Answer;
use super::{Outcome, Reason, Trouble};

#[derive(Deserialize)]
struct Refused {
    error: Fault,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Fault {
    pub code: i64,
    #[serde(default)]
    pub error_subcode: i64,
}

/// What a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Not taken; it will never be, this way.
    Never(Reason),
    /// Not taken now: minutes to wait, and what it is.
    Later(u64, Trouble),
    Unknown,
}

fn meaning_of(answer: &Answer, meaning: impl Fn(Fault) -> Meaning) -> Meaning {
    let said = serde_json::from_slice::<Refused>(&answer.body);
    said.map_or(Meaning::Unknown, |refused| meaning(refused.error))
}

/// What became of a message that was not taken with a number of its own.
pub(super) fn refused(answer: &Answer, meaning: impl Fn(Fault) -> Meaning) -> Outcome {
    match meaning_of(answer, meaning) {
        Meaning::Never(reason) => Outcome::Rejected(reason),
        Meaning::Later(minutes, trouble) => retry(minutes, trouble),
        Meaning::Unknown => match answer.status {
            StatusCode::TOO_MANY_REQUESTS => retry(1, Trouble::Busy),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => retry(15, Trouble::Credentials),
            StatusCode::BAD_REQUEST => Outcome::Rejected(Reason::Other),
            // It may have been taken before the machine there stumbled.
            status if status.is_server_error() => Outcome::Uncertain,
            _ => retry(15, Trouble::WrongAddress),
        },
    }
}

/// What is wrong when the account itself was asked about and not told.
pub(super) fn trouble(answer: &Answer, meaning: impl Fn(Fault) -> Meaning) -> Trouble {
    match meaning_of(answer, meaning) {
        Meaning::Later(_, trouble) => trouble,
        _ if answer.status == StatusCode::UNAUTHORIZED => Trouble::Credentials,
        _ if answer.status.is_server_error() => Trouble::Busy,
        _ => Trouble::WrongAddress,
    }
}

pub(super) fn retry(minutes: u64, trouble: Trouble) -> Outcome {
    Outcome::Retry { after: Duration::from_secs(60 * minutes), trouble }
}
