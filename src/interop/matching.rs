//! Which mentions are one person. Two people must never share a card; one
//! person on two cards is tolerable when the pair is offered as a duplicate.
//!
//! Evidence, strongest first: the same IIN; the same telephone and an agreeing
//! name; a cut telephone that agrees and a name that does; the whole name and
//! the birth date. A name alone never merges: families share telephones and
//! strangers share names. Different given names are different people. A mention
//! that two people answer to («Ахметов А.» on the number of Арман and Айдар)
//! stays by itself, each row of it, and is offered to both.

mod cluster;
mod evidence;
mod key;
mod silent;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::person::Person;
use cluster::Work;

/// What each mention came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matched {
    /// The card of each mention, numbered from 0 in order of appearance.
    pub card_of: Vec<usize>,
    pub duplicates: Vec<Duplicate>,
}

/// Two cards that may be one person; a human decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duplicate {
    pub a: usize,
    pub b: usize,
    /// 0 to 1.
    pub score: f64,
    pub reasons: Vec<Likely>,
}

/// Why two cards may be one person; stable codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Likely {
    SameIin,
    SamePhone,
    PartialPhone,
    SameName,
    SimilarName,
    Initials,
    SameBirthDate,
    NoPhone,
}

/// A mention, and the card it is already on (an earlier import, a card made by
/// hand). Two mentions of different cards are never merged.
#[derive(Clone, Debug)]
pub struct Mention<'a> {
    pub person: &'a Person,
    pub known: Option<usize>,
}

/// Matches every mention.
pub fn matched(mentions: &[Mention]) -> Matched {
    let mut work = Work::of(mentions);
    work.by_iin();
    work.by_phone();
    work.by_partial_phone();
    work.by_birth_date();
    work.by_name_alone();
    work.offer_namesakes();
    work.finish(mentions.len())
}

/// Evidence of two kinds is as if one had failed to deny the other.
fn score(reasons: &BTreeSet<Likely>) -> f64 {
    let weight = |reason: &Likely| match reason {
        Likely::SameIin => 0.95,
        Likely::SamePhone => 0.6,
        Likely::PartialPhone | Likely::SameBirthDate | Likely::SameName => 0.5,
        Likely::SimilarName => 0.3,
        Likely::Initials => 0.2,
        Likely::NoPhone => 0.05,
    };
    let doubt: f64 = reasons.iter().map(|reason| 1.0 - weight(reason)).product();
    ((1.0 - doubt) * 100.0).round() / 100.0
}

#[cfg(test)]
mod order_and_doubt;
#[cfg(test)]
mod tests;
