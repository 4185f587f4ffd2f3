//! What a finding is, and the limits that rules go by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::{Day, Timestamp};

crate::ids::id! {
    /// Something unlike the usual, for an officer to look at.
    FindingId
}

/// The rules of SECURITY.md 4.6.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Rule {
    /// R1: many cards within an hour or a day.
    MassViewing,
    /// R1: many people in lists and searches.
    MassListing,
    /// R2: a card of somebody who is not treated here now, without a reason.
    NoRelation,
    /// R3: outside of working hours.
    OffHours,
    /// R4: a card that the officer watches.
    WatchedCard,
    /// R5: one's own card or that of the family.
    OwnFamily,
    /// R6: a colleague's card.
    Colleague,
    /// R7: many documents taken out.
    ExportBurst,
    /// R8: many IINs shown.
    UnmaskBurst,
    /// R9: emergency access that nobody has reviewed.
    EmergencyOpen,
    /// R10: signed in from where this person never was.
    NewDevice,
    /// R10: in two places at once.
    TwoPlaces,
    /// R10: many wrong passwords.
    Guessing,
    /// R11: somebody who is about to leave takes along.
    Leaving,
    /// R11: an account that should be closed.
    AfterLeaving,
    /// R12: rights changed, then something taken out.
    RoleThenExport,
    /// R13: codes of strangers went to one phone.
    SharedPhone,
    /// R13: codes went to a phone of the staff.
    StaffPhone,
    /// R14: the clock went back.
    ClockBack,
    /// R14: the ledger's head has not left the house.
    AnchorOverdue,
    /// R15: many denials.
    ManyDenials,
}

impl Rule {
    pub const ALL: [Self; 21] = [
        Self::MassViewing,
        Self::MassListing,
        Self::NoRelation,
        Self::OffHours,
        Self::WatchedCard,
        Self::OwnFamily,
        Self::Colleague,
        Self::ExportBurst,
        Self::UnmaskBurst,
        Self::EmergencyOpen,
        Self::NewDevice,
        Self::TwoPlaces,
        Self::Guessing,
        Self::Leaving,
        Self::AfterLeaving,
        Self::RoleThenExport,
        Self::SharedPhone,
        Self::StaffPhone,
        Self::ClockBack,
        Self::AnchorOverdue,
        Self::ManyDenials,
    ];

    /// Fluent keys: `audit-rule-{code}`, `audit-why-{code}`.
    pub fn code(self) -> &'static str {
        match self {
            Self::MassViewing => "mass_viewing",
            Self::MassListing => "mass_listing",
            Self::NoRelation => "no_relation",
            Self::OffHours => "off_hours",
            Self::WatchedCard => "watched_card",
            Self::OwnFamily => "own_family",
            Self::Colleague => "colleague",
            Self::ExportBurst => "export_burst",
            Self::UnmaskBurst => "unmask_burst",
            Self::EmergencyOpen => "emergency_open",
            Self::NewDevice => "new_device",
            Self::TwoPlaces => "two_places",
            Self::Guessing => "guessing",
            Self::Leaving => "leaving",
            Self::AfterLeaving => "after_leaving",
            Self::RoleThenExport => "role_then_export",
            Self::SharedPhone => "shared_phone",
            Self::StaffPhone => "staff_phone",
            Self::ClockBack => "clock_back",
            Self::AnchorOverdue => "anchor_overdue",
            Self::ManyDenials => "many_denials",
        }
    }

    /// The icon that goes with it.
    pub fn icon(self) -> &'static str {
        match self {
            Self::MassViewing | Self::MassListing => "users",
            Self::NoRelation | Self::Colleague => "user-x",
            Self::OffHours | Self::ClockBack => "clock-exclamation",
            Self::WatchedCard => "star",
            Self::OwnFamily => "heart-handshake",
            Self::ExportBurst | Self::RoleThenExport => "download",
            Self::UnmaskBurst => "eye",
            Self::EmergencyOpen => "alert-octagon",
            Self::NewDevice | Self::TwoPlaces => "device-desktop",
            Self::Guessing => "key",
            Self::Leaving | Self::AfterLeaving => "door-enter",
            Self::SharedPhone | Self::StaffPhone => "phone",
            Self::AnchorOverdue => "shield-exclamation",
            Self::ManyDenials => "ban",
        }
    }
}

/// How bad it may be; 3 the worst. Stored as that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[repr(i64)]
pub enum Severity {
    Notice = 1,
    Warning = 2,
    Alarm = 3,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum State {
    Open,
    /// There was a reason for it.
    Explained,
    /// There was none.
    Incident,
    /// No longer true when the day was looked at again: nobody had to answer.
    Lapsed,
}

/// What the words of the explanation are made of: counts, minutes, limits.
pub type Numbers = BTreeMap<&'static str, Value>;

/// Something that a rule has found on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub rule: Rule,
    pub severity: Severity,
    /// Whom it is about; empty where it is nobody.
    pub actor: String,
    pub day: Day,
    /// Tells findings of one rule, person and day apart; usually empty.
    pub key: String,
    pub numbers: Numbers,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    /// The entries it rests on, oldest first.
    pub entries: Vec<i64>,
}

/// The limits in force: rows of `audit_limit`, each with its basis there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Limits {
    pub mass_hour: i64,
    pub mass_day: i64,
    pub mass_factor: i64,
    pub list_hour: i64,
    pub list_day: i64,
    pub relation_days: i64,
    pub own_patient_days: i64,
    pub strangers_desk: i64,
    pub strangers_doctor: i64,
    pub call_ahead_days: i64,
    pub off_hours_minutes: i64,
    pub late_minutes: i64,
    pub export_hour: i64,
    pub unmask_day: i64,
    pub emergency_days: i64,
    pub failures: i64,
    pub two_places_minutes: i64,
    pub leaving_days: i64,
    pub leaving_exports: i64,
    pub leaving_strangers: i64,
    pub role_hours: i64,
    pub phone_patients: i64,
    pub phone_days: i64,
    pub anchor_hours: i64,
    pub denials_day: i64,
    pub review_days: i64,
}

impl Limits {
    /// From the newest version of each; None when one is missing.
    pub fn of(rows: impl IntoIterator<Item = (String, i64)>) -> Option<Self> {
        let map = rows.into_iter().map(|(code, value)| (code, Value::from(value))).collect();
        serde_json::from_value(Value::Object(map)).ok()
    }
}
