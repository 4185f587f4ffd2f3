//! The panel with all that follows from what is typed in it.

use super::form::PanelForm;
use super::{Panel, PanelPatient, PanelView, SlotChoice};
use crate::booking::advised;
use crate::booking::again::Planned;
use crate::booking::day::{self, Furniture, Offer};
use crate::booking::making::{Wanting, find_slots, now};
use crate::booking::routes::Choice;
use crate::booking::routes::beside::Beside;
use crate::booking::routes::words::Say;
use crate::booking::store::midnight;
use crate::booking::{LENGTHS, Source};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::ids::{PatientId, ResourceId};
use crate::pages::Chrome;
use crate::patients::{self, PatientError};
use crate::presence::Open;
use crate::vault::Grant;
use crate::vault::permission::{Book, KeepWaitlist, ViewPatient, ViewSchedule};
use crate::web::{FieldErrors, Problem};

/// How many of the nearest slots are offered.
const SLOTS: usize = 6;

/// How long somebody waits who is put on the waiting list from here, in days.
const WAITS: i64 = 30;

/// The panel with all that follows from what is typed in it.
pub(super) async fn filled(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    chrome: &Chrome,
    mut form: PanelForm,
) -> Result<PanelView, Problem> {
    let say = Say::to(clinic, chrome);
    let furniture = day::furniture(clinic, &grant.also()?, chrome.language).await?;
    let today = now(clinic).day();
    let day = form.starts.parse::<Civil>().or_else(|_| form.after.parse()).map(Civil::day);
    let day = day.or_else(|_| form.day.parse());
    let day = day.unwrap_or(today);
    form.day = day.to_string();
    form.id = form.id(clinic).to_string();
    if form.language.is_empty() {
        chrome.language.tag().clone_into(&mut form.language);
    }
    if form.shown.is_empty() {
        "on".clone_into(&mut form.notify);
    }
    let offer = furniture.services.iter().find(|one| Some(one.id) == form.service_id());
    let usual = offer.map(|offer| offer.minutes_with(form.doctor_id()).unwrap_or(offer.minutes));
    let refusing = offer.filter(|offer| offer.minutes_with(form.doctor_id()).is_none());
    let minutes = form.minutes().or(usual).unwrap_or(30);
    let patient = match form.patient.parse() {
        Ok(id) => Some(panel_patient(clinic, grant, id).await?),
        Err(_) => None,
    };
    let can_book = grant.actor().may::<Book>();
    let booking = patient.as_ref().filter(|_| can_book).map(|patient| Open::Booking(patient.id));
    let beside = booking.and_then(|what| Beside::entered(clinic, grant, what));
    let slots = slots(clinic, grant, &say, &form, minutes, day).await?;
    if let Some(first) = slots.first().filter(|_| !form.nearest.is_empty()) {
        form.starts = first.starts.to_string();
    }
    form.nearest.clear();
    let known = patient.as_ref().filter(|_| can_book).map(|patient| patient.id);
    let advised = match planned(known, &form) {
        Some(planned) => advised(clinic, grant, say.language, &furniture, planned).await?,
        None => None,
    };
    let panel = Panel {
        errors: FieldErrors::new(),
        notice: String::new(),
        patient,
        beside,
        new_patient: !form.new_patient.is_empty(),
        services: services(&say, &furniture),
        doctors: doctors(&furniture, offer, form.doctor_id()),
        not_performed: refusing.map(|_| not_performed(&say, &furniture, &form)).unwrap_or_default(),
        performers: refusing.map(|_| doctors(&furniture, offer, None)).unwrap_or_default(),
        advised,
        chairs: pieces(&furniture, crate::booking::Piece::is_place),
        sources: sources(&say),
        minutes,
        minutes_of: form.counted_for(),
        slots,
        day,
        wait_until: day.plus_days(WAITS),
        can_wait: grant.actor().may::<KeepWaitlist>(),
        can_book,
        can_overbook: false,
        form,
    };
    Ok(PanelView { panel })
}

async fn panel_patient(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    id: PatientId,
) -> Result<PanelPatient, Problem> {
    let grant: Grant<ViewPatient> = grant.also()?;
    let card = match patients::open(&clinic.vault, &grant, id).await {
        Ok(card) => card,
        Err(PatientError::Vault(cause)) => return Err(cause.into()),
        Err(_) => return Err(Problem::NotFound),
    };
    let today = now(clinic).day();
    let child = card.age(today).is_some_and(|age| age < 18);
    let flags = [(!card.allergy.is_empty(), "allergy"), (child, "child")];
    Ok(PanelPatient {
        id,
        phone: card.phones.first().cloned().unwrap_or_default(),
        born: card.birth_date.map(|born| born.year().to_string()).unwrap_or_default(),
        flags: flags.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name).collect(),
        alert: card.allergy,
        name: card.name,
    })
}

fn services(say: &Say<'_>, furniture: &Furniture) -> Vec<Choice> {
    let named = |offer: &Offer| {
        let minutes = [("minutes", offer.minutes.to_string())];
        let label = format!("{} · {}", offer.name, say.with("booking-minutes", &minutes));
        Choice { value: offer.id.to_string(), label }
    };
    furniture.services.iter().map(named).collect()
}

/// That the chosen doctor does not do the chosen service.
fn not_performed(say: &Say<'_>, furniture: &Furniture, form: &PanelForm) -> String {
    let doctor = furniture.name(form.doctor_id()).to_owned();
    say.with("booking-not-performed", &[("doctor", doctor)])
}

/// Those who do the service, or all of them, and whoever is chosen already.
fn doctors(
    furniture: &Furniture,
    offer: Option<&Offer>,
    chosen: Option<ResourceId>,
) -> Vec<Choice> {
    pieces(furniture, |piece| {
        let does = |offer: &Offer| offer.minutes_with(Some(piece.id)).is_some();
        piece.is_doctor() && (chosen == Some(piece.id) || offer.is_none_or(does))
    })
}

pub(in crate::booking::routes) fn pieces(
    furniture: &Furniture,
    which: impl Fn(&crate::booking::Piece) -> bool,
) -> Vec<Choice> {
    let there = furniture.resources.iter().filter(|piece| !piece.ended && which(piece));
    there.map(|one| Choice { value: one.id.to_string(), label: one.name.clone() }).collect()
}

fn sources(say: &Say<'_>) -> Vec<Choice> {
    let named = |source: Source| Choice {
        value: source.name().to_owned(),
        label: say.key(&format!("booking-source-{}", source.name())),
    };
    Source::CHOICES.into_iter().map(named).collect()
}

/// The nearest free slots, the chosen time before them.
async fn slots(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    say: &Say<'_>,
    form: &PanelForm,
    minutes: i64,
    day: Day,
) -> Result<Vec<SlotChoice>, Problem> {
    let today = now(clinic).day();
    let label = |at: Civil| SlotChoice { starts: at, label: say.when(today, at) };
    let chosen = form.starts.parse::<Civil>().ok();
    let mut slots: Vec<SlotChoice> = chosen.into_iter().map(label).collect();
    if form.service_id().is_some() && LENGTHS.contains(&minutes) {
        let wanted = Wanting {
            service_id: form.service_id(),
            doctor_id: form.doctor_id(),
            place_id: form.chair_id(),
            minutes: Some(minutes),
            from: form.after.parse().unwrap_or_else(|_| midnight(day)),
        };
        let found = find_slots(clinic, &grant.also()?, &wanted, SLOTS).await?;
        slots.extend(
            found
                .into_iter()
                .filter(|slot| Some(slot.starts) != chosen)
                .map(|slot| label(slot.starts)),
        );
    }
    slots.truncate(SLOTS);
    Ok(slots)
}

/// None while patient, service or day is open.
fn planned(patient: Option<PatientId>, form: &PanelForm) -> Option<Planned> {
    let day: Option<Day> = form.starts.parse().map(Civil::day).or_else(|_| form.day.parse()).ok();
    Some(Planned {
        patient: patient?,
        service: form.service_id()?,
        doctor: form.doctor_id(),
        day: day?,
    })
}
