//! What leaves the program, and rights that were tried: R7, R8, R11, R12, R15.

use super::need::{Need, Work};
use super::{Sight, busiest, finding, looks, numbers};
use crate::audit::findings::facts::Trace;
use crate::audit::findings::model::{Finding, Rule, Severity};
use crate::audit::kind::Kind;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Events by which somebody gets other rights, on the account that gets them.
const RIGHTS: [&str; 4] = ["staff.added", "staff.role_given", "staff.deputed", "staff.let_in"];

pub fn judge(sight: Sight<'_>, actor: &str, entries: &[&Trace], own: &Work) -> Vec<Finding> {
    let found = [
        export_burst(sight, actor, entries),
        unmask_burst(sight, actor, entries, own),
        leaving(sight, actor, entries, own),
        after_leaving(sight, actor, entries),
        role_then_export(sight, actor, entries, own),
        denials(sight, actor, entries),
    ];
    found.into_iter().flatten().collect()
}

fn of_kind<'a>(entries: &[&'a Trace], kind: Kind) -> Vec<&'a Trace> {
    entries.iter().copied().filter(|entry| entry.kind() == kind).collect()
}

fn count(found: usize) -> i64 {
    i64::try_from(found).unwrap_or(i64::MAX)
}

fn export_burst(sight: Sight<'_>, actor: &str, entries: &[&Trace]) -> Option<Finding> {
    let taken = of_kind(entries, Kind::Export);
    let (hour, most) = busiest(&taken, 60, |some| count(some.len()));
    if most <= sight.limits.export_hour {
        return None;
    }
    let usual = sight.facts.usual(actor).exported;
    let numbers = numbers![documents: most, limit: sight.limits.export_hour, usual: usual];
    finding(sight, Rule::ExportBurst, Severity::Alarm, actor, &hour, numbers)
}

/// IINs shown of people whose card this person did not fill in on the day.
pub fn unmasked<'a>(entries: &[&'a Trace], own: &Work) -> Vec<&'a Trace> {
    let shown = entries.iter().copied().filter(|entry| entry.act == "patient.iin_shown");
    shown.filter(|entry| entry.patients.iter().any(|id| !own.wrote(*id))).collect()
}

fn unmask_burst(sight: Sight<'_>, actor: &str, entries: &[&Trace], own: &Work) -> Option<Finding> {
    let shown = unmasked(entries, own);
    let usual = sight.facts.usual(actor).unmasked;
    let limit = sight.limits.unmask_day.max(sight.limits.mass_factor * usual);
    if count(shown.len()) <= limit {
        return None;
    }
    let numbers = numbers![shown: count(shown.len()), limit: limit, usual: usual];
    finding(sight, Rule::UnmaskBurst, Severity::Warning, actor, &shown, numbers)
}

/// Without the papers of the day's own patients: those are work.
fn not_of_the_day<'a>(
    sight: Sight<'_>,
    actor: &str,
    mut taken: Vec<&'a Trace>,
    own: &Work,
) -> Vec<&'a Trace> {
    let needed = |id| sight.need(actor, id, own) == Need::Today;
    taken.retain(|one| one.patients.is_empty() || !one.patients.iter().all(|id| needed(*id)));
    taken
}

fn leaving(sight: Sight<'_>, actor: &str, entries: &[&Trace], own: &Work) -> Option<Finding> {
    let last = sight.facts.people.get(actor)?.leaving_on?;
    let days = last.days_since(sight.wall.day);
    if sight.limits.leaving_days < days {
        return None;
    }
    let taken = not_of_the_day(sight, actor, of_kind(entries, Kind::Export), own);
    let strange: Vec<&Trace> = looks::strangers(sight, actor, entries, own)
        .into_iter()
        .filter(|entry| entry.patients.iter().any(|id| sight.need(actor, *id, own) == Need::None))
        .collect();
    let people = count(super::distinct(strange.iter().copied()).len());
    let listed: Vec<&Trace> = entries.iter().copied().filter(|entry| entry.lists()).collect();
    let in_lists = count(listed.iter().map(|entry| entry.patients.len()).sum());
    let usual = sight.facts.usual(actor);
    let much_taken = sight.limits.leaving_exports.max(2 * usual.exported) < count(taken.len());
    let much_seen = sight.limits.leaving_strangers.max(2 * usual.strangers) < people;
    let much_listed = (sight.limits.list_day / 2).max(2 * usual.listed) < in_lists;
    let parts = [(much_taken, &taken), (much_seen, &strange), (much_listed, &listed)];
    let rests: Vec<&Trace> =
        parts.iter().filter(|(much, _)| *much).flat_map(|(_, some)| some.iter().copied()).collect();
    let numbers = numbers![
        days: days.max(0), documents: count(taken.len()), people: people, listed: in_lists,
    ];
    finding(sight, Rule::Leaving, Severity::Alarm, actor, &rests, numbers)
}

fn after_leaving(sight: Sight<'_>, actor: &str, entries: &[&Trace]) -> Option<Finding> {
    let left_at = sight.facts.people.get(actor)?.left_at?;
    let after: Vec<&Trace> = entries
        .iter()
        .copied()
        .filter(|entry| left_at < entry.at && entry.act != "session.all_ended")
        .collect();
    let numbers = numbers![actions: count(after.len())];
    finding(sight, Rule::AfterLeaving, Severity::Alarm, actor, &after, numbers)
}

fn role_then_export(
    sight: Sight<'_>,
    actor: &str,
    entries: &[&Trace],
    own: &Work,
) -> Option<Finding> {
    let gained = |entry: &&Trace| {
        RIGHTS.contains(&entry.act.as_str()) && entry.object.as_deref() == Some(actor)
    };
    let before = sight.facts.eve.iter().chain(&sight.facts.entries);
    let changes: Vec<&Trace> = before.filter(gained).collect();
    let soon = |taken: &&Trace| {
        changes.iter().any(|change| {
            let after = taken.at.unix_ms() - change.at.unix_ms();
            (0..=sight.limits.role_hours * HOUR_MS).contains(&after)
        })
    };
    let taken = of_kind(entries, Kind::Export).into_iter().filter(soon).collect();
    let taken = not_of_the_day(sight, actor, taken, own);
    let numbers = numbers![documents: count(taken.len()), hours: sight.limits.role_hours];
    let mut rests = taken.clone();
    if !taken.is_empty() {
        rests.extend(changes);
    }
    finding(sight, Rule::RoleThenExport, Severity::Warning, actor, &rests, numbers)
}

fn denials(sight: Sight<'_>, actor: &str, entries: &[&Trace]) -> Option<Finding> {
    let refused = of_kind(entries, Kind::Denial);
    if count(refused.len()) <= sight.limits.denials_day {
        return None;
    }
    let numbers = numbers![denials: count(refused.len()), limit: sight.limits.denials_day];
    finding(sight, Rule::ManyDenials, Severity::Warning, actor, &refused, numbers)
}
