//! The desk's inbox in the database.

use std::collections::HashMap;

use crate::clock::Timestamp;
use crate::conversations::ConversationId;
use crate::ids::{MessageId, PatientId, StaffId};
use crate::inbox::model::{
    Candidate, Colleague, Conversation, Counts, Filter, Lead, LeadId, LeadState, QuickReply,
};
use crate::vault::{Listing, Reader, Tx, VaultError};

/// The rows of chosen conversations: what is said of each is looked up for those
/// that are shown only.
macro_rules! rows {
    ($chosen:literal, $order:literal) => {
        concat!(
            "WITH chosen AS (SELECT id FROM conversation AS c WHERE ",
            $chosen,
            " ORDER BY ",
            $order,
            " LIMIT ?1)
    SELECT c.id, c.channel, c.address, c.patient_id, coalesce(p.name, '') AS patient, c.name,
        coalesce((SELECT name FROM lead WHERE lead.conversation_id = c.id
            ORDER BY made_at DESC LIMIT 1), '') AS lead,
        coalesce(p.language, 'ru') AS language, c.assigned_to,
        coalesce(staff.name, '') AS assignee, c.state, c.unread, c.waiting_since, c.last_in_at,
        c.last_at, c.silent_until,
        coalesce((SELECT said.text FROM (
            SELECT substr(text, 1, 160) AS text, came_at AS at FROM reply
                WHERE conversation_id = c.id
            UNION ALL SELECT substr(m.text, 1, 160), m.created_at FROM conversation_message AS w
                JOIN message AS m ON m.id = w.message_id WHERE w.conversation_id = c.id) AS said
            ORDER BY said.at DESC LIMIT 1),
            -- With whom only the bot has spoken.
            (SELECT substr(text, 1, 160) FROM bot_line WHERE conversation_id = c.id
                ORDER BY said_at DESC LIMIT 1), '') AS words,
        coalesce((SELECT max(m.created_at) FROM conversation_message AS w
            JOIN message AS m ON m.id = w.message_id WHERE w.conversation_id = c.id), 0)
            > coalesce(c.last_in_at, 0) AS by_us,
        coalesce((SELECT 0 FROM reply WHERE conversation_id = c.id LIMIT 1),
            (SELECT 0 FROM conversation_message WHERE conversation_id = c.id LIMIT 1),
            1) AS by_bot,
        coalesce((SELECT undelivered FROM conversation_undelivered AS last
            WHERE last.conversation_id = c.id), 0) AS undelivered
    FROM chosen JOIN conversation AS c ON c.id = chosen.id
        LEFT JOIN patient AS p ON p.id = c.patient_id
        LEFT JOIN staff ON staff.id = c.assigned_to
    ORDER BY ",
            $order
        )
    };
}

/// `?2`: which of them, `?3` who asks. The longest wait is first.
const OPEN: &str = rows!(
    "c.state = 'open' AND CASE ?2
        WHEN 'mine' THEN c.assigned_to IS ?3
        WHEN 'unassigned' THEN c.assigned_to IS NULL
        WHEN 'waiting' THEN c.waiting_since IS NOT NULL OR 0 < c.unread OR EXISTS (
            SELECT 1 FROM conversation_undelivered AS last WHERE last.conversation_id = c.id
                AND last.undelivered)
        ELSE 1 END",
    "c.waiting_since IS NULL, c.waiting_since, c.last_at DESC, c.id DESC"
);

const CLOSED: &str = rows!("c.state = 'closed'", "c.last_at DESC, c.id DESC");

/// `?2`: ids of patients that were looked for, `?3` digits of a number, `?4` a
/// part of a lead's name, or of what somebody without a number is called; none of
/// them when empty.
const FOUND: &str = rows!(
    "c.patient_id IN (SELECT value FROM json_each(?2)) OR (?3 <> '' AND instr(c.address, ?3))
        OR c.id IN (SELECT conversation_id FROM lead WHERE ?4 <> '' AND instr(lead.name, ?4))
        OR (?4 <> '' AND instr(c.name, ?4))",
    "c.state DESC, c.waiting_since IS NULL, c.waiting_since, c.last_at DESC, c.id DESC"
);

const ONE: &str = "
    SELECT c.id, c.channel, c.address, c.patient_id, coalesce(p.name, '') AS patient, c.name,
        coalesce((SELECT name FROM lead WHERE lead.conversation_id = c.id
            ORDER BY made_at DESC LIMIT 1), '') AS lead,
        coalesce(p.language, 'ru') AS language, c.assigned_to,
        coalesce(staff.name, '') AS assignee, c.state, c.unread, c.waiting_since, c.last_in_at,
        c.last_at, c.silent_until, '' AS words, 0 AS by_us, 0 AS by_bot,
        0 AS undelivered
    FROM conversation AS c
        LEFT JOIN patient AS p ON p.id = c.patient_id
        LEFT JOIN staff ON staff.id = c.assigned_to
    WHERE c.id = ?1";

const COUNTS: &str = "
    SELECT coalesce(sum(assigned_to IS ?1), 0) AS mine,
        coalesce(sum(assigned_to IS NULL), 0) AS unassigned,
        coalesce(sum(waiting_since IS NOT NULL OR 0 < unread OR EXISTS (
            SELECT 1 FROM conversation_undelivered AS last
            WHERE last.conversation_id = conversation.id AND last.undelivered)), 0) AS waiting,
        count(*) AS total
    FROM conversation WHERE state = 'open'";

const CANDIDATES: &str = "
    SELECT DISTINCT p.id, p.number, p.name, p.birth_date
    FROM patient_phone AS phone JOIN patient AS p ON p.id = phone.patient_id
    WHERE phone.phone = ?1 AND p.merged_into IS NULL ORDER BY p.name, p.number LIMIT 12";

const AUTHORS: &str = "
    SELECT message_id, staff.name FROM conversation_message
        JOIN staff ON staff.id = conversation_message.staff_id
    WHERE message_id IN (SELECT value FROM json_each(?1))";

const COLLEAGUES: &str = "
    SELECT id, name FROM staff
    WHERE left_at IS NULL AND (role IN ('owner', 'reception') OR id = ?1) ORDER BY name, id";

const WROTE: &str = "
    INSERT INTO conversation_message (message_id, conversation_id, staff_id) VALUES (?1, ?2, ?3)";

/// A button pressed twice writes once.
const HAS_JUST: &str = "
    SELECT EXISTS (SELECT 1 FROM conversation_message AS w JOIN message AS m ON m.id = w.message_id
        WHERE w.conversation_id = ?1 AND m.text = ?2 AND ?3 <= m.created_at)";

const LAST_IN: &str = "SELECT last_in_at FROM conversation WHERE id = ?1";

const OVER: &str = "
    SELECT id FROM conversation
    WHERE patient_id IS NULL AND state = 'closed' AND last_at <= ?1
        AND NOT EXISTS (SELECT 1 FROM reply WHERE reply.conversation_id = conversation.id)
    LIMIT 500";

const LEAD_OF: &str = "
    SELECT lead.id, conversation_id, patient_id, lead.name, phone, source, note, lead.state, made_at,
        coalesce(staff.name, '') AS made_by
    FROM lead LEFT JOIN staff ON staff.id = lead.made_by
    WHERE conversation_id = ?1 ORDER BY made_at DESC, lead.id DESC LIMIT 1";

/// A lead whose patient was booked since is booked, whatever was said of it.
const LEADS: &str = "
    SELECT lead.id, conversation_id, patient_id, lead.name, phone, source, note,
        iif(lead.state = 'new' AND EXISTS (SELECT 1 FROM appointment AS a
            WHERE a.patient_id = lead.patient_id AND lead.made_at <= a.created_at
                AND a.status <> 'cancelled'), 'booked', lead.state) AS state,
        made_at, coalesce(staff.name, '') AS made_by
    FROM lead LEFT JOIN staff ON staff.id = lead.made_by
    ORDER BY lead.state <> 'new', made_at DESC, lead.id DESC LIMIT ?1";

const MAKE_LEAD: &str = "
    INSERT INTO lead (id, conversation_id, patient_id, name, phone, source, note, state, made_at,
        made_by, changed_at)
    SELECT ?1, c.id, c.patient_id, ?3, ?4, c.channel, ?5, 'new', ?6, ?7, ?6
    FROM conversation AS c WHERE c.id = ?2 AND NOT EXISTS (
        SELECT 1 FROM lead WHERE lead.conversation_id = c.id AND lead.state = 'new')
    RETURNING id";

const SET_LEAD: &str = "
    UPDATE lead SET state = ?2, changed_at = ?3 WHERE id = ?1 AND state <> ?2
    RETURNING patient_id";

const LEAD_IS: &str = "
    UPDATE lead SET patient_id = ?2 WHERE conversation_id = ?1 AND state = 'new'";

const HAND_OVER_LEADS: &str = "
    UPDATE lead SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

const FORGET_LEADS: &str = "
    DELETE FROM lead WHERE patient_id IS NULL AND state <> 'new' AND changed_at <= ?1
    RETURNING id";

const QUICK: &str = "SELECT id, name, ru, kk FROM quick_reply ORDER BY id";

const ADD_QUICK: &str = "
    INSERT INTO quick_reply (name, ru, kk, changed_at, changed_by) VALUES (?1, ?2, ?3, ?4, ?5)
    RETURNING id";

const SAVE_QUICK: &str = "
    UPDATE quick_reply SET name = ?2, ru = ?3, kk = ?4, changed_at = ?5, changed_by = ?6
    WHERE id = ?1 RETURNING id";

const REMOVE_QUICK: &str = "DELETE FROM quick_reply WHERE id = ?1 RETURNING id";

/// What is looked for: cards, a part of a number, a part of a lead's name.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub patients: Vec<PatientId>,
    pub digits: String,
    pub lead: String,
}

pub async fn list(
    listing: &mut Listing,
    filter: Filter,
    by: Option<StaffId>,
    wanted: Option<&Wanted>,
    most: i64,
) -> Result<Vec<Conversation>, VaultError> {
    let query = match (wanted, filter) {
        (Some(wanted), _) => {
            let patients = serde_json::to_string(&wanted.patients).expect("ids are JSON");
            let query = sqlx::query_as(FOUND).bind(most).bind(patients);
            query.bind(wanted.digits.clone()).bind(wanted.lead.clone())
        }
        (None, Filter::Closed) => sqlx::query_as(CLOSED).bind(most),
        (None, open) => sqlx::query_as(OPEN).bind(most).bind(open).bind(by),
    };
    Ok(query.fetch_all(listing.sql()).await?)
}

pub async fn one(
    listing: &mut Listing,
    id: ConversationId,
) -> Result<Option<Conversation>, VaultError> {
    Ok(sqlx::query_as(ONE).bind(id).fetch_optional(listing.sql()).await?)
}

pub async fn one_in(tx: &mut Tx, id: ConversationId) -> Result<Option<Conversation>, VaultError> {
    Ok(sqlx::query_as(ONE).bind(id).fetch_optional(tx.sql()).await?)
}

pub async fn counts(listing: &mut Listing, by: Option<StaffId>) -> Result<Counts, VaultError> {
    Ok(sqlx::query_as(COUNTS).bind(by).fetch_one(listing.sql()).await?)
}

/// All cards with this number.
pub async fn candidates(
    listing: &mut Listing,
    address: &str,
) -> Result<Vec<Candidate>, VaultError> {
    Ok(sqlx::query_as(CANDIDATES).bind(address).fetch_all(listing.sql()).await?)
}

/// Who wrote which of these messages.
pub async fn authors(
    listing: &mut Listing,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, String>, VaultError> {
    let ids = serde_json::to_string(ids).expect("ids are JSON");
    let found: Vec<(MessageId, String)> =
        sqlx::query_as(AUTHORS).bind(ids).fetch_all(listing.sql()).await?;
    Ok(found.into_iter().collect())
}

/// Who may have a conversation.
pub async fn colleagues(
    listing: &mut Listing,
    by: Option<StaffId>,
) -> Result<Vec<Colleague>, VaultError> {
    Ok(sqlx::query_as(COLLEAGUES).bind(by).fetch_all(listing.sql()).await?)
}

pub async fn wrote(
    tx: &mut Tx,
    message: MessageId,
    id: ConversationId,
    by: StaffId,
) -> Result<(), VaultError> {
    sqlx::query(WROTE).bind(message).bind(id).bind(by).execute(tx.sql()).await?;
    Ok(())
}

/// Whether the same words were written in it since.
pub async fn has_just(
    tx: &mut Tx,
    id: ConversationId,
    text: &str,
    since: Timestamp,
) -> Result<bool, VaultError> {
    let query = sqlx::query_scalar(HAS_JUST).bind(id).bind(text).bind(since);
    Ok(query.fetch_one(tx.sql()).await?)
}

/// When they wrote last.
pub async fn last_in(tx: &mut Tx, id: ConversationId) -> Result<Option<Timestamp>, VaultError> {
    let found: Option<Option<Timestamp>> =
        sqlx::query_scalar(LAST_IN).bind(id).fetch_optional(tx.sql()).await?;
    Ok(found.flatten())
}

/// Conversations with strangers that ended before this, with nothing left that came in.
pub async fn over(tx: &mut Tx, before: Timestamp) -> Result<Vec<ConversationId>, VaultError> {
    Ok(sqlx::query_scalar(OVER).bind(before).fetch_all(tx.sql()).await?)
}

pub async fn lead_of(
    listing: &mut Listing,
    id: ConversationId,
) -> Result<Option<Lead>, VaultError> {
    Ok(sqlx::query_as(LEAD_OF).bind(id).fetch_optional(listing.sql()).await?)
}

pub async fn leads(listing: &mut Listing, most: i64) -> Result<Vec<Lead>, VaultError> {
    Ok(sqlx::query_as(LEADS).bind(most).fetch_all(listing.sql()).await?)
}

/// None when there is a new one already, or no such conversation.
pub async fn make_lead(
    tx: &mut Tx,
    conversation: ConversationId,
    (name, phone, note): (&str, &str, &str),
    by: Option<StaffId>,
) -> Result<Option<LeadId>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(MAKE_LEAD).bind(LeadId::new(now)).bind(conversation);
    let query = query.bind(name).bind(phone).bind(note).bind(now).bind(by);
    Ok(query.fetch_optional(tx.sql()).await?)
}

/// Whose it is; None when it is so already, or gone.
pub async fn set_lead(
    tx: &mut Tx,
    id: LeadId,
    state: LeadState,
) -> Result<Option<Option<PatientId>>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(SET_LEAD).bind(id).bind(state).bind(now);
    Ok(query.fetch_optional(tx.sql()).await?)
}

/// The new lead of a conversation is this patient.
pub async fn lead_is(
    tx: &mut Tx,
    conversation: ConversationId,
    patient: Option<PatientId>,
) -> Result<(), VaultError> {
    sqlx::query(LEAD_IS).bind(conversation).bind(patient).execute(tx.sql()).await?;
    Ok(())
}

/// Puts all leads of one card on another. Gives their ids.
pub async fn hand_over_leads_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER_LEADS).bind(from).bind(to).fetch_all(tx.sql()).await?)
}

pub async fn forget_leads(tx: &mut Tx, before: Timestamp) -> Result<usize, VaultError> {
    let gone: Vec<LeadId> =
        sqlx::query_scalar(FORGET_LEADS).bind(before).fetch_all(tx.sql()).await?;
    Ok(gone.len())
}

pub async fn quick_replies(reader: &mut Reader) -> Result<Vec<QuickReply>, VaultError> {
    Ok(sqlx::query_as(QUICK).fetch_all(reader.sql()).await?)
}

/// None when one that was to be changed is gone.
pub async fn save_quick(
    tx: &mut Tx,
    id: Option<i64>,
    (name, ru, kk): (&str, &str, &str),
    by: Option<StaffId>,
) -> Result<Option<i64>, VaultError> {
    let now = tx.now();
    let query = match id {
        Some(id) => sqlx::query_scalar(SAVE_QUICK).bind(id),
        None => sqlx::query_scalar(ADD_QUICK),
    };
    let query = query.bind(name).bind(ru).bind(kk).bind(now).bind(by);
    Ok(query.fetch_optional(tx.sql()).await?)
}

pub async fn remove_quick(tx: &mut Tx, id: i64) -> Result<bool, VaultError> {
    let gone: Option<i64> =
        sqlx::query_scalar(REMOVE_QUICK).bind(id).fetch_optional(tx.sql()).await?;
    Ok(gone.is_some())
}
