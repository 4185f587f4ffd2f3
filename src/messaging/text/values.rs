//! What is put into a message, and how it is written in one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Civil;
use crate::i18n::{Language, Words, dates};

/// Something a text may name. What it gives away says [`Variable::class`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variable {
    Clinic,
    /// The clinic's telephone.
    Phone,
    /// The branch's street and house.
    Address,
    /// How the clinic's door is found.
    Entrance,
    /// The patient's given name.
    Name,
    Weekday,
    Date,
    Time,
    /// The hour until which an answer counts.
    Until,
    /// The hour at which a visit begins when the doctor is late.
    Expected,
    /// Given names and hours of several visits of one day.
    Visits,
    /// How many visits a series has.
    Count,
    /// The day of the last one.
    Last,
    /// The page to answer on.
    Link,
    Code,
    /// The short id of a document: `A1B2-C3D4`.
    Document,
    /// The doctor's short name.
    Doctor,
    Service,
    /// How to prepare for the service.
    Preparation,
}

impl Variable {
    pub const ALL: [Self; 19] = [
        Self::Clinic,
        Self::Phone,
        Self::Address,
        Self::Entrance,
        Self::Name,
        Self::Weekday,
        Self::Date,
        Self::Time,
        Self::Until,
        Self::Expected,
        Self::Visits,
        Self::Count,
        Self::Last,
        Self::Link,
        Self::Code,
        Self::Document,
        Self::Doctor,
        Self::Service,
        Self::Preparation,
    ];

    /// The name in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clinic => "clinic",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Entrance => "entrance",
            Self::Name => "name",
            Self::Weekday => "weekday",
            Self::Date => "date",
            Self::Time => "time",
            Self::Until => "until",
            Self::Expected => "expected",
            Self::Visits => "visits",
            Self::Count => "count",
            Self::Last => "last",
            Self::Link => "link",
            Self::Code => "code",
            Self::Document => "document",
            Self::Doctor => "doctor",
            Self::Service => "service",
            Self::Preparation => "preparation",
        }
    }

    /// Whether it stands by itself in a text, and ends as sentences do.
    fn is_sentence(self) -> bool {
        matches!(self, Self::Entrance | Self::Preparation)
    }

    /// Letters after which a value is cut. A cut link or code is worthless:
    /// those are short by construction; a cut preparation is worse, and is left
    /// out whole where there is no room.
    fn most_letters(self) -> usize {
        match self {
            Self::Clinic => 40,
            Self::Address => 60,
            Self::Entrance => 80,
            Self::Name => 25,
            Self::Doctor => 30,
            Self::Service => 50,
            _ => usize::MAX,
        }
    }
}

/// The values of one message. A variable without one is empty, and `if` on it
/// does not hold.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<Variable, String>);

impl Values {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn with(mut self, variable: Variable, value: impl AsRef<str>) -> Self {
        let value = value.as_ref().trim().chars().take(variable.most_letters());
        let mut value: String = value.collect();
        if variable.is_sentence() && value.ends_with(|last: char| last.is_alphanumeric()) {
            value.push('.');
        }
        self.0.insert(variable, value);
        self
    }

    pub fn has(&self, variable: Variable) -> bool {
        self.0.get(&variable).is_some_and(|value| !value.is_empty())
    }

    /// Those that may leave the country.
    #[must_use]
    pub fn leaving(&self) -> Self {
        let may = self.0.iter().filter(|(variable, _)| variable.may_leave());
        Self(may.map(|(variable, value)| (*variable, value.clone())).collect())
    }

    pub fn get(&self, variable: Variable) -> Option<&str> {
        self.0.get(&variable).map(String::as_str)
    }

    #[must_use]
    pub fn without(mut self, variable: Variable) -> Self {
        self.0.remove(&variable);
        self
    }

    /// Weekday, date and time of an appointment in the patient's language.
    #[must_use]
    pub fn at(self, words: &Words, language: Language, at: Civil) -> Self {
        let day = at.day();
        let weekday = words.plain(language, &format!("date-weekday-{}", day.weekday()));
        let month = words.plain(language, &format!("date-month-{}", day.to_jiff().month()));
        // As text: a number would be written with a thousands separator.
        let date = [
            ("year", day.year().to_string().into()),
            ("day", day.to_jiff().day().to_string().into()),
            ("month", month.into()),
        ];
        self.with(Variable::Weekday, weekday)
            .with(Variable::Date, words.with(language, "messaging-date", &date))
            .with(Variable::Time, dates::time(at))
    }

    /// Every variable has a value, so that none is undefined.
    pub(super) fn context(&self) -> BTreeMap<&'static str, String> {
        let value = |variable: &Variable| self.0.get(variable).cloned().unwrap_or_default();
        Variable::ALL.iter().map(|variable| (variable.name(), value(variable))).collect()
    }
}

/// How the currency is written where the sign ₸ may be missing from a phone.
const TENGE: [(Language, &str); 3] =
    [(Language::Ru, "тг"), (Language::Kk, "тг"), (Language::En, "KZT")];

/// A text as every phone shows it: no ₸, no typographic spaces and dashes, no
/// control characters but the line end.
pub fn plain(language: Language, text: &str) -> String {
    let tenge = TENGE.iter().find(|(of, _)| *of == language).map_or("", |(_, name)| name);
    let mut plain = String::with_capacity(text.len());
    for letter in text.trim().chars() {
        match letter {
            '₸' => plain.push_str(tenge),
            '\n' => plain.push('\n'),
            '–' | '—' | '\u{2011}' | '−' => plain.push('-'),
            letter if letter.is_whitespace() => plain.push(' '),
            letter if letter.is_control() => {}
            letter => plain.push(letter),
        }
    }
    one_stop(&plain.replace(" \n", "\n"))
}

/// A value that ends as sentences do, before the text's own full stop: one of them.
fn one_stop(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let is_stop = |at: Option<usize>| at.and_then(|at| letters.get(at)) == Some(&'.');
    let stays = |at: &usize| {
        let is_second = is_stop(Some(*at)) && is_stop(at.checked_sub(1));
        !is_second || is_stop(at.checked_sub(2)) || is_stop(Some(at + 1))
    };
    (0..letters.len()).filter(stays).map(|at| letters[at]).collect()
}
