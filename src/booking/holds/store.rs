//! Holds in the database.

use serde::Serialize;

use crate::clock::{Civil, Timestamp};
use crate::ids::{AppointmentId, PatientId, StaffId};
use crate::vault::{Listing, Reader, Tx, VaultError};

const INSERT: &str = "INSERT INTO appointment_hold (appointment_id, until) VALUES (?1, ?2)";

const END: &str = "
    UPDATE appointment_hold SET outcome = ?2, ended_at = ?3, ended_by = ?4
    WHERE appointment_id = ?1 AND outcome IS NULL";

const NOTIFY: &str = "UPDATE appointment SET notify = 1 WHERE id = ?1";

const WAITS: &str = "
    SELECT EXISTS (SELECT 1 FROM appointment_hold WHERE appointment_id = ?1 AND outcome IS NULL)";

const WAITING: &str = "
    SELECT a.id, a.patient_id, patient.name AS patient, a.starts, a.minutes, hold.until,
        service.name AS service, coalesce(doctor.short_name, '') AS doctor,
        coalesce((SELECT phone FROM patient_phone AS own
            WHERE own.patient_id = a.patient_id AND own.position = 0), '') AS phone
    FROM appointment_hold AS hold
        JOIN appointment AS a ON a.id = hold.appointment_id
        JOIN patient ON patient.id = a.patient_id
        JOIN service ON service.id = a.service_id
        LEFT JOIN resource AS doctor ON doctor.id = a.doctor_id
    WHERE hold.outcome IS NULL AND a.status IN ('booked', 'confirmed')
    ORDER BY hold.until, a.id";

/// An appointment that waits for the desk's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Held {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    pub patient: String,
    pub phone: String,
    pub starts: Civil,
    pub minutes: i64,
    pub service: String,
    pub doctor: String,
    /// When the time is free again.
    pub until: Timestamp,
    /// Blocked data: that the time is held is all that is shown.
    #[sqlx(skip)]
    pub hidden: bool,
}

impl Held {
    /// Leaves when, not who and what for.
    pub fn hide(&mut self) {
        (self.patient, self.phone, self.service) = Default::default();
        self.hidden = true;
    }
}

pub async fn insert(tx: &mut Tx, id: AppointmentId, until: Timestamp) -> Result<(), VaultError> {
    sqlx::query(INSERT).bind(id).bind(until).execute(tx.sql()).await?;
    Ok(())
}

/// Whether it still waited.
pub async fn end(
    tx: &mut Tx,
    id: AppointmentId,
    outcome: &str,
    by: Option<StaffId>,
) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(END).bind(id).bind(outcome).bind(now).bind(by);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

pub async fn notify(tx: &mut Tx, id: AppointmentId) -> Result<(), VaultError> {
    sqlx::query(NOTIFY).bind(id).execute(tx.sql()).await?;
    Ok(())
}

pub async fn waits(reader: &mut Reader, id: AppointmentId) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(WAITS).bind(id).fetch_one(reader.sql()).await?)
}

pub async fn waiting(listing: &mut Listing) -> Result<Vec<Held>, VaultError> {
    Ok(sqlx::query_as(WAITING).fetch_all(listing.sql()).await?)
}
