//! The end of an act: the last backup that held what was destroyed is gone.

use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::disposals::model::{CarriedOut, copies_until};
use crate::disposals::store;
use crate::vault::permission::RemoveFiles;
use crate::vault::{Actor, Event, Grant, Subject, VaultError};

/// Closes each act whose days are over and from before which no archive is kept
/// any more. `oldest` is when the oldest archive that is still kept was begun.
/// Gives how many were closed.
pub async fn close(clinic: &Clinic, oldest: Option<Timestamp>) -> Result<usize, VaultError> {
    let grant: Grant<RemoveFiles> =
        Actor::job("disposals").grant().map_err(|_| VaultError::NotStaff)?;
    let zone = clinic.profile.get().zone.clone();
    let today = zone.today(clinic.clock().now());
    let mut acts = store::with_copies(&mut clinic.vault.read(&grant).await?).await?;
    let is_over = |act: &CarriedOut| {
        let days_are_over = copies_until(zone.today(act.done_at)) <= today;
        days_are_over && oldest.is_none_or(|oldest| act.done_at <= oldest)
    };
    acts.retain(is_over);
    for act in &acts {
        clinic
            .vault
            .change(&grant, async |tx| {
                store::copies_gone(tx, act.id).await?;
                let event = Event::new("disposal.copies_gone", Subject::Clinic);
                let event = event.on("disposal", act.id);
                Ok::<_, VaultError>(((), event.with_detail(json!({ "number": act.number }))))
            })
            .await?;
    }
    Ok(acts.len())
}
