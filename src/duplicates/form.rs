//! What somebody chose of two cards, and the card that comes of it.

use serde::{Deserialize, Serialize};

use crate::contact::{Name, Phone};
use crate::duplicates::{Pair, Side};
use crate::patients::merging::Merging;
use crate::patients::{NewPatient, Patient};

/// Which of the two cards, or both together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    #[default]
    A,
    B,
    Both,
}

/// The choices of a merge. Both cards' telephones are always kept; the one of
/// the chosen card is written to first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MergeForm {
    /// The card that stays.
    pub kept: Choice,
    pub name: Choice,
    pub birth_date: Choice,
    pub iin: Choice,
    pub phones: Choice,
    pub email: Choice,
    pub sex: Choice,
    pub language: Choice,
    pub allergy: Choice,
    pub source: Choice,
    pub note: Choice,
    /// The versions that were looked at.
    pub version_a: i64,
    pub version_b: i64,
}

impl MergeForm {
    /// What is most likely right: the card with more visits stays, the fuller
    /// value wins, and nothing about health is lost.
    pub fn proposed(pair: &Pair) -> Self {
        let (a, b) = (&pair.a.card, &pair.b.card);
        let busier = if pair.a.visits >= pair.b.visits { Choice::A } else { Choice::B };
        let filled = |in_a: bool, in_b: bool| match (in_a, in_b) {
            (true, false) => Choice::A,
            (false, true) => Choice::B,
            _ => busier,
        };
        let text = |a: &str, b: &str| {
            if a.is_empty() || b.is_empty() || a == b {
                filled(!a.is_empty(), !b.is_empty())
            } else {
                Choice::Both
            }
        };
        let parts = |card: &Patient| {
            [&card.surname, &card.given, &card.patronymic]
                .map(|part| part.trim_end_matches('.').chars().count().min(2))
                .iter()
                .sum::<usize>()
        };
        Self {
            kept: busier,
            name: match parts(a).cmp(&parts(b)) {
                std::cmp::Ordering::Greater => Choice::A,
                std::cmp::Ordering::Less => Choice::B,
                std::cmp::Ordering::Equal => busier,
            },
            birth_date: filled(a.birth_date.is_some(), b.birth_date.is_some()),
            iin: filled(a.iin.is_some(), b.iin.is_some()),
            phones: filled(!a.phones.is_empty(), !b.phones.is_empty()),
            email: filled(is_written(a), is_written(b)),
            sex: filled(a.sex.is_some(), b.sex.is_some()),
            language: busier,
            allergy: text(&a.allergy, &b.allergy),
            source: filled(!a.source.is_empty(), !b.source.is_empty()),
            note: text(&a.note, &b.note),
            version_a: a.version,
            version_b: b.version,
        }
    }

    /// The merge that was chosen.
    pub fn decided(&self, pair: &Pair) -> Merging {
        let (a, b) = ((pair.a.card.id, self.version_a), (pair.b.card.id, self.version_b));
        let (kept, absorbed) = if self.kept == Choice::B { (b, a) } else { (a, b) };
        Merging { kept, absorbed, result: self.result(pair) }
    }

    fn result(&self, pair: &Pair) -> NewPatient {
        let (a, b) = (&pair.a, &pair.b);
        let of = |choice: Choice| if choice == Choice::B { &b.card } else { &a.card };
        let both = |choice: Choice, text: fn(&Patient) -> &str| {
            let (x, y) = (text(&a.card), text(&b.card));
            match choice {
                Choice::Both if x.is_empty() || x == y => y.to_owned(),
                Choice::Both if y.is_empty() => x.to_owned(),
                Choice::Both => format!("{x}; {y}"),
                one => text(of(one)).to_owned(),
            }
        };
        let named = of(self.name);
        let iin = of(self.iin).iin.clone();
        let unverified = if iin.is_some() { None } else { of(self.iin).iin_unverified.clone() };
        NewPatient {
            name: Name::new(&named.surname, &named.given, &named.patronymic),
            phones: phones(a, b, self.phones),
            other_contacts: united([&a.card.other_contacts, &b.card.other_contacts]),
            email: of(self.email).email.clone(),
            birth_date: of(self.birth_date).birth_date,
            sex: of(self.sex).sex,
            iin,
            iin_unverified: unverified,
            language: of(self.language).language,
            allergy: both(self.allergy, |card| &card.allergy),
            source: both(self.source, |card| &card.source),
            note: both(self.note, |card| &card.note),
        }
    }
}

/// An address that was not refused.
fn is_written(card: &Patient) -> bool {
    card.email.is_some() && !card.email_refused
}

fn phones(a: &Side, b: &Side, first: Choice) -> Vec<Phone> {
    let (a, b) = (&a.card.phones, &b.card.phones);
    let all = if first == Choice::B { united([b, a]) } else { united([a, b]) };
    all.iter().filter_map(|phone| Phone::parse(phone).ok()).collect()
}

/// All texts once, in order.
fn united(lists: [&Vec<String>; 2]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for text in lists.into_iter().flatten() {
        if !all.contains(text) {
            all.push(text.clone());
        }
    }
    all
}
