//! Runs in the database, and what they may take away again.

use std::collections::HashMap;

use super::model::{ImportRunId, Offered, RowReport, Run, RunFile, RunState};
use crate::booking;
use crate::clock::Day;
use crate::ids::{AppointmentId, PatientId, ResourceId, ServiceId, StaffId};
use crate::patients::{self, merging::LikelyPair};
use crate::schedule;
use crate::vault::{Listing, Reader, Tx, VaultError};

const INSERT_RUN: &str = "
    INSERT INTO import_run (id, state, files, total, done, staff_id, created_at)
    VALUES (?1, 'draft', ?2, 0, 0, ?3, ?4)";

const RUN: &str = "
    SELECT id, state, files, total, done, created_at, ended_at, kept FROM import_run WHERE id = ?1";

const RUNS: &str = "
    SELECT id, state, files, total, done, created_at, ended_at, kept FROM import_run
    ORDER BY created_at DESC LIMIT 50";

const SET_FILES: &str = "UPDATE import_run SET files = ?2 WHERE id = ?1 AND state = 'draft'";

const SET_STATE: &str = "UPDATE import_run SET state = ?2, ended_at = ?3 WHERE id = ?1";

const SET_TOTAL: &str = "UPDATE import_run SET total = ?2, done = 0 WHERE id = ?1";

const SET_DONE: &str = "UPDATE import_run SET done = ?2 WHERE id = ?1";

const SET_KEPT: &str = "UPDATE import_run SET kept = ?2 WHERE id = ?1";

const STATE: &str = "SELECT state FROM import_run WHERE id = ?1";

const DELETE_ROWS: &str = "DELETE FROM import_row WHERE run_id = ?1";

const INSERT_ROW: &str = "
    INSERT INTO import_row (run_id, position, file, sheet, row, verdict, reasons, source_key, added,
        patient_id, appointment_id, patient, day, time, doctor, service)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

const ROWS: &str = "
    SELECT position, file, sheet, row, verdict, reasons, source_key, added, patient_id,
        appointment_id, patient, day, time, doctor, service
    FROM import_row WHERE run_id = ?1 ORDER BY position";

const ADD_KEY: &str = "
    INSERT INTO import_key (source_key, run_id, patient_id) VALUES (?1, ?2, ?3)
    ON CONFLICT (source_key) DO NOTHING";

const KEYS: &str = "SELECT source_key, patient_id FROM import_key";

/// The visit that each row became.
const VISITS: &str = "
    SELECT source_key, appointment_id FROM import_row
    WHERE added = 1 AND appointment_id IS NOT NULL";

const DELETE_KEYS: &str = "DELETE FROM import_key WHERE run_id = ?1";

const DELETE_KEYS_OF: &str = "DELETE FROM import_key WHERE patient_id = ?1";

const INSERT_MADE: &str = "
    INSERT INTO import_made (run_id, kind, id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

const MADE: &str = "SELECT id FROM import_made WHERE run_id = ?1 AND kind = ?2";

const COUNT_MADE: &str = "SELECT count(*) FROM import_made WHERE run_id = ?1 AND kind = ?2";

const UNMAKE: &str = "DELETE FROM import_made WHERE run_id = ?1 AND kind = ?2 AND id = ?3";

const INSERT_DUPLICATE: &str = "
    INSERT INTO import_duplicate (run_id, a, b, score, reasons) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT DO NOTHING";

const DUPLICATES: &str = "
    SELECT a, b, score, reasons FROM import_duplicate WHERE run_id = ?1 ORDER BY score DESC, a, b";

const DELETE_DUPLICATES: &str = "DELETE FROM import_duplicate WHERE run_id = ?1";

const PEOPLE: &str = "
    SELECT patient.id, surname, given, patronymic, name, birth_date, iin, iin_unverified,
        (SELECT json_group_array(phone) FROM (
            SELECT phone FROM patient_phone WHERE patient_id = patient.id ORDER BY position)) AS phones
    FROM patient WHERE merged_into IS NULL ORDER BY number";

const HAND_OVER_KEYS: &str = "
    UPDATE import_key SET patient_id = ?2 WHERE patient_id = ?1 RETURNING source_key";

/// A card as the matcher needs it.
#[derive(Debug, sqlx::FromRow)]
pub struct KnownPerson {
    pub id: PatientId,
    pub surname: String,
    pub given: String,
    pub patronymic: String,
    pub name: String,
    pub birth_date: Option<Day>,
    pub iin: Option<crate::contact::Iin>,
    pub iin_unverified: Option<String>,
    #[sqlx(json)]
    pub phones: Vec<String>,
}

/// What kind of thing a run made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Made {
    Patient,
    Appointment,
    Service,
    Resource,
}

pub async fn insert_run(
    tx: &mut Tx,
    id: ImportRunId,
    files: &[RunFile],
    staff: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_RUN).bind(id).bind(json(files)).bind(staff).bind(now);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn run(reader: &mut Reader, id: ImportRunId) -> Result<Option<Run>, VaultError> {
    Ok(sqlx::query_as(RUN).bind(id).fetch_optional(reader.sql()).await?)
}

pub async fn run_in(tx: &mut Tx, id: ImportRunId) -> Result<Option<Run>, VaultError> {
    Ok(sqlx::query_as(RUN).bind(id).fetch_optional(tx.sql()).await?)
}

/// Newest first.
pub async fn runs(reader: &mut Reader) -> Result<Vec<Run>, VaultError> {
    Ok(sqlx::query_as(RUNS).fetch_all(reader.sql()).await?)
}

/// False when it is no draft any more.
pub async fn set_files(
    tx: &mut Tx,
    id: ImportRunId,
    files: &[RunFile],
) -> Result<bool, VaultError> {
    let done = sqlx::query(SET_FILES).bind(id).bind(json(files)).execute(tx.sql()).await?;
    Ok(done.rows_affected() > 0)
}

pub async fn set_state(tx: &mut Tx, id: ImportRunId, state: RunState) -> Result<(), VaultError> {
    let now = tx.now();
    let over = !matches!(state, RunState::Draft | RunState::Running | RunState::Stopping);
    let query = sqlx::query(SET_STATE).bind(id).bind(state).bind(over.then_some(now));
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn state(reader: &mut Reader, id: ImportRunId) -> Result<Option<RunState>, VaultError> {
    Ok(sqlx::query_scalar(STATE).bind(id).fetch_optional(reader.sql()).await?)
}

/// Begins the report anew.
pub async fn begin_rows(tx: &mut Tx, id: ImportRunId, total: i64) -> Result<(), VaultError> {
    sqlx::query(DELETE_ROWS).bind(id).execute(tx.sql()).await?;
    sqlx::query(DELETE_DUPLICATES).bind(id).execute(tx.sql()).await?;
    sqlx::query(SET_TOTAL).bind(id).bind(total).execute(tx.sql()).await?;
    Ok(())
}

pub async fn set_done(tx: &mut Tx, id: ImportRunId, done: i64) -> Result<(), VaultError> {
    sqlx::query(SET_DONE).bind(id).bind(done).execute(tx.sql()).await?;
    Ok(())
}

pub async fn insert_row(tx: &mut Tx, id: ImportRunId, row: &RowReport) -> Result<(), VaultError> {
    let query = sqlx::query(INSERT_ROW)
        .bind(id)
        .bind(row.position)
        .bind(&row.file)
        .bind(&row.sheet)
        .bind(row.row)
        .bind(&row.verdict)
        .bind(json(&row.reasons))
        .bind(&row.source_key)
        .bind(row.added)
        .bind(&row.patient_id)
        .bind(&row.appointment_id)
        .bind(&row.patient)
        .bind(&row.day)
        .bind(&row.time)
        .bind(&row.doctor)
        .bind(&row.service);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn rows(listing: &mut Listing, id: ImportRunId) -> Result<Vec<RowReport>, VaultError> {
    Ok(sqlx::query_as(ROWS).bind(id).fetch_all(listing.sql()).await?)
}

pub async fn add_key(
    tx: &mut Tx,
    id: ImportRunId,
    key: &str,
    patient: Option<PatientId>,
) -> Result<(), VaultError> {
    sqlx::query(ADD_KEY).bind(key).bind(id).bind(patient).execute(tx.sql()).await?;
    Ok(())
}

pub async fn keys(listing: &mut Listing) -> Result<HashMap<String, Option<PatientId>>, VaultError> {
    let rows: Vec<(String, Option<PatientId>)> =
        sqlx::query_as(KEYS).fetch_all(listing.sql()).await?;
    Ok(rows.into_iter().collect())
}

/// The visit that each row taken so far became.
pub async fn visits(listing: &mut Listing) -> Result<Vec<(String, AppointmentId)>, VaultError> {
    Ok(sqlx::query_as(VISITS).fetch_all(listing.sql()).await?)
}

pub async fn people(listing: &mut Listing) -> Result<Vec<KnownPerson>, VaultError> {
    Ok(sqlx::query_as(PEOPLE).fetch_all(listing.sql()).await?)
}

pub async fn note_made(
    tx: &mut Tx,
    run: ImportRunId,
    kind: Made,
    id: impl std::fmt::Display,
) -> Result<(), VaultError> {
    let query = sqlx::query(INSERT_MADE).bind(run).bind(kind).bind(id.to_string());
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn insert_duplicate(
    tx: &mut Tx,
    run: ImportRunId,
    pair: &LikelyPair,
) -> Result<(), VaultError> {
    let query = sqlx::query(INSERT_DUPLICATE).bind(run).bind(pair.a).bind(pair.b).bind(pair.score);
    query.bind(json(&pair.reasons)).execute(tx.sql()).await?;
    Ok(())
}

/// The likeliest first.
pub async fn duplicates(
    listing: &mut Listing,
    run: ImportRunId,
) -> Result<Vec<Offered>, VaultError> {
    Ok(sqlx::query_as(DUPLICATES).bind(run).fetch_all(listing.sql()).await?)
}

/// Takes away up to `at_most` visits and then cards of a run that nobody has
/// touched since. Gives whose cards they were; empty when there is none left.
pub async fn unmake_some(
    tx: &mut Tx,
    run: ImportRunId,
    at_most: usize,
) -> Result<(Vec<PatientId>, usize), VaultError> {
    let visits: Vec<AppointmentId> =
        sqlx::query_scalar(MADE).bind(run).bind(Made::Appointment).fetch_all(tx.sql()).await?;
    let (mut gone, mut seen) = (Vec::new(), 0);
    for id in visits.into_iter().take(at_most) {
        seen += 1;
        booking::handover::remove_unused_in(tx, id).await?;
        unmake(tx, run, Made::Appointment, id).await?;
    }
    if seen > 0 {
        return Ok((gone, seen));
    }
    let cards: Vec<PatientId> =
        sqlx::query_scalar(MADE).bind(run).bind(Made::Patient).fetch_all(tx.sql()).await?;
    for id in cards.into_iter().take(at_most) {
        seen += 1;
        if patients::merging::remove_unused_in(tx, id).await? {
            sqlx::query(DELETE_KEYS_OF).bind(id).execute(tx.sql()).await?;
            gone.push(id);
        } else {
            set_kept(tx, run, 1).await?;
        }
        unmake(tx, run, Made::Patient, id).await?;
    }
    Ok((gone, seen))
}

/// Takes away services and doctors of a run that nothing names any more, and
/// lets its rows be taken again.
pub async fn unmake_rest(tx: &mut Tx, run: ImportRunId) -> Result<(), VaultError> {
    let services: Vec<ServiceId> =
        sqlx::query_scalar(MADE).bind(run).bind(Made::Service).fetch_all(tx.sql()).await?;
    for id in services {
        if !schedule::remove_unused_service_in(tx, id).await? {
            set_kept(tx, run, 1).await?;
        }
        unmake(tx, run, Made::Service, id).await?;
    }
    let resources: Vec<ResourceId> =
        sqlx::query_scalar(MADE).bind(run).bind(Made::Resource).fetch_all(tx.sql()).await?;
    for id in resources {
        if !schedule::remove_unused_resource_in(tx, id).await? {
            set_kept(tx, run, 1).await?;
        }
        unmake(tx, run, Made::Resource, id).await?;
    }
    sqlx::query(DELETE_KEYS).bind(run).execute(tx.sql()).await?;
    sqlx::query(DELETE_DUPLICATES).bind(run).execute(tx.sql()).await?;
    Ok(())
}

pub async fn count_made(
    reader: &mut Reader,
    run: ImportRunId,
    kind: Made,
) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(COUNT_MADE).bind(run).bind(kind).fetch_one(reader.sql()).await?)
}

async fn unmake(
    tx: &mut Tx,
    run: ImportRunId,
    kind: Made,
    id: impl std::fmt::Display,
) -> Result<(), VaultError> {
    sqlx::query(UNMAKE).bind(run).bind(kind).bind(id.to_string()).execute(tx.sql()).await?;
    Ok(())
}

async fn set_kept(tx: &mut Tx, run: ImportRunId, more: i64) -> Result<(), VaultError> {
    let before: Option<Run> = run_in(tx, run).await?;
    let kept = before.map_or(0, |run| run.kept) + more;
    sqlx::query(SET_KEPT).bind(run).bind(kept).execute(tx.sql()).await?;
    Ok(())
}

/// Puts what is remembered of a card's rows on another: a row that comes again
/// is known there. Gives their keys.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER_KEYS).bind(from).bind(to).fetch_all(tx.sql()).await?)
}

fn json(value: &(impl serde::Serialize + ?Sized)) -> String {
    serde_json::to_string(value).expect("plain data is JSON")
}
