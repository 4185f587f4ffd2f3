//! Visits together: several services one after another, as a route through
//! rooms and doctors, or a family side by side or in turn. They are a series
//! without a rhythm, on one day: planned on one screen, booked all or none.

mod model;
mod plan;
mod store;

pub use model::{MOST, Part, Placing};
pub use plan::{Opening, Placed, picked, plan};

use serde_json::json;

use crate::booking::making::{appointment, check_open, check_time, now, put_in, put_quietly};
use crate::booking::moving::present;
use crate::booking::series::model::Pick;
use crate::booking::series::together::model::Whereabouts;
use crate::booking::series::{SERIES, SeriesError, store as kept};
use crate::booking::store as appointments;
use crate::booking::supply::{Fit, Wish, fit_in};
use crate::booking::{Act, Appointment, BookingError, NewAppointment};
use crate::clinic::Clinic;
use crate::ids::{AppointmentId, PatientId, SeriesId};
use crate::vault::permission::Book;
use crate::vault::{Event, Events, Grant, Subject, Tx};

/// Books parts beside an open appointment, all or nothing, once for each id:
/// sent again, it gives the same visits. Each person but the one of the open
/// appointment is written to about the first of their own.
///
/// # Errors
/// [`SeriesError::Lost`] with the number of the part whose time is taken or whose
/// patient is elsewhere then; [`SeriesError::Already`]; [`BookingError::NoSuch`],
/// [`BookingError::Impossible`] when nothing is picked or the open one is over.
pub async fn book_together(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: SeriesId,
    first: AppointmentId,
    picks: &[(Part, Pick)],
) -> Result<(), SeriesError> {
    let now = now(clinic);
    let made = clinic
        .vault
        .change(grant, async |tx| {
            let open = open(tx, first, picks).await?;
            kept::insert(tx, id, None, grant.staff()).await?;
            kept::add(tx, id, 1, first).await?;
            let patient = Subject::Patient(open.patient_id);
            let whole = Event::new("appointment.together_booked", patient).on("series", id);
            let mut events = Events::from(whole.with_detail(json!({ "visits": picks.len() + 1 })));
            let mut told: Vec<PatientId> = vec![open.patient_id];
            let mut in_order = picks.to_vec();
            in_order.sort_by_key(|(part, pick)| (pick.starts, part.number));
            for (position, (part, pick)) in (2..).zip(in_order) {
                if pick.starts < now {
                    return Err(SeriesError::Lost(part.number));
                }
                let quiet = told.contains(&part.patient_id);
                told.push(part.patient_id);
                let (made, event) = one(tx, grant, &open, (part, pick), quiet).await?;
                kept::add(tx, id, position, made.id).await?;
                events = events.and(event);
            }
            Ok::<_, SeriesError>(((), events))
        })
        .await;
    match made {
        // The first of two equal forms may not be committed yet.
        Err(SeriesError::Already(known)) if known == id => Ok(clinic.vault.settled().await?),
        other => other,
    }
}

async fn open(
    tx: &mut Tx,
    first: AppointmentId,
    picks: &[(Part, Pick)],
) -> Result<Appointment, SeriesError> {
    if let Some(mark) = kept::mark(tx.sql(), first).await? {
        return Err(SeriesError::Already(mark.series_id));
    }
    let open = present(tx, first, None).await?;
    let elsewhere = |(_, pick): &(Part, Pick)| pick.starts.day() != open.place.day();
    if picks.is_empty() || picks.iter().any(elsewhere) || !open.status.holds() {
        return Err(BookingError::Impossible.into());
    }
    Ok(open)
}

/// One visit more, where everything for it and its patient is free in this very change.
async fn one(
    tx: &mut Tx,
    grant: &Grant<Book>,
    open: &Appointment,
    (part, pick): (Part, Pick),
    quiet: bool,
) -> Result<(Appointment, Event), SeriesError> {
    check_open(tx, part.patient_id).await?;
    let lost = SeriesError::Lost(part.number);
    let Some((fit, minutes)) = found(tx, part, pick).await? else { return Err(lost) };
    let new = NewAppointment {
        patient_id: part.patient_id,
        service_id: part.service_id,
        starts: pick.starts,
        minutes: Some(minutes),
        doctor_id: Some(pick.doctor_id),
        place_id: fit.place.place_id,
        source: open.source,
        comment: String::new(),
        notify: open.notify,
    };
    let made = appointment(tx, None, &new, &fit);
    let put = if quiet {
        put_quietly(tx, grant, &made, &fit, Act::Booked, SERIES).await
    } else {
        put_in(tx, grant, &made, &fit, Act::Booked, SERIES).await
    };
    match put {
        Ok(event) => Ok((made, event)),
        Err(BookingError::Taken(_)) => Err(lost),
        Err(other) => Err(other.into()),
    }
}

/// Everything for a part as things stand inside this change; None when
/// something of it, or its patient, is not free.
async fn found(tx: &mut Tx, part: Part, pick: Pick) -> Result<Option<(Fit, i64)>, BookingError> {
    let terms = appointments::terms(tx.sql(), Some(part.service_id)).await?;
    let terms = terms.filter(|terms| !terms.ended).ok_or(BookingError::NoSuch)?;
    let Some(minutes) = terms.minutes_with(pick.doctor_id) else { return Ok(None) };
    check_time(pick.starts, minutes)?;
    let wish = Wish {
        starts: pick.starts,
        minutes: Some(minutes),
        doctor_id: Some(pick.doctor_id),
        place_id: None,
        rather: None,
    };
    let Ok(fit) = fit_in(tx, &terms, &wish).await? else { return Ok(None) };
    let mut people = Whereabouts::default();
    for span in store::spans(tx.sql(), part.patient_id, pick.starts.day()).await? {
        people.add(part.patient_id, span);
    }
    let free = people.free(part.patient_id, fit.place.span());
    Ok(free.then_some((fit, minutes)))
}
