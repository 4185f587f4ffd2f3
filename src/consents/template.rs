//! The wording of consents: immutable versions, in Russian and in Kazakh.
//!
//! What is offered to a consumer in one language only counts as not offered
//! (consumer protection law of the Republic of Kazakhstan), so a template
//! without both texts is refused. A published version is never edited: who
//! signed version 3 signed exactly version 3, and its hash says so.

use serde::{Deserialize, Serialize};

use crate::consents::model::{Language, Level};
use crate::crypto::hash;

/// A version of the wording of one kind of consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Such as `dental-treatment`: the same for all versions.
    pub key: String,
    /// From 1.
    pub version: u32,
    pub russian: Wording,
    pub kazakh: Wording,
}

/// One language's text of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    pub title: String,
    /// What the SMS calls it: neutral, for lock screens and operators.
    pub sms: String,
    /// How firmly it must be confirmed at least.
    pub level: Level,
    /// From this age in whole years the patient signs for themselves.
    pub self_from: u16,
    /// The law it rests on.
    pub basis: String,
    pub parts: Vec<Part>,
    /// As it was written, for the editor and for the hash.
    pub source: String,
}

/// One part of a text, from top to bottom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Part {
    Heading {
        text: String,
    },
    /// May hold `**bold**`.
    Paragraph {
        text: String,
    },
    List {
        items: Vec<String>,
    },
    /// Set apart in a frame: a warning.
    Boxed {
        text: String,
    },
    /// A box the patient ticks or leaves empty. It starts empty.
    Check {
        key: String,
        text: String,
        required: bool,
        ticked: bool,
    },
}

/// Why a text cannot be a template, in the words of whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordingError {
    #[error("line {0}: this line cannot be read")]
    Line(usize),
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("line {0}: nothing is called `{1}`")]
    Placeholder(usize, String),
    #[error("the two languages differ in `{0}`")]
    LanguagesDiffer(&'static str),
}

/// What a text may name, in braces.
const PLACEHOLDERS: [&str; 8] =
    ["patient", "requisites", "responsible", "contacts", "service", "doctor", "price", "allergy"];

/// The texts the program comes with: key, Russian, Kazakh.
pub const SHIPPED: [(&str, &str, &str); 6] = [
    (
        "personal-data",
        include_str!("texts/personal-data.ru.md"),
        include_str!("texts/personal-data.kk.md"),
    ),
    ("treatment", include_str!("texts/treatment.ru.md"), include_str!("texts/treatment.kk.md")),
    (
        "dental-treatment",
        include_str!("texts/dental-treatment.ru.md"),
        include_str!("texts/dental-treatment.kk.md"),
    ),
    (
        "anaesthesia",
        include_str!("texts/anaesthesia.ru.md"),
        include_str!("texts/anaesthesia.kk.md"),
    ),
    (
        "photo-video",
        include_str!("texts/photo-video.ru.md"),
        include_str!("texts/photo-video.kk.md"),
    ),
    ("messages", include_str!("texts/messages.ru.md"), include_str!("texts/messages.kk.md")),
];

impl Template {
    /// # Errors
    /// When one of the texts cannot be read, or they do not ask the same.
    pub fn parse(
        key: &str,
        version: u32,
        russian: &str,
        kazakh: &str,
    ) -> Result<Self, WordingError> {
        let (russian, kazakh) = (Wording::parse(russian)?, Wording::parse(kazakh)?);
        if russian.level != kazakh.level {
            return Err(WordingError::LanguagesDiffer("level"));
        }
        if russian.self_from != kazakh.self_from {
            return Err(WordingError::LanguagesDiffer("self_from"));
        }
        if russian.checks() != kazakh.checks() {
            return Err(WordingError::LanguagesDiffer("[required], [optional]"));
        }
        Ok(Self { key: key.to_owned(), version, russian, kazakh })
    }

    pub fn wording(&self, language: Language) -> &Wording {
        match language {
            Language::Russian => &self.russian,
            Language::Kazakh => &self.kazakh,
        }
    }

    pub fn level(&self) -> Level {
        self.russian.level
    }

    /// Over both texts as they were written: what a version is known by.
    pub fn sha256(&self) -> String {
        let (russian, kazakh) = (&self.russian.source, &self.kazakh.source);
        hash::hex(&hash::sha256_of(&[russian.as_bytes(), b"\0", kazakh.as_bytes()]))
    }
}

impl Wording {
    /// Reads a text: a title, settings up to `---`, then paragraphs, `##`
    /// headings, `-` points, `!` warnings and `[required] key: …` boxes, one
    /// to a line.
    pub fn parse(source: &str) -> Result<Self, WordingError> {
        let mut settings = Settings::default();
        let mut parts: Vec<Part> = Vec::new();
        let mut in_head = true;
        for (i, line) in source.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            if in_head {
                in_head = line != "---";
                if in_head {
                    settings.read(line).ok_or(WordingError::Line(i + 1))?;
                }
                continue;
            }
            if let Some(unknown) = unknown_placeholder(line) {
                return Err(WordingError::Placeholder(i + 1, unknown));
            }
            let part = Part::parse(line).ok_or(WordingError::Line(i + 1))?;
            match (parts.last_mut(), part) {
                (Some(Part::List { items }), Part::List { items: more }) => items.extend(more),
                (_, part) => parts.push(part),
            }
        }
        settings.into_wording(parts, source)
    }

    /// The keys of its boxes and whether each must be ticked.
    fn checks(&self) -> Vec<(&str, bool)> {
        let check = |part| match part {
            &Part::Check { ref key, required, .. } => Some((key.as_str(), required)),
            _ => None,
        };
        self.parts.iter().filter_map(check).collect()
    }
}

#[derive(Default)]
struct Settings {
    title: Option<String>,
    sms: Option<String>,
    level: Option<Level>,
    self_from: Option<u16>,
    basis: Option<String>,
}

impl Settings {
    fn read(&mut self, line: &str) -> Option<()> {
        if let Some(title) = line.strip_prefix("# ") {
            self.title = Some(title.trim().to_owned());
            return Some(());
        }
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        match name {
            "sms" => self.sms = Some(value.to_owned()),
            "level" => self.level = Some(Level::from_number(value.parse().ok()?)?),
            "self_from" => self.self_from = Some(value.parse().ok()?),
            "basis" => self.basis = Some(value.to_owned()),
            _ => return None,
        }
        Some(())
    }

    fn into_wording(self, parts: Vec<Part>, source: &str) -> Result<Wording, WordingError> {
        if parts.is_empty() {
            return Err(WordingError::Missing("---"));
        }
        Ok(Wording {
            title: self.title.ok_or(WordingError::Missing("# "))?,
            sms: self.sms.ok_or(WordingError::Missing("sms"))?,
            level: self.level.ok_or(WordingError::Missing("level"))?,
            self_from: self.self_from.ok_or(WordingError::Missing("self_from"))?,
            basis: self.basis.ok_or(WordingError::Missing("basis"))?,
            parts,
            source: source.to_owned(),
        })
    }
}

impl Part {
    fn parse(line: &str) -> Option<Self> {
        if let Some(text) = line.strip_prefix("## ") {
            return Some(Self::Heading { text: text.to_owned() });
        }
        if let Some(item) = line.strip_prefix("- ") {
            return Some(Self::List { items: vec![item.to_owned()] });
        }
        if let Some(text) = line.strip_prefix("! ") {
            return Some(Self::Boxed { text: text.to_owned() });
        }
        let check = |rest: &str, required| {
            let (key, text) = rest.split_once(": ")?;
            let key = key.trim();
            let plain = !key.is_empty()
                && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            plain.then(|| Self::Check {
                key: key.to_owned(),
                text: text.to_owned(),
                required,
                ticked: false,
            })
        };
        if let Some(rest) = line.strip_prefix("[required] ") {
            return check(rest, true);
        }
        if let Some(rest) = line.strip_prefix("[optional] ") {
            return check(rest, false);
        }
        let marked = line.starts_with(['#', '-', '!', '[']);
        (!marked).then(|| Self::Paragraph { text: line.to_owned() })
    }

    /// How many letters there are to read.
    pub fn letters(&self) -> usize {
        match self {
            Self::Heading { text }
            | Self::Paragraph { text }
            | Self::Boxed { text }
            | Self::Check { text, .. } => text.chars().count(),
            Self::List { items } => items.iter().map(|item| item.chars().count()).sum(),
        }
    }

    /// All its texts.
    pub fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::Heading { text }
            | Self::Paragraph { text }
            | Self::Boxed { text }
            | Self::Check { text, .. } => vec![text],
            Self::List { items } => items.iter_mut().collect(),
        }
    }
}

/// The names in braces in a text.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

fn unknown_placeholder(line: &str) -> Option<String> {
    let unknown = placeholders(line).find(|name| !PLACEHOLDERS.contains(name));
    unknown.map(str::to_owned)
}

#[cfg(test)]
mod tests;
