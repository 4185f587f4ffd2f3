//! Making appointments, and looking for room for them.

use serde_json::json;

use crate::booking::model::{
    Act, Appointment, LENGTHS, NewAppointment, PastVisit, Place, STEP, Source, Status, topic,
};
use crate::booking::slots::{Buffer, FreeSlot, Span};
use crate::booking::store::{self, Clash, Due, NewStep, Terms};
use crate::booking::supply::{Fit, Misfit, Wish, around, nearest, supply};
use crate::booking::{ALTERNATIVES, BookingError, FREED, MADE, Refusal, column_topic};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::followups::{self, FollowUpId};
use crate::ids::{AppointmentId, PatientId, ResourceId, ServiceId};
use crate::jobs;
use crate::patients::{self, NewPatient, blocking};
use crate::vault::permission::{
    Book, Overbook, Permission, RegisterPatient, SetUpClinic, ViewClinic,
};
use crate::vault::{Event, Events, Grant, Listing, Reader, Subject, Tx, VaultError, Violation};

/// Makes an appointment where everything it needs is free.
///
/// # Errors
/// [`BookingError::Taken`] and [`BookingError::OffShift`] with other slots;
/// [`BookingError::Past`], [`BookingError::OddTime`], [`BookingError::Impossible`],
/// [`BookingError::NoSuch`].
pub async fn book(
    clinic: &Clinic,
    grant: &Grant<Book>,
    new: &NewAppointment,
) -> Result<Appointment, BookingError> {
    make(clinic, grant, None, None, new).await
}

/// Makes an appointment for somebody who gets a card by it: both or neither.
/// The patient of `new` is not looked at.
///
/// # Errors
/// As [`book`]; [`BookingError::Denied`] to those who may not enter patients.
pub async fn book_newcomer(
    clinic: &Clinic,
    grant: &Grant<Book>,
    person: &NewPatient,
    new: &NewAppointment,
) -> Result<Appointment, BookingError> {
    let _may: Grant<RegisterPatient> = grant.also()?;
    make(clinic, grant, None, Some(person), new).await
}

/// The same as [`book`] or [`book_newcomer`] once for each id, however often a
/// form that lost its answer is sent again: a second time gives what the first
/// one made.
///
/// # Errors
/// As [`book_newcomer`].
pub async fn book_once(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AppointmentId,
    newcomer: Option<&NewPatient>,
    new: &NewAppointment,
) -> Result<Appointment, BookingError> {
    if newcomer.is_some() {
        let _may: Grant<RegisterPatient> = grant.also()?;
    }
    if let Some(made) = made(clinic, grant, id).await? {
        return Ok(made);
    }
    let outcome = make(clinic, grant, Some(id), newcomer, new).await;
    first_made(clinic, grant, id, outcome).await
}

/// [`overbook`] once for each id.
///
/// # Errors
/// As [`overbook`].
pub async fn overbook_once(
    clinic: &Clinic,
    grant: &Grant<Overbook>,
    id: AppointmentId,
    new: &NewAppointment,
    reason: &str,
) -> Result<Appointment, BookingError> {
    if let Some(made) = made(clinic, grant, id).await? {
        return Ok(made);
    }
    let outcome = make_over(clinic, grant, Some(id), new, reason).await;
    first_made(clinic, grant, id, outcome).await
}

/// What was made under an id, as it stands now.
async fn made<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: AppointmentId,
) -> Result<Option<Appointment>, BookingError> {
    let mut reader = clinic.vault.read(grant).await?;
    Ok(store::by_id(reader.sql(), id).await?)
}

/// Whoever came second at the same moment is given what the first one made: it
/// took the very time that the second found taken.
async fn first_made<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: AppointmentId,
    outcome: Result<Appointment, BookingError>,
) -> Result<Appointment, BookingError> {
    match &outcome {
        Err(BookingError::Vault(cause)) if cause.violation() == Some(Violation::Unique) => {}
        Err(BookingError::Taken(_)) => {}
        _ => return outcome,
    }
    // What refused it may not be committed yet.
    clinic.vault.settled().await?;
    made(clinic, grant, id).await?.map_or(outcome, Ok)
}

async fn make(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: Option<AppointmentId>,
    newcomer: Option<&NewPatient>,
    new: &NewAppointment,
) -> Result<Appointment, BookingError> {
    let (terms, wish) = prepared(clinic, grant, new).await?;
    let fit = fitted(clinic, grant, &terms, &wish, None).await?;
    let made = clinic
        .vault
        .change(grant, async |tx| {
            let mut made = appointment(tx, id, new, &fit);
            let Some(person) = newcomer else {
                check_open(tx, new.patient_id).await?;
                let booked = put_in(tx, grant, &made, &fit, Act::Booked, "").await?;
                return Ok((made, Events::from(booked)));
            };
            let (patient_id, registered) = patients::register_in(tx, person).await?;
            made.patient_id = patient_id;
            let booked = put_in(tx, grant, &made, &fit, Act::Booked, "").await?;
            Ok((made, registered.and(booked)))
        })
        .await;
    explained(clinic, grant, &terms, &wish, made, None).await
}

/// Blocked data is kept and not used (law 94-V art. 25): nobody books with it.
pub(super) async fn check_open(tx: &mut Tx, patient: PatientId) -> Result<(), BookingError> {
    if blocking::stands_in(tx, patient).await? { Err(BookingError::Blocked) } else { Ok(()) }
}

/// Makes an appointment inside another capability's change, such as the
/// importer's, which returns the event with its own. Whether somebody works
/// then is not asked: a journal knows better.
///
/// # Errors
/// [`BookingError::Taken`] without alternatives; nothing was written then.
pub async fn book_in<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    new: &NewAppointment,
) -> Result<(Appointment, Event), BookingError> {
    let terms = store::terms(tx.sql(), Some(new.service_id)).await?.ok_or(BookingError::NoSuch)?;
    let doctor_id = new.doctor_id.ok_or(BookingError::Impossible)?;
    let doctor = terms.present(doctor_id).ok_or(BookingError::Impossible)?;
    let minutes = new.minutes.unwrap_or(terms.minutes);
    check_time(new.starts, minutes)?;
    let place =
        Place { starts: new.starts, minutes, doctor_id: Some(doctor_id), place_id: new.place_id };
    let span = terms.buffer().around(new.starts, minutes);
    let resources = [doctor_id].into_iter().chain(new.place_id).collect();
    let fit = Fit { place, branch_id: doctor.branch_id, resources, span };
    let made = appointment(tx, None, new, &fit);
    let event = put_in(tx, grant, &made, &fit, Act::Booked, "").await?;
    Ok((made, event))
}

/// Makes an appointment over others or outside of shifts, on purpose.
///
/// # Errors
/// [`BookingError::ReasonNeeded`]; but for what is taken, those of [`book`].
pub async fn overbook(
    clinic: &Clinic,
    grant: &Grant<Overbook>,
    new: &NewAppointment,
    reason: &str,
) -> Result<Appointment, BookingError> {
    make_over(clinic, grant, None, new, reason).await
}

async fn make_over(
    clinic: &Clinic,
    grant: &Grant<Overbook>,
    id: Option<AppointmentId>,
    new: &NewAppointment,
    reason: &str,
) -> Result<Appointment, BookingError> {
    if reason.trim().is_empty() {
        return Err(BookingError::ReasonNeeded);
    }
    let (terms, wish) = prepared(clinic, grant, new).await?;
    let doctor_id = wish.doctor_id.ok_or(BookingError::Impossible)?;
    let doctor = terms.present(doctor_id).ok_or(BookingError::Impossible)?;
    let usual = terms.minutes_with(doctor_id).ok_or(BookingError::Impossible)?;
    let minutes = wish.minutes.unwrap_or(usual);
    let place =
        Place { starts: wish.starts, minutes, doctor_id: Some(doctor_id), place_id: wish.place_id };
    let span = terms.buffer().around(wish.starts, minutes);
    let resources = [doctor_id].into_iter().chain(wish.place_id).collect();
    let fit = Fit { place, branch_id: doctor.branch_id, resources, span };
    clinic
        .vault
        .change(grant, async |tx| {
            check_open(tx, new.patient_id).await?;
            let made = appointment(tx, id, new, &fit);
            let event = put_in(tx, grant, &made, &fit, Act::Overbooked, reason.trim()).await?;
            Ok((made, event))
        })
        .await
}

/// Enters a visit from before, with how it ended, inside another capability's
/// change. It takes up nothing, and nobody is written to.
///
/// # Errors
/// [`BookingError::OddTime`] when it is longer than twelve hours;
/// [`BookingError::NoSuch`] when patient, doctor or service are not there.
pub async fn record_history<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    visit: &PastVisit,
) -> Result<(AppointmentId, Event), BookingError> {
    if !LENGTHS.contains(&visit.place.minutes) {
        return Err(BookingError::OddTime);
    }
    let made = Appointment {
        id: AppointmentId::new(tx.now()),
        branch_id: visit.branch_id,
        patient_id: visit.patient_id,
        service_id: visit.service_id,
        place: visit.place,
        status: visit.status,
        moved_to: None,
        source: Source::Import,
        comment: visit.comment.clone(),
        notify: false,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, &made).await.map_err(no_such)?;
    let step = step_by(grant, Act::Recorded, None, "");
    store::insert_step(tx, &made, &step).await?;
    Ok((made.id, event_of("appointment.recorded", &made)))
}

/// The nearest slots for a service from a time on, and not in the past. None
/// for doctor or place: any; for minutes: the usual.
///
/// # Errors
/// [`BookingError::NoSuch`] when there is no such service.
pub async fn find_slots(
    clinic: &Clinic,
    grant: &Grant<ViewClinic>,
    wanted: &Wanting,
    limit: usize,
) -> Result<Vec<FreeSlot>, BookingError> {
    let mut reader = clinic.vault.read(grant).await?;
    let terms = store::kept_terms(&mut reader, wanted.service_id).await?;
    let terms = terms.ok_or(BookingError::NoSuch)?;
    let from = wanted.from.max(now(clinic));
    let wish = Wish {
        starts: from,
        minutes: wanted.minutes,
        doctor_id: wanted.doctor_id,
        place_id: wanted.place_id,
        rather: None,
    };
    Ok(nearest(&mut reader, &terms, &wish, from, limit, &[]).await?)
}

/// What [`find_slots`] looks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanting {
    pub service_id: Option<ServiceId>,
    pub doctor_id: Option<ResourceId>,
    pub place_id: Option<ResourceId>,
    pub minutes: Option<i64>,
    pub from: Civil,
}

/// Booked and confirmed appointments that start between two times, for whoever
/// writes to patients about them; the caller names the patients to the ledger.
pub async fn due_between(
    listing: &mut Listing,
    from: Civil,
    until: Civil,
) -> Result<Vec<Due>, VaultError> {
    store::due(listing.sql(), from, until).await
}

/// One appointment as it stands now, for a message about it.
pub async fn told(listing: &mut Listing, id: AppointmentId) -> Result<Option<Due>, VaultError> {
    store::told(listing.sql(), id).await
}

/// The same inside a change, for the last word before a message leaves.
pub async fn told_in(tx: &mut Tx, id: AppointmentId) -> Result<Option<Due>, VaultError> {
    store::told(tx.sql(), id).await
}

/// Sets how long a service keeps its doctor and place free around itself.
/// Appointments that are booked already stay as they are.
pub async fn set_buffer(
    clinic: &Clinic,
    grant: &Grant<SetUpClinic>,
    service_id: ServiceId,
    buffer: Buffer,
) -> Result<(), BookingError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_buffer(tx, service_id, buffer).await.map_err(|error| {
                match error.violation() {
                    Some(Violation::Check) => BookingError::OddTime,
                    Some(Violation::Reference) => BookingError::NoSuch,
                    _ => error.into(),
                }
            })?;
            let set = Event::new("service.buffer_set", Subject::Clinic).on("service", service_id);
            Ok(((), set))
        })
        .await
}

/// What the wall clock of the clinic shows.
pub(super) fn now(clinic: &Clinic) -> Civil {
    clinic.profile.get().zone.civil(clinic.clock().now())
}

/// Days before today are read only; today itself may be entered late.
pub(super) fn check_not_past(clinic: &Clinic, starts: Civil) -> Result<(), BookingError> {
    if starts.day() < now(clinic).day() { Err(BookingError::Past) } else { Ok(()) }
}

pub(super) fn check_time(starts: Civil, minutes: i64) -> Result<(), BookingError> {
    let even = i64::from(starts.minute_of_day()) % STEP == 0 && minutes % STEP == 0;
    if even && LENGTHS.contains(&minutes) { Ok(()) } else { Err(BookingError::OddTime) }
}

pub(super) async fn prepared<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    new: &NewAppointment,
) -> Result<(Terms, Wish), BookingError> {
    let mut reader = clinic.vault.read(grant).await?;
    let terms = store::kept_terms(&mut reader, Some(new.service_id)).await?;
    let terms = terms.filter(|terms| !terms.ended).ok_or(BookingError::NoSuch)?;
    check_time(new.starts, new.minutes.unwrap_or(terms.minutes))?;
    check_not_past(clinic, new.starts)?;
    let wish = Wish {
        starts: new.starts,
        minutes: new.minutes,
        doctor_id: new.doctor_id,
        place_id: new.place_id,
        rather: None,
    };
    Ok((terms, wish))
}

/// Finds all that a wish needs, or says why not and what would do.
pub(super) async fn fitted<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    terms: &Terms,
    wish: &Wish,
    except: Option<AppointmentId>,
) -> Result<Fit, BookingError> {
    let mut reader = clinic.vault.read(grant).await?;
    let day = wish.starts.day();
    match supply(&mut reader, (day, day), terms, wish, except.as_slice()).await?.fit(terms, wish) {
        Ok(fit) => Ok(fit),
        Err(Misfit::Impossible) => Err(BookingError::Impossible),
        Err(misfit) => {
            let refusal = refusal(clinic, &mut reader, terms, wish, misfit, except).await?;
            Err(if misfit == Misfit::Taken {
                BookingError::Taken(refusal)
            } else {
                BookingError::OffShift(refusal)
            })
        }
    }
}

async fn refusal(
    clinic: &Clinic,
    reader: &mut Reader,
    terms: &Terms,
    wish: &Wish,
    misfit: Misfit,
    except: Option<AppointmentId>,
) -> Result<Box<Refusal>, VaultError> {
    let minutes = wish.minutes.unwrap_or(terms.minutes);
    let span = terms.buffer().around(wish.starts, minutes);
    let asked: Vec<ResourceId> = [wish.doctor_id, wish.place_id].into_iter().flatten().collect();
    let clashes = match misfit {
        Misfit::Taken => store::clashes(reader.sql(), &asked, span, except).await?,
        Misfit::OffShift | Misfit::Impossible => Vec::new(),
    };
    let now = now(clinic);
    let mut others = around(reader, terms, wish, now, ALTERNATIVES, except.as_slice()).await?;
    if others.is_empty() && wish.place_id.is_some() {
        // Perhaps in another place.
        let elsewhere = Wish { place_id: None, ..*wish };
        others = around(reader, terms, &elsewhere, now, ALTERNATIVES, except.as_slice()).await?;
    }
    Ok(Box::new(Refusal {
        starts: wish.starts,
        doctor_id: wish.doctor_id,
        place_id: wish.place_id,
        clashes,
        alternatives: others,
    }))
}

/// Adds what is free to a refusal that came from the database itself: somebody
/// was quicker.
pub(super) async fn explained<P: Permission, T>(
    clinic: &Clinic,
    grant: &Grant<P>,
    terms: &Terms,
    wish: &Wish,
    outcome: Result<T, BookingError>,
    except: Option<AppointmentId>,
) -> Result<T, BookingError> {
    let Err(BookingError::Taken(bare)) = outcome else { return outcome };
    let mut reader = clinic.vault.read(grant).await?;
    let mut full = refusal(clinic, &mut reader, terms, wish, Misfit::Taken, except).await?;
    if full.clashes.is_empty() {
        full.clashes = bare.clashes;
    }
    Err(BookingError::Taken(full))
}

pub(super) fn appointment(
    tx: &Tx,
    id: Option<AppointmentId>,
    new: &NewAppointment,
    fit: &Fit,
) -> Appointment {
    Appointment {
        id: id.unwrap_or_else(|| AppointmentId::new(tx.now())),
        branch_id: fit.branch_id,
        patient_id: new.patient_id,
        service_id: Some(new.service_id),
        place: fit.place,
        status: Status::Booked,
        moved_to: None,
        source: new.source,
        comment: new.comment.trim().to_owned(),
        notify: new.notify,
        version: 1,
        created_at: tx.now(),
    }
}

pub(super) async fn put_in<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    made: &Appointment,
    fit: &Fit,
    act: Act,
    reason: &str,
) -> Result<Event, BookingError> {
    let event = put_quietly(tx, grant, made, fit, act, reason).await?;
    let payload = json!({ "appointment": made.id });
    jobs::enqueue(tx, MADE, &payload, tx.now()).await?;
    Ok(event)
}

/// The same without a message to the patient.
pub(super) async fn put_quietly<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    made: &Appointment,
    fit: &Fit,
    act: Act,
    reason: &str,
) -> Result<Event, BookingError> {
    let over = act == Act::Overbooked;
    if !over {
        check_free(tx, fit, None).await?;
    }
    store::insert(tx, made).await.map_err(no_such)?;
    store::insert_step(tx, made, &step_by(grant, act, None, reason)).await?;
    if over {
        store::insert_overbooking(tx, made.id, grant.staff(), reason).await?;
    }
    let reserved = store::reserve(tx, made, &fit.resources, fit.span, over).await;
    reserved.map_err(|error| taken(error, &made.place))?;
    let answered = follow_up_of(tx, made).await?;
    let action = if over { "appointment.overbooked" } else { "appointment.booked" };
    Ok(with_follow_up(event_of(action, made), made, answered))
}

/// Looks before writing, so that a refusal leaves nothing half-written in
/// somebody else's transaction. The trigger looks again.
pub(super) async fn check_free(
    tx: &mut Tx,
    fit: &Fit,
    except: Option<AppointmentId>,
) -> Result<(), BookingError> {
    let clashes = store::clashes(tx.sql(), &fit.resources, fit.span, except).await?;
    if clashes.is_empty() { Ok(()) } else { Err(refused(&fit.place, clashes)) }
}

/// Says that time of a doctor's, a place's or a device's is free again, to
/// whoever has somebody for it. An appointment without a doctor frees its things.
pub(super) async fn freed(
    tx: &mut Tx,
    doctor: Option<ResourceId>,
    had: &[ResourceId],
    span: Span,
    cause: &'static str,
) -> Result<(), VaultError> {
    let things: Vec<ResourceId> = had.iter().copied().filter(|id| Some(*id) != doctor).collect();
    if doctor.is_none() && things.is_empty() {
        return Ok(());
    }
    let (starts, ends) = (span.starts, span.ends);
    let payload = json!({
        "doctor": doctor, "things": things, "starts": starts, "ends": ends, "cause": cause,
    });
    jobs::enqueue(tx, FREED, &payload, tx.now()).await.map(drop)
}

/// A refusal bare of alternatives.
pub(super) fn refused(asked: &Place, clashes: Vec<Clash>) -> BookingError {
    BookingError::Taken(Box::new(Refusal {
        starts: asked.starts,
        doctor_id: asked.doctor_id,
        place_id: asked.place_id,
        clashes,
        alternatives: Vec::new(),
    }))
}

/// The message of the trigger that keeps reservations apart.
const RESOURCE_TAKEN: &str = "resource_taken";

/// The trigger's word as an error of ours, bare of all else.
pub(super) fn taken(error: VaultError, asked: &Place) -> BookingError {
    match error.violation() {
        Some(Violation::Trigger(code)) if code == RESOURCE_TAKEN => refused(asked, Vec::new()),
        _ => error.into(),
    }
}

fn no_such(error: VaultError) -> BookingError {
    match error.violation() {
        Some(Violation::Reference) => BookingError::NoSuch,
        _ => error.into(),
    }
}

/// A step of an appointment's history, by whoever holds the grant.
pub(super) fn step_by<'a, P: Permission>(
    grant: &Grant<P>,
    act: Act,
    from_status: Option<Status>,
    reason: &'a str,
) -> NewStep<'a> {
    let actor = grant.actor().role().name();
    NewStep { staff_id: grant.staff(), actor, act, from_status, reason }
}

/// An event about an appointment, which asks the pages of its day to look again.
pub(super) fn event_of(action: &'static str, appointment: &Appointment) -> Event {
    let event = Event::new(action, Subject::Patient(appointment.patient_id))
        .on("appointment", appointment.id)
        .with_detail(json!({ "version": appointment.version }));
    touching(event, appointment)
}

/// The follow-up that a visit answers, done from now on.
pub(super) async fn follow_up_of(
    tx: &mut Tx,
    visit: &Appointment,
) -> Result<Option<FollowUpId>, VaultError> {
    let Appointment { patient_id, service_id, place, id, .. } = *visit;
    followups::booked_in(tx, patient_id, service_id, place.doctor_id, (id, place.day())).await
}

/// An event about an appointment that closed a follow-up, or opened it again.
pub(super) fn with_follow_up(
    event: Event,
    appointment: &Appointment,
    follow_up: Option<FollowUpId>,
) -> Event {
    let Some(id) = follow_up else { return event };
    let detail = json!({ "version": appointment.version, "follow_up": id });
    let card = format!("patient:{}", appointment.patient_id);
    event.with_detail(detail).touching(followups::TOPIC).touching(card)
}

/// The same, for another place of the appointment as well.
pub(super) fn touching(event: Event, appointment: &Appointment) -> Event {
    let place = appointment.place;
    let day = place.day();
    let columns = [place.doctor_id, place.place_id].into_iter().flatten();
    columns.fold(event.touching(topic(day)), |event, id| event.touching(column_topic(day, id)))
}
