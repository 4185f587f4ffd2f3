//! Days, hours and terms in the database. Rows are only added.

use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};
use crate::workdays::model::{HoursRule, LegalDay, NewDay, NewHours, NewTerm, Term, TermCode};

/// The newest word of each day.
const DAYS: &str = "
    SELECT day, kind, name, estimated, basis, source, checked_on FROM legal_day
    WHERE id IN (SELECT max(id) FROM legal_day GROUP BY day) ORDER BY day";

const INSERT_DAY: &str = "
    INSERT INTO legal_day (day, kind, name, estimated, basis, source, checked_on, made_at, made_by)
    VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8)";

const HOURS: &str = "
    SELECT version, weekdays, starts, ends, break_starts, break_ends, basis, source, checked_on,
        confirmed, effective_from, made_at, made_by
    FROM working_hours ORDER BY version DESC";

const LAST_HOURS: &str = "SELECT coalesce(max(version), 0) FROM working_hours";

const INSERT_HOURS: &str = "
    INSERT INTO working_hours (version, weekdays, starts, ends, break_starts, break_ends, basis,
        source, checked_on, confirmed, effective_from, made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

const TERMS: &str = "
    SELECT code, version, working_days, basis, basis_kk, source, checked_on, confirmed, effective_from,
        made_at, made_by
    FROM legal_term ORDER BY code, version";

const LAST_TERM: &str = "SELECT coalesce(max(version), 0) FROM legal_term WHERE code = ?1";

const INSERT_TERM: &str = "
    INSERT INTO legal_term (code, version, working_days, basis, basis_kk, source, checked_on,
        confirmed, effective_from, made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

pub async fn days(reader: &mut Reader) -> Result<Vec<LegalDay>, VaultError> {
    Ok(sqlx::query_as(DAYS).fetch_all(reader.sql()).await?)
}

pub async fn insert_day(tx: &mut Tx, new: &NewDay, by: Option<StaffId>) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_DAY).bind(new.day).bind(new.kind).bind(new.name);
    let query = query.bind(&new.basis).bind(&new.source).bind(new.checked_on).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// All versions, newest first.
pub async fn hours(reader: &mut Reader) -> Result<Vec<HoursRule>, VaultError> {
    Ok(sqlx::query_as(HOURS).fetch_all(reader.sql()).await?)
}

pub async fn last_hours(tx: &mut Tx) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(LAST_HOURS).fetch_one(tx.sql()).await?)
}

pub async fn insert_hours(
    tx: &mut Tx,
    version: i64,
    new: &NewHours,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let (break_starts, break_ends) = new.pause.unzip();
    let query = sqlx::query(INSERT_HOURS).bind(version).bind(&new.weekdays).bind(new.starts);
    let query = query.bind(new.ends).bind(break_starts).bind(break_ends).bind(&new.basis);
    let query = query.bind(&new.source).bind(new.checked_on).bind(new.confirmed);
    query.bind(new.effective_from).bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}

pub async fn terms(reader: &mut Reader) -> Result<Vec<Term>, VaultError> {
    Ok(sqlx::query_as(TERMS).fetch_all(reader.sql()).await?)
}

pub async fn last_term(tx: &mut Tx, code: TermCode) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(LAST_TERM).bind(code).fetch_one(tx.sql()).await?)
}

pub async fn insert_term(
    tx: &mut Tx,
    code: TermCode,
    version: i64,
    new: &NewTerm,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_TERM).bind(code).bind(version).bind(new.working_days);
    let query = query.bind(&new.basis).bind(&new.basis_kk).bind(&new.source);
    let query = query.bind(new.checked_on).bind(new.confirmed);
    query.bind(new.effective_from).bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}
