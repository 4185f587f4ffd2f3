//! What stays true for days, and the ledger's own time: R9, R13, R14.

use std::collections::BTreeSet;

use super::{Sight, finding, numbers};
use crate::audit::findings::facts::{CodePhone, Emergency, StandingFacts, Wall};
use crate::audit::findings::model::{Finding, Limits, Numbers, Rule, Severity};
use crate::clock::{Day, Timestamp};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Clocks are set by seconds all the time.
const TOLERANCE_MS: i64 = 2000;

/// All that is overdue or shared at this moment.
pub fn judge_standing(facts: &StandingFacts, limits: &Limits, wall: &Wall) -> Vec<Finding> {
    let overdue = facts.emergencies.iter().filter_map(|one| unreviewed(one, limits, wall));
    let shared = facts.codes.iter().filter_map(|one| shared(one, limits));
    let anchor = facts.anchored.and_then(|at| unanchored(at, limits, wall));
    overdue.chain(shared).chain(anchor).collect()
}

/// The ledger is written in order: an entry older than the one before it means
/// that the machine's clock went back.
pub fn clock_back(sight: Sight<'_>) -> Option<Finding> {
    let back: Vec<_> = sight
        .facts
        .entries
        .windows(2)
        .filter(|two| two[1].at.unix_ms() + TOLERANCE_MS < two[0].at.unix_ms())
        .collect();
    let most = back.iter().map(|two| two[0].at.unix_ms() - two[1].at.unix_ms()).max()?;
    let entries: Vec<_> = back.iter().flat_map(|two| two.iter()).collect();
    let numbers = numbers![minutes: (most / 60_000).max(1)];
    finding(sight, Rule::ClockBack, Severity::Alarm, "", &entries, numbers)
}

fn unreviewed(one: &Emergency, limits: &Limits, wall: &Wall) -> Option<Finding> {
    if one.reviewed || wall.day <= one.due {
        return None;
    }
    let days = wall.day.days_since(one.day);
    let numbers = numbers![days: days, limit: limits.emergency_days];
    let about = About { actor: &one.actor, key: &one.id, day: one.day, at: one.opened };
    Some(about.finding(Rule::EmergencyOpen, Severity::Warning, numbers, vec![one.seq]))
}

fn shared(one: &CodePhone, limits: &Limits) -> Option<Finding> {
    let families: BTreeSet<&str> = one.surnames.iter().map(String::as_str).collect();
    let people = i64::try_from(families.len()).unwrap_or(i64::MAX);
    let patients = i64::try_from(one.surnames.len()).unwrap_or(i64::MAX);
    let about = About { actor: "", key: &one.tag, day: one.day, at: one.last };
    if one.staff && 0 < patients {
        let numbers = numbers![people: patients];
        let entries = one.entries.clone();
        return Some(about.finding(Rule::StaffPhone, Severity::Alarm, numbers, entries));
    }
    if people < limits.phone_patients {
        return None;
    }
    let numbers = numbers![people: patients, days: limits.phone_days];
    let entries = one.entries.clone();
    Some(about.finding(Rule::SharedPhone, Severity::Warning, numbers, entries))
}

fn unanchored(at: Timestamp, limits: &Limits, wall: &Wall) -> Option<Finding> {
    let hours = (wall.now.unix_ms() - at.unix_ms()) / HOUR_MS;
    if hours <= limits.anchor_hours {
        return None;
    }
    let numbers = numbers![hours: hours, limit: limits.anchor_hours];
    let about = About { actor: "", key: "", day: wall.zone.today(at), at };
    Some(about.finding(Rule::AnchorOverdue, Severity::Warning, numbers, Vec::new()))
}

/// What makes a standing finding the same one tomorrow.
struct About<'a> {
    actor: &'a str,
    key: &'a str,
    day: Day,
    at: Timestamp,
}

impl About<'_> {
    fn finding(
        &self,
        rule: Rule,
        severity: Severity,
        numbers: Numbers,
        entries: Vec<i64>,
    ) -> Finding {
        Finding {
            rule,
            severity,
            actor: self.actor.to_owned(),
            day: self.day,
            key: self.key.to_owned(),
            numbers,
            first_at: self.at,
            last_at: self.at,
            entries,
        }
    }
}
