//! Whose cards were opened, and how many: R1, R2, R4, R5, R6.

use std::collections::BTreeSet;

use super::need::{Need, Work};
use super::{Sight, busiest, distinct, finding, numbers};
use crate::audit::findings::facts::{Kin, Trace};
use crate::audit::findings::model::{Finding, Rule, Severity};

pub fn judge(sight: Sight<'_>, actor: &str, entries: &[&Trace], own: &Work) -> Vec<Finding> {
    let found = [
        mass_viewing(sight, actor, entries, own),
        mass_listing(sight, actor, entries),
        no_relation(sight, actor, entries, own),
        watched(sight, actor, entries, own),
        family(sight, actor, entries, own),
        colleague(sight, actor, entries, own),
    ];
    found.into_iter().flatten().collect()
}

/// Cards opened that are not of the day's work. Out of hours nothing is.
pub fn strangers<'a>(
    sight: Sight<'_>,
    actor: &str,
    entries: &[&'a Trace],
    own: &Work,
) -> Vec<&'a Trace> {
    let treats = sight.facts.role(actor) == "doctor";
    let strange = |entry: &&Trace| {
        entry.patients.iter().any(|patient| match sight.need(actor, *patient, own) {
            Need::Today | Need::Work => !sight.is_open(entry),
            Need::Near => !treats || !sight.is_open(entry),
            Need::None => true,
        })
    };
    entries.iter().copied().filter(|entry| entry.opens()).filter(strange).collect()
}

fn mass_viewing(sight: Sight<'_>, actor: &str, entries: &[&Trace], own: &Work) -> Option<Finding> {
    let strange = strangers(sight, actor, entries, own);
    let people = |some: &[&Trace]| count(distinct(some.iter().copied()).len());
    let (hour, in_hour) = busiest(&strange, 60, people);
    let in_day = people(&strange);
    let usual = sight.facts.usual(actor).strangers;
    let limit = sight.limits.mass_day.max(sight.limits.mass_factor * usual);
    let hasty = sight.limits.mass_hour < in_hour;
    if !hasty && in_day <= limit {
        return None;
    }
    let shown = if hasty { &hour } else { &strange };
    let first = shown.first()?.at.unix_ms();
    let took = super::minutes(shown.last()?.at.unix_ms() - first).max(1);
    let numbers = numbers![
        people: if hasty { in_hour } else { in_day },
        minutes: took,
        day: in_day,
        usual: usual,
        limit: if hasty { sight.limits.mass_hour } else { limit },
    ];
    finding(sight, Rule::MassViewing, Severity::Alarm, actor, &strange, numbers)
}

fn mass_listing(sight: Sight<'_>, actor: &str, entries: &[&Trace]) -> Option<Finding> {
    let lists: Vec<&Trace> = entries.iter().copied().filter(|entry| entry.lists()).collect();
    let people = |some: &[&Trace]| count(some.iter().map(|entry| entry.patients.len()).sum());
    let (hour, in_hour) = busiest(&lists, 60, people);
    let in_day = people(&lists);
    let usual = sight.facts.usual(actor).listed;
    let factor = sight.limits.mass_factor;
    let hour_limit = sight.limits.list_hour.max(usual);
    let day_limit = sight.limits.list_day.max(factor * usual);
    if in_hour <= hour_limit && in_day <= day_limit {
        return None;
    }
    let hasty = hour_limit < in_hour;
    let numbers = numbers![
        people: if hasty { in_hour } else { in_day },
        minutes: if hasty { 60 } else { 24 * 60 },
        usual: usual,
        limit: if hasty { hour_limit } else { day_limit },
    ];
    let shown = if hasty { &hour } else { &lists };
    finding(sight, Rule::MassListing, Severity::Alarm, actor, shown, numbers)
}

/// The desk answers calls of people without an appointment: some are usual.
fn no_relation(sight: Sight<'_>, actor: &str, entries: &[&Trace], own: &Work) -> Option<Finding> {
    let strange = |entry: &&Trace| {
        let none = |id| sight.need(actor, id, own) == Need::None;
        entry.why.is_none() && entry.patients.iter().any(|id| none(*id))
    };
    let looks: Vec<&Trace> =
        entries.iter().copied().filter(|entry| entry.opens()).filter(strange).collect();
    let people = count(distinct(looks.iter().copied()).len());
    let limit = match sight.facts.role(actor) {
        "doctor" => sight.limits.strangers_doctor,
        _ => sight.limits.strangers_desk,
    };
    if people <= limit {
        return None;
    }
    let severity = if 3 < people { Severity::Warning } else { Severity::Notice };
    let numbers = numbers![people: people, limit: limit, days: sight.limits.relation_days];
    finding(sight, Rule::NoRelation, severity, actor, &looks, numbers)
}

fn watched(sight: Sight<'_>, actor: &str, entries: &[&Trace], own: &Work) -> Option<Finding> {
    let curious = |entry: &&Trace| {
        entry
            .patients
            .iter()
            .any(|id| sight.facts.watched.contains(id) && !sight.is_task(actor, *id, entry, own))
    };
    let looks: Vec<&Trace> =
        entries.iter().copied().filter(|entry| entry.opens()).filter(curious).collect();
    let people: BTreeSet<_> = distinct(looks.iter().copied());
    let marked = people.iter().filter(|id| sight.facts.watched.contains(id)).count();
    let numbers = numbers![people: count(marked), looks: count(looks.len())];
    finding(sight, Rule::WatchedCard, Severity::Warning, actor, &looks, numbers)
}

/// A visit of one's own does not make one's own card a task, writing on it does;
/// a relative who comes is treated like anybody.
fn family(sight: Sight<'_>, actor: &str, entries: &[&Trace], own: &Work) -> Option<Finding> {
    let kin = sight.facts.kin.get(actor)?;
    let mut own_card = false;
    let mut looks = Vec::new();
    for entry in entries.iter().copied().filter(|entry| entry.opens()) {
        for id in &entry.patients {
            match kin.get(id) {
                Some(Kin::Own) if !own.wrote(*id) => own_card = true,
                Some(Kin::Relative) if !sight.is_task(actor, *id, entry, own) => {}
                _ => continue,
            }
            looks.push(entry);
        }
    }
    let people = distinct(looks.iter().copied());
    let related = people.iter().filter(|id| kin.contains_key(id)).count();
    let numbers = numbers![people: count(related), own: if own_card { "own" } else { "relative" }];
    finding(sight, Rule::OwnFamily, Severity::Notice, actor, &looks, numbers)
}

fn colleague(sight: Sight<'_>, actor: &str, entries: &[&Trace], own: &Work) -> Option<Finding> {
    let theirs = |id| {
        let mut others = sight.facts.kin.iter().filter(|(other, _)| other.as_str() != actor);
        others.any(|(_, cards)| cards.get(&id) == Some(&Kin::Own))
    };
    let curious = |entry: &&Trace| {
        entry.patients.iter().any(|id| theirs(*id) && !sight.is_task(actor, *id, entry, own))
    };
    let looks: Vec<&Trace> =
        entries.iter().copied().filter(|entry| entry.opens()).filter(curious).collect();
    let people = distinct(looks.iter().copied()).into_iter().filter(|id| theirs(*id)).count();
    let numbers = numbers![people: count(people), looks: count(looks.len())];
    finding(sight, Rule::Colleague, Severity::Warning, actor, &looks, numbers)
}

fn count(found: usize) -> i64 {
    i64::try_from(found).unwrap_or(i64::MAX)
}
