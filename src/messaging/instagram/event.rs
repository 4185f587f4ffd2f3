//! What a webhook of Instagram says, apart from storage. What is not understood is
//! left out, not refused.

use serde::Deserialize;
use serde_json::Value;

use crate::clock::Timestamp;

/// Something that happened in a conversation of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Of the clinic's account.
    pub account: String,
    /// The other person: Instagram's id of them for this account.
    pub person: String,
    pub at: Timestamp,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Words; what is no text is named by its kind.
    Said { id: String, text: String },
    /// The account itself wrote: by this program or by another.
    Echo { id: String, text: String },
    /// What they said is taken back.
    Unsaid { id: String },
    /// They have read what was written.
    Read { id: String },
    /// Nothing that anybody has to see: a reaction, for example.
    Other,
}

#[derive(Deserialize)]
struct Body {
    object: String,
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    #[serde(default)]
    messaging: Vec<Value>,
}

#[derive(Deserialize)]
struct Raw {
    sender: Party,
    recipient: Party,
    timestamp: i64,
    message: Option<RawMessage>,
    message_edit: Option<RawEdit>,
    postback: Option<RawPostback>,
    read: Option<RawRead>,
}

#[derive(Deserialize)]
struct Party {
    id: String,
}

#[derive(Deserialize)]
struct RawMessage {
    mid: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    is_echo: bool,
    #[serde(default)]
    is_deleted: bool,
    #[serde(default)]
    attachments: Vec<RawAttachment>,
}

#[derive(Deserialize)]
struct RawAttachment {
    #[serde(default)]
    r#type: String,
}

#[derive(Deserialize)]
struct RawEdit {
    mid: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    num_edit: i64,
}

#[derive(Deserialize)]
struct RawPostback {
    mid: Option<String>,
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
struct RawRead {
    mid: String,
}

/// All that a body says, and whether something in it could not be read. None when
/// it is none of Instagram's.
pub fn read(body: &str) -> Option<(Vec<Happened>, bool)> {
    let body: Body = serde_json::from_str(body).ok()?;
    if body.object != "instagram" {
        return None;
    }
    let (mut all, mut whole) = (Vec::new(), true);
    for entry in &body.entry {
        for raw in &entry.messaging {
            match happened(&entry.id, raw) {
                Some(one) => all.push(one),
                None => whole = false,
            }
        }
    }
    Some((all, whole))
}

fn happened(account: &str, raw: &Value) -> Option<Happened> {
    let raw = Raw::deserialize(raw).ok()?;
    let at = instant(raw.timestamp)?;
    let is_echo = raw.message.as_ref().is_some_and(|message| message.is_echo);
    let person = if is_echo { raw.recipient.id } else { raw.sender.id };
    let is_id = (1..=32).contains(&person.len()) && person.bytes().all(|it| it.is_ascii_digit());
    if !is_id {
        return None;
    }
    let what = match (raw.message, raw.message_edit, raw.postback, raw.read) {
        (Some(message), ..) => said(message)?,
        (_, Some(edit), ..) => {
            What::Said { id: named(&format!("{}/{}", edit.mid, edit.num_edit))?, text: edit.text }
        }
        (.., Some(postback), _) => {
            let id = postback.mid.unwrap_or_else(|| format!("postback/{}", raw.timestamp));
            What::Said { id: named(&id)?, text: postback.title }
        }
        (.., Some(read)) => What::Read { id: named(&read.mid)? },
        _ => What::Other,
    };
    // The account may write to itself: nobody else is there.
    let what = if person == account { What::Other } else { what };
    Some(Happened { account: account.to_owned(), person, at, what })
}

fn said(message: RawMessage) -> Option<What> {
    let id = named(&message.mid)?;
    if message.is_deleted {
        return Some(What::Unsaid { id });
    }
    let mut lines: Vec<String> = Vec::new();
    if !message.text.trim().is_empty() {
        lines.push(message.text);
    }
    for one in &message.attachments {
        let kind = format!("[{}]", plain(&one.r#type));
        if !lines.contains(&kind) {
            lines.push(kind);
        }
    }
    if lines.is_empty() {
        lines.push("[unsupported]".to_owned());
    }
    let text = lines.join("\n");
    Some(if message.is_echo { What::Echo { id, text } } else { What::Said { id, text } })
}

/// Instagram's number of a message.
fn named(id: &str) -> Option<String> {
    (1..=400).contains(&id.len()).then(|| id.to_owned())
}

/// Kinds are words of the document; anything else is "unknown".
fn plain(kind: &str) -> &str {
    let known = (1..=20).contains(&kind.len())
        && kind.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
    if known { kind } else { "unknown" }
}

/// Milliseconds since 1970.
fn instant(at: i64) -> Option<Timestamp> {
    (0..=253_402_300_799_000).contains(&at).then(|| Timestamp::from_unix_ms(at))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn what(more: &Value) -> Option<What> {
        let mut one = json!({"sender": {"id": "9"}, "recipient": {"id": "1"},
            "timestamp": 1_790_000_000_000_i64});
        for (key, value) in more.as_object().unwrap() {
            one[key] = value.clone();
        }
        let body = json!({"object": "instagram", "entry": [{"id": "1", "messaging": [one]}]});
        let (all, _) = read(&body.to_string()).unwrap();
        all.into_iter().next().map(|one| one.what)
    }

    fn said(id: &str, text: &str) -> What {
        What::Said { id: id.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn words_pictures_and_taps_are_told_apart() {
        assert_eq!(
            what(&json!({"message": {"mid": "m", "text": "сәлем"}})),
            Some(said("m", "сәлем"))
        );
        let picture = json!({"type": "image", "payload": {"url": "https://example.com/x"}});
        let two =
            json!({"message": {"mid": "m", "text": "вот", "attachments": [picture, picture]}});
        assert_eq!(what(&two), Some(said("m", "вот\n[image]")));
        let odd = json!({"message": {"mid": "m", "attachments": [{"type": "<b>"}]}});
        assert_eq!(what(&odd), Some(said("m", "[unknown]")));
        assert_eq!(what(&json!({"message": {"mid": "m"}})), Some(said("m", "[unsupported]")));
        let tap = json!({"postback": {"mid": "p", "title": "Цены", "payload": "PRICES"}});
        assert_eq!(what(&tap), Some(said("p", "Цены")));
        let edit = json!({"message_edit": {"mid": "m", "text": "в 11", "num_edit": 1}});
        assert_eq!(what(&edit), Some(said("m/1", "в 11")));
        assert_eq!(what(&json!({"read": {"mid": "m"}})), Some(What::Read { id: "m".to_owned() }));
        assert_eq!(what(&json!({"reaction": {"mid": "m"}})), Some(What::Other));
        let unsaid = json!({"message": {"mid": "m", "is_deleted": true}});
        assert_eq!(what(&unsaid), Some(What::Unsaid { id: "m".to_owned() }));
    }

    #[test]
    fn an_echo_is_of_whom_it_went_to() {
        let one = json!({"sender": {"id": "1"}, "recipient": {"id": "9"}, "timestamp": 1,
            "message": {"mid": "m", "text": "да", "is_echo": true}});
        let body = json!({"object": "instagram", "entry": [{"id": "1", "messaging": [one]}]});
        let (all, whole) = read(&body.to_string()).unwrap();
        assert_eq!((all[0].person.as_str(), whole), ("9", true));
        assert!(matches!(all[0].what, What::Echo { .. }));
    }

    #[test]
    fn what_cannot_be_read_does_not_keep_the_rest_from_being_read() {
        let good = json!({"sender": {"id": "9"}, "recipient": {"id": "1"}, "timestamp": 1,
            "message": {"mid": "m", "text": "да"}});
        for bad in [
            json!({"sender": {"id": "x9"}, "recipient": {"id": "1"}, "timestamp": 1, "message": {"mid": "m"}}),
            json!({"recipient": {"id": "1"}, "timestamp": 1}),
            json!({"sender": {"id": "9"}, "recipient": {"id": "1"}, "timestamp": -1}),
            json!(7),
        ] {
            let body =
                json!({"object": "instagram", "entry": [{"id": "1", "messaging": [bad, good]}]});
            let (all, whole) = read(&body.to_string()).unwrap();
            assert_eq!((all.len(), whole), (1, false), "{bad}");
        }
        assert_eq!(read(r#"{"object":"page"}"#), None);
        assert_eq!(read("{"), None);
    }
}
