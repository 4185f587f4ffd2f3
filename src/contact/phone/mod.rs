//! Telephone numbers: E.164, parsed once at the edge and never again.
//!
//! Kazakhstan shares the country code 7 with Russia; people write the trunk
//! prefix 8 in its place, or nothing at all (`701 234 56 78`). Prefixes of
//! mobile networks are those of libphonenumber's metadata of October 2024.

mod scan;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use scan::without_extension;
pub use scan::{Found, find_all};

/// A number in E.164, such as `+77012345678`. Its `Debug` hides the middle, so
/// that a number does not reach a log by accident; `Display` shows it whole.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
#[serde(try_from = "String", into = "String")]
#[sqlx(transparent)]
pub struct Phone(String);

/// Why a text is not a telephone number one can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    #[error("no digits at all")]
    Empty,
    /// Letters that are not the word for an extension.
    #[error("letters where a number was expected")]
    NotANumber,
    /// Digits are missing; the text is worth keeping, somebody may know them.
    #[error("only {digits} digits")]
    TooShort { digits: usize },
    #[error("{digits} digits are too many")]
    TooLong { digits: usize },
    /// Neither +7 nor written with a plus: its country is unknown.
    #[error("not a number of Kazakhstan; write other countries with a plus")]
    NotKazakh,
    /// A spreadsheet showed `7.77719E+10`: the last digits are lost.
    #[error("the spreadsheet rounded the number")]
    Rounded,
    /// 101, 103, 112, 3040: nobody's own number.
    #[error("a service number")]
    Service,
}

impl Phone {
    /// Reads one number. Spaces, brackets, dashes, dots and a trailing
    /// extension (`доб. 12`) are allowed.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let text = without_extension(text.trim());
        if let Some(exact) = from_float(text) {
            return from_digits(&exact?, false);
        }
        if text.chars().any(char::is_alphabetic) {
            return Err(PhoneError::NotANumber);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        from_digits(&digits, text.starts_with('+'))
    }

    /// A number as it is stored, beginning with a plus. None: digits alone may be a
    /// messenger's id of somebody.
    pub fn stored(text: &str) -> Option<Self> {
        if text.starts_with('+') { Self::parse(text).ok() } else { None }
    }

    /// `+77012345678`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number without its plus, as SMS gateways want it.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// A mobile number of Kazakhstan: an SMS can reach it by a local route.
    pub fn is_mobile(&self) -> bool {
        national(&self.0).is_some_and(is_mobile_ndc)
    }

    /// In the plan of Kazakhstan (the country code alone may be Russia's).
    pub fn is_kazakh(&self) -> bool {
        national(&self.0).is_some_and(|national| national.starts_with('7'))
    }

    /// `+7 (701) ***‑**‑78`: enough to recognise one's own number, not to learn
    /// another's. Non-breaking hyphens keep it on one line.
    pub fn masked(&self) -> String {
        let last = &self.0[self.0.len() - 2..];
        match national(&self.0) {
            Some(national) => format!("+7 ({}) ***\u{2011}**\u{2011}{last}", &national[..3]),
            None => format!("{}***{last}", &self.0[..3]),
        }
    }
}

/// The digits of the mobile and geographic plan: rules of KAZAKHSTAN 1.8.
fn from_digits(digits: &str, plus: bool) -> Result<Phone, PhoneError> {
    let count = digits.len();
    let tail = digits.strip_prefix("810").or_else(|| digits.strip_prefix("00"));
    if let Some(abroad) = tail.filter(|abroad| !plus && abroad.len() >= 11) {
        return from_digits(abroad, true);
    }
    if count == 0 {
        return Err(PhoneError::Empty);
    }
    if matches!(digits, "101" | "102" | "103" | "104" | "112") || (!plus && count == 4) {
        return Err(PhoneError::Service);
    }
    let is_seven = digits.starts_with('7') || digits.starts_with('8');
    match count {
        11 if is_seven => Ok(Phone(format!("+7{}", &digits[1..]))),
        8..=15 if plus && !is_seven => Ok(Phone(format!("+{digits}"))),
        10 if plus && is_seven => Err(PhoneError::TooShort { digits: count }),
        10 if digits.starts_with('7') && lost_one(digits) => {
            Err(PhoneError::TooShort { digits: count })
        }
        10 if digits.starts_with('7') => Ok(Phone(format!("+7{digits}"))),
        10 if digits.starts_with('8') => Err(PhoneError::TooShort { digits: count }),
        ..10 => Err(PhoneError::TooShort { digits: count }),
        10 | 11 => Err(PhoneError::NotKazakh),
        _ => Err(PhoneError::TooLong { digits: count }),
    }
}

/// `7701234567` begins no known network as it stands, but does without its
/// first seven: the country code was written and a digit was lost.
fn lost_one(ten: &str) -> bool {
    !is_known_ndc(ten) && is_known_ndc(&ten[1..])
}

fn is_known_ndc(national: &str) -> bool {
    is_mobile_ndc(national) || ["71", "72", "751"].iter().any(|known| national.starts_with(known))
}

fn is_mobile_ndc(national: &str) -> bool {
    let Some(ndc) = national.get(..3) else { return false };
    matches!(
        ndc,
        "700"
            | "701"
            | "702"
            | "705"
            | "706"
            | "707"
            | "708"
            | "747"
            | "760"
            | "761"
            | "762"
            | "763"
            | "764"
            | "771"
            | "775"
            | "776"
            | "777"
            | "778"
            | "785"
    )
}

fn national(e164: &str) -> Option<&str> {
    e164.strip_prefix("+7").filter(|national| national.len() == 10)
}

/// A number that a spreadsheet kept as a float: `77012345678.0`,
/// `7.7012345678E+10`. None when the text is nothing of the kind.
fn from_float(text: &str) -> Option<Result<String, PhoneError>> {
    let text = text.trim();
    if let Some(whole) = text.strip_suffix(".0").or_else(|| text.strip_suffix(",0")) {
        let exact = whole.len() >= 10 && whole.bytes().all(|byte| byte.is_ascii_digit());
        return exact.then(|| Ok(whole.to_owned()));
    }
    let (mantissa, exponent) = text.split_once(['E', 'e', 'Е', 'е'])?;
    let exponent: usize = exponent.trim_start_matches('+').parse().ok()?;
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let plausible = whole.len() == 1 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plausible || !(9..=14).contains(&exponent) {
        return None;
    }
    // Full precision, or with its last zeros not shown: at most two of them.
    if fraction.len() + 2 < exponent || fraction.len() > exponent {
        return Some(Err(PhoneError::Rounded));
    }
    Some(Ok(format!("{digits:0<width$}", width = exponent + 1)))
}

impl fmt::Display for Phone {
    /// `+7 (701) 234-56-78`, as the field shows it while it is typed; other countries in threes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(n) = national(&self.0) {
            return write!(f, "+7 ({}) {}-{}-{}", &n[..3], &n[3..6], &n[6..8], &n[8..]);
        }
        f.write_str("+")?;
        for (index, digit) in self.digits().chars().enumerate() {
            if index > 0 && index % 3 == 0 {
                f.write_str(" ")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, PhoneError> {
        Self::parse(&text)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_way_of_writing_one_number_reads_as_the_same() {
        for text in [
            "+77012345678",
            "87012345678",
            "77012345678",
            "7012345678",
            "8 (701) 234-56-78",
            "8-701-234-56-78",
            "701 234 56 78",
            "+7 701 234 56 78",
            "+8 701 234 56 78",
            "7.7012345678E+10",
            "7,7012345678E+10",
            "77012345678.0",
            "8\u{a0}701\u{a0}234\u{a0}56\u{a0}78",
            "810 7 701 234 56 78",
            "8701 2345678 доб. 12",
            "8 701 234 56 78, вн. 3",
        ] {
            assert_eq!(
                Phone::parse(text).map(String::from),
                Ok("+77012345678".to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_number_that_cannot_be_called_says_why() {
        for (text, why) in [
            ("", PhoneError::Empty),
            ("?", PhoneError::Empty),
            ("нет тел", PhoneError::NotANumber),
            ("870896221", PhoneError::TooShort { digits: 9 }),
            ("777 425 17 ", PhoneError::TooShort { digits: 8 }),
            ("8701234567", PhoneError::TooShort { digits: 10 }),
            ("7701234567", PhoneError::TooShort { digits: 10 }),
            ("870123456789", PhoneError::TooLong { digits: 12 }),
            ("9161234567", PhoneError::NotKazakh),
            ("49301234567", PhoneError::NotKazakh),
            ("7.77719E+10", PhoneError::Rounded),
            ("103", PhoneError::Service),
        ] {
            assert_eq!(Phone::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn numbers_of_other_countries_need_their_plus() {
        let german = Phone::parse("+49 30 1234567").unwrap();
        assert_eq!((german.as_str(), german.is_mobile()), ("+49301234567", false));
        assert_eq!(german.to_string(), "+493 012 345 67");
        let russian = Phone::parse("8 916 123 45 67").unwrap();
        assert_eq!((russian.as_str(), russian.is_kazakh()), ("+79161234567", false));
    }

    #[test]
    fn mobile_numbers_are_told_from_city_numbers() {
        assert!(Phone::parse("8 747 234 12 54").unwrap().is_mobile());
        assert!(!Phone::parse("8 (727) 250-12-34").unwrap().is_mobile());
        assert!(!Phone::parse("+7 751 250 12 34").unwrap().is_mobile());
    }

    #[test]
    fn a_number_is_shown_in_groups_and_hidden_but_for_its_end() {
        let phone = Phone::parse("87012345678").unwrap();
        assert_eq!(phone.to_string(), "+7 (701) 234-56-78");
        assert_eq!(phone.masked(), "+7 (701) ***\u{2011}**\u{2011}78");
        assert!(!format!("{phone:?}").contains("234"));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back_as_itself(ndc in 0usize..5, rest in 0u32..10_000_000) {
            let ndc = ["701", "747", "775", "727", "700"][ndc];
            let phone = Phone::parse(&format!("+7{ndc}{rest:07}")).unwrap();
            prop_assert_eq!(Phone::parse(&phone.to_string()).unwrap(), phone.clone());
        }
    }
}
