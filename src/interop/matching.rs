//! Which mentions are one person. Two people must never share a card; one
//! person on two cards is tolerable when the pair is offered as a duplicate.
//!
//! Evidence, strongest first: the same IIN; the same telephone and an agreeing
//! name; a cut telephone that agrees and a name that does; the whole name and
//! the birth date. A name alone never merges: families share telephones and
//! strangers share names. Different given names are different people.

mod key;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::person::{Person, same_day};
use key::{Likeness, NameKey, compare, nearly};

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

/// Mentions with an equal name and equal evidence, treated as one.
#[derive(Clone, Debug)]
struct Cluster {
    name: NameKey,
    count: usize,
    phones: BTreeSet<String>,
    partial: BTreeSet<String>,
    iins: BTreeSet<String>,
    births: Vec<(jiff::civil::Date, bool)>,
    known: BTreeSet<usize>,
    first: usize,
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

/// What makes two mentions one from the start: name, numbers, cut numbers, IIN
/// and birth, the card, and the row when there is nothing else.
type Identity = (NameKey, BTreeSet<String>, BTreeSet<String>, String, Option<usize>, String);

struct Work {
    clusters: Vec<Cluster>,
    /// Of each cluster: the one it was merged into, or itself.
    parent: Vec<usize>,
    /// Of each mention.
    cluster_of: Vec<usize>,
    offers: BTreeMap<(usize, usize), BTreeSet<Likely>>,
    /// Nearly no mention has a telephone: the clinic knows people by name.
    by_names_only: bool,
}

impl Work {
    fn of(mentions: &[Mention]) -> Self {
        let mut clusters: Vec<Cluster> = Vec::new();
        let mut seen: HashMap<Identity, usize> = HashMap::new();
        let mut cluster_of = Vec::with_capacity(mentions.len());
        let with_phone =
            mentions.iter().filter(|mention| !mention.person.phones.is_empty()).count();
        let by_names_only = with_phone * 10 < mentions.len();
        for (at, mention) in mentions.iter().enumerate() {
            let cluster = Cluster::of(mention, at);
            let nothing =
                cluster.phones.is_empty() && cluster.iins.is_empty() && cluster.births.is_empty();
            // Without any evidence two equal names stay two mentions.
            let alone = if nothing && !by_names_only && mention.known.is_none() {
                at.to_string()
            } else {
                String::new()
            };
            let identity = (
                cluster.name.clone(),
                cluster.phones.clone(),
                cluster.partial.clone(),
                format!("{:?}{:?}", cluster.iins, cluster.births),
                mention.known,
                alone,
            );
            let index = *seen.entry(identity).or_insert_with(|| {
                clusters.push(cluster);
                clusters.len() - 1
            });
            clusters[index].count += 1;
            cluster_of.push(index);
        }
        let parent = (0..clusters.len()).collect();
        let mut work =
            Self { clusters, parent, cluster_of, offers: BTreeMap::new(), by_names_only };
        work.join_known();
        work
    }

    /// Mentions that stand on one card already stay together.
    fn join_known(&mut self) {
        let mut cards: BTreeMap<usize, usize> = BTreeMap::new();
        for at in 0..self.clusters.len() {
            let Some(card) = self.clusters[at].known.iter().next().copied() else { continue };
            match cards.get(&card) {
                Some(first) => self.merge(*first, at),
                None => drop(cards.insert(card, at)),
            }
        }
    }

    fn root(&self, mut at: usize) -> usize {
        while self.parent[at] != at {
            at = self.parent[at];
        }
        at
    }

    fn roots(&self, among: impl Iterator<Item = usize>) -> Vec<usize> {
        let unique: BTreeSet<usize> = among.map(|at| self.root(at)).collect();
        unique.into_iter().collect()
    }

    /// The fuller and more frequent name becomes the name of both.
    fn merge(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        let rank = |at: usize| (self.clusters[at].name.fullness(), self.clusters[at].count);
        let (keep, gone) = if rank(a) >= rank(b) { (a, b) } else { (b, a) };
        let lost = self.clusters[gone].clone();
        let kept = &mut self.clusters[keep];
        kept.count += lost.count;
        kept.phones.extend(lost.phones);
        kept.partial.extend(lost.partial);
        kept.iins.extend(lost.iins);
        kept.births.extend(lost.births);
        kept.known.extend(lost.known);
        kept.first = kept.first.min(lost.first);
        kept.name.complete_from(&lost.name);
        self.parent[gone] = keep;
    }

    /// Whether two must stay apart: by facts, or because both are cards already.
    fn apart(&self, a: usize, b: usize) -> bool {
        let (x, y) = (&self.clusters[a].known, &self.clusters[b].known);
        (!x.is_empty() && !y.is_empty() && x != y) || self.clash(a, b)
    }

    /// Facts that two cards of one person cannot have.
    fn clash(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.clusters[a], &self.clusters[b]);
        let both = !a.iins.is_empty() && !b.iins.is_empty();
        if both && a.iins.is_disjoint(&b.iins) {
            return true;
        }
        let shared_iin = both && !a.iins.is_disjoint(&b.iins);
        let born_apart = !a.births.is_empty()
            && !b.births.is_empty()
            && !a.births.iter().any(|(x, open)| {
                b.births.iter().any(|(y, other)| same_day(*x, *y, *open || *other))
            });
        born_apart && !shared_iin
    }

    fn likeness(&self, a: usize, b: usize) -> Likeness {
        compare(&self.clusters[a].name, &self.clusters[b].name)
    }

    fn offer(&mut self, a: usize, b: usize, reasons: &[Likely]) {
        let (a, b) = (a.min(b), a.max(b));
        if a != b {
            self.offers.entry((a, b)).or_default().extend(reasons);
        }
    }

    fn buckets<K: Ord>(&self, keys: impl Fn(&Cluster) -> Vec<K>) -> BTreeMap<K, Vec<usize>> {
        let mut buckets: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        for at in self.roots(0..self.clusters.len()) {
            for key in keys(&self.clusters[at]) {
                buckets.entry(key).or_default().push(at);
            }
        }
        buckets
    }

    fn by_iin(&mut self) {
        for (_, among) in self.buckets(|cluster| cluster.iins.iter().cloned().collect()) {
            self.settle(&among, Likely::SameIin, |likeness| likeness != Likeness::Different);
        }
    }

    fn by_phone(&mut self) {
        for (_, among) in self.buckets(|cluster| cluster.phones.iter().cloned().collect()) {
            self.settle(&among, Likely::SamePhone, |likeness| {
                !matches!(likeness, Likeness::Different | Likeness::Weak)
            });
        }
    }

    /// One bucket of shared evidence: fullest names first, each of the others
    /// joins the only one it agrees with; when there are several, it is offered.
    fn settle(&mut self, among: &[usize], evidence: Likely, joins: impl Fn(Likeness) -> bool) {
        let mut order = self.roots(among.iter().copied());
        order.sort_by_key(|at| {
            let cluster = &self.clusters[*at];
            std::cmp::Reverse((
                cluster.name.fullness(),
                cluster.count,
                std::cmp::Reverse(cluster.first),
            ))
        });
        let mut people: Vec<usize> = Vec::new();
        for at in order {
            let candidates = self.roots(people.iter().copied());
            let agreeing: Vec<usize> = candidates
                .iter()
                .copied()
                .filter(|other| joins(self.likeness(at, *other)) && !self.apart(at, *other))
                .collect();
            let agreeing = self.best_of(at, &agreeing);
            match agreeing[..] {
                [only] => {
                    self.merge(only, at);
                    continue;
                }
                [] => self.offer_near(at, &candidates, evidence),
                _ => {
                    for other in agreeing {
                        self.offer(at, other, &[evidence, Likely::Initials]);
                    }
                }
            }
            people.push(at);
        }
    }

    /// An exact name outweighs a slip: of several that agree, those that agree
    /// best, if these are not initials or parts.
    fn best_of(&self, at: usize, agreeing: &[usize]) -> Vec<usize> {
        let same: Vec<usize> = agreeing
            .iter()
            .copied()
            .filter(|other| self.likeness(at, *other) == Likeness::Same)
            .collect();
        if same.len() == 1 { same } else { agreeing.to_vec() }
    }

    fn offer_near(&mut self, at: usize, others: &[usize], evidence: Likely) {
        for other in others {
            let (mine, its) = (&self.clusters[at].name, &self.clusters[*other].name);
            let likeness = compare(mine, its);
            let same_iin = evidence == Likely::SameIin;
            let reason = match likeness {
                Likeness::Same => Likely::SameName,
                Likeness::Part | Likeness::Weak => Likely::Initials,
                _ => Likely::SimilarName,
            };
            if same_iin || likeness != Likeness::Different || nearly(mine, its) {
                self.offer(at, *other, &[evidence, reason]);
            }
        }
    }

    /// `8 (777) 824-03-` and an agreeing name.
    fn by_partial_phone(&mut self) {
        for at in self.roots(0..self.clusters.len()) {
            if self.clusters[at].partial.is_empty()
                || !self.clusters[at].phones.is_empty()
                || self.root(at) != at
            {
                continue;
            }
            let agreeing: Vec<usize> = self
                .roots(0..self.clusters.len())
                .into_iter()
                .filter(|other| {
                    *other != at && self.cut_fits(at, *other) && !self.clash(at, *other)
                })
                .collect();
            let joining: Vec<usize> = agreeing
                .iter()
                .copied()
                .filter(|other| {
                    !matches!(self.likeness(at, *other), Likeness::Different | Likeness::Weak)
                })
                .collect();
            match self.best_of(at, &joining)[..] {
                [only] if !self.apart(at, only) => self.merge(only, at),
                [] => self.offer_near(at, &agreeing, Likely::PartialPhone),
                _ => {
                    for other in joining {
                        self.offer(at, other, &[Likely::PartialPhone, Likely::Initials]);
                    }
                }
            }
        }
    }

    fn cut_fits(&self, cut: usize, whole: usize) -> bool {
        let fits = |partial: &String| {
            self.clusters[whole].phones.iter().any(|phone| key::is_cut_of(partial, phone))
                || (self.clusters[whole].phones.is_empty()
                    && self.clusters[whole].partial.contains(partial))
        };
        self.clusters[cut].partial.iter().any(fits)
    }

    /// The whole name with its patronymic, and the day of birth.
    fn by_birth_date(&mut self) {
        let keys = |cluster: &Cluster| {
            cluster
                .births
                .iter()
                .map(|(born, _)| (cluster.name.surname.clone(), born.month(), born.day()))
                .collect()
        };
        for (_, among) in self.buckets(keys) {
            for (index, a) in among.iter().enumerate() {
                for b in &among[index + 1..] {
                    let (a, b) = (self.root(*a), self.root(*b));
                    if a == b || self.clash(a, b) {
                        continue;
                    }
                    match self.likeness(a, b) {
                        Likeness::Same
                            if self.clusters[a].name.fullness() == 6 && !self.apart(a, b) =>
                        {
                            self.merge(a, b);
                        }
                        Likeness::Different | Likeness::Weak => {}
                        Likeness::Same => {
                            self.offer(a, b, &[Likely::SameBirthDate, Likely::SameName]);
                        }
                        _ => self.offer(a, b, &[Likely::SameBirthDate, Likely::SimilarName]),
                    }
                }
            }
        }
    }

    /// Mentions without any number: offered to everybody they may be. In a
    /// clinic that keeps no numbers, an equal full name is one person.
    fn by_name_alone(&mut self) {
        let roots = self.roots(0..self.clusters.len());
        let silent = |cluster: &Cluster| cluster.phones.is_empty() && cluster.iins.is_empty();
        let mute: Vec<usize> =
            roots.iter().copied().filter(|at| silent(&self.clusters[*at])).collect();
        for at in mute {
            let mut fitting: Vec<(u8, usize)> = Vec::new();
            for other in self.roots(roots.iter().copied()) {
                if other == self.root(at) || self.clash(self.root(at), other) {
                    continue;
                }
                let rank = match self.likeness(at, other) {
                    Likeness::Same => 0,
                    Likeness::Slip | Likeness::Part => 1,
                    Likeness::Weak => 3,
                    Likeness::Different
                        if nearly(&self.clusters[at].name, &self.clusters[other].name) =>
                    {
                        2
                    }
                    Likeness::Different => continue,
                };
                fitting.push((rank, other));
            }
            fitting.sort_unstable();
            let equal: Vec<usize> =
                fitting.iter().filter(|(rank, _)| *rank == 0).map(|(_, other)| *other).collect();
            if let (true, [only]) = (self.by_names_only, &equal[..])
                && silent(&self.clusters[*only])
                && self.clusters[at].name.fullness() >= 4
                && !self.apart(self.root(at), *only)
            {
                self.merge(*only, at);
                continue;
            }
            for (rank, other) in fitting.into_iter().take(40) {
                let reason = if rank == 0 { Likely::SameName } else { Likely::SimilarName };
                self.offer(at, other, &[reason, Likely::NoPhone]);
            }
        }
    }

    /// One name, different numbers: a new telephone, or a namesake.
    fn offer_namesakes(&mut self) {
        let keys = |cluster: &Cluster| {
            let whole =
                cluster.name.surname.chars().count() > 1 && cluster.name.given.chars().count() > 1;
            if whole {
                vec![(cluster.name.surname.clone(), cluster.name.given.clone())]
            } else {
                Vec::new()
            }
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

    fn finish(self, mentions: usize) -> Matched {
        let mut numbers: HashMap<usize, usize> = HashMap::new();
        let mut card_of = Vec::with_capacity(mentions);
        for cluster in &self.cluster_of {
            let next = numbers.len();
            card_of.push(*numbers.entry(self.root(*cluster)).or_insert(next));
        }
        let mut pairs: BTreeMap<(usize, usize), BTreeSet<Likely>> = BTreeMap::new();
        for ((a, b), reasons) in &self.offers {
            let (a, b) = (numbers[&self.root(*a)], numbers[&self.root(*b)]);
            if a != b {
                pairs.entry((a.min(b), a.max(b))).or_default().extend(reasons);
            }
        }
        let duplicate = |((a, b), reasons): ((usize, usize), BTreeSet<Likely>)| Duplicate {
            a,
            b,
            score: score(&reasons),
            reasons: reasons.into_iter().collect(),
        };
        let mut duplicates: Vec<Duplicate> = pairs.into_iter().map(duplicate).collect();
        duplicates.sort_by(|x, y| y.score.total_cmp(&x.score).then((x.a, x.b).cmp(&(y.a, y.b))));
        Matched { card_of, duplicates }
    }
}

impl Cluster {
    fn of(mention: &Mention, at: usize) -> Self {
        let person = mention.person;
        let odd_iin: String = person.odd_iin.chars().filter(char::is_ascii_digit).collect();
        let odd_iin = Some(odd_iin).filter(|digits| digits.len() == 12);
        let digits = |text: &String| text.chars().filter(char::is_ascii_digit).collect::<String>();
        Self {
            name: NameKey::of(&person.name, &person.written),
            count: 0,
            phones: person.phones.iter().map(|phone| phone.as_str().to_owned()).collect(),
            partial: person
                .odd_phones
                .iter()
                .map(digits)
                .filter(|digits| digits.len() >= 7)
                .collect(),
            iins: person.iin.iter().map(|iin| iin.as_str().to_owned()).chain(odd_iin).collect(),
            births: person.birth_date.iter().map(|born| (*born, person.century_guessed)).collect(),
            known: mention.known.iter().copied().collect(),
            first: at,
        }
    }
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
mod tests;
