//! When the rules look: every few minutes at what is new. A night's work is
//! not another one: the first look of a day closes the day before.

use crate::clinic::Clinic;
use crate::vault::permission::WatchLog;
use crate::vault::{Actor, VaultError};

/// Every five minutes (second, minute, hour, day, month, weekday).
pub const WATCHING: &str = "30 */5 * * * *";

/// To be done by the clock.
pub async fn look(clinic: Clinic) {
    if let Err(error) = look_now(&clinic).await {
        tracing::error!(error = &error as &dyn std::error::Error, "the ledger was not judged");
    }
}

/// The same at once, for an officer who does not want to wait. The rules act,
/// not the officer.
pub async fn look_now(clinic: &Clinic) -> Result<(), VaultError> {
    let Ok(grant) = Actor::job("oversight").grant::<WatchLog>() else { return Ok(()) };
    super::watch(clinic, &grant).await.map(drop)
}
