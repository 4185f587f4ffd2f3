//! One absence: each patient, what was said to them, and where they could go.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::absences::model::{AbsenceId, State as VisitState, VisitLine};
use crate::absences::routes::list::AbsenceView;
use crate::absences::{self, AbsenceError};
use crate::booking::{self, BookingError, Furniture, Moving};
use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::ids::{AppointmentId, PatientId, ResourceId};
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{Book, SendMessages, ViewSchedule};
use crate::web::{Page, Problem, see_other};

#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "what a template asks")]
pub struct AbsencePage {
    #[serde(flatten)]
    pub(super) absence: AbsenceView,
    pub(super) visits: Vec<VisitView>,
    /// Visits that still stand where the doctor is not.
    pub(super) left: usize,
    /// Whether anybody is still to be written to.
    pub(super) to_tell: bool,
    /// What was just done: how many were written to and how many not.
    pub(super) done: Option<(usize, usize)>,
    /// The time that was chosen was taken meanwhile.
    pub(super) taken: bool,
    pub(super) can_work: bool,
    pub(super) can_tell: bool,
}

#[allow(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
#[derive(Debug, Serialize)]
pub(super) struct VisitView {
    pub(super) id: AppointmentId,
    pub(super) version: i64,
    pub(super) patient_id: PatientId,
    pub(super) patient: String,
    pub(super) phone: String,
    pub(super) service: String,
    pub(super) was: Civil,
    pub(super) starts: Civil,
    pub(super) doctor: String,
    pub(super) state: VisitState,
    pub(super) left: bool,
    /// Blocked data: only the time is shown.
    pub(super) hidden: bool,
    pub(super) to_tell: bool,
    pub(super) must_be_called: bool,
    /// Why nothing was written: the end of a Fluent key; empty otherwise.
    pub(super) why: String,
    pub(super) told_at: Option<Timestamp>,
    pub(super) called_at: Option<Timestamp>,
    pub(super) delivery: &'static str,
    pub(super) slots: Vec<SlotView>,
}

#[derive(Debug, Serialize)]
pub(super) struct SlotView {
    pub(super) starts: Civil,
    pub(super) doctor_id: ResourceId,
    pub(super) doctor: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    told: Option<usize>,
    not: Option<usize>,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Path(id): Path<AbsenceId>,
    Query(done): Query<Done>,
) -> Result<Page, Problem> {
    let mut view = AbsencePage::of(&clinic, &grant, &chrome, id).await?;
    view.done = done.told.zip(done.not);
    view.page(&clinic, chrome)
}

/// Each chosen visit is a field `visit` of its own.
pub(super) async fn tell(
    State(clinic): State<Clinic>,
    grant: Grant<SendMessages>,
    Path(id): Path<AbsenceId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let visits = fields.iter().filter(|(name, _)| name == "visit");
    let chosen: Vec<AppointmentId> = visits.filter_map(|(_, id)| id.parse().ok()).collect();
    let told = match absences::tell(&clinic, &grant, id, &chosen).await {
        Ok(told) => told,
        Err(AbsenceError::Nothing) => absences::Told::default(),
        Err(error) => return Err(error.into()),
    };
    Ok(see_other(&format!("/absences/{id}?told={}&not={}", told.told, told.not)))
}

pub(super) async fn called(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    Path((id, visit)): Path<(AbsenceId, AppointmentId)>,
) -> Result<Response, Problem> {
    absences::called(&clinic, &grant, id, visit).await?;
    Ok(see_other(&format!("/absences/{id}")))
}

pub(super) async fn close(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    Path(id): Path<AbsenceId>,
) -> Result<Response, Problem> {
    absences::close(&clinic, &grant, id).await?;
    Ok(see_other("/absences"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    starts: String,
    doctor: String,
    version: i64,
}

pub(super) async fn move_to(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    chrome: Chrome,
    Path((id, visit)): Path<(AbsenceId, AppointmentId)>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Problem> {
    let starts = chosen.starts.parse().map_err(|_| Problem::Invalid("absences-taken"))?;
    let doctor_id = chosen.doctor.parse().ok();
    let to = Moving { starts: Some(starts), doctor_id, ..Moving::default() };
    match booking::move_to(&clinic, &grant, visit, chosen.version, &to).await {
        Ok(_) => Ok(see_other(&format!("/absences/{id}"))),
        Err(
            BookingError::Taken(_)
            | BookingError::OffShift(_)
            | BookingError::Changed(_)
            | BookingError::Settled(_),
        ) => {
            let mut view = AbsencePage::of(&clinic, &grant.also()?, &chrome, id).await?;
            view.taken = true;
            Ok(view.page(&clinic, chrome)?.status(StatusCode::CONFLICT).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

impl AbsencePage {
    async fn of(
        clinic: &Clinic,
        grant: &Grant<ViewSchedule>,
        chrome: &Chrome,
        id: AbsenceId,
    ) -> Result<Self, Problem> {
        let (absence, lines) = absences::one(clinic, grant, id, chrome.language).await?;
        let furniture = booking::resources(clinic, &grant.also()?).await?;
        let mut visits = Vec::new();
        // The first that is proposed to one is not proposed to the next.
        let mut spoken_for: Vec<booking::FreeSlot> = Vec::new();
        for line in lines {
            let (visit, language) = (line.id, chrome.language);
            let slots = if line.is_left() && !line.hidden {
                absences::proposals(clinic, grant, visit, language, &spoken_for).await?
            } else {
                Vec::new()
            };
            spoken_for.extend(slots.first().cloned());
            visits.push(VisitView::of(line, &slots, &furniture));
        }
        Ok(Self {
            absence: AbsenceView::of(absence),
            left: visits.iter().filter(|visit| visit.left).count(),
            to_tell: visits.iter().any(|visit| visit.to_tell),
            visits,
            done: None,
            taken: false,
            can_work: grant.actor().may::<Book>(),
            can_tell: grant.actor().may::<SendMessages>(),
        })
    }

    fn page(&self, clinic: &Clinic, chrome: Chrome) -> Result<Page, Problem> {
        let mut chrome = chrome.active("schedule");
        chrome.live = true;
        Page::of(clinic, &chrome, self)
    }
}

impl VisitView {
    fn of(line: VisitLine, slots: &[booking::FreeSlot], furniture: &Furniture) -> Self {
        let slot = |one: &booking::FreeSlot| SlotView {
            starts: one.starts,
            doctor_id: one.doctor_id,
            doctor: furniture.name(Some(one.doctor_id)).to_owned(),
        };
        let state = line.state();
        Self {
            state,
            left: line.is_left(),
            hidden: line.hidden,
            to_tell: !line.hidden && matches!(state, VisitState::Open | VisitState::NotTold),
            must_be_called: line.must_be_called(),
            why: line.not_told.replace('_', "-"),
            delivery: line.delivery.map(crate::messaging::State::shown).unwrap_or_default(),
            slots: slots.iter().map(slot).collect(),
            id: line.id,
            version: line.version,
            patient_id: line.patient_id,
            patient: line.patient,
            phone: line.phone.unwrap_or_default(),
            service: line.service,
            was: line.was,
            starts: line.starts,
            doctor: line.doctor,
            told_at: line.told_at,
            called_at: line.called_at,
        }
    }
}
