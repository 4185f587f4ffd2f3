//! Appointments on the web: the day, the board of today, the panel beside them.

mod advice;
mod appointment;
mod beside;
mod column;
mod conflict;
mod drawing;
mod late;
mod my_day;
mod panel;
mod repeat;
mod schedule;
mod series;
mod story;
mod today;
mod together;
mod verbs;
mod visits;
mod why;
mod words;

use serde::Serialize;

use crate::booking::BookingError;
use crate::web::{Problem, Routes};

pub use advice::{Advised, advised};
pub use appointment::AppointmentView;
pub use beside::BesideView;
pub use conflict::ConflictView;
pub use late::LateView;
pub use my_day::{MY_DAY, MyDayView};
pub use panel::{FoundView, PanelView};
pub use repeat::{RepeatView, RestView};
pub use schedule::{ColumnView, ScheduleView};
pub use series::SeriesView;
pub use story::StoryView;
pub use today::{BoardView, TodayView};
pub use together::TogetherView;
pub use visits::{VisitFactsView, VisitsView};
pub use why::WhyView;

pub fn routes() -> Routes {
    Routes::new()
        .get("/", today::today)
        .get("/today/board", today::board)
        .get("/my-day", my_day::show)
        .get("/late/{resource_id}", late::page)
        .post("/late/{resource_id}", late::set)
        .get("/schedule", schedule::day)
        .get("/schedule/column", schedule::column)
        .get("/schedule/why", why::page)
        .get("/appointments/new", panel::blank)
        .post("/appointments/new", panel::blank)
        .post("/appointments/patients", panel::found)
        .post("/appointments", panel::book)
        .get("/appointments/{appointment_id}", appointment::open)
        .get("/appointments/{appointment_id}/beside", beside::appointment)
        .get("/patients/{patient_id}/beside", beside::booking)
        .get("/appointments/{appointment_id}/story", story::page)
        .get("/appointments/{appointment_id}/repeat", repeat::blank)
        .post("/appointments/{appointment_id}/repeat", repeat::send)
        .get("/appointments/{appointment_id}/rest", repeat::rest_blank)
        .post("/appointments/{appointment_id}/rest", repeat::rest_send)
        .get("/appointments/{appointment_id}/together", together::blank)
        .post("/appointments/{appointment_id}/together", together::send)
        .get("/series/{series_id}", series::page)
        .post("/appointments/{appointment_id}/move", appointment::move_to)
        .post("/appointments/{appointment_id}/comment", verbs::comment)
        .post("/appointments/{appointment_id}/{verb}", verbs::go_on)
        .get("/patients/{patient_id}/appointments", visits::list)
        .get("/patients/{patient_id}/visit-facts", visits::facts)
}

/// One of several to choose from.
#[derive(Clone, Debug, Serialize)]
struct Choice {
    value: String,
    label: String,
}

impl From<BookingError> for Problem {
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::Taken(_) => Self::Conflict("booking-taken"),
            BookingError::OffShift(_) => Self::Conflict("booking-off-shift"),
            BookingError::Past => Self::Conflict("booking-past"),
            BookingError::OddTime => Self::Invalid("booking-odd-time"),
            BookingError::Impossible => Self::Invalid("booking-impossible"),
            BookingError::NoSuch => Self::NotFound,
            BookingError::Changed(_) => Self::Conflict("booking-changed"),
            BookingError::NotAllowed { .. } => Self::Conflict("booking-not-allowed"),
            BookingError::Settled(_) => Self::Conflict("booking-settled"),
            BookingError::TooEarly => Self::Conflict("booking-too-early"),
            BookingError::NothingToUndo => Self::Conflict("booking-nothing-to-undo"),
            BookingError::LateChanged => Self::Conflict("booking-late-changed"),
            BookingError::ReasonNeeded => Self::Invalid("booking-reason-needed"),
            BookingError::Blocked => Self::Conflict("requests-card-blocked"),
            BookingError::NoName => Self::Invalid("booking-error-name"),
            BookingError::Denied(denied) => denied.into(),
            BookingError::Vault(cause) => cause.into(),
        }
    }
}
