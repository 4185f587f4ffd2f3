//! Letters on the web: the server's page, one's own address, who gets checkpoints.

mod account;
mod letters;
mod server;
mod witnesses;

use crate::mail::outside::OutsideError;
use crate::mail::people::AddressError;
use crate::post::MailSetupError;
use crate::web::{Problem, Routes};

pub use account::OwnAddressPage;
pub use letters::LettersView;
pub use server::{MailHealthPage, MailPage};
pub use witnesses::WitnessesPage;

pub fn routes() -> Routes {
    Routes::new()
        .get("/messages/mail", server::show)
        .post("/messages/mail", server::save)
        .get("/messages/mail/health", server::health)
        .post("/messages/mail/trial", server::send_trial)
        .get("/messages/mail/letters", letters::list)
        .post("/messages/mail/letters/{letter_id}/again", letters::again)
        .get("/account/mail", account::show)
        .post("/account/mail", account::ask)
        .post("/account/mail/code", account::confirm)
        .post("/account/mail/forget", account::forget)
        .get("/audit/ledger/mail", witnesses::show)
        .post("/audit/ledger/mail", witnesses::add)
        .post("/audit/ledger/mail/{outside_id}/end", witnesses::end)
}

impl From<MailSetupError> for Problem {
    fn from(error: MailSetupError) -> Self {
        match error {
            MailSetupError::Fields(_) => Self::Invalid("mail-error-server"),
            MailSetupError::Vault(cause) => cause.into(),
        }
    }
}

impl From<AddressError> for Problem {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::TooSoon => Self::TooMany,
            AddressError::WrongCode | AddressError::NoCode => Self::Invalid("mail-error-code"),
            AddressError::NotStaff => Self::SignedOut,
            AddressError::Vault(cause) => cause.into(),
        }
    }
}

impl From<OutsideError> for Problem {
    fn from(error: OutsideError) -> Self {
        match error {
            OutsideError::Known => Self::Conflict("mail-error-known"),
            OutsideError::NoSuch => Self::NotFound,
            OutsideError::Vault(cause) => cause.into(),
        }
    }
}
