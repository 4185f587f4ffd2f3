//! An emergency access, and what is thought of it.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{PatientId, StaffId, id};
use crate::vault::permission::Role;
use crate::web::FieldErrors;

id! {
    /// One emergency access.
    AccessId
}

/// How long an access lasts, in milliseconds (SECURITY.md 5.2).
pub const DURATION_MS: i64 = 60 * 60 * 1000;

/// After so many milliseconds without a review it is late: three days.
pub const REVIEW_WITHIN_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// The shortest reason that says something, in characters.
const SHORTEST_REASON: usize = 10;
const LONGEST_REASON: usize = 500;

/// Why, as a code for the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Cause {
    /// Acute pain, bleeding, an allergic reaction.
    Acute,
    OnCall,
    /// A colleague asks for an opinion.
    SecondOpinion,
    /// A complaint or an authority's question about the treatment.
    Inquiry,
    Other,
}

impl Cause {
    pub const ALL: [Self; 5] =
        [Self::Acute, Self::OnCall, Self::SecondOpinion, Self::Inquiry, Self::Other];

    pub fn name(self) -> &'static str {
        match self {
            Self::Acute => "acute",
            Self::OnCall => "on_call",
            Self::SecondOpinion => "second_opinion",
            Self::Inquiry => "inquiry",
            Self::Other => "other",
        }
    }
}

/// What a reviewer thinks of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Verdict {
    Justified,
    Unjustified,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::Unjustified => "unjustified",
        }
    }
}

/// One access, as its reviewer sees it: the number of the card, not the name.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Access {
    pub id: AccessId,
    pub staff_id: StaffId,
    /// Who opened it.
    pub staff: String,
    pub patient_id: PatientId,
    pub card: i64,
    pub cause: Cause,
    pub reason: String,
    pub opened_at: Timestamp,
    pub until_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    /// Who reviewed it; None while it waits.
    pub reviewer: Option<String>,
    pub reviewed_at: Option<Timestamp>,
    pub verdict: Option<Verdict>,
    pub note: Option<String>,
}

/// An access without whom it is about and why in words.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Notice {
    pub staff_id: StaffId,
    /// Of whoever opened it.
    pub role: Role,
    pub cause: Cause,
    pub opened_at: Timestamp,
    pub reviewed: bool,
}

impl Access {
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.reviewed_at.is_none() && self.opened_at.plus_ms(REVIEW_WITHIN_MS) <= now
    }
}

/// What was typed, kept when it is refused.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenForm {
    pub cause: String,
    pub reason: String,
}

impl OpenForm {
    /// Cause and reason, or what is wrong with each field.
    pub fn read(&self) -> Result<(Cause, &str), FieldErrors> {
        let cause = Cause::ALL.into_iter().find(|cause| cause.name() == self.cause);
        let reason = self.reason.trim();
        let length = reason.chars().count();
        let mut errors = FieldErrors::new();
        if cause.is_none() {
            errors.insert("cause", "emergency-error-cause".to_owned());
        }
        if !(SHORTEST_REASON..=LONGEST_REASON).contains(&length) {
            errors.insert("reason", "emergency-error-reason".to_owned());
        }
        match cause {
            Some(cause) if errors.is_empty() => Ok((cause, reason)),
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_needs_a_cause_and_a_reason_of_ten_letters() {
        let form = |cause: &str, reason: &str| OpenForm {
            cause: cause.to_owned(),
            reason: reason.to_owned(),
        };
        assert!(form("acute", "острая боль").read().is_ok());
        let errors = form("", "   боль   ").read().unwrap_err();
        assert_eq!(errors.keys().copied().collect::<Vec<_>>(), ["cause", "reason"]);
        assert!(form("bored", "острая боль").read().is_err());
    }
}
