//! Walking the ledger: is each row what was once hashed, is none missing, and
//! what do those say who kept a checkpoint?

use std::path::Path;

use serde::Serialize;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::vault::cross::{self, Unlogged};
use crate::vault::head::Head;
use crate::vault::merkle;
use crate::vault::tree;
use crate::vault::walk::{Bad, Pace, Walk, own_seq};
use crate::vault::witness::{Evidence, Kept, Witness};
use crate::vault::{DatabaseKey, Vault, VaultError, connect_options};

/// What a walk over the whole ledger found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// As far as the rows are sound.
    pub head: Head,
    pub redacted: u64,
    pub fault: Option<Fault>,
    /// Of each kind the witness of most rows that saw exactly these: they are
    /// proven, as far as it can be trusted. Later ones are only consistent in
    /// themselves.
    pub proven: Vec<Witness>,
    /// Rows before which the clock went back and nothing says why.
    pub jumps: Vec<u64>,
    /// Records whose events are missing.
    pub unlogged: Vec<Unlogged>,
}

/// The first thing that is wrong, and what is still proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// This row is not what was hashed when it was written.
    Altered { seq: u64 },
    /// This row is gone, or another stands in its place.
    Missing { seq: u64 },
    /// This row and the one that belongs here have changed places.
    Reordered { seq: u64, with: u64 },
    /// Two rows say that they are this one: one was put in, later ones moved.
    Inserted { seq: u64 },
    /// The rows are well-formed but do not add up to the database's own head:
    /// rows and their hashes were rewritten together.
    Rewritten,
    /// The head kept outside knows more rows than the database has: the end was
    /// cut off, or an older database put back.
    RolledBack { outside: u64 },
    /// The head kept outside saw other rows than these.
    HistoryChanged { outside: u64 },
}

impl Verified {
    /// Nothing is wrong with the rows, and no record lacks its event.
    pub fn is_whole(&self) -> bool {
        self.fault.is_none() && self.unlogged.is_empty()
    }

    /// The first so many rows are what a witness of this kind saw.
    pub fn proven_by(&self, kept: Kept) -> u64 {
        let found = self.proven.iter().find(|witness| witness.kept == kept);
        found.map_or(0, |witness| witness.head.size)
    }
}

const CHUNK: u64 = 2000;

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

const LAST: &str = "SELECT coalesce(max(seq) + 1, 0) FROM audit_event";

const ROW: &str = "SELECT coalesce(body, ''), leaf FROM audit_event WHERE seq = ?1";

const NOTES: &str = "SELECT note FROM audit_checkpoint ORDER BY size";

/// One row for each page whose authentication code is wrong. Looks at the file,
/// not at the write-ahead log.
const PAGE_CODES: &str = "PRAGMA cipher_integrity_check";

/// One row that says `ok`, or one for each thing that is wrong.
const STRUCTURE: &str = "PRAGMA integrity_check(10)";

/// How every file of SQLite that is not encrypted begins.
const PLAIN: &[u8] = b"SQLite format 3\0";

impl Vault {
    /// Walks the ledger from the first row and compares it with the database's
    /// own head and with one kept `outside`, if there is one.
    pub async fn verify(&self, outside: Option<Head>) -> Result<Verified, VaultError> {
        self.verify_with(&Evidence::of(outside), &Pace::default()).await
    }

    /// As [`verify`](Self::verify), with every witness there is, telling how far
    /// it is, and looking for records whose events are missing.
    pub async fn verify_with(
        &self,
        evidence: &Evidence,
        pace: &Pace,
    ) -> Result<Verified, VaultError> {
        let mut reader = self.readers.begin().await?;
        verify_with(&mut reader, evidence, pace).await
    }

    /// The checkpoints in the database, one after another.
    pub async fn stored_notes(&self) -> Result<String, VaultError> {
        stored_notes(&mut *self.readers.acquire().await?).await
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
    let mut connection = open_beside(database, key).await?;
    let mut snapshot = connection.begin().await?;
    verify(&mut snapshot, outside).await
}

/// A database to be read beside whoever has it open.
pub async fn open_beside(
    database: &Path,
    key: &DatabaseKey,
) -> Result<SqliteConnection, VaultError> {
    Ok(connect_options(database, key).read_only(true).connect().await?)
}

/// Whether a file is a database that anybody can open, as in an opened backup.
///
/// # Errors
/// When it cannot be read.
pub fn is_plain(database: &Path) -> std::io::Result<bool> {
    let mut head = [0; PLAIN.len()];
    let read = std::io::Read::read(&mut std::fs::File::open(database)?, &mut head)?;
    Ok(&head[..read] == PLAIN)
}

/// A copy of a database that nobody writes to; the key is for an encrypted one.
/// Nothing is written beside it unless it has a write-ahead log of its own.
pub async fn open_copy(
    database: &Path,
    key: Option<&DatabaseKey>,
) -> Result<SqliteConnection, VaultError> {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let has_log = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
    let mut options = SqliteConnectOptions::new().filename(database).create_if_missing(false);
    if let Some(key) = key {
        options = options.pragma("key", key.to_pragma());
    }
    let options = options.read_only(true).immutable(!has_log).disable_statement_logging();
    Ok(options.connect().await?)
}

/// As [`Vault::verify`], on any connection: a restored copy, an archive.
pub async fn verify(
    connection: &mut SqliteConnection,
    outside: Option<Head>,
) -> Result<Verified, VaultError> {
    walk(connection, &Evidence::of(outside), &Pace::default()).await
}

/// As [`Vault::verify_with`], on any connection.
pub async fn verify_with(
    connection: &mut SqliteConnection,
    evidence: &Evidence,
    pace: &Pace,
) -> Result<Verified, VaultError> {
    let mut verified = walk(connection, evidence, pace).await?;
    verified.unlogged = cross::unlogged(connection).await?;
    Ok(verified)
}

/// As [`Vault::stored_notes`], on any connection.
pub async fn stored_notes(connection: &mut SqliteConnection) -> Result<String, VaultError> {
    let notes: Vec<String> = sqlx::query_scalar(NOTES).fetch_all(connection).await?;
    Ok(notes.join("\n"))
}

async fn walk(
    sql: &mut SqliteConnection,
    evidence: &Evidence,
    pace: &Pace,
) -> Result<Verified, VaultError> {
    let last: i64 = sqlx::query_scalar(LAST).fetch_one(&mut *sql).await?;
    pace.set_total(last.cast_unsigned());
    let mut walk = Walk::new(evidence);
    let mut rows = rows_from(sql, 0).await?;
    while !rows.is_empty() {
        if pace.is_stopped() {
            return Err(VaultError::Stopped);
        }
        // Hashes these while the database reads the next.
        let next = walk.size() + CHUNK;
        let hashing = tokio::task::spawn_blocking(move || {
            let outcome = walk.take(&rows);
            (walk, outcome)
        });
        let (hashed, read) = tokio::join!(hashing, rows_from(sql, next));
        let (walked, outcome) = hashed.map_err(|_| VaultError::Stopped)?;
        walk = walked;
        pace.set_done(walk.size());
        if let Err(bad) = outcome {
            let fault = name(sql, bad).await?;
            return Ok(walk.end(Some(fault), None));
        }
        rows = read?;
    }
    let stored = tree::stored_head(sql).await.ok();
    Ok(walk.end(forged(evidence), stored.as_ref()))
}

async fn rows_from(sql: &mut SqliteConnection, seq: u64) -> Result<String, VaultError> {
    let query = sqlx::query_scalar(ROWS).bind(seq.cast_signed()).bind(CHUNK.cast_signed());
    Ok(query.fetch_one(sql).await?)
}

/// A checkpoint in the database that its own clinic did not sign.
fn forged(evidence: &Evidence) -> Option<Fault> {
    let forged = evidence.unbelieved.iter().find(|note| note.kept == Kept::Inside)?;
    Some(Fault::HistoryChanged { outside: forged.size })
}

/// What kind of wrong a row is.
async fn name(sql: &mut SqliteConnection, bad: Bad) -> Result<Fault, VaultError> {
    Ok(match bad {
        Bad::Gap { seq } => Fault::Missing { seq },
        Bad::Place { seq, claims } if claims < seq => Fault::Inserted { seq: claims },
        Bad::Place { seq, claims } => match row(sql, claims).await? {
            Some((body, _)) if own_seq(&body) == Some(seq) => {
                Fault::Reordered { seq, with: claims }
            }
            _ => Fault::Missing { seq },
        },
        Bad::Leaf { seq, body } => match own_seq(&body).filter(|claims| *claims != seq) {
            None => Fault::Altered { seq },
            Some(claims) => match row(sql, claims).await? {
                Some((_, leaf)) if leaf == merkle::leaf(body.as_bytes()) => {
                    Fault::Reordered { seq, with: claims }
                }
                _ => Fault::Altered { seq },
            },
        },
    })
}

async fn row(
    sql: &mut SqliteConnection,
    seq: u64,
) -> Result<Option<(String, Vec<u8>)>, VaultError> {
    Ok(sqlx::query_as(ROW).bind(seq.cast_signed()).fetch_optional(sql).await?)
}
