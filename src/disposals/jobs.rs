//! The files of a destroyed person leave the disk once their rows are gone: in
//! that order, so that a crash between leaves work to be done, never a row
//! whose file is missing.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::clinic::Clinic;
use crate::disposals::model::DisposalId;
use crate::disposals::store;
use crate::jobs::{JobFailure, Jobs, enqueue};
use crate::vault::permission::RemoveFiles;
use crate::vault::{Actor, Event, Grant, Subject, Tx, VaultError};

const FILES: &str = "disposals.files";

#[derive(Deserialize)]
struct Payload {
    disposal: DisposalId,
}

/// This capability's work; put together in `app`.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new().on(FILES, |clinic, payload| async move { remove(&clinic, payload).await })
}

pub(super) async fn remove_files(tx: &mut Tx, id: DisposalId) -> Result<(), VaultError> {
    let now = tx.now();
    enqueue(tx, FILES, &json!({ "disposal": id }), now).await.map(drop)
}

async fn remove(clinic: &Clinic, payload: Value) -> Result<(), JobFailure> {
    let payload: Payload =
        serde_json::from_value(payload).map_err(|_| JobFailure("payload".to_owned()))?;
    let id = payload.disposal;
    let grant: Grant<RemoveFiles> =
        Actor::job("disposals").grant().map_err(|_| JobFailure("permission".to_owned()))?;
    let files = store::files(&mut clinic.vault.read(&grant).await?, id).await?;
    let count = files.len();
    let store = clinic.files.clone();
    let removed = tokio::task::spawn_blocking(move || {
        files.into_iter().try_for_each(|file| store.remove(file))
    });
    match removed.await {
        Ok(Ok(())) => {}
        Ok(Err(_)) | Err(_) => return Err(JobFailure("file".to_owned())),
    }
    clinic
        .vault
        .change(&grant, async |tx| {
            store::forget_files(tx, id).await?;
            let event = Event::new("disposal.files_removed", Subject::Clinic).on("disposal", id);
            Ok::<_, VaultError>(((), event.with_detail(json!({ "count": count }))))
        })
        .await?;
    Ok(())
}
