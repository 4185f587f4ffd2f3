//! What follows by itself: a document's time runs out, a signed one is packed.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::consents::desk::{self, Expiry};
use crate::consents::model::ConsentId;
use crate::consents::pack::{self, Contents};
use crate::consents::{ConsentError, store};
use crate::crypto::BlobHash;
use crate::jobs::{JobFailure, Jobs, enqueue};
use crate::vault::permission::SealConsent;
use crate::vault::{Actor, Cause, Grant, Tx, VaultError};

const EXPIRE: &str = "consents.expire";
const PACK: &str = "consents.pack";

#[derive(Deserialize)]
struct Payload {
    consent: ConsentId,
}

/// This capability's work; put together in `app`.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new()
        .on(EXPIRE, |clinic, payload| async move { expire(&clinic, payload).await })
        .on(PACK, |clinic, payload| async move { pack(&clinic, payload).await })
}

pub(super) async fn expire_at(
    tx: &mut Tx,
    id: ConsentId,
    due: Timestamp,
) -> Result<(), VaultError> {
    enqueue(tx, EXPIRE, &json!({ "consent": id }), due).await.map(drop)
}

pub(super) async fn make_pack(tx: &mut Tx, id: ConsentId) -> Result<(), VaultError> {
    let now = tx.now();
    enqueue(tx, PACK, &json!({ "consent": id }), now).await.map(drop)
}

async fn expire(clinic: &Clinic, payload: Value) -> Result<(), JobFailure> {
    let id = id_of(payload)?;
    let outcome = clinic
        .vault
        .change(&grant()?, async |tx| match desk::end_if_expired(tx, id).await? {
            Expiry::Now(event) => Ok(((), event)),
            Expiry::Open | Expiry::Before => Err(ConsentError::Ended),
        })
        .await;
    match outcome {
        Ok(()) | Err(ConsentError::Ended) => Ok(()),
        Err(error) => Err(failure(&error)),
    }
}

async fn pack(clinic: &Clinic, payload: Value) -> Result<(), JobFailure> {
    let id = id_of(payload)?;
    seal(clinic, &grant()?, id).await.map_err(|error| failure(&error))
}

/// Makes the pack of a signed consent and puts it into the store.
async fn seal(
    clinic: &Clinic,
    grant: &Grant<SealConsent>,
    id: ConsentId,
) -> Result<(), ConsentError> {
    let row = {
        let mut reader = clinic.vault.read(grant).await?;
        store::by_id(reader.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)?
    };
    if row.pack.is_some() {
        return Ok(());
    }
    let keys = clinic.keys.get();
    // The checkpoint that the database and the backups know: a patient with a
    // pack is a witness of the whole ledger up to it.
    let sealed = clinic.vault.seal(&keys, Cause::Consent).await?;
    let inclusion = clinic.vault.inclusion_of("consent.signed", id, sealed.size).await?;
    let inclusion = inclusion.ok_or(ConsentError::NoSuchConsent)?;
    let contents = Contents {
        document_pdf: file(clinic, row.document_pdf.as_deref()).await?,
        signed_pdf: file(clinic, row.signed_pdf.as_deref()).await?,
        evidence: row.evidence.clone().ok_or(ConsentError::NoSuchConsent)?,
        signature_svg: row.signature_svg.clone(),
        inclusion,
        checkpoint: sealed.note,
        audit_key: keys.audit_key().verifying_key(),
    };
    let (hash, _) = clinic.files.put_bytes(pack::write(&contents, &keys.seal_key())).await?;
    clinic
        .vault
        .change(grant, async |tx| {
            store::keep_pack(tx, id, &hash.to_string()).await?;
            let sealed = desk::ended("consent.sealed", &row);
            Ok(((), sealed.with_detail(json!({ "pack": hash.to_string() }))))
        })
        .await
}

async fn file(clinic: &Clinic, hash: Option<&str>) -> Result<Vec<u8>, ConsentError> {
    let hash = hash.and_then(|hash| hash.parse::<BlobHash>().ok());
    Ok(clinic.files.get_bytes(hash.ok_or(ConsentError::NoSuchConsent)?).await?)
}

fn grant() -> Result<Grant<SealConsent>, JobFailure> {
    Actor::job("consents").grant().map_err(|denied| JobFailure(denied.to_string()))
}

fn id_of(payload: Value) -> Result<ConsentId, JobFailure> {
    let payload: Payload =
        serde_json::from_value(payload).map_err(|_| JobFailure("bad_payload".to_owned()))?;
    Ok(payload.consent)
}

fn failure(error: &ConsentError) -> JobFailure {
    JobFailure(error.to_string())
}
