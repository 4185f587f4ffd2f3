//! Buttons in the database.

use crate::clock::Timestamp;
use crate::crypto::hash::Digest;
use crate::ids::MessageId;
use crate::messaging::Channel;
use crate::messaging::buttons::{Action, Meaning};
use crate::vault::{Reader, Tx, VaultError};

const PUT: &str = "
    INSERT INTO message_button (token_hash, message_id, action, expires_at, channel)
    VALUES (?1, ?2, ?3, ?4, ?5)";

const MEANING: &str = "
    SELECT message.id, action, phone
    FROM message_button AS button JOIN message ON message.id = message_id
    WHERE token_hash = ?1 AND ?2 < expires_at AND button.channel = ?3";

const FORGET: &str = "DELETE FROM message_button WHERE expires_at <= ?1";

pub async fn put(
    tx: &mut Tx,
    hash: &Digest,
    (id, channel): (MessageId, Channel),
    action: Action,
    until: Timestamp,
) -> Result<(), VaultError> {
    let query = sqlx::query(PUT).bind(hash.as_slice()).bind(id).bind(action);
    query.bind(until).bind(channel).execute(tx.sql()).await?;
    Ok(())
}

pub async fn meaning(
    reader: &mut Reader,
    channel: Channel,
    hash: &Digest,
    now: Timestamp,
) -> Result<Option<Meaning>, VaultError> {
    let query = sqlx::query_as(MEANING).bind(hash.as_slice()).bind(now).bind(channel);
    Ok(query.fetch_optional(reader.sql()).await?)
}

/// Forgets those that are over.
pub async fn forget_in(tx: &mut Tx) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(FORGET).bind(now).execute(tx.sql()).await?;
    Ok(())
}
