//! Offers: rounds over what became free, by hand, and what became of them.

mod answering;
mod by_hand;
mod rounds;
mod sending;
mod store;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::booking::{self, Span};
use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::i18n::Language;
use crate::ids::{PatientId, ResourceId};
use crate::messaging::{About, Answer, Verdict};
use crate::patients::blocking;
use crate::vault::permission::ViewWaitlist;
use crate::vault::{Event, Grant, Reader, Subject, Tx, VaultError};
use crate::waitlist::model::{OfferId, OpeningId, Slot, WishId};
use crate::waitlist::wishes;

pub use answering::{
    Alternatives, Followed, LinkError, Standing, accept, alternatives, choose, decline, follow,
    stop,
};
pub use by_hand::{Proposal, book_now, offer_by_hand, proposals};
pub(super) use rounds::{look, open};

/// The newest offers that a wish's page shows.
const SHOWN: i64 = 60;

/// What an offer is about, in messages.
pub(super) const OFFER: &str = "offer";

/// Why time became free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub(super) enum Cause {
    Cancelled,
    Moved,
    NoShow,
    Shift,
    /// Somebody at the desk offers it.
    Desk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub(super) enum OpeningState {
    Open,
    /// Quiet hours.
    Held,
    Closed,
}

/// Time of a doctor's that became free.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Opening {
    pub id: OpeningId,
    pub doctor_id: ResourceId,
    pub starts: Civil,
    pub ends: Civil,
    pub cause: Cause,
    pub state: OpeningState,
}

impl Opening {
    fn span(&self) -> Span {
        Span { starts: self.starts, ends: self.ends }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum OfferState {
    Offered,
    Accepted,
    Declined,
    Expired,
    /// Somebody else was quicker.
    Taken,
    /// The wish ended first.
    Withdrawn,
    /// The reason says why.
    NotSent,
}

/// An offer as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Offer {
    pub id: OfferId,
    pub opening_id: OpeningId,
    pub wish_id: WishId,
    #[sqlx(flatten)]
    pub slot: SlotRow,
    pub state: OfferState,
    pub language: Language,
    pub expires_at: Timestamp,
}

/// A time as stored.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct SlotRow {
    pub starts: Civil,
    pub minutes: i64,
    pub doctor_id: ResourceId,
}

impl From<SlotRow> for Slot {
    fn from(row: SlotRow) -> Self {
        let SlotRow { starts, minutes, doctor_id } = row;
        Self { starts, minutes, doctor_id }
    }
}

/// An offer, or why there was none, as staff see it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Asked {
    pub id: OfferId,
    pub wish_id: WishId,
    pub patient_id: PatientId,
    pub patient: String,
    /// E.164.
    pub phone: Option<String>,
    pub service: String,
    pub doctor: String,
    pub doctor_id: ResourceId,
    pub starts: Civil,
    pub minutes: i64,
    pub cause: String,
    pub state: OfferState,
    pub reason: String,
    pub offered_at: Timestamp,
    pub expires_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    /// Who offered it; empty: by itself.
    pub by_name: String,
    /// State of the message; None without one.
    pub delivery: Option<crate::messaging::State>,
}

/// Offers that wait for an answer, and those who have to be called for a time
/// that is still ahead.
pub async fn under_way(
    clinic: &Clinic,
    grant: &Grant<ViewWaitlist>,
    language: Language,
) -> Result<Vec<Asked>, VaultError> {
    let now = wishes::now(clinic);
    let found = clinic.vault.list(grant, "waitlist.listed", async |listing| {
        let mut rows = store::under_way(listing, language, now).await?;
        let hidden = blocking::hidden_from(listing, grant).await?;
        rows.retain(|row| !hidden.contains(&row.patient_id));
        let whose = rows.iter().map(|row| row.patient_id).collect();
        Ok::<_, VaultError>((rows, whose))
    });
    found.await
}

/// Everything that was offered for a wish, or not, newest first.
pub async fn of_wish(
    clinic: &Clinic,
    grant: &Grant<ViewWaitlist>,
    id: WishId,
    language: Language,
) -> Result<Vec<Asked>, VaultError> {
    let found = clinic.vault.list(grant, "waitlist.listed", async |listing| {
        let mut rows = store::of_wish(listing, id, language, SHOWN).await?;
        let hidden = blocking::hidden_from(listing, grant).await?;
        rows.retain(|row| !hidden.contains(&row.patient_id));
        let whose = rows.iter().map(|row| row.patient_id).collect();
        Ok::<_, VaultError>((rows, whose))
    });
    found.await
}

/// Those of all of a patient's wishes, newest first.
pub async fn of_patient(
    clinic: &Clinic,
    grant: &Grant<ViewWaitlist>,
    patient: PatientId,
    language: Language,
) -> Result<Vec<Asked>, VaultError> {
    let mut disclosure = clinic.vault.disclose(grant, patient).await?;
    store::of_patient(&mut disclosure, language, SHOWN).await
}

/// How many have to be called for a time that is still ahead.
pub(super) async fn to_call(reader: &mut Reader, now: Civil) -> Result<u32, VaultError> {
    store::to_call(reader, now).await
}

/// Asked just before an offer leaves: whether it waits for an answer and its
/// time is free.
pub fn still_open<'t>(tx: &'t mut Tx, about: &'t About) -> Answer<'t> {
    Box::pin(async move {
        let Ok(id) = about.id.parse::<OfferId>() else { return Ok(Verdict::Withhold("cancelled")) };
        let Some(offer) = store::by_id(tx, id).await? else {
            return Ok(Verdict::Withhold("cancelled"));
        };
        if offer.state != OfferState::Offered || offer.expires_at <= tx.now() {
            return Ok(Verdict::Withhold("answered"));
        }
        let Some(wish) = wishes::by_id_in(tx, offer.wish_id).await? else {
            return Ok(Verdict::Withhold("cancelled"));
        };
        let slot = Slot::from(offer.slot);
        let own = wish.appointment_id;
        let free = booking::is_free_in(tx, slot.doctor_id, slot.span(), own).await?;
        Ok(if free { Verdict::Send } else { Verdict::Withhold("taken") })
    })
}

/// Open offers of a wish that has ended, end with it.
pub(super) async fn is_out_in(tx: &mut Tx, wish: WishId) -> Result<bool, VaultError> {
    store::has_open(tx, wish).await
}

pub(super) async fn withdraw_of_in(tx: &mut Tx, wish: WishId) -> Result<(), VaultError> {
    for opening in store::withdraw_of(tx, wish).await? {
        look_later(tx, opening, tx.now()).await?;
    }
    Ok(())
}

/// Queues another look at an opening.
pub(super) async fn look_later(
    tx: &mut Tx,
    opening: OpeningId,
    at: Timestamp,
) -> Result<(), VaultError> {
    crate::jobs::enqueue(tx, super::LOOK, &json!({ "opening": opening }), at).await.map(drop)
}

/// An event about an offer.
fn event(action: &'static str, patient: PatientId, wish: WishId, offer: OfferId) -> Event {
    wishes::event(action, patient, wish).with_detail(json!({ "offer": offer }))
}

/// An event about an opening, which is nobody's.
fn opening_event(action: &'static str, id: OpeningId) -> Event {
    Event::new(action, Subject::Clinic).on("opening", id).touching(super::TOPIC)
}
