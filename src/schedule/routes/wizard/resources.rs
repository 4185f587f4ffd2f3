//! The wizard's rows of doctors, and of chairs and rooms.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::pages::{Chrome, View};
use crate::schedule::routes::typed::{self, Errors, Typed};
use crate::schedule::routes::wizard::{Frame, Known, LAYOUT, Step};
use crate::schedule::{self, Catalog, Resource, ResourceKind, ResourceRow};
use crate::vault::Grant;
use crate::vault::permission::SetUpClinic;
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/setup/doctors", doctors)
        .post("/setup/doctors", save_doctors)
        .get("/setup/places", places)
        .post("/setup/places", save_places)
}

/// Rows of people or of places.
#[derive(Debug, Serialize)]
pub struct WizardResourcesPage {
    wizard: Frame,
    /// `doctors` or `places`.
    tab: &'static str,
    rows: Vec<RowForm>,
    kinds: [&'static str; 3],
    errors: Errors,
}

/// What stands in the fields of a row, as typed.
#[derive(Clone, Debug, Default, Serialize)]
struct RowForm {
    /// Empty for a new one.
    id: String,
    kind: String,
    name: String,
    specialty: String,
}

/// Asked for more empty rows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct More {
    more: u8,
}

impl More {
    /// How many empty rows follow those that are stored.
    pub fn blank_rows(&self, stored: usize) -> usize {
        match (self.more, stored) {
            (1.., _) | (_, 0) => 4,
            _ => 1,
        }
    }
}

impl RowForm {
    fn of(resource: &Resource) -> Self {
        Self {
            id: resource.id.to_string(),
            kind: resource.kind.name().to_owned(),
            name: resource.name.clone(),
            specialty: resource.specialty.clone(),
        }
    }

    fn blank(kind: ResourceKind) -> Self {
        Self { kind: kind.name().to_owned(), ..Self::default() }
    }

    /// None for a row left empty.
    fn understand(&self, row: usize, errors: &mut Errors) -> Option<ResourceRow> {
        if self.id.is_empty() && self.name.is_empty() && self.specialty.is_empty() {
            return None;
        }
        if self.id.is_empty() || !self.name.is_empty() {
            typed::name(&self.name, &format!("name-{row}"), errors);
        }
        Some(ResourceRow {
            id: self.id.parse().ok(),
            kind: ResourceKind::named(&self.kind)?,
            name: self.name.clone(),
            specialty: self.specialty.clone(),
        })
    }
}

fn read(typed: &Typed, people: bool) -> Vec<RowForm> {
    let kind = |row| {
        let named = ResourceKind::named(&typed.at("kind", row));
        let place = named.filter(|kind| !kind.is_person()).unwrap_or(ResourceKind::Chair);
        if people { ResourceKind::Doctor } else { place }.name().to_owned()
    };
    let row = |row| RowForm {
        id: typed.at("id", row),
        kind: kind(row),
        name: typed.at("name", row),
        specialty: typed.at("specialty", row),
    };
    (0..typed.rows("name")).map(row).collect()
}

fn stored(catalog: &Catalog, people: bool, more: &More) -> Vec<RowForm> {
    let own = |resource: &&Resource| {
        !resource.ended
            && resource.kind.is_person() == people
            && resource.kind != ResourceKind::Assistant
    };
    let mut rows: Vec<RowForm> = catalog.resources.iter().filter(own).map(RowForm::of).collect();
    let kind = if people { ResourceKind::Doctor } else { ResourceKind::Chair };
    rows.extend((0..more.blank_rows(rows.len())).map(|_| RowForm::blank(kind)));
    rows
}

async fn doctors(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Query(more): Query<More>,
) -> Result<Page, Problem> {
    let known = Known::load(&clinic, &grant).await?;
    let rows = stored(&known.catalog, true, &more);
    WizardResourcesPage::of(&known, true, rows, Errors::new()).page(&clinic, chrome)
}

async fn places(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Query(more): Query<More>,
) -> Result<Page, Problem> {
    let known = Known::load(&clinic, &grant).await?;
    let rows = stored(&known.catalog, false, &more);
    WizardResourcesPage::of(&known, false, rows, Errors::new()).page(&clinic, chrome)
}

async fn save_doctors(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    typed: Typed,
) -> Result<Response, Problem> {
    save(&clinic, &grant, chrome, &typed, true).await
}

async fn save_places(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    typed: Typed,
) -> Result<Response, Problem> {
    save(&clinic, &grant, chrome, &typed, false).await
}

async fn save(
    clinic: &Clinic,
    grant: &Grant<SetUpClinic>,
    chrome: Chrome,
    typed: &Typed,
    people: bool,
) -> Result<Response, Problem> {
    let known = Known::load(clinic, grant).await?;
    let Some(branch) = known.catalog.open_branches().next() else {
        return Ok(see_other(Step::Clinic.href()));
    };
    let (forms, mut errors) = (read(typed, people), Errors::new());
    let rows = forms.iter().enumerate();
    let rows: Vec<_> = rows.filter_map(|(row, form)| form.understand(row, &mut errors)).collect();
    if people && rows.iter().all(|row| row.name.is_empty()) {
        errors.insert("name-0".to_owned(), "schedule-error-first-doctor");
    }
    if !errors.is_empty() {
        let page = WizardResourcesPage::of(&known, people, forms, errors).page(clinic, chrome)?;
        return Ok(page.refused().into_response());
    }
    schedule::put_resources(&clinic.vault, grant, branch.id, &rows).await?;
    let step = step(people);
    let again = format!("{}?more=1", step.href());
    Ok(see_other(if typed.has("more") { &again } else { known.after(step) }))
}

fn step(people: bool) -> Step {
    if people { Step::Doctors } else { Step::Places }
}

impl WizardResourcesPage {
    fn of(known: &Known, people: bool, rows: Vec<RowForm>, errors: Errors) -> Self {
        let wizard = known.frame(step(people));
        let tab = if people { "doctors" } else { "places" };
        Self { wizard, tab, rows, kinds: ["chair", "room", "device"], errors }
    }

    fn page(&self, clinic: &Clinic, chrome: Chrome) -> Result<Page, Problem> {
        Page::of(clinic, &chrome.layout(LAYOUT), self)
    }
}

impl View for WizardResourcesPage {
    const TEMPLATE: &'static str = "schedule/setup/resources.html";

    fn samples() -> Vec<Self> {
        let page = |people: bool, rows, errors| Self {
            wizard: Frame::sample(step(people)),
            tab: if people { "doctors" } else { "places" },
            rows,
            kinds: ["chair", "room", "device"],
            errors,
        };
        let doctor = RowForm::blank(ResourceKind::Doctor);
        let errors = Errors::from([("name-0".to_owned(), "schedule-error-first-doctor")]);
        let chair = RowForm { id: "7".to_owned(), ..RowForm::blank(ResourceKind::Chair) };
        vec![
            page(true, vec![doctor.clone(), doctor], errors),
            page(false, vec![chair], Errors::new()),
        ]
    }
}
