//! Replies in the database.

use crate::clock::{Civil, Timestamp};
use crate::contact::Phone;
use crate::conversations::ConversationId;
use crate::crypto::hash::{self, Digest};
use crate::ids::{AppointmentId, MessageId, PatientId, StaffId};
use crate::messaging::Inbound;
use crate::replies::model::{Asked, ReplyId, SAME_WITHIN_MS, Why};
use crate::replies::reading::Meaning;
use crate::replies::{Outcome, ReplyState};
use crate::vault::{Listing, Reader, Tx, VaultError};
use sqlx::SqliteConnection;

const KNOWN: &str = "
    SELECT EXISTS (SELECT 1 FROM reply
        WHERE ?2 IS NOT NULL AND gateway_id = ?1 AND told_id = ?2
            OR ?2 IS NULL AND digest = ?3 AND gateway_id = ?1 AND told_id IS NULL AND ?4 <= came_at)";

const TOLD: &str = "SELECT id FROM reply WHERE gateway_id = ?1 AND told_id = ?2";

/// As it was written, and each time it was edited.
const ALL_TOLD: &str = "
    SELECT id FROM reply WHERE gateway_id = ?1
        AND (told_id = ?2 OR substr(told_id, 1, length(?2) + 1) = ?2 || '/')";

const TAKE_BACK: &str = "UPDATE reply SET text = ?2, digest = ?3 WHERE id = ?1";

const OUTCOME: &str = "SELECT outcome FROM reply WHERE id = ?1";

const INSERT: &str = "
    INSERT INTO reply (id, gateway_id, told_id, digest, phone, text, came_at, since, meaning, state)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'taken')";

/// What no gateway brought has the number of none; the same is kept once.
const LEAVE: &str = "
    INSERT INTO reply (id, gateway_id, told_id, digest, phone, text, came_at, since, meaning, state,
        reason)
    VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?6, 'unclear', 'open', ?7)
    ON CONFLICT DO NOTHING RETURNING id";

const TAKEN: &str = "
    SELECT phone, came_at, since, meaning, conversation_id FROM reply
    WHERE id = ?1 AND state = 'taken'";

const PEOPLE: &str = "
    SELECT DISTINCT p.id, EXISTS (SELECT 1 FROM patient_block AS block
        WHERE block.patient_id = p.id AND block.lifted_at IS NULL) AS blocked
    FROM patient_phone AS phone JOIN patient AS p ON p.id = phone.patient_id
    WHERE phone.phone = ?1 AND p.merged_into IS NULL ORDER BY p.id";

/// Whose a conversation is that tells no telephone: as somebody at the desk said.
const PERSON_OF: &str = "
    SELECT p.id, EXISTS (SELECT 1 FROM patient_block AS block
        WHERE block.patient_id = p.id AND block.lifted_at IS NULL) AS blocked
    FROM conversation JOIN patient AS p ON p.id = conversation.patient_id
    WHERE conversation.id = ?1 AND p.merged_into IS NULL";

/// What was written to a telephone and may have arrived: each visit it named.
const ASKED: &str = "
    SELECT m.id AS message_id, m.language,
        coalesce((SELECT max(at) FROM message_state AS gone
            WHERE gone.message_id = m.id AND gone.state = 'sending'), m.created_at) AS left_at,
        a.id AS appointment_id, a.patient_id, a.status, a.starts,
        coalesce(t.starts, iif(m.object_kind = 'appointment',
            substr(m.object_stamp, 1, instr(m.object_stamp, '/') - 1), NULL)) AS asked_for
    FROM message AS m
        LEFT JOIN reminder_touch AS t ON t.message_id = m.id
        LEFT JOIN appointment AS a ON m.object_kind = 'appointment'
            AND a.id = coalesce(t.appointment_id, m.object_id)
    WHERE m.phone = ?1 AND ?2 <= m.created_at AND m.object_kind IN ('appointment', 'offer', 'series', 'conversation')
        AND m.state IN ('sending', 'accepted', 'delivered', 'uncertain')";

const FINISH: &str = "
    UPDATE reply SET state = ?2, outcome = ?3, reason = ?4, patient_id = ?5, message_id = ?6
    WHERE id = ?1 AND state = 'taken' RETURNING id";

const ABOUT: &str = "
    INSERT INTO reply_visit (reply_id, appointment_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

const SETTLE: &str = "
    UPDATE reply SET state = 'settled', outcome = ?2, settled_at = ?3, settled_by = ?4
    WHERE id = ?1 AND state = 'open' RETURNING patient_id, conversation_id";

/// Those of a conversation that is closed.
const SETTLE_ALL: &str = "
    UPDATE reply SET state = 'settled', outcome = 'nothing', settled_at = ?2, settled_by = ?3
    WHERE conversation_id = ?1 AND state = 'open' RETURNING id";

const PUT_IN: &str = "UPDATE reply SET conversation_id = ?2 WHERE id = ?1";

const IS_OPEN_IN: &str = "
    SELECT EXISTS (SELECT 1 FROM reply WHERE conversation_id = ?1 AND state = 'open')";

const LINES: &str = "
    SELECT r.id, r.phone, r.text, r.came_at, r.meaning, r.state, r.outcome, r.reason, r.patient_id,
        coalesce(p.name, '') AS patient, coalesce(staff.name, '') AS settled_by, r.settled_at,
        coalesce((SELECT json_group_array(json_object('id', a.id, 'starts', a.starts,
                'status', a.status, 'doctor', coalesce(d.short_name, ''), 'patient_id', a.patient_id,
                'patient', v.given) ORDER BY a.starts)
            FROM reply_visit AS rv JOIN appointment AS a ON a.id = rv.appointment_id
                JOIN patient AS v ON v.id = a.patient_id
                LEFT JOIN resource AS d ON d.id = a.doctor_id
            WHERE rv.reply_id = r.id), '[]') AS visits
    FROM reply AS r
        LEFT JOIN patient AS p ON p.id = r.patient_id
        LEFT JOIN staff ON staff.id = r.settled_by
    WHERE (?1 AND r.state IN ('taken', 'open')) OR (NOT ?1 AND r.state IN ('done', 'settled'))
    ORDER BY r.came_at DESC, r.id DESC LIMIT ?2";

const LINES_OF: &str = "
    SELECT r.id, r.phone, r.text, r.came_at, r.meaning, r.state, r.outcome, r.reason, r.patient_id,
        coalesce(p.name, '') AS patient, coalesce(staff.name, '') AS settled_by, r.settled_at,
        coalesce((SELECT json_group_array(json_object('id', a.id, 'starts', a.starts,
                'status', a.status, 'doctor', coalesce(d.short_name, ''), 'patient_id', a.patient_id,
                'patient', v.given) ORDER BY a.starts)
            FROM reply_visit AS rv JOIN appointment AS a ON a.id = rv.appointment_id
                JOIN patient AS v ON v.id = a.patient_id
                LEFT JOIN resource AS d ON d.id = a.doctor_id
            WHERE rv.reply_id = r.id), '[]') AS visits
    FROM reply AS r
        LEFT JOIN patient AS p ON p.id = r.patient_id
        LEFT JOIN staff ON staff.id = r.settled_by
    WHERE r.conversation_id = ?1
    ORDER BY r.came_at DESC, r.id DESC LIMIT ?2";

/// Visits still ahead of the people with this telephone: what a person may mean.
const AHEAD: &str = "
    SELECT a.id FROM appointment AS a
        JOIN patient_phone AS phone ON phone.patient_id = a.patient_id AND phone.phone = ?1
    WHERE a.status IN ('booked', 'confirmed') AND ?2 < a.starts ORDER BY a.starts, a.id LIMIT 6";

const VISIT_OF: &str = "
    SELECT EXISTS (SELECT 1 FROM reply_visit AS rv JOIN reply ON reply.id = rv.reply_id
        WHERE rv.reply_id = ?1 AND rv.appointment_id = ?2 AND reply.state = 'open')";

const VISITS_OF: &str = "
    SELECT appointment_id FROM reply_visit WHERE reply_id = ?1 ORDER BY appointment_id";

const DOOR: &str = "
    SELECT EXISTS (SELECT 1 FROM reply_rule WHERE id = 1 AND door_hash = ?1)";

const HAS_DOOR: &str = "SELECT door_hash IS NOT NULL FROM reply_rule WHERE id = 1";

const SET_DOOR: &str = "
    UPDATE reply_rule SET door_hash = ?1, changed_at = ?2, changed_by = ?3 WHERE id = 1";

const HAND_OVER: &str = "
    UPDATE reply SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

/// Of strangers, what came so long ago.
const FORGET: &str = "
    DELETE FROM reply WHERE patient_id IS NULL AND state = 'settled' AND came_at <= ?1
        AND NOT EXISTS (SELECT 1 FROM reply_visit WHERE reply_id = reply.id)
        AND NOT EXISTS (SELECT 1 FROM conversation AS said
            WHERE said.id = reply.conversation_id AND said.patient_id IS NOT NULL)
    RETURNING id";

/// A reply whose turn it is.
#[derive(Debug, sqlx::FromRow)]
pub struct Taken {
    pub phone: String,
    pub came_at: Timestamp,
    pub since: Timestamp,
    pub meaning: Meaning,
    pub conversation_id: Option<ConversationId>,
}

/// Whose a reply is, and where it was said.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Place {
    pub patient_id: Option<PatientId>,
    pub conversation_id: Option<ConversationId>,
}

/// Somebody with a telephone.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Person {
    pub id: PatientId,
    pub blocked: bool,
}

/// What became of a reply.
#[derive(Debug)]
pub struct Finished<'a> {
    pub state: ReplyState,
    pub outcome: Option<Outcome>,
    pub reason: Option<Why>,
    pub patient: Option<PatientId>,
    pub message: Option<MessageId>,
    pub visits: &'a [AppointmentId],
}

/// A reply on the desk's page.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: ReplyId,
    pub phone: String,
    pub text: String,
    pub came_at: Timestamp,
    pub meaning: Meaning,
    pub state: ReplyState,
    pub outcome: Option<Outcome>,
    pub reason: Option<Why>,
    pub patient_id: Option<PatientId>,
    pub patient: String,
    pub settled_by: String,
    pub settled_at: Option<Timestamp>,
    /// JSON of the visits it is about.
    pub visits: String,
}

/// Keeps what came. None when it is known already.
pub async fn take(
    tx: &mut Tx,
    said: &Inbound,
    (phone, digest): (&str, &Digest),
    meaning: Meaning,
) -> Result<Option<ReplyId>, VaultError> {
    let from = said.at.plus_ms(-SAME_WITHIN_MS);
    let known: bool = sqlx::query_scalar(KNOWN)
        .bind(said.gateway)
        .bind(&said.id)
        .bind(digest.as_slice())
        .bind(from)
        .fetch_one(tx.sql())
        .await?;
    if known {
        return Ok(None);
    }
    let id = ReplyId::new(tx.now());
    sqlx::query(INSERT)
        .bind(id)
        .bind(said.gateway)
        .bind(&said.id)
        .bind(digest.as_slice())
        .bind(phone)
        .bind(&said.text)
        .bind(said.at)
        .bind(said.since)
        .bind(meaning)
        .execute(tx.sql())
        .await?;
    Ok(Some(id))
}

/// Keeps what waits for a person from the start. None when it is known already.
pub async fn leave(
    tx: &mut Tx,
    key: &Digest,
    (phone, text): (&Phone, &str),
    why: Why,
) -> Result<Option<ReplyId>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(LEAVE).bind(ReplyId::new(now)).bind(hash::hex(key));
    let query = query.bind(key.as_slice()).bind(phone).bind(text).bind(now).bind(why);
    Ok(query.fetch_optional(tx.sql()).await?)
}

/// The one that a gateway told by this number.
pub async fn told(reader: &mut Reader, said: &Inbound) -> Result<Option<ReplyId>, VaultError> {
    let query = sqlx::query_scalar(TOLD).bind(said.gateway).bind(&said.id);
    Ok(query.fetch_optional(reader.sql()).await?)
}

/// The same with all that it was edited to.
pub async fn all_told(reader: &mut Reader, said: &Inbound) -> Result<Vec<ReplyId>, VaultError> {
    let query = sqlx::query_scalar(ALL_TOLD).bind(said.gateway).bind(&said.id);
    Ok(query.fetch_all(reader.sql()).await?)
}

/// What it said is forgotten.
pub async fn take_back(
    tx: &mut Tx,
    id: ReplyId,
    text: &str,
    digest: &Digest,
) -> Result<(), VaultError> {
    let query = sqlx::query(TAKE_BACK).bind(id).bind(text).bind(digest.as_slice());
    query.execute(tx.sql()).await?;
    Ok(())
}

/// What was done with one, if it was done.
pub async fn outcome(reader: &mut Reader, id: ReplyId) -> Result<Option<Outcome>, VaultError> {
    let found = sqlx::query_scalar(OUTCOME).bind(id).fetch_optional(reader.sql()).await?;
    Ok(found.flatten())
}

/// One that nothing was done with yet.
pub async fn taken(
    connection: &mut SqliteConnection,
    id: ReplyId,
) -> Result<Option<Taken>, VaultError> {
    Ok(sqlx::query_as(TAKEN).bind(id).fetch_optional(connection).await?)
}

/// All whose telephone it is.
pub async fn people(
    connection: &mut SqliteConnection,
    phone: &Phone,
) -> Result<Vec<Person>, VaultError> {
    Ok(sqlx::query_as(PEOPLE).bind(phone.as_str()).fetch_all(connection).await?)
}

/// Who writes in a conversation without a telephone.
pub async fn person_of(
    connection: &mut SqliteConnection,
    conversation: ConversationId,
) -> Result<Vec<Person>, VaultError> {
    Ok(sqlx::query_as(PERSON_OF).bind(conversation).fetch_all(connection).await?)
}

pub async fn asked(
    connection: &mut SqliteConnection,
    phone: &Phone,
    from: Timestamp,
) -> Result<Vec<Asked>, VaultError> {
    Ok(sqlx::query_as(ASKED).bind(phone).bind(from).fetch_all(connection).await?)
}

/// False when somebody settled it meanwhile.
pub async fn finish(tx: &mut Tx, id: ReplyId, done: &Finished<'_>) -> Result<bool, VaultError> {
    let finished: Option<(ReplyId,)> = sqlx::query_as(FINISH)
        .bind(id)
        .bind(done.state)
        .bind(done.outcome)
        .bind(done.reason)
        .bind(done.patient)
        .bind(done.message)
        .fetch_optional(tx.sql())
        .await?;
    if finished.is_none() {
        return Ok(false);
    }
    for visit in done.visits {
        sqlx::query(ABOUT).bind(id).bind(visit).execute(tx.sql()).await?;
    }
    Ok(true)
}

/// Where it was said, when it was still open.
pub async fn settle(
    tx: &mut Tx,
    id: ReplyId,
    outcome: Outcome,
    by: Option<StaffId>,
) -> Result<Option<Place>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_as(SETTLE).bind(id).bind(outcome).bind(now).bind(by);
    Ok(query.fetch_optional(tx.sql()).await?)
}

/// Settles all that are open in a conversation. Gives how many.
pub async fn settle_all(
    tx: &mut Tx,
    conversation: ConversationId,
    by: Option<StaffId>,
) -> Result<usize, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(SETTLE_ALL).bind(conversation).bind(now).bind(by);
    let settled: Vec<ReplyId> = query.fetch_all(tx.sql()).await?;
    Ok(settled.len())
}

pub async fn put_in(
    tx: &mut Tx,
    id: ReplyId,
    conversation: ConversationId,
) -> Result<(), VaultError> {
    sqlx::query(PUT_IN).bind(id).bind(conversation).execute(tx.sql()).await?;
    Ok(())
}

/// Whether a reply waits for a person in it.
pub async fn is_open_in(tx: &mut Tx, conversation: ConversationId) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(IS_OPEN_IN).bind(conversation).fetch_one(tx.sql()).await?)
}

/// What was said in a conversation, newest first.
pub async fn lines_of(
    listing: &mut Listing,
    conversation: ConversationId,
    most: i64,
) -> Result<Vec<Row>, VaultError> {
    Ok(sqlx::query_as(LINES_OF).bind(conversation).bind(most).fetch_all(listing.sql()).await?)
}

/// Those that wait for a person, or the others; newest first.
pub async fn lines(listing: &mut Listing, open: bool, most: i64) -> Result<Vec<Row>, VaultError> {
    Ok(sqlx::query_as(LINES).bind(open).bind(most).fetch_all(listing.sql()).await?)
}

pub async fn ahead(
    connection: &mut SqliteConnection,
    phone: &Phone,
    now: Civil,
) -> Result<Vec<AppointmentId>, VaultError> {
    Ok(sqlx::query_scalar(AHEAD).bind(phone).bind(now).fetch_all(connection).await?)
}

/// Whether an open reply may be about this visit.
pub async fn is_about(
    reader: &mut Reader,
    id: ReplyId,
    visit: AppointmentId,
) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(VISIT_OF).bind(id).bind(visit).fetch_one(reader.sql()).await?)
}

pub async fn visits_of(tx: &mut Tx, id: ReplyId) -> Result<Vec<AppointmentId>, VaultError> {
    Ok(sqlx::query_scalar(VISITS_OF).bind(id).fetch_all(tx.sql()).await?)
}

/// Whether the door opens to whoever knows this.
pub async fn is_door(reader: &mut Reader, hash: &Digest) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(DOOR).bind(hash.as_slice()).fetch_one(reader.sql()).await?)
}

pub async fn has_door(reader: &mut Reader) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(HAS_DOOR).fetch_one(reader.sql()).await?)
}

pub async fn set_door(
    tx: &mut Tx,
    hash: Option<&Digest>,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let hash = hash.map(Digest::as_slice);
    sqlx::query(SET_DOOR).bind(hash).bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}

/// Puts all replies of one card on another. Gives their ids.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}

/// Forgets what strangers wrote. Gives how many.
pub async fn forget(tx: &mut Tx, before: Timestamp) -> Result<usize, VaultError> {
    let gone: Vec<ReplyId> = sqlx::query_scalar(FORGET).bind(before).fetch_all(tx.sql()).await?;
    Ok(gone.len())
}
