//! Absences on the web.

mod list;
mod one;
mod samples;

use serde::Serialize;

use crate::absences::AbsenceError;
use crate::web::{Problem, Routes};

pub use list::{AbsencesPage, NewAbsencePage};
pub use one::AbsencePage;

pub fn routes() -> Routes {
    Routes::new()
        .get("/absences", list::list)
        .get("/absences/new", list::blank)
        .post("/absences", list::open)
        .get("/absences/{absence_id}", one::show)
        .post("/absences/{absence_id}/tell", one::tell)
        .post("/absences/{absence_id}/close", one::close)
        .post("/absences/{absence_id}/called/{appointment_id}", one::called)
        .post("/absences/{absence_id}/move/{appointment_id}", one::move_to)
}

/// One of several to choose from.
#[derive(Clone, Debug, Serialize)]
struct Choice {
    value: String,
    label: String,
}

impl From<AbsenceError> for Problem {
    fn from(error: AbsenceError) -> Self {
        match error {
            AbsenceError::NoSuch => Self::NotFound,
            AbsenceError::Closed | AbsenceError::Nothing => {
                Self::Conflict("absences-already-closed")
            }
            AbsenceError::Denied(denied) => denied.into(),
            AbsenceError::Schedule(cause) => cause.into(),
            AbsenceError::Booking(cause) => cause.into(),
            AbsenceError::Tell(cause) => cause.0.into(),
            AbsenceError::Vault(cause) => cause.into(),
        }
    }
}
