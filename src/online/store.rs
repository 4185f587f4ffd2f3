//! Bookings on their way, and codes, in the database.

use crate::clock::Timestamp;
use crate::consents::otp::Issued;
use crate::crypto::hash::Digest;
use crate::ids::{AppointmentId, PatientId};
use crate::online::model::{Campaign, Request, RequestId, Sent, Settings, State};
use crate::vault::{Reader, Tx, VaultError};

const SETTINGS: &str = "
    SELECT enabled, notice_minutes, urgent_minutes, horizon_days, hold_minutes, most_open,
        no_shows, no_show_days, cooldown_seconds, codes_per_request, codes_per_phone,
        codes_per_net, plain_per_net, plain_per_day, codes_per_day, alarm_at, work_bits, sites,
        map_url, asks
    FROM online_settings WHERE id = 1";

const INSERT: &str = "
    INSERT INTO online_request (id, token_hash, form_hash, state, created_at, expires_at,
        service_id, doctor_id, starts, language, phone, name, birth, for_other, consent_version,
        consented_at, worked, source, campaign)
    VALUES (?1, ?2, ?3, 'code', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?4, ?15, ?16, ?17)";

const HAS_FORM: &str = "SELECT EXISTS (SELECT 1 FROM online_request WHERE form_hash = ?1)";

const BY_TOKEN: &str = "
    SELECT id, state, created_at, expires_at, proven_at, service_id, doctor_id, starts, language,
        phone, name, birth, for_other, consent_version, worked, source, patient_id, appointment_id,
        asked_service_id, held_because
    FROM online_request WHERE token_hash = ?1";

const BY_ID: &str = "
    SELECT id, state, created_at, expires_at, proven_at, service_id, doctor_id, starts, language,
        phone, name, birth, for_other, consent_version, worked, source, patient_id, appointment_id,
        asked_service_id, held_because
    FROM online_request WHERE id = ?1";

const GO: &str = "
    UPDATE online_request SET state = ?2, expires_at = ?3, proven_at = coalesce(proven_at, ?4),
        doctor_id = ?5, starts = ?6, patient_id = ?7, appointment_id = ?8,
        service_id = ?10, asked_service_id = ?11, held_because = ?12,
        phone = iif(?9, '', phone), name = iif(?9, '', name), birth = iif(?9, '', birth)
    WHERE id = ?1";

const FORGET: &str = "
    DELETE FROM online_request
    WHERE id = ?1 AND state IN ('code', 'lost', 'call', 'full') AND expires_at <= ?2";

const FORGET_CODES: &str = "DELETE FROM online_code WHERE sent_at <= ?1";

const SENT: &str = "
    SELECT max(iif(phone_key = ?2, sent_at, NULL)) AS last,
        coalesce(sum(request_id = ?1), 0) AS request,
        coalesce(sum(phone_key = ?2), 0) AS phone,
        coalesce(sum(net_key = ?3), 0) AS net,
        coalesce(sum(net_key = ?3 AND worked = 0), 0) AS plain_net,
        coalesce(sum(worked = 0), 0) AS plain,
        count(*) AS 'all'
    FROM online_code WHERE sent_at > ?4";

const CODES_SINCE: &str = "SELECT count(*) FROM online_code WHERE sent_at > ?1";

const REPLACE_CODES: &str = "
    UPDATE online_code SET replaced_at = ?2
    WHERE request_id = ?1 AND replaced_at IS NULL AND used_at IS NULL";

const INSERT_CODE: &str = "
    INSERT INTO online_code (request_id, sent_at, mac, nonce, bound, wrong, phone_key, net_key,
        worked)
    VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8)";

const NEWEST_CODE: &str = "
    SELECT mac, nonce, bound, sent_at, wrong, used_at, replaced_at FROM online_code
    WHERE request_id = ?1 ORDER BY sent_at DESC LIMIT 1";

const WRONG_CODE: &str = "
    UPDATE online_code SET wrong = wrong + 1 WHERE request_id = ?1 AND sent_at = ?2";

const USE_CODE: &str = "
    UPDATE online_code SET used_at = ?3 WHERE request_id = ?1 AND sent_at = ?2";

const HAND_OVER: &str = "
    UPDATE online_request SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

/// A booking to store.
pub struct NewRequest<'a> {
    pub id: RequestId,
    pub token_hash: Digest,
    pub form_hash: Digest,
    pub expires_at: Timestamp,
    pub asked: &'a crate::online::Asked,
    pub consent_version: i64,
    pub worked: bool,
}

/// Whom a code goes to and from where, as digests to count by.
#[derive(Clone, Copy)]
pub struct Keys {
    pub phone: Digest,
    pub net: Digest,
}

pub async fn settings(reader: &mut Reader) -> Result<Settings, VaultError> {
    Ok(sqlx::query_as(SETTINGS).fetch_one(reader.sql()).await?)
}

pub async fn settings_in(tx: &mut Tx) -> Result<Settings, VaultError> {
    Ok(sqlx::query_as(SETTINGS).fetch_one(tx.sql()).await?)
}

pub async fn insert(tx: &mut Tx, new: &NewRequest<'_>) -> Result<(), VaultError> {
    let now = tx.now();
    let campaign = Campaign { source: String::new(), ..new.asked.campaign.clone() };
    let campaign = serde_json::to_string(&campaign).unwrap_or_default();
    let query = sqlx::query(INSERT)
        .bind(new.id)
        .bind(&new.token_hash[..])
        .bind(&new.form_hash[..])
        .bind(now)
        .bind(new.expires_at)
        .bind(new.asked.service_id)
        .bind(new.asked.doctor_id)
        .bind(new.asked.starts)
        .bind(new.asked.language)
        .bind(new.asked.phone.as_str())
        .bind(&new.asked.name)
        .bind(new.asked.birth.map(super::model::Birth::text).unwrap_or_default())
        .bind(new.asked.for_other)
        .bind(new.consent_version)
        .bind(new.worked)
        .bind(&new.asked.campaign.source)
        .bind(campaign);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Whether a booking was made of that form already.
pub async fn has_form(reader: &mut Reader, form: &Digest) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(HAS_FORM).bind(&form[..]).fetch_one(reader.sql()).await?)
}

pub async fn by_token(reader: &mut Reader, hash: &Digest) -> Result<Option<Request>, VaultError> {
    Ok(sqlx::query_as(BY_TOKEN).bind(&hash[..]).fetch_optional(reader.sql()).await?)
}

pub async fn by_token_in(tx: &mut Tx, hash: &Digest) -> Result<Option<Request>, VaultError> {
    Ok(sqlx::query_as(BY_TOKEN).bind(&hash[..]).fetch_optional(tx.sql()).await?)
}

pub async fn by_id_in(tx: &mut Tx, id: RequestId) -> Result<Option<Request>, VaultError> {
    Ok(sqlx::query_as(BY_ID).bind(id).fetch_optional(tx.sql()).await?)
}

/// Stores how far it has come; once there is a card or no way on, what was
/// typed goes.
pub async fn go(tx: &mut Tx, now: &Request, forget: bool) -> Result<(), VaultError> {
    let query = sqlx::query(GO)
        .bind(now.id)
        .bind(now.state)
        .bind(now.expires_at)
        .bind(now.proven_at)
        .bind(now.doctor_id)
        .bind(now.starts)
        .bind(now.patient_id)
        .bind(now.appointment_id)
        .bind(forget)
        .bind(now.service_id)
        .bind(now.asked_service_id)
        .bind(now.held_because);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Forgets a booking that came to nothing, once its link is dead.
pub async fn forget(tx: &mut Tx, id: RequestId) -> Result<bool, VaultError> {
    let now = tx.now();
    let gone = sqlx::query(FORGET).bind(id).bind(now).execute(tx.sql()).await?;
    Ok(gone.rows_affected() == 1)
}

/// Forgets codes nobody counts any more.
pub async fn forget_codes(tx: &mut Tx, until: Timestamp) -> Result<(), VaultError> {
    sqlx::query(FORGET_CODES).bind(until).execute(tx.sql()).await?;
    Ok(())
}

pub async fn sent(
    tx: &mut Tx,
    id: RequestId,
    keys: Keys,
    since: Timestamp,
) -> Result<Sent, VaultError> {
    let query = sqlx::query_as(SENT).bind(id).bind(&keys.phone[..]).bind(&keys.net[..]);
    Ok(query.bind(since).fetch_one(tx.sql()).await?)
}

pub async fn codes_since(reader: &mut Reader, since: Timestamp) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(CODES_SINCE).bind(since).fetch_one(reader.sql()).await?)
}

/// Stores a code; the ones before it stop working.
pub async fn insert_code(
    tx: &mut Tx,
    id: RequestId,
    issued: &Issued,
    keys: Keys,
    worked: bool,
) -> Result<(), VaultError> {
    sqlx::query(REPLACE_CODES).bind(id).bind(issued.sent_at).execute(tx.sql()).await?;
    let query = sqlx::query(INSERT_CODE)
        .bind(id)
        .bind(issued.sent_at)
        .bind(&issued.mac[..])
        .bind(&issued.nonce[..])
        .bind(&issued.document[..])
        .bind(&keys.phone[..])
        .bind(&keys.net[..])
        .bind(worked);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn newest_code(tx: &mut Tx, id: RequestId) -> Result<Option<Issued>, VaultError> {
    type Columns = (Vec<u8>, Vec<u8>, Vec<u8>, Timestamp, u8, Option<Timestamp>, Option<Timestamp>);
    let found: Option<Columns> =
        sqlx::query_as(NEWEST_CODE).bind(id).fetch_optional(tx.sql()).await?;
    Ok(found.map(|(mac, nonce, bound, sent_at, wrong, used_at, replaced_at)| Issued {
        mac: mac.try_into().expect("the schema checks the length"),
        nonce: nonce.try_into().expect("the schema checks the length"),
        document: bound.try_into().expect("the schema checks the length"),
        sent_at,
        wrong,
        used_at,
        replaced_at,
    }))
}

pub async fn wrong_code(tx: &mut Tx, id: RequestId, sent_at: Timestamp) -> Result<(), VaultError> {
    sqlx::query(WRONG_CODE).bind(id).bind(sent_at).execute(tx.sql()).await?;
    Ok(())
}

pub async fn use_code(tx: &mut Tx, id: RequestId, sent_at: Timestamp) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(USE_CODE).bind(id).bind(sent_at).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// Puts all bookings of one card on another. Gives their ids.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}

impl Request {
    /// The same, further on.
    #[must_use]
    pub fn at(&self, state: State, expires_at: Timestamp, proven_at: Timestamp) -> Self {
        Self { state, expires_at, proven_at: Some(proven_at), ..self.clone() }
    }

    /// The same with what came of it.
    #[must_use]
    pub fn with(self, patient_id: PatientId, appointment_id: AppointmentId) -> Self {
        Self { patient_id: Some(patient_id), appointment_id: Some(appointment_id), ..self }
    }
}
