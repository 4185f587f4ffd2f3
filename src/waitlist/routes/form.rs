//! Putting somebody on the list.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::booking;
use crate::clinic::Clinic;
use crate::i18n::dates;
use crate::ids::PatientId;
use crate::pages::Chrome;
use crate::patients::{self, Brief};
use crate::vault::Grant;
use crate::vault::permission::{FindPatients, KeepWaitlist, ViewSchedule};
use crate::waitlist::routes::Choice;
use crate::waitlist::routes::list::{doctors, services};
use crate::waitlist::wishes::{Note, WishForm};
use crate::waitlist::{WAITING, WaitlistError, wishes};
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct NewWishPage {
    pub(super) form: WishForm,
    pub(super) errors: FieldErrors,
    /// Empty until somebody is chosen.
    pub(super) patient: String,
    pub(super) query: String,
    pub(super) found: Vec<Brief>,
    pub(super) services: Vec<Choice>,
    pub(super) doctors: Vec<Choice>,
    /// Visits that they have and may want sooner.
    pub(super) visits: Vec<Choice>,
    pub(super) notes: Vec<&'static str>,
    /// They wait for the same already.
    pub(super) waits: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    q: String,
    service: String,
    doctor: String,
}

pub(super) async fn blank(
    State(clinic): State<Clinic>,
    grant: Grant<KeepWaitlist>,
    chrome: Chrome,
    Query(form): Query<WishForm>,
) -> Result<Page, Problem> {
    let view = NewWishPage::of(&clinic, &grant, &chrome, form).await?;
    Page::of(&clinic, &chrome.active(WAITING), &view)
}

/// By POST: names and numbers stay out of addresses.
pub(super) async fn find(
    State(clinic): State<Clinic>,
    grant: Grant<KeepWaitlist>,
    chrome: Chrome,
    Form(search): Form<Search>,
) -> Result<Page, Problem> {
    let Search { q, service, doctor } = search;
    let form = WishForm { service, doctor, ..WishForm::default() };
    let mut view = NewWishPage::of(&clinic, &grant, &chrome, form).await?;
    let find: Grant<FindPatients> = grant.also()?;
    view.found = patients::find(&clinic.vault, &find, &q).await?;
    view.query = q;
    Page::of(&clinic, &chrome.active(WAITING), &view)
}

pub(super) async fn add(
    State(clinic): State<Clinic>,
    grant: Grant<KeepWaitlist>,
    chrome: Chrome,
    Form(form): Form<WishForm>,
) -> Result<Response, Problem> {
    let (errors, waits) = match form.understand(wishes::now(&clinic)) {
        Ok(new) => match wishes::add(&clinic, &grant, &new).await {
            Ok(id) => return Ok(see_other(&format!("/waitlist/{id}"))),
            Err(WaitlistError::Waits) => (FieldErrors::new(), true),
            Err(error) => return Err(error.into()),
        },
        Err(errors) => (errors, false),
    };
    let view = NewWishPage::of(&clinic, &grant, &chrome, form).await?;
    let view = NewWishPage { errors, waits, ..view };
    Ok(Page::of(&clinic, &chrome.active(WAITING), &view)?.refused().into_response())
}

impl NewWishPage {
    async fn of(
        clinic: &Clinic,
        grant: &Grant<KeepWaitlist>,
        chrome: &Chrome,
        form: WishForm,
    ) -> Result<Self, Problem> {
        let furniture = booking::furniture(clinic, &grant.also()?, chrome.language).await?;
        let now = wishes::now(clinic);
        let (mut patient, mut visits) = (String::new(), Vec::new());
        if let Ok(id) = form.patient.parse::<PatientId>() {
            let name = wishes::patient_name(clinic, grant, id).await?;
            patient = name.ok_or(Problem::NotFound)?;
            let see: Grant<ViewSchedule> = grant.also()?;
            let (all, _) = booking::of_patient(clinic, &see, id, chrome.language).await?;
            let ahead = all.iter().rev().filter(|one| one.status.may_move() && now < one.starts);
            let choice = |visit: &booking::Visit| {
                let day = dates::numeric(visit.starts.day());
                let label = format!("{day}, {} · {}", dates::time(visit.starts), visit.service);
                Choice { value: visit.id.to_string(), label }
            };
            visits = ahead.map(choice).collect();
        }
        Ok(Self {
            form: form.proposed(now.day()),
            errors: FieldErrors::new(),
            patient,
            query: String::new(),
            found: Vec::new(),
            services: services(&furniture),
            doctors: doctors(&furniture),
            visits,
            notes: Note::ALL.map(Note::name).into(),
            waits: false,
        })
    }
}
