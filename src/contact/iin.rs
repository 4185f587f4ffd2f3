//! The Individual Identification Number: `YYMMDD C NNNN K`.
//!
//! The seventh digit gives century and sex (odd is male); foreigners have been
//! seen with 0 there, which gives neither. The check digit has two passes; a
//! number for which both give 10 was never issued.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Twelve digits that satisfy every rule. `Debug` shows the last four only.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(try_from = "String", into = "String")]
#[sqlx(transparent)]
pub struct Iin(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
}

/// What is wrong with a number, in the order in which it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IinError {
    #[error("only digits can stand in it")]
    NotDigits,
    #[error("{digits} digits instead of 12")]
    Length { digits: usize },
    /// The fifth digit is 4, 5 or 6: the number of an organisation.
    #[error("this is the number of an organisation (BIN)")]
    Organisation,
    #[error("the seventh digit cannot be {digit}")]
    Century { digit: u8 },
    #[error("its first six digits are no date")]
    BirthDate,
    #[error("the check digit is wrong")]
    CheckDigit,
}

impl Iin {
    /// Reads a number; spaces and dashes between the digits are allowed.
    pub fn parse(text: &str) -> Result<Self, IinError> {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(IinError::NotDigits);
        }
        if text.len() != 12 {
            return Err(IinError::Length { digits: text.len() });
        }
        let digits: Vec<u8> = text.bytes().map(|byte| byte - b'0').collect();
        if matches!(digits[4], 4..=6) {
            return Err(IinError::Organisation);
        }
        if digits[6] > 6 {
            return Err(IinError::Century { digit: digits[6] });
        }
        if !is_date(&digits) {
            return Err(IinError::BirthDate);
        }
        if check_digit(&digits) != Some(digits[11]) {
            return Err(IinError::CheckDigit);
        }
        Ok(Self(text))
    }

    /// Reads a number from a spreadsheet's number cell, where those born in
    /// 2000–2009 have lost their leading zeros.
    pub fn from_number(number: u64) -> Result<Self, IinError> {
        Self::parse(&format!("{number:012}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// None for a foreigner's number, which does not tell the century.
    pub fn birth_date(&self) -> Option<Date> {
        let digits: Vec<u8> = self.0.bytes().map(|byte| byte - b'0').collect();
        date_in(century(digits[6])?, &digits)
    }

    /// None for a foreigner's number.
    pub fn sex(&self) -> Option<Sex> {
        match self.0.as_bytes()[6] {
            b'1' | b'3' | b'5' => Some(Sex::Male),
            b'2' | b'4' | b'6' => Some(Sex::Female),
            _ => None,
        }
    }

    /// Whether the seventh digit is 0, as reported of some foreigners.
    pub fn is_foreigner(&self) -> bool {
        self.0.as_bytes()[6] == b'0'
    }

    /// `********1234`.
    pub fn masked(&self) -> String {
        format!("********{}", &self.0[8..])
    }
}

fn century(digit: u8) -> Option<i16> {
    match digit {
        1 | 2 => Some(1800),
        3 | 4 => Some(1900),
        5 | 6 => Some(2000),
        _ => None,
    }
}

fn date_in(century: i16, digits: &[u8]) -> Option<Date> {
    let two = |at: usize| i16::from(digits[at]) * 10 + i16::from(digits[at + 1]);
    let month = i8::try_from(two(2)).ok()?;
    let day = i8::try_from(two(4)).ok()?;
    Date::new(century + two(0), month, day).ok()
}

fn is_date(digits: &[u8]) -> bool {
    match century(digits[6]) {
        Some(century) => date_in(century, digits).is_some(),
        None => [1900, 2000].iter().any(|&century| date_in(century, digits).is_some()),
    }
}

/// The twelfth digit of an IIN and of a BIN; None when neither pass gives one.
pub(super) fn check_digit(digits: &[u8]) -> Option<u8> {
    let pass = |first: u32| {
        let weights = (0..11).map(|at| (at + first - 1) % 11 + 1);
        let sum: u32 = digits.iter().zip(weights).map(|(d, w)| u32::from(*d) * w).sum();
        u8::try_from(sum % 11).ok().filter(|&digit| digit < 10)
    };
    pass(1).or_else(|| pass(3))
}

impl fmt::Display for Iin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Iin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iin({})", self.masked())
    }
}

impl TryFrom<String> for Iin {
    type Error = IinError;

    fn try_from(text: String) -> Result<Self, IinError> {
        Self::parse(&text)
    }
}

impl From<Iin> for String {
    fn from(iin: Iin) -> Self {
        iin.0
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_valid_number_tells_birth_date_and_sex() {
        let iin = Iin::parse("850101300005").unwrap();
        assert_eq!((iin.birth_date(), iin.sex()), (Some(date(1985, 1, 1)), Some(Sex::Male)));
        let iin = Iin::parse("051231 500000").unwrap();
        assert_eq!(iin.birth_date(), Some(date(2005, 12, 31)));
        assert_eq!(Iin::parse("190712660556").unwrap().sex(), Some(Sex::Female));
        assert_eq!(iin.masked(), "********0000");
    }

    #[test]
    fn the_second_pass_decides_when_the_first_gives_ten() {
        assert!(Iin::parse("850101300603").is_ok());
        assert!(Iin::parse("051231500102").is_ok());
        for last in 0..10 {
            assert_eq!(Iin::parse(&format!("85010130069{last}")), Err(IinError::CheckDigit));
        }
    }

    #[test]
    fn a_wrong_number_says_what_is_wrong() {
        for (text, why) in [
            ("900229400109", IinError::BirthDate),
            ("900229400007", IinError::BirthDate),
            ("123456789012", IinError::Organisation),
            ("850101300004", IinError::CheckDigit),
            ("850101700004", IinError::Century { digit: 7 }),
            ("85010130000", IinError::Length { digits: 11 }),
            ("85010130000x", IinError::NotDigits),
            ("", IinError::Length { digits: 0 }),
        ] {
            assert_eq!(Iin::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_foreigners_number_gives_neither_date_nor_sex() {
        let body = [8, 5, 0, 1, 0, 1, 0, 0, 0, 1, 2, 0];
        let last = check_digit(&body).unwrap();
        let iin = Iin::parse(&format!("85010100012{last}")).unwrap();
        assert!(iin.is_foreigner());
        assert_eq!((iin.birth_date(), iin.sex()), (None, None));
    }

    #[test]
    fn a_number_cell_gets_its_leading_zeros_back() {
        assert_eq!(Iin::from_number(51_231_500_000).unwrap().as_str(), "051231500000");
    }

    proptest! {
        #[test]
        fn one_changed_digit_never_passes_unless_it_is_issued(at in 0usize..10, by in 1u8..10) {
            let mut digits = *b"850101300005";
            digits[at] = (digits[at] - b'0' + by) % 10 + b'0';
            let text = String::from_utf8(digits.to_vec()).unwrap();
            // Weights 1 to 10 and a prime: any single slip is seen, unless the
            // second pass takes over. (The eleventh digit weighs 11, nothing.)
            if let Ok(iin) = Iin::parse(&text) {
                let first: u32 = iin.as_str().bytes().zip(1..12).map(|(b, w)| u32::from(b - b'0') * w).sum();
                prop_assert_eq!(first % 11, 10);
            }
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,30}") {
            let _ = Iin::parse(&text);
        }
    }
}
