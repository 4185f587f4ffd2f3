//! The first-run wizard. Each step is stored when it is left, can be come back
//! to, and reads what is stored: a crash or a sign-out loses nothing.

mod hours;
mod resources;
mod services;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::clock::Day;
use crate::pages::{Chrome, View};
use crate::recovery;
use crate::schedule::routes::facts::{FactsForm, ZoneChoice, missing, sample_form, today, zones};
use crate::schedule::routes::typed::{Errors, Typed};
use crate::schedule::{self, Catalog, ClinicFacts, Pattern, ScheduleError};
use crate::vault::Grant;
use crate::vault::permission::{ManageKeys, SetUpClinic, ViewClinic};
use crate::web::{Page, Problem, Routes, see_other};

pub use hours::WizardHoursPage;
pub use resources::WizardResourcesPage;
pub use services::WizardServicesPage;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/setup", start)
        .get("/setup/clinic", clinic_form)
        .post("/setup/clinic", clinic_save)
        .get("/setup/done", done)
        .post("/setup/finish", finish)
        .merge(resources::routes())
        .merge(services::routes())
        .merge(hours::routes())
}

/// The wizard has no rail: there is nothing to go to yet.
pub const LAYOUT: &str = "layout/plain.html";

/// The steps in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Clinic,
    Doctors,
    Places,
    Services,
    Hours,
    /// For the owner alone.
    Kit,
    Done,
}

/// What every page of the wizard shows around its form.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    steps: Vec<StepView>,
    /// From 1.
    number: usize,
    /// The step before; None on the first.
    back: Option<&'static str>,
    next: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
struct StepView {
    id: &'static str,
    href: &'static str,
    finished: bool,
    current: bool,
}

/// All that the wizard looks at.
pub struct Known {
    pub facts: Option<ClinicFacts>,
    pub catalog: Catalog,
    /// The usual week of today.
    pub patterns: Vec<Pattern>,
    pub today: Day,
    kit: bool,
    owner: bool,
}

impl Step {
    const ALL: [Self; 7] = [
        Self::Clinic,
        Self::Doctors,
        Self::Places,
        Self::Services,
        Self::Hours,
        Self::Kit,
        Self::Done,
    ];

    fn id(self) -> &'static str {
        match self {
            Self::Clinic => "clinic",
            Self::Doctors => "doctors",
            Self::Places => "places",
            Self::Services => "services",
            Self::Hours => "hours",
            Self::Kit => "kit",
            Self::Done => "done",
        }
    }

    fn href(self) -> &'static str {
        match self {
            Self::Clinic => "/setup/clinic",
            Self::Doctors => "/setup/doctors",
            Self::Places => "/setup/places",
            Self::Services => "/setup/services",
            Self::Hours => "/setup/hours",
            Self::Kit => "/setup/kit",
            Self::Done => "/setup/done",
        }
    }
}

impl Known {
    pub async fn load(clinic: &Clinic, grant: &Grant<SetUpClinic>) -> Result<Self, Problem> {
        let view: Grant<ViewClinic> = grant.also()?;
        let mut reader = clinic.vault.read(&view).await?;
        let today = today(clinic);
        Ok(Self {
            facts: schedule::facts(&mut reader).await?,
            catalog: schedule::setup(&mut reader).await?,
            patterns: schedule::patterns(&mut reader, today).await?,
            today,
            kit: !recovery::kits(clinic).is_empty(),
            owner: grant.actor().may::<ManageKeys>(),
        })
    }

    fn steps(&self) -> impl Iterator<Item = Step> + use<> {
        let owner = self.owner;
        Step::ALL.into_iter().filter(move |step| owner || *step != Step::Kit)
    }

    fn finished(&self, step: Step) -> bool {
        match step {
            Step::Clinic => self.facts.is_some(),
            Step::Doctors => self.catalog.doctors().next().is_some(),
            Step::Places => self.catalog.places().next().is_some(),
            Step::Services => self.catalog.offered().next().is_some(),
            Step::Hours => !self.patterns.is_empty(),
            Step::Kit => self.kit,
            Step::Done => self.facts.as_ref().is_some_and(|facts| facts.set_up_at.is_some()),
        }
    }

    /// The step after this one.
    pub fn after(&self, step: Step) -> &'static str {
        let next = self.steps().find(|other| step < *other);
        next.unwrap_or(Step::Done).href()
    }

    pub fn frame(&self, current: Step) -> Frame {
        let steps: Vec<Step> = self.steps().collect();
        let at = steps.iter().position(|step| *step == current).unwrap_or(0);
        let view = |step: &Step| StepView {
            id: step.id(),
            href: step.href(),
            finished: self.finished(*step),
            current: *step == current,
        };
        Frame {
            steps: steps.iter().map(view).collect(),
            number: at + 1,
            back: at.checked_sub(1).map(|before| steps[before].href()),
            next: steps.get(at + 1).map(|step| step.href()),
        }
    }
}

impl Frame {
    pub async fn load(
        clinic: &Clinic,
        grant: &Grant<SetUpClinic>,
        current: Step,
    ) -> Result<Self, Problem> {
        Ok(Known::load(clinic, grant).await?.frame(current))
    }

    /// For samples.
    pub fn sample(current: Step) -> Self {
        let today = Day::new(2026, 11, 23).expect("a day");
        let (catalog, patterns) = (Catalog::default(), Vec::new());
        Known { facts: None, catalog, patterns, today, kit: false, owner: true }.frame(current)
    }
}

/// Goes to the first step that is not finished.
async fn start(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
) -> Result<Response, Problem> {
    let known = Known::load(&clinic, &grant).await?;
    let first = known.steps().find(|step| !known.finished(*step));
    Ok(see_other(first.unwrap_or(Step::Done).href()))
}

/// The first step: the clinic itself.
#[derive(Debug, Serialize)]
pub struct WizardClinicPage {
    wizard: Frame,
    form: FactsForm,
    errors: Errors,
    zones: Vec<ZoneChoice>,
}

async fn clinic_form(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let known = Known::load(&clinic, &grant).await?;
    let form = FactsForm::of(known.facts.as_ref());
    let wizard = known.frame(Step::Clinic);
    let view = WizardClinicPage { wizard, form, errors: Errors::new(), zones: zones() };
    Page::of(&clinic, &chrome.layout(LAYOUT), &view)
}

async fn clinic_save(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    typed: Typed,
) -> Result<Response, Problem> {
    let form = FactsForm::read(&typed);
    match form.understand(today(&clinic)) {
        Ok(draft) => {
            schedule::set_facts(&clinic, &grant, &draft).await?;
            Ok(see_other(Step::Doctors.href()))
        }
        Err(errors) => {
            let wizard = Frame::load(&clinic, &grant, Step::Clinic).await?;
            let view = WizardClinicPage { wizard, form, errors, zones: zones() };
            let page = Page::of(&clinic, &chrome.layout(LAYOUT), &view)?;
            Ok(page.refused().into_response())
        }
    }
}

/// The last step: what there is, and what to do next.
#[derive(Debug, Serialize)]
pub struct WizardDonePage {
    wizard: Frame,
    doctors: usize,
    places: usize,
    services: usize,
    /// Doctors without a single shift.
    idle: Vec<String>,
    /// Whether it can be finished: there is a name and a doctor.
    ready: bool,
    set_up: bool,
    refused: bool,
    /// What consents still lack: names of fields.
    missing: Vec<&'static str>,
}

impl WizardDonePage {
    fn of(known: &Known, refused: bool) -> Self {
        let catalog = &known.catalog;
        let works = |id| known.patterns.iter().any(|pattern| pattern.resource_id == id);
        let idle = catalog.doctors().filter(|doctor| !works(doctor.id));
        Self {
            wizard: known.frame(Step::Done),
            doctors: catalog.doctors().count(),
            places: catalog.places().count(),
            services: catalog.offered().count(),
            idle: idle.map(|doctor| doctor.short_name.clone()).collect(),
            ready: known.finished(Step::Clinic) && known.finished(Step::Doctors),
            set_up: known.finished(Step::Done),
            refused,
            missing: missing(known.facts.as_ref()),
        }
    }
}

async fn done(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = WizardDonePage::of(&Known::load(&clinic, &grant).await?, false);
    Page::of(&clinic, &chrome.layout(LAYOUT), &view)
}

async fn finish(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
) -> Result<Response, Problem> {
    match schedule::finish_set_up(&clinic, &grant).await {
        Ok(()) => Ok(see_other(Step::Done.href())),
        Err(ScheduleError::NotReady) => {
            let view = WizardDonePage::of(&Known::load(&clinic, &grant).await?, true);
            Ok(Page::of(&clinic, &chrome.layout(LAYOUT), &view)?.refused().into_response())
        }
        Err(other) => Err(other.into()),
    }
}

impl View for WizardClinicPage {
    const TEMPLATE: &'static str = "schedule/setup/clinic.html";

    fn samples() -> Vec<Self> {
        let (form, errors) = sample_form();
        let wizard = Frame::sample(Step::Clinic);
        let empty = FactsForm::of(None);
        let blank =
            Self { wizard: wizard.clone(), form: empty, errors: Errors::new(), zones: zones() };
        vec![blank, Self { wizard, form, errors, zones: zones() }]
    }
}

impl View for WizardDonePage {
    const TEMPLATE: &'static str = "schedule/setup/done.html";

    fn samples() -> Vec<Self> {
        let page = |ready, set_up| Self {
            wizard: Frame::sample(Step::Done),
            doctors: 3,
            places: 2,
            services: 40,
            idle: vec!["Сейтова А. Н.".to_owned()],
            ready,
            set_up,
            refused: !ready,
            missing: if ready { vec!["bin", "responsible"] } else { Vec::new() },
        };
        vec![page(false, false), page(true, false), page(true, true)]
    }
}
