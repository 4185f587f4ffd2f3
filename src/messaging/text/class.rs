//! What a value gives away, and how far it may go.
//!
//! What tells of somebody's health does not leave the country at all, and what
//! tells who they are or what they buy does not by itself (94-V art. 16 and on
//! health data; KAZAKHSTAN.md 3.5): whoever is written to abroad gets neutral
//! words and a link to the clinic's own machine.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::telling::clinical_word;
use super::{TextError, Variable, grammar};
use crate::ids::words;

words! {
    /// What a value gives away, the least first.
    Class {
        /// The clinic itself, and when somebody comes there.
        Neutral = "neutral",
        /// Who somebody is, and how and where they are met.
        Contact = "contact",
        /// How much somebody buys.
        Commercial = "commercial",
        /// By whom and for what somebody is treated.
        Clinical = "clinical",
    }
}

words! {
    /// Where a gateway's servers are.
    Land {
        Home = "home",
        Abroad = "abroad",
    }
}

/// Classes of data that one text holds, for the log of transfers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Classes(pub BTreeSet<Class>);

impl Classes {
    /// Those of what goes abroad: when and where, and the telephone it goes to.
    pub fn leaving() -> Self {
        Self([Class::Neutral, Class::Contact].into())
    }

    /// Those of words that somebody typed: whatever there is.
    pub fn free() -> Self {
        Self(Class::ALL.iter().copied().collect())
    }

    /// Of these values; every message names a telephone besides.
    pub fn of(values: impl Iterator<Item = Variable>) -> Self {
        Self(values.map(Variable::class).chain([Class::Contact]).collect())
    }
}

impl Variable {
    /// What its value gives away.
    pub const fn class(self) -> Class {
        match self {
            Self::Clinic
            | Self::Phone
            | Self::Weekday
            | Self::Date
            | Self::Time
            | Self::Until
            | Self::Expected
            | Self::Link => Class::Neutral,
            // A branch may be a department; a code opens what is somebody's.
            Self::Address | Self::Entrance | Self::Name | Self::Visits | Self::Code => {
                Class::Contact
            }
            Self::Count | Self::Last => Class::Commercial,
            // Papers are about treatments, and so is their number.
            Self::Document | Self::Doctor | Self::Service | Self::Preparation => Class::Clinical,
        }
    }

    /// Whether a text that goes abroad may hold it. A code may: whoever waits
    /// for it has asked for it, and it says nothing of them.
    pub fn may_leave(self) -> bool {
        self.class() == Class::Neutral || self == Self::Code
    }
}

/// All that may stand in a template of a messenger: no name, no address of a
/// branch, no code, no document, and nothing of a treatment.
pub const NEUTRAL: [Variable; 8] = {
    let mut neutral = [Variable::Clinic; 8];
    let (mut from, mut to) = (0, 0);
    while from < Variable::ALL.len() {
        if matches!(Variable::ALL[from].class(), Class::Neutral) {
            neutral[to] = Variable::ALL[from];
            to += 1;
        }
        from += 1;
    }
    assert!(to == neutral.len());
    neutral
};

/// Whether a text may be saved for a channel whose servers are there.
///
/// # Errors
/// [`TextError::Clinical`] and [`TextError::ClinicalWord`] name what must not
/// leave; those of the grammar.
pub fn lint(source: &str, land: Land) -> Result<(), TextError> {
    let named = named(source)?;
    if land == Land::Home {
        return Ok(());
    }
    if let Some(one) = named.into_iter().find(|one| one.class() == Class::Clinical) {
        return Err(TextError::Clinical(one));
    }
    match clinical_word(&grammar::words(source)) {
        Some(word) => Err(TextError::ClinicalWord(word.to_owned())),
        None => Ok(()),
    }
}

/// The variables that a text names.
pub(super) fn named(source: &str) -> Result<Vec<Variable>, TextError> {
    let names = grammar::named(source)?;
    let known = |name: &String| Variable::ALL.into_iter().find(|one| one.name() == name);
    Ok(names.iter().filter_map(known).collect())
}

/// Whether a text says something whole when it names only what may leave: no word of
/// it is clinical, and it asks by `if` for each value that stays here. In the place of
/// a clinical one it says nothing: abroad, where none has a value, that would be said
/// to whom it is not true.
pub(super) fn stands_abroad(source: &str) -> bool {
    let Ok(named) = named(source) else { return false };
    let stands = |one: Variable| match one.class() {
        Class::Clinical => grammar::only_if_there(source, one.name()),
        _ => one.may_leave() || grammar::tests(source, one.name()),
    };
    clinical_word(&grammar::words(source)).is_none() && named.into_iter().all(stands)
}
