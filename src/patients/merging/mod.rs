//! Two cards of one person become one, or are told apart for good.
//!
//! The absorbed card stays as a tombstone that leads to the one that was kept:
//! old links and its history in the ledger still lead somewhere. What other
//! capabilities hold of it they hand over themselves, in the same change.

mod store;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use crate::ids::{PatientId, StaffId};
use crate::patients::model::{NewPatient, Patient};
use crate::patients::{PatientError, store as cards};
use crate::vault::{Event, Listing, Subject, Tx, VaultError};

pub use store::{cards_of, offered_of};

/// Two cards that may be one person, waiting for somebody's word.
#[derive(Clone, Debug, PartialEq, Serialize, sqlx::FromRow)]
pub struct LikelyPair {
    pub a: PatientId,
    pub b: PatientId,
    /// 0 to 1.
    pub score: f64,
    /// Stable codes, such as `same_phone`.
    #[sqlx(json)]
    pub reasons: Vec<String>,
}

/// What a merge is to make of two cards, as they stood when it was decided.
#[derive(Clone, Debug)]
pub struct Merging {
    /// The card that stays, and its version.
    pub kept: (PatientId, i64),
    /// The card that leads to it from now on, and its version.
    pub absorbed: (PatientId, i64),
    /// What the kept card says afterwards.
    pub result: NewPatient,
}

/// Ids of what was handed over, by table.
pub type Moved = BTreeMap<&'static str, Vec<String>>;

/// Whether two cards have two IINs that are both valid: then they are two
/// people, whatever else agrees.
pub fn are_two_people(a: &Patient, b: &Patient) -> bool {
    matches!((&a.iin, &b.iin), (Some(a), Some(b)) if a != b)
}

/// Offers pairs to be looked at. Those told apart before, and pairs of a card
/// with itself, are passed over. Gives how many wait now that did not.
pub async fn offer_in(tx: &mut Tx, pairs: &[LikelyPair]) -> Result<u64, VaultError> {
    let mut offered = 0;
    for pair in pairs {
        offered += store::offer(tx, pair).await?;
    }
    Ok(offered)
}

/// Pairs that wait for a decision, the likeliest first, and how many there are.
pub async fn offered(
    listing: &mut Listing,
    skip: i64,
    most: i64,
) -> Result<(Vec<LikelyPair>, i64), VaultError> {
    Ok((store::offered(listing, skip, most).await?, store::count_offered(listing).await?))
}

/// Writes down that two cards are two people.
///
/// # Errors
/// [`PatientError::NoSuchPatient`], also for a card and itself.
pub async fn keep_apart_in(
    tx: &mut Tx,
    a: PatientId,
    b: PatientId,
    by: Option<StaffId>,
) -> Result<Event, PatientError> {
    if a == b {
        return Err(PatientError::NoSuchPatient);
    }
    for id in [a, b] {
        cards::card_in(tx, id).await?.ok_or(PatientError::NoSuchPatient)?;
    }
    store::keep_apart(tx, a, b, by).await?;
    Ok(Event::new("patient.told_apart", Subject::Patients(vec![a, b])))
}

/// Makes one card of two: the kept card says `result`, the absorbed one leads
/// to it. The caller hands over what other capabilities hold, and then calls
/// [`moved_in`], all in one change.
///
/// # Errors
/// [`PatientError::TwoPeople`] when both have a valid IIN and not the same;
/// [`PatientError::Changed`] when a card is not as it was looked at;
/// [`PatientError::IinTaken`].
pub async fn merge_in(tx: &mut Tx, merging: &Merging) -> Result<Event, PatientError> {
    let (kept_id, absorbed_id) = (merging.kept.0, merging.absorbed.0);
    if kept_id == absorbed_id {
        return Err(PatientError::NoSuchPatient);
    }
    let kept = cards::card_in(tx, kept_id).await?.ok_or(PatientError::NoSuchPatient)?;
    let absorbed = cards::card_in(tx, absorbed_id).await?.ok_or(PatientError::NoSuchPatient)?;
    for (card, seen) in [(&kept, merging.kept.1), (&absorbed, merging.absorbed.1)] {
        if card.version != seen || card.merged_into.is_some() {
            return Err(PatientError::Changed(Box::new(card.clone())));
        }
    }
    if kept_id == absorbed_id {
        return Err(PatientError::NoSuchPatient);
    }
    if are_two_people(&kept, &absorbed) {
        return Err(PatientError::TwoPeople);
    }
    store::absorb(tx, &absorbed, kept_id).await?;
    match cards::update(tx, &kept, kept.version, &merging.result).await {
        Ok(true) => {}
        Ok(false) => return Err(PatientError::Changed(Box::new(kept))),
        Err(error) => return Err(super::taken(tx, error, &merging.result).await?),
    }
    store::hand_over_pairs(tx, absorbed_id, kept_id).await?;
    Ok(Event::new("patient.merged", Subject::Patients(vec![kept_id, absorbed_id]))
        .on("patient", kept_id)
        .touching(format!("patient:{kept_id}"))
        .touching(format!("patient:{absorbed_id}")))
}

/// Keeps on file who merged, and what came along; the event says how much.
pub async fn moved_in(
    tx: &mut Tx,
    merging: &Merging,
    by: Option<StaffId>,
    moved: &Moved,
    event: Event,
) -> Result<Event, VaultError> {
    store::note(tx, merging, by, &json!(moved).to_string()).await?;
    let counts: BTreeMap<&str, usize> =
        moved.iter().map(|(table, ids)| (*table, ids.len())).collect();
    Ok(event.with_detail(json!({
        "kept": merging.kept.0.to_string(),
        "absorbed": merging.absorbed.0.to_string(),
        "moved": counts,
    })))
}

/// Takes a card away again that nobody has corrected, merged or used since it
/// was made: for the undoing of an import. False when it stays.
pub async fn remove_unused_in(tx: &mut Tx, id: PatientId) -> Result<bool, VaultError> {
    let Some(number) = store::unchanged(tx, id).await? else { return Ok(false) };
    let gone = tx.attempt(async |tx| store::remove(tx, id, number).await).await?;
    Ok(gone.is_some())
}
