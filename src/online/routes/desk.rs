//! The desk's page: what waits for its word, what came from outside.

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;

use crate::booking::BookingError;
use crate::booking::holds::{self, Held};
use crate::clinic::Clinic;
use crate::ids::AppointmentId;
use crate::online::desk::{self, Recent, Spent};
use crate::online::routes::ENTRY;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{Book, SetUpGateways, SetUpOnline, ViewOnline};
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/online", show)
        .post("/online/{appointment}/approve", approve)
        .post("/online/{appointment}/decline", decline)
        .get("/online/alarm", alarm)
}

/// What waits, what came, what it costs.
#[derive(Debug, Serialize)]
pub struct OnlineDeskPage {
    held: Vec<Held>,
    /// Who of them asks for a repeated visit and was not seen here.
    not_seen: Vec<AppointmentId>,
    recent: Vec<Recent>,
    spent: Spent,
    /// Whether the reader may change the settings.
    sets_up: bool,
    /// Where patients book; empty while nobody can.
    book_url: String,
}

/// That many codes went out, for whoever looks after the gateway.
#[derive(Debug, Serialize)]
pub struct AlarmView {
    spent: Spent,
}

async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<ViewOnline>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let seen = desk::desk(&clinic, &grant).await?;
    let settings = super::super::store::settings(&mut clinic.vault.read(&grant).await?).await?;
    let url = format!("{}/book", clinic.places.public_url);
    let view = OnlineDeskPage {
        held: seen.held,
        not_seen: seen.not_seen,
        recent: seen.recent,
        spent: seen.spent,
        sets_up: grant.actor().may::<SetUpOnline>(),
        book_url: if settings.enabled { url } else { String::new() },
    };
    Page::of(&clinic, &live(chrome), &view)
}

async fn approve(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    Path(id): Path<AppointmentId>,
) -> Result<Response, Problem> {
    answered(&clinic, holds::approve(&clinic, &grant, id).await.map(|_| ())).await
}

async fn decline(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    Path(id): Path<AppointmentId>,
) -> Result<Response, Problem> {
    answered(&clinic, holds::decline(&clinic, &grant, id).await.map(|_| ())).await
}

/// Whoever was slower sees the list as it is now.
async fn answered(clinic: &Clinic, done: Result<(), BookingError>) -> Result<Response, Problem> {
    match done {
        Ok(()) | Err(BookingError::NoSuch | BookingError::Blocked) => {
            desk::count_waiting(clinic).await?;
            Ok(see_other("/online"))
        }
        Err(BookingError::Vault(cause)) => Err(cause.into()),
        Err(other) => Err(Problem::Internal(Box::new(other))),
    }
}

/// A fragment of the gateway's page.
async fn alarm(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let spent = desk::spent(&clinic, &mut clinic.vault.read(&grant).await?).await?;
    Page::of(&clinic, &chrome, &AlarmView { spent })
}

fn live(chrome: Chrome) -> Chrome {
    Chrome { live: true, ..chrome.active(ENTRY) }
}

impl View for OnlineDeskPage {
    const TEMPLATE: &'static str = "online/desk.html";

    fn samples() -> Vec<Self> {
        let at = crate::clock::Timestamp::from_unix_ms(1_795_402_800_000);
        let patient_id = crate::ids::PatientId::new(at);
        let id = AppointmentId::new(at);
        let starts = super::samples::sample_time();
        let held = Held {
            id,
            patient_id,
            patient: "Ким Вера".to_owned(),
            phone: "+77012345678".to_owned(),
            starts,
            minutes: 30,
            service: "Осмотр".to_owned(),
            doctor: "Сейтова А. Н.".to_owned(),
            until: at,
            hidden: false,
        };
        let mut blocked = held.clone();
        blocked.hide();
        let recent = |source: &str, other| Recent {
            appointment_id: id,
            patient_id,
            patient: "Ким Вера".to_owned(),
            starts,
            status: "booked".to_owned(),
            service: "Осмотр".to_owned(),
            doctor: "Сейтова А. Н.".to_owned(),
            created_at: at,
            source: source.to_owned(),
            campaign: source.to_owned(),
            consent_version: 1,
            for_other: other,
            likely: other,
            hidden: false,
        };
        let mut shut = recent("", false);
        shut.hide();
        let spent = |alarm| Spent { codes: 130, most: 200, alarm };
        let url = "https://arai.example/book".to_owned();
        vec![
            Self {
                held: vec![held, blocked],
                not_seen: vec![id],
                recent: vec![recent("2gis", true), recent("", false), shut],
                spent: spent(true),
                sets_up: true,
                book_url: url,
            },
            Self {
                held: Vec::new(),
                not_seen: Vec::new(),
                recent: Vec::new(),
                spent: spent(false),
                sets_up: false,
                book_url: String::new(),
            },
        ]
    }
}

impl View for AlarmView {
    const TEMPLATE: &'static str = "online/alarm.html";

    fn samples() -> Vec<Self> {
        let spent = |alarm| Self { spent: Spent { codes: 130, most: 200, alarm } };
        vec![spent(true), spent(false)]
    }
}
