//! Telephones, the IIN and the birth date of a person.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Person, said, same_day};
use crate::contact::phone::{self, PhoneError};
use crate::contact::{Iin, IinError, Phone};
use crate::interop::guess::{Field, Layout};
use crate::interop::reading::{Cell, Row};
use crate::interop::values::{Century, DateHints, Read, date};
use crate::interop::verdict::Reason;

pub(super) fn read_phones(
    row: &Row,
    layout: &Layout,
    person: &mut Person,
    reasons: &mut BTreeSet<Reason>,
) {
    let mut asked = layout.phone_in_name;
    for at in layout.all(Field::Phone) {
        asked = true;
        let text = said(row.cell(at));
        let found = phone::find_all(&text);
        let digits = text.chars().filter(char::is_ascii_digit).count();
        if found.is_empty() && digits >= 3 {
            note_phone(&text, Phone::parse(&text), person, reasons);
        }
        for found in found {
            note_phone(&text[found.span], found.number, person, reasons);
        }
    }
    if person.phones.len() + person.odd_phones.len() > 1 {
        reasons.insert(Reason::TwoPhones);
    }
    if asked && person.phones.is_empty() && person.odd_phones.is_empty() {
        reasons.insert(Reason::NoPhone);
    }
}

pub(super) fn note_phone(
    written: &str,
    number: Result<Phone, PhoneError>,
    person: &mut Person,
    reasons: &mut BTreeSet<Reason>,
) {
    match number {
        Ok(phone) if person.phones.contains(&phone) => {}
        Ok(phone) => person.phones.push(phone),
        Err(error) => {
            reasons.insert(match error {
                PhoneError::TooLong { .. } => Reason::LongPhone,
                PhoneError::Rounded => Reason::RoundedPhone,
                PhoneError::NotKazakh | PhoneError::NotANumber => Reason::UnknownPhone,
                PhoneError::TooShort { .. } | PhoneError::Empty | PhoneError::Service => {
                    Reason::ShortPhone
                }
            });
            person.odd_phones.push(written.trim().to_owned());
        }
    }
}

pub(super) fn read_iin(
    row: &Row,
    layout: &Layout,
    person: &mut Person,
    reasons: &mut BTreeSet<Reason>,
) {
    let Some(at) = layout.column(Field::Iin) else { return };
    let read = match row.cell(at) {
        Cell::Number(number) if number.fract() == 0.0 && (0.0..1e12).contains(number) => {
            Iin::parse(&format!("{number:012.0}"))
        }
        cell => {
            let text = said(cell);
            if text.is_empty() {
                return;
            }
            read_iin_text(&text)
        }
    };
    person.iin = read.ok();
    if person.iin.is_none() {
        reasons.insert(Reason::BadIin);
        person.odd_iin = said(row.cell(at));
    }
}

/// A CSV file that went through a spreadsheet has lost the zeros before, or
/// gained an apostrophe or `.0`.
fn read_iin_text(text: &str) -> Result<Iin, IinError> {
    let bare = text.trim_matches(['\'', '’', '"', '`', ' ', '\u{a0}', ';']);
    let bare = bare.strip_suffix(".0").or_else(|| bare.strip_suffix(",0")).unwrap_or(bare);
    let digits = (9..12).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_digit());
    match Iin::parse(bare) {
        Err(_) if digits => Iin::parse(&format!("{bare:0>12}")),
        read => read,
    }
}

pub(super) fn read_birth_date(
    row: &Row,
    layout: &Layout,
    today: Date,
    person: &mut Person,
    reasons: &mut BTreeSet<Reason>,
) {
    let cell = layout.column(Field::BirthDate).map_or(&Cell::Empty, |at| row.cell(at));
    let hints =
        DateHints { century: Century::Birth { latest: today.year() }, ..DateHints::default() };
    match date(cell, hints) {
        Read::Value(born) if born <= today && born.year() >= 1880 => {
            person.birth_date = Some(born);
            person.century_guessed = matches!(cell, Cell::Text(text) if !has_four_digit_year(text));
        }
        Read::Blank => {}
        _ => {
            reasons.insert(Reason::BadBirthDate);
            let said = said(cell);
            person.comment = [person.comment.as_str(), &said]
                .iter()
                .filter(|t| !t.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join("; ");
        }
    }
    let told = person.iin.as_ref().and_then(Iin::birth_date);
    if let (Some(told), Some(born)) = (told, person.birth_date) {
        if same_day(told, born, person.century_guessed) {
            person.birth_date = Some(told);
            person.century_guessed = false;
        } else {
            reasons.insert(Reason::BirthDateDiffers);
        }
    }
    person.birth_date = person.birth_date.or(told);
    person.sex = person.sex.or(person.iin.as_ref().and_then(Iin::sex));
}

fn has_four_digit_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() == 4 || run.len() == 8)
}
