//! What people write back by SMS, and what is done with it.
//!
//! A reply is kept first and looked at then, by a job of the same change, so that
//! none is lost and none counts twice. "1", "да", "иә" confirm what the last
//! message asked about, "2", "нет", "жоқ" cancel it, "3" asks for another time
//! ([`reading`], [`model`]): the schedule changes at once and one SMS says what
//! was done. "стоп" ends all that is not asked for, at once, and "старт" begins it
//! again. Whatever is not certain waits for a person, in the sender's conversation
//! and on the desk's page.

mod acks;
mod answering;
mod desk;
mod door;
mod model;
mod pressing;
mod reading;
mod routes;
mod store;
mod taking;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::jobs::Jobs;

pub use acks::hooks;
pub use desk::{Hand, Line, SettleError, Visit, of_conversation, settle, settle_all_in};
pub use model::{Asked, Decision, ReplyId, Why, decide};
pub use pressing::{movable, pressed};
pub use reading::{Meaning, read};
pub use routes::{RepliesPage, ReplySettingsPage, public_routes, routes};
pub use store::hand_over_in;
pub use taking::{from_gateway, left_on_site_in, taken_back};

/// What pages watch to see replies come.
pub const TOPIC: &str = "replies";

/// Queued with each reply: `{"reply": id}`.
const ANSWER: &str = "replies.answer";

/// Queued with each that a stranger wrote, for half a year later.
const FORGET: &str = "replies.forget";

/// What a stranger wrote is kept for so long once it is settled, in milliseconds.
pub const FORGOTTEN_AFTER_MS: i64 = 180 * 24 * 60 * 60 * 1000;

/// Where a reply is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum ReplyState {
    /// Kept, and not looked at yet.
    Taken,
    /// Done by itself.
    Done,
    /// A person has to look.
    Open,
    /// A person has looked.
    Settled,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Outcome {
    Confirmed,
    Cancelled,
    /// The patient has the link to other times.
    Move,
    /// Nothing more is written to them.
    Stopped,
    /// They are written to again.
    Started,
    Nothing,
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Move => "move",
            Self::Stopped => "stopped",
            Self::Started => "started",
            Self::Nothing => "nothing",
        }
    }
}

/// The work of this capability.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new().on(ANSWER, answering::answer).on(FORGET, |clinic, _| taking::forget(clinic))
}
