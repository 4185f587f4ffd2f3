//! The words for what stands in the ledger as codes.

use crate::clinic::Clinic;
use crate::clock::Day;
use crate::i18n::Language;

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

pub(super) fn words(clinic: &Clinic, language: Language, key: &str) -> Option<String> {
    clinic.pages.words().say(language, key, &fluent_bundle::FluentArgs::new())
}

/// `22.11.2026` or ISO 8601.
pub(super) fn read_day(text: &str) -> Option<Day> {
    if let Ok(day) = text.parse() {
        return Some(day);
    }
    let mut parts = text.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Day::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}
