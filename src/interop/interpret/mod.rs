//! All files of one import together become rows with verdicts, cards, visits
//! and services. Pure: the same files and the same known cards give the same
//! answer, so a preview is the import without its writing.
//!
//! Every row carries a `source_key`, a digest of what identifies it: when the
//! file grows, or is sorted anew, its rows keep their keys, and an import that
//! runs twice adds nothing twice.

mod card;

use std::collections::{BTreeSet, HashMap};

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use super::doctors::{Doctor, Doctors};
use super::grid;
use super::guess::{Field, Kind, Layout, guess};
use super::journal::{self, VisitRow};
use super::matching::{Duplicate, Mention, matched};
use super::person::{self, Person};
use super::prices::{self, PriceLine};
use super::reading::{ReadError, Row, Sheet, read};
use super::services::{Service, Services};
use super::values::Status;
use super::verdict::{Reason, Verdict, verdict_of};
use crate::contact::name::fold;
use crate::crypto::hash::{hex, sha256};
use crate::money::Money;
pub use card::Card;

/// A file that has been read, and how it will be understood.
#[derive(Clone, Debug)]
pub struct File {
    /// As its owner calls it; only shown.
    pub name: String,
    pub sheets: Vec<Sheet>,
    /// One for each sheet; a person may have changed them.
    pub layouts: Vec<Layout>,
}

/// What the clinic has already.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Cards, with what is known of each person; numbered by position.
    pub people: Vec<Person>,
    /// Rows imported before and the card (a position in `people`) each is on.
    pub rows: HashMap<String, usize>,
    pub doctors: Vec<String>,
    pub services: Vec<(String, Option<Money>)>,
}

/// What a row says, as far as it is understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Position of the file in the call.
    pub file: usize,
    pub sheet: String,
    pub row: u32,
    pub kind: Kind,
    pub verdict: Verdict,
    pub reasons: BTreeSet<Reason>,
    /// Empty for a skipped row.
    pub source_key: String,
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Nothing,
    /// A row of a list of people.
    Person {
        card: Option<usize>,
    },
    Visit(Visit),
    Price(PriceLine),
}

/// A row of a journal. The parts of a refused row are what could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// None when the row is refused.
    pub card: Option<usize>,
    pub day: Option<Date>,
    pub start: Option<Time>,
    pub minutes: Option<u16>,
    /// The doctor's name as the clinic writes it in full.
    pub doctor: Option<String>,
    /// The service as the price list has it, or as written when it is not there.
    pub service: Option<String>,
    pub sum: Option<Money>,
    pub payment: String,
    pub room: String,
    pub status: Option<Status>,
    pub status_text: String,
    pub comment: String,
    pub source: String,
    /// The patient as written.
    pub patient: String,
}

/// What an import would do.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub lines: Vec<Line>,
    pub cards: Vec<Card>,
    /// Pairs of positions in `cards`.
    pub duplicates: Vec<Duplicate>,
    pub doctors: Vec<String>,
    /// Services of the price lists, or of the journals when there is none.
    pub services: Vec<String>,
}

/// How many rows have each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub taken: usize,
    pub flagged: usize,
    pub refused: usize,
    pub skipped: usize,
}

/// Reads a file and guesses its layout.
///
/// # Errors
/// When it is no table that can be read.
pub fn open(name: &str, bytes: &[u8], kind: Option<Kind>, today: Date) -> Result<File, ReadError> {
    let mut sheets = read(bytes)?;
    if kind.is_none_or(|kind| kind == Kind::Journal) {
        for sheet in &mut sheets {
            if let Some(unfolded) = grid::unfold(sheet) {
                *sheet = unfolded;
            }
        }
    }
    let layouts = guess(&sheets, kind, today);
    Ok(File { name: name.to_owned(), sheets, layouts })
}

/// Understands all files together.
pub fn interpret(files: &[File], known: &Known, today: Date) -> Outcome {
    let tables = Table::all(files);
    let prices = read_prices(&tables);
    let journals = read_journals(&tables, today);
    let people = read_people(&tables, today);
    let services = services_of(&prices, &journals, known);
    let cells = journals.iter().flat_map(|(_, rows)| rows).map(|row| row.doctor.as_str());
    let doctors = Doctors::learn(&known.doctors, cells.filter(|cell| !cell.is_empty()));

    let mut keys = Keys::default();
    let mut lines: Vec<(Line, Option<Person>)> = Vec::new();
    lines.extend(prices.into_iter().flat_map(|(table, rows)| price_lines(table, rows, &mut keys)));
    lines.extend(people.into_iter().flat_map(|(table, rows)| people_lines(table, rows, &mut keys)));
    for (table, rows) in journals {
        lines.extend(
            rows.into_iter().map(|row| visit_line(table, row, &doctors, &services, &mut keys)),
        );
    }
    lines.extend(
        tables.iter().filter(|table| table.layout.kind == Kind::Other).flat_map(unknown_lines),
    );
    lines.sort_by_key(|(line, _)| line.file);

    let (cards, duplicates) = put_on_cards(&mut lines, known);
    Outcome {
        lines: lines.into_iter().map(|(line, _)| line).collect(),
        cards,
        duplicates,
        doctors: doctors.names().to_vec(),
        services: services.names().map(str::to_owned).collect(),
    }
}

impl Outcome {
    pub fn count(&self) -> Count {
        let mut count = Count::default();
        for line in &self.lines {
            match line.verdict {
                Verdict::Taken => count.taken += 1,
                Verdict::Flagged => count.flagged += 1,
                Verdict::Refused => count.refused += 1,
                Verdict::Skipped => count.skipped += 1,
            }
        }
        count
    }
}

/// One sheet with its layout.
#[derive(Clone, Copy)]
struct Table<'a> {
    file: usize,
    sheet: &'a Sheet,
    layout: &'a Layout,
}

impl<'a> Table<'a> {
    fn all(files: &'a [File]) -> Vec<Self> {
        let sheets = |(file, each): (usize, &'a File)| {
            let pairs = each.sheets.iter().zip(&each.layouts);
            pairs.map(move |(sheet, layout)| Self { file, sheet, layout })
        };
        files.iter().enumerate().flat_map(sheets).collect()
    }

    fn line(&self, row: u32, reasons: BTreeSet<Reason>, content: Content) -> Line {
        let verdict = verdict_of(&reasons);
        let sheet = self.sheet.name.clone();
        Line {
            file: self.file,
            sheet,
            row,
            kind: self.layout.kind,
            verdict,
            reasons,
            source_key: String::new(),
            content,
        }
    }
}

fn of_kind<'a, 'b>(
    tables: &'b [Table<'a>],
    kind: Kind,
) -> impl Iterator<Item = Table<'a>> + use<'a, 'b> {
    tables.iter().copied().filter(move |table| table.layout.kind == kind)
}

fn read_prices<'a>(tables: &[Table<'a>]) -> Vec<(Table<'a>, Vec<PriceLine>)> {
    of_kind(tables, Kind::Prices)
        .map(|table| (table, prices::read(table.sheet, table.layout)))
        .collect()
}

fn read_journals<'a>(tables: &[Table<'a>], today: Date) -> Vec<(Table<'a>, Vec<VisitRow>)> {
    of_kind(tables, Kind::Journal)
        .map(|table| (table, journal::read(table.sheet, table.layout, today)))
        .collect()
}

type PersonRow = (u32, BTreeSet<Reason>, Person);

fn read_people<'a>(tables: &[Table<'a>], today: Date) -> Vec<(Table<'a>, Vec<PersonRow>)> {
    of_kind(tables, Kind::People)
        .map(|table| {
            (
                table,
                table.sheet.rows.iter().map(|row| person_row(row, table.layout, today)).collect(),
            )
        })
        .collect()
}

fn person_row(row: &Row, layout: &Layout, today: Date) -> PersonRow {
    let mut reasons = BTreeSet::new();
    if layout.is_header(row) {
        reasons.insert(Reason::Header);
    } else if layout.header_row.is_some_and(|header| row.number < header) {
        reasons.insert(Reason::Title);
    }
    if !reasons.is_empty() {
        return (row.number, reasons, Person::default());
    }
    let person = person::read(row, layout, today, &mut reasons);
    let whom = [Field::Patient, Field::Surname, Field::Given]
        .iter()
        .filter_map(|field| layout.column(*field));
    let filled = row.cells.iter().enumerate().filter(|(at, cell)| {
        !cell.is_empty() && layout.columns.get(*at) != Some(&Some(Field::Ignored))
    });
    if person.written.is_empty() {
        // One cell apart from the name column is a heading («Буква А»).
        let lone = filled.count() <= 1;
        reasons.clear();
        reasons.insert(if lone { Reason::Title } else { Reason::NoPatient });
    } else if filled.count() == 1
        && row.filled() == 1
        && whom.count() > 0
        && person.written.chars().count() < 3
    {
        reasons.clear();
        reasons.insert(Reason::Title);
    }
    (row.number, reasons, person)
}

fn services_of(
    prices: &[(Table, Vec<PriceLine>)],
    journals: &[(Table, Vec<VisitRow>)],
    known: &Known,
) -> Services {
    let taken =
        |line: &&PriceLine| matches!(verdict_of(&line.reasons), Verdict::Taken | Verdict::Flagged);
    let lines = prices.iter().flat_map(|(_, lines)| lines.iter().filter(taken));
    let listed = lines.map(|line| (line.service.as_str(), line.price));
    let own = known.services.iter().map(|(name, price)| (name.as_str(), *price));
    let services = Services::new(own.chain(listed));
    if !services.is_empty() {
        return services;
    }
    let cells = journals.iter().flat_map(|(_, rows)| rows).map(|row| row.service.as_str());
    Services::from_cells(cells.filter(|cell| !cell.is_empty()))
}

/// Digests of what identifies rows; the n-th of equal ones gets its number.
#[derive(Default)]
struct Keys(HashMap<String, u32>);

impl Keys {
    fn next(&mut self, kind: &str, parts: &[&str]) -> String {
        let joined = parts.join("\u{1f}");
        let digest = hex(&sha256(format!("{kind}\u{1e}{joined}").as_bytes()));
        let count = self.0.entry(digest.clone()).or_default();
        *count += 1;
        format!("{}-{count}", &digest[..32])
    }
}

fn price_lines(
    table: Table<'_>,
    rows: Vec<PriceLine>,
    keys: &mut Keys,
) -> Vec<(Line, Option<Person>)> {
    let line = |row: PriceLine| {
        let mut line = table.line(row.row, row.reasons.clone(), Content::Nothing);
        if line.verdict != Verdict::Skipped {
            line.source_key = keys.next("price", &[&fold(&row.section), &fold(&row.service)]);
            line.content = Content::Price(row);
        }
        (line, None)
    };
    rows.into_iter().map(line).collect()
}

fn people_lines(
    table: Table<'_>,
    rows: Vec<PersonRow>,
    keys: &mut Keys,
) -> Vec<(Line, Option<Person>)> {
    let line = |(row, reasons, person): PersonRow| {
        let mut line = table.line(row, reasons, Content::Nothing);
        if line.verdict == Verdict::Skipped {
            return (line, None);
        }
        line.source_key = keys.next("person", &[&identity(&person)]);
        line.content = Content::Person { card: None };
        (line, Some(person))
    };
    rows.into_iter().map(line).collect()
}

fn identity(person: &Person) -> String {
    let phones: Vec<&str> = person.phones.iter().map(crate::contact::Phone::as_str).collect();
    let iin = person.iin.as_ref().map_or(person.odd_iin.as_str(), |iin| iin.as_str());
    let born = person.birth_date.map(|born| born.to_string()).unwrap_or_default();
    [fold(&person.written), phones.join(","), person.odd_phones.join(","), iin.to_owned(), born]
        .join("\u{1f}")
}

fn visit_line(
    table: Table,
    row: VisitRow,
    doctors: &Doctors,
    services: &Services,
    keys: &mut Keys,
) -> (Line, Option<Person>) {
    let mut reasons = row.reasons.clone();
    let skipped = row.verdict() == Verdict::Skipped;
    let doctor = match doctors.find(&row.doctor) {
        _ if row.doctor.is_empty() => None,
        Doctor::One(name) => Some(name.to_owned()),
        Doctor::Unclear | Doctor::NotStated => {
            reasons.insert(Reason::UnclearDoctor);
            None
        }
    };
    let service = match services.find(&row.service, row.sum) {
        Service::NotStated => None,
        Service::One(name) => Some(name.to_owned()),
        Service::Unclear(name) => {
            reasons.insert(Reason::UnclearService);
            Some(name.to_owned())
        }
        Service::Unknown => {
            reasons.insert(Reason::UnknownService);
            Some(row.service.clone())
        }
    };
    if skipped {
        return (table.line(row.row, row.reasons, Content::Nothing), None);
    }
    let person = row.person;
    let when = [row.day.map(|day| day.to_string()), row.start.map(|at| at.to_string())]
        .map(Option::unwrap_or_default);
    let mut line = table.line(row.row, reasons, Content::Nothing);
    let whose = doctor.clone().unwrap_or_else(|| row.doctor.clone());
    line.source_key = keys.next("visit", &[&when[0], &when[1], &fold(&whose), &identity(&person)]);
    line.content = Content::Visit(Visit {
        card: None,
        day: row.day,
        start: row.start,
        minutes: row.minutes,
        doctor,
        service,
        sum: row.sum,
        payment: row.payment,
        room: row.room,
        status: row.status,
        status_text: row.status_text,
        comment: person.comment.clone(),
        source: person.source.clone(),
        patient: person.written.clone(),
    });
    (line, Some(person))
}

fn unknown_lines<'a>(table: &'a Table<'a>) -> impl Iterator<Item = (Line, Option<Person>)> + 'a {
    let reasons = BTreeSet::from([Reason::UnknownTable]);
    table
        .sheet
        .rows
        .iter()
        .map(move |row| (table.line(row.number, reasons.clone(), Content::Nothing), None))
}

fn put_on_cards(
    lines: &mut [(Line, Option<Person>)],
    known: &Known,
) -> (Vec<Card>, Vec<Duplicate>) {
    let of_card =
        known.people.iter().enumerate().map(|(at, person)| Mention { person, known: Some(at) });
    let counts = |line: &Line| matches!(line.verdict, Verdict::Taken | Verdict::Flagged);
    let rows = lines.iter().filter(|(line, _)| counts(line)).filter_map(|(line, person)| {
        let known = known.rows.get(&line.source_key).copied();
        person.as_ref().map(|person| Mention { person, known })
    });
    let mentions: Vec<Mention> = of_card.chain(rows).collect();
    let result = matched(&mentions);
    let cards = card::made(&mentions, &result.card_of, known.people.len());
    let mut placed = result.card_of[known.people.len()..].iter().copied();
    for (line, person) in lines.iter_mut() {
        if person.is_none() || !counts(line) {
            continue;
        }
        let at = placed.next();
        match &mut line.content {
            Content::Person { card } => *card = at,
            Content::Visit(visit) => visit.card = at,
            Content::Nothing | Content::Price(_) => {}
        }
    }
    (cards, result.duplicates)
}

#[cfg(test)]
mod messy;
#[cfg(test)]
mod tests;
