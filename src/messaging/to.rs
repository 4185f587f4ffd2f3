//! Whom a message goes to.

use std::fmt;

use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use crate::contact::{Email, Phone};
use crate::messaging::model::Channel;

/// A telephone, which more than one channel may reach, or somebody's name with one
/// messenger: that goes by this messenger and by nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    Phone(Phone),
    Handle(Handle),
}

/// What a messenger calls somebody whose number it does not tell: a WhatsApp
/// user's id with the clinic, an Instagram-scoped id, a chat with the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    pub channel: Channel,
    pub id: String,
}

impl To {
    pub fn phone(&self) -> Option<&Phone> {
        match self {
            Self::Phone(phone) => Some(phone),
            Self::Handle(_) => None,
        }
    }

    pub fn handle(&self) -> Option<&Handle> {
        match self {
            Self::Handle(handle) => Some(handle),
            Self::Phone(_) => None,
        }
    }

    /// Whose it is can be told apart by this, and not called or written to.
    pub fn masked(&self) -> String {
        match self {
            Self::Phone(phone) => phone.masked(),
            Self::Handle(handle) => handle.masked(),
        }
    }
}

impl Handle {
    /// The last of its letters; of a mailbox, where it is.
    pub fn masked(&self) -> String {
        if let (Channel::Email, Ok(email)) = (self.channel, Email::parse(&self.id)) {
            return email.masked();
        }
        let letters: Vec<char> = self.id.chars().collect();
        let last: String = letters[letters.len().saturating_sub(4)..].iter().collect();
        format!("…{last}")
    }
}

impl From<Phone> for To {
    fn from(phone: Phone) -> Self {
        Self::Phone(phone)
    }
}

impl From<Email> for To {
    fn from(email: Email) -> Self {
        Self::Handle(Handle { channel: Channel::Email, id: email.to_string() })
    }
}

impl fmt::Display for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(phone) => phone.fmt(f),
            Self::Handle(handle) => f.write_str(&handle.id),
        }
    }
}

/// Of a row's `phone`, `address` and `channel`.
impl FromRow<'_, SqliteRow> for To {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        if let Some(id) = row.try_get("address")? {
            return Ok(Self::Handle(Handle { channel: row.try_get("channel")?, id }));
        }
        Ok(Self::Phone(row.try_get("phone")?))
    }
}
