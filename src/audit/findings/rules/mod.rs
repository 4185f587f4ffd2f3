//! The rules R1 to R15: pure functions from facts to findings.
//!
//! Few false alarms matter as much as a catch: an officer who is called for
//! nothing stops coming. So work that somebody's task needs is no finding
//! ([`need`]), a rule says one thing a day about one person, and what a sharper
//! rule has said already is not said again.

mod hours;
mod looks;
pub mod need;
mod signing;
mod standing;
mod taking;

use std::collections::{BTreeSet, HashMap};

use super::facts::{DayFacts, Measures, Trace, Wall};
use super::model::{Finding, Limits, Numbers, Rule, Severity};
use crate::audit::kind::Kind;
use crate::ids::PatientId;

pub use standing::judge_standing;

/// What the rules see one day with.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    pub facts: &'a DayFacts,
    pub limits: &'a Limits,
    pub wall: &'a Wall,
}

/// All findings of a day, the worst first.
pub fn judge(facts: &DayFacts, limits: &Limits, wall: &Wall) -> Vec<Finding> {
    let sight = Sight { facts, limits, wall };
    let mut found = Vec::new();
    for (actor, entries) in facts.by_person() {
        let own = need::Work::of(&entries);
        found.extend(looks::judge(sight, actor, &entries, &own));
        found.extend(hours::off_hours(sight, actor, &entries, &own));
        found.extend(taking::judge(sight, actor, &entries, &own));
        found.extend(signing::judge(sight, actor, &entries));
    }
    found.extend(signing::guessing(sight));
    found.extend(standing::clock_back(sight));
    absorb(&mut found);
    found.sort_by_key(|one| (std::cmp::Reverse(one.severity), one.first_at));
    found
}

/// What each person did on the day, to become their usual.
pub fn measure(facts: &DayFacts, limits: &Limits, wall: &Wall) -> HashMap<String, Measures> {
    let sight = Sight { facts, limits, wall };
    let people = facts.by_person().into_iter();
    people
        .map(|(actor, entries)| {
            let own = need::Work::of(&entries);
            let strangers = looks::strangers(sight, actor, &entries, &own);
            let opened = entries.iter().filter(|entry| entry.opens());
            let listed = entries.iter().filter(|entry| entry.lists());
            let count = |found: usize| i64::try_from(found).unwrap_or(i64::MAX);
            let of = |kind| count(entries.iter().filter(|entry| entry.kind() == kind).count());
            let measures = Measures {
                opened: count(distinct(opened.copied()).len()),
                strangers: count(distinct(strangers.into_iter()).len()),
                listed: count(listed.map(|entry| entry.patients.len()).sum()),
                unmasked: count(taking::unmasked(&entries, &own).len()),
                exported: of(Kind::Export),
            };
            (actor.to_owned(), measures)
        })
        .collect()
}

/// Takes away what a sharper finding of the same person and day says already:
/// cards without a relation that make up a mass view, that were looked at out of
/// hours, that are a colleague's or a relative's, or that are watched.
fn absorb(found: &mut Vec<Finding>) {
    const SHARPER: [Rule; 6] = [
        Rule::MassViewing,
        Rule::OffHours,
        Rule::OwnFamily,
        Rule::Colleague,
        Rule::WatchedCard,
        Rule::AfterLeaving,
    ];
    let mut said: HashMap<String, BTreeSet<i64>> = HashMap::new();
    for one in found.iter().filter(|one| SHARPER.contains(&one.rule)) {
        said.entry(one.actor.clone()).or_default().extend(&one.entries);
    }
    found.retain(|one| {
        let known = said.get(&one.actor).filter(|_| one.rule == Rule::NoRelation);
        !known.is_some_and(|known| one.entries.iter().all(|seq| known.contains(seq)))
    });
}

/// Puts a finding together; None without entries.
fn finding(
    sight: Sight<'_>,
    rule: Rule,
    severity: Severity,
    actor: &str,
    entries: &[&Trace],
    numbers: Numbers,
) -> Option<Finding> {
    let first_at = entries.iter().map(|entry| entry.at).min()?;
    let last_at = entries.iter().map(|entry| entry.at).max()?;
    let seqs: BTreeSet<i64> = entries.iter().map(|entry| entry.seq).collect();
    Some(Finding {
        rule,
        severity,
        actor: actor.to_owned(),
        day: sight.wall.day,
        key: String::new(),
        numbers,
        first_at,
        last_at,
        entries: seqs.into_iter().collect(),
    })
}

fn distinct<'a>(entries: impl Iterator<Item = &'a Trace>) -> BTreeSet<PatientId> {
    entries.flat_map(|entry| entry.patients.iter().copied()).collect()
}

fn minutes(ms: i64) -> i64 {
    ms / 60_000
}

/// The busiest stretch of so many minutes: its entries, and how much `weigh`
/// says of them.
fn busiest<'a>(
    entries: &[&'a Trace],
    within_minutes: i64,
    weigh: impl Fn(&[&'a Trace]) -> i64,
) -> (Vec<&'a Trace>, i64) {
    let mut best = (Vec::new(), 0);
    let mut from = 0;
    for (to, last) in entries.iter().enumerate() {
        while minutes(last.at.unix_ms() - entries[from].at.unix_ms()) >= within_minutes {
            from += 1;
        }
        // Only a stretch with more entries can weigh more than one within it.
        if to + 1 == entries.len()
            || minutes(entries[to + 1].at.unix_ms() - entries[from].at.unix_ms()) >= within_minutes
        {
            let weight = weigh(&entries[from..=to]);
            if best.1 < weight {
                best = (entries[from..=to].to_vec(), weight);
            }
        }
    }
    best
}

/// `numbers![people: 3, limit: 40]`
macro_rules! numbers {
    ($($name:ident: $value:expr),* $(,)?) => {
        crate::audit::findings::model::Numbers::from([
            $((stringify!($name), serde_json::Value::from($value))),*
        ])
    };
}
pub(crate) use numbers;
