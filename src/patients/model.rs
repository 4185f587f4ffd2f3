//! Patients and what is searched for, apart from storage and the web.

use serde::{Deserialize, Serialize};

use crate::clock::{Day, Timestamp};
use crate::contact::name::{self, Name};
use crate::contact::{Email, Iin, Phone, Sex};
use crate::i18n::Language;
use crate::ids::PatientId;
use crate::vault::Actor;
use crate::vault::permission::{SeeContacts, SeeIin, SeeWarnings};

/// What is known of somebody who gets a card.
#[derive(Clone, Debug, Default)]
pub struct NewPatient {
    pub name: Name,
    pub phones: Vec<Phone>,
    /// What was meant as a phone number and is none.
    pub other_contacts: Vec<String>,
    pub email: Option<Email>,
    pub birth_date: Option<Day>,
    pub sex: Option<Sex>,
    pub iin: Option<Iin>,
    /// An IIN whose checksum fails, as written down.
    pub iin_unverified: Option<String>,
    pub language: Language,
    pub allergy: String,
    pub source: String,
    pub note: String,
}

/// A patient's card.
#[derive(Clone, Debug, Serialize, Deserialize, sqlx::FromRow)]
pub struct Patient {
    pub id: PatientId,
    pub number: i64,
    pub surname: String,
    pub given: String,
    pub patronymic: String,
    pub name: String,
    pub birth_date: Option<Day>,
    pub sex: Option<Sex>,
    pub iin: Option<Iin>,
    pub iin_unverified: Option<String>,
    pub language: Language,
    pub allergy: String,
    pub source: String,
    pub note: String,
    pub version: i64,
    pub registered_at: Timestamp,
    /// None while the card stands for itself.
    pub merged_into: Option<PatientId>,
    /// E.164, the one to write to first.
    #[sqlx(json)]
    pub phones: Vec<String>,
    #[sqlx(json)]
    pub other_contacts: Vec<String>,
    /// Where letters go.
    #[serde(default)]
    pub email: Option<Email>,
    /// Its server knows no such mailbox: none goes there.
    #[serde(default)]
    pub email_refused: bool,
}

/// One line of a search answer or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Brief {
    pub id: PatientId,
    pub number: i64,
    pub name: String,
    pub birth_date: Option<Day>,
    /// E.164; None when there is none.
    pub phone: Option<String>,
    pub allergy: bool,
    /// Not the reader's own patient: see [`mask`](Self::mask).
    #[sqlx(default)]
    pub masked: bool,
}

impl Brief {
    /// Leaves the surname, initials and the number of the card: enough to ask
    /// the desk, or to open an emergency access.
    pub fn mask(&mut self) {
        self.name = name::with_initials(&self.name);
        (self.phone, self.birth_date, self.allergy, self.masked) = (None, None, false, true);
    }
}

/// The classes of a card's fields that a reader sees (SECURITY.md 5.1); what is
/// not seen never reaches a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask {
    pub contacts: bool,
    pub warnings: bool,
    pub iin: bool,
}

impl Mask {
    /// What the reader's rights open, and an emergency access beyond them.
    pub fn of(actor: &Actor, emergency: bool) -> Self {
        Self {
            contacts: emergency || actor.may::<SeeContacts>(),
            warnings: emergency || actor.may::<SeeWarnings>(),
            iin: actor.may::<SeeIin>(),
        }
    }
}

/// What somebody typed into the search box, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Too little to search by.
    Nothing,
    /// Digits, without the trunk 8 or country 7 when a whole number was typed.
    Digits(String),
    /// The beginning of an e-mail address, in small letters.
    Email(String),
    /// Folded words, each the beginning of a part of the name.
    Words(Vec<String>),
}

/// Fewer digits than this match everybody.
const FEWEST_DIGITS: usize = 2;

impl NewPatient {
    /// Everything the name can be found by.
    pub fn folded(&self) -> String {
        folded(&self.name)
    }
}

impl Patient {
    pub fn parts(&self) -> Name {
        Name::new(&self.surname, &self.given, &self.patronymic)
    }

    /// Where SMS go: the first mobile number, else the first of another country. A
    /// landline gets none.
    pub fn mobile(&self) -> Option<Phone> {
        let phones = self.phones.iter().filter_map(|text| Phone::parse(text).ok());
        let (mobiles, others): (Vec<_>, Vec<_>) = phones.partition(Phone::is_mobile);
        mobiles.into_iter().chain(others.into_iter().filter(|phone| !phone.is_kazakh())).next()
    }

    /// Whole years on that day. None when the birth date is not known.
    pub fn age(&self, on: Day) -> Option<i16> {
        self.birth_date?.years_until(on)
    }

    /// Whether the birth date disagrees with the one inside the IIN.
    pub fn iin_disagrees(&self) -> bool {
        let inside = self.iin.as_ref().and_then(Iin::birth_date).map(Day::from_jiff);
        matches!((inside, self.birth_date), (Some(inside), Some(stated)) if inside != stated)
    }
}

/// The words of a name as the index holds them, the patronymic also without
/// its ending so that -ұлы finds -ович.
pub fn folded(name: &Name) -> String {
    let whole = name::fold(&name.full().replace('.', " "));
    if name.patronymic.is_empty() {
        return whole;
    }
    format!("{whole} {}", name::fold_patronymic(&name.patronymic))
}

impl Query {
    pub fn understand(text: &str) -> Self {
        let text = text.trim();
        if let Some((name, _)) = text.split_once('@').filter(|_| text.is_ascii()) {
            let whole = text.to_ascii_lowercase();
            return if name.is_empty() { Self::Nothing } else { Self::Email(whole) };
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if !text.chars().any(char::is_alphabetic) {
            if digits.len() < FEWEST_DIGITS {
                return Self::Nothing;
            }
            return Self::Digits(digits);
        }
        let words = words(text);
        if words.is_empty() { Self::Nothing } else { Self::Words(words) }
    }

    /// The same keys on the other keyboard layout: `thxfy` for `ержан`.
    pub fn other_layout(text: &str) -> Self {
        let words = words(&name::keyboard_swap(text));
        if words.is_empty() { Self::Nothing } else { Self::Words(words) }
    }
}

fn words(text: &str) -> Vec<String> {
    let folded = name::fold(text);
    let words = folded.split_whitespace().filter(|word| word.chars().all(char::is_alphanumeric));
    words.map(ToOwned::to_owned).collect()
}

/// The national part of a phone number typed from its beginning: `8701…`,
/// `+7701…`, `7701…` and `701…` all begin `+7701…`.
pub fn phone_beginnings(digits: &str) -> Vec<String> {
    let mut beginnings = vec![format!("+7{digits}")];
    if let Some(rest) = digits.strip_prefix('8').or_else(|| digits.strip_prefix('7')) {
        beginnings.push(format!("+7{rest}"));
    }
    beginnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_an_at_is_the_beginning_of_an_address() {
        assert_eq!(Query::understand(" Aliya@M"), Query::Email("aliya@m".to_owned()));
        assert_eq!(Query::understand("@mail"), Query::Nothing);
    }

    #[test]
    fn digits_are_a_number_and_letters_are_a_name() {
        assert_eq!(Query::understand("+7 (701) 234"), Query::Digits("7701234".to_owned()));
        assert_eq!(Query::understand("7"), Query::Nothing);
        assert_eq!(Query::understand("  "), Query::Nothing);
        let Query::Words(words) = Query::understand("Қанат Мұсин") else {
            panic!("words")
        };
        assert_eq!(words, [name::fold("Канат"), name::fold("Мусин")]);
    }

    #[test]
    fn the_wrong_keyboard_layout_is_understood() {
        assert_eq!(Query::other_layout("thxfy"), Query::other_layout("Thxfy"));
        let Query::Words(words) = Query::other_layout("thfy") else { panic!("words") };
        assert_eq!(words, [name::fold("еран")]);
    }
}
