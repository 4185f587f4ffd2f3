//! The nouns of consent, and how firmly each must be confirmed.
//!
//! The Digital Code of the Republic of Kazakhstan (art. 47(4)) says that a code
//! from an SMS "does not ensure the immutability of a digital record". So this
//! program calls it a digital confirmation, supplies the immutability itself,
//! and asks for more than a code where more is at stake.

use serde::{Deserialize, Serialize};

use crate::clock::Day;
use crate::ids::id;

id! {
    /// One document given to one patient to agree to.
    ConsentId
}

/// How long a document may stay on a tablet, in milliseconds.
pub const KIOSK_MS: i64 = 20 * 60 * 1000;

/// How long a code for pairing a tablet is good, in milliseconds.
pub const PAIRING_MS: i64 = 5 * 60 * 1000;

/// How firmly a consent is confirmed. The wording of each kind sets the least;
/// nothing lower is accepted.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type,
)]
#[sqlx(rename_all = "UPPERCASE")]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// A code by SMS, bound to the document.
    L1,
    /// And a signature drawn before a member of staff who checked who signs.
    L2,
    /// On paper, or with the patient's own key from the state: a code by SMS
    /// cannot reach it.
    L3,
}

/// The language a document is read and signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
pub enum Language {
    #[serde(rename = "ru")]
    #[sqlx(rename = "ru")]
    Russian,
    #[serde(rename = "kk")]
    #[sqlx(rename = "kk")]
    Kazakh,
}

/// How a consent ended, if it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Outcome {
    /// By a code, and a drawing where the level asks for one.
    Signed,
    /// With a pen, before a member of staff.
    SignedOnPaper,
    /// The patient said no.
    Refused,
    /// Staff took it back.
    Cancelled,
    /// Nobody signed within [`KIOSK_MS`].
    Expired,
}

/// Where the patient is with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Step {
    /// Waiting on the tablet, or being read.
    Read,
    /// Read and ticked; to be signed with a finger.
    Sign,
    /// To be confirmed by a code.
    Code,
    /// To be signed with a pen at the desk.
    Paper,
}

/// What a member of staff looked at to know who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum IdentityDocument {
    IdCard,
    Passport,
    ResidencePermit,
    BirthCertificate,
    /// No paper was shown: staff know the person.
    KnownInPerson,
}

/// How a patient said that they no longer agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum WithdrawalWay {
    InPerson,
    ByPhone,
    InWriting,
}

/// What a member of staff saw, as it is stored until it is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub document: IdentityDocument,
    /// The last four characters of its number, or empty.
    pub last4: String,
    pub face_matches: bool,
}

impl Level {
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::L1, Self::L2, Self::L3].into_iter().find(|level| level.number() == number)
    }

    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    pub fn needs_drawing(self) -> bool {
        self >= Self::L2
    }

    /// What must be confirmed by someone who is too young to decide alone, or
    /// by somebody for them, is signed on paper.
    #[must_use]
    pub fn for_age(self, age: Option<u16>, self_from: u16) -> Self {
        if age.is_some_and(|age| age < self_from) { Self::L3 } else { self }
    }

    /// The step after reading.
    pub fn after_reading(self) -> Step {
        match self {
            Self::L1 => Step::Code,
            Self::L2 => Step::Sign,
            Self::L3 => Step::Paper,
        }
    }
}

impl Language {
    pub fn tag(self) -> &'static str {
        match self {
            Self::Russian => "ru",
            Self::Kazakh => "kk",
        }
    }

    /// Kazakh for `kk`, Russian for anything else.
    pub fn from_tag(tag: &str) -> Self {
        if tag == "kk" { Self::Kazakh } else { Self::Russian }
    }
}

impl From<Language> for crate::i18n::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Russian => Self::Ru,
            Language::Kazakh => Self::Kk,
        }
    }
}

impl Outcome {
    /// Whether the patient agreed.
    pub fn stands(self) -> bool {
        matches!(self, Self::Signed | Self::SignedOnPaper)
    }
}

/// Age in whole years on a day; None when born after it.
pub fn age_on(born: Day, today: Day) -> Option<u16> {
    born.years_until(today).and_then(|years| u16::try_from(years).ok())
}

/// `+7 (701) ***-**-78`: enough for the patient to know the phone by.
pub fn masked_phone(e164: &str) -> String {
    let national = e164.strip_prefix("+7").filter(|rest| rest.len() == 10 && rest.is_ascii());
    if let Some(rest) = national {
        return format!("+7 ({}) ***-**-{}", &rest[..3], &rest[8..]);
    }
    format!("***{}", e164.get(e164.len().saturating_sub(2)..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_signs_nothing_by_a_code() {
        assert_eq!(Level::L1.for_age(Some(17), 18), Level::L3);
        assert_eq!(Level::L1.for_age(Some(18), 18), Level::L1);
        assert_eq!(Level::L2.for_age(None, 18), Level::L2);
    }

    #[test]
    fn a_higher_level_asks_for_more() {
        assert_eq!(Level::L1.after_reading(), Step::Code);
        assert_eq!(Level::L2.after_reading(), Step::Sign);
        assert_eq!(Level::L3.after_reading(), Step::Paper);
        assert!(Level::L1 < Level::L3 && Level::L3.needs_drawing());
    }

    #[test]
    fn a_phone_is_shown_by_its_operator_and_its_end() {
        assert_eq!(masked_phone("+77011234578"), "+7 (701) ***-**-78");
        assert_eq!(masked_phone("+998901234567"), "***67");
    }
}
