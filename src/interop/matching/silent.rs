//! Mentions that say nothing but a name: offered, hardly ever merged.

use std::collections::{BTreeSet, HashMap};

use super::Likely;
use super::cluster::{Cluster, Work};
use super::key::{Likeness, NameKey, nearly};

/// The most cards that one silent mention is offered to.
const MOST_OFFERS: usize = 40;

impl Work {
    /// Mentions without any number: offered to everybody they may be. In a
    /// clinic that keeps no numbers, an equal full name is one person.
    pub fn by_name_alone(&mut self) {
        let roots = self.roots(0..self.clusters.len());
        let silent = |cluster: &Cluster| cluster.phones.is_empty() && cluster.iins.is_empty();
        let mute: Vec<usize> =
            roots.iter().copied().filter(|at| self.clusters[*at].phones.is_empty()).collect();
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for at in &roots {
            for key in keys(&self.clusters[*at].name) {
                index.entry(key).or_default().push(*at);
            }
        }
        for at in mute {
            let own = &self.clusters[at].name;
            let looked_up = keys(own).into_iter().chain([LOST.to_owned()]);
            let among: BTreeSet<usize> = if own.whole.contains('?') {
                roots.iter().copied().collect()
            } else {
                looked_up.filter_map(|key| index.get(&key)).flatten().copied().collect()
            };
            let fitting = self.fitting(at, among);
            let equal: Vec<usize> =
                fitting.iter().filter(|(rank, _)| *rank == 0).map(|(_, other)| *other).collect();
            let named = self.by_names_only && self.clusters[at].name.fullness() >= 4;
            match equal[..] {
                [only]
                    if named
                        && silent(&self.clusters[self.root(at)])
                        && silent(&self.clusters[only])
                        && !self.clusters[self.root(at)].open
                        && !self.two_cards(self.root(at), only) =>
                {
                    self.merge(only, at);
                    continue;
                }
                [_, _, ..] if named && self.clusters[at].births.is_empty() => {
                    self.leave_open(at, &equal, &[Likely::SameName, Likely::NoPhone]);
                }
                _ => {}
            }
            for (rank, other) in fitting.into_iter().take(MOST_OFFERS) {
                let reason = if rank == 0 { Likely::SameName } else { Likely::SimilarName };
                self.offer(at, other, &[reason, Likely::NoPhone]);
            }
        }
    }

    /// Whom a name without a number may mean, the likeliest first.
    fn fitting(&self, at: usize, among: BTreeSet<usize>) -> Vec<(u8, usize)> {
        let own = self.root(at);
        let rank = |other: usize| {
            if other == own || self.clusters[other].open || self.clash(own, other) {
                return None;
            }
            let (mine, its) = (&self.clusters[at].name, &self.clusters[other].name);
            match self.likeness(at, other) {
                Likeness::Same => Some(0),
                Likeness::Slip | Likeness::Part => Some(1),
                Likeness::Doubt => Some(2),
                Likeness::Different => nearly(mine, its).then_some(2),
                Likeness::Weak => Some(3),
            }
        };
        let others = self.roots(among.into_iter()).into_iter();
        let mut fitting: Vec<(u8, usize)> =
            others.filter_map(|other| Some((rank(other)?, other))).collect();
        fitting.sort_unstable();
        fitting
    }

    /// One name, different numbers: a new telephone, or a namesake.
    pub fn offer_namesakes(&mut self) {
        let keys = |cluster: &Cluster| {
            let mut words = [&cluster.name.surname, &cluster.name.given];
            words.sort();
            let whole = !cluster.open && words.iter().all(|word| word.chars().count() > 1);
            if whole { vec![words.map(Clone::clone)] } else { Vec::new() }
        };
        for (_, among) in self.buckets(keys) {
            for (index, a) in among.iter().enumerate() {
                for b in among[index + 1..].iter().take(20) {
                    let agree = matches!(self.likeness(*a, *b), Likeness::Same | Likeness::Part);
                    if agree && !self.clash(*a, *b) {
                        self.offer(*a, *b, &[Likely::SameName]);
                    }
                }
            }
        }
    }
}

/// The key of names from which a code page took letters: they fit anywhere.
const LOST: &str = "?";

/// The words by which a name is looked up, each also with its letters sorted:
/// two that changed places do not hide it.
fn keys(name: &NameKey) -> BTreeSet<String> {
    let words = [&name.surname, &name.given].into_iter().filter(|word| word.chars().count() > 1);
    let sorted = |word: &String| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters.into_iter().collect()
    };
    let lost = name.whole.contains('?').then(|| LOST.to_owned());
    words.flat_map(|word| [word.clone(), sorted(word)]).chain(lost).collect()
}
