//! Self-checks in the database.

use crate::clock::Timestamp;
use crate::system::CHECK;
use crate::system::model::{Outcome, Work};
use crate::vault::{Reader, Tx, VaultError};

/// A reservation overlaps an earlier one of the same thing when it begins before
/// the last of those has ended. Only overbookings, which have their reason, may.
const OVERLAPS: &str = "
    SELECT count(*) FROM (
        SELECT starts, max(ends) OVER (
            PARTITION BY resource_id ORDER BY starts, ends, appointment_id, version
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until
        FROM reservation WHERE live = 1 AND overbooked = 0)
    WHERE starts < taken_until";

const INSERT: &str = "
    INSERT INTO self_check (check_name, at, wrong, took_ms) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT DO NOTHING";

const LAST: &str = "
    SELECT check_name, at, wrong, took_ms FROM self_check AS one
    WHERE at = (SELECT max(at) FROM self_check WHERE check_name = one.check_name)";

const WORK: &str = "
    SELECT count(*) FILTER (WHERE due_at <= ?1) AS due,
        count(*) FILTER (WHERE attempts > 0) AS failing,
        count(*) FILTER (WHERE kind = ?2) > 0 AS checking
    FROM job WHERE done_at IS NULL";

/// How many live reservations lie over another of the same thing.
pub async fn overlaps(reader: &mut Reader) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(OVERLAPS).fetch_one(reader.sql()).await?)
}

pub async fn insert(tx: &mut Tx, outcome: &Outcome) -> Result<(), VaultError> {
    let query = sqlx::query(INSERT).bind(outcome.check).bind(outcome.at);
    query.bind(outcome.wrong).bind(outcome.took_ms).execute(tx.sql()).await?;
    Ok(())
}

/// The last outcome of each check that was ever made.
pub async fn last(reader: &mut Reader) -> Result<Vec<Outcome>, VaultError> {
    Ok(sqlx::query_as(LAST).fetch_all(reader.sql()).await?)
}

pub async fn work(reader: &mut Reader, now: Timestamp) -> Result<Work, VaultError> {
    Ok(sqlx::query_as(WORK).bind(now).bind(CHECK).fetch_one(reader.sql()).await?)
}
