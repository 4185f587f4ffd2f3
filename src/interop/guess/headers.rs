//! The words of headers, in Russian, Kazakh and English.

mod words;

use super::contents::Contents;
use super::{Field, Layout};
use crate::contact::name::fold;
use crate::interop::reading::{Cell, Row};
use words::FOLDED;

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
    let names_columns = |next: &&Row| {
        let count = hits(next);
        count >= 2 && count * 2 >= next.filled() && numbers(next) == 0 && !has_values(next)
    };
    if let Some(next) = rows.get(index + 1).filter(names_columns) {
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

/// Cells that are or begin with a number, as no title does.
fn numbers(row: &Row) -> usize {
    let number = |cell: &&Cell| match cell {
        Cell::Empty => false,
        Cell::Text(text) => text.starts_with(|c: char| c.is_ascii_digit()),
        _ => true,
    };
    row.cells.iter().filter(number).count()
}

/// A title has no number of two digits in it: a time, a price, a telephone.
fn has_values(row: &Row) -> bool {
    let digits = |cell: &Cell| cell.shown().chars().filter(char::is_ascii_digit).count();
    row.cells.iter().any(|cell| digits(cell) > 1)
}

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
