//! One mention of a person: what a row says of who it is about.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::guess::{Field, Layout};
use super::reading::{Cell, Row};
use super::values::{Century, DateHints, Read, date, is_blank_mark};
use super::verdict::Reason;
use crate::contact::name::{self, fold};
use crate::contact::phone::{self, PhoneError};
use crate::contact::{Iin, Name, Phone, Sex};

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

/// Words that stand where a name should, but name nobody.
pub fn is_nobody(written: &str) -> bool {
    let key = fold(written) + " ";
    NOBODY.iter().any(|word| key.starts_with(word.as_str()))
}

/// Folded, each with a space: only whole words count.
static NOBODY: LazyLock<Vec<String>> = LazyLock::new(|| {
    let words = [
        "обед",
        "перерыв",
        "выходной",
        "резерв",
        "бронь",
        "занято",
        "отпуск",
        "отгул",
        "совещание",
        "планерка",
        "уборка",
        "нет записи",
        "не записывать",
        "закрыто",
        "свободно",
        "түскі",
        "үзіліс",
        "демалыс",
        "бос",
        "lunch",
        "break",
        "day off",
        "reserved",
        "дежурство",
    ];
    words.map(|word| fold(word) + " ").to_vec()
});

fn read_name(row: &Row, layout: &Layout, person: &mut Person, reasons: &mut BTreeSet<Reason>) {
    let cell = |field: Field| said(layout.column(field).map_or(&Cell::Empty, |at| row.cell(at)));
    let whole = cell(Field::Patient);
    if layout.has(Field::Surname) && whole.is_empty() {
        let parts = [cell(Field::Surname), cell(Field::Given), cell(Field::Patronymic)];
        let written: Vec<String> =
            parts.iter().map(|part| clean_name(part, person, reasons)).collect();
        person.written = written.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        // One column may hold everything after all.
        person.name = if written[1].is_empty() && written[0].contains(' ') {
            name::split(&person.written)
        } else {
            Name::new(&written[0], &written[1], &written[2])
        };
    } else {
        person.written = clean_name(&whole, person, reasons);
        person.name = name::split(&person.written);
    }
    if person.name.surname.chars().count() < 2 || person.name.given.chars().count() < 2 {
        reasons.insert(Reason::PartialName);
    }
}

/// Cuts numbers and remarks out of a name cell: they go where they belong.
fn clean_name(text: &str, person: &mut Person, reasons: &mut BTreeSet<Reason>) -> String {
    let mut kept = text.to_owned();
    for found in phone::find_all(text).into_iter().rev() {
        note_phone(&text[found.span.clone()], found.number, person, reasons);
        kept.replace_range(label_before(text, found.span.start)..found.span.end, " ");
    }
    let mut aside = String::new();
    while let (Some(open), Some(close)) = (kept.find('('), kept.find(')')) {
        if close < open {
            break;
        }
        aside.push_str(kept[open + 1..close].trim());
        kept.replace_range(open..=close, " ");
    }
    let words =
        kept.split([' ', ',', ';', '/', '\n', '\t', '\u{a0}']).filter(|word| !word.is_empty());
    let (mut names, mut remarks): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for word in words {
        // Behind a whole name a remark does not end: «мама записала».
        let over = names.len() > 1 && !remarks.is_empty();
        if !over && is_part_of_name(word) { names.push(word) } else { remarks.push(word) }
    }
    for remark in remarks.into_iter().filter(|word| word.chars().any(char::is_alphanumeric)) {
        aside.push(' ');
        aside.push_str(remark);
    }
    if !aside.trim().is_empty() {
        let joined = [person.comment.as_str(), aside.trim()];
        person.comment =
            joined.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("; ");
    }
    names.join(" ")
}

/// Where the word begins that announces a number: «т. 8 701…», «тел:».
fn label_before(text: &str, number: usize) -> usize {
    const LABELS: [&str; 14] = [
        "тел",
        "телефон",
        "моб",
        "мобильный",
        "сот",
        "сотовый",
        "конт",
        "контакт",
        "ватсап",
        "вотсап",
        "whatsapp",
        "wa",
        "ұялы",
        "номер",
    ];
    let before = text[..number].trim_end_matches([' ', ':', '.', '\u{a0}']);
    let label = before.trim_end_matches(char::is_alphabetic);
    let word = &before[label.len()..];
    let announces = word == "т" || LABELS.contains(&word.to_lowercase().as_str());
    if announces { label.len() } else { number }
}

fn is_part_of_name(word: &str) -> bool {
    const REMARKS: [&str; 38] = [
        "ватсап",
        "вотсап",
        "whatsapp",
        "моб",
        "сот",
        "мама",
        "папа",
        "муж",
        "жена",
        "сын",
        "дочь",
        "дочка",
        "анасы",
        "лет",
        "vip",
        "вип",
        "перв",
        "первичный",
        "первичная",
        "первичн",
        "повтор",
        "повторно",
        "повторный",
        "повторная",
        "новый",
        "новая",
        "новенький",
        "ребенок",
        "реб",
        "дети",
        "жаңа",
        "бала",
        "тел",
        "телефон",
        "пациент",
        "долг",
        "звонить",
        "осмотр",
    ];
    let letters = word.chars().filter(|c| c.is_alphabetic() || *c == '?').count();
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    letters > 0 && digits == 0 && !REMARKS.contains(&bare.as_str())
}

fn read_phones(row: &Row, layout: &Layout, person: &mut Person, reasons: &mut BTreeSet<Reason>) {
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

fn note_phone(
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

fn read_iin(row: &Row, layout: &Layout, person: &mut Person, reasons: &mut BTreeSet<Reason>) {
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
            Iin::parse(&text)
        }
    };
    person.iin = read.ok();
    if person.iin.is_none() {
        reasons.insert(Reason::BadIin);
        person.odd_iin = said(row.cell(at));
    }
}

fn read_birth_date(
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

/// Whether two birth dates are one, the century left open if it was guessed.
pub fn same_day(a: Date, b: Date, century_open: bool) -> bool {
    a == b
        || (century_open
            && a.month() == b.month()
            && a.day() == b.day()
            && (a.year() - b.year()) % 100 == 0)
}

fn has_four_digit_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() == 4 || run.len() == 8)
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
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::interop::guess::{Kind, guess};
    use crate::interop::reading;

    fn people(text: &str) -> Vec<(Person, BTreeSet<Reason>)> {
        let today = date(2026, 11, 22);
        let sheets = reading::read(text.as_bytes()).unwrap();
        let layout = guess(&sheets, Some(Kind::People), today).remove(0);
        let rows = sheets[0].rows.iter().skip(1);
        rows.map(|row| {
            let mut reasons = BTreeSet::new();
            (read(row, &layout, today, &mut reasons), reasons)
        })
        .collect()
    }

    #[test]
    fn a_number_and_a_remark_are_taken_out_of_the_name() {
        let (person, reasons) =
            people("ФИО;Дата рождения\nАхметова Дана (дочь) 8 701 234 56 78 VIP;1.2.90\n")
                .remove(0);
        assert_eq!(person.written, "Ахметова Дана");
        assert_eq!(person.phones, [Phone::parse("87012345678").unwrap()]);
        assert_eq!(person.comment, "дочь VIP");
        assert_eq!(person.birth_date, Some(date(1990, 2, 1)));
        assert!(reasons.is_empty(), "{reasons:?}");
    }

    #[test]
    fn numbers_are_flagged_for_what_is_wrong_with_them() {
        let rows = people(
            "ФИО;Телефон;ИИН\nКим Вера;870123;850101300005\nПак Анна;87012345678 / 87757726478;850101300004\nЦой Олег;нет тел;\nЛи Ян;;\n",
        );
        let flags = |at: usize| rows[at].1.iter().map(|reason| reason.code()).collect::<Vec<_>>();
        assert_eq!(flags(0), ["short_phone"]);
        assert_eq!(flags(1), ["two_phones", "bad_iin"]);
        assert_eq!(flags(2), ["no_phone"]);
        assert_eq!(rows[0].0.birth_date, Some(date(1985, 1, 1)));
        assert_eq!(rows[0].0.sex, Some(Sex::Male));
    }

    #[test]
    fn the_iin_settles_the_century_or_contradicts() {
        let rows = people(
            "ФИО;Дата рождения;ИИН\nКим Вера;01.01.85;850101300005\nПак Анна;02.01.1985;850101300005\n",
        );
        assert_eq!(rows[0].0.birth_date, Some(date(1985, 1, 1)));
        assert!(!rows[0].0.century_guessed);
        assert!(rows[1].1.contains(&Reason::BirthDateDiffers));
    }

    #[test]
    fn lunch_is_nobody() {
        assert!(is_nobody("Обед") && is_nobody("ОБЕД до 14:00") && is_nobody("түскі ас"));
        assert!(!is_nobody("Обедин Иван") && !is_nobody("Босов Егор"));
    }
}
