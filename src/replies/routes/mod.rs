//! Replies on the web: the desk's page, the settings, and the gateways' door.

mod desk;
mod door;
mod settings;

use crate::booking::BookingError;
use crate::replies::SettleError;
use crate::web::{Problem, Routes};

pub use desk::RepliesPage;
pub use settings::ReplySettingsPage;

pub fn routes() -> Routes {
    Routes::new()
        .get("/replies", desk::show)
        .post("/replies/{reply_id}/confirm", desk::confirm)
        .post("/replies/{reply_id}/cancel", desk::cancel)
        .post("/replies/{reply_id}/nothing", desk::nothing)
        .get("/messages/replies", settings::show)
        .post("/messages/replies", settings::save)
        .post("/messages/replies/door", settings::make_door)
        .post("/messages/replies/door/shut", settings::shut_door)
}

pub fn public_routes() -> Routes {
    Routes::new().post("/in/{token}/smsc", door::smsc).get("/in/{token}/kannel", door::kannel)
}

impl From<SettleError> for Problem {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::NoSuch => Self::Conflict("replies-settled-already"),
            SettleError::Booking(BookingError::Vault(cause)) | SettleError::Vault(cause) => {
                cause.into()
            }
            SettleError::Booking(_) => Self::Conflict("replies-visit-changed"),
            SettleError::Denied(denied) => Self::Denied(denied),
        }
    }
}
