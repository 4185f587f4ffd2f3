//! Purposes in the database. Rows are only added.

use sqlx::types::Json;

use crate::accountability::purposes::{NewPurpose, Purpose};
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

const ALL: &str = "
    SELECT code, version, title_ru, title_kk, basis_ru, basis_kk, classes, people, kept, source,
        checked_on, confirmed, effective_from, ended, made_at,
        (SELECT name FROM staff WHERE staff.id = made_by) AS made_by
    FROM processing_purpose ORDER BY code, version DESC";

const LAST_VERSION: &str =
    "SELECT coalesce(max(version), 0) FROM processing_purpose WHERE code = ?1";

const HOW_MANY: &str = "SELECT count(DISTINCT code) FROM processing_purpose";

const INSERT: &str = "
    INSERT INTO processing_purpose (code, version, title_ru, title_kk, basis_ru, basis_kk, classes,
        people, kept, source, checked_on, confirmed, effective_from, ended, made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

pub async fn all(reader: &mut Reader) -> Result<Vec<Purpose>, VaultError> {
    Ok(sqlx::query_as(ALL).fetch_all(reader.sql()).await?)
}

pub async fn last_version(tx: &mut Tx, code: &str) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(LAST_VERSION).bind(code).fetch_one(tx.sql()).await?)
}

/// A code that no purpose has: purposes are never deleted.
pub async fn free_code(tx: &mut Tx) -> Result<String, VaultError> {
    let count: i64 = sqlx::query_scalar(HOW_MANY).fetch_one(tx.sql()).await?;
    Ok(format!("own_{}", count + 1))
}

pub async fn insert(
    tx: &mut Tx,
    code: &str,
    version: i64,
    new: &NewPurpose,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(code).bind(version);
    let query = query.bind(&new.title[0]).bind(&new.title[1]);
    let query = query.bind(&new.basis[0]).bind(&new.basis[1]);
    let query = query.bind(Json(&new.classes)).bind(Json(&new.people)).bind(Json(&new.kept));
    let query = query.bind(&new.source).bind(new.checked_on).bind(new.confirmed);
    let query = query.bind(new.effective_from).bind(new.ended).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}
