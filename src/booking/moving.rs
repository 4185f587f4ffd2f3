//! Putting an appointment elsewhere, and making it longer or shorter.

use serde_json::json;

use crate::booking::making::{
    check_free, check_not_past, check_open, check_time, event_of, explained, fitted, freed,
    step_by, taken, touching,
};
use crate::booking::model::{Act, Appointment, Changed, Moving, Place, Status};
use crate::booking::slots::Span;
use crate::booking::store::{self, Terms};
use crate::booking::supply::{Fit, Wish};
use crate::booking::{BookingError, MOVED};
use crate::clinic::Clinic;
use crate::ids::{AppointmentId, ResourceId};
use crate::jobs;
use crate::vault::permission::{Book, Permission, ViewBlocked};
use crate::vault::{Event, Events, Grant, Tx};

/// What a move did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub now: Appointment,
    pub before: Place,
    /// The row that keeps the place that was left; None when time and doctor
    /// are the same.
    pub kept: Option<AppointmentId>,
}

/// Moves an appointment to another time, doctor or chair, or changes its
/// length. The place it leaves is kept as a row with the status `moved`.
///
/// # Errors
/// [`BookingError::Changed`] when `version` is not the present one;
/// [`BookingError::Settled`] when it is under way or over; those of
/// [`book`](crate::booking::book).
pub async fn move_to(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AppointmentId,
    version: i64,
    to: &Moving,
) -> Result<Moved, BookingError> {
    moved(clinic, grant, id, Some(version), to, None).await
}

/// Changes what is said to the doctor.
///
/// # Errors
/// [`BookingError::Changed`], [`BookingError::NoSuch`].
pub async fn edit_comment(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AppointmentId,
    version: i64,
    comment: &str,
) -> Result<Appointment, BookingError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let mut now = present(tx, id, Some(version)).await?;
            now.comment = comment.trim().to_owned();
            now.version += 1;
            store::update(tx, &now).await?;
            let step = step_by(grant, Act::Changed, Some(now.status), "comment");
            store::insert_step(tx, &now, &step).await?;
            let changed = event_of("appointment.changed", &now);
            Ok((now, changed))
        })
        .await
}

/// Takes the last move back: to where the appointment stood before it.
///
/// # Errors
/// [`BookingError::NothingToUndo`] unless a move was the last that happened to
/// it; those of [`move_to`].
pub async fn move_back(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AppointmentId,
) -> Result<Moved, BookingError> {
    let mut reader = clinic.vault.read(grant).await?;
    let history = store::history(reader.sql(), id).await?;
    drop(reader);
    let [.., before, last] = history.as_slice() else { return Err(BookingError::NothingToUndo) };
    if !matches!(last.act, Act::Moved | Act::Changed) || before.place == last.place {
        return Err(BookingError::NothingToUndo);
    }
    let to = Moving {
        starts: Some(before.place.starts),
        minutes: Some(before.place.minutes),
        resource_id: None,
        doctor_id: before.place.doctor_id,
        place_id: before.place.place_id,
    };
    moved(clinic, grant, id, Some(last.version), &to, None).await
}

/// The move itself; `becoming` is the status it has afterwards, None for the same.
pub(super) async fn moved<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: AppointmentId,
    version: Option<i64>,
    to: &Moving,
    becoming: Option<Status>,
) -> Result<Moved, BookingError> {
    let mut reader = clinic.vault.read(grant).await?;
    let before = store::by_id(reader.sql(), id).await?.ok_or(BookingError::NoSuch)?;
    if version.is_some_and(|version| version != before.version) {
        return Err(changed(reader.sql(), before, version).await?);
    }
    check_movable(clinic, &before)?;
    let terms =
        store::kept_terms(&mut reader, before.service_id).await?.ok_or(BookingError::NoSuch)?;
    drop(reader);
    let wish = wish(&terms, &before, to)?;
    check_time(wish.starts, wish.minutes.unwrap_or(before.place.minutes))?;
    check_not_past(clinic, wish.starts)?;
    let fit = fitted(clinic, grant, &terms, &wish, Some(id)).await?;
    if fit.place == before.place && becoming.is_none_or(|status| status == before.status) {
        return Ok(Moved { before: before.place, now: before, kept: None });
    }
    let outcome = clinic
        .vault
        .change(grant, async |tx| {
            let now = present(tx, id, version).await?;
            // A patient moves what is theirs; staff only what they may see.
            if grant.staff().is_some() && !grant.actor().may::<ViewBlocked>() {
                check_open(tx, now.patient_id).await?;
            }
            check_movable(clinic, &now)?;
            put(tx, grant, now, &fit, becoming, "").await
        })
        .await;
    explained(clinic, grant, &terms, &wish, outcome, Some(id)).await
}

pub(super) fn check_movable(
    clinic: &Clinic,
    appointment: &Appointment,
) -> Result<(), BookingError> {
    if !appointment.status.may_move() {
        return Err(BookingError::Settled(appointment.status));
    }
    check_not_past(clinic, appointment.place.starts)
}

pub(super) fn wish(terms: &Terms, before: &Appointment, to: &Moving) -> Result<Wish, BookingError> {
    let (mut doctor_id, mut place_id) = (to.doctor_id, to.place_id);
    if let Some(resource_id) = to.resource_id {
        let resource = terms.present(resource_id).ok_or(BookingError::Impossible)?;
        if resource.kind == "doctor" {
            doctor_id = Some(resource_id);
        } else {
            place_id = Some(resource_id);
        }
    }
    let same_doctor = doctor_id.is_none() || doctor_id == before.place.doctor_id;
    Ok(Wish {
        starts: to.starts.unwrap_or(before.place.starts),
        minutes: Some(to.minutes.unwrap_or(before.place.minutes)),
        doctor_id: doctor_id.or(before.place.doctor_id),
        place_id,
        rather: before.place.place_id.filter(|_| same_doctor),
    })
}

pub(super) async fn put<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    before: Appointment,
    fit: &Fit,
    becoming: Option<Status>,
    reason: &str,
) -> Result<(Moved, Events), BookingError> {
    // Before the place is offered to others: the patient hears of it first.
    if elsewhere(&before, fit) {
        let payload = json!({ "appointment": before.id });
        jobs::enqueue(tx, MOVED, &payload, tx.now()).await?;
    }
    put_quietly(tx, grant, before, fit, becoming, reason).await
}

/// Whether it leaves its place: another time, or another doctor.
fn elsewhere(before: &Appointment, fit: &Fit) -> bool {
    (fit.place.starts, fit.place.doctor_id) != (before.place.starts, before.place.doctor_id)
}

/// The same without a message to the patient.
pub(super) async fn put_quietly<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    before: Appointment,
    fit: &Fit,
    becoming: Option<Status>,
    reason: &str,
) -> Result<(Moved, Events), BookingError> {
    check_free(tx, fit, Some(before.id)).await?;
    let mut now = before.clone();
    now.place = fit.place;
    now.branch_id = fit.branch_id;
    now.status = becoming.unwrap_or(before.status);
    now.version += 1;
    let elsewhere = elsewhere(&before, fit);
    let kept = if elsewhere { Some(keep(tx, grant, &before).await?) } else { None };
    // Also when its place was given back before: a series frees all of them first.
    let had = store::held(tx.sql(), now.id).await?;
    store::release(tx, now.id).await?;
    store::update(tx, &now).await?;
    let act = if elsewhere { Act::Moved } else { Act::Changed };
    store::insert_step(tx, &now, &step_by(grant, act, Some(before.status), reason)).await?;
    let reserved = store::reserve(tx, &now, &fit.resources, fit.span, false).await;
    reserved.map_err(|error| taken(error, &now.place))?;
    if elsewhere {
        freed(tx, before.place.doctor_id, &had, before.place.span(), "moved").await?;
    } else {
        if now.place.ends() < before.place.ends() {
            let rest = Span { starts: now.place.ends(), ends: before.place.ends() };
            freed(tx, before.place.doctor_id, &had, rest, "moved").await?;
        }
        // At the same time in another chair: the one it leaves is free.
        let left: Vec<ResourceId> =
            had.into_iter().filter(|id| !fit.resources.contains(id)).collect();
        freed(tx, None, &left, before.place.span(), "moved").await?;
    }
    let action = if elsewhere { "appointment.moved" } else { "appointment.changed" };
    let event: Event = touching(event_of(action, &now), &before);
    Ok((Moved { before: before.place, now, kept }, event.into()))
}

/// Keeps the place that an appointment leaves.
async fn keep<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    before: &Appointment,
) -> Result<AppointmentId, BookingError> {
    let kept = Appointment {
        id: AppointmentId::new(tx.now()),
        status: Status::Moved,
        moved_to: Some(before.id),
        notify: false,
        version: 1,
        ..before.clone()
    };
    store::insert(tx, &kept).await?;
    store::insert_step(tx, &kept, &step_by(grant, Act::Moved, Some(before.status), "")).await?;
    Ok(kept.id)
}

/// The appointment as it stands in this transaction.
pub(super) async fn present(
    tx: &mut Tx,
    id: AppointmentId,
    version: Option<i64>,
) -> Result<Appointment, BookingError> {
    let now = store::by_id(tx.sql(), id).await?.ok_or(BookingError::NoSuch)?;
    if version.is_some_and(|version| version != now.version) {
        return Err(changed(tx.sql(), now, version).await?);
    }
    Ok(now)
}

async fn changed(
    connection: &mut sqlx::SqliteConnection,
    now: Appointment,
    seen: Option<i64>,
) -> Result<BookingError, BookingError> {
    let mut history = store::history(connection, now.id).await?;
    let seen = history.iter().find(|step| Some(step.version) == seen).cloned();
    let last = history.pop().ok_or(BookingError::NoSuch)?;
    Ok(BookingError::Changed(Box::new(Changed { now, seen, last })))
}
