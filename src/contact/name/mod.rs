//! Names as clinics write them: «Фамилия Имя Отчество», the other way round,
//! with initials, in Latin letters, with Kazakh letters or without them.
//!
//! A patronymic is never required (documents may hold none). What a person
//! typed is kept; the parts and keys below are only for finding and comparing.

mod fold;
mod given;
mod similar;

pub use fold::{fold, fold_patronymic, keyboard_swap, unmix};
pub use given::is_given;
pub use similar::{similarity, word_similarity};

use serde::{Deserialize, Serialize};

/// The parts of a name. An empty part was not stated; a part of one letter is
/// an initial, kept without its dot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Name {
    pub surname: String,
    pub given: String,
    pub patronymic: String,
}

impl Name {
    pub fn new(surname: &str, given: &str, patronymic: &str) -> Self {
        let part = |text: &str| initial_or_word(text.trim());
        Self { surname: part(surname), given: part(given), patronymic: part(patronymic) }
    }

    /// «Фамилия Имя Отчество», initials with their dots.
    pub fn full(&self) -> String {
        let parts = [&self.surname, &self.given, &self.patronymic];
        let shown = parts
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| if is_initial(part) { format!("{part}.") } else { (*part).clone() });
        shown.collect::<Vec<_>>().join(" ")
    }

    pub fn is_empty(&self) -> bool {
        self.surname.is_empty() && self.given.is_empty() && self.patronymic.is_empty()
    }

    /// How much of the name is written out, for choosing the fullest variant:
    /// two for a word, one for an initial.
    pub fn fullness(&self) -> u32 {
        [&self.surname, &self.given, &self.patronymic]
            .iter()
            .map(|part| match part.chars().count() {
                0 => 0,
                1 => 1,
                _ => 2,
            })
            .sum()
    }
}

/// Whether a part is a single letter.
pub fn is_initial(part: &str) -> bool {
    part.chars().count() == 1
}

/// Takes a name apart, whatever the order of its words. A patronymic is known
/// by its ending; a surname by its ending or by being one of the short Korean,
/// Chinese and Uyghur ones; a given name by the list of common ones. When
/// nothing tells, the surname comes first, as in documents.
pub fn split(text: &str) -> Name {
    let mut words = words(text);
    let (patronymic, stood) = take_patronymic(&mut words);
    let initials: Vec<String> = words.iter().filter(|w| is_initial(w)).cloned().collect();
    let full: Vec<String> = words.iter().filter(|w| !is_initial(w)).cloned().collect();
    let mut name = match &full[..] {
        [] => from_initials(&initials),
        [only] => with_one_word(only, &initials, !patronymic.is_empty()),
        [first, second] if initials.is_empty() && stood > 0 => around(first, second, stood),
        [first, second] => with_two_words(first, second, &initials),
        [first, rest @ ..] => with_many_words(first, rest),
    };
    if !patronymic.is_empty() {
        name.patronymic = patronymic;
    }
    name
}

/// The first word whole, of the others the first letter: `Сейтова А. Н.`
pub fn with_initials(full: &str) -> String {
    let mut words = full.split_whitespace();
    let first = words.next().unwrap_or_default().to_owned();
    words.filter_map(|word| word.chars().next()).fold(first, |text, c| format!("{text} {c}."))
}

/// Whether a word ends as surnames do, or is a well-known short one.
pub fn is_surname(word: &str) -> bool {
    let key = fold(word);
    SHORT_SURNAMES.contains(&key.as_str())
        || (key.chars().count() > 3 && SURNAME_ENDINGS.iter().any(|ending| key.ends_with(ending)))
}

/// Whether a word ends as patronymics do, Russian, Kazakh or Azerbaijani.
pub fn is_patronymic(word: &str) -> bool {
    let key = fold(word);
    // «Ильич» is no longer than an ending.
    (key.chars().count() > 4 || key == "илич")
        && PATRONYMIC_ENDINGS.iter().any(|ending| key.ends_with(ending))
        && !is_given(word)
}

/// Endings of folded words (see `fold`: й and ы have become и).
const PATRONYMIC_ENDINGS: [&str; 15] = [
    "ович",
    "евич",
    "овна",
    "евна",
    "ична",
    "инична",
    "ули",
    "кизи",
    "оглу",
    "огли",
    "илич",
    "мич",
    "итич",
    "укич",
    "авич",
];

const SURNAME_ENDINGS: [&str; 20] = [
    "ов",
    "ова",
    "ев",
    "ева",
    "ин",
    "ина",
    "ски",
    "ска",
    "цки",
    "цка",
    "енко",
    "чук",
    "их",
    "баи",
    "ко",
    "ук",
    "швили",
    "дзе",
    "ак",
    "заде",
];

const SHORT_SURNAMES: [&str; 40] = [
    "ким",
    "пак",
    "ли",
    "цои",
    "тен",
    "хан",
    "хван",
    "угаи",
    "ан",
    "ун",
    "шин",
    "нам",
    "кан",
    "сон",
    "ногаи",
    "кои",
    "когаи",
    "лим",
    "хо",
    "хе",
    "те",
    "ни",
    "тхаи",
    "шек",
    "мун",
    "нагаи",
    "пан",
    "дон",
    "тян",
    "тяи",
    "ем",
    "кон",
    "ма",
    "ло",
    "ван",
    "чен",
    "чжан",
    "ден",
    "огаи",
    "шегаи",
];

/// Words and initials; `А.Б.` is two initials, `Асқар қызы` is one word.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for piece in text.split(|c: char| {
        c.is_whitespace() || matches!(c, '.' | ',' | ';' | '(' | ')' | '"' | '«' | '»')
    }) {
        let word = piece.trim_matches(|c: char| !c.is_alphabetic() && c != '?');
        if word.is_empty() {
            continue;
        }
        let suffix = matches!(fold(word).as_str(), "ули" | "кизи" | "оглу" | "огли");
        match words.last_mut() {
            Some(last) if suffix && !is_initial(last) => last.push_str(&word.to_lowercase()),
            _ => words.push(initial_or_word(word)),
        }
    }
    words
}

fn initial_or_word(word: &str) -> String {
    let bare = word.strip_suffix('.').unwrap_or(word);
    if is_initial(bare) { bare.to_uppercase() } else { capitalised(word) }
}

/// `ИВАНОВ` and `иванов` become `Иванов`; mixed case stays as typed.
fn capitalised(word: &str) -> String {
    let lower = word.chars().all(|c| !c.is_uppercase());
    let upper = word.chars().all(|c| !c.is_lowercase());
    if !lower && !upper {
        return word.to_owned();
    }
    let mut start = true;
    let mut shown = String::new();
    for c in word.chars() {
        if start {
            shown.extend(c.to_uppercase());
        } else {
            shown.extend(c.to_lowercase());
        }
        start = matches!(c, '-' | '\'' | ' ');
    }
    shown
}

/// Removes the patronymic and says which word it was, counted from 0. The
/// first word of all is none (Kazakh surnames may end in -ұлы).
fn take_patronymic(words: &mut Vec<String>) -> (String, usize) {
    let full = words.iter().filter(|word| !is_initial(word)).count();
    if full < 2 {
        return (String::new(), 0);
    }
    let found = words
        .iter()
        .enumerate()
        .rev()
        .find(|(at, word)| *at > 0 && !is_initial(word) && is_patronymic(word))
        .map(|(at, _)| at);
    found.map(|at| (words.remove(at), at)).unwrap_or_default()
}

/// A patronymic follows the given name: «Серік Еңлік Болатқызы» and «Еңлік
/// Болатқызы Серік» are one, whatever the lists of names say. Only words that
/// tell clearly the other way are believed instead.
fn around(first: &str, second: &str, stood: usize) -> Name {
    let surely = |surname: &str, given: &str| {
        is_surname(surname) && !is_given(surname) && is_given(given) && !is_surname(given)
    };
    let given_first = if stood == 1 { !surely(first, second) } else { surely(second, first) };
    let (surname, given) = if given_first { (second, first) } else { (first, second) };
    Name { surname: surname.to_owned(), given: given.to_owned(), patronymic: String::new() }
}

fn from_initials(initials: &[String]) -> Name {
    let part = |at: usize| initials.get(at).cloned().unwrap_or_default();
    Name { surname: part(0), given: part(1), patronymic: part(2) }
}

fn with_one_word(only: &str, initials: &[String], with_patronymic: bool) -> Name {
    let part = |at: usize| initials.get(at).cloned().unwrap_or_default();
    let given = with_patronymic || (is_given(only) && !surely_surname(only));
    if given && initials.len() < 2 {
        // «Елена П.»: who signs with a given name shortens the surname.
        return Name { surname: part(0), given: only.to_owned(), patronymic: String::new() };
    }
    Name { surname: only.to_owned(), given: part(0), patronymic: part(1) }
}

fn with_two_words(first: &str, second: &str, initials: &[String]) -> Name {
    let swapped =
        surname_weight(second) - given_weight(second) > surname_weight(first) - given_weight(first);
    let (surname, given) = if swapped { (second, first) } else { (first, second) };
    let patronymic = initials.first().cloned().unwrap_or_default();
    Name { surname: surname.to_owned(), given: given.to_owned(), patronymic }
}

fn with_many_words(first: &str, rest: &[String]) -> Name {
    let all: Vec<&str> = std::iter::once(first).chain(rest.iter().map(String::as_str)).collect();
    let best = |weight: fn(&str) -> i32| {
        let mut best = 0;
        for (at, word) in all.iter().enumerate() {
            if weight(word) > weight(all[best]) {
                best = at;
            }
        }
        best
    };
    let surname = best(|word| surname_weight(word) - given_weight(word));
    let mut others = all.iter().enumerate().filter(|(at, _)| *at != surname).map(|(_, word)| *word);
    let given = others.next().unwrap_or_default().to_owned();
    let patronymic = others.collect::<Vec<_>>().join(" ");
    Name { surname: all[surname].to_owned(), given, patronymic }
}

fn surely_surname(word: &str) -> bool {
    surname_weight(word) > given_weight(word)
}

fn surname_weight(word: &str) -> i32 {
    if is_surname(word) { 2 } else { 0 }
}

/// A listed given name outweighs an ending: Карина, Марина, Мадина.
fn given_weight(word: &str) -> i32 {
    if is_given(word) { 3 } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str) -> (String, String, String) {
        let name = split(text);
        (name.surname, name.given, name.patronymic)
    }

    fn is(text: &str, surname: &str, given: &str, patronymic: &str) {
        assert_eq!(parts(text), (surname.into(), given.into(), patronymic.into()), "{text}");
    }

    #[test]
    fn the_three_parts_are_found_in_any_order() {
        is("Иванова Елена Сағатовна", "Иванова", "Елена", "Сағатовна");
        is("Айгерим Нурлановна Сейтова", "Сейтова", "Айгерим", "Нурлановна");
        is("Елена Сағатовна Иванова", "Иванова", "Елена", "Сағатовна");
        is("Тимур Сәрсенов", "Сәрсенов", "Тимур", "");
        is("Сәрсенов Тимур", "Сәрсенов", "Тимур", "");
        is("Пак Виктор Нұрланұлы", "Пак", "Виктор", "Нұрланұлы");
        is("Динара Пак", "Пак", "Динара", "");
        is("Омарова Динара Асқар қызы", "Омарова", "Динара", "Асқарқызы");
        is("Smirnov Artyom", "Smirnov", "Artyom", "");
        is("Artyom Smirnov", "Smirnov", "Artyom", "");
    }

    #[test]
    fn a_patronymic_stands_behind_the_given_name_whatever_the_lists_say() {
        is("Серік Еңлік Болатқызы", "Серік", "Еңлік", "Болатқызы");
        is("Еңлік Болатқызы Серік", "Серік", "Еңлік", "Болатқызы");
        is("Нұрсұлтан Ильич Мельник", "Мельник", "Нұрсұлтан", "Ильич");
        is("Бейсен Фархад Никитич", "Бейсен", "Фархад", "Никитич");
        is("Елена Иванова Сергеевна", "Иванова", "Елена", "Сергеевна");
    }

    #[test]
    fn given_names_that_end_like_surnames_stay_given_names() {
        is("Марина Ким", "Ким", "Марина", "");
        is("Карина Ахметова", "Ахметова", "Карина", "");
        is("Ахметова Мадина", "Ахметова", "Мадина", "");
        is("Полина Пушкина", "Пушкина", "Полина", "");
    }

    #[test]
    fn initials_stand_for_what_is_missing() {
        is("Сейітова Ш.Н.", "Сейітова", "Ш", "Н");
        is("Ш.Н. Сейітова", "Сейітова", "Ш", "Н");
        is("Сейітова Ш Н", "Сейітова", "Ш", "Н");
        is("Өтегенов А.", "Өтегенов", "А", "");
        is("Елена П.", "П", "Елена", "");
        is("Рустам К.", "К", "Рустам", "");
        is("Пак Ж.", "Пак", "Ж", "");
        is("Ержан Серікұлы", "", "Ержан", "Серікұлы");
    }

    #[test]
    fn case_is_repaired_only_where_there_is_none() {
        is("цой ілияс", "Цой", "Ілияс", "");
        is("АХМЕТОВА АЙГУЛ", "Ахметова", "Айгул", "");
        is("Петрова-Водкина Анна", "Петрова-Водкина", "Анна", "");
    }

    #[test]
    fn a_name_is_shown_in_the_order_of_documents() {
        assert_eq!(split("Елена П.").full(), "П. Елена");
        assert_eq!(split("Айгерим Нурлановна Сейтова").full(), "Сейтова Айгерим Нурлановна");
        assert!(split("Ким В.С.").fullness() < split("Ким Виктория").fullness() + 1);
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_splitter(text in "\\PC{0,60}") {
            let name = split(&text);
            prop_assert!(name.full().chars().count() <= text.chars().count() * 3 + 8);
        }

        #[test]
        fn order_does_not_matter(at in 0usize..3, ot in 0usize..3) {
            let surname = ["Ахметов", "Ким", "Шевченко"][at];
            let given = ["Ержан", "Тимур", "Артём"][ot];
            prop_assert_eq!(split(&format!("{surname} {given}")), split(&format!("{given} {surname}")));
        }
    }
}
