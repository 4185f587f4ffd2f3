//! The inbox on the web.

mod act;
mod desk;
mod leads;
mod people;
mod quick;
mod samples;

use crate::inbox::InboxError;
use crate::web::{Problem, Routes};

pub use desk::{InboxPage, SegmentsView};
pub use leads::LeadsPage;
pub use people::PeoplePage;
pub use quick::QuickPage;

pub fn routes() -> Routes {
    Routes::new()
        .get("/inbox", desk::list)
        .post("/inbox/search", desk::search)
        .get("/inbox/leads", leads::list)
        .post("/inbox/leads/{lead_id}", leads::set)
        .get("/inbox/quick", quick::show)
        .post("/inbox/quick", quick::add)
        .post("/inbox/quick/{number}", quick::save)
        .post("/inbox/quick/{number}/remove", quick::remove)
        .get("/inbox/{conversation_id}", desk::talk)
        .post("/inbox/{conversation_id}/write", desk::write)
        .post("/inbox/{conversation_id}/count", desk::count)
        .post("/inbox/{conversation_id}/read", act::read)
        .post("/inbox/{conversation_id}/again", act::again)
        .post("/inbox/{conversation_id}/invite", act::invite)
        .post("/inbox/{conversation_id}/assign", act::assign)
        .post("/inbox/{conversation_id}/close", act::close)
        .post("/inbox/{conversation_id}/reopen", act::reopen)
        .post("/inbox/{conversation_id}/hand-back", act::hand_back)
        .post("/inbox/{conversation_id}/lead", act::lead)
        .get("/inbox/{conversation_id}/people", people::show)
        .post("/inbox/{conversation_id}/people", people::find)
        .post("/inbox/{conversation_id}/attach", people::attach)
        .post("/inbox/{conversation_id}/card", people::card)
}

impl From<InboxError> for Problem {
    fn from(error: InboxError) -> Self {
        match error {
            InboxError::NoSuch => Self::NotFound,
            InboxError::Meanwhile => Self::Conflict("inbox-meanwhile"),
            InboxError::Shut => Self::Conflict("inbox-shut"),
            InboxError::Text(key) | InboxError::Missing(key) => Self::Invalid(key),
            InboxError::Patient(cause) => cause.into(),
            InboxError::Messaging(cause) => cause.into(),
            InboxError::Denied(denied) => Self::Denied(denied),
            InboxError::Vault(cause) => cause.into(),
        }
    }
}
