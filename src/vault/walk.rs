//! One walk over the ledger's rows, a chunk at a time: hashes while the next
//! chunk is being read and decrypted.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::vault::Head;
use crate::vault::merkle::{self, Frontier, Hash};
use crate::vault::verify::{Fault, Verified};
use crate::vault::witness::{Evidence, Witness};

/// How far a walk has come, for whoever watches it and may want it to stop.
#[derive(Debug, Default)]
pub struct Pace {
    done: AtomicU64,
    total: AtomicU64,
    stop: AtomicBool,
}

/// How far (milliseconds) a timestamp may lie before the one before it: changes
/// that were begun together are written in the order they end.
pub(super) const TOLERANCE_MS: i64 = 2000;

/// So many places where the clock went back are named.
const MOST_JUMPS: usize = 20;

/// A row that is not as it should be; what kind of wrong it is needs more
/// looking.
#[derive(Debug)]
pub(super) enum Bad {
    /// The numbering has a hole here.
    Gap { seq: u64 },
    /// The body does not hash to its leaf.
    Leaf { seq: u64, body: String },
    /// The body says that it belongs elsewhere.
    Place { seq: u64, claims: u64 },
}

#[derive(Debug, Default)]
pub(super) struct Walk {
    ledger: Frontier,
    redacted: u64,
    /// Ordered by size.
    witnesses: Vec<Witness>,
    next_witness: usize,
    /// Of each kind, the witness of most rows that saw these rows.
    proven: Vec<Witness>,
    /// The first that saw others.
    contradicted: Option<Witness>,
    last: String,
    jumps: Vec<u64>,
}

impl Walk {
    pub(super) fn new(evidence: &Evidence) -> Self {
        let mut witnesses = evidence.witnesses.clone();
        witnesses.sort_by_key(|witness| (witness.head.size, witness.kept));
        let mut walk = Self { witnesses, ..Self::default() };
        walk.ask_witnesses();
        walk
    }

    pub(super) fn size(&self) -> u64 {
        self.ledger.size()
    }

    /// Goes on over rows of `seq leaf redacted body`, one a line.
    pub(super) fn take(&mut self, rows: &str) -> Result<(), Bad> {
        rows.split('\n').try_for_each(|row| self.step(row))
    }

    fn step(&mut self, row: &str) -> Result<(), Bad> {
        let expected = self.ledger.size();
        let mut parts = row.splitn(4, ' ');
        let mut part = || parts.next().unwrap_or_default();
        let (seq, leaf, redacted, body) = (part(), part(), part(), part());
        if seq.parse() != Ok(expected) {
            return Err(Bad::Gap { seq: expected });
        }
        let mut stored = Hash::default();
        let whole = leaf.len() == 64
            && data_encoding::HEXUPPER.decode_mut(leaf.as_bytes(), &mut stored).is_ok();
        if redacted == "1" {
            self.redacted += 1;
        } else if !whole || stored != merkle::leaf(body.as_bytes()) {
            return Err(Bad::Leaf { seq: expected, body: body.to_owned() });
        } else {
            match claimed_seq(body, seq) {
                Some(claims) if claims != expected => {
                    return Err(Bad::Place { seq: expected, claims });
                }
                _ => self.note_time(expected, body),
            }
        }
        self.ledger.push(stored);
        self.ask_witnesses();
        Ok(())
    }

    /// Whoever kept a head of just so many rows is asked now.
    fn ask_witnesses(&mut self) {
        while let Some(witness) = self.witnesses.get(self.next_witness)
            && witness.head.size == self.ledger.size()
        {
            if witness.head.root == self.ledger.root() {
                self.proven.retain(|it| it.kept != witness.kept);
                self.proven.push(*witness);
            } else if self.contradicted.is_none() {
                self.contradicted = Some(*witness);
            }
            self.next_witness += 1;
        }
    }

    fn note_time(&mut self, seq: u64, body: &str) {
        let Some(ts) = field(body, "\"ts\":\"").and_then(|rest| rest.split('"').next()) else {
            return;
        };
        let back = ts < self.last.as_str()
            && !body.starts_with("{\"act\":\"time.jump\"")
            && milliseconds(&self.last)
                .zip(milliseconds(ts))
                .is_none_or(|(before, now)| before - now > TOLERANCE_MS);
        if back && self.jumps.len() < MOST_JUMPS {
            self.jumps.push(seq);
        }
        ts.clone_into(&mut self.last);
    }

    /// What the whole walk says. A row that was found wrong comes first; then
    /// what witnesses say; then the database's own head.
    pub(super) fn end(self, fault: Option<Fault>, stored: Option<&Frontier>) -> Verified {
        let fault = fault.or_else(|| self.compare(stored));
        Verified {
            head: Head::of(&self.ledger),
            redacted: self.redacted,
            fault,
            proven: self.proven,
            jumps: self.jumps,
            unlogged: Vec::new(),
        }
    }

    fn compare(&self, stored: Option<&Frontier>) -> Option<Fault> {
        if let Some(witness) = self.contradicted {
            return Some(Fault::HistoryChanged { outside: witness.head.size });
        }
        if let Some(beyond) = self.witnesses.last().filter(|it| it.head.size > self.size()) {
            return Some(Fault::RolledBack { outside: beyond.head.size });
        }
        match stored {
            Some(stored) if stored.size() > self.size() => {
                Some(Fault::Missing { seq: self.size() })
            }
            Some(stored) if *stored == self.ledger => None,
            _ => Some(Fault::Rewritten),
        }
    }
}

/// The number that a body says it has. `canonical` is the expected one, found
/// where canonical JSON has it without reading the whole.
fn claimed_seq(body: &str, expected: &str) -> Option<u64> {
    let at_its_place = field(body, "\",\"seq\":").is_some_and(|rest| {
        rest.strip_prefix(expected).is_some_and(|rest| rest.starts_with([',', '}']))
    });
    if at_its_place {
        return expected.parse().ok();
    }
    own_seq(body)
}

/// The number in a body, however it is written.
pub(super) fn own_seq(body: &str) -> Option<u64> {
    serde_json::from_str::<serde_json::Value>(body).ok()?.get("seq")?.as_u64()
}

/// What follows the last `name` in a body: details, where it could stand too,
/// come before.
fn field<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    body.rfind(name).map(|at| &body[at + name.len()..])
}

fn milliseconds(ts: &str) -> Option<i64> {
    ts.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

impl Pace {
    /// Rows gone through, and how many there are.
    pub fn rows(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// The walk ends at the next chunk, with [`VaultError::Stopped`](crate::vault::VaultError::Stopped).
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn set_total(&self, rows: u64) {
        self.total.store(rows, Ordering::Relaxed);
    }

    pub(super) fn set_done(&self, rows: u64) {
        self.done.store(rows, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_tells_its_own_number_and_not_one_in_its_details() {
        let body = r#"{"act":"a","detail":{"seq":9},"salt":"00","seq":12,"ts":"2026"}"#;
        assert_eq!(claimed_seq(body, "12"), Some(12));
        assert_eq!(claimed_seq(body, "1"), Some(12));
        assert_eq!(claimed_seq(body, "9"), Some(12));
        assert_eq!(claimed_seq("[]", "9"), None);
    }
}
