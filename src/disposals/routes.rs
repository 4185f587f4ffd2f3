//! Destruction on the web: what would go and what must stay, the proposal, the
//! second person's yes, the register of acts.

mod acts;
mod proof;
mod samples;

use axum::Form;
use axum::extract::{Path, State as Running};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::disposals::{self, Act, Preview};
use crate::pages::Chrome;
use crate::retention::{Extent, Law, Obstacle};
use crate::subject_requests::{self, Kind, RequestId, State};
use crate::vault::Grant;
use crate::vault::permission::{ProposeDisposal, ViewRequests};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

use acts::ActView;
pub use acts::{ActPage, ActsPage};
use proof::ProofForm;

/// The rail's entry that these pages belong to.
const ENTRY: &str = "personal-data";

const PATH: &str = "/personal-data/disposals";

pub fn routes() -> Routes {
    Routes::new()
        .get("/personal-data/requests/{id}/destruction", preview)
        .post("/personal-data/requests/{id}/destruction", propose)
        .get(PATH, acts::acts)
        .get("/personal-data/disposals/{disposal_id}", acts::act)
        .post("/personal-data/disposals/{disposal_id}", acts::carry_out)
        .get("/personal-data/disposals/{disposal_id}/act.pdf", acts::act_pdf)
}

/// What would be destroyed, and what must stay.
#[derive(Debug, Serialize)]
pub struct PreviewPage {
    id: RequestId,
    number: i64,
    card: Option<i64>,
    /// How much may go; None: nothing.
    extent: Option<Extent>,
    counts: Vec<(&'static str, i64)>,
    obstacles: Vec<Obstacle>,
    bases: Vec<Law>,
    /// Whether what must be kept is blocked.
    blocked: bool,
    /// Whether the request stands where it may be proposed.
    in_work: bool,
    /// A proposal that waits for the second person.
    proposal: Option<ActView>,
    may_propose: bool,
    errors: FieldErrors,
}

async fn preview(
    Running(clinic): Running<Clinic>,
    grant: Grant<ViewRequests>,
    chrome: Chrome,
    Path(id): Path<RequestId>,
) -> Result<Response, Problem> {
    let standing = disposals::of_request(&clinic.vault, &grant, id).await?;
    if let Some(done) = standing.as_ref().filter(|act| act.done_at.is_some()) {
        return Ok(see_other(&format!("{PATH}/{}", done.id)));
    }
    let view = load(&clinic, &grant, id, standing).await?;
    Ok(Page::of(&clinic, &chrome.active(ENTRY), &view)?.into_response())
}

async fn load(
    clinic: &Clinic,
    grant: &Grant<ViewRequests>,
    id: RequestId,
    standing: Option<Act>,
) -> Result<PreviewPage, Problem> {
    let row = subject_requests::whole(&clinic.vault, grant, id).await?.row;
    let patient = row.patient_id.filter(|_| row.kind == Kind::Destruction);
    let patient = patient.ok_or(Problem::NotFound)?;
    let preview = disposals::preview(clinic, grant, patient).await?;
    let Preview { extent, counts, destruction, blocked } = preview;
    Ok(PreviewPage {
        id,
        number: row.number,
        card: row.card,
        extent,
        counts: counts.rows(),
        blocked,
        in_work: row.state == State::InWork,
        proposal: standing.map(ActView::from),
        may_propose: grant.actor().may::<ProposeDisposal>(),
        obstacles: destruction.obstacles,
        bases: if extent == Some(Extent::Whole) { destruction.bases } else { Vec::new() },
        errors: FieldErrors::new(),
    })
}

async fn propose(
    Running(clinic): Running<Clinic>,
    grant: Grant<ProposeDisposal>,
    chrome: Chrome,
    Path(id): Path<RequestId>,
    Form(form): Form<ProofForm>,
) -> Result<Response, Problem> {
    let errors = form.errors(&clinic, &grant).await?;
    if errors.is_empty() {
        let act = disposals::propose(&clinic, &grant, id).await?;
        return Ok(see_other(&format!("{PATH}/{act}")));
    }
    let viewer: Grant<ViewRequests> = grant.also()?;
    let standing = disposals::of_request(&clinic.vault, &viewer, id).await?;
    let view = PreviewPage { errors, ..load(&clinic, &viewer, id, standing).await? };
    Ok(Page::of(&clinic, &chrome.active(ENTRY), &view)?.refused().into_response())
}
