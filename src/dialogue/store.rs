//! Conversations in the database: one for each chat.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use super::model::{Pick, Talk};
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::i18n::Language;
use crate::messaging::Channel;
use crate::vault::{Reader, Tx, VaultError};

const FOUND: &str = "
    SELECT kept, turned_at FROM dialogue WHERE channel = ?1 AND chat = ?2";

const PUT: &str = "
    INSERT INTO dialogue (channel, chat, phone, kept, turned_at)
    VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (channel, chat) DO UPDATE SET phone = excluded.phone, kept = excluded.kept,
        turned_at = excluded.turned_at";

const FORGET: &str = "DELETE FROM dialogue WHERE turned_at <= ?1";

/// A conversation as it stands.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub kept: Json<Kept>,
    pub turned_at: Timestamp,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// None: nothing is being booked.
    pub talk: Option<Talk>,
    /// What the buttons of this turn begin with.
    pub turn: String,
    /// What each of them means, in order.
    pub picks: Vec<Pick>,
    /// What was answered last: it may have to be said again.
    pub heard: String,
    pub text: String,
    /// The words of the buttons, in rows.
    pub rows: Vec<Vec<String>>,
    /// The words that open the choices, where they are a list.
    #[serde(default)]
    pub list: Option<String>,
    /// What is spoken, where the messenger does not say.
    #[serde(default)]
    pub language: Option<Language>,
    /// What a person is to be told, when it was that.
    pub hand: Option<String>,
}

/// Whose conversation it is.
#[derive(Clone, Copy)]
pub struct Whose<'a> {
    pub channel: Channel,
    pub chat: &'a str,
    pub phone: &'a Phone,
}

pub async fn found(reader: &mut Reader, whose: Whose<'_>) -> Result<Option<Row>, VaultError> {
    let query = sqlx::query_as(FOUND).bind(whose.channel).bind(whose.chat);
    Ok(query.fetch_optional(reader.sql()).await?)
}

pub async fn put(tx: &mut Tx, whose: Whose<'_>, kept: &Kept) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(PUT).bind(whose.channel).bind(whose.chat).bind(whose.phone);
    query.bind(Json(kept)).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// Gives how many.
pub async fn forget(tx: &mut Tx, before: Timestamp) -> Result<u64, VaultError> {
    Ok(sqlx::query(FORGET).bind(before).execute(tx.sql()).await?.rows_affected())
}
