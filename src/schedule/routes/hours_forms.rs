//! The forms of a doctor's hours: the usual week and the days unlike it.

use serde::Serialize;

use crate::clock::Day;
use crate::i18n::dates;
use crate::ids::ResourceId;
use crate::schedule::routes::typed::{self, Errors, Typed};
use crate::schedule::{
    ExceptionDraft, ExceptionReason, OneDay, Pattern, PatternDraft, Span, minute_text, monday,
    share_weeks,
};

/// What stands in the fields of the usual week, as typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WeekForm {
    /// The day from which it holds.
    pub from: String,
    /// Whether shifts of every second week may be entered.
    pub alternating: bool,
    /// A day of the weeks called A.
    pub anchor: String,
    pub rows: Vec<WeekRow>,
}

/// One shift of the week; a day without one has empty fields.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WeekRow {
    /// 1 Monday to 7 Sunday.
    pub weekday: i8,
    pub starts: String,
    pub ends: String,
    pub break_starts: String,
    pub break_ends: String,
    pub place: String,
    /// `a` or `b`: every second week, the anchor's or the others; else every week.
    pub weeks: String,
    /// Whether it is the first of its day.
    pub first: bool,
}

impl WeekForm {
    pub fn of(patterns: &[Pattern], from: Day) -> Self {
        // The first week of all of them is A, so that A stays A when it is looked at later.
        let stored = patterns.iter().find(|pattern| pattern.alternate_from.is_some());
        let anchor = monday(stored.map_or(from, |pattern| pattern.valid_from));
        let row = |pattern: &Pattern| WeekRow::of(pattern, anchor);
        let mut rows: Vec<WeekRow> = patterns.iter().map(row).collect();
        for weekday in 1..=7 {
            if !rows.iter().any(|row| row.weekday == weekday) {
                rows.push(WeekRow { weekday, ..WeekRow::default() });
            }
        }
        rows.sort_by_key(|row| row.weekday);
        let (from, anchor) = (dates::numeric(from), dates::numeric(anchor));
        Self { from, alternating: stored.is_some(), anchor, rows: numbered(rows) }
    }

    pub fn read(typed: &Typed) -> Self {
        let row = |row| {
            let weekday = typed.at("weekday", row).parse().ok()?;
            (1..=7).contains(&weekday).then(|| WeekRow {
                weekday,
                starts: typed.at("starts", row),
                ends: typed.at("ends", row),
                break_starts: typed.at("break_starts", row),
                break_ends: typed.at("break_ends", row),
                place: typed.at("place", row),
                weeks: typed.at("weeks", row),
                first: false,
            })
        };
        let rows = (0..typed.rows("weekday")).filter_map(row).collect();
        Self {
            from: typed.text("from"),
            alternating: typed.text("alternating") == "on",
            anchor: typed.text("anchor"),
            rows: numbered(rows),
        }
    }

    /// One more shift on a weekday, to be filled in.
    #[must_use]
    pub fn with_another(mut self, weekday: i8) -> Self {
        if let Some(last) = self.rows.iter().rposition(|row| row.weekday == weekday) {
            let place = self.rows[last].place.clone();
            let row = WeekRow { weekday, place, ..WeekRow::default() };
            self.rows.insert(last + 1, row);
        }
        self
    }

    pub fn understand(&self) -> Result<(Day, Vec<PatternDraft>), Errors> {
        let mut errors = Errors::new();
        let from = typed::day(&self.from, "from", &mut errors);
        let anchor = if self.alternating {
            typed::day(&self.anchor, "anchor", &mut errors).map(monday)
        } else {
            None
        };
        let rows = self.rows.iter().enumerate();
        let week: Vec<_> =
            rows.filter_map(|(index, row)| row.understand(index, anchor, &mut errors)).collect();
        for (index, one) in week.iter().enumerate() {
            if week[..index].iter().any(|other| other.clashes(one)) {
                let row = self.rows.iter().rposition(|row| row.weekday == one.weekday);
                errors.insert(format!("starts-{}", row.unwrap_or(0)), "schedule-error-overlap");
            }
        }
        match from {
            Some(from) if errors.is_empty() => Ok((from, week)),
            _ => Err(errors),
        }
    }
}

/// Marks the first row of each weekday.
fn numbered(mut rows: Vec<WeekRow>) -> Vec<WeekRow> {
    let mut last = 0;
    for row in &mut rows {
        row.first = row.weekday != last;
        last = row.weekday;
    }
    rows
}

impl WeekRow {
    fn of(pattern: &Pattern, anchor: Day) -> Self {
        let weeks = match pattern.alternate_from {
            None => "",
            Some(own) if share_weeks(Some(own), Some(anchor)) => "a",
            Some(_) => "b",
        };
        let text = |minute: Option<u16>| minute.map(minute_text).unwrap_or_default();
        Self {
            weekday: pattern.weekday,
            starts: minute_text(pattern.starts),
            ends: minute_text(pattern.ends),
            break_starts: text(pattern.break_starts),
            break_ends: text(pattern.break_ends),
            place: pattern.place_id.map(|id| id.to_string()).unwrap_or_default(),
            weeks: weeks.to_owned(),
            first: false,
        }
    }

    /// None for a day off. `anchor`: the Monday of a week called A.
    fn understand(
        &self,
        index: usize,
        anchor: Option<Day>,
        errors: &mut Errors,
    ) -> Option<PatternDraft> {
        let hours = typed::span(&self.starts, &self.ends, &format!("starts-{index}"), errors);
        let field = format!("break_starts-{index}");
        let lunch = typed::span(&self.break_starts, &self.break_ends, &field, errors);
        let hours = hours?;
        if lunch.is_some_and(|lunch| !lies_inside(lunch, hours)) {
            errors.insert(field, "schedule-error-lunch");
        }
        let place_id = self.place.parse::<ResourceId>().ok();
        let alternate_from = match self.weeks.as_str() {
            "a" => anchor,
            "b" => anchor.map(|anchor| anchor.plus_days(7)),
            _ => None,
        };
        Some(PatternDraft { weekday: self.weekday, hours, lunch, place_id, alternate_from })
    }
}

/// Lunch neither begins nor ends a shift.
pub fn lies_inside(lunch: Span, hours: Span) -> bool {
    hours.starts < lunch.starts && lunch.ends < hours.ends
}

/// What stands in the fields of days unlike the usual week, as typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ExceptionForm {
    pub from: String,
    /// Empty: one day.
    pub until: String,
    /// `off`, `part` or `extra`.
    pub what: String,
    pub starts: String,
    pub ends: String,
    pub place: String,
    pub reason: String,
}

impl ExceptionForm {
    pub fn blank() -> Self {
        let (what, reason) = ("off".to_owned(), ExceptionReason::Vacation.name().to_owned());
        Self { what, reason, ..Self::default() }
    }

    pub fn read(typed: &Typed) -> Self {
        Self {
            from: typed.text("from"),
            until: typed.text("until"),
            what: typed.text("what"),
            starts: typed.text("starts"),
            ends: typed.text("ends"),
            place: typed.text("place"),
            reason: typed.text("reason"),
        }
    }

    pub fn understand(&self, resource_id: ResourceId) -> Result<ExceptionDraft, Errors> {
        let mut errors = Errors::new();
        let from = typed::day(&self.from, "x-from", &mut errors);
        let until = match self.until.as_str() {
            "" => from,
            until => typed::day(until, "x-until", &mut errors),
        };
        if let (Some(from), Some(until)) = (from, until)
            && !(0..366).contains(&until.days_since(from))
        {
            errors.insert("x-until".to_owned(), "schedule-error-period");
        }
        let span = typed::span(&self.starts, &self.ends, "x-starts", &mut errors);
        let place = self.place.parse().ok();
        let what = match (self.what.as_str(), span) {
            ("part", Some(span)) => OneDay::PartOff(span),
            ("extra", Some(span)) => OneDay::Extra(span, place),
            ("part" | "extra", None) => {
                errors.entry("x-starts".to_owned()).or_insert("schedule-error-time");
                OneDay::Off
            }
            _ => OneDay::Off,
        };
        let reason = ExceptionReason::named(&self.reason).unwrap_or(ExceptionReason::Other);
        match (from, until) {
            (Some(from), Some(until)) if errors.is_empty() => {
                Ok(ExceptionDraft { resource_id, from, until, what, reason })
            }
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(weekday: i8, hours: [&str; 2], lunch: [&str; 2]) -> WeekRow {
        let text = str::to_owned;
        WeekRow {
            weekday,
            starts: text(hours[0]),
            ends: text(hours[1]),
            break_starts: text(lunch[0]),
            break_ends: text(lunch[1]),
            ..WeekRow::default()
        }
    }

    fn week(rows: Vec<WeekRow>) -> Result<(Day, Vec<PatternDraft>), Errors> {
        WeekForm { from: "23.11.2026".to_owned(), rows, ..WeekForm::default() }.understand()
    }

    /// Rows of every second week; A is the week of Wednesday the 25th.
    fn alternating(weeks: &[&str], rows: Vec<WeekRow>) -> Result<(Day, Vec<PatternDraft>), Errors> {
        let rows = rows.into_iter().zip(weeks);
        let rows = rows.map(|(row, weeks)| WeekRow { weeks: (*weeks).to_owned(), ..row });
        let (from, anchor) = ("23.11.2026".to_owned(), "25.11.2026".to_owned());
        WeekForm { from, alternating: true, anchor, rows: rows.collect() }.understand()
    }

    #[test]
    fn shifts_of_different_weeks_do_not_clash_and_those_of_one_do() {
        let rows = || vec![row(1, ["9", "14"], ["", ""]), row(1, ["13", "18"], ["", ""])];
        let (_, week) = alternating(&["a", "b"], rows()).unwrap();
        let anchors = week.iter().map(|one| one.alternate_from.unwrap().to_string());
        assert_eq!(anchors.collect::<Vec<_>>(), ["2026-11-23", "2026-11-30"]);
        for weeks in [["a", "a"], ["b", "b"], ["", "b"], ["a", ""]] {
            let errors = alternating(&weeks, rows()).unwrap_err();
            assert_eq!(errors["starts-1"], "schedule-error-overlap", "{weeks:?}");
        }
    }

    #[test]
    fn an_empty_row_is_a_day_off() {
        let rows = vec![row(1, ["9", "18"], ["13", "14"]), row(2, ["", ""], ["", ""])];
        let (from, week) = week(rows).unwrap();
        assert_eq!((from.to_string().as_str(), week.len()), ("2026-11-23", 1));
    }

    #[test]
    fn each_field_that_is_wrong_is_named() {
        let outside = week(vec![row(1, ["9", "18"], ["8", "10"])]).unwrap_err();
        assert_eq!(outside["break_starts-0"], "schedule-error-lunch");
        let twice = vec![row(1, ["9", "14"], ["", ""]), row(1, ["13", "18"], ["", ""])];
        assert_eq!(week(twice).unwrap_err()["starts-1"], "schedule-error-overlap");
        let half = week(vec![row(1, ["", ""], ["", ""]), row(2, ["9", ""], ["", ""])]);
        assert_eq!(half.unwrap_err()["starts-1"], "schedule-error-time");
    }

    #[test]
    fn a_part_of_a_day_off_needs_its_hours() {
        let mut form = ExceptionForm::blank();
        form.from = "23.11.2026".to_owned();
        let who = ResourceId::new(crate::clock::Timestamp::from_unix_ms(0));
        assert!(form.understand(who).is_ok());
        form.what = "part".to_owned();
        assert_eq!(form.understand(who).unwrap_err()["x-starts"], "schedule-error-time");
        form.until = "22.11.2026".to_owned();
        assert_eq!(form.understand(who).unwrap_err()["x-until"], "schedule-error-period");
    }
}
