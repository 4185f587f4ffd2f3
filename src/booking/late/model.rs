//! How late a doctor is, and what that means for a visit.

use std::collections::HashMap;

use crate::booking::Status;
use crate::clock::Civil;
use crate::ids::{AppointmentId, PatientId, ResourceId};

/// What the buttons add, in minutes.
pub const STEPS: [i64; 3] = [5, 15, 30];

/// What one more button takes back, in minutes.
pub const STEP_BACK: i64 = 5;

/// Nobody is later than this, in minutes: whoever is, is away (`absences`).
pub const MOST: i64 = 240;

/// How late each doctor is on one day, in minutes; whoever is in time is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lateness(HashMap<ResourceId, i64>);

/// What a patient is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// So many minutes later than booked.
    Late(i64),
    /// In time after all.
    OnTime,
}

/// A visit still to come, and how late its patient believes the doctor to be.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ToCome {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    pub starts: Civil,
    /// Minutes; 0: in time.
    pub knows: i64,
}

/// Whether a doctor can be so late: steps of five minutes, as all of a schedule.
pub fn is_lateness(minutes: i64) -> bool {
    (0..=MOST).contains(&minutes) && minutes % 5 == 0
}

/// What somebody is to be told who knows of `knows` minutes while it is `now`.
/// None: nothing. A wait that grew is said again, one that shrank is not: whoever
/// comes by the earlier word waits no longer for it.
pub fn word(knows: i64, now: i64) -> Option<Word> {
    match now {
        0 => (0 < knows).then_some(Word::OnTime),
        _ => (knows < now).then_some(Word::Late(now)),
    }
}

/// When a visit is to begin, where that is not when it was booked for and still
/// ahead.
pub fn expected(status: Status, starts: Civil, late: i64, now: Civil) -> Option<Civil> {
    let to_come = matches!(status, Status::Booked | Status::Confirmed | Status::Arrived);
    let expected = starts.plus_minutes(late);
    (to_come && 0 < late && now < expected).then_some(expected)
}

impl Lateness {
    pub fn new(doctors: impl IntoIterator<Item = (ResourceId, i64)>) -> Self {
        Self(doctors.into_iter().filter(|(_, minutes)| 0 < *minutes).collect())
    }

    /// Minutes; 0: in time.
    pub fn of(&self, doctor: Option<ResourceId>) -> i64 {
        doctor.and_then(|id| self.0.get(&id)).copied().unwrap_or(0)
    }
}

impl Word {
    /// Minutes that they know of once they were told; 0: in time.
    pub fn minutes(self) -> i64 {
        match self {
            Self::Late(minutes) => minutes,
            Self::OnTime => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_grew_is_said_again_what_shrank_is_not_and_its_end_to_those_who_knew() {
        assert_eq!(word(0, 15), Some(Word::Late(15)));
        assert_eq!(word(15, 30), Some(Word::Late(30)));
        assert_eq!(word(15, 15), None);
        assert_eq!(word(30, 15), None);
        assert_eq!(word(15, 0), Some(Word::OnTime));
        assert_eq!(word(0, 0), None);
    }

    #[test]
    fn a_visit_is_expected_later_only_while_that_is_ahead_and_it_has_not_begun() {
        let at = |text: &str| -> Civil { format!("2026-11-23T{text}").parse().unwrap() };
        let (starts, now) = (at("10:00"), at("09:00"));
        assert_eq!(expected(Status::Booked, starts, 15, now), Some(at("10:15")));
        assert_eq!(expected(Status::Arrived, starts, 15, at("10:14")), Some(at("10:15")));
        assert_eq!(expected(Status::Arrived, starts, 15, at("10:15")), None);
        assert_eq!(expected(Status::Booked, starts, 0, now), None);
        for over in [Status::InTreatment, Status::Completed, Status::Cancelled, Status::NoShow] {
            assert_eq!(expected(over, starts, 15, now), None, "{over:?}");
        }
    }

    proptest! {
        /// Whatever is said in whatever order, nobody is told the same twice in a
        /// row, and whoever was told of a wait hears of its end.
        #[test]
        fn nobody_is_told_what_they_know(said in proptest::collection::vec(0_i64..=8, 0..20)) {
            let mut knows = 0;
            for now in said.into_iter().map(|step| step * 5) {
                if let Some(word) = word(knows, now) {
                    prop_assert_ne!(word.minutes(), knows);
                    prop_assert_eq!(word.minutes(), now);
                    knows = word.minutes();
                }
                prop_assert!(now <= knows, "nobody waits longer than they were told");
                prop_assert!(now != 0 || knows == 0, "everybody knows that it is over");
            }
        }
    }
}
