//! How an appointment goes on: confirmed, arrived, in treatment, completed;
//! or missed, or cancelled; and taking the last of these back.

use serde_json::json;

use crate::booking::holds;
use crate::booking::making::{
    check_free, event_of, follow_up_of, freed, now, refused, step_by, taken, with_follow_up,
};
use crate::booking::model::{Act, Appointment, CancelReason, Status, status_before};
use crate::booking::moving::present;
use crate::booking::store;
use crate::booking::supply::Fit;
use crate::booking::{BookingError, CANCELLED, MADE};
use crate::clinic::Clinic;
use crate::followups::{self, FollowUpId, Lapse};
use crate::ids::AppointmentId;
use crate::jobs;
use crate::vault::permission::{AnswerAppointment, Attend, Book, Permission};
use crate::vault::{Event, Grant, Tx};

/// The patient says that they will come.
///
/// # Errors
/// [`BookingError::NotAllowed`] unless it is booked; [`BookingError::NoSuch`].
pub async fn confirm(
    clinic: &Clinic,
    grant: &Grant<Attend>,
    id: AppointmentId,
) -> Result<Appointment, BookingError> {
    go(clinic, grant, id, None, Status::Confirmed, "").await
}

/// The patient is in the clinic.
///
/// # Errors
/// As [`confirm`]; [`BookingError::TooEarly`] before its day.
pub async fn arrive(
    clinic: &Clinic,
    grant: &Grant<Attend>,
    id: AppointmentId,
) -> Result<Appointment, BookingError> {
    go(clinic, grant, id, None, Status::Arrived, "").await
}

/// The treatment begins.
///
/// # Errors
/// As [`arrive`].
pub async fn start(
    clinic: &Clinic,
    grant: &Grant<Attend>,
    id: AppointmentId,
) -> Result<Appointment, BookingError> {
    go(clinic, grant, id, None, Status::InTreatment, "").await
}

/// The treatment is over.
///
/// # Errors
/// As [`arrive`].
pub async fn complete(
    clinic: &Clinic,
    grant: &Grant<Attend>,
    id: AppointmentId,
) -> Result<Appointment, BookingError> {
    go(clinic, grant, id, None, Status::Completed, "").await
}

/// The patient did not come. Time and place are free again.
///
/// # Errors
/// As [`confirm`]; [`BookingError::TooEarly`] before its time.
pub async fn no_show(
    clinic: &Clinic,
    grant: &Grant<Attend>,
    id: AppointmentId,
) -> Result<Appointment, BookingError> {
    go(clinic, grant, id, None, Status::NoShow, "").await
}

/// It will not take place. Time and place are free again, and the patient is
/// written to.
///
/// # Errors
/// [`BookingError::NotAllowed`] once it is under way; [`BookingError::NoSuch`].
pub async fn cancel(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AppointmentId,
    reason: CancelReason,
) -> Result<Appointment, BookingError> {
    go(clinic, grant, id, None, Status::Cancelled, reason.code()).await
}

/// Takes the last status back. What is taken back from a visit that had begun
/// needs a reason, because bills follow it.
///
/// # Errors
/// [`BookingError::NothingToUndo`], [`BookingError::ReasonNeeded`];
/// [`BookingError::Taken`] when its time was given to somebody else meanwhile.
pub async fn undo(
    clinic: &Clinic,
    grant: &Grant<Attend>,
    id: AppointmentId,
    reason: &str,
) -> Result<Appointment, BookingError> {
    take_back(clinic, grant, id, None, reason).await
}

/// The same for the version that was seen.
pub(super) async fn take_back(
    clinic: &Clinic,
    grant: &Grant<Attend>,
    id: AppointmentId,
    seen: Option<i64>,
    reason: &str,
) -> Result<Appointment, BookingError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let before = present(tx, id, seen).await?;
            let history = store::history(tx.sql(), id).await?;
            let back = status_before(&history).ok_or(BookingError::NothingToUndo)?;
            if before.status.undo_needs_reason() && reason.trim().is_empty() {
                return Err(BookingError::ReasonNeeded);
            }
            let stands_again = !before.status.holds();
            if stands_again {
                take_up_again(tx, &before).await?;
            }
            if before.status == Status::Cancelled {
                enqueue(tx, MADE, id).await?;
            }
            let now = stored(tx, grant, before, back, Act::Undone, reason.trim()).await?;
            let answered = if stands_again { follow_up_of(tx, &now).await? } else { None };
            let undone = with_follow_up(event_of("appointment.undone", &now), &now, answered);
            Ok((now, undone))
        })
        .await
}

/// One step on, from the version that was seen; None: from whichever.
///
/// # Errors
/// [`BookingError::Changed`] when it is another one now.
pub(super) async fn go<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: AppointmentId,
    seen: Option<i64>,
    to: Status,
    reason: &'static str,
) -> Result<Appointment, BookingError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let gone = go_in(clinic, tx, grant, (id, seen), to, reason).await?;
            // Whoever cancels themselves has it from the page, or is answered.
            if to == Status::Cancelled && P::RIGHT != AnswerAppointment::RIGHT {
                enqueue(tx, CANCELLED, id).await?;
            }
            Ok(gone)
        })
        .await
}

/// The follow-up that is to be booked anew, because this visit will not be.
pub(super) async fn follow_up_again(
    tx: &mut Tx,
    id: AppointmentId,
    to: Status,
) -> Result<Option<FollowUpId>, BookingError> {
    let lapse = match to {
        Status::NoShow => Lapse::NoShow,
        Status::Cancelled => Lapse::Cancelled,
        _ => return Ok(None),
    };
    Ok(followups::fell_through_in(tx, id, lapse).await?)
}

/// The same inside a change, without a message to the patient.
pub(super) async fn go_in<P: Permission>(
    clinic: &Clinic,
    tx: &mut Tx,
    grant: &Grant<P>,
    (id, seen): (AppointmentId, Option<i64>),
    to: Status,
    reason: &'static str,
) -> Result<(Appointment, Event), BookingError> {
    let before = present(tx, id, seen).await?;
    if !before.status.may_become(to) {
        return Err(BookingError::NotAllowed { from: before.status, to });
    }
    check_time_has_come(clinic, &before, to)?;
    if !to.holds() {
        let had = store::held(tx.sql(), id).await?;
        store::release(tx, id).await?;
        let cause = if to == Status::NoShow { "no_show" } else { "cancelled" };
        freed(tx, before.place.doctor_id, &had, before.place.span(), cause).await?;
    }
    holds::settle_in(tx, grant, id, to).await?;
    let now = stored(tx, grant, before, to, Act::Status, reason).await?;
    let open_again = follow_up_again(tx, id, to).await?;
    let event = with_follow_up(event_of(action(to), &now), &now, open_again);
    Ok((now, because(event, reason)))
}

/// Nobody arrives on another day, or is late before their time.
fn check_time_has_come(
    clinic: &Clinic,
    appointment: &Appointment,
    to: Status,
) -> Result<(), BookingError> {
    let now = now(clinic);
    let starts = appointment.place.starts;
    let come = match to {
        Status::Arrived | Status::InTreatment | Status::Completed => starts.day() <= now.day(),
        Status::NoShow => starts <= now,
        _ => true,
    };
    if come { Ok(()) } else { Err(BookingError::TooEarly) }
}

pub(super) async fn stored<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    before: Appointment,
    to: Status,
    act: Act,
    reason: &str,
) -> Result<Appointment, BookingError> {
    let from = before.status;
    let now = Appointment { status: to, version: before.version + 1, ..before };
    store::update(tx, &now).await?;
    store::insert_step(tx, &now, &step_by(grant, act, Some(from), reason)).await?;
    Ok(now)
}

/// Reserves again what was given up.
async fn take_up_again(tx: &mut Tx, before: &Appointment) -> Result<(), BookingError> {
    let Some(span) = store::held_span(tx.sql(), before.id).await? else { return Ok(()) };
    let resources = store::held(tx.sql(), before.id).await?;
    if store::is_overbooked(tx.sql(), before.id).await? {
        return Ok(store::revive(tx, before.id).await?);
    }
    let fit = Fit { place: before.place, branch_id: before.branch_id, resources, span };
    match check_free(tx, &fit, Some(before.id)).await {
        Ok(()) => {
            let revived = store::revive(tx, before.id).await;
            revived.map_err(|error| taken(error, &before.place))
        }
        Err(BookingError::Taken(refusal)) => Err(refused(&before.place, refusal.clashes)),
        Err(other) => Err(other),
    }
}

pub(super) async fn enqueue(
    tx: &mut Tx,
    kind: &'static str,
    id: AppointmentId,
) -> Result<(), BookingError> {
    let due = tx.now();
    jobs::enqueue(tx, kind, &json!({ "appointment": id }), due).await?;
    Ok(())
}

fn because(event: Event, reason: &'static str) -> Event {
    if reason.is_empty() { event } else { event.because(reason) }
}

fn action(to: Status) -> &'static str {
    match to {
        Status::Booked => "appointment.booked",
        Status::Confirmed => "appointment.confirmed",
        Status::Arrived => "appointment.arrived",
        Status::InTreatment => "appointment.started",
        Status::Completed => "appointment.completed",
        Status::NoShow => "appointment.missed",
        Status::Cancelled => "appointment.cancelled",
        Status::Moved => "appointment.moved",
    }
}
