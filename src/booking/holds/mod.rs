//! Appointments that wait for the desk's word. They take up their doctor and
//! place like any other (the same `reservation` rows, the same trigger), tell
//! the patient nothing yet, and end by the clock when nobody answers.

mod store;

use serde_json::json;

use crate::booking::course::{enqueue, follow_up_again, stored};
use crate::booking::making::{check_open, event_of, freed, with_follow_up};
use crate::booking::model::{Act, Appointment, CancelReason, NewAppointment, Status};
use crate::booking::moving::present;
use crate::booking::visitors::book_fitting_in;
use crate::booking::{BookingError, CANCELLED, MADE};
use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::followups::FollowUpId;
use crate::ids::AppointmentId;
use crate::jobs;
use crate::vault::permission::{Book, Permission};
use crate::vault::{Event, Grant, Listing, Reader, Tx, VaultError};

pub use store::Held;

/// The job queued for the end of a hold, with `{"appointment": id}`.
pub const ENDS: &str = "booking.hold_ends";

/// Holds a place until a moment: as [`book_fitting_in`].
///
/// # Errors
/// Those of [`book_fitting_in`].
pub async fn hold_in<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    new: &NewAppointment,
    now: Civil,
    until: Timestamp,
) -> Result<(Appointment, Event), BookingError> {
    let quiet = NewAppointment { notify: false, ..new.clone() };
    let (made, event) = book_fitting_in(tx, grant, &quiet, now).await?;
    store::insert(tx, made.id, until).await?;
    jobs::enqueue(tx, ENDS, &json!({ "appointment": made.id }), until).await?;
    Ok((made, event))
}

/// What waits, what ends soonest first.
pub async fn waiting(listing: &mut Listing) -> Result<Vec<Held>, VaultError> {
    store::waiting(listing).await
}

/// Whether it still waits for the desk.
pub async fn waits(reader: &mut Reader, id: AppointmentId) -> Result<bool, VaultError> {
    store::waits(reader, id).await
}

/// The desk agrees: the patient is told, as of any booking.
///
/// # Errors
/// [`BookingError::NoSuch`] when it does not wait any more;
/// [`BookingError::Blocked`].
pub async fn approve(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AppointmentId,
) -> Result<Appointment, BookingError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let before = ended(tx, grant, id, "approved").await?;
            if before.status != Status::Booked {
                return Err(BookingError::NoSuch);
            }
            check_open(tx, before.patient_id).await?;
            let now = stored(tx, grant, before, Status::Booked, Act::Changed, "approved").await?;
            enqueue(tx, MADE, id).await?;
            let event = event_of("appointment.approved", &now).touching(TOPIC);
            Ok((now, event))
        })
        .await
}

/// The desk cannot: the time is free again and the patient is told.
///
/// # Errors
/// As [`approve`].
pub async fn decline(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AppointmentId,
) -> Result<Appointment, BookingError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let before = ended(tx, grant, id, "declined").await?;
            let (now, again) = given_up(tx, grant, before, CancelReason::Clinic.code()).await?;
            let event = with_follow_up(event_of("appointment.declined", &now), &now, again);
            let event = event.touching(TOPIC);
            Ok((now, event))
        })
        .await
}

/// Nobody answered in time. Does nothing when somebody did.
///
/// # Errors
/// [`BookingError::NoSuch`] when there is nothing to end.
pub async fn expire<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: AppointmentId,
) -> Result<Appointment, BookingError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let before = ended(tx, grant, id, "expired").await?;
            let (now, again) = given_up(tx, grant, before, CancelReason::NoAnswer.code()).await?;
            let event = with_follow_up(event_of("appointment.hold_expired", &now), &now, again);
            let event = event.touching(TOPIC);
            Ok((now, event))
        })
        .await
}

/// Somebody decided by the way, in the schedule: a hold that waited is over.
pub(super) async fn settle_in<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    id: AppointmentId,
    to: Status,
) -> Result<(), BookingError> {
    let outcome = if to.holds() { "approved" } else { "declined" };
    if store::end(tx, id, outcome, grant.staff()).await? {
        store::notify(tx, id).await?;
        if to == Status::Confirmed {
            enqueue(tx, MADE, id).await?;
        }
    }
    Ok(())
}

/// What the desk's list of held appointments watches.
pub const TOPIC: &str = "holds";

/// Ends a hold that waits; from now on the patient is written to.
async fn ended<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    id: AppointmentId,
    outcome: &'static str,
) -> Result<Appointment, BookingError> {
    if !store::end(tx, id, outcome, grant.staff()).await? {
        return Err(BookingError::NoSuch);
    }
    store::notify(tx, id).await?;
    present(tx, id, None).await
}

async fn given_up<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    before: Appointment,
    reason: &'static str,
) -> Result<(Appointment, Option<FollowUpId>), BookingError> {
    if !before.status.may_become(Status::Cancelled) {
        return Err(BookingError::NoSuch);
    }
    let had = crate::booking::store::held(tx.sql(), before.id).await?;
    crate::booking::store::release(tx, before.id).await?;
    freed(tx, before.place.doctor_id, &had, before.place.span(), "cancelled").await?;
    enqueue(tx, CANCELLED, before.id).await?;
    let again = follow_up_again(tx, before.id, Status::Cancelled).await?;
    Ok((stored(tx, grant, before, Status::Cancelled, Act::Status, reason).await?, again))
}
