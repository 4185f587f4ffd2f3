//! The nightly backup. The clock only asks whether it is due; the list of
//! attempts decides, so that a night that was missed is made up for.

use crate::backup::model::{self, Kind, Outcome, Run};
use crate::backup::{self, BackupError, Source};
use crate::clinic::Clinic;
use crate::disposals;
use crate::jobs::{JobFailure, Jobs};
use crate::vault::permission::{RunBackup, ViewBackups};
use crate::vault::{Actor, Denied, Grant, VaultError};

/// Every ten minutes (second, minute, hour, day, month, weekday).
pub const NIGHTLY: &str = "0 */10 * * * *";

/// An archive is looked at again after so long.
const LOOK_AGAIN_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Why the nightly work was not done.
#[derive(Debug, thiserror::Error)]
pub enum NightlyError {
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Denied(#[from] Denied),
}

/// This capability's work; put together in `app`.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new().on(disposals::DONE, |clinic, _| async move {
        let grant = grant().map_err(|_| JobFailure("permission".to_owned()))?;
        Ok(backup::spread(&Source::of(&clinic), &grant).await?)
    })
}

/// To be done by the clock.
pub async fn nightly(clinic: Clinic) {
    if let Err(error) = nightly_if_due(&clinic).await {
        tracing::error!(error = &error as &dyn std::error::Error, "no nightly backup");
    }
}

/// Makes the nightly backup if it is due, then removes what is too old and
/// looks at one archive that nobody looked at for a week. Says whether a
/// backup was made. Without a recovery kit nothing is tried: the page says so.
pub async fn nightly_if_due(clinic: &Clinic) -> Result<bool, NightlyError> {
    let source = Source::of(clinic);
    let (see, run) = (grant::<ViewBackups>()?, grant::<RunBackup>()?);
    let runs = backup::list(&source.vault, &see).await?;
    let now = clinic.clock().now();
    let due = model::is_due(&runs, now, &clinic.profile.get().zone);
    if !due || source.keyring.kit_recipients().is_empty() {
        return Ok(false);
    }
    let folder = backup::folder(&source, &see).await?;
    match backup::now(&source, &run, &folder, Kind::Nightly, None).await {
        Ok(_) => {}
        Err(BackupError::Running) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    backup::prune(&source, &run).await?;
    disposals::close_copies(clinic, backup::oldest(&source.vault, &see).await?).await?;
    let unseen = |run: &&Run| {
        let seen = run.checked_at.or(run.finished_at).unwrap_or(now);
        let lost = run.check_outcome.is_some_and(|outcome| outcome != Outcome::Good);
        run.is_good()
            && run.removed_at.is_none()
            && !lost
            && now.unix_ms() - seen.unix_ms() >= LOOK_AGAIN_MS
    };
    if let Some(old) = runs.iter().filter(unseen).min_by_key(|run| run.checked_at) {
        backup::look(&source, &run, old).await?;
    }
    Ok(true)
}

fn grant<P: crate::vault::permission::Permission>() -> Result<Grant<P>, Denied> {
    Actor::job("backup").grant()
}
