//! The register of accesses on paper, in the patient's language.

use crate::clock::Timestamp;
use crate::paper::{Block, Paper, PaperError, Printed, SignatureLine, Text, print};

/// All that is printed, in words.
#[derive(Clone, Debug)]
pub struct Register {
    pub language: &'static str,
    pub title: String,
    pub clinic: String,
    /// The card, the days, when it was made.
    pub facts: Vec<(String, String)>,
    pub basis: String,
    pub heading: String,
    /// Said when there are no rows.
    pub nobody: String,
    pub rows: Vec<Row>,
    pub note: String,
    /// Under the line for whoever hands it out.
    pub signature: String,
    pub footer: String,
    pub dated: Timestamp,
}

/// One access.
#[derive(Clone, Debug)]
pub struct Row {
    /// `23.11.2026 09:30`
    pub when: String,
    /// Who, in what office, and what they did.
    pub what: String,
}

impl Register {
    /// # Errors
    /// [`PaperError::NoGlyph`] when a name has a letter that the fonts lack.
    pub fn print(self) -> Result<Printed, PaperError> {
        let mut paper = Paper::new(self.title.clone(), self.language, self.dated);
        paper.header_left = vec![self.clinic];
        paper.footer = self.footer;
        paper.blocks = vec![
            Block::Title(self.title),
            Block::Table(self.facts),
            Block::Paragraph(Text::from(self.basis)),
            Block::Heading(self.heading),
        ];
        if self.rows.is_empty() {
            paper.blocks.push(Block::Paragraph(Text::from(self.nobody)));
        } else {
            let rows = self.rows.into_iter().map(|row| (row.when, row.what)).collect();
            paper.blocks.push(Block::Table(rows));
        }
        paper.blocks.push(Block::Note(self.note));
        paper.blocks.push(Block::Signatures(vec![SignatureLine {
            caption: self.signature,
            description: String::new(),
            drawing: None,
        }]));
        print(&paper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_prints_with_and_without_rows_and_in_kazakh_letters() {
        let register = |rows| Register {
            language: "kk",
            title: "Қолжетімділік тізілімі".to_owned(),
            clinic: "Арай Дент".to_owned(),
            facts: vec![("Карта".to_owned(), "№ 7".to_owned())],
            basis: "94-V".to_owned(),
            heading: "Кім ашты".to_owned(),
            nobody: "Ешкім".to_owned(),
            rows,
            note: "Ескертпе".to_owned(),
            signature: "Берген".to_owned(),
            footer: "Тіркеу".to_owned(),
            dated: Timestamp::from_unix_ms(1_795_402_800_000),
        };
        let row = Row {
            when: "23.11.2026 09:30".to_owned(),
            what: "Әсел Ғани, дәрігер".to_owned(),
        };
        assert_eq!(register(Vec::new()).print().unwrap().pages, 1);
        assert!(1 < register(vec![row; 120]).print().unwrap().pages);
    }
}
