//! Counting working days and hours: pure rules.
//!
//! A term in working days begins on the day after the event (Civil Code
//! art. 173) and ends with the working hours of its last day: the strict
//! reading, on which nobody is late.

use serde::Serialize;

use crate::clock::{Civil, Day};
use crate::schedule::{Calendar, Holiday, HolidayKind};
use crate::workdays::model::HoursRule;

/// What a day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    Working,
    Weekend,
    Holiday,
    /// A weekend that is worked, by decree.
    Worked,
}

/// Which days and hours are worked. Knows the holidays of the years it was
/// made for; beyond them only the week.
#[derive(Clone, Debug)]
pub struct WorkCalendar {
    days: Calendar,
    hours: Vec<HoursRule>,
}

/// How far off the end of a term is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    pub due: Civil,
    pub overdue: bool,
    /// Working minutes until the end, or since it.
    pub minutes: i64,
    /// Working days after today up to the end, or since it.
    pub days: i64,
}

impl WorkCalendar {
    pub fn new(days: Calendar, hours: Vec<HoursRule>) -> Self {
        Self { days, hours }
    }

    /// The working week of a day: the newest version that has begun.
    pub fn hours_on(&self, day: Day) -> Option<&HoursRule> {
        let begun = self.hours.iter().filter(|rule| rule.effective_from <= day);
        begun.max_by_key(|rule| rule.version)
    }

    pub fn kind(&self, day: Day) -> DayKind {
        let usual = self.hours_on(day).map_or(day.weekday() < 6, |rule| {
            rule.weekdays.bytes().any(|digit| digit == b'0' + day.weekday().unsigned_abs())
        });
        match self.days.get(day).map(|holiday| holiday.kind) {
            Some(HolidayKind::Off) => DayKind::Holiday,
            Some(HolidayKind::Work) if !usual => DayKind::Worked,
            Some(HolidayKind::Work) => DayKind::Working,
            None if usual => DayKind::Working,
            None => DayKind::Weekend,
        }
    }

    pub fn is_working(&self, day: Day) -> bool {
        matches!(self.kind(day), DayKind::Working | DayKind::Worked)
    }

    /// The holidays and worked weekends of a year, by day.
    pub fn special(&self, year: i16) -> impl Iterator<Item = &Holiday> {
        self.days.of_year(year)
    }

    /// The worked stretches of a day, in minutes since midnight.
    pub fn spans(&self, day: Day) -> Vec<(u16, u16)> {
        let Some(rule) = self.hours_on(day).filter(|_| self.is_working(day)) else {
            return Vec::new();
        };
        match (rule.break_starts, rule.break_ends) {
            (Some(from), Some(to)) => vec![(rule.starts, from), (to, rule.ends)],
            _ => vec![(rule.starts, rule.ends)],
        }
    }

    /// The so-manieth working day after a day; with 0, the day itself or the
    /// first working day after it.
    pub fn plus_working_days(&self, from: Day, count: u16) -> Day {
        let mut day = from;
        let mut counted = 0;
        if count == 0 && self.is_working(day) {
            return day;
        }
        loop {
            day = day.plus_days(1);
            if self.is_working(day) {
                counted += 1;
                if count.max(1) <= counted {
                    return day;
                }
            }
        }
    }

    /// Working days after the first day up to and with the last.
    pub fn working_days_between(&self, after: Day, upto: Day) -> i64 {
        let days = (1..=upto.days_since(after)).map(|on| after.plus_days(on));
        i64::try_from(days.filter(|day| self.is_working(*day)).count()).unwrap_or(i64::MAX)
    }

    /// Working minutes from one moment to a later one; 0 when it is not later.
    pub fn minutes_between(&self, from: Civil, until: Civil) -> i64 {
        let last = until.day().days_since(from.day());
        let days = (0..=last).map(|on| from.day().plus_days(on));
        days.map(|day| {
            let open = if day == from.day() { from.minute_of_day() } else { 0 };
            let shut = if day == until.day() { until.minute_of_day() } else { 1440 };
            let spans = self.spans(day).into_iter();
            let within =
                spans.map(|(starts, ends)| i64::from(ends.min(shut)) - i64::from(starts.max(open)));
            within.map(|minutes| minutes.max(0)).sum::<i64>()
        })
        .sum()
    }

    /// When a term of so many working days ends that an event began.
    pub fn deadline(&self, from: Civil, working_days: u16) -> Civil {
        let day = self.plus_working_days(from.day(), working_days);
        let end = self.spans(day).last().map_or(1439, |(_, ends)| (*ends).min(1439));
        Civil::new(day, end).expect("a minute of the day")
    }

    /// How far off the end of a term is.
    pub fn left(&self, now: Civil, due: Civil) -> Left {
        let overdue = due < now;
        let (from, until) = if overdue { (due, now) } else { (now, due) };
        Left {
            due,
            overdue,
            minutes: self.minutes_between(from, until),
            days: self.working_days_between(from.day(), until.day()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn week() -> WorkCalendar {
        let rule = |version, from: &str, weekdays: &str, ends| HoursRule {
            version,
            weekdays: weekdays.to_owned(),
            starts: 540,
            ends,
            break_starts: Some(780),
            break_ends: Some(840),
            basis: "b".to_owned(),
            source: String::new(),
            checked_on: from.parse().unwrap(),
            confirmed: false,
            effective_from: from.parse().unwrap(),
            made_at: Timestamp::from_unix_ms(0),
            made_by: None,
        };
        let hours =
            vec![rule(1, "2020-01-01", "12345", 1080), rule(2, "2027-01-04", "123456", 960)];
        WorkCalendar::new(Calendar::default(), hours)
    }

    fn at(text: &str) -> Civil {
        text.parse().unwrap()
    }

    #[test]
    fn a_break_and_a_night_are_not_worked() {
        let week = week();
        let minutes = |from: &str, until: &str| week.minutes_between(at(from), at(until));
        assert_eq!(minutes("2026-11-27T17:00", "2026-11-30T18:00"), 9 * 60);
        assert_eq!(minutes("2026-11-27T12:30", "2026-11-27T14:30"), 60);
        assert_eq!(minutes("2026-11-28T00:00", "2026-11-29T23:59"), 0);
        assert_eq!(minutes("2026-11-30T18:00", "2026-11-27T17:00"), 0, "not backwards");
    }

    #[test]
    fn new_hours_count_from_their_day_on_and_not_before() {
        let week = week();
        let saturday = |text: &str| text.parse::<Day>().unwrap();
        assert!(!week.is_working(saturday("2027-01-02")));
        assert!(week.is_working(saturday("2027-01-09")));
        assert_eq!(week.spans(saturday("2027-01-09")), [(540, 780), (840, 960)]);
    }

    #[test]
    fn what_is_late_says_by_how_much() {
        let week = week();
        let left = week.left(at("2026-12-01T10:00"), at("2026-11-30T18:00"));
        assert_eq!((left.overdue, left.minutes, left.days), (true, 60, 1));
        let left = week.left(at("2026-11-30T17:30"), at("2026-11-30T18:00"));
        assert_eq!((left.overdue, left.minutes, left.days), (false, 30, 0));
    }
}
