//! What people write back by SMS, and what is done with it.
//!
//! A reply is kept first and looked at then, by a job of the same change, so that
//! none is lost and none counts twice. "1", "да", "иә" confirm what the last
//! message asked about, "2", "нет", "жоқ" cancel it, "3" asks for another time
//! ([`reading`], [`model`]): the schedule changes at once and one SMS says what
//! was done. "стоп" ends all that is not asked for, at once, and "старт" begins it
//! again. Whatever is not certain waits for a person at the desk's page.

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

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::PatientId;
use crate::jobs::Jobs;
use crate::messaging::setup::GatewayId;
use crate::vault::{Tx, VaultError};

pub use acks::hooks;
pub use desk::{Hand, Line, SettleError, Visit, count_waiting, settle};
pub use model::{Asked, Decision, ReplyId, Why, decide};
pub use pressing::pressed;
pub use reading::{Meaning, read};
pub use routes::{RepliesPage, ReplySettingsPage, public_routes, routes};
pub use store::hand_over_in;
pub use taking::from_gateway;

/// The rail's entry, which counts those that wait for a person.
pub const WAITING: &str = "replies";

/// What pages watch to see replies come.
pub const TOPIC: &str = "replies";

/// Queued with each reply: `{"reply": id}`.
const ANSWER: &str = "replies.answer";

/// Queued with each that a stranger wrote, for half a year later.
const FORGET: &str = "replies.forget";

/// What a stranger wrote is kept for so long once it is settled, in milliseconds.
const FORGOTTEN_AFTER_MS: i64 = 180 * 24 * 60 * 60 * 1000;

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

/// A reply that a person has to look at.
#[derive(Clone, Debug)]
pub struct LeftOver {
    pub reply: ReplyId,
    pub gateway: GatewayId,
    /// E.164; what is no telephone stands as it came.
    pub phone: String,
    pub text: String,
    pub at: Timestamp,
    /// None: nobody's telephone, or several people's.
    pub patient: Option<PatientId>,
    pub why: Why,
}

/// Who is handed what is left for a person, inside the change that leaves it: an
/// inbox of conversations, say.
pub type Left =
    Arc<dyn for<'t> Fn(&'t mut Tx, &'t Clinic, &'t LeftOver) -> HandedOver<'t> + Send + Sync>;
/// Whether it was taken.
pub type HandedOver<'t> = Pin<Box<dyn Future<Output = Result<(), VaultError>> + Send + 't>>;

/// The work of this capability; `left` is handed what a person has to look at.
pub fn jobs(left: Option<Left>) -> Jobs<Clinic> {
    Jobs::new()
        .on(ANSWER, move |clinic, payload| answering::answer(clinic, left.clone(), payload))
        .on(FORGET, |clinic, _| taking::forget(clinic))
}
