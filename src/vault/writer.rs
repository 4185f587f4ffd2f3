//! The one writer: changes queue here and are committed in groups.
//!
//! Each change runs in a savepoint of a transaction that others may share, and
//! is acknowledged when that transaction is on the disk. The wait for the disk
//! is what a booking costs on a clinic's machine; sharing it makes 32 bookings
//! as quick as one. A change that is dropped half-way (its client went away)
//! leaves its savepoint open; whoever comes next rolls it back.
//!
//! The ledger's entries of a group are written by the statement that commits
//! it, for each statement is a hop to the database's thread. So a change does
//! not see the entries of changes that are not on the disk yet.

use std::sync::{Arc, Weak};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, broadcast, watch};

use crate::clock::Timestamp;
use crate::vault::VaultError;
use crate::vault::actor::Actor;
use crate::vault::entries::Entries;
use crate::vault::event::{Event, Subject};
use crate::vault::head::HeadFile;
use crate::vault::merkle::Frontier;
use crate::vault::permission::{Permission, VerifyLog};
use crate::vault::space::{NoRoom, is_disk_full};
use crate::vault::walk::TOLERANCE_MS;

pub(super) struct Writer {
    state: Arc<Mutex<State>>,
    commit_wanted: Arc<Notify>,
}

/// What holds the database's only writing connection.
pub(super) struct State {
    connection: SqliteConnection,
    /// The ledger with all that this transaction has added.
    ledger: Frontier,
    /// The time of its last event; None when it has to be read.
    last: Option<Timestamp>,
    group: Option<Group>,
    savepoint: Option<Savepoint>,
    head: HeadFile,
    watchers: broadcast::Sender<Arc<str>>,
}

/// The changes of one transaction, waiting for its commit.
struct Group {
    outcome: watch::Sender<Option<Outcome>>,
    ledger_before: Frontier,
    /// What they add to the ledger, written with the commit.
    entries: Entries,
    topics: Vec<String>,
}

/// The newest change of the group: what there was before it.
struct Savepoint {
    ledger: Frontier,
    last: Option<Timestamp>,
    entries: usize,
    /// It is done: the next one may begin, and a commit takes it along.
    kept: bool,
}

/// A change that is done but not yet on the disk.
pub(super) struct Pending(watch::Receiver<Option<Outcome>>);

/// What became of a group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Stored,
    /// The disk had no room.
    Full,
    Failed,
}

/// Readers are waited for 0.2 s, for others wait meanwhile; then 10 s again.
const TRIM: [&str; 3] =
    ["PRAGMA busy_timeout = 200", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA busy_timeout = 10000"];

const LOAD_HEAD: &str = "SELECT size, frontier FROM audit_head WHERE id = 1";
const LAST_TIME: &str = "SELECT ts FROM audit_event ORDER BY seq DESC LIMIT 1";

/// With the size of the ledger: another process (the command line) may have
/// written meanwhile.
const BEGIN: &str = "
    BEGIN IMMEDIATE;
    SAVEPOINT change;
    SELECT size FROM audit_head WHERE id = 1";
const NEXT: &str = "RELEASE change; SAVEPOINT change";
const UNDO: &str = "ROLLBACK TO change; RELEASE change";

impl Writer {
    pub(super) async fn start(
        mut connection: SqliteConnection,
        head: HeadFile,
        watchers: broadcast::Sender<Arc<str>>,
    ) -> Result<Self, VaultError> {
        let ledger = load_head(&mut connection).await?;
        let state =
            State { connection, ledger, last: None, group: None, savepoint: None, head, watchers };
        let state = Arc::new(Mutex::new(state));
        let commit_wanted = Arc::new(Notify::new());
        tokio::spawn(commit_groups(Arc::downgrade(&state), commit_wanted.clone()));
        Ok(Self { state, commit_wanted })
    }

    /// Waits for a turn and opens a savepoint.
    pub(super) async fn begin(&self) -> Result<Open, VaultError> {
        let (state, commit_wanted) = (self.state.clone(), self.commit_wanted.clone());
        to_the_end(async move {
            let mut state = state.lock_owned().await;
            state.open_savepoint().await?;
            Ok(Open { state, commit_wanted })
        })
        .await?
    }

    /// The ledger, with all that was under way committed.
    pub(super) async fn ledger(&self) -> Result<Frontier, VaultError> {
        let state = self.state.clone();
        to_the_end(async move {
            let mut state = state.lock_owned().await;
            state.commit().await;
            state.ledger.clone()
        })
        .await
    }

    /// Empties the write-ahead log, unless somebody reads what is in it.
    pub(super) async fn trim_log(&self) -> Result<(), VaultError> {
        let state = self.state.clone();
        to_the_end(async move {
            let mut state = state.lock_owned().await;
            state.commit().await;
            for pragma in TRIM {
                sqlx::query(pragma).execute(&mut state.connection).await?;
            }
            Ok(())
        })
        .await?
    }

    /// Commits what is under way, closes the file and waits until it is closed.
    /// Whoever comes later gets an error.
    pub(super) async fn close(&self) -> Result<(), VaultError> {
        let state = self.state.clone();
        to_the_end(async move {
            let mut state = state.lock_owned().await;
            state.commit().await;
            let nowhere = SqliteConnectOptions::new().in_memory(true).connect().await?;
            std::mem::replace(&mut state.connection, nowhere).close().await?;
            Ok(())
        })
        .await?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.commit_wanted.notify_one();
    }
}

/// Commits when asked. The lock is fair: all who queued before the committer
/// get into the group, and those who come later into the next one.
async fn commit_groups(state: Weak<Mutex<State>>, commit_wanted: Arc<Notify>) {
    loop {
        commit_wanted.notified().await;
        let Some(state) = state.upgrade() else { return };
        state.lock().await.commit().await;
    }
}

/// Does something whole even when whoever waits for it goes away in the middle:
/// a `BEGIN` that nobody remembers would stop every later one.
async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, VaultError> {
    tokio::spawn(work).await.map_err(|_| VaultError::NotCommitted)
}

/// A savepoint, and the right to write in it.
pub(super) struct Open {
    state: OwnedMutexGuard<State>,
    commit_wanted: Arc<Notify>,
}

impl Open {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.state.connection
    }

    pub(super) async fn append(
        &mut self,
        actor: &Actor,
        permission: &'static str,
        at: Timestamp,
        event: &Event,
    ) -> Result<(), VaultError> {
        self.state.append(actor, permission, at, event).await
    }

    /// Keeps what was done, to be committed with the group.
    pub(super) async fn keep(mut self, topics: Vec<String>) -> Result<Pending, VaultError> {
        to_the_end(async move {
            let State { group: Some(group), savepoint: Some(savepoint), .. } = &mut *self.state
            else {
                return Err(VaultError::NotCommitted);
            };
            savepoint.kept = true;
            group.topics.extend(topics);
            Ok(Pending(group.outcome.subscribe()))
        })
        .await?
    }

    /// Takes back what was done.
    pub(super) async fn undo(mut self) {
        // An error means that the runtime is shutting down: nothing is kept then.
        let _ = to_the_end(async move { self.state.roll_savepoint_back().await }).await;
    }
}

impl Drop for Open {
    /// Whatever became of it, the transaction must not stay open.
    fn drop(&mut self) {
        self.commit_wanted.notify_one();
    }
}

impl Pending {
    /// Waits until the change is on the disk.
    pub(super) async fn committed(mut self) -> Result<(), VaultError> {
        match self.0.wait_for(Option::is_some).await.map(|outcome| *outcome) {
            Ok(Some(Outcome::Stored)) => Ok(()),
            Ok(Some(Outcome::Full)) => Err(VaultError::Full(NoRoom)),
            _ => Err(VaultError::NotCommitted),
        }
    }
}

impl State {
    async fn open_savepoint(&mut self) -> Result<(), VaultError> {
        self.roll_unkept_back().await;
        if self.group.is_none() {
            self.begin().await?;
        } else {
            // After one that was rolled back there is none to release.
            let next = if self.savepoint.is_some() { NEXT } else { "SAVEPOINT change" };
            if let Err(error) = sqlx::query(next).execute(&mut self.connection).await {
                self.give_group_up(Outcome::Failed).await;
                return Err(error.into());
            }
        }
        let entries = self.group.as_ref().map_or(0, |group| group.entries.len());
        let (ledger, last) = (self.ledger.clone(), self.last);
        self.savepoint = Some(Savepoint { ledger, last, entries, kept: false });
        Ok(())
    }

    async fn begin(&mut self) -> Result<(), VaultError> {
        if let Err(error) = self.begin_where_the_ledger_is().await {
            // It may have begun: whoever comes next begins anew.
            let _ = sqlx::query("ROLLBACK").execute(&mut self.connection).await;
            return Err(error);
        }
        let (outcome, _) = watch::channel(None);
        let ledger_before = self.ledger.clone();
        let entries = Entries::after(ledger_before.size());
        self.group = Some(Group { outcome, ledger_before, entries, topics: Vec::new() });
        Ok(())
    }

    async fn begin_where_the_ledger_is(&mut self) -> Result<(), VaultError> {
        let size: i64 = sqlx::query_scalar(BEGIN).fetch_one(&mut self.connection).await?;
        if u64::try_from(size) != Ok(self.ledger.size()) {
            self.ledger = load_head(&mut self.connection).await?;
            self.last = None;
        }
        Ok(())
    }

    async fn roll_unkept_back(&mut self) {
        if self.savepoint.as_ref().is_some_and(|savepoint| !savepoint.kept) {
            self.roll_savepoint_back().await;
        }
    }

    async fn roll_savepoint_back(&mut self) {
        let Some(before) = self.savepoint.take() else { return };
        self.ledger = before.ledger;
        self.last = before.last;
        if let Some(group) = &mut self.group {
            group.entries.truncate(before.entries);
        }
        if sqlx::query(UNDO).execute(&mut self.connection).await.is_err() {
            // A full disk makes SQLite roll the whole transaction back by itself.
            self.give_group_up(Outcome::Full).await;
        }
    }

    /// Adds an event; before one that is earlier than the last, another that
    /// says that the clock went back.
    async fn append(
        &mut self,
        actor: &Actor,
        permission: &'static str,
        at: Timestamp,
        event: &Event,
    ) -> Result<(), VaultError> {
        let back_ms = self.last().await?.map_or(0, |last| last.unix_ms() - at.unix_ms());
        if back_ms > TOLERANCE_MS {
            let jump = Event::new("time.jump", Subject::Clinic)
                .with_detail(serde_json::json!({ "back_ms": back_ms }));
            self.add(&Actor::job("clock"), VerifyLog::NAME, at, &jump)?;
        }
        self.add(actor, permission, at, event)
    }

    async fn last(&mut self) -> Result<Option<Timestamp>, VaultError> {
        if self.last.is_none() && self.ledger.size() > 0 {
            let ts: Option<String> =
                sqlx::query_scalar(LAST_TIME).fetch_optional(&mut self.connection).await?.flatten();
            let ts = ts.and_then(|ts| ts.parse::<jiff::Timestamp>().ok());
            self.last = ts.map(|ts| Timestamp::from_unix_ms(ts.as_millisecond()));
        }
        Ok(self.last)
    }

    fn add(
        &mut self,
        actor: &Actor,
        permission: &'static str,
        at: Timestamp,
        event: &Event,
    ) -> Result<(), VaultError> {
        let group = self.group.as_mut().ok_or(VaultError::NotCommitted)?;
        self.ledger.push(group.entries.add(actor, permission, at, event));
        self.last = Some(at);
        Ok(())
    }

    async fn commit(&mut self) {
        self.roll_unkept_back().await;
        let Some(group) = &self.group else { return };
        let stored = group.entries.commit(&self.ledger, &mut self.connection).await;
        self.savepoint = None;
        if let Err(error) = stored {
            tracing::error!(error = &error as &dyn std::error::Error, "commit failed");
            let full = is_disk_full(&error);
            self.give_group_up(if full { Outcome::Full } else { Outcome::Failed }).await;
            return;
        }
        let group = self.group.take().expect("looked at above");
        if self.ledger != group.ledger_before {
            self.head.write(&self.ledger);
        }
        for topic in group.topics {
            // No receiver means that nobody is watching.
            let _ = self.watchers.send(topic.into());
        }
        group.outcome.send_replace(Some(Outcome::Stored));
    }

    async fn give_group_up(&mut self, outcome: Outcome) {
        // Fails when SQLite has rolled back already: then there is nothing to do.
        let _ = sqlx::query("ROLLBACK").execute(&mut self.connection).await;
        self.savepoint = None;
        self.last = None;
        if let Some(group) = self.group.take() {
            self.ledger = group.ledger_before;
            group.outcome.send_replace(Some(outcome));
        }
    }
}

async fn load_head(connection: &mut SqliteConnection) -> Result<Frontier, VaultError> {
    let (size, bytes): (i64, Vec<u8>) = sqlx::query_as(LOAD_HEAD).fetch_one(connection).await?;
    let size = u64::try_from(size).map_err(|_| VaultError::LedgerHead)?;
    Frontier::from_bytes(size, &bytes).ok_or(VaultError::LedgerHead)
}
