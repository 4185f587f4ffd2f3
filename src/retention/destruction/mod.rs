//! Whether all that is held of a patient may be destroyed: what the database
//! has of them, every row of it, judged by the rules.

mod store;

use sqlx::SqliteConnection;

use super::model::destruction::{Destruction, Holdings};
use super::{Rules, facts};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::ids::PatientId;
use crate::vault::{Disclosure, Tx, VaultError};

/// What stands in the way today; None when there is no such card.
pub async fn judge(
    disclosure: &mut Disclosure,
    clinic: &Clinic,
    rules: &Rules,
) -> Result<Option<Destruction>, VaultError> {
    let patient = disclosure.patient_id();
    judged(disclosure.sql(), clinic, rules, patient).await
}

/// The same within a change.
pub async fn judge_in(
    tx: &mut Tx,
    clinic: &Clinic,
    rules: &Rules,
    patient: PatientId,
) -> Result<Option<Destruction>, VaultError> {
    judged(tx.sql(), clinic, rules, patient).await
}

async fn judged(
    connection: &mut SqliteConnection,
    clinic: &Clinic,
    rules: &Rules,
    patient: PatientId,
) -> Result<Option<Destruction>, VaultError> {
    let Some(row) = store::holdings(connection, patient).await? else { return Ok(None) };
    let zone = clinic.profile.get().zone.clone();
    let card = facts(&row.card, clinic);
    let holdings = Holdings {
        bookings: row.bookings,
        visits: row.visits,
        last_visit: row
            .card
            .last_entry
            .as_deref()
            .and_then(|starts| starts.parse::<Civil>().ok())
            .map(Civil::day),
        consents: row.consents,
        last_consent: row.last_consent.map(|at| zone.today(at)),
        card,
    };
    Ok(Some(rules.destruction(&holdings, zone.today(clinic.clock().now()))))
}
