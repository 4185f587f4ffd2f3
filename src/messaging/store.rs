//! The outbox in the database.

use sqlx::SqliteConnection;
use sqlx::types::Json;

use crate::clock::Timestamp;
use crate::contact::{Email, Phone};
use crate::ids::{MessageId, PatientId};
use crate::messaging::again::Repeat;
use crate::messaging::gateway::{Outcome, Reference};
use crate::messaging::model::{
    About, Brief, Channel, Due, Fate, LEASE_MS, Leaving, Message, NewMessage, Place, State, Step,
    Told, ToldState,
};
use crate::messaging::setup::{GatewayId, InUse};
use crate::messaging::text::{Purpose, Worded};
use crate::money::Money;
use crate::vault::{Disclosure, Listing, Reader, Tx, VaultError};

const INSERT: &str = "
    INSERT INTO message (id, patient_id, purpose, object_kind, object_id, object_stamp, channel,
        language, phone, text, secret, reference, state, created_at, due_at, not_after, neutral,
        abroad, classes, address, first_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'queued', ?13, ?13, ?14, ?15, ?16,
        ?17, ?18, ?19)";

const NOTE_STATE: &str = "
    INSERT INTO message_state (message_id, at, state, reason) VALUES (?1, ?2, ?3, ?4)";

/// What somebody waits for: no index of everything else is walked for it.
const IS_AWAITED: &str = "
    SELECT EXISTS (SELECT 1 FROM message INDEXED BY message_awaited
        WHERE state = 'queued' AND purpose IN (SELECT value FROM json_each(?2))
            AND due_at <= ?1)";

const AWAITED: &str = "
    SELECT * FROM message_due WHERE id IN (
        SELECT id FROM message INDEXED BY message_awaited
        WHERE state = 'queued' AND purpose IN (SELECT value FROM json_each(?2)) AND due_at <= ?1
            AND (not_after, id) > (?4, ?5)
        ORDER BY not_after, id LIMIT ?3)
    ORDER BY not_after, id";

const OTHERS: &str = "
    SELECT * FROM message_due
    WHERE state = 'queued' AND purpose NOT IN (SELECT value FROM json_each(?2)) AND due_at <= ?1
        AND (not_after, id) > (?4, ?5)
    ORDER BY not_after, id LIMIT ?3";

/// First those that another channel is to take over, which ask nobody.
const TO_ASK: &str = "
    SELECT * FROM message_due WHERE id IN (
        SELECT id FROM message
        WHERE state IN ('accepted', 'uncertain') AND due_at <= ?1
            AND coalesce(gateway_id, 0) NOT IN (SELECT value FROM json_each(?2))
        ORDER BY channel <> 'whatsapp', due_at LIMIT ?3)
    ORDER BY channel <> 'whatsapp', due_at";

const ABANDONED: &str = "
    SELECT id, patient_id, gateway_id FROM message WHERE state = 'sending' AND leased_at <= ?1";

const TAKE: &str = "
    UPDATE message SET state = 'sending', reason = NULL, leased_at = ?2,
        attempts = attempts + 1, gateway = ?3, report_hash = ?4, gateway_id = ?5,
        provider_id = NULL, channel = ?6, land = ?7,
        mailed_to = CASE WHEN address IS NULL THEN ?8 END
    WHERE id = ?1 AND state = 'queued'
    RETURNING phone, address, channel, CASE ?7 WHEN 'abroad' THEN coalesce(abroad, text) ELSE text END AS text,
        reference, neutral, ?7 = 'abroad' AND abroad <> text AS neutrally";

const READDRESS: &str = "UPDATE message SET phone = ?2 WHERE id = ?1 AND state = 'queued'";

const PASS: &str = "UPDATE message SET past_rank = ?2 WHERE id = ?1";

/// What opens something is forgotten once it left, but while SMS may have to
/// take over what WhatsApp accepted.
const STEP: &str = "
    UPDATE message SET state = ?3, reason = ?4, due_at = ?5, leased_at = NULL, asked = ?6,
        text = CASE WHEN ?7 AND secret IS NOT NULL AND NOT (?3 = 'accepted'
                AND channel = 'whatsapp' AND ?5 IS NOT NULL)
            THEN replace(text, secret, ?8) ELSE text END,
        abroad = CASE WHEN ?7 AND secret IS NOT NULL AND NOT (?3 = 'accepted'
                AND channel = 'whatsapp' AND ?5 IS NOT NULL)
            THEN replace(abroad, secret, ?8) ELSE abroad END,
        secret = CASE WHEN ?7 AND NOT (?3 = 'accepted' AND channel = 'whatsapp'
                AND ?5 IS NOT NULL) THEN NULL ELSE secret END,
        neutral = CASE WHEN ?7 AND NOT (?3 = 'accepted' AND channel = 'whatsapp'
                AND ?5 IS NOT NULL) THEN NULL ELSE neutral END
    WHERE id = ?1 AND state = ?2
    RETURNING id";

const ASK_AGAIN: &str = "
    UPDATE message SET due_at = ?3, asked = ?4 WHERE id = ?1 AND state = ?2";

/// The mail server had its turn.
const LETTER_OVER: &str = "UPDATE message SET letter_over = 1 WHERE id = ?1";

const REFUSE_EMAIL: &str = "
    UPDATE patient_email SET refused_at = ?3 WHERE patient_id = ?1 AND email = ?2
    RETURNING patient_id";

const NOTE_PRICE: &str = "
    UPDATE message SET provider_id = ?2, parts = ?3, cost = ?4 WHERE id = ?1";

const BY_REPORT: &str = "
    SELECT * FROM message_due
    WHERE report_hash = ?1";

/// By the gateway's own number, in any of its spellings: as it came, rather.
const BY_PROVIDER: &str = "
    SELECT * FROM message_due
    WHERE gateway_id = ?1 AND provider_id IN (SELECT value FROM json_each(?2))
    ORDER BY provider_id = ?2 ->> 0 DESC, created_at DESC LIMIT 1";

/// One whose answer was lost or is still under way, by the part of our reference
/// that a receipt has.
const IN_DOUBT: &str = "
    SELECT * FROM message_due
    WHERE state IN ('uncertain', 'sending') AND gateway_id = ?1 AND phone = ?2
        AND reference & 65535 = ?3
    ORDER BY created_at DESC LIMIT 1";

/// By Meta's number, else by our reference, which comes back with each status.
const BY_WAMID: &str = "
    SELECT * FROM message_due
    WHERE gateway_id = ?1 AND provider_id = ?2
        OR reference = ?3 AND (gateway_id = ?1 OR whatsapp_over)
    ORDER BY provider_id IS ?2 DESC LIMIT 1";

const NOTE_WAMID: &str = "
    UPDATE message SET provider_id = ?2
    WHERE id = ?1 AND channel = 'whatsapp' AND provider_id IS NULL";

const NOTE_FREE: &str = "UPDATE message SET cost = 0 WHERE id = ?1 AND channel = 'whatsapp'";

const IS_UNDER_WAY: &str = "
    SELECT EXISTS (SELECT 1 FROM message WHERE state = 'sending' AND gateway_id = ?1)";

const HAND_OVER: &str = "UPDATE message SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

const BY_ID: &str = "
    SELECT * FROM message_due
    WHERE id = ?1";

const REPEATABLE: &str = "
    SELECT patient_id, purpose, object_kind, object_id, object_stamp, state FROM message
    WHERE id = ?1 AND state IN ('failed', 'expired', 'uncertain')
        AND NOT EXISTS (SELECT 1 FROM message AS later
            WHERE later.object_kind = message.object_kind AND later.object_id = message.object_id
                AND (later.created_at, later.id) > (message.created_at, message.id))";

const LEAVE: &str = "UPDATE message SET due_at = NULL WHERE id = ?1 AND state = 'uncertain'";

const OF_PATIENT: &str = "
    SELECT id, purpose, channel, language, phone, coalesce(address, mailed_to) AS address, land,
        CASE WHEN land = 'abroad' AND abroad IS NOT NULL
            THEN coalesce(replace(abroad, secret, ?2), abroad)
            ELSE coalesce(replace(text, secret, ?2), text) END AS text, state, reason, created_at,
        coalesce((SELECT max(at) FROM message_state WHERE message_id = message.id),
            created_at) AS since,
        parts, cost,
        NOT EXISTS (SELECT 1 FROM message AS later
            WHERE later.object_kind = message.object_kind AND later.object_id = message.object_id
                AND (later.created_at, later.id) > (message.created_at, message.id)) AS newest
    FROM message WHERE patient_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?3";

const ABOUT: &str = "
    SELECT id, purpose, language, phone, coalesce(address, mailed_to) AS address, channel,
        CASE WHEN land = 'abroad' AND abroad IS NOT NULL
            THEN coalesce(replace(abroad, secret, ?3), abroad)
            ELSE coalesce(replace(text, secret, ?3), text) END AS text,
        created_at, gateway, provider_id
    FROM message WHERE object_kind = ?1 AND object_id = ?2 ORDER BY created_at, id";

const STATES: &str = "
    SELECT message_id, at, message_state.state, message_state.reason
    FROM message JOIN message_state ON message_state.message_id = message.id
    WHERE object_kind = ?1 AND object_id = ?2 ORDER BY at, message_state.rowid";

const HAS: &str = "
    SELECT EXISTS (SELECT 1 FROM message
        WHERE object_kind = ?1 AND object_id = ?2 AND object_stamp = ?3 AND purpose = ?4)";

const FATES: &str = "
    SELECT id, state, reason, channel FROM message WHERE id IN (SELECT value FROM json_each(?1))";

const LAST_PRICE: &str = "
    SELECT cost / parts FROM message WHERE cost IS NOT NULL AND 0 < parts
    ORDER BY created_at DESC, id DESC LIMIT 1";

const LATEST_ABOUT: &str = "
    SELECT object_id, purpose, state, reason FROM (
        SELECT object_id, purpose, state, reason,
            row_number() OVER (PARTITION BY object_id ORDER BY created_at DESC, id DESC) AS place
        FROM message
        WHERE object_kind = ?1 AND object_id IN (SELECT value FROM json_each(?2)))
    WHERE place = 1";

/// What stands where something that opened was.
const TAKEN_OUT: &str = "•••";

/// # Errors
/// A [`Unique`](crate::vault::Violation::Unique) violation when another message
/// has this reference.
pub async fn insert(
    tx: &mut Tx,
    id: MessageId,
    reference: Reference,
    message: &NewMessage,
    worded: &Worded,
    neutral: &str,
) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(INSERT)
        .bind(id)
        .bind(message.patient_id)
        .bind(message.purpose)
        .bind(&message.about.kind)
        .bind(&message.about.id)
        .bind(&message.about.stamp)
        .bind(message.to.handle().map_or(Channel::Sms, |handle| handle.channel))
        .bind(message.language)
        .bind(message.to.phone())
        .bind(&worded.home.text)
        .bind(&message.secret)
        .bind(reference)
        .bind(now)
        .bind(message.not_after)
        .bind(neutral)
        .bind(&worded.abroad.text)
        .bind(Json(&worded.classes))
        .bind(message.to.handle().map(|handle| &handle.id))
        .bind(message.first_by)
        .execute(tx.sql())
        .await?;
    note(tx, id, State::Queued, None).await
}

async fn note(
    tx: &mut Tx,
    id: MessageId,
    state: State,
    reason: Option<&str>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(NOTE_STATE).bind(id).bind(now).bind(state).bind(reason);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Whether somebody waits for a message that is due.
pub async fn is_awaited(reader: &mut Reader, now: Timestamp) -> Result<bool, VaultError> {
    let query = sqlx::query_as(IS_AWAITED).bind(now).bind(awaited_purposes());
    let (is,) = query.fetch_one(reader.sql()).await?;
    Ok(is)
}

/// Messages after a place that somebody waits for, the soonest useless first.
pub async fn awaited(
    listing: &mut Listing,
    now: Timestamp,
    after: Option<Place>,
    most: i64,
) -> Result<Vec<Due>, VaultError> {
    to_send(listing, AWAITED, now, after, most).await
}

/// All others after a place, the soonest useless first.
pub async fn others(
    listing: &mut Listing,
    now: Timestamp,
    after: Option<Place>,
    most: i64,
) -> Result<Vec<Due>, VaultError> {
    to_send(listing, OTHERS, now, after, most).await
}

async fn to_send(
    listing: &mut Listing,
    sql: &'static str,
    now: Timestamp,
    after: Option<Place>,
    most: i64,
) -> Result<Vec<Due>, VaultError> {
    let query = sqlx::query_as(sql).bind(now).bind(awaited_purposes()).bind(most);
    let query = query.bind(after.map_or(Timestamp::from_unix_ms(0), |place| place.0));
    let query = query.bind(after.map(|place| place.1));
    Ok(query.fetch_all(listing.sql()).await?)
}

/// Messages to ask about, those that waited longest first, but of gateways that rest.
pub async fn to_ask(
    listing: &mut Listing,
    now: Timestamp,
    resting: &[GatewayId],
    most: i64,
) -> Result<Vec<Due>, VaultError> {
    let query = sqlx::query_as(TO_ASK).bind(now).bind(Json(resting)).bind(most);
    Ok(query.fetch_all(listing.sql()).await?)
}

fn awaited_purposes() -> Json<Vec<&'static str>> {
    Json(Purpose::awaited().map(Purpose::name).collect())
}

/// Messages whose worker died with them, and which gateway they were for.
pub async fn abandoned(
    listing: &mut Listing,
    now: Timestamp,
) -> Result<Vec<(MessageId, Option<PatientId>, Option<GatewayId>)>, VaultError> {
    let before = now.plus_ms(-LEASE_MS);
    Ok(sqlx::query_as(ABANDONED).bind(before).fetch_all(listing.sql()).await?)
}

/// Takes a message to send it. None when somebody else has, or it is no
/// longer queued.
pub async fn take(
    tx: &mut Tx,
    id: MessageId,
    by: &InUse,
    report_hash: Option<Vec<u8>>,
    letter_to: Option<&Email>,
) -> Result<Option<Leaving>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_as(TAKE).bind(id).bind(now).bind(by.kind).bind(report_hash);
    let query = query.bind(by.id).bind(by.kind.channel()).bind(by.terms.land());
    let query = query.bind(letter_to.filter(|_| by.is_letters()));
    let leaving: Option<Leaving> = query.fetch_optional(tx.sql()).await?;
    if let Some(leaving) = &leaving {
        let reason =
            (leaving.neutrally && by.kind.channel() == Channel::Sms).then_some("neutrally");
        note(tx, id, State::Sending, reason).await?;
    }
    Ok(leaving)
}

/// Its patient has another number by now.
pub async fn readdress(tx: &mut Tx, id: MessageId, phone: &Phone) -> Result<(), VaultError> {
    sqlx::query(READDRESS).bind(id).bind(phone).execute(tx.sql()).await?;
    Ok(())
}

/// Gateways up to this rank are not tried with it any more.
pub async fn pass(tx: &mut Tx, id: MessageId, rank: i64) -> Result<(), VaultError> {
    sqlx::query(PASS).bind(id).bind(rank).execute(tx.sql()).await?;
    Ok(())
}

/// Moves a message on. False when it is no longer where it was thought to be.
pub async fn step(
    tx: &mut Tx,
    id: MessageId,
    before: State,
    step: &Step,
    asked: i64,
) -> Result<bool, VaultError> {
    if before == step.state && before != State::Queued {
        let query = sqlx::query(ASK_AGAIN).bind(id).bind(before).bind(step.due_at).bind(asked);
        let done = query.execute(tx.sql()).await?;
        return Ok(done.rows_affected() == 1);
    }
    let moved: Option<(MessageId,)> = sqlx::query_as(STEP)
        .bind(id)
        .bind(before)
        .bind(step.state)
        .bind(step.reason)
        .bind(step.due_at)
        .bind(asked)
        .bind(step.state.may_forget_secret())
        .bind(TAKEN_OUT)
        .fetch_optional(tx.sql())
        .await?;
    if moved.is_some() {
        note(tx, id, step.state, step.reason).await?;
    }
    Ok(moved.is_some())
}

/// It is not tried as a letter any more.
pub async fn mark_letter_over(tx: &mut Tx, id: MessageId) -> Result<(), VaultError> {
    sqlx::query(LETTER_OVER).bind(id).execute(tx.sql()).await?;
    Ok(())
}

/// Its server knows no such mailbox: nothing goes there until the card says
/// another. False when the card says another already.
pub async fn refuse_email(
    tx: &mut Tx,
    patient: PatientId,
    email: &Email,
) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(REFUSE_EMAIL).bind(patient).bind(email).bind(now);
    Ok(query.fetch_optional(tx.sql()).await?.is_some())
}

/// What an accepted message cost: as the gateway says, or by the clinic's price of one SMS.
pub async fn note_price(
    tx: &mut Tx,
    id: MessageId,
    outcome: &Outcome,
    price: Option<Money>,
) -> Result<(), VaultError> {
    if let Outcome::Accepted { provider_id, parts, cost } = outcome {
        let parts = i64::try_from(*parts).unwrap_or(i64::MAX);
        let each = |price: Money| Some(Money::from_tiyn(price.tiyn().checked_mul(parts)?));
        let cost = cost.or_else(|| price.and_then(each));
        let query = sqlx::query(NOTE_PRICE).bind(id).bind(provider_id).bind(parts).bind(cost);
        query.execute(tx.sql()).await?;
    }
    Ok(())
}

/// The message whose gateway was given a report address with this token.
pub async fn by_report(tx: &mut Tx, hash: &[u8]) -> Result<Option<Due>, VaultError> {
    Ok(sqlx::query_as(BY_REPORT).bind(hash).fetch_optional(tx.sql()).await?)
}

/// The message that a gateway knows by one of these numbers.
pub async fn by_provider(
    listing: &mut Listing,
    gateway: GatewayId,
    ids: &[String],
) -> Result<Option<Due>, VaultError> {
    let ids = serde_json::Value::from(ids).to_string();
    let query = sqlx::query_as(BY_PROVIDER).bind(gateway).bind(ids);
    Ok(query.fetch_optional(listing.sql()).await?)
}

/// The message to this phone whose answer nobody has and whose reference ends so.
pub async fn in_doubt(
    listing: &mut Listing,
    gateway: GatewayId,
    phone: &str,
    reference: u16,
) -> Result<Option<Due>, VaultError> {
    let query = sqlx::query_as(IN_DOUBT).bind(gateway).bind(phone).bind(reference);
    Ok(query.fetch_optional(listing.sql()).await?)
}

/// The message that Meta knows by this number, or that carried this reference.
pub async fn by_wamid(
    tx: &mut Tx,
    gateway: GatewayId,
    id: &str,
    reference: Option<Reference>,
) -> Result<Option<Due>, VaultError> {
    let query = sqlx::query_as(BY_WAMID).bind(gateway).bind(id).bind(reference);
    Ok(query.fetch_optional(tx.sql()).await?)
}

/// Meta's number of a message whose answer was lost.
pub async fn note_wamid(tx: &mut Tx, id: MessageId, wamid: &str) -> Result<(), VaultError> {
    sqlx::query(NOTE_WAMID).bind(id).bind(wamid).execute(tx.sql()).await?;
    Ok(())
}

/// Meta says that it costs nothing.
pub async fn note_free(tx: &mut Tx, id: MessageId) -> Result<(), VaultError> {
    sqlx::query(NOTE_FREE).bind(id).execute(tx.sql()).await?;
    Ok(())
}

/// It came by WhatsApp too, after SMS took over.
pub async fn note_beside(tx: &mut Tx, id: MessageId, state: State) -> Result<(), VaultError> {
    note(tx, id, state, Some("also_whatsapp")).await
}

/// Whether an answer of this gateway is still to come.
pub async fn is_under_way(listing: &mut Listing, gateway: GatewayId) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(IS_UNDER_WAY).bind(gateway).fetch_one(listing.sql()).await?)
}

/// A patient's messages, newest first.
pub async fn of_patient(
    disclosure: &mut Disclosure,
    most: i64,
) -> Result<Vec<Message>, VaultError> {
    let patient_id = disclosure.patient_id();
    let query = sqlx::query_as(OF_PATIENT).bind(patient_id).bind(TAKEN_OUT).bind(most);
    Ok(query.fetch_all(disclosure.sql()).await?)
}

/// All that was written about one thing, oldest first, with every state it was in.
pub async fn about(listing: &mut Listing, kind: &str, id: &str) -> Result<Vec<Told>, VaultError> {
    let query = sqlx::query_as(ABOUT).bind(kind).bind(id).bind(TAKEN_OUT);
    let mut told: Vec<Told> = query.fetch_all(listing.sql()).await?;
    let states: Vec<ToldState> =
        sqlx::query_as(STATES).bind(kind).bind(id).fetch_all(listing.sql()).await?;
    for state in states {
        if let Some(one) = told.iter_mut().find(|one| one.id == state.message_id) {
            one.states.push(state);
        }
    }
    Ok(told)
}

/// Puts all messages of one card on another. Gives their ids.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}

/// Whether a message of this purpose about this, as it stands, was written.
pub async fn has(tx: &mut Tx, purpose: Purpose, about: &About) -> Result<bool, VaultError> {
    let query = sqlx::query_scalar(HAS).bind(&about.kind).bind(&about.id).bind(&about.stamp);
    Ok(query.bind(purpose).fetch_one(tx.sql()).await?)
}

pub async fn fates(
    connection: &mut SqliteConnection,
    ids: &[MessageId],
) -> Result<Vec<Fate>, VaultError> {
    let ids = serde_json::to_string(ids).expect("ids are JSON");
    Ok(sqlx::query_as(FATES).bind(ids).fetch_all(connection).await?)
}

pub async fn last_price(reader: &mut Reader) -> Result<Option<Money>, VaultError> {
    Ok(sqlx::query_scalar(LAST_PRICE).fetch_optional(reader.sql()).await?)
}

/// The newest message about each of these things.
pub async fn latest_about(
    listing: &mut Listing,
    kind: &str,
    ids: &[String],
) -> Result<Vec<Brief>, VaultError> {
    let ids = serde_json::Value::from(ids).to_string();
    Ok(sqlx::query_as(LATEST_ABOUT).bind(kind).bind(ids).fetch_all(listing.sql()).await?)
}

pub async fn by_id(listing: &mut Listing, id: MessageId) -> Result<Option<Due>, VaultError> {
    Ok(sqlx::query_as(BY_ID).bind(id).fetch_optional(listing.sql()).await?)
}

/// None when it arrived, may still arrive, or another about the same followed.
pub async fn repeatable(tx: &mut Tx, id: MessageId) -> Result<Option<Repeat>, VaultError> {
    Ok(sqlx::query_as(REPEATABLE).bind(id).fetch_optional(tx.sql()).await?)
}

/// Nobody needs to see to it any more.
pub async fn leave(tx: &mut Tx, id: MessageId) -> Result<(), VaultError> {
    sqlx::query(LEAVE).bind(id).execute(tx.sql()).await?;
    Ok(())
}
