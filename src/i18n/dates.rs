//! Days and times as people read them, after CLDR for ru-KZ and kk-KZ.

use crate::clock::{Civil, Day};
use crate::i18n::{Language, Words};

impl Words {
    /// `пн, 23 ноября`; `дс, 23 қараша`.
    pub fn day(&self, language: Language, day: Day) -> String {
        let weekday = self.plain(language, &format!("date-weekday-short-{}", day.weekday()));
        format!("{weekday}, {}", self.day_of_month(language, day))
    }

    /// `понедельник, 23 ноября`; `дүйсенбі, 23 қараша`.
    pub fn long_day(&self, language: Language, day: Day) -> String {
        let weekday = self.plain(language, &format!("date-weekday-{}", day.weekday()));
        format!("{weekday}, {}", self.day_of_month(language, day))
    }

    /// `23 ноября`, with the month in the genitive where the language wants it.
    pub fn day_of_month(&self, language: Language, day: Day) -> String {
        let month = self.plain(language, &format!("date-month-{}", day.to_jiff().month()));
        format!("{}\u{a0}{month}", day.to_jiff().day())
    }
}

/// `23.11.2026`.
pub fn numeric(day: Day) -> String {
    day.to_jiff().strftime("%d.%m.%Y").to_string()
}

/// Reads what people type for a day: `23.11.2026`, `1.2.27`, `1/2/2027`,
/// `2026-11-23`. A year of two digits is one of this century.
pub fn read(text: &str) -> Option<Day> {
    let text = text.trim();
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let parts: Vec<&str> =
        text.split(['.', '/', ',', ' ']).filter(|part| !part.is_empty()).collect();
    let [day, month, year] = parts.as_slice() else { return None };
    let typed: i16 = year.parse().ok()?;
    let year = if year.len() == 2 { 2000 + typed } else { typed };
    (1990..=2200).contains(&year).then(|| Day::new(year, month.parse().ok()?, day.parse().ok()?))?
}

/// `09:30`.
pub fn time(at: Civil) -> String {
    at.to_jiff().strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_type_them() {
        let expected = Day::new(2026, 2, 1);
        for typed in ["01.02.2026", "1.2.26", "2026-02-01", " 1/2/2026 ", "1 2 2026"] {
            assert_eq!(read(typed), expected, "{typed}");
        }
        for typed in ["", "31.02.2026", "1.2", "01.02.1926", "завтра", "1.2.2026.3"] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }

    #[test]
    fn what_is_shown_is_read_back() {
        let day = Day::new(2026, 11, 3).expect("a day");
        assert_eq!(read(&numeric(day)), Some(day));
    }
}
