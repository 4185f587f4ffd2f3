//! Feeds on the web: a doctor's own, everybody's, and the calendar itself.

mod all;
mod file;
mod own;

use crate::feeds::FeedError;
use crate::web::{Problem, Routes};

pub use all::FeedsPage;
pub use own::OwnFeedPage;

pub fn routes() -> Routes {
    Routes::new()
        .get("/my-day/calendar", own::show)
        .post("/my-day/calendar", own::make)
        .post("/my-day/calendar/end", own::end)
        .get("/settings/calendars", all::show)
        .post("/settings/calendars", all::set_names)
        .post("/settings/calendars/{feed_id}/end", all::end)
}

pub fn public_routes() -> Routes {
    Routes::new().get("/c/{file}", file::show)
}

impl From<FeedError> for Problem {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::NoDoctor | FeedError::Unknown => Self::NotFound,
            FeedError::Vault(error) => error.into(),
        }
    }
}
