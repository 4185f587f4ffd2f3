//! One card in the ledger.

use super::Access;
use crate::clock::Timestamp;
use crate::ids::PatientId;
use crate::vault::{Reader, VaultError};

const CARD: &str = "SELECT id FROM patient WHERE number = ?1";
const NUMBER: &str = "SELECT number FROM patient WHERE id = ?1";

/// Also of the cards that this one has absorbed: they were the same person.
const ACCESSES: &str = "
    SELECT audit_event.seq, ts, coalesce(act, '') AS act, coalesce(actor, '') AS actor, staff.name,
        body ->> '$.role' AS role, why, body ->> '$.ip' AS ip, body ->> '$.dev' AS device,
        pat IS NULL AS listed
    FROM audit_patient
    JOIN audit_event ON audit_event.seq = audit_patient.seq
    LEFT JOIN staff ON staff.id = actor
    WHERE patient_id IN (SELECT ?1 UNION ALL SELECT id FROM patient WHERE merged_into = ?1)
        AND body IS NOT NULL AND ts >= ?2 AND ts < ?3
    ORDER BY audit_event.seq DESC LIMIT ?4";

const OPENED_BY: &str = "
    SELECT count(DISTINCT actor), max(ts)
    FROM audit_patient JOIN audit_event ON audit_event.seq = audit_patient.seq
    WHERE patient_id = ?1 AND act IN ('patient.viewed', 'appointment.viewed', 'patient.iin_shown')
        AND ts >= ?2";

pub async fn card(reader: &mut Reader, number: i64) -> Result<Option<PatientId>, VaultError> {
    Ok(sqlx::query_scalar(CARD).bind(number).fetch_optional(reader.sql()).await?)
}

pub async fn number(reader: &mut Reader, patient: PatientId) -> Result<Option<i64>, VaultError> {
    Ok(sqlx::query_scalar(NUMBER).bind(patient).fetch_optional(reader.sql()).await?)
}

/// The newest first.
pub async fn accesses(
    reader: &mut Reader,
    patient: PatientId,
    from: Timestamp,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Access>, VaultError> {
    let query = sqlx::query_as(ACCESSES).bind(patient).bind(from.rfc3339());
    Ok(query.bind(before.rfc3339()).bind(limit).fetch_all(reader.sql()).await?)
}

/// How many people, and the ledger's time of the last look.
pub async fn opened_by(
    reader: &mut Reader,
    patient: PatientId,
    since: Timestamp,
) -> Result<(i64, Option<String>), VaultError> {
    let query = sqlx::query_as(OPENED_BY).bind(patient).bind(since.rfc3339());
    Ok(query.fetch_one(reader.sql()).await?)
}
