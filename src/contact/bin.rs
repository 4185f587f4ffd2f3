//! The Business Identification Number: `YYMM T A NNNNN K`.
//!
//! Year and month of registration, the kind of organisation (4 resident, 5 non-
//! resident, 6 sole trader in joint enterprise), what part of it this is (0 head,
//! 1 branch, 2 representation, 3 farm), a number, and the check digit of an
//! [`Iin`]. A sole trader has no BIN and gives their IIN in its place.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::iin::{Iin, check_digit};

/// Twelve digits that satisfy every rule: an organisation's number, or the IIN
/// of a sole trader.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(try_from = "String", into = "String")]
#[sqlx(transparent)]
pub struct Bin(String);

/// What is wrong with a number, in the order in which it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BinError {
    #[error("only digits can stand in it")]
    NotDigits,
    #[error("{digits} digits instead of 12")]
    Length { digits: usize },
    /// The fifth digit is none of an organisation, and it is no IIN either.
    #[error("this is neither the number of an organisation nor of a person")]
    Nobody,
    #[error("its third and fourth digits are no month")]
    Month,
    #[error("the sixth digit cannot be {digit}")]
    Part { digit: u8 },
    #[error("the check digit is wrong")]
    CheckDigit,
}

impl Bin {
    /// Reads a number; spaces and dashes between the digits are allowed.
    pub fn parse(text: &str) -> Result<Self, BinError> {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BinError::NotDigits);
        }
        if text.len() != 12 {
            return Err(BinError::Length { digits: text.len() });
        }
        let digits: Vec<u8> = text.bytes().map(|byte| byte - b'0').collect();
        if !matches!(digits[4], 4..=6) {
            return Iin::parse(&text).map(|_| Self(text)).map_err(|_| BinError::Nobody);
        }
        if !(1..=12).contains(&(digits[2] * 10 + digits[3])) {
            return Err(BinError::Month);
        }
        if digits[5] > 3 {
            return Err(BinError::Part { digit: digits[5] });
        }
        if check_digit(&digits) != Some(digits[11]) {
            return Err(BinError::CheckDigit);
        }
        Ok(Self(text))
    }

    /// Whether it is the IIN of a sole trader.
    pub fn is_person(&self) -> bool {
        !matches!(self.0.as_bytes()[4], b'4'..=b'6')
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Bin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Bin {
    type Error = BinError;

    fn try_from(text: String) -> Result<Self, BinError> {
        Self::parse(&text)
    }
}

impl From<Bin> for String {
    fn from(bin: Bin) -> Self {
        bin.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number with this beginning and its check digit.
    fn number(body: &str) -> String {
        let digits: Vec<u8> = body.bytes().map(|byte| byte - b'0').collect();
        format!("{body}{}", check_digit(&digits).expect("a body that was issued"))
    }

    #[test]
    fn a_number_of_an_organisation_is_read_with_or_without_spaces() {
        let text = number("19034001234");
        assert_eq!(Bin::parse(&text).unwrap().as_str(), text);
        let spaced = format!(" {} {}-{} ", &text[..4], &text[4..6], &text[6..]);
        assert_eq!(Bin::parse(&spaced).unwrap().to_string(), text);
        assert!(!Bin::parse(&text).unwrap().is_person());
        assert!(Bin::parse("850101300005").unwrap().is_person(), "a sole trader");
    }

    #[test]
    fn a_wrong_number_says_what_is_wrong() {
        let good = number("19034001234");
        let last = (good.as_bytes()[11] - b'0' + 1) % 10;
        let slipped = format!("{}{last}", &good[..11]);
        for (text, why) in [
            ("19034001234", BinError::Length { digits: 11 }),
            ("", BinError::Length { digits: 0 }),
            ("19034001234x", BinError::NotDigits),
            ("850101300006", BinError::Nobody),
            (&number("19134001234"), BinError::Month),
            (&number("19004001234"), BinError::Month),
            (&number("19034401234"), BinError::Part { digit: 4 }),
            (&slipped, BinError::CheckDigit),
        ] {
            assert_eq!(Bin::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn every_slip_of_one_digit_is_seen() {
        let good = number("19034001234");
        for at in [0, 1, 6, 7, 8, 9] {
            for by in 1..10 {
                let mut bytes = good.clone().into_bytes();
                bytes[at] = (bytes[at] - b'0' + by) % 10 + b'0';
                let text = String::from_utf8(bytes).unwrap();
                // Unless the first pass gives ten and the second happens to fit.
                let sum: u32 =
                    text.bytes().zip(1..12).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
                assert!(Bin::parse(&text).is_err() || sum % 11 == 10, "{text}");
            }
        }
    }
}
