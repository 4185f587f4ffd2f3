//! Backups: one encrypted archive of everything, to the clinic's recovery
//! kits, in formats that outlive this program (SECURITY.md 9), each proven by
//! a test restore before it counts; and the way back from one.

mod acts;
pub mod archive;
mod export;
mod jobs;
mod kit;
mod lock;
mod model;
mod rebuild;
mod refusal;
mod restore;
mod routes;
mod store;
mod views;
mod work;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use crate::audit::checkpoints::{self, AnchorKind};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::crypto::{BlobError, BlobStore, Keyring, KeyringError};
use crate::disposals::{self, ReplayError};
use crate::vault::permission::{RunBackup, ViewBackups};
use crate::vault::{Cause, Event, Events, Grant, Sealed, Subject, Vault, VaultError};

use archive::ArchiveError;
use lock::Lock;
use model::{Note, file_name, note_path};
use work::Work;

use acts::Marker;
pub use acts::{List, list_path, spread};
pub use jobs::{NIGHTLY, NightlyError, jobs, nightly, nightly_if_due};
pub use lock::{Progress, Stage, Watcher, progress};
pub use model::{CheckId, Health, Kind, OLDEST_DAYS, Outcome, Run, RunId, health};
pub use refusal::RestoreError;
pub use restore::{MARKER, NoteState, Report, check, restore, verify};
pub use routes::{BackupPage, KitPage, ProgressView, routes};

/// Attempts that are listed.
const LISTED: i64 = 500;

/// What is backed up.
#[derive(Clone)]
pub struct Source {
    pub vault: Vault,
    pub keyring: Arc<Keyring>,
    pub files: BlobStore,
    pub data_dir: PathBuf,
}

/// Why there is no new backup. No half archive is left behind.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("another backup is running")]
    Running,
    #[error("there is no recovery kit yet: nobody could open the archive. Make one first")]
    NoKits,
    #[error("the folder for backups cannot be used: {}: {reason}", path.display())]
    Folder { path: PathBuf, reason: std::io::Error },
    #[error("the disk for backups is full")]
    Full,
    #[error("the archive was written but its test restore failed: {0}")]
    Drill(RestoreError),
    #[error(transparent)]
    Archive(ArchiveError),
    #[error(transparent)]
    Blob(BlobError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("an act of destruction could not be carried out again")]
    Replay(#[from] ReplayError),
    #[error("the backup was broken off")]
    BrokenOff,
}

/// A backup that was made.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Made {
    pub id: RunId,
    pub path: PathBuf,
    pub bytes: u64,
    pub sha256: String,
    pub rows: u64,
    pub files: u64,
    pub ledger_size: u64,
    /// Hex.
    pub ledger_root: String,
}

impl Source {
    pub fn of(clinic: &Clinic) -> Self {
        Self {
            vault: clinic.vault.clone(),
            keyring: clinic.keys.get(),
            files: clinic.files.clone(),
            data_dir: clinic.places.data_dir.clone(),
        }
    }
}

/// Makes a backup into a folder and proves it by a test restore. Takes
/// minutes on a large clinic; the clinic works on meanwhile.
pub async fn now(
    source: &Source,
    grant: &Grant<RunBackup>,
    folder: &Path,
    kind: Kind,
    watcher: Option<Watcher>,
) -> Result<Made, BackupError> {
    let lock = Lock::take(&source.data_dir, watcher);
    let lock = lock.map_err(|reason| in_folder(&source.data_dir, reason))?;
    let lock = lock.ok_or(BackupError::Running)?;
    if source.keyring.kit_recipients().is_empty() {
        return Err(BackupError::NoKits);
    }
    let started = source.vault.clock().now();
    let file = file_name(source.keyring.clinic_id(), started);
    let id = RunId::new(started);
    let named = folder.to_string_lossy().into_owned();
    source
        .vault
        .change(grant, async |tx| {
            store::begin_run(tx, id, kind, &named, &file).await?;
            Ok::<_, VaultError>(((), event("backup.started", id)))
        })
        .await?;
    let sealed = source.vault.try_seal(&source.keyring, Cause::Backup).await;
    let work = Work { source: source.clone(), path: folder.join(&file), started, id };
    let made = work.run(grant, lock).await;
    record_end(source, grant, id, &made, sealed.as_ref()).await?;
    if made.is_ok() {
        acts::spread(source, grant).await?;
    }
    source.vault.try_seal(&source.keyring, Cause::Backup).await;
    made.map(|(made, _)| made)
}

/// Attempts, newest first.
pub async fn list(vault: &Vault, grant: &Grant<ViewBackups>) -> Result<Vec<Run>, VaultError> {
    let mut reader = vault.read(grant).await?;
    store::runs(&mut reader, LISTED).await
}

/// When the oldest archive that is still kept was begun.
pub async fn oldest(
    vault: &Vault,
    grant: &Grant<ViewBackups>,
) -> Result<Option<Timestamp>, VaultError> {
    store::oldest(&mut vault.read(grant).await?).await
}

/// Reads an archive again and compares it with its signed note, which needs no
/// recovery key.
pub async fn look(
    source: &Source,
    grant: &Grant<RunBackup>,
    run: &Run,
) -> Result<Outcome, BackupError> {
    let (path, keyring) = (run.path(), Arc::clone(&source.keyring));
    let looked = tokio::task::spawn_blocking(move || compare(&path, &keyring)).await;
    let outcome = looked.map_err(|_| BackupError::BrokenOff)?;
    source
        .vault
        .change(grant, async |tx| {
            let at = tx.now();
            store::checked(tx, CheckId::new(at), run.id, at, outcome).await?;
            let detail = json!({ "outcome": outcome });
            Ok::<_, VaultError>(((), event("backup.checked", run.id).with_detail(detail)))
        })
        .await?;
    Ok(outcome)
}

/// Removes nightly archives that have become too old, and any after 400 days.
/// An archive whose disk is not there is tried again the next time.
pub async fn prune(source: &Source, grant: &Grant<RunBackup>) -> Result<usize, VaultError> {
    let mut reader = source.vault.read(grant).await?;
    let mut kept = store::runs(&mut reader, i64::MAX).await?;
    drop(reader);
    kept.retain(|run| run.removed_at.is_none());
    let gone = model::to_remove(&kept, source.vault.clock().now());
    let mut removed = 0;
    for run in kept.iter().filter(|run| gone.contains(&run.id)) {
        let path = run.path();
        let there = path.parent().is_some_and(Path::is_dir);
        if !there || (path.exists() && std::fs::remove_file(&path).is_err()) {
            continue;
        }
        // The note alone is worth nothing.
        let _ = std::fs::remove_file(note_path(&path));
        source
            .vault
            .change(grant, async |tx| {
                store::removed(tx, run.id).await?;
                Ok::<_, VaultError>(((), event("backup.removed", run.id)))
            })
            .await?;
        removed += 1;
    }
    Ok(removed)
}

/// Where backups go: what was set last, or a folder beside the database.
pub async fn folder(source: &Source, grant: &Grant<ViewBackups>) -> Result<PathBuf, VaultError> {
    let mut reader = source.vault.read(grant).await?;
    let set = store::folder(&mut reader).await?;
    Ok(set.map_or_else(|| source.data_dir.join("backups"), PathBuf::from))
}

/// Sends backups to another folder from now on; it is made when it is missing.
///
/// # Errors
/// [`BackupError::Folder`] when nothing can be written there.
pub async fn set_folder(
    source: &Source,
    grant: &Grant<RunBackup>,
    folder: &Path,
) -> Result<(), BackupError> {
    let tried = try_folder(folder);
    tried.map_err(|reason| BackupError::Folder { path: folder.to_owned(), reason })?;
    let named = folder.to_string_lossy().into_owned();
    source
        .vault
        .change(grant, async |tx| {
            store::set_folder(tx, &named).await?;
            let set = Event::new("backup.folder_set", Subject::Clinic).touching("backup");
            Ok::<_, VaultError>(((), set))
        })
        .await?;
    Ok(())
}

/// To be called when the server starts: ends runs that died with the process
/// before, writes a restore into the ledger, and destroys again what was
/// destroyed after the archive was made.
pub async fn recover(source: &Source, grant: &Grant<RunBackup>) -> Result<(), BackupError> {
    let lock = Lock::take(&source.data_dir, None);
    let lock = lock.map_err(|reason| in_folder(&source.data_dir, reason))?;
    let marker = source.data_dir.join(MARKER);
    let marker_says = if marker.exists() {
        Some(Marker::read(&marker).map_err(|reason| in_folder(&marker, reason))?)
    } else {
        None
    };
    let dead = lock.is_some() && is_any_running(source, grant).await?;
    if !dead && marker_says.is_none() {
        return Ok(());
    }
    source
        .vault
        .change(grant, async |tx| {
            let ended = if dead { store::interrupt_runs(tx).await? } else { Vec::new() };
            let detail = json!({ "runs": ended });
            let action = match &marker_says {
                None => "backup.interrupted",
                Some(restored) if restored.without_list => "backup.restored_without_list",
                Some(_) => "backup.restored",
            };
            Ok::<_, VaultError>(((), Event::new(action, Subject::Clinic).with_detail(detail)))
        })
        .await?;
    if let Some(Marker { acts, .. }) = marker_says {
        disposals::replay(&source.vault, &source.files, grant, &acts).await?;
        source.vault.try_seal(&source.keyring, Cause::Restore).await;
        std::fs::remove_file(&marker).map_err(|reason| in_folder(&marker, reason))?;
    }
    Ok(())
}

async fn is_any_running(source: &Source, grant: &Grant<RunBackup>) -> Result<bool, VaultError> {
    let mut reader = source.vault.read(grant).await?;
    Ok(store::runs(&mut reader, LISTED).await?.iter().any(|run| run.finished_at.is_none()))
}

async fn record_end(
    source: &Source,
    grant: &Grant<RunBackup>,
    id: RunId,
    made: &Result<(Made, store::Figures), BackupError>,
    sealed: Option<&Sealed>,
) -> Result<(), VaultError> {
    source
        .vault
        .change::<_, _, Events, _>(grant, async |tx| match made {
            Ok((made, figures)) => {
                store::end_run(tx, id, figures).await?;
                let detail = json!({
                    "sha256": made.sha256, "rows": made.rows, "files": made.files,
                    "ledger_size": made.ledger_size,
                });
                let made = event("backup.made", id).with_detail(detail).touching("backup");
                let Some(sealed) = sealed else { return Ok(((), made.into())) };
                let kept =
                    checkpoints::anchor_in(tx, sealed.size, AnchorKind::Backup, None).await?;
                Ok(((), made.and(kept)))
            }
            Err(error) => {
                tracing::error!(code = error.code(), "the backup failed");
                store::fail_run(tx, id, error.code()).await?;
                let failed = event("backup.failed", id).because(error.code());
                Ok(((), failed.touching("backup").into()))
            }
        })
        .await
}

/// Size, checksum and signature of an archive against its note. Blocks.
pub fn compare(path: &Path, keyring: &Keyring) -> Outcome {
    let Ok(text) = std::fs::read_to_string(note_path(path)) else { return Outcome::Missing };
    let keys = keyring.audit_verifying_keys();
    let Some(note) = Note::open(&text, keyring.clinic_id(), &keys) else {
        return Outcome::Unsigned;
    };
    match restore::measure(path) {
        Ok((bytes, sha256)) if bytes == note.bytes && sha256 == note.sha256 => Outcome::Good,
        Ok(_) => Outcome::Altered,
        Err(_) => Outcome::Missing,
    }
}

fn try_folder(folder: &Path) -> std::io::Result<()> {
    if !folder.is_absolute() {
        return Err(std::io::ErrorKind::InvalidInput.into());
    }
    crate::crypto::files::make_folder(folder)?;
    let probe = crate::crypto::files::Pending::create(&folder.join("probe"))?;
    drop(probe);
    Ok(())
}

fn event(action: &'static str, id: RunId) -> Event {
    Event::new(action, Subject::Clinic).on("backup", id)
}

fn in_folder(path: &Path, reason: std::io::Error) -> BackupError {
    match ArchiveError::from(reason) {
        ArchiveError::Io(reason) => BackupError::Folder { path: path.to_owned(), reason },
        _ => BackupError::Full,
    }
}

impl BackupError {
    /// A stable word for the list, the ledger and programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::NoKits => "no_kits",
            Self::Folder { .. } => "folder",
            Self::Full | Self::Drill(RestoreError::Full | RestoreError::NoRoom { .. }) => {
                "disk_full"
            }
            Self::Drill(_) => "drill",
            Self::Archive(_) => "archive",
            Self::Blob(_) => "file",
            Self::Keyring(_) => "keyring",
            Self::Vault(_) => "database",
            Self::Replay(_) => "replay",
            Self::BrokenOff => "broken_off",
        }
    }
}

impl From<ArchiveError> for BackupError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Full => Self::Full,
            other => Self::Archive(other),
        }
    }
}

impl From<BlobError> for BackupError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Full(_) => Self::Full,
            other => Self::Blob(other),
        }
    }
}
