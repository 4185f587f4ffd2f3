//! The compliance desk: the rules on a year of invented work, and the pages on
//! a real ledger.

mod desk;
mod findings;
mod misdeeds;
mod rules;
mod work;
mod world;
mod year;

use tirkeu::audit::findings::{Limits, limits_of};
use tirkeu::vault::Actor;
use tirkeu::vault::permission::WatchLog;

use crate::support::TestClinic;

/// The limits that the migration brings.
pub async fn shipped_limits() -> Limits {
    let clinic = TestClinic::open().await;
    let job = Actor::job("oversight").grant::<WatchLog>().unwrap();
    limits_of(&mut clinic.vault().read(&job).await.unwrap()).await.unwrap()
}
