//! What a patient's merge and the undoing of an import ask of appointments.

mod store;

use std::collections::HashMap;

use crate::booking::Status;
use crate::followups::{self, Lapse};
use crate::ids::{AppointmentId, PatientId};
use crate::vault::{Listing, Tx, VaultError};

pub use store::{Visited, hand_over_in};

/// How many visits each of these patients has had, and the last one; those
/// without any are missing.
pub async fn visited(
    listing: &mut Listing,
    patients: &[PatientId],
) -> Result<Vec<Visited>, VaultError> {
    store::visited(listing, patients).await
}

/// How every appointment that came from a spreadsheet stands now.
pub async fn imported_statuses(
    listing: &mut Listing,
) -> Result<HashMap<AppointmentId, Status>, VaultError> {
    Ok(store::statuses(listing).await?.into_iter().collect())
}

/// Takes an appointment away again that nobody has changed since it was
/// entered. False when it stays.
pub async fn remove_unused_in(tx: &mut Tx, id: AppointmentId) -> Result<bool, VaultError> {
    if !store::unchanged(tx, id).await? {
        return Ok(false);
    }
    let gone = tx.attempt(async |tx| {
        followups::fell_through_in(tx, id, Lapse::Cancelled).await?;
        store::remove(tx, id).await
    });
    Ok(gone.await?.is_some())
}
