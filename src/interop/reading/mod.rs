//! A file's bytes become sheets of typed cells. Pure: no disk, no clock.
//!
//! Clinics bring XLSX, the old XLS, ODS and CSV in any of the encodings of the
//! last thirty years. A file that is none of these is refused with the reason;
//! so is one that would swell (a zip bomb) or hold more than a clinic can have.

mod csv;
mod encoding;
mod workbook;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

pub use encoding::decode;
pub(crate) use workbook::{day_of, time_of};

/// The largest file that is opened.
pub const MAX_FILE_BYTES: usize = 64 * 1024 * 1024;
/// The most that a compressed file may hold when unpacked.
const MAX_UNPACKED_BYTES: u64 = 512 * 1024 * 1024;
/// Rows of one file, all sheets together; about fifty years of a busy clinic.
pub const MAX_ROWS: usize = 500_000;
/// Columns beyond this are ignored.
pub const MAX_COLUMNS: usize = 128;

/// One sheet, or the only one of a CSV file (with an empty name).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    pub name: String,
    /// Rows that hold anything, in order.
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// As the spreadsheet program numbers it, from 1.
    pub number: u32,
    /// From column A; shorter than others when the last cells are empty.
    pub cells: Vec<Cell>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    #[default]
    Empty,
    /// Never blank; spaces at the ends are cut.
    Text(String),
    Number(f64),
    Date(Date),
    Time(Time),
    DateTime(Date, Time),
    Bool(bool),
}

/// Why a file cannot be read, in terms that its owner understands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("the file is empty")]
    Empty,
    #[error("the file is larger than {} MB", MAX_FILE_BYTES / 1024 / 1024)]
    TooBig,
    #[error("the file has more than {MAX_ROWS} rows")]
    TooManyRows,
    #[error("the file unpacks to far more than a spreadsheet can hold")]
    Bomb,
    #[error("the file is protected by a password")]
    Password,
    #[error("this is a PDF; save the table as XLSX or CSV")]
    Pdf,
    #[error("this is a picture; a table is needed")]
    Picture,
    #[error("this is a text document; save its table as XLSX or CSV")]
    Document,
    #[error("this is a web page saved as a spreadsheet; open it and save as XLSX")]
    WebPage,
    #[error("this is an archive; unpack it first")]
    Archive,
    #[error("this is not a table: {0}")]
    NotATable(&'static str),
    /// The container is a spreadsheet's, its content is damaged.
    #[error("the spreadsheet is damaged")]
    Damaged,
}

impl ReadError {
    /// The stable code, for messages and scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty_file",
            Self::TooBig => "file_too_big",
            Self::TooManyRows => "too_many_rows",
            Self::Bomb => "zip_bomb",
            Self::Password => "password_protected",
            Self::Pdf => "pdf",
            Self::Picture => "picture",
            Self::Document => "text_document",
            Self::WebPage => "web_page",
            Self::Archive => "archive",
            Self::NotATable(_) => "not_a_table",
            Self::Damaged => "damaged",
        }
    }
}

/// Reads a file by what it holds; its name does not matter.
///
/// # Errors
/// When it is no table, too large, protected or damaged.
pub fn read(bytes: &[u8]) -> Result<Vec<Sheet>, ReadError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadError::Empty);
    }
    if bytes.len() > MAX_FILE_BYTES {
        return Err(ReadError::TooBig);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return workbook::read_zip(bytes);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return workbook::read_ole(bytes);
    }
    refuse_foreign(bytes)?;
    let sheet = csv::read(&decode(bytes)?)?;
    if sheet.rows.is_empty() { Err(ReadError::Empty) } else { Ok(vec![sheet]) }
}

fn refuse_foreign(bytes: &[u8]) -> Result<(), ReadError> {
    let head: String = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)])
        .trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t'])
        .to_lowercase();
    let picture: [&[u8]; 5] = [b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00"];
    let archive: [&[u8]; 4] = [b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xfd7zXZ"];
    if head.starts_with("%pdf") {
        Err(ReadError::Pdf)
    } else if picture[..3].iter().any(|magic| bytes.starts_with(magic))
        || (picture[3..].iter().any(|magic| bytes.starts_with(magic))
            && bytes[..bytes.len().min(512)].contains(&0))
    {
        Err(ReadError::Picture)
    } else if archive.iter().any(|magic| bytes.starts_with(magic)) {
        Err(ReadError::Archive)
    } else if head.starts_with("{\\rtf") {
        Err(ReadError::Document)
    } else if head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || head.starts_with("<table")
    {
        Err(ReadError::WebPage)
    } else if head.starts_with("<?xml") {
        Err(ReadError::NotATable("XML"))
    } else if head.starts_with('{') || head.starts_with("[{") {
        Err(ReadError::NotATable("JSON"))
    } else {
        Ok(())
    }
}

impl Cell {
    /// A text cell, or an empty one when there is nothing but spaces.
    pub fn text(text: &str) -> Self {
        let trimmed =
            text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}');
        if trimmed.is_empty() { Self::Empty } else { Self::Text(trimmed.to_owned()) }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// As a person sees it. Whole numbers have no fraction; dates are `06.01.2025`.
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => shown_number(*number),
            Self::Date(date) => shown_date(*date),
            Self::Time(time) => shown_time(*time),
            Self::DateTime(date, time) => format!("{} {}", shown_date(*date), shown_time(*time)),
            Self::Bool(true) => "+".to_owned(),
            Self::Bool(false) => "-".to_owned(),
        }
    }
}

impl Row {
    /// The cell of a column, counted from 0; an empty one past the end.
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }

    pub fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.is_empty()).count()
    }
}

fn shown_number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        format!("{number:.0}")
    } else {
        number.to_string()
    }
}

fn shown_date(date: Date) -> String {
    format!("{:02}.{:02}.{:04}", date.day(), date.month(), date.year())
}

fn shown_time(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_table_is_refused_by_what_it_is() {
        for (bytes, why) in [
            (&b"  \n"[..], ReadError::Empty),
            (b"%PDF-1.7 ...", ReadError::Pdf),
            (b"\x89PNG\r\n\x1a\n....", ReadError::Picture),
            (b"{\\rtf1 hello}", ReadError::Document),
            (b"<html><table><tr><td>1", ReadError::WebPage),
            (b"Rar!\x1a\x07", ReadError::Archive),
            (b"PK\x03\x04 but nothing else", ReadError::Damaged),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nothing", ReadError::Damaged),
        ] {
            assert_eq!(read(bytes), Err(why));
        }
    }

    #[test]
    fn a_protected_workbook_says_so() {
        let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        bytes.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(read(&bytes), Err(ReadError::Password));
    }

    #[test]
    fn binary_noise_is_no_table() {
        let noise: Vec<u8> =
            (0..4000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(matches!(read(&noise), Err(ReadError::NotATable(_))));
    }
}
