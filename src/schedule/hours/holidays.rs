//! Public holidays of Kazakhstan: the law on holidays (No. 267, 2001), and the
//! Labour Code, art. 84 (days off that are not moved) and art. 85 (a holiday on
//! a weekend gives the next working day off; the government may swap days).
//!
//! What the law says of a day and what the clinic makes of it are two things: a
//! clinic that works on a holiday, or rests on a day of its own, moves no term
//! of the law.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Day;

/// A holiday that comes back every year: a row of the law.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HolidayRule {
    pub name: String,
    pub month: i8,
    pub day: i8,
    pub first_year: i16,
    /// None until the law changes.
    pub last_year: Option<i16>,
    /// Whether a weekend's gives the next working day off.
    pub moves: bool,
}

/// Whether the usual week rests or works on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum HolidayKind {
    Off,
    Work,
}

/// A day that no rule foresees, as the law has it: a feast by the moon, or one
/// that the government swaps.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LawDay {
    pub day: Day,
    pub kind: HolidayKind,
    /// Code of its name, said by `schedule-holiday-{name}`.
    pub name: String,
    /// Until it is announced.
    pub estimated: bool,
}

/// What the clinic itself has decided about a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OwnDay {
    pub day: Day,
    pub kind: HolidayKind,
}

/// One day of one year that is unlike its week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holiday {
    pub day: Day,
    /// Whether the usual week rests or works, by whoever has the last word.
    pub kind: HolidayKind,
    /// Code of its name, said by `schedule-holiday-{name}`.
    pub name: String,
    /// Until it is announced.
    pub estimated: bool,
    /// What the law says of it; None: nothing, it is the clinic's own.
    pub law: Option<HolidayKind>,
    /// Whether the clinic has decided about it.
    pub own: bool,
}

/// Which days are holidays, from all that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar(BTreeMap<Day, Holiday>);

/// Name of a day off that a holiday on a weekend has moved to.
const MOVED: &str = "moved";

impl Calendar {
    /// The days of the law in these years: by rule, then single days, which
    /// have the last word.
    pub fn of_law(
        years: std::ops::RangeInclusive<i16>,
        rules: &[HolidayRule],
        single: &[LawDay],
    ) -> Self {
        let mut days = BTreeMap::new();
        for year in years {
            by_rule(&mut days, year, rules, single);
        }
        for word in single {
            let LawDay { day, kind, estimated, .. } = *word;
            let law = Holiday { kind, estimated, law: Some(kind), ..off(day, &word.name) };
            days.insert(day, law);
        }
        Self(days)
    }

    /// The same as the clinic keeps it: its own word counts over the law's.
    #[must_use]
    pub fn kept_by(mut self, clinic: &[OwnDay]) -> Self {
        for &OwnDay { day, kind } in clinic {
            let unnamed = || Holiday { law: None, ..off(day, OWN) };
            let known = self.0.entry(day).or_insert_with(unnamed);
            (known.kind, known.own) = (kind, true);
        }
        self
    }

    /// Whether the usual week is not worked on that day.
    pub fn rests(&self, day: Day) -> bool {
        self.0.get(&day).is_some_and(|holiday| holiday.kind == HolidayKind::Off)
    }

    /// What is known of a day that is unlike its week.
    pub fn get(&self, day: Day) -> Option<&Holiday> {
        self.0.get(&day)
    }

    pub fn name(&self, day: Day) -> Option<&str> {
        self.0.get(&day).map(|holiday| holiday.name.as_str())
    }

    pub fn of_year(&self, year: i16) -> impl Iterator<Item = &Holiday> {
        self.0.values().filter(move |holiday| holiday.day.year() == year)
    }
}

/// Name of a day that the clinic itself has decided about.
pub const OWN: &str = "own";

/// The days of a year: those of the law, then for each that fell on a weekend
/// the next day that is neither weekend nor holiday nor taken.
fn by_rule(days: &mut BTreeMap<Day, Holiday>, year: i16, rules: &[HolidayRule], single: &[LawDay]) {
    let mut of_law: Vec<(Day, &HolidayRule)> = rules
        .iter()
        .filter(|rule| rule.first_year <= year && rule.last_year.is_none_or(|last| year <= last))
        .filter_map(|rule| Some((Day::new(year, rule.month, rule.day)?, rule)))
        .collect();
    of_law.sort_by_key(|(day, _)| *day);
    for (day, rule) in &of_law {
        days.insert(*day, off(*day, &rule.name));
    }
    for (day, _) in of_law.iter().filter(|(day, rule)| rule.moves && is_weekend(*day)) {
        let mut next = day.plus_days(1);
        let decreed =
            |next: Day| single.iter().any(|one| one.day == next && one.kind == HolidayKind::Off);
        while is_weekend(next) || days.contains_key(&next) || decreed(next) {
            next = next.plus_days(1);
        }
        days.insert(next, off(next, MOVED));
    }
}

fn off(day: Day, name: &str) -> Holiday {
    let (kind, name) = (HolidayKind::Off, name.to_owned());
    Holiday { day, kind, name, estimated: false, law: Some(kind), own: false }
}

fn is_weekend(day: Day) -> bool {
    day.weekday() >= 6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_clinics_word_counts_for_the_clinic_and_the_laws_stays_beside_it() {
        let decree = LawDay {
            day: day("2024-05-08"),
            kind: HolidayKind::Off,
            name: "decree".to_owned(),
            estimated: false,
        };
        let law = Calendar::of_law(2024..=2024, &[], &[decree]);
        let own = [
            OwnDay { day: day("2024-05-08"), kind: HolidayKind::Work },
            OwnDay { day: day("2024-05-20"), kind: HolidayKind::Off },
        ];
        let kept = law.clone().kept_by(&own);
        assert!(law.rests(day("2024-05-08")) && !kept.rests(day("2024-05-08")));
        assert!(!law.rests(day("2024-05-20")) && kept.rests(day("2024-05-20")));
        let holiday = kept.get(day("2024-05-08")).unwrap();
        assert_eq!((holiday.law, holiday.own), (Some(HolidayKind::Off), true));
        assert_eq!(holiday.name, "decree", "it is still its day");
        let holiday = kept.get(day("2024-05-20")).unwrap();
        assert_eq!((holiday.law, &*holiday.name), (None, OWN));
    }
}
