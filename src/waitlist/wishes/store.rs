//! Wishes in the database.

use serde::Serialize;

use crate::clock::{Civil, Timestamp};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId, ServiceId, StaffId};
use crate::vault::{Disclosure, Listing, Reader, Tx, VaultError};
use crate::waitlist::model::{When, WishId};
use crate::waitlist::wishes::{Channel, Filter, NewWish, Note, Wish, WishState};

const INSERT: &str = "
    INSERT INTO waitlist_wish (id, patient_id, service_id, doctor_id, appointment_id, weekdays,
        from_minute, until_minute, first_day, last_day, priority, note, channel, state, reason,
        version, created_at, created_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 'waiting', '', 1, ?14, ?15)";

const SAME: &str = "
    SELECT EXISTS (SELECT 1 FROM waitlist_wish
        WHERE patient_id = ?1 AND service_id = ?2 AND doctor_id IS ?3 AND state = 'waiting')";

const SET_SERVICE: &str = "
    UPDATE waitlist_wish SET service_id = ?2, version = version + 1 WHERE id = ?1";

const END: &str = "
    UPDATE waitlist_wish SET state = ?2, reason = ?3, booked_id = ?4, ended_at = ?5, ended_by = ?6,
        version = version + 1
    WHERE id = ?1 AND state = 'waiting'
    RETURNING patient_id";

const BY_ID: &str = "
    SELECT id, patient_id, service_id, doctor_id, appointment_id, weekdays, from_minute,
        until_minute, first_day, last_day, priority, channel, state, created_at
    FROM waitlist_wish WHERE id = ?1";

const WAITING: &str = "
    SELECT id, patient_id, service_id, doctor_id, appointment_id, weekdays, from_minute,
        until_minute, first_day, last_day, priority, channel, state, created_at
    FROM waitlist_wish WHERE state = 'waiting'
    ORDER BY priority DESC, created_at, id";

const WANTED: &str = "
    SELECT DISTINCT service_id, doctor_id FROM waitlist_wish WHERE state = 'waiting'";

/// What a list shows of a wish, and whether the patient has such an appointment.
const LINES: &str = "
    SELECT w.id, w.patient_id, p.name AS patient,
        (SELECT phone FROM patient_phone AS own
            WHERE own.patient_id = p.id AND own.position = 0) AS phone,
        w.service_id, coalesce(nullif(CASE ?1 WHEN 'kk' THEN s.name_kk WHEN 'en' THEN s.name_en END, ''), s.name) AS service,
        w.doctor_id, coalesce(d.short_name, '') AS doctor, w.appointment_id,
        (SELECT starts FROM appointment AS own WHERE own.id = w.appointment_id) AS sooner_than,
        w.weekdays, w.from_minute, w.until_minute, w.first_day, w.last_day, w.priority, w.note,
        w.channel, w.state, w.reason, w.created_at, w.ended_at,
        (SELECT starts FROM appointment AS own WHERE own.id = w.booked_id) AS booked_for,
        (SELECT min(starts) FROM appointment AS a WHERE a.patient_id = w.patient_id
            AND a.service_id = w.service_id AND a.starts >= ?2 AND a.id IS NOT w.appointment_id
            AND a.status IN ('booked', 'confirmed') AND w.state = 'waiting') AS has
    FROM waitlist_wish AS w
        JOIN patient AS p ON p.id = w.patient_id
        JOIN service AS s ON s.id = w.service_id
        LEFT JOIN resource AS d ON d.id = w.doctor_id
    WHERE (?3 = '' OR w.doctor_id = ?3 OR w.doctor_id IS NULL) AND (?4 = '' OR w.service_id = ?4)
        AND (?5 = 1 OR w.state = 'waiting')
        AND (?6 = '' OR w.id = ?6) AND (?7 = '' OR w.patient_id = ?7)
    ORDER BY w.state <> 'waiting', w.priority DESC, w.created_at, w.id LIMIT ?8";

const PATIENT_NAME: &str = "
    SELECT name FROM patient WHERE id = ?1 AND merged_into IS NULL";

const BOOKED: &str = "
    SELECT a.starts, a.minutes, a.doctor_id FROM appointment AS a
        JOIN waitlist_wish AS w ON w.booked_id = a.id
    WHERE w.id = ?1 AND a.doctor_id IS NOT NULL";

const HAND_OVER: &str = "
    UPDATE waitlist_wish SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

/// A wish as staff see it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct WishLine {
    pub id: WishId,
    pub patient_id: PatientId,
    pub patient: String,
    pub phone: Option<String>,
    pub service_id: ServiceId,
    pub service: String,
    pub doctor_id: Option<ResourceId>,
    /// Empty: any.
    pub doctor: String,
    pub appointment_id: Option<AppointmentId>,
    /// The time of the appointment they would have sooner.
    pub sooner_than: Option<Civil>,
    #[sqlx(flatten)]
    pub when: When,
    pub priority: i64,
    pub note: Note,
    pub channel: Channel,
    pub state: WishState,
    pub reason: String,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// What came of it.
    pub booked_for: Option<Civil>,
    /// They have such an appointment by other ways.
    pub has: Option<Civil>,
}

pub async fn insert(
    tx: &mut Tx,
    id: WishId,
    new: &NewWish,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT)
        .bind(id)
        .bind(new.patient_id)
        .bind(new.service_id)
        .bind(new.doctor_id)
        .bind(new.appointment_id)
        .bind(&new.when.weekdays)
        .bind(new.when.from_minute)
        .bind(new.when.until_minute)
        .bind(new.when.first_day)
        .bind(new.when.last_day)
        .bind(new.priority)
        .bind(new.note)
        .bind(new.channel)
        .bind(now)
        .bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Whether that patient waits for the same already.
pub async fn same(
    tx: &mut Tx,
    patient: PatientId,
    service: ServiceId,
    doctor: Option<ResourceId>,
) -> Result<bool, VaultError> {
    let query = sqlx::query_scalar(SAME).bind(patient).bind(service).bind(doctor);
    Ok(query.fetch_one(tx.sql()).await?)
}

pub async fn set_service(tx: &mut Tx, id: WishId, service: ServiceId) -> Result<(), VaultError> {
    sqlx::query(SET_SERVICE).bind(id).bind(service).execute(tx.sql()).await?;
    Ok(())
}

/// Whose it was; None when it did not wait.
pub async fn end(
    tx: &mut Tx,
    id: WishId,
    state: WishState,
    reason: &str,
    booked: Option<AppointmentId>,
    by: Option<StaffId>,
) -> Result<Option<PatientId>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(END).bind(id).bind(state).bind(reason).bind(booked);
    Ok(query.bind(now).bind(by).fetch_optional(tx.sql()).await?)
}

pub async fn by_id(tx: &mut Tx, id: WishId) -> Result<Option<Wish>, VaultError> {
    Ok(sqlx::query_as(BY_ID).bind(id).fetch_optional(tx.sql()).await?)
}

pub async fn wish(listing: &mut Listing, id: WishId) -> Result<Option<Wish>, VaultError> {
    Ok(sqlx::query_as(BY_ID).bind(id).fetch_optional(listing.sql()).await?)
}

/// The appointment that came of a wish: when, how long, with whom.
pub async fn booked(
    listing: &mut Listing,
    id: WishId,
) -> Result<Option<(Civil, i64, ResourceId)>, VaultError> {
    Ok(sqlx::query_as(BOOKED).bind(id).fetch_optional(listing.sql()).await?)
}

pub async fn waiting(tx: &mut Tx) -> Result<Vec<Wish>, VaultError> {
    Ok(sqlx::query_as(WAITING).fetch_all(tx.sql()).await?)
}

pub async fn wanted(
    reader: &mut Reader,
) -> Result<Vec<(ServiceId, Option<ResourceId>)>, VaultError> {
    Ok(sqlx::query_as(WANTED).fetch_all(reader.sql()).await?)
}

pub async fn lines(
    listing: &mut Listing,
    filter: &Filter,
    language: Language,
    now: Civil,
    most: i64,
) -> Result<Vec<WishLine>, VaultError> {
    let query = sqlx::query_as(LINES).bind(language.tag()).bind(now);
    let query = query.bind(&filter.doctor).bind(&filter.service).bind(!filter.ended.is_empty());
    Ok(query.bind("").bind("").bind(most).fetch_all(listing.sql()).await?)
}

pub async fn line(
    listing: &mut Listing,
    id: WishId,
    language: Language,
    now: Civil,
) -> Result<Option<WishLine>, VaultError> {
    let query = sqlx::query_as(LINES).bind(language.tag()).bind(now).bind("").bind("").bind(true);
    Ok(query.bind(id).bind("").bind(1).fetch_optional(listing.sql()).await?)
}

pub async fn of_patient(
    disclosure: &mut Disclosure,
    language: Language,
    now: Civil,
) -> Result<Vec<WishLine>, VaultError> {
    let patient = disclosure.patient_id();
    let query = sqlx::query_as(LINES).bind(language.tag()).bind(now).bind("").bind("").bind(true);
    Ok(query.bind("").bind(patient).bind(50).fetch_all(disclosure.sql()).await?)
}

pub async fn patient_name(disclosure: &mut Disclosure) -> Result<Option<String>, VaultError> {
    let patient = disclosure.patient_id();
    Ok(sqlx::query_scalar(PATIENT_NAME).bind(patient).fetch_optional(disclosure.sql()).await?)
}

/// Puts all wishes of one card on another. Gives their ids.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}
