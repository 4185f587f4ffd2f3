//! One account in the ledger.

use crate::audit::findings::facts::Trace;
use crate::clock::Timestamp;
use crate::ids::{PatientId, StaffId};
use crate::vault::{Reader, VaultError};

const PERSON: &str = "SELECT name, role FROM staff WHERE id = ?1";

/// By `audit_event_by_actor`, within the entries of the period; and what their
/// phone's calendar took for them.
const ENTRIES: &str = "
    WITH period(first, past) AS MATERIALIZED (SELECT
        coalesce((SELECT seq FROM audit_event WHERE ts >= ?2 ORDER BY ts, seq LIMIT 1),
            9223372036854775807),
        coalesce((SELECT seq FROM audit_event WHERE ts >= ?3 ORDER BY ts, seq LIMIT 1),
            9223372036854775807))
    SELECT seq, ts, act, pat, body ->> '$.pats' AS pats FROM audit_event
    WHERE body IS NOT NULL AND seq IN (
            SELECT seq FROM audit_event WHERE actor = ?1
                AND seq >= (SELECT first FROM period) AND seq < (SELECT past FROM period)
            UNION ALL SELECT seq FROM audit_event
            WHERE act = 'feed.read' AND actor = 'visitor'
                AND seq >= (SELECT first FROM period) AND seq < (SELECT past FROM period)
                AND body ->> '$.detail.staff' = ?1)
    ORDER BY seq";

const NUMBERS: &str =
    "SELECT id, number FROM patient WHERE id IN (SELECT value FROM json_each(?1))";

pub async fn person(
    reader: &mut Reader,
    staff: StaffId,
) -> Result<Option<(String, String)>, VaultError> {
    Ok(sqlx::query_as(PERSON).bind(staff).fetch_optional(reader.sql()).await?)
}

pub async fn entries(
    reader: &mut Reader,
    staff: StaffId,
    from: Timestamp,
    before: Timestamp,
) -> Result<Vec<Trace>, VaultError> {
    type Row = (i64, String, Option<String>, Option<PatientId>, Option<String>);
    let query = sqlx::query_as(ENTRIES).bind(staff.to_string()).bind(from.rfc3339());
    let rows: Vec<Row> = query.bind(before.rfc3339()).fetch_all(reader.sql()).await?;
    let trace = |(seq, ts, act, pat, pats): Row| {
        let at = ts.parse::<jiff::Timestamp>().ok()?;
        let listed: Vec<PatientId> =
            pats.and_then(|pats| serde_json::from_str(&pats).ok()).unwrap_or_default();
        Some(Trace {
            seq,
            at: Timestamp::from_unix_ms(at.as_millisecond()),
            actor: String::new(),
            role: String::new(),
            act: act.unwrap_or_default(),
            why: None,
            ip: None,
            device: None,
            object: None,
            patients: pat.into_iter().chain(listed).collect(),
        })
    };
    Ok(rows.into_iter().filter_map(trace).collect())
}

/// Of the cards that still exist.
pub async fn numbers(
    reader: &mut Reader,
    patients: impl Iterator<Item = &PatientId>,
) -> Result<Vec<(PatientId, i64)>, VaultError> {
    let ids = serde_json::to_string(&patients.collect::<Vec<_>>()).expect("ids are JSON");
    Ok(sqlx::query_as(NUMBERS).bind(ids).fetch_all(reader.sql()).await?)
}
