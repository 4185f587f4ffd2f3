//! What the clinic is made of: branches; doctors, places and devices; services.
//!
//! Nothing is deleted: what is no longer there is ended, and what was booked
//! with it still says its name.

mod model;
mod rows;
mod store;
mod unused;

use crate::clock::{Timestamp, Zone};
use crate::ids::{BranchId, ResourceId, ServiceId};
use crate::schedule::{ScheduleError, hours};
use crate::vault::permission::SetUpClinic;
use crate::vault::{Event, Events, Grant, Reader, Subject, Tx, Vault, VaultError, Violation};

pub use model::{
    Branch, BranchDraft, Catalog, Performer, Resource, ResourceDraft, ResourceKind, ResourceRow,
    Service, ServiceDraft, ServiceRow, TreatingStaff, short_name,
};
pub(in crate::schedule) use rows::{Unchanged, joined, unless_nothing};
pub use rows::{put_resources, put_services};
pub use unused::{remove_unused_resource_in, remove_unused_service_in};

/// Pages that show the set-up ask again when this topic changes.
pub const TOPIC: &str = "setup";

/// All the clinic is made of, in five queries.
pub async fn setup(reader: &mut Reader) -> Result<Catalog, VaultError> {
    store::setup(reader).await
}

/// The same, with what this transaction has changed so far.
pub async fn setup_in(tx: &mut Tx) -> Result<Catalog, VaultError> {
    store::setup_in(tx).await
}

/// Members of staff who may treat, to be joined with a doctor's column.
pub async fn treating_staff(reader: &mut Reader) -> Result<Vec<TreatingStaff>, VaultError> {
    store::treating_staff(reader).await
}

/// Opens a branch.
///
/// # Errors
/// [`ScheduleError::BadZone`].
pub async fn add_branch(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    draft: &BranchDraft,
) -> Result<BranchId, ScheduleError> {
    vault.change(grant, async |tx| add_branch_in(tx, draft).await).await
}

pub async fn add_branch_in(
    tx: &mut Tx,
    draft: &BranchDraft,
) -> Result<(BranchId, Event), ScheduleError> {
    known_zone(&draft.zone)?;
    let id = BranchId::new(tx.now());
    store::insert_branch(tx, id, draft).await?;
    Ok((id, event("branch.added", "branch", id)))
}

/// The branch that has worked longest; a new one of this name where none does.
pub async fn ensure_branch_in(
    tx: &mut Tx,
    name: &str,
    zone: &str,
) -> Result<(BranchId, Option<Event>), ScheduleError> {
    let catalog = store::setup_in(tx).await?;
    if let Some(first) = catalog.open_branches().next() {
        return Ok((first.id, None));
    }
    let (address, phone) = (String::new(), None);
    let draft = BranchDraft { name: name.to_owned(), address, phone, zone: zone.to_owned() };
    let (id, added) = add_branch_in(tx, &draft).await?;
    Ok((id, Some(added)))
}

/// # Errors
/// [`ScheduleError::NoSuch`], [`ScheduleError::BadZone`].
pub async fn change_branch(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    id: BranchId,
    draft: &BranchDraft,
) -> Result<(), ScheduleError> {
    vault.change(grant, async |tx| Ok(((), change_branch_in(tx, id, draft).await?))).await
}

pub async fn change_branch_in(
    tx: &mut Tx,
    id: BranchId,
    draft: &BranchDraft,
) -> Result<Event, ScheduleError> {
    known_zone(&draft.zone)?;
    let found = store::update_branch(tx, id, draft).await?;
    let changed = event("branch.changed", "branch", id);
    found.then_some(changed).ok_or(ScheduleError::NoSuch)
}

/// Closes a branch for good.
///
/// # Errors
/// [`ScheduleError::LastBranch`] when no other works.
pub async fn end_branch(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    id: BranchId,
) -> Result<(), ScheduleError> {
    vault
        .change(grant, async |tx| {
            let catalog = store::setup_in(tx).await?;
            if catalog.open_branches().all(|branch| branch.id == id) {
                return Err(ScheduleError::LastBranch);
            }
            let found = store::end_branch(tx, id).await?;
            done(found, event("branch.ended", "branch", id))
        })
        .await
}

/// Enters a doctor, chair, room, device or assistant.
///
/// # Errors
/// [`ScheduleError::NoSuch`] when there is no such branch or member of staff.
pub async fn add_resource(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    draft: &ResourceDraft,
) -> Result<ResourceId, ScheduleError> {
    vault.change(grant, async |tx| add_resource_in(tx, draft).await).await
}

pub async fn add_resource_in(
    tx: &mut Tx,
    draft: &ResourceDraft,
) -> Result<(ResourceId, Event), ScheduleError> {
    let id = ResourceId::new(tx.now());
    store::insert_resource(tx, id, draft).await.map_err(no_such)?;
    let added = event("resource.added", "resource", id);
    Ok((id, added.with_detail(serde_json::json!({ "kind": draft.kind }))))
}

/// # Errors
/// [`ScheduleError::NoSuch`].
pub async fn change_resource(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    id: ResourceId,
    draft: &ResourceDraft,
) -> Result<(), ScheduleError> {
    vault.change(grant, async |tx| Ok(((), change_resource_in(tx, id, draft).await?))).await
}

pub async fn change_resource_in(
    tx: &mut Tx,
    id: ResourceId,
    draft: &ResourceDraft,
) -> Result<Event, ScheduleError> {
    let found = store::update_resource(tx, id, draft).await.map_err(no_such)?;
    let changed = event("resource.changed", "resource", id);
    found.then_some(changed).ok_or(ScheduleError::NoSuch)
}

/// Somebody left, or a chair is gone: from tomorrow on they have no shifts.
/// Appointments stay where they are, to be moved by people.
///
/// # Errors
/// [`ScheduleError::NoSuch`] when it is not there or ended already.
pub async fn end_resource(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    id: ResourceId,
) -> Result<(), ScheduleError> {
    vault.change(grant, async |tx| Ok(((), end_resource_in(tx, id).await?))).await
}

pub async fn end_resource_in(tx: &mut Tx, id: ResourceId) -> Result<Event, ScheduleError> {
    let today = today_of(tx, id).await?;
    hours::end_all_in(tx, id, today).await?;
    let found = store::end_resource(tx, id).await?;
    found.then_some(event("resource.ended", "resource", id)).ok_or(ScheduleError::NoSuch)
}

/// Takes an ending back; shifts are to be entered anew.
///
/// # Errors
/// [`ScheduleError::NoSuch`] when it has not ended.
pub async fn resume_resource(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    id: ResourceId,
) -> Result<(), ScheduleError> {
    vault
        .change(grant, async |tx| {
            let found = store::resume_resource(tx, id).await?;
            done(found, event("resource.resumed", "resource", id))
        })
        .await
}

/// Enters a service.
///
/// # Errors
/// [`ScheduleError::NoSuch`] when there is no such performer.
pub async fn add_service(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    draft: &ServiceDraft,
) -> Result<ServiceId, ScheduleError> {
    vault.change(grant, async |tx| add_service_in(tx, draft).await).await
}

pub async fn add_service_in(
    tx: &mut Tx,
    draft: &ServiceDraft,
) -> Result<(ServiceId, Event), ScheduleError> {
    let id = ServiceId::new(tx.now());
    store::insert_service(tx, id, draft).await.map_err(no_such)?;
    Ok((id, event("service.added", "service", id)))
}

/// # Errors
/// [`ScheduleError::NoSuch`].
pub async fn change_service(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    id: ServiceId,
    draft: &ServiceDraft,
) -> Result<(), ScheduleError> {
    vault.change(grant, async |tx| Ok(((), change_service_in(tx, id, draft).await?))).await
}

pub async fn change_service_in(
    tx: &mut Tx,
    id: ServiceId,
    draft: &ServiceDraft,
) -> Result<Event, ScheduleError> {
    let found = store::update_service(tx, id, draft).await.map_err(no_such)?;
    let changed = event("service.changed", "service", id);
    found.then_some(changed).ok_or(ScheduleError::NoSuch)
}

/// The clinic no longer does it.
///
/// # Errors
/// [`ScheduleError::NoSuch`].
pub async fn end_service(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    id: ServiceId,
) -> Result<(), ScheduleError> {
    vault.change(grant, async |tx| Ok(((), end_service_in(tx, id).await?))).await
}

pub async fn end_service_in(tx: &mut Tx, id: ServiceId) -> Result<Event, ScheduleError> {
    let found = store::end_service(tx, id).await?;
    found.then_some(event("service.ended", "service", id)).ok_or(ScheduleError::NoSuch)
}

/// # Errors
/// [`ScheduleError::NoSuch`] when it has not ended.
pub async fn resume_service(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    id: ServiceId,
) -> Result<(), ScheduleError> {
    vault
        .change(grant, async |tx| {
            let found = store::resume_service(tx, id).await?;
            done(found, event("service.resumed", "service", id))
        })
        .await
}

/// Today where a resource is.
async fn today_of(tx: &mut Tx, id: ResourceId) -> Result<crate::clock::Day, ScheduleError> {
    let now: Timestamp = tx.now();
    let catalog = store::setup_in(tx).await?;
    let branch = catalog.resource(id).and_then(|resource| catalog.branch(resource.branch_id));
    let zone = known_zone(&branch.ok_or(ScheduleError::NoSuch)?.zone)?;
    Ok(zone.today(now))
}

fn known_zone(name: &str) -> Result<Zone, ScheduleError> {
    Zone::named(name).map_err(|_| ScheduleError::BadZone)
}

fn event(action: &'static str, kind: &'static str, id: impl std::fmt::Display) -> Event {
    Event::new(action, Subject::Clinic).on(kind, id).touching(TOPIC)
}

fn done(found: bool, event: Event) -> Result<((), Events), ScheduleError> {
    if found { Ok(((), event.into())) } else { Err(ScheduleError::NoSuch) }
}

fn no_such(error: VaultError) -> ScheduleError {
    match error.violation() {
        Some(Violation::Reference) => ScheduleError::NoSuch,
        _ => error.into(),
    }
}
