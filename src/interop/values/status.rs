//! How a visit ended, in the many spellings of a journal's last column.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::contact::name::fold;

/// What a journal says became of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Booked,
    Confirmed,
    /// Is here, or is being treated: a journal of today.
    Arrived,
    Completed,
    NoShow,
    Cancelled,
    Moved,
}

/// None when the word is unknown.
pub fn status(text: &str) -> Option<Status> {
    match text.trim() {
        "+" | "++" | "✓" | "✔" | "☑" | "√" | "v" | "V" | "1" | "++++" => {
            return Some(Status::Completed);
        }
        "-" | "–" | "—" | "✗" | "✘" | "x" | "X" | "х" | "Х" | "0" => {
            return Some(Status::NoShow);
        }
        _ => {}
    }
    let key = format!(" {} ", fold(text));
    FOLDED.iter().find(|(stem, _)| key.contains(stem.as_str())).map(|(_, status)| *status)
}

/// The table with folded stems; a space at the end stays.
static FOLDED: LazyLock<Vec<(String, Status)>> = LazyLock::new(|| {
    let folded = |(stem, status): &(&str, Status)| {
        let end = if stem.ends_with(' ') { " " } else { "" };
        (format!(" {}{end}", fold(stem)), *status)
    };
    TABLE.iter().map(folded).collect()
});

/// Beginnings of words; a space at the end asks for the whole word. The first
/// that fits decides, so refusals stand before what they refuse.
const TABLE: [(&str, Status); 94] = [
    ("не приш", Status::NoShow),
    ("не приех", Status::NoShow),
    ("не яв", Status::NoShow),
    ("неяв", Status::NoShow),
    ("н я ", Status::NoShow),
    ("не был", Status::NoShow),
    ("не при", Status::NoShow),
    ("неприш", Status::NoShow),
    ("прогул", Status::NoShow),
    ("пропус", Status::NoShow),
    ("отсутств", Status::NoShow),
    ("не дош", Status::NoShow),
    ("no show", Status::NoShow),
    ("no-show", Status::NoShow),
    ("noshow", Status::NoShow),
    ("absent", Status::NoShow),
    ("missed", Status::NoShow),
    ("did not", Status::NoShow),
    ("келмеді", Status::NoShow),
    ("келмед", Status::NoShow),
    ("келген жоқ", Status::NoShow),
    ("келген жок", Status::NoShow),
    ("нет ", Status::NoShow),
    ("жоқ ", Status::NoShow),
    ("перен", Status::Moved),
    ("перезап", Status::Moved),
    ("перез", Status::Moved),
    ("пер ", Status::Moved),
    ("сдвин", Status::Moved),
    ("moved", Status::Moved),
    ("resched", Status::Moved),
    ("ауыстыр", Status::Moved),
    ("көшіріл", Status::Moved),
    ("ауысты", Status::Moved),
    ("кейінге", Status::Moved),
    ("отмен", Status::Cancelled),
    ("отказ", Status::Cancelled),
    ("отм ", Status::Cancelled),
    ("аннул", Status::Cancelled),
    ("снят", Status::Cancelled),
    ("удал", Status::Cancelled),
    ("cancel", Status::Cancelled),
    ("бас тарт", Status::Cancelled),
    ("болдырм", Status::Cancelled),
    ("жойыл", Status::Cancelled),
    ("тоқтат", Status::Cancelled),
    ("күшін жой", Status::Cancelled),
    ("не подтв", Status::Booked),
    ("неподтв", Status::Booked),
    ("расталма", Status::Booked),
    ("unconf", Status::Booked),
    ("not conf", Status::Booked),
    ("подтв", Status::Confirmed),
    ("confirm", Status::Confirmed),
    ("растал", Status::Confirmed),
    ("раста", Status::Confirmed),
    ("на прием", Status::Arrived),
    ("в кабинет", Status::Arrived),
    ("в процес", Status::Arrived),
    ("ждет", Status::Arrived),
    ("in progress", Status::Arrived),
    ("arrived", Status::Arrived),
    ("приш", Status::Completed),
    ("пришол", Status::Completed),
    ("был", Status::Completed),
    ("яви", Status::Completed),
    ("явка", Status::Completed),
    ("посет", Status::Completed),
    ("выполн", Status::Completed),
    ("заверш", Status::Completed),
    ("оказан", Status::Completed),
    ("принят", Status::Completed),
    ("приня", Status::Completed),
    ("состоя", Status::Completed),
    ("проведен", Status::Completed),
    ("закрыт", Status::Completed),
    ("оплач", Status::Completed),
    ("complet", Status::Completed),
    ("done", Status::Completed),
    ("visited", Status::Completed),
    ("келді", Status::Completed),
    ("аяқтал", Status::Completed),
    ("орындал", Status::Completed),
    ("ок ", Status::Completed),
    ("запис", Status::Booked),
    ("заплан", Status::Booked),
    ("жазыл", Status::Booked),
    ("booked", Status::Booked),
    ("schedul", Status::Booked),
    ("ожид", Status::Booked),
    ("нов", Status::Booked),
    ("күтіл", Status::Booked),
    ("planned", Status::Booked),
    ("new ", Status::Booked),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_outcome_is_known() {
        for (status_, texts) in [
            (
                Status::Completed,
                &[
                    "пришел",
                    "пришла",
                    "Пришёл",
                    "+",
                    "был",
                    "выполнено",
                    "завершён",
                    "келді",
                    "аяқталды",
                    "оплачено",
                    "completed",
                    "Явился",
                    "ok",
                ][..],
            ),
            (
                Status::NoShow,
                &[
                    "не пришел",
                    "Не пришла",
                    "неявка",
                    "н/я",
                    "не явился",
                    "келмеді",
                    "no show",
                    "-",
                    "нет",
                    "пропустил",
                    "не пришёл",
                ],
            ),
            (
                Status::Cancelled,
                &["отмена", "отменен", "отказ", "отм.", "cancelled", "бас тартты", "отменила"],
            ),
            (
                Status::Moved,
                &["перенос", "перенесен на 12", "перенесли", "moved", "ауыстырылды", "пер."],
            ),
            (Status::Confirmed, &["подтвержден", "подтв.", "confirmed", "расталды"]),
            (Status::Arrived, &["на приеме", "в кабинете"]),
            (Status::Booked, &["не подтвержден"]),
        ] {
            for text in texts {
                assert_eq!(status(text), Some(status_), "{text}");
            }
        }
        assert_eq!(status("Kaspi QR"), None);
        assert_eq!(status(""), None);
    }

    #[test]
    fn a_booking_is_known_too() {
        for text in ["записан", "запись", "жазылды", "booked", "ожидает", "запланирован"]
        {
            assert_eq!(status(text), Some(Status::Booked), "{text}");
        }
    }
}
