//! One appointment: its panel, and putting it elsewhere from there.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::header::ETAG;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::booking::day::{self, Details, Furniture};
use crate::booking::late::expected;
use crate::booking::making::now;
use crate::booking::model::status_before;
use crate::booking::routes::Choice;
use crate::booking::routes::beside::Beside;
use crate::booking::routes::conflict;
use crate::booking::routes::panel::typed_time;
use crate::booking::routes::verbs::Verb;
use crate::booking::routes::words::{Say, delivery, flags_of};
use crate::booking::series::{self, Mark};
use crate::booking::{BookingError, CancelReason, Moved, Moving, Status, move_to as put};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day, Timestamp};
use crate::ids::{AppointmentId, PatientId, ResourceId, SeriesId, ServiceId};
use crate::pages::{Chrome, View};
use crate::presence::Open;
use crate::vault::Grant;
use crate::vault::permission::{Attend, Book, KeepFollowUps, ViewMessages, ViewSchedule};
use crate::web::{Page, Problem, Toast, local_path, see_other, wants_fragment};

/// One appointment's panel; a page of its own without scripts.
#[derive(Debug, Serialize)]
pub struct AppointmentView {
    appointment: Panel,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
struct Panel {
    id: AppointmentId,
    version: i64,
    state: &'static str,
    day: Day,
    starts: Civil,
    /// When it is to be expected, if the doctor is late.
    expected: Option<Civil>,
    ends: Civil,
    minutes: i64,
    patient_id: PatientId,
    patient: String,
    /// E.164 or empty.
    phone: String,
    /// Year of birth or empty.
    born: String,
    flags: Vec<&'static str>,
    alert: String,
    service: String,
    doctor: String,
    chair: String,
    note: String,
    /// Where it came from, in words.
    source: String,
    /// Why it lies over others; empty when it does not.
    overbooked: String,
    /// Until when it waits for the desk's word, if it does.
    held_until: Option<Timestamp>,
    /// Tiyn.
    price: Option<i64>,
    /// What may be done now, the usual first.
    verbs: Vec<&'static str>,
    can_move: bool,
    can_comment: bool,
    undo_needs_reason: bool,
    /// Whether the whole story, messages included, may be read.
    can_tell: bool,
    resource: Option<ResourceId>,
    service_id: Option<ServiceId>,
    /// After when they may be asked to come again; None when nothing may be booked.
    again_after: Option<Civil>,
    /// Whether the patient may be told to come again some day.
    can_follow_up: bool,
    /// Its place in a series, when it has one.
    series: Option<Mark>,
    /// Whether a series may begin with it.
    can_repeat: bool,
    resources: Vec<Choice>,
    reasons: Vec<Choice>,
    /// What the last message was about, and its state; empty without one.
    message: String,
    delivery: &'static str,
    /// Newest first.
    history: Vec<HistoryLine>,
    /// Where the appointment is that left this place.
    moved_to: Option<AppointmentId>,
    /// Who else has it open.
    beside: Option<Beside>,
}

#[derive(Debug, Serialize)]
struct HistoryLine {
    at: Timestamp,
    who: String,
    text: String,
}

pub(super) async fn open(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Path(id): Path<AppointmentId>,
) -> Result<Response, Problem> {
    panel_after(&clinic, &grant, &chrome, id, None).await
}

/// An appointment's panel as it stands now, with a word about what was done.
pub(super) async fn panel_after(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    chrome: &Chrome,
    id: AppointmentId,
    toast: Option<Toast>,
) -> Result<Response, Problem> {
    let details = day::details(clinic, grant, id, chrome.language).await?;
    let furniture = day::resources(clinic, &grant.also()?).await?;
    let version = details.version;
    let mark = series::mark(clinic, grant, id).await?;
    let say = Say::to(clinic, chrome);
    let panel = panel(clinic, grant, &say, details, (&furniture, mark));
    let chrome = chrome.clone().active("schedule");
    let page = Page::of(clinic, &chrome, &AppointmentView { appointment: panel })?;
    let mut answer = page.into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        answer.headers_mut().insert(ETAG, tag);
    }
    if let Some(toast) = toast {
        let (name, value) = toast.header();
        answer.headers_mut().insert(name, value);
    }
    Ok(answer)
}

fn panel(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    say: &Say<'_>,
    details: Details,
    (furniture, series): (&Furniture, Option<Mark>),
) -> Panel {
    let now = now(clinic);
    let may_book = grant.actor().may::<Book>();
    let today_or_later = now.day() <= details.starts.day();
    let verbs = verbs(&details, now, grant);
    let message = details.message.as_ref().map(|one| one.state);
    Panel {
        id: details.id,
        version: details.version,
        state: details.status.name(),
        day: details.starts.day(),
        starts: details.starts,
        expected: expected(details.status, details.starts, details.late, now),
        ends: details.starts.plus_minutes(details.minutes),
        minutes: details.minutes,
        patient_id: details.patient_id,
        phone: details.phone.clone().unwrap_or_default(),
        born: details.birth_date.map(|born| born.year().to_string()).unwrap_or_default(),
        flags: flags_of(&details),
        verbs,
        can_move: may_book && today_or_later && details.status.may_move(),
        can_comment: may_book && details.status != Status::Moved,
        undo_needs_reason: details.status.undo_needs_reason(),
        can_tell: grant.actor().may::<ViewMessages>(),
        resource: details.doctor_id,
        service_id: details.service_id,
        again_after: may_book
            .then(|| details.starts.plus_minutes(details.minutes).max(now))
            .filter(|_| details.doctor_id.is_some() && details.service_id.is_some()),
        can_follow_up: grant.actor().may::<KeepFollowUps>()
            && !matches!(details.status, Status::Moved | Status::Cancelled),
        can_repeat: may_book
            && series.is_none()
            && details.status.holds()
            && details.doctor_id.is_some()
            && details.service_id.is_some(),
        series,
        resources: movable_to(furniture, &details),
        reasons: reasons(say),
        message: about(say, &details),
        delivery: delivery(message),
        history: history(say, &details, furniture),
        source: say.key(&format!("booking-source-{}", details.source.name())),
        overbooked: details.overbooked.unwrap_or_default(),
        held_until: details.held_until,
        moved_to: details.moved_to,
        beside: Beside::entered(clinic, grant, Open::Appointment(details.id)),
        patient: details.patient,
        alert: details.allergy,
        service: details.service,
        doctor: details.doctor,
        chair: details.place_name,
        note: details.comment,
        price: details.price,
    }
}

/// What the last message said: «Вы записаны».
fn about(say: &Say<'_>, details: &Details) -> String {
    let purpose = details.message.as_ref().map(|one| one.purpose.name());
    purpose.map(|name| say.key(&format!("messaging-purpose-{name}"))).unwrap_or_default()
}

/// What this account may do with it now.
fn verbs(details: &Details, now: Civil, grant: &Grant<ViewSchedule>) -> Vec<&'static str> {
    let actor = grant.actor();
    if !actor.may::<Attend>() {
        return Vec::new();
    }
    let come = |to: &&Status| match to {
        Status::Arrived | Status::InTreatment | Status::Completed => {
            details.starts.day() <= now.day()
        }
        Status::NoShow => details.starts <= now,
        Status::Cancelled => actor.may::<Book>(),
        _ => true,
    };
    let steps = details.status.next().iter().filter(come);
    let mut verbs: Vec<&'static str> =
        steps.filter_map(|status| Verb::leading_to(*status)).collect();
    if status_before(&details.history).is_some() {
        verbs.push("undo");
    }
    verbs
}

fn movable_to(furniture: &Furniture, details: &Details) -> Vec<Choice> {
    let doctors = furniture.resources.iter().filter(|one| one.is_doctor());
    let there = doctors.filter(|one| !one.ended || Some(one.id) == details.doctor_id);
    there.map(|one| Choice { value: one.id.to_string(), label: one.name.clone() }).collect()
}

fn reasons(say: &Say<'_>) -> Vec<Choice> {
    let named = |reason: CancelReason| Choice {
        value: reason.code().to_owned(),
        label: say.key(&format!("booking-reason-{}", reason.code().replace('_', "-"))),
    };
    CancelReason::ALL.into_iter().map(named).collect()
}

fn history(say: &Say<'_>, details: &Details, furniture: &Furniture) -> Vec<HistoryLine> {
    let steps = &details.history;
    let line = |(index, step): (usize, &crate::booking::Step)| {
        let before = index.checked_sub(1).map(|index| &steps[index]);
        HistoryLine { at: step.at, who: say.who(step), text: say.step(step, before, furniture) }
    };
    steps.iter().enumerate().rev().map(line).collect()
}

/// Where an appointment is put: by the grid, or day and time typed in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MoveForm {
    starts: String,
    move_day: String,
    time: String,
    resource: String,
    minutes: String,
    version: i64,
    back: String,
}

impl MoveForm {
    /// None for what cannot be read or is not said.
    pub fn moving(&self) -> Moving {
        let starts = if self.starts.is_empty() {
            typed_time(&self.move_day, &self.time)
        } else {
            self.starts.parse().ok()
        };
        Moving {
            starts,
            minutes: self.minutes.trim().parse().ok(),
            resource_id: self.resource.parse().ok(),
            ..Moving::default()
        }
    }
}

pub(super) async fn move_to(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    chrome: Chrome,
    headers: HeaderMap,
    Path(id): Path<AppointmentId>,
    Form(form): Form<MoveForm>,
) -> Result<Response, Problem> {
    let to = form.moving();
    let moved = match to.starts {
        Some(_) => put(&clinic, &grant, id, form.version, &to).await,
        None => Err(BookingError::OddTime),
    };
    match moved {
        Ok(moved) => after_move(&clinic, &grant, &chrome, &headers, &form.back, &moved).await,
        Err(error) => conflict::answer(&clinic, &grant, &chrome, id, &to, error).await,
    }
}

async fn after_move(
    clinic: &Clinic,
    grant: &Grant<Book>,
    chrome: &Chrome,
    headers: &HeaderMap,
    back: &str,
    moved: &Moved,
) -> Result<Response, Problem> {
    let Moved { now: at, before, .. } = moved;
    if !wants_fragment(headers) {
        let day = format!("/schedule?day={}&open={}", at.place.day(), at.id);
        return Ok(see_other(local_path(back).unwrap_or(&day)));
    }
    let say = Say::to(clinic, chrome);
    let hours = Say::hours(at.place.starts, at.place.ends());
    let when = if at.place.day() == before.day() {
        hours
    } else {
        format!("{} {hours}", say.day(at.place.day()))
    };
    let undo = (at.place != *before).then(|| format!("/appointments/{}/move_back", at.id));
    let toast = Toast { text: format!("{}: {when}", say.key("booking-toast-moved")), undo };
    panel_after(clinic, &grant.also()?, chrome, at.id, Some(toast)).await
}

impl View for AppointmentView {
    const TEMPLATE: &'static str = "booking/appointment.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let starts: Civil = "2026-11-23T10:00".parse().expect("a time");
        let choice = || vec![Choice { value: "1".to_owned(), label: "—".to_owned() }];
        let full = || Panel {
            id: AppointmentId::new(at),
            version: 3,
            state: "booked",
            day: starts.day(),
            starts,
            expected: Some(starts.plus_minutes(15)),
            ends: starts.plus_minutes(30),
            minutes: 30,
            patient_id: PatientId::new(at),
            patient: "Мусин Ержан".to_owned(),
            phone: "+77012345678".to_owned(),
            born: "1984".to_owned(),
            flags: vec!["allergy", "child"],
            alert: "лидокаин".to_owned(),
            service: "Лечение".to_owned(),
            doctor: "Сейтова А. Н.".to_owned(),
            chair: "Кресло 1".to_owned(),
            note: "46 зуб".to_owned(),
            source: "—".to_owned(),
            overbooked: "Боль".to_owned(),
            held_until: Some(Timestamp::from_unix_ms(1_795_402_800_000)),
            price: Some(2_500_000),
            verbs: vec!["confirm", "arrive", "start", "complete", "no_show", "cancel", "undo"],
            can_move: true,
            can_comment: true,
            undo_needs_reason: true,
            can_tell: true,
            resource: Some(ResourceId::new(at)),
            service_id: Some(ServiceId::new(at)),
            again_after: Some(starts),
            can_follow_up: true,
            series: Some(Mark {
                series_id: SeriesId::new(at),
                position: 3,
                visits: 12,
                together: false,
                later: 9,
            }),
            can_repeat: false,
            resources: choice(),
            reasons: choice(),
            message: "SMS".to_owned(),
            delivery: "delivered",
            history: vec![HistoryLine { at, who: "—".to_owned(), text: "—".to_owned() }],
            moved_to: None,
            beside: Some(Beside::sample(&["Ким Дана"])),
        };
        let bare = Panel {
            state: "moved",
            phone: String::new(),
            alert: String::new(),
            verbs: Vec::new(),
            can_move: false,
            can_comment: false,
            undo_needs_reason: false,
            can_tell: false,
            expected: None,
            resource: None,
            again_after: None,
            can_follow_up: false,
            series: None,
            can_repeat: true,
            price: None,
            message: String::new(),
            delivery: "",
            overbooked: String::new(),
            held_until: None,
            moved_to: Some(AppointmentId::new(at)),
            beside: None,
            ..full()
        };
        [full(), bare].map(|appointment| Self { appointment }).into()
    }
}
