//! Delimited text: `;` (Excel in our countries), `,`, tab or `|`.

use super::{Cell, MAX_COLUMNS, MAX_ROWS, ReadError, Row, Sheet};

/// Reads a decoded text. A first line `sep=;` is obeyed; otherwise the
/// delimiter is the one that cuts the lines into the most equal pieces.
pub(super) fn read(text: &str) -> Result<Sheet, ReadError> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let (declared, text) = declared(&text);
    let delimiter = declared.unwrap_or_else(|| guess(text));
    let skipped = u32::from(declared.is_some());
    let quoted = parse(text, delimiter, true)?;
    // A stray quote swallows lines: then quotes are only characters.
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    let longest = quoted.iter().flatten().map(|field| field.matches('\n').count()).max();
    let records = if longest > Some(30) || quoted.len() * 2 < lines {
        parse(text, delimiter, false)?
    } else {
        quoted
    };
    let mut sheet = Sheet::default();
    for (index, record) in records.iter().enumerate() {
        let cells: Vec<Cell> =
            record.iter().take(MAX_COLUMNS).map(|field| Cell::text(field)).collect();
        let number = u32::try_from(index).unwrap_or(u32::MAX) + 1 + skipped;
        if cells.iter().any(|cell| !cell.is_empty()) {
            sheet.rows.push(Row { number, cells });
        }
    }
    Ok(sheet)
}

fn declared(text: &str) -> (Option<u8>, &str) {
    let Some(rest) = text.strip_prefix("sep=").or_else(|| text.strip_prefix("SEP=")) else {
        return (None, text);
    };
    let delimiter = rest.bytes().next().filter(u8::is_ascii);
    let after = rest.find('\n').map_or("", |at| &rest[at + 1..]);
    (delimiter, after)
}

fn guess(text: &str) -> u8 {
    let head: String = text.lines().take(200).flat_map(|line| [line, "\n"]).collect();
    let mut best = (0.0, b';');
    for delimiter in [b';', b'\t', b',', b'|'] {
        let records = parse(&head, delimiter, true).unwrap_or_default();
        let widths: Vec<usize> = records.iter().map(Vec::len).filter(|width| *width > 1).collect();
        let Some(usual) = most_common(&widths) else { continue };
        let agreeing = widths.iter().filter(|width| **width == usual).count();
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let score = count(agreeing) / count(records.len()) * count(usual.min(8)).sqrt();
        if score > best.0 + 1e-9 {
            best = (score, delimiter);
        }
    }
    best.1
}

fn most_common(widths: &[usize]) -> Option<usize> {
    widths.iter().copied().max_by_key(|width| widths.iter().filter(|other| *other == width).count())
}

/// Records by position, blank lines included as empty ones, so that numbers
/// agree with what a spreadsheet program shows.
fn parse(text: &str, delimiter: u8, quoting: bool) -> Result<Vec<Vec<String>>, ReadError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .quoting(quoting)
        .from_reader(text.as_bytes());
    let mut records: Vec<Vec<String>> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| ReadError::Damaged)?;
        // The reader leaves blank lines out, but a record begins before them.
        let start = record.position().map_or(0, csv::Position::byte);
        let rest = usize::try_from(start).ok().and_then(|start| text.get(start..));
        let blank =
            rest.unwrap_or_default().bytes().take_while(|byte| matches!(byte, b'\n' | b'\r'));
        for _ in 0..blank.filter(|byte| *byte == b'\n').count().min(1000) {
            records.push(Vec::new());
        }
        records.push(record.iter().map(str::to_owned).collect());
        if records.len() > MAX_ROWS {
            return Err(ReadError::TooManyRows);
        }
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(u32, Vec<String>)> {
        let sheet = read(text).unwrap();
        let row = |row: &Row| (row.number, row.cells.iter().map(Cell::shown).collect());
        sheet.rows.iter().map(row).collect()
    }

    #[test]
    fn the_delimiter_is_found_by_what_it_makes_equal() {
        for delimiter in [";", ",", "\t", "|"] {
            let text =
                ["a", "b c", "d"].join(delimiter) + "\n" + &["1", "2", "3"].join(delimiter) + "\n";
            let expected = vec![
                (1, vec!["a".to_owned(), "b c".to_owned(), "d".to_owned()]),
                (2, vec!["1".to_owned(), "2".to_owned(), "3".to_owned()]),
            ];
            assert_eq!(shown(&text), expected, "{delimiter}");
        }
        let decimal_commas = "Услуга;Цена\nОсмотр, лечение;12000,00\nСнимок;6000,00\n";
        assert_eq!(shown(decimal_commas)[1].1, ["Осмотр, лечение", "12000,00"]);
    }

    #[test]
    fn quotes_keep_delimiters_and_lines_together() {
        let text = "name;note\n\"Ким; В.\";\"first\nsecond\"\nПак;\"he said \"\"yes\"\"\"\n";
        let rows = shown(text);
        assert_eq!(rows[1].1, ["Ким; В.", "first\nsecond"]);
        assert_eq!(rows[2], (3, vec!["Пак".to_owned(), "he said \"yes\"".to_owned()]));
    }

    #[test]
    fn a_stray_quote_does_not_swallow_the_file() {
        let mut text = "name;note\nООО \"Ким;x\n".to_owned();
        text += "\"broken;1\n";
        for n in 0..60 {
            text.push_str(&["Пак;", &n.to_string(), "\n"].concat());
        }
        assert_eq!(shown(&text).len(), 63);
    }

    #[test]
    fn row_numbers_count_blank_lines() {
        let rows = shown("a;b\n\n1;2\n;\n3;4\n");
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 3, 5]);
        let rows = shown("a;b\r\n1;2\r\n\r\n3;4\r\n");
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 4]);
    }

    #[test]
    fn a_declared_delimiter_is_obeyed() {
        assert_eq!(shown("sep=;\na,b;c\n")[0], (2, vec!["a,b".to_owned(), "c".to_owned()]));
    }
}
