//! What is typed on the pages of the calendar and the terms.

use serde::{Deserialize, Serialize};

use crate::clock::{Civil, Day};
use crate::schedule::{minute_text, read_minute};
use crate::web::FieldErrors;
use crate::workdays::model::{DayWord, HoursRule, NewDay, NewHours, NewTerm, Term, Word};

/// Longest basis and source, in characters.
const LONGEST: usize = 500;

/// A day said to be off or worked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DayForm {
    pub day: String,
    /// `off`, `work`, `by_rule`.
    pub kind: String,
    /// `decree`, `kurban_ait`.
    pub name: String,
    pub basis: String,
    pub source: String,
}

/// A working week, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HoursForm {
    pub seen: i64,
    /// `on` when Saturday is worked.
    pub saturday: String,
    pub starts: String,
    pub ends: String,
    pub break_starts: String,
    pub break_ends: String,
    pub hours_basis: String,
    pub effective_from: String,
}

/// A version of a term, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TermForm {
    pub seen: i64,
    pub working_days: String,
    pub basis: String,
    pub basis_kk: String,
    pub source: String,
    pub checked_on: String,
    /// `on` when the clinic's lawyer has confirmed it.
    pub confirmed: String,
    pub effective_from: String,
}

impl DayForm {
    /// What was said, checked today.
    pub fn read(&self, today: Day) -> Result<NewDay, FieldErrors> {
        let mut errors = FieldErrors::new();
        let day = said_day(&self.day, "day", &mut errors);
        let kind = match self.kind.as_str() {
            "work" => DayWord::Work,
            "by_rule" => DayWord::ByRule,
            _ => DayWord::Off,
        };
        let name = if self.name == "kurban_ait" { Word::KurbanAit } else { Word::Decree };
        let basis = said_basis(&self.basis, "basis", &mut errors);
        let source = said_source(&self.source, &mut errors);
        let Some(day) = day.filter(|_| errors.is_empty()) else { return Err(errors) };
        Ok(NewDay { day, kind, name, basis, source, checked_on: today })
    }
}

impl HoursForm {
    pub fn of(rule: &HoursRule, today: Day) -> Self {
        let minute = |at: Option<u16>| at.map(minute_text).unwrap_or_default();
        Self {
            seen: rule.version,
            saturday: if rule.weekdays.contains('6') { "on" } else { "" }.to_owned(),
            starts: minute_text(rule.starts),
            ends: minute_text(rule.ends),
            break_starts: minute(rule.break_starts),
            break_ends: minute(rule.break_ends),
            hours_basis: rule.basis.clone(),
            effective_from: crate::i18n::dates::numeric(today),
        }
    }

    /// What was said. Begins today or later: terms that ran out stay run out.
    pub fn read(&self, today: Day) -> Result<NewHours, FieldErrors> {
        let mut errors = FieldErrors::new();
        let starts = read_minute(&self.starts);
        let ends = read_minute(&self.ends);
        let day = starts.zip(ends).filter(|(starts, ends)| starts < ends);
        if day.is_none() {
            errors.insert("starts", "workdays-error-hours".to_owned());
        }
        let typed =
            [&self.break_starts, &self.break_ends].iter().any(|text| !text.trim().is_empty());
        let pause = read_minute(&self.break_starts).zip(read_minute(&self.break_ends));
        let inside = |(from, to): &(u16, u16)| {
            day.is_some_and(|(starts, ends)| starts < *from && from < to && *to < ends)
        };
        let pause = pause.filter(inside);
        if typed && pause.is_none() {
            errors.insert("break_starts", "workdays-error-break".to_owned());
        }
        let basis = said_basis(&self.hours_basis, "hours_basis", &mut errors);
        let from = said_start(&self.effective_from, today, &mut errors);
        let (Some((starts, ends)), Some(effective_from), true) = (day, from, errors.is_empty())
        else {
            return Err(errors);
        };
        let weekdays = if self.saturday == "on" { "123456" } else { "12345" };
        Ok(NewHours {
            weekdays: weekdays.to_owned(),
            starts,
            ends,
            pause,
            basis,
            source: String::new(),
            checked_on: today,
            confirmed: false,
            effective_from,
        })
    }
}

impl TermForm {
    /// The term as it stands, to begin from.
    pub fn of(term: &Term, today: Day) -> Self {
        Self {
            seen: term.version,
            working_days: term.working_days.to_string(),
            basis: term.basis.clone(),
            basis_kk: term.basis_kk.clone(),
            source: term.source.clone(),
            checked_on: crate::i18n::dates::numeric(today),
            confirmed: if term.confirmed { "on" } else { "" }.to_owned(),
            effective_from: crate::i18n::dates::numeric(today),
        }
    }

    pub fn read(&self, today: Day) -> Result<NewTerm, FieldErrors> {
        let mut errors = FieldErrors::new();
        let days = self.working_days.trim().parse::<u16>().ok();
        let days = days.filter(|days| (1..=250).contains(days));
        if days.is_none() {
            errors.insert("working_days", "workdays-error-days".to_owned());
        }
        let basis = said_basis(&self.basis, "basis", &mut errors);
        let basis_kk = said_basis(&self.basis_kk, "basis_kk", &mut errors);
        let source = said_source(&self.source, &mut errors);
        let checked_on = read_day(&self.checked_on).filter(|day| *day <= today);
        if checked_on.is_none() {
            errors.insert("checked_on", "workdays-error-checked".to_owned());
        }
        let from = said_start(&self.effective_from, today, &mut errors);
        let (Some(working_days), Some(checked_on), Some(effective_from), true) =
            (days, checked_on, from, errors.is_empty())
        else {
            return Err(errors);
        };
        let confirmed = self.confirmed == "on";
        Ok(NewTerm { working_days, basis, basis_kk, source, checked_on, confirmed, effective_from })
    }
}

fn said_day(text: &str, field: &'static str, errors: &mut FieldErrors) -> Option<Day> {
    let day = read_day(text);
    if day.is_none() {
        errors.insert(field, "workdays-error-day".to_owned());
    }
    day
}

fn said_start(text: &str, today: Day, errors: &mut FieldErrors) -> Option<Day> {
    let day = read_day(text).filter(|day| today <= *day);
    if day.is_none() {
        errors.insert("effective_from", "workdays-error-from".to_owned());
    }
    day
}

fn said_basis(text: &str, field: &'static str, errors: &mut FieldErrors) -> String {
    let text = text.trim();
    if text.is_empty() || LONGEST < text.chars().count() {
        errors.insert(field, "workdays-error-basis".to_owned());
    }
    text.to_owned()
}

fn said_source(text: &str, errors: &mut FieldErrors) -> String {
    let text = text.trim();
    if LONGEST < text.chars().count() {
        errors.insert("source", "workdays-error-source".to_owned());
    }
    text.to_owned()
}

/// `23.11.2026`, `1.2.27`, `2026-11-23`.
pub fn read_day(text: &str) -> Option<Day> {
    crate::i18n::dates::read(text)
}

/// `23.11.2026 17:05`, `2026-11-23T17:05`; a day alone is its first minute.
pub fn read_moment(text: &str) -> Option<Civil> {
    let text = text.trim();
    if let Ok(civil) = text.parse() {
        return Some(civil);
    }
    let Some((day, time)) = text.rsplit_once([' ', ',', 'T']) else {
        return Civil::new(read_day(text)?, 0);
    };
    let Some((hour, minute)) = time.split_once([':', '.']).filter(|_| time.len() <= 5) else {
        return Civil::new(read_day(text)?, 0);
    };
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let minute = (hour < 24 && minute < 60).then_some(hour * 60 + minute)?;
    Civil::new(read_day(day.trim_end_matches(','))?, minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Day {
        "2026-11-27".parse().unwrap()
    }

    #[test]
    fn moments_are_read_as_people_type_them() {
        let expected: Option<Civil> = "2026-11-27T17:05".parse().ok();
        for typed in ["27.11.2026 17:05", "2026-11-27T17:05", "27.11.26 17.05", "27.11.2026, 17:05"]
        {
            assert_eq!(read_moment(typed), expected, "{typed}");
        }
        assert_eq!(read_moment("27.11.2026"), "2026-11-27T00:00".parse().ok());
        for typed in ["", "27.11.2026 25:00", "вчера", "31.02.2026 10:00"] {
            assert_eq!(read_moment(typed), None, "{typed}");
        }
    }

    #[test]
    fn each_wrong_field_is_named() {
        let form = HoursForm {
            starts: "18:00".to_owned(),
            ends: "9:00".to_owned(),
            break_starts: "13:00".to_owned(),
            effective_from: "01.01.2020".to_owned(),
            ..HoursForm::default()
        };
        let errors = form.read(today()).unwrap_err();
        let fields: Vec<&str> = errors.keys().copied().collect();
        assert_eq!(fields, ["break_starts", "effective_from", "hours_basis", "starts"]);

        let form = TermForm { working_days: "0".to_owned(), ..TermForm::default() };
        let errors = form.read(today()).unwrap_err();
        let fields: Vec<&str> = errors.keys().copied().collect();
        assert_eq!(fields, ["basis", "basis_kk", "checked_on", "effective_from", "working_days"]);
        assert!(
            DayForm { day: "31.02.2026".to_owned(), ..DayForm::default() }.read(today()).is_err()
        );
    }
}
