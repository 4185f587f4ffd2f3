//! The waiting list: who would come if there were time, matched with what
//! becomes free, offered with a limit on the answer, and taken with one tap.
//!
//! A freed time is heard of through queued work (`booking.freed`,
//! `schedule.opened`), so that what frees it knows nothing of who waits. An
//! offer is a message with a link of its own, 128 random bits of which only the
//! hash is stored; taking it is one transaction with the booking, so that of
//! two who take one time exactly one has it. Neither message nor page says who
//! it is for or what is treated (KAZAKHSTAN.md 3.5; law 94-V art. 7: no more
//! than the purpose needs).

mod jobs;
mod model;
mod offers;
mod routes;
mod rules;
mod wishes;

use crate::booking::BookingError;
use crate::clinic::Clinic;
use crate::messaging::MessagingError;
use crate::vault::permission::RunWaitlist;
use crate::vault::{Actor, Denied, Grant, VaultError};

pub use jobs::jobs;
pub use model::{OfferId, OpeningId, Rule, Slot, When, WishId};
pub use offers::{Asked, OfferState, offer_by_hand, still_open, under_way};
pub use routes::{
    CardWishesView, ListPage, NewWishPage, OfferPage, RulePage, WishPage, public_routes, routes,
};
pub use rules::{rule, set_rule};
pub use wishes::{
    Channel, Filter, NewWish, Note, WishForm, WishLine, WishState, add, hand_over_in, list,
    withdraw,
};

/// The rail's entry, which counts those who have to be called.
pub const WAITING: &str = "waitlist";

/// What the list and its offers are watched by.
pub const TOPIC: &str = "waitlist";

/// Queued for the day after a wish's last: `{"wish": id}`.
const ENDED: &str = "waitlist.ended";

/// Queued whenever an opening is to be looked at: `{"opening": id}`.
const LOOK: &str = "waitlist.look";

/// Why something about the list was not done.
#[derive(Debug, thiserror::Error)]
pub enum WaitlistError {
    #[error("there is no such wish, patient, service or doctor")]
    NoSuch,
    /// The patient waits for the same already.
    #[error("the patient waits for it already")]
    Waits,
    /// Not offered, for the reason with this code.
    #[error("it is not offered: {0}")]
    NotOffered(&'static str),
    /// There is nothing to do: somebody was quicker.
    #[error("nothing to do")]
    Nothing,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Booking(#[from] BookingError),
    #[error(transparent)]
    Messaging(#[from] MessagingError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Counts those who were not written to and have to be called.
pub async fn count_waiting(clinic: &Clinic) -> Result<(), VaultError> {
    let grant: Grant<RunWaitlist> =
        Actor::job("waitlist").grant().map_err(|_| VaultError::NotStaff)?;
    let mut reader = clinic.vault.read(&grant).await?;
    let now = wishes::now(clinic);
    clinic.waiting.set(WAITING, offers::to_call(&mut reader, now).await?);
    Ok(())
}
