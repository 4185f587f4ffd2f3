//! Openings and offers in the database.

use crate::booking::Span;
use crate::clock::{Civil, Timestamp};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId, StaffId};
use crate::vault::{Disclosure, Listing, Reader, Tx, VaultError};
use crate::waitlist::model::{OfferId, OpeningId, Slot, WishId};
use crate::waitlist::offers::{Asked, Cause, Offer, OfferState, Opening, OpeningState, SlotRow};

const INSERT_OPENING: &str = "
    INSERT INTO waitlist_opening (id, doctor_id, starts, ends, cause, state, reason, opened_at)
    VALUES (?1, ?2, ?3, ?4, ?5, 'open', '', ?6)";

const OPENING: &str = "
    SELECT id, doctor_id, starts, ends, cause, state FROM waitlist_opening WHERE id = ?1";

const SET_OPENING: &str = "
    UPDATE waitlist_opening SET state = ?2, reason = ?3 WHERE id = ?1 AND state <> 'closed'";

const INSERT: &str = "
    INSERT INTO waitlist_offer (id, opening_id, wish_id, doctor_id, starts, minutes, state, reason,
        token_hash, language, offered_at, expires_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

const EXPIRE: &str = "
    UPDATE waitlist_offer SET state = 'expired', answered_at = ?2
    WHERE opening_id = ?1 AND state = 'offered' AND expires_at <= ?2
    RETURNING id, wish_id, (SELECT patient_id FROM waitlist_wish AS w WHERE w.id = wish_id)";

const OPEN_OF: &str = "
    SELECT count(*) FROM waitlist_offer WHERE opening_id = ?1 AND state = 'offered'";

const PENDING: &str = "
    SELECT starts, minutes, doctor_id FROM waitlist_offer
    WHERE doctor_id = ?1 AND state = 'offered'";

const NEXT_EXPIRY: &str = "
    SELECT min(expires_at) FROM waitlist_offer WHERE doctor_id = ?1 AND state = 'offered'";

const HAS_OPEN: &str = "
    SELECT EXISTS (SELECT 1 FROM waitlist_offer WHERE wish_id = ?1 AND state = 'offered')";

const OF_OPENING: &str = "
    SELECT o.wish_id, o.state, o.reason FROM waitlist_offer AS o WHERE o.opening_id = ?1
    UNION
    SELECT o.wish_id, o.state, o.reason FROM waitlist_offer AS o
        JOIN waitlist_opening AS p ON p.id = o.opening_id AND p.cause = 'shift'
    WHERE ?2 = 'shift' AND o.state = 'not_sent' AND ?3 <= o.offered_at";

const OFFERED_BEFORE: &str = "
    SELECT wish_id, starts FROM waitlist_offer
    WHERE doctor_id = ?1 AND starts >= ?2 AND state <> 'not_sent'";

const WITHDRAW_OF: &str = "
    UPDATE waitlist_offer SET state = 'withdrawn', answered_at = ?2
    WHERE wish_id = ?1 AND state = 'offered' RETURNING opening_id";

const BY_ID: &str = "
    SELECT id, opening_id, wish_id, starts, minutes, doctor_id, state, language, expires_at
    FROM waitlist_offer WHERE id = ?1";

const BY_TOKEN: &str = "
    SELECT id, opening_id, wish_id, starts, minutes, doctor_id, state, language, expires_at
    FROM waitlist_offer WHERE token_hash = ?1";

const ACCEPT: &str = "
    UPDATE waitlist_offer SET state = 'accepted', answered_at = ?2, appointment_id = ?3
    WHERE id = ?1 AND state = 'offered' AND ?2 < expires_at";

const ANSWER: &str = "
    UPDATE waitlist_offer SET state = ?2, answered_at = ?3 WHERE id = ?1 AND state = 'offered'";

const CAME_OF: &str = "UPDATE waitlist_offer SET appointment_id = ?2 WHERE id = ?1";

/// Others are being asked for some of the same time.
const LOSE: &str = "
    UPDATE waitlist_offer SET state = 'taken', answered_at = ?5
    WHERE doctor_id = ?1 AND state = 'offered' AND id IS NOT ?4 AND starts < ?3
        AND ?2 < strftime('%Y-%m-%dT%H:%M', starts, '+' || minutes || ' minutes')
    RETURNING id, opening_id, wish_id,
        (SELECT patient_id FROM waitlist_wish AS w WHERE w.id = wish_id)";

const TO_CALL: &str = "
    SELECT count(DISTINCT o.wish_id) FROM waitlist_offer AS o
        JOIN waitlist_wish AS w ON w.id = o.wish_id AND w.state = 'waiting'
        JOIN waitlist_opening AS p ON p.id = o.opening_id
    WHERE o.state = 'not_sent' AND o.reason IN ('not_wanted', 'no_phone') AND ?1 < o.starts
        AND NOT EXISTS (SELECT 1 FROM patient_block AS b
            WHERE b.patient_id = w.patient_id AND b.lifted_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM reservation AS r
            WHERE r.live = 1 AND r.resource_id = o.doctor_id
                AND r.starts < strftime('%Y-%m-%dT%H:%M', o.starts, '+' || o.minutes || ' minutes')
                AND o.starts < r.ends)";

const UNDER_WAY: &str = "
    SELECT o.id, o.wish_id, w.patient_id, p.name AS patient,
        (SELECT phone FROM patient_phone AS own
            WHERE own.patient_id = p.id AND own.position = 0) AS phone,
        coalesce(nullif(CASE ?1 WHEN 'kk' THEN s.name_kk WHEN 'en' THEN s.name_en END, ''), s.name) AS service,
        d.short_name AS doctor, o.doctor_id, o.starts, o.minutes, opening.cause, o.state, o.reason,
        o.offered_at, o.expires_at, o.answered_at,
        coalesce((SELECT name FROM staff WHERE staff.id = o.made_by), '') AS by_name,
        (SELECT m.state FROM message AS m WHERE m.object_kind = 'offer' AND m.object_id = o.id) AS delivery
    FROM waitlist_offer AS o
        JOIN waitlist_wish AS w ON w.id = o.wish_id
        JOIN waitlist_opening AS opening ON opening.id = o.opening_id
        JOIN patient AS p ON p.id = w.patient_id
        JOIN service AS s ON s.id = w.service_id
        JOIN resource AS d ON d.id = o.doctor_id
    WHERE w.state = 'waiting' AND (o.state = 'offered'
        OR (o.state = 'not_sent' AND o.reason IN ('not_wanted', 'no_phone') AND ?2 < o.starts
            AND NOT EXISTS (SELECT 1 FROM reservation AS r
                WHERE r.live = 1 AND r.resource_id = o.doctor_id
                    AND r.starts < strftime('%Y-%m-%dT%H:%M', o.starts, '+' || o.minutes || ' minutes')
                    AND o.starts < r.ends)))
    ORDER BY o.state <> 'offered', o.expires_at, o.starts, o.id LIMIT 100";

const OF_WISH: &str = "
    SELECT o.id, o.wish_id, w.patient_id, p.name AS patient, NULL AS phone,
        coalesce(nullif(CASE ?1 WHEN 'kk' THEN s.name_kk WHEN 'en' THEN s.name_en END, ''), s.name) AS service,
        d.short_name AS doctor, o.doctor_id, o.starts, o.minutes, opening.cause, o.state, o.reason,
        o.offered_at, o.expires_at, o.answered_at,
        coalesce((SELECT name FROM staff WHERE staff.id = o.made_by), '') AS by_name,
        (SELECT m.state FROM message AS m WHERE m.object_kind = 'offer' AND m.object_id = o.id) AS delivery
    FROM waitlist_offer AS o
        JOIN waitlist_wish AS w ON w.id = o.wish_id
        JOIN waitlist_opening AS opening ON opening.id = o.opening_id
        JOIN patient AS p ON p.id = w.patient_id
        JOIN service AS s ON s.id = w.service_id
        JOIN resource AS d ON d.id = o.doctor_id
    WHERE (?2 IS NULL OR o.wish_id = ?2) AND (?3 IS NULL OR w.patient_id = ?3)
    ORDER BY o.offered_at DESC, o.id DESC LIMIT ?4";

/// Within so many milliseconds one refusal for a new shift is enough.
const A_DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// An offer, or a refusal, to be stored.
pub struct NewOffer {
    pub id: OfferId,
    pub opening_id: OpeningId,
    pub wish_id: WishId,
    pub slot: Slot,
    pub state: OfferState,
    pub reason: &'static str,
    pub token_hash: Option<Vec<u8>>,
    pub language: Language,
    pub expires_at: Timestamp,
    pub made_by: Option<StaffId>,
}

pub async fn insert_opening(
    tx: &mut Tx,
    id: OpeningId,
    doctor: ResourceId,
    span: Span,
    cause: Cause,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_OPENING).bind(id).bind(doctor).bind(span.starts);
    query.bind(span.ends).bind(cause).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn opening(reader: &mut Reader, id: OpeningId) -> Result<Option<Opening>, VaultError> {
    Ok(sqlx::query_as(OPENING).bind(id).fetch_optional(reader.sql()).await?)
}

/// Whether it was not closed before.
pub async fn set_opening(
    tx: &mut Tx,
    id: OpeningId,
    state: OpeningState,
    reason: &str,
) -> Result<bool, VaultError> {
    let query = sqlx::query(SET_OPENING).bind(id).bind(state).bind(reason);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

pub async fn insert(tx: &mut Tx, new: &NewOffer) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT)
        .bind(new.id)
        .bind(new.opening_id)
        .bind(new.wish_id)
        .bind(new.slot.doctor_id)
        .bind(new.slot.starts)
        .bind(new.slot.minutes)
        .bind(new.state)
        .bind(new.reason)
        .bind(&new.token_hash)
        .bind(new.language)
        .bind(now)
        .bind(new.expires_at)
        .bind(new.made_by);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Those whose time is over, with whose they were.
pub async fn expire(
    tx: &mut Tx,
    id: OpeningId,
) -> Result<Vec<(OfferId, WishId, PatientId)>, VaultError> {
    let now = tx.now();
    Ok(sqlx::query_as(EXPIRE).bind(id).bind(now).fetch_all(tx.sql()).await?)
}

/// How many offers of an opening wait for an answer.
pub async fn open_of(tx: &mut Tx, id: OpeningId) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(OPEN_OF).bind(id).fetch_one(tx.sql()).await?)
}

/// Times of a doctor's that somebody is being asked for.
pub async fn pending(tx: &mut Tx, doctor: ResourceId) -> Result<Vec<Slot>, VaultError> {
    let rows: Vec<SlotRow> = sqlx::query_as(PENDING).bind(doctor).fetch_all(tx.sql()).await?;
    Ok(rows.into_iter().map(Slot::from).collect())
}

pub async fn next_expiry(tx: &mut Tx, doctor: ResourceId) -> Result<Option<Timestamp>, VaultError> {
    Ok(sqlx::query_scalar(NEXT_EXPIRY).bind(doctor).fetch_one(tx.sql()).await?)
}

pub async fn has_open(tx: &mut Tx, wish: WishId) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(HAS_OPEN).bind(wish).fetch_one(tx.sql()).await?)
}

/// Who was asked or passed over in an opening. A new shift makes an opening of
/// each of its days: who was passed over in one today counts for all of them.
pub async fn of_opening(
    tx: &mut Tx,
    opening: &Opening,
) -> Result<Vec<(WishId, OfferState, String)>, VaultError> {
    let since = tx.now().plus_ms(-A_DAY_MS);
    let query = sqlx::query_as(OF_OPENING).bind(opening.id).bind(opening.cause).bind(since);
    Ok(query.fetch_all(tx.sql()).await?)
}

/// Who was asked for which time of a doctor's, from a time on.
pub async fn offered_before(
    tx: &mut Tx,
    doctor: ResourceId,
    from: Civil,
) -> Result<Vec<(WishId, Civil)>, VaultError> {
    Ok(sqlx::query_as(OFFERED_BEFORE).bind(doctor).bind(from).fetch_all(tx.sql()).await?)
}

/// The openings whose offers these were.
pub async fn withdraw_of(tx: &mut Tx, wish: WishId) -> Result<Vec<OpeningId>, VaultError> {
    let now = tx.now();
    Ok(sqlx::query_scalar(WITHDRAW_OF).bind(wish).bind(now).fetch_all(tx.sql()).await?)
}

pub async fn by_id(tx: &mut Tx, id: OfferId) -> Result<Option<Offer>, VaultError> {
    Ok(sqlx::query_as(BY_ID).bind(id).fetch_optional(tx.sql()).await?)
}

pub async fn by_token(reader: &mut Reader, hash: &[u8]) -> Result<Option<Offer>, VaultError> {
    Ok(sqlx::query_as(BY_TOKEN).bind(hash).fetch_optional(reader.sql()).await?)
}

/// Whether it waited for an answer and its time was not over.
pub async fn accept(
    tx: &mut Tx,
    id: OfferId,
    appointment: AppointmentId,
) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(ACCEPT).bind(id).bind(now).bind(appointment);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

/// Whether it waited for an answer.
pub async fn answer(tx: &mut Tx, id: OfferId, state: OfferState) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(ANSWER).bind(id).bind(state).bind(now);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

pub async fn came_of(
    tx: &mut Tx,
    id: OfferId,
    appointment: AppointmentId,
) -> Result<(), VaultError> {
    sqlx::query(CAME_OF).bind(id).bind(appointment).execute(tx.sql()).await?;
    Ok(())
}

/// Offers of some of that time, but for one: they are taken.
pub async fn lose(
    tx: &mut Tx,
    doctor: ResourceId,
    span: Span,
    but: Option<OfferId>,
) -> Result<Vec<(OfferId, OpeningId, WishId, PatientId)>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_as(LOSE).bind(doctor).bind(span.starts).bind(span.ends).bind(but);
    Ok(query.bind(now).fetch_all(tx.sql()).await?)
}

pub async fn to_call(reader: &mut Reader, now: Civil) -> Result<u32, VaultError> {
    Ok(sqlx::query_scalar(TO_CALL).bind(now).fetch_one(reader.sql()).await?)
}

pub async fn under_way(
    listing: &mut Listing,
    language: Language,
    now: Civil,
) -> Result<Vec<Asked>, VaultError> {
    let query = sqlx::query_as(UNDER_WAY).bind(language.tag()).bind(now);
    Ok(query.fetch_all(listing.sql()).await?)
}

pub async fn of_wish(
    listing: &mut Listing,
    wish: WishId,
    language: Language,
    most: i64,
) -> Result<Vec<Asked>, VaultError> {
    let query = sqlx::query_as(OF_WISH).bind(language.tag()).bind(wish).bind(None::<PatientId>);
    Ok(query.bind(most).fetch_all(listing.sql()).await?)
}

pub async fn of_patient(
    disclosure: &mut Disclosure,
    language: Language,
    most: i64,
) -> Result<Vec<Asked>, VaultError> {
    let patient = disclosure.patient_id();
    let query = sqlx::query_as(OF_WISH).bind(language.tag()).bind(None::<WishId>).bind(patient);
    Ok(query.bind(most).fetch_all(disclosure.sql()).await?)
}
