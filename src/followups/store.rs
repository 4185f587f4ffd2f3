//! Follow-ups in the database.

use serde::Serialize;

use crate::clock::{Civil, Day, Timestamp};
use crate::followups::model::{
    CloseReason, FollowUpId, Lapse, NewFollowUp, Note, Open, Shown, State,
};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId, ServiceId, StaffId};
use crate::vault::{Disclosure, Listing, Reader, Tx, VaultError};

const INSERT: &str = "
    INSERT INTO follow_up (id, patient_id, service_id, doctor_id, after_id, set_on, due, note,
        state, lapse, reason, version, created_at, created_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'open', '', '', 1, ?9, ?10)";

const SAME: &str = "
    SELECT id FROM follow_up
    WHERE patient_id = ?1 AND service_id = ?2 AND doctor_id = ?3 AND state = 'open'
    ORDER BY due, id LIMIT 1";

const CHANGE: &str = "
    UPDATE follow_up SET after_id = coalesce(?2, after_id), set_on = ?3, due = ?4, note = ?5,
        lapse = '', version = version + 1
    WHERE id = ?1";

/// The patient has a card of their own, and the visit, if one is named, is theirs.
const IS_THERE: &str = "
    SELECT EXISTS (SELECT 1 FROM patient WHERE id = ?1 AND merged_into IS NULL)
        AND EXISTS (SELECT 1 FROM service WHERE id = ?2 AND ended_at IS NULL)
        AND EXISTS (SELECT 1 FROM resource
            WHERE id = ?3 AND kind = 'doctor' AND ended_at IS NULL)
        AND (?4 IS NULL OR EXISTS (SELECT 1 FROM appointment WHERE id = ?4 AND patient_id = ?1))";

const DOES: &str = "
    SELECT NOT EXISTS (SELECT 1 FROM service_performer WHERE service_id = ?2)
        OR EXISTS (SELECT 1 FROM service_performer WHERE service_id = ?2 AND resource_id = ?1)";

const VISIT_BOOKED: &str = "
    SELECT id FROM appointment
    WHERE patient_id = ?1 AND service_id = ?2 AND starts >= ?3
        AND status IN ('booked', 'confirmed')
        AND NOT EXISTS (SELECT 1 FROM follow_up WHERE booked_id = appointment.id)
    ORDER BY doctor_id IS NOT ?4, starts, id LIMIT 1";

const OPEN_OF: &str = "
    SELECT id, doctor_id, set_on, due FROM follow_up
    WHERE patient_id = ?1 AND service_id = ?2 AND state = 'open'";

const BOOK: &str = "
    UPDATE follow_up SET state = 'booked', booked_id = ?2, lapse = '', version = version + 1
    WHERE id = ?1";

const UNBOOK: &str = "
    UPDATE follow_up SET state = 'open', booked_id = NULL, lapse = ?2, version = version + 1
    WHERE booked_id = ?1 RETURNING id";

const CLOSE: &str = "
    UPDATE follow_up SET state = 'closed', reason = ?3, ended_at = ?4, ended_by = ?5,
        version = version + 1
    WHERE id = ?1 AND version = ?2 AND state = 'open' RETURNING patient_id";

const REOPEN: &str = "
    UPDATE follow_up SET state = 'open', reason = '', ended_at = NULL, ended_by = NULL,
        version = version + 1
    WHERE id = ?1 AND version = ?2 AND state = 'closed' RETURNING patient_id";

const COUNT: &str = "
    SELECT count(*) FROM follow_up
    WHERE state = 'open' AND due <= ?1
        AND (?2 IS NULL OR doctor_id IN (SELECT id FROM resource WHERE staff_id = ?2))
        AND NOT EXISTS (SELECT 1 FROM patient_block AS block
            WHERE block.patient_id = follow_up.patient_id AND block.lifted_at IS NULL)";

/// What a list and a card show of them.
const LINES: &str = "
    SELECT f.id, f.version, f.patient_id, p.name AS patient,
        (SELECT phone FROM patient_phone AS own
            WHERE own.patient_id = p.id AND own.position = 0) AS phone,
        f.service_id, coalesce(nullif(CASE ?1 WHEN 'kk' THEN s.name_kk WHEN 'en' THEN s.name_en END, ''), s.name) AS service,
        f.doctor_id, d.short_name AS doctor, f.due, f.note, f.state, f.lapse, f.reason,
        f.created_at, f.ended_at, f.booked_id, a.starts AS booked_for,
        (SELECT name FROM staff WHERE staff.id = f.created_by) AS by_name
    FROM follow_up AS f
        JOIN patient AS p ON p.id = f.patient_id
        JOIN service AS s ON s.id = f.service_id
        JOIN resource AS d ON d.id = f.doctor_id
        LEFT JOIN appointment AS a ON a.id = f.booked_id
    WHERE (?2 IS NULL OR f.patient_id = ?2)
        AND (?3 IS NULL OR f.doctor_id = ?3)
        AND (?4 IS NULL OR d.staff_id = ?4)
        AND CASE ?5 WHEN 'due' THEN f.state = 'open' AND f.due <= ?6
            WHEN '' THEN 1 ELSE f.state = ?5 END
    ORDER BY f.state <> 'open', iif(f.state = 'open', f.due, ''), f.due DESC, f.id LIMIT ?7";

const BEGUN: &str = "
    SELECT name, (SELECT service.id FROM appointment JOIN service ON service.id = service_id
        WHERE appointment.id = ?2 AND patient_id = patient.id AND service.ended_at IS NULL)
    FROM patient WHERE id = ?1 AND merged_into IS NULL";

/// Services that are done now and doctors who are here, by the order of the
/// house; of a doctor who signs in, whether that is them.
const SERVICES: &str = "
    SELECT id, coalesce(nullif(CASE ?1 WHEN 'kk' THEN name_kk WHEN 'en' THEN name_en END, ''), name) AS name FROM service
    WHERE ended_at IS NULL ORDER BY category, service.name, id";

const DOCTORS: &str = "
    SELECT id, short_name AS name, staff_id IS ?1 AND ?1 IS NOT NULL AS own FROM resource
    WHERE kind = 'doctor' AND ended_at IS NULL ORDER BY position, id";

const HAND_OVER: &str = "
    UPDATE follow_up SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

/// A follow-up as staff see it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct FollowUpLine {
    pub id: FollowUpId,
    pub version: i64,
    pub patient_id: PatientId,
    pub patient: String,
    /// E.164.
    pub phone: Option<String>,
    pub service_id: ServiceId,
    pub service: String,
    pub doctor_id: ResourceId,
    pub doctor: String,
    pub due: Day,
    pub note: Note,
    pub state: State,
    pub lapse: Lapse,
    pub reason: String,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub booked_id: Option<AppointmentId>,
    pub booked_for: Option<Civil>,
    /// Who said it; None for a job.
    pub by_name: Option<String>,
}

/// Somebody to come to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DoctorRow {
    pub id: ResourceId,
    pub name: String,
    /// Whether it is whoever asks.
    pub own: bool,
}

pub async fn insert(
    tx: &mut Tx,
    id: FollowUpId,
    new: &NewFollowUp,
    today: Day,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT)
        .bind(id)
        .bind(new.patient_id)
        .bind(new.service_id)
        .bind(new.doctor_id)
        .bind(new.after_id)
        .bind(today)
        .bind(new.due)
        .bind(new.note)
        .bind(now)
        .bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// An open one of that patient for the same service and doctor.
pub async fn same(tx: &mut Tx, new: &NewFollowUp) -> Result<Option<FollowUpId>, VaultError> {
    let query = sqlx::query_scalar(SAME).bind(new.patient_id).bind(new.service_id);
    Ok(query.bind(new.doctor_id).fetch_optional(tx.sql()).await?)
}

pub async fn change(
    tx: &mut Tx,
    id: FollowUpId,
    new: &NewFollowUp,
    today: Day,
) -> Result<(), VaultError> {
    let query = sqlx::query(CHANGE).bind(id).bind(new.after_id).bind(today);
    query.bind(new.due).bind(new.note).execute(tx.sql()).await?;
    Ok(())
}

/// Whether patient, service, doctor and visit are there.
pub async fn is_there(tx: &mut Tx, new: &NewFollowUp) -> Result<bool, VaultError> {
    let query = sqlx::query_scalar(IS_THERE).bind(new.patient_id).bind(new.service_id);
    Ok(query.bind(new.doctor_id).bind(new.after_id).fetch_one(tx.sql()).await?)
}

/// Whether that doctor does that service.
pub async fn does(tx: &mut Tx, doctor: ResourceId, service: ServiceId) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(DOES).bind(doctor).bind(service).fetch_one(tx.sql()).await?)
}

/// A visit ahead that answers it and no other, with its doctor first.
pub async fn visit_booked(
    tx: &mut Tx,
    new: &NewFollowUp,
    from: Day,
) -> Result<Option<AppointmentId>, VaultError> {
    let query = sqlx::query_scalar(VISIT_BOOKED).bind(new.patient_id).bind(new.service_id);
    Ok(query.bind(from).bind(new.doctor_id).fetch_optional(tx.sql()).await?)
}

pub async fn open_of(
    tx: &mut Tx,
    patient: PatientId,
    service: ServiceId,
) -> Result<Vec<Open>, VaultError> {
    Ok(sqlx::query_as(OPEN_OF).bind(patient).bind(service).fetch_all(tx.sql()).await?)
}

pub async fn book(tx: &mut Tx, id: FollowUpId, visit: AppointmentId) -> Result<(), VaultError> {
    sqlx::query(BOOK).bind(id).bind(visit).execute(tx.sql()).await?;
    Ok(())
}

/// Which one it was booked for.
pub async fn unbook(
    tx: &mut Tx,
    visit: AppointmentId,
    lapse: Lapse,
) -> Result<Option<FollowUpId>, VaultError> {
    Ok(sqlx::query_scalar(UNBOOK).bind(visit).bind(lapse).fetch_optional(tx.sql()).await?)
}

/// Whose it was; None when it is not as it was seen.
pub async fn close(
    tx: &mut Tx,
    id: FollowUpId,
    version: i64,
    reason: CloseReason,
    by: Option<StaffId>,
) -> Result<Option<PatientId>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(CLOSE).bind(id).bind(version).bind(reason);
    Ok(query.bind(now).bind(by).fetch_optional(tx.sql()).await?)
}

/// Whose it is; None when it is not as it was seen.
pub async fn reopen(
    tx: &mut Tx,
    id: FollowUpId,
    version: i64,
) -> Result<Option<PatientId>, VaultError> {
    Ok(sqlx::query_scalar(REOPEN).bind(id).bind(version).fetch_optional(tx.sql()).await?)
}

/// How many are due until a day, of all or of one doctor's account.
pub async fn count(
    reader: &mut Reader,
    until: Day,
    own: Option<StaffId>,
) -> Result<u32, VaultError> {
    Ok(sqlx::query_scalar(COUNT).bind(until).bind(own).fetch_one(reader.sql()).await?)
}

pub async fn lines(
    listing: &mut Listing,
    (shown, until): (Shown, Day),
    doctor: Option<ResourceId>,
    own: Option<StaffId>,
    language: Language,
    most: i64,
) -> Result<Vec<FollowUpLine>, VaultError> {
    let nobody: Option<PatientId> = None;
    let query = sqlx::query_as(LINES).bind(language.tag()).bind(nobody).bind(doctor).bind(own);
    Ok(query.bind(shown).bind(until).bind(most).fetch_all(listing.sql()).await?)
}

pub async fn of_patient(
    disclosure: &mut Disclosure,
    language: Language,
    most: i64,
) -> Result<Vec<FollowUpLine>, VaultError> {
    let (patient, doctor, own) = (disclosure.patient_id(), None::<ResourceId>, None::<StaffId>);
    let query = sqlx::query_as(LINES).bind(language.tag()).bind(patient).bind(doctor).bind(own);
    Ok(query.bind("").bind("").bind(most).fetch_all(disclosure.sql()).await?)
}

/// The patient's name, and the service of a visit of theirs while it is done.
pub async fn begun(
    disclosure: &mut Disclosure,
    after: Option<AppointmentId>,
) -> Result<Option<(String, Option<ServiceId>)>, VaultError> {
    let patient = disclosure.patient_id();
    let query = sqlx::query_as(BEGUN).bind(patient).bind(after);
    Ok(query.fetch_optional(disclosure.sql()).await?)
}

pub async fn services(
    reader: &mut Reader,
    language: Language,
) -> Result<Vec<(ServiceId, String)>, VaultError> {
    Ok(sqlx::query_as(SERVICES).bind(language.tag()).fetch_all(reader.sql()).await?)
}

pub async fn doctors(
    reader: &mut Reader,
    own: Option<StaffId>,
) -> Result<Vec<DoctorRow>, VaultError> {
    Ok(sqlx::query_as(DOCTORS).bind(own).fetch_all(reader.sql()).await?)
}

/// Puts all follow-ups of one card on another. Gives their ids.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}
