//! A cell of a calendar: who comes, how to call them, what is to be done.

use crate::contact::name::{is_given, is_initial, is_patronymic, is_surname};
use crate::contact::phone;
use crate::interop::guess::Field;
use crate::interop::person::is_nobody;
use crate::interop::values::status;

/// What a cell says; empty texts were not stated.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub person: String,
    /// As written, the pieces joined by commas.
    pub phones: String,
    pub service: String,
    pub status: String,
}

impl Entry {
    /// Whether there is a name that can only be a person's.
    pub fn names_somebody(&self) -> bool {
        let mut words = self.person.split_whitespace();
        words.clone().count() > 1 && words.any(|word| is_given(word) || is_patronymic(word))
    }

    /// A line under the cell belongs to it.
    pub fn join(&mut self, text: &str) {
        for more in read(text) {
            let words = if self.person.is_empty() {
                self.person = more.person;
                String::new()
            } else {
                more.person
            };
            add(&mut self.phones, &more.phones, ", ");
            add(&mut self.service, &words, " ");
            add(&mut self.service, &more.service, " ");
            add(&mut self.status, &more.status, " ");
        }
    }

    /// A cell of its own for each part.
    pub fn put(&mut self, field: Field, text: &str) {
        match field {
            Field::Patient | Field::Surname | Field::Given | Field::Patronymic => {
                add(&mut self.person, text, " ");
            }
            Field::Phone => add(&mut self.phones, text, ", "),
            Field::Status => add(&mut self.status, text, " "),
            Field::Service | Field::Comment => add(&mut self.service, text, " "),
            _ => {}
        }
    }
}

/// The people of a cell: none for a blank or a dash, several when each line
/// names another.
pub(super) fn read(text: &str) -> Vec<Entry> {
    if !text.chars().any(char::is_alphanumeric) {
        return Vec::new();
    }
    if is_nobody(text) {
        return vec![Entry { person: text.to_owned(), ..Entry::default() }];
    }
    let mut entries: Vec<Entry> = Vec::new();
    let mut rest = text.to_owned();
    let mut phones = Vec::new();
    for found in phone::find_all(text).into_iter().rev() {
        phones.push(text[found.span.clone()].to_owned());
        // The number stays in its place, to know whose it is.
        rest.replace_range(found.span, &format!("\n\u{1}{}\n", phones.len() - 1));
    }
    for piece in rest.split(['\n', ';', '/', ',', '|']).map(str::trim) {
        if let Some(number) = piece.strip_prefix('\u{1}').and_then(|n| n.parse::<usize>().ok()) {
            let phone = &phones[number];
            add(&mut last(&mut entries).phones, phone, ", ");
        } else if piece.chars().any(char::is_alphanumeric) {
            take(piece, &mut entries);
        }
    }
    entries
}

fn take(piece: &str, entries: &mut Vec<Entry>) {
    let words: Vec<&str> = piece.split_whitespace().collect();
    let names = name_words(&words);
    let sure = names > 1 && words[..names].iter().any(|word| is_given(word) || is_patronymic(word));
    let first = entries.last().is_none_or(|entry| entry.person.is_empty());
    let rest = if (first && names > 0) || sure {
        if !first {
            entries.push(Entry::default());
        }
        last(entries).person = words[..names].join(" ");
        words[names..].join(" ")
    } else {
        piece.to_owned()
    };
    let rest = rest.trim_matches(['-', '–', '—', ':', '.', '(', ')', ' ']).to_owned();
    if rest.is_empty() {
        return;
    }
    let entry = last(entries);
    let told = status(&rest).is_some();
    add(if told { &mut entry.status } else { &mut entry.service }, &rest, " ");
}

/// How many of the first words are a name: a surname, then given name,
/// patronymic or initials.
fn name_words(words: &[&str]) -> usize {
    let bare = |word: &str| word.trim_end_matches(['.', ':', '-']).to_owned();
    let capital = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    let known = |word: &str| {
        let word = bare(word);
        is_given(&word) || is_patronymic(&word) || is_surname(&word)
    };
    let mut count = 0;
    for word in words.iter().take(4) {
        let initials =
            word.contains('.') && word.split('.').all(|part| is_initial(part) || part.is_empty());
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        let name = letters > 0
            && !word.chars().any(|c| c.is_ascii_digit())
            && !is_work(word)
            && match count {
                0 => capital(word) || known(word),
                1 => {
                    (capital(word) && letters > 1)
                        || known(word)
                        || initials
                        || is_initial(&bare(word))
                }
                _ => {
                    is_given(&bare(word))
                        || is_patronymic(&bare(word))
                        || initials
                        || is_initial(&bare(word))
                }
            };
        if !name {
            break;
        }
        count += 1;
    }
    count
}

/// A word for what is done, not for who comes.
fn is_work(word: &str) -> bool {
    const STEMS: [&str; 50] = [
        "кариес",
        "чистк",
        "осмотр",
        "прием",
        "приём",
        "консульт",
        "снимок",
        "снимк",
        "удален",
        "пломб",
        "имплант",
        "брекет",
        "коронк",
        "лечен",
        "узи",
        "экг",
        "массаж",
        "анализ",
        "гигиен",
        "проф",
        "пульпит",
        "протез",
        "винир",
        "отбел",
        "перв",
        "повт",
        "контрол",
        "снят",
        "рентген",
        "тексер",
        "емде",
        "жұлу",
        "тазала",
        "ктг",
        "мрт",
        "кт",
        "оптг",
        "слепк",
        "примерк",
        "фиксац",
        "шов",
        "швы",
        "укол",
        "капельн",
        "перевяз",
        "процедур",
        "диагност",
        "зуб",
        "тіс",
        "кеңес",
    ];
    let word = word.to_lowercase();
    STEMS.iter().any(|stem| word.starts_with(stem))
}

fn last(entries: &mut Vec<Entry>) -> &mut Entry {
    if entries.is_empty() {
        entries.push(Entry::default());
    }
    entries.last_mut().expect("pushed above")
}

fn add(own: &mut String, more: &str, between: &str) {
    if more.is_empty() {
        return;
    }
    if !own.is_empty() {
        own.push_str(between);
    }
    own.push_str(more);
}
