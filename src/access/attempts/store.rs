//! Failures in the database.

use crate::access::attempts::Place;
use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

const FAILURES: &str =
    "SELECT failures, last_at FROM sign_in_attempt WHERE staff_id = ?1 AND place = ?2";

const COUNT: &str = "
    INSERT INTO sign_in_attempt (staff_id, place, failures, last_at) VALUES (?1, ?2, 1, ?3)
    ON CONFLICT DO UPDATE SET failures = failures + 1, last_at = ?3";

/// Whoever gave every factor at some place is no stranger to their own sessions
/// either: x'01' is `Place::Inside`.
const CLEAR: &str = "DELETE FROM sign_in_attempt WHERE staff_id = ?1 AND place IN (?2, x'01')";

const FORGET: &str = "DELETE FROM sign_in_attempt WHERE staff_id = ?1";

/// How many since the last success, and when the last was; None when none.
pub async fn failures(
    reader: &mut Reader,
    staff: StaffId,
    place: Place,
) -> Result<Option<(i64, Timestamp)>, VaultError> {
    let query = sqlx::query_as(FAILURES).bind(staff).bind(place.bytes());
    Ok(query.fetch_optional(reader.sql()).await?)
}

pub async fn count(tx: &mut Tx, staff: StaffId, place: Place) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(COUNT).bind(staff).bind(place.bytes()).bind(now);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn clear(tx: &mut Tx, staff: StaffId, place: Place) -> Result<(), VaultError> {
    sqlx::query(CLEAR).bind(staff).bind(place.bytes()).execute(tx.sql()).await?;
    Ok(())
}

/// All of somebody's, from everywhere.
pub async fn forget(tx: &mut Tx, staff: StaffId) -> Result<(), VaultError> {
    sqlx::query(FORGET).bind(staff).execute(tx.sql()).await?;
    Ok(())
}
