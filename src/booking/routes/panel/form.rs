//! What stands in the panel, as typed, and what can be said about it without
//! asking the database.

use serde::{Deserialize, Serialize};

use crate::booking::{LENGTHS, NewAppointment, Source};
use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::contact::Phone;
use crate::contact::name;
use crate::i18n::{Language, dates};
use crate::ids::{AppointmentId, PatientId, ResourceId, ServiceId};
use crate::patients::NewPatient;
use crate::schedule::read_minute;
use crate::web::FieldErrors;

/// The longest comment, in letters.
const LONGEST_NOTE: usize = 500;

/// A day and a time of day as they were typed: `25.11.2026`, `9`, `930`, `9:30`.
pub(in crate::booking::routes) fn typed_time(day: &str, time: &str) -> Option<Civil> {
    Civil::new(dates::read(day)?, read_minute(time)?)
}

/// What stands in the panel, as typed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::booking::routes) struct PanelForm {
    /// The id that the appointment will have. A form that is sent again, because
    /// its answer was lost on the way, books nothing twice.
    pub(super) id: String,
    pub(super) patient: String,
    pub(super) query: String,
    pub(super) new_patient: String,
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) language: String,
    pub(super) service: String,
    pub(super) doctor: String,
    pub(super) chair: String,
    pub(super) minutes: String,
    pub(super) minutes_of: String,
    pub(super) starts: String,
    pub(super) other_day: String,
    pub(super) time: String,
    pub(super) source: String,
    pub(super) note: String,
    pub(super) notify: String,
    /// Whether the panel was shown before: then an absent tick is a no.
    pub(super) shown: String,
    pub(super) day: String,
    /// Where the search begins; the beginning of the day when it is none.
    pub(super) after: String,
    /// Not empty: the first slot that is found is chosen.
    pub(super) nearest: String,
    /// Not empty: book over what is there, at the time that was asked for.
    pub(super) overbook: String,
    pub(super) asked: String,
    pub(super) reason: String,
}

impl PanelForm {
    /// A fresh one for whoever sends none.
    pub(super) fn id(&self, clinic: &Clinic) -> AppointmentId {
        self.id.parse().unwrap_or_else(|_| AppointmentId::new(clinic.clock().now()))
    }

    pub(super) fn service_id(&self) -> Option<ServiceId> {
        self.service.parse().ok()
    }

    pub(super) fn doctor_id(&self) -> Option<ResourceId> {
        self.doctor.parse().ok()
    }

    pub(super) fn chair_id(&self) -> Option<ResourceId> {
        self.chair.parse().ok()
    }

    /// The slot that is chosen, or the time typed instead.
    pub(super) fn when(&self) -> Option<Civil> {
        if !self.overbook.is_empty() {
            return self.asked.parse().ok();
        }
        if !self.time.is_empty() {
            let day = if self.other_day.is_empty() { &self.day } else { &self.other_day };
            return typed_time(day, &self.time);
        }
        self.starts.parse().ok()
    }

    /// As typed, unless it was counted for another service or doctor.
    pub(super) fn minutes(&self) -> Option<i64> {
        if self.counts() { self.minutes.trim().parse().ok() } else { None }
    }

    pub(super) fn counts(&self) -> bool {
        self.minutes_of.is_empty() || self.minutes_of == self.counted_for()
    }

    pub(super) fn counted_for(&self) -> String {
        format!("{}/{}", self.service, self.doctor)
    }
}

/// Everything that can be said about a form without asking the database.
pub(super) fn understood(
    form: &PanelForm,
) -> Result<(Option<NewPatient>, NewAppointment), FieldErrors> {
    let mut errors = FieldErrors::new();
    let mut wrong = |field, key: &str| {
        errors.insert(field, format!("booking-error-{key}"));
    };
    let newcomer = (!form.new_patient.is_empty()).then(|| newcomer(form, &mut wrong)).flatten();
    let patient_id = form.patient.parse::<PatientId>().ok();
    if form.new_patient.is_empty() && patient_id.is_none() {
        wrong("query", "patient");
    }
    let service_id = form.service_id();
    if service_id.is_none() {
        wrong("service", "service");
    }
    let starts = form.when();
    match (starts, form.time.is_empty()) {
        (None, true) => wrong("starts", "starts"),
        (None, false) => wrong("time", "time"),
        (Some(_), _) => {}
    }
    let minutes = form.minutes();
    let counted = form.counts() && !form.minutes.trim().is_empty();
    if counted && minutes.is_none_or(|minutes| !LENGTHS.contains(&minutes) || minutes % 5 != 0) {
        wrong("minutes", "minutes");
    }
    if LONGEST_NOTE < form.note.chars().count() {
        wrong("note", "note");
    }
    if !form.overbook.is_empty() && form.reason.trim().is_empty() {
        wrong("reason", "reason");
    }
    // The id of a newcomer is given when they are entered.
    let nobody = || PatientId::new(Timestamp::from_unix_ms(0));
    match (service_id, starts, errors.is_empty()) {
        (Some(service_id), Some(starts), true) => Ok((
            newcomer,
            NewAppointment {
                patient_id: patient_id.unwrap_or_else(nobody),
                service_id,
                starts,
                minutes,
                doctor_id: form.doctor_id(),
                place_id: form.chair_id(),
                source: source(&form.source),
                comment: form.note.clone(),
                notify: !form.notify.is_empty(),
            },
        )),
        _ => Err(errors),
    }
}

fn newcomer(form: &PanelForm, wrong: &mut impl FnMut(&'static str, &str)) -> Option<NewPatient> {
    let name = name::split(&form.name);
    if name.is_empty() {
        wrong("name", "name");
    }
    let phone = Phone::parse(&form.phone);
    if phone.is_err() {
        wrong("phone", "phone");
    }
    Some(NewPatient {
        name,
        phones: vec![phone.ok()?],
        language: form.language.parse().unwrap_or(Language::Ru),
        ..NewPatient::default()
    })
}

fn source(name: &str) -> Source {
    let known = Source::CHOICES.into_iter().find(|source| source.name() == name);
    known.unwrap_or_default()
}
