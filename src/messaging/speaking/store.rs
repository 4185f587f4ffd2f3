//! The bot's lines in the database.

use sqlx::types::Json;

use super::{BotLine, NewLine, SpokenFate};
use crate::clock::Timestamp;
use crate::messaging::model::About;
use crate::vault::{Listing, Tx, VaultError};

/// Each thing that was heard is answered once.
const PUT: &str = "
    INSERT INTO bot_line (conversation_id, heard, text, choices, said_at, fate, object_id,
        object_stamp)
    VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?7)
    ON CONFLICT (heard) DO UPDATE SET text = excluded.text, choices = excluded.choices,
        said_at = excluded.said_at, fate = 'waiting', object_id = excluded.object_id,
        object_stamp = excluded.object_stamp";

/// It stands where it was said: a person may have been told meanwhile.
const ENDED: &str = "
    UPDATE bot_line SET fate = ?2, said_at = iif(?2 = 'lost', said_at, ?3)
    WHERE heard = ?1 AND fate = 'waiting'";

const OF_CONVERSATION: &str = "
    SELECT id, text, choices, said_at, fate FROM bot_line
    WHERE conversation_id = ?1 AND ?2 <= said_at AND text <> '' ORDER BY said_at DESC, id DESC LIMIT ?3";

const TELLING: &str = "
    SELECT fate, said_at FROM bot_line WHERE object_id = ?1 AND object_stamp = ?2
    ORDER BY id DESC LIMIT 1";

const FORGET_STRANGERS: &str = "
    DELETE FROM bot_line WHERE said_at <= ?1 AND conversation_id IN (
        SELECT id FROM conversation WHERE patient_id IS NULL)";

/// Keeps what is about to be said.
pub async fn put_in(tx: &mut Tx, line: NewLine<'_>) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(PUT).bind(line.conversation).bind(line.heard).bind(line.text);
    let query = query.bind(Json(line.choices)).bind(now);
    let about = line.about.map(|about| (about.id.as_str(), about.stamp.as_str())).unzip();
    query.bind(about.0).bind(about.1).execute(tx.sql()).await?;
    Ok(())
}

/// What became of the answer to what was heard.
pub async fn ended_in(tx: &mut Tx, heard: &str, fate: SpokenFate) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(ENDED).bind(heard).bind(fate).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// What the bot has said in a conversation since then, newest first.
pub async fn of_conversation(
    listing: &mut Listing,
    conversation: &str,
    since: Timestamp,
    most: i64,
) -> Result<Vec<BotLine>, VaultError> {
    let query = sqlx::query_as(OF_CONVERSATION).bind(conversation).bind(since).bind(most);
    Ok(query.fetch_all(listing.sql()).await?)
}

/// What became of the answer that told of this in a chat, and since when. None: no
/// answer did.
pub async fn telling_in(
    tx: &mut Tx,
    about: &About,
) -> Result<Option<(SpokenFate, Timestamp)>, VaultError> {
    let query = sqlx::query_as(TELLING).bind(&about.id).bind(&about.stamp);
    Ok(query.fetch_optional(tx.sql()).await?)
}

/// Forgets what was said to strangers before this.
pub async fn forget_strangers_in(tx: &mut Tx, before: Timestamp) -> Result<(), VaultError> {
    sqlx::query(FORGET_STRANGERS).bind(before).execute(tx.sql()).await?;
    Ok(())
}
