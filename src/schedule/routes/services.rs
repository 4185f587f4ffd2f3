//! Services: what is done, how long it takes, what it costs, who does it.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::{ResourceId, ServiceId};
use crate::pages::{Chrome, View};
use crate::schedule::routes::resources::sample;
use crate::schedule::routes::typed::{self, Errors, Typed};
use crate::schedule::routes::{Done, ENTRY};
use crate::schedule::{self, Catalog, Performer, Resource, ResourceKind, Service, ServiceDraft};
use crate::vault::Grant;
use crate::vault::permission::{SetUpClinic, ViewClinic};
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/settings/services", list)
        .get("/settings/services/new", blank)
        .post("/settings/services", add)
        .get("/settings/services/{service_id}", edit)
        .post("/settings/services/{service_id}", change)
        .post("/settings/services/{service_id}/end", end)
        .post("/settings/services/{service_id}/resume", resume)
}

/// The price list.
#[derive(Debug, Serialize)]
pub struct ServicesPage {
    categories: Vec<Category>,
    ended: Vec<Service>,
    count: usize,
    done: &'static str,
}

#[derive(Debug, Serialize)]
struct Category {
    /// Empty for services without one.
    name: String,
    services: Vec<ServiceRowView>,
}

#[derive(Debug, Serialize)]
struct ServiceRowView {
    service: Service,
    /// Short names; empty: every doctor.
    performers: Vec<String>,
}

/// What stands in the fields, as typed.
#[derive(Clone, Debug, Default, Serialize)]
struct ServiceForm {
    name: String,
    name_kk: String,
    name_en: String,
    category: String,
    duration: String,
    before: String,
    after: String,
    price: String,
    price_from: bool,
    online: bool,
    needs: Vec<&'static str>,
}

/// The form of a service.
#[derive(Debug, Serialize)]
pub struct ServiceEditPage {
    /// None for a new one.
    id: Option<ServiceId>,
    form: ServiceForm,
    errors: Errors,
    performers: Vec<PerformerRow>,
    kinds: Vec<&'static str>,
    categories: Vec<String>,
    ended: bool,
}

/// A doctor who may do the service.
#[derive(Clone, Debug, Serialize)]
struct PerformerRow {
    id: ResourceId,
    name: String,
    chosen: bool,
    /// Their own duration, as typed.
    minutes: String,
}

impl ServiceForm {
    fn of(service: &Service) -> Self {
        Self {
            name: service.name.clone(),
            name_kk: service.name_kk.clone(),
            name_en: service.name_en.clone(),
            category: service.category.clone(),
            duration: service.duration_minutes.to_string(),
            before: service.before_minutes.to_string(),
            after: service.after_minutes.to_string(),
            price: service.price.map(|price| (price.tiyn() / 100).to_string()).unwrap_or_default(),
            price_from: service.price_from,
            online: service.online,
            needs: service.needs.iter().map(|kind| kind.name()).collect(),
        }
    }

    fn read(typed: &Typed) -> Self {
        Self {
            name: typed.text("name"),
            name_kk: typed.text("name_kk"),
            name_en: typed.text("name_en"),
            category: typed.text("category"),
            duration: typed.text("duration"),
            before: typed.text("before"),
            after: typed.text("after"),
            price: typed.text("price"),
            price_from: typed.has("price_from"),
            online: typed.has("online"),
            needs: typed
                .all("need")
                .filter_map(ResourceKind::named)
                .map(ResourceKind::name)
                .collect(),
        }
    }

    fn understand(&self, rows: &[PerformerRow]) -> Result<ServiceDraft, Errors> {
        let mut errors = Errors::new();
        let name = typed::name(&self.name, "name", &mut errors);
        let duration_minutes = typed::duration(&self.duration, "duration", &mut errors);
        let before_minutes = typed::buffer(&self.before, "before", &mut errors);
        let after_minutes = typed::buffer(&self.after, "after", &mut errors);
        let price = typed::price(&self.price, "price", &mut errors);
        let performers = rows
            .iter()
            .filter(|row| row.chosen)
            .map(|row| {
                let own = !row.minutes.is_empty();
                let field = format!("minutes-{}", row.id);
                let own = own.then(|| typed::duration(&row.minutes, &field, &mut errors));
                Performer { resource_id: row.id, duration_minutes: own }
            })
            .collect();
        let draft = ServiceDraft {
            name,
            name_kk: self.name_kk.clone(),
            name_en: self.name_en.clone(),
            category: self.category.clone(),
            duration_minutes,
            before_minutes,
            after_minutes,
            price,
            price_from: self.price_from,
            online: self.online,
            performers,
            needs: self.needs.iter().copied().filter_map(ResourceKind::named).collect(),
        };
        if errors.is_empty() { Ok(draft) } else { Err(errors) }
    }
}

/// Everybody who may do services, with what is stored of this one.
fn stored_performers(catalog: &Catalog, service: Option<&Service>) -> Vec<PerformerRow> {
    let known = |doctor: &Resource| {
        service?.performers.iter().find(|performer| performer.resource_id == doctor.id).copied()
    };
    let row = |doctor: &Resource| PerformerRow {
        id: doctor.id,
        name: doctor.short_name.clone(),
        chosen: known(doctor).is_some(),
        minutes: known(doctor)
            .and_then(|performer| performer.duration_minutes)
            .map(|minutes| minutes.to_string())
            .unwrap_or_default(),
    };
    catalog.doctors().map(row).collect()
}

fn typed_performers(catalog: &Catalog, typed: &Typed) -> Vec<PerformerRow> {
    let row = |doctor: &Resource| PerformerRow {
        id: doctor.id,
        name: doctor.short_name.clone(),
        chosen: typed.all("performer").any(|id| id == doctor.id.to_string()),
        minutes: typed.text(&format!("minutes-{}", doctor.id)),
    };
    catalog.doctors().map(row).collect()
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Query(done): Query<Done>,
) -> Result<Page, Problem> {
    let view = ServicesPage::of(&catalog(&clinic, &grant).await?, done.word());
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn blank(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let catalog = catalog(&clinic, &grant).await?;
    let form = ServiceForm { duration: "30".to_owned(), ..ServiceForm::default() };
    let performers = stored_performers(&catalog, None);
    ServiceEditPage::of(&catalog, None, form, performers).page(&clinic, chrome)
}

async fn add(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    typed: Typed,
) -> Result<Response, Problem> {
    let catalog = catalog(&clinic, &grant).await?;
    let (form, rows) = (ServiceForm::read(&typed), typed_performers(&catalog, &typed));
    match form.understand(&rows) {
        Ok(draft) => {
            schedule::add_service(&clinic.vault, &grant, &draft).await?;
            Ok(see_other("/settings/services?done=added"))
        }
        Err(errors) => {
            ServiceEditPage::of(&catalog, None, form, rows).refuse(&clinic, chrome, errors)
        }
    }
}

async fn edit(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Path(id): Path<ServiceId>,
) -> Result<Page, Problem> {
    let catalog = catalog(&clinic, &grant).await?;
    let service = catalog.service(id).ok_or(Problem::NotFound)?;
    let performers = stored_performers(&catalog, Some(service));
    ServiceEditPage::of(&catalog, Some(id), ServiceForm::of(service), performers)
        .page(&clinic, chrome)
}

async fn change(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Path(id): Path<ServiceId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let catalog = catalog(&clinic, &grant).await?;
    let (form, rows) = (ServiceForm::read(&typed), typed_performers(&catalog, &typed));
    match form.understand(&rows) {
        Ok(draft) => {
            schedule::change_service(&clinic.vault, &grant, id, &draft).await?;
            Ok(see_other("/settings/services?done=saved"))
        }
        Err(errors) => {
            ServiceEditPage::of(&catalog, Some(id), form, rows).refuse(&clinic, chrome, errors)
        }
    }
}

async fn end(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    Path(id): Path<ServiceId>,
) -> Result<Response, Problem> {
    schedule::end_service(&clinic.vault, &grant, id).await?;
    Ok(see_other("/settings/services?done=ended"))
}

async fn resume(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    Path(id): Path<ServiceId>,
) -> Result<Response, Problem> {
    schedule::resume_service(&clinic.vault, &grant, id).await?;
    Ok(see_other("/settings/services?done=resumed"))
}

pub(super) async fn catalog(
    clinic: &Clinic,
    grant: &Grant<SetUpClinic>,
) -> Result<Catalog, Problem> {
    let view: Grant<ViewClinic> = grant.also()?;
    Ok(schedule::setup(&mut clinic.vault.read(&view).await?).await?)
}

impl ServicesPage {
    fn of(catalog: &Catalog, done: &'static str) -> Self {
        let mut categories: Vec<Category> = Vec::new();
        for service in catalog.offered() {
            let named = service.performers.iter();
            let named = named.filter_map(|performer| catalog.resource(performer.resource_id));
            let performers = named.map(|doctor| doctor.short_name.clone()).collect();
            let row = ServiceRowView { service: service.clone(), performers };
            if let Some(last) = categories.last_mut().filter(|last| last.name == service.category) {
                last.services.push(row);
            } else {
                let name = service.category.clone();
                categories.push(Category { name, services: vec![row] });
            }
        }
        let ended = catalog.services.iter().filter(|service| service.ended).cloned().collect();
        Self { categories, ended, count: catalog.offered().count(), done }
    }
}

impl ServiceEditPage {
    fn of(
        catalog: &Catalog,
        id: Option<ServiceId>,
        form: ServiceForm,
        performers: Vec<PerformerRow>,
    ) -> Self {
        let mut categories: Vec<String> =
            catalog.offered().map(|service| service.category.clone()).collect();
        categories.retain(|category| !category.is_empty());
        categories.dedup();
        let needed = ResourceKind::ALL.into_iter().filter(|kind| *kind != ResourceKind::Doctor);
        let ended = id.and_then(|id| catalog.service(id)).is_some_and(|service| service.ended);
        let kinds = needed.map(ResourceKind::name).collect();
        Self { id, form, errors: Errors::new(), performers, kinds, categories, ended }
    }

    fn page(&self, clinic: &Clinic, chrome: Chrome) -> Result<Page, Problem> {
        Page::of(clinic, &chrome.active(ENTRY), self)
    }

    fn refuse(
        mut self,
        clinic: &Clinic,
        chrome: Chrome,
        errors: Errors,
    ) -> Result<Response, Problem> {
        self.errors = errors;
        Ok(self.page(clinic, chrome)?.refused().into_response())
    }
}

/// A price list for the samples of several pages.
pub(super) fn sample_catalog() -> Catalog {
    let doctor = sample(ResourceKind::Doctor, "Сейтова Айгуль Нурлановна");
    let service = |category: &str, ended| {
        let draft = ServiceDraft::named("Лечение кариеса");
        Service {
            id: ServiceId::new(Timestamp::from_unix_ms(0)),
            name: draft.name,
            name_kk: draft.name_kk,
            name_en: draft.name_en,
            category: category.to_owned(),
            duration_minutes: 45,
            before_minutes: 0,
            after_minutes: 10,
            price: Some(crate::money::Money::from_tenge(18_000)),
            price_from: true,
            online: true,
            ended,
            performers: vec![Performer { resource_id: doctor.id, duration_minutes: Some(60) }],
            needs: vec![ResourceKind::Chair],
        }
    };
    let mut plain = service("", false);
    plain.performers.clear();
    plain.needs.clear();
    plain.price = None;
    let services = vec![plain, service("Терапия", false), service("Терапия", true)];
    Catalog { branches: Vec::new(), resources: vec![doctor.clone()], services }
}

impl View for ServicesPage {
    const TEMPLATE: &'static str = "schedule/services.html";

    fn samples() -> Vec<Self> {
        vec![Self::of(&sample_catalog(), "saved"), Self::of(&Catalog::default(), "")]
    }
}

impl View for ServiceEditPage {
    const TEMPLATE: &'static str = "schedule/service.html";

    fn samples() -> Vec<Self> {
        let catalog = sample_catalog();
        let edited = |service: &Service| {
            let performers = stored_performers(&catalog, Some(service));
            Self::of(&catalog, Some(service.id), ServiceForm::of(service), performers)
        };
        let mut ended = edited(&catalog.services[2]);
        ended.ended = true;
        let empty = ServiceForm::default();
        let mut refused = Self::of(&Catalog::default(), None, empty, Vec::new());
        refused.errors = refused.form.understand(&[]).expect_err("a service without a name");
        vec![edited(&catalog.services[0]), ended, refused]
    }
}
