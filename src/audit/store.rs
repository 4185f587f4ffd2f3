//! The access log in the database. Only the vault writes it.

use crate::audit::model::{Entry, Filter, start};
use crate::clock::{Day, Timestamp, Zone};
use crate::vault::{Reader, VaultError};

/// Each way of asking goes down its own index, newest first, and stops at the
/// limit; a period is turned into the rows it spans first. So a page costs the
/// same in a ledger of a year and of seventy.
const ENTRIES: &str = "
    WITH period(first, last) AS MATERIALIZED (SELECT
            CASE WHEN ?2 IS NULL AND ?3 IS NULL THEN 0 ELSE (SELECT min(seq) FROM audit_event
                WHERE ts >= coalesce(?2, '') AND ts < coalesce(?3, '~')) END,
            CASE WHEN ?2 IS NULL AND ?3 IS NULL THEN ?1 - 1
                ELSE min(?1 - 1, (SELECT max(seq) FROM audit_event
                    WHERE ts >= coalesce(?2, '') AND ts < coalesce(?3, '~'))) END),
        chosen(seq) AS MATERIALIZED (
            SELECT seq FROM audit_event WHERE ?4 IS NULL AND ?5 IS NULL
                AND seq BETWEEN (SELECT first FROM period) AND (SELECT last FROM period)
            UNION ALL
            SELECT seq FROM audit_event WHERE actor = ?4 AND (?5 IS NULL OR act = ?5)
                AND seq BETWEEN (SELECT first FROM period) AND (SELECT last FROM period)
            UNION ALL
            SELECT seq FROM audit_event WHERE act = ?5 AND ?4 IS NULL
                AND seq BETWEEN (SELECT first FROM period) AND (SELECT last FROM period)
            ORDER BY seq DESC LIMIT ?6)
    SELECT audit_event.seq, ts, coalesce(act, '') AS act, coalesce(actor, '') AS actor,
        staff.name, body ->> '$.role' AS role, body ->> '$.ip' AS ip, body ->> '$.dev' AS device,
        body ->> '$.why' AS why, body ->> '$.obj' AS object, patient.number AS card,
        json_array_length(body, '$.pats') AS people, lower(hex(leaf)) AS leaf
    FROM chosen JOIN audit_event ON audit_event.seq = chosen.seq
    LEFT JOIN staff ON staff.id = actor
    LEFT JOIN patient ON patient.id = pat
    WHERE body IS NOT NULL
    ORDER BY chosen.seq DESC";

const ENTRIES_OF_CARD: &str = "
    SELECT audit_event.seq, ts, coalesce(act, '') AS act, coalesce(actor, '') AS actor,
        staff.name, body ->> '$.role' AS role, body ->> '$.ip' AS ip, body ->> '$.dev' AS device,
        body ->> '$.why' AS why, body ->> '$.obj' AS object, patient.number AS card,
        json_array_length(body, '$.pats') AS people, lower(hex(leaf)) AS leaf
    FROM patient
    JOIN audit_patient ON audit_patient.patient_id = patient.id
    JOIN audit_event ON audit_event.seq = audit_patient.seq
    LEFT JOIN staff ON staff.id = actor
    WHERE patient.number = ?7 AND body IS NOT NULL
        AND audit_event.seq < ?1
        AND (?2 IS NULL OR ts >= ?2) AND (?3 IS NULL OR ts < ?3)
        AND (?4 IS NULL OR actor = ?4) AND (?5 IS NULL OR act = ?5)
    ORDER BY audit_event.seq DESC LIMIT ?6";

const BY_HOUR: &str = "
    SELECT substr(ts, 1, 13) AS hour, count(*) FROM audit_event
    WHERE ts >= ?1 AND ts < ?2 AND act IN ('patient.viewed', 'schedule.viewed', 'patients.found')
    GROUP BY hour";

const CONCERNS: &str = "
    SELECT act, count(*) FROM audit_event
    WHERE act IN ('permission.denied', 'sign_in.failed', 'audit.exported', 'patient.iin_shown')
        AND ts >= ?1
    GROUP BY act ORDER BY count(*) DESC";

/// Steps from one action to the next by the index: `DISTINCT` would walk it all.
const ACTIONS: &str = "
    WITH RECURSIVE one(act) AS (
        SELECT min(act) FROM audit_event
        UNION ALL
        SELECT (SELECT min(act) FROM audit_event WHERE act > one.act) FROM one
            WHERE one.act IS NOT NULL)
    SELECT act FROM one WHERE act IS NOT NULL";

const PEOPLE: &str = "SELECT id, name FROM staff ORDER BY name";

pub async fn entries(
    reader: &mut Reader,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Entry>, VaultError> {
    let sql = if filter.card.is_some() { ENTRIES_OF_CARD } else { ENTRIES };
    let query = sqlx::query_as(sql).bind(filter.before.unwrap_or(i64::MAX)).bind(&filter.from);
    let query = query.bind(&filter.until).bind(&filter.actor).bind(&filter.act).bind(limit);
    let query = match filter.card {
        Some(card) => query.bind(card),
        None => query,
    };
    Ok(query.fetch_all(reader.sql()).await?)
}

/// How often, by UTC hour, on a day of the clinic's.
pub async fn looks_by_hour(
    reader: &mut Reader,
    zone: &Zone,
    day: Day,
) -> Result<Vec<(String, i64)>, VaultError> {
    let (from, until) = (start(zone, day), start(zone, day.plus_days(1)));
    let query = sqlx::query_as(BY_HOUR).bind(from.rfc3339()).bind(until.rfc3339());
    Ok(query.fetch_all(reader.sql()).await?)
}

/// What an officer asks about first, and how often it happened since then.
pub async fn concerns(
    reader: &mut Reader,
    since: Timestamp,
) -> Result<Vec<(String, i64)>, VaultError> {
    Ok(sqlx::query_as(CONCERNS).bind(since.rfc3339()).fetch_all(reader.sql()).await?)
}

pub async fn actions(reader: &mut Reader) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(ACTIONS).fetch_all(reader.sql()).await?)
}

pub async fn people(reader: &mut Reader) -> Result<Vec<(String, String)>, VaultError> {
    Ok(sqlx::query_as(PEOPLE).fetch_all(reader.sql()).await?)
}
