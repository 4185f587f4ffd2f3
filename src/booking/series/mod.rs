//! Series: one patient, one service, every so many weeks. All visits are
//! planned on one screen and booked in one change, all or none.

mod model;
mod near;
mod plan;
mod rest;
mod store;
pub mod together;

pub use model::{COUNTS, Choice, Pick, Rhythm, Unit, Wrong};
pub use plan::{Course, Planned, Repeated, Trouble, picked, plan, refuse};
pub use rest::{Rest, cancel_from, move_rest, rest};
pub use store::{Mark, Visit};

use serde_json::json;

use crate::booking::making::{appointment, check_open, check_time, now, put_quietly};
use crate::booking::moving::present;
use crate::booking::series::model::crowded;
use crate::booking::store as appointments;
use crate::booking::supply::{Wish, fit_in};
use crate::booking::{Act, Appointment, BookingError, NewAppointment, SERIES_MADE};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::ids::{AppointmentId, SeriesId, ServiceId};
use crate::jobs;
use crate::vault::permission::{Book, Permission};
use crate::vault::{Event, Events, Grant, Subject, Tx, VaultError};

/// What a message about a whole series is about.
pub const WHOLE: &str = "series";

/// Why an appointment was made, in its history.
pub const SERIES: &str = "series";

/// Why a series was not booked. Nothing of it was, then.
#[derive(Debug, thiserror::Error)]
pub enum SeriesError {
    /// Somebody was quicker, for the date with this number.
    #[error("the time for visit {0} is taken")]
    Lost(i64),
    /// The date with this number is on the day of another one.
    #[error("visit {0} is on the day of another one")]
    SameDay(i64),
    /// The first visit is in a series.
    #[error("it is in a series already")]
    Already(SeriesId),
    #[error(transparent)]
    Booking(#[from] BookingError),
}

impl From<VaultError> for SeriesError {
    fn from(cause: VaultError) -> Self {
        Self::Booking(cause.into())
    }
}

/// Where an appointment stands in its series; None when it is in none.
///
/// # Errors
/// Those of the database.
pub async fn mark<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: AppointmentId,
) -> Result<Option<Mark>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::mark(reader.sql(), id).await
}

/// The visits of a series in their order, without whose they are.
///
/// # Errors
/// [`BookingError::NoSuch`].
pub async fn visits<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: SeriesId,
) -> Result<Vec<Visit>, BookingError> {
    let mut reader = clinic.vault.read(grant).await?;
    let visits = store::visits(reader.sql(), id).await?;
    if visits.is_empty() { Err(BookingError::NoSuch) } else { Ok(visits) }
}

/// The same within a change; empty when there is no such series.
pub async fn visits_in(tx: &mut Tx, id: SeriesId) -> Result<Vec<Visit>, VaultError> {
    store::visits(tx.sql(), id).await
}

/// Books what was picked after `first`, all or nothing, once for each id: sent
/// again, it gives the same series. The picks are numbered by their dates.
///
/// Each visit lasts as long as the first one. The patient is written to once,
/// about all of them: what reminds of a visit comes in its time.
///
/// # Errors
/// [`SeriesError::Lost`], [`SeriesError::SameDay`], [`SeriesError::Already`];
/// [`BookingError::NoSuch`], [`BookingError::Impossible`] when
/// nothing is picked, or the first one is over or has no service or doctor.
pub async fn book_series(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: SeriesId,
    first: AppointmentId,
    rhythm: Rhythm,
    picks: &[(i64, Pick)],
) -> Result<(), SeriesError> {
    let now = now(clinic);
    let made = clinic
        .vault
        .change(grant, async |tx| {
            let begun = begun(tx, first).await?;
            let day = begun.appointment.place.day();
            if picks.is_empty() {
                return Err(BookingError::Impossible.into());
            }
            if let Some(number) = crowded(&[day], picks) {
                return Err(SeriesError::SameDay(number));
            }
            store::insert(tx, id, Some(rhythm), grant.staff()).await?;
            store::add(tx, id, 1, first).await?;
            let visits = picks.len();
            let patient = Subject::Patient(begun.appointment.patient_id);
            let whole = Event::new("appointment.series_booked", patient).on("series", id);
            let mut events = Events::from(whole.with_detail(json!({ "visits": visits + 1 })));
            let mut in_order = picks.to_vec();
            in_order.sort_by_key(|(_, pick)| pick.starts);
            for (position, (number, pick)) in (2..).zip(in_order) {
                let (made, event) = next(tx, grant, &begun, number, pick, now).await?;
                store::add(tx, id, position, made.id).await?;
                events = events.and(event);
            }
            if begun.appointment.notify {
                let now = tx.now();
                jobs::enqueue(tx, SERIES_MADE, &json!({ "series": id }), now).await?;
            }
            Ok::<_, SeriesError>(((), events))
        })
        .await;
    match made {
        Err(SeriesError::Already(known)) if known == id => {
            // The first of two equal forms may not be committed yet.
            Ok(clinic.vault.settled().await?)
        }
        other => other,
    }
}

/// What a series begins with.
struct Begun {
    appointment: Appointment,
    service_id: ServiceId,
    terms: appointments::Terms,
}

async fn begun(tx: &mut Tx, first: AppointmentId) -> Result<Begun, SeriesError> {
    if let Some(mark) = store::mark(tx.sql(), first).await? {
        return Err(SeriesError::Already(mark.series_id));
    }
    let appointment = present(tx, first, None).await?;
    let service_id = appointment.service_id.ok_or(BookingError::Impossible)?;
    if !appointment.status.holds() || appointment.place.doctor_id.is_none() {
        return Err(BookingError::Impossible.into());
    }
    check_open(tx, appointment.patient_id).await?;
    let terms = appointments::terms(tx.sql(), Some(service_id)).await?;
    let terms = terms.filter(|terms| !terms.ended).ok_or(BookingError::NoSuch)?;
    Ok(Begun { appointment, service_id, terms })
}

/// One more visit, where everything for it is free in this very change.
async fn next(
    tx: &mut Tx,
    grant: &Grant<Book>,
    begun: &Begun,
    number: i64,
    pick: Pick,
    now: Civil,
) -> Result<(Appointment, Event), SeriesError> {
    let first = &begun.appointment;
    let minutes = first.place.minutes;
    check_time(pick.starts, minutes)?;
    let doctor_id = Some(pick.doctor_id);
    let rather = first.place.place_id.filter(|_| doctor_id == first.place.doctor_id);
    let wish =
        Wish { starts: pick.starts, minutes: Some(minutes), doctor_id, place_id: None, rather };
    if pick.starts < now {
        return Err(SeriesError::Lost(number));
    }
    let fit = fit_in(tx, &begun.terms, &wish).await?.map_err(|_| SeriesError::Lost(number))?;
    let new = NewAppointment {
        patient_id: first.patient_id,
        service_id: begun.service_id,
        starts: pick.starts,
        minutes: Some(minutes),
        doctor_id,
        place_id: fit.place.place_id,
        source: first.source,
        comment: String::new(),
        notify: first.notify,
    };
    let made = appointment(tx, None, &new, &fit);
    match put_quietly(tx, grant, &made, &fit, Act::Booked, SERIES).await {
        Ok(event) => Ok((made, event)),
        Err(BookingError::Taken(_)) => Err(SeriesError::Lost(number)),
        Err(other) => Err(other.into()),
    }
}
