//! Printable papers: consents, receipts and lists as PDF/A-3b.
//!
//! A paper is a list of blocks; this module breaks them into lines and pages,
//! and draws them with embedded fonts. PDF/A-3 (ISO 19005-3) keeps a document
//! readable for as long as a medical card must be kept, and lets it carry the
//! data it was made from. Equal papers give equal bytes, on any machine and on
//! any day, because signatures and hashes are taken over those bytes: nothing
//! here asks for the time, for randomness or for a system font.
//!
//! The document information holds the paper's title and the program's name,
//! and no name of a person.

mod draw;
mod font;
mod layout;
mod pages;
#[cfg(test)]
mod tests;
mod wrap;

use crate::clock::Timestamp;

pub use font::covers;

/// A paper to print.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    /// For the document information and the reader's window: without names.
    pub title: String,
    /// The language of the text, such as `ru` or `kk` (BCP 47).
    pub language: String,
    /// The date the document information bears; not "now", so that the same
    /// paper printed twice is the same file.
    pub dated: Timestamp,
    /// At the top of every page, on the left, the first line bold.
    pub header_left: Vec<String>,
    /// At the top of every page, on the right.
    pub header_right: Vec<String>,
    /// At the foot of every page, before the page number.
    pub footer: String,
    pub blocks: Vec<Block>,
    /// Files carried inside the PDF.
    pub attachments: Vec<Attachment>,
}

/// One part of a paper, from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// The name of the paper, large and centred.
    Title(String),
    /// Stays on one page with the beginning of what follows.
    Heading(String),
    Paragraph(Text),
    /// Smaller and grey: sources, notes.
    Note(String),
    /// Points of a list.
    List(Vec<Text>),
    /// In a frame, never broken across pages.
    Boxed(Text),
    /// Names and values in two columns. A row is never broken across pages.
    Table(Vec<(String, String)>),
    /// Boxes to tick, ticked or not.
    Checks(Vec<Check>),
    /// Lines for signatures side by side, never broken across pages.
    Signatures(Vec<SignatureLine>),
    /// Parts that must stand on one page, if one page can hold them.
    Together(Vec<Block>),
    /// An empty space, in points.
    Space(f32),
}

/// Text of which parts are bold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Run>);

/// A stretch of text in one weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub text: String,
    pub bold: bool,
}

/// A box and what ticking it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub ticked: bool,
    pub text: String,
}

/// A line to sign on, and the signature when it has been drawn already.
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureLine {
    /// Under the line: who signs.
    pub caption: String,
    /// What a screen reader says instead of the drawing.
    pub description: String,
    /// None leaves the line empty, to be signed with a pen.
    pub drawing: Option<Drawing>,
}

/// A drawing of pen strokes, in its own units, the origin at the top left.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    pub width: f32,
    pub height: f32,
    pub strokes: Vec<Vec<(f32, f32)>>,
}

/// A file inside the PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    /// Such as `application/json`.
    pub media_type: String,
    pub description: String,
    pub bytes: Vec<u8>,
}

/// Why a paper cannot be printed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// A character that the fonts lack: printing it as an empty box would
    /// change what somebody signs.
    #[error("the character U+{:04X} cannot be printed", *.0 as u32)]
    NoGlyph(char),
    #[error("`{0}` is no media type")]
    MediaType(String),
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
}

/// A printed paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    pub bytes: Vec<u8>,
    pub pages: usize,
}

/// Prints a paper.
///
/// # Errors
/// [`PaperError::NoGlyph`] for the first character that the fonts lack.
pub fn print(paper: &Paper) -> Result<Printed, PaperError> {
    let document = layout::lay_out(paper)?;
    let pages = document.pages.len();
    Ok(Printed { bytes: draw::draw(paper, document)?, pages })
}

impl Text {
    /// Reads `**bold**` marks, as our texts are written.
    pub fn marked(source: &str) -> Self {
        let parts = source.split("**").enumerate();
        let runs = parts.filter(|(_, text)| !text.is_empty());
        Self(runs.map(|(i, text)| Run { text: text.to_owned(), bold: i % 2 == 1 }).collect())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(vec![Run { text: text.to_owned(), bold: false }])
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(vec![Run { text, bold: false }])
    }
}

impl Paper {
    /// An empty paper in a language.
    pub fn new(title: impl Into<String>, language: impl Into<String>, dated: Timestamp) -> Self {
        Self {
            title: title.into(),
            language: language.into(),
            dated,
            header_left: Vec::new(),
            header_right: Vec::new(),
            footer: String::new(),
            blocks: Vec::new(),
            attachments: Vec::new(),
        }
    }
}
