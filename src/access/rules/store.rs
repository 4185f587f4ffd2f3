//! Rules of signing in in the database.

use crate::access::rules::model::Wish;
use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

/// The last row of a holder.
#[derive(sqlx::FromRow)]
pub struct Stored {
    pub holder: String,
    pub optional: bool,
    pub idle_lock_s: Option<i64>,
    pub version: i64,
    pub changed_at: Timestamp,
    pub changed_by: Option<String>,
}

const NOW: &str = "
    SELECT holder, second_factor = 'optional' AS optional, idle_lock_s, version, changed_at,
        staff.name AS changed_by
    FROM sign_in_rule_now LEFT JOIN staff ON staff.id = changed_by";

const PUT: &str = "
    INSERT INTO sign_in_rule (holder, second_factor, idle_lock_s, changed_at, changed_by)
    VALUES (?1, ?2, ?3, ?4, ?5) RETURNING version";

pub async fn now(reader: &mut Reader) -> Result<Vec<Stored>, VaultError> {
    Ok(sqlx::query_as(NOW).fetch_all(reader.sql()).await?)
}

/// Gives the new version.
pub async fn put(
    tx: &mut Tx,
    holder: &str,
    wish: Wish,
    by: Option<StaffId>,
) -> Result<i64, VaultError> {
    let now = tx.now();
    let factor = if wish.optional { "optional" } else { "required" };
    let query = sqlx::query_scalar(PUT).bind(holder).bind(factor).bind(wish.lock_s());
    Ok(query.bind(now).bind(by).fetch_one(tx.sql()).await?)
}
