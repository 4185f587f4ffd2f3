//! Running late: a doctor, or the desk for them, says by how much, every screen
//! shows when each visit is to be expected, and whoever is still to come is told.
//!
//! Times of visits stay as they were booked. A moved time would offer what lies
//! before it to the waiting list, and would make a patient late who is not.
//! Messages say nothing but the hour (law 94-V art. 7; KAZAKHSTAN.md 3.5).

mod model;
mod store;

use serde_json::json;

use crate::booking::day::{APPOINTMENT, own_resources};
use crate::booking::making::now;
use crate::booking::store::midnight;
use crate::booking::{BookingError, Due, column_topic};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId};
use crate::jobs;
use crate::messaging;
use crate::patients::blocking;
use crate::vault::permission::{Permission, ReachEverybody, RunLate, ViewSchedule};
use crate::vault::{Denied, Event, Grant, Reader, Subject, Tx, VaultError};

pub use model::{Lateness, MOST, STEP_BACK, STEPS, ToCome, Word, expected, word};
pub use store::LateVisit;

/// What `reminders` listens to: who is late may have changed,
/// `{"doctor": id, "day": day}`.
pub const LATE: &str = "booking.late";

/// Patients are written to so long after the last word: a slip of the thumb is
/// put right before anybody hears of it.
pub const SETTLES_MS: i64 = 30_000;

/// Says how late a doctor is today, in minutes; 0: caught up. `seen` is what the
/// page showed: another word meanwhile is not written over unread. Said twice, it
/// is said once. A doctor says it of themselves, the desk of everybody.
///
/// # Errors
/// [`BookingError::OddTime`] unless in steps of five minutes up to [`MOST`];
/// [`BookingError::NoSuch`]; [`BookingError::Denied`] of another doctor;
/// [`BookingError::LateChanged`].
pub async fn run_late(
    clinic: &Clinic,
    grant: &Grant<RunLate>,
    doctor: ResourceId,
    minutes: i64,
    seen: i64,
) -> Result<(), BookingError> {
    if !model::is_lateness(minutes) {
        return Err(BookingError::OddTime);
    }
    if !may_say(clinic, grant, doctor).await? {
        return Err(Denied { permission: RunLate::NAME }.into());
    }
    let day = now(clinic).day();
    let said = clinic
        .vault
        .change(grant, async |tx| {
            if !store::is_doctor(tx.sql(), doctor).await? {
                return Err(Halt::Failed(BookingError::NoSuch));
            }
            let was = store::of_doctor(tx.sql(), doctor, day).await?;
            if was == minutes {
                return Err(Halt::Same);
            }
            if was != seen {
                return Err(Halt::Failed(BookingError::LateChanged));
            }
            store::set(tx, doctor, day, minutes, grant.staff()).await?;
            ask_to_tell_in(tx, doctor, day, SETTLES_MS).await?;
            let event = Event::new("lateness.set", Subject::Clinic).on("resource", doctor);
            let event = event.with_detail(json!({ "minutes": minutes, "was": was }));
            let mut event = event.touching(format!("schedule:{day}"));
            let places = store::places(tx, doctor, whole(day)).await?;
            for column in places.into_iter().chain([doctor]) {
                event = event.touching(column_topic(day, column));
            }
            Ok(((), event))
        })
        .await;
    match said {
        Ok(()) | Err(Halt::Same) => Ok(()),
        Err(Halt::Failed(error)) => Err(error),
    }
}

/// Why nothing was changed.
enum Halt {
    /// It was said already.
    Same,
    Failed(BookingError),
}

impl From<VaultError> for Halt {
    fn from(error: VaultError) -> Self {
        Self::Failed(error.into())
    }
}

/// Whether this account may say it of that doctor.
pub(super) async fn may_say<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    doctor: ResourceId,
) -> Result<bool, VaultError> {
    if !grant.actor().may::<RunLate>() {
        return Ok(false);
    }
    if grant.actor().may::<ReachEverybody>() {
        return Ok(true);
    }
    let Ok(view) = grant.also::<ViewSchedule>() else { return Ok(false) };
    Ok(own_resources(clinic, &view).await?.contains(&doctor))
}

/// Has those told who are to be told, by and by.
async fn ask_to_tell_in(
    tx: &mut Tx,
    doctor: ResourceId,
    day: Day,
    after_ms: i64,
) -> Result<(), VaultError> {
    let due = tx.now().plus_ms(after_ms);
    jobs::enqueue(tx, LATE, &json!({ "doctor": doctor, "day": day }), due).await.map(drop)
}

/// Has whoever was just put to a doctor who runs late today told of it.
pub async fn told_if_late_in(tx: &mut Tx, clinic: &Clinic, due: &Due) -> Result<(), VaultError> {
    let day = due.starts.day();
    let Some(doctor) = due.doctor_id.filter(|_| day == now(clinic).day()) else { return Ok(()) };
    if store::of_doctor(tx.sql(), doctor, day).await? != 0 {
        ask_to_tell_in(tx, doctor, day, SETTLES_MS).await?;
    }
    Ok(())
}

/// Who is late on a day.
pub(super) async fn on_day(reader: &mut Reader, day: Day) -> Result<Lateness, VaultError> {
    store::on_day(reader, day).await
}

/// How late a doctor is on a day, in minutes, and who is still to come.
pub async fn to_come_in(
    tx: &mut Tx,
    doctor: ResourceId,
    day: Day,
) -> Result<(i64, Vec<ToCome>), VaultError> {
    let late = store::of_doctor(tx.sql(), doctor, day).await?;
    Ok((late, store::to_come(tx, doctor, whole(day)).await?))
}

/// Notes that a patient was told, or with its code why not.
pub async fn said_in(
    tx: &mut Tx,
    visit: &ToCome,
    word: Word,
    not_told: &'static str,
) -> Result<(), VaultError> {
    store::say(tx, visit, word.minutes(), not_told).await
}

/// How late the doctor of a visit is, in minutes.
pub async fn late_in(tx: &mut Tx, doctor: Option<ResourceId>, day: Day) -> Result<i64, VaultError> {
    match doctor {
        Some(doctor) => store::of_doctor(tx.sql(), doctor, day).await,
        None => Ok(0),
    }
}

/// The same for whoever reads.
pub(super) async fn late_at(
    reader: &mut Reader,
    doctor: Option<ResourceId>,
    day: Day,
) -> Result<i64, VaultError> {
    match doctor {
        Some(doctor) => store::of_doctor(reader.sql(), doctor, day).await,
        None => Ok(0),
    }
}

/// A message did not leave, because it was no longer true: what its patient knew
/// before holds, and whoever is to be told is told how it stands now.
pub async fn unsaid_in(
    tx: &mut Tx,
    visit: AppointmentId,
    doctor: Option<ResourceId>,
    day: Day,
) -> Result<(), VaultError> {
    store::unsay(tx, visit).await?;
    match doctor {
        Some(doctor) => ask_to_tell_in(tx, doctor, day, 0).await,
        None => Ok(()),
    }
}

/// How late a doctor is today, with the visits still to come and what their
/// patients were told. Whoever is out of reach or blocked is left out.
pub(super) async fn told(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    doctor: ResourceId,
    language: Language,
) -> Result<(i64, Vec<LateVisit>), BookingError> {
    let day = now(clinic).day();
    let late = {
        let mut reader = clinic.vault.read(grant).await?;
        if !store::is_doctor(reader.sql(), doctor).await? {
            return Err(BookingError::NoSuch);
        }
        store::of_doctor(reader.sql(), doctor, day).await?
    };
    let visits = clinic.vault.list(grant, "lateness.listed", async |listing| {
        let mut rows = store::visits(listing, doctor, whole(day), language).await?;
        let whose: Vec<PatientId> = rows.iter().map(|row| row.patient_id).collect();
        let mut away = listing.beyond(&whose).await?;
        away.extend(blocking::hidden_from(listing, grant).await?);
        rows.retain(|row| !away.contains(&row.patient_id));
        let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
        let mut states = messaging::states_for(listing, APPOINTMENT, &ids).await?;
        for (row, id) in rows.iter_mut().zip(&ids) {
            row.message = states.remove(id).map(|brief| brief.state);
        }
        let seen = rows.iter().map(|row| row.patient_id).collect();
        Ok::<_, VaultError>((rows, seen))
    });
    Ok((late, visits.await?))
}

/// From its first minute until the next day's.
fn whole(day: Day) -> (Civil, Civil) {
    (midnight(day), midnight(day.plus_days(1)))
}
