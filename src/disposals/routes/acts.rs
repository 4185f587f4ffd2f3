//! The acts on the web: one, the register of them, the second person's yes, the
//! paper.

use axum::Form;
use axum::extract::{Path, Query, State as Running};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::proof::ProofForm;
use super::{ENTRY, PATH};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::disposals::{self, Act, DisposalId, papers};
use crate::incidents::papers::{Speech, printed};
use crate::incidents::{InLanguage, file, letterhead};
use crate::pages::Chrome;
use crate::retention::{Extent, Law};
use crate::subject_requests::RequestId;
use crate::vault::Grant;
use crate::vault::permission::{ApproveDisposal, ViewRequests};
use crate::web::{FieldErrors, Page, Problem, see_other};

/// One act, proposed or done.
#[derive(Debug, Serialize)]
pub struct ActPage {
    pub(super) act: ActView,
    /// Whether this person may carry it out: the owner, and not who proposed it.
    pub(super) may_carry_out: bool,
    /// Whether they may not only because they proposed it.
    pub(super) same_person: bool,
    /// Whether its day has not come yet.
    pub(super) early: bool,
    pub(super) errors: FieldErrors,
}

/// The register of acts.
#[derive(Debug, Serialize)]
pub struct ActsPage {
    pub(super) acts: Vec<ActView>,
}

/// An act as it is shown.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ActView {
    pub(super) id: DisposalId,
    pub(super) number: i64,
    pub(super) request_id: RequestId,
    pub(super) request: i64,
    pub(super) card: i64,
    pub(super) extent: Extent,
    pub(super) counts: Vec<(&'static str, i64)>,
    pub(super) bases: Vec<Law>,
    pub(super) proposed_at: Timestamp,
    pub(super) proposed_by: String,
    pub(super) not_before: Day,
    pub(super) done_at: Option<Timestamp>,
    pub(super) done_by: Option<String>,
    pub(super) copies_until: Option<Day>,
    pub(super) copies_gone_at: Option<Timestamp>,
    pub(super) files_left: i64,
}

impl From<Act> for ActView {
    fn from(act: Act) -> Self {
        Self {
            id: act.id,
            number: act.number,
            request_id: act.request_id,
            request: act.request,
            card: act.card,
            extent: act.extent,
            counts: act.counts.rows(),
            bases: act.laws(),
            proposed_at: act.proposed_at,
            proposed_by: act.proposed_by_name,
            not_before: act.not_before,
            done_at: act.done_at,
            done_by: act.done_by_name,
            copies_until: act.copies_until,
            copies_gone_at: act.copies_gone_at,
            files_left: act.files_left,
        }
    }
}

pub(super) async fn acts(
    Running(clinic): Running<Clinic>,
    grant: Grant<ViewRequests>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let acts = disposals::register(&clinic.vault, &grant).await?;
    let view = ActsPage { acts: acts.into_iter().map(ActView::from).collect() };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

pub(super) async fn act(
    Running(clinic): Running<Clinic>,
    grant: Grant<ViewRequests>,
    chrome: Chrome,
    Path(id): Path<DisposalId>,
) -> Result<Page, Problem> {
    let view = act_page(&clinic, &grant, id).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn act_page(
    clinic: &Clinic,
    grant: &Grant<ViewRequests>,
    id: DisposalId,
) -> Result<ActPage, Problem> {
    let act = disposals::one(&clinic.vault, grant, id).await?;
    let may = act.done_at.is_none() && grant.actor().may::<ApproveDisposal>();
    let same = grant.staff() == Some(act.proposed_by);
    let early = clinic.profile.get().zone.today(clinic.clock().now()) < act.not_before;
    Ok(ActPage {
        may_carry_out: may && !same && !early,
        early,
        same_person: may && same,
        act: act.into(),
        errors: FieldErrors::new(),
    })
}

pub(super) async fn carry_out(
    Running(clinic): Running<Clinic>,
    grant: Grant<ApproveDisposal>,
    chrome: Chrome,
    Path(id): Path<DisposalId>,
    Form(form): Form<ProofForm>,
) -> Result<Response, Problem> {
    let errors = form.errors(&clinic, &grant).await?;
    if errors.is_empty() {
        disposals::carry_out(&clinic, &grant, id).await?;
        return Ok(see_other(&format!("{PATH}/{id}")));
    }
    let view = ActPage { errors, ..act_page(&clinic, &grant.also()?, id).await? };
    Ok(Page::of(&clinic, &chrome.active(ENTRY), &view)?.refused().into_response())
}

pub(super) async fn act_pdf(
    Running(clinic): Running<Clinic>,
    grant: Grant<ViewRequests>,
    Path(id): Path<DisposalId>,
    Query(asked): Query<InLanguage>,
) -> Result<Response, Problem> {
    let act = disposals::one(&clinic.vault, &grant, id).await?;
    if act.done_at.is_none() {
        return Err(Problem::NotFound);
    }
    let language = asked.language();
    let speech = Speech::of(&clinic, language);
    let head = letterhead(&clinic, &grant, &speech).await?;
    disposals::note_paper(&clinic.vault, &grant, &act, language.tag()).await?;
    let paper = papers::paper(&act, &head, &speech, clinic.clock().now());
    let name = format!("destruction-{}-{language}.pdf", act.number);
    Ok(file(printed(paper).await?, "application/pdf", &name))
}
