//! Proofs over a ledger of any length (RFC 6962, 2.1.1 and 2.1.2; checked as
//! RFC 9162, 2.1.4.2 says), from roots of 1024 events each and the leaves of
//! the two or three spans that a proof cuts.

use std::collections::BTreeMap;
use std::ops::Range;

use sqlx::SqliteConnection;

use crate::vault::VaultError;
use crate::vault::merkle::{self, Frontier, Hash};

/// Events in one span.
pub(super) const SPAN: u64 = 1024;

const SPANS: &str = "
    SELECT coalesce(group_concat(root, ''), '') FROM (
        SELECT hex(root) AS root FROM audit_span ORDER BY span)";

/// Many leaves in one row: a row costs a thread hop.
const LEAVES: &str = "
    SELECT coalesce(group_concat(leaf, ''), '') FROM (
        SELECT hex(leaf) AS leaf FROM audit_event WHERE seq >= ?1 ORDER BY seq LIMIT ?2)";

const STORED_HEAD: &str = "SELECT size, frontier FROM audit_head WHERE id = 1";

/// What a proof is made from.
#[derive(Debug, Default)]
pub(super) struct Tree {
    size: u64,
    /// Roots of whole spans, from the first on.
    spans: Vec<Hash>,
    /// How many of them the database has.
    stored: usize,
    leaves: BTreeMap<u64, Vec<Hash>>,
}

impl Tree {
    /// The ledger as of one read transaction, with what proofs about events and
    /// sizes at `cuts` need.
    pub(super) async fn load(sql: &mut SqliteConnection, cuts: &[u64]) -> Result<Self, VaultError> {
        let size = stored_head(sql).await?.size();
        let hex: String = sqlx::query_scalar(SPANS).fetch_one(&mut *sql).await?;
        let mut spans = hashes(&hex)?;
        spans.truncate(usize::try_from(size / SPAN).unwrap_or(usize::MAX));
        let stored = spans.len();
        let mut tree = Self { size, spans, stored, leaves: BTreeMap::new() };
        // Whatever came after the last stored span is read from the leaves.
        for span in tree.spans.len() as u64..size / SPAN {
            let leaves = tree.read(sql, span).await?;
            tree.spans.push(root_of(&leaves));
        }
        for cut in cuts.iter().copied().chain([size]) {
            let span = cut.min(size) / SPAN;
            if !tree.leaves.contains_key(&span) {
                let leaves = tree.read(sql, span).await?;
                tree.leaves.insert(span, leaves);
            }
        }
        Ok(tree)
    }

    async fn read(&self, sql: &mut SqliteConnection, span: u64) -> Result<Vec<Hash>, VaultError> {
        let first = i64::try_from(span * SPAN).map_err(|_| VaultError::LedgerHead)?;
        let count = SPAN.min(self.size.saturating_sub(span * SPAN));
        let query = sqlx::query_scalar(LEAVES).bind(first).bind(count.cast_signed());
        let hex: String = query.fetch_one(sql).await?;
        let leaves = hashes(&hex)?;
        if leaves.len() as u64 == count { Ok(leaves) } else { Err(VaultError::LedgerBroken) }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Roots that the database has not stored yet, with their numbers.
    pub(super) fn unstored(&self) -> impl Iterator<Item = (u64, &Hash)> {
        self.spans.iter().enumerate().skip(self.stored).map(|(span, root)| (span as u64, root))
    }

    /// The root of the first `size` events.
    pub(super) fn root(&self, size: u64) -> Option<Hash> {
        if size == 0 { Some(Frontier::default().root()) } else { self.subtree(0..size) }
    }

    /// PATH(index, D\[size\]), leaf to root.
    pub(super) fn path(&self, index: u64, size: u64) -> Option<Vec<Hash>> {
        let mut path = Vec::new();
        let mut range = (index < size && size <= self.size).then_some(0..size)?;
        while range.end - range.start > 1 {
            let half = range.start + half(range.end - range.start);
            let sibling = if index < half { half..range.end } else { range.start..half };
            range = if index < half { range.start..half } else { half..range.end };
            path.push(self.subtree(sibling)?);
        }
        path.reverse();
        Some(path)
    }

    /// PROOF(from, D\[to\]): that the ledger of `to` events begins with the one
    /// of `from` events.
    pub(super) fn consistency(&self, from: u64, to: u64) -> Option<Vec<Hash>> {
        let mut proof = Vec::new();
        let mut range = (0 < from && from <= to && to <= self.size).then_some(0..to)?;
        let mut whole = true;
        while from != range.end {
            let half = range.start + half(range.end - range.start);
            if from <= half {
                proof.push(self.subtree(half..range.end)?);
                range = range.start..half;
            } else {
                proof.push(self.subtree(range.start..half)?);
                range = half..range.end;
                whole = false;
            }
        }
        if !whole {
            proof.push(self.subtree(range)?);
        }
        proof.reverse();
        Some(proof)
    }

    /// MTH(D\[range\]) of a range that the definition of the tree cuts out.
    fn subtree(&self, range: Range<u64>) -> Option<Hash> {
        let (span, length) = (range.start / SPAN, range.end - range.start);
        if length == SPAN && range.start.is_multiple_of(SPAN) {
            return self.spans.get(usize::try_from(span).ok()?).copied();
        }
        if length < SPAN {
            let at = |seq: u64| usize::try_from(seq - span * SPAN).ok();
            return Some(root_of(self.leaves.get(&span)?.get(at(range.start)?..at(range.end)?)?));
        }
        let half = range.start + half(length);
        Some(merkle::node(&self.subtree(range.start..half)?, &self.subtree(half..range.end)?))
    }
}

/// That the ledger of `from` begins the ledger of `to`, by a proof that
/// [`Vault::consistency`](crate::vault::Vault::consistency) made.
pub fn is_consistent(
    (from, from_root): (u64, Hash),
    (to, to_root): (u64, Hash),
    proof: &[Hash],
) -> bool {
    if from == to {
        return proof.is_empty() && from_root == to_root;
    }
    let path: Vec<Hash> = match from {
        0 => return to > 0 && proof.is_empty(),
        _ if from.is_power_of_two() => std::iter::once(from_root).chain(proof.to_vec()).collect(),
        _ => proof.to_vec(),
    };
    let (Some(first), true) = (path.first(), from < to) else { return false };
    let shift = (from - 1).trailing_ones();
    let (mut one, mut other) = ((from - 1) >> shift, (to - 1) >> shift);
    let (mut old, mut new) = (*first, *first);
    for hash in &path[1..] {
        if other == 0 {
            return false;
        }
        if one & 1 == 1 || one == other {
            old = merkle::node(hash, &old);
            new = merkle::node(hash, &new);
            while one & 1 == 0 && one != 0 {
                one >>= 1;
                other >>= 1;
            }
        } else {
            new = merkle::node(&new, hash);
        }
        one >>= 1;
        other >>= 1;
    }
    other == 0 && old == from_root && new == to_root
}

pub(super) async fn stored_head(sql: &mut SqliteConnection) -> Result<Frontier, VaultError> {
    let (size, bytes): (i64, Vec<u8>) = sqlx::query_as(STORED_HEAD).fetch_one(sql).await?;
    let size = u64::try_from(size).map_err(|_| VaultError::LedgerHead)?;
    Frontier::from_bytes(size, &bytes).ok_or(VaultError::LedgerHead)
}

/// The largest power of two below `length`, which is above 1.
fn half(length: u64) -> u64 {
    length.next_power_of_two() / 2
}

fn root_of(leaves: &[Hash]) -> Hash {
    let mut tree = Frontier::default();
    for leaf in leaves {
        tree.push(*leaf);
    }
    tree.root()
}

fn hashes(hex: &str) -> Result<Vec<Hash>, VaultError> {
    let bytes = data_encoding::HEXUPPER.decode(hex.as_bytes());
    let bytes = bytes.map_err(|_| VaultError::LedgerHead)?;
    Ok(bytes.as_chunks::<32>().0.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::Inclusion;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|n| merkle::leaf(n.to_string().as_bytes())).collect()
    }

    /// As [`Tree::load`] makes it, with every span's leaves at hand.
    fn tree(all: &[Hash]) -> Tree {
        let spans = all.chunks_exact(1024).map(root_of).collect();
        let cut = |(span, leaves): (usize, &[Hash])| (span as u64, leaves.to_vec());
        let mut leaves: BTreeMap<u64, Vec<Hash>> = all.chunks(1024).enumerate().map(cut).collect();
        leaves.entry(all.len() as u64 / SPAN).or_default();
        Tree { size: all.len() as u64, spans, stored: 0, leaves }
    }

    #[test]
    fn a_ledger_is_consistent_with_each_of_its_beginnings_and_with_nothing_else() {
        let all = leaves(40);
        let tree = tree(&all);
        for to in 1..=40_u64 {
            for from in 1..=to {
                let proof = tree.consistency(from, to).unwrap();
                let [old, new] =
                    [from, to].map(|size| root_of(&all[..usize::try_from(size).unwrap()]));
                assert!(is_consistent((from, old), (to, new), &proof), "{from} in {to}");
                let other = merkle::leaf(b"another");
                assert!(!is_consistent((from, other), (to, new), &proof), "{from} in {to}");
                assert!(!is_consistent((from, old), (to, other), &proof), "{from} in {to}");
                let mut longer = proof.clone();
                longer.push(other);
                assert!(!is_consistent((from, old), (to, new), &longer), "{from} in {to}");
            }
        }
        assert_eq!(tree.consistency(41, 41), None);
    }

    #[test]
    fn spans_and_leaves_give_the_roots_that_all_leaves_give() {
        let all = leaves(5 * SPAN + 77);
        let tree = tree(&all);
        for size in [1, 2, 1023, 1024, 1025, 2048, 3000, 4096, 5 * SPAN, 5 * SPAN + 77] {
            let expected = root_of(&all[..usize::try_from(size).unwrap()]);
            assert_eq!(tree.root(size), Some(expected), "{size}");
            let proof = tree.consistency(size, tree.size).unwrap();
            let whole = (tree.size, root_of(&all));
            assert!(is_consistent((size, expected), whole, &proof), "{size}");
            for seq in [0, size / 2, size - 1] {
                let path = tree.path(seq, size).unwrap();
                let proof = Inclusion { seq, size, body: seq.to_string(), path };
                assert_eq!(proof.root(), Some(expected), "{seq} of {size}");
            }
            assert_eq!(tree.path(size, size), None);
        }
    }
}
