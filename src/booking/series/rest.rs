//! What is left of a series: from one visit on it goes to another day of the
//! week or another hour, or is called off. All or none.

use crate::booking::course::{enqueue, go_in};
use crate::booking::making::{check_open, check_time, now};
use crate::booking::moving::{check_movable, present, put_quietly};
use crate::booking::series::model::{Pick, crowded};
use crate::booking::series::plan::{Course, Repeated};
use crate::booking::series::store::{self, Visit};
use crate::booking::series::{SERIES, SeriesError};
use crate::booking::store as appointments;
use crate::booking::supply::{Wish, fit_in};
use crate::booking::{Appointment, BookingError, CANCELLED, CancelReason, MOVED, Status};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::ids::AppointmentId;
use crate::vault::permission::{Book, Permission, ViewBlocked};
use crate::vault::{Events, Grant, Tx, VaultError};

/// All visits of an appointment's series; empty when it is in none.
///
/// # Errors
/// Those of the database.
pub async fn rest<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: AppointmentId,
) -> Result<Rest, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    Ok(Rest::of(store::beside(reader.sql(), id).await?, id))
}

/// A series as one of its visits sees it.
#[derive(Clone, Debug)]
pub struct Rest {
    /// That visit and those after it that may move, by their time.
    pub going: Vec<Visit>,
    /// The others that take place or took place.
    pub staying: Vec<Visit>,
}

impl Rest {
    fn of(visits: Vec<Visit>, id: AppointmentId) -> Self {
        let from = visits.iter().find(|visit| visit.id == id).map(|visit| visit.starts);
        let goes = |visit: &Visit| {
            visit.status.may_move() && from.is_some_and(|from| from <= visit.starts)
        };
        let (mut going, staying): (Vec<Visit>, Vec<Visit>) =
            visits.into_iter().filter(|visit| visit.status.holds()).partition(goes);
        going.sort_by_key(|visit| visit.starts);
        Self { going, staying }
    }

    /// What is asked for when the first of them goes to a time and the others
    /// as many days further, all at its hour. `stays` tells by its number which
    /// one is left where it is.
    pub fn course(&self, to: Civil, what: Repeated, stays: impl Fn(i64) -> bool) -> Course {
        let days = self.going.first().map_or(0, |first| to.day().days_since(first.starts.day()));
        let moved = |visit: &Visit| {
            let day = visit.starts.day().plus_days(days);
            Some((visit.position, Civil::new(day, to.minute_of_day())?))
        };
        let left = self.going.iter().filter(|visit| stays(visit.position));
        Course {
            what,
            dates: self.going.iter().filter_map(moved).collect(),
            days: self.staying.iter().chain(left).map(|visit| visit.starts.day()).collect(),
            leaving: self
                .going
                .iter()
                .filter(|visit| !stays(visit.position))
                .map(|visit| visit.id)
                .collect(),
        }
    }

    /// Those that are to be elsewhere, each with where, and the days of all others.
    fn changes(&self, picks: &[(i64, Pick)]) -> (Vec<(Visit, Pick)>, Vec<Day>) {
        let mut changes = Vec::new();
        let mut days: Vec<Day> = self.staying.iter().map(|visit| visit.starts.day()).collect();
        for visit in &self.going {
            let pick = picks.iter().find(|(number, _)| *number == visit.position);
            match pick.filter(|(_, pick)| !visit.stands_at(*pick)) {
                Some((_, pick)) => changes.push((*visit, *pick)),
                None => days.push(visit.starts.day()),
            }
        }
        (changes, days)
    }
}

/// Moves a visit and those after it to what was picked for their numbers; who is
/// not picked stays. The patient is written to about the first of them. Gives
/// how many were moved.
///
/// # Errors
/// [`SeriesError::Lost`], [`SeriesError::SameDay`]; [`BookingError::Impossible`]
/// when nothing would be elsewhere; [`BookingError::Past`] for visits that are over.
pub async fn move_rest(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AppointmentId,
    picks: &[(i64, Pick)],
) -> Result<usize, SeriesError> {
    let now = now(clinic);
    clinic
        .vault
        .change(grant, async |tx| {
            let rest = Rest::of(store::beside(tx.sql(), id).await?, id);
            let (changes, days) = rest.changes(picks);
            let to: Vec<(i64, Pick)> =
                changes.iter().map(|(visit, pick)| (visit.position, *pick)).collect();
            if let Some(number) = crowded(&days, &to) {
                return Err(SeriesError::SameDay(number));
            }
            let Some((first, _)) = changes.first() else {
                return Err(BookingError::Impossible.into());
            };
            // One may go where another one was: all leave before any arrives.
            let mut before = Vec::new();
            for (visit, _) in &changes {
                let present = present(tx, visit.id, None).await?;
                if !grant.actor().may::<ViewBlocked>() {
                    check_open(tx, present.patient_id).await?;
                }
                check_movable(clinic, &present)?;
                appointments::release(tx, visit.id).await?;
                before.push(present);
            }
            let mut events = Vec::new();
            for (before, (number, pick)) in before.into_iter().zip(to) {
                if pick.starts < now {
                    return Err(SeriesError::Lost(number));
                }
                events.push(moved(tx, grant, before, number, pick).await?);
            }
            enqueue(tx, MOVED, first.id).await?;
            let count = events.len();
            let events = events.into_iter().reduce(Events::and).ok_or(BookingError::Impossible)?;
            Ok((count, events))
        })
        .await
}

/// One of them, where everything for it is free in this very change.
async fn moved(
    tx: &mut Tx,
    grant: &Grant<Book>,
    before: Appointment,
    number: i64,
    pick: Pick,
) -> Result<Events, SeriesError> {
    let minutes = before.place.minutes;
    check_time(pick.starts, minutes)?;
    let terms = appointments::terms(tx.sql(), before.service_id).await?;
    let terms = terms.ok_or(BookingError::NoSuch)?;
    let doctor_id = Some(pick.doctor_id);
    let rather = before.place.place_id.filter(|_| doctor_id == before.place.doctor_id);
    let wish =
        Wish { starts: pick.starts, minutes: Some(minutes), doctor_id, place_id: None, rather };
    let fit = fit_in(tx, &terms, &wish).await?.map_err(|_| SeriesError::Lost(number))?;
    match put_quietly(tx, grant, before, &fit, None, SERIES).await {
        Ok((_, events)) => Ok(events),
        Err(BookingError::Taken(_)) => Err(SeriesError::Lost(number)),
        Err(other) => Err(other.into()),
    }
}

/// Cancels a visit and all of its series that are after it and have not begun,
/// in one change. The patient is written to about the first of them. Gives it,
/// and how many went with it.
///
/// # Errors
/// As [`cancel`](crate::booking::cancel); nothing is cancelled then.
pub async fn cancel_from(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AppointmentId,
    seen: Option<i64>,
    reason: CancelReason,
) -> Result<(Appointment, usize), BookingError> {
    let why = reason.code();
    clinic
        .vault
        .change(grant, async |tx| {
            let later = store::later(tx, id).await?;
            let (now, event) = go_in(clinic, tx, grant, (id, seen), Status::Cancelled, why).await?;
            enqueue(tx, CANCELLED, id).await?;
            let mut events = Events::from(event);
            let more = later.len();
            for one in later {
                let (_, event) =
                    go_in(clinic, tx, grant, (one, None), Status::Cancelled, why).await?;
                events = events.and(event);
            }
            Ok(((now, more), events))
        })
        .await
}
