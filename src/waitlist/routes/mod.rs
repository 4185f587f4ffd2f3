//! The list on the web, and the page behind an offer's link.

mod card;
mod form;
mod list;
mod one;
mod public;
mod rule;
mod samples;
mod shown;

use serde::Serialize;

use crate::waitlist::WaitlistError;
use crate::web::{Problem, Routes};

pub use card::CardWishesView;
pub use form::NewWishPage;
pub use list::ListPage;
pub use one::WishPage;
pub use public::{OfferPage, public_routes};
pub use rule::RulePage;

pub fn routes() -> Routes {
    Routes::new()
        .get("/waitlist", list::list)
        .get("/waitlist/new", form::blank)
        .post("/waitlist/find", form::find)
        .post("/waitlist", form::add)
        .get("/waitlist/rule", rule::show)
        .post("/waitlist/rule", rule::set)
        .get("/waitlist/{wish_id}", one::show)
        .post("/waitlist/{wish_id}/offer", one::offer)
        .post("/waitlist/{wish_id}/book", one::book)
        .post("/waitlist/{wish_id}/service", one::change_service)
        .post("/waitlist/{wish_id}/withdraw", one::withdraw)
        .get("/patients/{patient_id}/waitlist", card::show)
}

/// One of several to choose from.
#[derive(Clone, Debug, Serialize)]
struct Choice {
    value: String,
    label: String,
}

impl From<WaitlistError> for Problem {
    fn from(error: WaitlistError) -> Self {
        match error {
            WaitlistError::NoSuch => Self::NotFound,
            WaitlistError::Waits => Self::Conflict("waitlist-waits"),
            WaitlistError::NotOffered(_) => Self::Conflict("waitlist-not-offered"),
            WaitlistError::Nothing => Self::Conflict("waitlist-nothing"),
            WaitlistError::Denied(denied) => denied.into(),
            WaitlistError::Booking(cause) => cause.into(),
            WaitlistError::Messaging(cause) => cause.into(),
            WaitlistError::Vault(cause) => cause.into(),
        }
    }
}
