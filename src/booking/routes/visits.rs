//! What a patient's card shows of appointments: counters, and the visits.

use axum::extract::{Path, State};
use serde::Serialize;

use crate::booking::day::{self, Visit, VisitCounts};
use crate::booking::making::now;
use crate::booking::{Source, Status};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day, Timestamp};
use crate::ids::{AppointmentId, PatientId, SeriesId};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{Book, ViewSchedule};
use crate::web::{Page, Problem};

/// The visits, past and ahead, newest first.
#[derive(Debug, Serialize)]
pub struct VisitsView {
    patient_id: PatientId,
    visits: Vec<Visit>,
    /// What was before it and has no outcome will get none.
    today: Day,
    can_book: bool,
}

/// The counters under the name.
#[derive(Debug, Serialize)]
pub struct VisitFactsView {
    counts: VisitCounts,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
) -> Result<Page, Problem> {
    let (visits, _) = day::of_patient(&clinic, &grant, patient_id, chrome.language).await?;
    let can_book = grant.actor().may::<Book>();
    let today = now(&clinic).day();
    let view = VisitsView { patient_id, visits, today, can_book };
    Page::of(&clinic, &chrome.active("patients"), &view)
}

pub(super) async fn facts(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
) -> Result<Page, Problem> {
    let (_, counts) = day::of_patient(&clinic, &grant, patient_id, chrome.language).await?;
    Page::of(&clinic, &chrome.active("patients"), &VisitFactsView { counts })
}

impl View for VisitsView {
    const TEMPLATE: &'static str = "booking/visits.html";

    fn samples() -> Vec<Self> {
        let made = Timestamp::from_unix_ms(1_795_402_800_000);
        let starts: Civil = "2026-11-23T10:00".parse().expect("a time");
        let visit = |status| Visit {
            id: AppointmentId::new(made),
            starts,
            minutes: 30,
            status,
            service: "Лечение".to_owned(),
            doctor: "Сейтова А. Н.".to_owned(),
            place: String::new(),
            comment: "46 зуб".to_owned(),
            source: Source::Import,
            moved_to: None,
            series_id: Some(SeriesId::new(made)),
            series_position: Some(3),
            series_visits: 12,
            together: false,
        };
        let patient_id = PatientId::new(made);
        let all = Status::ALL.map(visit).into();
        vec![
            Self { patient_id, visits: all, today: starts.day().plus_days(1), can_book: true },
            Self { patient_id, visits: Vec::new(), today: starts.day(), can_book: false },
        ]
    }
}

impl View for VisitFactsView {
    const TEMPLATE: &'static str = "booking/visit_facts.html";

    fn samples() -> Vec<Self> {
        let at = "2026-11-23T10:00".parse().ok();
        let full =
            VisitCounts { visits: 3, no_shows: 1, cancelled: 1, last_visit: at, next_visit: at };
        vec![Self { counts: full }, Self { counts: VisitCounts::default() }]
    }
}
