//! Reviews in the database.

use serde::Serialize;

use super::{Code, Counts, Draft, ReviewId};
use crate::clock::{Day, Timestamp};
use crate::ids::{StaffId, uuid_v7};
use crate::vault::{Reader, Tx, VaultError};

const LIST: &str = "
    SELECT audit_review.id, first_day, last_day, about.name AS about, signed_at,
        signer.name AS signed_by, code, counts,
        (SELECT text FROM audit_note WHERE review_id = audit_review.id) AS note
    FROM audit_review JOIN staff AS signer ON signer.id = signed_by
    LEFT JOIN staff AS about ON about.id = audit_review.staff_id
    ORDER BY signed_at DESC LIMIT ?1";

const LAST_DAY: &str = "SELECT max(last_day) FROM audit_review WHERE staff_id IS NULL";

const BEGAN: &str = "SELECT ts FROM audit_event WHERE seq = 0";

const BY_ACT: &str = "
    SELECT coalesce(act, ''), count(*) FROM audit_event
    WHERE ts >= ?1 AND ts < ?2 AND (?3 IS NULL OR actor = ?3) GROUP BY act";

const BY_STATE: &str = "
    SELECT state, count(*) FROM audit_finding
    WHERE day >= ?1 AND day <= ?2 AND (?3 IS NULL OR actor = ?3) GROUP BY state";

const OPEN_ABOUT: &str = "
    SELECT count(*) FROM audit_finding
    WHERE actor = ?1 AND day >= ?2 AND day <= ?3 AND state = 'open'";

const INSERT: &str = "
    INSERT INTO audit_review (id, first_day, last_day, staff_id, signed_at, signed_by, code, counts)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const ADD_NOTE: &str = "
    INSERT INTO audit_note (id, review_id, at, staff_id, text) VALUES (?1, ?2, ?3, ?4, ?5)";

/// A signed review as it is shown.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct ReviewRow {
    pub id: ReviewId,
    pub first_day: Day,
    pub last_day: Day,
    /// Whose doings; None: everybody's.
    pub about: Option<String>,
    pub signed_at: Timestamp,
    pub signed_by: String,
    pub code: Code,
    #[sqlx(json)]
    pub counts: Counts,
    pub note: Option<String>,
}

pub async fn list(reader: &mut Reader, limit: i64) -> Result<Vec<ReviewRow>, VaultError> {
    Ok(sqlx::query_as(LIST).bind(limit).fetch_all(reader.sql()).await?)
}

pub async fn last_day(reader: &mut Reader) -> Result<Option<Day>, VaultError> {
    Ok(sqlx::query_scalar(LAST_DAY).fetch_one(reader.sql()).await?)
}

/// When the first entry was written.
pub async fn began(reader: &mut Reader) -> Result<Option<Timestamp>, VaultError> {
    let ts: Option<Option<String>> = sqlx::query_scalar(BEGAN).fetch_optional(reader.sql()).await?;
    let at = ts.flatten().and_then(|ts| ts.parse::<jiff::Timestamp>().ok());
    Ok(at.map(|at| Timestamp::from_unix_ms(at.as_millisecond())))
}

pub async fn by_act(
    reader: &mut Reader,
    from: Timestamp,
    before: Timestamp,
    about: Option<StaffId>,
) -> Result<Vec<(String, i64)>, VaultError> {
    let query = sqlx::query_as(BY_ACT).bind(from.rfc3339()).bind(before.rfc3339());
    let about = about.map(|id| id.to_string());
    Ok(query.bind(about).fetch_all(reader.sql()).await?)
}

pub async fn by_state(
    reader: &mut Reader,
    first: Day,
    last: Day,
    about: Option<StaffId>,
) -> Result<Vec<(String, i64)>, VaultError> {
    let about = about.map(|id| id.to_string());
    let query = sqlx::query_as(BY_STATE).bind(first).bind(last).bind(about);
    Ok(query.fetch_all(reader.sql()).await?)
}

/// How many findings about somebody nobody has answered yet.
pub async fn open_about(
    tx: &mut Tx,
    staff: StaffId,
    first: Day,
    last: Day,
) -> Result<i64, VaultError> {
    let query = sqlx::query_scalar(OPEN_ABOUT).bind(staff.to_string()).bind(first).bind(last);
    Ok(query.fetch_one(tx.sql()).await?)
}

pub async fn insert(
    tx: &mut Tx,
    id: ReviewId,
    draft: &Draft,
    by: StaffId,
    counts: &Counts,
) -> Result<(), VaultError> {
    let now = tx.now();
    let counts = serde_json::to_string(counts).expect("counts are JSON");
    let query = sqlx::query(INSERT).bind(id).bind(draft.first).bind(draft.last).bind(draft.about);
    query.bind(now).bind(by).bind(draft.code).bind(counts).execute(tx.sql()).await?;
    Ok(())
}

pub async fn add_note(
    tx: &mut Tx,
    id: ReviewId,
    by: StaffId,
    text: &str,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(ADD_NOTE).bind(uuid_v7(now).to_string()).bind(id).bind(now);
    query.bind(by).bind(text).execute(tx.sql()).await?;
    Ok(())
}
