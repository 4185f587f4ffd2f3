//! What is said in the chats of messengers past the outbox: what somebody did
//! there whose number is known, and what whoever holds conversations answers.
//!
//! The answers are kept as the bot's own lines of a conversation, for as long as
//! what people write there; what became of each is noted when it is known.

mod store;

use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::i18n::Language;
use crate::ids::MessageId;
use crate::messaging::Channel;
pub use crate::messaging::gateway::telegram::Button;
use crate::messaging::model::About;

pub use store::{ended_in, forget_strangers_in, of_conversation, put_in, telling_in};

/// Something that a person whose number is known did in a chat.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// The messenger's own number of it.
    pub id: String,
    pub channel: Channel,
    /// The messenger's own name of the chat.
    pub chat: String,
    pub phone: Phone,
    /// As they chose it; none where the messenger does not know.
    pub language: Option<Language>,
    /// Whether the clinic lets conversations begin there.
    pub opens: bool,
    /// Whether strangers are asked there what they need.
    pub greets: bool,
    /// When they did it.
    pub at: Timestamp,
    pub said: Said,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Text(String),
    /// A button of a conversation.
    Pressed(String),
    /// The button for another time, under this message.
    Move(MessageId),
}

/// What is answered in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub text: String,
    pub rows: Vec<Vec<Button>>,
    /// The words that open the choices, where they are a list.
    pub list: Option<String>,
    /// What a person is told, where one is to see to it.
    pub hand: Option<String>,
}

/// What pages watch to see what the bot says.
pub const TOPIC: &str = "inbox";

/// The button that begins a conversation, wherever it stands.
pub const BEGIN: &str = "d:begin";

/// What the buttons of conversations begin with.
pub const OURS: &str = "d:";

/// What became of something that the bot said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum SpokenFate {
    /// On its way.
    Waiting,
    Said,
    /// It may have arrived.
    Uncertain,
    /// It did not, and will not.
    Lost,
}

/// What the bot says now.
#[derive(Clone, Copy, Debug)]
pub struct NewLine<'a> {
    /// The conversation it stands in.
    pub conversation: &'a str,
    /// The messenger's own number of what it answers.
    pub heard: &'a str,
    /// Without what opens something; empty while it is not known yet.
    pub text: &'a str,
    /// The words of what was offered, in order.
    pub choices: &'a [String],
    /// What is told by it that a message would tell else.
    pub about: Option<&'a About>,
}

/// Something that the bot said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct BotLine {
    pub id: i64,
    pub text: String,
    pub choices: Json<Vec<String>>,
    #[serde(skip)]
    pub said_at: Timestamp,
    pub fate: SpokenFate,
}
