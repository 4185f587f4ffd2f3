//! The day that a calendar's title, header or line names.

use jiff::civil::Date;

use crate::interop::reading::{Cell, Sheet};
use crate::interop::values::{DateHints, date, groups, month_and_year};

pub(super) fn hints_of(sheet: &Sheet) -> DateHints {
    let titles = sheet.rows.iter().take(6).filter(|row| row.filled() <= 2);
    let texts = titles.flat_map(|row| row.cells.iter().map(Cell::shown));
    let mut hints = DateHints::default();
    for text in std::iter::once(sheet.name.clone()).chain(texts) {
        if let Some((month, year)) = month_and_year(&text) {
            hints.month = hints.month.or(Some(month));
            hints.year = hints.year.or(year);
        }
    }
    hints
}

pub(super) fn day_of(cell: &Cell, hints: DateHints) -> Option<Date> {
    match cell {
        Cell::Text(text) => day_in(text, hints),
        Cell::Time(_) => None,
        // A bare number is a day of the month, or nothing.
        Cell::Number(number) if !(1.0..=31.0).contains(number) => None,
        other => date(other, hints).value(),
    }
}

/// Words of a range of days; the longer ones by their beginnings.
const RANGES: [&str; 8] = ["с", "по", "до", "недел", "апта", "week", "период", "from"];

/// Exactly one day: a range of days or a week is none. Words around it are left
/// out.
pub(in crate::interop) fn day_in(text: &str, hints: DateHints) -> Option<Date> {
    let words: Vec<&str> =
        text.split([' ', ',', '\u{a0}']).filter(|word| !word.is_empty()).collect();
    let lower = words.iter().map(|word| word.to_lowercase());
    let ranges = |word: String| {
        RANGES
            .iter()
            .any(|stem| word == *stem || (stem.chars().count() > 3 && word.starts_with(stem)))
    };
    if lower.into_iter().any(ranges) {
        return None;
    }
    let says = |word: &&&str| {
        word.chars().any(|c| c.is_ascii_digit())
            || (word.chars().count() > 2 && month_and_year(word).is_some())
    };
    let bare = words.iter().filter(says).copied().collect::<Vec<_>>().join(" ");
    let numbers = groups(&bare).len();
    let month_named = bare.chars().any(char::is_alphabetic);
    if numbers == 0 || numbers > if month_named { 2 } else { 3 } {
        return None;
    }
    // «12.03» without a year is a day only where the year is known.
    date(&Cell::Text(bare), hints).value()
}
