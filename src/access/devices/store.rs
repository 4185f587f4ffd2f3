//! Known browsers in the database.

use crate::access::devices::Device;
use crate::ids::StaffId;
use crate::vault::{DeskHash, Reader, Tx, VaultError};

const KNOWS: &str = "
    SELECT EXISTS (SELECT 1 FROM known_device
        WHERE token_hash = ?1 AND staff_id = ?2 AND forgotten_at IS NULL)";

const IS_NEW: &str = "
    SELECT count(*) = 0 FROM known_device
    WHERE token_hash = ?1 AND staff_id = ?2 AND forgotten_at IS NULL";

const REMEMBER: &str = "
    INSERT INTO known_device (token_hash, staff_id, device, first_at, last_at)
    VALUES (?1, ?2, ?3, ?4, ?4)
    ON CONFLICT DO UPDATE SET last_at = ?4, device = ?3, forgotten_at = NULL";

const OF: &str = "
    SELECT lower(substr(hex(token_hash), 1, 8)) AS tag, device, first_at, last_at
    FROM known_device WHERE staff_id = ?1 AND forgotten_at IS NULL ORDER BY last_at DESC";

const FORGET: &str = "
    UPDATE known_device SET forgotten_at = ?3
    WHERE staff_id = ?1 AND lower(substr(hex(token_hash), 1, 8)) = ?2 AND forgotten_at IS NULL";

pub async fn knows(
    reader: &mut Reader,
    hash: &DeskHash,
    staff: StaffId,
) -> Result<bool, VaultError> {
    let query = sqlx::query_scalar(KNOWS).bind(hash.as_slice()).bind(staff);
    Ok(query.fetch_one(reader.sql()).await?)
}

/// Whether the browser is new to this person.
pub async fn remember(
    tx: &mut Tx,
    hash: &DeskHash,
    staff: StaffId,
    device: Option<&str>,
) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(IS_NEW).bind(hash.as_slice()).bind(staff);
    let new: bool = query.fetch_one(tx.sql()).await?;
    let query = sqlx::query(REMEMBER).bind(hash.as_slice()).bind(staff).bind(device).bind(now);
    query.execute(tx.sql()).await?;
    Ok(new)
}

pub async fn of(reader: &mut Reader, staff: StaffId) -> Result<Vec<Device>, VaultError> {
    Ok(sqlx::query_as(OF).bind(staff).fetch_all(reader.sql()).await?)
}

/// False when there is no such browser.
pub async fn forget(tx: &mut Tx, staff: StaffId, tag: &str) -> Result<bool, VaultError> {
    let now = tx.now();
    let done = sqlx::query(FORGET).bind(staff).bind(tag).bind(now).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}
