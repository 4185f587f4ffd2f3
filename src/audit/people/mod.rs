//! What the officer knows of the people who work here: their own phone, when
//! they leave, which cards are theirs or their family's; and the cards of
//! people whom others are curious about.

mod store;

use crate::audit::AuditError;
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::contact::Phone;
use crate::ids::{PatientId, StaffId};
use crate::vault::permission::{MarkPeople, ReviewLog};
use crate::vault::{Event, Grant, Subject, Tx, VaultError};

pub use store::{Declared, Known, Watched, hand_over_kin_in, hand_over_watched_in};

/// Everybody who works or worked here, and what is known of them.
pub async fn known(clinic: &Clinic, grant: &Grant<ReviewLog>) -> Result<Vec<Known>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::known(&mut reader).await
}

/// One of them, and the cards declared.
///
/// # Errors
/// [`AuditError::NoSuch`].
pub async fn one(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    staff: StaffId,
) -> Result<(Known, Vec<Declared>), AuditError> {
    let mut reader = clinic.vault.read(grant).await?;
    let known = store::known(&mut reader).await?.into_iter().find(|one| one.id == staff);
    let known = known.ok_or(AuditError::NoSuch)?;
    Ok((known, store::declared(&mut reader, staff).await?))
}

/// The watched cards, by number.
pub async fn watched(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
) -> Result<Vec<Watched>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::watched(&mut reader).await
}

/// Writes down somebody's own phone and their last day at work, when known.
///
/// # Errors
/// [`AuditError::NoSuch`].
pub async fn set_person(
    clinic: &Clinic,
    grant: &Grant<MarkPeople>,
    staff: StaffId,
    phone: Option<&Phone>,
    leaving_on: Option<Day>,
) -> Result<(), AuditError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_person(tx, staff, phone, leaving_on).await.map_err(no_such)?;
            // Fields, not values: a phone must be erasable.
            let detail = serde_json::json!({
                "phone": phone.is_some(), "leaving_on": leaving_on,
            });
            let set = Event::new("audit.person_set", Subject::Clinic).on("staff", staff);
            Ok(((), set.with_detail(detail)))
        })
        .await
}

/// A card is somebody's own or that of their family.
///
/// # Errors
/// [`AuditError::NoSuch`] person or card.
pub async fn declare(
    clinic: &Clinic,
    grant: &Grant<MarkPeople>,
    staff: StaffId,
    number: i64,
    own: bool,
) -> Result<(), AuditError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let patient = card(tx, number).await?;
            store::declare(tx, staff, patient, own, grant.staff()).await.map_err(no_such)?;
            let event = Event::new("audit.relative_declared", Subject::Patient(patient));
            Ok(((), event.on("staff", staff)))
        })
        .await
}

/// A declared card was a mistake.
///
/// # Errors
/// [`AuditError::NoSuch`].
pub async fn take_back(
    clinic: &Clinic,
    grant: &Grant<MarkPeople>,
    staff: StaffId,
    number: i64,
) -> Result<(), AuditError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let patient = card(tx, number).await?;
            if !store::take_back(tx, staff, patient).await? {
                return Err(AuditError::NoSuch);
            }
            let event = Event::new("audit.relative_taken_back", Subject::Patient(patient));
            Ok(((), event.on("staff", staff)))
        })
        .await
}

/// Every look at this card is asked about from now on.
///
/// # Errors
/// [`AuditError::NoSuch`] card.
pub async fn mark(
    clinic: &Clinic,
    grant: &Grant<MarkPeople>,
    number: i64,
) -> Result<(), AuditError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let patient = card(tx, number).await?;
            store::mark(tx, patient, grant.staff()).await?;
            Ok(((), Event::new("audit.card_marked", Subject::Patient(patient))))
        })
        .await
}

/// It no longer is.
///
/// # Errors
/// [`AuditError::NoSuch`].
pub async fn unmark(
    clinic: &Clinic,
    grant: &Grant<MarkPeople>,
    number: i64,
) -> Result<(), AuditError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let patient = card(tx, number).await?;
            if !store::unmark(tx, patient).await? {
                return Err(AuditError::NoSuch);
            }
            Ok(((), Event::new("audit.card_unmarked", Subject::Patient(patient))))
        })
        .await
}

async fn card(tx: &mut Tx, number: i64) -> Result<PatientId, AuditError> {
    store::card(tx, number).await?.ok_or(AuditError::NoSuch)
}

fn no_such(error: VaultError) -> AuditError {
    match error.violation() {
        Some(crate::vault::Violation::Reference) => AuditError::NoSuch,
        _ => error.into(),
    }
}
