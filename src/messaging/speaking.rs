//! What is said in the chats of messengers past the outbox: what somebody did
//! there whose number is known, and what whoever holds conversations answers.

use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::i18n::Language;
use crate::ids::MessageId;
use crate::messaging::Channel;
pub use crate::messaging::gateway::telegram::Button;

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

/// The button that begins a conversation, wherever it stands.
pub const BEGIN: &str = "d:begin";

/// What the buttons of conversations begin with.
pub const OURS: &str = "d:";
