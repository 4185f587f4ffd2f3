//! What the ledger says of whom. Only the vault writes it.

use crate::clock::Timestamp;
use crate::ids::PatientId;
use crate::incidents::touched::{Scope, Touch};
use crate::vault::{Reader, VaultError};

/// Of one actor, down its own index, and what their phone's calendar took for
/// them (`feed.read`, by an address that is theirs). The period is turned into the rows it
/// spans first, so that a ledger of many years costs no more.
const TOUCHES_OF: &str = "
    WITH period(first, last) AS MATERIALIZED (SELECT
        (SELECT seq FROM audit_event WHERE ts >= ?1 AND ts < ?2 ORDER BY ts, seq LIMIT 1),
        (SELECT seq FROM audit_event WHERE ts >= ?1 AND ts < ?2 ORDER BY ts DESC, seq DESC LIMIT 1))
    SELECT ts, act, body ->> '$.sess' AS session, body ->> '$.ip' AS ip,
        body ->> '$.dev' AS device,
        coalesce(body -> '$.pats', json_array(pat)) AS people
    FROM audit_event
    WHERE seq IN (
            SELECT seq FROM audit_event WHERE actor = ?3
                AND seq BETWEEN (SELECT first FROM period) AND (SELECT last FROM period)
            UNION ALL SELECT seq FROM audit_event
            WHERE act = 'feed.read' AND actor = 'visitor'
                AND seq BETWEEN (SELECT first FROM period) AND (SELECT last FROM period)
                AND body ->> '$.detail.staff' = ?3)
        AND (pat IS NOT NULL OR body -> '$.pats' IS NOT NULL)
        AND (?4 IS NULL OR body ->> '$.sess' = ?4)
        AND (?5 IS NULL OR body ->> '$.ip' = ?5)
        AND (?6 IS NULL OR body ->> '$.dev' = ?6)
    ORDER BY seq";

/// Of every person: what runs by the clock is no person.
const TOUCHES: &str = "
    WITH period(first, last) AS MATERIALIZED (SELECT
        (SELECT seq FROM audit_event WHERE ts >= ?1 AND ts < ?2 ORDER BY ts, seq LIMIT 1),
        (SELECT seq FROM audit_event WHERE ts >= ?1 AND ts < ?2 ORDER BY ts DESC, seq DESC LIMIT 1))
    SELECT ts, act, body ->> '$.sess' AS session, body ->> '$.ip' AS ip,
        body ->> '$.dev' AS device,
        coalesce(body -> '$.pats', json_array(pat)) AS people
    FROM audit_event
    WHERE ?3 IS NULL AND seq BETWEEN (SELECT first FROM period) AND (SELECT last FROM period)
        AND (pat IS NOT NULL OR body -> '$.pats' IS NOT NULL)
        AND actor NOT LIKE 'job:%'
        AND (?4 IS NULL OR body ->> '$.sess' = ?4)
        AND (?5 IS NULL OR body ->> '$.ip' = ?5)
        AND (?6 IS NULL OR body ->> '$.dev' = ?6)
    ORDER BY seq";

const LEDGER_SIZE: &str = "SELECT size FROM audit_head WHERE id = 1";

/// Redacted entries have lost their time: they lie between those that have one.
const REDACTED: &str = "
    SELECT count(*) FROM audit_event
    WHERE body IS NULL AND seq BETWEEN
        (SELECT seq FROM audit_event WHERE ts >= ?1 AND ts < ?2 ORDER BY ts, seq LIMIT 1)
        AND (SELECT seq FROM audit_event WHERE ts >= ?1 AND ts < ?2 ORDER BY ts DESC, seq DESC LIMIT 1)";

/// An entry as the database gives it.
#[derive(sqlx::FromRow)]
struct TouchRow {
    ts: String,
    act: String,
    session: Option<String>,
    ip: Option<String>,
    device: Option<String>,
    #[sqlx(json)]
    people: Vec<PatientId>,
}

/// What a scope touched, oldest first; from `early` on, which may lie before it.
pub async fn touches(
    reader: &mut Reader,
    scope: &Scope,
    early: Timestamp,
) -> Result<Vec<Touch>, VaultError> {
    let sql = if scope.actor.is_some() { TOUCHES_OF } else { TOUCHES };
    let query = sqlx::query_as(sql).bind(early.rfc3339()).bind(scope.until.rfc3339());
    let query = query.bind(&scope.actor).bind(&scope.session).bind(&scope.ip).bind(&scope.device);
    let rows: Vec<TouchRow> = query.fetch_all(reader.sql()).await?;
    let touch = |row: TouchRow| Touch {
        at: instant(&row.ts).unwrap_or(early),
        action: row.act,
        session: row.session,
        ip: row.ip,
        device: row.device,
        people: row.people,
    };
    Ok(rows.into_iter().map(touch).collect())
}

fn instant(ts: &str) -> Option<Timestamp> {
    let read: jiff::Timestamp = ts.parse().ok()?;
    Some(Timestamp::from_unix_ms(read.as_millisecond()))
}

/// How many events the ledger has, and how many of the interval lost their contents.
pub async fn ledger(reader: &mut Reader, scope: &Scope) -> Result<(i64, i64), VaultError> {
    let size = sqlx::query_scalar(LEDGER_SIZE).fetch_one(reader.sql()).await?;
    let query = sqlx::query_scalar(REDACTED).bind(scope.from.rfc3339());
    let redacted = query.bind(scope.until.rfc3339()).fetch_one(reader.sql()).await?;
    Ok((size, redacted))
}
