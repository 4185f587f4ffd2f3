//! Appointments of merged cards and of undone imports in the database.

use crate::booking::Status;
use crate::ids::{AppointmentId, PatientId};
use crate::vault::{Listing, Tx, VaultError};

const HAND_OVER: &str = "UPDATE appointment SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

const VISITED: &str = "
    SELECT patient_id, count(*) AS visits, max(starts) AS last FROM appointment
    WHERE patient_id IN (SELECT value FROM json_each(?1)) AND status <> 'moved'
    GROUP BY patient_id";

const STATUSES: &str = "
    SELECT id, status FROM appointment WHERE source = 'import'";

const UNCHANGED: &str = "SELECT 1 FROM appointment WHERE id = ?1 AND version = 1";

const DELETE_STEPS: &str = "DELETE FROM appointment_status WHERE appointment_id = ?1";
const DELETE_RESERVATIONS: &str = "DELETE FROM reservation WHERE appointment_id = ?1";
const DELETE: &str = "DELETE FROM appointment WHERE id = ?1";

/// A patient's visits, those to come included.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Visited {
    pub patient_id: PatientId,
    pub visits: i64,
    /// Civil, `2026-12-01T09:30`.
    pub last: String,
}

/// Puts all appointments of one card on another. Gives their ids.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}

pub async fn visited(
    listing: &mut Listing,
    patients: &[PatientId],
) -> Result<Vec<Visited>, VaultError> {
    let ids = serde_json::to_string(patients).expect("ids are JSON");
    Ok(sqlx::query_as(VISITED).bind(ids).fetch_all(listing.sql()).await?)
}

pub async fn statuses(listing: &mut Listing) -> Result<Vec<(AppointmentId, Status)>, VaultError> {
    Ok(sqlx::query_as(STATUSES).fetch_all(listing.sql()).await?)
}

pub async fn unchanged(tx: &mut Tx, id: AppointmentId) -> Result<bool, VaultError> {
    let found: Option<i64> =
        sqlx::query_scalar(UNCHANGED).bind(id).fetch_optional(tx.sql()).await?;
    Ok(found.is_some())
}

pub async fn remove(tx: &mut Tx, id: AppointmentId) -> Result<(), VaultError> {
    for statement in [DELETE_STEPS, DELETE_RESERVATIONS, DELETE] {
        sqlx::query(statement).bind(id).execute(tx.sql()).await?;
    }
    Ok(())
}
