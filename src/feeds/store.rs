//! Feeds in the database.

use crate::clock::Day;
use crate::crypto::hash::Digest;
use crate::feeds::model::{FedVisit, Feed, FeedId, FeedLine, Found};
use crate::i18n::Language;
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

const NAMES: &str = "SELECT names FROM calendar_rule WHERE id = 1";

const SET_NAMES: &str = "
    UPDATE calendar_rule SET names = ?1, changed_at = ?2, changed_by = ?3 WHERE id = 1";

const DOCTOR: &str = "
    SELECT EXISTS (SELECT 1 FROM resource
        WHERE staff_id = ?1 AND kind = 'doctor' AND ended_at IS NULL)";

const OF: &str = "
    SELECT id, made_at, read_at FROM calendar_feed WHERE staff_id = ?1 AND ended_at IS NULL";

const ALL: &str = "
    SELECT feed.id, feed.made_at, feed.read_at, staff.name AS staff
    FROM calendar_feed AS feed JOIN staff ON staff.id = feed.staff_id
    WHERE feed.ended_at IS NULL ORDER BY staff.name, feed.id";

const STAFF_OF: &str = "SELECT staff_id FROM calendar_feed WHERE id = ?1 AND ended_at IS NULL";

const INSERT: &str = "
    INSERT INTO calendar_feed (id, staff_id, token_hash, made_at) VALUES (?1, ?2, ?3, ?4)";

const END_OF: &str = "
    UPDATE calendar_feed SET ended_at = ?2, ended_by = ?3
    WHERE staff_id = ?1 AND ended_at IS NULL RETURNING id";

/// Whoever left has no feed; nor has who is no longer a doctor here.
const BY_TOKEN: &str = "
    SELECT feed.id, feed.staff_id, staff.language, rule.names, (SELECT short_name FROM resource
        WHERE staff_id = feed.staff_id AND kind = 'doctor' AND ended_at IS NULL
        ORDER BY position, id LIMIT 1) AS doctor
    FROM calendar_feed AS feed
        JOIN staff ON staff.id = feed.staff_id AND staff.left_at IS NULL
        JOIN calendar_rule AS rule ON rule.id = 1
    WHERE feed.token_hash = ?1 AND feed.ended_at IS NULL AND doctor IS NOT NULL";

const NOTE_READ: &str = "UPDATE calendar_feed SET read_at = ?2 WHERE id = ?1";

const VISITS: &str = "
    SELECT a.id, a.patient_id, a.starts, a.minutes, a.status, a.version, a.created_at,
        EXISTS (SELECT 1 FROM appointment_hold AS hold
            WHERE hold.appointment_id = a.id AND hold.outcome IS NULL) AS held,
        (SELECT max(at) FROM appointment_status AS step WHERE step.appointment_id = a.id)
            AS changed_at,
        p.given, p.surname,
        coalesce(nullif(CASE ?4 WHEN 'kk' THEN s.name_kk WHEN 'en' THEN s.name_en END, ''), s.name, '') AS service,
        coalesce(place.short_name, '') AS place, branch.address
    FROM appointment AS a
        JOIN resource AS doctor ON doctor.id = a.doctor_id AND doctor.staff_id = ?1
            AND doctor.kind = 'doctor' AND doctor.ended_at IS NULL
        JOIN patient AS p ON p.id = a.patient_id
        JOIN branch ON branch.id = a.branch_id
        LEFT JOIN service AS s ON s.id = a.service_id
        LEFT JOIN resource AS place ON place.id = a.place_id
    WHERE ?2 <= a.starts AND a.starts < ?3
        AND a.status NOT IN ('cancelled', 'moved', 'no_show')
    ORDER BY a.starts, a.id";

pub async fn names(reader: &mut Reader) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(NAMES).fetch_one(reader.sql()).await?)
}

pub async fn set_names(tx: &mut Tx, names: bool, by: Option<StaffId>) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(SET_NAMES).bind(names).bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}

pub async fn doctor(reader: &mut Reader, staff: StaffId) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(DOCTOR).bind(staff).fetch_one(reader.sql()).await?)
}

pub async fn doctor_in(tx: &mut Tx, staff: StaffId) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(DOCTOR).bind(staff).fetch_one(tx.sql()).await?)
}

pub async fn of(reader: &mut Reader, staff: StaffId) -> Result<Option<Feed>, VaultError> {
    Ok(sqlx::query_as(OF).bind(staff).fetch_optional(reader.sql()).await?)
}

pub async fn all(reader: &mut Reader) -> Result<Vec<FeedLine>, VaultError> {
    Ok(sqlx::query_as(ALL).fetch_all(reader.sql()).await?)
}

pub async fn staff_of(tx: &mut Tx, id: FeedId) -> Result<Option<StaffId>, VaultError> {
    Ok(sqlx::query_scalar(STAFF_OF).bind(id).fetch_optional(tx.sql()).await?)
}

pub async fn insert(
    tx: &mut Tx,
    id: FeedId,
    staff: StaffId,
    hash: &Digest,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(id).bind(staff).bind(hash.as_slice()).bind(now);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// The one that ended.
pub async fn end_of(
    tx: &mut Tx,
    staff: StaffId,
    by: Option<StaffId>,
) -> Result<Option<FeedId>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(END_OF).bind(staff).bind(now).bind(by);
    Ok(query.fetch_optional(tx.sql()).await?)
}

pub async fn by_token(reader: &mut Reader, hash: &Digest) -> Result<Option<Found>, VaultError> {
    Ok(sqlx::query_as(BY_TOKEN).bind(hash.as_slice()).fetch_optional(reader.sql()).await?)
}

pub async fn note_read(tx: &mut Tx, id: FeedId) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(NOTE_READ).bind(id).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// What of a doctor's starts from the first of these days until the last.
pub async fn visits(
    tx: &mut Tx,
    staff: StaffId,
    language: Language,
    (first, last): (Day, Day),
) -> Result<Vec<FedVisit>, VaultError> {
    let query = sqlx::query_as(VISITS).bind(staff).bind(first).bind(last.plus_days(1));
    Ok(query.bind(language).fetch_all(tx.sql()).await?)
}
