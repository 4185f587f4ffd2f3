//! What a clinic offers to those who book by themselves, in their language, and
//! when it is free.

use std::collections::HashMap;

use serde::Serialize;

use crate::booking::{self, FreeSlot, Wanting};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::i18n::Language;
use crate::ids::{ResourceId, ServiceId};
use crate::money::Money;
use crate::online::model::{Settings, Window};
use crate::online::settings::{self, Additions, DoctorTerms, ServiceTerms};
use crate::online::{Asked, OnlineError, now, store};
use crate::schedule::{self, Catalog, ClinicFacts, Resource, Service};
use crate::vault::permission::{BookOnline, Permission, ViewClinic};
use crate::vault::{Grant, VaultError};

/// How far ahead the nearest time is looked for, in days.
const NEAR: i64 = 14;

/// How many other times a lost race is answered with.
const OTHERS: usize = 12;

/// All that patients may choose from.
#[derive(Clone, Debug)]
pub struct Offer {
    pub settings: Settings,
    pub facts: Option<ClinicFacts>,
    pub services: Vec<OfferedService>,
    pub doctors: Vec<OfferedDoctor>,
    /// Services that are not chosen from and may be booked nevertheless: what a
    /// repeated visit becomes.
    unlisted: HashMap<ServiceId, OfferedService>,
    /// Who does what.
    performs: HashMap<ServiceId, Vec<ResourceId>>,
}

/// A service in the patient's language.
#[derive(Clone, Debug, Serialize)]
pub struct OfferedService {
    pub id: ServiceId,
    pub name: String,
    /// Empty where there is none.
    pub category: String,
    pub minutes: u16,
    pub price: Option<Money>,
    pub price_from: bool,
    pub moderated: bool,
    pub urgent: bool,
    /// Empty where nothing is to be prepared.
    pub prepare: String,
}

/// A doctor as patients read of them.
#[derive(Clone, Debug, Serialize)]
pub struct OfferedDoctor {
    pub id: ResourceId,
    pub name: String,
    pub specialty: String,
    /// Years in practice; None where nobody has said.
    pub years: Option<i64>,
    pub about: String,
}

impl Offer {
    /// Everything at once, from memory where it has not changed.
    pub async fn read<P: Permission>(
        clinic: &Clinic,
        grant: &Grant<P>,
        language: Language,
    ) -> Result<Self, VaultError> {
        let mut reader = clinic.vault.read(grant).await?;
        let settings = store::settings(&mut reader).await?;
        let facts = schedule::facts(&mut reader).await?;
        let catalog = schedule::setup(&mut reader).await?;
        let added = settings::additions(&mut reader).await?;
        let unlisted = schedule::repeated(&mut reader).await?;
        drop(reader);
        let year = now(clinic, clinic.clock().now()).day().year();
        Ok(Self::of(settings, facts, (&catalog, &unlisted), &added, language, year.into()))
    }

    fn of(
        settings: Settings,
        facts: Option<ClinicFacts>,
        (catalog, unlisted): (&Catalog, &[ServiceId]),
        added: &Additions,
        language: Language,
        year: i64,
    ) -> Self {
        let seen = |doctor: &Resource| !added.doctors.get(&doctor.id).is_some_and(|it| it.hidden);
        let doctors: Vec<&Resource> = catalog.doctors().filter(|one| seen(one)).collect();
        let mut performs = HashMap::new();
        let mut services = Vec::new();
        for service in catalog.offered().filter(|service| service.online) {
            let who = doctors.iter().filter(|one| service.minutes_with(one.id).is_some());
            let who: Vec<ResourceId> = who.map(|one| one.id).collect();
            if !who.is_empty() {
                let terms = added.services.get(&service.id).cloned().unwrap_or_default();
                services.push(OfferedService::of(service, terms, language));
                performs.insert(service.id, who);
            }
        }
        let repeated = unlisted.iter().filter_map(|id| catalog.service(*id));
        let repeated = repeated.filter(|service| !service.online).map(|service| {
            let terms = added.services.get(&service.id).cloned().unwrap_or_default();
            (service.id, OfferedService::of(service, terms, language))
        });
        let unlisted = repeated.collect();
        services.sort_by_key(|service| !service.urgent);
        let does = |id: &ResourceId| performs.values().any(|who: &Vec<_>| who.contains(id));
        let doctors = doctors.into_iter().filter(|one| does(&one.id)).map(|doctor| {
            let terms = added.doctors.get(&doctor.id).cloned().unwrap_or_default();
            OfferedDoctor::of(doctor, terms, language, year)
        });
        let doctors = doctors.collect();
        Self { settings, facts, services, doctors, unlisted, performs }
    }

    pub fn service(&self, id: ServiceId) -> Option<&OfferedService> {
        self.services.iter().find(|service| service.id == id)
    }

    /// One that was booked, whether or not it may be chosen.
    pub fn booked(&self, id: ServiceId) -> Option<&OfferedService> {
        self.service(id).or_else(|| self.unlisted.get(&id))
    }

    pub fn doctor(&self, id: ResourceId) -> Option<&OfferedDoctor> {
        self.doctors.iter().find(|doctor| doctor.id == id)
    }

    /// Who does a service, in the clinic's order.
    pub fn who(&self, service: ServiceId) -> impl Iterator<Item = &OfferedDoctor> {
        let who = self.performs.get(&service);
        self.doctors.iter().filter(move |doctor| who.is_some_and(|who| who.contains(&doctor.id)))
    }

    pub fn does(&self, doctor: ResourceId, service: ServiceId) -> bool {
        self.performs.get(&service).is_some_and(|who| who.contains(&doctor))
    }

    /// When it may be booked: with acute pain sooner than otherwise.
    pub fn window(&self, service: &OfferedService, now: Civil) -> Window {
        self.settings.window(now, service.urgent)
    }

    /// All free times of a service, with one doctor or with any of those shown,
    /// from a moment until the end of a day, within what may be booked.
    ///
    /// # Errors
    /// Those of [`booking::free_between`].
    pub async fn free(
        &self,
        clinic: &Clinic,
        grant: &Grant<ViewClinic>,
        service: &OfferedService,
        doctor: Option<ResourceId>,
        (from, last): (Civil, Day),
    ) -> Result<Vec<FreeSlot>, OnlineError> {
        let window = self.window(service, now(clinic, clinic.clock().now()));
        let (from, last) = (from.max(window.from), last.min(window.last));
        if last < from.day() {
            return Ok(Vec::new());
        }
        let wanted = Wanting {
            service_id: Some(service.id),
            doctor_id: doctor,
            place_id: None,
            minutes: None,
            from,
        };
        let mut free = booking::free_between(clinic, grant, &wanted, last).await?;
        free.retain(|slot| self.does(slot.doctor_id, service.id));
        Ok(free)
    }

    /// The nearest time with each doctor within two weeks.
    ///
    /// # Errors
    /// Those of [`Self::free`].
    pub async fn nearest(
        &self,
        clinic: &Clinic,
        grant: &Grant<ViewClinic>,
        service: &OfferedService,
    ) -> Result<HashMap<ResourceId, Civil>, OnlineError> {
        let from = now(clinic, clinic.clock().now());
        let days = (from, from.day().plus_days(NEAR));
        let mut nearest = HashMap::new();
        for slot in self.free(clinic, grant, service, None, days).await? {
            nearest.entry(slot.doctor_id).or_insert(slot.starts);
        }
        Ok(nearest)
    }
}

/// Whether what was asked for is offered and free just now; taken for good only
/// when the phone is proven.
///
/// # Errors
/// [`OnlineError::Off`], [`OnlineError::Lost`] with other times.
pub(super) async fn check(
    clinic: &Clinic,
    grant: &Grant<BookOnline>,
    settings: &Settings,
    asked: &Asked,
) -> Result<(), OnlineError> {
    let view: Grant<ViewClinic> =
        grant.actor().grant().map_err(|denied| OnlineError::Booking(denied.into()))?;
    let offer = Offer::read(clinic, &view, asked.language).await?;
    let service = offer.service(asked.service_id).ok_or(OnlineError::Off)?;
    let shown = asked.doctor_id.is_none_or(|id| offer.does(id, service.id));
    if !settings.enabled || !shown {
        return Err(OnlineError::Off);
    }
    let day = asked.starts.day();
    let start = Civil::new(day, 0).ok_or(OnlineError::Off)?;
    let free = offer.free(clinic, &view, service, asked.doctor_id, (start, day)).await?;
    if free.iter().any(|slot| slot.starts == asked.starts) {
        return Ok(());
    }
    Err(OnlineError::Lost(others(clinic, &view, &offer, service, asked.starts).await?))
}

/// Other times close to one, with anybody, one for each time of day.
pub(super) async fn others(
    clinic: &Clinic,
    grant: &Grant<ViewClinic>,
    offer: &Offer,
    service: &OfferedService,
    near: Civil,
) -> Result<Vec<FreeSlot>, OnlineError> {
    let from = now(clinic, clinic.clock().now());
    let last = near.day().max(from.day()).plus_days(NEAR);
    let mut free = offer.free(clinic, grant, service, None, (from, last)).await?;
    free.sort_by_key(|slot| (slot.starts.minutes_since(near).abs(), slot.starts));
    free.dedup_by_key(|slot| slot.starts);
    free.truncate(OTHERS);
    free.sort_by_key(|slot| slot.starts);
    Ok(free)
}

impl OfferedService {
    fn of(service: &Service, terms: ServiceTerms, language: Language) -> Self {
        Self {
            id: service.id,
            name: service.name_in(language).to_owned(),
            category: service.category.clone(),
            minutes: service.duration_minutes,
            price: service.price,
            price_from: service.price_from,
            moderated: terms.moderated,
            urgent: terms.urgent,
            prepare: in_language(language, terms.prepare_ru, terms.prepare_kk, terms.prepare_en),
        }
    }
}

impl OfferedDoctor {
    fn of(doctor: &Resource, terms: DoctorTerms, language: Language, year: i64) -> Self {
        Self {
            id: doctor.id,
            name: doctor.name.clone(),
            specialty: doctor.specialty.clone(),
            years: terms.since_year.map(|since| year - since).filter(|years| 0 < *years),
            about: in_language(language, terms.about_ru, terms.about_kk, terms.about_en),
        }
    }
}

/// What nobody has written in a language is read in Russian.
fn in_language(language: Language, ru: String, kk: String, en: String) -> String {
    let own = match language {
        Language::Ru => String::new(),
        Language::Kk => kk,
        Language::En => en,
    };
    if own.is_empty() { ru } else { own }
}
