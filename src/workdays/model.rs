//! Days, hours and terms of the law, as they are kept.

use serde::{Deserialize, Serialize};

use crate::clock::{Day, Timestamp};
use crate::ids::StaffId;

/// What is said of a single day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum DayWord {
    Off,
    Work,
    /// As the rule says: an earlier word is taken back.
    ByRule,
}

/// Why a day is unlike the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Word {
    KurbanAit,
    Decree,
}

/// A day that no rule foresees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct LegalDay {
    pub day: Day,
    pub kind: DayWord,
    pub name: Word,
    /// Until it is announced.
    pub estimated: bool,
    pub basis: String,
    pub source: String,
    pub checked_on: Day,
}

/// What is to be said of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDay {
    pub day: Day,
    pub kind: DayWord,
    pub name: Word,
    pub basis: String,
    pub source: String,
    pub checked_on: Day,
}

/// The working week from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct HoursRule {
    pub version: i64,
    /// `12345`: 1 is Monday.
    pub weekdays: String,
    /// Minutes since midnight, like the others.
    pub starts: u16,
    pub ends: u16,
    pub break_starts: Option<u16>,
    pub break_ends: Option<u16>,
    pub basis: String,
    pub source: String,
    pub checked_on: Day,
    pub confirmed: bool,
    pub effective_from: Day,
    pub made_at: Timestamp,
    /// None for those shipped.
    pub made_by: Option<StaffId>,
}

/// A working week to be put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHours {
    pub weekdays: String,
    pub starts: u16,
    pub ends: u16,
    pub pause: Option<(u16, u16)>,
    pub basis: String,
    pub source: String,
    pub checked_on: Day,
    pub confirmed: bool,
    pub effective_from: Day,
}

/// What a term is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum TermCode {
    AuthorityNotice,
    SubjectNotice,
    Access,
    Correction,
    Blocking,
    Destruction,
    Withdrawal,
    Objection,
}

/// One version of a term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Term {
    pub code: TermCode,
    pub version: i64,
    pub working_days: u16,
    /// The law, for people, in Russian.
    pub basis: String,
    /// Empty in versions from before it was asked for.
    pub basis_kk: String,
    pub source: String,
    pub checked_on: Day,
    pub confirmed: bool,
    pub effective_from: Day,
    pub made_at: Timestamp,
    /// None for those shipped.
    pub made_by: Option<StaffId>,
}

/// A version to be put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTerm {
    pub working_days: u16,
    pub basis: String,
    pub basis_kk: String,
    pub source: String,
    pub checked_on: Day,
    pub confirmed: bool,
    pub effective_from: Day,
}

/// All versions of all terms.
#[derive(Clone, Debug)]
pub struct Terms(Vec<Term>);

impl TermCode {
    pub const ALL: [Self; 8] = [
        Self::AuthorityNotice,
        Self::SubjectNotice,
        Self::Access,
        Self::Correction,
        Self::Blocking,
        Self::Destruction,
        Self::Withdrawal,
        Self::Objection,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::AuthorityNotice => "authority_notice",
            Self::SubjectNotice => "subject_notice",
            Self::Access => "access",
            Self::Correction => "correction",
            Self::Blocking => "blocking",
            Self::Destruction => "destruction",
            Self::Withdrawal => "withdrawal",
            Self::Objection => "objection",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

impl Terms {
    pub fn new(terms: Vec<Term>) -> Self {
        Self(terms)
    }

    /// The newest version that had begun on a day.
    pub fn in_force(&self, code: TermCode, on: Day) -> Option<&Term> {
        let begun = self.0.iter().filter(|term| term.code == code && term.effective_from <= on);
        begun.max_by_key(|term| term.version)
    }

    /// All versions, newest first.
    pub fn history(&self, code: TermCode) -> Vec<&Term> {
        let mut versions: Vec<&Term> = self.0.iter().filter(|term| term.code == code).collect();
        versions.sort_by_key(|term| std::cmp::Reverse(term.version));
        versions
    }
}
