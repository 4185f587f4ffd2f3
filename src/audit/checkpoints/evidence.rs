//! Every witness at hand: the head and the checkpoints beside the database, and
//! those in it.

use std::path::Path;

use crate::clinic::{Clinic, Places};
use crate::crypto::VerifyingKey;
use crate::vault::{Evidence, Head, Kept, VaultError, checkpoints_beside};

/// Of a running clinic.
pub async fn evidence(clinic: &Clinic) -> Result<Evidence, VaultError> {
    let keyring = clinic.keys.get();
    let keys = keyring.audit_verifying_keys();
    let database = Places::database(&clinic.places.data_dir);
    let mut evidence = evidence_beside(&database, &keyring.audit_origin(), &keys)?;
    let stored = clinic.vault.stored_notes().await?;
    evidence.add_notes(&stored, Kept::Inside, Some(&keyring.audit_origin()), Some(&keys));
    Ok(evidence)
}

/// Of a data folder: what lies beside its database.
pub fn evidence_beside(
    database: &Path,
    origin: &str,
    keys: &[VerifyingKey],
) -> Result<Evidence, VaultError> {
    let mut evidence = Evidence::of(Head::beside(database)?);
    match std::fs::read_to_string(checkpoints_beside(database)) {
        Ok(text) => {
            evidence.add_notes(&text, Kept::Beside, Some(origin), Some(keys));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    Ok(evidence)
}
