//! How a series repeats, and what somebody chose for each of its dates. Pure.
//!
//! A series is civil: a visit at 09:30 repeats at 09:30 whatever the law does
//! to the clock in between.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::clock::{Civil, Day};
use crate::ids::{ResourceId, words};

/// How many visits a series has, the first included.
pub const COUNTS: RangeInclusive<i64> = 2..=52;

/// How far the last visit may be from the first, in days: two years.
const LONGEST: i64 = 731;

words! {
    /// What the distance between two visits is counted in.
    Unit {
        Days = "days",
        Weeks = "weeks",
    }
}

impl Unit {
    fn days(self) -> i64 {
        match self {
            Self::Days => 1,
            Self::Weeks => 7,
        }
    }
}

/// So many visits, so far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// The first included.
    pub count: i64,
    /// Units from one visit to the next.
    pub every: i64,
    pub unit: Unit,
}

/// Which part of a rhythm makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Count,
    Every,
    /// The last one is more than two years away.
    TooLong,
}

impl Rhythm {
    /// # Errors
    /// [`Wrong`] for the first part that makes no sense.
    pub fn new(count: i64, every: i64, unit: Unit) -> Result<Self, Wrong> {
        if !COUNTS.contains(&count) {
            return Err(Wrong::Count);
        }
        if !(1..=366 / unit.days()).contains(&every) {
            return Err(Wrong::Every);
        }
        let rhythm = Self { count, every, unit };
        if LONGEST < rhythm.days(count) { Err(Wrong::TooLong) } else { Ok(rhythm) }
    }

    /// Days from the first visit to that one; the first is number one.
    fn days(self, number: i64) -> i64 {
        (number - 1) * self.every * self.unit.days()
    }

    /// The visits after the first, each with its number, at the time of the first.
    pub fn after(self, first: Civil) -> impl Iterator<Item = (i64, Civil)> {
        let minute = first.minute_of_day();
        (2..=self.count).filter_map(move |number| {
            let day = first.day().plus_days(self.days(number));
            Some((number, Civil::new(day, minute)?))
        })
    }
}

/// A time with a doctor that was chosen for one date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    pub starts: Civil,
    pub doctor_id: ResourceId,
}

/// What somebody chose for one date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    At(Pick),
    /// Nothing is booked for it.
    Out,
}

/// The first of some visits, by their numbers, on whose day another one is:
/// one that stays, or one with a smaller number. A series has one visit a day.
pub fn crowded(days: &[Day], picks: &[(i64, Pick)]) -> Option<i64> {
    let mut seen = days.to_vec();
    let mut in_order = picks.to_vec();
    in_order.sort_by_key(|(number, _)| *number);
    in_order.into_iter().find_map(|(number, pick)| {
        let day = pick.starts.day();
        let twice = seen.contains(&day);
        seen.push(day);
        twice.then_some(number)
    })
}

const OUT: &str = "out";

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(pick) => write!(f, "{}/{}", pick.starts, pick.doctor_id),
            Self::Out => f.write_str(OUT),
        }
    }
}

/// Not a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoChoice;

impl FromStr for Choice {
    type Err = NoChoice;

    fn from_str(text: &str) -> Result<Self, NoChoice> {
        if text == OUT {
            return Ok(Self::Out);
        }
        let (starts, doctor) = text.split_once('/').ok_or(NoChoice)?;
        let starts = starts.parse().map_err(|_| NoChoice)?;
        let doctor_id = doctor.parse().map_err(|_| NoChoice)?;
        Ok(Self::At(Pick { starts, doctor_id }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::Timestamp;

    fn at(text: &str) -> Civil {
        text.parse().unwrap()
    }

    proptest! {
        #[test]
        fn a_series_is_what_counting_day_by_day_gives(
            count in 2_i64..=12, every in 1_i64..=8, weeks in any::<bool>(), start in 0_i64..400,
        ) {
            let unit = if weeks { Unit::Weeks } else { Unit::Days };
            let first = at("2026-11-23T09:30").plus_minutes(start * 24 * 60);
            let rhythm = Rhythm::new(count, every, unit).unwrap();

            let quick: Vec<Civil> = rhythm.after(first).map(|(_, starts)| starts).collect();

            let step = if weeks { every * 7 } else { every };
            let mut slow = Vec::new();
            let (mut day, mut since) = (first.day(), 0);
            while i64::try_from(slow.len()).unwrap() < count - 1 {
                day = day.plus_days(1);
                since += 1;
                if since == step {
                    slow.push(Civil::new(day, 9 * 60 + 30).unwrap());
                    since = 0;
                }
            }
            prop_assert_eq!(quick, slow);
            let numbers: Vec<i64> = rhythm.after(first).map(|(number, _)| number).collect();
            prop_assert_eq!(numbers, (2..=count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_rhythm_that_makes_no_sense_is_named_by_its_part() {
        let weeks = |count, every| Rhythm::new(count, every, Unit::Weeks);
        assert_eq!([weeks(1, 4), weeks(53, 1)], [Err(Wrong::Count); 2]);
        assert_eq!([weeks(3, 0), weeks(3, 53)], [Err(Wrong::Every); 2]);
        assert_eq!(Rhythm::new(2, 367, Unit::Days), Err(Wrong::Every));
        assert_eq!(weeks(52, 4), Err(Wrong::TooLong));
        assert!(weeks(12, 4).is_ok() && Rhythm::new(2, 366, Unit::Days).is_ok());
    }

    #[test]
    fn two_visits_on_one_day_are_named_by_the_later_number() {
        let doctor_id = ResourceId::new(Timestamp::from_unix_ms(1));
        let pick = |number, text| (number, Pick { starts: at(text), doctor_id });
        let first = [at("2026-11-23T09:30").day()];
        let apart = [pick(3, "2026-11-25T09:30"), pick(2, "2026-11-24T09:30")];
        assert_eq!(crowded(&first, &apart), None);
        let twice = [pick(3, "2026-11-24T17:00"), pick(2, "2026-11-24T09:30")];
        assert_eq!(crowded(&first, &twice), Some(3));
        assert_eq!(crowded(&first, &[pick(4, "2026-11-23T17:00")]), Some(4));
    }

    #[test]
    fn a_choice_is_read_as_it_was_written_and_nothing_else_is() {
        let doctor_id = ResourceId::new(Timestamp::from_unix_ms(1));
        let chosen = Choice::At(Pick { starts: at("2026-11-23T09:30"), doctor_id });
        for choice in [chosen, Choice::Out] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        for text in ["", "in", "2026-11-23T09:30", "/", "2026-11-23T09:30/x"] {
            assert_eq!(text.parse::<Choice>(), Err(NoChoice), "{text}");
        }
    }
}
