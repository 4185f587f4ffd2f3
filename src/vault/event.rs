//! What happened, in the words of the ledger.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::ids::PatientId;
use crate::vault::actor::Actor;
use crate::vault::plain;

/// What happened, for the ledger and for whoever watches.
///
/// The ledger outlives the record it tells about: no free text, names, numbers
/// or other values that must be erasable, only ids, codes and field names.
#[derive(Clone, Debug)]
pub struct Event {
    /// `noun.verb` in the past tense, such as `consent.given`.
    pub action: &'static str,
    pub subject: Subject,
    /// Kind and id of the thing it was done to, such as an appointment.
    object: Option<(&'static str, String)>,
    detail: Value,
    reason: Option<&'static str>,
    pub(super) topics: Vec<String>,
}

/// Whose data an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Patient(PatientId),
    /// Several people's, such as those on a list.
    Patients(Vec<PatientId>),
    /// Nobody's: settings, schedules, sign-ins.
    Clinic,
}

/// One event or more, never none.
#[derive(Clone, Debug)]
pub struct Events(pub(super) Vec<Event>);

impl Event {
    pub fn new(action: &'static str, subject: Subject) -> Self {
        Self {
            action,
            subject,
            object: None,
            detail: Value::Null,
            reason: None,
            topics: Vec::new(),
        }
    }

    /// What it was done to: `("appointment", id)`.
    #[must_use]
    pub fn on(mut self, kind: &'static str, id: impl std::fmt::Display) -> Self {
        self.object = Some((kind, plain::text(id.to_string())));
        self
    }

    /// Codes, ids and field names; never values that must be erasable. Whatever
    /// else it holds does not get into the ledger: see [`plain`].
    #[must_use]
    pub fn with_detail(mut self, detail: Value) -> Self {
        self.detail = plain::only(detail);
        self
    }

    /// Why, as a stable code.
    #[must_use]
    pub fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// What pages that watch should ask for again, once this is committed:
    /// see [`Vault::watch`](crate::vault::Vault::watch).
    #[must_use]
    pub fn touching(mut self, topic: impl Into<String>) -> Self {
        self.topics.push(topic.into());
        self
    }

    /// Two events of one change.
    #[must_use]
    pub fn and(self, other: impl Into<Events>) -> Events {
        let mut events = vec![self];
        events.extend(other.into().0);
        Events(events)
    }

    pub(super) fn patients(&self) -> &[PatientId] {
        match &self.subject {
            Subject::Patient(id) => std::slice::from_ref(id),
            Subject::Patients(ids) => ids,
            Subject::Clinic => &[],
        }
    }

    /// The canonical JSON (RFC 8785) that is hashed and stored.
    pub(super) fn body(
        &self,
        seq: u64,
        at: Timestamp,
        actor: &Actor,
        permission: &str,
        salt: &str,
    ) -> String {
        let mut body = json!({
            "v": 1, "seq": seq, "ts": at.rfc3339(), "act": self.action,
            "actor": actor.ledger_name(), "role": actor.role().name(), "perm": permission,
            "salt": salt,
        });
        let fields = body.as_object_mut().expect("made as an object");
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value.filter(|value| !value.is_null()) {
                fields.insert(name.to_owned(), value);
            }
        };
        let origin = actor.origin();
        put("sess", origin.session.clone().map(Value::from));
        put("ip", origin.ip.map(|ip| ip.to_string().into()));
        put("dev", origin.device.clone().map(Value::from));
        put("obj", self.object.as_ref().map(|(kind, _)| (*kind).into()));
        put("oid", self.object.as_ref().map(|(_, id)| id.clone().into()));
        put("why", self.reason.map(Value::from));
        put("detail", Some(self.detail.clone()));
        match &self.subject {
            Subject::Patient(id) => put("pat", Some(id.to_string().into())),
            Subject::Patients(ids) => {
                put("pats", Some(ids.iter().map(ToString::to_string).collect::<Vec<_>>().into()));
            }
            Subject::Clinic => {}
        }
        serde_json_canonicalizer::to_string(&body).expect("strings, numbers and lists only")
    }
}

impl Events {
    #[must_use]
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.0.extend(other.into().0);
        self
    }
}

impl From<Event> for Events {
    fn from(event: Event) -> Self {
        Self(vec![event])
    }
}
