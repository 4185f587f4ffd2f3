//! Spreadsheet files, through calamine.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{CellErrorType, Data, DataRef, Ods, Reader, Xls, XlsError, Xlsx};
use jiff::civil::{Date, Time, date};

use super::{Cell, MAX_COLUMNS, MAX_ROWS, MAX_UNPACKED_BYTES, ReadError, Row, Sheet};

/// How many times larger than packed an entry may be; real sheets reach 100.
const MAX_RATIO: u64 = 400;

/// A sheet under construction: cells by row and column, both from 0.
type Grid = BTreeMap<u32, BTreeMap<usize, Cell>>;

pub(super) fn read_zip(bytes: &[u8]) -> Result<Vec<Sheet>, ReadError> {
    let names = checked_names(bytes)?;
    if names.iter().any(|name| name == "xl/workbook.xml" || name == "xl\\workbook.xml") {
        read_xlsx(bytes)
    } else if names.iter().any(|name| name.starts_with("word/")) {
        Err(ReadError::Document)
    } else if names.iter().any(|name| name == "content.xml") {
        read_ods(bytes)
    } else {
        Err(ReadError::Archive)
    }
}

pub(super) fn read_ole(bytes: &[u8]) -> Result<Vec<Sheet>, ReadError> {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(wide.len()).any(|window| window == wide)
    };
    if has("EncryptedPackage") {
        return Err(ReadError::Password);
    }
    if has("WordDocument") {
        return Err(ReadError::Document);
    }
    let mut book: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsError::Password => ReadError::Password,
        _ => ReadError::Damaged,
    })?;
    ranges(&mut book, |_| Vec::new())
}

/// Unpacks every entry into nothing, counting: what the directory declares of
/// sizes may be a lie.
fn checked_names(bytes: &[u8]) -> Result<Vec<String>, ReadError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| ReadError::Damaged)?;
    if archive.len() > 4096 {
        return Err(ReadError::Bomb);
    }
    let mut left = MAX_UNPACKED_BYTES;
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(_)
            | zip::result::ZipError::InvalidPassword => ReadError::Password,
            _ => ReadError::Damaged,
        })?;
        names.push(entry.name().map_err(|_| ReadError::Damaged)?.into_owned());
        let packed = entry.compressed_size().max(1);
        let limit = left.min(packed.saturating_mul(MAX_RATIO).max(16 * 1024 * 1024));
        let unpacked = std::io::copy(&mut entry.take(limit), &mut std::io::sink());
        let unpacked = unpacked.map_err(|_| ReadError::Damaged)?;
        if unpacked >= limit {
            return Err(ReadError::Bomb);
        }
        left -= unpacked;
    }
    Ok(names)
}

/// Cell by cell: a range would take memory for every cell between A1 and the
/// farthest one, which a file of a kilobyte can put at XFD1048576.
fn read_xlsx(bytes: &[u8]) -> Result<Vec<Sheet>, ReadError> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| ReadError::Damaged)?;
    let epoch = if book.has_1904_epoch() { 1462.0 } else { 0.0 };
    let mut sheets = Vec::new();
    let mut rows = 0;
    for name in book.sheet_names() {
        let mut grid = Grid::new();
        // A sheet without cells (a chart) is not an error of the file.
        if let Ok(mut cells) = book.worksheet_cells_reader(&name) {
            while let Some(cell) = cells.next_cell().map_err(|_| ReadError::Damaged)? {
                let (row, column) = cell.get_position();
                let value = from_ref(cell.get_value(), epoch);
                let column = usize::try_from(column).unwrap_or(usize::MAX);
                if value.is_empty() || column >= MAX_COLUMNS {
                    continue;
                }
                grid.entry(row).or_default().insert(column, value);
                if rows + grid.len() > MAX_ROWS {
                    return Err(ReadError::TooManyRows);
                }
            }
        }
        let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
        spread(&mut grid, &merged.iter().map(|area| (area.start, area.end)).collect::<Vec<_>>());
        rows += grid.len();
        sheets.push(Sheet { name, rows: rows_of(grid) });
    }
    Ok(sheets)
}

fn read_ods(bytes: &[u8]) -> Result<Vec<Sheet>, ReadError> {
    let mut book: Ods<_> = Ods::new(Cursor::new(bytes)).map_err(|_| ReadError::Damaged)?;
    ranges(&mut book, |_| Vec::new())
}

type Area = ((u32, u32), (u32, u32));

fn ranges<R: Reader<Cursor<B>>, B: AsRef<[u8]>>(
    book: &mut R,
    merged: impl Fn(&str) -> Vec<Area>,
) -> Result<Vec<Sheet>, ReadError> {
    let mut sheets = Vec::new();
    let mut count = 0;
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(|_| ReadError::Damaged)?;
        let (top, left) = range.start().unwrap_or_default();
        let mut grid = Grid::new();
        for (row, column, value) in range.used_cells() {
            let row = top + u32::try_from(row).unwrap_or(u32::MAX);
            let column = usize::try_from(left).unwrap_or_default() + column;
            let value = from_data(value);
            if !value.is_empty() && column < MAX_COLUMNS {
                grid.entry(row).or_default().insert(column, value);
            }
        }
        count += grid.len();
        if count > MAX_ROWS {
            return Err(ReadError::TooManyRows);
        }
        spread(&mut grid, &merged(&name));
        sheets.push(Sheet { name, rows: rows_of(grid) });
    }
    Ok(sheets)
}

/// A value merged over several rows stands for each of them. Sideways it is a
/// title and stands once. Rows that hold nothing else stay absent.
fn spread(grid: &mut Grid, merged: &[Area]) {
    for ((top, left), (bottom, _)) in merged {
        let column = usize::try_from(*left).unwrap_or(usize::MAX);
        let Some(value) = grid.get(top).and_then(|row| row.get(&column)).cloned() else { continue };
        for (_, row) in
            grid.range_mut(top + 1..=(*bottom).max(top + 1)).filter(|(at, _)| *at <= bottom)
        {
            row.entry(column).or_insert_with(|| value.clone());
        }
    }
}

fn rows_of(grid: Grid) -> Vec<Row> {
    let row = |(number, cells): (u32, BTreeMap<usize, Cell>)| {
        let width = cells.keys().next_back().map_or(0, |last| last + 1);
        let mut line = vec![Cell::Empty; width];
        for (column, cell) in cells {
            line[column] = cell;
        }
        Row { number: number + 1, cells: line }
    };
    grid.into_iter().map(row).collect()
}

fn from_ref(value: &DataRef, epoch: f64) -> Cell {
    match value {
        DataRef::DateTime(stamp) => {
            from_serial(stamp.as_f64() + if stamp.as_f64() >= 1.0 { epoch } else { 0.0 })
        }
        DataRef::Int(number) => Cell::Number(number_of(*number)),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) => Cell::text(text),
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::Bool(value) => Cell::Bool(*value),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => from_iso(text),
        DataRef::Error(CellErrorType::NA | _) | DataRef::Empty => Cell::Empty,
    }
}

fn from_data(value: &Data) -> Cell {
    match value {
        Data::DateTime(stamp) => from_serial(stamp.as_f64()),
        Data::Int(number) => Cell::Number(number_of(*number)),
        Data::Float(number) => Cell::Number(*number),
        Data::String(text) => Cell::text(text),
        Data::Bool(value) => Cell::Bool(*value),
        Data::DateTimeIso(text) | Data::DurationIso(text) => from_iso(text),
        _ => Cell::Empty,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a spreadsheet's numbers are floats anyway")]
fn number_of(number: i64) -> f64 {
    number as f64
}

/// A spreadsheet's count of days since 30 December 1899; its fraction is the
/// time of day, rounded to the minute.
fn from_serial(serial: f64) -> Cell {
    let time = time_of(serial.fract().abs());
    let day = day_of(serial);
    match (day, serial.fract().abs() * 1440.0 >= 0.5) {
        (None, _) if (0.0..1.0).contains(&serial) => Cell::Time(time),
        (None, _) => Cell::Number(serial),
        (Some(day), false) => Cell::Date(day),
        (Some(day), true) => Cell::DateTime(day, time),
    }
}

/// The day of a serial number; None before 1 January 1900 and after 2200.
pub(crate) fn day_of(serial: f64) -> Option<Date> {
    if !(1.0..110_000.0).contains(&serial) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the range just checked")]
    let days = (serial + 0.5 / 1440.0 / 2.0).floor() as i64;
    // Excel believes in 29 February 1900, so its first two months are off.
    let days = if days < 60 { days + 1 } else { days };
    date(1899, 12, 30).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// The time of day of a fraction of a day, to the minute.
pub(crate) fn time_of(fraction: f64) -> Time {
    #[expect(clippy::cast_possible_truncation, reason = "at most 1439")]
    let minutes = ((fraction * 1440.0).round() as i64).clamp(0, 1439);
    let part = |value: i64| i8::try_from(value).unwrap_or_default();
    Time::new(part(minutes / 60), part(minutes % 60), 0, 0).unwrap_or_default()
}

fn from_iso(text: &str) -> Cell {
    let (day, time) = text.split_once('T').unwrap_or((text, ""));
    match (day.parse::<Date>(), time.parse::<Time>()) {
        (Ok(day), Ok(time)) if time != Time::midnight() => Cell::DateTime(day, time),
        (Ok(day), _) => Cell::Date(day),
        _ => from_iso_duration(text).map_or_else(|| Cell::text(text), Cell::Time),
    }
}

/// `PT09H30M00S`, as `LibreOffice` writes a time of day.
fn from_iso_duration(text: &str) -> Option<Time> {
    let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
    let (minutes, _) = rest.split_once('M')?;
    Time::new(hours.parse().ok()?, minutes.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;
    use rust_xlsxwriter::{Format, Workbook};

    use super::*;
    use crate::interop::reading::read;

    fn saved(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
        let mut book = Workbook::new();
        fill(&mut book);
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn numbers_dates_times_and_merged_cells_keep_their_kind() {
        let bytes = saved(|book| {
            let sheet = book.add_worksheet();
            sheet.set_name("Январь").unwrap();
            let day = Format::new().set_num_format("dd.mm.yyyy");
            let clock = Format::new().set_num_format("h:mm");
            sheet.merge_range(0, 0, 0, 3, "Журнал", &Format::new()).unwrap();
            sheet.merge_range(2, 0, 3, 0, "", &day).unwrap();
            sheet.write_with_format(2, 0, 45_663, &day).unwrap();
            sheet.write_with_format(2, 1, 0.395_833_333_333_333_3, &clock).unwrap();
            sheet.write(2, 2, "  Ким  ").unwrap();
            sheet.write(2, 3, 20_000).unwrap();
            sheet.write_with_format(3, 1, 45_663.5, &day).unwrap();
        });
        let sheets = read(&bytes).unwrap();
        assert_eq!(sheets[0].name, "Январь");
        let rows = &sheets[0].rows;
        assert_eq!(rows[0], Row { number: 1, cells: vec![Cell::Text("Журнал".into())] });
        assert_eq!(
            rows[1].cells,
            [
                Cell::Date(date(2025, 1, 6)),
                Cell::Time(time(9, 30, 0, 0)),
                Cell::Text("Ким".into()),
                Cell::Number(20_000.0)
            ]
        );
        assert_eq!(rows[2].number, 4);
        assert_eq!(rows[2].cells[0], Cell::Date(date(2025, 1, 6)));
        assert_eq!(rows[2].cells[1], Cell::DateTime(date(2025, 1, 6), time(12, 0, 0, 0)));
    }

    #[test]
    fn a_far_cell_costs_nothing() {
        let bytes = saved(|book| {
            let sheet = book.add_worksheet();
            sheet.write(0, 0, "a").unwrap();
            sheet.write(1_048_575, 0, "z").unwrap();
            sheet.write(0, 16_383, "far").unwrap();
        });
        let sheets = read(&bytes).unwrap();
        assert_eq!(sheets[0].rows.len(), 2);
        assert_eq!(sheets[0].rows[1].number, 1_048_576);
    }

    #[test]
    fn a_zip_bomb_is_not_unpacked() {
        use std::io::Write;
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
        let zeros = vec![0u8; 1024 * 1024];
        for _ in 0..100 {
            zip.write_all(&zeros).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        assert!(bytes.len() < 4 * 1024 * 1024);
        assert_eq!(read(&bytes), Err(ReadError::Bomb));
    }

    #[test]
    fn other_archives_are_named_for_what_they_are() {
        use std::io::Write;
        for (name, why) in
            [("word/document.xml", ReadError::Document), ("a.txt", ReadError::Archive)]
        {
            let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(b"x").unwrap();
            assert_eq!(read(&zip.finish().unwrap().into_inner()), Err(why));
        }
    }

    #[test]
    fn serial_numbers_are_days_since_the_end_of_1899() {
        assert_eq!(day_of(1.0), Some(date(1900, 1, 1)));
        assert_eq!(day_of(61.0), Some(date(1900, 3, 1)));
        assert_eq!(day_of(45_663.0), Some(date(2025, 1, 6)));
        assert_eq!(day_of(0.5), None);
        assert_eq!(from_serial(0.520_833_333_333_333_4), Cell::Time(time(12, 30, 0, 0)));
    }
}
