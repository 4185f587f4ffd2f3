//! The ledger's checkpoints and where they are kept out of reach of whoever
//! has this machine (SECURITY.md 4.4): on paper, on a stick, in a letter, in
//! each backup, in each patient's consent pack.

mod evidence;
mod jobs;
mod mailed;
mod model;
mod outcome;
mod routes;
mod sheet;
mod store;
mod views;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use crate::clinic::Clinic;
use crate::crypto::hash::hex;
use crate::vault::permission::VerifyLog;
use crate::vault::{
    Cause, Event, Grant, Sealed, Subject, Tx, VaultError, Verified, Walked, append,
};

pub use evidence::{evidence, evidence_beside};
pub use jobs::{ChoreError, SEALING, chores, seal_if_due};
pub use mailed::carried;
pub use model::{Anchor, AnchorKind, Freshness, freshness};
pub use routes::{routes, start_walk};
pub use sheet::SheetPage;
pub use views::{LedgerPage, WalkView};

/// Checkpoints on one page.
const LISTED: i64 = 20;

/// Why a checkpoint did not get into the folder.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// No absolute path, not there, or not to be written to.
    #[error("the folder for checkpoints cannot be used: {}: {reason}", path.display())]
    Folder { path: PathBuf, reason: std::io::Error },
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Signs the ledger as it stands; gives the newest checkpoint when nothing has
/// happened since.
pub async fn seal(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
    cause: Cause,
) -> Result<Sealed, VaultError> {
    let keyring = clinic.keys.get();
    clinic.vault.checkpoint(grant, &keyring.audit_origin(), &keyring.audit_key(), cause).await
}

/// Checkpoints smaller than `before`, newest first; one more than a page when
/// there are more.
pub async fn list(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
    before: Option<u64>,
) -> Result<Vec<Sealed>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::checkpoints(&mut reader, before, LISTED + 1).await
}

/// The checkpoint of just so many events.
pub async fn of_size(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
    size: u64,
) -> Result<Option<Sealed>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::checkpoint(&mut reader, size).await
}

/// The newest anchor of each kind.
pub async fn anchors(clinic: &Clinic, grant: &Grant<VerifyLog>) -> Result<Vec<Anchor>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::anchors(&mut reader).await
}

/// Writes down that a checkpoint left the machine.
pub async fn anchor(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
    size: u64,
    kind: AnchorKind,
) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let anchored = anchor_in(tx, size, kind, grant.staff()).await?;
            Ok::<_, VaultError>(((), anchored))
        })
        .await
}

/// The same inside a change of somebody else's, such as a backup's.
pub async fn anchor_in(
    tx: &mut Tx,
    size: u64,
    kind: AnchorKind,
    staff: Option<crate::ids::StaffId>,
) -> Result<Event, VaultError> {
    store::insert_anchor(tx, size, kind, staff).await?;
    let detail = json!({ "size": size, "kind": kind });
    Ok(Event::new("audit.anchored", Subject::Clinic).with_detail(detail).touching("ledger"))
}

/// Where checkpoints are written to besides; None when nobody set a folder.
pub async fn folder(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
) -> Result<Option<PathBuf>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    Ok(store::folder(&mut reader).await?.filter(|it| !it.is_empty()).map(PathBuf::from))
}

/// Has checkpoints written to a folder from now on, or to none.
///
/// # Errors
/// [`AnchorError::Folder`] when it is not there or cannot be written to: a
/// stick that is not mounted must not become a folder on the machine's disk.
pub async fn set_folder(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
    folder: Option<&Path>,
) -> Result<(), AnchorError> {
    if let Some(folder) = folder {
        let tried = model::try_folder(folder);
        tried.map_err(|reason| AnchorError::Folder { path: folder.to_owned(), reason })?;
    }
    let named = folder.map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default();
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_folder(tx, &named).await?;
            let set = Event::new("audit.anchor_folder_set", Subject::Clinic);
            Ok::<_, VaultError>(((), set.touching("ledger")))
        })
        .await?;
    Ok(())
}

/// Adds a checkpoint to the file in the folder.
pub async fn write_to_folder(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
    folder: &Path,
    sealed: &Sealed,
) -> Result<(), AnchorError> {
    let file = folder.join(model::file_name(clinic.keys.get().clinic_id()));
    let written = model::try_folder(folder).and_then(|()| append(&file, &sealed.note));
    written.map_err(|reason| AnchorError::Folder { path: folder.to_owned(), reason })?;
    Ok(anchor(clinic, grant, sealed.size, AnchorKind::Folder).await?)
}

/// That the ledger at `to` begins with the ledger at `from`, with both
/// checkpoints, as text for whoever checks it elsewhere.
pub async fn proof(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
    from: u64,
    to: u64,
) -> Result<Option<String>, VaultError> {
    let (Some(old), Some(new)) =
        (of_size(clinic, grant, from).await?, of_size(clinic, grant, to).await?)
    else {
        return Ok(None);
    };
    let Some(path) = clinic.vault.consistency(from, to).await? else { return Ok(None) };
    let path: Vec<String> = path.iter().map(|hash| format!("path {}\n", hex(hash))).collect();
    let head = format!("tirkeu-consistency-proof 1\nfrom {from}\nto {to}\n");
    Ok(Some(format!("{head}{}\n{}\n{}", path.concat(), old.note, new.note)))
}

/// When the ledger was last verified and what was found: in this program's
/// life, or as the ledger remembers.
pub async fn last_verified(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
) -> Result<Option<model::LastCheck>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::last_check(&mut reader).await
}

/// Walks the ledger with every witness at hand; the outcome is in the ledger
/// too. None when somebody walks already or stopped it.
pub async fn walk(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
) -> Result<Option<Verified>, VaultError> {
    let Some(walking) = clinic.vault.begin_walk() else { return Ok(None) };
    let evidence = evidence(clinic).await?;
    let started = clinic.clock().now();
    let begun = std::time::Instant::now();
    let verified = match clinic.vault.verify_with(&evidence, &walking.pace).await {
        Err(VaultError::Stopped) => return Ok(None),
        outcome => outcome?,
    };
    crate::audit::record_verified(clinic, grant, &verified).await?;
    let milliseconds = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    walking.end(Walked { verified: verified.clone(), ended_at: started, milliseconds });
    Ok(Some(verified))
}

/// How long a page waits for a walk before it shows how far it is instead.
const PATIENCE: Duration = Duration::from_millis(1500);
