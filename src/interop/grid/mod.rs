//! Journals drawn as a calendar: rows are times, columns are doctors, rooms or
//! days, and a cell holds a person with a telephone and what is to be done.
//! Such a sheet is unfolded into a journal of one row a visit, which then goes
//! the way of all journals. Rows keep their numbers.
//!
//! A day that is not written anywhere stays unknown, and its visits are refused
//! for that reason: a weekday alone or a range of days («12.01–18.01») names no
//! day.

mod days;
mod doctor;
mod entry;

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};

use super::guess::{Field, field_of};
use super::journal::is_doctor_line;
use super::reading::{Cell, Row, Sheet};
use super::values::{DateHints, Read, time};
pub(super) use days::day_in;
use days::{day_of, hints_of};
use doctor::{doctor, has_initials};
use entry::Entry;

/// Fewer rows with a time are no calendar.
const FEWEST_TIMES: usize = 3;

/// What stands over a column.
#[derive(Clone, Debug, Default, PartialEq)]
struct Owner {
    day: Option<Date>,
    doctor: String,
    room: String,
}

/// A part of a column's meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Person, telephone and service together.
    Whole,
    /// Each has a column of its own under the doctor.
    Of(Field),
}

/// The header in force.
#[derive(Clone, Debug, Default)]
struct Header {
    columns: BTreeMap<usize, (Owner, Part)>,
}

/// A visit being read: a cell merged over several times is one.
#[derive(Clone, Debug)]
struct Visit {
    row: u32,
    start: Time,
    end: Option<Time>,
    owner: Owner,
    entry: Entry,
    /// As written, to know the same cell again.
    text: String,
}

/// The journal that a calendar tells, or None when the sheet is no calendar.
pub fn unfold(sheet: &Sheet) -> Option<Sheet> {
    if sheet.rows.iter().take(15).any(is_plain_header) {
        return None;
    }
    let at = time_column(sheet)?;
    let hours_only = is_from_hour_to_hour(sheet, at);
    let hints = hints_of(sheet);
    let mut reading = Reading { at, hours_only, hints, ..Reading::default() };
    reading.day = day_in(&sheet.name, hints);
    for row in &sheet.rows {
        reading.row(row);
    }
    reading.close_all();
    let calendar =
        reading.times >= FEWEST_TIMES && reading.early == 0 && reading.beside * 10 <= reading.under;
    (calendar && !reading.visits.is_empty()).then(|| reading.sheet(sheet))
}

#[derive(Default)]
struct Reading {
    /// The column of times.
    at: usize,
    hours_only: bool,
    hints: DateHints,
    /// Of the sheet, or of the line above.
    day: Option<Date>,
    /// A line of days over a line of doctors.
    above: BTreeMap<usize, Owner>,
    header: Option<Header>,
    /// Rows with a time below a header, and above every one.
    times: usize,
    early: usize,
    /// Cells beside a time that stand under a header, and that do not.
    under: usize,
    beside: usize,
    titles: Vec<Row>,
    header_row: u32,
    /// By column: what may go on in the next row.
    open: BTreeMap<usize, Visit>,
    last: Option<Time>,
    visits: Vec<Visit>,
    /// Cells that no time stands beside.
    timeless: Vec<(u32, Owner, Entry)>,
}

impl Reading {
    fn row(&mut self, row: &Row) {
        let slot = match time(row.cell(self.at), self.hours_only) {
            Read::Value(slot) => Some(slot),
            _ => None,
        };
        if let Some(slot) = slot {
            self.last = Some(slot.start);
            match &self.header {
                Some(header) => {
                    let cells = filled(row).filter(|(at, _)| *at > self.at);
                    let (under, beside): (Vec<_>, Vec<_>) =
                        cells.partition(|(at, _)| header.columns.contains_key(at));
                    self.times += 1;
                    self.under += under.len();
                    self.beside += beside.len();
                }
                None => self.early += 1,
            }
            self.slot(row, slot.start, slot.end);
        } else if self.is_header(row) {
            self.close_all();
        } else if let Some(day) = self.lone_day(row) {
            self.close_all();
            self.day = Some(day);
            self.above.clear();
        } else if self.header.is_none() {
            self.titles.push(row.clone());
        } else {
            self.below(row);
        }
    }

    /// Whether the row names what its columns are; if so, it does from now on.
    fn is_header(&mut self, row: &Row) -> bool {
        let cells: Vec<(usize, &Cell)> = filled(row).filter(|(at, _)| *at > self.at).collect();
        let title = |cell: &Cell| field_of(&cell.shown());
        let parts = cells.iter().filter(|(_, cell)| title(cell) == Some(Field::Patient)).count();
        if parts >= 2 && !self.above.is_empty() {
            // «ФИО | Телефон | Услуга» under each doctor.
            let part = |(at, cell): &(usize, &Cell)| {
                let owner = self.above.range(..=*at).next_back()?.1.clone();
                Some((*at, (owner, Part::Of(title(cell)?))))
            };
            self.begin(row, cells.iter().filter_map(part).collect());
            return true;
        }
        let owners: BTreeMap<usize, Owner> =
            cells.iter().filter_map(|(at, cell)| Some((*at, self.owner(cell)?))).collect();
        let labelled = title(row.cell(self.at)) == Some(Field::Time);
        let few = owners.len() < 2 && !(labelled && cells.len() == 1 && owners.len() == 1);
        if few || owners.len() * 2 < cells.len() {
            return false;
        }
        let days = owners.values().all(|owner| owner.day.is_some());
        let under = |(at, mut owner): (usize, Owner)| {
            if owner.day.is_none() {
                owner.day = self.above.range(..=at).next_back().and_then(|(_, above)| above.day);
            }
            (at, (owner, Part::Whole))
        };
        let columns = owners.clone().into_iter().map(under).collect();
        self.begin(row, columns);
        self.above = if days || self.above.values().all(|above| above.day.is_none()) {
            owners
        } else {
            self.header
                .iter()
                .flat_map(|header| &header.columns)
                .map(|(at, (owner, _))| (*at, owner.clone()))
                .collect()
        };
        true
    }

    fn begin(&mut self, row: &Row, columns: BTreeMap<usize, (Owner, Part)>) {
        self.header = Some(Header { columns });
        if self.header_row == 0 {
            self.header_row = row.number;
        }
    }

    /// What a cell of a header stands for: a day, a room or a doctor.
    fn owner(&self, cell: &Cell) -> Option<Owner> {
        let text = cell.shown();
        if let Some(day) = day_of(cell, self.hints) {
            return Some(Owner { day: Some(day), ..Owner::default() });
        }
        let lower = text.to_lowercase();
        if ["каб", "кресло", "кресл", "зал ", "бөлме", "room", "chair"]
            .iter()
            .any(|word| lower.starts_with(word))
        {
            return Some(Owner { room: text, ..Owner::default() });
        }
        let field = field_of(&text);
        let named =
            is_doctor_line(&text) && !matches!(field, Some(field) if field != Field::Doctor);
        let whole = named && text.chars().filter(|c| c.is_alphabetic()).count() > 2;
        (whole || has_initials(&text)).then(|| Owner { doctor: doctor(&text), ..Owner::default() })
    }

    /// A day on a line of its own is the day of what follows.
    fn lone_day(&self, row: &Row) -> Option<Date> {
        let mut cells: Vec<&Cell> = filled(row).map(|(_, cell)| cell).collect();
        cells.dedup();
        let [cell] = cells[..] else { return None };
        let day = day_of(cell, self.hints)?;
        let spelled = !matches!(cell, Cell::Number(_)) || self.hints.month.is_none();
        spelled.then_some(day)
    }

    fn slot(&mut self, row: &Row, start: Time, end: Option<Time>) {
        let Some(header) = self.header.clone() else { return };
        for (at, text, owner, entry) in entries(row, &header) {
            if let Some(open) = self.open.get_mut(&at)
                && open.text == text
                && !text.is_empty()
            {
                open.end = end;
                continue;
            }
            self.close(at, Some(start));
            for entry in entry {
                let owner = Owner { day: owner.day.or(self.day), ..owner.clone() };
                let text = text.clone();
                if let Some(second) = self.open.remove(&at) {
                    self.visits.push(second);
                }
                self.open.insert(at, Visit { row: row.number, start, end, owner, entry, text });
            }
        }
    }

    /// A row without a time goes on with the cells over it, unless it names
    /// somebody else: then nobody knows when.
    fn below(&mut self, row: &Row) {
        let Some(header) = self.header.clone() else { return };
        for (at, text, owner, entry) in entries(row, &header) {
            if text.is_empty() || self.open.get(&at).is_some_and(|open| open.text == text) {
                continue;
            }
            let other = entry.iter().any(Entry::names_somebody);
            match self.open.get_mut(&at) {
                Some(open) if !other || open.entry.person.is_empty() => open.entry.join(&text),
                _ => {
                    let owner = Owner { day: owner.day.or(self.day), ..owner };
                    let each = entry.into_iter().map(|entry| (row.number, owner.clone(), entry));
                    self.timeless.extend(each);
                }
            }
        }
    }

    /// The cell ended where another began; merged over several times, it lasts
    /// until then.
    fn close(&mut self, at: usize, now: Option<Time>) {
        if let Some(mut visit) = self.open.remove(&at) {
            let merged = self.last != Some(visit.start);
            visit.end = visit.end.or(now.filter(|_| merged && visit.end.is_none()));
            self.visits.push(visit);
        }
    }

    fn close_all(&mut self) {
        let open: Vec<usize> = self.open.keys().copied().collect();
        for at in open {
            self.close(at, None);
        }
    }

    /// The journal, in the order of the rows.
    fn sheet(self, sheet: &Sheet) -> Sheet {
        let mut rows = self.titles;
        let by_doctor = self.visits.iter().any(|visit| !visit.owner.doctor.is_empty());
        let by_room = self.visits.iter().any(|visit| !visit.owner.room.is_empty());
        let text = |text: &str| {
            if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
        };
        let record = |number: u32, when: Cell, owner: &Owner, entry: &Entry| {
            let mut cells = vec![owner.day.map_or(Cell::Empty, Cell::Date), when];
            if by_doctor {
                cells.push(text(&owner.doctor));
            }
            if by_room {
                cells.push(text(&owner.room));
            }
            let parts = [&entry.person, &entry.phones, &entry.service, &entry.status];
            cells.extend(parts.map(|part| text(part)));
            Row { number, cells }
        };
        let mut titles = vec!["Дата", "Время"];
        if by_doctor {
            titles.push("Врач");
        }
        if by_room {
            titles.push("Кабинет");
        }
        titles.extend(["Пациент", "Телефон", "Услуга", "Статус"]);
        rows.retain(|row| row.number < self.header_row);
        let cells = titles.into_iter().map(|title| Cell::Text(title.to_owned())).collect();
        rows.push(Row { number: self.header_row, cells });
        let mut records: Vec<Row> = self
            .visits
            .iter()
            .map(|visit| record(visit.row, when(visit), &visit.owner, &visit.entry))
            .collect();
        let timeless = self.timeless.iter();
        records.extend(timeless.map(|(row, owner, entry)| record(*row, Cell::Empty, owner, entry)));
        records.sort_by_key(|row| row.number);
        rows.extend(records);
        Sheet { name: sheet.name.clone(), rows }
    }
}

fn when(visit: &Visit) -> Cell {
    match visit.end {
        Some(end) if end > visit.start => {
            let shown = |at: Time| at.strftime("%H:%M").to_string();
            Cell::Text(format!("{}-{}", shown(visit.start), shown(end)))
        }
        _ => Cell::Time(visit.start),
    }
}

/// What a row holds under a header: column, text as written, owner, people.
fn entries(row: &Row, header: &Header) -> Vec<(usize, String, Owner, Vec<Entry>)> {
    let mut grouped: BTreeMap<usize, (String, Owner, Entry)> = BTreeMap::new();
    let mut found = Vec::new();
    let mut group = 0;
    for (at, (owner, part)) in &header.columns {
        let text = row.cell(*at).shown();
        match part {
            Part::Whole => {
                found.push((*at, text.clone(), owner.clone(), entry::read(&text)));
            }
            Part::Of(field) => {
                let begins = *field == Field::Patient || grouped.is_empty();
                let same = grouped.get(&group).is_some_and(|(_, other, _)| other == owner);
                if begins || !same {
                    group = *at;
                }
                let own = grouped
                    .entry(group)
                    .or_insert_with(|| (String::new(), owner.clone(), Entry::default()));
                if !text.is_empty() {
                    if !own.0.is_empty() {
                        own.0.push(' ');
                    }
                    own.0.push_str(text.trim());
                    own.2.put(*field, &text);
                }
            }
        }
    }
    for (at, (text, owner, entry)) in grouped {
        let entry = if text.is_empty() { Vec::new() } else { vec![entry] };
        found.push((at, text, owner, entry));
    }
    found
}

/// The first of the leading columns in which most cells are times of day.
fn time_column(sheet: &Sheet) -> Option<usize> {
    (0..3).find(|at| {
        let cells: Vec<&Cell> =
            sheet.rows.iter().map(|row| row.cell(*at)).filter(|cell| !cell.is_empty()).collect();
        let times = cells.iter().filter(|cell| is_time(cell)).count();
        times >= FEWEST_TIMES && times * 2 >= cells.len()
    })
}

fn is_time(cell: &Cell) -> bool {
    // A running number is no time of day: a calendar's hours begin at six.
    matches!(time(cell, true), Read::Value(slot) if slot.start.hour() >= 6)
}

fn is_from_hour_to_hour(sheet: &Sheet, at: usize) -> bool {
    let pair = |row: &Row| {
        let text = row.cell(at).shown();
        let parts: Vec<Option<u32>> =
            text.split(['-', '–']).map(|part| part.trim().parse().ok()).collect();
        matches!(parts[..], [Some(from), Some(to)] if to == from + 1 || to == from + 2)
    };
    sheet.rows.iter().filter(|row| pair(row)).count() > 1
}

/// The header of a journal with a column for each fact.
fn is_plain_header(row: &Row) -> bool {
    let fields: Vec<Field> = filled(row).filter_map(|(_, cell)| field_of(&cell.shown())).collect();
    let distinct: std::collections::BTreeSet<Field> = fields.iter().copied().collect();
    let people = fields.iter().filter(|field| **field == Field::Patient).count();
    distinct.len() >= 3 && people < 2
}

fn filled(row: &Row) -> impl Iterator<Item = (usize, &Cell)> {
    row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty())
}

#[cfg(test)]
mod tests;
