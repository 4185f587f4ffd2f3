//! R3: data opened outside of working hours.
//!
//! A doctor has a shift; whoever has none works while the clinic is open. Night
//! work that an appointment or an emergency explains is work, and so are notes
//! on one's own patients some hours after the shift.

use super::need::{Need, Work};
use super::{Sight, finding, numbers};
use crate::audit::findings::facts::Trace;
use crate::audit::findings::model::{Finding, Rule, Severity};
use crate::audit::kind::Kind;
use crate::ids::PatientId;
use crate::schedule::Span;

pub fn off_hours(sight: Sight<'_>, actor: &str, entries: &[&Trace], own: &Work) -> Option<Finding> {
    if !sight.facts.roster.known {
        return None;
    }
    let late: Vec<&Trace> = entries
        .iter()
        .copied()
        .filter(|entry| touches(entry) && !within_work(sight, actor, entry))
        .filter(|entry| !explained(sight, actor, entry, own))
        .collect();
    let people = super::distinct(late.iter().copied()).len();
    let deep = late.iter().any(|entry| !(6 * 60..22 * 60).contains(&sight.wall.minute(entry.at)));
    let severity = if deep { Severity::Alarm } else { Severity::Warning };
    let closed = sight.facts.roster.clinic.is_none();
    let numbers = numbers![
        people: i64::try_from(people).unwrap_or(i64::MAX),
        hours: if closed { "closed" } else { "open" },
        starts: hours(sight, actor).map_or(0, |span| i64::from(span.starts)),
        ends: hours(sight, actor).map_or(0, |span| i64::from(span.ends)),
    ];
    finding(sight, Rule::OffHours, severity, actor, &late, numbers)
}

/// Data of patients opened, changed or taken out. Signing in alone shows nobody.
fn touches(entry: &Trace) -> bool {
    let about_people = !entry.patients.is_empty() && !entry.lists();
    (about_people
        && matches!(entry.kind(), Kind::Look | Kind::Change)
        && entry.act != "schedule.viewed")
        || entry.kind() == Kind::Export
        || (entry.lists() && 20 <= entry.patients.len())
}

/// The first and the last minute of the person's work on the day.
fn hours(sight: Sight<'_>, actor: &str) -> Option<Span> {
    let roster = &sight.facts.roster;
    match roster.shifts.get(actor) {
        Some(shifts) => {
            let starts = shifts.iter().map(|shift| shift.starts).min()?;
            let ends = shifts.iter().map(|shift| shift.ends).max()?;
            Some(Span { starts, ends })
        }
        None => roster.clinic,
    }
}

fn within_work(sight: Sight<'_>, actor: &str, entry: &Trace) -> bool {
    let slack = sight.limits.off_hours_minutes;
    let minute = sight.wall.minute(entry.at);
    let within = |span: Span, slack: i64| {
        (i64::from(span.starts) - slack..=i64::from(span.ends) + slack).contains(&minute)
    };
    hours(sight, actor).is_some_and(|span| within(span, slack))
}

fn explained(sight: Sight<'_>, actor: &str, entry: &Trace, own: &Work) -> bool {
    if entry.kind() == Kind::Export || entry.lists() {
        // The officer and the owner may look through their log at any hour.
        return entry.patients.is_empty() && entry.act.starts_with("audit.");
    }
    entry.patients.iter().all(|patient| {
        own.in_emergency(*patient)
            || treated_then(sight, actor, *patient, entry)
            || after_work(sight, actor, *patient, entry, own)
    })
}

/// A visit of these hours: somebody is being treated at night.
fn treated_then(sight: Sight<'_>, actor: &str, patient: PatientId, entry: &Trace) -> bool {
    let minute = sight.wall.minute(entry.at);
    let visits = sight.facts.visits.get(&patient).map_or(&[][..], Vec::as_slice);
    let doctor = sight.facts.role(actor) == "doctor";
    visits.iter().any(|visit| {
        let begins = visit.day.days_since(sight.wall.day) * 24 * 60 + i64::from(visit.starts);
        let ends = begins + i64::from(visit.minutes);
        let mine = !doctor || visit.doctor.as_deref() == Some(actor);
        mine && (begins - 60..=ends + 180).contains(&minute)
    })
}

/// Own patients within some hours of the shift, or, on a day off while others
/// work, people whom this person treats.
fn after_work(
    sight: Sight<'_>,
    actor: &str,
    patient: PatientId,
    entry: &Trace,
    own: &Work,
) -> bool {
    let need = sight.need(actor, patient, own);
    let minute = sight.wall.minute(entry.at);
    let slack = sight.limits.late_minutes;
    let near = |span: Span| {
        (i64::from(span.starts) - slack..=i64::from(span.ends) + slack).contains(&minute)
    };
    let own_hours = hours(sight, actor);
    let late = own_hours.is_some_and(near) && need == Need::Today;
    late || (need >= Need::Near && sight.is_open(entry))
}
