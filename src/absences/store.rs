//! Absences in the database.

use std::collections::HashSet;

use crate::absences::NewAbsence;
use crate::absences::model::{Absence, AbsenceId, VisitLine};
use crate::clock::Civil;
use crate::i18n::Language;
use crate::ids::{AppointmentId, ResourceId, StaffId};
use crate::vault::{Listing, Reader, Tx, VaultError};

const INSERT: &str = "
    INSERT INTO absence (id, doctor_id, first_day, last_day, starts, ends, reason, made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

const INSERT_VISIT: &str = "
    INSERT INTO absence_visit (absence_id, appointment_id, starts, not_told)
    VALUES (?1, ?2, ?3, '')";

const LIST: &str = "
    SELECT absence.id, absence.doctor_id, doctor.short_name AS doctor, first_day, last_day,
        absence.starts, absence.ends, reason, closed_at,
        (SELECT count(*) FROM absence_visit AS v JOIN appointment AS a ON a.id = v.appointment_id
            WHERE v.absence_id = absence.id AND a.status IN ('booked', 'confirmed')
                AND a.starts = v.starts AND a.doctor_id = absence.doctor_id) AS left_over
    FROM absence JOIN resource AS doctor ON doctor.id = absence.doctor_id
    WHERE ?1 IS NULL OR absence.id = ?1
    ORDER BY closed_at IS NOT NULL, made_at DESC LIMIT ?2";

const VISITS: &str = "
    SELECT a.id, a.version, a.patient_id, p.name AS patient,
        (SELECT phone FROM patient_phone AS own
            WHERE own.patient_id = p.id AND own.position = 0) AS phone,
        coalesce(nullif(CASE ?2 WHEN 'kk' THEN s.name_kk WHEN 'en' THEN s.name_en END, ''), s.name, '') AS service,
        v.starts AS was, a.starts, a.minutes, a.doctor_id, coalesce(d.short_name, '') AS doctor,
        (a.starts <> v.starts OR a.doctor_id IS NOT absence.doctor_id) AS elsewhere, a.status,
        (SELECT actor FROM appointment_status AS step WHERE step.appointment_id = a.id
            AND step.act = 'moved' ORDER BY step.version DESC LIMIT 1) AS moved_by,
        v.told_at, v.not_told, v.called_at,
        (SELECT m.state FROM message AS m WHERE m.object_kind = 'appointment'
            AND m.object_id = a.id AND m.purpose = 'doctor_away'
            ORDER BY m.created_at DESC, m.id DESC LIMIT 1) AS delivery
    FROM absence_visit AS v
        JOIN absence ON absence.id = v.absence_id
        JOIN appointment AS a ON a.id = v.appointment_id
        JOIN patient AS p ON p.id = a.patient_id
        LEFT JOIN service AS s ON s.id = a.service_id
        LEFT JOIN resource AS d ON d.id = a.doctor_id
    WHERE v.absence_id = ?1
    ORDER BY v.starts, a.id";

const UNTOLD: &str = "
    SELECT v.appointment_id FROM absence_visit AS v
        JOIN absence ON absence.id = v.absence_id
        JOIN appointment AS a ON a.id = v.appointment_id
    WHERE v.absence_id = ?1 AND a.status IN ('booked', 'confirmed')
        AND a.starts = v.starts AND a.doctor_id IS absence.doctor_id
        AND (v.told_at IS NULL OR v.not_told <> '')";

const TELL: &str = "
    UPDATE absence_visit SET told_at = ?3, not_told = ?4
    WHERE absence_id = ?1 AND appointment_id = ?2";

const CALL: &str = "
    UPDATE absence_visit SET called_at = ?3, called_by = ?4
    WHERE absence_id = ?1 AND appointment_id = ?2";

const CLOSE: &str = "
    UPDATE absence SET closed_at = ?2, closed_by = ?3 WHERE id = ?1 AND closed_at IS NULL";

const HELD: &str = "
    SELECT a.doctor_id, a.starts FROM absence_visit AS v
        JOIN absence ON absence.id = v.absence_id AND absence.closed_at IS NULL
        JOIN appointment AS a ON a.id = v.appointment_id
    WHERE a.status IN ('booked', 'confirmed') AND a.doctor_id IS NOT NULL";

pub async fn insert(
    tx: &mut Tx,
    id: AbsenceId,
    new: &NewAbsence,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(id).bind(new.doctor_id).bind(new.first_day);
    let query = query.bind(new.last_day).bind(new.hours.map(|hours| hours.starts));
    let query = query.bind(new.hours.map(|hours| hours.ends)).bind(new.reason).bind(now);
    query.bind(by).execute(tx.sql()).await?;
    Ok(())
}

pub async fn insert_visit(
    tx: &mut Tx,
    id: AbsenceId,
    visit: AppointmentId,
    starts: Civil,
) -> Result<(), VaultError> {
    let query = sqlx::query(INSERT_VISIT).bind(id).bind(visit).bind(starts);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn list(reader: &mut Reader, most: i64) -> Result<Vec<Absence>, VaultError> {
    let query = sqlx::query_as(LIST).bind(None::<AbsenceId>).bind(most);
    Ok(query.fetch_all(reader.sql()).await?)
}

pub async fn one(reader: &mut Reader, id: AbsenceId) -> Result<Option<Absence>, VaultError> {
    Ok(sqlx::query_as(LIST).bind(id).bind(1).fetch_optional(reader.sql()).await?)
}

pub async fn visits(
    listing: &mut Listing,
    id: AbsenceId,
    language: Language,
) -> Result<Vec<VisitLine>, VaultError> {
    Ok(sqlx::query_as(VISITS).bind(id).bind(language.tag()).fetch_all(listing.sql()).await?)
}

/// Visits that still stand and whose patients were not written to.
pub async fn untold(tx: &mut Tx, id: AbsenceId) -> Result<Vec<AppointmentId>, VaultError> {
    Ok(sqlx::query_scalar(UNTOLD).bind(id).fetch_all(tx.sql()).await?)
}

/// Notes that a patient was written to, or why not.
pub async fn tell(
    tx: &mut Tx,
    id: AbsenceId,
    visit: AppointmentId,
    not_told: &str,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(TELL).bind(id).bind(visit).bind(now).bind(not_told);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Whether there is such a visit.
pub async fn call(
    tx: &mut Tx,
    id: AbsenceId,
    visit: AppointmentId,
    by: Option<StaffId>,
) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(CALL).bind(id).bind(visit).bind(now).bind(by);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

/// Whether it was open.
pub async fn close(tx: &mut Tx, id: AbsenceId, by: Option<StaffId>) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(CLOSE).bind(id).bind(now).bind(by);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

/// Live visits that somebody works on, by doctor and time.
pub async fn held(reader: &mut Reader) -> Result<HashSet<(ResourceId, Civil)>, VaultError> {
    let rows: Vec<(ResourceId, Civil)> = sqlx::query_as(HELD).fetch_all(reader.sql()).await?;
    Ok(rows.into_iter().collect())
}
