//! Looking at appointments: a day, one appointment, one patient's.
//!
//! Whoever looks is in the ledger with everybody they saw.

mod store;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::booking::late::{self, Lateness};
use crate::booking::making::now;
use crate::booking::model::{Source, Status, Step};
use crate::booking::store::{history, midnight};
use crate::booking::{BookingError, supply};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day, Timestamp, Zone};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId, SeriesId, ServiceId};
use crate::messaging;
use crate::money::Money;
use crate::patients::blocking;
use crate::schedule::{self, DayPlan};
use crate::vault::permission::{ViewClinic, ViewSchedule};
use crate::vault::{Disclosure, Grant, VaultError};

pub(super) use supply::Supply;

/// What an appointment is about, in messages and their states.
pub const APPOINTMENT: &str = "appointment";

/// The most visits a card lists.
const MOST_VISITS: i64 = 300;

/// One appointment in a day.
#[derive(Clone, Debug, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct DayEntry {
    pub id: AppointmentId,
    pub version: i64,
    pub status: Status,
    pub starts: Civil,
    pub minutes: i64,
    pub patient_id: PatientId,
    /// Given name, then surname.
    pub patient: String,
    /// E.164, the one to write to.
    pub phone: Option<String>,
    pub allergy: bool,
    pub birth_date: Option<Day>,
    /// Whether they have been treated here before.
    pub known: bool,
    /// How often they did not come.
    pub no_shows: i64,
    /// Empty when it is not known.
    pub service: String,
    pub doctor_id: Option<ResourceId>,
    pub place_id: Option<ResourceId>,
    /// Whether it waits for the desk's word.
    pub held: bool,
    /// Of those who are waiting now.
    pub arrived_at: Option<Timestamp>,
    /// State of the last message about it.
    #[serde(skip)]
    pub message: Option<messaging::State>,
    /// Somebody else's patient: that the time is taken is all that is shown.
    #[serde(skip)]
    pub hidden: bool,
}

/// Whether somebody under this age is a child, for the mark on the page.
const ADULT_AT: i16 = 18;

impl DayEntry {
    pub fn ends(&self) -> Civil {
        self.starts.plus_minutes(self.minutes)
    }

    /// Leaves when and where, not who and what for.
    fn hide(&mut self) {
        (self.patient, self.service) = Default::default();
        (self.phone, self.birth_date, self.arrived_at, self.message) = Default::default();
        (self.allergy, self.known, self.no_shows, self.hidden) = (false, true, 0, true);
        self.held = false;
    }

    /// What the desk must know at a glance, by the names of the shared flags.
    pub fn flags(&self) -> Vec<&'static str> {
        let young =
            |born: Day| born.years_until(self.starts.day()).is_some_and(|age| age < ADULT_AT);
        let all = [
            (self.allergy, "allergy"),
            (!self.known, "new"),
            (0 < self.no_shows, "no_shows"),
            (self.birth_date.is_some_and(young), "child"),
        ];
        all.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name).collect()
    }
}

/// Doctors, places, services: what appointments are made of.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Furniture {
    pub resources: Vec<Piece>,
    pub services: Vec<Offer>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Piece {
    pub id: ResourceId,
    pub kind: String,
    /// The short one.
    pub name: String,
    pub specialty: String,
    pub ended: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Offer {
    pub id: ServiceId,
    pub name: String,
    pub minutes: i64,
    /// None while nobody has said.
    pub price: Option<Money>,
    /// Who does it and how long it takes them; empty: every doctor.
    pub performers: Vec<(ResourceId, i64)>,
}

impl Piece {
    pub fn is_doctor(&self) -> bool {
        self.kind == "doctor"
    }

    pub fn is_place(&self) -> bool {
        self.kind == "chair" || self.kind == "room"
    }
}

impl Offer {
    /// None when that doctor does not do it.
    pub fn minutes_with(&self, doctor_id: Option<ResourceId>) -> Option<i64> {
        match doctor_id {
            Some(id) if !self.performers.is_empty() => {
                let own = self.performers.iter().find(|(one, _)| *one == id);
                own.map(|(_, minutes)| *minutes)
            }
            _ => Some(self.minutes),
        }
    }
}

impl Furniture {
    /// Empty when there is no such thing.
    pub fn name(&self, id: Option<ResourceId>) -> &str {
        let found = self.resources.iter().find(|one| Some(one.id) == id);
        found.map_or("", |one| one.name.as_str())
    }

    pub fn piece(&self, id: ResourceId) -> Option<&Piece> {
        self.resources.iter().find(|one| one.id == id)
    }
}

/// Everything about one day.
pub struct WholeDay {
    pub day: Day,
    /// What the clinic's wall clock shows.
    pub now: Civil,
    pub zone: Zone,
    pub entries: Vec<DayEntry>,
    pub furniture: Arc<Furniture>,
    pub plan: DayPlan,
    /// Who is late by how much.
    pub late: Lateness,
    pub(super) supply: Supply,
}

impl WholeDay {
    /// When a visit is to be expected, where that is not when it was booked for.
    pub fn expected(&self, entry: &DayEntry) -> Option<Civil> {
        late::expected(entry.status, entry.starts, self.late.of(entry.doctor_id), self.now)
    }
}

/// One day: who is booked when, of one resource or of all, who works, and what
/// is left. `screen` is what the ledger calls the look.
pub async fn whole_day(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    day: Day,
    of: Option<ResourceId>,
    language: Language,
) -> Result<WholeDay, BookingError> {
    let until = midnight(day.plus_days(1));
    let entries = entries(clinic, grant, midnight(day), until, of, language).await?;
    let mut reader = clinic.vault.read(grant).await?;
    let plan = schedule::plan_on(&mut reader, day).await?;
    let late = late::on_day(&mut reader, day).await?;
    let furniture = store::resources(&mut reader).await?;
    let shown: Vec<ResourceId> = match of {
        Some(one) => vec![one],
        None => furniture.resources.iter().map(|piece| piece.id).collect(),
    };
    let supply = supply::of_plans(reader.sql(), std::slice::from_ref(&plan), &shown, &[]).await?;
    let zone = clinic.profile.get().zone.clone();
    Ok(WholeDay { day, now: now(clinic), zone, entries, furniture, plan, late, supply })
}

/// What starts between two times, each with the state of its last message.
pub async fn entries(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    from: Civil,
    until: Civil,
    of: Option<ResourceId>,
    language: Language,
) -> Result<Vec<DayEntry>, VaultError> {
    clinic
        .vault
        .list(grant, "schedule.viewed", async |listing| {
            let mut entries = store::entries(listing.sql(), from, until, of, language).await?;
            let ids: Vec<String> = entries.iter().map(|entry| entry.id.to_string()).collect();
            if !ids.is_empty() {
                let mut told = messaging::states_for(listing, APPOINTMENT, &ids).await?;
                for (entry, id) in entries.iter_mut().zip(&ids) {
                    entry.message = told.remove(id).map(|brief| brief.state);
                }
            }
            let whose: Vec<PatientId> = entries.iter().map(|entry| entry.patient_id).collect();
            let mut beyond = listing.beyond(&whose).await?;
            beyond.extend(blocking::hidden_from(listing, grant).await?);
            let others = entries.iter_mut().filter(|entry| beyond.contains(&entry.patient_id));
            others.for_each(DayEntry::hide);
            let seen = whose.into_iter().filter(|id| !beyond.contains(id)).collect();
            Ok((entries, seen))
        })
        .await
}

/// Doctors, places and the services that are done now.
pub async fn furniture(
    clinic: &Clinic,
    grant: &Grant<ViewClinic>,
    language: Language,
) -> Result<Arc<Furniture>, VaultError> {
    store::furniture(&mut clinic.vault.read(grant).await?, language).await
}

/// Whether the clinic is not set up: no doctor, no service or no shift.
pub async fn is_empty(clinic: &Clinic, grant: &Grant<ViewClinic>) -> Result<bool, VaultError> {
    if clinic.profile.get().set_up {
        return Ok(false);
    }
    let mut reader = clinic.vault.read(grant).await?;
    let furniture = store::furniture(&mut reader, Language::default()).await?;
    let doctors = furniture.resources.iter().any(|one| one.is_doctor() && !one.ended);
    let works = schedule::anybody_works(&mut reader, now(clinic).day()).await?;
    Ok(!doctors || furniture.services.is_empty() || !works)
}

/// What of the schedule is whoever asks: a doctor, or nobody of it.
pub async fn own_resources(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
) -> Result<Vec<ResourceId>, VaultError> {
    let Some(staff) = grant.staff() else { return Ok(Vec::new()) };
    store::own_resources(&mut clinic.vault.read(grant).await?, staff).await
}

/// Doctors and places alone.
pub async fn resources(
    clinic: &Clinic,
    grant: &Grant<ViewClinic>,
) -> Result<Arc<Furniture>, VaultError> {
    store::resources(&mut clinic.vault.read(grant).await?).await
}

/// One appointment with all that its panel shows.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Details {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    pub service_id: Option<ServiceId>,
    pub starts: Civil,
    pub minutes: i64,
    pub doctor_id: Option<ResourceId>,
    pub place_id: Option<ResourceId>,
    pub status: Status,
    pub moved_to: Option<AppointmentId>,
    pub source: Source,
    pub comment: String,
    pub notify: bool,
    pub version: i64,
    /// How late the doctor is that day, in minutes; 0: in time.
    pub late: i64,
    pub patient: String,
    pub birth_date: Option<Day>,
    pub allergy: String,
    pub phone: Option<String>,
    pub service: String,
    /// Tiyn.
    pub price: Option<i64>,
    pub doctor: String,
    pub place_name: String,
    /// Why it lies over others, if it does.
    pub overbooked: Option<String>,
    /// Until when it waits for the desk's word, if it does.
    pub held_until: Option<Timestamp>,
    pub no_shows: i64,
    pub known: bool,
    /// Oldest first.
    #[sqlx(skip)]
    pub history: Vec<Step>,
    /// State of the last message about it.
    #[sqlx(skip)]
    pub message: Option<messaging::Brief>,
}

/// Opens one appointment.
///
/// # Errors
/// [`BookingError::NoSuch`]; [`VaultError::Blocked`].
pub async fn details(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    id: AppointmentId,
    language: Language,
) -> Result<Details, BookingError> {
    let found = clinic.vault.list(grant, "appointment.viewed", async |listing| {
        let mut found = store::details(listing.sql(), id, language).await?;
        if let Some(found) = &mut found {
            found.history = history(listing.sql(), id).await?;
            let mut told: HashMap<_, _> =
                messaging::states_for(listing, APPOINTMENT, &[id.to_string()]).await?;
            found.message = told.remove(&id.to_string());
        }
        let whose: Vec<PatientId> = found.iter().map(|found| found.patient_id).collect();
        let hidden = blocking::hidden_from(listing, grant).await?;
        if whose.iter().any(|patient| hidden.contains(patient)) {
            return Ok::<_, VaultError>(((found, true), Vec::new()));
        }
        Ok(((found, false), whose))
    });
    let (found, blocked) = found.await?;
    let found = found.ok_or(BookingError::NoSuch)?;
    if blocked {
        // Refused and written down, unless an emergency lets the reader in.
        clinic.vault.disclose(grant, found.patient_id).await?;
    }
    Ok(found)
}

/// A line of a patient's visits.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Visit {
    pub id: AppointmentId,
    pub starts: Civil,
    pub minutes: i64,
    pub status: Status,
    pub service: String,
    pub doctor: String,
    pub place: String,
    pub comment: String,
    pub source: Source,
    pub moved_to: Option<AppointmentId>,
    /// The series that it belongs to, its number there, and how many are in it.
    pub series_id: Option<SeriesId>,
    pub series_position: Option<i64>,
    pub series_visits: i64,
    /// On one day, without a rhythm.
    pub together: bool,
}

/// What a card counts.
#[derive(Clone, Debug, Default, Serialize, sqlx::FromRow)]
pub struct VisitCounts {
    pub visits: i64,
    pub no_shows: i64,
    pub cancelled: i64,
    pub last_visit: Option<Civil>,
    pub next_visit: Option<Civil>,
}

/// A patient's appointments, past and ahead, newest first, and their numbers.
pub async fn of_patient(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    patient_id: PatientId,
    language: Language,
) -> Result<(Vec<Visit>, VisitCounts), VaultError> {
    let now = now(clinic);
    let mut disclosure: Disclosure = clinic.vault.disclose(grant, patient_id).await?;
    let whose = disclosure.patient_id();
    let visits = store::visits(disclosure.sql(), whose, language, MOST_VISITS).await?;
    let counts = store::counts(disclosure.sql(), whose, now).await?;
    Ok((visits, counts))
}
