//! Who is away, and entering that somebody is.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::absences::model::Reason;
use crate::absences::routes::Choice;
use crate::absences::{self, Absence, AbsenceForm};
use crate::booking;
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::i18n::dates;
use crate::ids::ResourceId;
use crate::pages::Chrome;
use crate::schedule::minute_text;
use crate::vault::Grant;
use crate::vault::permission::{Book, ViewSchedule};
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct AbsencesPage {
    pub(super) absences: Vec<AbsenceView>,
    pub(super) unheld: Vec<UnheldView>,
    pub(super) can_open: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct AbsenceView {
    #[serde(flatten)]
    pub(super) absence: Absence,
    /// `09:00–13:00`; empty: all day.
    pub(super) hours: String,
}

/// Visits of an absent doctor that nobody works on.
#[derive(Debug, Serialize)]
pub(super) struct UnheldView {
    pub(super) doctor_id: ResourceId,
    pub(super) doctor: String,
    /// As they are typed.
    pub(super) first_day: String,
    pub(super) last_day: String,
    pub(super) count: usize,
}

#[derive(Debug, Serialize)]
pub struct NewAbsencePage {
    pub(super) form: AbsenceForm,
    pub(super) errors: FieldErrors,
    pub(super) doctors: Vec<Choice>,
    pub(super) reasons: Vec<&'static str>,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let all = absences::list(&clinic, &grant).await?;
    let furniture = booking::resources(&clinic, &grant.also()?).await?;
    let unheld = absences::unheld(&clinic, &grant).await?;
    let unheld = unheld.into_iter().map(|(doctor_id, first, last, count)| UnheldView {
        doctor_id,
        doctor: furniture.name(Some(doctor_id)).to_owned(),
        first_day: dates::numeric(first),
        last_day: dates::numeric(last),
        count,
    });
    let view = AbsencesPage {
        absences: all.into_iter().map(AbsenceView::of).collect(),
        unheld: unheld.collect(),
        can_open: grant.actor().may::<Book>(),
    };
    let mut chrome = chrome.active("schedule");
    chrome.live = true;
    Page::of(&clinic, &chrome, &view)
}

pub(super) async fn blank(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    chrome: Chrome,
    Query(form): Query<AbsenceForm>,
) -> Result<Page, Problem> {
    let view = NewAbsencePage::of(&clinic, &grant, form, FieldErrors::new()).await?;
    Page::of(&clinic, &chrome.active("schedule"), &view)
}

pub(super) async fn open(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    chrome: Chrome,
    Form(form): Form<AbsenceForm>,
) -> Result<Response, Problem> {
    match form.understand(today(&clinic)) {
        Ok(new) => {
            let id = absences::open(&clinic, &grant, &new).await?;
            Ok(see_other(&format!("/absences/{id}")))
        }
        Err(errors) => {
            let view = NewAbsencePage::of(&clinic, &grant, form, errors).await?;
            Ok(Page::of(&clinic, &chrome.active("schedule"), &view)?.refused().into_response())
        }
    }
}

fn today(clinic: &Clinic) -> Day {
    absences::now(clinic).day()
}

impl AbsenceView {
    pub(super) fn of(absence: Absence) -> Self {
        let hours = absence.starts.zip(absence.ends);
        let hours = hours.map(|(from, to)| format!("{}–{}", minute_text(from), minute_text(to)));
        Self { hours: hours.unwrap_or_default(), absence }
    }
}

impl NewAbsencePage {
    async fn of(
        clinic: &Clinic,
        grant: &Grant<Book>,
        form: AbsenceForm,
        errors: FieldErrors,
    ) -> Result<Self, Problem> {
        let furniture = booking::resources(clinic, &grant.also()?).await?;
        let there = furniture.resources.iter().filter(|one| one.is_doctor() && !one.ended);
        let doctors =
            there.map(|one| Choice { value: one.id.to_string(), label: one.name.clone() });
        Ok(Self {
            form: form.proposed(today(clinic)),
            errors,
            doctors: doctors.collect(),
            reasons: Reason::ALL.map(Reason::name).into(),
        })
    }
}
