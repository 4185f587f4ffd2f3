//! What the cells of a column look like, and what that makes of the column.

use std::collections::HashSet;

use jiff::civil::Date;

use super::{Field, Kind, Layout};
use crate::contact::name::{fold, is_given, is_initial, is_patronymic, is_surname};
use crate::contact::phone;
use crate::interop::reading::{Cell, Row};
use crate::interop::values::{
    Century, DateHints, Read, date, is_blank_mark, minutes, status, sum, time,
};

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

/// Gives meaning to columns whose title says nothing, by their cells.
pub(super) fn assign(layout: &mut Layout, contents: &[Contents], kind: Option<Kind>) {
    let untitled = layout.header_row.is_none();
    let give = |field: Field, least: f64, score: &dyn Fn(&Contents) -> f64, layout: &mut Layout| {
        if layout.has(field) {
            return;
        }
        let mut best = (least, None);
        for (at, seen) in contents.iter().enumerate() {
            let free = layout.columns[at].is_none() && seen.filled >= if untitled { 1 } else { 3 };
            if free && score(seen) > best.0 {
                best = (score(seen), Some(at));
            }
        }
        if let (_, Some(at)) = best {
            layout.columns[at] = Some(field);
        }
    };
    let has_whom = layout.has(Field::Patient) || layout.has(Field::Surname);
    give(Field::Iin, 0.5, &|seen| seen.iin, layout);
    give(Field::Phone, 0.4, &|seen| seen.phone - seen.iin, layout);
    if kind == Some(Kind::Prices) {
        give(Field::Service, 0.4, &|seen| seen.words * seen.distinct, layout);
        give(Field::Sum, 0.4, &|seen| price_like(seen), layout);
        give(
            Field::Duration,
            0.6,
            &|seen| if seen.mean_number < 400.0 { seen.length } else { 0.0 },
            layout,
        );
        return;
    }
    let apart = layout.has(Field::Date) && layout.has(Field::Time);
    if !apart {
        give(Field::DateTime, 0.5, &|seen| seen.date_and_time, layout);
    }
    if !layout.has(Field::DateTime) {
        if kind != Some(Kind::People) {
            give(Field::Time, 0.5, &|seen| if seen.date > 0.5 { 0.0 } else { seen.time }, layout);
            give(
                Field::Date,
                0.5,
                &|seen| if seen.old_dates > 0.5 { 0.0 } else { seen.date },
                layout,
            );
        }
        give(Field::BirthDate, 0.5, &|seen| seen.date, layout);
    }
    if !has_whom {
        give(Field::Patient, 0.4, &|seen| seen.name * (0.3 + seen.distinct), layout);
    }
    if !untitled {
        return;
    }
    give(
        Field::Status,
        0.5,
        &|seen| if seen.distinct < 0.7 || seen.filled < 8 { seen.status } else { 0.0 },
        layout,
    );
    give(Field::Doctor, 0.4, &|seen| seen.name, layout);
    give(Field::Sum, 0.5, &|seen| price_like(seen), layout);
    give(Field::Service, 0.4, &|seen| seen.words * (1.0 - seen.distinct * 0.3), layout);
    if layout.has(Field::Service) && !layout.has(Field::Patient) {
        give(
            Field::Duration,
            0.6,
            &|seen| if seen.mean_number < 400.0 { seen.length } else { 0.0 },
            layout,
        );
    }
    give(Field::Comment, 0.3, &|seen| seen.words, layout);
}

/// Repairs what only the whole shows: one name column called «Имя», a journal
/// whose «Оплата» holds the sums.
pub(super) fn settle(layout: &mut Layout, contents: &[Contents]) {
    let swap = |layout: &mut Layout, from: Field, to: Field| {
        if let Some(at) = layout.column(from) {
            layout.columns[at] = Some(to);
        }
    };
    if layout.has(Field::Given) && !layout.has(Field::Surname) && !layout.has(Field::Patient) {
        swap(layout, Field::Given, Field::Patient);
    } else if layout.has(Field::Given) && layout.has(Field::Patient) && !layout.has(Field::Surname)
    {
        swap(layout, Field::Given, Field::Ignored);
    }
    if layout.has(Field::Surname) && !layout.has(Field::Given) && !layout.has(Field::Patient) {
        swap(layout, Field::Surname, Field::Patient);
    }
    if layout.kind == Kind::People && layout.has(Field::Date) && !layout.has(Field::BirthDate) {
        let born = layout.column(Field::Date).is_some_and(|at| contents[at].old_dates > 0.3);
        swap(layout, Field::Date, if born { Field::BirthDate } else { Field::Ignored });
    }
    if !layout.has(Field::Sum) {
        let paid = layout.column(Field::Payment).filter(|at| contents[*at].sum > 0.5);
        if paid.is_some() {
            swap(layout, Field::Payment, Field::Sum);
        }
    }
    if layout.kind == Kind::Prices && !layout.has(Field::Service) {
        for from in [Field::Patient, Field::Section, Field::Comment] {
            if !layout.has(Field::Service) {
                swap(layout, from, Field::Service);
            }
        }
    }
}

fn price_like(seen: &Contents) -> f64 {
    let large = if seen.mean_number >= 500.0 || seen.money_sign > 0.2 { 1.0 } else { 0.5 };
    if seen.running > 0.8 { 0.0 } else { seen.sum * large }
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
