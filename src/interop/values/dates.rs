//! Dates as people write them in Russian, Kazakh and English. The day stands
//! first, as the country writes it, unless the caller knows better.

use jiff::civil::Date;

use super::{Read, groups, is_blank_mark};
use crate::interop::reading::{Cell, day_of};

/// What the surroundings of a cell say.
#[derive(Clone, Copy, Debug, Default)]
pub struct DateHints {
    /// For dates written without a year; None makes them unreadable.
    pub year: Option<i16>,
    /// For days written without a month.
    pub month: Option<i8>,
    /// The column is of an American program: 1/31/2025.
    pub month_first: bool,
    pub century: Century,
}

/// Which century a year of two digits is in.
#[derive(Clone, Copy, Debug, Default)]
pub enum Century {
    /// A visit: always 20xx.
    #[default]
    Ours,
    /// A birth: 20xx up to this year (its last two digits), else 19xx.
    Birth { latest: i16 },
}

/// Reads a date; a time of day beside it does no harm.
pub fn date(cell: &Cell, hints: DateHints) -> Read<Date> {
    match cell {
        Cell::Empty => Read::Blank,
        Cell::Date(date) | Cell::DateTime(date, _) => Read::Value(*date),
        Cell::Time(_) | Cell::Bool(_) => Read::Unreadable,
        Cell::Number(number) => from_number(*number, hints),
        Cell::Text(text) if is_blank_mark(text) => Read::Blank,
        Cell::Text(text) => from_text(text, hints),
    }
}

/// «Январь 2025», «01.2025», «Қаңтар 25»: what a sheet's name or title says.
/// The year may be absent. None when there is no month in it.
pub fn month_and_year(text: &str) -> Option<(i8, Option<i16>)> {
    let lower = text.to_lowercase();
    let numbers = groups(&lower);
    let year = numbers.iter().find_map(|(digits, _)| year_of(digits, Century::Ours));
    if let Some(month) = words(&lower).find_map(month_named) {
        let short = numbers.iter().find(|(digits, _)| digits.len() == 2);
        let short =
            short.and_then(|(digits, _)| digits.parse::<i16>().ok()).filter(|year| *year > 12);
        return Some((month, year.or(short.map(|year| 2000 + year))));
    }
    let [(first, between), (second, _)] = &numbers[..] else { return None };
    let letters = lower.chars().any(char::is_alphabetic);
    if letters || !matches!(between.as_str(), "." | "-" | "/" | "_" | " ") {
        return None;
    }
    let (month, year) = if first.len() == 4 { (second, first) } else { (first, second) };
    let month: i8 = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    Some((month, Some(year_of(year, Century::Ours)?)))
}

fn from_number(number: f64, hints: DateHints) -> Read<Date> {
    let birth = matches!(hints.century, Century::Birth { .. });
    if (20_000.0..80_000.0).contains(&number) || (birth && (60.0..20_000.0).contains(&number)) {
        return day_of(number).map_or(Read::Impossible, Read::Value);
    }
    if number.fract() == 0.0 && number > 0.0 && number < 1e9 {
        return from_text(&format!("{number:.0}"), hints);
    }
    if (1.0..32.0).contains(&number) {
        return from_text(&format!("{number:.2}"), hints);
    }
    Read::Unreadable
}

fn from_text(text: &str, hints: DateHints) -> Read<Date> {
    let lower = text.to_lowercase();
    let text = without_time(&lower);
    if text.contains(':') {
        return Read::Unreadable;
    }
    let month = words(text).find_map(month_named);
    let strange = words(text).any(|word| month_named(word).is_none() && !is_harmless(word));
    if strange {
        return Read::Unreadable;
    }
    let numbers: Vec<String> = groups(text).into_iter().map(|(digits, _)| digits).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    match (month, &numbers[..]) {
        (Some(month), [first, second]) if first.len() == 4 => made(first, month, second, hints),
        (Some(month), [first, second]) => made(second, month, first, hints),
        (Some(month), [day]) if day.len() <= 2 => without_year(day, month, hints),
        (None, [year, month, day]) if year.len() == 4 => numbered(year, month, day, hints),
        (None, [first, second, year]) if first.len() <= 2 && second.len() <= 2 => {
            let (day, month) = if hints.month_first { (second, first) } else { (first, second) };
            numbered(year, month, day, hints)
        }
        (None, [first, second]) if first.len() <= 2 && second.len() <= 2 => {
            let (day, month) = if hints.month_first { (second, first) } else { (first, second) };
            month.parse().map_or(Read::Unreadable, |month| without_year(day, month, hints))
        }
        (None, [run]) if run.len() == 8 => eight_digits(run, hints),
        (None, [day]) if day.len() <= 2 => match hints.month {
            Some(month) => without_year(day, month, hints),
            None => Read::Unreadable,
        },
        _ => Read::Unreadable,
    }
}

fn eight_digits(run: &str, hints: DateHints) -> Read<Date> {
    let year_first = run.starts_with("19") || run.starts_with("20");
    if let (true, value @ Read::Value(_)) =
        (year_first, numbered(&run[..4], &run[4..6], &run[6..], hints))
    {
        return value;
    }
    numbered(&run[4..], &run[2..4], &run[..2], hints)
}

fn numbered(year: &str, month: &str, day: &str, hints: DateHints) -> Read<Date> {
    month.parse().map_or(Read::Unreadable, |month| made(year, month, day, hints))
}

fn made(year: &str, month: i8, day: &str, hints: DateHints) -> Read<Date> {
    let year = match year.len() {
        2 | 4 => year_of(year, hints.century),
        _ => None,
    };
    let (Some(year), Ok(day)) = (year, day.parse::<i8>()) else { return Read::Impossible };
    Date::new(year, month, day).map_or(Read::Impossible, Read::Value)
}

fn without_year(day: &str, month: i8, hints: DateHints) -> Read<Date> {
    let Ok(day) = day.parse::<i8>() else { return Read::Unreadable };
    // A day that no year has is wrong even when the year is unknown.
    if Date::new(2024, month, day).is_err() {
        return Read::Impossible;
    }
    let Some(year) = hints.year else { return Read::Unreadable };
    Date::new(year, month, day).map_or(Read::Impossible, Read::Value)
}

fn year_of(digits: &str, century: Century) -> Option<i16> {
    let year: i16 = digits.parse().ok()?;
    match (digits.len(), century) {
        (4, _) => (1850..=2200).contains(&year).then_some(year),
        (2, Century::Ours) => Some(2000 + year),
        (2, Century::Birth { latest }) if year <= latest % 100 => Some(latest / 100 * 100 + year),
        (2, Century::Birth { latest }) => Some(latest / 100 * 100 - 100 + year),
        _ => None,
    }
    .filter(|year| digits.len() == 2 || (1850..=2200).contains(year))
}

/// Cuts a time of day off the end (`06.01.2025 9:30`, `2025-01-06T09:30:00`).
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else { return text };
    let hour = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit());
    if hour.trim_end_matches([' ', 't', ',']).is_empty() {
        text
    } else {
        hour.trim_end_matches([' ', 't', ','])
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty())
}

fn is_harmless(word: &str) -> bool {
    const WEEKDAYS: [&str; 33] = [
        "понедельник",
        "вторник",
        "среда",
        "четверг",
        "пятница",
        "суббота",
        "воскресенье",
        "пн",
        "вт",
        "ср",
        "чт",
        "пт",
        "сб",
        "вс",
        "дүйсенбі",
        "сейсенбі",
        "сәрсенбі",
        "бейсенбі",
        "жұма",
        "сенбі",
        "жексенбі",
        "дс",
        "сс",
        "бс",
        "жм",
        "жк",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
    ];
    matches!(
        word,
        "г" | "год"
            | "года"
            | "г.р"
            | "р"
            | "ж"
            | "жыл"
            | "жылы"
            | "дата"
            | "күні"
            | "date"
            | "от"
            | "на"
    ) || WEEKDAYS.contains(&word)
        || (word.chars().count() > 1 && WEEKDAYS.iter().any(|day| day.starts_with(word)))
        || (word.len() > 5
            && ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
                .contains(&word))
}

/// Full names in every case and the usual shortenings.
fn month_named(word: &str) -> Option<i8> {
    const STEMS: [(&str, i8); 38] = [
        ("январ", 1),
        ("феврал", 2),
        ("март", 3),
        ("апрел", 4),
        ("июн", 6),
        ("июл", 7),
        ("август", 8),
        ("сентябр", 9),
        ("октябр", 10),
        ("ноябр", 11),
        ("декабр", 12),
        ("қаңтар", 1),
        ("ақпан", 2),
        ("наурыз", 3),
        ("сәуір", 4),
        ("мамыр", 5),
        ("маусым", 6),
        ("шілде", 7),
        ("тамыз", 8),
        ("қыркүйек", 9),
        ("қазан", 10),
        ("қараша", 11),
        ("желтоқсан", 12),
        ("january", 1),
        ("february", 2),
        ("march", 3),
        ("april", 4),
        ("june", 6),
        ("july", 7),
        ("august", 8),
        ("september", 9),
        ("october", 10),
        ("november", 11),
        ("december", 12),
        ("кантар", 1),
        ("акпан", 2),
        ("казан", 10),
        ("караша", 11),
    ];
    const SHORT: [(&str, i8); 37] = [
        ("янв", 1),
        ("фев", 2),
        ("февр", 2),
        ("мар", 3),
        ("апр", 4),
        ("май", 5),
        ("мая", 5),
        ("мае", 5),
        ("маи", 5),
        ("июн", 6),
        ("июл", 7),
        ("авг", 8),
        ("сен", 9),
        ("сент", 9),
        ("окт", 10),
        ("ноя", 11),
        ("нояб", 11),
        ("дек", 12),
        ("jan", 1),
        ("feb", 2),
        ("mar", 3),
        ("apr", 4),
        ("may", 5),
        ("jun", 6),
        ("jul", 7),
        ("aug", 8),
        ("sep", 9),
        ("sept", 9),
        ("oct", 10),
        ("nov", 11),
        ("dec", 12),
        ("қаң", 1),
        ("ақп", 2),
        ("нау", 3),
        ("сәу", 4),
        ("мам", 5),
        ("қар", 11),
    ];
    let long = STEMS.iter().find(|(stem, _)| {
        word.starts_with(stem) && word.chars().count() <= stem.chars().count() + 4
    });
    long.or_else(|| SHORT.iter().find(|(short, _)| *short == word)).map(|(_, month)| *month)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    fn read(text: &str) -> Read<Date> {
        let hints = DateHints { year: Some(2025), month: Some(1), ..DateHints::default() };
        date(&Cell::text(text), hints)
    }

    #[test]
    fn one_day_is_written_in_many_ways() {
        for text in [
            "06.01.2025",
            "6.1.25",
            "06/01/2025",
            "06-01-2025",
            "2025-01-06",
            "2025.01.06",
            "6 января",
            "6 января 2025 г.",
            "6 янв 25",
            "6 қаңтар",
            "2025 ж. 6 қаңтар",
            "06.01",
            "6",
            "06.01.2025 9:30",
            "пн 06.01.2025",
            "6.01.2025г.",
            "06012025",
            "20250106",
            "понедельник, 6 января",
            "Jan 6 2025",
            "6 January 2025",
            "2025-01-06T09:30:00",
            "06 . 01 . 2025",
        ] {
            assert_eq!(read(text), Read::Value(day(2025, 1, 6)), "{text}");
        }
        assert_eq!(
            date(&Cell::Number(45_663.0), DateHints::default()),
            Read::Value(day(2025, 1, 6))
        );
    }

    #[test]
    fn a_day_that_never_was_is_told_from_no_date() {
        for text in [
            "31.02.2025",
            "30.02",
            "29.02.2025",
            "45.01.2025",
            "10.13.2025",
            "31 апреля",
            "00.00.0000",
        ] {
            assert_eq!(read(text), Read::Impossible, "{text}");
        }
        for text in ["", "-", "?", "-//-"] {
            assert_eq!(read(text), Read::Blank, "{text}");
        }
        for text in ["Иванов", "ИТОГО", "9:30", "Ким 12", "8 701 234 56 78"] {
            assert_eq!(read(text), Read::Unreadable, "{text}");
        }
    }

    #[test]
    fn two_digits_of_a_birth_year_mean_the_past() {
        let hints = DateHints { century: Century::Birth { latest: 2026 }, ..DateHints::default() };
        assert_eq!(date(&Cell::text("09.02.64"), hints), Read::Value(day(1964, 2, 9)));
        assert_eq!(date(&Cell::text("29.08.05"), hints), Read::Value(day(2005, 8, 29)));
        assert_eq!(date(&Cell::Number(23_416.0), hints), Read::Value(day(1964, 2, 9)));
    }

    #[test]
    fn without_a_year_nearby_there_is_no_date() {
        assert_eq!(date(&Cell::text("6 января"), DateHints::default()), Read::Unreadable);
        assert_eq!(date(&Cell::text("30.02"), DateHints::default()), Read::Impossible);
    }

    #[test]
    fn american_columns_put_the_month_first() {
        let hints = DateHints { month_first: true, ..DateHints::default() };
        assert_eq!(date(&Cell::text("1/31/2025"), hints), Read::Value(day(2025, 1, 31)));
    }

    #[test]
    fn sheets_are_named_after_months() {
        for (text, month) in [
            ("Январь 2025", (1, Some(2025))),
            ("янв 25", (1, Some(2025))),
            ("01.2025", (1, Some(2025))),
            ("Журнал записи — июнь 2025 г.", (6, Some(2025))),
            ("Қаңтар", (1, None)),
            ("2025-03", (3, Some(2025))),
            ("май", (5, None)),
            ("Сентябрь", (9, None)),
            ("Dec 2024", (12, Some(2024))),
        ] {
            assert_eq!(month_and_year(text), Some(month), "{text}");
        }
        for text in ["Лист1", "Прайс", "Пациенты 2025", "Ким В.С.", "Марат"]
        {
            assert_eq!(month_and_year(text), None, "{text}");
        }
    }
}
