//! Capacity: how much of each doctor's and each chair's time was used, and the
//! empty-chair ledger: of all that was not, why, and what it would have brought.
//!
//! The hours that count on a day are the branch's: from the first shift of its
//! usual week or its extra shifts to the last. A day on which nobody would work
//! has none. Patients' names are neither read nor shown.

mod gather;
mod model;
mod routes;
mod store;

pub use model::{Cause, Use};
pub use routes::{CapacityPage, routes};

use crate::capacity::gather::Gathered;
use crate::capacity::model::Tally;
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::ids::ResourceId;
use crate::vault::permission::ViewCapacity;
use crate::vault::{Grant, VaultError};

/// The longest period that is looked at, in days.
pub const LONGEST: i64 = 92;

/// A doctor's or a place's period.
#[derive(Clone, Debug)]
pub struct Load {
    pub id: ResourceId,
    pub name: String,
    pub is_doctor: bool,
    pub tally: Tally,
    /// Each stretch of each day, in order.
    pub days: Vec<(Day, Vec<model::Stretch>)>,
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
    let load = |one: &store::Thing| {
        let mut tally = Tally::default();
        let days = gathered.days_of(one);
        let of = |day| model::classify(&day);
        let days: Vec<_> = days.into_iter().map(|(day, facts)| (day, of(facts))).collect();
        for stretch in days.iter().flat_map(|(_, stretches)| stretches) {
            tally.add(stretch, gathered.price(one, stretch));
        }
        let is_doctor = one.is_doctor();
        Load { id: one.id, name: one.short_name.clone(), is_doctor, tally, days }
    };
    let mut loads: Vec<Load> = gathered.things.iter().map(load).collect();
    loads.sort_by_key(|one| !one.is_doctor);
    Ok(loads)
}
