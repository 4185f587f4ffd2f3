//! Destruction on the web: what would go and what must stay, the proposal, the
//! second person's yes, the register of acts.

mod samples;

use axum::Form;
use axum::extract::{Path, Query, State as Running};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::access::{self, AccessError};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::disposals::{self, Act, DisposalError, DisposalId, Preview, papers};
use crate::incidents::papers::{Speech, printed};
use crate::incidents::{InLanguage, file, letterhead};
use crate::pages::Chrome;
use crate::retention::Obstacle;
use crate::subject_requests::{self, Kind, RequestId, State};
use crate::vault::Grant;
use crate::vault::permission::{ApproveDisposal, Permission, ProposeDisposal, ViewRequests};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

/// The rail's entry that these pages belong to.
const ENTRY: &str = "personal-data";

const PATH: &str = "/personal-data/disposals";

pub fn routes() -> Routes {
    Routes::new()
        .get("/personal-data/requests/{id}/destruction", preview)
        .post("/personal-data/requests/{id}/destruction", propose)
        .get(PATH, acts)
        .get("/personal-data/disposals/{disposal_id}", act)
        .post("/personal-data/disposals/{disposal_id}", carry_out)
        .get("/personal-data/disposals/{disposal_id}/act.pdf", act_pdf)
}

/// What would be destroyed, and what must stay.
#[derive(Debug, Serialize)]
pub struct PreviewPage {
    id: RequestId,
    number: i64,
    card: Option<i64>,
    counts: Vec<(&'static str, i64)>,
    obstacles: Vec<Obstacle>,
    bases: Vec<String>,
    /// Whether the request stands where it may be proposed.
    in_work: bool,
    /// A proposal that waits for the second person.
    proposal: Option<ActView>,
    may_propose: bool,
    errors: FieldErrors,
}

/// One act, proposed or done.
#[derive(Debug, Serialize)]
pub struct ActPage {
    act: ActView,
    /// Whether this person may carry it out: the owner, and not who proposed it.
    may_carry_out: bool,
    /// Whether they may not only because they proposed it.
    same_person: bool,
    errors: FieldErrors,
}

/// The register of acts.
#[derive(Debug, Serialize)]
pub struct ActsPage {
    acts: Vec<ActView>,
}

/// An act as it is shown.
#[derive(Clone, Debug, Serialize)]
struct ActView {
    id: DisposalId,
    number: i64,
    request_id: RequestId,
    request: i64,
    card: i64,
    counts: Vec<(&'static str, i64)>,
    bases: Vec<String>,
    proposed_at: Timestamp,
    proposed_by: String,
    done_at: Option<Timestamp>,
    done_by: Option<String>,
    copies_until: Option<Day>,
    files_left: i64,
}

impl From<Act> for ActView {
    fn from(act: Act) -> Self {
        Self {
            id: act.id,
            number: act.number,
            request_id: act.request_id,
            request: act.request,
            card: act.card,
            counts: act.counts.rows(),
            bases: act.basis.lines().map(ToOwned::to_owned).collect(),
            proposed_at: act.proposed_at,
            proposed_by: act.proposed_by_name,
            done_at: act.done_at,
            done_by: act.done_by_name,
            copies_until: act.copies_until,
            files_left: act.files_left,
        }
    }
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
    let Preview { counts, destruction } = disposals::preview(clinic, grant, patient).await?;
    Ok(PreviewPage {
        id,
        number: row.number,
        card: row.card,
        counts: counts.rows(),
        in_work: row.state == State::InWork,
        proposal: standing.map(ActView::from),
        may_propose: grant.actor().may::<ProposeDisposal>() && destruction.obstacles.is_empty(),
        obstacles: destruction.obstacles,
        bases: destruction.bases,
        errors: FieldErrors::new(),
    })
}

/// Who one is once more, and that the papers were looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ProofForm {
    /// `on` once the paper archive was looked at too.
    checked: String,
    password: String,
    code: String,
}

impl ProofForm {
    async fn errors<P: Permission>(
        &self,
        clinic: &Clinic,
        grant: &Grant<P>,
    ) -> Result<FieldErrors, Problem> {
        if self.checked != "on" {
            return Ok(FieldErrors::from([("checked", "disposals-error-checked".to_owned())]));
        }
        let key = match access::prove(clinic, grant, &self.password, &self.code).await {
            Ok(()) => return Ok(FieldErrors::new()),
            Err(AccessError::Wrong) => "workdays-error-proof",
            Err(AccessError::TooSoon { .. }) => "workdays-error-proof-soon",
            Err(error) => return Err(error.into()),
        };
        Ok(FieldErrors::from([("password", key.to_owned())]))
    }
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

async fn acts(
    Running(clinic): Running<Clinic>,
    grant: Grant<ViewRequests>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let acts = disposals::register(&clinic.vault, &grant).await?;
    let view = ActsPage { acts: acts.into_iter().map(ActView::from).collect() };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn act(
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
    Ok(ActPage {
        may_carry_out: may && !same,
        same_person: may && same,
        act: act.into(),
        errors: FieldErrors::new(),
    })
}

async fn carry_out(
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

async fn act_pdf(
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

impl From<DisposalError> for Problem {
    fn from(error: DisposalError) -> Self {
        match error {
            DisposalError::Nothing => Self::NotFound,
            DisposalError::NotInWork => Self::Conflict("disposals-not-in-work"),
            DisposalError::MustBeKept => Self::Conflict("disposals-must-be-kept"),
            DisposalError::Changed => Self::Conflict("disposals-changed"),
            DisposalError::SamePerson => Self::Conflict("disposals-same-person"),
            DisposalError::Vault(cause) => cause.into(),
        }
    }
}
