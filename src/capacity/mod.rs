//! Capacity: how much of each doctor's and each chair's time was used, and the
//! empty-chair ledger: of all that was not, why, and what it would have brought.
//!
//! The hours that count on a day are the branch's: from the first shift of its
//! usual week or its extra shifts to the last. A day on which nobody would work
//! has none. Patients' names are neither read nor shown.

mod gather;
mod model;
mod price;
mod routes;
mod store;

use serde_json::json;

pub use model::{Cause, Use};
pub use price::{Basis, Rate};
pub use routes::{CapacityPage, CapacityRulePage, routes};

use crate::capacity::gather::Gathered;
use crate::capacity::model::{Stretch, Tally};
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::ids::ResourceId;
use crate::vault::permission::{SetCapacity, ViewCapacity};
use crate::vault::{Event, Grant, Subject, VaultError};

/// The longest period that is looked at, in days.
pub const LONGEST: i64 = 92;

/// What the ledger goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Rule {
    /// A cancellation with less notice came too late to sell the time again.
    pub late_minutes: i64,
    /// What the owner says a chair's hour is worth.
    pub chair_hour_tiyn: Option<i64>,
}

/// A doctor's or a place's period.
#[derive(Clone, Debug)]
pub struct Load {
    pub id: ResourceId,
    pub name: String,
    pub is_doctor: bool,
    pub rate: Rate,
    pub tally: Tally,
    /// Each stretch of each day, in order.
    pub stretches: Vec<Priced>,
}

/// A stretch of a day and what it would have brought, in tiyn.
#[derive(Clone, Copy, Debug)]
pub struct Priced {
    pub day: Day,
    pub stretch: Stretch,
    pub tiyn: i64,
}

/// The period of everybody and everything that takes patients, doctors first.
pub async fn loads(
    clinic: &Clinic,
    grant: &Grant<ViewCapacity>,
    (first, last): (Day, Day),
) -> Result<Vec<Load>, VaultError> {
    let zone = clinic.profile.get().zone.clone();
    let mut reader = clinic.vault.read(grant).await?;
    let gathered = Gathered::read(&mut reader, &zone, first, last).await?;
    let mut loads: Vec<Load> = gathered.things.iter().map(|one| load(&gathered, one)).collect();
    loads.sort_by_key(|one| !one.is_doctor);
    Ok(loads)
}

fn load(gathered: &Gathered, thing: &store::Thing) -> Load {
    let rate = gathered.rate(thing);
    let (mut tally, mut stretches) = (Tally::default(), Vec::new());
    for (day, facts) in gathered.days_of(thing) {
        for stretch in model::classify(&facts) {
            let tiyn = gathered.price(thing, rate, &stretch);
            tally.add(&stretch, tiyn);
            stretches.push(Priced { day, stretch, tiyn });
        }
    }
    let (name, is_doctor) = (thing.short_name.clone(), thing.is_doctor());
    Load { id: thing.id, name, is_doctor, rate, tally, stretches }
}

/// The same, to be taken away in a file.
pub async fn export(
    clinic: &Clinic,
    grant: &Grant<ViewCapacity>,
    (first, last): (Day, Day),
) -> Result<Vec<Load>, VaultError> {
    let taken = Event::new("capacity.exported", Subject::Clinic);
    let detail = json!({ "from": first, "until": last });
    clinic.vault.record(grant, taken.with_detail(detail)).await?;
    loads(clinic, grant, (first, last)).await
}

/// What the ledger goes by, as it stands.
pub async fn rule(clinic: &Clinic, grant: &Grant<SetCapacity>) -> Result<Rule, VaultError> {
    store::rule(&mut clinic.vault.read(grant).await?).await
}

/// Sets it. Past periods are reckoned by it from then on.
///
/// # Errors
/// A [`Check`](crate::vault::Violation::Check) violation when a number is out of
/// its bounds.
pub async fn set_rule(
    clinic: &Clinic,
    grant: &Grant<SetCapacity>,
    rule: Rule,
) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_rule(tx, rule, grant.staff()).await?;
            let detail = json!({
                "late_minutes": rule.late_minutes, "chair_hour_tiyn": rule.chair_hour_tiyn,
            });
            Ok(((), Event::new("capacity.rule_set", Subject::Clinic).with_detail(detail)))
        })
        .await
}
