//! Requests of people about their own data: access, correction, blocking,
//! destruction, withdrawal of consent, objection to automated decisions (law
//! 94-V art. 8, 19-1, 24, 25). Each is in the register, has a term in working
//! days, and is answered on paper in Russian or Kazakh.
//!
//! What a law keeps is blocked, not destroyed (Digital Code art. 41(3)), and the
//! answer says until when and by what rule.

pub mod bases;
mod extract;
mod form;
mod model;
mod papers;
mod routes;
mod store;

use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::PatientId;
use crate::messaging::wanted::{self, Aim, Author, Source};
use crate::messaging::{Answer, Verdict};
use crate::patients::blocking;
use crate::retention::{self, OfPatient, RetentionError};
use crate::vault::permission::{
    AnswerRequests, HandleRequests, TakeRequests, ViewRequests, ViewRetention,
};
use crate::vault::{Event, Grant, Subject, Tx, Vault, VaultError};
use crate::workdays::TermCode;

pub use extract::Extract;
pub use model::{
    Filter, IdentityDocument, Kind, NewRequest, NewStep, Refusal, RequestId, RequestRow, Requester,
    State, Step, Way,
};
pub use routes::{BlockedPage, RequestPage, RequestsPage, TakePage, routes};
pub use store::hand_over_in;

/// Why a request was not taken, or not moved on.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    #[error("there is no such request")]
    NoSuchRequest,
    #[error("there is no card with this number")]
    NoSuchCard,
    /// Somebody moved it on meanwhile.
    #[error("the request has moved on")]
    Changed,
    /// From this state it cannot go there.
    #[error("that is not the next step")]
    NotNext,
    /// It lies in the future.
    #[error("it cannot have been received then")]
    BadTime,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// One request with its steps.
#[derive(Clone, Debug)]
pub struct Whole {
    pub row: RequestRow,
    pub applicant: String,
    pub contact: String,
    pub wish: String,
    /// The act that destroyed what it asked for, by its number.
    pub act: Option<i64>,
    /// In the order of time; never empty.
    pub steps: Vec<Step>,
}

/// Takes a request in: it gets a number, and its term begins. With a document
/// at hand the identity is checked at once.
///
/// # Errors
/// [`RequestError::NoSuchCard`], [`RequestError::BadTime`].
pub async fn take(
    vault: &Vault,
    grant: &Grant<TakeRequests>,
    new: &NewRequest,
) -> Result<(RequestId, i64), RequestError> {
    vault
        .change(grant, async |tx| {
            if tx.now() < new.received_at {
                return Err(RequestError::BadTime);
            }
            let patient = match new.card {
                Some(card) => {
                    Some(store::by_card(tx, card).await?.ok_or(RequestError::NoSuchCard)?)
                }
                None => None,
            };
            let (id, none) = (RequestId::new(tx.now()), Default::default());
            let number = store::insert(tx, id, patient, new, grant.staff()).await?;
            store::insert_step(tx, id, &NewStep::to(State::Received), &none, grant.staff()).await?;
            if let Some(document) = new.document {
                let step = NewStep { document: Some(document), ..NewStep::to(State::Identified) };
                store::insert_step(tx, id, &step, &none, grant.staff()).await?;
            }
            let subject = patient.map_or(Subject::Clinic, Subject::Patient);
            let taken = Event::new("subject_request.taken", subject).on("subject_request", id);
            let detail = json!({ "number": number, "kind": new.kind, "way": new.way,
                "requester": new.requester, "document": new.document });
            Ok(((id, number), taken.with_detail(detail)))
        })
        .await
}

/// The register, newest first. No names: cards by their numbers.
pub async fn register(
    vault: &Vault,
    grant: &Grant<ViewRequests>,
    filter: &Filter,
) -> Result<Vec<RequestRow>, VaultError> {
    store::register(&mut vault.read(grant).await?, filter).await
}

/// One request; whose, is in the ledger.
///
/// # Errors
/// [`RequestError::NoSuchRequest`].
pub async fn whole(
    vault: &Vault,
    grant: &Grant<ViewRequests>,
    id: RequestId,
) -> Result<Whole, RequestError> {
    vault
        .list(grant, "subject_request.viewed", async |listing| {
            let found = store::one(listing, id).await?.ok_or(RequestError::NoSuchRequest)?;
            let steps = store::steps(listing, id).await?;
            let whose = found.row.patient_id.into_iter().collect();
            let store::WholeRow { row, applicant, contact, wish, act } = found;
            Ok((Whole { row, applicant, contact, wish, act, steps }, whose))
        })
        .await
}

/// Moves a request on, when it still stands where it was seen.
///
/// # Errors
/// [`RequestError::Changed`], [`RequestError::NotNext`].
pub async fn advance(
    clinic: &Clinic,
    grant: &Grant<HandleRequests>,
    id: RequestId,
    seen: State,
    step: &NewStep,
) -> Result<(), RequestError> {
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    clinic
        .vault
        .change(grant, async |tx| {
            let (state, patient, kind) =
                store::standing(tx, id).await?.ok_or(RequestError::NoSuchRequest)?;
            if state != seen {
                return Err(RequestError::Changed);
            }
            if !state.leads_to(step.state) {
                return Err(RequestError::NotNext);
            }
            let basis = match step.refusal {
                Some(refusal) => bases::text_in(tx, refusal, today).await?,
                None => Default::default(),
            };
            store::insert_step(tx, id, step, &basis, grant.staff()).await?;
            if let (Some(patient), Kind::Withdrawal, State::Answered) = (patient, kind, step.state)
            {
                // What stood on that consent alone.
                let ticked = wanted::all(&[Aim::Recall, Aim::Marketing], false);
                wanted::set_in(tx, patient, &ticked, Author::patient(Source::Request)).await?;
            }
            let subject = patient.map_or(Subject::Clinic, Subject::Patient);
            let moved = Event::new("subject_request.moved", subject).on("subject_request", id);
            let detail = json!({ "state": step.state, "document": step.document,
                "refusal": step.refusal });
            Ok(((), moved.with_detail(detail)))
        })
        .await
}

/// Until when everything of a patient must be kept, by which rules; None when
/// there is no card.
pub async fn kept(
    clinic: &Clinic,
    grant: &Grant<ViewRetention>,
    patient: Option<PatientId>,
) -> Result<Option<OfPatient>, VaultError> {
    let Some(patient) = patient else { return Ok(None) };
    match retention::of_patient(clinic, grant, patient).await {
        Ok(kept) => Ok(Some(kept)),
        Err(RetentionError::Vault(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// All that the clinic holds of a patient, for a paper. The look and the paper
/// are in the ledger.
pub async fn extract(
    clinic: &Clinic,
    grant: &Grant<AnswerRequests>,
    patient: PatientId,
) -> Result<Option<Extract>, VaultError> {
    let mut disclosure = clinic.vault.disclose(grant, patient).await?;
    extract::of_patient(&mut disclosure).await
}

/// Writes down that a paper was made, each time.
pub async fn note_paper(
    vault: &Vault,
    grant: &Grant<AnswerRequests>,
    whole: &Whole,
    language: &str,
) -> Result<(), VaultError> {
    let subject = whole.row.patient_id.map_or(Subject::Clinic, Subject::Patient);
    let event = Event::new("subject_request.answer_printed", subject);
    let event = event.on("subject_request", whole.row.id);
    vault.record(grant, event.with_detail(json!({ "language": language }))).await
}

/// Writes down that the register was taken out, as `pdf` or `csv`.
pub async fn note_export(
    vault: &Vault,
    grant: &Grant<ViewRequests>,
    form: &'static str,
) -> Result<(), VaultError> {
    let event = Event::new("subject_request.register_exported", Subject::Clinic);
    vault.record(grant, event.with_detail(json!({ "form": form }))).await
}

/// Whether somebody may be written to: not when their data is blocked. Asked as
/// each message leaves.
pub fn may_be_written(tx: &mut Tx, patient: PatientId) -> Answer<'_> {
    Box::pin(async move {
        let blocked = blocking::stands_in(tx, patient).await?;
        Ok(if blocked { Verdict::Withhold("blocked") } else { Verdict::Send })
    })
}

/// The term of each kind of request.
pub fn term_of(kind: Kind) -> TermCode {
    match kind {
        Kind::Access => TermCode::Access,
        Kind::Correction => TermCode::Correction,
        Kind::Blocking => TermCode::Blocking,
        Kind::Destruction => TermCode::Destruction,
        Kind::Withdrawal => TermCode::Withdrawal,
        Kind::Objection => TermCode::Objection,
    }
}

/// The day a request was answered, if it was.
pub fn answered_at(row: &RequestRow) -> Option<Timestamp> {
    row.state.is_final().then_some(row.moved_at)
}
