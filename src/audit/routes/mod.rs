//! The compliance desk on the web, a file for each noun.

mod accesses;
mod account;
mod csv;
mod entry;
mod findings;
mod limits;
mod log;
mod people;
mod reviews;
mod words;

use crate::audit::AuditError;
use crate::web::{Problem, Routes};

pub use accesses::{AccessesFragment, AccessesPage};
pub use account::AccountPage;
pub use findings::{FindingPage, FindingsPage};
pub use limits::LimitsPage;
pub use log::AuditPage;
pub use people::{PeoplePage, PersonPage};
pub use reviews::ReviewsPage;

pub fn routes() -> Routes {
    Routes::new()
        .get("/audit", log::log)
        .post("/audit/search", log::search)
        .post("/audit/verify", log::verify)
        .get("/audit/export.csv", log::export)
        .get("/audit/findings", findings::list)
        .post("/audit/findings/look", findings::look)
        .get("/audit/findings/{finding_id}", findings::one)
        .post("/audit/findings/{finding_id}/answer", findings::answer)
        .post("/audit/findings/{finding_id}/notes/{note_id}", findings::erase)
        .get("/audit/reviews", reviews::list)
        .post("/audit/reviews", reviews::sign)
        // Counts for what is typed so far; the note stays out of addresses.
        .post("/audit/reviews/count", reviews::list)
        .get("/audit/accounts/{staff_id}", account::account)
        .get("/audit/accounts/{staff_id}/cards.csv", account::export)
        .get("/audit/cards/{number}", accesses::card)
        .get("/audit/cards/{number}/register.pdf", accesses::register)
        .get("/patients/{patient_id}/accesses", accesses::fragment)
        .get("/audit/people", people::list)
        .get("/audit/people/{staff_id}", people::one)
        .post("/audit/people/{staff_id}", people::set)
        .post("/audit/people/{staff_id}/cards", people::declare)
        .post("/audit/people/{staff_id}/cards/{number}", people::take_back)
        .post("/audit/watched", people::mark)
        .post("/audit/watched/{number}/remove", people::unmark)
        .get("/audit/limits", limits::list)
        .post("/audit/limits/{code}", limits::replace)
        .merge(crate::audit::checkpoints::routes())
}

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::NoSuch => Self::NotFound,
            AuditError::AboutYou => Self::Conflict("audit-about-you"),
            AuditError::Changed => Self::Conflict("audit-changed"),
            AuditError::BadLimit => Self::Invalid("audit-error-limit"),
            AuditError::BadPeriod => Self::Invalid("audit-error-period"),
            AuditError::Vault(error) => error.into(),
        }
    }
}
