//! The owner's page of online booking: limits, services, doctors, what patients
//! agree to, links and the widget.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::ids::{ResourceId, ServiceId};
use crate::online::settings::{
    self, Additions, ConsentText, DoctorTerms, Errors, ServiceTerms, SettingsForm,
};
use crate::online::store;
use crate::pages::{Chrome, View};
use crate::reminders;
use crate::schedule::{self, Catalog};
use crate::vault::Grant;
use crate::vault::permission::{SetUpOnline, ViewClinic};
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/settings/online", show)
        .post("/settings/online", save)
        .post("/settings/online/services/{service}", save_service)
        .post("/settings/online/doctors/{doctor}", save_doctor)
        .post("/settings/online/consent", publish)
}

/// The longest text that is taken, in characters.
const LONGEST: usize = 4000;

#[derive(Debug, Serialize)]
pub struct OnlineSettingsPage {
    form: SettingsForm,
    errors: Errors,
    services: Vec<ServiceRow>,
    doctors: Vec<DoctorRow>,
    consent: ConsentText,
    public_url: String,
    /// What was just done, or empty.
    done: &'static str,
}

#[derive(Debug, Serialize)]
struct ServiceRow {
    id: ServiceId,
    name: String,
    terms: ServiceTerms,
}

#[derive(Debug, Serialize)]
struct DoctorRow {
    id: ResourceId,
    name: String,
    terms: DoctorTerms,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Done {
    done: String,
}

impl Done {
    fn word(&self) -> &'static str {
        let known = ["saved", "service", "doctor", "consent"];
        known.into_iter().find(|word| *word == self.done).unwrap_or_default()
    }
}

async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpOnline>,
    chrome: Chrome,
    Query(done): Query<Done>,
) -> Result<Page, Problem> {
    let view = OnlineSettingsPage::read(&clinic, &grant, chrome.language, done.word()).await?;
    Page::of(&clinic, &chrome.active("settings"), &view)
}

async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpOnline>,
    chrome: Chrome,
    Form(form): Form<SettingsForm>,
) -> Result<Response, Problem> {
    match form.understand() {
        Ok((settings, cutoff)) => {
            settings::set(&clinic, &grant, &settings, cutoff).await?;
            Ok(see_other("/settings/online?done=saved"))
        }
        Err(errors) => {
            let view = OnlineSettingsPage::read(&clinic, &grant, chrome.language, "").await?;
            let view = OnlineSettingsPage { form, errors, ..view };
            let page = Page::of(&clinic, &chrome.active("settings"), &view)?;
            Ok(page.refused().into_response())
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ServiceForm {
    online: String,
    moderated: String,
    urgent: String,
    prepare_ru: String,
    prepare_kk: String,
    prepare_en: String,
}

async fn save_service(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpOnline>,
    Path(id): Path<ServiceId>,
    Form(form): Form<ServiceForm>,
) -> Result<Response, Problem> {
    let terms = ServiceTerms {
        online: !form.online.is_empty(),
        moderated: !form.moderated.is_empty(),
        urgent: !form.urgent.is_empty(),
        prepare_ru: text(&form.prepare_ru)?,
        prepare_kk: text(&form.prepare_kk)?,
        prepare_en: text(&form.prepare_en)?,
    };
    let known = settings::set_service(&clinic, &grant, id, &terms).await?;
    if known {
        Ok(see_other("/settings/online?done=service#services"))
    } else {
        Err(Problem::NotFound)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DoctorForm {
    /// Whether patients may choose them.
    shown: String,
    since_year: String,
    about_ru: String,
    about_kk: String,
    about_en: String,
}

async fn save_doctor(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpOnline>,
    Path(id): Path<ResourceId>,
    Form(form): Form<DoctorForm>,
) -> Result<Response, Problem> {
    let year = form.since_year.trim();
    let since_year = year.parse::<i64>().ok().filter(|year| (1940..=2200).contains(year));
    if since_year.is_none() && !year.is_empty() {
        return Err(Problem::Invalid("online-error-year"));
    }
    let terms = DoctorTerms {
        hidden: form.shown.is_empty(),
        since_year,
        about_ru: text(&form.about_ru)?,
        about_kk: text(&form.about_kk)?,
        about_en: text(&form.about_en)?,
    };
    let known = settings::set_doctor(&clinic, &grant, id, &terms).await?;
    if known {
        Ok(see_other("/settings/online?done=doctor#doctors"))
    } else {
        Err(Problem::NotFound)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ConsentForm {
    russian: String,
    kazakh: String,
    english: String,
    basis: String,
}

async fn publish(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpOnline>,
    Form(form): Form<ConsentForm>,
) -> Result<Response, Problem> {
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let new = ConsentText {
        version: 0,
        russian: text(&form.russian)?,
        kazakh: text(&form.kazakh)?,
        english: text(&form.english)?,
        basis: text(&form.basis)?,
        checked_on: today.to_string(),
    };
    if [&new.russian, &new.kazakh, &new.english].iter().any(|text| text.is_empty()) {
        return Err(Problem::Invalid("online-error-consent-empty"));
    }
    settings::publish_consent(&clinic, &grant, &new).await?;
    Ok(see_other("/settings/online?done=consent#consent"))
}

fn text(typed: &str) -> Result<String, Problem> {
    let text = typed.trim().replace("\r\n", "\n");
    if LONGEST < text.chars().count() {
        Err(Problem::Invalid("online-error-text"))
    } else {
        Ok(text)
    }
}

impl OnlineSettingsPage {
    async fn read(
        clinic: &Clinic,
        grant: &Grant<SetUpOnline>,
        language: Language,
        done: &'static str,
    ) -> Result<Self, Problem> {
        let view: Grant<ViewClinic> = grant.also()?;
        let cutoff = reminders::cutoff(clinic, &view).await?;
        let mut reader = clinic.vault.read(&view).await?;
        let settings = store::settings(&mut reader).await?;
        let catalog = schedule::setup(&mut reader).await?;
        let added = settings::additions(&mut reader).await?;
        let consent = settings::newest_consent(&mut reader).await?;
        let (services, doctors) = rows(&catalog, &added, language);
        Ok(Self {
            form: SettingsForm::of(&settings, cutoff),
            errors: Errors::new(),
            services,
            doctors,
            consent,
            public_url: clinic.places.public_url.clone(),
            done,
        })
    }
}

fn rows(
    catalog: &Catalog,
    added: &Additions,
    language: Language,
) -> (Vec<ServiceRow>, Vec<DoctorRow>) {
    let services = catalog.offered().map(|service| ServiceRow {
        id: service.id,
        name: service.name_in(language).to_owned(),
        terms: added.services.get(&service.id).cloned().unwrap_or_default(),
    });
    let doctors = catalog.doctors().map(|doctor| DoctorRow {
        id: doctor.id,
        name: doctor.name.clone(),
        terms: added.doctors.get(&doctor.id).cloned().unwrap_or_default(),
    });
    (services.collect(), doctors.collect())
}

impl View for OnlineSettingsPage {
    const TEMPLATE: &'static str = "online/settings.html";

    fn samples() -> Vec<Self> {
        let (service, doctor) = super::samples::sample();
        let refused = SettingsForm::default();
        let errors = refused.understand().map_or_else(|errors| errors, |_| Errors::new());
        let page = |form, errors, done, services, doctors| Self {
            form,
            errors,
            services,
            doctors,
            consent: ConsentText {
                version: 1,
                russian: "…".to_owned(),
                kazakh: "…".to_owned(),
                english: "…".to_owned(),
                basis: "94-V".to_owned(),
                checked_on: "2026-11-27".to_owned(),
            },
            public_url: "https://arai.example".to_owned(),
            done,
        };
        let terms =
            ServiceTerms { online: true, moderated: true, urgent: true, ..Default::default() };
        let service = ServiceRow { id: service.id, name: service.name, terms };
        let since_year = Some(2012);
        let terms = DoctorTerms { hidden: true, since_year, ..Default::default() };
        let doctor = DoctorRow { id: doctor.id, name: doctor.name, terms };
        vec![
            page(refused.clone(), errors, "", vec![service], vec![doctor]),
            page(refused, Errors::new(), "saved", Vec::new(), Vec::new()),
        ]
    }
}
