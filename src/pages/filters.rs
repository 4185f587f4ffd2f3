//! How values look on a page: sums, days, times, phone numbers.

use std::sync::Arc;

use minijinja::{Environment, State, Value};

use crate::clock::{Civil, Day, Timestamp, Zone};
use crate::i18n::{Words, dates};
use crate::money::Money;
use crate::pages::language_of;

pub(super) fn add(environment: &mut Environment<'static>, words: Arc<Words>, zone: Zone) {
    environment.add_filter("money", |tiyn: i64| Money::from_tiyn(tiyn).to_string());
    environment.add_filter("thin", thin);
    environment.add_filter("phone", |e164: &str| phone(e164));
    environment.add_filter("initials", |name: &str| initials(name));
    environment
        .add_filter("date", |value: &Value| shown(value, |text| day_of(text).map(dates::numeric)));
    environment.add_filter("time", |value: &Value| {
        shown(value, |text| text.parse().ok().map(dates::time))
    });
    let spoken = words.clone();
    environment.add_filter("day", move |state: &State<'_, '_>, value: &Value| {
        shown(value, |text| day_of(text).map(|day| spoken.day(language_of(state), day)))
    });
    let spoken = words;
    environment.add_filter("long_day", move |state: &State<'_, '_>, value: &Value| {
        shown(value, |text| day_of(text).map(|day| spoken.long_day(language_of(state), day)))
    });
    environment.add_filter("instant", move |unix_ms: Option<i64>| {
        let at = unix_ms.and_then(|ms| Timestamp::try_from(ms).ok());
        at.map(|at| {
            let civil = zone.civil(at);
            format!("{} {}", dates::numeric(civil.day()), dates::time(civil))
        })
        .unwrap_or_default()
    });
}

/// Nothing for null; the value itself when it cannot be read.
fn shown(value: &Value, format: impl FnOnce(&str) -> Option<String>) -> String {
    if value.is_none() || value.is_undefined() {
        return String::new();
    }
    let text = value.to_string();
    format(&text).unwrap_or(text)
}

/// The day of `2026-11-23` or of `2026-11-23T09:30`.
fn day_of(text: &str) -> Option<Day> {
    text.parse().ok().or_else(|| text.parse::<Civil>().ok().map(Civil::day))
}

/// Thousands apart by a no-break space.
fn thin(number: i64) -> String {
    let sum = Money::from_tenge(number).to_string();
    sum.trim_end_matches("\u{a0}₸").to_owned()
}

/// `+77012345678` as `+7 (701) 234-56-78`; numbers of other countries as they are.
fn phone(e164: &str) -> String {
    let parts = (e164.get(2..5), e164.get(5..8), e164.get(8..10), e164.get(10..));
    match parts {
        (Some(code), Some(a), Some(b), Some(c)) if e164.starts_with("+7") && c.len() == 2 => {
            format!("+7\u{a0}({code})\u{a0}{a}-{b}-{c}")
        }
        _ => e164.to_owned(),
    }
}

/// The first letters of the first two words.
pub fn initials(name: &str) -> String {
    let words = name.split_whitespace().take(2);
    words.filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect()
}
