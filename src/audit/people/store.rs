//! Marks of people and cards in the database.

use serde::Serialize;

use crate::clock::{Day, Timestamp};
use crate::contact::Phone;
use crate::ids::{PatientId, StaffId};
use crate::vault::{Reader, Tx, VaultError};

const KNOWN: &str = "
    SELECT staff.id, name, role, left_at IS NOT NULL AS left, phone, leaving_on,
        (SELECT count(*) FROM audit_kin WHERE audit_kin.staff_id = staff.id) AS cards
    FROM staff LEFT JOIN audit_person ON audit_person.staff_id = staff.id
    ORDER BY left_at IS NOT NULL, name";

const DECLARED: &str = "
    SELECT number, kind = 'own' AS own, at FROM audit_kin JOIN patient ON patient.id = patient_id
    WHERE staff_id = ?1 ORDER BY number";

const WATCHED: &str = "
    SELECT number, audit_watched.at, staff.name AS by_name FROM audit_watched
    JOIN patient ON patient.id = patient_id LEFT JOIN staff ON staff.id = by_staff
    ORDER BY number";

const CARD: &str = "SELECT id FROM patient WHERE number = ?1";

const SET_PERSON: &str = "
    INSERT INTO audit_person (staff_id, phone, leaving_on) VALUES (?1, ?2, ?3)
    ON CONFLICT (staff_id) DO UPDATE SET phone = ?2, leaving_on = ?3";

const DECLARE: &str = "
    INSERT INTO audit_kin (staff_id, patient_id, kind, at, by_staff) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (staff_id, patient_id) DO UPDATE SET kind = ?3, at = ?4, by_staff = ?5";

const TAKE_BACK: &str = "DELETE FROM audit_kin WHERE staff_id = ?1 AND patient_id = ?2";

const MARK: &str = "
    INSERT INTO audit_watched (patient_id, at, by_staff) VALUES (?1, ?2, ?3)
    ON CONFLICT DO NOTHING";

const UNMARK: &str = "DELETE FROM audit_watched WHERE patient_id = ?1";

const HAND_OVER_KIN: &str = "
    UPDATE OR REPLACE audit_kin SET patient_id = ?2 WHERE patient_id = ?1 RETURNING staff_id";

const HAND_OVER_WATCHED: &str = "
    UPDATE OR REPLACE audit_watched SET patient_id = ?2 WHERE patient_id = ?1 RETURNING patient_id";

/// Somebody of the staff, for the officer.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Known {
    pub id: StaffId,
    pub name: String,
    pub role: String,
    pub left: bool,
    /// E.164.
    pub phone: Option<String>,
    pub leaving_on: Option<Day>,
    /// How many cards are declared.
    pub cards: i64,
}

/// A card that is somebody's own or their family's.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Declared {
    pub number: i64,
    pub own: bool,
    pub at: Timestamp,
}

/// A watched card.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Watched {
    pub number: i64,
    pub at: Timestamp,
    pub by_name: Option<String>,
}

pub async fn known(reader: &mut Reader) -> Result<Vec<Known>, VaultError> {
    Ok(sqlx::query_as(KNOWN).fetch_all(reader.sql()).await?)
}

pub async fn declared(reader: &mut Reader, staff: StaffId) -> Result<Vec<Declared>, VaultError> {
    Ok(sqlx::query_as(DECLARED).bind(staff).fetch_all(reader.sql()).await?)
}

pub async fn watched(reader: &mut Reader) -> Result<Vec<Watched>, VaultError> {
    Ok(sqlx::query_as(WATCHED).fetch_all(reader.sql()).await?)
}

pub async fn card(tx: &mut Tx, number: i64) -> Result<Option<PatientId>, VaultError> {
    Ok(sqlx::query_scalar(CARD).bind(number).fetch_optional(tx.sql()).await?)
}

pub async fn set_person(
    tx: &mut Tx,
    staff: StaffId,
    phone: Option<&Phone>,
    leaving_on: Option<Day>,
) -> Result<(), VaultError> {
    let query = sqlx::query(SET_PERSON).bind(staff).bind(phone.map(Phone::as_str));
    query.bind(leaving_on).execute(tx.sql()).await?;
    Ok(())
}

pub async fn declare(
    tx: &mut Tx,
    staff: StaffId,
    patient: PatientId,
    own: bool,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let kind = if own { "own" } else { "relative" };
    let query = sqlx::query(DECLARE).bind(staff).bind(patient).bind(kind).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// False when it was not declared.
pub async fn take_back(
    tx: &mut Tx,
    staff: StaffId,
    patient: PatientId,
) -> Result<bool, VaultError> {
    let done = sqlx::query(TAKE_BACK).bind(staff).bind(patient).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn mark(tx: &mut Tx, patient: PatientId, by: Option<StaffId>) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(MARK).bind(patient).bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}

/// False when it was not watched.
pub async fn unmark(tx: &mut Tx, patient: PatientId) -> Result<bool, VaultError> {
    let done = sqlx::query(UNMARK).bind(patient).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

/// Puts what is declared of one card on another. Gives whose it was.
pub async fn hand_over_kin_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER_KIN).bind(from).bind(to).fetch_all(tx.sql()).await?)
}

/// A watched card stays watched under its new number.
pub async fn hand_over_watched_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER_WATCHED).bind(from).bind(to).fetch_all(tx.sql()).await?)
}
