//! The Merkle tree of RFC 6962, as a frontier that grows by one leaf at a time.

use ring::digest::{Context, SHA256};

pub type Hash = [u8; 32];

/// The perfect subtrees that a tree of `size` leaves consists of: one hash for
/// each set bit of `size`, high to low. At most 64 of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    subtrees: Vec<Hash>,
}

/// SHA-256(0x00 || body): RFC 6962 section 2.1.
pub fn leaf(body: &[u8]) -> Hash {
    hash(&[&[0], body])
}

/// SHA-256(0x01 || left || right): RFC 6962 section 2.1.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    hash(&[&[1], left, right])
}

fn hash(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish().as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

impl Frontier {
    /// Reads what [`to_bytes`](Self::to_bytes) wrote. None when it does not
    /// belong to a tree of that size.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (subtrees, rest) = bytes.as_chunks::<32>();
        let whole = rest.is_empty() && subtrees.len() == size.count_ones() as usize;
        whole.then(|| Self { size, subtrees: subtrees.to_vec() })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.subtrees.concat()
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn push(&mut self, leaf: Hash) {
        let mut merged = leaf;
        let mut size = self.size;
        while size & 1 == 1 {
            let left = self.subtrees.pop().expect("a hash for each set bit");
            merged = node(&left, &merged);
            size >>= 1;
        }
        self.subtrees.push(merged);
        self.size += 1;
    }

    /// The root of the tree; of the empty one, SHA-256 of nothing.
    pub fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        match subtrees.next() {
            None => hash(&[]),
            Some(last) => subtrees.fold(*last, |right, left| node(left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962 section 2.1, word for word and slow.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves.len() {
            0 => hash(&[]),
            1 => leaves[0],
            n => {
                let k = n.next_power_of_two() / 2;
                node(&defined(&leaves[..k]), &defined(&leaves[k..]))
            }
        }
    }

    #[test]
    fn the_frontier_has_the_root_that_the_rfc_defines() {
        let leaves: Vec<Hash> = (0..70_u8).map(|n| leaf(&[n])).collect();
        let mut frontier = Frontier::default();
        assert_eq!(frontier.root(), defined(&[]));
        for (index, leaf) in leaves.iter().enumerate() {
            frontier.push(*leaf);
            assert_eq!(frontier.root(), defined(&leaves[..=index]));
            let copy = Frontier::from_bytes(frontier.size(), &frontier.to_bytes());
            assert_eq!(copy.as_ref(), Some(&frontier));
        }
    }
}
