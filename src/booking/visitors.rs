//! What patients book by themselves: all free times at once, and a place that
//! is found and taken in one change, so that "any doctor" cannot be given twice.

use crate::booking::making::{appointment, check_open, check_time, put_in, refused};
use crate::booking::model::{Act, Appointment, NewAppointment, Place};
use crate::booking::slots::FreeSlot;
use crate::booking::store;
use crate::booking::supply::{Misfit, Wish, fit_in, supply};
use crate::booking::{BookingError, Refusal, Wanting};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::ids::PatientId;
use crate::vault::permission::Permission;
use crate::vault::{Event, Grant, Tx, VaultError};

/// The most free times that are looked through at once.
const MOST: usize = 20_000;

/// Every free time from a moment until the end of a day, earliest first; at one
/// time, one for each doctor who is free.
///
/// # Errors
/// [`BookingError::NoSuch`] when there is no such service, or no longer.
pub async fn free_between<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    wanted: &Wanting,
    last: Day,
) -> Result<Vec<FreeSlot>, BookingError> {
    let mut reader = clinic.vault.read(grant).await?;
    let terms = store::kept_terms(&mut reader, wanted.service_id).await?;
    let terms = terms.filter(|terms| !terms.ended).ok_or(BookingError::NoSuch)?;
    let wish = Wish {
        starts: wanted.from,
        minutes: wanted.minutes,
        doctor_id: wanted.doctor_id,
        place_id: wanted.place_id,
        rather: None,
    };
    let supply = supply(&mut reader, (wanted.from.day(), last), &terms, &wish, &[]).await?;
    Ok(supply.slots(&terms, &wish, wanted.from, MOST))
}

/// Makes an appointment inside another capability's change where everything it
/// needs is free in that very change: doctor, place, devices, within a shift.
///
/// # Errors
/// [`BookingError::Taken`] and [`BookingError::OffShift`] without alternatives,
/// nothing written; [`BookingError::Past`], [`BookingError::NoSuch`],
/// [`BookingError::Impossible`], [`BookingError::OddTime`], [`BookingError::Blocked`].
pub async fn book_fitting_in<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    new: &NewAppointment,
    now: Civil,
) -> Result<(Appointment, Event), BookingError> {
    let terms = store::terms(tx.sql(), Some(new.service_id)).await?;
    let terms = terms.filter(|terms| !terms.ended).ok_or(BookingError::NoSuch)?;
    check_time(new.starts, new.minutes.unwrap_or(terms.minutes))?;
    if new.starts <= now {
        return Err(BookingError::Past);
    }
    let wish = Wish {
        starts: new.starts,
        minutes: new.minutes,
        doctor_id: new.doctor_id,
        place_id: new.place_id,
        rather: None,
    };
    let fit = match fit_in(tx, &terms, &wish).await? {
        Ok(fit) => fit,
        Err(misfit) => return Err(unfit(misfit, &wish, terms.minutes)),
    };
    check_open(tx, new.patient_id).await?;
    let made = appointment(tx, None, new, &fit);
    let event = put_in(tx, grant, &made, &fit, Act::Booked, "").await?;
    Ok((made, event))
}

/// Whether everything for it is free, as things stand in this change.
pub async fn fits_in(tx: &mut Tx, new: &NewAppointment, now: Civil) -> Result<bool, VaultError> {
    let terms = store::terms(tx.sql(), Some(new.service_id)).await?;
    let Some(terms) = terms.filter(|terms| !terms.ended) else { return Ok(false) };
    let wish = Wish {
        starts: new.starts,
        minutes: new.minutes,
        doctor_id: new.doctor_id,
        place_id: new.place_id,
        rather: None,
    };
    Ok(now < new.starts && fit_in(tx, &terms, &wish).await?.is_ok())
}

fn unfit(misfit: Misfit, wish: &Wish, minutes: i64) -> BookingError {
    let asked = Place {
        starts: wish.starts,
        minutes: wish.minutes.unwrap_or(minutes),
        doctor_id: wish.doctor_id,
        place_id: wish.place_id,
    };
    match misfit {
        Misfit::Impossible => BookingError::Impossible,
        Misfit::Taken => refused(&asked, Vec::new()),
        Misfit::OffShift => BookingError::OffShift(Box::new(Refusal {
            starts: asked.starts,
            doctor_id: asked.doctor_id,
            place_id: asked.place_id,
            clashes: Vec::new(),
            alternatives: Vec::new(),
        })),
    }
}

/// How many visits these people have missed from a day on.
pub async fn no_shows_in(
    tx: &mut Tx,
    patients: &[PatientId],
    from: Civil,
) -> Result<i64, VaultError> {
    store::no_shows(tx, patients, from).await
}

/// How many appointments of these people, made online, are still ahead.
pub async fn open_online_in(
    tx: &mut Tx,
    patients: &[PatientId],
    from: Civil,
) -> Result<i64, VaultError> {
    store::open_online(tx, patients, from).await
}
