//! Public holidays of Kazakhstan: the law on holidays (No. 267, 2001), and the
//! Labour Code, art. 84 (days off that are not moved) and art. 85 (a holiday on
//! a weekend gives the next working day off; the government may swap days).

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

/// One holiday of one year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Holiday {
    pub day: Day,
    pub kind: HolidayKind,
    /// Code of its name, said by `schedule-holiday-{name}`.
    pub name: String,
    /// Basis; `estimated` until it is announced.
    pub note: String,
}

/// Which days are holidays, from all that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar(BTreeMap<Day, Holiday>);

/// Name of a day off that a holiday on a weekend has moved to.
const MOVED: &str = "moved";

impl Calendar {
    /// The days of these years by rule, then single days, which have the last
    /// word.
    pub fn new(
        years: std::ops::RangeInclusive<i16>,
        rules: &[HolidayRule],
        single: &[Holiday],
    ) -> Self {
        let mut days = BTreeMap::new();
        for year in years {
            by_rule(&mut days, year, rules, single);
        }
        for holiday in single {
            let name = match days.get(&holiday.day) {
                Some(known) if holiday.name == OWN => known.name.clone(),
                _ => holiday.name.clone(),
            };
            days.insert(holiday.day, Holiday { name, ..holiday.clone() });
        }
        Self(days)
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
fn by_rule(
    days: &mut BTreeMap<Day, Holiday>,
    year: i16,
    rules: &[HolidayRule],
    single: &[Holiday],
) {
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
        let decreed = |next: Day| {
            single
                .iter()
                .any(|one| one.day == next && one.kind == HolidayKind::Off && one.name != OWN)
        };
        while is_weekend(next) || days.contains_key(&next) || decreed(next) {
            next = next.plus_days(1);
        }
        days.insert(next, off(next, MOVED));
    }
}

fn off(day: Day, name: &str) -> Holiday {
    Holiday { day, kind: HolidayKind::Off, name: name.to_owned(), note: String::new() }
}

fn is_weekend(day: Day) -> bool {
    day.weekday() >= 6
}
