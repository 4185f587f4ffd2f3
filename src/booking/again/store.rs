//! When a patient was last seen, in the database.

use sqlx::SqliteConnection;
use sqlx::types::Json;

use crate::booking::again::Planned;
use crate::clock::{Civil, Day};
use crate::ids::{ResourceId, ServiceId};
use crate::vault::VaultError;

/// With the doctor, or another of their specialty; without one, for a service.
const LAST_SEEN: &str = "
    SELECT visit.starts, visit.doctor_id
    FROM appointment AS visit LEFT JOIN resource AS doctor ON doctor.id = visit.doctor_id
    WHERE visit.patient_id = ?1 AND visit.status = 'completed' AND visit.starts < ?2
        AND iif(?3 IS NULL,
            visit.service_id IN (SELECT value FROM json_each(?4)),
            visit.doctor_id = ?3 OR (doctor.specialty <> ''
                AND doctor.specialty = (SELECT specialty FROM resource WHERE id = ?3)))
    ORDER BY visit.starts DESC LIMIT 1";

/// A visit that took place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Seen {
    pub starts: Civil,
    pub doctor_id: Option<ResourceId>,
}

impl Seen {
    pub fn day(self) -> Day {
        self.starts.day()
    }
}

pub async fn last_seen(
    connection: &mut SqliteConnection,
    planned: Planned,
    services: &[ServiceId],
) -> Result<Option<Seen>, VaultError> {
    let after = planned.day.plus_days(1).to_string();
    let query = sqlx::query_as(LAST_SEEN).bind(planned.patient).bind(after).bind(planned.doctor);
    Ok(query.bind(Json(services)).fetch_optional(connection).await?)
}
