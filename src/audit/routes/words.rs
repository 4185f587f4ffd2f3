//! The words for what stands in the ledger as codes.

use std::fmt::Write;

use fluent_bundle::FluentArgs;
use serde_json::Value;

use crate::clinic::Clinic;
use crate::clock::Day;
use crate::i18n::Language;
use crate::vault::permission::Role;

/// The words for an action, or its code when there are none.
pub(super) fn said(clinic: &Clinic, language: Language, act: &str) -> String {
    let key = format!("audit-act-{}", act.replace(['.', '_'], "-"));
    words(clinic, language, &key).unwrap_or_else(|| act.to_owned())
}

/// Who acts without a name: `job:backup`, `console`, `visitor`, `tablet:…`.
pub(super) fn acting(clinic: &Clinic, language: Language, actor: &str) -> String {
    let kind = if actor.starts_with("tablet:") { "tablet" } else { actor };
    let key = format!("audit-actor-{}", kind.replace(':', "-"));
    words(clinic, language, &key).unwrap_or_else(|| actor.to_owned())
}

/// The name of a role, of the staff or not.
pub(super) fn office(clinic: &Clinic, language: Language, role: &str) -> String {
    let book = if Role::staff(role).is_some() { "shell" } else { "audit" };
    words(clinic, language, &format!("{book}-role-{role}")).unwrap_or_else(|| role.to_owned())
}

/// Why something was done, or its code.
pub(super) fn reason(clinic: &Clinic, language: Language, code: &str) -> String {
    let key = format!("audit-reason-{}", code.replace(['.', '_'], "-"));
    words(clinic, language, &key).unwrap_or_else(|| code.to_owned())
}

pub(super) fn words(clinic: &Clinic, language: Language, key: &str) -> Option<String> {
    clinic.pages.words().say(language, key, &FluentArgs::new())
}

/// A sentence about numbers; minutes of a day (`starts`, `ends`) are shown as
/// the clock does.
pub(super) fn sentence(clinic: &Clinic, language: Language, key: &str, numbers: &Value) -> String {
    let mut args = FluentArgs::new();
    for (name, value) in numbers.as_object().into_iter().flatten() {
        match (name.as_str(), value.as_i64()) {
            ("starts" | "ends", Some(minute)) => {
                args.set(name.clone(), format!("{:02}:{:02}", minute / 60, minute % 60));
            }
            (_, Some(number)) => args.set(name.clone(), number),
            (_, None) => args.set(name.clone(), value.as_str().unwrap_or_default().to_owned()),
        }
    }
    clinic.pages.words().say(language, key, &args).unwrap_or_default()
}

/// `22.11.2026` or ISO 8601.
pub(super) fn read_day(text: &str) -> Option<Day> {
    let text = text.trim();
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let mut parts = text.split(['.', '/']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let day = Day::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    day.filter(|_| parts.next().is_none())
}

/// A value for the query of a link.
pub(super) fn encoded(value: &str) -> String {
    let mut safe = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            safe.push(char::from(byte));
        } else {
            write!(safe, "%{byte:02X}").expect("a String takes all text");
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        let day = Day::new(2026, 11, 3);
        for text in ["03.11.2026", "3.11.2026", " 2026-11-03 ", "3/11/2026"] {
            assert_eq!(read_day(text), day, "{text}");
        }
        assert_eq!(read_day("31.02.2026"), None);
        assert_eq!(encoded("Chrome, Windows&x=1"), "Chrome%2C%20Windows%26x%3D1");
    }
}
