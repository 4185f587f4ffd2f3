//! The backup archive, format 1: a zip64 file inside an age file, readable
//! with public programs alone (SECURITY.md 9.1).
//!
//! Entries are streamed: nothing unencrypted is ever on the disk. Checksums
//! stand last, because they are known last.

mod reader;
mod writer;

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

pub use reader::{ArchiveReader, Checked};
pub use writer::{ArchiveWriter, Written};

/// The version of the format that this program writes.
pub const VERSION: u32 = 1;

/// Names of entries that a restore needs.
pub mod entry {
    pub const FORMAT: &str = "FORMAT.json";
    pub const MANIFEST: &str = "MANIFEST.json";
    pub const SUMS: &str = "SHA256SUMS";
    pub const DATABASE: &str = "db/clinic.sqlite";
    pub const SCHEMA: &str = "db/schema.sql";
    pub const BLOBS: &str = "BLOBS.tsv";
    pub const DISPOSALS: &str = "disposals.jsonl";
    pub const KEYRING: &str = "keys/keyring.age";
    pub const HEAD: &str = "audit/head.txt";
    pub const CHECKPOINTS: &str = "audit/checkpoints.txt";
    pub const VKEYS: &str = "audit/vkeys.txt";
}

/// The texts that stand first in the archive, in three languages. The names
/// begin with 00 so that they stand first in every listing.
pub const READ_ME: [(&str, &str); 3] = [
    ("00-ПРОЧТИ.txt", include_str!("../readme/ru.txt")),
    ("00-ОҚЫ.txt", include_str!("../readme/kk.txt")),
    ("00-README.txt", include_str!("../readme/en.txt")),
];

/// `FORMAT.json`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// Always `tirkeu-backup`.
    pub format: String,
    pub version: u32,
    /// Version of the program that wrote it.
    pub app: String,
    /// The last migration of the database in it.
    pub schema: i64,
    /// RFC 3339, UTC.
    pub created: String,
    pub kind: String,
    /// Which clinic: an id, not a name.
    pub clinic: String,
}

/// `MANIFEST.json`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Rows of every table.
    pub tables: BTreeMap<String, u64>,
    pub rows: u64,
    pub files: u64,
    pub file_bytes: u64,
    pub database_bytes: u64,
    pub ledger_size: u64,
    /// Hex.
    pub ledger_root: String,
}

/// A file of the store in the archive: one line of `BLOBS.tsv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobLine {
    pub path: String,
    /// SHA-256 of the contents, hex: its name in the store.
    pub sha256: String,
    pub bytes: u64,
    /// Table and id of the row it belongs to; empty when no row names it.
    pub owner: String,
}

/// Why an archive was not written or is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("the archive does not open with this key: it was made for other recovery kits")]
    WrongKey,
    #[error("this is not a backup archive")]
    NotAnArchive,
    #[error("the archive is damaged or cut off ({0})")]
    Damaged(String),
    #[error("the archive has format {0}; this program knows format {VERSION} and older")]
    NewerFormat(u32),
    #[error("the disk is full")]
    Full,
    #[error("the archive cannot be read or written: {0}")]
    Io(io::Error),
}

impl From<io::Error> for ArchiveError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full,
            _ => Self::Io(error),
        }
    }
}

impl BlobLine {
    pub const HEADING: &str = "path\tsha256\tbytes\towner\n";

    pub fn to_line(&self) -> String {
        format!("{}\t{}\t{}\t{}\n", self.path, self.sha256, self.bytes, self.owner)
    }

    /// None when it is not one line of four fields.
    pub fn parse(line: &str) -> Option<Self> {
        if line.contains(['\n', '\r']) {
            return None;
        }
        let mut fields = line.split('\t');
        let line = Self {
            path: fields.next()?.to_owned(),
            sha256: fields.next()?.to_owned(),
            bytes: fields.next()?.parse().ok()?,
            owner: fields.next()?.to_owned(),
        };
        fields.next().is_none().then_some(line)
    }
}

#[cfg(test)]
mod tests;
