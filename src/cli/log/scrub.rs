//! What in a line of the technical log looks like personal data, struck out.
//!
//! The log is English. A letter that is not Latin came from a person, and so did
//! a number as long as a phone's or an IIN.

use std::borrow::Cow;

const STRUCK: char = '…';

/// Digits, signs between them left out: a phone without its code, an IIN, a card.
const LENGTHS: std::ops::RangeInclusive<usize> = 9..=16;

/// The line with each such run as `…`.
pub fn scrubbed(line: &str) -> Cow<'_, str> {
    if line.is_ascii() && longest_digits(line) < *LENGTHS.start() {
        return Cow::Borrowed(line);
    }
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        let run = if is_foreign(first) {
            rest.find(|letter| !is_foreign(letter)).unwrap_or(rest.len())
        } else if first.is_ascii_digit() && !before.is_some_and(is_word) {
            number(rest)
        } else {
            0
        };
        if run > 0 {
            clean.push(STRUCK);
            before = rest[..run].chars().next_back();
            rest = &rest[run..];
        } else {
            clean.push(first);
            before = Some(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    Cow::Owned(clean)
}

/// Letters of no log line of ours; signs such as `…`, `—` and `«` stay.
fn is_foreign(letter: char) -> bool {
    !letter.is_ascii() && letter.is_alphanumeric()
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '-' || letter == '.'
}

/// How many bytes at the beginning are one such number; 0 when none are. Hex
/// and ids go on with letters and are none.
fn number(text: &str) -> usize {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let follows = text[end..].chars().next();
    let is_alone = !follows.is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '-');
    if is_alone && LENGTHS.contains(&end) { end } else { 0 }
}

fn longest_digits(line: &str) -> usize {
    line.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_phones_and_iins_are_struck_out_and_the_rest_stays() {
        for (line, clean) in [
            ("unknown variant `Маркербаева Әйгерім`", "unknown variant `… …`"),
            ("phone +77059876541 refused", "phone +… refused"),
            ("iin=850101300005, card 17", "iin=…, card 17"),
            ("{\"to\":\"77059876541\"}", "{\"to\":\"…\"}"),
        ] {
            assert_eq!(scrubbed(line), clean);
        }
        for fine in [
            "2026-11-27T03:17:01.123456Z  INFO tirkeu: serving staff=0.0.0.0:8443",
            "job 01938f2e-7c1a-7000-8000-123456789012 failed",
            "cause: no such table: patient_words",
            "blob 00112233445566778899aabbccddeeff",
            "12345678 rows — read",
        ] {
            assert_eq!(scrubbed(fine), fine);
        }
    }

    proptest! {
        #[test]
        fn no_foreign_letter_and_no_iin_passes(
            line in "\\PC{0,60}",
            iin in "[0-9]{12}",
            around in "[ ,:=\"']",
        ) {
            let line = format!("{line}{around}{iin}{around}");
            let clean = scrubbed(&line);
            prop_assert!(!clean.chars().any(is_foreign));
            prop_assert!(!clean.contains(&iin));
        }
    }
}
