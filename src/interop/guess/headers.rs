//! The words of headers, in Russian, Kazakh and English.

use std::sync::LazyLock;

use super::contents::Contents;
use super::{Field, Layout};
use crate::contact::name::fold;
use crate::interop::reading::{Cell, Row};

/// A header found among the first rows.
pub(super) struct Header {
    /// Index (not number) of its last row.
    pub last_index: usize,
    pub titles: Vec<String>,
}

/// What a column's title means. None when it is no title that we know.
pub fn field_of(title: &str) -> Option<Field> {
    let bare = title.trim().trim_end_matches(['.', ':']);
    if matches!(bare, "№" | "#" | "N" | "No" | "№ п/п" | "N п/п" | "id" | "ID") {
        return Some(Field::Ignored);
    }
    if title.chars().count() > 45 || title.chars().filter(char::is_ascii_digit).count() > 4 {
        return None;
    }
    let key = format!(" {} ", fold(title));
    let rule = FOLDED.iter().find(|(words, _)| words.iter().all(|word| key.contains(word)));
    rule.map(|(_, field)| *field)
}

pub(super) fn same_title(text: &str, title: &str) -> bool {
    fold(text) == fold(title)
}

pub(super) fn speaks_of_hours(title: &str) -> bool {
    let key = format!(" {} ", fold(title));
    ["ч", "час", "часов", "часы", "сағат", "hours", "h"]
        .iter()
        .any(|word| key.contains(&format!(" {} ", fold(word))))
}

/// The row among the first forty with the most titles; two rows when the next
/// one has titles too (a merged «Пациент» over «Фамилия», «Имя»).
pub(super) fn find(rows: &[Row]) -> Option<Header> {
    let hits = |row: &Row| row.cells.iter().filter(|cell| title_of(cell).is_some()).count();
    let mut best: Option<(usize, usize)> = None;
    for (index, row) in rows.iter().take(40).enumerate() {
        let count = hits(row);
        let enough =
            count >= 2 && count * 5 >= row.filled() * 2 && numbers(row) * 3 <= row.filled();
        if enough && best.is_none_or(|(_, most)| count > most) {
            best = Some((index, count));
        }
    }
    let (index, _) = best?;
    let mut titles: Vec<String> = rows[index].cells.iter().map(Cell::shown).collect();
    let mut last_index = index;
    let titled = |next: &&Row| {
        let count = hits(next);
        count >= 2 && count * 2 >= next.filled() && numbers(next) == 0 && !has_values(next)
    };
    if let Some(next) = rows.get(index + 1).filter(titled) {
        let second: Vec<String> = next.cells.iter().map(Cell::shown).collect();
        let repeats = second.iter().zip(&titles).filter(|(a, b)| !a.is_empty() && a == b).count();
        if repeats * 2 < next.filled() {
            titles.resize(titles.len().max(second.len()), String::new());
            for (title, below) in titles.iter_mut().zip(second) {
                if field_of(&below).is_some() || title.is_empty() {
                    *title = below;
                }
            }
            last_index = index + 1;
        }
    }
    Some(Header { last_index, titles })
}

/// Gives columns the meaning of their titles, unless their cells contradict.
pub(super) fn assign(layout: &mut Layout, contents: &[Contents]) {
    for at in 0..layout.columns.len() {
        let Some(field) = layout.titles.get(at).and_then(|title| field_of(title)) else { continue };
        let taken = layout.has(field) && !may_repeat(field);
        if !taken && !contents[at].contradicts(field) {
            layout.columns[at] = Some(field);
        } else if taken {
            // Two columns of one name: the fuller one, the first if equal.
            let first = layout.column(field).unwrap_or(at);
            if contents[at].filled > contents[first].filled * 2 {
                layout.columns[first] = Some(Field::Ignored);
                layout.columns[at] = Some(field);
            } else {
                layout.columns[at] = Some(Field::Ignored);
            }
        }
    }
}

fn may_repeat(field: Field) -> bool {
    matches!(field, Field::Phone | Field::Ignored | Field::Comment)
}

fn title_of(cell: &Cell) -> Option<Field> {
    match cell {
        Cell::Text(text) => field_of(text),
        _ => None,
    }
}

fn numbers(row: &Row) -> usize {
    row.cells.iter().filter(|cell| !matches!(cell, Cell::Empty | Cell::Text(_))).count()
}

/// A title has no number of two digits in it: a time, a price, a telephone.
fn has_values(row: &Row) -> bool {
    let digits = |cell: &Cell| cell.shown().chars().filter(char::is_ascii_digit).count();
    row.cells.iter().any(|cell| digits(cell) > 1)
}

/// The rules with folded words: one begins a word of the key, or is a whole
/// word when `$` ends it.
static FOLDED: LazyLock<Vec<(Vec<String>, Field)>> = LazyLock::new(|| {
    let needle = |word: &&str| match word.strip_suffix('$') {
        Some(whole) => format!(" {} ", fold(whole)),
        None => format!(" {}", fold(word)),
    };
    RULES.iter().map(|(words, field)| (words.iter().map(needle).collect(), *field)).collect()
});

/// In order: the first rule all of whose words are there decides.
const RULES: &[(&[&str], Field)] = &[
    (&["дата", "рожд"], Field::BirthDate),
    (&["рожд"], Field::BirthDate),
    (&["туған"], Field::BirthDate),
    (&["birth"], Field::BirthDate),
    (&["dob$"], Field::BirthDate),
    (&["д$", "р$"], Field::BirthDate),
    (&["г$", "р$"], Field::BirthDate),
    (&["др$"], Field::BirthDate),
    (&["иин$"], Field::Iin),
    (&["жсн$"], Field::Iin),
    (&["iin$"], Field::Iin),
    (&["длит"], Field::Duration),
    (&["продолж"], Field::Duration),
    (&["ұзақт"], Field::Duration),
    (&["duration"], Field::Duration),
    (&["время", "мин$"], Field::Duration),
    (&["уақыт", "мин$"], Field::Duration),
    (&["time", "min$"], Field::Duration),
    (&["мин$"], Field::Duration),
    (&["минут"], Field::Duration),
    (&["minutes"], Field::Duration),
    (&["возраст"], Field::Ignored),
    (&["жасы$"], Field::Ignored),
    (&["age$"], Field::Ignored),
    (&["скидк"], Field::Ignored),
    (&["долг"], Field::Ignored),
    (&["дата", "созд"], Field::Ignored),
    (&["дата", "звон"], Field::Ignored),
    (&["дата", "оплат"], Field::Ignored),
    (&["дата", "регистр"], Field::Ignored),
    (&["дата", "послед"], Field::Ignored),
    (&["дата", "внес"], Field::Ignored),
    (&["администратор"], Field::Ignored),
    (&["тіркелген"], Field::Ignored),
    (&["тел"], Field::Phone),
    (&["моб"], Field::Phone),
    (&["сот$"], Field::Phone),
    (&["сотов"], Field::Phone),
    (&["контакт"], Field::Phone),
    (&["phone"], Field::Phone),
    (&["mobile"], Field::Phone),
    (&["contact"], Field::Phone),
    (&["ұялы"], Field::Phone),
    (&["байланыс"], Field::Phone),
    (&["номер", "связ"], Field::Phone),
    (&["дата", "время"], Field::DateTime),
    (&["date", "time"], Field::DateTime),
    (&["күні", "уақыт"], Field::DateTime),
    (&["datetime"], Field::DateTime),
    (&["конец"], Field::EndTime),
    (&["оконч"], Field::EndTime),
    (&["аяқтал"], Field::EndTime),
    (&["end$"], Field::EndTime),
    (&["дата"], Field::Date),
    (&["күні"], Field::Date),
    (&["күн$"], Field::Date),
    (&["date"], Field::Date),
    (&["день$"], Field::Date),
    (&["число$"], Field::Date),
    (&["время"], Field::Time),
    (&["уақыт"], Field::Time),
    (&["сағат"], Field::Time),
    (&["time"], Field::Time),
    (&["час$"], Field::Time),
    (&["часы$"], Field::Time),
    (&["нач$"], Field::Time),
    (&["начало"], Field::Time),
    (&["интервал"], Field::Time),
    (&["басталу"], Field::Time),
    (&["start"], Field::Time),
    (&["врач"], Field::Doctor),
    (&["доктор"], Field::Doctor),
    (&["дәрігер"], Field::Doctor),
    (&["doctor"], Field::Doctor),
    (&["dr$"], Field::Doctor),
    (&["специалист"], Field::Doctor),
    (&["маман"], Field::Doctor),
    (&["мастер"], Field::Doctor),
    (&["исполнител"], Field::Doctor),
    (&["сотрудник"], Field::Doctor),
    (&["provider"], Field::Doctor),
    (&["specialist"], Field::Doctor),
    (&["стоматолог"], Field::Doctor),
    (&["косметолог$"], Field::Doctor),
    (&["терапевт$"], Field::Doctor),
    (&["хирург$"], Field::Doctor),
    (&["physician$"], Field::Doctor),
    (&["dentist"], Field::Doctor),
    (&["therapist"], Field::Doctor),
    (&["practitioner"], Field::Doctor),
    (&["орындаушы"], Field::Doctor),
    (&["к", "кому"], Field::Doctor),
    (&["фамилия", "имя"], Field::Patient),
    (&["тегі", "аты"], Field::Patient),
    (&["фамил"], Field::Surname),
    (&["тегі"], Field::Surname),
    (&["surname"], Field::Surname),
    (&["last", "name"], Field::Surname),
    (&["family", "name"], Field::Surname),
    (&["отчеств"], Field::Patronymic),
    (&["әкесінің"], Field::Patronymic),
    (&["patronym"], Field::Patronymic),
    (&["middle", "name"], Field::Patronymic),
    (&["first", "name"], Field::Given),
    (&["given", "name"], Field::Given),
    (&["услуг"], Field::Service),
    (&["процедур"], Field::Service),
    (&["қызмет"], Field::Service),
    (&["service"], Field::Service),
    (&["procedure"], Field::Service),
    (&["treatment"], Field::Service),
    (&["манипуляц"], Field::Service),
    (&["емшара"], Field::Service),
    (&["вид", "работ"], Field::Service),
    (&["вид", "прием"], Field::Service),
    (&["наименован"], Field::Service),
    (&["атауы"], Field::Service),
    (&["лечение"], Field::Service),
    (&["емдеу$"], Field::Service),
    (&["цель"], Field::Service),
    (&["фио"], Field::Patient),
    (&["ф$", "и$", "о$"], Field::Patient),
    (&["ф$", "и$"], Field::Patient),
    (&["аты", "жөні"], Field::Patient),
    (&["пациент"], Field::Patient),
    (&["клиент"], Field::Patient),
    (&["науқас"], Field::Patient),
    (&["емделуші"], Field::Patient),
    (&["patient"], Field::Patient),
    (&["client"], Field::Patient),
    (&["customer"], Field::Patient),
    (&["full", "name"], Field::Patient),
    (&["кто$"], Field::Patient),
    (&["имя"], Field::Given),
    (&["аты$"], Field::Given),
    (&["есімі"], Field::Given),
    (&["name$"], Field::Given),
    (&["статус"], Field::Status),
    (&["явка"], Field::Status),
    (&["приш"], Field::Status),
    (&["результат"], Field::Status),
    (&["состояни"], Field::Status),
    (&["отметка"], Field::Status),
    (&["итог$"], Field::Status),
    (&["status"], Field::Status),
    (&["outcome"], Field::Status),
    (&["мәртебе"], Field::Status),
    (&["күйі"], Field::Status),
    (&["келді"], Field::Status),
    (&["келу"], Field::Status),
    (&["нәтиже"], Field::Status),
    (&["сумм"], Field::Sum),
    (&["цен"], Field::Sum),
    (&["стоим"], Field::Sum),
    (&["бағас"], Field::Sum),
    (&["баға$"], Field::Sum),
    (&["сома"], Field::Sum),
    (&["құны"], Field::Sum),
    (&["price"], Field::Sum),
    (&["amount"], Field::Sum),
    (&["cost"], Field::Sum),
    (&["тариф"], Field::Sum),
    (&["итого"], Field::Sum),
    (&["тенге"], Field::Sum),
    (&["тг$"], Field::Sum),
    (&["оплат"], Field::Payment),
    (&["оплач"], Field::Payment),
    (&["төлем"], Field::Payment),
    (&["payment"], Field::Payment),
    (&["paid"], Field::Payment),
    (&["откуда"], Field::Source),
    (&["источник"], Field::Source),
    (&["реклам"], Field::Source),
    (&["канал"], Field::Source),
    (&["source"], Field::Source),
    (&["қайдан"], Field::Source),
    (&["дереккөз"], Field::Source),
    (&["узнал"], Field::Source),
    (&["referr"], Field::Source),
    (&["аллерг"], Field::Allergy),
    (&["allerg"], Field::Allergy),
    (&["карт"], Field::CardNo),
    (&["card"], Field::CardNo),
    (&["chart"], Field::CardNo),
    (&["каб"], Field::Room),
    (&["кресл"], Field::Room),
    (&["комнат"], Field::Room),
    (&["бөлме"], Field::Room),
    (&["орындық"], Field::Room),
    (&["room"], Field::Room),
    (&["chair"], Field::Room),
    (&["прим"], Field::Comment),
    (&["коммент"], Field::Comment),
    (&["замет"], Field::Comment),
    (&["замеч"], Field::Comment),
    (&["ескерт"], Field::Comment),
    (&["түсінік"], Field::Comment),
    (&["пікір"], Field::Comment),
    (&["note"], Field::Comment),
    (&["comment"], Field::Comment),
    (&["remark"], Field::Comment),
    (&["дополн"], Field::Comment),
    (&["жалоб"], Field::Comment),
    (&["пол$"], Field::Sex),
    (&["жынысы"], Field::Sex),
    (&["sex$"], Field::Sex),
    (&["gender"], Field::Sex),
    (&["почт"], Field::Email),
    (&["email"], Field::Email),
    (&["e", "mail"], Field::Email),
    (&["адрес"], Field::Address),
    (&["мекенжай"], Field::Address),
    (&["address"], Field::Address),
    (&["раздел"], Field::Section),
    (&["категор"], Field::Section),
    (&["группа"], Field::Section),
    (&["бөлім"], Field::Section),
    (&["санат"], Field::Section),
    (&["category"], Field::Section),
    (&["отделен"], Field::Section),
    (&["код$"], Field::Ignored),
    (&["code"], Field::Ignored),
    (&["п$", "п$"], Field::Ignored),
    (&["нөмір"], Field::Ignored),
    (&["номер"], Field::Ignored),
    (&["кол"], Field::Ignored),
    (&["количеств"], Field::Ignored),
    (&["саны$"], Field::Ignored),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_mean_what_clinics_mean_by_them() {
        for (title, field) in [
            ("ФИО врача", Field::Doctor),
            ("Ф.И.О. пациента", Field::Patient),
            ("Ф.И.О.", Field::Patient),
            ("Имя пациента", Field::Patient),
            ("Телефон пациента", Field::Phone),
            ("№ карты", Field::CardNo),
            ("Дата рождения", Field::BirthDate),
            ("д/р", Field::BirthDate),
            ("Д.Р.", Field::BirthDate),
            ("ИИН", Field::Iin),
            ("ЖСН", Field::Iin),
            ("Откуда узнал", Field::Source),
            ("Қайдан білді", Field::Source),
            ("Каб.", Field::Room),
            ("Длительность, мин", Field::Duration),
            ("Время (мин)", Field::Duration),
            ("Қабылдау уақыты", Field::Time),
            ("Цена, ₸", Field::Sum),
            ("Врачи", Field::Doctor),
            ("№", Field::Ignored),
            ("Әкесінің аты", Field::Patronymic),
            ("Аты", Field::Given),
            ("Тегі", Field::Surname),
            ("Аты-жөні", Field::Patient),
            ("Дата/время", Field::DateTime),
        ] {
            assert_eq!(field_of(title), Some(field), "{title}");
        }
        for title in ["Иванов Иван", "87012345678", "кариес", ""] {
            assert_eq!(field_of(title), None, "{title}");
        }
    }
}
