//! Bookings from outside as the desk sees them.

use serde::Serialize;

use crate::clock::{Civil, Timestamp};
use crate::ids::{AppointmentId, PatientId};
use crate::vault::{Listing, Reader, VaultError};

const RECENT: &str = "
    SELECT r.appointment_id, r.patient_id, patient.name AS patient, a.starts, a.status,
        service.name AS service, coalesce(doctor.short_name, '') AS doctor, r.created_at,
        r.source, coalesce(json_extract(r.campaign, '$.utm_campaign'), '') AS campaign,
        r.consent_version, r.for_other,
        EXISTS (SELECT 1 FROM likely_duplicate AS pair
            WHERE pair.a = r.patient_id OR pair.b = r.patient_id) AS likely
    FROM online_request AS r
        JOIN appointment AS a ON a.id = r.appointment_id
        JOIN patient ON patient.id = a.patient_id
        JOIN service ON service.id = r.service_id
        LEFT JOIN resource AS doctor ON doctor.id = a.doctor_id
    ORDER BY r.created_at DESC LIMIT ?1";

const NOT_SEEN: &str = "
    SELECT appointment_id FROM online_request
    WHERE state = 'held' AND held_because = 'not_seen' AND appointment_id IS NOT NULL";

const COUNT_WAITING: &str = "
    SELECT count(*) FROM appointment_hold AS hold
        JOIN appointment ON appointment.id = hold.appointment_id
    WHERE hold.outcome IS NULL AND status IN ('booked', 'confirmed')";

/// A booking that came to an appointment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Recent {
    pub appointment_id: AppointmentId,
    pub patient_id: PatientId,
    pub patient: String,
    pub starts: Civil,
    pub status: String,
    pub service: String,
    pub doctor: String,
    pub created_at: Timestamp,
    /// Codes; empty where none.
    pub source: String,
    pub campaign: String,
    pub consent_version: i64,
    pub for_other: bool,
    /// Whether another card may be the same person.
    pub likely: bool,
    /// Blocked data: that somebody booked is all that is shown.
    #[sqlx(skip)]
    pub hidden: bool,
}

impl Recent {
    /// Leaves when and from where, not who and what for.
    pub fn hide(&mut self) {
        (self.patient, self.service, self.likely) = Default::default();
        (self.for_other, self.hidden) = (false, true);
    }
}

pub async fn recent(listing: &mut Listing, most: i64) -> Result<Vec<Recent>, VaultError> {
    Ok(sqlx::query_as(RECENT).bind(most).fetch_all(listing.sql()).await?)
}

pub async fn not_seen(listing: &mut Listing) -> Result<Vec<AppointmentId>, VaultError> {
    Ok(sqlx::query_scalar(NOT_SEEN).fetch_all(listing.sql()).await?)
}

pub async fn count_waiting(reader: &mut Reader) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(COUNT_WAITING).fetch_one(reader.sql()).await?)
}
