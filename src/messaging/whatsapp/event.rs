//! What a webhook says, apart from storage. Fields that Meta may leave out are
//! optional; what is not understood is left out, not refused.

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::messaging::gateway::Reference;

/// The body of a webhook.
#[derive(Debug, Deserialize)]
pub(super) struct Body {
    pub object: String,
    #[serde(default)]
    pub entry: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    #[serde(default)]
    pub changes: Vec<Change>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    pub field: String,
    #[serde(default)]
    pub value: serde_json::Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Value {
    metadata: Metadata,
    contacts: Vec<Contact>,
    messages: Vec<serde_json::Value>,
    statuses: Vec<serde_json::Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    phone_number_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Contact {
    wa_id: Option<String>,
    user_id: Option<String>,
    profile: Profile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Profile {
    name: Option<String>,
    username: Option<String>,
}

impl Profile {
    /// As the person calls themselves, else as others find them.
    fn name(&self) -> Option<String> {
        let username =
            self.username.as_ref().map(|name| format!("@{}", name.trim_start_matches('@')));
        self.name.clone().filter(|name| !name.trim().is_empty()).or(username)
    }
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub phone_number_id: String,
    /// Meta's number of the message.
    pub id: String,
    /// `sent`, `delivered`, `read`, `failed`.
    pub status: String,
    pub at: Timestamp,
    /// Our reference, when the message carried it.
    pub reference: Option<Reference>,
    pub error: Option<i64>,
    /// None when it was not told.
    pub billable: Option<bool>,
}

#[derive(Deserialize)]
struct RawStatus {
    id: String,
    status: String,
    timestamp: String,
    biz_opaque_callback_data: Option<String>,
    #[serde(default)]
    errors: Vec<RawError>,
    pricing: Option<Pricing>,
}

#[derive(Deserialize)]
struct RawError {
    code: i64,
}

#[derive(Deserialize)]
struct Pricing {
    billable: Option<bool>,
}

/// What somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub phone_number_id: String,
    /// Meta's number of the message.
    pub id: String,
    /// Whoever wrote: the business-scoped id where there is one, else the number.
    pub user: String,
    /// Digits; none when the person hides them.
    pub phone: Option<String>,
    /// Whether this webhook says itself that the id and the number are one person's.
    pub told_together: bool,
    /// As the person calls themselves.
    pub name: Option<String>,
    pub at: Timestamp,
    pub kind: Kind,
    /// The message it answers.
    pub context: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Text(String),
    /// A tapped button: its payload and its words.
    Button {
        payload: String,
        title: String,
    },
    /// What is not text: `image`, `audio`, `document`…
    Other(String),
}

#[derive(Deserialize)]
struct RawMessage {
    from: Option<String>,
    #[serde(default)]
    from_user_id: Option<String>,
    id: String,
    timestamp: String,
    r#type: String,
    text: Option<Text>,
    button: Option<TemplateButton>,
    interactive: Option<Interactive>,
    image: Option<Media>,
    video: Option<Media>,
    document: Option<Media>,
    context: Option<Context>,
}

#[derive(Deserialize)]
struct Media {
    #[serde(default)]
    caption: String,
}

#[derive(Deserialize)]
struct Text {
    body: String,
}

#[derive(Deserialize)]
struct TemplateButton {
    #[serde(default)]
    payload: String,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Interactive {
    button_reply: Option<Reply>,
    list_reply: Option<Reply>,
}

#[derive(Deserialize)]
struct Reply {
    id: String,
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
struct Context {
    id: Option<String>,
}

/// All that a change says.
pub(super) struct Told {
    /// What became of messages.
    pub statuses: Vec<Status>,
    /// What was written.
    pub heard: Vec<Heard>,
    /// Whether all of it could be read: what could not holds up nothing else.
    pub is_whole: bool,
}

/// None when it cannot be read at all.
pub(super) fn read(change: &Change) -> Option<Told> {
    let value: Value = serde_json::from_value(change.value.clone()).ok()?;
    let number = &value.metadata.phone_number_id;
    let statuses: Vec<_> = value.statuses.iter().filter_map(|raw| status(number, raw)).collect();
    let messages = value.messages.iter();
    let heard: Vec<_> = messages.filter_map(|raw| heard(number, &value.contacts, raw)).collect();
    let is_whole = (statuses.len(), heard.len()) == (value.statuses.len(), value.messages.len());
    Some(Told { statuses, heard, is_whole })
}

fn status(number: &str, raw: &serde_json::Value) -> Option<Status> {
    let raw = RawStatus::deserialize(raw).ok()?;
    let reference = raw.biz_opaque_callback_data.and_then(|said| said.parse().ok());
    Some(Status {
        phone_number_id: number.to_owned(),
        id: raw.id,
        status: raw.status,
        at: instant(&raw.timestamp)?,
        reference: reference.map(Reference::from_number),
        error: raw.errors.first().map(|error| error.code),
        billable: raw.pricing.and_then(|pricing| pricing.billable),
    })
}

fn heard(number: &str, contacts: &[Contact], raw: &serde_json::Value) -> Option<Heard> {
    let raw = RawMessage::deserialize(raw).ok()?;
    let digits = |text: &String| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let is_theirs = |one: &&Contact| {
        (raw.from.is_some() && one.wa_id == raw.from)
            || (raw.from_user_id.is_some() && one.user_id == raw.from_user_id)
    };
    let only = if let [only] = contacts { Some(only) } else { None };
    let contact = contacts.iter().find(is_theirs).or(only);
    let user_id = raw.from_user_id.clone().or_else(|| contact?.user_id.clone());
    let phone = raw.from.clone().or_else(|| contact?.wa_id.clone()).filter(digits);
    let said = |one: &Contact| {
        one.user_id.is_some() && one.user_id == user_id && one.wa_id.is_some() && one.wa_id == phone
    };
    let told_together = user_id.as_ref().is_some_and(|id| !id.is_empty())
        && phone.is_some()
        && (raw.from == phone && raw.from_user_id == user_id || contacts.iter().any(said));
    let user = user_id.or_else(|| phone.clone()).or(raw.from)?;
    let tapped = |reply: Reply| Kind::Button { payload: reply.id, title: reply.title };
    let media = raw.image.or(raw.video).or(raw.document);
    let caption = media.map(|media| media.caption).filter(|caption| !caption.trim().is_empty());
    let kind = match (raw.text, raw.button, raw.interactive) {
        (Some(text), ..) => Kind::Text(text.body),
        (_, Some(button), _) => Kind::Button { payload: button.payload, title: button.text },
        (.., Some(interactive)) => {
            let reply = interactive.button_reply.or(interactive.list_reply);
            reply.map_or_else(|| Kind::Other(plain(&raw.r#type)), tapped)
        }
        _ => match caption {
            Some(caption) => Kind::Text(format!("{caption}\n[{}]", plain(&raw.r#type))),
            None => Kind::Other(plain(&raw.r#type)),
        },
    };
    Some(Heard {
        phone_number_id: number.to_owned(),
        id: raw.id,
        user,
        phone,
        told_together,
        name: contact.and_then(|contact| contact.profile.name()),
        at: instant(&raw.timestamp)?,
        kind,
        context: raw.context.and_then(|context| context.id),
    })
}

/// Kinds are words of the document; anything else is "unknown".
fn plain(kind: &str) -> String {
    let known = kind.len() <= 20 && kind.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
    if known { kind.to_owned() } else { "unknown".to_owned() }
}

/// Seconds since 1970, as text.
fn instant(text: &str) -> Option<Timestamp> {
    let seconds: i64 = text.parse().ok().filter(|it| (0..=253_402_300_799).contains(it))?;
    Some(Timestamp::from_unix_ms(seconds * 1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn change(value: serde_json::Value) -> Change {
        Change { field: "messages".to_owned(), value }
    }

    #[test]
    fn whoever_hides_the_number_is_known_by_the_other_id() {
        let said = json!({"metadata": {"phone_number_id": "1"},
            "contacts": [{"user_id": "KZ.abc", "profile": {"name": "Дана"}}],
            "messages": [{"id": "wamid.1", "timestamp": "1790000000", "type": "text",
                "from_user_id": "KZ.abc", "text": {"body": "сәлем"}}]});
        let heard = read(&change(said)).unwrap().heard;
        assert_eq!((heard[0].user.as_str(), heard[0].phone.as_deref()), ("KZ.abc", None));
        assert_eq!(heard[0].kind, Kind::Text("сәлем".to_owned()));
        assert_eq!(heard[0].name.as_deref(), Some("Дана"));
    }

    #[test]
    fn only_what_one_webhook_says_of_one_person_is_told_together() {
        let read_one = |contacts: serde_json::Value, message: serde_json::Value| {
            let mut whole = json!({"id": "wamid.1", "timestamp": "1790000000", "type": "text",
                "text": {"body": "сәлем"}});
            for (key, value) in message.as_object().unwrap() {
                whole[key] = value.clone();
            }
            let said = json!({"contacts": contacts, "messages": [whole]});
            read(&change(said)).unwrap().heard.remove(0)
        };
        let both = json!({"wa_id": "77010000001", "user_id": "KZ.a"});
        let other = json!({"wa_id": "77010000002", "user_id": "KZ.b"});
        let of = |contacts, message| read_one(contacts, message).told_together;
        assert!(of(json!([both]), json!({"from": "77010000001"})));
        assert!(of(json!([both, other]), json!({"from": "77010000001"})));
        assert!(of(json!([]), json!({"from": "77010000001", "from_user_id": "KZ.a"})));
        // The one stands in the message and the other with somebody else.
        assert!(!of(json!([other]), json!({"from": "77010000001"})));
        assert!(!of(json!([{"wa_id": "77010000001"}]), json!({"from_user_id": "KZ.a"})));
        assert!(!of(json!([{"wa_id": "77010000001"}]), json!({"from": "77010000001"})));
        assert!(!of(json!([{"user_id": "KZ.a"}]), json!({"from_user_id": "KZ.a"})));
        assert!(!of(
            json!([{"wa_id": "77010000001", "user_id": ""}]),
            json!({"from": "77010000001"})
        ));
    }

    #[test]
    fn taps_and_pictures_are_told_apart() {
        let base = |kind: &str| json!({"id": "wamid.1", "timestamp": "1790000000", "type": kind, "from": "77010000001"});
        let with = |kind: &str, more: serde_json::Value| {
            let mut all = base(kind);
            all[kind] = more;
            let said = json!({"contacts": [{"wa_id": "77010000001"}], "messages": [all]});
            read(&change(said)).unwrap().heard.remove(0)
        };
        let tap = |payload: &str, title: &str| Kind::Button {
            payload: payload.to_owned(),
            title: title.to_owned(),
        };
        let button = with("button", json!({"payload": "p", "text": "Да"}));
        assert_eq!(button.kind, tap("p", "Да"));
        let reply = with(
            "interactive",
            json!({"type": "button_reply",
            "button_reply": {"id": "q", "title": "Нет"}}),
        );
        assert_eq!(reply.kind, tap("q", "Нет"));
        assert_eq!(with("image", json!({"id": "1"})).kind, Kind::Other("image".to_owned()));
        assert_eq!(with("image", json!({})).phone.as_deref(), Some("77010000001"));
    }

    #[test]
    fn a_status_without_its_time_is_not_understood_and_keeps_no_other_from_being_read() {
        let said = |timestamp: &str| {
            let status = |at| json!({"id": "wamid.1", "status": "sent", "timestamp": at});
            let message = json!({"id": "wamid.2", "timestamp": "1790000000", "type": "text",
                "from": "77010000001", "text": {"body": "hi"}});
            let all = json!({"statuses": [status(timestamp), status("1790000000")],
                "messages": [message]});
            read(&change(all)).unwrap()
        };
        assert!(said("1790000000").is_whole);
        for odd in ["", "soon", "-1", "99999999999999999"] {
            let told = said(odd);
            let read = (told.is_whole, told.statuses.len(), told.heard.len());
            assert_eq!(read, (false, 1, 1), "{odd}");
        }
    }
}
