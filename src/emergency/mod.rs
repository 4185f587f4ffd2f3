//! Emergency access ("break-glass"): opening a card that is not one's own
//! patient's, or what a card hides, because it has to be now.
//!
//! One person, one patient, one hour, a reason in words; the owner and the
//! compliance officer are told at once, and each access stays open on their
//! list until one of them, never the person themselves, has said what they
//! think of it (SECURITY.md 5.2). The reason may name an illness: it lies in its
//! own table and never in the ledger.

mod model;
mod routes;
mod store;

use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::{PatientId, StaffId};
use crate::jobs;
use crate::vault::permission::{OpenEmergency, ReviewEmergency, ViewPatient};
use crate::vault::{Disclosure, Event, Grant, Subject, Tx, Vault, VaultError};

pub use model::{
    Access, AccessId, Cause, DURATION_MS, Notice, OpenForm, REVIEW_WITHIN_MS, Verdict,
};
pub use routes::{EmergencyForm, ReviewsPage, routes};
pub use store::hand_over_in;

/// The work that an opening asks for: those who review are told (`mail`).
pub const OPENED: &str = "emergency.opened";

/// The rail's entry that counts what waits for a review.
pub const WAITING: &str = "emergencies";

/// Why an access was not opened or reviewed.
#[derive(Debug, thiserror::Error)]
pub enum EmergencyError {
    #[error("there is no such patient or access")]
    NoSuch,
    /// Others look at what somebody did.
    #[error("nobody reviews their own access")]
    OwnAccess,
    #[error("it was reviewed already")]
    Reviewed,
    #[error("this is open to staff only")]
    NotStaff,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Opens one patient's card for an hour.
pub async fn open(
    clinic: &Clinic,
    grant: &Grant<OpenEmergency>,
    patient: PatientId,
    cause: Cause,
    reason: &str,
) -> Result<AccessId, EmergencyError> {
    let staff = grant.staff().ok_or(EmergencyError::NotStaff)?;
    let id = clinic
        .vault
        .change(grant, async |tx| {
            if !store::is_patient(tx, patient).await? {
                return Err(EmergencyError::NoSuch);
            }
            let id = AccessId::new(tx.now());
            let until = tx.now().plus_ms(DURATION_MS);
            store::insert(tx, id, (staff, patient), cause, reason, until).await?;
            let now = tx.now();
            jobs::enqueue(tx, OPENED, &json!({ "access": id }), now).await?;
            let opened = Event::new("emergency.opened", Subject::Patient(patient))
                .on("emergency", id)
                .because(cause.name())
                .touching("emergencies");
            Ok((id, opened))
        })
        .await?;
    count_waiting(clinic).await?;
    Ok(id)
}

/// Gives the access back before its hour is over.
pub async fn close(
    vault: &Vault,
    grant: &Grant<OpenEmergency>,
    patient: PatientId,
) -> Result<(), EmergencyError> {
    let staff = grant.staff().ok_or(EmergencyError::NotStaff)?;
    // Whoever gives it back may not see the patient from here on: the event
    // names the access, and the access the patient.
    vault
        .change(grant, async |tx| {
            let id = store::close(tx, staff, patient).await?.ok_or(EmergencyError::NoSuch)?;
            Ok(((), Event::new("emergency.closed", Subject::Clinic).on("emergency", id)))
        })
        .await
}

/// What those who review are told of an access before they look: nothing of whom.
pub async fn notice(tx: &mut Tx, id: AccessId) -> Result<Option<Notice>, VaultError> {
    store::notice(tx, id).await
}

/// Whether this person has emergency access to the patient whose card is open,
/// and until when.
pub async fn running(
    disclosure: &mut Disclosure,
    grant: &Grant<ViewPatient>,
    now: Timestamp,
) -> Result<Option<Timestamp>, VaultError> {
    let Some(staff) = grant.staff() else { return Ok(None) };
    store::running(disclosure, staff, now).await
}

/// Every access that waits for a review, the oldest first, then those that were
/// reviewed lately.
pub async fn all(vault: &Vault, grant: &Grant<ReviewEmergency>) -> Result<Vec<Access>, VaultError> {
    vault
        .list(grant, "emergencies.listed", async |listing| {
            let found = store::all(listing).await?;
            let whose = found.iter().map(|access| access.patient_id).collect();
            Ok((found, whose))
        })
        .await
}

/// Closes the matter: somebody else says what they think of it.
///
/// # Errors
/// [`EmergencyError::OwnAccess`], [`EmergencyError::Reviewed`].
pub async fn review(
    clinic: &Clinic,
    grant: &Grant<ReviewEmergency>,
    id: AccessId,
    verdict: Verdict,
    note: &str,
) -> Result<(), EmergencyError> {
    let staff = grant.staff().ok_or(EmergencyError::NotStaff)?;
    clinic
        .vault
        .change(grant, async |tx| {
            let (whose, patient): (StaffId, PatientId) =
                store::find(tx, id).await?.ok_or(EmergencyError::NoSuch)?;
            if whose == staff {
                return Err(EmergencyError::OwnAccess);
            }
            if !store::insert_review(tx, id, staff, verdict, note).await? {
                return Err(EmergencyError::Reviewed);
            }
            let reviewed = Event::new("emergency.reviewed", Subject::Patient(patient))
                .on("emergency", id)
                .because(verdict.name())
                .with_detail(json!({ "noted": !note.is_empty() }))
                .touching("emergencies");
            Ok(((), reviewed))
        })
        .await?;
    Ok(count_waiting(clinic).await?)
}

/// Counts anew what the rail shows.
pub async fn count_waiting(clinic: &Clinic) -> Result<(), VaultError> {
    let job = crate::vault::Actor::job("emergency").grant().map_err(|_| VaultError::NotStaff)?;
    let mut reader = clinic.vault.read::<crate::vault::permission::ViewClinic>(&job).await?;
    clinic.waiting.set(WAITING, store::waiting(&mut reader).await?);
    Ok(())
}
