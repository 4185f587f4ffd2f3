//! One mention of a person: what a row says of who it is about.

mod name_cell;
mod numbers;

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::guess::{Field, Layout};
use super::reading::{Cell, Row};
use super::values::is_blank_mark;
use super::verdict::Reason;
use crate::contact::{Iin, Name, Phone, Sex};
pub use name_cell::is_nobody;
use name_cell::read_name;
use numbers::{read_birth_date, read_iin, read_phones};

/// What one row says of a person. Empty texts were not stated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Person {
    pub name: Name,
    /// The name as written, without what does not belong to it.
    pub written: String,
    pub phones: Vec<Phone>,
    /// Numbers that cannot be called, as written.
    pub odd_phones: Vec<String>,
    pub iin: Option<Iin>,
    /// An IIN that does not hold, as written.
    pub odd_iin: String,
    pub birth_date: Option<Date>,
    /// The birth year was written with two digits: its century is a guess.
    pub century_guessed: bool,
    pub sex: Option<Sex>,
    pub allergy: String,
    pub source: String,
    pub card_no: String,
    pub email: String,
    pub address: String,
    pub comment: String,
}

/// Reads the columns that speak of the person. Adds flags to `reasons`; a
/// missing name is for the caller to judge.
pub fn read(row: &Row, layout: &Layout, today: Date, reasons: &mut BTreeSet<Reason>) -> Person {
    let text = |field: Field| said(layout.column(field).map_or(&Cell::Empty, |at| row.cell(at)));
    let mut person = Person {
        allergy: text(Field::Allergy),
        source: text(Field::Source),
        card_no: text(Field::CardNo),
        email: text(Field::Email),
        address: text(Field::Address),
        sex: sex(&text(Field::Sex)),
        ..Person::default()
    };
    let comments = layout.all(Field::Comment).map(|at| said(row.cell(at)));
    person.comment = comments.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
    read_name(row, layout, &mut person, reasons);
    read_phones(row, layout, &mut person, reasons);
    read_iin(row, layout, &mut person, reasons);
    read_birth_date(row, layout, today, &mut person, reasons);
    person
}

/// Whether two birth dates are one, the century left open if it was guessed.
pub fn same_day(a: Date, b: Date, century_open: bool) -> bool {
    a == b
        || (century_open
            && a.month() == b.month()
            && a.day() == b.day()
            && (a.year() - b.year()) % 100 == 0)
}

fn sex(text: &str) -> Option<Sex> {
    let lower = text.to_lowercase();
    match lower.trim_end_matches('.') {
        "м" | "муж" | "мужской" | "m" | "male" | "ер" | "ұл" | "мальчик" => {
            Some(Sex::Male)
        }
        "ж" | "жен" | "женский" | "f" | "female" | "әйел" | "қыз" | "девочка" => {
            Some(Sex::Female)
        }
        _ => None,
    }
}

/// The text of a cell, empty when it only says that there is nothing.
pub(super) fn said(cell: &Cell) -> String {
    let shown = cell.shown();
    if is_blank_mark(&shown) { String::new() } else { shown }
}

#[cfg(test)]
mod tests;
