//! The limits of the rules in the database.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

const LIMITS: &str = "
    SELECT code, version, value, basis, made_at, staff.name AS made_by
    FROM audit_limit LEFT JOIN staff ON staff.id = made_by ORDER BY code, version";

const LAST_VERSION: &str = "SELECT max(version) FROM audit_limit WHERE code = ?1";

const ADD_LIMIT: &str = "
    INSERT INTO audit_limit (code, version, value, basis, made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// One version of a limit.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct LimitRow {
    pub code: String,
    pub version: i64,
    pub value: i64,
    pub basis: String,
    pub made_at: Timestamp,
    /// None: shipped with the program.
    pub made_by: Option<String>,
}

/// All versions, the newest of a code last.
pub async fn limits(reader: &mut Reader) -> Result<Vec<LimitRow>, VaultError> {
    Ok(sqlx::query_as(LIMITS).fetch_all(reader.sql()).await?)
}

pub async fn last_version(tx: &mut Tx, code: &str) -> Result<Option<i64>, VaultError> {
    Ok(sqlx::query_scalar(LAST_VERSION).bind(code).fetch_one(tx.sql()).await?)
}

pub async fn add_limit(
    tx: &mut Tx,
    code: &str,
    version: i64,
    value: i64,
    basis: &str,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(ADD_LIMIT).bind(code).bind(version).bind(value).bind(basis);
    query.bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}
