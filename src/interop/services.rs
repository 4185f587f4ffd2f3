//! Services: the cell «конс. перв.» and the line of the price list it means.

use std::collections::HashMap;

use crate::contact::name::{fold, word_similarity};
use crate::money::Money;

/// The services of a clinic.
#[derive(Clone, Debug, Default)]
pub struct Services {
    items: Vec<Item>,
    exact: HashMap<String, usize>,
}

#[derive(Clone, Debug)]
struct Item {
    name: String,
    price: Option<Money>,
    words: Vec<String>,
}

/// What a service's cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service<'a> {
    NotStated,
    One(&'a str),
    /// The nearest of several that fit.
    Unclear(&'a str),
    Unknown,
}

impl Services {
    pub fn new<'a>(list: impl Iterator<Item = (&'a str, Option<Money>)>) -> Self {
        let mut services = Self::default();
        for (name, price) in list {
            let key = fold(name);
            if key.is_empty() || services.exact.contains_key(&key) {
                continue;
            }
            services.exact.insert(key.clone(), services.items.len());
            let words = words(&key);
            services.items.push(Item { name: name.trim().to_owned(), price, words });
        }
        services
    }

    /// Without a price list the journal's own spellings are the list: the
    /// commonest of those that differ only in case and letters, slips apart.
    pub fn from_cells<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
        let mut spellings: HashMap<&str, usize> = HashMap::new();
        for cell in cells {
            *spellings.entry(cell).or_default() += 1;
        }
        let mut keys: HashMap<String, usize> = HashMap::new();
        for (text, count) in &spellings {
            *keys.entry(fold(text)).or_default() += count;
        }
        let mut order: Vec<(&str, usize)> = spellings.into_iter().collect();
        order.sort_by_key(|(text, count)| {
            let total = keys.get(&fold(text)).copied().unwrap_or_default();
            let capital = text.chars().next().is_some_and(char::is_uppercase);
            (
                std::cmp::Reverse(total),
                std::cmp::Reverse(capital),
                std::cmp::Reverse(*count),
                (*text).to_owned(),
            )
        });
        let mut services = Self::default();
        for (text, _) in order {
            let total = keys.get(&fold(text)).copied().unwrap_or_default();
            let slip = services.slip_of(&fold(text)).is_some_and(|item| {
                let usual = fold(&item.name);
                let often = keys.get(&usual).copied().unwrap_or_default();
                let one = strsim::osa_distance(&usual, &fold(text)) == 1;
                total <= 2 || (one && total * 10 <= often)
            });
            if !slip && !services.exact.contains_key(&fold(text)) {
                services.exact.insert(fold(text), services.items.len());
                let words = words(&fold(text));
                services.items.push(Item { name: text.trim().to_owned(), price: None, words });
            }
        }
        services
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| item.name.as_str())
    }

    /// Which service is meant. The sum of the row decides between several.
    pub fn find(&self, cell: &str, sum: Option<Money>) -> Service<'_> {
        let key = fold(cell);
        if key.is_empty() {
            return Service::NotStated;
        }
        if let Some(at) = self.exact.get(&key) {
            return Service::One(&self.items[*at].name);
        }
        let asked = words(&key);
        let fitting: Vec<&Item> =
            self.items.iter().filter(|item| covers(&asked, &item.words)).collect();
        let fitting = if fitting.is_empty() {
            // «Лечение кариеса 36 зуб»: the cell says more than the list.
            let longer = |item: &&Item| !item.words.is_empty() && covers(&item.words, &asked);
            let longer: Vec<&Item> = self.items.iter().filter(longer).collect();
            let most = longer.iter().map(|item| item.words.len()).max().unwrap_or_default();
            longer.into_iter().filter(|item| item.words.len() == most).collect()
        } else {
            fitting
        };
        self.chosen(&fitting, sum, &key)
    }

    fn chosen(&self, fitting: &[&Item], sum: Option<Money>, key: &str) -> Service<'_> {
        let find = |item: &Item| {
            self.items.iter().find(|own| own.name == item.name).map(|own| own.name.as_str())
        };
        match fitting {
            [] => self.slip_of(key).map_or(Service::Unknown, |item| Service::One(&item.name)),
            [only] => find(only).map_or(Service::Unknown, Service::One),
            several => {
                let priced: Vec<&&Item> =
                    several.iter().filter(|item| sum.is_some() && item.price == sum).collect();
                if let [only] = priced[..] {
                    return find(only).map_or(Service::Unknown, Service::One);
                }
                let shortest =
                    several.iter().map(|item| item.words.len()).min().unwrap_or_default();
                let short: Vec<&&Item> =
                    several.iter().filter(|item| item.words.len() == shortest).collect();
                match short[..] {
                    [nearest, ..] => find(nearest).map_or(Service::Unknown, Service::Unclear),
                    [] => Service::Unknown,
                }
            }
        }
    }

    /// The only service that a slip of the key or two separates from the text.
    fn slip_of(&self, key: &str) -> Option<&Item> {
        let mut scored: Vec<(f64, &Item)> = self
            .items
            .iter()
            .filter(|item| digits(key) == digits(&fold(&item.name)))
            .map(|item| (strsim::normalized_damerau_levenshtein(key, &fold(&item.name)), item))
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        match scored[..] {
            [(best, item), (next, _), ..] if best >= 0.8 && best - next > 0.05 => Some(item),
            [(best, item)] if best >= 0.8 => Some(item),
            _ => None,
        }
    }
}

/// Every asked word is, begins, or nearly is a different word of the item.
fn covers(asked: &[String], words: &[String]) -> bool {
    let mut free: Vec<&String> = words.iter().collect();
    !asked.is_empty()
        && asked.iter().all(|word| {
            let at = free.iter().position(|own| word_fits(word, own));
            at.map(|at| free.remove(at)).is_some()
        })
}

fn word_fits(asked: &str, own: &str) -> bool {
    let length = asked.chars().count();
    if asked == own {
        return true;
    }
    if asked.chars().any(|c| c.is_ascii_digit()) || own.chars().any(|c| c.is_ascii_digit()) {
        return false;
    }
    (length >= 3 && own.starts_with(asked)) || (length >= 5 && word_similarity(asked, own) >= 0.79)
}

fn words(key: &str) -> Vec<String> {
    let small =
        ["и", "в", "на", "с", "по", "для", "от", "до", "за", "у", "мен", "және", "the", "of"];
    key.split(' ')
        .filter(|word| !small.contains(word) && !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn digits(key: &str) -> String {
    key.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Services {
        let tenge = |sum| Some(Money::from_tenge(sum));
        Services::new(
            [
                ("Консультация первичная", tenge(5000)),
                ("Удаление зуба", tenge(18_000)),
                ("Удаление зуба мудрости", tenge(35_000)),
                ("Имплантация (установка)", tenge(220_000)),
                ("Коронка металлокерамика", tenge(65_000)),
                ("Коронка цирконий", tenge(120_000)),
                ("Снимок ОПТГ", tenge(6000)),
                ("Лечение кариеса", tenge(25_000)),
                ("Лечение пульпита", tenge(45_000)),
            ]
            .into_iter(),
        )
    }

    #[test]
    fn short_and_slipped_spellings_find_their_line() {
        let list = list();
        for (cell, name) in [
            ("консультация первичная", "Консультация первичная"),
            ("Консультация", "Консультация первичная"),
            ("конс. перв.", "Консультация первичная"),
            ("ОПТГ", "Снимок ОПТГ"),
            ("Имплантация", "Имплантация (установка)"),
            ("удаление зуба", "Удаление зуба"),
            ("лечение карйеса", "Лечение кариеса"),
            ("пульпит", "Лечение пульпита"),
            ("Коронка цирконевая", "Коронка цирконий"),
            ("УДАЛЕНИЕ ЗУБА МУДРОСТИ", "Удаление зуба мудрости"),
            ("Лечение кариеса 36 зуб", "Лечение кариеса"),
            ("лечени екариеса", "Лечение кариеса"),
        ] {
            assert_eq!(list.find(cell, None), Service::One(name), "{cell}");
        }
    }

    #[test]
    fn the_sum_decides_between_several() {
        let list = list();
        assert_eq!(
            list.find("коронка", Some(Money::from_tenge(120_000))),
            Service::One("Коронка цирконий")
        );
        assert!(matches!(list.find("коронка", None), Service::Unclear(_)));
        assert_eq!(list.find("массаж", None), Service::Unknown);
        assert_eq!(list.find("", None), Service::NotStated);
    }

    #[test]
    fn a_rare_slip_of_a_common_spelling_names_no_service_of_its_own() {
        let cells = ["Отбеливание"; 40].into_iter().chain(["Отбелиавние"; 3]);
        let others = ["УЗИ почек", "УЗИ печени"].into_iter().cycle().take(20);
        let services = Services::from_cells(cells.chain(others));
        assert_eq!(services.names().count(), 3);
        assert_eq!(services.find("Отбелиавние", None), Service::One("Отбеливание"));
    }

    #[test]
    fn without_a_list_the_commonest_spelling_names_the_service() {
        let cells = ["Осмотр", "осмотр", "Осмотр", "Осмтор", "Лечение", "лечение"];
        let services = Services::from_cells(cells.into_iter());
        assert_eq!(services.names().collect::<Vec<_>>(), ["Осмотр", "Лечение"]);
        assert_eq!(services.find("Осмтор", None), Service::One("Осмотр"));
    }
}
