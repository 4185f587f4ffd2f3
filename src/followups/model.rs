//! What a follow-up is, and which visit answers it.
//!
//! Pure: days go in, an answer comes out.

use jiff::ToSpan;
use serde::{Deserialize, Serialize};

use crate::clock::Day;
use crate::ids::{AppointmentId, PatientId, ResourceId, ServiceId, id};

id! {
    /// That somebody should come again.
    FollowUpId
}

/// How a follow-up stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum State {
    /// Nobody has booked a visit.
    Open,
    Booked,
    /// There will be no visit, for a reason.
    Closed,
}

/// What somebody should come for, in a code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Note {
    #[default]
    #[serde(rename = "")]
    #[sqlx(rename = "")]
    None,
    Checkup,
    Hygiene,
    /// The next step of a treatment.
    Continued,
    /// To see how it heals.
    Healing,
    Stitches,
    /// A new image.
    Image,
    /// To have a brace set.
    Brace,
}

/// Why no visit will be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum CloseReason {
    /// The patient does not want to.
    Declined,
    /// The patient goes to another clinic.
    Elsewhere,
    /// The doctor no longer asks for it.
    NotNeeded,
    /// Nobody could reach the patient.
    Unreachable,
    /// The patient came, on another occasion.
    Came,
    Mistake,
}

/// How a visit that was booked for it fell through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Lapse {
    #[default]
    #[serde(rename = "")]
    #[sqlx(rename = "")]
    None,
    Cancelled,
    NoShow,
}

/// Which ones a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Shown {
    /// Those to be called now.
    #[default]
    Due,
    /// All for which no visit is booked.
    Open,
    Booked,
    Closed,
}

/// In how long somebody should come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    Days(i64),
    Months(i32),
}

/// A follow-up to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFollowUp {
    pub patient_id: PatientId,
    pub service_id: ServiceId,
    pub doctor_id: ResourceId,
    /// The visit it came of.
    pub after_id: Option<AppointmentId>,
    /// The day on which they should come.
    pub due: Day,
    pub note: Note,
}

/// What of an open follow-up says which visit answers it.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Open {
    pub id: FollowUpId,
    pub doctor_id: ResourceId,
    pub set_on: Day,
    pub due: Day,
}

impl Note {
    pub const ALL: [Self; 7] = [
        Self::Checkup,
        Self::Hygiene,
        Self::Continued,
        Self::Healing,
        Self::Stitches,
        Self::Image,
        Self::Brace,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Checkup => "checkup",
            Self::Hygiene => "hygiene",
            Self::Continued => "continued",
            Self::Healing => "healing",
            Self::Stitches => "stitches",
            Self::Image => "image",
            Self::Brace => "brace",
        }
    }
}

impl CloseReason {
    pub const ALL: [Self; 6] = [
        Self::Declined,
        Self::Elsewhere,
        Self::NotNeeded,
        Self::Unreachable,
        Self::Came,
        Self::Mistake,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Elsewhere => "elsewhere",
            Self::NotNeeded => "not_needed",
            Self::Unreachable => "unreachable",
            Self::Came => "came",
            Self::Mistake => "mistake",
        }
    }
}

impl Shown {
    pub const ALL: [Self; 4] = [Self::Due, Self::Open, Self::Booked, Self::Closed];

    pub fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Open => "open",
            Self::Booked => "booked",
            Self::Closed => "closed",
        }
    }
}

impl Wait {
    /// What a doctor chooses from, by the names of the form.
    pub const CHOICES: [(&'static str, Self); 6] = [
        ("7d", Self::Days(7)),
        ("14d", Self::Days(14)),
        ("1m", Self::Months(1)),
        ("3m", Self::Months(3)),
        ("6m", Self::Months(6)),
        ("12m", Self::Months(12)),
    ];

    /// The day so long after another; the last of its month when that has none
    /// of that number.
    pub fn after(self, day: Day) -> Day {
        match self {
            Self::Days(days) => day.plus_days(days),
            Self::Months(months) => Day::from_jiff(day.to_jiff().saturating_add(months.months())),
        }
    }
}

/// The first day on which a visit answers a follow-up: half of the wait has to
/// be over, else it is another matter of those days.
pub fn counts_from(set_on: Day, due: Day) -> Day {
    set_on.plus_days((due.days_since(set_on) + 1) / 2)
}

/// Which follow-up a visit on that day answers: with the same doctor first, then
/// what is due soonest. At most one.
pub fn answered(open: &[Open], doctor: Option<ResourceId>, day: Day) -> Option<FollowUpId> {
    let fits = open.iter().filter(|one| counts_from(one.set_on, one.due) <= day);
    fits.min_by_key(|one| (Some(one.doctor_id) != doctor, one.due, one.id)).map(|one| one.id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::Timestamp;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn at(n: i64) -> Timestamp {
        Timestamp::from_unix_ms(1_795_402_800_000 + n)
    }

    #[test]
    fn months_end_where_the_calendar_ends() {
        assert_eq!(Wait::Months(1).after(day("2027-01-31")), day("2027-02-28"));
        assert_eq!(Wait::Months(6).after(day("2026-11-23")), day("2027-05-23"));
        assert_eq!(Wait::Days(7).after(day("2026-12-28")), day("2027-01-04"));
    }

    #[test]
    fn the_next_step_of_this_week_is_not_the_check_up_in_half_a_year() {
        let (set_on, due) = (day("2026-11-23"), day("2027-05-23"));
        let one =
            Open { id: FollowUpId::new(at(0)), doctor_id: ResourceId::new(at(1)), set_on, due };
        assert_eq!(answered(&[one], Some(one.doctor_id), day("2026-11-30")), None);
        assert_eq!(answered(&[one], None, day("2027-03-01")), Some(one.id));
        assert_eq!(answered(&[one], None, day("2028-01-10")), Some(one.id), "late is not never");
    }

    #[test]
    fn the_same_doctor_goes_before_the_sooner_day() {
        let doctors = [ResourceId::new(at(0)), ResourceId::new(at(1))];
        let open = |n: i64, doctor: usize, due: &str| Open {
            id: FollowUpId::new(at(n)),
            doctor_id: doctors[doctor],
            set_on: day("2026-11-23"),
            due: day(due),
        };
        let all = [open(2, 0, "2026-12-01"), open(3, 1, "2026-12-10")];
        let on = day("2026-12-10");
        assert_eq!(answered(&all, Some(doctors[1]), on), Some(all[1].id));
        assert_eq!(answered(&all, None, on), Some(all[0].id));
    }

    proptest! {
        #[test]
        fn whoever_comes_when_they_should_or_later_always_answers_it(
            wait in 1..800_i64, late in 0..400_i64,
        ) {
            let set_on = day("2026-11-23");
            let due = set_on.plus_days(wait);
            let from = counts_from(set_on, due);
            prop_assert!(set_on < from && from <= due);
            let one = Open {
                id: FollowUpId::new(at(0)), doctor_id: ResourceId::new(at(1)), set_on, due,
            };
            prop_assert_eq!(answered(&[one], None, due.plus_days(late)), Some(one.id));
        }
    }
}
