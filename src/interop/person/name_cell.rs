//! The cell of the name: whom it names, and what else was written into it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::numbers::note_phone;
use super::{Person, said};
use crate::contact::name::{self, fold};
use crate::contact::{Name, phone};
use crate::interop::guess::{Field, Layout};
use crate::interop::reading::{Cell, Row};
use crate::interop::verdict::Reason;

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

pub(super) fn read_name(
    row: &Row,
    layout: &Layout,
    person: &mut Person,
    reasons: &mut BTreeSet<Reason>,
) {
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
