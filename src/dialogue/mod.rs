//! Booking by dialogue: service, doctor or any, day, time, who comes, done, in
//! the chat of a messenger; a person can be asked for at every step. There, too, a
//! visit moves to another time that a button asks for.
//!
//! The rules are [`model`]'s, the times and the guarantees those of online
//! booking ([`online::book_known`]): the phone is proven by the chat, so there is
//! no code. A button names a turn of one conversation and a place in its list:
//! one from before is friendly told so. What is typed is forgotten after a day; what
//! the bot said stands in the conversation, for as long as what people write there.

mod asking;
mod hearing;
mod keeping;
mod model;
mod moving;
mod store;
mod turning;
mod words;

use crate::clinic::Clinic;
use crate::inbox;
use crate::jobs::{JobFailure, Jobs};
use crate::messaging::whatsapp;
use crate::vault::permission::BookOnline;
use crate::vault::{Actor, Event, Grant, Subject, VaultError};

pub use model::{Facts, Input, Look, Pick, Step, Talk, Turn};
pub use turning::spoken;

/// Queued with each conversation, for a day later.
const FORGET: &str = "dialogue.forget";

/// A conversation that rested for so long begins anew, in milliseconds.
const RESTS_MS: i64 = 60 * 60 * 1000;

/// What was typed is kept for so long, in milliseconds.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// The work of this capability.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new().on(FORGET, |clinic, _| forget(clinic))
}

async fn forget(clinic: Clinic) -> Result<(), JobFailure> {
    let grant: Grant<BookOnline> =
        Actor::job("dialogue").grant().map_err(|denied| JobFailure(denied.to_string()))?;
    clinic
        .vault
        .change(&grant, async |tx| {
            let before = tx.now().plus_ms(-KEPT_MS);
            if 0 < store::forget(tx, before).await? {
                inbox::forget_later(tx).await?;
            }
            whatsapp::forget_said_in(tx, before).await?;
            Ok::<_, VaultError>(((), Event::new("dialogue.forgotten", Subject::Clinic)))
        })
        .await?;
    Ok(())
}
