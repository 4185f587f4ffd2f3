//! A text as it travels over SMPP: letters in the alphabet of the centre or in
//! UCS-2, long texts in parts with a header each (3GPP TS 23.040, 9.2.3.24.1).

use crate::messaging::segments::{Alphabet, basic, extension};

/// "SMSC default alphabet": the one of GSM, one septet in an octet.
const DEFAULT: u8 = 0;
const ASCII: u8 = 1;
const LATIN1: u8 = 3;
const UCS2: u8 = 8;

const ESCAPE: u8 = 0x1b;

/// A text in parts.
#[derive(Debug, PartialEq, Eq)]
pub struct Parts {
    pub data_coding: u8,
    /// With their headers, when there are several.
    pub parts: Vec<Vec<u8>>,
}

impl Parts {
    pub fn has_headers(&self) -> bool {
        self.parts.len() > 1
    }
}

fn letters(text: &str) -> (u8, Vec<Vec<u8>>) {
    let alphabet = Alphabet::of(text);
    let data_coding = match alphabet {
        Alphabet::Gsm7 => DEFAULT,
        Alphabet::Ucs2 => UCS2,
    };
    (data_coding, text.chars().map(|letter| octets(letter, alphabet)).collect())
}

/// A text of any length in one piece, for centres that cut it themselves.
pub fn whole(text: &str) -> (u8, Vec<u8>) {
    let (data_coding, letters) = letters(text);
    (data_coding, letters.concat())
}

/// Cuts a text into parts; `reference` tells the phone which belong together.
pub fn parts(text: &str, reference: u8) -> Parts {
    let (data_coding, letters) = letters(text);
    let (alone, joined) = if data_coding == UCS2 { (140, 134) } else { (160, 153) };
    if letters.iter().map(Vec::len).sum::<usize>() <= alone {
        return Parts { data_coding, parts: vec![letters.concat()] };
    }
    let mut bodies = vec![Vec::new()];
    for letter in letters {
        // A letter of two units is never torn between two parts.
        if joined < bodies.last().map_or(0, Vec::len) + letter.len() {
            bodies.push(Vec::new());
        }
        bodies.last_mut().expect("one from the start").extend(letter);
    }
    let total = u8::try_from(bodies.len()).unwrap_or(u8::MAX);
    let numbered = bodies.into_iter().zip(1_u8..);
    let parts = numbered
        .map(|(body, number)| [&[5, 0, 3, reference, total, number][..], &body].concat())
        .collect();
    Parts { data_coding, parts }
}

fn octets(letter: char, alphabet: Alphabet) -> Vec<u8> {
    match alphabet {
        Alphabet::Ucs2 => {
            let mut units = [0; 2];
            letter.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()).collect()
        }
        Alphabet::Gsm7 => {
            let plain = basic().find(|(_, one)| *one == letter).map(|(code, _)| vec![code]);
            let escaped =
                || extension().find(|(_, one)| *one == letter).map(|(code, _)| vec![ESCAPE, code]);
            plain.or_else(escaped).unwrap_or_default()
        }
    }
}

/// What a person wrote, its header (if any) left out.
pub fn read(data_coding: u8, has_header: bool, bytes: &[u8]) -> String {
    let header =
        if has_header { bytes.first().map_or(0, |length| usize::from(*length) + 1) } else { 0 };
    let bytes = bytes.get(header..).unwrap_or_default();
    match data_coding {
        UCS2 => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        ASCII | LATIN1 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        _ => {
            let mut text = String::new();
            let mut rest = bytes.iter();
            while let Some(byte) = rest.next() {
                let letter = if *byte == ESCAPE {
                    let code = rest.next().copied().unwrap_or_default();
                    extension().find(|(one, _)| *one == code)
                } else {
                    basic().find(|(one, _)| one == byte)
                };
                text.push(letter.map_or(char::REPLACEMENT_CHARACTER, |(_, letter)| letter));
            }
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::messaging::segments::Segments;

    fn joined(parts: &Parts) -> String {
        let read_one = |part: &Vec<u8>| read(parts.data_coding, parts.has_headers(), part);
        parts.parts.iter().map(read_one).collect()
    }

    #[test]
    fn the_gsm_alphabet_has_its_codes() {
        assert_eq!(parts("@A a{€", 1).parts, [vec![0, b'A', b' ', b'a', 0x1b, 0x28, 0x1b, 0x65]]);
        assert_eq!(parts("ü", 1).parts, [vec![0x7e]]);
        assert_eq!(parts("ә", 1), Parts { data_coding: 8, parts: vec![vec![0x04, 0xd9]] });
    }

    #[test]
    fn a_long_text_has_a_header_in_each_part() {
        let parts = parts(&"ж".repeat(135), 0xa7);
        assert_eq!(parts.parts.len(), 3);
        assert_eq!(parts.parts[2][..6], [5, 0, 3, 0xa7, 3, 3]);
        assert!(parts.parts.iter().all(|part| part.len() <= 140));
    }

    proptest! {
        #[test]
        fn what_is_sent_is_what_was_written_and_as_many_as_are_billed(
            text in "[a-zA-ZҚқӘәІіЁё€{}~^ 0-9😀]{0,500}",
        ) {
            let sent = parts(&text, 3);
            prop_assert_eq!(joined(&sent), text.clone());
            prop_assert_eq!(sent.parts.len(), Segments::of(&text).parts);
            let (data_coding, bytes) = whole(&text);
            prop_assert_eq!(read(data_coding, false, &bytes), text);
        }

        #[test]
        fn nothing_that_comes_makes_it_stumble(
            coding: u8, header: bool, bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let _ = read(coding, header, &bytes);
        }
    }
}
