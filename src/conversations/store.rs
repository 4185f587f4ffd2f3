//! Conversations in the database.

use crate::clock::Timestamp;
use crate::conversations::{ConversationId, Known};
use crate::ids::{PatientId, StaffId};
use crate::messaging::{Channel, Introduced};
use crate::vault::{Reader, Tx, VaultError};

const OPEN: &str = "
    INSERT INTO conversation (id, channel, address, state, last_in_at, last_at, opened_at)
    VALUES (?1, ?2, ?3, 'open', ?4, ?4, ?5)
    ON CONFLICT (channel, address) DO UPDATE SET state = 'open', closed_at = NULL,
        last_in_at = max(coalesce(last_in_at, ?4), ?4), last_at = max(last_at, ?4)
    RETURNING id";

/// One card alone with the number; none or several: nobody.
const MATCH_NUMBER: &str = "
    UPDATE conversation SET patient_id = (
        SELECT iif(count(DISTINCT p.id) = 1, max(p.id), NULL)
        FROM patient_phone AS phone JOIN patient AS p ON p.id = phone.patient_id
        WHERE phone.phone = conversation.address AND p.merged_into IS NULL)
    WHERE id = ?1 AND attached_by IS NULL";

const READDRESS: &str = "
    UPDATE conversation SET address = ?3
    WHERE channel = ?1 AND address = ?2
        AND NOT EXISTS (SELECT 1 FROM conversation AS other
            WHERE other.channel = ?1 AND other.address = ?3)
    RETURNING id";

/// The conversation with the handle, and the one with the number.
const BOTH: &str = "
    SELECT old.id, it.id FROM conversation AS old
        JOIN conversation AS it ON it.channel = old.channel AND it.address = ?3
    WHERE old.channel = ?1 AND old.address = ?2";

const MOVE_REPLIES: &str = "UPDATE reply SET conversation_id = ?2 WHERE conversation_id = ?1";

const MOVE_WRITTEN: &str = "
    UPDATE conversation_message SET conversation_id = ?2 WHERE conversation_id = ?1";

const MOVE_MESSAGES: &str = "
    UPDATE message SET object_id = ?2 WHERE object_kind = 'conversation' AND object_id = ?1";

const MOVE_LINES: &str = "UPDATE bot_line SET conversation_id = ?2 WHERE conversation_id = ?1";

const MOVE_LEADS: &str = "UPDATE lead SET conversation_id = ?2 WHERE conversation_id = ?1";

/// Whatever waits in either waits in the one, and what a person said of either holds.
const ADD_UP: &str = "
    UPDATE conversation AS it SET unread = it.unread + old.unread,
        waiting_since = min(coalesce(it.waiting_since, old.waiting_since),
            coalesce(old.waiting_since, it.waiting_since)),
        last_in_at = max(coalesce(it.last_in_at, old.last_in_at),
            coalesce(old.last_in_at, it.last_in_at)),
        last_at = max(it.last_at, old.last_at),
        assigned_to = coalesce(it.assigned_to, old.assigned_to),
        silent_until = max(coalesce(it.silent_until, old.silent_until),
            coalesce(old.silent_until, it.silent_until)),
        patient_id = iif(it.attached_by IS NULL AND old.attached_by IS NOT NULL, old.patient_id,
            it.patient_id),
        attached_by = coalesce(it.attached_by, old.attached_by),
        name = iif(it.name = '', old.name, it.name),
        state = iif(old.state = 'open', 'open', it.state),
        closed_at = iif(old.state = 'open', NULL, it.closed_at)
    FROM conversation AS old WHERE old.id = ?1 AND it.id = ?2";

const DROP: &str = "DELETE FROM conversation WHERE id = ?1";

const NAME: &str = "UPDATE conversation SET name = ?2 WHERE id = ?1 AND name <> ?2";

const LEFT: &str = "
    UPDATE conversation SET state = 'open', closed_at = NULL, unread = unread + 1,
        waiting_since = min(coalesce(waiting_since, ?2), ?2)
    WHERE id = ?1";

const DONE: &str = "
    UPDATE conversation SET state = 'closed', closed_at = ?2
    WHERE id = ?1 AND state = 'open' AND unread = 0 AND waiting_since IS NULL
        AND assigned_to IS NULL AND coalesce(silent_until, 0) <= ?2";

const SEEN_TO: &str = "
    UPDATE conversation SET unread = 0, waiting_since = NULL WHERE id = ?1";

const READ: &str = "
    UPDATE conversation SET unread = 0 WHERE id = ?1 AND 0 < unread RETURNING patient_id";

const ANSWERED: &str = "
    UPDATE conversation SET state = 'open', closed_at = NULL, unread = 0, waiting_since = NULL,
        last_at = ?2, assigned_to = coalesce(assigned_to, ?3), silent_until = ?4
    WHERE id = ?1";

/// What came after it waits on.
const ANSWERED_ELSEWHERE: &str = "
    UPDATE conversation SET last_at = max(last_at, ?3),
        unread = iif(coalesce(last_in_at, 0) <= ?3, 0, unread),
        waiting_since = iif(coalesce(last_in_at, 0) <= ?3, NULL, waiting_since),
        silent_until = max(coalesce(silent_until, 0), ?4)
    WHERE channel = ?1 AND address = ?2 RETURNING id, patient_id";

const NEWCOMER: &str = "
    SELECT id FROM conversation AS c
    WHERE channel = ?1 AND address = ?2 AND patient_id IS NULL AND state = 'open'
        AND (SELECT count(*) FROM reply WHERE reply.conversation_id = c.id) = 1
        AND NOT EXISTS (SELECT 1 FROM message
            WHERE object_kind = 'conversation' AND object_id = c.id)";

/// Only from whom whoever assigns it saw.
const ASSIGN: &str = "
    UPDATE conversation SET assigned_to = ?3 WHERE id = ?1 AND assigned_to IS ?2
    RETURNING patient_id";

const ATTACH: &str = "
    UPDATE conversation SET patient_id = ?2, attached_by = ?3 WHERE id = ?1 RETURNING channel";

const CLOSE: &str = "
    UPDATE conversation SET state = 'closed', closed_at = ?2, unread = 0, waiting_since = NULL,
        silent_until = NULL
    WHERE id = ?1 AND state = 'open' RETURNING patient_id";

const REOPEN: &str = "
    UPDATE conversation SET state = 'open', closed_at = NULL
    WHERE id = ?1 AND state = 'closed' RETURNING patient_id";

const SET_SILENT: &str = "UPDATE conversation SET silent_until = ?2 WHERE id = ?1";

const IS_WITH_A_PERSON: &str = "
    SELECT EXISTS (SELECT 1 FROM conversation
        WHERE channel = ?1 AND address = ?2 AND state = 'open' AND ?3 < silent_until)";

const KNOWN: &str = "
    SELECT EXISTS (SELECT 1 FROM conversation WHERE channel = ?1 AND address = ?2) AS wrote_before,
        EXISTS (SELECT 1 FROM conversation WHERE channel = ?1 AND address = ?2
            AND state = 'open' AND waiting_since IS NOT NULL) AS waits,
        EXISTS (SELECT 1 FROM patient_phone WHERE phone = ?2) AS has_card";

const SPOKEN: &str = "
    INSERT INTO conversation (id, channel, address, state, last_in_at, last_at, opened_at,
        closed_at)
    VALUES (?1, ?2, ?3, 'closed', ?4, ?4, ?5, ?5)
    ON CONFLICT (channel, address) DO UPDATE SET
        last_in_at = max(coalesce(last_in_at, ?4), ?4), last_at = max(last_at, ?4)
    RETURNING id";

const SPEAK: &str = "
    UPDATE conversation SET silent_until = NULL
    WHERE channel = ?1 AND address = ?2 AND silent_until IS NOT NULL";

const PATIENT: &str = "SELECT patient_id FROM conversation WHERE id = ?1";

const COUNT_WAITING: &str = "
    SELECT count(*) FROM conversation
    WHERE state = 'open' AND (waiting_since IS NOT NULL OR 0 < unread OR EXISTS (
        SELECT 1 FROM conversation_undelivered AS last
        WHERE last.conversation_id = conversation.id AND last.undelivered))";

const HAND_OVER: &str = "
    UPDATE conversation SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

const FORGET: &str = "
    DELETE FROM conversation WHERE patient_id IS NULL AND state = 'closed' AND last_at <= ?1
        AND NOT EXISTS (SELECT 1 FROM reply WHERE reply.conversation_id = conversation.id)
        AND NOT EXISTS (SELECT 1 FROM conversation_message AS said
            WHERE said.conversation_id = conversation.id)
        AND NOT EXISTS (SELECT 1 FROM bot_line WHERE bot_line.conversation_id = conversation.id)
    RETURNING id";

/// Whose a conversation was said to be.
#[derive(Clone, Copy, Debug)]
pub struct Attached {
    pub patient: Option<PatientId>,
    pub by: StaffId,
}

pub(super) async fn open(
    tx: &mut Tx,
    channel: Channel,
    address: &str,
    at: Timestamp,
) -> Result<ConversationId, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(OPEN).bind(ConversationId::new(now)).bind(channel);
    Ok(query.bind(address).bind(at).bind(now).fetch_one(tx.sql()).await?)
}

pub(super) async fn readdress(
    tx: &mut Tx,
    known: &Introduced,
) -> Result<Option<ConversationId>, VaultError> {
    let query = sqlx::query_scalar(READDRESS).bind(known.channel).bind(&known.handle);
    Ok(query.bind(&known.phone).fetch_optional(tx.sql()).await?)
}

/// One conversation of the two, if there are two.
pub(super) async fn join(
    tx: &mut Tx,
    known: &Introduced,
) -> Result<Option<ConversationId>, VaultError> {
    let query = sqlx::query_as(BOTH).bind(known.channel).bind(&known.handle).bind(&known.phone);
    let both: Option<(ConversationId, ConversationId)> = query.fetch_optional(tx.sql()).await?;
    let Some((old, id)) = both else { return Ok(None) };
    for sql in [MOVE_REPLIES, MOVE_WRITTEN, MOVE_MESSAGES, MOVE_LINES, MOVE_LEADS, ADD_UP] {
        sqlx::query(sql).bind(old).bind(id).execute(tx.sql()).await?;
    }
    sqlx::query(DROP).bind(old).execute(tx.sql()).await?;
    Ok(Some(id))
}

pub(super) async fn match_number(tx: &mut Tx, id: ConversationId) -> Result<(), VaultError> {
    sqlx::query(MATCH_NUMBER).bind(id).execute(tx.sql()).await?;
    Ok(())
}

pub(super) async fn name(tx: &mut Tx, id: ConversationId, name: &str) -> Result<(), VaultError> {
    sqlx::query(NAME).bind(id).bind(name).execute(tx.sql()).await?;
    Ok(())
}

pub(super) async fn left(tx: &mut Tx, id: ConversationId, at: Timestamp) -> Result<(), VaultError> {
    sqlx::query(LEFT).bind(id).bind(at).execute(tx.sql()).await?;
    Ok(())
}

pub(super) async fn done(tx: &mut Tx, id: ConversationId) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(DONE).bind(id).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub(super) async fn seen_to(tx: &mut Tx, id: ConversationId) -> Result<(), VaultError> {
    sqlx::query(SEEN_TO).bind(id).execute(tx.sql()).await?;
    Ok(())
}

/// Somebody has read it. Whose it was; None when nothing was unread.
pub async fn read_in(
    tx: &mut Tx,
    id: ConversationId,
) -> Result<Option<Option<PatientId>>, VaultError> {
    Ok(sqlx::query_scalar(READ).bind(id).fetch_optional(tx.sql()).await?)
}

pub(super) async fn answered(
    tx: &mut Tx,
    id: ConversationId,
    by: StaffId,
    until: Timestamp,
) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(ANSWERED).bind(id).bind(now).bind(by).bind(until).execute(tx.sql()).await?;
    Ok(())
}

pub(super) async fn newcomer(
    tx: &mut Tx,
    channel: Channel,
    address: &str,
) -> Result<Option<ConversationId>, VaultError> {
    let query = sqlx::query_scalar(NEWCOMER).bind(channel).bind(address);
    Ok(query.fetch_optional(tx.sql()).await?)
}

pub(super) async fn answered_elsewhere(
    tx: &mut Tx,
    (channel, address): (Channel, &str),
    at: Timestamp,
    until: Timestamp,
) -> Result<Option<(ConversationId, Option<PatientId>)>, VaultError> {
    let query = sqlx::query_as(ANSWERED_ELSEWHERE).bind(channel).bind(address).bind(at);
    Ok(query.bind(until).fetch_optional(tx.sql()).await?)
}

/// Gives it from one to another; None is nobody. Whose it is; None when it was
/// given to somebody else meanwhile, or is gone.
pub async fn assign_in(
    tx: &mut Tx,
    id: ConversationId,
    from: Option<StaffId>,
    to: Option<StaffId>,
) -> Result<Option<Option<PatientId>>, VaultError> {
    let query = sqlx::query_scalar(ASSIGN).bind(id).bind(from).bind(to);
    Ok(query.fetch_optional(tx.sql()).await?)
}

/// A person says whose it is. False when it is gone.
pub async fn attach_in(
    tx: &mut Tx,
    id: ConversationId,
    attached: Attached,
) -> Result<bool, VaultError> {
    let query = sqlx::query_scalar(ATTACH).bind(id).bind(attached.patient).bind(attached.by);
    let channel: Option<Channel> = query.fetch_optional(tx.sql()).await?;
    Ok(channel.is_some())
}

/// Whose it was; None when it was closed before.
pub async fn close_in(
    tx: &mut Tx,
    id: ConversationId,
) -> Result<Option<Option<PatientId>>, VaultError> {
    let now = tx.now();
    Ok(sqlx::query_scalar(CLOSE).bind(id).bind(now).fetch_optional(tx.sql()).await?)
}

/// Whose it is; None when it is open.
pub async fn reopen_in(
    tx: &mut Tx,
    id: ConversationId,
) -> Result<Option<Option<PatientId>>, VaultError> {
    Ok(sqlx::query_scalar(REOPEN).bind(id).fetch_optional(tx.sql()).await?)
}

pub(super) async fn set_silent(
    tx: &mut Tx,
    id: ConversationId,
    until: Option<Timestamp>,
) -> Result<(), VaultError> {
    sqlx::query(SET_SILENT).bind(id).bind(until).execute(tx.sql()).await?;
    Ok(())
}

pub(super) async fn is_with_a_person(
    tx: &mut Tx,
    channel: Channel,
    address: &str,
) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(IS_WITH_A_PERSON).bind(channel).bind(address).bind(now);
    Ok(query.fetch_one(tx.sql()).await?)
}

pub(super) async fn is_silent(
    reader: &mut Reader,
    channel: Channel,
    address: &str,
    now: Timestamp,
) -> Result<bool, VaultError> {
    let query = sqlx::query_scalar(IS_WITH_A_PERSON).bind(channel).bind(address).bind(now);
    Ok(query.fetch_one(reader.sql()).await?)
}

pub(super) async fn known(
    reader: &mut Reader,
    channel: Channel,
    address: &str,
) -> Result<Known, VaultError> {
    let query = sqlx::query_as(KNOWN).bind(channel).bind(address);
    Ok(query.fetch_one(reader.sql()).await?)
}

pub(super) async fn spoken(
    tx: &mut Tx,
    channel: Channel,
    address: &str,
    at: Timestamp,
) -> Result<ConversationId, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(SPOKEN).bind(ConversationId::new(now)).bind(channel);
    Ok(query.bind(address).bind(at).bind(now).fetch_one(tx.sql()).await?)
}

pub(super) async fn speak(tx: &mut Tx, channel: Channel, address: &str) -> Result<(), VaultError> {
    sqlx::query(SPEAK).bind(channel).bind(address).execute(tx.sql()).await?;
    Ok(())
}

pub(super) async fn patient(
    tx: &mut Tx,
    id: ConversationId,
) -> Result<Option<PatientId>, VaultError> {
    let found: Option<Option<PatientId>> =
        sqlx::query_scalar(PATIENT).bind(id).fetch_optional(tx.sql()).await?;
    Ok(found.flatten())
}

pub(super) async fn count_waiting(reader: &mut Reader) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(COUNT_WAITING).fetch_one(reader.sql()).await?)
}

/// Puts all conversations of one card on another. Gives their ids.
pub async fn hand_over_cards_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}

pub(super) async fn forget(tx: &mut Tx, before: Timestamp) -> Result<usize, VaultError> {
    let gone: Vec<ConversationId> =
        sqlx::query_scalar(FORGET).bind(before).fetch_all(tx.sql()).await?;
    Ok(gone.len())
}
