//! Which encoding a text is in: UTF-8, UTF-16, and the one-byte Cyrillic ones.
//!
//! One-byte encodings are told apart by decoding in each and asking which text
//! looks written by people; chardetng has a vote when two look the same.
//! KZ-1048 is Windows-1251 with the Kazakh letters put in place of Serbian,
//! Macedonian and Ukrainian ones (ҚР СТ 1048-2002).

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    Encoding, IBM866, KOI8_R, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251, X_MAC_CYRILLIC,
};

use super::ReadError;

/// Decodes a text file.
///
/// # Errors
/// `NotATable` when it is no text in any of the encodings.
pub fn decode(bytes: &[u8]) -> Result<String, ReadError> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return plain(&encoding.decode_without_bom_handling(&bytes[length..]).0);
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return plain(&encoding.decode_without_bom_handling(bytes).0);
    }
    // A cut last character must not turn a UTF-8 file into Windows-1251.
    let sound = match std::str::from_utf8(bytes) {
        Ok(text) => return plain(text),
        Err(error) => error.error_len().is_none().then(|| error.valid_up_to()),
    };
    if let Some(end) = sound.filter(|end| *end > 0) {
        return plain(&UTF_8.decode_without_bom_handling(&bytes[..end]).0);
    }
    plain(&one_byte(bytes))
}

fn plain(text: &str) -> Result<String, ReadError> {
    let odd = text
        .chars()
        .filter(|c| c.is_control() && !"\n\r\t\u{b}\u{c}".contains(*c) || *c == '\u{fffd}')
        .count();
    if odd * 50 > text.chars().count() {
        return Err(ReadError::NotATable("binary"));
    }
    Ok(text.chars().filter(|c| *c != '\0').collect())
}

fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |odd: usize| {
        sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0 || **byte == 4).count()
    };
    let half = sample.len() / 2;
    if half < 4 || !sample.contains(&0) {
        return None;
    }
    if zeros(1) * 10 > half * 9 {
        Some(UTF_16LE)
    } else if zeros(0) * 10 > half * 9 {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn one_byte(bytes: &[u8]) -> String {
    let sample = &bytes[..bytes.len().min(256 * 1024)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let voted = detector.guess(Some(b"kz"), Utf8Detection::Deny);
    let mut best = (f64::MIN, WINDOWS_1251);
    for encoding in [WINDOWS_1251, IBM866, KOI8_R, X_MAC_CYRILLIC] {
        let vote = if encoding == voted { 0.02 } else { 0.0 };
        let score = written_by_people(&encoding.decode_without_bom_handling(sample).0) + vote;
        if score > best.0 {
            best = (score, encoding);
        }
    }
    let text = best.1.decode_without_bom_handling(bytes).0;
    if best.1 == WINDOWS_1251 && is_kz1048(&text) {
        return text.chars().map(kazakh_letter).collect();
    }
    text.into_owned()
}

/// The mean over letters beyond ASCII: common small letters are good, capitals
/// inside a word and drawing signs are bad.
fn written_by_people(text: &str) -> f64 {
    let (mut sum, mut count) = (0.0, 0u32);
    let mut before = ' ';
    for c in text.chars() {
        if !c.is_ascii() {
            count += 1;
            sum += match c {
                'о' | 'е' | 'а' | 'и' | 'н' | 'т' | 'с' | 'р' | 'в' | 'л' => 1.0,
                'а'..='я' | 'ё' | 'і' => 0.7,
                'А'..='Я' | 'Ё' if !before.is_lowercase() => 0.5,
                '№' | '«' | '»' | '—' | '–' | '\u{a0}' | '…' => 0.3,
                'А'..='Я' | 'Ё' => -1.0,
                '\u{400}'..='\u{45f}' => -0.1,
                _ => -1.5,
            };
        }
        before = c;
    }
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}

/// Serbian and Macedonian letters in a text of a Kazakh clinic are Kazakh ones.
fn is_kz1048(text: &str) -> bool {
    let moved = text.chars().filter(|c| kazakh_letter(*c) != *c).count();
    let ukrainian = text.chars().filter(|c| matches!(c, 'Є' | 'є' | 'Ї' | 'ї' | 'Ґ' | 'ґ')).count();
    moved > 0 && moved > ukrainian
}

fn kazakh_letter(c: char) -> char {
    match c {
        'Ќ' => 'Қ',
        'ќ' => 'қ',
        'Ћ' => 'Һ',
        'ћ' => 'һ',
        'Ў' => 'Ұ',
        'ў' => 'ұ',
        'Ј' => 'Ә',
        'ј' => 'ә',
        'Ґ' => 'Ө',
        'ґ' => 'ө',
        'Є' => 'Ғ',
        'є' => 'ғ',
        'Ї' => 'Ү',
        'ї' => 'ү',
        'Ѕ' => 'Ң',
        'ѕ' => 'ң',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "Фамилия;Имя;Дата рождения;Телефон\nКасымова;Айгерим;08.12.2019;8 701 234 56 78\n";

    #[test]
    fn every_encoding_of_the_last_thirty_years_is_recognised() {
        assert_eq!(decode(TEXT.as_bytes()).unwrap(), TEXT);
        assert_eq!(decode(format!("\u{feff}{TEXT}").as_bytes()).unwrap(), TEXT);
        for encoding in [WINDOWS_1251, IBM866, KOI8_R, X_MAC_CYRILLIC] {
            let bytes = encoding.encode(TEXT).0;
            assert_eq!(decode(&bytes).unwrap(), TEXT, "{}", encoding.name());
        }
        let little: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&little).unwrap(), TEXT);
        assert_eq!(decode(&big).unwrap(), TEXT);
        assert_eq!(decode(&[&[0xff, 0xfe][..], &little].concat()).unwrap(), TEXT);
    }

    #[test]
    fn the_kazakh_code_page_keeps_its_letters() {
        let text = "Аты-жөні;Күні\nҚасымова Әйгерім;1\nӨтегенов Нұрлан;2\n";
        let as_1251: String = text
            .chars()
            .map(|c| {
                ('\u{400}'..='\u{491}').find(|o| kazakh_letter(*o) == c && *o != c).unwrap_or(c)
            })
            .collect();
        assert_eq!(decode(&WINDOWS_1251.encode(&as_1251).0).unwrap(), text);
    }

    #[test]
    fn a_cut_last_letter_does_not_spoil_the_rest() {
        let bytes = TEXT.as_bytes();
        let cut = [bytes, &"я".as_bytes()[..1]].concat();
        assert_eq!(decode(&cut).unwrap(), TEXT);
    }
}
