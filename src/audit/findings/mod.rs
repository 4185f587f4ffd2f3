//! What in the ledger is unlike the usual, found by rules and answered by
//! people (SECURITY.md 4.6; orders 179/НҚ and 672/НҚ ask who looked and why).
//!
//! The rules are pure and see one day; a cursor remembers how far they have
//! come, so that history is never read again. What somebody answered stays
//! answered when the day is judged once more.

pub mod facts;
mod gather;
mod jobs;
mod limits;
mod model;
mod rules;
mod store;

use serde_json::json;

use crate::audit::AuditError;
use crate::clinic::Clinic;
use crate::clock::{Day, Zone};
use crate::vault::permission::{AnswerFindings, ReviewLog, WatchLog};
use crate::vault::{Event, Grant, Reader, Subject, VaultError};

use facts::Wall;

pub use gather::opened_by_hour;
pub use jobs::{WATCHING, look, look_now};
pub use limits::{LimitRow, limits, limits_of, replace_limit};
pub use model::{Finding, FindingId, Limits, Numbers, Rule, Severity, State};
pub use rules::{judge, judge_standing, measure};
pub use store::{FindingRow, NoteRow, Which};

/// On an old ledger the usual is learned from so many days, and only the last
/// week of them is judged: nobody answers for a year at once.
const LEARNED_DAYS: i64 = 30;
const JUDGED_DAYS: i64 = 7;

/// What is true at a moment (an overdue review) is looked at so often, also
/// when nobody does anything.
const QUIET_MS: i64 = 60 * 60 * 1000;

/// Findings on a page.
pub const PAGE: i64 = 50;

/// How far the rules have looked.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
struct Cursor {
    day: Day,
    first_seq: i64,
    seen_seq: i64,
    at: crate::clock::Timestamp,
}

/// Judges what is new since the last time. Gives how many findings are new, or
/// None when there was nothing to look at.
pub async fn watch(clinic: &Clinic, grant: &Grant<WatchLog>) -> Result<Option<u64>, VaultError> {
    let zone = clinic.profile.get().zone.clone();
    let now = clinic.clock().now();
    let today = zone.today(now);
    let mut reader = clinic.vault.read(grant).await?;
    let limits = limits_of(&mut reader).await?;
    let mut cursor = match store::cursor(&mut reader).await? {
        Some(cursor) => cursor,
        None => beginning(&mut reader, &zone, today, now).await?,
    };
    let quiet = now.unix_ms() - cursor.at.unix_ms() < QUIET_MS;
    if cursor.day == today && quiet && !gather::anything_after(&mut reader, cursor.seen_seq).await?
    {
        return Ok(None);
    }
    let mut new = 0;
    loop {
        let wall = gather::wall(&zone, cursor.day, now);
        let (seen, found) = judge_day(clinic, grant, &mut reader, &limits, &wall, cursor).await?;
        new += found;
        cursor.seen_seq = seen;
        if today <= cursor.day {
            return Ok(Some(new));
        }
        cursor.day = cursor.day.plus_days(1);
        cursor.first_seq = gather::first_of(&mut reader, &zone, cursor.day).await?;
    }
}

async fn beginning(
    reader: &mut Reader,
    zone: &Zone,
    today: Day,
    now: crate::clock::Timestamp,
) -> Result<Cursor, VaultError> {
    let day = today.plus_days(-LEARNED_DAYS);
    let first_seq = gather::first_of(reader, zone, day).await?;
    Ok(Cursor { day, first_seq, seen_seq: first_seq - 1, at: now })
}

/// One day: its findings, what was usual, and the cursor, in one change.
async fn judge_day(
    clinic: &Clinic,
    grant: &Grant<WatchLog>,
    reader: &mut Reader,
    limits: &Limits,
    wall: &Wall,
    cursor: Cursor,
) -> Result<(i64, u64), VaultError> {
    let facts = gather::day(reader, limits, wall, cursor.first_seq).await?;
    let today = wall.zone.today(wall.now);
    let mut findings = Vec::new();
    if today.days_since(wall.day) <= JUDGED_DAYS {
        findings = judge(&facts, limits, wall);
    }
    if wall.day == today {
        let standing = gather::standing(reader, limits, wall).await?;
        findings.extend(judge_standing(&standing, limits, wall));
    }
    let seen = facts.entries.last().map_or(cursor.seen_seq, |last| last.seq.max(cursor.seen_seq));
    let measures = measure(&facts, limits, wall);
    let hours = opened_by_hour(&facts.entries, wall);
    let places = gather::signed_in(&facts);
    let found = clinic
        .vault
        .change(grant, async |tx| {
            let mut new = 0;
            for finding in &findings {
                new += u64::from(store::keep(tx, finding).await?);
            }
            let lapsed = store::lapse(tx, wall.day, wall.day == today).await?;
            store::keep_measures(tx, wall.day, &measures).await?;
            store::keep_hours(tx, wall.day, &hours).await?;
            store::keep_places(tx, wall.day, &places).await?;
            store::move_cursor(tx, wall.day, cursor.first_seq, seen).await?;
            let detail = json!({ "day": wall.day, "new": new, "lapsed": lapsed });
            let event = Event::new("audit.watched", Subject::Clinic).with_detail(detail);
            let event = if new + lapsed == 0 { event } else { event.touching("findings") };
            Ok::<_, VaultError>((new, event))
        })
        .await?;
    Ok((seen, found))
}

/// A page of findings, open ones the worst first, others the newest first; one
/// more than a page when there are more.
pub async fn list(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    which: &Which,
) -> Result<Vec<FindingRow>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::list(&mut reader, which, PAGE + 1).await
}

/// How many wait for an answer: alarms, warnings, notices.
pub async fn open_counts(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
) -> Result<[i64; 3], VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::open_counts(&mut reader).await
}

/// One finding, what was written about it, and the entries it rests on. That
/// it was looked at is in the ledger.
///
/// # Errors
/// [`AuditError::NoSuch`].
pub async fn open(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    id: FindingId,
) -> Result<(FindingRow, Vec<NoteRow>, Vec<i64>), AuditError> {
    let looked = Event::new("finding.viewed", Subject::Clinic).on("finding", id);
    clinic.vault.record(grant, looked).await?;
    let mut reader = clinic.vault.read(grant).await?;
    let row = store::one(&mut reader, id).await?.ok_or(AuditError::NoSuch)?;
    let notes = store::notes(&mut reader, id).await?;
    let entries = store::entries(&mut reader, id).await?;
    Ok((row, notes, entries))
}

/// Says what a finding was, with a note. The note is kept apart from the
/// ledger, which learns only that it was answered and how.
///
/// # Errors
/// [`AuditError::NoSuch`]; [`AuditError::AboutYou`]: nobody answers for themselves.
pub async fn answer(
    clinic: &Clinic,
    grant: &Grant<AnswerFindings>,
    id: FindingId,
    state: State,
    note: &str,
) -> Result<(), AuditError> {
    let staff = grant.staff().ok_or(VaultError::NotStaff)?;
    clinic
        .vault
        .change(grant, async |tx| {
            let about = store::about(tx, id).await?.ok_or(AuditError::NoSuch)?;
            if about == staff.to_string() {
                return Err(AuditError::AboutYou);
            }
            store::answer(tx, id, state, staff).await?;
            store::add_note(tx, id, staff, note).await?;
            let act = match state {
                State::Incident => "finding.made_incident",
                _ => "finding.explained",
            };
            let event = Event::new(act, Subject::Clinic).on("finding", id).touching("findings");
            Ok(((), event))
        })
        .await
}

/// Takes the words of a note away for good; that there was one stays.
///
/// # Errors
/// [`AuditError::NoSuch`].
pub async fn erase_note(
    clinic: &Clinic,
    grant: &Grant<AnswerFindings>,
    note: &str,
) -> Result<(), AuditError> {
    clinic
        .vault
        .change(grant, async |tx| {
            if !store::erase_note(tx, note).await? {
                return Err(AuditError::NoSuch);
            }
            Ok(((), Event::new("finding.note_erased", Subject::Clinic).on("note", note)))
        })
        .await
}

/// Cards opened in each hour, as is usual on this weekday: the medians of the
/// last eight weeks.
pub async fn usual_hours(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    day: Day,
) -> Result<[i64; 24], VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    let rows = store::hours(&mut reader, day.plus_days(-56), day).await?;
    let alike = |other: &Day| other.weekday() == day.weekday();
    let mut days: Vec<Day> = rows.iter().map(|(day, ..)| *day).filter(alike).collect();
    days.dedup();
    let mut usual = [0; 24];
    for (hour, value) in (0_i64..).zip(&mut usual) {
        let on = |day: &Day| {
            let row = rows.iter().find(|(other, at, _)| other == day && *at == hour);
            row.map_or(0, |(.., opened)| *opened)
        };
        *value = facts::median(days.iter().map(on));
    }
    Ok(usual)
}
