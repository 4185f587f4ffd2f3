//! Rows that are no record: titles, totals, and the days and doctors that stand
//! on lines or sheets of their own and hold for what follows.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::Date;

use super::when::hints;
use super::{Carried, Habits};
use crate::contact::name::{fold, is_given, is_patronymic, is_surname};
use crate::interop::grid::day_in;
use crate::interop::guess::{Field, Layout};
use crate::interop::person::said;
use crate::interop::reading::{Cell, Row};
use crate::interop::values::{Read, date, month_and_year, time};
use crate::interop::verdict::Reason;

/// What a row is when it is no record: None for a record.
pub(super) fn not_a_record(
    row: &Row,
    layout: &Layout,
    habits: Habits,
    carried: &mut Carried,
) -> Option<Reason> {
    if layout.is_header(row) {
        return Some(Reason::Header);
    }
    if layout.header_row.is_some_and(|header| row.number < header) {
        // A day or a doctor may stand above the first header.
        line_above(row, layout, habits, carried);
        return Some(Reason::Title);
    }
    let cell = |field: Field| layout.column(field).map_or(&Cell::Empty, |at| row.cell(at));
    let whom = [Field::Patient, Field::Surname].iter().any(|field| {
        let text = said(cell(*field));
        !text.is_empty() && !is_total(&text)
    });
    let total = row.cells.iter().any(|cell| matches!(cell, Cell::Text(text) if is_total(text)));
    if total && !whom {
        return Some(Reason::Total);
    }
    let texts = distinct_texts(row);
    // «Отключили свет» in the patients' column alone is a note, not a patient.
    let note = whom
        && row.filled() == 1
        && layout.columns.iter().flatten().count() > 3
        && texts
            .iter()
            .all(|text| !looks_like_name(text) && !text.chars().any(|c| c.is_ascii_digit()));
    if texts.len() == 1 && (!whom || note) {
        return line_above(row, layout, habits, carried);
    }
    None
}

/// A line of one cell: a day, a doctor, or a title. None when it is the one
/// cell of a record (a time without anything).
fn line_above(row: &Row, layout: &Layout, habits: Habits, carried: &mut Carried) -> Option<Reason> {
    let cell = row.cells.iter().find(|cell| !cell.is_empty())?;
    if distinct_texts(row).len() != 1 {
        return Some(Reason::Title);
    }
    let at_time = layout
        .column(Field::Time)
        .is_some_and(|at| matches!(time(row.cell(at), habits.hours_only), Read::Value(_)));
    let text = cell.shown();
    let spelled = matches!(cell, Cell::Date(_))
        || text.chars().filter(char::is_ascii_digit).count() >= 3
        || text.chars().any(char::is_alphabetic);
    if let (true, false, Read::Value(day)) =
        (spelled, at_time, date(cell, hints(layout, habits, carried)))
    {
        (carried.day, carried.broken, carried.last) = (Some(day), None, None);
        return Some(Reason::DayLine);
    }
    // A title over the table does not take it from the doctor its sheet names.
    let titled = layout.header_row.is_some_and(|header| row.number < header)
        && !carried.doctor.is_empty()
        && !is_labelled(&text);
    if !layout.has(Field::Doctor) && !titled && is_doctor_line(&text) {
        carried.doctor = doctor_in(&text);
        return Some(Reason::DoctorLine);
    }
    if at_time || !text.chars().any(char::is_alphabetic) {
        return Some(Reason::EmptySlot);
    }
    Some(Reason::Title)
}

fn distinct_texts(row: &Row) -> BTreeSet<String> {
    row.cells.iter().filter(|cell| !cell.is_empty()).map(Cell::shown).collect()
}

fn is_total(text: &str) -> bool {
    let key = fold(text);
    let first = key.split(' ').next().unwrap_or_default();
    TOTALS.iter().any(|word| first == word)
}

pub(in crate::interop) fn is_doctor_line(text: &str) -> bool {
    is_labelled(text) || (month_and_year(text).is_none() && looks_like_name(text))
}

fn is_labelled(text: &str) -> bool {
    let key = fold(text);
    DOCTORS.iter().any(|word| key.starts_with(word.as_str()))
}

static TOTALS: LazyLock<Vec<String>> = LazyLock::new(|| {
    ["итого", "всего", "барлығы", "жиыны", "total", "итог", "қорытынды", "subtotal", "касса"]
        .map(fold)
        .to_vec()
});

static DOCTORS: LazyLock<Vec<String>> = LazyLock::new(|| {
    ["врач", "доктор", "дәрігер", "doctor", "специалист", "д р"].map(fold).to_vec()
});

/// Words of a clinic's own name, which may look like a person's.
const PLACES: [&str; 14] = [
    "клиник",
    "емхана",
    "стоматолог",
    "центр",
    "орталық",
    "кабинет",
    "отделен",
    "бөлім",
    "тоо",
    "жшс",
    "филиал",
    "салон",
    "clinic",
    "med",
];

fn looks_like_name(text: &str) -> bool {
    let lower = text.to_lowercase();
    let place = text.contains(['«', '"', '“']) || PLACES.iter().any(|word| lower.contains(word));
    if place {
        return false;
    }
    let words: Vec<&str> = text.split([' ', '.', ',']).filter(|word| !word.is_empty()).collect();
    let known = words
        .iter()
        .filter(|word| is_given(word) || is_surname(word) || is_patronymic(word))
        .count();
    (1..=4).contains(&words.len())
        && known > 0
        && known * 2 >= words.len()
        && !text.chars().any(|c| c.is_ascii_digit())
}

fn doctor_in(text: &str) -> String {
    text.split_once(':').map_or(text, |(_, name)| name).trim().to_owned()
}

/// A book with a sheet for each day has the days on its sheets.
pub(super) fn day_of_sheet(layout: &Layout, habits: Habits) -> Option<Date> {
    let dated = layout.has(Field::Date) || layout.has(Field::DateTime);
    let hints = hints(layout, habits, &Carried::default());
    if dated { None } else { day_in(&layout.sheet, hints) }
}

/// A book with a sheet for each doctor has their names on the sheets.
pub(super) fn doctor_of_sheet(layout: &Layout) -> String {
    let named = !layout.has(Field::Doctor) && is_doctor_line(&layout.sheet);
    if named { doctor_in(&layout.sheet) } else { String::new() }
}
