//! "Who else has it open", beside an appointment and beside the booking form of
//! one patient. A hint to talk to each other, not a lock: whoever saves second
//! still gets the conflict.
//!
//! The page asks every eight seconds, and at once when an event says that
//! somebody came; that it asks is the sign that it is open.

use axum::extract::{Path, State};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::{AppointmentId, PatientId};
use crate::pages::{Chrome, View};
use crate::presence::Open;
use crate::vault::Grant;
use crate::vault::permission::{Permission, ViewSchedule};
use crate::web::{Page, Problem};

/// Who else has something open.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Beside {
    /// As events name it: `appointment:{id}`.
    of: String,
    /// Where the page asks for it again.
    href: String,
    /// Whether a visit is booked there, and not looked at.
    books: bool,
    /// By commas; empty when nobody else has it open.
    names: String,
}

impl Beside {
    fn new(what: Open, names: &[String]) -> Self {
        let (href, books) = match what {
            Open::Appointment(id) => (format!("/appointments/{id}/beside"), false),
            Open::Booking(id) => (format!("/patients/{id}/beside"), true),
        };
        Self { of: what.to_string(), href, books, names: names.join(", ") }
    }

    /// Whoever opens it has it open from now on. None for who is not staff. To
    /// be called once they were allowed to see it.
    pub fn entered<P: Permission>(clinic: &Clinic, grant: &Grant<P>, what: Open) -> Option<Self> {
        let person = grant.actor().person()?;
        let now = clinic.clock().now();
        let others = clinic.presence.enter(what, grant.staff()?, &person.name, now);
        Some(Self::new(what, &others))
    }

    pub fn sample(names: &[&str]) -> Self {
        let id = AppointmentId::new(Timestamp::from_unix_ms(1_795_402_800_000));
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        Self::new(Open::Appointment(id), &names)
    }
}

/// The names alone.
#[derive(Debug, Serialize)]
pub struct BesideView {
    beside: Beside,
}

pub(super) async fn appointment(
    clinic: State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Path(id): Path<AppointmentId>,
) -> Result<Page, Problem> {
    stay(&clinic, &grant, &chrome, Open::Appointment(id))
}

pub(super) async fn booking(
    clinic: State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Path(id): Path<PatientId>,
) -> Result<Page, Problem> {
    stay(&clinic, &grant, &chrome, Open::Booking(id))
}

/// Only those who opened the thing itself are told, so nothing is disclosed here
/// that they did not see with it.
fn stay(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    chrome: &Chrome,
    what: Open,
) -> Result<Page, Problem> {
    let staff = grant.staff().ok_or(Problem::NotFound)?;
    let now = clinic.clock().now();
    let others = clinic.presence.stay(what, staff, now).ok_or(Problem::NotFound)?;
    Page::of(clinic, chrome, &BesideView { beside: Beside::new(what, &others) })
}

impl View for BesideView {
    const TEMPLATE: &'static str = "booking/beside.html";

    fn samples() -> Vec<Self> {
        let nobody = Self { beside: Beside::sample(&[]) };
        let mut booking = Beside::sample(&["Сейтова Алия", "Ким Дана"]);
        booking.books = true;
        vec![nobody, Self { beside: Beside::sample(&["Сейтова Алия"]) }, Self { beside: booking }]
    }
}
