//! The day and the time of a row, from its own cells or from the rows above.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};

use super::{Carried, Habits, VisitRow};
use crate::interop::guess::{Field, Layout};
use crate::interop::reading::Cell;
use crate::interop::values::{DateHints, Read, Slot, date, minutes, time};
use crate::interop::verdict::Reason;

pub(super) fn read_time<'a>(
    cell: impl Fn(Field) -> &'a Cell,
    layout: &Layout,
    habits: Habits,
    visit: &mut VisitRow,
    reasons: &mut BTreeSet<Reason>,
) {
    let fields = [Field::Time, Field::DateTime, Field::Date];
    let mut read = Read::Blank;
    for field in fields {
        let cell = cell(field);
        // A date cell tells a time only when it clearly holds one.
        let clear = field == Field::Time
            || matches!(cell, Cell::DateTime(..))
            || cell.shown().contains(':');
        if layout.has(field) && clear && matches!(read, Read::Blank | Read::Unreadable) {
            read = time(cell, habits.hours_only);
            // A program writes a day without a time as its midnight.
            let midnight = matches!(read, Read::Value(slot) if slot.start == Time::midnight());
            if field != Field::Time && midnight {
                read = Read::Blank;
            }
        }
    }
    match read {
        Read::Value(Slot { start, end }) => {
            visit.start = Some(start);
            visit.minutes = end.and_then(|end| between(start, end));
        }
        Read::Impossible => drop(reasons.insert(Reason::ImpossibleTime)),
        Read::Blank | Read::Unreadable => drop(reasons.insert(Reason::NoTime)),
    }
    if let (Some(start), Read::Value(slot)) = (visit.start, time(cell(Field::EndTime), false)) {
        visit.minutes = between(start, slot.start).or(visit.minutes);
    }
    if let Read::Value(length) = minutes(cell(Field::Duration), layout.hours) {
        visit.minutes = visit.minutes.or(Some(length));
    }
}

fn between(start: Time, end: Time) -> Option<u16> {
    let minute = |time: Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
    u16::try_from(minute(end) - minute(start)).ok().filter(|length| *length > 0)
}

pub(super) fn read_day<'a>(
    cell: impl Fn(Field) -> &'a Cell,
    layout: &Layout,
    habits: Habits,
    today: Date,
    carried: &mut Carried,
    visit: &mut VisitRow,
    reasons: &mut BTreeSet<Reason>,
) {
    let written =
        if layout.has(Field::DateTime) { cell(Field::DateTime) } else { cell(Field::Date) };
    let serial = serial_in(written);
    let written = serial.as_ref().unwrap_or(written);
    match plausible(date(written, hints(layout, habits, carried)), today) {
        Read::Value(day) => {
            visit.day = Some(day);
            if carried.day != Some(day) {
                carried.last = None;
            }
            (carried.day, carried.broken) = (Some(day), None);
        }
        Read::Impossible => {
            reasons.insert(Reason::ImpossibleDate);
            let within = visit.start.zip(carried.last).is_none_or(|(now, before)| now >= before);
            carried.broken = Some(within && carried.day.is_some());
        }
        // It means to be a date: another row's day would be a wrong one.
        Read::Unreadable if means_a_date(written) => {
            reasons.insert(Reason::NoDate);
        }
        Read::Blank | Read::Unreadable => match (carried.day, carried.broken) {
            (Some(day), None) => visit.day = Some(day),
            (Some(day), Some(true)) => {
                visit.day = Some(day);
                reasons.insert(Reason::UncertainDate);
            }
            _ => drop(reasons.insert(Reason::NoDate)),
        },
    }
    if visit.day.is_some() {
        carried.last = visit.start.or(carried.last);
    }
}

pub(super) fn hints(layout: &Layout, habits: Habits, carried: &Carried) -> DateHints {
    DateHints {
        year: layout.year.or(carried.day.map(Date::year)),
        month: layout.month,
        month_first: habits.month_first,
        ..DateHints::default()
    }
}

/// A year that no clinic's journal can be about is a slip: 2205, 1925.
fn plausible(read: Read<Date>, today: Date) -> Read<Date> {
    match read {
        Read::Value(day) if !(1990..=today.year() + 3).contains(&day.year()) => Read::Impossible,
        other => other,
    }
}

/// Numbers, and not the time of the row.
fn means_a_date(cell: &Cell) -> bool {
    let shown = cell.shown();
    shown.chars().any(|c| c.is_ascii_digit()) && !shown.contains(':')
}

/// A spreadsheet's serial number that has become a text.
fn serial_in(cell: &Cell) -> Option<Cell> {
    let Cell::Text(text) = cell else { return None };
    let serial = text.parse().ok().filter(|_| text.len() == 5);
    serial.filter(|serial| (30_000.0..60_000.0).contains(serial)).map(Cell::Number)
}
