//! Buttons under a message about a visit: each is a token that opens one thing
//! of one message. Telegram sees random letters; only their hash is kept here.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::store;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::crypto::Random;
use crate::crypto::hash::sha256;
use crate::i18n::{Language, Words};
use crate::ids::MessageId;
use crate::messaging::gateway::telegram::{Button, Markup};
use crate::messaging::model::Due;
use crate::messaging::setup::GatewayId;
use crate::messaging::whatsapp;
use crate::vault::{Tx, VaultError};

/// What somebody wants who presses a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Action {
    Confirm,
    Move,
    Cancel,
}

/// A button that was pressed by the person it was sent to.
#[derive(Clone, Debug)]
pub struct Pressed {
    pub gateway: GatewayId,
    /// Telegram's own number of it.
    pub id: String,
    pub message: MessageId,
    pub action: Action,
    pub phone: Phone,
    pub at: Timestamp,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Confirmed,
    Cancelled,
    /// The link to other times is on its way.
    Link,
    /// A person sees to it.
    Handed,
    /// The visit is over, cancelled, or stands at another time.
    Over,
}

/// How long buttons mean something, in milliseconds: whoever comes later is told
/// by a newer message.
const GOOD_FOR_MS: i64 = 15 * 24 * 60 * 60 * 1000;

/// The tokens of one message.
pub struct Tokens([(Action, String); 3]);

impl Action {
    pub const ALL: [Self; 3] = [Self::Confirm, Self::Move, Self::Cancel];

    pub fn name(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Move => "move",
            Self::Cancel => "cancel",
        }
    }
}

impl Effect {
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Link => "link",
            Self::Handed => "handed",
            Self::Over => "over",
        }
    }

    /// Whether the other buttons go too.
    pub fn ends(self) -> bool {
        matches!(self, Self::Cancelled | Self::Over)
    }
}

impl Tokens {
    pub fn generate(random: &Random) -> Self {
        Self(Action::ALL.map(|one| (one, BASE64URL_NOPAD.encode(&random.bytes::<16>()))))
    }

    pub fn markup(&self, words: &Words, language: Language) -> Markup {
        let button = |(action, token): &(Action, String)| Button {
            text: words.plain(language, &format!("telegram-button-{}", action.name())),
            data: token.clone(),
        };
        let [confirm, other, cancel] = &self.0;
        Markup::Buttons(vec![vec![button(confirm)], vec![button(other), button(cancel)]])
    }
}

/// Whether a message is about one visit that can be answered for.
pub fn may_have_buttons(due: &Due) -> bool {
    whatsapp::may_have_buttons(due.purpose) && due.about.kind == "appointment"
}

/// Lets the tokens mean something, inside the change that takes the message.
pub async fn put_in(tx: &mut Tx, id: MessageId, tokens: &Tokens) -> Result<(), VaultError> {
    let expires_at = tx.now().plus_ms(GOOD_FOR_MS);
    for (action, token) in &tokens.0 {
        store::put_button(tx, &sha256(token.as_bytes()), id, *action, expires_at).await?;
    }
    Ok(())
}
