//! Why nothing was restored, in words for people, codes and exit statuses.

use std::io;
use std::path::PathBuf;

use crate::backup::archive::ArchiveError;
use crate::crypto::{BlobError, KeyringError, MachineIdentityError};
use crate::vault::VaultError;

/// Why nothing was restored. The target is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("{} is not empty: restore into a new folder; nothing there was touched", .0.display())]
    NotEmpty(PathBuf),
    #[error(
        "the archive has schema {archive}, this program knows {known}: \
         install the newer version of tirkeu first"
    )]
    NewerSchema { archive: i64, known: i64 },
    #[error("not enough room: {need} bytes are needed, {free} are free on the disk of the target")]
    NoRoom { need: u64, free: u64 },
    #[error("the disk became full; nothing was left behind")]
    Full,
    #[error("the note beside the archive does not fit it: one of them was altered")]
    Note,
    #[error(
        "{} is not the signed list of this clinic's acts of destruction, or was altered",
        .0.display()
    )]
    List(PathBuf),
    #[error(
        "this clinic has destroyed data on request, and the list of the acts is not beside the \
         archive: restoring could bring back who was destroyed. Name the list (--disposals), or \
         accept it (--without-disposals). Nothing was restored"
    )]
    NoList,
    #[error("the database in the archive is not sound: {0}")]
    Unsound(String),
    #[error("table {table} has {found} rows instead of {expected}")]
    Rows { table: String, expected: u64, found: u64 },
    #[error("the ledger in the archive does not verify: {0}")]
    Ledger(String),
    #[error("the key opens the archive but not the keyring in it: {0}")]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Machine(#[from] MachineIdentityError),
    #[error("a file of the archive could not be restored: {0}")]
    Blob(BlobError),
    #[error(transparent)]
    Vault(VaultError),
    #[error("{} cannot be read or written: {reason}", path.display())]
    Io { path: PathBuf, reason: io::Error },
    #[error("the work was broken off")]
    BrokenOff,
}

impl RestoreError {
    /// The exit status of the command: 2 the key, 3 the archive, 4 a newer
    /// schema, 5 the target, 6 no list of acts of destruction, 1 anything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Archive(ArchiveError::WrongKey) | Self::Keyring(_) => 2,
            Self::Archive(ArchiveError::NewerFormat(_)) | Self::NewerSchema { .. } => 4,
            Self::Archive(ArchiveError::Damaged(_) | ArchiveError::NotAnArchive)
            | Self::Note
            | Self::List(_)
            | Self::Unsound(_)
            | Self::Rows { .. }
            | Self::Ledger(_) => 3,
            Self::Archive(ArchiveError::Full)
            | Self::NotEmpty(_)
            | Self::NoRoom { .. }
            | Self::Full => 5,
            Self::NoList => 6,
            _ => 1,
        }
    }

    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Archive(ArchiveError::WrongKey) => "wrong_key",
            Self::Archive(ArchiveError::NotAnArchive) => "not_an_archive",
            Self::Archive(ArchiveError::Damaged(_)) => "damaged",
            Self::Archive(ArchiveError::NewerFormat(_)) | Self::NewerSchema { .. } => "newer",
            Self::Archive(ArchiveError::Full) | Self::Full => "disk_full",
            Self::Archive(ArchiveError::Io(_)) | Self::Io { .. } => "io",
            Self::NotEmpty(_) => "not_empty",
            Self::NoRoom { .. } => "no_room",
            Self::Note => "note_mismatch",
            Self::List(_) => "list_altered",
            Self::NoList => "no_disposals",
            Self::Unsound(_) => "unsound_database",
            Self::Rows { .. } => "row_count",
            Self::Ledger(_) => "ledger",
            Self::Keyring(_) => "keyring",
            Self::Machine(_) => "machine_key",
            Self::Blob(_) => "file",
            Self::Vault(_) => "database",
            Self::BrokenOff => "broken_off",
        }
    }
}

impl From<VaultError> for RestoreError {
    fn from(error: VaultError) -> Self {
        if is_full(&error) { Self::Full } else { Self::Vault(error) }
    }
}

impl From<BlobError> for RestoreError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Full(_) => Self::Full,
            other => Self::Blob(other),
        }
    }
}

/// `SQLITE_FULL`, and what SQLite makes of a file that may not grow.
fn is_full(error: &VaultError) -> bool {
    let VaultError::Sql(sqlx::Error::Database(cause)) = error else { return false };
    matches!(cause.code().as_deref(), Some("13" | "778"))
}
