//! R10: how people sign in, and from where.

use std::collections::BTreeMap;

use super::{Sight, busiest, finding, numbers};
use crate::audit::findings::facts::{Place, Trace};
use crate::audit::findings::model::{Finding, Rule, Severity};

/// Everything is new to whoever has just begun.
const FIRST_DAYS: i64 = 14;

pub fn judge(sight: Sight<'_>, actor: &str, entries: &[&Trace]) -> Vec<Finding> {
    let found = [new_device(sight, actor, entries), two_places(sight, actor, entries)];
    found.into_iter().flatten().collect()
}

/// A new computer in the clinic is no news while the clinic is open: others
/// will sign in on it too. A network that nobody here uses is, and so is a new
/// browser at night.
fn new_device(sight: Sight<'_>, actor: &str, entries: &[&Trace]) -> Option<Finding> {
    let since = sight.facts.people.get(actor)?.since;
    if since.is_none_or(|since| sight.wall.day.days_since(since) < FIRST_DAYS) {
        return None;
    }
    let places = &sight.facts.places;
    let known = places.of.get(actor)?;
    let elsewhere = |place: &Place| {
        !places.clinic.contains(&place.network)
            && !known.iter().any(|other| other.network == place.network)
    };
    let strange = |entry: &&Trace| {
        entry.act == "session.started"
            && entry.place().is_some_and(|place| {
                !known.contains(&place) && (elsewhere(&place) || !sight.is_open(entry))
            })
    };
    let begun: Vec<&Trace> = entries.iter().copied().filter(strange).collect();
    let far = begun.iter().any(|entry| entry.place().is_some_and(|place| elsewhere(&place)));
    let severity = if far { Severity::Warning } else { Severity::Notice };
    let numbers = numbers![where: if far { "outside" } else { "night" }];
    finding(sight, Rule::NewDevice, severity, actor, &begun, numbers)
}

/// Two computers of the clinic are a walk along the corridor; one here and one
/// elsewhere are two people.
fn two_places(sight: Sight<'_>, actor: &str, entries: &[&Trace]) -> Option<Finding> {
    let clinic = &sight.facts.places.clinic;
    let mut both = Vec::new();
    let mut last: BTreeMap<String, &Trace> = BTreeMap::new();
    for entry in entries.iter().copied() {
        let Some(place) = entry.place() else { continue };
        for (network, other) in &last {
            let apart = super::minutes(entry.at.unix_ms() - other.at.unix_ms());
            let strange = !clinic.contains(network) || !clinic.contains(&place.network);
            if *network != place.network && strange && apart < sight.limits.two_places_minutes {
                both.extend([*other, entry]);
            }
        }
        last.insert(place.network, entry);
    }
    let numbers = numbers![minutes: sight.limits.two_places_minutes];
    finding(sight, Rule::TwoPlaces, Severity::Alarm, actor, &both, numbers)
}

/// Wrong passwords for one account, whoever types them.
pub fn guessing(sight: Sight<'_>) -> Vec<Finding> {
    let mut failed: BTreeMap<&str, Vec<&Trace>> = BTreeMap::new();
    for entry in sight.facts.entries.iter().filter(|entry| entry.act == "sign_in.failed") {
        failed.entry(entry.object.as_deref().unwrap_or_default()).or_default().push(entry);
    }
    let judged = failed.into_iter().filter_map(|(account, entries)| {
        let size = |some: &[&Trace]| i64::try_from(some.len()).unwrap_or(i64::MAX);
        let (hour, most) = busiest(&entries, 60, size);
        // Names that nobody has are guessed at by machines: a few more are noise.
        let limit = sight.limits.failures * if account.is_empty() { 3 } else { 1 };
        if most <= limit {
            return None;
        }
        let numbers = numbers![failures: most, limit: limit];
        finding(sight, Rule::Guessing, Severity::Warning, account, &hour, numbers)
    });
    judged.collect()
}
