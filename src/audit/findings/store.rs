//! Findings, limits and what is usual, in the database.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde_json::Value;

use super::Cursor;
use super::facts::{Measures, Place};
use super::model::{Finding, FindingId, Rule, Severity, State};
use crate::clock::{Day, Timestamp};
use crate::ids::{StaffId, uuid_v7};
use crate::vault::{Reader, Tx, VaultError};

/// Entries kept with a finding: the last ones.
const KEPT: usize = 200;

const CURSOR: &str = "SELECT day, first_seq, seen_seq, at FROM audit_watch WHERE id = 1";

const MOVE_CURSOR: &str = "
    INSERT INTO audit_watch (id, day, first_seq, seen_seq, at) VALUES (1, ?1, ?2, ?3, ?4)
    ON CONFLICT (id) DO UPDATE SET day = ?1, first_seq = ?2, seen_seq = ?3, at = ?4";

const KEEP: &str = "
    INSERT INTO audit_finding (id, rule, day, actor, key, severity, numbers, count, first_at,
        last_at, found_at, judged_at, state)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, 'open')
    ON CONFLICT (rule, actor, day, key) DO UPDATE SET severity = excluded.severity,
        numbers = excluded.numbers, count = excluded.count, first_at = excluded.first_at,
        last_at = excluded.last_at, judged_at = excluded.judged_at,
        state = CASE state WHEN 'lapsed' THEN 'open' ELSE state END
    RETURNING id";

const KEEP_ENTRY: &str = "
    INSERT INTO audit_finding_entry (finding_id, seq) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

const LAPSE: &str = "
    UPDATE audit_finding SET state = 'lapsed'
    WHERE day = ?1 AND state = 'open' AND judged_at < ?2
        AND rule NOT IN ('emergency_open', 'shared_phone', 'staff_phone', 'anchor_overdue')";

const LAPSE_STANDING: &str = "
    UPDATE audit_finding SET state = 'lapsed'
    WHERE state = 'open' AND judged_at < ?1 AND rule IN ('emergency_open', 'anchor_overdue')";

const KEEP_MEASURES: &str = "
    INSERT INTO audit_day (actor, day, opened, strangers, listed, unmasked, exported)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (actor, day) DO UPDATE SET opened = ?3, strangers = ?4, listed = ?5,
        unmasked = ?6, exported = ?7";

const KEEP_HOUR: &str = "
    INSERT INTO audit_hour (day, hour, opened) VALUES (?1, ?2, ?3)
    ON CONFLICT (day, hour) DO UPDATE SET opened = ?3";

const KEEP_PLACE: &str = "
    INSERT INTO audit_place (actor, device, network, first_day, last_day)
    VALUES (?1, ?2, ?3, ?4, ?4)
    ON CONFLICT (actor, device, network) DO UPDATE SET last_day = max(last_day, ?4)";

const OPEN: &str = "
    SELECT audit_finding.*, staff.name, staff.role, answerer.name AS answered_by_name
    FROM audit_finding LEFT JOIN staff ON staff.id = actor
    LEFT JOIN staff AS answerer ON answerer.id = answered_by
    WHERE state = 'open' ORDER BY severity DESC, last_at DESC LIMIT ?1";

/// Of some days: all that people had to answer, and what they did.
const OF_DAYS: &str = "
    SELECT audit_finding.*, staff.name, staff.role, answerer.name AS answered_by_name
    FROM audit_finding LEFT JOIN staff ON staff.id = actor
    LEFT JOIN staff AS answerer ON answerer.id = answered_by
    WHERE day >= ?1 AND day <= ?2 AND state <> 'lapsed'
        AND (?3 = '' OR state = ?3) AND (?4 = '' OR actor = ?4) AND (?5 = '' OR rule = ?5)
        AND (last_at, audit_finding.id) < (?6, ?7)
    ORDER BY last_at DESC, audit_finding.id DESC LIMIT ?8";

const ONE: &str = "
    SELECT audit_finding.*, staff.name, staff.role, answerer.name AS answered_by_name
    FROM audit_finding LEFT JOIN staff ON staff.id = actor
    LEFT JOIN staff AS answerer ON answerer.id = answered_by
    WHERE audit_finding.id = ?1";

const OPEN_COUNTS: &str = "
    SELECT severity, count(*) FROM audit_finding WHERE state = 'open' GROUP BY severity";

const ENTRIES: &str = "SELECT seq FROM audit_finding_entry WHERE finding_id = ?1 ORDER BY seq DESC";

const NOTES: &str = "
    SELECT audit_note.id, at, staff.name, text FROM audit_note
    JOIN staff ON staff.id = staff_id WHERE finding_id = ?1 ORDER BY at DESC";

const ABOUT: &str = "SELECT actor FROM audit_finding WHERE id = ?1";

const ANSWER: &str = "
    UPDATE audit_finding SET state = ?2, answered_at = ?3, answered_by = ?4,
        answered_count = count
    WHERE id = ?1";

const ADD_NOTE: &str = "
    INSERT INTO audit_note (id, finding_id, at, staff_id, text) VALUES (?1, ?2, ?3, ?4, ?5)";

const ERASE_NOTE: &str = "UPDATE audit_note SET text = NULL WHERE id = ?1 AND text IS NOT NULL";

const HOURS: &str = "
    SELECT day, hour, opened FROM audit_hour WHERE day >= ?1 AND day < ?2 ORDER BY day, hour";

/// A finding as it is shown.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct FindingRow {
    pub id: FindingId,
    pub rule: Rule,
    pub day: Day,
    pub actor: String,
    /// None when it is about nobody of the staff.
    pub name: Option<String>,
    pub role: Option<String>,
    pub severity: Severity,
    #[sqlx(json)]
    pub numbers: Value,
    pub count: i64,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub state: State,
    pub answered_at: Option<Timestamp>,
    pub answered_by_name: Option<String>,
    /// What it rested on when it was answered.
    pub answered_count: Option<i64>,
}

/// What somebody wrote.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct NoteRow {
    pub id: String,
    pub at: Timestamp,
    pub name: String,
    /// None once it was erased.
    pub text: Option<String>,
}

/// Which findings are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    Open,
    /// Of some days; empty texts mean any.
    OfDays {
        first: Day,
        last: Day,
        state: String,
        actor: String,
        rule: String,
        /// Those after this one in the order of the list.
        after: Option<(Timestamp, FindingId)>,
    },
}

pub(super) async fn cursor(reader: &mut Reader) -> Result<Option<Cursor>, VaultError> {
    Ok(sqlx::query_as(CURSOR).fetch_optional(reader.sql()).await?)
}

pub async fn move_cursor(
    tx: &mut Tx,
    day: Day,
    first_seq: i64,
    seen_seq: i64,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(MOVE_CURSOR).bind(day).bind(first_seq).bind(seen_seq).bind(now);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// True when it is new.
pub async fn keep(tx: &mut Tx, finding: &Finding) -> Result<bool, VaultError> {
    let now = tx.now();
    let id = FindingId::new(now);
    let numbers = serde_json::to_string(&finding.numbers).expect("numbers are JSON");
    let count = i64::try_from(finding.entries.len()).unwrap_or(i64::MAX);
    let query = sqlx::query_scalar(KEEP).bind(id).bind(finding.rule).bind(finding.day);
    let query = query.bind(&finding.actor).bind(&finding.key).bind(finding.severity);
    let query = query.bind(numbers).bind(count).bind(finding.first_at).bind(finding.last_at);
    let kept: FindingId = query.bind(now).fetch_one(tx.sql()).await?;
    for seq in finding.entries.iter().rev().take(KEPT) {
        sqlx::query(KEEP_ENTRY).bind(kept).bind(seq).execute(tx.sql()).await?;
    }
    Ok(kept == id)
}

/// Open findings that were not found again are no longer true.
pub async fn lapse(tx: &mut Tx, day: Day, standing: bool) -> Result<u64, VaultError> {
    let now = tx.now();
    let lapsed = sqlx::query(LAPSE).bind(day).bind(now).execute(tx.sql()).await?.rows_affected();
    if !standing {
        return Ok(lapsed);
    }
    let more = sqlx::query(LAPSE_STANDING).bind(now).execute(tx.sql()).await?.rows_affected();
    Ok(lapsed + more)
}

pub async fn keep_measures(
    tx: &mut Tx,
    day: Day,
    measures: &HashMap<String, Measures>,
) -> Result<(), VaultError> {
    for (actor, one) in measures {
        let query = sqlx::query(KEEP_MEASURES).bind(actor).bind(day).bind(one.opened);
        let query = query.bind(one.strangers).bind(one.listed).bind(one.unmasked);
        query.bind(one.exported).execute(tx.sql()).await?;
    }
    Ok(())
}

pub async fn keep_hours(
    tx: &mut Tx,
    day: Day,
    hours: &BTreeMap<i64, i64>,
) -> Result<(), VaultError> {
    for (hour, opened) in hours {
        let query = sqlx::query(KEEP_HOUR).bind(day).bind(hour).bind(opened);
        query.execute(tx.sql()).await?;
    }
    Ok(())
}

pub async fn keep_places(
    tx: &mut Tx,
    day: Day,
    places: &BTreeSet<(String, Place)>,
) -> Result<(), VaultError> {
    for (actor, place) in places {
        let query = sqlx::query(KEEP_PLACE).bind(actor).bind(&place.device);
        query.bind(&place.network).bind(day).execute(tx.sql()).await?;
    }
    Ok(())
}

pub async fn list(
    reader: &mut Reader,
    which: &Which,
    limit: i64,
) -> Result<Vec<FindingRow>, VaultError> {
    match which {
        Which::Open => Ok(sqlx::query_as(OPEN).bind(limit).fetch_all(reader.sql()).await?),
        Which::OfDays { first, last, state, actor, rule, after } => {
            let (at, id) = match after {
                Some((at, id)) => (at.unix_ms(), id.to_string()),
                None => (i64::MAX, String::new()),
            };
            let query = sqlx::query_as(OF_DAYS).bind(*first).bind(*last).bind(state).bind(actor);
            let query = query.bind(rule).bind(at).bind(id).bind(limit);
            Ok(query.fetch_all(reader.sql()).await?)
        }
    }
}

pub async fn one(reader: &mut Reader, id: FindingId) -> Result<Option<FindingRow>, VaultError> {
    Ok(sqlx::query_as(ONE).bind(id).fetch_optional(reader.sql()).await?)
}

/// Alarms, warnings, notices.
pub async fn open_counts(reader: &mut Reader) -> Result<[i64; 3], VaultError> {
    let rows: Vec<(Severity, i64)> = sqlx::query_as(OPEN_COUNTS).fetch_all(reader.sql()).await?;
    let of = |wanted| rows.iter().find(|(one, _)| *one == wanted).map_or(0, |(_, count)| *count);
    Ok([of(Severity::Alarm), of(Severity::Warning), of(Severity::Notice)])
}

/// The newest first.
pub async fn entries(reader: &mut Reader, id: FindingId) -> Result<Vec<i64>, VaultError> {
    Ok(sqlx::query_scalar(ENTRIES).bind(id).fetch_all(reader.sql()).await?)
}

pub async fn notes(reader: &mut Reader, id: FindingId) -> Result<Vec<NoteRow>, VaultError> {
    Ok(sqlx::query_as(NOTES).bind(id).fetch_all(reader.sql()).await?)
}

/// Whom it is about; None when there is no such finding.
pub async fn about(tx: &mut Tx, id: FindingId) -> Result<Option<String>, VaultError> {
    Ok(sqlx::query_scalar(ABOUT).bind(id).fetch_optional(tx.sql()).await?)
}

pub async fn answer(
    tx: &mut Tx,
    id: FindingId,
    state: State,
    by: StaffId,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(ANSWER).bind(id).bind(state).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn add_note(
    tx: &mut Tx,
    id: FindingId,
    by: StaffId,
    text: &str,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(ADD_NOTE).bind(uuid_v7(now).to_string()).bind(id).bind(now);
    query.bind(by).bind(text).execute(tx.sql()).await?;
    Ok(())
}

/// False when there is no such note, or nothing left of it.
pub async fn erase_note(tx: &mut Tx, id: &str) -> Result<bool, VaultError> {
    let done = sqlx::query(ERASE_NOTE).bind(id).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

/// Day, hour of the clinic's clock, cards opened.
pub async fn hours(
    reader: &mut Reader,
    from: Day,
    before: Day,
) -> Result<Vec<(Day, i64, i64)>, VaultError> {
    Ok(sqlx::query_as(HOURS).bind(from).bind(before).fetch_all(reader.sql()).await?)
}
