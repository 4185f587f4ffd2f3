//! What the changes of one transaction add to the ledger.

use ring::rand::{SecureRandom, SystemRandom};
use sqlx::SqliteConnection;

use crate::clock::Timestamp;
use crate::vault::actor::Actor;
use crate::vault::event::Event;
use crate::vault::hex;
use crate::vault::merkle::{self, Frontier, Hash};

/// All in one hop to the database's thread. Parameters without numbers: each
/// statement takes the next ones.
const COMMIT: &str = "
    INSERT INTO audit_event (seq, body, leaf)
        SELECT ? + key, value, substr(?, 1 + 32 * key, 32) FROM json_each(?);
    INSERT INTO audit_patient (patient_id, seq)
        SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING;
    UPDATE audit_head SET size = ?, frontier = ? WHERE id = 1;
    COMMIT";

/// A change that says nothing for the ledger (a job's own bookkeeping).
const COMMIT_ALONE: &str = "COMMIT";

/// Entries that are hashed and not yet written.
pub(super) struct Entries {
    /// The number of the first.
    first: u64,
    bodies: Vec<String>,
    leaves: Vec<Hash>,
    /// Whose data each is about: patient and number of the entry.
    patients: Vec<(String, u64)>,
}

impl Entries {
    /// None yet, after a ledger of `size` entries.
    pub(super) fn after(size: u64) -> Self {
        Self { first: size, bodies: Vec::new(), leaves: Vec::new(), patients: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.bodies.len()
    }

    /// Forgets all but the first `length`.
    pub(super) fn truncate(&mut self, length: usize) {
        self.bodies.truncate(length);
        self.leaves.truncate(length);
        let next = self.next();
        self.patients.retain(|(_, seq)| *seq < next);
    }

    /// Adds an entry and gives its leaf.
    pub(super) fn add(
        &mut self,
        actor: &Actor,
        permission: &'static str,
        at: Timestamp,
        event: &Event,
    ) -> Hash {
        let seq = self.next();
        let body = event.body(seq, at, actor, permission, &salt());
        let leaf = merkle::leaf(body.as_bytes());
        self.bodies.push(body);
        self.leaves.push(leaf);
        self.patients.extend(event.patients().iter().map(|patient| (patient.to_string(), seq)));
        leaf
    }

    /// Writes them with the head of the ledger that they lead to, and commits.
    pub(super) async fn commit(
        &self,
        ledger: &Frontier,
        connection: &mut SqliteConnection,
    ) -> Result<(), sqlx::Error> {
        if self.bodies.is_empty() {
            return sqlx::query(COMMIT_ALONE).execute(connection).await.map(drop);
        }
        let query = sqlx::query(COMMIT)
            .bind(self.first.cast_signed())
            .bind(self.leaves.as_flattened())
            .bind(json(&self.bodies))
            .bind(json(&self.patients))
            .bind(ledger.size().cast_signed())
            .bind(ledger.to_bytes());
        query.execute(connection).await.map(drop)
    }

    fn next(&self) -> u64 {
        self.first + self.bodies.len() as u64
    }
}

fn json<T: serde::Serialize>(list: &[T]) -> String {
    serde_json::to_string(list).expect("strings and numbers only")
}

/// 128 random bits, so that the leaf of a redacted event cannot be guessed.
fn salt() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("the operating system supplies random bytes");
    hex(&bytes)
}
