//! A series on one page: each visit with its number, and how it stands now.

use axum::extract::{Path, State};
use serde::Serialize;

use crate::booking::day;
use crate::booking::routes::words::Say;
use crate::booking::series::{self, Visit};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::i18n::dates;
use crate::ids::{AppointmentId, PatientId, SeriesId};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::ViewSchedule;
use crate::web::{Page, Problem};

#[derive(Debug, Serialize)]
pub struct SeriesView {
    patient_id: PatientId,
    patient: String,
    service: String,
    /// On one day, maybe of several patients.
    together: bool,
    visits: Vec<Line>,
    /// How many are still to come.
    ahead: usize,
}

#[derive(Debug, Serialize)]
struct Line {
    id: AppointmentId,
    position: i64,
    /// Whose and what; empty in a series, where all are alike.
    whose: String,
    day: Day,
    when: String,
    doctor: String,
    state: &'static str,
}

pub(super) async fn page(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Path(id): Path<SeriesId>,
) -> Result<Page, Problem> {
    let visits = series::visits(&clinic, &grant, id).await?;
    let Some(first) = visits.first() else { return Err(Problem::NotFound) };
    // Whose they are is a look at the patient, and in the ledger.
    let details = day::details(&clinic, &grant, first.id, chrome.language).await?;
    let furniture = day::resources(&clinic, &grant.also()?).await?;
    let mark = series::mark(&clinic, &grant, first.id).await?;
    let together = mark.is_some_and(|mark| mark.together);
    let mut whose = Vec::new();
    for visit in visits.iter().filter(|_| together) {
        let one = day::details(&clinic, &grant, visit.id, chrome.language).await?;
        whose.push(format!("{} · {}", one.patient, one.service));
    }
    let say = Say::to(&clinic, &chrome);
    let line = |(at, visit): (usize, &Visit)| Line {
        id: visit.id,
        whose: whose.get(at).cloned().unwrap_or_default(),
        position: visit.position,
        day: visit.starts.day(),
        when: format!("{}, {}", say.day(visit.starts.day()), dates::time(visit.starts)),
        doctor: furniture.name(visit.doctor_id).to_owned(),
        state: visit.status.name(),
    };
    let view = SeriesView {
        patient_id: details.patient_id,
        patient: details.patient,
        service: details.service,
        ahead: visits.iter().filter(|visit| visit.status.may_move()).count(),
        together,
        visits: visits.iter().enumerate().map(line).collect(),
    };
    Page::of(&clinic, &chrome.active("schedule"), &view)
}

impl View for SeriesView {
    const TEMPLATE: &'static str = "booking/series.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let line = |position, state| Line {
            id: AppointmentId::new(at),
            position,
            whose: "—".to_owned(),
            day: "2026-11-23".parse().expect("a day"),
            when: "—".to_owned(),
            doctor: "Сейтова А. Н.".to_owned(),
            state,
        };
        let series = |together| Self {
            together,
            patient_id: PatientId::new(at),
            patient: "Мусин Ержан".to_owned(),
            service: "Лечение".to_owned(),
            visits: vec![line(1, "completed"), line(2, "cancelled"), line(3, "booked")],
            ahead: 1,
        };
        vec![series(false), series(true)]
    }
}
