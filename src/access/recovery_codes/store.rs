//! Recovery codes in the database.

use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

const DROP: &str = "DELETE FROM recovery_code WHERE staff_id = ?1";

const INSERT: &str = "INSERT INTO recovery_code (staff_id, hash, made_at) VALUES (?1, ?2, ?3)";

const LEFT: &str = "SELECT count(*) FROM recovery_code WHERE staff_id = ?1 AND used_at IS NULL";

const USE: &str = "
    UPDATE recovery_code SET used_at = ?3 WHERE staff_id = ?1 AND hash = ?2 AND used_at IS NULL";

pub async fn replace(
    tx: &mut Tx,
    staff: StaffId,
    hashes: impl Iterator<Item = [u8; 32]>,
) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(DROP).bind(staff).execute(tx.sql()).await?;
    for hash in hashes {
        let query = sqlx::query(INSERT).bind(staff).bind(hash.to_vec()).bind(now);
        query.execute(tx.sql()).await?;
    }
    Ok(())
}

pub async fn left(reader: &mut Reader, staff: StaffId) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(LEFT).bind(staff).fetch_one(reader.sql()).await?)
}

/// False when it is none of theirs, or was used.
pub async fn spend(tx: &mut Tx, staff: StaffId, hash: &[u8; 32]) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(USE).bind(staff).bind(hash.as_slice()).bind(now);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}
