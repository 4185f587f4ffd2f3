//! The encrypted database and the only door to it.
//!
//! Three rules hold here and nowhere else, and the compiler keeps them:
//!
//! 1. Whoever reads or writes shows a [`Grant`], which only [`Actor::grant`]
//!    makes, after looking the role up in [`permission`].
//! 2. Records change only inside [`Vault::change`], which wants an [`Event`]
//!    back and writes it to the ledger in the same transaction.
//! 3. Personal data is read only through [`Vault::disclose`] (one patient,
//!    logged before the first row) or [`Vault::list`] (many; the rows leave
//!    once it is in the ledger whose they were).

mod actor;
mod desk;
mod background;
mod checkpoint;
mod cross;
mod entries;
mod event;
mod head;
mod holding;
mod inclusion;
mod kept;
mod merkle;
mod open;
mod plain;
mod queue;
pub mod permission;
mod reach;
mod session;
mod sightings;
mod snapshot;
mod space;
mod tree;
mod tx;
mod verify;
mod walk;
mod witness;
mod writer;

use std::fmt::Write;
use std::sync::Arc;

use sqlx::error::ErrorKind;
use sqlx::sqlite::SqlitePool;
use tokio::sync::broadcast;

use crate::clock::Clock;
use crate::ids::PatientId;

pub use actor::{Actor, Denied, Grant, Origin, Person};
pub use background::{Walked, Walking};
pub use checkpoint::{Cause, Sealed, append, checkpoints_beside};
pub use cross::Unlogged;
pub use desk::DeskHash;
pub use event::{Event, Events, Subject};
pub use head::Head;
pub use inclusion::Inclusion;
pub use merkle::{Frontier, leaf, node};
pub use open::{DatabaseKey, MIGRATIONS, connect_options};
pub(crate) use queue::Kinds;
pub use queue::TakenJob;
pub use session::{
    Authenticated, Factors, IDLE_END_MS, IDLE_LOCK_MS, LIFETIME_MS, PROOF_LASTS_MS, SessionInfo,
    SessionToken,
};
pub use snapshot::Snapshot;
pub use space::{NoRoom, is_disk_full};
pub use tree::is_consistent;
pub use tx::{Disclosure, Listing, Reader, Tx};
pub use verify::{
    Fault, Verified, is_plain, open_beside, open_copy, stored_notes, unsound_beside, verify,
    verify_beside, verify_with,
};
pub use walk::Pace;
pub use witness::{Evidence, Kept, Unbelieved, Witness, notes_in};

/// The open database. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

/// What a [`Vault`] shares.
pub struct Inner {
    readers: SqlitePool,
    writer: writer::Writer,
    sessions: session::Sessions,
    sightings: sightings::Sightings,
    kept: kept::Kept,
    watchers: broadcast::Sender<Arc<str>>,
    clock: Clock,
    disk: space::Disk,
    /// Checkpoints are added to this file beside the database.
    notes: std::path::PathBuf,
    walks: background::Walks,
}

impl std::ops::Deref for Vault {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("the database could not be read or written")]
    Sql(#[from] sqlx::Error),
    #[error("the database could not be brought to this program's schema")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// It is encrypted with another key, damaged, or something else altogether.
    #[error("the database does not open with this key")]
    WrongKey,
    #[error("there is no database at {0}")]
    Absent(std::path::PathBuf),
    #[error("there is a database at {0} already")]
    Exists(std::path::PathBuf),
    #[error("the ledger's head in the database is damaged")]
    LedgerHead,
    #[error("the ledger's rows do not lead to its head: nothing was signed")]
    LedgerBroken,
    #[error("the walk over the ledger was stopped")]
    Stopped,
    #[error("a file beside the database could not be read or written")]
    Io(#[from] std::io::Error),
    /// The group's commit failed: nothing of it was stored.
    #[error("the change could not be stored")]
    NotCommitted,
    /// Reading goes on, and writing when there is room again.
    #[error("the disk is full: nothing was stored")]
    Full(#[source] NoRoom),
    #[error("this is open to staff only")]
    NotStaff,
    /// The actor sees their own patients only. In the ledger already.
    #[error("not one of the actor's own patients")]
    OutOfReach(PatientId),
    /// The patient's data is kept and not used: only those who answer for it
    /// may open it, and others in an emergency, if they may claim one.
    #[error("the data of this patient is blocked")]
    Blocked { patient: PatientId, emergency: bool },
}

/// A rule of the schema that a statement broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A row like it exists.
    Unique,
    /// It refers to a row that does not exist, or is referred to.
    Reference,
    /// A `CHECK` said no.
    Check,
    /// A trigger said no, in these words.
    Trigger(String),
}

/// `SQLITE_CONSTRAINT_TRIGGER`: what `RAISE(ABORT, …)` gives.
const CONSTRAINT_TRIGGER: &str = "1811";

impl VaultError {
    pub fn violation(&self) -> Option<Violation> {
        let Self::Sql(sqlx::Error::Database(cause)) = self else {
            return None;
        };
        if cause.code().as_deref() == Some(CONSTRAINT_TRIGGER) {
            return Some(Violation::Trigger(cause.message().to_owned()));
        }
        match cause.kind() {
            ErrorKind::UniqueViolation => Some(Violation::Unique),
            ErrorKind::ForeignKeyViolation => Some(Violation::Reference),
            ErrorKind::CheckViolation => Some(Violation::Check),
            _ => None,
        }
    }
}

impl Vault {
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What changes from now on, as the topics that events were
    /// [`touching`](Event::touching), once they are on the disk.
    pub fn watch(&self) -> broadcast::Receiver<Arc<str>> {
        self.watchers.subscribe()
    }

    /// Whether records can be changed, or the disk has too little room for it.
    pub fn has_room(&self) -> bool {
        !self.disk.is_short()
    }

    /// Takes the write-ahead log into the database when it has outgrown so many
    /// bytes. SQLite does it by itself whenever nobody reads; under reading
    /// without a pause, or after a large import, it would stay as large as it
    /// ever was. Whoever reads longer than a moment is not waited for.
    pub async fn trim_log(&self, above: u64) -> Result<(), VaultError> {
        if self.disk.log_size() <= above {
            return Ok(());
        }
        self.writer.trim_log().await
    }

    /// Waits until all that was changed so far is on the disk, where readers see it.
    pub async fn settled(&self) -> Result<(), VaultError> {
        self.writer.ledger().await.map(|_| ())
    }

    /// The ledger as it stands, with all that was acknowledged.
    pub async fn ledger_head(&self) -> Result<Head, VaultError> {
        Ok(Head::of(&self.writer.ledger().await?))
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all text");
        text
    })
}
