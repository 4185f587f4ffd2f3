//! An appointment, and the way it goes from booked to done.

use serde::{Deserialize, Serialize};

use crate::booking::slots::Span;
use crate::clock::{Civil, Day, Timestamp};
use crate::ids::{AppointmentId, BranchId, PatientId, ResourceId, ServiceId, StaffId};

/// The longest and the shortest appointment, in minutes.
pub const LENGTHS: std::ops::RangeInclusive<i64> = 5..=720;

/// Times and lengths are whole multiples of so many minutes.
pub const STEP: i64 = 5;

/// How far an appointment has come.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Status {
    /// Agreed, and not confirmed yet.
    Booked,
    Confirmed,
    /// The patient is in the clinic.
    Arrived,
    InTreatment,
    Completed,
    /// The patient did not come.
    NoShow,
    Cancelled,
    /// A place that was left: the appointment is elsewhere now.
    Moved,
}

impl Status {
    pub const ALL: [Self; 8] = [
        Self::Booked,
        Self::Confirmed,
        Self::Arrived,
        Self::InTreatment,
        Self::Completed,
        Self::NoShow,
        Self::Cancelled,
        Self::Moved,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Confirmed => "confirmed",
            Self::Arrived => "arrived",
            Self::InTreatment => "in_treatment",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
            Self::Cancelled => "cancelled",
            Self::Moved => "moved",
        }
    }

    /// Where it may go from here, the usual next step first.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Booked => &[Self::Confirmed, Self::Arrived, Self::NoShow, Self::Cancelled],
            Self::Confirmed => &[Self::Arrived, Self::NoShow, Self::Cancelled],
            Self::Arrived => &[Self::InTreatment, Self::Cancelled],
            Self::InTreatment => &[Self::Completed],
            Self::Completed | Self::NoShow | Self::Cancelled | Self::Moved => &[],
        }
    }

    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }

    /// Whether its time, doctor and place are kept for it.
    pub fn holds(self) -> bool {
        !matches!(self, Self::NoShow | Self::Cancelled | Self::Moved)
    }

    /// Whether it may still be put elsewhere.
    pub fn may_move(self) -> bool {
        matches!(self, Self::Booked | Self::Confirmed)
    }

    /// Whether taking this step back must be explained: bills follow it.
    pub fn undo_needs_reason(self) -> bool {
        matches!(self, Self::InTreatment | Self::Completed)
    }
}

/// Where an appointment came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Source {
    #[default]
    Phone,
    Desk,
    Messenger,
    Online,
    Recall,
    Import,
}

impl Source {
    /// What reception chooses from.
    pub const CHOICES: [Self; 4] = [Self::Phone, Self::Desk, Self::Messenger, Self::Recall];

    pub fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Desk => "desk",
            Self::Messenger => "messenger",
            Self::Online => "online",
            Self::Recall => "recall",
            Self::Import => "import",
        }
    }
}

/// Why an appointment was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The patient asked for it.
    Patient,
    Ill,
    /// The doctor or the clinic cannot.
    Clinic,
    NoAnswer,
    Mistake,
    Other,
}

impl CancelReason {
    pub const ALL: [Self; 6] =
        [Self::Patient, Self::Ill, Self::Clinic, Self::NoAnswer, Self::Mistake, Self::Other];

    pub fn code(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Ill => "ill",
            Self::Clinic => "clinic",
            Self::NoAnswer => "no_answer",
            Self::Mistake => "mistake",
            Self::Other => "other",
        }
    }
}

/// When, how long, by whom and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Place {
    pub starts: Civil,
    pub minutes: i64,
    /// None only in what was imported.
    pub doctor_id: Option<ResourceId>,
    /// Chair or room; None where none is kept.
    pub place_id: Option<ResourceId>,
}

impl Place {
    /// The first minute after it.
    pub fn ends(self) -> Civil {
        self.starts.plus_minutes(self.minutes)
    }

    pub fn day(self) -> Day {
        self.starts.day()
    }

    pub fn span(self) -> Span {
        Span { starts: self.starts, ends: self.ends() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Appointment {
    pub id: AppointmentId,
    pub branch_id: BranchId,
    pub patient_id: PatientId,
    pub service_id: Option<ServiceId>,
    #[sqlx(flatten)]
    pub place: Place,
    pub status: Status,
    pub moved_to: Option<AppointmentId>,
    pub source: Source,
    /// For the doctor.
    pub comment: String,
    /// Whether the patient is written to about it.
    pub notify: bool,
    /// One more with every change.
    pub version: i64,
    pub created_at: Timestamp,
}

/// An appointment to make.
#[derive(Clone, Debug)]
pub struct NewAppointment {
    pub patient_id: PatientId,
    pub service_id: ServiceId,
    pub starts: Civil,
    /// None: as long as the service takes with this doctor.
    pub minutes: Option<i64>,
    /// None: any who performs the service and is free.
    pub doctor_id: Option<ResourceId>,
    /// None: the doctor's own or any that is free.
    pub place_id: Option<ResourceId>,
    pub source: Source,
    pub comment: String,
    pub notify: bool,
}

/// A visit from before, with how it ended. It takes up nothing.
#[derive(Clone, Debug)]
pub struct PastVisit {
    pub branch_id: BranchId,
    pub patient_id: PatientId,
    pub service_id: Option<ServiceId>,
    pub place: Place,
    pub status: Status,
    pub comment: String,
}

/// What somebody wants changed about where an appointment stands. None: as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moving {
    pub starts: Option<Civil>,
    pub minutes: Option<i64>,
    /// A doctor, or a chair or room.
    pub resource_id: Option<ResourceId>,
    pub doctor_id: Option<ResourceId>,
    pub place_id: Option<ResourceId>,
}

/// What happened to an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Act {
    Booked,
    /// Made over others on purpose.
    Overbooked,
    /// Taken over from a journal of before.
    Recorded,
    Status,
    /// The last status was taken back.
    Undone,
    /// To another time or doctor.
    Moved,
    /// Length, place or comment.
    Changed,
}

/// A line of an appointment's history, and how it stood after that.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Step {
    pub version: i64,
    pub at: Timestamp,
    pub staff_id: Option<StaffId>,
    /// The name of that member of staff.
    pub staff_name: Option<String>,
    /// The role's name: `reception`, `visitor`.
    pub actor: String,
    pub act: Act,
    pub from_status: Option<Status>,
    pub to_status: Status,
    pub reason: String,
    #[sqlx(flatten)]
    pub place: Place,
}

/// Somebody else changed an appointment since the page was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub now: Appointment,
    /// As the asker saw it; None when their page shows a version that never was.
    pub seen: Option<Step>,
    /// The last change.
    pub last: Step,
}

/// The status an appointment had before its last one, when that may be taken
/// back: the newest step that changed the status decides, and a step that took
/// one back is no ground for another.
pub fn status_before(history: &[Step]) -> Option<Status> {
    let last = history.iter().rev().find(|step| step.from_status != Some(step.to_status))?;
    (last.act == Act::Status).then_some(last.from_status).flatten()
}

/// The topic of what changes on a day.
pub fn topic(day: Day) -> String {
    format!("schedule:{day}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_way_leads_from_booked_to_completed() {
        use Status::{Arrived, Booked, Completed, Confirmed, InTreatment};
        let mut way = vec![Booked];
        while let Some(next) = way.last().and_then(|status| status.next().first()) {
            way.push(*next);
        }
        assert_eq!(way, [Booked, Confirmed, Arrived, InTreatment, Completed]);
    }

    #[test]
    fn what_is_over_goes_nowhere_and_only_what_is_ahead_moves() {
        for status in Status::ALL {
            let over = matches!(
                status,
                Status::Completed | Status::NoShow | Status::Cancelled | Status::Moved
            );
            assert_eq!(status.next().is_empty(), over, "{status:?}");
            assert!(!status.may_become(Status::Moved), "moving is no status anybody sets");
            assert!(!(over && status.may_move()));
        }
    }

    fn step(act: Act, from: Option<Status>, to: Status) -> Step {
        Step {
            version: 1,
            at: Timestamp::from_unix_ms(0),
            staff_id: None,
            staff_name: None,
            actor: "reception".to_owned(),
            act,
            from_status: from,
            to_status: to,
            reason: String::new(),
            place: Place {
                starts: "2026-11-23T09:00".parse().unwrap(),
                minutes: 30,
                doctor_id: None,
                place_id: None,
            },
        }
    }

    #[test]
    fn only_the_last_status_is_taken_back_and_only_once() {
        use Status::{Arrived, Booked, Confirmed};
        let mut history = vec![step(Act::Booked, None, Booked)];
        assert_eq!(status_before(&history), None);
        history.push(step(Act::Status, Some(Booked), Confirmed));
        history.push(step(Act::Status, Some(Confirmed), Arrived));
        history.push(step(Act::Changed, Some(Arrived), Arrived));
        assert_eq!(status_before(&history), Some(Confirmed));
        history.push(step(Act::Undone, Some(Arrived), Confirmed));
        assert_eq!(status_before(&history), None);
    }
}
