//! A card made of all the rows that speak of one person.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::contact::name::fold;
use crate::contact::{Iin, Name, Phone, Sex};
use crate::interop::matching::Mention;
use crate::interop::person::Person;

/// What the rows together say of one person. Empty texts were not stated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Position among the known cards; None for a new one.
    pub known: Option<usize>,
    pub name: Name,
    /// The most frequent first.
    pub phones: Vec<Phone>,
    /// Numbers that cannot be called, as written, when there is no other.
    pub odd_phones: Vec<String>,
    pub iin: Option<Iin>,
    pub odd_iin: String,
    pub birth_date: Option<Date>,
    pub sex: Option<Sex>,
    pub allergies: Vec<String>,
    pub source: String,
    pub card_no: String,
    pub email: String,
    pub address: String,
    /// Comments of lists of people; those of visits stay with the visits.
    pub comments: Vec<String>,
    /// Rows that speak of this person.
    pub rows: usize,
}

/// Cards in the order of their numbers.
pub(super) fn made(mentions: &[Mention], card_of: &[usize], known: usize) -> Vec<Card> {
    let count = card_of.iter().max().map_or(0, |last| last + 1);
    let mut groups: Vec<Vec<(&Person, bool)>> = vec![Vec::new(); count];
    let mut cards: Vec<Card> = vec![Card::default(); count];
    for (at, (mention, card)) in mentions.iter().zip(card_of).enumerate() {
        if at < known {
            cards[*card].known = mention.known;
        } else {
            cards[*card].rows += 1;
        }
        groups[*card].push((mention.person, at < known));
    }
    for (card, group) in cards.iter_mut().zip(groups) {
        let people: Vec<&Person> = group.iter().map(|(person, _)| *person).collect();
        fill(card, &people);
    }
    cards
}

fn fill(card: &mut Card, people: &[&Person]) {
    card.name = best_name(people);
    card.phones = by_frequency(people.iter().flat_map(|person| person.phones.iter().cloned()));
    if card.phones.is_empty() {
        card.odd_phones =
            by_frequency(people.iter().flat_map(|person| person.odd_phones.iter().cloned()));
    }
    card.iin = people.iter().find_map(|person| person.iin.clone());
    let said = |text: fn(&Person) -> &str| {
        by_frequency(
            people.iter().map(|person| text(person).to_owned()).filter(|text| !text.is_empty()),
        )
    };
    if card.iin.is_none() {
        card.odd_iin = said(|person| &person.odd_iin).into_iter().next().unwrap_or_default();
    }
    let told = card.iin.as_ref().and_then(Iin::birth_date);
    let certain =
        people.iter().filter(|person| !person.century_guessed).find_map(|person| person.birth_date);
    card.birth_date = told.or(certain).or(people.iter().find_map(|person| person.birth_date));
    card.sex = people.iter().find_map(|person| person.sex);
    card.allergies = said(|person| &person.allergy);
    card.source = said(|person| &person.source).into_iter().next().unwrap_or_default();
    card.card_no = said(|person| &person.card_no).into_iter().next().unwrap_or_default();
    card.email = said(|person| &person.email).into_iter().next().unwrap_or_default();
    card.address = said(|person| &person.address).into_iter().next().unwrap_or_default();
    card.comments = said(|person| &person.comment);
}

/// The fullest name; among spellings of it the one met oftenest, so that a
/// slip does not name the card; among these the one with Kazakh letters, which
/// a code page may have taken from the others; Cyrillic before Latin.
fn best_name(people: &[&Person]) -> Name {
    let mut groups: HashMap<String, (u32, usize)> = HashMap::new();
    let mut spellings: HashMap<Name, usize> = HashMap::new();
    for person in people {
        let group = groups.entry(fold(&person.name.full())).or_insert((person.name.fullness(), 0));
        group.1 += 1;
        *spellings.entry(person.name.clone()).or_default() += 1;
    }
    let rank = |name: &Name, count: usize| {
        let full = name.full();
        let (fullness, group) = groups.get(&fold(&full)).copied().unwrap_or_default();
        let cyrillic = full.chars().filter(char::is_ascii_alphabetic).count() == 0;
        (fullness, cyrillic, group, kazakh_letters(&full), count, std::cmp::Reverse(full))
    };
    let best = spellings.into_iter().max_by(|a, b| rank(&a.0, a.1).cmp(&rank(&b.0, b.1)));
    best.map(|(name, _)| name).unwrap_or_default()
}

fn kazakh_letters(text: &str) -> usize {
    text.to_lowercase().chars().filter(|c| "әғқңөұүһі".contains(*c)).count()
}

/// Each value once, the oftenest first, then the first met.
fn by_frequency<T: Clone + Eq + std::hash::Hash>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut counts: HashMap<T, (usize, usize)> = HashMap::new();
    for (at, value) in values.enumerate() {
        counts.entry(value).or_insert((0, at)).0 += 1;
    }
    let mut order: Vec<(T, (usize, usize))> = counts.into_iter().collect();
    order.sort_by_key(|(_, (count, first))| (std::cmp::Reverse(*count), *first));
    order.into_iter().map(|(value, _)| value).collect()
}
