//! Merging by what is written beside the name: an IIN, a telephone, a cut one,
//! a birth date.

use std::collections::{BTreeMap, BTreeSet};

use super::Likely;
use super::cluster::Work;
use super::key::{Likeness, compare, is_cut_of, nearly};

impl Work {
    pub fn by_iin(&mut self) {
        for (_, among) in self.buckets(|cluster| cluster.iins.iter().cloned().collect()) {
            self.settle(&among, Likely::SameIin, |likeness| likeness != Likeness::Different);
        }
    }

    /// Who states one number first. A second number is often somebody else's:
    /// whoever states two looks at the people of both before joining any.
    pub fn by_phone(&mut self) {
        let one = |likeness| matches!(likeness, Likeness::Same | Likeness::Slip | Likeness::Part);
        let phones = |work: &Self, least: usize, most: usize| -> BTreeMap<String, Vec<usize>> {
            work.buckets(|cluster| {
                let counts = (least..=most).contains(&cluster.phones.len());
                cluster.phones.iter().filter(|_| counts).cloned().collect()
            })
        };
        for (_, among) in phones(self, 1, 1) {
            self.settle(&among, Likely::SamePhone, one);
        }
        let everybody = phones(self, 1, usize::MAX);
        let several = self.roots(0..self.clusters.len()).into_iter();
        let several: Vec<usize> =
            several.filter(|at| self.clusters[*at].phones.len() > 1).collect();
        let mut waiting: BTreeSet<usize> = several.iter().copied().collect();
        for at in self.fullest_first(&several) {
            waiting.remove(&at);
            let shared = self.clusters[at].phones.iter().flat_map(|phone| &everybody[phone]);
            let settled = shared.copied().filter(|other| *other != at && !waiting.contains(other));
            let others = self.roots(settled);
            self.place(at, &others, Likely::SamePhone, one);
        }
        for (_, among) in everybody {
            if among.iter().any(|at| self.clusters[self.root(*at)].phones.len() > 1) {
                self.settle(&among, Likely::SamePhone, one);
            }
        }
    }

    /// One bucket of shared evidence: fullest names first, each of the others
    /// joins the only one it agrees with.
    fn settle(&mut self, among: &[usize], evidence: Likely, joins: impl Fn(Likeness) -> bool) {
        let mut people: Vec<usize> = Vec::new();
        for at in self.fullest_first(&self.roots(among.iter().copied())) {
            let candidates = self.roots(people.iter().copied());
            if !self.clusters[at].open && !self.place(at, &candidates, evidence, &joins) {
                people.push(at);
            }
        }
    }

    fn fullest_first(&self, among: &[usize]) -> Vec<usize> {
        let mut order = among.to_vec();
        order.sort_by_key(|at| {
            let cluster = &self.clusters[*at];
            std::cmp::Reverse((
                cluster.name.fullness(),
                cluster.count,
                std::cmp::Reverse(cluster.first),
            ))
        });
        order
    }

    /// Joins the only candidate that agrees and says so; with several it is
    /// left open, with none it is offered to those that come near.
    fn place(
        &mut self,
        at: usize,
        candidates: &[usize],
        evidence: Likely,
        joins: impl Fn(Likeness) -> bool,
    ) -> bool {
        let agrees = |other: &usize| {
            !self.clusters[*other].open
                && joins(self.likeness(at, *other))
                && !self.clash(at, *other)
        };
        let agreeing: Vec<usize> = candidates.iter().copied().filter(agrees).collect();
        match self.best_of(at, &agreeing)[..] {
            [only] if !self.two_cards(at, only) => {
                self.merge(only, at);
                return true;
            }
            [] | [_] => self.offer_near(at, candidates, evidence),
            ref several => self.leave_open(at, several, &[evidence, Likely::Initials]),
        }
        false
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
        for other in
            others.iter().filter(|other| !self.clusters[**other].open).copied().collect::<Vec<_>>()
        {
            let (mine, its) = (&self.clusters[at].name, &self.clusters[other].name);
            let likeness = compare(mine, its);
            let same_iin = evidence == Likely::SameIin;
            let reason = match likeness {
                Likeness::Same => Likely::SameName,
                Likeness::Part | Likeness::Weak => Likely::Initials,
                _ => Likely::SimilarName,
            };
            let alike = likeness != Likeness::Different || nearly(mine, its) || mine.remarried(its);
            if same_iin || (alike && !self.clash(at, other)) {
                self.offer(at, other, &[evidence, reason]);
            }
        }
    }

    /// `8 (777) 824-03-` and an agreeing name.
    pub fn by_partial_phone(&mut self) {
        let all = self.roots(0..self.clusters.len());
        let mut whole: Vec<(String, usize)> = Vec::new();
        let mut cut: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for at in &all {
            let cluster = &self.clusters[*at];
            whole.extend(cluster.phones.iter().map(|phone| (phone.clone(), *at)));
            for partial in &cluster.partial {
                cut.entry(partial.clone()).or_default().push(*at);
            }
        }
        for at in all {
            let own = &self.clusters[at];
            if own.partial.is_empty() || !own.phones.is_empty() || self.root(at) != at {
                continue;
            }
            let fits = |phone: &str| own.partial.iter().any(|partial| is_cut_of(partial, phone));
            let near = whole.iter().filter(|(phone, _)| fits(phone)).map(|(_, other)| *other);
            let equal = own.partial.iter().filter_map(|partial| cut.get(partial)).flatten();
            let mut others = self.roots(near.chain(equal.copied()));
            others.retain(|other| {
                *other != at && !self.clash(at, *other) && self.cut_fits(at, *other)
            });
            self.place(at, &others, Likely::PartialPhone, |likeness| {
                matches!(likeness, Likeness::Same | Likeness::Slip | Likeness::Part)
            });
        }
    }

    fn cut_fits(&self, cut: usize, whole: usize) -> bool {
        let fits = |partial: &String| {
            self.clusters[whole].phones.iter().any(|phone| is_cut_of(partial, phone))
                || (self.clusters[whole].phones.is_empty()
                    && self.clusters[whole].partial.contains(partial))
        };
        self.clusters[cut].partial.iter().any(fits)
    }

    /// The whole name with its patronymic, and the day of birth.
    pub fn by_birth_date(&mut self) {
        // A name that lost letters is under no word: then everybody of a day.
        let lost = self.clusters.iter().any(|cluster| cluster.name.whole.contains('?'));
        let keys = self.buckets(|cluster| {
            let all = lost.then_some("");
            let words = [&cluster.name.surname, &cluster.name.given].map(String::as_str);
            let each = |(born, _): &(jiff::civil::Date, bool)| {
                let day = (born.month(), born.day());
                let key = move |word: &str| (word.to_owned(), day);
                words.into_iter().chain(all).map(key).collect::<Vec<_>>()
            };
            cluster.births.iter().flat_map(each).collect()
        });
        for (_, among) in keys {
            for (index, a) in among.iter().enumerate() {
                for b in &among[index + 1..] {
                    self.same_birth(self.root(*a), self.root(*b));
                }
            }
        }
    }

    fn same_birth(&mut self, a: usize, b: usize) {
        if a == b || self.clash(a, b) {
            return;
        }
        let whole = self.clusters[a].name.fullness() == 6;
        let closed = !self.clusters[a].open && !self.clusters[b].open;
        match self.likeness(a, b) {
            Likeness::Same if whole && closed && !self.two_cards(a, b) => self.merge(a, b),
            Likeness::Different | Likeness::Weak => {}
            Likeness::Same => self.offer(a, b, &[Likely::SameBirthDate, Likely::SameName]),
            _ => self.offer(a, b, &[Likely::SameBirthDate, Likely::SimilarName]),
        }
    }
}
