//! Saying that somebody should come again.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::followups::form::ON_A_DAY;
use crate::followups::model::{Note, Wait};
use crate::followups::routes::Choice;
use crate::followups::{self, FollowUpError, FollowUpForm, WAITING, store, today};
use crate::ids::PatientId;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::KeepFollowUps;
use crate::web::{FieldErrors, Page, Problem, local_path, see_other};

#[derive(Debug, Serialize)]
pub struct FollowUpPage {
    pub(super) form: FollowUpForm,
    pub(super) errors: FieldErrors,
    pub(super) patient: String,
    pub(super) services: Vec<Choice>,
    pub(super) doctors: Vec<Choice>,
    pub(super) waits: Vec<&'static str>,
    pub(super) notes: Vec<&'static str>,
    /// Where to go without setting one.
    pub(super) back: String,
}

pub(super) async fn blank(
    State(clinic): State<Clinic>,
    grant: Grant<KeepFollowUps>,
    chrome: Chrome,
    Query(form): Query<FollowUpForm>,
) -> Result<Page, Problem> {
    let view = FollowUpPage::of(&clinic, &grant, &chrome, form.proposed()).await?;
    Page::of(&clinic, &chrome.active(WAITING), &view)
}

pub(super) async fn set(
    State(clinic): State<Clinic>,
    grant: Grant<KeepFollowUps>,
    chrome: Chrome,
    Form(form): Form<FollowUpForm>,
) -> Result<Response, Problem> {
    let errors = match form.understand(today(&clinic)) {
        Ok(new) => match followups::set(&clinic, &grant, &new).await {
            Ok(_) => return Ok(see_other(&back(&form))),
            Err(FollowUpError::Impossible) => {
                [("doctor", "followups-error-impossible".to_owned())].into_iter().collect()
            }
            Err(error) => return Err(error.into()),
        },
        Err(errors) => errors,
    };
    let mut view = FollowUpPage::of(&clinic, &grant, &chrome, form).await?;
    view.errors = errors;
    Ok(Page::of(&clinic, &chrome.active(WAITING), &view)?.refused().into_response())
}

/// Where the form was opened, or the card.
fn back(form: &FollowUpForm) -> String {
    let card = || format!("/patients/{}", form.patient);
    local_path(&form.back).map_or_else(card, str::to_owned)
}

impl FollowUpPage {
    async fn of(
        clinic: &Clinic,
        grant: &Grant<KeepFollowUps>,
        chrome: &Chrome,
        mut form: FollowUpForm,
    ) -> Result<Self, Problem> {
        let id = form.patient.parse::<PatientId>().map_err(|_| Problem::NotFound)?;
        let begun = followups::begun(clinic, grant, id, form.after.parse().ok()).await?;
        let (patient, service) = begun.ok_or(Problem::NotFound)?;
        if let Some(service) = service.filter(|_| form.service.is_empty()) {
            form.service = service.to_string();
        }
        let mut reader = clinic.vault.read(grant).await?;
        let services = store::services(&mut reader, chrome.language).await?;
        let doctors = store::doctors(&mut reader, grant.staff()).await?;
        if let Some(own) = doctors.iter().find(|one| one.own && form.doctor.is_empty()) {
            form.doctor = own.id.to_string();
        }
        let choice = |value: String, label| Choice { value, label };
        Ok(Self {
            errors: FieldErrors::new(),
            patient,
            services: services.into_iter().map(|(id, name)| choice(id.to_string(), name)).collect(),
            doctors: doctors.into_iter().map(|one| choice(one.id.to_string(), one.name)).collect(),
            waits: Wait::CHOICES.iter().map(|(name, _)| *name).chain([ON_A_DAY]).collect(),
            notes: Note::ALL.map(Note::name).into(),
            back: back(&form),
            form,
        })
    }
}
