//! What the importer says of each row. The codes are stable: reports, scripts
//! and the checks of others read them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Taken,
    /// Taken, but a person should look at it.
    Flagged,
    Refused,
    /// No record at all: a title, a total, an empty line.
    Skipped,
}

/// Why. The order is the order in which reasons are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    // Refusals.
    NoPatient,
    NoDate,
    ImpossibleDate,
    NoTime,
    ImpossibleTime,
    NoService,
    /// The same row stands in the list above.
    Repeated,
    // Flags.
    ShortPhone,
    LongPhone,
    /// The spreadsheet lost the last digits: 7.77719E+10.
    RoundedPhone,
    /// Neither +7 nor with a plus.
    UnknownPhone,
    TwoPhones,
    NoPhone,
    BadIin,
    BadBirthDate,
    /// The IIN tells another birth date than the row.
    BirthDateDiffers,
    /// Carried down past an impossible date.
    UncertainDate,
    UnclearDoctor,
    NoDoctor,
    UnknownService,
    UnclearService,
    NoPrice,
    BadPrice,
    BadDuration,
    /// The name is only a part: initials, or one word.
    PartialName,
    // What a skipped row is.
    Header,
    Title,
    DayLine,
    DoctorLine,
    SectionLine,
    Total,
    EmptySlot,
    /// Lunch, a day off, a reservation without a person.
    NotAVisit,
    /// The sheet is not recognised.
    UnknownTable,
}

impl Reason {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoPatient => "no_patient",
            Self::NoDate => "no_date",
            Self::ImpossibleDate => "impossible_date",
            Self::NoTime => "no_time",
            Self::ImpossibleTime => "impossible_time",
            Self::NoService => "no_service",
            Self::Repeated => "repeated",
            Self::ShortPhone => "short_phone",
            Self::LongPhone => "long_phone",
            Self::RoundedPhone => "rounded_phone",
            Self::UnknownPhone => "unknown_phone",
            Self::TwoPhones => "two_phones",
            Self::NoPhone => "no_phone",
            Self::BadIin => "bad_iin",
            Self::BadBirthDate => "bad_birth_date",
            Self::BirthDateDiffers => "birth_date_differs",
            Self::UncertainDate => "uncertain_date",
            Self::UnclearDoctor => "unclear_doctor",
            Self::NoDoctor => "no_doctor",
            Self::UnknownService => "unknown_service",
            Self::UnclearService => "unclear_service",
            Self::NoPrice => "no_price",
            Self::BadPrice => "bad_price",
            Self::BadDuration => "bad_duration",
            Self::PartialName => "partial_name",
            Self::Header => "header",
            Self::Title => "title",
            Self::DayLine => "day_line",
            Self::DoctorLine => "doctor_line",
            Self::SectionLine => "section_line",
            Self::Total => "total",
            Self::EmptySlot => "empty_slot",
            Self::NotAVisit => "not_a_visit",
            Self::UnknownTable => "unknown_table",
        }
    }

    fn refuses(self) -> bool {
        self <= Self::Repeated
    }

    fn skips(self) -> bool {
        self >= Self::Header
    }

    /// A remark that needs no look of a person; it leaves a row taken.
    pub fn is_remark(self) -> bool {
        matches!(self, Self::PartialName | Self::NoDoctor)
    }
}

/// The verdict that a set of reasons makes.
pub fn verdict_of(reasons: &BTreeSet<Reason>) -> Verdict {
    if reasons.iter().any(|reason| reason.skips()) {
        Verdict::Skipped
    } else if reasons.iter().any(|reason| reason.refuses()) {
        Verdict::Refused
    } else if reasons.iter().any(|reason| !reason.is_remark()) {
        Verdict::Flagged
    } else {
        Verdict::Taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_reason_decides() {
        let verdict = |reasons: &[Reason]| verdict_of(&reasons.iter().copied().collect());
        assert_eq!(verdict(&[]), Verdict::Taken);
        assert_eq!(verdict(&[Reason::TwoPhones]), Verdict::Flagged);
        assert_eq!(verdict(&[Reason::TwoPhones, Reason::NoTime]), Verdict::Refused);
        assert_eq!(verdict(&[Reason::Total]), Verdict::Skipped);
        assert_eq!(verdict(&[Reason::PartialName]), Verdict::Taken);
    }

    #[test]
    fn codes_are_what_serde_writes() {
        for reason in [
            Reason::NoPatient,
            Reason::BadIin,
            Reason::ImpossibleDate,
            Reason::NotAVisit,
            Reason::TwoPhones,
        ] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
        }
    }
}
