//! Letters in the database.

use crate::clock::Timestamp;
use crate::contact::Email;
use crate::ids::StaffId;
use crate::mail::model::{
    Due, Kind, LEASE_MS, Leaving, LetterId, NewLetter, OutsideId, Posted, Step, To,
};
use crate::messaging::State;
use crate::post::Said;
use crate::vault::{Reader, Tx, VaultError};

const INSERT: &str = "
    INSERT INTO letter (id, kind, staff_id, outside_id, address, about, language, subject, body,
        secret, attached, state, created_at, since, due_at, not_after)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'queued', ?12, ?12, ?12, ?13)";

const TO_DO: &str = "
    SELECT id, kind, staff_id, outside_id, address, about, not_after FROM letter
    WHERE state = 'queued' AND due_at <= ?1 ORDER BY due_at LIMIT ?2";

const ABANDONED: &str = "SELECT id FROM letter WHERE state = 'sending' AND leased_at <= ?1";

const TAKE: &str = "
    UPDATE letter SET state = 'sending', reason = NULL, said = NULL, since = ?2, leased_at = ?2,
        due_at = NULL, attempts = attempts + 1, sent_to = ?3
    WHERE id = ?1 AND state = 'queued'
    RETURNING id, kind, language, about, subject, body, attached, created_at, attempts";

/// Once nobody will send it again, what opens something is taken out.
const STEP: &str = "
    UPDATE letter SET state = ?3, reason = ?4, said = ?5, since = ?6, due_at = ?7, leased_at = NULL,
        body = CASE WHEN ?3 <> 'queued' AND secret IS NOT NULL
            THEN replace(body, secret, '•••') ELSE body END,
        secret = CASE WHEN ?3 <> 'queued' THEN NULL ELSE secret END
    WHERE id = ?1 AND state = ?2
    RETURNING id";

const AGAIN: &str = "
    UPDATE letter SET state = 'queued', reason = NULL, said = NULL, since = ?2, due_at = ?2,
        not_after = max(not_after, ?3)
    WHERE id = ?1 AND state IN ('failed', 'uncertain', 'expired')
        AND kind IN ('emergency', 'checkpoint', 'farewell')
    RETURNING id";

const LATEST: &str = "
    SELECT letter.id, kind, coalesce(staff.name, mail_outside.name) AS name, sent_to, state, reason,
        said, letter.created_at, since, due_at, attempts
    FROM letter
    LEFT JOIN staff ON staff.id = letter.staff_id
    LEFT JOIN mail_outside ON mail_outside.id = letter.outside_id
    ORDER BY letter.created_at DESC, letter.id DESC LIMIT ?1";

const LAST_TO_STAFF: &str = "
    SELECT created_at, about FROM letter WHERE staff_id = ?1 AND kind = ?2
    ORDER BY created_at DESC, id DESC LIMIT 1";

const LAST_TO_OUTSIDE: &str = "
    SELECT created_at, about FROM letter WHERE outside_id = ?1 AND kind = ?2
    ORDER BY created_at DESC, id DESC LIMIT 1";

const IS_ABOUT: &str = "
    SELECT EXISTS (SELECT 1 FROM letter WHERE kind = ?1 AND about = ?2)";

const HAS_OLD: &str = "
    SELECT EXISTS (SELECT 1 FROM letter
        WHERE created_at < ?1 AND state NOT IN ('queued', 'sending'))";

const FORGET_OLD: &str =
    "DELETE FROM letter WHERE created_at < ?1 AND state NOT IN ('queued', 'sending')";

pub async fn insert(tx: &mut Tx, id: LetterId, letter: &NewLetter) -> Result<(), VaultError> {
    let now = tx.now();
    let (staff, outside, address) = match &letter.to {
        To::Staff(staff) => (Some(*staff), None, None),
        To::Outside(outside) => (None, Some(*outside), None),
        To::StaffAt(staff, address) => (Some(*staff), None, Some(address)),
        To::OutsideAt(outside, address) => (None, Some(*outside), Some(address)),
        To::Nobody(address) => (None, None, Some(address)),
    };
    sqlx::query(INSERT)
        .bind(id)
        .bind(letter.kind)
        .bind(staff)
        .bind(outside)
        .bind(address)
        .bind(&letter.about)
        .bind(letter.language)
        .bind(&letter.subject)
        .bind(&letter.body)
        .bind(&letter.secret)
        .bind(&letter.attached)
        .bind(now)
        .bind(now.plus_ms(letter.kind.useful_ms()))
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// Letters whose turn it is, those that waited longest first.
pub async fn to_do(reader: &mut Reader, now: Timestamp, most: i64) -> Result<Vec<Due>, VaultError> {
    Ok(sqlx::query_as(TO_DO).bind(now).bind(most).fetch_all(reader.sql()).await?)
}

/// Letters whose worker died with them.
pub async fn abandoned(reader: &mut Reader, now: Timestamp) -> Result<Vec<LetterId>, VaultError> {
    let before = now.plus_ms(-LEASE_MS);
    Ok(sqlx::query_scalar(ABANDONED).bind(before).fetch_all(reader.sql()).await?)
}

/// Takes a letter to send it to this address. None when somebody else has.
pub async fn take(
    tx: &mut Tx,
    id: LetterId,
    address: &Email,
) -> Result<Option<Leaving>, VaultError> {
    let now = tx.now();
    Ok(sqlx::query_as(TAKE).bind(id).bind(now).bind(address).fetch_optional(tx.sql()).await?)
}

/// Moves a letter on. False when it is no longer where it was thought to be.
pub async fn step(
    tx: &mut Tx,
    id: LetterId,
    before: State,
    step: &Step,
    said: Option<&Said>,
) -> Result<bool, VaultError> {
    let now = tx.now();
    let words = said.and_then(|said| said.words.as_deref());
    let query = sqlx::query(STEP).bind(id).bind(before).bind(step.state).bind(step.reason);
    let moved = query.bind(words).bind(now).bind(step.due_at).fetch_optional(tx.sql()).await?;
    Ok(moved.is_some())
}

/// Queues a letter that a person wants sent once more.
pub async fn again(tx: &mut Tx, id: LetterId, not_after: Timestamp) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(AGAIN).bind(id).bind(now).bind(not_after);
    Ok(query.fetch_optional(tx.sql()).await?.is_some())
}

/// The newest letters, whatever became of them.
pub async fn latest(reader: &mut Reader, most: i64) -> Result<Vec<Posted>, VaultError> {
    Ok(sqlx::query_as(LATEST).bind(most).fetch_all(reader.sql()).await?)
}

/// When the last of a kind was written to somebody, and what it told of.
pub async fn last_to_staff(
    tx: &mut Tx,
    staff: StaffId,
    kind: Kind,
) -> Result<Option<(Timestamp, Option<String>)>, VaultError> {
    Ok(sqlx::query_as(LAST_TO_STAFF).bind(staff).bind(kind).fetch_optional(tx.sql()).await?)
}

pub async fn last_to_outside(
    tx: &mut Tx,
    outside: OutsideId,
    kind: Kind,
) -> Result<Option<(Timestamp, Option<String>)>, VaultError> {
    Ok(sqlx::query_as(LAST_TO_OUTSIDE).bind(outside).bind(kind).fetch_optional(tx.sql()).await?)
}

/// Whether a letter of this kind was written about this: for work that may be
/// done twice.
pub async fn is_about(tx: &mut Tx, kind: Kind, about: &str) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(IS_ABOUT).bind(kind).bind(about).fetch_one(tx.sql()).await?)
}

/// Whether letters were written before that, and are done with.
pub async fn has_old(reader: &mut Reader, before: Timestamp) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(HAS_OLD).bind(before).fetch_one(reader.sql()).await?)
}

/// How many there were.
pub async fn forget_old(tx: &mut Tx, before: Timestamp) -> Result<u64, VaultError> {
    Ok(sqlx::query(FORGET_OLD).bind(before).execute(tx.sql()).await?.rows_affected())
}
