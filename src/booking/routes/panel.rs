//! The panel for a new appointment: who, what, with whom, when.

use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::booking::day::{self, Furniture, Offer};
use crate::booking::making::{Wanting, book_once, find_slots, now, overbook_once};
use crate::booking::routes::Choice;
use crate::booking::routes::appointment::panel_after;
use crate::booking::routes::words::Say;
use crate::booking::store::midnight;
use crate::booking::{
    ALTERNATIVES, Appointment, BookingError, LENGTHS, NewAppointment, Refusal, Source,
};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day, Timestamp};
use crate::contact::Phone;
use crate::contact::name;
use crate::i18n::{Language, dates};
use crate::ids::{AppointmentId, PatientId, ResourceId, ServiceId};
use crate::pages::{Chrome, View};
use crate::patients::{self, NewPatient, PatientError};
use crate::schedule::read_minute;
use crate::vault::Grant;
use crate::vault::permission::{
    Book, FindPatients, Overbook, Permission, ViewPatient, ViewSchedule,
};
use crate::web::{FieldErrors, Page, Problem, Toast, see_other, wants_fragment};

/// How many of the nearest slots are offered.
const SLOTS: usize = 6;

/// The longest comment, in letters.
const LONGEST_NOTE: usize = 500;

/// The panel alone for htmx; a page of its own without scripts.
#[derive(Debug, Serialize)]
pub struct PanelView {
    panel: Panel,
}

#[derive(Debug, Serialize)]
struct Panel {
    errors: FieldErrors,
    /// Why it was not booked; empty at first.
    notice: String,
    patient: Option<PanelPatient>,
    new_patient: bool,
    form: PanelForm,
    services: Vec<Choice>,
    doctors: Vec<Choice>,
    /// That the chosen doctor does not do the service; empty when they do.
    not_performed: String,
    /// Who does it instead.
    performers: Vec<Choice>,
    chairs: Vec<Choice>,
    sources: Vec<Choice>,
    minutes: i64,
    /// The service and doctor that the minutes are for.
    minutes_of: String,
    slots: Vec<SlotChoice>,
    day: Day,
    can_book: bool,
    /// Offer to book over what is there, with a reason.
    can_overbook: bool,
}

#[derive(Debug, Serialize)]
struct PanelPatient {
    id: PatientId,
    name: String,
    /// E.164 or empty.
    phone: String,
    /// Year of birth or empty.
    born: String,
    flags: Vec<&'static str>,
    alert: String,
}

/// A day and a time of day as they were typed: `25.11.2026`, `9`, `930`, `9:30`.
pub(super) fn typed_time(day: &str, time: &str) -> Option<Civil> {
    Civil::new(dates::read(day)?, read_minute(time)?)
}

#[derive(Debug, Serialize)]
struct SlotChoice {
    starts: Civil,
    label: String,
}

/// What stands in the panel, as typed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct PanelForm {
    /// The id that the appointment will have. A form that is sent again, because
    /// its answer was lost on the way, books nothing twice.
    id: String,
    patient: String,
    query: String,
    new_patient: String,
    name: String,
    phone: String,
    language: String,
    service: String,
    doctor: String,
    chair: String,
    minutes: String,
    minutes_of: String,
    starts: String,
    other_day: String,
    time: String,
    source: String,
    note: String,
    notify: String,
    /// Whether the panel was shown before: then an absent tick is a no.
    shown: String,
    day: String,
    /// Where the search begins; the beginning of the day when it is none.
    after: String,
    /// Not empty: the first slot that is found is chosen.
    nearest: String,
    /// Not empty: book over what is there, at the time that was asked for.
    overbook: String,
    asked: String,
    reason: String,
}

impl PanelForm {
    /// A fresh one for whoever sends none.
    fn id(&self, clinic: &Clinic) -> AppointmentId {
        self.id.parse().unwrap_or_else(|_| AppointmentId::new(clinic.clock().now()))
    }

    fn service_id(&self) -> Option<ServiceId> {
        self.service.parse().ok()
    }

    fn doctor_id(&self) -> Option<ResourceId> {
        self.doctor.parse().ok()
    }

    fn chair_id(&self) -> Option<ResourceId> {
        self.chair.parse().ok()
    }

    /// The slot that is chosen, or the time typed instead.
    fn when(&self) -> Option<Civil> {
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
    fn minutes(&self) -> Option<i64> {
        if self.counts() { self.minutes.trim().parse().ok() } else { None }
    }

    fn counts(&self) -> bool {
        self.minutes_of.is_empty() || self.minutes_of == self.counted_for()
    }

    fn counted_for(&self) -> String {
        format!("{}/{}", self.service, self.doctor)
    }
}

/// Asked by POST once something is typed: names and numbers stay out of
/// addresses. `Form` reads the query of a GET.
pub(super) async fn blank(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Form(form): Form<PanelForm>,
) -> Result<Page, Problem> {
    let view = filled(&clinic, &grant, &chrome, form).await?;
    Page::of(&clinic, &chrome.active("schedule"), &view)
}

/// The panel with all that follows from what is typed in it.
async fn filled(
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
    let slots = slots(clinic, grant, &say, &form, minutes, day).await?;
    if let Some(first) = slots.first().filter(|_| !form.nearest.is_empty()) {
        form.starts = first.starts.to_string();
    }
    form.nearest.clear();
    let panel = Panel {
        errors: FieldErrors::new(),
        notice: String::new(),
        patient,
        new_patient: !form.new_patient.is_empty(),
        services: services(&say, &furniture),
        doctors: doctors(&furniture, offer, form.doctor_id()),
        not_performed: refusing.map(|_| not_performed(&say, &furniture, &form)).unwrap_or_default(),
        performers: refusing.map(|_| doctors(&furniture, offer, None)).unwrap_or_default(),
        chairs: pieces(&furniture, crate::booking::Piece::is_place),
        sources: sources(&say),
        minutes,
        minutes_of: form.counted_for(),
        slots,
        day,
        can_book: grant.actor().may::<Book>(),
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

pub(super) fn pieces(
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

pub(super) async fn book(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    chrome: Chrome,
    headers: HeaderMap,
    Form(form): Form<PanelForm>,
) -> Result<Response, Problem> {
    let (newcomer, new) = match understood(&form) {
        Ok(understood) => understood,
        Err(errors) => return refused(&clinic, &grant, &chrome, form, errors).await,
    };
    let id = form.id(&clinic);
    let made = if newcomer.is_some() || form.overbook.is_empty() {
        book_once(&clinic, &grant, id, newcomer.as_ref(), &new).await
    } else {
        let grant: Grant<Overbook> = grant.also()?;
        overbook_once(&clinic, &grant, id, &new, &form.reason).await
    };
    match made {
        Ok(made) => booked(&clinic, &grant, &chrome, &headers, &made).await,
        Err(BookingError::Vault(cause)) => Err(cause.into()),
        Err(error) => not_booked(&clinic, &grant, &chrome, form, error).await,
    }
}

/// The new appointment's panel and a word about it; the schedule without scripts.
async fn booked(
    clinic: &Clinic,
    grant: &Grant<Book>,
    chrome: &Chrome,
    headers: &HeaderMap,
    made: &Appointment,
) -> Result<Response, Problem> {
    if !wants_fragment(headers) {
        return Ok(see_other(&format!("/schedule?day={}&open={}", made.place.day(), made.id)));
    }
    let say = Say::to(clinic, chrome);
    let when = say.when(now(clinic).day(), made.place.starts);
    let toast = Toast {
        text: format!("{}: {when}", say.key("booking-toast-booked")),
        undo: Some(format!("/appointments/{}/cancel", made.id)),
    };
    panel_after(clinic, &grant.also()?, chrome, made.id, Some(toast)).await
}

/// Everything that can be said about a form without asking the database.
fn understood(form: &PanelForm) -> Result<(Option<NewPatient>, NewAppointment), FieldErrors> {
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

/// The panel again (422), with what was typed and what is wrong.
async fn refused(
    clinic: &Clinic,
    grant: &Grant<Book>,
    chrome: &Chrome,
    form: PanelForm,
    errors: FieldErrors,
) -> Result<Response, Problem> {
    let mut view = filled(clinic, &grant.also()?, chrome, form).await?;
    view.panel.errors = errors;
    let page = Page::of(clinic, &chrome.clone().active("schedule"), &view)?;
    Ok(page.refused().into_response())
}

/// The panel again (409), with why it could not be booked and what can.
async fn not_booked(
    clinic: &Clinic,
    grant: &Grant<Book>,
    chrome: &Chrome,
    form: PanelForm,
    error: BookingError,
) -> Result<Response, Problem> {
    let say = Say::to(clinic, chrome);
    let furniture = day::resources(clinic, &grant.also()?).await?;
    let Some(notice) = say.why_not(&error, &furniture) else { return Err(error.into()) };
    let any_doctor = form.doctor_id().is_none();
    let mut view = filled(clinic, &grant.also()?, chrome, form).await?;
    view.panel.notice = notice;
    if let BookingError::Taken(refusal) | BookingError::OffShift(refusal) = &error {
        let named = (!any_doctor).then_some(furniture.as_ref());
        view.panel.slots = alternatives(&say, now(clinic).day(), refusal, named);
        let form = &mut view.panel.form;
        form.asked = refusal.starts.to_string();
        form.starts = String::new();
        form.other_day = String::new();
        form.time = String::new();
        let known = view.panel.patient.is_some() && !any_doctor;
        view.panel.can_overbook = known && allowed::<Overbook>(grant);
    }
    let page = Page::of(clinic, &chrome.clone().active("schedule"), &view)?;
    let mut answer = page.status(StatusCode::CONFLICT).into_response();
    // Into the panel, not into a dialog: nothing typed is lost.
    let headers = answer.headers_mut();
    headers.insert(HeaderName::from_static("hx-retarget"), HeaderValue::from_static("#bk"));
    headers.insert(HeaderName::from_static("hx-reswap"), HeaderValue::from_static("innerHTML"));
    Ok(answer)
}

fn allowed<P: Permission>(grant: &Grant<Book>) -> bool {
    grant.actor().may::<P>()
}

/// Other slots of the same doctor; those of others are found by choosing "any".
fn alternatives(
    say: &Say<'_>,
    today: Day,
    refusal: &Refusal,
    named: Option<&Furniture>,
) -> Vec<SlotChoice> {
    let same = refusal
        .alternatives
        .iter()
        .filter(|slot| named.is_none() || Some(slot.doctor_id) == refusal.doctor_id);
    let labelled =
        same.map(|slot| SlotChoice { starts: slot.starts, label: say.slot(today, slot, None) });
    labelled.take(ALTERNATIVES).collect()
}

/// Options of the panel's patient field, and the list without scripts.
#[derive(Debug, Serialize)]
pub struct FoundView {
    query: String,
    /// The query as a phone number (E.164) for a new patient; empty otherwise.
    phone: String,
    found: Vec<FoundPatient>,
}

#[derive(Debug, Serialize)]
struct FoundPatient {
    id: PatientId,
    name: String,
    detail: String,
    alert: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FindQuery {
    query: String,
}

pub(super) async fn found(
    State(clinic): State<Clinic>,
    grant: Grant<FindPatients>,
    chrome: Chrome,
    Form(FindQuery { query }): Form<FindQuery>,
) -> Result<Page, Problem> {
    let found = patients::find(&clinic.vault, &grant, &query).await?;
    let found = found.into_iter().map(|brief| {
        let phone = brief.phone.as_deref().and_then(|phone| Phone::parse(phone).ok());
        let parts =
            [phone.map(|one| one.to_string()), brief.birth_date.map(|d| d.year().to_string())];
        let detail = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        FoundPatient { id: brief.id, name: brief.name, detail, alert: brief.allergy }
    });
    let phone = Phone::parse(&query).map(|phone| phone.as_str().to_owned()).unwrap_or_default();
    let view = FoundView { found: found.collect(), phone, query };
    Page::of(&clinic, &chrome.active("schedule"), &view)
}

impl View for PanelView {
    const TEMPLATE: &'static str = "booking/panel.html";

    fn samples() -> Vec<Self> {
        let now = Timestamp::from_unix_ms(1_795_402_800_000);
        let starts: Civil = "2026-11-23T15:45".parse().expect("a time");
        let choice = || vec![Choice { value: "1".to_owned(), label: "—".to_owned() }];
        let blank = || Panel {
            errors: FieldErrors::new(),
            notice: String::new(),
            patient: None,
            new_patient: false,
            form: PanelForm { service: "1".to_owned(), ..PanelForm::default() },
            services: choice(),
            doctors: choice(),
            not_performed: String::new(),
            performers: Vec::new(),
            chairs: choice(),
            sources: choice(),
            minutes: 30,
            minutes_of: "/".to_owned(),
            slots: Vec::new(),
            day: starts.day(),
            can_book: true,
            can_overbook: false,
        };
        let patient = PanelPatient {
            id: PatientId::new(now),
            name: "Мусин Ержан".to_owned(),
            phone: "+77012345678".to_owned(),
            born: "1984".to_owned(),
            flags: vec!["allergy"],
            alert: "лидокаин".to_owned(),
        };
        let fields =
            ["query", "name", "phone", "service", "starts", "time", "minutes", "note", "reason"];
        let errors: FieldErrors =
            fields.into_iter().map(|field| (field, "booking-error-starts".to_owned())).collect();
        let slots = vec![SlotChoice { starts, label: "15:45".to_owned() }];
        let known = Panel {
            patient: Some(patient),
            slots,
            can_overbook: true,
            notice: "—".to_owned(),
            not_performed: "—".to_owned(),
            performers: choice(),
            errors: errors.clone(),
            ..blank()
        };
        let new = Panel { new_patient: true, errors: errors.clone(), ..blank() };
        let wrong = Panel { errors, ..blank() };
        let reader = Panel { can_book: false, ..blank() };
        [blank(), known, new, wrong, reader].map(|panel| Self { panel }).into()
    }
}

impl View for FoundView {
    const TEMPLATE: &'static str = "booking/found.html";

    fn samples() -> Vec<Self> {
        let found = FoundPatient {
            id: PatientId::new(Timestamp::from_unix_ms(1_795_402_800_000)),
            name: "Мусин Ержан".to_owned(),
            detail: "+7 (701) 234-56-78".to_owned(),
            alert: true,
        };
        let (query, phone) = ("701".to_owned(), "+77012345678".to_owned());
        vec![
            Self { query: query.clone(), phone: String::new(), found: vec![found] },
            Self { query, phone, found: Vec::new() },
        ]
    }
}
