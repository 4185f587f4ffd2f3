//! The nouns of an incident.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::crypto::hash::{hex, sha256};
use crate::ids::{PatientId, StaffId, id};
use crate::incidents::fields::{Field, Way};
use crate::incidents::touched::Scope;

id! {
    /// One breach of personal data.
    IncidentId
}

id! {
    /// Something that happened in the course of an incident.
    IncidentEventId
}

/// Somebody of a frozen list, by the number of the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Listed {
    pub patient_id: PatientId,
    pub card: i64,
    pub times: i64,
    pub first_at: Option<Timestamp>,
    pub last_at: Option<Timestamp>,
    #[sqlx(json)]
    pub fields: Vec<Field>,
    #[sqlx(json)]
    pub ways: Vec<Way>,
    pub doubtful: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Nature {
    /// Somebody saw what they had no right to see.
    #[default]
    Access,
    Distribution,
    Change,
    Destruction,
}

/// What happens in the course of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum EventKind {
    Detected,
    Contained,
    AuthorityNotified,
    SubjectsNotified,
    Noted,
    Closed,
}

/// An incident in the register.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Incident {
    pub id: IncidentId,
    pub number: i64,
    pub detected_at: Timestamp,
    pub opened_at: Timestamp,
    /// Of the newest list.
    pub people: i64,
    pub authority_at: Option<Timestamp>,
    pub subjects_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
}

/// A frozen list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct FrozenList {
    pub version: i64,
    pub actor: Option<String>,
    /// The name, when the actor is or was a member of staff.
    pub actor_name: Option<String>,
    pub session: Option<String>,
    pub ip: Option<String>,
    pub device: Option<String>,
    pub from_at: Timestamp,
    pub until_at: Timestamp,
    pub people: i64,
    pub sha256: String,
    pub reason: String,
    pub made_at: Timestamp,
    pub made_by: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct EventRow {
    pub kind: EventKind,
    pub at: Timestamp,
    pub note: String,
    pub recorded_at: Timestamp,
    /// The name of who wrote it down.
    pub recorded_by: Option<String>,
}

/// What the notices say, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Story {
    pub nature: Nature,
    pub consequences_ru: String,
    pub consequences_kk: String,
    pub measures_ru: String,
    pub measures_kk: String,
    pub advice_ru: String,
    pub advice_kk: String,
}

/// Somebody as a notice names them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    pub patient_id: PatientId,
    pub card: i64,
    pub name: String,
    pub iin: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub first_at: Option<Timestamp>,
    pub last_at: Option<Timestamp>,
    #[sqlx(json)]
    pub fields: Vec<Field>,
}

impl EventKind {
    /// Those that the officer writes down; the first is written with the incident.
    pub const WRITTEN: [Self; 5] = [
        Self::Contained,
        Self::AuthorityNotified,
        Self::SubjectsNotified,
        Self::Noted,
        Self::Closed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Detected => "detected",
            Self::Contained => "contained",
            Self::AuthorityNotified => "authority_notified",
            Self::SubjectsNotified => "subjects_notified",
            Self::Noted => "noted",
            Self::Closed => "closed",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::WRITTEN.into_iter().find(|kind| kind.name() == name)
    }
}

impl Nature {
    pub const ALL: [Self; 4] = [Self::Access, Self::Distribution, Self::Change, Self::Destruction];

    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Distribution => "distribution",
            Self::Change => "change",
            Self::Destruction => "destruction",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|nature| nature.name() == name)
    }
}

/// What an incident is opened with.
#[derive(Clone, Debug)]
pub struct NewIncident {
    pub scope: Scope,
    pub detected_at: Timestamp,
    pub by: Option<StaffId>,
}

/// SHA-256 over the people in the order of their ids: one line each, the id,
/// the times, the first and last moment, the classes of fields.
pub fn list_hash(people: &[Listed]) -> String {
    let mut sorted: Vec<&Listed> = people.iter().collect();
    sorted.sort_by_key(|one| one.patient_id);
    let mut text = String::new();
    for one in sorted {
        let moment = |at: Option<Timestamp>| at.map(Timestamp::rfc3339).unwrap_or_default();
        let fields: Vec<&str> = one.fields.iter().map(|field| field.name()).collect();
        let (first, last) = (moment(one.first_at), moment(one.last_at));
        let line = writeln!(
            text,
            "{}\t{}\t{first}\t{last}\t{}\t{}",
            one.patient_id,
            one.times,
            fields.join(","),
            u8::from(one.doubtful)
        );
        line.expect("a String takes all text");
    }
    hex(&sha256(text.as_bytes()))
}
