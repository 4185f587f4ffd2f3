//! Names as matching compares them.

use crate::contact::Name;
use crate::contact::name::{fold, fold_patronymic, is_given, word_similarity};

/// The folded parts of a name. One letter is an initial.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NameKey {
    pub surname: String,
    pub given: String,
    pub patronymic: String,
    /// The whole as written, without spaces: a space may have slipped.
    pub whole: String,
}

/// How two names agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// Every part that both state is written out and equal, surname and given
    /// name among them.
    Same,
    /// The same but for a slip of the key.
    Slip,
    /// Initials or missing parts, nothing against.
    Part,
    /// Only one word in common, or none: not enough even with a telephone.
    Weak,
    Different,
}

impl NameKey {
    pub fn of(name: &Name, written: &str) -> Self {
        let whole = squeezed(&fold(written));
        Self {
            surname: fold(&name.surname),
            given: fold(&name.given),
            patronymic: fold_patronymic(&name.patronymic),
            whole,
        }
    }

    /// 6 for three whole parts; an initial counts one.
    pub fn fullness(&self) -> usize {
        [&self.surname, &self.given, &self.patronymic]
            .iter()
            .map(|part| part.chars().count().min(2))
            .sum()
    }

    /// Fills in what the other states and this does not.
    pub fn complete_from(&mut self, other: &Self) {
        for (mine, its) in [
            (&mut self.surname, &other.surname),
            (&mut self.given, &other.given),
            (&mut self.patronymic, &other.patronymic),
        ] {
            if mine.chars().count() < 2 && its.chars().count() > mine.chars().count() {
                mine.clone_from(its);
            }
        }
    }
}

/// How one part agrees with another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Equal,
    Slip,
    Initial,
    Missing,
    Different,
}

/// Compares two names part by part; the order of writing is already settled.
pub(super) fn compare(a: &NameKey, b: &NameKey) -> Likeness {
    if a.whole.chars().count() >= 6 && a.whole == b.whole {
        return Likeness::Same;
    }
    let surname = surname_part(&a.surname, &b.surname);
    let given = given_part(&a.given, &b.given);
    let patronymic = part(&a.patronymic, &b.patronymic);
    let parts = [surname, given, patronymic];
    if parts.contains(&Part::Different) {
        return if one_slip_apart(a, b) { Likeness::Slip } else { Likeness::Different };
    }
    let shared = parts.iter().filter(|part| matches!(part, Part::Equal | Part::Slip)).count();
    let names = surname == Part::Equal && given == Part::Equal;
    if shared == 0 {
        return Likeness::Weak;
    }
    if names && patronymic == Part::Slip {
        return Likeness::Slip;
    }
    if names {
        return if patronymic == Part::Equal || (a.patronymic.is_empty() && b.patronymic.is_empty())
        {
            Likeness::Same
        } else {
            Likeness::Part
        };
    }
    // «Ахметова» alone, «Айгуль» alone: anybody of the family.
    let alone = |name: &NameKey| {
        name.fullness() <= 2 || (name.surname.is_empty() && name.patronymic.is_empty())
    };
    if alone(a) || alone(b) {
        return Likeness::Weak;
    }
    if parts.contains(&Part::Slip) { Likeness::Slip } else { Likeness::Part }
}

/// Whether two different names look close enough to ask a person.
pub(super) fn nearly(a: &NameKey, b: &NameKey) -> bool {
    let close = |x: &str, y: &str| {
        x.chars().count() > 1 && y.chars().count() > 1 && word_similarity(x, y) >= 0.72
    };
    let length = a.whole.chars().count().min(b.whole.chars().count());
    let prefix = a.whole.chars().zip(b.whole.chars()).take_while(|(x, y)| x == y).count();
    (close(&a.surname, &b.surname) && close(&a.given, &b.given))
        || (length >= 6 && strsim::normalized_damerau_levenshtein(&a.whole, &b.whole) >= 0.75)
        || (length >= 8 && prefix * 10 >= length * 8)
        || (close(&a.surname, &b.given) && close(&a.given, &b.surname))
}

/// Whether a cut number can be the beginning of a whole one, or the whole one
/// with one or two digits left out. `phone` is E.164.
pub(super) fn is_cut_of(digits: &str, phone: &str) -> bool {
    let Some(national) = phone.strip_prefix("+7").filter(|national| national.len() == 10) else {
        return false;
    };
    let trunk = digits.strip_prefix(['7', '8']);
    [Some(digits), trunk].into_iter().flatten().any(|cut| {
        (7..10).contains(&cut.len())
            && (national.starts_with(cut) || (cut.len() >= 8 && is_within(cut, national)))
    })
}

/// Whether the digits stand in the number in their order, some left out.
fn is_within(cut: &str, whole: &str) -> bool {
    let mut rest = whole.bytes();
    cut.bytes().all(|digit| rest.any(|other| other == digit))
}

/// A surname's ending tells man from woman: Ахметов is not Ахметова.
fn surname_part(a: &str, b: &str) -> Part {
    let wife = |x: &str, y: &str| y.strip_suffix('а').is_some_and(|stem| stem == x);
    if wife(a, b) || wife(b, a) { Part::Different } else { part(a, b) }
}

/// Two names that people do have are two people, however alike: Ерлан, Ержан.
fn given_part(a: &str, b: &str) -> Part {
    match part(a, b) {
        Part::Slip if is_given(a) && is_given(b) => Part::Different,
        other => other,
    }
}

fn part(a: &str, b: &str) -> Part {
    let (x, y) = (a.chars().count(), b.chars().count());
    if a.is_empty() || b.is_empty() {
        return Part::Missing;
    }
    if x == 1 || y == 1 {
        let same = a.chars().next() == b.chars().next() || a == "?" || b == "?";
        return if same { Part::Initial } else { Part::Different };
    }
    if a == b {
        return Part::Equal;
    }
    if (a.contains('?') || b.contains('?')) && word_similarity(a, b) > 0.9 {
        return Part::Slip;
    }
    let slips = strsim::osa_distance(a, b);
    let swapped = slips == 1 && x == y && sorted(a) == sorted(b);
    let allowed = match x.min(y) {
        0..=2 => 0,
        3 => usize::from(swapped),
        4..=7 => 1,
        _ => 2,
    };
    if slips <= allowed { Part::Slip } else { Part::Different }
}

/// One letter, or the space, changed places between two parts.
fn one_slip_apart(a: &NameKey, b: &NameKey) -> bool {
    let length = a.whole.chars().count().min(b.whole.chars().count());
    let known = is_given(&a.given) && is_given(&b.given) && a.given != b.given;
    length >= 8
        && !known
        && sorted(&a.whole) == sorted(&b.whole)
        && strsim::osa_distance(&a.whole, &b.whole) <= 1
}

fn sorted(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters
}

fn squeezed(text: &str) -> String {
    let mut last = ' ';
    text.chars()
        .filter(|c| {
            let keep = *c != ' ' && *c != last;
            if *c != ' ' {
                last = *c;
            }
            keep
        })
        .collect()
}
