//! The report of a run as a spreadsheet. Every text is written as a string,
//! never as a formula, and what a spreadsheet program could still take for one
//! is led by an apostrophe (OWASP: CSV injection).

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::model::{Offered, RowReport};
use crate::pages::inert;

/// Words of the report, in the reader's language.
pub struct Words<'a> {
    pub sheet_rows: &'a str,
    pub sheet_duplicates: &'a str,
    pub titles: [&'a str; 10],
    pub duplicate_titles: [&'a str; 4],
    /// The word for a verdict or a reason.
    pub word: &'a dyn Fn(&str) -> String,
}

/// The bytes of an XLSX file.
pub fn xlsx(rows: &[RowReport], offered: &[Offered], words: &Words) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet();
    sheet.set_name(words.sheet_rows)?;
    for (column, title) in (0..).zip(words.titles) {
        sheet.write_string_with_format(0, column, title, &bold)?;
    }
    for (at, row) in (1..).zip(rows) {
        let reasons: Vec<String> = row.reasons.iter().map(|code| (words.word)(code)).collect();
        sheet.write_string(at, 0, inert(&row.file))?;
        sheet.write_string(at, 1, inert(&row.sheet))?;
        sheet.write_number(at, 2, f64::from(i32::try_from(row.row).unwrap_or(i32::MAX)))?;
        sheet.write_string(at, 3, (words.word)(&row.verdict))?;
        sheet.write_string(at, 4, reasons.join(", "))?;
        sheet.write_string(at, 5, inert(&row.patient))?;
        sheet.write_string(at, 6, row.day.as_deref().unwrap_or_default())?;
        sheet.write_string(at, 7, row.time.as_deref().unwrap_or_default())?;
        sheet.write_string(at, 8, inert(&row.doctor))?;
        sheet.write_string(at, 9, inert(&row.service))?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, u32::try_from(rows.len()).unwrap_or(u32::MAX).min(1_048_575), 9)?;
    if !offered.is_empty() {
        let sheet = book.add_worksheet();
        sheet.set_name(words.sheet_duplicates)?;
        for (column, title) in (0..).zip(words.duplicate_titles) {
            sheet.write_string_with_format(0, column, title, &bold)?;
        }
        for (at, pair) in (1..).zip(offered) {
            let reasons: Vec<String> = pair.reasons.iter().map(|code| (words.word)(code)).collect();
            sheet.write_string(at, 0, inert(&pair.a))?;
            sheet.write_string(at, 1, inert(&pair.b))?;
            sheet.write_number(at, 2, pair.score)?;
            sheet.write_string(at, 3, reasons.join(", "))?;
        }
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interop::reading::{Cell, read};

    #[test]
    fn a_formula_in_a_name_stays_a_text() {
        let row = RowReport {
            position: 0,
            file: "journal.xlsx".to_owned(),
            sheet: "Январь".to_owned(),
            row: 7,
            verdict: "flagged".to_owned(),
            reasons: vec!["no_phone".to_owned()],
            source_key: String::new(),
            added: true,
            patient_id: None,
            appointment_id: None,
            patient: "=HYPERLINK(\"http://evil\")".to_owned(),
            day: Some("2025-01-06".to_owned()),
            time: Some("09:30".to_owned()),
            doctor: "@SUM(A1)".to_owned(),
            service: "Осмотр".to_owned(),
        };
        let words = Words {
            sheet_rows: "Rows",
            sheet_duplicates: "Duplicates",
            titles: ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"],
            duplicate_titles: ["a", "b", "c", "d"],
            word: &|code| format!("<{code}>"),
        };
        let sheets = read(&xlsx(&[row], &[], &words).unwrap()).unwrap();
        let cells = &sheets[0].rows[1].cells;
        assert_eq!(cells[5], Cell::Text("'=HYPERLINK(\"http://evil\")".to_owned()));
        assert_eq!(cells[8], Cell::Text("'@SUM(A1)".to_owned()));
        assert_eq!(cells[4], Cell::Text("<no_phone>".to_owned()));
    }
}
