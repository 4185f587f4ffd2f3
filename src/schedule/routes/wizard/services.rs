//! The wizard's rows of services.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::pages::{Chrome, View};
use crate::schedule::routes::typed::{self, Errors, Typed};
use crate::schedule::routes::wizard::resources::More;
use crate::schedule::routes::wizard::{Frame, Known, LAYOUT, Step};
use crate::schedule::{self, Catalog, Service, ServiceRow};
use crate::vault::Grant;
use crate::vault::permission::SetUpClinic;
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new().get("/setup/services", show).post("/setup/services", save)
}

/// With more than these the wizard shows their number; the settings have all.
const MOST_ROWS: usize = 30;

/// Rows of services.
#[derive(Debug, Serialize)]
pub struct WizardServicesPage {
    wizard: Frame,
    rows: Vec<RowForm>,
    /// How many there are, when they are too many to be shown; else 0.
    many: usize,
    errors: Errors,
}

/// What stands in the fields of a row, as typed.
#[derive(Clone, Debug, Default, Serialize)]
struct RowForm {
    /// Empty for a new one.
    id: String,
    name: String,
    duration: String,
    price: String,
}

impl RowForm {
    fn of(service: &Service) -> Self {
        Self {
            id: service.id.to_string(),
            name: service.name.clone(),
            duration: service.duration_minutes.to_string(),
            price: service.price.map(|price| (price.tiyn() / 100).to_string()).unwrap_or_default(),
        }
    }

    /// Half an hour is what most visits begin with.
    fn blank() -> Self {
        Self { duration: "30".to_owned(), ..Self::default() }
    }

    /// None for a row left empty.
    fn understand(&self, row: usize, errors: &mut Errors) -> Option<ServiceRow> {
        if self.id.is_empty() && self.name.is_empty() && self.price.is_empty() {
            return None;
        }
        if !self.name.is_empty() || self.id.is_empty() {
            typed::name(&self.name, &format!("name-{row}"), errors);
        }
        Some(ServiceRow {
            id: self.id.parse().ok(),
            name: self.name.clone(),
            duration_minutes: typed::duration(&self.duration, &format!("duration-{row}"), errors),
            price: typed::price(&self.price, &format!("price-{row}"), errors),
        })
    }
}

fn read(typed: &Typed) -> Vec<RowForm> {
    let row = |row| RowForm {
        id: typed.at("id", row),
        name: typed.at("name", row),
        duration: typed.at("duration", row),
        price: typed.at("price", row),
    };
    (0..typed.rows("name")).map(row).collect()
}

fn stored(catalog: &Catalog, more: &More) -> Vec<RowForm> {
    let mut rows: Vec<RowForm> = match many(catalog) {
        0 => catalog.offered().map(RowForm::of).collect(),
        _ => Vec::new(),
    };
    rows.extend((0..more.blank_rows(rows.len())).map(|_| RowForm::blank()));
    rows
}

fn many(catalog: &Catalog) -> usize {
    let count = catalog.offered().count();
    if MOST_ROWS < count { count } else { 0 }
}

async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Query(more): Query<More>,
) -> Result<Page, Problem> {
    let known = Known::load(&clinic, &grant).await?;
    let rows = stored(&known.catalog, &more);
    WizardServicesPage::of(&known, rows, Errors::new()).page(&clinic, chrome)
}

async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    typed: Typed,
) -> Result<Response, Problem> {
    let known = Known::load(&clinic, &grant).await?;
    let (forms, mut errors) = (read(&typed), Errors::new());
    let rows = forms.iter().enumerate();
    let rows: Vec<_> = rows.filter_map(|(row, form)| form.understand(row, &mut errors)).collect();
    if !errors.is_empty() {
        let page = WizardServicesPage::of(&known, forms, errors).page(&clinic, chrome)?;
        return Ok(page.refused().into_response());
    }
    schedule::put_services(&clinic.vault, &grant, &rows).await?;
    let more = typed.has("more");
    Ok(see_other(if more { "/setup/services?more=1" } else { known.after(Step::Services) }))
}

impl WizardServicesPage {
    fn of(known: &Known, rows: Vec<RowForm>, errors: Errors) -> Self {
        let many = many(&known.catalog);
        Self { wizard: known.frame(Step::Services), rows, many, errors }
    }

    fn page(&self, clinic: &Clinic, chrome: Chrome) -> Result<Page, Problem> {
        Page::of(clinic, &chrome.layout(LAYOUT), self)
    }
}

impl View for WizardServicesPage {
    const TEMPLATE: &'static str = "schedule/setup/services.html";

    fn samples() -> Vec<Self> {
        let wizard = || Frame::sample(Step::Services);
        let wrong = RowForm { price: "дорого".to_owned(), ..RowForm::blank() };
        let mut errors = Errors::new();
        let _ = wrong.understand(0, &mut errors);
        vec![
            Self { wizard: wizard(), rows: vec![wrong], many: 0, errors },
            Self {
                wizard: wizard(),
                rows: vec![RowForm::blank()],
                many: 99,
                errors: Errors::new(),
            },
        ]
    }
}
