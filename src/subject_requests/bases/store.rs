//! The bases in the database. Rows are only added.

use crate::clock::Day;
use crate::ids::StaffId;
use crate::subject_requests::Refusal;
use crate::subject_requests::bases::{Basis, NewBasis};
use crate::vault::{Reader, Tx, VaultError};

const ALL: &str = "
    SELECT reason, version, basis, basis_kk, source, checked_on, confirmed, effective_from, made_at,
        (SELECT name FROM staff WHERE staff.id = made_by) AS made_by
    FROM refusal_basis ORDER BY reason, version DESC";

const TEXT: &str = "
    SELECT basis, basis_kk FROM refusal_basis WHERE reason = ?1 AND effective_from <= ?2
    ORDER BY version DESC LIMIT 1";

const LAST_VERSION: &str = "SELECT coalesce(max(version), 0) FROM refusal_basis WHERE reason = ?1";

const INSERT: &str = "
    INSERT INTO refusal_basis (reason, version, basis, basis_kk, source, checked_on, confirmed,
        effective_from, made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

pub async fn all(reader: &mut Reader) -> Result<Vec<Basis>, VaultError> {
    Ok(sqlx::query_as(ALL).fetch_all(reader.sql()).await?)
}

/// Empty when no version has begun.
pub async fn text(tx: &mut Tx, refusal: Refusal, on: Day) -> Result<[String; 2], VaultError> {
    let query = sqlx::query_as(TEXT).bind(refusal).bind(on);
    let found: Option<(String, String)> = query.fetch_optional(tx.sql()).await?;
    let (russian, kazakh) = found.unwrap_or_default();
    Ok([russian, kazakh])
}

pub async fn last_version(tx: &mut Tx, reason: Refusal) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(LAST_VERSION).bind(reason).fetch_one(tx.sql()).await?)
}

pub async fn insert(
    tx: &mut Tx,
    reason: Refusal,
    version: i64,
    new: &NewBasis,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(reason).bind(version);
    let query = query.bind(&new.text[0]).bind(&new.text[1]).bind(&new.source);
    let query = query.bind(new.checked_on).bind(new.confirmed).bind(new.effective_from);
    query.bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}
