//! Journals: rows become visits. A clinic writes the date once a day, breaks
//! the sheet with totals, and repeats the header on each page.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use super::grid::day_in;
use super::guess::{Field, Layout};
use super::person::{self, Person, said};
use super::reading::{Cell, Row, Sheet};
use super::values::{
    DateHints, Read, Slot, Status, Sum, date, minutes, month_and_year, status, sum, time,
};
use super::verdict::{Reason, Verdict, verdict_of};
use crate::contact::name::{fold, is_given, is_patronymic, is_surname};
use crate::money::Money;

/// One row of a journal. Empty texts were not stated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VisitRow {
    pub row: u32,
    pub reasons: BTreeSet<Reason>,
    pub person: Person,
    pub day: Option<Date>,
    pub start: Option<Time>,
    /// From the end of an interval or a column of lengths.
    pub minutes: Option<u16>,
    /// As written; `doctors::Doctors` says who that is.
    pub doctor: String,
    /// As written; `services::Services` says what that is.
    pub service: String,
    pub sum: Option<Money>,
    pub payment: String,
    pub room: String,
    pub status: Option<Status>,
    /// The status as written, also when it is not understood.
    pub status_text: String,
}

impl VisitRow {
    pub fn verdict(&self) -> Verdict {
        verdict_of(&self.reasons)
    }
}

/// Reads a sheet, one entry per row that holds anything.
pub fn read(sheet: &Sheet, layout: &Layout, today: Date) -> Vec<VisitRow> {
    let habits = Habits::of(sheet, layout);
    let mut carried = Carried {
        doctor: doctor_of_sheet(layout),
        day: day_of_sheet(layout, habits),
        ..Carried::default()
    };
    sheet.rows.iter().map(|row| read_row(row, layout, today, habits, &mut carried)).collect()
}

/// How a column as a whole is written.
#[derive(Clone, Copy, Debug, Default)]
struct Habits {
    month_first: bool,
    /// `9-10`, `10-11`: from hour to hour.
    hours_only: bool,
}

/// What the rows above have said.
#[derive(Clone, Debug, Default)]
struct Carried {
    day: Option<Date>,
    /// Time of the last row of that day.
    last: Option<Time>,
    /// An impossible date stood above; true when it was within its day.
    broken: Option<bool>,
    doctor: String,
}

impl Habits {
    fn of(sheet: &Sheet, layout: &Layout) -> Self {
        let texts = |field: Field| {
            let at = layout.column(field);
            sheet.rows.iter().filter_map(move |row| match row.cell(at?) {
                Cell::Text(text) => Some(text.as_str()),
                _ => None,
            })
        };
        let (mut day_first, mut month_first) = (0, 0);
        for text in texts(Field::Date).chain(texts(Field::DateTime)) {
            let parts: Vec<u32> =
                text.split(['/', ' ']).filter_map(|part| part.parse().ok()).collect();
            if text.matches('/').count() == 2 && parts.len() >= 2 {
                day_first += u32::from(parts[0] > 12 && parts[1] <= 12);
                month_first += u32::from(parts[1] > 12 && parts[0] <= 12);
            }
        }
        let (mut to_hour, mut other) = (0, 0);
        for text in texts(Field::Time) {
            let parts: Vec<Option<u32>> =
                text.split(['-', '–']).map(|part| part.trim().parse().ok()).collect();
            if let [Some(from), Some(to)] = parts[..] {
                if to == from + 1 || to == from + 2 { to_hour += 1 } else { other += 1 }
            }
        }
        Self {
            month_first: month_first > 0 && day_first == 0,
            hours_only: to_hour > 1 && other == 0,
        }
    }
}

fn read_row(
    row: &Row,
    layout: &Layout,
    today: Date,
    habits: Habits,
    carried: &mut Carried,
) -> VisitRow {
    let mut visit = VisitRow { row: row.number, ..VisitRow::default() };
    if let Some(reason) = not_a_record(row, layout, habits, carried) {
        visit.reasons.insert(reason);
        return visit;
    }
    let cell = |field: Field| layout.column(field).map_or(&Cell::Empty, |at| row.cell(at));
    let mut reasons = BTreeSet::new();
    visit.person = person::read(row, layout, today, &mut reasons);
    visit.payment = said(cell(Field::Payment));
    visit.room = said(cell(Field::Room));
    visit.service = said(cell(Field::Service)).split_whitespace().collect::<Vec<_>>().join(" ");
    visit.sum = sum(cell(Field::Sum)).value().map(|Sum { from, .. }| from);
    visit.doctor = said(cell(Field::Doctor));
    if visit.doctor.is_empty() {
        visit.doctor.clone_from(&carried.doctor);
    }
    visit.status_text = cell(Field::Status).shown();
    visit.status = status(&visit.status_text);
    let nobody = person::is_nobody(&visit.person.written) || person::is_nobody(&visit.service);
    let blank = visit.person.written.is_empty()
        && visit.person.phones.is_empty()
        && visit.person.odd_phones.is_empty()
        && visit.service.is_empty()
        && visit.sum.is_none()
        && visit.status.is_none();
    read_time(cell, layout, habits, &mut visit, &mut reasons);
    read_day(cell, layout, habits, today, carried, &mut visit, &mut reasons);
    if nobody || blank {
        visit.reasons.insert(if nobody { Reason::NotAVisit } else { Reason::EmptySlot });
        return visit;
    }
    if visit.person.written.is_empty() {
        reasons.remove(&Reason::PartialName);
        reasons.insert(Reason::NoPatient);
    }
    visit.reasons = reasons;
    visit
}

fn read_time<'a>(
    cell: impl Fn(Field) -> &'a Cell,
    layout: &Layout,
    habits: Habits,
    visit: &mut VisitRow,
    reasons: &mut BTreeSet<Reason>,
) {
    let fields = [Field::Time, Field::DateTime, Field::Date];
    let mut read = Read::Blank;
    for field in fields {
        let cell = cell(field);
        // A date cell tells a time only when it clearly holds one.
        let clear = field == Field::Time
            || matches!(cell, Cell::DateTime(..))
            || cell.shown().contains(':');
        if layout.has(field) && clear && matches!(read, Read::Blank | Read::Unreadable) {
            read = time(cell, habits.hours_only);
        }
    }
    match read {
        Read::Value(Slot { start, end }) => {
            visit.start = Some(start);
            visit.minutes = end.and_then(|end| between(start, end));
        }
        Read::Impossible => drop(reasons.insert(Reason::ImpossibleTime)),
        Read::Blank | Read::Unreadable => drop(reasons.insert(Reason::NoTime)),
    }
    if let (Some(start), Read::Value(slot)) = (visit.start, time(cell(Field::EndTime), false)) {
        visit.minutes = between(start, slot.start).or(visit.minutes);
    }
    if let Read::Value(length) = minutes(cell(Field::Duration), layout.hours) {
        visit.minutes = visit.minutes.or(Some(length));
    }
}

fn between(start: Time, end: Time) -> Option<u16> {
    let minute = |time: Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
    u16::try_from(minute(end) - minute(start)).ok().filter(|length| *length > 0)
}

fn read_day<'a>(
    cell: impl Fn(Field) -> &'a Cell,
    layout: &Layout,
    habits: Habits,
    today: Date,
    carried: &mut Carried,
    visit: &mut VisitRow,
    reasons: &mut BTreeSet<Reason>,
) {
    let written =
        if layout.has(Field::DateTime) { cell(Field::DateTime) } else { cell(Field::Date) };
    match plausible(date(written, hints(layout, habits, carried)), today) {
        Read::Value(day) => {
            visit.day = Some(day);
            if carried.day != Some(day) {
                carried.last = None;
            }
            (carried.day, carried.broken) = (Some(day), None);
        }
        Read::Impossible => {
            reasons.insert(Reason::ImpossibleDate);
            let within = visit.start.zip(carried.last).is_none_or(|(now, before)| now >= before);
            carried.broken = Some(within && carried.day.is_some());
        }
        Read::Blank | Read::Unreadable => match (carried.day, carried.broken) {
            (Some(day), None) => visit.day = Some(day),
            (Some(day), Some(true)) => {
                visit.day = Some(day);
                reasons.insert(Reason::UncertainDate);
            }
            _ => drop(reasons.insert(Reason::NoDate)),
        },
    }
    if visit.day.is_some() {
        carried.last = visit.start.or(carried.last);
    }
}

fn hints(layout: &Layout, habits: Habits, carried: &Carried) -> DateHints {
    DateHints {
        year: layout.year.or(carried.day.map(Date::year)),
        month: layout.month,
        month_first: habits.month_first,
        ..DateHints::default()
    }
}

/// A year that no clinic's journal can be about is a slip: 2205, 1925.
fn plausible(read: Read<Date>, today: Date) -> Read<Date> {
    match read {
        Read::Value(day) if !(1990..=today.year() + 3).contains(&day.year()) => Read::Impossible,
        other => other,
    }
}

/// What a row is when it is no record: None for a record.
fn not_a_record(
    row: &Row,
    layout: &Layout,
    habits: Habits,
    carried: &mut Carried,
) -> Option<Reason> {
    if layout.is_header(row) {
        return Some(Reason::Header);
    }
    if layout.header_row.is_some_and(|header| row.number < header) {
        // A day or a doctor may stand above the first header.
        line_above(row, layout, habits, carried);
        return Some(Reason::Title);
    }
    let cell = |field: Field| layout.column(field).map_or(&Cell::Empty, |at| row.cell(at));
    let whom = [Field::Patient, Field::Surname].iter().any(|field| {
        let text = said(cell(*field));
        !text.is_empty() && !is_total(&text)
    });
    let total = row.cells.iter().any(|cell| matches!(cell, Cell::Text(text) if is_total(text)));
    if total && !whom {
        return Some(Reason::Total);
    }
    let texts = distinct_texts(row);
    if texts.len() == 1 && !whom {
        return line_above(row, layout, habits, carried);
    }
    None
}

/// A line of one cell: a day, a doctor, or a title. None when it is the one
/// cell of a record (a time without anything).
fn line_above(row: &Row, layout: &Layout, habits: Habits, carried: &mut Carried) -> Option<Reason> {
    let cell = row.cells.iter().find(|cell| !cell.is_empty())?;
    if distinct_texts(row).len() != 1 {
        return Some(Reason::Title);
    }
    let at_time = layout
        .column(Field::Time)
        .is_some_and(|at| matches!(time(row.cell(at), habits.hours_only), Read::Value(_)));
    let text = cell.shown();
    let spelled = matches!(cell, Cell::Date(_))
        || text.chars().filter(char::is_ascii_digit).count() >= 3
        || text.chars().any(char::is_alphabetic);
    if let (true, false, Read::Value(day)) =
        (spelled, at_time, date(cell, hints(layout, habits, carried)))
    {
        (carried.day, carried.broken, carried.last) = (Some(day), None, None);
        return Some(Reason::DayLine);
    }
    // A title over the table does not take it from the doctor its sheet names.
    let titled = layout.header_row.is_some_and(|header| row.number < header)
        && !carried.doctor.is_empty()
        && !is_labelled(&text);
    if !layout.has(Field::Doctor) && !titled && is_doctor_line(&text) {
        carried.doctor = doctor_in(&text);
        return Some(Reason::DoctorLine);
    }
    if at_time || !text.chars().any(char::is_alphabetic) {
        return Some(Reason::EmptySlot);
    }
    Some(Reason::Title)
}

fn distinct_texts(row: &Row) -> BTreeSet<String> {
    row.cells.iter().filter(|cell| !cell.is_empty()).map(Cell::shown).collect()
}

fn is_total(text: &str) -> bool {
    let key = fold(text);
    let first = key.split(' ').next().unwrap_or_default();
    TOTALS.iter().any(|word| first == word)
}

pub(super) fn is_doctor_line(text: &str) -> bool {
    is_labelled(text) || (month_and_year(text).is_none() && looks_like_name(text))
}

fn is_labelled(text: &str) -> bool {
    let key = fold(text);
    DOCTORS.iter().any(|word| key.starts_with(word.as_str()))
}

static TOTALS: LazyLock<Vec<String>> = LazyLock::new(|| {
    ["итого", "всего", "барлығы", "жиыны", "total", "итог", "қорытынды", "subtotal", "касса"]
        .map(fold)
        .to_vec()
});

static DOCTORS: LazyLock<Vec<String>> = LazyLock::new(|| {
    ["врач", "доктор", "дәрігер", "doctor", "специалист", "д р"].map(fold).to_vec()
});

/// Words of a clinic's own name, which may look like a person's.
const PLACES: [&str; 14] = [
    "клиник",
    "емхана",
    "стоматолог",
    "центр",
    "орталық",
    "кабинет",
    "отделен",
    "бөлім",
    "тоо",
    "жшс",
    "филиал",
    "салон",
    "clinic",
    "med",
];

fn looks_like_name(text: &str) -> bool {
    let lower = text.to_lowercase();
    let place = text.contains(['«', '"', '“']) || PLACES.iter().any(|word| lower.contains(word));
    if place {
        return false;
    }
    let words: Vec<&str> = text.split([' ', '.', ',']).filter(|word| !word.is_empty()).collect();
    let known = words
        .iter()
        .filter(|word| is_given(word) || is_surname(word) || is_patronymic(word))
        .count();
    (1..=4).contains(&words.len())
        && known > 0
        && known * 2 >= words.len()
        && !text.chars().any(|c| c.is_ascii_digit())
}

fn doctor_in(text: &str) -> String {
    text.split_once(':').map_or(text, |(_, name)| name).trim().to_owned()
}

/// A book with a sheet for each day has the days on its sheets.
fn day_of_sheet(layout: &Layout, habits: Habits) -> Option<Date> {
    let dated = layout.has(Field::Date) || layout.has(Field::DateTime);
    let hints = hints(layout, habits, &Carried::default());
    if dated { None } else { day_in(&layout.sheet, hints) }
}

/// A book with a sheet for each doctor has their names on the sheets.
fn doctor_of_sheet(layout: &Layout) -> String {
    let named = !layout.has(Field::Doctor) && is_doctor_line(&layout.sheet);
    if named { doctor_in(&layout.sheet) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;
    use crate::interop::guess::{Kind, guess};

    fn read_text(text: &str) -> Vec<(u32, String, String, String)> {
        let today = day(2026, 11, 22);
        let sheets = crate::interop::reading::read(text.as_bytes()).unwrap();
        let layout = guess(&sheets, Some(Kind::Journal), today).remove(0);
        let rows = read(&sheets[0], &layout, today);
        rows.into_iter()
            .map(|visit| {
                let codes: Vec<_> = visit.reasons.iter().map(|reason| reason.code()).collect();
                let when = visit.day.map(|day| day.to_string()).unwrap_or_default()
                    + &visit
                        .start
                        .map(|at| format!(" {:02}:{:02}", at.hour(), at.minute()))
                        .unwrap_or_default();
                (visit.row, when, visit.doctor, codes.join(","))
            })
            .collect()
    }

    fn whens(text: &str) -> Vec<(String, String)> {
        read_text(text).into_iter().map(|(_, when, _, codes)| (when, codes)).collect()
    }

    fn is(rows: &[(String, String)], expected: &[(&str, &str)]) {
        let shown: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn the_date_of_the_first_row_stands_for_the_day() {
        let rows = whens(
            "Дата;Время;ФИО;Врач;Телефон\n06.01.2025;9.30;Ким Вера;Пак А.;87012345678\n;10-15;Цой Анна;Пак А.;87012345679\n\
             ;;Ли Олег;Пак А.;87012345670\n07.01.2025;900;;Пак А.;87012345671\n;;Итого:;2;\n31.02.2025;11:00;Югай Инна;Пак А.;87012345672\n\
             Дата;Время;ФИО;Врач;Телефон\n;12:00;Тен Яна;Пак А.;87012345673\n",
        );
        is(
            &rows,
            &[
                ("", "header"),
                ("2025-01-06 09:30", ""),
                ("2025-01-06 10:15", ""),
                ("2025-01-06", "no_time"),
                ("2025-01-07 09:00", "no_patient"),
                ("", "total"),
                (" 11:00", "impossible_date"),
                ("", "header"),
                ("2025-01-07 12:00", "uncertain_date"),
            ],
        );
    }

    #[test]
    fn after_an_impossible_first_date_the_day_is_not_guessed() {
        let rows = whens(
            "Дата;Время;ФИО;Врач\n06.01.2025;17:30;Ким Вера;Пак\n31.02.2025;9:00;Цой Анна;Пак\n;9:30;Ли Олег;Пак\n",
        );
        is(
            &rows[1..],
            &[("2025-01-06 17:30", ""), (" 09:00", "impossible_date"), (" 09:30", "no_date")],
        );
    }

    #[test]
    fn the_day_and_the_doctor_may_stand_on_lines_of_their_own() {
        let rows = read_text(
            "Время;Пациент;Телефон;Услуга\n6 января 2025 г.;;;\nВрач: Омарова Динара;;;\n9:00;Ким Вера;87012345678;Осмотр\n\
             Петров Андрей Иванович;;;\n9-30;Пак Анна;87012345679;Осмотр\n7 января;;;\n10:00;Цой Тимур;87012345670;Осмотр\n",
        );
        let shown: Vec<_> =
            rows.iter().map(|row| (row.1.as_str(), row.2.as_str(), row.3.as_str())).collect();
        assert_eq!(
            shown[1..],
            [
                ("", "", "day_line"),
                ("", "", "doctor_line"),
                ("2025-01-06 09:00", "Омарова Динара", ""),
                ("", "", "doctor_line"),
                ("2025-01-06 09:30", "Петров Андрей Иванович", ""),
                ("", "", "day_line"),
                ("2025-01-07 10:00", "Петров Андрей Иванович", ""),
            ]
        );
    }

    #[test]
    fn empty_slots_and_lunch_are_no_visits() {
        let rows = whens(
            "Дата;Время;ФИО;Врач;Услуга\n06.01.2025;9:00;;Пак;\n;10:00;Ким Вера;Пак;Осмотр\n;13:00;ОБЕД;Пак;\n;14:00;;Пак;Осмотр\n",
        );
        is(
            &rows[1..],
            &[
                ("2025-01-06 09:00", "empty_slot"),
                ("2025-01-06 10:00", ""),
                ("2025-01-06 13:00", "not_a_visit"),
                ("2025-01-06 14:00", "no_patient"),
            ],
        );
    }

    #[test]
    fn american_dates_and_hour_intervals_are_habits_of_a_column() {
        let rows = whens(
            "Date;Time;Patient;Doctor\n1/5/2025;9-10;Kim Vera;Pak\n1/31/2025;10-11;Tsoy Anna;Pak\n",
        );
        is(&rows[1..], &[("2025-01-05 09:00", ""), ("2025-01-31 10:00", "")]);
    }
}
