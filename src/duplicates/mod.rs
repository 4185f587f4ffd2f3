//! Likely duplicates: pairs of cards that may be one person, looked at side by
//! side and merged or told apart.
//!
//! This stands above the capabilities that hold something of a patient: each
//! hands its own rows over, all in the change that merges the cards. The suite
//! fails when a table refers to a patient and is not handed over.

mod form;
mod routes;

use std::collections::{BTreeMap, HashMap};

use crate::audit;
use crate::booking::{self, handover::Visited};
use crate::clinic::Clinic;
use crate::consents;
use crate::conversations;
use crate::emergency;
use crate::followups;
use crate::ids::PatientId;
use crate::inbox;
use crate::interop::matching::{Mention, matched};
use crate::interop::run::{self as import, model::code};
use crate::messaging;
use crate::online;
use crate::patients::blocking;
use crate::patients::merging::{self, LikelyPair, Merging};
use crate::patients::{Patient, PatientError};
use crate::reminders;
use crate::replies;
use crate::retention;
use crate::subject_requests;
use crate::vault::permission::MergePatients;
use crate::vault::{Event, Grant, Subject};
use crate::waitlist;

pub use form::{Choice, MergeForm};
pub use routes::{LikelyFact, LikelyOfPatient, LikelyPage, PairPage, routes};

/// A pair as somebody looks at it.
#[derive(Clone, Debug)]
pub struct Pair {
    pub a: Side,
    pub b: Side,
    /// None for two cards that nobody has found alike.
    pub likely: Option<LikelyPair>,
}

/// One card of a pair.
#[derive(Clone, Debug)]
pub struct Side {
    pub card: Patient,
    pub visits: i64,
    /// Civil, `2026-12-01T09:30`; None without any.
    pub last_visit: Option<String>,
}

impl Pair {
    pub fn are_two_people(&self) -> bool {
        merging::are_two_people(&self.a.card, &self.b.card)
    }
}

/// A page of pairs that wait for a decision, the likeliest first, and how many
/// there are.
pub async fn waiting(
    clinic: &Clinic,
    grant: &Grant<MergePatients>,
    skip: i64,
    most: i64,
) -> Result<(Vec<Pair>, i64), PatientError> {
    clinic
        .vault
        .list(grant, "duplicates.listed", async |listing| {
            let (pairs, count) = merging::offered(listing, skip, most).await?;
            let pairs = sides(listing, grant, pairs).await?;
            let whose = pairs.iter().flat_map(|pair| [pair.a.card.id, pair.b.card.id]).collect();
            Ok(((pairs, count), whose))
        })
        .await
}

/// The pairs of one card that wait for a decision.
pub async fn of_patient(
    clinic: &Clinic,
    grant: &Grant<MergePatients>,
    id: PatientId,
) -> Result<Vec<Pair>, PatientError> {
    clinic
        .vault
        .list(grant, "duplicates.listed", async |listing| {
            let pairs = merging::offered_of(listing, id).await?;
            let pairs = sides(listing, grant, pairs).await?;
            let whose = pairs.iter().flat_map(|pair| [pair.a.card.id, pair.b.card.id]).collect();
            Ok((pairs, whose))
        })
        .await
}

/// Any two cards side by side, in this order.
///
/// # Errors
/// [`PatientError::NoSuchPatient`], also for a card that was absorbed already.
pub async fn pair(
    clinic: &Clinic,
    grant: &Grant<MergePatients>,
    a: PatientId,
    b: PatientId,
) -> Result<Pair, PatientError> {
    let (first, second) = (a.min(b), a.max(b));
    clinic
        .vault
        .list(grant, "duplicates.compared", async |listing| {
            let known = merging::offered_of(listing, a).await?;
            let known = known.into_iter().find(|pair| (pair.a, pair.b) == (first, second));
            let bare = LikelyPair { a: first, b: second, score: 0.0, reasons: Vec::new() };
            let mut pairs = sides(listing, grant, vec![known.clone().unwrap_or(bare)]).await?;
            let mut pair = pairs.pop().filter(|_| a != b).ok_or(PatientError::NoSuchPatient)?;
            pair.likely = known;
            if pair.a.card.id != a {
                std::mem::swap(&mut pair.a, &mut pair.b);
            }
            let live = pair.a.card.merged_into.is_none() && pair.b.card.merged_into.is_none();
            let whose = vec![first, second];
            if live { Ok((pair, whose)) } else { Err(PatientError::NoSuchPatient) }
        })
        .await
}

/// Makes one card of two. Visits, messages, consents, bans and what an import
/// remembers go over to the card that stays; the other leads to it.
///
/// # Errors
/// Those of [`merging::merge_in`].
pub async fn merge(
    clinic: &Clinic,
    grant: &Grant<MergePatients>,
    decided: &Merging,
) -> Result<(), PatientError> {
    let (from, to) = (decided.absorbed.0, decided.kept.0);
    clinic
        .vault
        .change(grant, async |tx| {
            let event = merging::merge_in(tx, decided).await?;
            // One line for each table that refers to a patient.
            let moved = BTreeMap::from([
                ("audit_kin", audit::people::hand_over_kin_in(tx, from, to).await?),
                ("audit_watched", audit::people::hand_over_watched_in(tx, from, to).await?),
                ("message", messaging::hand_over_in(tx, from, to).await?),
                ("consent", consents::handover::hand_over_in(tx, from, to).await?),
                ("appointment", booking::handover::hand_over_in(tx, from, to).await?),
                ("reply", replies::hand_over_in(tx, from, to).await?),
                ("conversation", conversations::hand_over_cards_in(tx, from, to).await?),
                ("lead", inbox::hand_over_leads_in(tx, from, to).await?),
                ("answer_link", reminders::hand_over_in(tx, from, to).await?),
                ("follow_up", followups::hand_over_in(tx, from, to).await?),
                ("waitlist_wish", waitlist::hand_over_in(tx, from, to).await?),
                ("online_request", online::hand_over_in(tx, from, to).await?),
                ("import_key", import::hand_over_in(tx, from, to).await?),
                ("retention_hold", retention::hand_over_in(tx, from, to).await?),
                ("emergency", emergency::hand_over_in(tx, from, to).await?),
                ("retention_discharge", retention::hand_over_discharges_in(tx, from, to).await?),
                ("subject_request", subject_requests::hand_over_in(tx, from, to).await?),
                ("patient_block", blocking::hand_over_in(tx, from, to).await?),
            ]);
            let event = merging::moved_in(tx, decided, grant.staff(), &moved, event).await?;
            Ok(((), event))
        })
        .await
}

/// Writes down that two cards are two people: they are never offered again.
pub async fn keep_apart(
    clinic: &Clinic,
    grant: &Grant<MergePatients>,
    a: PatientId,
    b: PatientId,
) -> Result<(), PatientError> {
    clinic
        .vault
        .change(grant, async |tx| Ok(((), merging::keep_apart_in(tx, a, b, grant.staff()).await?)))
        .await
}

/// Looks through all cards for likely duplicates, as an import does, and offers
/// those that nobody has decided on. Gives how many are new.
pub async fn look(clinic: &Clinic, grant: &Grant<MergePatients>) -> Result<u64, PatientError> {
    let cards = clinic
        .vault
        .list(grant, "duplicates.looked", async |listing| {
            // No card is shown to anybody: whose they are is logged when a pair is.
            Ok::<_, PatientError>((import::people(listing).await?, Vec::new()))
        })
        .await?;
    let work = move || {
        let people: Vec<_> = cards.iter().map(import::person_of).collect();
        let mention = |(at, person)| Mention { person, known: Some(at) };
        let mentions: Vec<Mention> = people.iter().enumerate().map(mention).collect();
        let found = matched(&mentions);
        // Cards are mentioned once and never joined: numbers are places.
        let pair = |pair: crate::interop::matching::Duplicate| LikelyPair {
            a: cards[pair.a].id,
            b: cards[pair.b].id,
            score: pair.score,
            reasons: pair.reasons.iter().map(code).collect(),
        };
        found.duplicates.into_iter().map(pair).collect::<Vec<_>>()
    };
    let pairs = tokio::task::spawn_blocking(work).await.expect("matching does not panic");
    clinic
        .vault
        .change(grant, async |tx| {
            let new = merging::offer_in(tx, &pairs).await?;
            let event = Event::new("duplicates.looked_for", Subject::Clinic)
                .with_detail(serde_json::json!({ "new": new }));
            Ok((new, event))
        })
        .await
}

/// The pairs with their cards; those with a card that is blocked are left out.
async fn sides(
    listing: &mut crate::vault::Listing,
    grant: &Grant<MergePatients>,
    mut pairs: Vec<LikelyPair>,
) -> Result<Vec<Pair>, PatientError> {
    let hidden = blocking::hidden_from(listing, grant).await?;
    pairs.retain(|pair| !hidden.contains(&pair.a) && !hidden.contains(&pair.b));
    let ids: Vec<PatientId> = pairs.iter().flat_map(|pair| [pair.a, pair.b]).collect();
    let cards = merging::cards_of(listing, &ids).await?;
    let cards: HashMap<PatientId, Patient> =
        cards.into_iter().map(|card| (card.id, card)).collect();
    let visited = booking::handover::visited(listing, &ids).await?;
    let visited: HashMap<PatientId, Visited> =
        visited.into_iter().map(|one| (one.patient_id, one)).collect();
    let side = |id: PatientId| {
        let one = visited.get(&id);
        Some(Side {
            card: cards.get(&id)?.clone(),
            visits: one.map_or(0, |one| one.visits),
            last_visit: one.map(|one| one.last.clone()),
        })
    };
    let whole = |likely: LikelyPair| {
        Some(Pair { a: side(likely.a)?, b: side(likely.b)?, likely: Some(likely) })
    };
    Ok(pairs.into_iter().filter_map(whole).collect())
}
