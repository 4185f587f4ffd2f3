//! How many SMS a text costs (3GPP TS 23.038 alphabets, TS 23.040 joining).
//!
//! A text of the GSM alphabet has 160 places in one SMS, any other 70; joined
//! parts lose seven octets each to the header, which leaves 153 and 67. One
//! Kazakh or Russian letter, `«`, `№` or `₸` makes the whole text the dear kind.

use serde::Serialize;

/// The alphabet a text travels in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Alphabet {
    /// Septets: Latin, Greek capitals, digits, common signs.
    Gsm7,
    /// UTF-16 units: everything else.
    Ucs2,
}

/// What one text costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Segments {
    pub alphabet: Alphabet,
    /// SMS the operator bills. At least one, also for an empty text.
    pub parts: usize,
    /// Places taken, of the alphabet's kind.
    pub units: usize,
    /// Places still free before another part begins.
    pub room: usize,
}

impl Alphabet {
    /// The smallest alphabet that has all letters of a text.
    pub fn of(text: &str) -> Self {
        if text.chars().all(|c| septets(c).is_some()) { Self::Gsm7 } else { Self::Ucs2 }
    }

    /// Places in an SMS that stands alone, and in each one of several.
    fn places(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    fn units(self, letter: char) -> usize {
        match self {
            Self::Gsm7 => septets(letter).unwrap_or_default(),
            Self::Ucs2 => letter.len_utf16(),
        }
    }
}

impl Segments {
    pub fn of(text: &str) -> Self {
        let alphabet = Alphabet::of(text);
        let (alone, joined) = alphabet.places();
        let units = text.chars().map(|letter| alphabet.units(letter)).sum();
        if units <= alone {
            return Self { alphabet, parts: 1, units, room: alone - units };
        }
        let mut parts = 1;
        let mut taken = 0;
        for letter in text.chars() {
            let units = alphabet.units(letter);
            // A letter of two units is never torn between two parts.
            if joined < taken + units {
                parts += 1;
                taken = 0;
            }
            taken += units;
        }
        Self { alphabet, parts, units, room: joined - taken }
    }
}

/// The default alphabet of 23.038 section 6.2.1, without the escape itself.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Its extension, each letter behind an escape (6.2.1.1).
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Codes of the extension's letters, in its order.
const EXTENSION_CODES: [u8; 10] = [0x0a, 0x14, 0x28, 0x29, 0x2f, 0x3c, 0x3d, 0x3e, 0x40, 0x65];

/// The default alphabet by its codes, the escape (27) left out.
pub(super) fn basic() -> impl Iterator<Item = (u8, char)> {
    (0_u8..128).filter(|code| *code != 0x1b).zip(BASIC.chars())
}

/// The extension by its codes behind the escape.
pub(super) fn extension() -> impl Iterator<Item = (u8, char)> {
    EXTENSION_CODES.into_iter().zip(EXTENSION.chars())
}

/// Septets of a letter in the GSM alphabet, or none when it is not in it.
fn septets(letter: char) -> Option<usize> {
    if BASIC.contains(letter) { Some(1) } else { EXTENSION.contains(letter).then_some(2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Alphabet, usize, usize) {
        let Segments { alphabet, parts, room, .. } = Segments::of(text);
        (alphabet, parts, room)
    }

    #[test]
    fn a_latin_text_has_160_places_alone_and_153_in_each_part() {
        assert_eq!(parts(""), (Alphabet::Gsm7, 1, 160));
        assert_eq!(parts(&"a".repeat(160)), (Alphabet::Gsm7, 1, 0));
        assert_eq!(parts(&"a".repeat(161)), (Alphabet::Gsm7, 2, 145));
        assert_eq!(parts(&"a".repeat(306)), (Alphabet::Gsm7, 2, 0));
        assert_eq!(parts(&"a".repeat(307)), (Alphabet::Gsm7, 3, 152));
    }

    #[test]
    fn one_letter_outside_the_gsm_alphabet_leaves_70_places() {
        for letter in ["ж", "Қ", "«", "№", "₸", "—", "ә"] {
            let text = format!("{}{letter}", "a".repeat(69));
            assert_eq!(parts(&text), (Alphabet::Ucs2, 1, 0), "{letter}");
            assert_eq!(parts(&format!("{text}a")).1, 2, "{letter}");
        }
        assert_eq!(parts(&"ж".repeat(134)), (Alphabet::Ucs2, 2, 0));
        assert_eq!(parts(&"ж".repeat(135)), (Alphabet::Ucs2, 3, 66));
        assert_eq!(parts(&"ж".repeat(201)), (Alphabet::Ucs2, 3, 0));
    }

    #[test]
    fn a_letter_of_two_units_is_never_torn_between_two_parts() {
        let escaped = format!("{}€{}", "a".repeat(152), "a".repeat(20));
        assert_eq!(parts(&escaped), (Alphabet::Gsm7, 2, 153 - 22));
        let surrogate = format!("{}😀{}", "ж".repeat(66), "ж".repeat(10));
        assert_eq!(parts(&surrogate), (Alphabet::Ucs2, 2, 67 - 12));
        assert_eq!(parts("{}[]~|^€\\"), (Alphabet::Gsm7, 1, 160 - 18));
    }

    #[test]
    fn the_default_alphabet_has_its_127_letters() {
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(EXTENSION.chars().count(), 10);
    }
}
