//! Telephone numbers: E.164, parsed once at the edge and never again.
//!
//! Kazakhstan shares the country code 7 with Russia; people write the trunk
//! prefix 8 in its place, or nothing at all (`701 234 56 78`). Prefixes of
//! mobile networks are those of libphonenumber's metadata of October 2024.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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

/// One number in a text that may hold several, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Bytes of the text that the number takes, its extension included.
    pub span: Range<usize>,
    pub number: Result<Phone, PhoneError>,
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

    /// `+7 701 ***‑**‑78`: enough to recognise one's own number, not to learn
    /// another's. Non-breaking hyphens keep it on one line.
    pub fn masked(&self) -> String {
        let last = &self.0[self.0.len() - 2..];
        match national(&self.0) {
            Some(national) => format!("+7 {} ***\u{2011}**\u{2011}{last}", &national[..3]),
            None => format!("{}***{last}", &self.0[..3]),
        }
    }
}

/// Every number in a cell or a comment, in order. Runs of fewer than six
/// digits and things that read as dates are not numbers; a run that cannot be
/// one number is tried as several (`8 701 234 56 78 8 702 111 22 33`).
pub fn find_all(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for run in runs(text) {
        let written = &text[run.clone()];
        if from_float(written).is_some() {
            let end = extension_end(text, run.end);
            found.push(Found { span: run.start..end, number: Phone::parse(written) });
            continue;
        }
        let groups = groups(text, &run);
        let total: usize = groups.iter().map(ExactSizeIterator::len).sum();
        if total < 6 || reads_as_date(written) {
            continue;
        }
        for piece in pieces(text, &groups) {
            let first = piece[0].start;
            let start = if first > 0 && text[..first].ends_with('+') { first - 1 } else { first };
            let last = piece[piece.len() - 1].end;
            let digits: String = piece.iter().map(|group| &text[group.clone()]).collect();
            let number = from_digits(&digits, start < first);
            found.push(Found { span: start..extension_end(text, last), number });
        }
    }
    found
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

const EXTENSION_WORDS: [&str; 6] = ["доб", "вн", "ext", "қос", "ішкі", "#"];

fn without_extension(text: &str) -> &str {
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return text;
    }
    let digits_before = |at: usize| lower[..at].bytes().filter(u8::is_ascii_digit).count();
    EXTENSION_WORDS
        .iter()
        .filter_map(|word| lower.find(word))
        .find(|&at| digits_before(at) >= 10)
        .map_or(text, |at| text[..at].trim_end_matches([' ', ',', '(', '\u{a0}']))
}

/// Where the number that ends at `end` really ends: past `доб. 123`.
fn extension_end(text: &str, end: usize) -> usize {
    let rest = text[end..].trim_start_matches([' ', ',', '(', '\u{a0}']);
    let lower = rest.to_lowercase();
    let Some(word) = EXTENSION_WORDS.iter().find(|word| lower.starts_with(**word)) else {
        return end;
    };
    let after = rest.get(word.len()..).unwrap_or_default();
    let skipped = after.trim_start_matches(|c: char| c.is_alphabetic() || ".: №".contains(c));
    let number = skipped.trim_start_matches(|c: char| c.is_ascii_digit());
    if number.len() == skipped.len() || skipped.len() - number.len() > 5 {
        return end;
    }
    text.len() - number.trim_start_matches(')').len()
}

/// Stretches of text made of what numbers are written with.
fn runs(text: &str) -> Vec<Range<usize>> {
    let belongs = |c: char| {
        c.is_ascii_digit()
            || "+()-.\u{2010}\u{2011}\u{2012}\u{2013}\u{2212} \u{a0}\u{202f}".contains(c)
    };
    let mut runs = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), '|')]) {
        let float = matches!(c, 'E' | 'e' | 'Е' | 'е')
            && start.is_some_and(|start: usize| text[start..at].trim_start().len() > 2)
            && text[at + c.len_utf8()..]
                .trim_start_matches('+')
                .starts_with(|c: char| c.is_ascii_digit());
        let comma = c == ','
            && start.is_some_and(|start: usize| text[start..at].trim_start().len() == 1)
            && text.contains("E+1");
        if belongs(c) || float || comma {
            start.get_or_insert(at);
        } else if let Some(begun) = start.take() {
            let trimmed =
                text[begun..at].trim_end_matches([' ', '-', '.', '(', '\u{a0}', '\u{202f}']);
            let lead = trimmed.len()
                - trimmed.trim_start_matches([' ', '-', '.', ')', '\u{a0}', '\u{202f}']).len();
            if trimmed.bytes().any(|byte| byte.is_ascii_digit()) {
                runs.push(begun + lead..begun + trimmed.len());
            }
        }
    }
    runs
}

/// The digit groups of a run.
fn groups(text: &str, run: &Range<usize>) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (at, byte) in text.bytes().enumerate().take(run.end).skip(run.start) {
        if !byte.is_ascii_digit() {
            continue;
        }
        match groups.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => groups.push(at..at + 1),
        }
    }
    groups
}

/// Cuts a run into numbers: at every plus; and when what lies between is too
/// long for one number, into whole numbers if that comes out exactly.
fn pieces(text: &str, groups: &[Range<usize>]) -> Vec<Vec<Range<usize>>> {
    let mut parts: Vec<Vec<Range<usize>>> = Vec::new();
    for group in groups {
        let plus = group.start > 0 && text.as_bytes()[group.start - 1] == b'+';
        match parts.last_mut() {
            Some(part) if !plus => part.push(group.clone()),
            _ => parts.push(vec![group.clone()]),
        }
    }
    parts.into_iter().flat_map(|part| cut_long(text, part)).collect()
}

fn cut_long(text: &str, part: Vec<Range<usize>>) -> Vec<Vec<Range<usize>>> {
    let total: usize = part.iter().map(ExactSizeIterator::len).sum();
    if total <= 15 {
        return vec![part];
    }
    if let [only] = &part[..] {
        if total == 22 {
            let middle = only.start + 11;
            return vec![vec![only.start..middle], vec![middle..only.end]];
        }
        return vec![part];
    }
    let mut cut = Vec::new();
    if cut_exactly(text, &part, &mut cut) { cut } else { vec![part] }
}

fn cut_exactly(text: &str, rest: &[Range<usize>], cut: &mut Vec<Vec<Range<usize>>>) -> bool {
    if rest.is_empty() {
        return true;
    }
    for end in 1..=rest.len().min(8) {
        let digits: String = rest[..end].iter().map(|group| &text[group.clone()]).collect();
        if digits.len() > 11 {
            break;
        }
        if from_digits(&digits, false).is_ok() {
            cut.push(rest[..end].to_vec());
            if cut_exactly(text, &rest[end..], cut) {
                return true;
            }
            cut.pop();
        }
    }
    false
}

fn reads_as_date(written: &str) -> bool {
    let parts: Vec<&str> = written.split(['.', '-']).collect();
    let [first, second, third] = parts[..] else { return false };
    let sized = |part: &str, sizes: &[usize]| {
        sizes.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    sized(second, &[1, 2])
        && ((sized(first, &[1, 2]) && sized(third, &[2, 4]))
            || (sized(first, &[4]) && sized(third, &[1, 2])))
}

impl fmt::Display for Phone {
    /// `+7 701 234 56 78`; other countries in threes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(n) = national(&self.0) {
            return write!(f, "+7 {} {} {} {}", &n[..3], &n[3..6], &n[6..8], &n[8..]);
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

    fn all(text: &str) -> Vec<Result<String, PhoneError>> {
        find_all(text).into_iter().map(|found| found.number.map(String::from)).collect()
    }

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
    fn a_cell_may_hold_two_numbers() {
        let two = vec![Ok("+77015503555".to_owned()), Ok("+77757726478".to_owned())];
        for text in [
            "+7 701 550 35 55 / +77757726478",
            "87015503555,87757726478",
            "87015503555 87757726478",
            "8 701 550 35 55 8 775 772 64 78",
            "+77015503555+77757726478",
            "701 550 35 55; 775 772 64 78",
            "8701550355587757726478",
            "мама 87015503555 папа 8 (775) 772-64-78",
        ] {
            assert_eq!(all(text), two, "{text}");
        }
        assert_eq!(
            all("8 701 550 35 55 / 8 775 77"),
            [two[0].clone(), Err(PhoneError::TooShort { digits: 6 })]
        );
    }

    #[test]
    fn a_number_is_cut_out_of_a_name_with_its_extension() {
        let text = "Иванов Иван 8 701 234 56 78 доб. 12, после 18:00";
        let found = find_all(text);
        assert_eq!(found.len(), 1);
        assert_eq!(&text[found[0].span.clone()], "8 701 234 56 78 доб. 12");
    }

    #[test]
    fn dates_cabinets_and_hours_are_not_numbers() {
        for text in ["06.01.2025", "2025-01-06", "каб. 12", "с 9.30 до 18.00", "", "VIP"] {
            assert!(find_all(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_number_is_shown_in_groups_and_hidden_but_for_its_end() {
        let phone = Phone::parse("87012345678").unwrap();
        assert_eq!(phone.to_string(), "+7 701 234 56 78");
        assert_eq!(phone.masked(), "+7 701 ***\u{2011}**\u{2011}78");
        assert!(!format!("{phone:?}").contains("234"));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back_as_itself(ndc in 0usize..5, rest in 0u32..10_000_000) {
            let ndc = ["701", "747", "775", "727", "700"][ndc];
            let phone = Phone::parse(&format!("+7{ndc}{rest:07}")).unwrap();
            prop_assert_eq!(Phone::parse(&phone.to_string()).unwrap(), phone.clone());
            prop_assert_eq!(find_all(&format!("тел {phone}, звонить")).len(), 1);
        }

        #[test]
        fn no_text_breaks_the_search(text in "\\PC{0,60}") {
            for found in find_all(&text) {
                prop_assert!(text.get(found.span).is_some());
            }
            let _ = Phone::parse(&text);
        }
    }
}
