//! What the cells of a column look like, and what that makes of the column.

mod assign;

use std::collections::HashSet;

use jiff::civil::Date;

use super::{Field, Layout};
use crate::contact::name::{fold, is_given, is_initial, is_patronymic, is_surname};
use crate::contact::phone;
use crate::interop::reading::{Cell, Row};
use crate::interop::values::{
    Century, DateHints, Read, date, is_blank_mark, minutes, status, sum, time,
};
pub(super) use assign::{assign, settle};

/// Shares (0 to 1) of the filled cells of a column that read as something.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Contents {
    /// How many cells were looked at that say anything.
    pub filled: usize,
    pub date: f64,
    pub date_and_time: f64,
    pub time: f64,
    pub phone: f64,
    pub iin: f64,
    pub sum: f64,
    pub money_sign: f64,
    pub status: f64,
    pub name: f64,
    pub words: f64,
    pub length: f64,
    /// Dates more than a year before the newest one: births.
    pub old_dates: f64,
    /// Different values among the filled: near 1 for people, small for doctors.
    pub distinct: f64,
    pub mean_number: f64,
    /// Each number is the one above plus one.
    pub running: f64,
}

/// Cells looked at in each column.
const SAMPLE: usize = 400;

impl Contents {
    pub fn of(rows: &[Row], column: usize, layout: &Layout, today: Date) -> Self {
        let cells: Vec<&Cell> = rows
            .iter()
            .filter(|row| row.filled() > 1)
            .take(SAMPLE)
            .map(|row| row.cell(column))
            .collect();
        let cells: Vec<&Cell> = cells.into_iter().filter(|cell| says_anything(cell)).collect();
        if cells.is_empty() {
            return Self::default();
        }
        let share = |test: &dyn Fn(&Cell) -> bool| {
            ratio(cells.iter().filter(|cell| test(cell)).count(), cells.len())
        };
        let hints = DateHints {
            year: layout.year.or(Some(today.year())),
            month: None,
            month_first: false,
            century: Century::Birth { latest: today.year() },
        };
        let dates: Vec<Date> = cells.iter().filter_map(|cell| date(cell, hints).value()).collect();
        let numbers: Vec<f64> = cells.iter().filter_map(|cell| number(cell)).collect();
        let shown: HashSet<String> = cells.iter().map(|cell| fold(&cell.shown())).collect();
        Self {
            filled: cells.len(),
            date: share(&|cell| is_date(cell, hints)),
            date_and_time: share(&|cell| is_date(cell, hints) && has_clock(cell)),
            time: share(&is_time),
            phone: share(&is_phone),
            iin: share(&is_iin),
            sum: share(&|cell| {
                matches!(sum(cell), Read::Value(_)) && !is_phone(cell) && !is_iin(cell)
            }),
            money_sign: share(&has_money_sign),
            status: share(
                &|cell| matches!(cell, Cell::Text(text) if text.chars().count() < 30 && status(text).is_some()),
            ),
            name: share(&is_name),
            words: share(
                &|cell| matches!(cell, Cell::Text(text) if text.chars().filter(|c| c.is_alphabetic()).count() > 2),
            ),
            length: share(&|cell| matches!(minutes(cell, false), Read::Value(5..=600))),
            old_dates: {
                let old = |date: &&Date| today.year() - date.year() > 4;
                ratio(dates.iter().filter(old).count(), dates.len().max(1))
            },
            distinct: ratio(shown.len(), cells.len()),
            mean_number: if numbers.is_empty() {
                0.0
            } else {
                numbers.iter().sum::<f64>() / count(numbers.len())
            },
            running: {
                let steps = numbers
                    .windows(2)
                    .filter(|pair| (pair[1] - pair[0] - 1.0).abs() < 1e-9)
                    .count();
                ratio(steps, numbers.len().max(2) - 1)
            },
        }
    }

    /// Whether enough cells say clearly that a title is wrong for them.
    pub fn contradicts(&self, field: Field) -> bool {
        if self.filled < 4 {
            return false;
        }
        match field {
            Field::Date | Field::BirthDate => self.date < 0.1,
            Field::DateTime => self.date < 0.1 && self.time < 0.1,
            Field::Time | Field::EndTime => self.time < 0.1 && self.date_and_time < 0.1,
            Field::Phone => {
                self.phone < 0.05 && self.words > 0.8 && self.date < 0.1 && self.filled > 8
            }
            Field::Iin => self.iin < 0.05 && self.words > 0.5,
            Field::Patient | Field::Surname | Field::Given => self.words < 0.2,
            Field::Sum => self.sum < 0.05 && self.words > 0.8,
            Field::Duration => self.length < 0.1 && self.time < 0.1,
            _ => false,
        }
    }
}

fn says_anything(cell: &Cell) -> bool {
    match cell {
        Cell::Empty => false,
        Cell::Text(text) => !is_blank_mark(text) || text.trim() == "-",
        _ => true,
    }
}

/// A date that stands for itself: not a bare number or a day without a month.
fn is_date(cell: &Cell, hints: DateHints) -> bool {
    match cell {
        Cell::Date(_) | Cell::DateTime(..) => true,
        Cell::Text(text) => {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            let months = text.chars().any(char::is_alphabetic);
            (digits >= 4 || months)
                && digits <= 12
                && matches!(date(cell, hints), Read::Value(_) | Read::Impossible)
        }
        _ => false,
    }
}

fn has_clock(cell: &Cell) -> bool {
    match cell {
        Cell::DateTime(..) => true,
        Cell::Text(text) => text.contains(':') && matches!(time(cell, false), Read::Value(_)),
        _ => false,
    }
}

fn is_time(cell: &Cell) -> bool {
    match cell {
        Cell::Time(_) => true,
        Cell::Number(number) => (0.25..0.95).contains(number),
        Cell::Text(text) => {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            (3..=8).contains(&digits)
                && text.chars().any(|c| !c.is_ascii_digit())
                && matches!(time(cell, false), Read::Value(slot) if (5..=23).contains(&slot.start.hour()))
        }
        _ => false,
    }
}

fn is_phone(cell: &Cell) -> bool {
    match cell {
        Cell::Number(number) => (7e9..9e10).contains(number) && number.fract() == 0.0,
        Cell::Text(text) => phone::find_all(text).iter().any(|found| found.number.is_ok()),
        _ => false,
    }
}

fn is_iin(cell: &Cell) -> bool {
    let text = cell.shown();
    let text = text.trim();
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_money_sign(cell: &Cell) -> bool {
    let text = cell.shown().to_lowercase();
    text.contains('₸') || text.contains("тг") || text.contains("тенге") || text.contains("теңге")
}

/// One to four words that look like a person's name.
fn is_name(cell: &Cell) -> bool {
    let Cell::Text(text) = cell else { return false };
    let letters: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
    let words: Vec<&str> = letters
        .split([' ', '.', ','])
        .filter(|word| word.chars().any(char::is_alphabetic))
        .collect();
    let known = |word: &&&str| is_given(word) || is_surname(word) || is_patronymic(word);
    let clear = words.iter().filter(known).count();
    let initials = words.iter().filter(|word| is_initial(word)).count();
    (1..=5).contains(&words.len()) && clear > 0 && clear * 2 + initials >= words.len()
}

fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Number(number) => Some(*number),
        Cell::Text(text) => text.replace([' ', '\u{a0}'], "").parse().ok(),
        _ => None,
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    count(part) / count(whole.max(1))
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
