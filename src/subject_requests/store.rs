//! Requests in the database, and what is read of a patient for an answer.

use crate::clock::{Day, Timestamp};
use crate::contact::Country;
use crate::ids::{PatientId, StaffId};
use crate::messaging::Channel;
use crate::messaging::text::Class;
use crate::messaging::wanted::{Aim, Source};
use crate::subject_requests::model::{
    Filter, Kind, NewRequest, NewStep, RequestId, RequestRow, State, Step,
};
use crate::vault::{Disclosure, Listing, Reader, Tx, VaultError};

/// Whoever's card was merged is asked about by the card that stayed.
const BY_CARD: &str = "SELECT coalesce(merged_into, id) FROM patient WHERE number = ?1";

const NEXT_NUMBER: &str = "SELECT coalesce(max(number), 0) + 1 FROM subject_request";

const INSERT: &str = "
    INSERT INTO subject_request (id, number, kind, patient_id, way, requester, applicant, contact,
        wish, received_at, recorded_at, recorded_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

const INSERT_STEP: &str = "
    INSERT INTO subject_request_step (request_id, state, document, reason, basis, basis_kk, note_ru,
        note_kk, at, by_staff)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

const REGISTER: &str = "
    SELECT request.id, request.number, kind, patient_id, patient.number AS card, way, requester,
        received_at, step.state, step.at AS moved_at
    FROM subject_request AS request
    JOIN subject_request_step AS step ON step.id =
        (SELECT max(id) FROM subject_request_step WHERE request_id = request.id)
    LEFT JOIN patient ON patient.id = patient_id
    WHERE (?1 IS NULL OR kind = ?1)
        AND (?2 = 0 OR step.state NOT IN ('answered', 'refused'))
        AND (?3 IS NULL OR patient.number = ?3)
    ORDER BY request.number DESC";

const ONE: &str = "
    SELECT request.id, request.number, kind, patient_id, patient.number AS card, way, requester,
        received_at, step.state, step.at AS moved_at, applicant, contact, wish,
        (SELECT disposal.number FROM disposal
         WHERE disposal.request_id = request.id AND done_at IS NOT NULL) AS act
    FROM subject_request AS request
    JOIN subject_request_step AS step ON step.id =
        (SELECT max(id) FROM subject_request_step WHERE request_id = request.id)
    LEFT JOIN patient ON patient.id = patient_id
    WHERE request.id = ?1";

const STEPS: &str = "
    SELECT state, document, reason, basis, basis_kk, note_ru, note_kk, at,
        (SELECT name FROM staff WHERE staff.id = by_staff) AS by_name
    FROM subject_request_step WHERE request_id = ?1 ORDER BY subject_request_step.id";

const STANDING: &str = "
    SELECT state, patient_id, kind FROM subject_request_step
    JOIN subject_request ON subject_request.id = request_id
    WHERE request_id = ?1 ORDER BY subject_request_step.id DESC LIMIT 1";

const HAND_OVER: &str = "
    UPDATE subject_request SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

const VISITS: &str = "
    SELECT starts, status, coalesce(service.name, '') AS service,
        coalesce(service.name_kk, '') AS service_kk, coalesce(doctor.short_name, '') AS doctor,
        comment
    FROM appointment LEFT JOIN service ON service.id = service_id
    LEFT JOIN resource AS doctor ON doctor.id = doctor_id
    WHERE patient_id = ?1 AND status <> 'moved' ORDER BY starts DESC";

const WISHES: &str = "
    SELECT created_at, state, coalesce(service.name, '') AS service,
        coalesce(service.name_kk, '') AS service_kk, first_day, last_day
    FROM waitlist_wish JOIN service ON service.id = service_id
    WHERE patient_id = ?1 ORDER BY created_at DESC";

const FOLLOW_UPS: &str = "
    SELECT created_at, state, coalesce(service.name, '') AS service,
        coalesce(service.name_kk, '') AS service_kk, doctor.short_name AS doctor, due, note
    FROM follow_up JOIN service ON service.id = service_id
    JOIN resource AS doctor ON doctor.id = doctor_id
    WHERE patient_id = ?1 ORDER BY created_at DESC";

const CONSENTS: &str = "
    SELECT number, russian ->> '$.title' AS title, kazakh ->> '$.title' AS title_kk, prepared_at,
        consent_end.outcome, consent_withdrawal.at AS withdrawn_at
    FROM consent LEFT JOIN consent_end ON consent_end.consent_id = consent.id
    LEFT JOIN consent_withdrawal ON consent_withdrawal.consent_id = consent.id
    WHERE patient_id = ?1 ORDER BY prepared_at DESC";

const MESSAGES: &str = "
    SELECT created_at, coalesce(phone, address) AS phone, text, state FROM message
    WHERE patient_id = ?1 ORDER BY created_at DESC";

/// To whom and where how much went, by the log of transfers; the clinic's own
/// name for whoever that is, where it has said.
const TRANSFERS: &str = "
    SELECT party, country, count(*) AS times, min(at) AS first_at, max(at) AS last_at,
        coalesce((SELECT name FROM data_recipient WHERE code = 'sms_' || party
            ORDER BY version DESC LIMIT 1), '') AS name,
        (SELECT json_group_array(DISTINCT class.value)
            FROM transfer AS one, json_each(one.classes) AS class
            WHERE one.patient_id = ?1 AND one.party = transfer.party
                AND one.country = transfer.country) AS classes
    FROM transfer WHERE patient_id = ?1 GROUP BY party, country ORDER BY last_at DESC";

const WANTED: &str = "
    SELECT aim, channel, allowed, at, source, reason FROM writing_choice
    WHERE patient_id = ?1 ORDER BY id DESC";

const ONLINE: &str = "
    SELECT created_at, consented_at, consent_version, source FROM online_request
    WHERE patient_id = ?1 ORDER BY created_at DESC";

/// What was done with the card and by whom, the cards merged into it included.
const ACCESSES: &str = "
    SELECT ts, act, body ->> '$.role' AS role, coalesce(actor, '') AS actor, staff.name
    FROM audit_patient
    JOIN audit_event ON audit_event.seq = audit_patient.seq
    LEFT JOIN staff ON staff.id = actor
    WHERE patient_id IN (SELECT id FROM patient WHERE id = ?1 OR merged_into = ?1)
        AND body IS NOT NULL
    ORDER BY audit_event.seq DESC LIMIT ?2";

/// One request as the database has it.
#[derive(sqlx::FromRow)]
pub struct WholeRow {
    #[sqlx(flatten)]
    pub row: RequestRow,
    pub applicant: String,
    pub contact: String,
    pub wish: String,
    pub act: Option<i64>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct VisitRow {
    /// Civil, `2026-12-01T09:30`.
    pub starts: String,
    pub status: String,
    pub service: String,
    pub service_kk: String,
    pub doctor: String,
    pub comment: String,
}

/// When the patient is to come again.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FollowUpRow {
    pub created_at: Timestamp,
    pub state: String,
    pub service: String,
    pub service_kk: String,
    pub doctor: String,
    pub due: Day,
    pub note: String,
}

/// What the patient waits or waited for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WishRow {
    pub created_at: Timestamp,
    pub state: String,
    pub service: String,
    pub service_kk: String,
    pub first_day: Day,
    pub last_day: Day,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ConsentRow {
    pub number: String,
    pub title: Option<String>,
    pub title_kk: Option<String>,
    pub prepared_at: Timestamp,
    /// None while it is not ended.
    pub outcome: Option<String>,
    pub withdrawn_at: Option<Timestamp>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MessageRow {
    pub created_at: Timestamp,
    /// E.164.
    pub phone: String,
    pub text: String,
    pub state: String,
}

/// What the patient said of messages to them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WantedRow {
    pub aim: Aim,
    pub channel: Channel,
    pub allowed: bool,
    pub at: Timestamp,
    pub source: Source,
    pub reason: String,
}

/// What went to one third party.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TransferRow {
    /// A kind of gateway.
    pub party: String,
    /// As the clinic calls it; empty: it has not said.
    pub name: String,
    pub country: Country,
    pub times: i64,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    #[sqlx(json)]
    pub classes: Vec<Class>,
}

/// A booking by the clinic's page, with the consent given there.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OnlineRow {
    pub created_at: Timestamp,
    pub consented_at: Timestamp,
    pub consent_version: i64,
    /// A code; empty where none.
    pub source: String,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AccessRow {
    /// RFC 3339, UTC.
    pub ts: String,
    pub act: String,
    pub role: Option<String>,
    pub actor: String,
    /// Of a member of staff.
    pub name: Option<String>,
}

pub async fn by_card(tx: &mut Tx, card: i64) -> Result<Option<PatientId>, VaultError> {
    Ok(sqlx::query_scalar(BY_CARD).bind(card).fetch_optional(tx.sql()).await?)
}

/// Gives the number in the register.
pub async fn insert(
    tx: &mut Tx,
    id: RequestId,
    patient: Option<PatientId>,
    new: &NewRequest,
    by: Option<StaffId>,
) -> Result<i64, VaultError> {
    let now = tx.now();
    let number: i64 = sqlx::query_scalar(NEXT_NUMBER).fetch_one(tx.sql()).await?;
    let query = sqlx::query(INSERT).bind(id).bind(number).bind(new.kind).bind(patient);
    let query = query.bind(new.way).bind(new.requester).bind(&new.applicant).bind(&new.contact);
    let query = query.bind(&new.wish).bind(new.received_at).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(number)
}

pub async fn insert_step(
    tx: &mut Tx,
    id: RequestId,
    step: &NewStep,
    basis: &[String; 2],
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_STEP).bind(id).bind(step.state).bind(step.document);
    let query = query.bind(step.refusal).bind(&basis[0]).bind(&basis[1]);
    let query = query.bind(&step.note_ru).bind(&step.note_kk);
    query.bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}

pub async fn register(reader: &mut Reader, filter: &Filter) -> Result<Vec<RequestRow>, VaultError> {
    let query = sqlx::query_as(REGISTER).bind(filter.kind).bind(filter.open).bind(filter.card);
    Ok(query.fetch_all(reader.sql()).await?)
}

pub async fn one(listing: &mut Listing, id: RequestId) -> Result<Option<WholeRow>, VaultError> {
    Ok(sqlx::query_as(ONE).bind(id).fetch_optional(listing.sql()).await?)
}

/// In the order of time.
pub async fn steps(listing: &mut Listing, id: RequestId) -> Result<Vec<Step>, VaultError> {
    Ok(sqlx::query_as(STEPS).bind(id).fetch_all(listing.sql()).await?)
}

/// Where a request stands, and whose it is.
pub async fn standing(
    tx: &mut Tx,
    id: RequestId,
) -> Result<Option<(State, Option<PatientId>, Kind)>, VaultError> {
    Ok(sqlx::query_as(STANDING).bind(id).fetch_optional(tx.sql()).await?)
}

/// Puts the requests about one card on another. Gives their ids.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}

/// The newest first, like the others below.
pub async fn visits(disclosure: &mut Disclosure) -> Result<Vec<VisitRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(VISITS).bind(id).fetch_all(disclosure.sql()).await?)
}

pub async fn follow_ups(disclosure: &mut Disclosure) -> Result<Vec<FollowUpRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(FOLLOW_UPS).bind(id).fetch_all(disclosure.sql()).await?)
}

pub async fn wishes(disclosure: &mut Disclosure) -> Result<Vec<WishRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(WISHES).bind(id).fetch_all(disclosure.sql()).await?)
}

pub async fn consents(disclosure: &mut Disclosure) -> Result<Vec<ConsentRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(CONSENTS).bind(id).fetch_all(disclosure.sql()).await?)
}

pub async fn online(disclosure: &mut Disclosure) -> Result<Vec<OnlineRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(ONLINE).bind(id).fetch_all(disclosure.sql()).await?)
}

pub async fn messages(disclosure: &mut Disclosure) -> Result<Vec<MessageRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(MESSAGES).bind(id).fetch_all(disclosure.sql()).await?)
}

pub async fn wanted(disclosure: &mut Disclosure) -> Result<Vec<WantedRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(WANTED).bind(id).fetch_all(disclosure.sql()).await?)
}

pub async fn transfers(disclosure: &mut Disclosure) -> Result<Vec<TransferRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(TRANSFERS).bind(id).fetch_all(disclosure.sql()).await?)
}

pub async fn accesses(
    disclosure: &mut Disclosure,
    most: i64,
) -> Result<Vec<AccessRow>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(ACCESSES).bind(id).bind(most).fetch_all(disclosure.sql()).await?)
}
