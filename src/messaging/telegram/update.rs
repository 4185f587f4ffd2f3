//! What Telegram tells, apart from storage. What is not understood is nothing,
//! not a fault; groups and channels are nothing to a clinic.

use serde::Deserialize;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::i18n::Language;
use crate::messaging::gateway::telegram::Button;

/// Something that happened in a private chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub chat: i64,
    /// The language of the person's Telegram, where it is one of ours.
    pub language: Option<Language>,
    pub at: Option<Timestamp>,
    /// As the person calls themselves.
    pub name: String,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Text(String),
    /// A number, and whether it is the sender's own.
    Contact {
        phone: String,
        own: bool,
    },
    Pressed {
        callback: String,
        data: String,
        under: Option<Under>,
    },
    /// The person has blocked the bot, or lets it write again.
    Blocked(bool),
    /// What is not text: `photo`, `voice`…
    Other(&'static str),
}

/// The message whose button was pressed, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Under {
    pub message: i64,
    pub text: String,
    pub buttons: Vec<Vec<Button>>,
}

#[derive(Deserialize)]
struct Raw {
    message: Option<Message>,
    callback_query: Option<Callback>,
    my_chat_member: Option<Member>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "message_id")]
    id: i64,
    #[serde(default)]
    date: i64,
    chat: RawChat,
    from: Option<User>,
    text: Option<String>,
    caption: Option<String>,
    contact: Option<Contact>,
    reply_markup: Option<Keyboard>,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct RawChat {
    id: i64,
    #[serde(rename = "type", default)]
    kind: String,
}

#[derive(Deserialize)]
struct User {
    id: i64,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    language_code: Option<String>,
}

#[derive(Deserialize)]
struct Contact {
    phone_number: String,
    user_id: Option<i64>,
}

#[derive(Deserialize)]
struct Callback {
    id: String,
    from: User,
    #[serde(default)]
    data: String,
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Member {
    chat: RawChat,
    from: User,
    #[serde(rename = "new_chat_member")]
    now: Status,
}

#[derive(Deserialize)]
struct Status {
    status: String,
}

#[derive(Default, Deserialize)]
struct Keyboard {
    #[serde(default)]
    inline_keyboard: Vec<Vec<Key>>,
}

#[derive(Deserialize)]
struct Key {
    text: String,
    callback_data: Option<String>,
}

/// The latest instant that can be written as four digits of a year.
const LATEST_S: i64 = 253_402_300_799;

impl Update {
    /// Whether somebody said something to the clinic.
    pub fn is_words(&self) -> bool {
        match &self.what {
            What::Text(text) => !text.starts_with('/'),
            What::Other(_) => true,
            What::Contact { .. } | What::Pressed { .. } | What::Blocked(_) => false,
        }
    }
}

/// Its number, by which it is kept once.
pub fn number(update: &Value) -> Option<i64> {
    update["update_id"].as_i64()
}

/// None for what is nothing to us.
pub fn read(body: &str) -> Option<Update> {
    let raw: Raw = serde_json::from_str(body).ok()?;
    let private = |chat: &RawChat| chat.kind == "private";
    if let Some(message) = raw.message.filter(|message| private(&message.chat)) {
        let from = message.from.as_ref()?;
        let (chat, language) = (message.chat.id, from.language());
        let at = (0..=LATEST_S).contains(&message.date);
        let at = at.then(|| Timestamp::from_unix_ms(message.date * 1000));
        let what = match (&message.text, &message.contact) {
            (Some(text), _) => What::Text(text.clone()),
            (None, Some(contact)) => What::Contact {
                phone: contact.phone_number.clone(),
                own: contact.user_id == Some(from.id),
            },
            (None, None) => match (message.other()?, &message.caption) {
                (kind, Some(caption)) => What::Text(format!("{caption}\n[{kind}]")),
                (kind, None) => What::Other(kind),
            },
        };
        return Some(Update { chat, language, at, name: from.name(), what });
    }
    if let Some(pressed) = raw.callback_query {
        // In a private chat its number is the person's.
        let (chat, language) = (pressed.from.id, pressed.from.language());
        let under = pressed.message.filter(|message| private(&message.chat)).map(Under::of);
        let what = What::Pressed { callback: pressed.id, data: pressed.data, under };
        return Some(Update { chat, language, at: None, name: pressed.from.name(), what });
    }
    let member = raw.my_chat_member.filter(|member| private(&member.chat))?;
    let what = What::Blocked(member.now.status == "kicked");
    let (chat, language) = (member.chat.id, member.from.language());
    Some(Update { chat, language, at: None, name: member.from.name(), what })
}

impl User {
    fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    fn language(&self) -> Option<Language> {
        self.language_code.as_deref().and_then(|code| code.get(..2)?.parse().ok())
    }
}

impl Message {
    /// Of the kinds that people send to a clinic.
    fn other(&self) -> Option<&'static str> {
        const KINDS: [&str; 9] = [
            "photo",
            "voice",
            "document",
            "video",
            "video_note",
            "audio",
            "sticker",
            "location",
            "animation",
        ];
        KINDS.into_iter().find(|kind| self.rest.contains_key(*kind))
    }
}

impl Under {
    fn of(message: Message) -> Self {
        let button = |key: Key| Some(Button { text: key.text, data: key.callback_data? });
        let rows = message.reply_markup.unwrap_or_default().inline_keyboard.into_iter();
        let buttons = rows.map(|row| row.into_iter().filter_map(button).collect()).collect();
        Self { message: message.id, text: message.text.unwrap_or_default(), buttons }
    }

    /// The buttons that are left when this one was used up.
    pub fn without(&self, data: &str) -> Vec<Vec<Button>> {
        let left = |row: &Vec<Button>| -> Vec<Button> {
            row.iter().filter(|one| one.data != data).cloned().collect()
        };
        self.buttons.iter().map(left).filter(|row| !row.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn what(update: &Value) -> Option<What> {
        read(&update.to_string()).map(|update| update.what)
    }

    #[test]
    fn a_number_is_the_senders_own_only_when_telegram_says_so() {
        let shared = |user: Value| {
            what(&json!({"update_id": 1, "message": {"message_id": 2, "date": 1_790_000_000,
                "chat": {"id": 5, "type": "private"}, "from": {"id": 5, "is_bot": false},
                "contact": {"phone_number": "77012345678", "first_name": "Д", "user_id": user}}}))
        };
        let contact = |own| Some(What::Contact { phone: "77012345678".to_owned(), own });
        assert_eq!(shared(json!(5)), contact(true));
        assert_eq!(shared(json!(6)), contact(false));
        assert_eq!(shared(Value::Null), contact(false));
    }

    #[test]
    fn groups_channels_and_odd_things_are_nothing() {
        for kind in ["group", "supergroup", "channel"] {
            let said = json!({"update_id": 1, "message": {"message_id": 2, "date": 1,
                "chat": {"id": -5, "type": kind}, "from": {"id": 5}, "text": "hi"}});
            assert_eq!(what(&said), None, "{kind}");
        }
        for odd in ["", "null", "[]", "{}", r#"{"message":5}"#, r#"{"update_id":"x"}"#] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }

    #[test]
    fn whoever_blocks_the_bot_is_told_apart_from_who_lets_it_write_again() {
        let member = |status: &str| {
            what(&json!({"update_id": 1, "my_chat_member": {"chat": {"id": 5, "type": "private"},
                "from": {"id": 5}, "date": 1, "new_chat_member": {"status": status}}}))
        };
        assert_eq!(member("kicked"), Some(What::Blocked(true)));
        assert_eq!(member("member"), Some(What::Blocked(false)));
    }

    #[test]
    fn a_pressed_button_knows_what_it_stood_under() {
        let pressed = json!({"update_id": 1, "callback_query": {"id": "9", "from": {"id": 5},
            "data": "a", "message": {"message_id": 2, "date": 1, "text": "?",
                "chat": {"id": 5, "type": "private"}, "reply_markup": {"inline_keyboard": [
                    [{"text": "A", "callback_data": "a"}], [{"text": "B", "callback_data": "b"}]]}}}});
        let Some(What::Pressed { under: Some(under), .. }) = what(&pressed) else { panic!() };
        assert_eq!(under.without("a").concat().len(), 1);
        assert_eq!((under.message, under.text.as_str()), (2, "?"));
    }
}
