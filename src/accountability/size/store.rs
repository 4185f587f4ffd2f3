//! The numbers in the database, and how many people there are.

use crate::accountability::size::{Limit, LimitCode, NewLimit, People};
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

const LIMITS: &str = "
    SELECT code, version, value, basis_ru, basis_kk, source, checked_on, confirmed, effective_from,
        made_at, (SELECT name FROM staff WHERE staff.id = made_by) AS made_by
    FROM accountability_limit ORDER BY code, version";

const LAST_VERSION: &str =
    "SELECT coalesce(max(version), 0) FROM accountability_limit WHERE code = ?1";

const INSERT: &str = "
    INSERT INTO accountability_limit (code, version, value, basis_ru, basis_kk, source, checked_on,
        confirmed, effective_from, made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// Staff that left are still in the database. Whoever asked twice and gave the
/// same name is one person.
const PEOPLE: &str = "
    SELECT (SELECT count(*) FROM patient WHERE merged_into IS NULL) AS patients,
        (SELECT count(*) FROM staff) AS staff,
        (SELECT count(DISTINCT applicant) FROM subject_request WHERE applicant <> '') AS applicants";

pub async fn limits(reader: &mut Reader) -> Result<Vec<Limit>, VaultError> {
    Ok(sqlx::query_as(LIMITS).fetch_all(reader.sql()).await?)
}

pub async fn people(reader: &mut Reader) -> Result<People, VaultError> {
    Ok(sqlx::query_as(PEOPLE).fetch_one(reader.sql()).await?)
}

pub async fn last_version(tx: &mut Tx, code: LimitCode) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(LAST_VERSION).bind(code).fetch_one(tx.sql()).await?)
}

pub async fn insert(
    tx: &mut Tx,
    code: LimitCode,
    version: i64,
    new: &NewLimit,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(code).bind(version).bind(new.value);
    let query = query.bind(&new.basis[0]).bind(&new.basis[1]).bind(&new.source);
    let query = query.bind(new.checked_on).bind(new.confirmed).bind(new.effective_from);
    query.bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}
