//! What the clinic says of online booking: limits, services, doctors, the text
//! that patients agree to.

mod form;
mod store;

use serde::Serialize;
use serde_json::json;

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::ids::{ResourceId, ServiceId};
use crate::online::TOPIC;
use crate::online::model::Settings;
use crate::reminders;
use crate::vault::permission::{Permission, SetUpOnline};
use crate::vault::{Event, Grant, Reader, Subject, Tx, VaultError, Violation};

pub use form::{Errors, SettingsForm, origin};

/// What a booking has to know of its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Terms {
    pub online: bool,
    /// The desk agrees first.
    pub moderated: bool,
    /// Acute pain.
    pub urgent: bool,
}

/// What online booking adds to a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ServiceTerms {
    pub online: bool,
    pub moderated: bool,
    pub urgent: bool,
    /// What to do and bring before it; empty where nothing.
    pub prepare_ru: String,
    pub prepare_kk: String,
    pub prepare_en: String,
}

/// What patients read of a doctor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DoctorTerms {
    /// Books no patient who comes by the page.
    pub hidden: bool,
    /// In practice since; None where nobody has said.
    pub since_year: Option<i64>,
    pub about_ru: String,
    pub about_kk: String,
    pub about_en: String,
}

/// A version of what patients agree to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct ConsentText {
    pub version: i64,
    pub russian: String,
    pub kazakh: String,
    pub english: String,
    pub basis: String,
    pub checked_on: String,
}

impl ConsentText {
    pub fn said_in(self, language: Language) -> String {
        match language {
            Language::Ru => self.russian,
            Language::Kk => self.kazakh,
            Language::En => self.english,
        }
    }
}

/// All of it that pages need beside the catalogue.
#[derive(Clone, Debug, Default)]
pub struct Additions {
    pub services: std::collections::HashMap<ServiceId, ServiceTerms>,
    pub doctors: std::collections::HashMap<ResourceId, DoctorTerms>,
}

/// What stands of services and doctors; those nobody has said anything of are
/// missing.
pub async fn additions(reader: &mut Reader) -> Result<Additions, VaultError> {
    let services = store::services(reader).await?;
    let doctors = store::doctors(reader).await?;
    Ok(Additions {
        services: services.into_iter().collect(),
        doctors: doctors.into_iter().collect(),
    })
}

/// The text patients agree to now.
pub async fn newest_consent(reader: &mut Reader) -> Result<ConsentText, VaultError> {
    store::newest_consent(reader).await
}

/// What a booking has to know of a service; none are online that are ended.
pub(super) async fn terms_in(tx: &mut Tx, id: ServiceId) -> Result<Terms, VaultError> {
    Ok(store::terms(tx, id).await?.unwrap_or(Terms::plain(false)))
}

/// Doctors whom no patient books by the page.
pub(super) async fn hidden_in(tx: &mut Tx) -> Result<Vec<ResourceId>, VaultError> {
    store::hidden(tx).await
}

/// How the clinic wants it now.
pub async fn current<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Settings, VaultError> {
    crate::online::store::settings(&mut clinic.vault.read(grant).await?).await
}

/// Puts other limits in place, and until when patients change an appointment
/// by its link.
pub async fn set(
    clinic: &Clinic,
    grant: &Grant<SetUpOnline>,
    settings: &Settings,
    cutoff_minutes: i64,
) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::put(tx, settings).await?;
            reminders::set_cutoff_in(tx, cutoff_minutes).await?;
            let event = Event::new("online.set_up", Subject::Clinic)
                .with_detail(json!({ "enabled": settings.enabled }))
                .touching(TOPIC);
            Ok(((), event))
        })
        .await
}

/// # Errors
/// None is [`VaultError`] alone; false when there is no such service.
pub async fn set_service(
    clinic: &Clinic,
    grant: &Grant<SetUpOnline>,
    id: ServiceId,
    terms: &ServiceTerms,
) -> Result<bool, VaultError> {
    let done = clinic
        .vault
        .change(grant, async |tx| {
            store::put_service(tx, id, terms).await?;
            let event = Event::new("online.service_set", Subject::Clinic);
            Ok::<_, VaultError>(((), event.on("service", id).touching(TOPIC)))
        })
        .await;
    known(done)
}

/// False when there is no such doctor.
pub async fn set_doctor(
    clinic: &Clinic,
    grant: &Grant<SetUpOnline>,
    id: ResourceId,
    terms: &DoctorTerms,
) -> Result<bool, VaultError> {
    let done = clinic
        .vault
        .change(grant, async |tx| {
            store::put_doctor(tx, id, terms).await?;
            let event = Event::new("online.doctor_set", Subject::Clinic);
            Ok::<_, VaultError>(((), event.on("resource", id).touching(TOPIC)))
        })
        .await;
    known(done)
}

/// Publishes another version of what patients agree to. Gives its number.
pub async fn publish_consent(
    clinic: &Clinic,
    grant: &Grant<SetUpOnline>,
    text: &ConsentText,
) -> Result<i64, VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let version = store::publish_consent(tx, text, grant.staff()).await?;
            let event = Event::new("online.consent_published", Subject::Clinic)
                .with_detail(json!({ "version": version }))
                .touching(TOPIC);
            Ok((version, event))
        })
        .await
}

fn known(done: Result<(), VaultError>) -> Result<bool, VaultError> {
    match done {
        Ok(()) => Ok(true),
        Err(error) if error.violation() == Some(Violation::Reference) => Ok(false),
        Err(error) => Err(error),
    }
}
