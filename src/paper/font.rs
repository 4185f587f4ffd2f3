//! The two fonts, and how wide their letters are.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use ttf_parser::Face;

use crate::paper::PaperError;

/// Noto Sans, cut down to Latin, Cyrillic and the signs that papers need; see
/// `fonts/README.md`. A font of the system would make the same paper differ
/// from machine to machine.
static REGULAR: &[u8] = include_bytes!("fonts/NotoSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("fonts/NotoSans-Bold.ttf");

static FACES: LazyLock<[Face<'static>; 2]> = LazyLock::new(|| {
    [REGULAR, BOLD].map(|bytes| Face::parse(bytes, 0).expect("the shipped font is a font"))
});

static FONTS: LazyLock<[Font; 2]> = LazyLock::new(|| {
    [REGULAR, BOLD]
        .map(|bytes| Font::new(bytes.into(), 0).expect("the shipped font can be embedded"))
});

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

impl Weight {
    pub(super) fn of(bold: bool) -> Self {
        if bold { Self::Bold } else { Self::Regular }
    }

    pub(super) fn font(self) -> Font {
        FONTS[self as usize].clone()
    }

    fn face(self) -> &'static Face<'static> {
        &FACES[self as usize]
    }

    /// The width of a text in points.
    pub(super) fn width(self, text: &str, size: f32) -> f32 {
        text.chars().map(|letter| self.advance(letter)).sum::<f32>() * size
    }

    /// The glyphs of a text as the PDF wants them. Letters stand at the
    /// widths that [`Weight::width`] measures: what was laid out is what is
    /// drawn.
    pub(super) fn glyphs(self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(start, letter): (usize, char)| {
            let id = self.face().glyph_index(letter).map_or(0, |id| id.0);
            let range = start..start + letter.len_utf8();
            let id = GlyphId::new(u32::from(id));
            KrillaGlyph::new(id, self.advance(letter), 0.0, 0.0, 0.0, range, None)
        };
        text.char_indices().map(glyph).collect()
    }

    fn advance(self, letter: char) -> f32 {
        let face = self.face();
        let advance = face.glyph_index(letter).and_then(|id| face.glyph_hor_advance(id));
        f32::from(advance.unwrap_or_default()) / f32::from(face.units_per_em())
    }
}

/// Whether a character can be printed.
pub fn covers(letter: char) -> bool {
    FACES.iter().all(|face| face.glyph_index(letter).is_some())
}

/// # Errors
/// [`PaperError::NoGlyph`] for the first character that cannot be printed.
pub(super) fn check(text: &str) -> Result<(), PaperError> {
    text.chars().find(|&letter| !covers(letter)).map_or(Ok(()), |c| Err(PaperError::NoGlyph(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kazakh_russian_and_the_signs_of_our_papers_can_be_printed() {
        let needed = "әғқңөұүһіӘҒҚҢӨҰҮҺІ абвгдеёжзийклмнопрстуфхцчшщъыьэюя \
                      ABCXYZabcxyz 0123456789 ₸ № « » „ “ — – … · • % © ° × ± / \\ @ \u{a0}\u{202f}";
        for letter in needed.chars() {
            assert!(covers(letter), "{letter:?}");
        }
    }

    #[test]
    fn what_the_fonts_lack_is_refused_by_its_name() {
        assert_eq!(check("Айгүл 漢"), Err(PaperError::NoGlyph('漢')));
        assert_eq!(PaperError::NoGlyph('漢').to_string(), "the character U+6F22 cannot be printed");
    }
}
