//! Destruction of a person's data when they ask for it (law 94-V art. 18, 25:
//! within one working day), by an act of two people (SECURITY.md 9.5).
//!
//! What a law orders kept is blocked (Digital Code art. 41(3)), and what no law
//! orders kept goes. It is counted and proposed by one; another, who is not the
//! first, proves once more who they are and carries it out: the rows of one
//! transaction, then the files. The act names counts, rules, people and days,
//! and no value that was destroyed.
//!
//! SECURITY.md 9.5 lets fourteen days pass between the two. An act by request of
//! the person waits `disposal_rule.cooling_days`, none as shipped: the law's
//! term is one working day.

mod copies;
pub mod erasing;
mod jobs;
mod model;
mod papers;
mod replay;
mod routes;
mod store;

use serde_json::json;

use crate::clinic::Clinic;
use crate::ids::PatientId;
use crate::retention::{self, Code, Destruction, Extent, Law, Rules, destruction};
use crate::subject_requests::{Kind, RequestId, State};
use crate::vault::permission::{ApproveDisposal, ProposeDisposal, ViewRequests};
use crate::vault::{Event, Grant, Subject, Tx, Vault, VaultError};

pub use copies::close as close_copies;
pub use jobs::{DONE, jobs};
pub use model::{Act, CarriedOut, Counts, DisposalId, copies_until};
pub use replay::{ReplayError, carried_out, carried_out_in, replay};
pub use routes::{ActPage, ActsPage, PreviewPage, routes};

/// Why nothing was proposed, or destroyed.
#[derive(Debug, thiserror::Error)]
pub enum DisposalError {
    #[error("there is no such request or act")]
    Nothing,
    /// It does not ask for destruction, or who asks is not known yet.
    #[error("the request does not stand where its data may be destroyed")]
    NotInWork,
    /// A ban or a booking.
    #[error("something stands in the way of destroying anything")]
    InTheWay,
    #[error("what must be kept is not blocked yet")]
    NotBlocked,
    #[error("nothing is left that may be destroyed")]
    NothingLeft,
    #[error("its day has not come yet")]
    TooSoon,
    #[error("an import is under way")]
    Importing,
    /// Since it was proposed something was added or taken away.
    #[error("it is not what was proposed any more")]
    Changed,
    #[error("whoever proposed it cannot carry it out")]
    SamePerson,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// What would go, and what stands in the way.
#[derive(Clone, Debug)]
pub struct Preview {
    /// None: nothing may go.
    pub extent: Option<Extent>,
    pub counts: Counts,
    pub destruction: Destruction,
    pub blocked: bool,
}

/// What would be destroyed of a patient, and what must stay.
///
/// # Errors
/// [`DisposalError::Nothing`] when there is no such card.
pub async fn preview(
    clinic: &Clinic,
    grant: &Grant<ViewRequests>,
    patient: PatientId,
) -> Result<Preview, DisposalError> {
    let rules = retention::rules(&clinic.vault, grant).await?;
    let mut disclosure = clinic.vault.disclose(grant, patient).await?;
    let judged = destruction::judge(&mut disclosure, clinic, &rules).await?;
    let destruction = judged.ok_or(DisposalError::Nothing)?;
    let extent = destruction.extent();
    let counts = store::counts(&mut disclosure, extent.unwrap_or(Extent::Whole)).await?;
    let blocked = store::is_blocked(&mut disclosure).await?;
    Ok(Preview { extent, counts, destruction, blocked })
}

/// What may be destroyed of somebody now, within a change.
struct Judged {
    patient: PatientId,
    extent: Extent,
    counts: Counts,
    rules: Vec<(Code, i64)>,
    bases: Vec<Law>,
}

async fn judge_in(
    tx: &mut Tx,
    clinic: &Clinic,
    rules: &Rules,
    request: RequestId,
) -> Result<Judged, DisposalError> {
    let patient = asked_in(tx, request).await?;
    if store::is_importing(tx).await? {
        return Err(DisposalError::Importing);
    }
    let judged = destruction::judge_in(tx, clinic, rules, patient).await?;
    let judged = judged.ok_or(DisposalError::Nothing)?;
    let extent = judged.extent().ok_or(DisposalError::InTheWay)?;
    let counts = store::counts_in(tx, patient, extent).await?;
    if extent == Extent::Whole {
        let (rules, bases) = (judged.rules, judged.bases);
        return Ok(Judged { patient, extent, counts, rules, bases });
    }
    if !store::is_blocked_in(tx, patient).await? {
        return Err(DisposalError::NotBlocked);
    }
    if counts.is_nothing() {
        return Err(DisposalError::NothingLeft);
    }
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let bases = vec![store::term_basis(tx, today).await?];
    Ok(Judged { patient, extent, counts, rules: Vec::new(), bases })
}

/// Proposes to destroy what a request asks for; it is frozen by its counts.
/// A proposal before it is given up.
///
/// # Errors
/// [`DisposalError::NotInWork`], and what [`DisposalError`] names as standing
/// in the way.
pub async fn propose(
    clinic: &Clinic,
    grant: &Grant<ProposeDisposal>,
    request: RequestId,
) -> Result<DisposalId, DisposalError> {
    let rules = retention::rules(&clinic.vault, grant).await?;
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    clinic
        .vault
        .change(grant, async |tx| {
            let judged = judge_in(tx, clinic, &rules, request).await?;
            let not_before = today.plus_days(store::cooling_days(tx, today).await?);
            let Judged { patient, extent, .. } = judged;
            store::give_up(tx, request).await?;
            let id = DisposalId::new(tx.now());
            let new = store::New {
                request,
                patient,
                extent,
                counts: &judged.counts,
                rules: &judged.rules,
                bases: &judged.bases,
                not_before,
            };
            let number = store::insert(tx, id, &new, grant.staff()).await?;
            let event = Event::new("disposal.proposed", Subject::Patient(patient));
            let detail = json!({
                "number": number, "extent": extent, "counts": judged.counts,
                "rules": judged.rules,
            });
            Ok((id, event.on("disposal", id).with_detail(detail)))
        })
        .await
}

/// Destroys what was proposed. It is judged and counted once more: what was
/// added meanwhile is not destroyed by a yes to something else.
///
/// # Errors
/// [`DisposalError::SamePerson`], [`DisposalError::TooSoon`],
/// [`DisposalError::Changed`], and what [`DisposalError`] names as standing in
/// the way.
pub async fn carry_out(
    clinic: &Clinic,
    grant: &Grant<ApproveDisposal>,
    id: DisposalId,
) -> Result<(), DisposalError> {
    let rules = retention::rules(&clinic.vault, grant).await?;
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    clinic
        .vault
        .change(grant, async |tx| {
            let act = store::one_in(tx, id).await?.ok_or(DisposalError::Nothing)?;
            if grant.staff().is_none_or(|staff| staff == act.proposed_by) {
                return Err(DisposalError::SamePerson);
            }
            if today < act.not_before {
                return Err(DisposalError::TooSoon);
            }
            let judged = judge_in(tx, clinic, &rules, act.request_id).await?;
            let Judged { patient, extent, counts, rules, .. } = judged;
            let now = (patient, extent, &counts, &rules);
            if now != (act.patient_id, act.extent, &act.counts, &act.rules) {
                return Err(DisposalError::Changed);
            }
            if !store::finish(tx, id, grant.staff(), copies_until(today)).await? {
                return Err(DisposalError::Changed);
            }
            erasing::erase_in(tx, id, patient, extent).await?;
            jobs::remove_files(tx, id).await?;
            let event = Event::new("disposal.carried_out", Subject::Patient(patient));
            let detail = json!({
                "number": act.number, "extent": extent, "counts": counts, "rules": rules,
            });
            let event = event.on("disposal", id).with_detail(detail);
            Ok(((), event.touching(format!("patient:{patient}"))))
        })
        .await?;
    // What the rows were stands in the log of the database until it is taken in.
    clinic.vault.trim_log(0).await?;
    Ok(())
}

/// Whose data a request asks to destroy: who asks is known, it is taken on, and
/// not answered yet.
async fn asked_in(tx: &mut Tx, request: RequestId) -> Result<PatientId, DisposalError> {
    let wanted = store::wanted(tx, request).await?.ok_or(DisposalError::Nothing)?;
    let patient = wanted.patient_id.ok_or(DisposalError::NotInWork)?;
    if wanted.kind == Kind::Destruction && wanted.state == State::InWork {
        Ok(patient)
    } else {
        Err(DisposalError::NotInWork)
    }
}

/// The proposal that stands for a request, or the act that was done.
pub async fn of_request(
    vault: &Vault,
    grant: &Grant<ViewRequests>,
    request: RequestId,
) -> Result<Option<Act>, VaultError> {
    let mut reader = vault.read(grant).await?;
    match store::of_request(&mut reader, request).await? {
        Some(id) => store::one(&mut reader, id).await,
        None => Ok(None),
    }
}

/// One act.
///
/// # Errors
/// [`DisposalError::Nothing`].
pub async fn one(
    vault: &Vault,
    grant: &Grant<ViewRequests>,
    id: DisposalId,
) -> Result<Act, DisposalError> {
    store::one(&mut vault.read(grant).await?, id).await?.ok_or(DisposalError::Nothing)
}

/// The register, newest first.
pub async fn register(vault: &Vault, grant: &Grant<ViewRequests>) -> Result<Vec<Act>, VaultError> {
    store::register(&mut vault.read(grant).await?).await
}

/// Writes down that the act was printed, each time.
pub async fn note_paper(
    vault: &Vault,
    grant: &Grant<ViewRequests>,
    act: &Act,
    language: &str,
) -> Result<(), VaultError> {
    let event = Event::new("disposal.act_printed", Subject::Clinic).on("disposal", act.id);
    vault.record(grant, event.with_detail(json!({ "language": language }))).await
}
