//! Doctors: one person behind «Сейтова А.Н.», «Айгерим» and a slip of the key.

use std::collections::HashMap;

use crate::contact::Name;
use crate::contact::name::{self, fold, fold_patronymic};

/// The doctors of a clinic and every way they are written.
#[derive(Clone, Debug, Default)]
pub struct Doctors {
    /// The fullest spelling of each, as written.
    names: Vec<String>,
    keys: Vec<Name>,
    /// Position by folded spelling; `Err` when several doctors fit.
    found: HashMap<String, Result<usize, ()>>,
}

/// What a doctor's cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doctor<'a> {
    NotStated,
    One(&'a str),
    /// Two or more doctors could be meant.
    Unclear,
}

impl Doctors {
    /// Learns from every cell at once: first the fullest spellings, then the
    /// shorter ones, which join the only doctor they fit. `known` are the names
    /// the clinic has already entered; they win over spellings.
    pub fn learn<'a>(known: &[String], cells: impl Iterator<Item = &'a str>) -> Self {
        let mut doctors = Self::default();
        for name in known {
            doctors.add(name);
        }
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for cell in cells {
            *counts.entry(cell).or_default() += 1;
        }
        let mut spellings: Vec<(&str, usize)> = counts.into_iter().collect();
        spellings.sort_by_key(|(text, count)| {
            let name = parse(text);
            (
                std::cmp::Reverse(name.fullness()),
                // A name met once may be a slip of one met a hundred times.
                std::cmp::Reverse(usize::from(*count > 2)),
                std::cmp::Reverse(kazakh_letters(text)),
                std::cmp::Reverse(*count),
                (*text).to_owned(),
            )
        });
        for (text, _) in spellings {
            doctors.place(text);
        }
        doctors
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Who is meant by a cell that `learn` has seen.
    pub fn find(&self, cell: &str) -> Doctor<'_> {
        match self.found.get(&fold(&bare(cell))) {
            Some(Ok(at)) => Doctor::One(&self.names[*at]),
            Some(Err(())) => Doctor::Unclear,
            None => Doctor::NotStated,
        }
    }

    /// Every doctor that a list such as «Досжанов, Ким» names.
    pub fn find_list(&self, cell: &str) -> Vec<&str> {
        let single = |part: &str| match self.fitting(&parse(part)).as_slice() {
            [only] => Some(self.names[*only].as_str()),
            _ => None,
        };
        cell.split([',', ';', '/', '\n', '+'])
            .filter(|part| !part.trim().is_empty())
            .filter_map(single)
            .collect()
    }

    fn add(&mut self, text: &str) {
        self.found.insert(fold(&bare(text)), Ok(self.names.len()));
        self.names.push(text.trim().to_owned());
        self.keys.push(parse(text));
    }

    fn place(&mut self, text: &str) {
        let key = fold(&bare(text));
        if key.is_empty() || self.found.contains_key(&key) {
            return;
        }
        match self.fitting(&parse(text)).as_slice() {
            [] => self.add(text),
            [only] => {
                self.found.insert(key, Ok(*only));
            }
            _ => {
                self.found.insert(key, Err(()));
            }
        }
    }

    /// Exact fits if there are any, otherwise those with a slip, otherwise
    /// those of whom only the initial is known.
    fn fitting(&self, name: &Name) -> Vec<usize> {
        let all = |by: By| -> Vec<usize> {
            (0..self.keys.len()).filter(|at| fits(name, &self.keys[*at], by)).collect()
        };
        let found = [By::Words, By::Slips, By::Initials].map(all).into_iter();
        found.into_iter().find(|fitting| !fitting.is_empty()).unwrap_or_default()
    }
}

/// Titles and remarks are no part of a name.
fn bare(text: &str) -> String {
    const TITLES: [&str; 20] = [
        "врач",
        "доктор",
        "др",
        "д-р",
        "dr",
        "doctor",
        "дәрігер",
        "стоматолог",
        "терапевт",
        "хирург",
        "ортодонт",
        "ортопед",
        "имплантолог",
        "гигиенист",
        "педиатр",
        "пародонтолог",
        "детский",
        "косметолог",
        "профессор",
        "маман",
    ];
    let outside = text.split('(').next().unwrap_or_default();
    let is_title = |word: &&str| {
        TITLES.contains(&word.trim_end_matches(['.', ':', ',']).to_lowercase().as_str())
    };
    outside
        .split_whitespace()
        .filter(|word| !is_title(word))
        .collect::<Vec<_>>()
        .join(" ")
        .replace("др.", "")
}

fn parse(text: &str) -> Name {
    name::split(&bare(text))
}

/// What is enough to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Words,
    Slips,
    /// A single word may be whom an initial stands for: Айгерим, «Сейтова А.».
    Initials,
}

fn fits(short: &Name, full: &Name, by: By) -> bool {
    let slips = by != By::Words;
    let word = |a: &str, b: &str| part_fits(&fold(a), &fold(b), slips);
    let patronymic =
        part_fits(&fold_patronymic(&short.patronymic), &fold_patronymic(&full.patronymic), slips);
    let words = |name: &Name| {
        [&name.surname, &name.given].iter().filter(|part| part.chars().count() > 1).count()
    };
    // A single word may be either: whose list of given names is complete?
    if words(short) == 1 && short.fullness() == 2 {
        let only = if short.surname.is_empty() { &short.given } else { &short.surname };
        return [&full.surname, &full.given].iter().any(|part| {
            let whole = by == By::Initials || part.chars().count() > 1;
            !part.is_empty() && whole && word(only, part) == Some(true)
        });
    }
    let surname = word(&short.surname, &full.surname);
    let given = word(&short.given, &full.given);
    let shared = surname == Some(true)
        && short.surname.chars().count() > 1
        && full.surname.chars().count() > 1
        || given == Some(true) && short.given.chars().count() > 1 && full.given.chars().count() > 1;
    shared && surname != Some(false) && given != Some(false) && patronymic != Some(false)
}

/// None when one side is silent.
fn part_fits(a: &str, b: &str, slips: bool) -> Option<bool> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let short = a.chars().count().min(b.chars().count());
    if short == 1 {
        return Some(a.chars().next() == b.chars().next());
    }
    Some(a == b || (slips && name::word_similarity(a, b) >= if short >= 7 { 0.74 } else { 0.79 }))
}

fn kazakh_letters(text: &str) -> usize {
    text.to_lowercase().chars().filter(|c| "әғқңөұүһі".contains(*c)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_leads_to_one_doctor() {
        let full = [
            "Айгерим Нурлановна Сейтова",
            "Омарова Динара Асқарқызы",
            "Ким Виктория Сергеевна",
            "Досжанов Ерлан Маратович",
        ];
        let spellings = [
            ("Айгерим", 0),
            ("Сейтова", 0),
            ("Сейтова А.Н.", 0),
            ("Омарова Динара Аскаркызы", 1),
            ("омарова", 1),
            ("Омарова Д.", 1),
            ("ким", 2),
            ("Ким В. С.", 2),
            ("др. Ким", 2),
            ("Досжанов Е.М.", 3),
            ("Досжонов", 3),
            ("Дсожанов Ерлан Маратович", 3),
            ("ДОСЖАНОВ", 3),
            ("врач Досжанов (хирург)", 3),
            ("Doszhanov", 3),
        ];
        let cells: Vec<&str> = full
            .iter()
            .copied()
            .cycle()
            .take(40)
            .chain(spellings.iter().map(|(text, _)| *text))
            .collect();
        let doctors = Doctors::learn(&[], cells.iter().copied());
        assert_eq!(doctors.names().len(), 4, "{:?}", doctors.names());
        for (text, at) in spellings {
            assert_eq!(doctors.find(text), Doctor::One(full[at]), "{text}");
        }
        assert_eq!(doctors.find_list("Досжанов, Ким"), [full[3], full[2]]);
    }

    #[test]
    fn namesakes_are_not_guessed_apart() {
        let cells = ["Ким Виктория Сергеевна", "Ким Андрей Петрович", "Ким", "Ким А."];
        let doctors = Doctors::learn(&[], cells.into_iter());
        assert_eq!(doctors.find("Ким"), Doctor::Unclear);
        assert_eq!(doctors.find("Ким А."), Doctor::One("Ким Андрей Петрович"));
    }

    #[test]
    fn a_surname_is_not_taken_for_what_anothers_initial_stands_for() {
        let cells = ["Омарова Д.А.", "Досжанов Е.М.", "Досжанов", "Сейтова А.Н.", "Айгерим"];
        let doctors = Doctors::learn(&[], cells.into_iter());
        assert_eq!(doctors.find("Досжанов"), Doctor::One("Досжанов Е.М."));
        assert_eq!(doctors.find("Айгерим"), Doctor::One("Сейтова А.Н."));
    }

    #[test]
    fn the_clinics_own_spelling_wins() {
        let doctors = Doctors::learn(
            &["Сейтова А. Н.".to_owned()],
            ["Айгерим Нурлановна Сейтова"].into_iter(),
        );
        assert_eq!(doctors.names(), ["Сейтова А. Н."]);
    }
}
