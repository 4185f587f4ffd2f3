//! Emergency access in the database.

use crate::clock::Timestamp;
use crate::emergency::model::{Access, AccessId, Cause, Notice, Verdict};
use crate::ids::{PatientId, StaffId};
use crate::vault::{Disclosure, Listing, Reader, Tx, VaultError};

const IS_PATIENT: &str = "SELECT count(*) FROM patient WHERE id = ?1";

const INSERT: &str = "
    INSERT INTO emergency_access (id, staff_id, patient_id, cause, reason, opened_at, until_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const CLOSE: &str = "
    UPDATE emergency_access SET closed_at = ?3
    WHERE staff_id = ?1 AND patient_id = ?2 AND closed_at IS NULL AND ?3 < until_at
    RETURNING id";

const RUNNING: &str = "
    SELECT max(until_at) FROM emergency_access
    WHERE patient_id = ?1 AND staff_id = ?2 AND closed_at IS NULL
        AND opened_at <= ?3 AND ?3 < until_at";

/// How many that were reviewed stay on the page.
const REVIEWED_SHOWN: i64 = 50;

const ALL: &str = "
    SELECT * FROM (
        SELECT emergency_access.id, emergency_access.staff_id, staff.name AS staff, patient_id,
            patient.number AS card, cause, reason, opened_at, until_at, closed_at,
            reviewer.name AS reviewer, emergency_review.at AS reviewed_at, verdict,
            emergency_review.note,
            row_number() OVER (PARTITION BY verdict IS NULL ORDER BY opened_at DESC) AS place
        FROM emergency_access
        JOIN staff ON staff.id = emergency_access.staff_id
        JOIN patient ON patient.id = emergency_access.patient_id
        LEFT JOIN emergency_review ON access_id = emergency_access.id
        LEFT JOIN staff AS reviewer ON reviewer.id = emergency_review.staff_id)
    WHERE verdict IS NULL OR place <= ?1
    ORDER BY verdict IS NOT NULL, CASE WHEN verdict IS NULL THEN opened_at ELSE -opened_at END";

const FIND: &str = "SELECT staff_id, patient_id FROM emergency_access WHERE id = ?1";

const NOTICE: &str = "
    SELECT staff_id, role, cause, opened_at,
        EXISTS (SELECT 1 FROM emergency_review WHERE access_id = emergency_access.id) AS reviewed
    FROM emergency_access JOIN staff ON staff.id = staff_id WHERE emergency_access.id = ?1";

const INSERT_REVIEW: &str = "
    INSERT INTO emergency_review (access_id, staff_id, at, verdict, note)
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";

const HAND_OVER: &str =
    "UPDATE emergency_access SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

const WAITING: &str = "
    SELECT count(*) FROM emergency_access
    WHERE NOT EXISTS (SELECT 1 FROM emergency_review WHERE access_id = emergency_access.id)";

pub async fn is_patient(tx: &mut Tx, id: PatientId) -> Result<bool, VaultError> {
    let found: i64 = sqlx::query_scalar(IS_PATIENT).bind(id).fetch_one(tx.sql()).await?;
    Ok(found == 1)
}

pub async fn notice(tx: &mut Tx, id: AccessId) -> Result<Option<Notice>, VaultError> {
    Ok(sqlx::query_as(NOTICE).bind(id).fetch_optional(tx.sql()).await?)
}

pub async fn insert(
    tx: &mut Tx,
    id: AccessId,
    (staff, patient): (StaffId, PatientId),
    cause: Cause,
    reason: &str,
    until: Timestamp,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(id).bind(staff).bind(patient).bind(cause).bind(reason);
    query.bind(now).bind(until).execute(tx.sql()).await?;
    Ok(())
}

/// Which one was closed; None when none was running.
pub async fn close(
    tx: &mut Tx,
    staff: StaffId,
    patient: PatientId,
) -> Result<Option<AccessId>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(CLOSE).bind(staff).bind(patient).bind(now);
    Ok(query.fetch_all(tx.sql()).await?.into_iter().next())
}

pub async fn running(
    disclosure: &mut Disclosure,
    staff: StaffId,
    now: Timestamp,
) -> Result<Option<Timestamp>, VaultError> {
    let patient = disclosure.patient_id();
    let query = sqlx::query_scalar(RUNNING).bind(patient).bind(staff).bind(now);
    Ok(query.fetch_one(disclosure.sql()).await?)
}

pub async fn all(listing: &mut Listing) -> Result<Vec<Access>, VaultError> {
    Ok(sqlx::query_as(ALL).bind(REVIEWED_SHOWN).fetch_all(listing.sql()).await?)
}

pub async fn find(tx: &mut Tx, id: AccessId) -> Result<Option<(StaffId, PatientId)>, VaultError> {
    Ok(sqlx::query_as(FIND).bind(id).fetch_optional(tx.sql()).await?)
}

/// False when there is a review already.
pub async fn insert_review(
    tx: &mut Tx,
    id: AccessId,
    staff: StaffId,
    verdict: Verdict,
    note: &str,
) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_REVIEW).bind(id).bind(staff).bind(now).bind(verdict).bind(note);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

/// Moves to another card what was opened of one, and says which.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}

pub async fn waiting(reader: &mut Reader) -> Result<u32, VaultError> {
    Ok(sqlx::query_scalar(WAITING).fetch_one(reader.sql()).await?)
}
