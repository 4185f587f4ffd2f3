//! The files of a destroyed person leave the disk once their rows are gone: in
//! that order, so that a crash between leaves work to be done, never a row
//! whose file is missing.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::clinic::Clinic;
use crate::crypto::BlobStore;
use crate::disposals::model::DisposalId;
use crate::disposals::replay::ReplayError;
use crate::disposals::store;
use crate::jobs::{JobFailure, Jobs, enqueue};
use crate::vault::permission::{Permission, RemoveFiles};
use crate::vault::{Actor, Event, Grant, Subject, Tx, Vault, VaultError};

const FILES: &str = "disposals.files";

/// For `backup`: the list beside the archives is to be written anew.
pub const DONE: &str = "disposals.done";

#[derive(Deserialize)]
struct Payload {
    disposal: DisposalId,
}

/// This capability's work; put together in `app`.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new().on(FILES, |clinic, payload| async move { remove(&clinic, payload).await })
}

/// To be done once the rows are gone.
pub(super) async fn remove_files(tx: &mut Tx, id: DisposalId) -> Result<(), VaultError> {
    let now = tx.now();
    enqueue(tx, FILES, &json!({ "disposal": id }), now).await?;
    enqueue(tx, DONE, &json!({}), now).await.map(drop)
}

async fn remove(clinic: &Clinic, payload: Value) -> Result<(), JobFailure> {
    let payload: Payload =
        serde_json::from_value(payload).map_err(|_| JobFailure("payload".to_owned()))?;
    let grant: Grant<RemoveFiles> =
        Actor::job("disposals").grant().map_err(|_| JobFailure("permission".to_owned()))?;
    let removed = remove_files_of(&clinic.vault, &clinic.files, &grant, payload.disposal).await;
    removed.map_err(|error| match error {
        ReplayError::File(_) => JobFailure("file".to_owned()),
        ReplayError::Vault(error) => error.into(),
    })
}

/// Takes the files of an act off the disk, then forgets their names.
pub(super) async fn remove_files_of<P: Permission>(
    vault: &Vault,
    files: &BlobStore,
    grant: &Grant<P>,
    id: DisposalId,
) -> Result<(), ReplayError> {
    let names = store::files(&mut vault.read(grant).await?, id).await?;
    let count = names.len();
    let files = files.clone();
    let removing = move || names.into_iter().try_for_each(|file| files.remove(file));
    tokio::task::spawn_blocking(removing).await.map_err(std::io::Error::other)??;
    vault
        .change(grant, async |tx| {
            store::forget_files(tx, id).await?;
            let event = Event::new("disposal.files_removed", Subject::Clinic).on("disposal", id);
            Ok::<_, VaultError>(((), event.with_detail(json!({ "count": count }))))
        })
        .await?;
    Ok(())
}
