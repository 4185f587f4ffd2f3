//! Services for whoever comes again, in the database.

use sqlx::SqliteConnection;

use crate::ids::ServiceId;
use crate::schedule::repeats::Repeat;
use crate::vault::{Tx, VaultError};

const OF: &str = "
    SELECT rule.service_id, rule.repeat_id, rule.days
    FROM service_repeat AS rule
        JOIN service AS one ON one.id = rule.service_id
        JOIN service AS other ON other.id = rule.repeat_id
    WHERE (rule.service_id = ?1 OR rule.repeat_id = ?1)
        AND one.ended_at IS NULL AND other.ended_at IS NULL
    ORDER BY rule.service_id <> ?1, one.name, one.id";

const REPEATED: &str = "
    SELECT DISTINCT rule.repeat_id
    FROM service_repeat AS rule JOIN service ON service.id = rule.repeat_id
    WHERE service.ended_at IS NULL";

const CLEAR: &str = "DELETE FROM service_repeat WHERE service_id = ?1";

const SET: &str = "
    INSERT INTO service_repeat (service_id, repeat_id, days) VALUES (?1, ?2, ?3)";

pub async fn of(
    connection: &mut SqliteConnection,
    service: ServiceId,
) -> Result<Vec<Repeat>, VaultError> {
    Ok(sqlx::query_as(OF).bind(service).fetch_all(connection).await?)
}

pub async fn repeated(connection: &mut SqliteConnection) -> Result<Vec<ServiceId>, VaultError> {
    Ok(sqlx::query_scalar(REPEATED).fetch_all(connection).await?)
}

pub async fn set(
    tx: &mut Tx,
    service: ServiceId,
    to: Option<(ServiceId, i64)>,
) -> Result<(), VaultError> {
    sqlx::query(CLEAR).bind(service).execute(tx.sql()).await?;
    if let Some((repeat, days)) = to {
        sqlx::query(SET).bind(service).bind(repeat).bind(days).execute(tx.sql()).await?;
    }
    Ok(())
}
