//! Patients: the people in the clinic's care, and finding them.
//!
//! What capabilities above this one know of a patient (visits, messages,
//! consents, retention) they put on the card themselves: each has a fragment
//! at `/patients/{id}/…`, listed in `app::CARD_SECTIONS`.

pub mod blocking;
mod form;
pub mod merging;
mod model;
mod routes;
mod store;
mod words;

use std::collections::HashSet;

use serde_json::json;

use crate::clock::Timestamp;
use crate::emergency;
use crate::ids::{PatientId, StaffId};
use crate::vault::permission::{
    EditPatient, FindPatients, Permission, ReachEverybody, RegisterPatient, ReviewLog, ViewBlocked,
    ViewPatient,
};
use crate::vault::{Event, Grant, Subject, Tx, Vault, VaultError, Violation};

pub use blocking::Block;
pub use form::{Kept, PatientForm};
pub use model::{Brief, Mask, NewPatient, Patient, Query, folded};
pub use routes::{
    CardSection, CardSections, FoundList, PatientCard, PatientEdit, PatientsPage, Place, routes,
};
pub use store::{by_iin, by_phone, card as card_of, card_in};

/// How many answers a search shows.
pub const MOST_FOUND: usize = 12;

/// Why a card was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum PatientError {
    #[error("a card without a name")]
    NoName,
    /// Another card has this IIN.
    #[error("another card has this IIN")]
    IinTaken(PatientId),
    #[error("there is no such patient")]
    NoSuchPatient,
    /// Both cards have a valid IIN, and not the same one.
    #[error("two people, by their IIN")]
    TwoPeople,
    /// Somebody changed the card meanwhile; here is what it says now.
    #[error("the card was changed meanwhile")]
    Changed(Box<Patient>),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Enters a new patient.
///
/// # Errors
/// [`PatientError::IinTaken`] with whose it is.
pub async fn register(
    vault: &Vault,
    grant: &Grant<RegisterPatient>,
    new: &NewPatient,
) -> Result<PatientId, PatientError> {
    vault.change(grant, async |tx| register_in(tx, new).await).await
}

/// Enters a new patient inside another capability's change, which returns the
/// event with its own.
pub async fn register_in(
    tx: &mut Tx,
    new: &NewPatient,
) -> Result<(PatientId, Event), PatientError> {
    if new.name.is_empty() {
        return Err(PatientError::NoName);
    }
    let id = PatientId::new(tx.now());
    if let Err(error) = store::insert(tx, id, new).await {
        return Err(taken(tx, error, new).await?);
    }
    Ok((id, Event::new("patient.registered", Subject::Patient(id))))
}

/// Replaces what a card says, but for what is `kept`, if nobody else did
/// meanwhile; the old values stay on file.
///
/// # Errors
/// [`PatientError::Changed`] when `version` is not the card's any more.
pub async fn edit(
    vault: &Vault,
    grant: &Grant<EditPatient>,
    id: PatientId,
    version: i64,
    new: &NewPatient,
    kept: Kept,
) -> Result<(), PatientError> {
    if new.name.is_empty() {
        return Err(PatientError::NoName);
    }
    let blind = !grant.actor().may::<ViewBlocked>();
    vault
        .change(grant, async |tx| {
            let before = store::card_in(tx, id).await?.ok_or(PatientError::NoSuchPatient)?;
            if blind && blocking::stands_in(tx, id).await? {
                return Err(VaultError::Blocked { patient: id, emergency: false }.into());
            }
            let mut new = new.clone();
            kept.fill(&mut new, &before);
            let new = &new;
            match store::update(tx, &before, version, new).await {
                Ok(true) => {}
                Ok(false) => return Err(PatientError::Changed(Box::new(before))),
                Err(error) => return Err(taken(tx, error, new).await?),
            }
            let edited = Event::new("patient.edited", Subject::Patient(id))
                .with_detail(json!({ "version": version + 1 }))
                .touching(format!("patient:{id}"));
            Ok(((), edited))
        })
        .await
}

async fn taken(
    tx: &mut Tx,
    error: VaultError,
    new: &NewPatient,
) -> Result<PatientError, VaultError> {
    if error.violation() == Some(Violation::Unique)
        && let Some(iin) = &new.iin
        && let Some(owner) = store::by_iin(tx, iin.as_str()).await?
    {
        return Ok(PatientError::IinTaken(owner));
    }
    Ok(error.into())
}

/// Opens a card.
pub async fn open(
    vault: &Vault,
    grant: &Grant<ViewPatient>,
    id: PatientId,
) -> Result<Patient, PatientError> {
    Ok(open_for(vault, grant, id).await?.card)
}

/// A card as it is opened.
pub struct Opened {
    pub card: Patient,
    /// Until when the reader has emergency access to it.
    pub emergency: Option<Timestamp>,
    /// The block that stands on it, for those who may see it: to others a
    /// blocked card does not open.
    pub block: Option<Block>,
}

/// Opens a card, with what its reader must know beside it.
pub async fn open_for(
    vault: &Vault,
    grant: &Grant<ViewPatient>,
    id: PatientId,
) -> Result<Opened, PatientError> {
    let mut disclosure = vault.disclose(grant, id).await?;
    let emergency = emergency::running(&mut disclosure, grant, vault.clock().now()).await?;
    let card = store::card(&mut disclosure).await?.ok_or(PatientError::NoSuchPatient)?;
    let mut block = None;
    if grant.actor().may::<ViewBlocked>() {
        block = blocking::shown(&mut disclosure).await?;
    }
    Ok(Opened { card, emergency, block })
}

/// Finds patients by name in any order, case and alphabet, with slips of the
/// finger; by phone number in any format or its last digits; by IIN or card
/// number. The likeliest first.
pub async fn find(
    vault: &Vault,
    grant: &Grant<FindPatients>,
    text: &str,
) -> Result<Vec<Brief>, VaultError> {
    look_up(vault, grant, "patients.found", text).await
}

/// The same for whoever reviews the access log and shows the numbers of the
/// cards alone.
pub async fn find_for_review(
    vault: &Vault,
    grant: &Grant<ReviewLog>,
    text: &str,
) -> Result<Vec<Brief>, VaultError> {
    look_up(vault, grant, "audit.cards_found", text).await
}

async fn look_up<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
    screen: &'static str,
    text: &str,
) -> Result<Vec<Brief>, VaultError> {
    let query = Query::understand(text);
    vault
        .list(grant, screen, async |listing| {
            let mut found = search(listing, &query).await?;
            if found.is_empty() {
                found = search(listing, &Query::other_layout(text)).await?;
            }
            blocking::hide(listing, grant, &mut found).await?;
            let mut seen = HashSet::new();
            found.retain(|brief| seen.insert(brief.id));
            found.truncate(MOST_FOUND);
            let whose: Vec<PatientId> = found.iter().map(|brief| brief.id).collect();
            let beyond = listing.beyond(&whose).await?;
            found.iter_mut().filter(|brief| beyond.contains(&brief.id)).for_each(Brief::mask);
            Ok((found, whose))
        })
        .await
}

async fn search(
    listing: &mut crate::vault::Listing,
    query: &Query,
) -> Result<Vec<Brief>, VaultError> {
    match query {
        Query::Nothing => Ok(Vec::new()),
        Query::Digits(digits) => {
            store::by_digits(listing, digits, i64::try_from(MOST_FOUND).unwrap_or(i64::MAX)).await
        }
        Query::Email(beginning) => {
            let most = i64::try_from(MOST_FOUND).unwrap_or(i64::MAX);
            store::by_email(listing, beginning, most).await
        }
        Query::Words(words) => words::find(listing, words).await,
    }
}

/// A page of all cards, newest first, and how many there are: of those who see
/// their own patients only, these.
pub async fn list(
    vault: &Vault,
    grant: &Grant<FindPatients>,
    below: Option<i64>,
    limit: i64,
) -> Result<(Vec<Brief>, i64), VaultError> {
    let own = grant.staff().filter(|_| !grant.actor().may::<ReachEverybody>());
    vault
        .list(grant, "patients.listed", async |listing| {
            let from = own.map(|staff| (staff, vault.clock().now()));
            let (page, count) = page(listing, grant, from, below, limit).await?;
            let whose = page.iter().map(|brief| brief.id).collect();
            Ok(((page, count), whose))
        })
        .await
}

/// As many cards as fit on a page, those that may be seen, and how many there
/// are: of `own`, whose own patients they are at a moment.
async fn page(
    listing: &mut crate::vault::Listing,
    grant: &Grant<FindPatients>,
    own: Option<(StaffId, Timestamp)>,
    below: Option<i64>,
    limit: i64,
) -> Result<(Vec<Brief>, i64), VaultError> {
    let whole = usize::try_from(limit).unwrap_or_default();
    let (mut page, mut below) = (Vec::new(), below.unwrap_or(i64::MAX));
    loop {
        let (mut more, count) = match own {
            None => {
                let hidden = blocking::count(listing, grant).await?;
                let all = store::count(listing).await?;
                (store::newest(listing, below, limit).await?, all - hidden)
            }
            Some((staff, now)) => store::own(listing, staff, now, below, limit).await?,
        };
        let last = more.last().filter(|_| more.len() == whole).map(|brief| brief.number);
        blocking::hide(listing, grant, &mut more).await?;
        page.append(&mut more);
        page.truncate(whole);
        match last {
            Some(number) if page.len() < whole => below = number,
            _ => return Ok((page, count)),
        }
    }
}

/// Nothing finds a card by its name any more; for what destroys it.
pub(crate) async fn forget_name_in(
    tx: &mut Tx,
    number: i64,
    name: &crate::contact::Name,
) -> Result<(), VaultError> {
    words::store::forget(tx, number, &folded(name)).await
}
