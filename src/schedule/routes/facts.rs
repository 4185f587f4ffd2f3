//! The clinic's own page of the settings: what it is called and where, and what
//! papers say of it.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::clock::Day;
use crate::pages::{Chrome, View};
use crate::schedule::routes::requisites::RequisitesForm;
use crate::schedule::routes::typed::{self, Errors, Typed};
use crate::schedule::routes::{Done, ENTRY};
use crate::schedule::{self, ClinicDraft, ClinicFacts, Missing};
use crate::vault::Grant;
use crate::vault::permission::{SetUpClinic, ViewClinic};
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new().get("/settings", show).post("/settings/clinic", save)
}

/// The zones of Kazakhstan, which all show one time since March 2024, and the
/// Fluent keys of their names.
pub const ZONES: [(&str, &str); 7] = [
    ("Asia/Almaty", "schedule-zone-almaty"),
    ("Asia/Qostanay", "schedule-zone-qostanay"),
    ("Asia/Qyzylorda", "schedule-zone-qyzylorda"),
    ("Asia/Aqtobe", "schedule-zone-aqtobe"),
    ("Asia/Aqtau", "schedule-zone-aqtau"),
    ("Asia/Atyrau", "schedule-zone-atyrau"),
    ("Asia/Oral", "schedule-zone-oral"),
];

/// What stands in the fields, as typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FactsForm {
    pub name: String,
    pub phone: String,
    pub address_ru: String,
    pub address_kk: String,
    pub entrance_ru: String,
    pub entrance_kk: String,
    pub zone: String,
    #[serde(flatten)]
    pub requisites: RequisitesForm,
}

/// A choice of a time zone.
#[derive(Clone, Debug, Serialize)]
pub struct ZoneChoice {
    value: &'static str,
    key: &'static str,
}

/// The clinic's name, telephone, address and zone.
#[derive(Debug, Serialize)]
pub struct ClinicPage {
    form: FactsForm,
    errors: Errors,
    zones: Vec<ZoneChoice>,
    done: &'static str,
    /// Whether the wizard is finished.
    set_up: bool,
    /// What consents still lack: names of fields.
    missing: Vec<&'static str>,
}

impl FactsForm {
    pub fn of(facts: Option<&ClinicFacts>) -> Self {
        let Some(facts) = facts else {
            return Self { zone: ZONES[0].0.to_owned(), ..Self::default() };
        };
        Self {
            name: facts.name.clone(),
            phone: facts.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
            address_ru: facts.address_ru.clone(),
            address_kk: facts.address_kk.clone(),
            entrance_ru: facts.entrance_ru.clone(),
            entrance_kk: facts.entrance_kk.clone(),
            zone: facts.zone.clone(),
            requisites: RequisitesForm::of(&facts.requisites),
        }
    }

    pub fn read(typed: &Typed) -> Self {
        Self {
            name: typed.text("name"),
            phone: typed.text("phone"),
            address_ru: typed.text("address_ru"),
            address_kk: typed.text("address_kk"),
            entrance_ru: typed.text("entrance_ru"),
            entrance_kk: typed.text("entrance_kk"),
            zone: typed.text("zone"),
            requisites: RequisitesForm::read(typed),
        }
    }

    pub fn understand(&self, today: Day) -> Result<ClinicDraft, Errors> {
        let mut errors = Errors::new();
        let name = typed::name(&self.name, "name", &mut errors);
        let phone = typed::phone(&self.phone, "phone", &mut errors);
        if !ZONES.iter().any(|(zone, _)| *zone == self.zone) {
            errors.insert("zone".to_owned(), "schedule-error-zone");
        }
        let requisites = self.requisites.understand(today, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(ClinicDraft {
            name,
            phone,
            address_ru: self.address_ru.clone(),
            address_kk: self.address_kk.clone(),
            entrance_ru: self.entrance_ru.clone(),
            entrance_kk: self.entrance_kk.clone(),
            zone: self.zone.clone(),
            requisites,
        })
    }
}

pub fn zones() -> Vec<ZoneChoice> {
    ZONES.iter().map(|&(value, key)| ZoneChoice { value, key }).collect()
}

async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Query(done): Query<Done>,
) -> Result<Page, Problem> {
    let view: Grant<ViewClinic> = grant.also()?;
    let facts = schedule::facts(&mut clinic.vault.read(&view).await?).await?;
    let form = FactsForm::of(facts.as_ref());
    let missing = missing(facts.as_ref());
    let view = ClinicPage { missing, ..ClinicPage::of(&clinic, form, Errors::new(), done.word()) };
    view.page(&clinic, chrome)
}

async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    typed: Typed,
) -> Result<Response, Problem> {
    let form = FactsForm::read(&typed);
    match form.understand(today(&clinic)) {
        Ok(draft) => {
            schedule::set_facts(&clinic, &grant, &draft).await?;
            Ok(see_other("/settings?done=saved"))
        }
        Err(errors) => {
            let view = ClinicPage::of(&clinic, form, errors, "");
            Ok(view.page(&clinic, chrome)?.refused().into_response())
        }
    }
}

impl ClinicPage {
    fn of(clinic: &Clinic, form: FactsForm, errors: Errors, done: &'static str) -> Self {
        let set_up = clinic.profile.get().set_up;
        Self { form, errors, zones: zones(), done, set_up, missing: Vec::new() }
    }

    fn page(&self, clinic: &Clinic, chrome: Chrome) -> Result<Page, Problem> {
        Page::of(clinic, &chrome.active(ENTRY), self)
    }
}

/// Names of what consents still lack; nothing before there is a clinic.
pub fn missing(facts: Option<&ClinicFacts>) -> Vec<&'static str> {
    let missing = facts.map(ClinicFacts::missing).unwrap_or_default();
    missing.into_iter().map(Missing::name).collect()
}

/// The clinic's civil day.
pub fn today(clinic: &Clinic) -> Day {
    clinic.profile.get().zone.today(clinic.clock().now())
}

/// The form as the samples of several pages show it.
pub fn sample_form() -> (FactsForm, Errors) {
    let form = FactsForm {
        name: String::new(),
        phone: "8 701".to_owned(),
        address_ru: "Алматы".to_owned(),
        address_kk: String::new(),
        entrance_ru: "Вход со двора".to_owned(),
        entrance_kk: String::new(),
        zone: ZONES[0].0.to_owned(),
        requisites: RequisitesForm { bin: "1903".to_owned(), ..RequisitesForm::default() },
    };
    let today = Day::new(2026, 11, 23).expect("a day");
    let errors = form.understand(today).expect_err("a clinic without a name");
    (form, errors)
}

impl View for ClinicPage {
    const TEMPLATE: &'static str = "schedule/clinic.html";

    fn samples() -> Vec<Self> {
        let (form, errors) = sample_form();
        let missing: Vec<_> = Missing::ALL.into_iter().map(Missing::name).collect();
        let refused =
            Self { form, errors, zones: zones(), done: "", set_up: false, missing: Vec::new() };
        let form = FactsForm::of(None);
        let zones = zones();
        vec![
            refused,
            Self { form, errors: Errors::new(), zones, done: "saved", set_up: true, missing },
        ]
    }
}
