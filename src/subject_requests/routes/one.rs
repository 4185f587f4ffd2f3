//! One request: its term, its steps, what must be kept, the answer.

use axum::Form;
use axum::extract::{Path, State as Running};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{Due, ENTRY, PATH, Row};
use crate::access::{self, AccessError};
use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::incidents::papers::{Speech, printed};
use crate::incidents::{file, letterhead};
use crate::pages::Chrome;
use crate::patients::blocking::{self, Block, BlockReason, NewBlock};
use crate::retention::{Fate, OfPatient};
use crate::subject_requests::form::{BlockForm, StepForm};
use crate::subject_requests::papers::Reply;
use crate::subject_requests::{
    self, IdentityDocument, Kind, Refusal, RequestId, Requester, State, Step, Way, Whole,
};
use crate::vault::Grant;
use crate::vault::permission::{
    AnswerRequests, BlockPatients, HandleRequests, ViewRequests, ViewRetention,
};
use crate::web::{FieldErrors, Page, Problem, see_other};

/// One request.
#[expect(clippy::struct_excessive_bools, reason = "a page shows each by itself")]
#[derive(Debug, Serialize)]
pub struct RequestPage {
    pub(super) id: RequestId,
    pub(super) row: Row,
    pub(super) way: Way,
    pub(super) requester: Requester,
    pub(super) applicant: String,
    pub(super) contact: String,
    pub(super) wish: String,
    /// The act that destroyed what it asks for, by its number.
    pub(super) act: Option<i64>,
    /// Whether a destruction may be looked at from here.
    pub(super) destroys: bool,
    pub(super) steps: Vec<Step>,
    /// What may come next, in the order of the form.
    pub(super) next: Vec<&'static str>,
    pub(super) documents: Vec<&'static str>,
    pub(super) refusals: Vec<&'static str>,
    pub(super) step: StepForm,
    /// What a law keeps; none without a card.
    pub(super) kept: Option<KeptView>,
    pub(super) block: Option<Block>,
    /// Whether the request is met by blocking, and none stands.
    pub(super) wants_block: bool,
    pub(super) block_form: BlockForm,
    pub(super) reasons: Vec<&'static str>,
    pub(super) errors: FieldErrors,
    /// Which form was refused: `step`, `block`, `answer`, or none.
    pub(super) refused: &'static str,
    pub(super) may_handle: bool,
    pub(super) may_block: bool,
    pub(super) may_answer: bool,
}

/// Until when what is kept.
#[derive(Debug, Serialize)]
pub(super) struct KeptView {
    pub(super) code: &'static str,
    pub(super) card: Fate,
    pub(super) visits: i64,
    pub(super) last_visit: Option<Fate>,
    pub(super) consents: i64,
    pub(super) consent: Fate,
}

impl KeptView {
    fn of(kept: &OfPatient) -> Self {
        Self {
            code: kept.code.name(),
            card: kept.card.clone(),
            visits: kept.totals.0,
            last_visit: kept.visits.first().map(|(_, _, fate)| fate.clone()),
            consents: kept.totals.1,
            consent: kept.consent.clone(),
        }
    }
}

/// The reason that a kind of request blocks for.
fn reason_of(kind: Kind) -> BlockReason {
    match kind {
        Kind::Withdrawal => BlockReason::Withdrawal,
        Kind::Objection => BlockReason::Objection,
        Kind::Destruction => BlockReason::Destruction,
        _ => BlockReason::Asked,
    }
}

pub(super) async fn page(
    Running(clinic): Running<Clinic>,
    grant: Grant<ViewRequests>,
    chrome: Chrome,
    Path(id): Path<RequestId>,
) -> Result<Page, Problem> {
    let view = load(&clinic, &grant, id).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn load(
    clinic: &Clinic,
    grant: &Grant<ViewRequests>,
    id: RequestId,
) -> Result<RequestPage, Problem> {
    let whole = subject_requests::whole(&clinic.vault, grant, id).await?;
    let due = Due::load(clinic, grant).await?;
    let Whole { row, applicant, contact, wish, act, steps } = whole;
    let keeper: Grant<ViewRetention> = grant.also()?;
    let mut kept = None;
    if row.kind.blocks() {
        kept = subject_requests::kept(clinic, &keeper, row.patient_id).await?;
    }
    let block = match row.patient_id {
        Some(patient) => blocking::on_card(&mut clinic.vault.read(grant).await?, patient).await?,
        None => None,
    };
    let open = !row.state.is_final();
    let next = State::ALL.iter().filter(|next| row.state.leads_to(**next));
    let next: Vec<&'static str> = next.map(|state| state.name()).collect();
    let known = row.state != State::Received;
    let basis = kept.as_ref().map(|kept| kept.card.basis.clone()).unwrap_or_default();
    Ok(RequestPage {
        id,
        way: row.way,
        requester: row.requester,
        applicant,
        contact,
        wish,
        act,
        destroys: row.kind == Kind::Destruction && (row.patient_id.is_some() || act.is_some()),
        steps,
        step: StepForm {
            seen: row.state.name().to_owned(),
            state: next.first().map(|state| (*state).to_owned()).unwrap_or_default(),
            ..StepForm::default()
        },
        next,
        documents: IdentityDocument::ALL.iter().map(|document| document.name()).collect(),
        refusals: Refusal::ALL.iter().map(|refusal| refusal.name()).collect(),
        wants_block: open
            && known
            && row.kind.blocks()
            && row.patient_id.is_some()
            && block.is_none(),
        block,
        block_form: BlockForm { reason: reason_of(row.kind).name().to_owned(), basis },
        reasons: BlockReason::ALL.map(BlockReason::name).to_vec(),
        kept: kept.as_ref().map(KeptView::of),
        errors: FieldErrors::new(),
        refused: "",
        may_handle: open && grant.actor().may::<HandleRequests>(),
        may_block: grant.actor().may::<BlockPatients>(),
        may_answer: !open && grant.actor().may::<AnswerRequests>(),
        row: due.row(&row),
    })
}

fn refuse(clinic: &Clinic, chrome: Chrome, view: &RequestPage) -> Result<Response, Problem> {
    let page = Page::of(clinic, &chrome.active(ENTRY), view)?;
    Ok(page.refused().into_response())
}

pub(super) async fn advance(
    Running(clinic): Running<Clinic>,
    grant: Grant<HandleRequests>,
    chrome: Chrome,
    Path(id): Path<RequestId>,
    Form(step): Form<StepForm>,
) -> Result<Response, Problem> {
    match step.read() {
        Ok((seen, new)) => {
            subject_requests::advance(&clinic, &grant, id, seen, &new).await?;
            Ok(see_other(&format!("{PATH}/{id}")))
        }
        Err(errors) => {
            let view = load(&clinic, &grant.also()?, id).await?;
            refuse(&clinic, chrome, &RequestPage { step, errors, refused: "step", ..view })
        }
    }
}

/// Blocks what the request asks to block, until the last of what a law keeps
/// may be destroyed.
pub(super) async fn block(
    Running(clinic): Running<Clinic>,
    grant: Grant<BlockPatients>,
    chrome: Chrome,
    Path(id): Path<RequestId>,
    Form(form): Form<BlockForm>,
) -> Result<Response, Problem> {
    let (reason, basis) = match form.read() {
        Ok(read) => read,
        Err(errors) => {
            let view = load(&clinic, &grant.also()?, id).await?;
            let view = RequestPage { block_form: form, errors, refused: "block", ..view };
            return refuse(&clinic, chrome, &view);
        }
    };
    let whole = subject_requests::whole(&clinic.vault, &grant.also()?, id).await?;
    let patient_id = whole.row.patient_id.ok_or(Problem::NotFound)?;
    let kept = subject_requests::kept(&clinic, &grant.also()?, Some(patient_id)).await?;
    let until = kept.and_then(|kept| kept.card.due.max(kept.consent.due));
    let request_id = Some(id.to_string());
    let new = NewBlock { patient_id, request_id, reason, basis, until };
    blocking::block(&clinic.vault, &grant, &new).await?;
    Ok(see_other(&format!("{PATH}/{id}")))
}

/// In which language, and who asks for it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AnswerForm {
    lang: String,
    password: String,
    code: String,
}

/// The answer as a PDF: it names a person, so whoever makes it proves who they
/// are, and each making is in the ledger.
pub(super) async fn answer(
    Running(clinic): Running<Clinic>,
    grant: Grant<AnswerRequests>,
    chrome: Chrome,
    Path(id): Path<RequestId>,
    Form(form): Form<AnswerForm>,
) -> Result<Response, Problem> {
    let key = match access::prove(&clinic, &grant, &form.password, &form.code).await {
        Ok(()) => {
            let language = if form.lang == "kk" { Language::Kk } else { Language::Ru };
            return paper(&clinic, &grant, id, language).await;
        }
        Err(AccessError::Wrong) => "workdays-error-proof",
        Err(AccessError::TooSoon { .. }) => "workdays-error-proof-soon",
        Err(error) => return Err(error.into()),
    };
    let errors = FieldErrors::from([("password", key.to_owned())]);
    let view = load(&clinic, &grant.also()?, id).await?;
    refuse(&clinic, chrome, &RequestPage { errors, refused: "answer", ..view })
}

async fn paper(
    clinic: &Clinic,
    grant: &Grant<AnswerRequests>,
    id: RequestId,
    language: Language,
) -> Result<Response, Problem> {
    let whole = subject_requests::whole(&clinic.vault, &grant.also()?, id).await?;
    let (mut extract, mut block) = (None, None);
    if let Some(patient) = whole.row.patient_id {
        extract = subject_requests::extract(clinic, grant, patient).await?;
        block = blocking::on_card(&mut clinic.vault.read(grant).await?, patient).await?;
    }
    let kept = subject_requests::kept(clinic, &grant.also()?, whole.row.patient_id).await?;
    subject_requests::note_paper(&clinic.vault, grant, &whole, language.tag()).await?;
    let speech = Speech::of(clinic, language);
    let head = letterhead(clinic, grant, &speech).await?;
    let reply = Reply {
        head: &head,
        whole: &whole,
        extract: extract.as_ref(),
        kept: kept.as_ref(),
        block: block.as_ref(),
        now: clinic.clock().now(),
    };
    let bytes = printed(reply.paper(&speech)).await?;
    let name = format!("answer-{}-{language}.pdf", whole.row.number);
    Ok(file(bytes, "application/pdf", &name))
}
