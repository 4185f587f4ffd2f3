//! Price lists: rows become services with a price and a length.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::guess::{Field, Layout};
use super::person::said;
use super::reading::{Cell, Row, Sheet};
use super::values::{Read, Sum, minutes, sum};
use super::verdict::Reason;
use crate::money::Money;

/// One line of a price list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriceLine {
    pub row: u32,
    pub service: String,
    /// The heading it stands under; empty without headings.
    pub section: String,
    /// None when not stated or not readable.
    pub price: Option<Money>,
    /// The upper end of a range.
    pub price_to: Option<Money>,
    /// «от 5000»: the price may be higher.
    pub at_least: bool,
    pub minutes: Option<u16>,
    /// Who performs it, as written.
    pub doctors: String,
    pub reasons: BTreeSet<Reason>,
}

/// Reads a sheet. Titles, headings and headers come back as lines with a
/// skipping reason, so that a report can show every row.
pub fn read(sheet: &Sheet, layout: &Layout) -> Vec<PriceLine> {
    let mut section = String::new();
    let mut seen = BTreeSet::new();
    let mut lines = Vec::new();
    for row in &sheet.rows {
        let mut line = line(row, layout, &section);
        if line.reasons.contains(&Reason::SectionLine) {
            section.clone_from(&line.service);
        } else if line.reasons.is_empty() || !is_skipped(&line) {
            let key = (
                crate::contact::name::fold(&line.section),
                crate::contact::name::fold(&line.service),
            );
            if !line.service.is_empty() && !seen.insert(key) {
                line.reasons.insert(Reason::Repeated);
            }
        }
        lines.push(line);
    }
    lines
}

fn is_skipped(line: &PriceLine) -> bool {
    super::verdict::verdict_of(&line.reasons) == super::verdict::Verdict::Skipped
}

fn line(row: &Row, layout: &Layout, section: &str) -> PriceLine {
    let cell = |field: Field| layout.column(field).map_or(&Cell::Empty, |at| row.cell(at));
    let stated = said(cell(Field::Section));
    let mut line = PriceLine {
        row: row.number,
        service: said(cell(Field::Service)).split_whitespace().collect::<Vec<_>>().join(" "),
        section: if stated.is_empty() { section.to_owned() } else { stated },
        price: None,
        price_to: None,
        at_least: false,
        minutes: None,
        doctors: said(cell(Field::Doctor)),
        reasons: BTreeSet::new(),
    };
    if layout.is_header(row) {
        line.reasons.insert(Reason::Header);
        return line;
    }
    if layout.header_row.is_some_and(|header| row.number < header) {
        line.reasons.insert(Reason::Title);
        return line;
    }
    let texts: Vec<String> = row.cells.iter().filter_map(heading).collect();
    if row.filled() == texts.len() && texts.len() == 1 {
        line.service.clone_from(&texts[0]);
        line.reasons.insert(Reason::SectionLine);
        return line;
    }
    match sum(cell(Field::Sum)) {
        Read::Value(Sum { from, to, at_least }) => {
            (line.price, line.price_to, line.at_least) = (Some(from), to, at_least);
        }
        Read::Blank => drop(line.reasons.insert(Reason::NoPrice)),
        Read::Impossible | Read::Unreadable => drop(line.reasons.insert(Reason::BadPrice)),
    }
    match minutes(cell(Field::Duration), layout.hours) {
        Read::Value(length) => line.minutes = Some(length),
        Read::Blank => {}
        Read::Impossible | Read::Unreadable => drop(line.reasons.insert(Reason::BadDuration)),
    }
    if line.service.is_empty() {
        line.reasons.insert(Reason::NoService);
    }
    line
}

/// A text that is not a number: what a heading is made of.
fn heading(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(text)
            if text.chars().any(char::is_alphabetic) && sum(cell).value().is_none() =>
        {
            Some(text.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::interop::guess::{Kind, guess};

    fn lines(text: &str) -> Vec<PriceLine> {
        let sheets = crate::interop::reading::read(text.as_bytes()).unwrap();
        let layout = guess(&sheets, Some(Kind::Prices), date(2026, 11, 22)).remove(0);
        read(&sheets[0], &layout)
    }

    #[test]
    fn headings_lengths_and_prices_are_read_as_written() {
        let lines = lines(
            "Прайс на 2025 год;;\nУслуга;Длительность;Цена\nТерапия;;\nОсмотр;30 мин;бесплатно\nЛечение кариеса;1 ч;12 000 тг\n\
             Хирургия;;\nУдаление;45;от 5000\nИмплантация;90;200 000 - 250 000\nУдаление;45;от 5000\nАнализ;;договорная\n",
        );
        let shown: Vec<_> = lines
            .iter()
            .map(|line| {
                let reasons: Vec<_> = line.reasons.iter().map(|reason| reason.code()).collect();
                let price = line.price.map(|price| price.tiyn() / 100);
                (
                    line.row,
                    line.section.as_str(),
                    line.service.as_str(),
                    line.minutes,
                    price,
                    reasons.join(","),
                )
            })
            .collect();
        assert_eq!(
            shown[2..],
            [
                (3, "", "Терапия", None, None, "section_line".to_owned()),
                (4, "Терапия", "Осмотр", Some(30), Some(0), String::new()),
                (5, "Терапия", "Лечение кариеса", Some(60), Some(12_000), String::new()),
                (6, "Терапия", "Хирургия", None, None, "section_line".to_owned()),
                (7, "Хирургия", "Удаление", Some(45), Some(5000), String::new()),
                (8, "Хирургия", "Имплантация", Some(90), Some(200_000), String::new()),
                (9, "Хирургия", "Удаление", Some(45), Some(5000), "repeated".to_owned()),
                (10, "Хирургия", "Анализ", None, None, "bad_price".to_owned()),
            ]
        );
        assert!(lines[6].at_least);
        assert_eq!(lines[7].price_to, Some(Money::from_tenge(250_000)));
    }

    #[test]
    fn a_list_without_a_header_is_read_by_its_cells() {
        let lines = lines("Осмотр;5000\nЛечение кариеса;25000\nСнимок;6000\n");
        assert_eq!(lines[1].service, "Лечение кариеса");
        assert_eq!(lines[1].price, Some(Money::from_tenge(25_000)));
    }
}
