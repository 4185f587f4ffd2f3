//! The breach desk: an account or a device and an interval give the exact list
//! of people whose data was seen, from the ledger; the list is frozen, the
//! terms run, the notices are written.
//!
//! Law 94-V art. 25: the authority is notified within one working day of the
//! discovery, with the contacts of who answers for personal data. Order 481/НҚ:
//! with it goes by what the people are notified (full name and/or IIN and/or
//! mobile number). The officer works with the numbers of cards; names are read
//! only for those papers, after a proof of who asks.

mod fields;
mod form;
mod model;
pub mod papers;
mod routes;
mod store;
mod touched;

use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::vault::permission::{HandleIncidents, NameAffected, ViewIncidents};
use crate::vault::{Event, Grant, Subject, Tx, Vault, VaultError};

pub use fields::{Field, Way, shown};
pub use model::{
    EventKind, EventRow, FrozenList, Incident, IncidentId, Listed, Named, Nature, NewIncident,
    Story, list_hash,
};
pub(crate) use routes::{InLanguage, csv_file, file, letterhead};
pub use routes::{IncidentPage, IncidentsPage, LeftView, NewIncidentPage, routes};
pub use touched::{Affected, Look, Origin, Scope, look};

use model::IncidentEventId;

/// Why an incident was not opened or added to.
#[derive(Debug, thiserror::Error)]
pub enum IncidentError {
    #[error("there is no such incident")]
    NoSuchIncident,
    #[error("it is closed")]
    Closed,
    /// People were affected and the authority has not been told.
    #[error("the authority has not been notified")]
    NotNotified,
    /// Before the discovery, or in the future.
    #[error("that cannot have happened then")]
    BadTime,
    #[error("somebody has changed it meanwhile")]
    Changed,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// One incident with all that belongs to it.
#[derive(Clone, Debug)]
pub struct Whole {
    pub incident: Incident,
    /// Newest first; never empty.
    pub lists: Vec<FrozenList>,
    /// In the order of time.
    pub events: Vec<EventRow>,
    /// None until it is written.
    pub story: Option<Story>,
}

/// Opens an incident: its number, its frozen list, the event of its discovery.
pub async fn open(
    clinic: &Clinic,
    grant: &Grant<HandleIncidents>,
    new: &NewIncident,
    story: &Story,
) -> Result<IncidentId, IncidentError> {
    if clinic.clock().now() < new.detected_at {
        return Err(IncidentError::BadTime);
    }
    let look = look(clinic, grant, &new.scope).await?;
    clinic
        .vault
        .change(grant, async |tx| {
            let id = IncidentId::new(tx.now());
            let number = store::insert(tx, id, new).await?;
            let listed = store::with_cards(tx, &look.people).await?;
            let made = Frozen { scope: &new.scope, ledger_size: look.ledger_size, reason: "" };
            freeze(tx, id, 1, &made, &listed, grant).await?;
            let event = IncidentEventId::new(tx.now());
            let kind = EventKind::Detected;
            store::insert_event(tx, event, id, kind, new.detected_at, "", grant.staff()).await?;
            store::insert_story(tx, id, 1, story, grant.staff()).await?;
            let opened = Event::new("incident.opened", Subject::Clinic).on("incident", id);
            let detail = json!({ "number": number, "people": listed.len() });
            Ok((id, opened.with_detail(detail)))
        })
        .await
}

/// What a list was made from.
struct Frozen<'a> {
    scope: &'a Scope,
    ledger_size: i64,
    reason: &'a str,
}

async fn freeze(
    tx: &mut Tx,
    id: IncidentId,
    version: i64,
    made: &Frozen<'_>,
    listed: &[Listed],
    grant: &Grant<HandleIncidents>,
) -> Result<(), VaultError> {
    let hash = list_hash(listed);
    let people = i64::try_from(listed.len()).unwrap_or(i64::MAX);
    let list = store::NewList {
        version,
        scope: made.scope,
        ledger_size: made.ledger_size,
        reason: made.reason,
        people,
        sha256: &hash,
    };
    store::insert_list(tx, id, &list, grant.staff()).await?;
    store::insert_people(tx, id, version, listed).await
}

/// The register, newest first.
pub async fn register(
    vault: &Vault,
    grant: &Grant<ViewIncidents>,
) -> Result<Vec<Incident>, VaultError> {
    store::register(&mut vault.read(grant).await?).await
}

/// Writes down that the register was taken out, as `pdf` or `csv`.
pub async fn note_export(
    vault: &Vault,
    grant: &Grant<ViewIncidents>,
    form: &'static str,
) -> Result<(), VaultError> {
    let event = Event::new("incident.register_exported", Subject::Clinic);
    vault.record(grant, event.with_detail(json!({ "form": form }))).await
}

/// One incident.
///
/// # Errors
/// [`IncidentError::NoSuchIncident`].
pub async fn whole(
    vault: &Vault,
    grant: &Grant<ViewIncidents>,
    id: IncidentId,
) -> Result<Whole, IncidentError> {
    let mut reader = vault.read(grant).await?;
    let incident = store::one(&mut reader, id).await?.ok_or(IncidentError::NoSuchIncident)?;
    let lists = store::lists(&mut reader, id).await?;
    let events = store::events(&mut reader, id).await?;
    let story = store::story(&mut reader, id).await?;
    Ok(Whole { incident, lists, events, story })
}

/// The people of the newest list by the numbers of their cards, and what was
/// shown of them: no names.
pub async fn people(
    vault: &Vault,
    grant: &Grant<ViewIncidents>,
    id: IncidentId,
    most: i64,
) -> Result<Vec<Listed>, VaultError> {
    store::people(&mut vault.read(grant).await?, id, most).await
}

/// Writes down what happened.
///
/// # Errors
/// [`IncidentError::BadTime`]; [`IncidentError::Closed`];
/// [`IncidentError::NotNotified`] when it is to be closed too early.
pub async fn add_event(
    vault: &Vault,
    grant: &Grant<HandleIncidents>,
    id: IncidentId,
    kind: EventKind,
    at: Timestamp,
    note: &str,
) -> Result<(), IncidentError> {
    vault
        .change(grant, async |tx| {
            let incident = store::one_in(tx, id).await?.ok_or(IncidentError::NoSuchIncident)?;
            if incident.closed_at.is_some() {
                return Err(IncidentError::Closed);
            }
            if at < incident.detected_at || tx.now() < at {
                return Err(IncidentError::BadTime);
            }
            let told = incident.authority_at.is_some() || incident.people == 0;
            if kind == EventKind::Closed && !told {
                return Err(IncidentError::NotNotified);
            }
            let event = IncidentEventId::new(tx.now());
            store::insert_event(tx, event, id, kind, at, note, grant.staff()).await?;
            let added = Event::new("incident.event_added", Subject::Clinic).on("incident", id);
            Ok(((), added.with_detail(json!({ "kind": kind, "at": at.rfc3339() }))))
        })
        .await
}

/// Writes what the notices say; what was written before stays.
pub async fn describe(
    vault: &Vault,
    grant: &Grant<HandleIncidents>,
    id: IncidentId,
    story: &Story,
) -> Result<(), IncidentError> {
    vault
        .change(grant, async |tx| {
            let incident = store::one_in(tx, id).await?.ok_or(IncidentError::NoSuchIncident)?;
            if incident.closed_at.is_some() {
                return Err(IncidentError::Closed);
            }
            let version = store::last_story(tx, id).await? + 1;
            store::insert_story(tx, id, version, story, grant.staff()).await?;
            let event = Event::new("incident.described", Subject::Clinic).on("incident", id);
            Ok(((), event.with_detail(json!({ "version": version, "nature": story.nature }))))
        })
        .await
}

/// Corrects the list by hand, for a reason: cards that do not belong there go,
/// others come. The list before stays. Gives the numbers of no card.
///
/// # Errors
/// [`IncidentError::Changed`] when `seen` is no longer the newest list.
pub async fn correct(
    vault: &Vault,
    grant: &Grant<HandleIncidents>,
    id: IncidentId,
    seen: i64,
    correction: &Correction,
) -> Result<Vec<i64>, IncidentError> {
    vault
        .change(grant, async |tx| {
            let incident = store::one_in(tx, id).await?.ok_or(IncidentError::NoSuchIncident)?;
            if incident.closed_at.is_some() {
                return Err(IncidentError::Closed);
            }
            let (scope, ledger_size, version) =
                store::newest_list(tx, id).await?.ok_or(IncidentError::NoSuchIncident)?;
            if version != seen {
                return Err(IncidentError::Changed);
            }
            let mut listed = store::people_in(tx, id, version).await?;
            listed.retain(|one| !correction.without.contains(&one.card));
            let more = store::by_card(tx, &correction.with).await?;
            let known = |card: i64| more.iter().any(|(_, number)| *number == card);
            let unknown = correction.with.iter().copied().filter(|card| !known(*card)).collect();
            for (patient_id, card) in &more {
                if !listed.iter().any(|one| one.patient_id == *patient_id) {
                    listed.push(Listed::by_hand(*patient_id, *card));
                }
            }
            let made = Frozen { scope: &scope, ledger_size, reason: &correction.reason };
            freeze(tx, id, version + 1, &made, &listed, grant).await?;
            let event = Event::new("incident.list_corrected", Subject::Clinic).on("incident", id);
            let detail = json!({ "version": version + 1, "people": listed.len() });
            Ok((unknown, event.with_detail(detail)))
        })
        .await
}

/// Which cards a list is corrected by, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    pub without: Vec<i64>,
    pub with: Vec<i64>,
    pub reason: String,
}

impl Listed {
    fn by_hand(patient_id: crate::ids::PatientId, card: i64) -> Self {
        let (fields, ways) = (Vec::new(), Vec::new());
        let (first_at, last_at) = (None, None);
        Self { patient_id, card, times: 0, first_at, last_at, fields, ways, doubtful: false }
    }
}

/// The people of the newest list as the notices name them: one of them by the
/// number of the card, or all. Whose names were read is in the ledger, and that
/// a paper was made of them.
pub async fn name_affected(
    vault: &Vault,
    grant: &Grant<NameAffected>,
    id: IncidentId,
    card: Option<i64>,
    paper: &'static str,
) -> Result<Vec<Named>, VaultError> {
    let named = vault
        .list(grant, "incident.notices_made", async |listing| {
            let named = store::named(listing, id, card).await?;
            let whose = named.iter().map(|one| one.patient_id).collect();
            Ok::<_, VaultError>((named, whose))
        })
        .await?;
    let detail = json!({ "paper": paper, "people": named.len() });
    let event = Event::new("incident.paper_printed", Subject::Clinic).on("incident", id);
    vault.record(grant, event.with_detail(detail)).await?;
    Ok(named)
}
