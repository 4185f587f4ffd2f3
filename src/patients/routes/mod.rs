//! Patients on the web: search, list, card, form.

mod card;
mod edit;
mod finding;
mod samples;

pub use card::PatientCard;
pub use edit::PatientEdit;
pub use finding::{FoundList, PatientsPage};

use crate::patients::PatientError;
use crate::vault::permission::Right;
use crate::web::{Problem, Routes};

pub fn routes() -> Routes {
    Routes::new()
        .get("/search", finding::search)
        .post("/search", finding::search)
        .get("/patients", finding::list)
        .get("/patients/new", edit::blank)
        .post("/patients", edit::register)
        .get("/patients/{patient_id}", card::card)
        .get("/patients/{patient_id}/edit", edit::form)
        .post("/patients/{patient_id}", edit::save)
        .get("/patients/{patient_id}/iin", card::show_iin)
}

/// A part of the card that another capability fills: its fragment is at
/// `/patients/{id}/{path}` and is asked for when the card is open.
#[derive(Clone, Copy, Debug)]
pub struct CardSection {
    pub path: &'static str,
    /// Fluent key of its heading, shown while it loads.
    pub label: &'static str,
    pub place: Place,
    /// Who has it sees the section.
    pub right: Right,
}

/// Where a section stands on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The counters under the name.
    Facts,
    Main,
    Side,
}

/// Every section, put together in `app` and added to each request.
#[derive(Clone, Copy, Debug)]
pub struct CardSections(pub &'static [CardSection]);

impl From<PatientError> for Problem {
    fn from(error: PatientError) -> Self {
        match error {
            PatientError::NoSuchPatient => Self::NotFound,
            PatientError::NoName => Self::Invalid("patients-error-name"),
            PatientError::IinTaken(_) => Self::Conflict("patients-error-iin-taken"),
            PatientError::Changed(_) => Self::Conflict("web-conflict"),
            PatientError::TwoPeople => Self::Conflict("duplicates-two-people"),
            PatientError::Vault(error) => error.into(),
        }
    }
}
