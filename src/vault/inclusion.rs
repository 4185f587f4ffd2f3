//! Proof that one event stands in the ledger, without showing any other
//! (RFC 6962, 2.1.1; checked as RFC 9162, 2.1.3.2 says).

use crate::vault::merkle::{self, Hash};
use crate::vault::tree::Tree;
use crate::vault::{Vault, VaultError};

/// An event and its way to a root of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The event's place, from 0.
    pub seq: u64,
    /// How many events the ledger had when this was made.
    pub size: u64,
    /// The canonical JSON that was hashed.
    pub body: String,
    /// The neighbours on the way, leaf to root.
    pub path: Vec<Hash>,
}

const FIND: &str = "
    SELECT seq, body FROM audit_event
    WHERE act = ?1 AND body ->> '$.oid' = ?2 ORDER BY seq DESC LIMIT 1";

impl Vault {
    /// The newest event of this kind about this object, with its proof in the
    /// ledger of `size` events; None when there is none, or it came later.
    pub async fn inclusion_of(
        &self,
        action: &str,
        object: impl std::fmt::Display + Send,
        size: u64,
    ) -> Result<Option<Inclusion>, VaultError> {
        // One read transaction: an event and leaves of the same ledger.
        let mut reader = self.readers.begin().await?;
        let query = sqlx::query_as(FIND).bind(action).bind(object.to_string());
        let found: Option<(i64, Option<String>)> = query.fetch_optional(&mut *reader).await?;
        let Some((seq, Some(body))) = found else { return Ok(None) };
        let seq = u64::try_from(seq).map_err(|_| VaultError::LedgerHead)?;
        let tree = Tree::load(&mut reader, &[seq, size]).await?;
        Ok(tree.path(seq, size).map(|path| Inclusion { seq, size, body, path }))
    }

    /// The proof that the ledger of `to` events begins with the one of `from`
    /// events: for [`is_consistent`](crate::vault::is_consistent). None when the
    /// ledger has never been so long.
    pub async fn consistency(&self, from: u64, to: u64) -> Result<Option<Vec<Hash>>, VaultError> {
        let mut reader = self.readers.begin().await?;
        Ok(Tree::load(&mut reader, &[from, to]).await?.consistency(from, to))
    }
}

impl Inclusion {
    /// The root that this way leads to; None when it leads nowhere.
    pub fn root(&self) -> Option<Hash> {
        let mut index = self.seq;
        let mut last = self.size.checked_sub(1).filter(|last| index <= *last)?;
        let mut hash = merkle::leaf(self.body.as_bytes());
        for sibling in &self.path {
            if last == 0 {
                return None;
            }
            if index & 1 == 1 || index == last {
                hash = merkle::node(sibling, &hash);
                while index & 1 == 0 && index != 0 {
                    index >>= 1;
                    last >>= 1;
                }
            } else {
                hash = merkle::node(&hash, sibling);
            }
            index >>= 1;
            last >>= 1;
        }
        (last == 0).then_some(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PATH(m, D\[n\]) of RFC 6962, word for word, leaf to root.
    fn path(leaves: &[Hash], index: usize) -> Vec<Hash> {
        if leaves.len() <= 1 {
            return Vec::new();
        }
        let half = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(half);
        let (mut path, sibling) = if index < half {
            (path(left, index), right)
        } else {
            (path(right, index - half), left)
        };
        path.push(root(sibling));
        path
    }

    fn root(leaves: &[Hash]) -> Hash {
        let mut tree = merkle::Frontier::default();
        for leaf in leaves {
            tree.push(*leaf);
        }
        tree.root()
    }

    #[test]
    fn every_event_of_every_ledger_leads_to_its_root_and_no_other_event_does() {
        for size in 1..40_u8 {
            let leaves: Vec<Hash> = (0..size).map(|n| merkle::leaf(&[b'a', n])).collect();
            for index in 0..size {
                let body = String::from_utf8(vec![b'a', index]).unwrap();
                let path = path(&leaves, index.into());
                let proof = Inclusion { seq: index.into(), size: size.into(), body, path };
                assert_eq!(proof.root(), Some(root(&leaves)), "{index} of {size}");
                let other = Inclusion { body: "b".to_owned(), ..proof.clone() };
                assert_ne!(other.root(), Some(root(&leaves)));
                if size > 1 {
                    let mut shorter = proof.clone();
                    shorter.path.pop();
                    assert_eq!(shorter.root(), None);
                }
                let outside = Inclusion { seq: size.into(), ..proof };
                assert_eq!(outside.root(), None);
            }
        }
    }
}
