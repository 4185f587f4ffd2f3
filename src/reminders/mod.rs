//! What patients are told about their appointments, and what they answer.
//!
//! A booking, a move or a cancellation queues work in its own transaction; here
//! it becomes a message in the patient's language with a link of its own. The
//! link is 128 random bits of which only the hash is stored; it opens one
//! appointment, until a day after it was to begin, to whoever holds it: the
//! page shows neither the patient's name nor the service (KAZAKHSTAN.md 3.5).

mod again;
pub mod chain;
mod desk;
mod jobs;
mod late;
mod link_visit;
mod model;
mod reach;
mod routes;
mod series;
mod store;
mod writing;

use crate::booking::{self, Answerable, BookingError, FreeSlot};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId};
use crate::vault::permission::{AnswerAppointment, Permission};
use crate::vault::{Grant, Tx, VaultError};

pub use again::{AgainError, send_again};
pub use desk::routes;
pub use jobs::{TellError, hooks, jobs, tell_away_in, values};
pub use link_visit::{Closed, ClosedPage, LinkVisit};
pub use model::{Token, moved as about_move};
pub use reach::reached_in;
pub use routes::{AnswerPage, CancelPage, FamilyPage, MovePage, public_routes};
pub use store::hand_over_in;
pub use writing::WritingPage;

/// How many other times are offered.
const OFFERED: usize = 24;

/// Why a link does nothing.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Never made, mistyped or cut off.
    #[error("there is no such link")]
    Unknown,
    /// A day after the appointment's time it opens nothing.
    #[error("the link has expired")]
    Expired,
    /// It begins so soon that only a call can change it.
    #[error("it is too late to change it by the link")]
    TooLate,
    #[error(transparent)]
    Booking(#[from] BookingError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// A link that opens an appointment: the proof that its holder may answer.
pub struct Opened {
    pub appointment: Answerable,
    /// The language the patient was written to in.
    pub language: Language,
    /// Until when it is moved and cancelled by the link.
    pub until: Civil,
}

/// What a link is about.
///
/// # Errors
/// [`LinkError::Unknown`], [`LinkError::Expired`].
pub async fn open(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    token: &Token,
) -> Result<Opened, LinkError> {
    let (id, language) = follow(clinic, grant, token).await?;
    let appointment = booking::answering(clinic, grant, id).await?.ok_or(LinkError::Unknown)?;
    let cutoff = cutoff(clinic, grant).await?;
    let until = appointment.expected().plus_minutes(-cutoff);
    Ok(Opened { appointment, language, until })
}

/// Minutes before an appointment begins until which it is moved and cancelled
/// by its link.
pub async fn cutoff<P: Permission>(clinic: &Clinic, grant: &Grant<P>) -> Result<i64, VaultError> {
    store::cutoff(&mut clinic.vault.read(grant).await?).await
}

/// Sets it, inside another capability's change.
pub async fn set_cutoff_in(tx: &mut Tx, minutes: i64) -> Result<(), VaultError> {
    store::set_cutoff(tx, minutes).await
}

/// Lets a link that the caller made open an appointment, inside the change that
/// makes it: the page that booked it leads there.
pub async fn link_in(
    tx: &mut Tx,
    clinic: &Clinic,
    token: &Token,
    id: AppointmentId,
    language: Language,
) -> Result<(), VaultError> {
    let Some(due) = booking::told_in(tx, id).await? else { return Ok(()) };
    let starts_at = clinic.profile.get().zone.instant(due.starts);
    let expires_at = starts_at.plus_ms(model::LINK_OUTLIVES_MS);
    store::insert(tx, token, &due, language, expires_at).await
}

/// The visits of a link that was sent for several, each with its own link; one
/// or none for a link to one visit.
///
/// # Errors
/// As [`open`].
pub async fn together(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    token: &Token,
) -> Result<Vec<(Token, Opened)>, LinkError> {
    let count = {
        let mut reader = clinic.vault.read(grant).await?;
        let link = store::link(&mut reader, &token.hash()).await?;
        link.map_or(1, |link| usize::try_from(link.together).unwrap_or(1))
    };
    let mut visits = Vec::new();
    for index in 0..if count < 2 { 0 } else { count } {
        let own = token.nth(index);
        match open(clinic, grant, &own).await {
            Ok(opened) => visits.push((own, opened)),
            // That visit's own link is over sooner than the link to all.
            Err(LinkError::Unknown | LinkError::Expired) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(visits)
}

/// The patient will come. The schedule shows it at once.
///
/// # Errors
/// As [`open`], and those of [`booking::answer_confirm`].
pub async fn confirm(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    token: &Token,
) -> Result<(), LinkError> {
    let (id, _) = follow(clinic, grant, token).await?;
    Ok(booking::answer_confirm(clinic, grant, id).await?)
}

/// The patient will not come. The time is free again at once.
///
/// # Errors
/// As [`open`], [`LinkError::TooLate`], and those of [`booking::answer_cancel`].
pub async fn cancel(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    token: &Token,
) -> Result<(), LinkError> {
    let id = in_time(clinic, grant, token).await?;
    Ok(booking::answer_cancel(clinic, grant, id).await?)
}

/// Other times with the same doctor, nearest first; with others too when that
/// doctor is away.
///
/// # Errors
/// As [`open`], and those of [`booking::answer_slots`].
pub async fn other_times(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    token: &Token,
) -> Result<Vec<FreeSlot>, LinkError> {
    let id = in_time(clinic, grant, token).await?;
    Ok(booking::answer_slots(clinic, grant, id, OFFERED).await?)
}

/// The patient comes at another time, which counts as confirmed.
///
/// # Errors
/// As [`open`], and those of [`booking::answer_move`].
pub async fn move_to(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    token: &Token,
    starts: Civil,
    doctor: Option<ResourceId>,
) -> Result<(), LinkError> {
    let id = in_time(clinic, grant, token).await?;
    booking::answer_move(clinic, grant, id, starts, doctor).await?;
    Ok(())
}

/// Whether the patient may still move or cancel it themselves.
///
/// # Errors
/// Those of the database.
pub async fn may_change(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    id: AppointmentId,
) -> Result<bool, VaultError> {
    let found = match booking::answering(clinic, grant, id).await {
        Ok(found) => found,
        Err(BookingError::Vault(error)) => return Err(error),
        Err(_) => None,
    };
    let Some(appointment) = found else { return Ok(false) };
    let until = appointment.expected().plus_minutes(-cutoff(clinic, grant).await?);
    Ok(is_in_time(clinic, &appointment, until))
}

/// The appointment of a link, while that may still change it. Whose doctor is
/// away changes it to the last minute: it was the clinic that moved it.
async fn in_time(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    token: &Token,
) -> Result<AppointmentId, LinkError> {
    let opened = open(clinic, grant, token).await?;
    let in_time = is_in_time(clinic, &opened.appointment, opened.until);
    if in_time { Ok(opened.appointment.id) } else { Err(LinkError::TooLate) }
}

fn is_in_time(clinic: &Clinic, appointment: &Answerable, until: Civil) -> bool {
    let now = clinic.profile.get().zone.civil(clinic.clock().now());
    !appointment.is_open(now) || appointment.away || now <= until
}

/// Whose link it is, for what the link lets them say of messages to them: for a
/// year after the visit. Of several where it was sent for several, at least one.
///
/// # Errors
/// [`LinkError::Unknown`], [`LinkError::Expired`].
pub(crate) async fn whose(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    token: &Token,
) -> Result<(Vec<PatientId>, Language), LinkError> {
    let mut reader = clinic.vault.read(grant).await?;
    let link = store::link(&mut reader, &token.hash()).await?.ok_or(LinkError::Unknown)?;
    if link.expires_at.plus_ms(model::CHOICES_OUTLIVE_MS) <= clinic.clock().now() {
        return Err(LinkError::Expired);
    }
    // They were told of together because they want the same.
    let mut whose = vec![link.patient_id];
    for index in 0..usize::try_from(link.together).unwrap_or(1) {
        let own = store::link(&mut reader, &token.nth(index).hash()).await?;
        whose.extend(own.map(|own| own.patient_id).filter(|one| !whose.contains(one)));
    }
    Ok((whose, link.language))
}

async fn follow(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    token: &Token,
) -> Result<(AppointmentId, Language), LinkError> {
    let mut reader = clinic.vault.read(grant).await?;
    let link = store::link(&mut reader, &token.hash()).await?.ok_or(LinkError::Unknown)?;
    if link.expires_at <= clinic.clock().now() {
        return Err(LinkError::Expired);
    }
    Ok((link.appointment_id, link.language))
}
