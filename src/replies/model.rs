//! What an answer is an answer to: rules without a database.
//!
//! It counts for the visits that the last message to that telephone asked about,
//! and only when nothing else was asked lately. Nothing is guessed: what is not
//! certain, a person decides.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::booking::Status;
use crate::clock::{Civil, Timestamp};
use crate::i18n::Language;
use crate::ids::{AppointmentId, MessageId, PatientId, id};
use crate::replies::reading::Meaning;

id!(
    /// Something that somebody wrote back.
    ReplyId
);

/// A question is answered within so long, in milliseconds.
pub const ANSWERED_WITHIN_MS: i64 = 15 * 24 * 60 * 60 * 1000;

/// Another question of so short ago may be the one that is meant.
pub const LATELY_MS: i64 = 2 * 24 * 60 * 60 * 1000;

/// The same words from the same telephone within so long are the same SMS, where
/// a gateway gives it no number of its own.
pub const SAME_WITHIN_MS: i64 = 10 * 60 * 1000;

/// A gateway that is asked every few seconds may keep an answer back for so long;
/// what waited longer may be older than the question.
const KEPT_BACK_MS: i64 = 10 * 60 * 1000;

/// A visit that a message was about, as it was and as it stands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Asked {
    pub message_id: MessageId,
    /// When the message left.
    pub left_at: Timestamp,
    pub language: Language,
    /// None: the message was about something else, an offered time for example.
    pub appointment_id: Option<AppointmentId>,
    pub patient_id: Option<PatientId>,
    pub status: Option<Status>,
    /// When the message said it was.
    pub asked_for: Option<Civil>,
    /// When it is.
    pub starts: Option<Civil>,
}

/// Why a person has to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Why {
    /// Not one of the words that are known.
    Unclear,
    /// Nobody's telephone.
    Unknown,
    /// Nothing was asked, or too long ago.
    Unasked,
    /// Several things were asked.
    Several,
    /// The last message was about something that is not answered by SMS.
    Other,
    /// The visit stands at another time than the message said.
    Moved,
    /// The visit is cancelled, under way or over.
    Over,
    /// It may have been written before the question was.
    Late,
    /// It begins so soon that only a person can change it.
    TooLate,
    /// The doctor is away: there is nothing to confirm.
    Away,
    /// Another time is wanted.
    Move,
    /// No more messages are wanted: noted already, and nothing more is written.
    Stop,
    /// The card is blocked.
    Blocked,
    /// Something was changed at the same moment.
    Failed,
    /// Left on the clinic's site: somebody has to call.
    Site,
}

/// What is done with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes or no or another time, to all of these.
    Does(Meaning, MessageId, Vec<AppointmentId>),
    /// Whoever it is wants to be written to again.
    Starts,
    Desk(Why),
}

impl Why {
    pub fn name(self) -> &'static str {
        match self {
            Self::Unclear => "unclear",
            Self::Unknown => "unknown",
            Self::Unasked => "unasked",
            Self::Several => "several",
            Self::Other => "other",
            Self::Moved => "moved",
            Self::Over => "over",
            Self::Late => "late",
            Self::TooLate => "too_late",
            Self::Away => "away",
            Self::Move => "move",
            Self::Stop => "stop",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
            Self::Site => "site",
        }
    }
}

impl Why {
    /// There is nothing left to answer for.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Over | Self::Moved | Self::Unasked)
    }
}

impl Asked {
    fn is_open(&self, now: Civil) -> bool {
        self.status.is_some_and(Status::may_move) && self.starts.is_some_and(|at| now < at)
    }

    fn stands(&self) -> bool {
        self.starts.is_some() && self.starts == self.asked_for
    }

    /// Nobody has said yes or no yet.
    fn waits(&self, now: Civil) -> bool {
        self.is_open(now) && self.status == Some(Status::Booked)
    }
}

/// Decides. `asked` are the visits of all messages to this telephone that may
/// have arrived, `now` the clinic's time; it was written between `since` and `at`.
pub fn decide(
    meaning: Meaning,
    asked: &[Asked],
    known: bool,
    (since, at): (Timestamp, Timestamp),
    now: Civil,
) -> Decision {
    if !known {
        return Decision::Desk(Why::Unknown);
    }
    match meaning {
        Meaning::Unclear => return Decision::Desk(Why::Unclear),
        Meaning::Stop => return Decision::Desk(Why::Stop),
        Meaning::Start => return Decision::Starts,
        Meaning::Yes | Meaning::No | Meaning::Move => {}
    }
    let in_time = |one: &&Asked| at.unix_ms() - one.left_at.unix_ms() <= ANSWERED_WITHIN_MS;
    let last = asked.iter().filter(in_time).max_by_key(|one| (one.left_at, one.message_id));
    let Some(last) = last else { return Decision::Desk(Why::Unasked) };
    if since < last.left_at && KEPT_BACK_MS < at.unix_ms() - since.unix_ms() {
        return Decision::Desk(Why::Late);
    }
    let of_last = || asked.iter().filter(|one| one.message_id == last.message_id);
    if of_last().any(|one| one.appointment_id.is_none()) {
        return Decision::Desk(Why::Other);
    }
    let these: BTreeSet<AppointmentId> = of_last().filter_map(|one| one.appointment_id).collect();
    let is_other = |one: &&Asked| {
        one.appointment_id.is_some_and(|id| !these.contains(&id))
            && at.unix_ms() - one.left_at.unix_ms() <= LATELY_MS
            && one.waits(now)
    };
    if asked.iter().any(|one| is_other(&one)) {
        return Decision::Desk(Why::Several);
    }
    // What was answered by the link or the desk meanwhile is left as it is.
    let open: Vec<&Asked> = of_last().filter(|one| one.is_open(now)).collect();
    if open.is_empty() {
        let all_off = of_last().all(|one| one.status == Some(Status::Cancelled));
        // Whoever cancels twice has cancelled.
        return if all_off && meaning == Meaning::No {
            Decision::Does(meaning, last.message_id, these.into_iter().collect())
        } else {
            Decision::Desk(Why::Over)
        };
    }
    if open.iter().any(|one| !one.stands()) {
        return Decision::Desk(Why::Moved);
    }
    let visits: BTreeSet<AppointmentId> =
        open.iter().filter_map(|one| one.appointment_id).collect();
    Decision::Does(meaning, last.message_id, visits.into_iter().collect())
}
