//! Lateness in the database.

use sqlx::SqliteConnection;

use crate::booking::Status;
use crate::booking::late::model::{Lateness, ToCome};
use crate::clock::{Civil, Day, Timestamp};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId, StaffId};
use crate::messaging::State;
use crate::vault::{Listing, Reader, Tx, VaultError};

const ON_DAY: &str = "
    SELECT doctor_id, minutes FROM lateness WHERE day = ?1 AND 0 < minutes";

const OF_DOCTOR: &str = "
    SELECT minutes FROM lateness WHERE doctor_id = ?1 AND day = ?2";

const IS_DOCTOR: &str = "
    SELECT EXISTS (SELECT 1 FROM resource
        WHERE id = ?1 AND kind = 'doctor' AND ended_at IS NULL)";

const SET: &str = "
    INSERT INTO lateness (doctor_id, day, minutes, set_at, set_by) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (doctor_id, day) DO UPDATE SET minutes = excluded.minutes,
        set_at = excluded.set_at, set_by = excluded.set_by";

/// Chairs and rooms where the doctor's visits of the day are.
const PLACES: &str = "
    SELECT DISTINCT place_id FROM appointment
    WHERE doctor_id = ?1 AND starts >= ?2 AND starts < ?3 AND place_id IS NOT NULL";

/// What was said of another time of the visit, or of another doctor, counts for
/// nothing.
const TO_COME: &str = "
    SELECT a.id, a.patient_id, a.starts, coalesce(said.minutes, 0) AS knows
    FROM appointment AS a
        LEFT JOIN lateness_visit AS said ON said.appointment_id = a.id
            AND said.starts = a.starts AND said.doctor_id = a.doctor_id
    WHERE a.doctor_id = ?1 AND a.starts >= ?2 AND a.starts < ?3
        AND a.status IN ('booked', 'confirmed')
    ORDER BY a.starts, a.id";

const SAY: &str = "
    INSERT INTO lateness_visit (appointment_id, doctor_id, starts, minutes, was, told_at, not_told)
    SELECT id, doctor_id, starts, ?2, ?3, ?4, ?5 FROM appointment
    WHERE id = ?1 AND doctor_id IS NOT NULL
    ON CONFLICT (appointment_id) DO UPDATE SET doctor_id = excluded.doctor_id,
        starts = excluded.starts, minutes = excluded.minutes, was = excluded.was,
        told_at = excluded.told_at, not_told = excluded.not_told";

const UNSAY: &str = "
    UPDATE lateness_visit SET minutes = was, told_at = iif(was = 0, NULL, told_at), not_told = ''
    WHERE appointment_id = ?1";

const VISITS: &str = "
    SELECT a.id, a.patient_id, p.name AS patient,
        (SELECT phone FROM patient_phone AS own
            WHERE own.patient_id = p.id AND own.position = 0) AS phone,
        coalesce(nullif(CASE ?4 WHEN 'kk' THEN s.name_kk WHEN 'en' THEN s.name_en END, ''), s.name, '') AS service,
        a.starts, a.status, coalesce(said.minutes, 0) AS knows, said.told_at,
        coalesce(said.not_told, '') AS not_told
    FROM appointment AS a
        JOIN patient AS p ON p.id = a.patient_id
        LEFT JOIN service AS s ON s.id = a.service_id
        LEFT JOIN lateness_visit AS said ON said.appointment_id = a.id
            AND said.starts = a.starts AND said.doctor_id = a.doctor_id
    WHERE a.doctor_id = ?1 AND a.starts >= ?2 AND a.starts < ?3
        AND (a.status IN ('booked', 'confirmed', 'arrived') OR said.told_at IS NOT NULL)
    ORDER BY a.starts, a.id";

/// A visit of the day, and what its patient was told.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LateVisit {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    pub patient: String,
    /// E.164.
    pub phone: Option<String>,
    pub service: String,
    pub starts: Civil,
    pub status: Status,
    /// Minutes that they know of; 0: in time, or nothing was said.
    pub knows: i64,
    /// When it was said last; None when nothing was.
    pub told_at: Option<Timestamp>,
    /// Why nothing was written: a code; empty otherwise.
    pub not_told: String,
    /// What became of the last message about the visit.
    #[sqlx(skip)]
    pub message: Option<State>,
}

pub async fn on_day(reader: &mut Reader, day: Day) -> Result<Lateness, VaultError> {
    let rows = sqlx::query_as(ON_DAY).bind(day).fetch_all(reader.sql()).await?;
    Ok(Lateness::new(rows))
}

/// Minutes; 0: in time.
pub async fn of_doctor(
    connection: &mut SqliteConnection,
    doctor: ResourceId,
    day: Day,
) -> Result<i64, VaultError> {
    let query = sqlx::query_scalar(OF_DOCTOR).bind(doctor).bind(day);
    Ok(query.fetch_optional(connection).await?.unwrap_or(0))
}

pub async fn is_doctor(
    connection: &mut SqliteConnection,
    id: ResourceId,
) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(IS_DOCTOR).bind(id).fetch_one(connection).await?)
}

pub async fn set(
    tx: &mut Tx,
    doctor: ResourceId,
    day: Day,
    minutes: i64,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(SET).bind(doctor).bind(day).bind(minutes).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn places(
    tx: &mut Tx,
    doctor: ResourceId,
    (from, until): (Civil, Civil),
) -> Result<Vec<ResourceId>, VaultError> {
    let query = sqlx::query_scalar(PLACES).bind(doctor).bind(from).bind(until);
    Ok(query.fetch_all(tx.sql()).await?)
}

pub async fn to_come(
    tx: &mut Tx,
    doctor: ResourceId,
    (from, until): (Civil, Civil),
) -> Result<Vec<ToCome>, VaultError> {
    let query = sqlx::query_as(TO_COME).bind(doctor).bind(from).bind(until);
    Ok(query.fetch_all(tx.sql()).await?)
}

/// Notes what was said, or why it was not.
pub async fn say(
    tx: &mut Tx,
    visit: &ToCome,
    minutes: i64,
    not_told: &str,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(SAY).bind(visit.id).bind(minutes).bind(visit.knows);
    query.bind(now).bind(not_told).execute(tx.sql()).await?;
    Ok(())
}

/// The last word did not leave: what they knew before holds.
pub async fn unsay(tx: &mut Tx, visit: AppointmentId) -> Result<(), VaultError> {
    sqlx::query(UNSAY).bind(visit).execute(tx.sql()).await?;
    Ok(())
}

pub async fn visits(
    listing: &mut Listing,
    doctor: ResourceId,
    (from, until): (Civil, Civil),
    language: Language,
) -> Result<Vec<LateVisit>, VaultError> {
    let query = sqlx::query_as(VISITS).bind(doctor).bind(from).bind(until);
    Ok(query.bind(language.tag()).fetch_all(listing.sql()).await?)
}
