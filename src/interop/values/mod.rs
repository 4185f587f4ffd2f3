//! What a cell says: a date, a time of day, a sum, a length, a status. Each
//! reader tells "nothing is written" from "something impossible is written"
//! from "I cannot read this", because an importer answers each differently.

mod dates;
mod lengths;
mod status;
mod sums;
mod times;

pub use dates::{Century, DateHints, date, month_and_year};
pub use lengths::minutes;
pub use status::{Status, status};
pub use sums::{Sum, sum};
pub use times::{Slot, time};

/// What came of reading a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read<T> {
    /// Nothing, or a sign for nothing (`-`, `?`, `нет`).
    Blank,
    Value(T),
    /// It has the form, but there is no such thing (31 February, 25:70).
    Impossible,
    /// Something else is written here.
    Unreadable,
}

impl<T> Read<T> {
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// Whether a text only says that there is nothing to say, or repeats the line
/// above (`-//-`).
pub fn is_blank_mark(text: &str) -> bool {
    let bare = text.trim().trim_end_matches('.').to_lowercase();
    let marks = bare.chars().all(|c| "-–—_?.\"'/\\*«»`~= ".contains(c));
    marks
        || matches!(
            bare.as_str(),
            "нет"
                | "н/д"
                | "нд"
                | "нет данных"
                | "нет тел"
                | "б/т"
                | "бт"
                | "без тел"
                | "без телефона"
                | "нет телефона"
                | "нет номера"
                | "без номера"
                | "не указан"
                | "не указано"
                | "не дал"
                | "не дала"
                | "отсутствует"
                | "неизвестно"
                | "неизв"
                | "жоқ"
                | "белгісіз"
                | "no"
                | "none"
                | "null"
                | "n/a"
                | "na"
                | "nan"
                | "empty"
                | "телефон жоқ"
                | "тел жоқ"
                | "#н/д"
                | "#n/a"
        )
}

/// Digits and what stands between them: `9.30` is `[("9", "."), ("30", "")]`.
pub(super) fn groups(text: &str) -> Vec<(String, String)> {
    let mut groups: Vec<(String, String)> = Vec::new();
    for c in text.chars() {
        match (c.is_ascii_digit(), groups.last_mut()) {
            (true, Some((digits, after))) if after.is_empty() => digits.push(c),
            (true, _) => groups.push((c.to_string(), String::new())),
            (false, Some((_, after))) => after.push(c),
            (false, None) => {}
        }
    }
    groups
}
