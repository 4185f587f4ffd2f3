//! Acts of destruction in the database, and what they count.

use sqlx::SqliteConnection;

use crate::clock::Day;
use crate::crypto::BlobHash;
use crate::disposals::model::{Act, CarriedOut, Counts, DisposalId};
use crate::ids::{PatientId, StaffId};
use crate::retention::{Code, Extent, Law};
use crate::subject_requests::{Kind, RequestId, State};
use crate::vault::{Disclosure, Reader, Tx, VaultError};

const WANTED: &str = "
    SELECT kind, patient_id, (SELECT state FROM subject_request_step
        WHERE request_id = request.id ORDER BY subject_request_step.id DESC LIMIT 1) AS state
    FROM subject_request AS request WHERE request.id = ?1";

/// The cards that were merged into one go with it.
const COUNTS: &str = "
    WITH whose AS (SELECT id FROM patient WHERE id = ?1 OR merged_into = ?1),
        given AS (SELECT id FROM consent WHERE patient_id IN whose)
    SELECT (SELECT count(*) FROM whose) AS cards,
        (SELECT count(*) FROM patient_change WHERE patient_id IN whose) AS changes,
        (SELECT count(*) FROM appointment WHERE patient_id IN whose) AS bookings,
        (SELECT count(*) FROM message WHERE patient_id IN whose
            AND (?2 = 'whole' OR object_kind <> 'consent')) AS messages,
        (SELECT count(*) FROM given) AS consents,
        (SELECT count(*) FROM (
            SELECT document_pdf AS file FROM consent_end WHERE consent_id IN given
            UNION SELECT signed_pdf FROM consent_end WHERE consent_id IN given
            UNION SELECT file FROM consent_pack WHERE consent_id IN given)
         WHERE file IS NOT NULL) AS files,
        (SELECT count(*) FROM waitlist_wish WHERE patient_id IN whose) AS wishes,
        (SELECT count(*) FROM online_request WHERE patient_id IN whose) AS online,
        (SELECT count(*) FROM import_row WHERE patient_id IN whose) AS imported,
        (SELECT count(DISTINCT value ->> 'blob') FROM import_run, json_each(files)
         WHERE import_run.id IN (SELECT run_id FROM import_row WHERE patient_id IN whose))
            AS sheets,
        (SELECT count(*) FROM subject_request WHERE patient_id IN whose) AS requests";

const GIVE_UP: &str = "
    UPDATE disposal SET given_up_at = ?2
    WHERE request_id = ?1 AND done_at IS NULL AND given_up_at IS NULL";

const INSERT: &str = "
    INSERT INTO disposal (id, number, request_id, patient_id, card, counts, rules, basis,
        basis_kk, proposed_at, proposed_by, extent, not_before)
    VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM (SELECT number FROM disposal
        UNION ALL SELECT number FROM disposal_replay)), ?2, ?3,
        (SELECT number FROM patient WHERE id = ?3), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
    RETURNING number";

const ONE: &str = "
    SELECT disposal.id, disposal.number, request_id, subject_request.number AS request,
        disposal.patient_id, card, extent, not_before, counts, rules, basis, basis_kk, proposed_at,
        proposed_by,
        proposer.name AS proposed_by_name, done_at, doer.name AS done_by_name, copies_until,
        (SELECT gone_at FROM disposal_copies_gone WHERE disposal_id = disposal.id) AS copies_gone_at,
        (SELECT count(*) FROM disposal_file WHERE disposal_id = disposal.id) AS files_left
    FROM disposal JOIN subject_request ON subject_request.id = request_id
    JOIN staff AS proposer ON proposer.id = proposed_by
    LEFT JOIN staff AS doer ON doer.id = done_by
    WHERE disposal.id = ?1";

const OF_REQUEST: &str = "
    SELECT id FROM disposal WHERE request_id = ?1 AND given_up_at IS NULL
    ORDER BY number DESC LIMIT 1";

const DONE: &str = "
    SELECT disposal.id, disposal.number, request_id, subject_request.number AS request,
        disposal.patient_id, card, extent, not_before, counts, rules, basis, basis_kk, proposed_at,
        proposed_by,
        proposer.name AS proposed_by_name, done_at, doer.name AS done_by_name, copies_until,
        (SELECT gone_at FROM disposal_copies_gone WHERE disposal_id = disposal.id) AS copies_gone_at,
        (SELECT count(*) FROM disposal_file WHERE disposal_id = disposal.id) AS files_left
    FROM disposal JOIN subject_request ON subject_request.id = request_id
    JOIN staff AS proposer ON proposer.id = proposed_by
    LEFT JOIN staff AS doer ON doer.id = done_by
    WHERE given_up_at IS NULL ORDER BY disposal.number DESC";

/// Acts that were carried out, here or before a restore.
const CARRIED_OUT: &str = "
    SELECT id, number, patient_id, merged, card, extent, done_at
    FROM disposal WHERE done_at IS NOT NULL
    UNION ALL SELECT id, number, patient_id, merged, card, extent, done_at FROM disposal_replay
    ORDER BY done_at, id";

/// Acts whose last copy is not known to be gone.
const WITH_COPIES: &str = "
    SELECT id, number, patient_id, merged, card, extent, done_at
    FROM (SELECT id, number, patient_id, merged, card, extent, done_at
          FROM disposal WHERE done_at IS NOT NULL
          UNION ALL SELECT id, number, patient_id, merged, card, extent, done_at
          FROM disposal_replay)
    WHERE id NOT IN (SELECT disposal_id FROM disposal_copies_gone) ORDER BY done_at, id";

const COPIES_GONE: &str = "
    INSERT INTO disposal_copies_gone (disposal_id, gone_at) VALUES (?1, ?2)";

const KEEP_REPLAY: &str = "
    INSERT INTO disposal_replay (id, number, patient_id, card, extent, done_at, replayed_at,
        merged)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const FINISH: &str = "
    UPDATE disposal SET done_at = ?2, done_by = ?3, copies_until = ?4,
        merged = (SELECT json_group_array(id) FROM patient
            WHERE merged_into = disposal.patient_id)
    WHERE id = ?1 AND done_at IS NULL AND given_up_at IS NULL RETURNING number";

const FILES: &str = "SELECT file FROM disposal_file WHERE disposal_id = ?1";

const FORGET_FILES: &str = "DELETE FROM disposal_file WHERE disposal_id = ?1";

/// Days between a proposal by request and its carrying out.
const COOLING: &str = "
    SELECT cooling_days FROM disposal_rule WHERE ground = 'request' AND effective_from <= ?1
    ORDER BY version DESC LIMIT 1";

/// The law that somebody's data are destroyed by.
const TERM_BASIS: &str = "
    SELECT basis, basis_kk FROM legal_term WHERE code = 'destruction' AND effective_from <= ?1
    ORDER BY version DESC LIMIT 1";

const IS_BLOCKED: &str = "
    SELECT EXISTS (SELECT 1 FROM patient_block WHERE patient_id = ?1 AND lifted_at IS NULL)";

const IMPORTS: &str = "
    SELECT EXISTS (SELECT 1 FROM import_run WHERE state IN ('running', 'stopping'))";

/// What a destruction is asked for by.
#[derive(sqlx::FromRow)]
pub struct Wanted {
    pub kind: Kind,
    /// None when whoever asks has no card, or no longer has.
    pub patient_id: Option<PatientId>,
    pub state: State,
}

pub async fn wanted(tx: &mut Tx, request: RequestId) -> Result<Option<Wanted>, VaultError> {
    Ok(sqlx::query_as(WANTED).bind(request).fetch_optional(tx.sql()).await?)
}

pub async fn counts(disclosure: &mut Disclosure, extent: Extent) -> Result<Counts, VaultError> {
    let patient = disclosure.patient_id();
    counted(disclosure.sql(), patient, extent).await
}

pub async fn counts_in(
    tx: &mut Tx,
    patient: PatientId,
    extent: Extent,
) -> Result<Counts, VaultError> {
    counted(tx.sql(), patient, extent).await
}

async fn counted(
    sql: &mut SqliteConnection,
    patient: PatientId,
    extent: Extent,
) -> Result<Counts, VaultError> {
    let query = sqlx::query_as(COUNTS).bind(patient).bind(extent);
    let counts: Counts = query.fetch_one(sql).await?;
    Ok(counts.within(extent))
}

pub async fn cooling_days(tx: &mut Tx, today: Day) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(COOLING).bind(today).fetch_one(tx.sql()).await?)
}

pub async fn term_basis(tx: &mut Tx, today: Day) -> Result<Law, VaultError> {
    Ok(sqlx::query_as(TERM_BASIS).bind(today).fetch_one(tx.sql()).await?)
}

pub async fn is_blocked(disclosure: &mut Disclosure) -> Result<bool, VaultError> {
    let patient = disclosure.patient_id();
    Ok(sqlx::query_scalar(IS_BLOCKED).bind(patient).fetch_one(disclosure.sql()).await?)
}

pub async fn is_blocked_in(tx: &mut Tx, patient: PatientId) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(IS_BLOCKED).bind(patient).fetch_one(tx.sql()).await?)
}

/// Whether rows of a spreadsheet come in at this moment.
pub async fn is_importing(tx: &mut Tx) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(IMPORTS).fetch_one(tx.sql()).await?)
}

/// Ends proposals that nobody carried out: one takes their place.
pub async fn give_up(tx: &mut Tx, request: RequestId) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(GIVE_UP).bind(request).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// A proposal, before it has its number.
pub struct New<'a> {
    pub request: RequestId,
    pub patient: PatientId,
    pub extent: Extent,
    pub counts: &'a Counts,
    pub rules: &'a [(Code, i64)],
    pub bases: &'a [Law],
    pub not_before: Day,
}

/// Gives the number in the register.
pub async fn insert(
    tx: &mut Tx,
    id: DisposalId,
    new: &New<'_>,
    by: Option<StaffId>,
) -> Result<i64, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(INSERT).bind(id).bind(new.request).bind(new.patient);
    let query = query.bind(sqlx::types::Json(new.counts)).bind(sqlx::types::Json(new.rules));
    let lines = |text: fn(&Law) -> &str| new.bases.iter().map(text).collect::<Vec<_>>().join("\n");
    let query = query
        .bind(lines(|law| &law.ru))
        .bind(lines(|law| &law.kk))
        .bind(now)
        .bind(by)
        .bind(new.extent)
        .bind(new.not_before);
    Ok(query.fetch_one(tx.sql()).await?)
}

pub async fn one(reader: &mut Reader, id: DisposalId) -> Result<Option<Act>, VaultError> {
    Ok(sqlx::query_as(ONE).bind(id).fetch_optional(reader.sql()).await?)
}

pub async fn one_in(tx: &mut Tx, id: DisposalId) -> Result<Option<Act>, VaultError> {
    Ok(sqlx::query_as(ONE).bind(id).fetch_optional(tx.sql()).await?)
}

/// The proposal that stands, or the act that was done.
pub async fn of_request(
    reader: &mut Reader,
    request: RequestId,
) -> Result<Option<DisposalId>, VaultError> {
    Ok(sqlx::query_scalar(OF_REQUEST).bind(request).fetch_optional(reader.sql()).await?)
}

pub async fn with_copies(reader: &mut Reader) -> Result<Vec<CarriedOut>, VaultError> {
    Ok(sqlx::query_as(WITH_COPIES).fetch_all(reader.sql()).await?)
}

pub async fn copies_gone(tx: &mut Tx, id: DisposalId) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(COPIES_GONE).bind(id).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// The newest first: those done, and those that wait for the second person.
pub async fn register(reader: &mut Reader) -> Result<Vec<Act>, VaultError> {
    Ok(sqlx::query_as(DONE).fetch_all(reader.sql()).await?)
}

pub async fn carried_out(sql: &mut SqliteConnection) -> Result<Vec<CarriedOut>, VaultError> {
    Ok(sqlx::query_as(CARRIED_OUT).fetch_all(sql).await?)
}

pub async fn keep_replay(tx: &mut Tx, act: &CarriedOut) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(KEEP_REPLAY).bind(act.id).bind(act.number).bind(act.patient_id);
    let query = query.bind(act.card).bind(act.extent).bind(act.done_at).bind(now);
    query.bind(sqlx::types::Json(&act.merged)).execute(tx.sql()).await?;
    Ok(())
}

/// Before the rows go: which cards were merged is written down with it. False
/// when somebody was quicker.
pub async fn finish(
    tx: &mut Tx,
    id: DisposalId,
    staff: Option<StaffId>,
    copies_until: Day,
) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(FINISH).bind(id).bind(now).bind(staff).bind(copies_until);
    let number: Option<i64> = query.fetch_optional(tx.sql()).await?;
    Ok(number.is_some())
}

/// Files whose rows are gone, by their hashes.
pub async fn files(reader: &mut Reader, id: DisposalId) -> Result<Vec<BlobHash>, VaultError> {
    let names: Vec<String> = sqlx::query_scalar(FILES).bind(id).fetch_all(reader.sql()).await?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

pub async fn forget_files(tx: &mut Tx, id: DisposalId) -> Result<(), VaultError> {
    sqlx::query(FORGET_FILES).bind(id).execute(tx.sql()).await?;
    Ok(())
}
