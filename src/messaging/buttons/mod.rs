//! Buttons under a message about a visit, by whichever messenger: each is a token
//! that opens one thing of one message. The messenger sees random letters; only
//! their hash is kept here.

mod store;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::crypto::Random;
use crate::crypto::hash::sha256;
use crate::ids::MessageId;
use crate::messaging::Channel;
use crate::messaging::setup::GatewayId;
use crate::messaging::text::Purpose;
use crate::vault::{Reader, Tx, VaultError};

pub(super) use store::forget_in;

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
    /// The messenger's own number of it.
    pub id: String,
    pub message: MessageId,
    pub action: Action,
    pub phone: Phone,
    pub at: Timestamp,
    /// Where it was pressed shows what came of it.
    pub is_shown: bool,
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

/// The tokens of one message, in the order of [`Action::under`] it.
pub struct Tokens(pub Vec<(Action, String)>);

/// What a token means: what to do about which message, and the telephone that
/// was sent to.
pub(super) type Meaning = (MessageId, Action, Phone);

impl Action {
    pub const ALL: [Self; 3] = [Self::Confirm, Self::Move, Self::Cancel];

    /// Those under a message: of several visits all are confirmed, or else a person
    /// is spoken with.
    pub fn under(purpose: Purpose) -> &'static [Self] {
        match purpose {
            Purpose::FamilyReminder => &[Self::Confirm, Self::Move],
            _ => &Self::ALL,
        }
    }

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
    pub fn generate(random: &Random, purpose: Purpose) -> Self {
        let token = |one: &Action| (*one, BASE64URL_NOPAD.encode(&random.bytes::<16>()));
        Self(Action::under(purpose).iter().map(token).collect())
    }
}

/// Lets the tokens mean something until then, inside the change that takes the
/// message.
pub(super) async fn put_in(
    tx: &mut Tx,
    (id, channel): (MessageId, Channel),
    tokens: &Tokens,
    until: Timestamp,
) -> Result<(), VaultError> {
    for (action, token) in &tokens.0 {
        store::put(tx, &sha256(token.as_bytes()), (id, channel), *action, until).await?;
    }
    Ok(())
}

/// What a token means that came by a channel. None when it means nothing there,
/// or no longer.
pub(super) async fn meaning(
    reader: &mut Reader,
    channel: Channel,
    token: &str,
    now: Timestamp,
) -> Result<Option<Meaning>, VaultError> {
    store::meaning(reader, channel, &sha256(token.as_bytes()), now).await
}
