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
    /// Written in Latin letters, which spell й and ы as they please.
    pub latin: bool,
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
    /// Alike, but another name may be meant: Алина and Элина. A person decides.
    Doubt,
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
            latin: written.chars().any(|c| c.is_ascii_alphabetic())
                && !written.chars().any(|c| c.is_alphabetic() && !c.is_ascii()),
        }
    }

    /// 6 for three whole parts; an initial counts one.
    pub fn fullness(&self) -> usize {
        [&self.surname, &self.given, &self.patronymic]
            .iter()
            .map(|part| part.chars().count().min(2))
            .sum()
    }

    /// The other order of the words: whose list of given names is complete?
    fn turned(&self) -> Self {
        let (surname, given) = (self.given.clone(), self.surname.clone());
        Self { surname, given, ..self.clone() }
    }

    /// This name under the other's surname, when that is the same but for a slip.
    pub fn with_slipped(&self, other: &Self) -> Option<Self> {
        let slipped = matches!(part(&self.surname, &other.surname), Part::Slip | Part::Near);
        slipped.then(|| Self { surname: other.surname.clone(), ..self.clone() })
    }

    /// One given name and patronymic, written out, under two surnames.
    pub fn remarried(&self, other: &Self) -> bool {
        let whole = |word: &String| word.chars().count() > 1;
        whole(&self.given)
            && whole(&self.patronymic)
            && (&self.given, &self.patronymic) == (&other.given, &other.patronymic)
    }

    /// Fills in what the other states and this does not.
    pub fn complete_from(&mut self, other: &Self) {
        let turned = other.turned();
        let other =
            if compare_parts(self, &turned) < compare_parts(self, other) { &turned } else { other };
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
    /// Two letters changed places, or a code page lost one.
    Slip,
    /// A letter or two more, fewer or other.
    Near,
    Initial,
    Missing,
    Different,
}

/// Compares two names part by part, in the order of writing that agrees best.
pub(super) fn compare(a: &NameKey, b: &NameKey) -> Likeness {
    match compare_parts(a, b) {
        Likeness::Same => Likeness::Same,
        straight => straight.min(compare_parts(&a.turned(), b)),
    }
}

fn compare_parts(a: &NameKey, b: &NameKey) -> Likeness {
    if a.whole.chars().count() >= 6 && a.whole == b.whole {
        return Likeness::Same;
    }
    let loose = |x: &str, y: &str, part: Part| {
        let spelled = a.latin != b.latin && x.chars().count() > 2 && loosened(x) == loosened(y);
        if spelled && part != Part::Equal { Part::Equal } else { part }
    };
    let surname = loose(&a.surname, &b.surname, surname_part(&a.surname, &b.surname));
    let given = loose(&a.given, &b.given, given_part(&a.given, &b.given));
    let patronymic = part(&a.patronymic, &b.patronymic);
    let parts = [surname, given, patronymic];
    if parts.contains(&Part::Different) {
        return if one_slip_apart(a, b) { Likeness::Slip } else { Likeness::Different };
    }
    let alike = |part: &&Part| matches!(part, Part::Equal | Part::Slip | Part::Near);
    if parts.iter().filter(alike).count() == 0 {
        return Likeness::Weak;
    }
    let names = surname == Part::Equal && given == Part::Equal;
    if names && matches!(patronymic, Part::Slip | Part::Near) {
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
    if given == Part::Near || (surname == Part::Near && given != Part::Equal) {
        return Likeness::Doubt;
    }
    let slips = |part: &Part| matches!(part, Part::Slip | Part::Near);
    if parts.iter().any(slips) { Likeness::Slip } else { Likeness::Part }
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
        Part::Slip | Part::Near if is_given(a) && is_given(b) => Part::Different,
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
        // A lost letter denies nothing, when enough others are left.
        let left = a.chars().zip(b.chars()).filter(|(p, q)| p == q).count();
        return if left > 2 { Part::Equal } else { Part::Slip };
    }
    if x.abs_diff(y) > 2 {
        return Part::Different;
    }
    let slips = strsim::osa_distance(a, b);
    let swapped = (slips == 1 && x == y && sorted(a) == sorted(b))
        || (slips <= 2 && x != y && (swaps_to(a, b) || swaps_to(b, a)));
    let allowed = match x.min(y) {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    match x.min(y) {
        3.. if swapped => Part::Slip,
        _ if slips <= allowed => Part::Near,
        _ => Part::Different,
    }
}

/// One letter, or the space, changed places between two parts.
fn one_slip_apart(a: &NameKey, b: &NameKey) -> bool {
    let length = a.whole.chars().count().min(b.whole.chars().count());
    length >= 8
        && !given_names_differ(a, b)
        && sorted(&a.whole) == sorted(&b.whole)
        && strsim::osa_distance(&a.whole, &b.whole) <= 1
}

/// Each has a listed given name that the other does not: Нурай and Нурия are
/// two sisters, not a slip.
fn given_names_differ(a: &NameKey, b: &NameKey) -> bool {
    let own = |x: &NameKey, y: &NameKey| {
        [&x.surname, &x.given]
            .into_iter()
            .any(|word| is_given(word) && *word != y.surname && *word != y.given)
    };
    own(a, b) && own(b, a)
}

/// Two neighbours changed places and the fold made one of two equal letters:
/// Салтаант.
fn swaps_to(whole: &str, slipped: &str) -> bool {
    let mut letters: Vec<char> = whole.chars().collect();
    (1..letters.len()).any(|at| {
        letters.swap(at - 1, at);
        let found = squeezed(&letters.iter().collect::<String>()) == slipped;
        letters.swap(at - 1, at);
        found
    })
}

/// Without the и beside a vowel: Айару is Ayaru, which reads Аяру.
fn loosened(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let vowel =
        |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| "аеиоу".contains(*c));
    let kept = (0..letters.len())
        .filter(|at| letters[*at] != 'и' || !(vowel(at.checked_sub(1)) || vowel(Some(at + 1))));
    squeezed(&kept.map(|at| letters[at]).collect::<String>())
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
