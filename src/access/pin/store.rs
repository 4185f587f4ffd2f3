//! PINs in the database.

use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

const SET: &str = "
    INSERT INTO pin (staff_id, hash, set_at) VALUES (?1, ?2, ?3)
    ON CONFLICT DO UPDATE SET hash = ?2, set_at = ?3, failures = 0";

const OF: &str = "
    SELECT hash, failures FROM pin JOIN staff ON staff.id = staff_id
    WHERE staff_id = ?1 AND left_at IS NULL";

const COUNT: &str = "
    UPDATE pin SET failures = failures + 1
    WHERE staff_id = (SELECT id FROM staff WHERE id = ?1 AND left_at IS NULL) AND failures < ?2
    RETURNING hash";

const SUCCEEDED: &str = "UPDATE pin SET failures = 0 WHERE staff_id = ?1";

pub async fn set(tx: &mut Tx, staff: StaffId, hash: &str) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(SET).bind(staff).bind(hash).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// Its hash, and the failures since the last success.
pub async fn of(reader: &mut Reader, staff: StaffId) -> Result<Option<(String, i64)>, VaultError> {
    Ok(sqlx::query_as(OF).bind(staff).fetch_optional(reader.sql()).await?)
}

/// One more try, and the hash to compare it with; None when there were too many
/// since the last success.
pub async fn count(tx: &mut Tx, staff: StaffId, most: i64) -> Result<Option<String>, VaultError> {
    let query = sqlx::query_scalar(COUNT).bind(staff).bind(most);
    Ok(query.fetch_optional(tx.sql()).await?)
}

pub async fn succeeded(tx: &mut Tx, staff: StaffId) -> Result<(), VaultError> {
    sqlx::query(SUCCEEDED).bind(staff).execute(tx.sql()).await?;
    Ok(())
}
