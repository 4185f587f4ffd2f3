//! Letters, apart from storage, servers and the web.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::contact::Email;
use crate::i18n::Language;
use crate::ids::{StaffId, id};
use crate::messaging::State;
use crate::post::Answer;

id! {
    /// One letter; also its `Message-ID`, the same on every attempt.
    LetterId
}

id! {
    /// Somebody outside the clinic who gets checkpoints.
    OutsideId
}

/// What a letter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody tries the settings.
    Trial,
    /// The code that confirms an address.
    Code,
    /// To the address before: notices go elsewhere from now on.
    Moved,
    /// Somebody opened a card because it had to be.
    Emergency,
    /// A signed state of the ledger.
    Checkpoint,
    /// To somebody outside: no checkpoints will follow.
    Farewell,
}

impl Kind {
    pub const ALL: [Self; 6] =
        [Self::Trial, Self::Code, Self::Moved, Self::Emergency, Self::Checkpoint, Self::Farewell];

    pub fn name(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Code => "code",
            Self::Moved => "moved",
            Self::Emergency => "emergency",
            Self::Checkpoint => "checkpoint",
            Self::Farewell => "farewell",
        }
    }

    /// How long it is of use, in milliseconds: a notice of an emergency until its
    /// review is late; a checkpoint until the next two took its place.
    pub fn useful_ms(self) -> i64 {
        match self {
            Self::Trial => 10 * MINUTE_MS,
            Self::Code => CODE_LASTS_MS,
            Self::Emergency => crate::emergency::REVIEW_WITHIN_MS,
            Self::Checkpoint | Self::Moved | Self::Farewell => 2 * DAY_MS,
        }
    }

    /// Goes out again and again to a list of people (RFC 2919).
    pub fn is_serial(self) -> bool {
        self == Self::Checkpoint
    }
}

/// Who gets a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// A member of staff, wherever they read mail when it leaves.
    Staff(StaffId),
    Outside(OutsideId),
    /// This address of a member of staff, whether or not it is confirmed.
    StaffAt(StaffId, Email),
    /// This address of somebody outside, whether or not they still get any.
    OutsideAt(OutsideId, Email),
    Nobody(Email),
}

/// A letter to send.
#[derive(Clone, Debug)]
pub struct NewLetter {
    pub kind: Kind,
    pub to: To,
    /// What it tells of: an emergency's id, a checkpoint's size.
    pub about: Option<String>,
    pub language: Language,
    pub subject: String,
    pub body: String,
    /// A part of the body that opens something: taken out once it has left.
    pub secret: Option<String>,
    /// A text file that goes with it.
    pub attached: Option<String>,
}

/// A letter whose turn it is.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Due {
    pub id: LetterId,
    pub kind: Kind,
    pub staff_id: Option<StaffId>,
    pub outside_id: Option<OutsideId>,
    pub address: Option<Email>,
    pub about: Option<String>,
    pub not_after: Timestamp,
}

/// A letter as it leaves.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Leaving {
    pub id: LetterId,
    pub kind: Kind,
    pub language: Language,
    pub about: Option<String>,
    pub subject: String,
    pub body: String,
    pub attached: Option<String>,
    pub created_at: Timestamp,
    pub attempts: i64,
}

/// A letter as those who look after the mail see it: not what it says.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Posted {
    pub id: LetterId,
    pub kind: Kind,
    /// Of whom it is for.
    pub name: Option<String>,
    pub sent_to: Option<String>,
    pub state: State,
    pub reason: Option<String>,
    /// The server's own words.
    pub said: Option<String>,
    pub created_at: Timestamp,
    pub since: Timestamp,
    pub due_at: Option<Timestamp>,
    pub attempts: i64,
}

/// A step of a letter: what it becomes, why, and when to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub state: State,
    pub reason: Option<&'static str>,
    /// None unless it is queued.
    pub due_at: Option<Timestamp>,
}

const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A code that confirms an address is good for so long.
pub const CODE_LASTS_MS: i64 = 30 * MINUTE_MS;

/// A worker that holds a letter for so long is taken for dead.
pub const LEASE_MS: i64 = 10 * MINUTE_MS;

/// The first wait after a server that did not take a letter; doubled each time,
/// up to an hour.
const FIRST_WAIT_MS: i64 = MINUTE_MS;

impl Step {
    pub fn last(state: State, reason: Option<&'static str>) -> Self {
        Self { state, reason, due_at: None }
    }

    /// After an attempt. `attempts` counts this one.
    pub fn after(answer: Answer, attempts: i64, now: Timestamp) -> Self {
        match answer {
            Answer::Accepted => Self::last(State::Accepted, None),
            Answer::Refused(why) => Self::last(State::Failed, Some(why.code())),
            Answer::Uncertain => Self::last(State::Uncertain, Some("no_answer")),
            Answer::Later(why) => {
                let doubled = FIRST_WAIT_MS << attempts.saturating_sub(1).clamp(0, 10);
                let due_at = Some(now.plus_ms(doubled.min(HOUR_MS)));
                Self { state: State::Queued, reason: Some(why.code()), due_at }
            }
        }
    }
}

/// The action that the ledger knows a step by.
pub fn action(state: State) -> &'static str {
    match state {
        State::Queued => "letter.queued",
        State::Sending => "letter.taken",
        State::Accepted | State::Delivered => "letter.accepted",
        State::Failed => "letter.failed",
        State::Uncertain => "letter.uncertain",
        State::Expired => "letter.expired",
        State::Withheld => "letter.withheld",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Why;

    fn now() -> Timestamp {
        Timestamp::from_unix_ms(1_790_000_000_000)
    }

    #[test]
    fn only_a_server_that_said_not_now_is_asked_again() {
        for answer in [Answer::Accepted, Answer::Refused(Why::Recipient), Answer::Uncertain] {
            let step = Step::after(answer, 1, now());
            assert_ne!(step.state, State::Queued, "{answer:?}");
            assert_eq!(step.due_at, None, "{answer:?}");
        }
        assert_eq!(Step::after(Answer::Later(Why::Busy), 1, now()).state, State::Queued);
    }

    #[test]
    fn attempts_are_further_and_further_apart_but_never_more_than_an_hour() {
        let wait = |attempts| {
            let step = Step::after(Answer::Later(Why::Busy), attempts, now());
            (step.due_at.unwrap().unix_ms() - now().unix_ms()) / MINUTE_MS
        };
        assert_eq!([1, 2, 3, 4, 5, 6, 7, 99].map(wait), [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let kinds: std::collections::HashSet<_> = Kind::ALL.map(Kind::name).into();
        assert_eq!(kinds.len(), Kind::ALL.len());
    }
}
