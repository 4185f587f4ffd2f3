//! Running late: the buttons, and who was told.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::booking::Status;
use crate::booking::day;
use crate::booking::late::{self, LateVisit, MOST, STEP_BACK, STEPS, expected, may_say};
use crate::booking::making::now;
use crate::booking::routes::words::delivery;
use crate::clinic::Clinic;
use crate::clock::{Civil, Day, Timestamp};
use crate::ids::{AppointmentId, PatientId, ResourceId};
use crate::messaging;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{RunLate, ViewSchedule};
use crate::web::{Page, Problem, local_path, see_other};

/// How late a doctor is, with the buttons to say otherwise.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Running {
    doctor_id: ResourceId,
    /// Minutes; 0: in time.
    minutes: i64,
    /// What buttons add or take back, and what it would be then.
    steps: Vec<(i64, i64)>,
    /// Where the buttons lead back to.
    back: String,
    can_set: bool,
}

/// One doctor's lateness today, and what each patient still to come was told.
#[derive(Debug, Serialize)]
pub struct LateView {
    day: Day,
    doctor: String,
    running: Running,
    visits: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    id: AppointmentId,
    patient_id: PatientId,
    patient: String,
    /// E.164 or empty.
    phone: String,
    service: String,
    state: &'static str,
    starts: Civil,
    expected: Option<Civil>,
    /// `late`, `on_time`, `not_told` or `nothing`.
    told: &'static str,
    /// When they believe that it begins.
    knows: Civil,
    told_at: Option<Timestamp>,
    /// A code; empty when they were written to.
    why: String,
    delivery: &'static str,
}

#[derive(Debug, Deserialize)]
pub(super) struct LateForm {
    minutes: i64,
    /// What the page showed.
    seen: i64,
    #[serde(default)]
    back: String,
}

pub(super) async fn page(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Path(doctor): Path<ResourceId>,
) -> Result<Page, Problem> {
    let (minutes, visits) = late::told(&clinic, &grant, doctor, chrome.language).await?;
    let furniture = day::resources(&clinic, &grant.also()?).await?;
    let now = now(&clinic);
    let can_set = may_say(&clinic, &grant, doctor).await?;
    let view = LateView {
        day: now.day(),
        doctor: furniture.name(Some(doctor)).to_owned(),
        running: Running::of(doctor, minutes, can_set, format!("/late/{doctor}")),
        visits: visits.into_iter().map(|visit| Line::of(visit, minutes, now)).collect(),
    };
    let mut chrome = chrome.active("today");
    chrome.live = true;
    Page::of(&clinic, &chrome, &view)
}

pub(super) async fn set(
    State(clinic): State<Clinic>,
    grant: Grant<RunLate>,
    Path(doctor): Path<ResourceId>,
    Form(form): Form<LateForm>,
) -> Result<Response, Problem> {
    late::run_late(&clinic, &grant, doctor, form.minutes, form.seen).await?;
    let page = format!("/late/{doctor}");
    Ok(see_other(local_path(&form.back).unwrap_or(&page)))
}

impl Running {
    pub(super) fn of(doctor_id: ResourceId, minutes: i64, can_set: bool, back: String) -> Self {
        let back_a_little = Some(-STEP_BACK).filter(|_| STEP_BACK < minutes);
        let steps = STEPS.into_iter().chain(back_a_little);
        let steps = steps.map(|step| (step, minutes + step)).filter(|(_, sum)| *sum <= MOST);
        Self { doctor_id, minutes, steps: steps.collect(), back, can_set }
    }

    /// In time, and late: for the samples of views.
    pub(super) fn samples() -> [Self; 2] {
        let doctor = ResourceId::new(Timestamp::from_unix_ms(1_795_402_800_000));
        [0, 15].map(|minutes| Self::of(doctor, minutes, true, "/my-day".to_owned()))
    }
}

impl Line {
    fn of(visit: LateVisit, late: i64, now: Civil) -> Self {
        let untold = !visit.not_told.is_empty();
        Self {
            id: visit.id,
            patient_id: visit.patient_id,
            state: visit.status.name(),
            starts: visit.starts,
            expected: expected(visit.status, visit.starts, late, now),
            told: match (visit.told_at, visit.knows) {
                (None, _) => "nothing",
                // It was to leave, and was not true or wanted any more.
                _ if visit.message == Some(messaging::State::Withheld) && !untold => "nothing",
                (Some(_), 0) if untold => "nothing",
                (Some(_), _) if untold => "not_told",
                (Some(_), 0) => "on_time",
                (Some(_), _) => "late",
            },
            knows: visit.starts.plus_minutes(visit.knows),
            told_at: visit.told_at,
            delivery: if untold { "" } else { delivery(visit.message) },
            why: visit.not_told,
            patient: visit.patient,
            phone: visit.phone.unwrap_or_default(),
            service: visit.service,
        }
    }
}

impl View for LateView {
    const TEMPLATE: &'static str = "booking/late.html";

    fn samples() -> Vec<Self> {
        let made = Timestamp::from_unix_ms(1_795_402_800_000);
        let starts: Civil = "2026-11-23T10:00".parse().expect("a time");
        let line = |told: &'static str, status: Status| Line {
            id: AppointmentId::new(made),
            patient_id: PatientId::new(made),
            patient: "Ержан Мусин".to_owned(),
            phone: if told == "not_told" { String::new() } else { "+77012345678".to_owned() },
            service: "Лечение".to_owned(),
            state: status.name(),
            starts,
            expected: expected(status, starts, 15, starts),
            told,
            knows: starts.plus_minutes(15),
            told_at: (told != "nothing").then_some(made),
            why: if told == "not_told" { "no_phone" } else { "" }.to_owned(),
            delivery: if told == "late" { "delivered" } else { "" },
        };
        let visits = || {
            vec![
                line("late", Status::Confirmed),
                line("not_told", Status::Booked),
                line("on_time", Status::Completed),
                line("nothing", Status::Arrived),
            ]
        };
        let page = |running: Running, visits| Self {
            day: starts.day(),
            doctor: "Сейтова А. Н.".to_owned(),
            running,
            visits,
        };
        let [in_time, late] = Running::samples();
        let read_only = Running { can_set: false, ..late.clone() };
        vec![page(late, visits()), page(in_time, Vec::new()), page(read_only, visits())]
    }
}
