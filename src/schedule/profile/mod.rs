//! The clinic's name, telephone, address and time zone, what papers say of it,
//! and whether its set-up is finished.

mod model;
mod store;

use crate::clinic::{Clinic, ProfileData};
use crate::clock::Zone;
use crate::schedule::catalogue::{self, BranchDraft};
use crate::schedule::{ScheduleError, setup_in};
use crate::vault::permission::{SetUpClinic, ViewClinic};
use crate::vault::{Actor, Event, Events, Grant, Reader, Subject, Tx, Vault, VaultError};

pub use model::{ClinicDraft, ClinicFacts, Missing, Requisites};

/// None before the first step of the wizard.
pub async fn facts(reader: &mut Reader) -> Result<Option<ClinicFacts>, VaultError> {
    store::facts(reader).await
}

/// What pages show of the clinic; the default before it is set up.
///
/// # Errors
/// [`ScheduleError::BadZone`] when the system's tzdata lacks the clinic's zone.
pub async fn load_profile(vault: &Vault) -> Result<ProfileData, ScheduleError> {
    let grant: Grant<ViewClinic> = Actor::job("schedule").grant().expect("the policy lets jobs");
    let mut reader = vault.read(&grant).await?;
    let Some(facts) = store::facts(&mut reader).await? else { return Ok(ProfileData::default()) };
    let zone = Zone::named(&facts.zone).map_err(|_| ScheduleError::BadZone)?;
    Ok(ProfileData { name: facts.name, zone, set_up: facts.set_up_at.is_some() })
}

/// Enters what the clinic says of itself. The only branch follows as long as it
/// says the same.
///
/// # Errors
/// [`ScheduleError::BadZone`].
pub async fn set_facts(
    clinic: &Clinic,
    grant: &Grant<SetUpClinic>,
    draft: &ClinicDraft,
) -> Result<(), ScheduleError> {
    clinic
        .vault
        .change(grant, async |tx| Ok::<_, ScheduleError>(((), set_facts_in(tx, draft).await?)))
        .await?;
    clinic.profile.replace(load_profile(&clinic.vault).await?);
    Ok(())
}

/// As [`set_facts`]; the caller puts [`load_profile`] into the running clinic.
pub async fn set_facts_in(tx: &mut Tx, draft: &ClinicDraft) -> Result<Events, ScheduleError> {
    Zone::named(&draft.zone).map_err(|_| ScheduleError::BadZone)?;
    let before = store::facts_in(tx).await?;
    store::put_facts(tx, draft).await?;
    let changed = Event::new("clinic.changed", Subject::Clinic).touching(catalogue::TOPIC);
    let branch = branch_of(draft);
    let catalog = setup_in(tx).await?;
    let open: Vec<_> = catalog.open_branches().collect();
    match (open.as_slice(), before) {
        ([], _) => {
            let (_, added) = catalogue::add_branch_in(tx, &branch).await?;
            Ok(changed.and(added))
        }
        ([only], Some(before))
            if only.name == before.name
                && only.address == before.address_ru
                && only.phone == before.phone =>
        {
            let followed = catalogue::change_branch_in(tx, only.id, &branch).await?;
            Ok(changed.and(followed))
        }
        _ => Ok(changed.into()),
    }
}

/// The name that papers print of whoever answers for personal data.
pub async fn set_responsible_in(tx: &mut Tx, name: &str) -> Result<(), VaultError> {
    store::set_responsible(tx, name).await
}

fn branch_of(draft: &ClinicDraft) -> BranchDraft {
    BranchDraft {
        name: draft.name.clone(),
        address: draft.address_ru.clone(),
        phone: draft.phone.clone(),
        zone: draft.zone.clone(),
    }
}

/// The wizard is done.
///
/// # Errors
/// [`ScheduleError::NotReady`] while the clinic has no name or no doctor.
pub async fn finish_set_up(
    clinic: &Clinic,
    grant: &Grant<SetUpClinic>,
) -> Result<(), ScheduleError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let somebody = setup_in(tx).await?.doctors().next().is_some();
            if !somebody || !store::finish(tx).await? {
                return Err(ScheduleError::NotReady);
            }
            let event = Event::new("clinic.set_up", Subject::Clinic);
            Ok(((), event.touching(catalogue::TOPIC)))
        })
        .await?;
    clinic.profile.replace(load_profile(&clinic.vault).await?);
    Ok(())
}
