//! What a table is and what its columns mean, from the words of its header and
//! from what the cells hold. The guess is shown to a person, who may change it:
//! `Layout` is plain data.

mod contents;
mod headers;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::reading::{Row, Sheet};
use super::values::month_and_year;
use contents::Contents;
pub use headers::field_of;

/// What a table lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Visits, past and coming.
    Journal,
    People,
    Prices,
    /// Nothing that is imported.
    Other,
}

/// What a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Date,
    /// Day and time in one cell.
    DateTime,
    Time,
    EndTime,
    /// The whole name in one cell.
    Patient,
    Surname,
    Given,
    Patronymic,
    /// Several columns may hold numbers.
    Phone,
    Doctor,
    Service,
    Sum,
    Payment,
    Status,
    Comment,
    Iin,
    BirthDate,
    Sex,
    Allergy,
    Source,
    /// In minutes, unless the header speaks of hours.
    Duration,
    CardNo,
    Room,
    Email,
    Address,
    /// A price list's group of services.
    Section,
    /// Read but of no use: a running number, an age, a discount.
    Ignored,
}

/// How one sheet is to be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    pub sheet: String,
    pub kind: Kind,
    /// Number of the header row (the last one, if it takes two); None when the
    /// table begins at once.
    pub header_row: Option<u32>,
    /// One for each column from A; None is a column nobody understood.
    pub columns: Vec<Option<Field>>,
    /// What the header says, for the person who corrects the guess.
    pub titles: Vec<String>,
    /// From the sheet's name or the title above the header.
    pub month: Option<i8>,
    pub year: Option<i16>,
    /// The length column counts hours.
    pub hours: bool,
    /// There is no column of numbers: they stand beside the names.
    #[serde(default)]
    pub phone_in_name: bool,
}

impl Layout {
    /// The first column with a meaning.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.iter().position(|column| *column == Some(field))
    }

    pub fn has(&self, field: Field) -> bool {
        self.column(field).is_some()
    }

    /// Every column with a meaning.
    pub fn all(&self, field: Field) -> impl Iterator<Item = usize> {
        let matching =
            move |(at, column): (usize, &Option<Field>)| (*column == Some(field)).then_some(at);
        self.columns.iter().enumerate().filter_map(matching)
    }

    /// Whether a row repeats the header, as printed journals do on each page.
    pub fn is_header(&self, row: &Row) -> bool {
        if self.header_row == Some(row.number) {
            return true;
        }
        let same = |(at, title): (usize, &String)| {
            !title.is_empty() && headers::same_title(&row.cell(at).shown(), title)
        };
        let repeated = self.titles.iter().enumerate().filter(|cell| same(*cell)).count();
        repeated >= 2 && repeated * 2 > row.filled()
    }
}

/// Guesses every sheet of a file. `kind` is what the person said the file is;
/// `today` bounds years of two digits.
pub fn guess(sheets: &[Sheet], kind: Option<Kind>, today: Date) -> Vec<Layout> {
    let mut layouts: Vec<Layout> =
        sheets.iter().map(|sheet| guess_in_book(sheet, kind, sheets.len(), today)).collect();
    share_header(sheets, &mut layouts, today);
    share_year(&mut layouts);
    layouts
}

/// What a person says of a book need not hold for each of its sheets: a price
/// list may lie among the months of a journal.
fn guess_in_book(sheet: &Sheet, kind: Option<Kind>, sheets: usize, today: Date) -> Layout {
    if sheets > 1 && kind.is_some() {
        let own = guess_sheet(sheet, None, today);
        if own.kind != Kind::Other && Some(own.kind) != kind {
            return own;
        }
    }
    guess_sheet(sheet, kind, today)
}

fn guess_sheet(sheet: &Sheet, kind: Option<Kind>, today: Date) -> Layout {
    let header = headers::find(&sheet.rows);
    let width = sheet.rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    let titles = header.as_ref().map(|header| header.titles.clone()).unwrap_or_default();
    let after = header.as_ref().map_or(0, |header| header.last_index + 1);
    let (month, year) = month_of(sheet, after);
    let mut layout = Layout {
        sheet: sheet.name.clone(),
        kind: Kind::Other,
        header_row: header.map(|header| sheet.rows[header.last_index].number),
        columns: vec![None; width],
        titles,
        month,
        year,
        hours: false,
        phone_in_name: false,
    };
    fill_columns(&mut layout, &sheet.rows[after.min(sheet.rows.len())..], kind, today);
    layout
}

fn fill_columns(layout: &mut Layout, rows: &[Row], kind: Option<Kind>, today: Date) {
    let contents: Vec<Contents> =
        (0..layout.columns.len()).map(|at| Contents::of(rows, at, layout, today)).collect();
    headers::assign(layout, &contents);
    contents::assign(layout, &contents, kind);
    layout.kind = kind.unwrap_or_else(|| kind_of(layout));
    contents::settle(layout, &contents);
    let names = layout.column(Field::Patient).map(|at| contents[at].phone);
    layout.phone_in_name = !layout.has(Field::Phone) && names.is_some_and(|share| share > 0.3);
    let length = layout.column(Field::Duration).and_then(|at| layout.titles.get(at));
    layout.hours = length.is_some_and(|title| headers::speaks_of_hours(title));
}

fn kind_of(layout: &Layout) -> Kind {
    let has = |field| layout.has(field);
    let person = has(Field::Patient) || has(Field::Surname);
    let when = has(Field::Time) || has(Field::DateTime);
    let visit = has(Field::Date) && (has(Field::Doctor) || has(Field::Service));
    if (person && (when || visit)) || (when && has(Field::Doctor) && has(Field::Phone)) {
        Kind::Journal
    } else if person
        && [Field::Phone, Field::Iin, Field::BirthDate, Field::CardNo]
            .iter()
            .any(|field| has(*field))
    {
        Kind::People
    } else if has(Field::Service) && (has(Field::Sum) || has(Field::Duration)) {
        Kind::Prices
    } else {
        Kind::Other
    }
}

/// A sheet without a header, in a book whose other sheets have one of the same
/// width, is their continuation.
fn share_header(sheets: &[Sheet], layouts: &mut [Layout], today: Date) {
    let Some(model) = layouts
        .iter()
        .find(|layout| layout.header_row.is_some() && layout.kind == Kind::Journal)
        .cloned()
    else {
        return;
    };
    for (sheet, layout) in sheets.iter().zip(layouts) {
        if layout.header_row.is_none()
            && layout.columns.len() == model.columns.len()
            && !sheet.rows.is_empty()
        {
            let fits = model
                .column(Field::Time)
                .is_some_and(|at| Contents::of(&sheet.rows, at, &model, today).time > 0.5);
            if fits {
                layout.columns.clone_from(&model.columns);
                layout.titles.clone_from(&model.titles);
                layout.kind = model.kind;
                layout.hours = model.hours;
            }
        }
    }
}

/// Sheets named by month or day alone take the year that the others have.
fn share_year(layouts: &mut [Layout]) {
    let known = layouts.iter().find_map(|layout| layout.year);
    for layout in layouts {
        layout.year = layout.year.or(known);
    }
}

fn month_of(sheet: &Sheet, header_end: usize) -> (Option<i8>, Option<i16>) {
    let titles =
        sheet.rows[..header_end.min(sheet.rows.len())].iter().filter(|row| row.filled() <= 2);
    let texts = titles.flat_map(|row| row.cells.iter().map(super::reading::Cell::shown));
    let mut found = (None, None);
    for text in std::iter::once(sheet.name.clone()).chain(texts) {
        if let Some((month, year)) = month_and_year(&text) {
            found = (found.0.or(Some(month)), found.1.or(year));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::interop::reading::read;

    fn layout(text: &str) -> Layout {
        guess(&read(text.as_bytes()).unwrap(), None, date(2026, 11, 22)).remove(0)
    }

    fn fields(text: &str) -> (Kind, Option<u32>, Vec<Option<Field>>) {
        let layout = layout(text);
        (layout.kind, layout.header_row, layout.columns)
    }

    #[test]
    fn a_journal_is_known_by_its_header_in_three_languages() {
        use Field::{Comment, Date, Doctor, Patient, Phone, Service, Status, Sum, Time};
        let expected = vec![
            Some(Date),
            Some(Time),
            Some(Doctor),
            Some(Patient),
            Some(Phone),
            Some(Service),
            Some(Sum),
            Some(Status),
            Some(Comment),
        ];
        for header in [
            "Дата;Время;Врач;ФИО пациента;Телефон;Услуга;Сумма;Статус;Прим.",
            "Күні;Уақыты;Дәрігер;Аты-жөні;Телефоны;Қызмет;Бағасы;Мәртебесі;Ескерту",
            "Date;Time;Doctor;Patient;Phone;Service;Price;Status;Notes",
            "Дата приема;Время записи;Специалист;Клиент;Контакты;Процедура;Стоимость;Явка;Комментарий",
        ] {
            let text = format!(
                "{header}\n06.01.2025;9:30;Ким В.С.;Ахметов Ерлан;87012345678;Осмотр;5000;пришел;-\n"
            );
            assert_eq!(fields(&text), (Kind::Journal, Some(1), expected.clone()), "{header}");
        }
    }

    #[test]
    fn a_list_of_people_and_a_price_list_are_told_apart() {
        use Field::{BirthDate, Given, Iin, Patronymic, Phone, Surname};
        let people = "№;Тегі;Аты;Әкесінің аты;Туған күні;ЖСН;Ұялы телефон\n1;Ким;Вера;;01.02.1990;;87012345678\n";
        let (kind, _, columns) = fields(people);
        assert_eq!(kind, Kind::People);
        assert_eq!(
            columns[1..],
            [Some(Surname), Some(Given), Some(Patronymic), Some(BirthDate), Some(Iin), Some(Phone)]
        );
        let prices = "Прайс-лист клиники\n\nНаименование услуги;Время, мин;Цена, ₸\nТерапия\nОсмотр;30;5000\nЛечение;60;12 000 тг\n";
        let (kind, header, columns) = fields(prices);
        assert_eq!((kind, header), (Kind::Prices, Some(3)));
        assert_eq!(columns, [Some(Field::Service), Some(Field::Duration), Some(Field::Sum)]);
    }

    #[test]
    fn without_a_header_the_cells_speak() {
        use Field::{Date, Doctor, Patient, Phone, Service, Status, Sum, Time};
        let mut text = String::new();
        for (n, name) in
            ["Ахметов Ерлан", "Ким Вера", "Пак Анна", "Иванова Ольга", "Омаров Серик", "Цой Тимур"]
                .iter()
                .enumerate()
        {
            let doctor = ["Досжанов Е.М.", "Ким В.С."][n % 2];
            let service = ["Осмотр", "Лечение кариеса", "Снимок"][n % 3];
            let line = format!(
                "0{}.01.2025\t9:{}0\t{name}\t8701234567{n}\t{service}\t{doctor}\t{}000\tпришел\n",
                n / 3 + 6,
                n,
                5 + n % 3
            );
            text.push_str(&line);
        }
        let (kind, header, columns) = fields(&text);
        assert_eq!((kind, header), (Kind::Journal, None));
        let expected = [Date, Time, Patient, Phone, Service, Doctor, Sum, Status].map(Some);
        assert_eq!(columns, expected);
    }

    #[test]
    fn the_first_record_is_no_second_line_of_the_header() {
        for (text, header) in [
            (
                "Время;Специалист;Пациент;Контакты;Вид приема;Отметка\n09:00;Ким В.С.;Пак Анна;87012345678;Приём кардиолога;пришел\n",
                1,
            ),
            (
                "Дата;Время;Пациент;;\n;;Фамилия;Имя;Телефон\n06.01.2025;9:00;Пак;Анна;87012345678\n",
                2,
            ),
        ] {
            assert_eq!(fields(text).1, Some(header), "{text}");
        }
        let prices = "ТОО «Ақ тіс»\nАлғашқы кеңес;5000 теңге;30 мин\nТісті жұлу;18000;45 мин\n";
        let sheets = read(prices.as_bytes()).unwrap();
        let layout = guess(&sheets, Some(Kind::Prices), date(2026, 11, 22)).remove(0);
        assert_eq!(layout.header_row, None);
    }

    #[test]
    fn columns_with_a_misleading_or_no_title_are_known_by_their_cells() {
        use Field::{Ignored, Phone, Service};
        let mut text = "Дата;Время;Врач;Кто записал;Пациент;Нөмірі;Что назначили\n".to_owned();
        for n in 0..24 {
            let service = ["Осмотр", "Снимок", "Чистка", "Лечение кариеса"][n % 4];
            let row =
                format!("06.01.2025;9:{n:02};Ким В.С.;Асель;Пак Анна;870123456{n:02};{service}\n");
            text.push_str(&row);
        }
        let columns = fields(&text).2;
        assert_eq!(columns[3..], [Some(Ignored), Some(Field::Patient), Some(Phone), Some(Service)]);
    }

    #[test]
    fn the_month_comes_from_the_title() {
        let layout = layout(
            "Журнал записи — январь 2025 г.\nДата;Время;Пациент;Врач\n6;9:30;Ким Вера;Пак\n",
        );
        assert_eq!((layout.month, layout.year, layout.header_row), (Some(1), Some(2025), Some(2)));
    }
}
