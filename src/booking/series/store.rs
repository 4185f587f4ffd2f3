//! Series in the database.

use serde::Serialize;
use sqlx::SqliteConnection;

use crate::booking::Status;
use crate::booking::series::model::{Pick, Rhythm};
use crate::clock::Civil;
use crate::ids::{AppointmentId, ResourceId, SeriesId, StaffId};
use crate::vault::{Tx, VaultError};

const INSERT: &str = "
    INSERT INTO series (id, every, unit, made_at, made_by) VALUES (?1, ?2, ?3, ?4, ?5)";

const ADD: &str = "
    INSERT INTO series_visit (series_id, position, appointment_id) VALUES (?1, ?2, ?3)";

/// Where an appointment stands in its series, and how many live ones go with it.
const MARK: &str = "
    SELECT own.series_id, own.position, series.unit IS NULL AS together, count(*) AS visits,
        coalesce(sum((mine.starts < other.starts OR (series.unit IS NULL AND mine.id <> other.id))
            AND other.status IN ('booked', 'confirmed')), 0) AS later
    FROM series_visit AS own
        JOIN series ON series.id = own.series_id
        JOIN appointment AS mine ON mine.id = own.appointment_id
        JOIN series_visit AS beside ON beside.series_id = own.series_id
        JOIN appointment AS other ON other.id = beside.appointment_id
    WHERE own.appointment_id = ?1
    GROUP BY own.series_id, own.position";

const LATER: &str = "
    SELECT other.id
    FROM series_visit AS own
        JOIN series ON series.id = own.series_id
        JOIN appointment AS mine ON mine.id = own.appointment_id
        JOIN series_visit AS beside ON beside.series_id = own.series_id
        JOIN appointment AS other ON other.id = beside.appointment_id
    WHERE own.appointment_id = ?1
        AND (mine.starts < other.starts OR (series.unit IS NULL AND mine.id <> other.id))
        AND other.status IN ('booked', 'confirmed')
    ORDER BY other.starts, other.id";

const BESIDE: &str = "
    SELECT visit.position, a.id, a.starts, a.minutes, a.doctor_id, a.status
    FROM series_visit AS own
        JOIN series_visit AS visit ON visit.series_id = own.series_id
        JOIN appointment AS a ON a.id = visit.appointment_id
    WHERE own.appointment_id = ?1 ORDER BY visit.position";

const VISITS: &str = "
    SELECT visit.position, a.id, a.starts, a.minutes, a.doctor_id, a.status
    FROM series_visit AS visit JOIN appointment AS a ON a.id = visit.appointment_id
    WHERE visit.series_id = ?1 ORDER BY visit.position";

/// "3 of 12".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Mark {
    pub series_id: SeriesId,
    pub position: i64,
    pub visits: i64,
    /// On one day, without a rhythm.
    pub together: bool,
    /// How many after it, or together with it, are still to come.
    pub later: i64,
}

/// One visit of a series, as it stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Visit {
    pub position: i64,
    pub id: AppointmentId,
    pub starts: Civil,
    pub minutes: i64,
    pub doctor_id: Option<ResourceId>,
    pub status: Status,
}

impl Visit {
    /// Whether that is where it is already.
    pub fn stands_at(&self, pick: Pick) -> bool {
        (self.starts, self.doctor_id) == (pick.starts, Some(pick.doctor_id))
    }
}

pub async fn insert(
    tx: &mut Tx,
    id: SeriesId,
    rhythm: Option<Rhythm>,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(id).bind(rhythm.map(|one| one.every));
    let query = query.bind(rhythm.map(|one| one.unit));
    query.bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}

pub async fn add(
    tx: &mut Tx,
    id: SeriesId,
    position: i64,
    appointment: AppointmentId,
) -> Result<(), VaultError> {
    sqlx::query(ADD).bind(id).bind(position).bind(appointment).execute(tx.sql()).await?;
    Ok(())
}

/// None when it is in no series.
pub async fn mark(
    connection: &mut SqliteConnection,
    id: AppointmentId,
) -> Result<Option<Mark>, VaultError> {
    Ok(sqlx::query_as(MARK).bind(id).fetch_optional(connection).await?)
}

/// Those of its series that are after it, or together with it, and still to come.
pub async fn later(tx: &mut Tx, id: AppointmentId) -> Result<Vec<AppointmentId>, VaultError> {
    Ok(sqlx::query_scalar(LATER).bind(id).fetch_all(tx.sql()).await?)
}

/// All of the series that an appointment is in, in their order; empty when it is in none.
pub async fn beside(
    connection: &mut SqliteConnection,
    id: AppointmentId,
) -> Result<Vec<Visit>, VaultError> {
    Ok(sqlx::query_as(BESIDE).bind(id).fetch_all(connection).await?)
}

/// In their order; empty when there is no such series.
pub async fn visits(
    connection: &mut SqliteConnection,
    id: SeriesId,
) -> Result<Vec<Visit>, VaultError> {
    Ok(sqlx::query_as(VISITS).bind(id).fetch_all(connection).await?)
}
