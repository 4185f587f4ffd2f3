//! Where people are on a day.

use sqlx::SqliteConnection;

use crate::booking::slots::Span;
use crate::booking::store::midnight;
use crate::clock::{Civil, Day};
use crate::ids::PatientId;
use crate::vault::VaultError;

const SPANS: &str = "
    SELECT starts, minutes FROM appointment
    WHERE patient_id = ?1 AND starts >= ?2 AND starts < ?3
        AND status NOT IN ('no_show', 'cancelled', 'moved')";

/// When a patient has a visit on a day.
pub async fn spans(
    connection: &mut SqliteConnection,
    patient_id: PatientId,
    day: Day,
) -> Result<Vec<Span>, VaultError> {
    let query = sqlx::query_as(SPANS).bind(patient_id).bind(midnight(day));
    let found: Vec<(Civil, i64)> =
        query.bind(midnight(day.plus_days(1))).fetch_all(connection).await?;
    let span =
        |(starts, minutes): (Civil, i64)| Span { starts, ends: starts.plus_minutes(minutes) };
    Ok(found.into_iter().map(span).collect())
}
