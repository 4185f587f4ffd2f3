//! What was destroyed stays destroyed when a backup from before it is restored
//! (SECURITY.md 9.4): the acts are kept outside of the archives too, and those
//! that a restored clinic does not know are carried out once more.

use serde_json::json;

use crate::crypto::BlobStore;
use crate::disposals::model::CarriedOut;
use crate::disposals::{erasing, jobs, store};
use crate::vault::permission::{Permission, RunBackup};
use crate::vault::{Event, Grant, Snapshot, Subject, Vault, VaultError};

/// Every act that was carried out, the oldest first.
pub async fn carried_out<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Vec<CarriedOut>, VaultError> {
    store::carried_out(vault.read(grant).await?.sql()).await
}

/// The same as of a snapshot.
pub async fn carried_out_in(snapshot: &mut Snapshot) -> Result<Vec<CarriedOut>, VaultError> {
    store::carried_out(snapshot.sql()).await
}

/// Carries out those acts that this clinic does not know, each one change with
/// its own event, files included. Gives how many there were. An act was judged
/// when two people did it: it is not judged again.
pub async fn replay(
    vault: &Vault,
    files: &BlobStore,
    grant: &Grant<RunBackup>,
    acts: &[CarriedOut],
) -> Result<usize, ReplayError> {
    let known = carried_out(vault, grant).await?;
    let mut done = 0;
    for act in acts.iter().filter(|act| known.iter().all(|known| known.id != act.id)) {
        vault
            .change(grant, async |tx| {
                for card in act.merged.iter().chain([&act.patient_id]) {
                    erasing::erase_in(tx, act.id, *card, act.extent).await?;
                }
                store::keep_replay(tx, act).await?;
                let event = Event::new("disposal.replayed", Subject::Patient(act.patient_id));
                let detail = json!({ "number": act.number, "extent": act.extent });
                Ok::<_, VaultError>(((), event.on("disposal", act.id).with_detail(detail)))
            })
            .await?;
        jobs::remove_files_of(vault, files, grant, act.id).await?;
        done += 1;
    }
    vault.trim_log(0).await?;
    Ok(done)
}

/// Why an act was not carried out again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("a file could not be removed")]
    File(#[from] std::io::Error),
    #[error(transparent)]
    Vault(#[from] VaultError),
}
