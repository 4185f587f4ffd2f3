//! What the clock does: signs the ledger when it is due, and writes the newest
//! checkpoint to the folder, and to whoever gets it by mail, when their day has come.

use crate::audit::checkpoints::model::{self, AnchorKind};
use crate::audit::checkpoints::{self, AnchorError, mailed, store};
use crate::audit::model::start as start_of;
use crate::clinic::Clinic;
use crate::vault::permission::VerifyLog;
use crate::vault::{Actor, Denied, Grant, Sealed, VaultError};

/// Every twenty seconds (second, minute, hour, day, month, weekday): a thousand
/// events of an import are soon there.
pub const SEALING: &str = "*/20 * * * * *";

/// Why the clock's work was not done.
#[derive(Debug, thiserror::Error)]
pub enum ChoreError {
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Denied(#[from] Denied),
}

/// To be done by the clock.
pub async fn seal_if_due(clinic: Clinic) {
    match chores(&clinic).await {
        // Said on every page already.
        Ok(_) | Err(ChoreError::Vault(VaultError::Full(_))) => {}
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "no checkpoint");
        }
    }
}

/// Signs the ledger if that is due, and once a day writes the newest checkpoint
/// to the folder, if one is set. Gives what was signed.
pub async fn chores(clinic: &Clinic) -> Result<Option<Sealed>, ChoreError> {
    let grant = Actor::job("audit").grant::<VerifyLog>()?;
    let newest = clinic.vault.newest_checkpoint(&grant).await?;
    let zone = clinic.profile.get().zone.clone();
    let now = clinic.clock().now();
    let today = start_of(&zone, zone.today(now));
    let mut made = None;
    if clinic.vault.grew_since(&grant, newest.as_ref()).await? {
        let mut reader = clinic.vault.read(&grant).await?;
        let size = store::size(&mut reader).await?;
        drop(reader);
        if let Some(cause) = model::due(newest.as_ref(), size, now, today) {
            made = Some(checkpoints::seal(clinic, &grant, cause).await?);
        }
    }
    if let Some(newest) = made.as_ref().or(newest.as_ref()) {
        carry_out(clinic, &grant, newest, today).await?;
        mailed::write_due(clinic, newest, today).await?;
    }
    Ok(made)
}

/// A folder that is not there today (the stick is in a pocket) is tried again;
/// the page tells how old the last one is.
async fn carry_out(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
    newest: &Sealed,
    today: crate::clock::Timestamp,
) -> Result<(), VaultError> {
    let Some(folder) = checkpoints::folder(clinic, grant).await? else { return Ok(()) };
    let anchors = checkpoints::anchors(clinic, grant).await?;
    let last = anchors.iter().find(|anchor| anchor.kind == AnchorKind::Folder);
    if last.is_some_and(|last| last.made_at >= today || last.size == newest.size) {
        return Ok(());
    }
    match checkpoints::write_to_folder(clinic, grant, &folder, newest).await {
        Err(AnchorError::Vault(error)) => Err(error),
        Err(error) => {
            tracing::debug!(%error, "no checkpoint outside");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}
