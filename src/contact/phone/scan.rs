//! Telephone numbers in a text that was not written for machines: a cell with
//! two of them, a name with one behind it, a comment.

use std::ops::Range;

use super::{Phone, PhoneError, from_digits, from_float};

/// One number in a text that may hold several, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Bytes of the text that the number takes, its extension included.
    pub span: Range<usize>,
    pub number: Result<Phone, PhoneError>,
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

const EXTENSION_WORDS: [&str; 6] = ["доб", "вн", "ext", "қос", "ішкі", "#"];

/// A number without its `доб. 12`.
pub(super) fn without_extension(text: &str) -> &str {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str) -> Vec<Result<String, PhoneError>> {
        find_all(text).into_iter().map(|found| found.number.map(String::from)).collect()
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

    proptest! {
        #[test]
        fn a_number_is_found_between_words(rest in 0u32..10_000_000) {
            prop_assert_eq!(find_all(&format!("тел +7 701 {rest:07}, звонить")).len(), 1);
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
