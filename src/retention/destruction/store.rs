//! All of a patient that a duty to keep may lie on, in one look: no list that
//! stops somewhere.

use sqlx::SqliteConnection;

use crate::clock::Timestamp;
use crate::ids::PatientId;
use crate::retention::store::CardRow;
use crate::vault::VaultError;

/// The cards that were merged into one count for it.
const HOLDINGS: &str = "
    WITH whose AS (SELECT id FROM patient WHERE id = ?1 OR merged_into = ?1)
    SELECT patient.id, number, card_kind, birth_date, registered_at,
        (SELECT day FROM retention_discharge WHERE patient_id IN whose
         ORDER BY recorded_at DESC LIMIT 1) AS discharged,
        (SELECT max(starts) FROM appointment WHERE patient_id IN whose
            AND status IN ('arrived', 'in_treatment', 'completed')) AS last_entry,
        EXISTS (SELECT 1 FROM retention_hold
                WHERE patient_id IN whose AND released_at IS NULL) AS held,
        (SELECT count(*) FROM appointment WHERE patient_id IN whose
            AND status IN ('booked', 'confirmed')) AS bookings,
        (SELECT count(*) FROM appointment WHERE patient_id IN whose
            AND status IN ('arrived', 'in_treatment', 'completed')) AS visits,
        (SELECT count(*) FROM consent JOIN consent_end ON consent_id = consent.id
         WHERE patient_id IN whose
            AND outcome IN ('signed', 'signed_on_paper', 'refused')) AS consents,
        (SELECT max(prepared_at) FROM consent JOIN consent_end ON consent_id = consent.id
         WHERE patient_id IN whose
            AND outcome IN ('signed', 'signed_on_paper', 'refused')) AS last_consent
    FROM patient WHERE patient.id = ?1 AND merged_into IS NULL";

#[derive(sqlx::FromRow)]
pub struct Row {
    #[sqlx(flatten)]
    pub card: CardRow,
    pub bookings: i64,
    pub visits: i64,
    pub consents: i64,
    pub last_consent: Option<Timestamp>,
}

pub async fn holdings(
    connection: &mut SqliteConnection,
    patient: PatientId,
) -> Result<Option<Row>, VaultError> {
    Ok(sqlx::query_as(HOLDINGS).bind(patient).fetch_optional(connection).await?)
}
