//! Many rows at once, as the wizard enters them: one change, one event a row.

use crate::ids::BranchId;
use crate::schedule::ScheduleError;
use crate::schedule::catalogue::{
    self, Catalog, Resource, ResourceDraft, ResourceRow, Service, ServiceDraft, ServiceRow,
    short_name,
};
use crate::vault::permission::SetUpClinic;
use crate::vault::{Events, Grant, Tx, Vault};

/// Enters, renames and ends people and places: all of the rows or none.
///
/// # Errors
/// [`ScheduleError::NoSuch`] when a row names what is not there.
pub async fn put_resources(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    branch_id: BranchId,
    rows: &[ResourceRow],
) -> Result<(), ScheduleError> {
    let changed = vault
        .change(grant, async |tx| {
            let catalog = catalogue::setup_in(tx).await?;
            let mut events: Option<Events> = None;
            for row in rows {
                if let Some(more) = put_resource(tx, &catalog, branch_id, row).await? {
                    events = Some(joined(events, more));
                }
            }
            events.map(|events| ((), events)).ok_or(Unchanged::Nothing)
        })
        .await;
    unless_nothing(changed)
}

async fn put_resource(
    tx: &mut Tx,
    catalog: &Catalog,
    branch_id: BranchId,
    row: &ResourceRow,
) -> Result<Option<Events>, ScheduleError> {
    let Some(id) = row.id else {
        if row.name.is_empty() {
            return Ok(None);
        }
        let draft = ResourceDraft {
            specialty: row.specialty.clone(),
            ..ResourceDraft::named(branch_id, row.kind, &row.name)
        };
        return Ok(Some(catalogue::add_resource_in(tx, &draft).await?.1.into()));
    };
    let known = catalog.resource(id).ok_or(ScheduleError::NoSuch)?;
    if row.name.is_empty() {
        return Ok(Some(catalogue::end_resource_in(tx, id).await?.into()));
    }
    let draft = renamed(known, row);
    if draft == known.draft() {
        return Ok(None);
    }
    Ok(Some(catalogue::change_resource_in(tx, id, &draft).await?.into()))
}

/// A new name makes a new short name, unless the short one was given by hand.
fn renamed(known: &Resource, row: &ResourceRow) -> ResourceDraft {
    let short = |name: &str| if row.kind.is_person() { short_name(name) } else { name.to_owned() };
    let mut draft = known.draft();
    if draft.short_name == short(&known.name) {
        draft.short_name = short(&row.name);
    }
    draft.kind = row.kind;
    draft.name.clone_from(&row.name);
    draft.specialty.clone_from(&row.specialty);
    draft
}

/// Enters, changes and ends services: all of the rows or none.
///
/// # Errors
/// [`ScheduleError::NoSuch`] when a row names what is not there.
pub async fn put_services(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    rows: &[ServiceRow],
) -> Result<(), ScheduleError> {
    let changed = vault
        .change(grant, async |tx| {
            let catalog = catalogue::setup_in(tx).await?;
            let mut events: Option<Events> = None;
            for row in rows {
                if let Some(more) = put_service(tx, &catalog, row).await? {
                    events = Some(joined(events, more));
                }
            }
            events.map(|events| ((), events)).ok_or(Unchanged::Nothing)
        })
        .await;
    unless_nothing(changed)
}

async fn put_service(
    tx: &mut Tx,
    catalog: &Catalog,
    row: &ServiceRow,
) -> Result<Option<Events>, ScheduleError> {
    let Some(id) = row.id else {
        if row.name.is_empty() {
            return Ok(None);
        }
        let draft = ServiceDraft {
            duration_minutes: row.duration_minutes,
            price: row.price,
            ..ServiceDraft::named(&row.name)
        };
        return Ok(Some(catalogue::add_service_in(tx, &draft).await?.1.into()));
    };
    let known: &Service = catalog.service(id).ok_or(ScheduleError::NoSuch)?;
    if row.name.is_empty() {
        return Ok(Some(catalogue::end_service_in(tx, id).await?.into()));
    }
    let draft = ServiceDraft {
        name: row.name.clone(),
        duration_minutes: row.duration_minutes,
        price: row.price,
        ..known.draft()
    };
    if draft == known.draft() {
        return Ok(None);
    }
    Ok(Some(catalogue::change_service_in(tx, id, &draft).await?.into()))
}

/// Why a change was given up.
pub(in crate::schedule) enum Unchanged {
    /// All is as it was: there is nothing to write.
    Nothing,
    Failed(ScheduleError),
}

impl<E: Into<ScheduleError>> From<E> for Unchanged {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

pub(in crate::schedule) fn unless_nothing(
    changed: Result<(), Unchanged>,
) -> Result<(), ScheduleError> {
    match changed {
        Ok(()) | Err(Unchanged::Nothing) => Ok(()),
        Err(Unchanged::Failed(error)) => Err(error),
    }
}

pub(in crate::schedule) fn joined(events: Option<Events>, more: Events) -> Events {
    match events {
        None => more,
        Some(events) => events.and(more),
    }
}
