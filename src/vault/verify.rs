//! Walking the ledger: is each row what was once hashed, and is none missing?

use std::path::Path;

use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::vault::head::Head;
use crate::vault::merkle::{self, Frontier};
use crate::vault::{DatabaseKey, Vault, VaultError, connect_options};

/// What a walk over the whole ledger found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub head: Head,
    pub redacted: u64,
    pub fault: Option<Fault>,
}

/// The first thing that is wrong, and what is still proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This row is not what was hashed when it was written.
    Altered { seq: u64 },
    /// This row is gone, or another stands in its place.
    Missing { seq: u64 },
    /// The rows are well-formed but do not add up to the database's own head:
    /// rows and their hashes were rewritten together.
    Rewritten,
    /// The head kept outside knows more rows than the database has: the end was
    /// cut off, or an older database put back.
    RolledBack { outside: u64 },
    /// The head kept outside saw other rows than these.
    HistoryChanged { outside: u64 },
}

const CHUNK: i64 = 2000;

/// One wide row instead of two thousand narrow ones: a row costs a thread hop.
/// Canonical JSON never holds a line feed.
const ROWS: &str = "
    SELECT coalesce(group_concat(seq || ' ' || hex(leaf) || ' ' || redacted || ' ' || body, char(10)), '')
    FROM (
        SELECT audit_event.seq, leaf, coalesce(body, '') AS body,
               body IS NULL AND audit_redaction.seq IS NOT NULL AS redacted
        FROM audit_event LEFT JOIN audit_redaction ON audit_redaction.seq = audit_event.seq
        WHERE audit_event.seq >= ?1 ORDER BY audit_event.seq LIMIT ?2
    )";

const STORED_HEAD: &str = "SELECT size, frontier FROM audit_head WHERE id = 1";

/// One row for each page whose authentication code is wrong. Looks at the file,
/// not at the write-ahead log.
const PAGE_CODES: &str = "PRAGMA cipher_integrity_check";

/// One row that says `ok`, or one for each thing that is wrong.
const STRUCTURE: &str = "PRAGMA integrity_check(10)";

impl Vault {
    /// Walks the ledger from the first row and compares it with the database's
    /// own head and with one kept `outside`, if there is one.
    pub async fn verify(&self, outside: Option<Head>) -> Result<Verified, VaultError> {
        let mut reader = self.readers.begin().await?;
        verify(&mut reader, outside).await
    }

    /// None when each page of the file is as `SQLCipher` wrote it and `SQLite`
    /// finds its way in them; otherwise what is wrong, in their words. Reads the
    /// whole file.
    pub async fn unsound(&self) -> Result<Option<String>, VaultError> {
        unsound(&mut *self.readers.acquire().await?).await
    }
}

/// As [`Vault::unsound`], on the file of a server that is running.
pub async fn unsound_beside(
    database: &Path,
    key: &DatabaseKey,
) -> Result<Option<String>, VaultError> {
    let mut connection = connect_options(database, key).read_only(true).connect().await?;
    unsound(&mut connection).await
}

async fn unsound(connection: &mut SqliteConnection) -> Result<Option<String>, VaultError> {
    let mut wrong: Vec<String> = sqlx::query_scalar(PAGE_CODES).fetch_all(&mut *connection).await?;
    let structure: Vec<String> = sqlx::query_scalar(STRUCTURE).fetch_all(&mut *connection).await?;
    wrong.extend(structure.into_iter().filter(|said| said != "ok"));
    wrong.truncate(10);
    Ok((!wrong.is_empty()).then(|| wrong.join("; ")))
}

/// As [`Vault::verify`], on the file of a server that is running: reads a
/// snapshot and writes nothing.
pub async fn verify_beside(
    database: &Path,
    key: &DatabaseKey,
    outside: Option<Head>,
) -> Result<Verified, VaultError> {
    let mut connection = connect_options(database, key).read_only(true).connect().await?;
    let mut snapshot = connection.begin().await?;
    verify(&mut snapshot, outside).await
}

/// As [`Vault::verify`], on any connection: a restored copy, an archive.
pub async fn verify(
    connection: &mut SqliteConnection,
    outside: Option<Head>,
) -> Result<Verified, VaultError> {
    let mut walk = Walk { ledger: Frontier::default(), redacted: 0, outside, outside_root: None };
    walk.note_outside();
    loop {
        let next = i64::try_from(walk.ledger.size()).expect("fewer than 2^63 events");
        let rows: String =
            sqlx::query_scalar(ROWS).bind(next).bind(CHUNK).fetch_one(&mut *connection).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows.split('\n') {
            if let Err(fault) = walk.step(row) {
                return Ok(walk.found(Some(fault)));
            }
        }
    }
    let (size, frontier): (i64, Vec<u8>) =
        sqlx::query_as(STORED_HEAD).fetch_one(connection).await?;
    let stored = u64::try_from(size).ok().and_then(|size| Frontier::from_bytes(size, &frontier));
    let fault = walk.compare(stored.as_ref());
    Ok(walk.found(fault))
}

struct Walk {
    ledger: Frontier,
    redacted: u64,
    outside: Option<Head>,
    /// Our root when the ledger had as many rows as the outside head knows.
    outside_root: Option<merkle::Hash>,
}

impl Walk {
    fn step(&mut self, row: &str) -> Result<(), Fault> {
        let expected = self.ledger.size();
        let mut parts = row.splitn(4, ' ');
        let mut part = || parts.next().unwrap_or_default();
        let (seq, leaf, redacted, body) = (part(), part(), part(), part());
        if seq.parse() != Ok(expected) {
            return Err(Fault::Missing { seq: expected });
        }
        let mut stored = merkle::Hash::default();
        let whole = leaf.len() == 64
            && data_encoding::HEXUPPER.decode_mut(leaf.as_bytes(), &mut stored).is_ok();
        if redacted == "1" {
            self.redacted += 1;
        } else if !whole || stored != merkle::leaf(body.as_bytes()) {
            return Err(Fault::Altered { seq: expected });
        }
        self.ledger.push(stored);
        self.note_outside();
        Ok(())
    }

    fn note_outside(&mut self) {
        if self.outside.is_some_and(|head| head.size == self.ledger.size()) {
            self.outside_root = Some(self.ledger.root());
        }
    }

    fn compare(&self, stored: Option<&Frontier>) -> Option<Fault> {
        if let Some(outside) = self.outside {
            match self.outside_root {
                None => return Some(Fault::RolledBack { outside: outside.size }),
                Some(root) if root != outside.root => {
                    return Some(Fault::HistoryChanged { outside: outside.size });
                }
                Some(_) => {}
            }
        }
        match stored {
            Some(stored) if stored.size() > self.ledger.size() => {
                Some(Fault::Missing { seq: self.ledger.size() })
            }
            Some(stored) if *stored == self.ledger => None,
            _ => Some(Fault::Rewritten),
        }
    }

    fn found(self, fault: Option<Fault>) -> Verified {
        Verified { head: Head::of(&self.ledger), redacted: self.redacted, fault }
    }
}
