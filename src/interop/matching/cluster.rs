//! The mentions under way to their cards: clusters that are merged, left open
//! or offered to one another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::key::{Likeness, NameKey, compare};
use super::{Duplicate, Likely, Matched, Mention, score};
use crate::interop::person::same_day;

/// Mentions with an equal name and equal evidence, treated as one.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pub name: NameKey,
    pub count: usize,
    /// E.164.
    pub phones: BTreeSet<String>,
    /// Digits of cut numbers, seven or more.
    pub partial: BTreeSet<String>,
    pub iins: BTreeSet<String>,
    /// Each with true when its century is a guess.
    pub births: Vec<(jiff::civil::Date, bool)>,
    pub known: BTreeSet<usize>,
    pub first: usize,
    /// Positions of its own mentions, not of those merged into it.
    mentions: Vec<usize>,
    /// Others were merged into it.
    grown: bool,
    /// The name with the surname as the others slipped it: which of two
    /// spellings is the slip, the third tells.
    also: Vec<NameKey>,
    /// Two or more people answer to it: nothing joins it.
    pub open: bool,
}

/// What makes two mentions one from the start: name, numbers, cut numbers, IIN
/// and birth, the card, and the row when there is nothing else.
type Identity = (NameKey, BTreeSet<String>, BTreeSet<String>, String, Option<usize>, String);

pub(super) struct Work {
    pub clusters: Vec<Cluster>,
    /// Of each cluster: the one it was merged into, or itself.
    parent: Vec<usize>,
    /// Of each mention.
    cluster_of: Vec<usize>,
    offers: BTreeMap<(usize, usize), BTreeSet<Likely>>,
    /// Nearly no mention has a telephone: the clinic knows people by name.
    pub by_names_only: bool,
}

impl Work {
    pub fn of(mentions: &[Mention]) -> Self {
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
            clusters[index].mentions.push(at);
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

    pub fn root(&self, mut at: usize) -> usize {
        while self.parent[at] != at {
            at = self.parent[at];
        }
        at
    }

    pub fn roots(&self, among: impl Iterator<Item = usize>) -> Vec<usize> {
        let unique: BTreeSet<usize> = among.map(|at| self.root(at)).collect();
        unique.into_iter().collect()
    }

    /// The fuller and more frequent name becomes the name of both.
    pub fn merge(&mut self, a: usize, b: usize) {
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
        kept.grown = true;
        kept.name.complete_from(&lost.name);
        if let Some(name) = kept.name.with_slipped(&lost.name) {
            kept.also.push(name);
        }
        kept.also.extend(lost.also);
        self.parent[gone] = keep;
    }

    /// Two or more of the others answer to this one: it joins none of them,
    /// and its rows, which may be of different people, part.
    pub fn leave_open(&mut self, at: usize, others: &[usize], reasons: &[Likely]) {
        for each in self.scatter(at) {
            self.clusters[each].open = true;
            for other in others {
                self.offer(each, *other, reasons);
            }
        }
    }

    /// A cluster for each mention, unless something holds them together.
    fn scatter(&mut self, at: usize) -> Vec<usize> {
        let own = &self.clusters[at];
        let held =
            own.grown || !own.known.is_empty() || !own.iins.is_empty() || !own.births.is_empty();
        if held {
            return vec![at];
        }
        let apart = self.clusters[at].mentions.split_off(1);
        self.clusters[at].count = 1;
        let mut all = vec![at];
        for mention in apart {
            let index = self.clusters.len();
            let own = &self.clusters[at];
            self.clusters.push(Cluster { mentions: vec![mention], first: mention, ..own.clone() });
            self.parent.push(index);
            self.cluster_of[mention] = index;
            all.push(index);
        }
        all
    }

    /// Whether both are cards already, and not the same one.
    pub fn two_cards(&self, a: usize, b: usize) -> bool {
        let (x, y) = (&self.clusters[a].known, &self.clusters[b].known);
        !x.is_empty() && !y.is_empty() && x != y
    }

    /// Facts that two cards of one person cannot have.
    pub fn clash(&self, a: usize, b: usize) -> bool {
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

    pub fn likeness(&self, a: usize, b: usize) -> Likeness {
        let (a, b) = (&self.clusters[a], &self.clusters[b]);
        match compare(&a.name, &b.name) {
            Likeness::Different => {
                let other = |(x, y): (&NameKey, &NameKey)| compare(x, y);
                let also = a.also.iter().map(|name| (name, &b.name));
                let also = also.chain(b.also.iter().map(|name| (&a.name, name)));
                // Never as good as the name itself.
                also.map(other).min().map_or(Likeness::Different, |best| best.max(Likeness::Slip))
            }
            likeness => likeness,
        }
    }

    pub fn offer(&mut self, a: usize, b: usize, reasons: &[Likely]) {
        let (a, b) = (a.min(b), a.max(b));
        if a != b {
            self.offers.entry((a, b)).or_default().extend(reasons);
        }
    }

    pub fn buckets<K: Ord>(&self, keys: impl Fn(&Cluster) -> Vec<K>) -> BTreeMap<K, Vec<usize>> {
        let mut buckets: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        for at in self.roots(0..self.clusters.len()) {
            for key in keys(&self.clusters[at]) {
                buckets.entry(key).or_default().push(at);
            }
        }
        buckets
    }

    pub fn finish(self, mentions: usize) -> Matched {
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
            mentions: Vec::new(),
            grown: false,
            also: Vec::new(),
            open: false,
        }
    }
}
