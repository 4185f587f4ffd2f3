//! Follow-ups: a doctor says "come again in six months", the desk sees whom to
//! call and books, and nobody is forgotten between the two.
//!
//! Booking knows of them, not the other way round: whatever books a visit of
//! that kind closes the follow-up inside the booking's own transaction
//! ([`booked_in`]), and whatever ends that visit before it took place opens it
//! again ([`fell_through_in`]). What for is said by a code, never in words about
//! a treatment (law 94-V art. 7: no more than the purpose needs).

mod form;
mod jobs;
mod model;
mod routes;
mod store;

use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId, ServiceId, StaffId};
use crate::patients::blocking;
use crate::vault::permission::{
    CountFollowUps, KeepFollowUps, Permission, ReachEverybody, ViewFollowUps,
};
use crate::vault::{Actor, Event, Grant, Subject, Tx, VaultError, Violation};

pub use form::FollowUpForm;
pub use jobs::jobs;
pub use model::{CloseReason, FollowUpId, Lapse, NewFollowUp, Note, Shown, State, Wait};
pub use routes::{CardFollowUpsView, FollowUpPage, FollowUpsPage, routes};
pub use store::{FollowUpLine, hand_over_in};

/// The rail's entry, which counts those to be called.
pub const WAITING: &str = "followups";

/// What the list and whoever counts them are watched by.
pub const TOPIC: &str = "followups";

/// The desk calls people so many days before they should come.
pub const AHEAD: i64 = 14;

/// The most that a list shows.
const MOST: i64 = 300;

/// Why something about a follow-up was not done.
#[derive(Debug, thiserror::Error)]
pub enum FollowUpError {
    #[error("there is no such follow-up, patient, visit, service or doctor")]
    NoSuch,
    /// That doctor does not do that service.
    #[error("that doctor does not do that service")]
    Impossible,
    /// Somebody closed or booked it since the page was shown.
    #[error("it was changed meanwhile")]
    Changed,
    /// The patient's data is blocked: it is kept and not used.
    #[error("the patient's data is blocked")]
    Blocked,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Says that somebody should come again. Said twice of one service and doctor,
/// the later word holds. A visit that is booked for about then already closes
/// it at once.
///
/// # Errors
/// [`FollowUpError::NoSuch`], [`FollowUpError::Impossible`],
/// [`FollowUpError::Blocked`].
pub async fn set(
    clinic: &Clinic,
    grant: &Grant<KeepFollowUps>,
    new: &NewFollowUp,
) -> Result<FollowUpId, FollowUpError> {
    let today = today(clinic);
    clinic
        .vault
        .change(grant, async |tx| {
            check(tx, new).await?;
            let same = store::same(tx, new).await?;
            let id = same.unwrap_or_else(|| FollowUpId::new(tx.now()));
            if same.is_some() {
                store::change(tx, id, new, today).await?;
            } else {
                store::insert(tx, id, new, today, grant.staff()).await.map_err(no_such)?;
            }
            let from = model::counts_from(today, new.due);
            let booked = store::visit_booked(tx, new, from).await?;
            if let Some(visit) = booked {
                store::book(tx, id, visit).await?;
            }
            jobs::recount_in(tx, clinic, new.due).await?;
            let action = if same.is_some() { "follow_up.changed" } else { "follow_up.set" };
            let event = event(action, new.patient_id, id).with_detail(json!({
                "service": new.service_id, "after": new.after_id, "appointment": booked,
            }));
            Ok((id, event))
        })
        .await
}

async fn check(tx: &mut Tx, new: &NewFollowUp) -> Result<(), FollowUpError> {
    if blocking::stands_in(tx, new.patient_id).await? {
        return Err(FollowUpError::Blocked);
    }
    if !store::is_there(tx, new).await? {
        return Err(FollowUpError::NoSuch);
    }
    if store::does(tx, new.doctor_id, new.service_id).await? {
        Ok(())
    } else {
        Err(FollowUpError::Impossible)
    }
}

/// Closes one for which no visit will be booked.
///
/// # Errors
/// [`FollowUpError::Changed`] unless it is open, or another version of it.
pub async fn close(
    clinic: &Clinic,
    grant: &Grant<KeepFollowUps>,
    id: FollowUpId,
    version: i64,
    reason: CloseReason,
) -> Result<PatientId, FollowUpError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let patient = store::close(tx, id, version, reason, grant.staff()).await?;
            let patient = patient.ok_or(FollowUpError::Changed)?;
            jobs::recount_in(tx, clinic, today(clinic)).await?;
            Ok((patient, event("follow_up.closed", patient, id).because(reason.name())))
        })
        .await
}

/// Opens one again that was closed.
///
/// # Errors
/// [`FollowUpError::Changed`] unless it is closed, or another version of it.
pub async fn reopen(
    clinic: &Clinic,
    grant: &Grant<KeepFollowUps>,
    id: FollowUpId,
    version: i64,
) -> Result<PatientId, FollowUpError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let patient = store::reopen(tx, id, version).await?;
            let patient = patient.ok_or(FollowUpError::Changed)?;
            jobs::recount_in(tx, clinic, today(clinic)).await?;
            Ok((patient, event("follow_up.reopened", patient, id)))
        })
        .await
}

/// A visit was booked, or stands again: the follow-up that it answers is done.
/// None when it answers none. The caller's event names it.
pub async fn booked_in(
    tx: &mut Tx,
    patient_id: PatientId,
    service_id: Option<ServiceId>,
    doctor_id: Option<ResourceId>,
    (visit, day): (AppointmentId, Day),
) -> Result<Option<FollowUpId>, VaultError> {
    let Some(service_id) = service_id else { return Ok(None) };
    let open = store::open_of(tx, patient_id, service_id).await?;
    let Some(id) = model::answered(&open, doctor_id, day) else { return Ok(None) };
    store::book(tx, id, visit).await?;
    jobs::recount_now_in(tx).await?;
    Ok(Some(id))
}

/// The visit that was booked for a follow-up will not take place, or did not.
/// None when it was booked for none. The caller's event names it.
pub async fn fell_through_in(
    tx: &mut Tx,
    visit: AppointmentId,
    lapse: Lapse,
) -> Result<Option<FollowUpId>, VaultError> {
    let id = store::unbook(tx, visit, lapse).await?;
    if id.is_some() {
        jobs::recount_now_in(tx).await?;
    }
    Ok(id)
}

/// Those to be called, or all, or those that are closed; the most urgent first.
/// A doctor sees what they said themselves. Whoever is blocked is left out.
pub async fn list(
    clinic: &Clinic,
    grant: &Grant<ViewFollowUps>,
    shown: Shown,
    doctor: Option<ResourceId>,
    language: Language,
) -> Result<Vec<FollowUpLine>, VaultError> {
    let until = today(clinic).plus_days(AHEAD);
    let own = own(grant);
    let found = clinic.vault.list(grant, "follow_up.listed", async |listing| {
        let mut rows = store::lines(listing, (shown, until), doctor, own, language, MOST).await?;
        let whose: Vec<PatientId> = rows.iter().map(|row| row.patient_id).collect();
        let mut away = listing.beyond(&whose).await?;
        away.extend(blocking::hidden_from(listing, grant).await?);
        rows.retain(|row| !away.contains(&row.patient_id));
        let seen = rows.iter().map(|row| row.patient_id).collect();
        Ok::<_, VaultError>((rows, seen))
    });
    found.await
}

/// A patient's, those that are over too, the latest first.
pub async fn of_patient(
    clinic: &Clinic,
    grant: &Grant<ViewFollowUps>,
    patient: PatientId,
    language: Language,
) -> Result<Vec<FollowUpLine>, VaultError> {
    let mut disclosure = clinic.vault.disclose(grant, patient).await?;
    store::of_patient(&mut disclosure, language, MOST).await
}

/// Whose follow-up is to be set, by name, and what the visit it comes of was
/// for. None when there is no such card.
pub async fn begun(
    clinic: &Clinic,
    grant: &Grant<KeepFollowUps>,
    patient: PatientId,
    after: Option<AppointmentId>,
) -> Result<Option<(String, Option<ServiceId>)>, VaultError> {
    let mut disclosure = clinic.vault.disclose(grant, patient).await?;
    store::begun(&mut disclosure, after).await
}

/// How many are to be called now: of a doctor, their own.
pub async fn due(clinic: &Clinic, grant: &Grant<ViewFollowUps>) -> Result<u32, VaultError> {
    let until = today(clinic).plus_days(AHEAD);
    store::count(&mut clinic.vault.read(grant).await?, until, own(grant)).await
}

/// Counts those to be called, for the rail.
pub async fn count_waiting(clinic: &Clinic) -> Result<(), VaultError> {
    let grant: Grant<CountFollowUps> =
        Actor::job("followups").grant().map_err(|_| VaultError::NotStaff)?;
    let until = today(clinic).plus_days(AHEAD);
    let count = store::count(&mut clinic.vault.read(&grant).await?, until, None).await?;
    clinic.waiting.set(WAITING, count);
    Ok(())
}

/// Whose follow-ups alone are shown: of those who do not reach everybody.
fn own<P: Permission>(grant: &Grant<P>) -> Option<StaffId> {
    if grant.actor().may::<ReachEverybody>() { None } else { grant.staff() }
}

fn now(clinic: &Clinic) -> Civil {
    clinic.profile.get().zone.civil(clinic.clock().now())
}

fn today(clinic: &Clinic) -> Day {
    now(clinic).day()
}

fn event(action: &'static str, patient: PatientId, id: FollowUpId) -> Event {
    Event::new(action, Subject::Patient(patient))
        .on("follow_up", id)
        .touching(TOPIC)
        .touching(format!("patient:{patient}"))
}

fn no_such(error: VaultError) -> FollowUpError {
    match error.violation() {
        Some(Violation::Reference | Violation::Check) => FollowUpError::NoSuch,
        _ => error.into(),
    }
}
