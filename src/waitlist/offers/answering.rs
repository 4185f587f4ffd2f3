//! What patients do with an offer, through its link: take it, say no, take
//! another time, or leave the list.
//!
//! Taking is one transaction with the booking: the offer, the wish and the
//! reservation are one, or nothing is. Looking changes nothing.

use crate::booking::{self, BookingError, FreeSlot, Moving, NewAppointment, Source, Span};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::ids::{AppointmentId, PatientId, ResourceId};
use crate::patients::blocking;
use crate::reminders::Token;
use crate::vault::permission::{Permission, TakeOffer};
use crate::vault::{Events, Grant, Tx, VaultError};
use crate::waitlist::WaitlistError;
use crate::waitlist::model::Slot;
use crate::waitlist::offers::rounds::joined;
use crate::waitlist::offers::{self, Offer, OfferState, store};
use crate::waitlist::wishes::{self, Wish, WishState};

/// A link still opens its page so long after the time it offered.
const OUTLIVES_MINUTES: i64 = 24 * 60;

/// Patients choose from times that begin no sooner than so many minutes from now.
const NOTICE: i64 = 60;

/// How far ahead other times are looked for, in days, and how many are shown.
const AHEAD: i64 = 21;
const SHOWN: usize = 16;
const MOST_A_DAY: usize = 4;

/// Other times, and whether they are at hours that the patient asked for.
pub struct Alternatives {
    pub slots: Vec<FreeSlot>,
    pub suit: bool,
}

/// Why a link does nothing.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Never made, mistyped or cut off.
    #[error("there is no such link")]
    Unknown,
    /// A day after the time that it offered it opens nothing.
    #[error("the link has expired")]
    Expired,
    /// It was answered, is over, or somebody else was quicker.
    #[error("the offer no longer stands")]
    Gone,
    #[error(transparent)]
    Waitlist(#[from] WaitlistError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<BookingError> for LinkError {
    fn from(error: BookingError) -> Self {
        Self::Waitlist(error.into())
    }
}

/// How an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may be taken.
    Open,
    Accepted,
    Taken,
    Expired,
    Declined,
    /// The patient no longer waits.
    Settled,
}

/// A followed link.
pub struct Followed {
    pub offer: Offer,
    pub wish: Wish,
    pub standing: Standing,
    /// When they come, if something came of it.
    pub booked: Option<Slot>,
}

/// What a link is about.
///
/// # Errors
/// [`LinkError::Unknown`], [`LinkError::Expired`].
pub async fn follow(
    clinic: &Clinic,
    grant: &Grant<TakeOffer>,
    token: &Token,
) -> Result<Followed, LinkError> {
    let offer = {
        let mut reader = clinic.vault.read(grant).await?;
        store::by_token(&mut reader, &token.hash()).await?.ok_or(LinkError::Unknown)?
    };
    let now = wishes::now(clinic);
    if offer.slot.starts.plus_minutes(OUTLIVES_MINUTES) < now {
        return Err(LinkError::Expired);
    }
    let found = clinic.vault.list(grant, "waitlist.followed", async |listing| {
        let found = wishes::followed(listing, offer.wish_id).await?;
        let whose: Vec<PatientId> = found.iter().map(|(wish, _)| wish.patient_id).collect();
        let hidden = blocking::hidden_from(listing, grant).await?;
        let blocked = whose.iter().any(|patient| hidden.contains(patient));
        Ok::<_, VaultError>(((found, blocked), whose))
    });
    let (found, blocked) = found.await?;
    let (wish, booked) = found.ok_or(LinkError::Unknown)?;
    let slot = Slot::from(offer.slot);
    let standing = match offer.state {
        OfferState::Accepted => Standing::Accepted,
        // Blocked data is not used, and the page does not say that it is blocked.
        _ if blocked || wish.state != WishState::Waiting => Standing::Settled,
        OfferState::Declined => Standing::Declined,
        OfferState::Offered if offer.expires_at <= clinic.clock().now() => Standing::Expired,
        OfferState::Offered if is_free(clinic, grant, &wish, slot).await? => Standing::Open,
        OfferState::Expired => Standing::Expired,
        _ => Standing::Taken,
    };
    Ok(Followed { offer, wish, standing, booked })
}

/// Whether the offered time can be had as things stand.
async fn is_free(
    clinic: &Clinic,
    grant: &Grant<TakeOffer>,
    wish: &Wish,
    slot: Slot,
) -> Result<bool, VaultError> {
    match ready(clinic, grant, wish, slot, Source::Online).await {
        Ok(_) => Ok(true),
        Err(BookingError::Vault(error)) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Finds everything for the time: to move the appointment they have, or to make
/// one.
pub(super) async fn ready<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    wish: &Wish,
    slot: Slot,
    source: Source,
) -> Result<booking::Ready, BookingError> {
    if let Some(id) = wish.appointment_id {
        let to = Moving {
            starts: Some(slot.starts),
            doctor_id: Some(slot.doctor_id),
            ..Moving::default()
        };
        match booking::ready_to_move(clinic, grant, id, &to).await {
            // It is over or cancelled: then it is one to make.
            Err(BookingError::Settled(_) | BookingError::Past) => {}
            other => return other,
        }
    }
    let new = NewAppointment {
        patient_id: wish.patient_id,
        service_id: wish.service_id,
        starts: slot.starts,
        minutes: None,
        doctor_id: Some(slot.doctor_id),
        place_id: None,
        source,
        comment: String::new(),
        notify: true,
    };
    booking::ready(clinic, grant, &new).await
}

/// Takes the offered time. Taking it twice is once.
///
/// # Errors
/// [`LinkError::Gone`] when it no longer stands: [`follow`] says why.
pub async fn accept(
    clinic: &Clinic,
    grant: &Grant<TakeOffer>,
    token: &Token,
) -> Result<(), LinkError> {
    let Followed { offer, wish, standing, .. } = follow(clinic, grant, token).await?;
    match standing {
        Standing::Open => {}
        Standing::Accepted => return Ok(()),
        Standing::Taken => {
            lose(clinic, grant, &offer, wish.patient_id).await?;
            return Err(LinkError::Gone);
        }
        _ => return Err(LinkError::Gone),
    }
    let slot = Slot::from(offer.slot);
    let kept = keep(clinic, grant, &offer, &wish, slot, true).await;
    if let Err(LinkError::Waitlist(WaitlistError::Booking(cause))) = kept {
        if let BookingError::Vault(cause) = cause {
            return Err(cause.into());
        }
        lose(clinic, grant, &offer, wish.patient_id).await?;
        return Err(LinkError::Gone);
    }
    kept
}

/// Takes another time than the one that was offered.
///
/// # Errors
/// [`LinkError::Gone`] when that is not free, or nobody waits any more.
pub async fn choose(
    clinic: &Clinic,
    grant: &Grant<TakeOffer>,
    token: &Token,
    starts: Civil,
    doctor_id: ResourceId,
) -> Result<(), LinkError> {
    let Followed { offer, wish, standing, .. } = follow(clinic, grant, token).await?;
    if matches!(standing, Standing::Accepted | Standing::Settled) || starts <= wishes::now(clinic) {
        return Err(LinkError::Gone);
    }
    let slot = Slot { starts, minutes: offer.slot.minutes, doctor_id };
    match keep(clinic, grant, &offer, &wish, slot, false).await {
        Err(LinkError::Waitlist(WaitlistError::Booking(BookingError::Vault(cause)))) => {
            Err(cause.into())
        }
        Err(LinkError::Waitlist(WaitlistError::Booking(_))) => Err(LinkError::Gone),
        other => other,
    }
}

/// The booking, the offer and the wish in one transaction.
async fn keep(
    clinic: &Clinic,
    grant: &Grant<TakeOffer>,
    offer: &Offer,
    wish: &Wish,
    slot: Slot,
    offered: bool,
) -> Result<(), LinkError> {
    let ready = ready(clinic, grant, wish, slot, Source::Online).await?;
    clinic
        .vault
        .change(grant, async |tx| {
            let (made, events) = ready.keep_in(clinic, tx, grant, booking::WAITLIST).await?;
            if offered {
                if !store::accept(tx, offer.id, made.id).await? {
                    return Err(LinkError::Gone);
                }
            } else {
                store::answer(tx, offer.id, OfferState::Declined).await?;
                store::came_of(tx, offer.id, made.id).await?;
            }
            let rest = fulfilled_in(tx, grant, wish, offer, made.id, made.place.span()).await?;
            Ok(((), events.and(rest)))
        })
        .await?;
    super::super::count_waiting(clinic).await?;
    Ok(())
}

/// What follows from a booking that came of a wish: it ends, those who were
/// asked for the same time have lost it, and what is left is offered on.
async fn fulfilled_in(
    tx: &mut Tx,
    grant: &Grant<TakeOffer>,
    wish: &Wish,
    offer: &Offer,
    made: AppointmentId,
    span: Span,
) -> Result<Events, LinkError> {
    let ended = wishes::fulfil_in(tx, grant, wish.id, made).await;
    let ended = ended.map_err(|error| match error {
        WaitlistError::NoSuch => LinkError::Gone,
        other => other.into(),
    })?;
    let mut events =
        offers::event("waitlist.offer_accepted", wish.patient_id, wish.id, offer.id).and(ended);
    if let Some(lost) = lost_in(tx, offer.slot.doctor_id, span, offer).await? {
        events = events.and(lost);
    }
    offers::look_later(tx, offer.opening_id, tx.now()).await?;
    Ok(events)
}

/// Those who were asked for some of a time that is taken now.
async fn lost_in(
    tx: &mut Tx,
    doctor: ResourceId,
    span: Span,
    won: &Offer,
) -> Result<Option<Events>, VaultError> {
    let mut events = None;
    for (id, opening, wish, patient) in store::lose(tx, doctor, span, Some(won.id)).await? {
        let lost = offers::event("waitlist.offer_taken", patient, wish, id);
        events = Some(joined(events, lost.into()));
        offers::look_later(tx, opening, tx.now()).await?;
    }
    Ok(events)
}

/// Somebody else has the time: the offer says so, and what is left is offered on.
async fn lose(
    clinic: &Clinic,
    grant: &Grant<TakeOffer>,
    offer: &Offer,
    patient: PatientId,
) -> Result<(), LinkError> {
    answered(clinic, grant, offer, patient, OfferState::Taken).await
}

/// The patient does not want that time, and goes on waiting.
///
/// # Errors
/// Those of [`follow`]. Saying no twice is once.
pub async fn decline(
    clinic: &Clinic,
    grant: &Grant<TakeOffer>,
    token: &Token,
) -> Result<(), LinkError> {
    let Followed { offer, wish, .. } = follow(clinic, grant, token).await?;
    answered(clinic, grant, &offer, wish.patient_id, OfferState::Declined).await
}

async fn answered(
    clinic: &Clinic,
    grant: &Grant<TakeOffer>,
    offer: &Offer,
    patient: PatientId,
    state: OfferState,
) -> Result<(), LinkError> {
    let action = match state {
        OfferState::Taken => "waitlist.offer_taken",
        _ => "waitlist.offer_declined",
    };
    let done = clinic
        .vault
        .change(grant, async |tx| {
            if !store::answer(tx, offer.id, state).await? {
                return Err(WaitlistError::Nothing);
            }
            offers::look_later(tx, offer.opening_id, tx.now()).await?;
            Ok(((), offers::event(action, patient, offer.wish_id, offer.id)))
        })
        .await;
    match done {
        Ok(()) | Err(WaitlistError::Nothing) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The patient no longer waits, and is not written to about it again.
///
/// # Errors
/// Those of [`follow`]. Leaving twice is once.
pub async fn stop(
    clinic: &Clinic,
    grant: &Grant<TakeOffer>,
    token: &Token,
) -> Result<(), LinkError> {
    let Followed { wish, .. } = follow(clinic, grant, token).await?;
    let done = clinic
        .vault
        .change(grant, async |tx| {
            let (_, event) =
                wishes::end_in(tx, grant, wish.id, WishState::Withdrawn, "patient").await?;
            Ok::<_, WaitlistError>(((), event))
        })
        .await;
    match done {
        Ok(()) | Err(WaitlistError::NoSuch) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Other times: those that suit, or, when there are none, the nearest of all;
/// of each day those that are closest to the hour that was offered.
///
/// # Errors
/// Those of the database.
pub async fn alternatives(
    clinic: &Clinic,
    grant: &Grant<TakeOffer>,
    wish: &Wish,
    offered: Civil,
) -> Result<Alternatives, VaultError> {
    let from = wishes::now(clinic).plus_minutes(NOTICE);
    let within = Span { starts: from, ends: from.plus_minutes(AHEAD * 24 * 60) };
    let (service, doctor) = (wish.service_id, wish.doctor_id);
    let mut slots = booking::slots_in(clinic, grant, service, doctor, within).await?;
    slots.retain(|slot| from <= slot.starts);
    let suits = |slot: &FreeSlot| {
        let FreeSlot { starts, minutes, doctor_id, .. } = *slot;
        wish.when.suits(&Slot { starts, minutes, doctor_id })
    };
    let suiting: Vec<FreeSlot> = slots.iter().filter(|slot| suits(slot)).cloned().collect();
    let suit = !suiting.is_empty();
    Ok(Alternatives { slots: spread(if suit { suiting } else { slots }, offered), suit })
}

/// A few of each day, none that begins while another would still go on.
fn spread(mut slots: Vec<FreeSlot>, offered: Civil) -> Vec<FreeSlot> {
    let far = |at: Civil| at.minute_of_day().abs_diff(offered.minute_of_day());
    slots.sort_by_key(|slot| (slot.starts.day(), far(slot.starts)));
    let mut kept: Vec<FreeSlot> = Vec::new();
    for slot in slots {
        let day = slot.starts.day();
        let of_day = kept.iter().filter(|other| other.starts.day() == day);
        let (count, apart) = of_day.fold((0, true), |(count, apart), other| {
            let far = other.doctor_id != slot.doctor_id
                || other.minutes <= slot.starts.minutes_since(other.starts).abs();
            (count + 1, apart && far)
        });
        if kept.len() < SHOWN && count < MOST_A_DAY && apart {
            kept.push(slot);
        }
    }
    kept.sort_by_key(|slot| slot.starts);
    kept
}
