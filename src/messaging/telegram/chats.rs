//! Who talks to the bot, and whose number that is.

use super::store;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::i18n::Language;
use crate::vault::permission::Permission;
use crate::vault::{Grant, VaultError};

/// A conversation with the bot.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Chat {
    pub chat_id: i64,
    /// The sender's own; none until it was shared.
    pub phone: Option<Phone>,
    pub language: Language,
    /// Asked to be written to here.
    pub wanted: bool,
    /// The person has blocked the bot.
    pub blocked: bool,
    /// Said /stop, and nothing since.
    pub stopped: bool,
    /// When the number was asked for last.
    pub asked_at: Option<Timestamp>,
}

/// How many conversations there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Counts {
    pub linked: i64,
    pub wanted: i64,
    pub blocked: i64,
}

/// Of the bot in use.
pub async fn counts<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Counts, VaultError> {
    store::counts(&mut clinic.vault.read(grant).await?).await
}
