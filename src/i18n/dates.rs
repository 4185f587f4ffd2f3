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

/// Reads what people type into a field for a day: `23.11.2026`, `1.2.27`,
/// `1/2/2027`, `2026-11-23`. None when it is no day of 1990 to 2200.
pub fn read(text: &str) -> Option<Day> {
    let text = text.trim();
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let parts: Vec<&str> =
        text.split(['.', '/', ',', ' ']).filter(|part| !part.is_empty()).collect();
    let [day, month, year] = parts.as_slice() else { return None };
    let typed_year: i16 = year.parse().ok()?;
    let year = if year.len() == 2 { 2000 + typed_year } else { typed_year };
    (1990..=2200).contains(&year).then(|| Day::new(year, month.parse().ok()?, day.parse().ok()?))?
}

/// `09:30`.
pub fn time(at: Civil) -> String {
    at.to_jiff().strftime("%H:%M").to_string()
}
