//! What a waiting list asks of booking: slots in what was freed, and a booking
//! or a move that is kept together with what led to it.

use std::collections::HashSet;

use crate::booking::BookingError;
use crate::booking::making::{
    appointment, check_open, check_time, explained, fitted, prepared, put_in,
};
use crate::booking::model::{Act, Appointment, Moving, NewAppointment, Status};
use crate::booking::moving::{check_movable, present, put, wish};
use crate::booking::slots::{FreeSlot, Span};
use crate::booking::store::{self, Due, Terms, midnight};
use crate::booking::supply::{Fit, Wish, supply};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::ids::{AppointmentId, PatientId, ResourceId, ServiceId};
use crate::vault::permission::Permission;
use crate::vault::{Event, Events, Grant, Tx, VaultError};

/// Why an appointment was made or moved, in its history: by the waiting list.
pub const WAITLIST: &str = "waitlist";

/// The most slots that are looked at in one stretch of time.
const MOST: usize = 4_000;

/// A wish for which everything was found, to be kept inside the caller's
/// transaction together with the caller's own rows.
pub struct Ready {
    terms: Terms,
    wish: Wish,
    fit: Fit,
    what: What,
}

enum What {
    Book(Box<NewAppointment>),
    Move(AppointmentId),
}

/// Finds everything for an appointment to be made.
///
/// # Errors
/// As [`book`](crate::booking::book), with what is free instead.
pub async fn ready<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    new: &NewAppointment,
) -> Result<Ready, BookingError> {
    let (terms, wish) = prepared(clinic, grant, new).await?;
    let fit = fitted(clinic, grant, &terms, &wish, None).await?;
    Ok(Ready { terms, wish, fit, what: What::Book(Box::new(new.clone())) })
}

/// Finds everything for an appointment to be put elsewhere.
///
/// # Errors
/// As [`move_to`](crate::booking::move_to), with what is free instead.
pub async fn ready_to_move<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: AppointmentId,
    to: &Moving,
) -> Result<Ready, BookingError> {
    let mut reader = clinic.vault.read(grant).await?;
    let before = store::by_id(reader.sql(), id).await?.ok_or(BookingError::NoSuch)?;
    check_movable(clinic, &before)?;
    let terms =
        store::kept_terms(&mut reader, before.service_id).await?.ok_or(BookingError::NoSuch)?;
    drop(reader);
    let wish = wish(&terms, &before, to)?;
    check_time(wish.starts, wish.minutes.unwrap_or(before.place.minutes))?;
    let fit = fitted(clinic, grant, &terms, &wish, Some(id)).await?;
    Ok(Ready { terms, wish, fit, what: What::Move(id) })
}

impl Ready {
    /// Keeps it, unless somebody was quicker. What is moved is confirmed by
    /// whoever chose the time.
    ///
    /// # Errors
    /// [`BookingError::Taken`] bare of alternatives: see [`Self::explained`];
    /// [`BookingError::Blocked`].
    pub async fn keep_in<P: Permission>(
        &self,
        clinic: &Clinic,
        tx: &mut Tx,
        grant: &Grant<P>,
        reason: &'static str,
    ) -> Result<(Appointment, Events), BookingError> {
        match &self.what {
            What::Book(new) => {
                check_open(tx, new.patient_id).await?;
                let made = appointment(tx, None, new, &self.fit);
                let event: Event = put_in(tx, grant, &made, &self.fit, Act::Booked, reason).await?;
                Ok((made, event.into()))
            }
            What::Move(id) => {
                let now = present(tx, *id, None).await?;
                check_open(tx, now.patient_id).await?;
                check_movable(clinic, &now)?;
                let becoming = Some(Status::Confirmed);
                let (moved, events) = put(tx, grant, now, &self.fit, becoming, reason).await?;
                Ok((moved.now, events))
            }
        }
    }

    /// Adds what is free to a refusal of the database.
    pub async fn explained<P: Permission, T>(
        &self,
        clinic: &Clinic,
        grant: &Grant<P>,
        outcome: Result<T, BookingError>,
    ) -> Result<T, BookingError> {
        let except = match &self.what {
            What::Book(_) => None,
            What::Move(id) => Some(*id),
        };
        explained(clinic, grant, &self.terms, &self.wish, outcome, except).await
    }
}

/// Every free slot for a service that has some of its time within a stretch of
/// time, earliest first. None for the doctor: any who does it. A service that is
/// no longer done has none.
pub async fn slots_in<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    service_id: ServiceId,
    doctor_id: Option<ResourceId>,
    within: Span,
) -> Result<Vec<FreeSlot>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    let terms = store::kept_terms(&mut reader, Some(service_id)).await?;
    let Some(terms) = terms.filter(|terms| !terms.ended) else { return Ok(Vec::new()) };
    let wish =
        Wish { starts: within.starts, minutes: None, doctor_id, place_id: None, rather: None };
    let days = (within.starts.day(), within.ends.day());
    let supply = supply(&mut reader, days, &terms, &wish, &[]).await?;
    let mut slots = supply.slots(&terms, &wish, midnight(days.0), MOST);
    slots.retain(|slot| {
        let ends = slot.starts.plus_minutes(slot.minutes);
        within.overlaps(Span { starts: slot.starts, ends })
    });
    Ok(slots)
}

/// The slots for a service that there are only because these things (a chair, a
/// room, a device) are free in a stretch of time: were they taken, there would be
/// none at that time with that doctor.
pub async fn slots_by_things<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    service_id: ServiceId,
    things: &[ResourceId],
    freed: Span,
) -> Result<Vec<FreeSlot>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    let terms = store::kept_terms(&mut reader, Some(service_id)).await?;
    let Some(terms) = terms.filter(|terms| !terms.ended) else { return Ok(Vec::new()) };
    let from = freed.starts;
    let wish = Wish { starts: from, minutes: None, doctor_id: None, place_id: None, rather: None };
    let days = (from.day(), freed.ends.day());
    let mut supply = supply(&mut reader, days, &terms, &wish, &[]).await?;
    let mut slots = supply.slots(&terms, &wish, midnight(days.0), MOST);
    for thing in things {
        supply.busy.add(*thing, freed);
    }
    supply.busy.settle();
    let without = supply.slots(&terms, &wish, midnight(days.0), MOST);
    let had: HashSet<_> = without.iter().map(|slot| (slot.starts, slot.doctor_id)).collect();
    slots.retain(|slot| !had.contains(&(slot.starts, slot.doctor_id)));
    Ok(slots)
}

/// Whether nobody else has taken that time of a doctor's.
pub async fn is_free_in(
    tx: &mut Tx,
    doctor_id: ResourceId,
    span: Span,
    except: Option<AppointmentId>,
) -> Result<bool, VaultError> {
    Ok(store::clashes(tx.sql(), &[doctor_id], span, except).await?.is_empty())
}

/// A patient's live appointments that start from a time on.
pub async fn ahead_in(
    tx: &mut Tx,
    patient_id: PatientId,
    from: Civil,
) -> Result<Vec<Due>, VaultError> {
    store::ahead(tx.sql(), patient_id, from).await
}
