//! The nouns of the chain: steps, visits, touches, and why a step was not sent.

use serde::{Deserialize, Serialize};

use crate::booking::Status;
use crate::clock::{Civil, Timestamp};
use crate::ids::{AppointmentId, MessageId, PatientId, ServiceId, id, words};
use crate::messaging::Channel;
use crate::money::Money;

id! {
    /// A step of a chain.
    StepId
}

words! {
    /// Why a step was not written, or was written in another way. Stable codes:
    /// they stand in the database and in the ledger.
    Reason {
        /// Its time had passed when the visit was booked or moved.
        Passed = "passed",
        Confirmed = "confirmed",
        Cancelled = "cancelled",
        /// The patient is here, or the visit is over.
        Arrived = "arrived",
        NotWanted = "not_wanted",
        NoPhone = "no_phone",
        /// The server or the gateway was away for so long that it became useless.
        Stale = "stale",
        /// The patient was written to about this visit a short while before.
        JustTold = "just_told",
        /// The clinic has stopped its reminders.
        Off = "off",
        /// Nothing was said when it was booked: entered afterwards, or imported.
        Unsaid = "unsaid",
        /// No wording fits into three SMS.
        TooLong = "too_long",
        /// Written together with other visits of the same telephone.
        Together = "together",
        /// The others of the message changed: decided anew.
        Regrouped = "regrouped",
    }
}

words! {
    /// What became of a step.
    Outcome {
        Written = "written",
        Not = "not",
        /// To be decided once more.
        Again = "again",
    }
}

/// A step of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Step {
    pub id: StepId,
    /// None: of the clinic's chain.
    pub service_id: Option<ServiceId>,
    /// Minutes before the visit; None: at booking.
    pub before_minutes: Option<i64>,
    /// Whether those who have confirmed get it too.
    pub confirmed_too: bool,
    /// Tried first with whoever has not said how they want to be written to. None:
    /// as the clinic's gateways stand.
    pub channel: Option<Channel>,
}

/// When nobody is reminded, and how late a reminder may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Rule {
    pub running: bool,
    /// Minutes since midnight; quiet from here, over midnight.
    pub quiet_from: u16,
    pub quiet_until: u16,
    pub late_minutes: i64,
    /// What one SMS costs, where the clinic has said.
    pub part_tiyn: Option<i64>,
}

impl Rule {
    pub fn part(&self) -> Option<Money> {
        self.part_tiyn.map(Money::from_tiyn)
    }
}

/// A visit as it stands now, with what the chain asks of it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Visit {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    pub service_id: Option<ServiceId>,
    pub starts: Civil,
    pub status: Status,
    /// Whether the patient is to be written to: by the visit, and by what they want.
    pub notify: bool,
    /// The version at which it came to stand where it stands.
    pub round: i64,
    /// When that was.
    pub since: Timestamp,
    /// Whether it was confirmed for this time: a visit that the clinic moved
    /// keeps its colour, but nobody has said yes to the new time.
    pub confirmed: bool,
}

/// What became of a step of a visit.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Touch {
    pub appointment_id: AppointmentId,
    pub round: i64,
    pub step_id: StepId,
    /// Of the visit, in that round.
    pub starts: Civil,
    pub due: Civil,
    pub wanted: Civil,
    pub outcome: Outcome,
    pub reason: Option<Reason>,
    pub message_id: Option<MessageId>,
    pub decided_at: Timestamp,
}

/// When a step is due: where the clinic put it, and where quiet hours and
/// holidays have pushed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    pub wanted: Civil,
    pub due: Civil,
}

/// What is to be done about a step now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is not due, or it is quiet.
    Wait,
    Send,
    Not(Reason),
}

/// Where a step stands, for its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Days,
    Hours,
    Minutes,
}

impl Unit {
    pub const ALL: [Self; 3] = [Self::Days, Self::Hours, Self::Minutes];

    pub fn name(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Hours => "hours",
            Self::Minutes => "minutes",
        }
    }

    pub fn minutes(self) -> i64 {
        match self {
            Self::Days => 24 * 60,
            Self::Hours => 60,
            Self::Minutes => 1,
        }
    }

    /// The largest unit in which so many minutes are a whole number.
    pub fn of(minutes: i64) -> (i64, Self) {
        let unit = Self::ALL.into_iter().find(|unit| minutes % unit.minutes() == 0);
        let unit = unit.unwrap_or(Self::Minutes);
        (minutes / unit.minutes(), unit)
    }
}
