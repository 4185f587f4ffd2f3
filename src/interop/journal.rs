//! Journals: rows become visits. A clinic writes the date once a day, breaks
//! the sheet with totals, and repeats the header on each page.

mod lines;
mod when;

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use super::guess::{Field, Layout};
use super::person::{self, Person, said};
use super::reading::{Cell, Row, Sheet};
use super::values::{Status, Sum, status, sum};
use super::verdict::{Reason, Verdict, verdict_of};
use crate::money::Money;
pub(super) use lines::is_doctor_line;
use lines::{day_of_sheet, doctor_of_sheet, not_a_record};
use when::{read_day, read_time};

/// One row of a journal. Empty texts were not stated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VisitRow {
    pub row: u32,
    pub reasons: BTreeSet<Reason>,
    pub person: Person,
    pub day: Option<Date>,
    pub start: Option<Time>,
    /// From the end of an interval or a column of lengths.
    pub minutes: Option<u16>,
    /// As written; `doctors::Doctors` says who that is.
    pub doctor: String,
    /// As written; `services::Services` says what that is.
    pub service: String,
    pub sum: Option<Money>,
    pub payment: String,
    pub room: String,
    pub status: Option<Status>,
    /// The status as written, also when it is not understood.
    pub status_text: String,
}

impl VisitRow {
    pub fn verdict(&self) -> Verdict {
        verdict_of(&self.reasons)
    }
}

/// Reads a sheet, one entry per row that holds anything.
pub fn read(sheet: &Sheet, layout: &Layout, today: Date) -> Vec<VisitRow> {
    let habits = Habits::of(sheet, layout);
    let mut carried = Carried {
        doctor: doctor_of_sheet(layout),
        day: day_of_sheet(layout, habits),
        ..Carried::default()
    };
    sheet.rows.iter().map(|row| read_row(row, layout, today, habits, &mut carried)).collect()
}

/// How a column as a whole is written.
#[derive(Clone, Copy, Debug, Default)]
struct Habits {
    month_first: bool,
    /// `9-10`, `10-11`: from hour to hour.
    hours_only: bool,
}

/// What the rows above have said.
#[derive(Clone, Debug, Default)]
struct Carried {
    day: Option<Date>,
    /// Time of the last row of that day.
    last: Option<Time>,
    /// An impossible date stood above; true when it was within its day.
    broken: Option<bool>,
    doctor: String,
}

impl Habits {
    fn of(sheet: &Sheet, layout: &Layout) -> Self {
        let texts = |field: Field| {
            let at = layout.column(field);
            sheet.rows.iter().filter_map(move |row| match row.cell(at?) {
                Cell::Text(text) => Some(text.as_str()),
                _ => None,
            })
        };
        let (mut day_first, mut month_first) = (0, 0);
        for text in texts(Field::Date).chain(texts(Field::DateTime)) {
            let parts: Vec<u32> =
                text.split(['/', ' ']).filter_map(|part| part.parse().ok()).collect();
            if text.matches('/').count() == 2 && parts.len() >= 2 {
                day_first += u32::from(parts[0] > 12 && parts[1] <= 12);
                month_first += u32::from(parts[1] > 12 && parts[0] <= 12);
            }
        }
        let (mut to_hour, mut other) = (0, 0);
        for text in texts(Field::Time) {
            let parts: Vec<Option<u32>> =
                text.split(['-', '–']).map(|part| part.trim().parse().ok()).collect();
            if let [Some(from), Some(to)] = parts[..] {
                if to == from + 1 || to == from + 2 { to_hour += 1 } else { other += 1 }
            }
        }
        Self {
            month_first: month_first > 0 && day_first == 0,
            hours_only: to_hour > 1 && other == 0,
        }
    }
}

fn read_row(
    row: &Row,
    layout: &Layout,
    today: Date,
    habits: Habits,
    carried: &mut Carried,
) -> VisitRow {
    let mut visit = VisitRow { row: row.number, ..VisitRow::default() };
    if let Some(reason) = not_a_record(row, layout, habits, carried) {
        visit.reasons.insert(reason);
        return visit;
    }
    let cell = |field: Field| layout.column(field).map_or(&Cell::Empty, |at| row.cell(at));
    let mut reasons = BTreeSet::new();
    visit.person = person::read(row, layout, today, &mut reasons);
    visit.payment = said(cell(Field::Payment));
    visit.room = said(cell(Field::Room));
    visit.service = said(cell(Field::Service)).split_whitespace().collect::<Vec<_>>().join(" ");
    visit.sum = sum(cell(Field::Sum)).value().map(|Sum { from, .. }| from);
    visit.doctor = said(cell(Field::Doctor));
    if visit.doctor.is_empty() {
        visit.doctor.clone_from(&carried.doctor);
    }
    visit.status_text = cell(Field::Status).shown();
    visit.status = status(&visit.status_text);
    let nobody = person::is_nobody(&visit.person.written) || person::is_nobody(&visit.service);
    let blank = visit.person.written.is_empty()
        && visit.person.phones.is_empty()
        && visit.person.odd_phones.is_empty()
        && visit.service.is_empty()
        && visit.sum.is_none()
        && visit.status.is_none();
    read_time(cell, layout, habits, &mut visit, &mut reasons);
    read_day(cell, layout, habits, today, carried, &mut visit, &mut reasons);
    if nobody || blank {
        visit.reasons.insert(if nobody { Reason::NotAVisit } else { Reason::EmptySlot });
        return visit;
    }
    if visit.person.written.is_empty() {
        reasons.remove(&Reason::PartialName);
        reasons.insert(Reason::NoPatient);
    }
    visit.reasons = reasons;
    visit
}

#[cfg(test)]
mod tests;
