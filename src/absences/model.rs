//! An absence, its visits, and how far each of them has come.

use serde::{Deserialize, Serialize};

use crate::booking::Status;
use crate::clock::{Civil, Day, Timestamp};
use crate::ids::{AppointmentId, PatientId, ResourceId, id};
use crate::messaging;

id! {
    /// A doctor's absence that somebody works on.
    AbsenceId
}

/// Why a doctor is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Reason {
    #[default]
    Sick,
    Personal,
    Training,
    Other,
}

impl Reason {
    pub const ALL: [Self; 4] = [Self::Sick, Self::Personal, Self::Training, Self::Other];

    pub fn name(self) -> &'static str {
        match self {
            Self::Sick => "sick",
            Self::Personal => "personal",
            Self::Training => "training",
            Self::Other => "other",
        }
    }
}

/// An absence as stored.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Absence {
    pub id: AbsenceId,
    pub doctor_id: ResourceId,
    pub doctor: String,
    pub first_day: Day,
    pub last_day: Day,
    /// Minute of the day; None: all day.
    pub starts: Option<u16>,
    pub ends: Option<u16>,
    pub reason: Reason,
    pub closed_at: Option<Timestamp>,
    /// Visits that still stand where the doctor is not.
    pub left_over: i64,
}

/// How far a visit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Open,
    Told,
    NotTold,
    Called,
    /// The patient chose another time.
    Chose,
    Moved,
    Cancelled,
    /// The visit took place after all.
    Settled,
}

/// A visit that an absence concerns, as it was and as it stands.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct VisitLine {
    pub id: AppointmentId,
    pub version: i64,
    pub patient_id: PatientId,
    pub patient: String,
    /// E.164.
    pub phone: Option<String>,
    pub service: String,
    /// When it was to be.
    pub was: Civil,
    pub starts: Civil,
    pub minutes: i64,
    pub doctor_id: Option<ResourceId>,
    pub doctor: String,
    /// Whether it has left the absent doctor's time.
    pub elsewhere: bool,
    pub status: Status,
    /// The role of whoever moved it last.
    pub moved_by: Option<String>,
    pub told_at: Option<Timestamp>,
    pub not_told: String,
    pub called_at: Option<Timestamp>,
    /// Of the message that the doctor is away.
    pub delivery: Option<messaging::State>,
    /// Blocked data: that a visit stands is all that is shown.
    #[sqlx(skip)]
    pub hidden: bool,
}

impl VisitLine {
    /// Leaves when, not who and what for.
    pub fn hide(&mut self) {
        (self.patient, self.service, self.phone) = Default::default();
        (self.not_told, self.delivery, self.hidden) = (String::new(), None, true);
    }

    pub fn state(&self) -> State {
        match self.status {
            Status::Cancelled | Status::NoShow | Status::Moved => State::Cancelled,
            Status::Arrived | Status::InTreatment | Status::Completed => State::Settled,
            Status::Booked | Status::Confirmed if self.elsewhere => {
                if self.moved_by.as_deref() == Some("visitor") {
                    State::Chose
                } else {
                    State::Moved
                }
            }
            Status::Booked | Status::Confirmed => {
                if self.called_at.is_some() {
                    State::Called
                } else if self.told_at.is_none() {
                    State::Open
                } else if self.not_told.is_empty() {
                    State::Told
                } else {
                    State::NotTold
                }
            }
        }
    }

    /// Whether the patient still expects the absent doctor.
    pub fn is_left(&self) -> bool {
        matches!(self.state(), State::Open | State::Told | State::NotTold | State::Called)
    }

    /// Whether only a call reaches the patient.
    pub fn must_be_called(&self) -> bool {
        let lost = self.delivery.is_some_and(|state| {
            matches!(state.shown(), "failed" | "uncertain") || state == messaging::State::Withheld
        });
        match self.state() {
            _ if self.hidden => false,
            State::NotTold => true,
            State::Told => lost,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit() -> VisitLine {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let starts = "2026-11-23T10:00".parse().unwrap();
        VisitLine {
            id: AppointmentId::new(at),
            version: 1,
            patient_id: PatientId::new(at),
            patient: String::new(),
            phone: None,
            service: String::new(),
            was: starts,
            starts,
            minutes: 30,
            doctor_id: None,
            doctor: String::new(),
            elsewhere: false,
            status: Status::Booked,
            moved_by: None,
            told_at: None,
            not_told: String::new(),
            called_at: None,
            delivery: None,
            hidden: false,
        }
    }

    #[test]
    fn a_visit_is_left_until_it_moves_or_ends_whatever_was_said_to_the_patient() {
        let at = Some(Timestamp::from_unix_ms(1_795_402_800_000));
        let mut one = visit();
        assert_eq!((one.state(), one.is_left()), (State::Open, true));
        one.told_at = at;
        assert_eq!((one.state(), one.is_left()), (State::Told, true));
        one.not_told = "no_phone".to_owned();
        assert_eq!((one.state(), one.must_be_called()), (State::NotTold, true));
        one.called_at = at;
        assert_eq!((one.state(), one.is_left()), (State::Called, true));
        one.elsewhere = true;
        assert_eq!((one.state(), one.is_left()), (State::Moved, false));
        one.moved_by = Some("visitor".to_owned());
        assert_eq!(one.state(), State::Chose);
        one.status = Status::Cancelled;
        assert_eq!((one.state(), one.is_left()), (State::Cancelled, false));
    }

    #[test]
    fn whom_no_message_reaches_must_be_called() {
        let at = Some(Timestamp::from_unix_ms(1_795_402_800_000));
        let told = VisitLine { told_at: at, ..visit() };
        let with = |state| VisitLine { delivery: Some(state), ..told.clone() }.must_be_called();
        assert!(with(messaging::State::Failed) && with(messaging::State::Withheld));
        assert!(!with(messaging::State::Delivered) && !with(messaging::State::Queued));
    }
}
