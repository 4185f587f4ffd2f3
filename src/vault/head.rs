//! The ledger's head, kept outside the database.
//!
//! A write-ahead log that lost its end, or a database put back from yesterday,
//! is whole in itself; only a copy of the head kept elsewhere tells.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::vault::hex;
use crate::vault::merkle::{Frontier, Hash};

/// Size and root of the ledger at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub size: u64,
    pub root: Hash,
}

/// The file that the head is written to after each commit.
#[derive(Debug)]
pub(super) struct HeadFile {
    file: File,
}

impl Head {
    pub fn of(ledger: &Frontier) -> Self {
        Self { size: ledger.size(), root: ledger.root() }
    }

    /// Beside the database: `clinic.db` has `ledger.head`.
    pub fn path_beside(database: &Path) -> PathBuf {
        database.with_file_name("ledger.head")
    }

    /// Where a head is kept that an older database was found beside.
    pub(super) fn evidence_beside(database: &Path) -> PathBuf {
        database.with_file_name("ledger.head.conflict")
    }

    /// The head that a check compares with: the evidence of an older database
    /// put back, until somebody has dealt with it and removed the file; else the
    /// present head.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn beside(database: &Path) -> io::Result<Option<Self>> {
        match Self::read(&Self::evidence_beside(database))? {
            None => Self::read(&Self::path_beside(database)),
            evidence => Ok(evidence),
        }
    }

    /// None when there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read, or holds something else.
    pub fn read(path: &Path) -> io::Result<Option<Self>> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Self::parse(&text).map(Some).ok_or_else(|| io::Error::other("not a ledger head"))
    }

    /// Reads what `to_string` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (size, root) =
            text.trim_end().strip_prefix("tirkeu-ledger-head 1 ")?.split_once(' ')?;
        let root = data_encoding::HEXLOWER.decode(root.as_bytes()).ok()?;
        Some(Self { size: size.parse().ok()?, root: root.try_into().ok()? })
    }
}

impl std::fmt::Display for Head {
    /// Always of one length, so that it can be written over in place.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "tirkeu-ledger-head 1 {:020} {}", self.size, hex(&self.root))
    }
}

impl HeadFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        Ok(Self { file: options.open(path)? })
    }

    /// Best effort: the head may lag behind the database, never lead it.
    pub(super) fn write(&self, ledger: &Frontier) {
        let text = Head::of(ledger).to_string();
        if let Err(error) = self.file.write_all_at(text.as_bytes(), 0) {
            tracing::error!(%error, "the ledger head could not be written beside the database");
        }
    }
}
