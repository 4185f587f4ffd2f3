//! The rail's number, counted anew whenever it may be another one.

use serde_json::{Value, json};

use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::followups::{AHEAD, count_waiting};
use crate::jobs::{self, JobFailure, Jobs};
use crate::vault::{Tx, VaultError};

/// Queued whenever the number may have changed.
const COUNT: &str = "followups.count";

/// The work this capability does for itself.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new().on(COUNT, count)
}

async fn count(clinic: Clinic, _: Value) -> Result<(), JobFailure> {
    Ok(count_waiting(&clinic).await?)
}

/// Counts once this change is kept.
pub(super) async fn recount_now_in(tx: &mut Tx) -> Result<(), VaultError> {
    jobs::enqueue(tx, COUNT, &json!({}), tx.now()).await.map(drop)
}

/// The same, and again on the morning when one that is due on `due` has to be
/// called.
pub(super) async fn recount_in(tx: &mut Tx, clinic: &Clinic, due: Day) -> Result<(), VaultError> {
    recount_now_in(tx).await?;
    let zone = clinic.profile.get().zone.clone();
    let Some(morning) = Civil::new(due.plus_days(-AHEAD), 0) else { return Ok(()) };
    let at = zone.instant(morning);
    if tx.now() < at {
        jobs::enqueue(tx, COUNT, &json!({}), at).await?;
    }
    Ok(())
}
