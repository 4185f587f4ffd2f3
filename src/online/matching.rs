//! Whose card a booking goes on. A person is not a phone: a family shares one,
//! and a form from outside must not rename anybody. A card is taken only when
//! phone, name and year of birth agree and no other card could be meant; else
//! there is a new one, offered to the desk beside those it may be one with.

use crate::contact::Phone;
use crate::contact::name::{self, Name};
use crate::i18n::Language;
use crate::ids::PatientId;
use crate::online::model::Birth;
use crate::patients::merging::{self, LikelyPair};
use crate::patients::{self, NewPatient, Patient, PatientError, blocking};
use crate::vault::{Event, Tx, VaultError};

/// From this likeness of names (0 to 1) on, a card with the same phone is
/// offered as a possible duplicate.
const ALIKE: f64 = 0.7;

/// Who comes.
#[derive(Clone, Debug)]
pub struct Comer {
    pub name: String,
    pub phone: Phone,
    pub birth: Option<Birth>,
    pub language: Language,
}

/// Cards with this phone that stand for themselves.
pub async fn of_phone(tx: &mut Tx, phone: &Phone) -> Result<Vec<Patient>, VaultError> {
    let mut cards = Vec::new();
    for id in patients::by_phone(tx, phone).await? {
        let Some(card) = patients::card_in(tx, id).await? else { continue };
        if card.merged_into.is_none() {
            cards.push(card);
        }
    }
    Ok(cards)
}

/// Cards with this phone whose data may be used, and whether whoever comes may
/// be somebody whose data is blocked (law 94-V art. 25): by phone and a like
/// name, or by whole name and day of birth whatever the phone. Nobody gets a
/// fresh card beside a blocked one.
pub async fn usable(
    tx: &mut Tx,
    comer: &Comer,
    known: Vec<Patient>,
) -> Result<(Vec<Patient>, bool), VaultError> {
    let (mut usable, mut shut) = (Vec::new(), false);
    for card in known {
        if blocking::stands_in(tx, card.id).await? {
            shut |= ALIKE <= name::similarity(&card.name, &comer.name) || is_certain(&card, comer);
        } else {
            usable.push(card);
        }
    }
    if let Some(day) = comer.birth.and_then(|birth| birth.day) {
        for id in blocking::born_on(tx, day).await? {
            let card = patients::card_in(tx, id).await?;
            shut |= card.is_some_and(|card| is_certain(&card, comer));
        }
    }
    Ok((usable, shut))
}

/// The card that is meant, when it can only be that one.
pub fn certain(comer: &Comer, known: &[Patient]) -> Option<PatientId> {
    let mut certain = known.iter().filter(|card| is_certain(card, comer)).map(|card| card.id);
    certain.next().filter(|_| certain.next().is_none())
}

/// The card of somebody who comes, and the event of its making when it is new;
/// of `known`, no card may be blocked.
///
/// # Errors
/// [`PatientError::NoName`].
pub async fn card_for(
    tx: &mut Tx,
    comer: &Comer,
    known: &[Patient],
) -> Result<(PatientId, Option<Event>), PatientError> {
    if let Some(only) = certain(comer, known) {
        return Ok((only, None));
    }
    let new = NewPatient {
        name: split(&comer.name),
        phones: vec![comer.phone.clone()],
        birth_date: comer.birth.and_then(|birth| birth.day),
        language: comer.language,
        source: SOURCE.to_owned(),
        ..NewPatient::default()
    };
    let (id, registered) = patients::register_in(tx, &new).await?;
    let likely: Vec<LikelyPair> = known.iter().filter_map(|card| pair(card, comer, id)).collect();
    merging::offer_in(tx, &likely).await?;
    Ok((id, Some(registered)))
}

/// What a card made here says of where its owner came from.
const SOURCE: &str = "online";

fn split(text: &str) -> Name {
    let name = name::split(text);
    if name.is_empty() { Name::new("", text.trim(), "") } else { name }
}

/// Phone (looked up), whole name and year of birth agree.
fn is_certain(card: &Patient, comer: &Comer) -> bool {
    let born = card.birth_date.zip(comer.birth);
    let born = born.is_some_and(|(day, birth)| {
        day.year() == birth.year && birth.day.is_none_or(|stated| stated == day)
    });
    born && words(&format!("{} {}", card.surname, card.given)) == named(&comer.name)
}

/// Surname and given name, folded, in any order; a patronymic may be missing.
fn named(text: &str) -> Vec<String> {
    let name = name::split(text);
    words(&format!("{} {}", name.surname, name.given))
}

fn words(text: &str) -> Vec<String> {
    let folded = name::fold(text);
    let mut words: Vec<String> = folded.split_whitespace().map(str::to_owned).collect();
    words.sort();
    words
}

fn pair(card: &Patient, comer: &Comer, new: PatientId) -> Option<LikelyPair> {
    let score = name::similarity(&card.name, &comer.name);
    let (a, b) = (card.id.min(new), card.id.max(new));
    let alike = if score < 1.0 { "similar-name" } else { "same-name" };
    let reasons = vec!["same-phone".to_owned(), alike.to_owned()];
    (ALIKE <= score).then_some(LikelyPair { a, b, score, reasons })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Day, Timestamp};

    fn card(surname: &str, given: &str, birth: Option<&str>) -> Patient {
        let now = Timestamp::from_unix_ms(0);
        Patient {
            id: PatientId::new(now),
            number: 1,
            surname: surname.to_owned(),
            given: given.to_owned(),
            patronymic: String::new(),
            name: format!("{surname} {given}"),
            birth_date: birth.map(|day| day.parse().unwrap()),
            sex: None,
            iin: None,
            iin_unverified: None,
            language: Language::Ru,
            allergy: String::new(),
            source: String::new(),
            note: String::new(),
            version: 1,
            registered_at: now,
            merged_into: None,
            phones: Vec::new(),
            other_contacts: Vec::new(),
            email: None,
            email_refused: false,
        }
    }

    fn comer(name: &str, birth: Option<&str>) -> Comer {
        let today: Day = "2026-11-23".parse().unwrap();
        Comer {
            name: name.to_owned(),
            phone: "+77012345678".parse().unwrap(),
            birth: birth.map(|text| Birth::read(text, today).unwrap()),
            language: Language::Ru,
        }
    }

    #[test]
    fn a_card_is_certain_by_name_and_year_of_birth_together() {
        let erzhan = card("Мусин", "Ержан", Some("1990-05-17"));
        for same in ["Ержан Мусин", "мусин ержан", "Мусин Ержан Болатович"]
        {
            assert!(is_certain(&erzhan, &comer(same, Some("1990"))), "{same}");
        }
        assert!(is_certain(&erzhan, &comer("Мусин Ержан", Some("17.05.1990"))));
        assert!(!is_certain(&erzhan, &comer("Мусин Ержан", Some("18.05.1990"))));
        assert!(!is_certain(&erzhan, &comer("Мусин Ержан", Some("1991"))));
        assert!(!is_certain(&erzhan, &comer("Мусин Ержан", None)), "a son may have the name");
        assert!(!is_certain(&erzhan, &comer("Мусин Ерлан", Some("1990"))));
        assert!(!is_certain(&card("Мусин", "Ержан", None), &comer("Мусин Ержан", Some("1990"))));
    }

    #[test]
    fn a_family_on_one_phone_is_not_offered_as_duplicates_of_each_other() {
        let father = card("Мусин", "Ержан", None);
        let new = PatientId::new(Timestamp::from_unix_ms(1));
        assert!(pair(&father, &comer("Ержан Мусин", None), new).is_some());
        assert!(pair(&father, &comer("Ахметова Дана", None), new).is_none());
    }
}
