//! Breaking text into lines at spaces.

use crate::paper::Text;
use crate::paper::font::Weight;

/// A stretch of one line in one weight.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stretch {
    /// From the line's left edge, in points.
    pub(super) x: f32,
    pub(super) width: f32,
    pub(super) text: String,
    pub(super) weight: Weight,
}

/// One line, left to right.
pub(super) type Line = Vec<Stretch>;

/// Breaks a text into lines of at most `width` points. Lines break at spaces
/// (a no-break space holds), at line feeds, and inside a word only when the
/// word alone is wider than the line, as a hash may be. A broken line keeps
/// its last space, so that text copied from the PDF does not run together.
pub(super) fn wrap(text: &Text, size: f32, width: f32) -> Vec<Line> {
    let mut setter = Setter { size, width, lines: vec![Vec::new()], x: 0.0 };
    for run in &text.0 {
        let weight = Weight::of(run.bold);
        for (i, paragraph) in run.text.split('\n').enumerate() {
            if i > 0 {
                setter.feed();
            }
            for word in paragraph.split_inclusive(' ') {
                setter.word(word, weight);
            }
        }
    }
    setter.lines
}

/// The width of a line without its last space.
pub(super) fn width(line: &Line, size: f32) -> f32 {
    line.last()
        .map_or(0.0, |last| last.x + last.weight.width(last.text.trim_end_matches(' '), size))
}

struct Setter {
    size: f32,
    width: f32,
    lines: Vec<Line>,
    /// Where the next word begins.
    x: f32,
}

impl Setter {
    fn feed(&mut self) {
        self.lines.push(Vec::new());
        self.x = 0.0;
    }

    fn word(&mut self, word: &str, weight: Weight) {
        let visible = weight.width(word.trim_end_matches(' '), self.size);
        if self.width < self.x + visible && self.x > 0.0 {
            self.feed();
        }
        if self.width < visible {
            self.split(word, weight);
        } else {
            self.put(word, weight);
        }
    }

    /// A word that is wider than a line goes letter by letter.
    fn split(&mut self, word: &str, weight: Weight) {
        for letter in word.chars() {
            let mut bytes = [0; 4];
            let letter: &str = letter.encode_utf8(&mut bytes);
            if self.width < self.x + weight.width(letter, self.size) && letter != " " {
                self.feed();
            }
            self.put(letter, weight);
        }
    }

    fn put(&mut self, text: &str, weight: Weight) {
        let width = weight.width(text, self.size);
        let line = self.lines.last_mut().expect("there is always a line");
        match line.last_mut() {
            Some(last) if last.weight == weight => {
                last.text.push_str(text);
                last.width += width;
            }
            _ if text.is_empty() => {}
            _ => line.push(Stretch { x: self.x, width, text: text.to_owned(), weight }),
        }
        self.x += width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: f32) -> Vec<String> {
        let lines = wrap(&Text::marked(text), 10.0, width);
        lines.iter().map(|line| line.iter().map(|part| part.text.as_str()).collect()).collect()
    }

    #[test]
    fn lines_break_at_spaces_and_lose_nothing() {
        let text = "Я доверяю лечение зуба 46 врачу и понимаю следующее.";
        let broken = lines(text, 100.0);
        assert!(broken.len() > 2, "{broken:?}");
        assert_eq!(broken.concat(), text);
    }

    #[test]
    fn a_no_break_space_holds_two_words_together() {
        assert_eq!(lines("итого 28\u{a0}000\u{a0}₸", 45.0), ["итого ", "28\u{a0}000\u{a0}₸"]);
    }

    #[test]
    fn a_word_wider_than_the_line_is_broken_inside() {
        let hash = "5d1f88a03c7e914b6f20bb9e07c4d3aa1e5842f9c0667b1390d75ee2a84c6b31";
        let broken = lines(hash, 120.0);
        assert!(broken.len() > 1);
        assert_eq!(broken.concat(), hash);
    }

    #[test]
    fn no_line_is_wider_than_its_column() {
        let text = Text::marked("У вас отмечена **аллергия на лидокаин.** Врач подберёт другое.");
        for line in wrap(&text, 10.0, 90.0) {
            assert!(width(&line, 10.0) <= 90.0, "{line:?}");
        }
    }

    #[test]
    fn line_feeds_are_kept() {
        assert_eq!(lines("а\nб", 100.0), ["а", "б"]);
    }
}
