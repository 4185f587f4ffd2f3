//! A doctor who is away: the hours leave the schedule, and each patient who was
//! booked then is written to or called and comes at another time.
//!
//! Nothing is cancelled by itself: a visit stays where it is until its patient
//! chooses another time by the link, or the desk moves it. What is left stays
//! on Today (`booking::stranded`), whoever entered the absence and wherever.

mod form;
mod model;
mod routes;
mod store;

use serde_json::json;

use crate::booking::{self, BookingError, FreeSlot};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId};
use crate::messaging::TOPIC as MESSAGES;
use crate::patients::blocking;
use crate::reminders::{self, TellError};
use crate::schedule::{self, ExceptionDraft, ExceptionReason, OneDay, ScheduleError, Span};
use crate::vault::permission::{Book, SendMessages, SetUpClinic, ViewSchedule};
use crate::vault::{Denied, Event, Events, Grant, Subject, Tx, VaultError};

pub use form::AbsenceForm;
pub use model::{Absence, AbsenceId, Reason, State, VisitLine};
pub use routes::{AbsencePage, AbsencesPage, NewAbsencePage, routes};

/// What the pages of absences are watched by.
pub const TOPIC: &str = "absences";

/// How many closed absences are listed.
const SHOWN: i64 = 20;

/// Why something about an absence was not done.
#[derive(Debug, thiserror::Error)]
pub enum AbsenceError {
    #[error("there is no such absence, doctor or visit")]
    NoSuch,
    #[error("it was closed already")]
    Closed,
    /// Nobody was chosen.
    #[error("nothing to do")]
    Nothing,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    #[error(transparent)]
    Booking(#[from] BookingError),
    #[error(transparent)]
    Tell(#[from] TellError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Who is away when.
#[derive(Clone, Debug)]
pub struct NewAbsence {
    pub doctor_id: ResourceId,
    pub first_day: Day,
    pub last_day: Day,
    /// None: all day.
    pub hours: Option<Span>,
    pub reason: Reason,
}

/// What was done about those who were chosen to be written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub told: usize,
    pub not: usize,
}

/// Takes a doctor's hours out of the schedule and lists the visits that it
/// concerns, in one change.
///
/// # Errors
/// [`AbsenceError::Schedule`] when there is no such doctor or the period is odd.
pub async fn open(
    clinic: &Clinic,
    grant: &Grant<Book>,
    new: &NewAbsence,
) -> Result<AbsenceId, AbsenceError> {
    let _may: Grant<SetUpClinic> = grant.also()?;
    let exception = ExceptionDraft {
        resource_id: new.doctor_id,
        from: new.first_day,
        until: new.last_day,
        what: new.hours.map_or(OneDay::Off, OneDay::PartOff),
        reason: match new.reason {
            Reason::Sick => ExceptionReason::Sick,
            Reason::Personal => ExceptionReason::Personal,
            Reason::Training => ExceptionReason::Training,
            Reason::Other => ExceptionReason::Other,
        },
    };
    clinic
        .vault
        .change(grant, async |tx| {
            let added = schedule::add_exceptions_in(tx, &exception).await?;
            let id = AbsenceId::new(tx.now());
            store::insert(tx, id, new, grant.staff()).await?;
            let days = (new.first_day, new.last_day);
            let visits = booking::stranded_of(clinic, tx, new.doctor_id, days).await?;
            for visit in &visits {
                store::insert_visit(tx, id, visit.id, visit.starts).await?;
            }
            let whose: Vec<PatientId> = visits.iter().map(|visit| visit.patient_id).collect();
            let subject = if whose.is_empty() { Subject::Clinic } else { Subject::Patients(whose) };
            let detail = json!({ "doctor": new.doctor_id, "visits": visits.len() });
            let opened = event("absence.opened", subject, id).because(new.reason.name());
            let days =
                (0..=new.last_day.days_since(new.first_day)).map(|on| new.first_day.plus_days(on));
            let opened = days.fold(opened.with_detail(detail), |event, day| {
                event
                    .touching(format!("schedule:{day}"))
                    .touching(booking::column_topic(day, new.doctor_id))
            });
            Ok((id, added.and(opened)))
        })
        .await
}

/// Absences that are worked on, and the last that were closed.
pub async fn list(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
) -> Result<Vec<Absence>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::list(&mut reader, SHOWN).await
}

/// One absence with its visits as they stand now. Of a patient whose data is
/// blocked only the time is shown, but to those who answer for it.
///
/// # Errors
/// [`AbsenceError::NoSuch`].
pub async fn one(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    id: AbsenceId,
    language: Language,
) -> Result<(Absence, Vec<VisitLine>), AbsenceError> {
    let absence = {
        let mut reader = clinic.vault.read(grant).await?;
        store::one(&mut reader, id).await?.ok_or(AbsenceError::NoSuch)?
    };
    let visits = clinic.vault.list(grant, "absence.listed", async |listing| {
        let mut rows = store::visits(listing, id, language).await?;
        let whose: Vec<PatientId> = rows.iter().map(|row| row.patient_id).collect();
        let beyond = listing.beyond(&whose).await?;
        rows.retain(|row| !beyond.contains(&row.patient_id));
        let hidden = blocking::hidden_from(listing, grant).await?;
        let blocked = rows.iter_mut().filter(|row| hidden.contains(&row.patient_id));
        blocked.for_each(VisitLine::hide);
        let seen = rows.iter().filter(|row| !row.hidden).map(|row| row.patient_id).collect();
        Ok::<_, VaultError>((rows, seen))
    });
    Ok((absence, visits.await?))
}

/// Where a visit could be put instead, but for what is spoken for.
///
/// # Errors
/// Those of the database.
pub async fn proposals(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    visit: AppointmentId,
    language: Language,
    spoken_for: &[FreeSlot],
) -> Result<Vec<FreeSlot>, AbsenceError> {
    match booking::elsewhere(clinic, grant, visit, language, spoken_for).await {
        Ok((_, slots)) => Ok(slots),
        Err(BookingError::NoSuch) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Writes to those who were chosen, each with a link to choose another time;
/// says of the others why not.
///
/// # Errors
/// [`AbsenceError::Nothing`] when nobody was chosen who is still to be told;
/// [`AbsenceError::NoSuch`].
pub async fn tell(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    id: AbsenceId,
    chosen: &[AppointmentId],
) -> Result<Told, AbsenceError> {
    let facts = schedule::facts(&mut clinic.vault.read(grant).await?).await?;
    clinic
        .vault
        .change(grant, async |tx| {
            let mut told = Told::default();
            let mut events: Option<Events> = None;
            let open: Vec<AppointmentId> = store::untold(tx, id).await?;
            for visit in chosen.iter().filter(|visit| open.contains(visit)) {
                let (written, event) = write(tx, clinic, id, *visit, facts.as_ref()).await?;
                store::tell(tx, id, *visit, written.err().unwrap_or_default()).await?;
                if written.is_ok() {
                    told.told += 1;
                } else {
                    told.not += 1;
                }
                events = Some(match events {
                    Some(events) => events.and(event),
                    None => event.into(),
                });
            }
            let events = events.ok_or(AbsenceError::Nothing)?;
            Ok((told, events))
        })
        .await
}

/// One message, or the code of why there is none.
async fn write(
    tx: &mut Tx,
    clinic: &Clinic,
    id: AbsenceId,
    visit: AppointmentId,
    facts: Option<&schedule::ClinicFacts>,
) -> Result<(Result<(), &'static str>, Event), AbsenceError> {
    let due = booking::told_in(tx, visit).await?.ok_or(AbsenceError::NoSuch)?;
    let refused = |reason: &'static str| {
        let event = event("absence.not_told", Subject::Patient(due.patient_id), id);
        (Err(reason), event.because(reason).on("appointment", visit))
    };
    if blocking::stands_in(tx, due.patient_id).await? {
        return Ok(refused("blocked"));
    }
    Ok(match reminders::tell_away_in(tx, clinic, visit, facts).await? {
        Ok(event) => (Ok(()), event.touching(TOPIC).touching(MESSAGES)),
        Err(reason) => refused(reason),
    })
}

/// Somebody spoke with the patient.
///
/// # Errors
/// [`AbsenceError::NoSuch`].
pub async fn called(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AbsenceId,
    visit: AppointmentId,
) -> Result<(), AbsenceError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let due = booking::told_in(tx, visit).await?.ok_or(AbsenceError::NoSuch)?;
            if !store::call(tx, id, visit, grant.staff()).await? {
                return Err(AbsenceError::NoSuch);
            }
            let called = event("absence.called", Subject::Patient(due.patient_id), id);
            Ok(((), called.on("appointment", visit)))
        })
        .await
}

/// Nobody works on it any more. What is left stays where it is, and on Today.
///
/// # Errors
/// [`AbsenceError::Closed`] when it was closed before.
pub async fn close(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AbsenceId,
) -> Result<(), AbsenceError> {
    clinic
        .vault
        .change(grant, async |tx| {
            if !store::close(tx, id, grant.staff()).await? {
                return Err(AbsenceError::Closed);
            }
            Ok(((), event("absence.closed", Subject::Clinic, id)))
        })
        .await
}

/// Visits of absent doctors that nobody works on: by doctor, the first and the
/// last day.
pub async fn unheld(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
) -> Result<Vec<(ResourceId, Day, Day, usize)>, VaultError> {
    let all = booking::stranded(clinic, grant).await?;
    let held = {
        let mut reader = clinic.vault.read(grant).await?;
        store::held(&mut reader).await?
    };
    let mut found: Vec<(ResourceId, Day, Day, usize)> = Vec::new();
    for (doctor, starts) in all {
        if held.contains(&(doctor, starts)) {
            continue;
        }
        let day = starts.day();
        match found.iter_mut().find(|one| one.0 == doctor) {
            Some(one) => (one.2, one.3) = (one.2.max(day), one.3 + 1),
            None => found.push((doctor, day, day, 1)),
        }
    }
    Ok(found)
}

/// What the wall clock of the clinic shows.
fn now(clinic: &Clinic) -> Civil {
    clinic.profile.get().zone.civil(clinic.clock().now())
}

fn event(action: &'static str, subject: Subject, id: AbsenceId) -> Event {
    Event::new(action, subject).on("absence", id).touching(TOPIC)
}
