//! When the machine looks at itself: each night, and when somebody asks. The
//! clock only asks whether it is due; what was found last decides, so that a
//! night that was missed is made up for.

use serde_json::Value;

use crate::clinic::Clinic;
use crate::jobs::{JobFailure, Jobs};
use crate::system::{CHECK, check, model, store};
use crate::vault::permission::RunChecks;
use crate::vault::{Actor, Grant, VaultError};

/// Every ten minutes (second, minute, hour, day, month, weekday).
pub const NIGHTLY: &str = "0 5/10 * * * *";

/// The work this capability does for itself.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new().on(CHECK, asked)
}

async fn asked(clinic: Clinic, _: Value) -> Result<(), JobFailure> {
    let grant = grant().ok_or_else(|| JobFailure("denied".to_owned()))?;
    check(&clinic, &grant).await?;
    Ok(())
}

/// To be done by the clock.
pub async fn nightly(clinic: Clinic) {
    if let Err(error) = nightly_if_due(&clinic).await {
        tracing::error!(error = &error as &dyn std::error::Error, "no self-check");
    }
}

/// Looks, if nobody has since four in the morning. Says whether it did.
pub async fn nightly_if_due(clinic: &Clinic) -> Result<bool, VaultError> {
    let Some(grant) = grant() else { return Ok(false) };
    let last = store::last(&mut clinic.vault.read(&grant).await?).await?;
    let zone = clinic.profile.get().zone.clone();
    let due = model::is_due(&last, clinic.clock().now(), &zone);
    if due {
        let found = check(clinic, &grant).await?;
        for outcome in found.iter().filter(|outcome| 0 < outcome.wrong) {
            tracing::error!(check = outcome.check.name(), wrong = outcome.wrong, "self-check");
        }
    }
    Ok(due)
}

fn grant() -> Option<Grant<RunChecks>> {
    Actor::job("system").grant().ok()
}
