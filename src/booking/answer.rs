//! What patients do themselves, through the signed link in a message or by writing
//! back: confirm, cancel, or choose another time with the same doctor; with another doctor when
//! theirs is away.
//!
//! Whoever holds the grant has checked the link, which names the appointment, or
//! knows which one the message that was answered had asked about.

use serde::Serialize;

use crate::booking::course::go;
use crate::booking::late::late_at;
use crate::booking::making::now;
use crate::booking::model::{Appointment, CancelReason, Moving, Status};
use crate::booking::moving::{Moved, moved};
use crate::booking::slots::FreeSlot;
use crate::booking::store::{self, Terms};
use crate::booking::stranded::{is_away, is_away_of};
use crate::booking::supply::{Wish, alike, nearest};
use crate::booking::{BookingError, LENGTHS};
use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::ids::{AppointmentId, PatientId, ResourceId};
use crate::vault::permission::{AnswerAppointment, Role};
use crate::vault::{Grant, Reader};

/// Patients choose from slots that begin no sooner than so many minutes from now.
const NOTICE: i64 = 60;

/// One's own appointment, as a link shows it. The patient's name is not in it:
/// links are forwarded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Answerable {
    pub id: AppointmentId,
    #[serde(skip)]
    pub patient_id: PatientId,
    pub starts: Civil,
    pub minutes: i64,
    pub status: Status,
    pub version: i64,
    /// When anything of it was changed last.
    #[serde(skip)]
    pub changed_at: Timestamp,
    /// «Сейтова А. Н.»; empty when nobody is named.
    pub doctor: String,
    pub branch: String,
    pub address: String,
    /// The doctor will not be there: nothing is to be confirmed, and other
    /// doctors are offered too.
    #[sqlx(skip)]
    pub away: bool,
    /// How late the doctor is, in minutes; 0: in time.
    pub late: i64,
}

impl Answerable {
    /// Whether it can still be confirmed, cancelled or moved.
    pub fn is_open(&self, now: Civil) -> bool {
        self.status.may_move() && now < self.expected()
    }

    /// When it is to begin, as things stand.
    pub fn expected(&self) -> Civil {
        self.starts.plus_minutes(self.late)
    }
}

/// What the link is about. None when there is no such appointment.
pub async fn answering(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    id: AppointmentId,
) -> Result<Option<Answerable>, BookingError> {
    let found = clinic.vault.list(grant, "appointment.followed", async |listing| {
        let found = store::answerable(listing.sql(), id).await?;
        let whose = found.iter().map(|one| one.patient_id).collect();
        Ok::<_, BookingError>((found, whose))
    });
    let Some(mut found) = found.await? else { return Ok(None) };
    found.away = is_away_of(clinic, grant, id, found.status).await?;
    Ok(Some(found))
}

/// # Errors
/// [`BookingError::Past`] once it has begun; [`BookingError::NotAllowed`] when
/// it is cancelled or under way, or the doctor is away. Confirming twice is once.
pub async fn answer_confirm(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    id: AppointmentId,
) -> Result<(), BookingError> {
    let open = check_open(clinic, grant, id).await?;
    if is_away_of(clinic, grant, id, open.status).await? {
        return Err(BookingError::NotAllowed { from: open.status, to: Status::Confirmed });
    }
    if open.status == Status::Confirmed {
        return Ok(());
    }
    // Whoever has no link wrote back.
    let by = if grant.actor().role() == Role::Visitor { "link" } else { "reply" };
    go(clinic, grant, id, None, Status::Confirmed, by).await.map(|_| ())
}

/// # Errors
/// As [`answer_confirm`]. Cancelling twice is once.
pub async fn answer_cancel(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    id: AppointmentId,
) -> Result<(), BookingError> {
    let open = check_open(clinic, grant, id).await;
    if let Err(BookingError::NotAllowed { from: Status::Cancelled, .. }) = open {
        return Ok(());
    }
    open?;
    go(clinic, grant, id, None, Status::Cancelled, CancelReason::Patient.code()).await.map(|_| ())
}

/// Other times with the same doctor, nearest first; with any who does the same
/// when that doctor is away.
///
/// # Errors
/// As [`answer_confirm`].
pub async fn answer_slots(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    id: AppointmentId,
    limit: usize,
) -> Result<Vec<FreeSlot>, BookingError> {
    let (mut reader, terms, wish, _) = wished(clinic, grant, id).await?;
    Ok(nearest(&mut reader, &terms, &wish, wish.starts, limit, &[id]).await?)
}

/// The same, of each day those closest to the time of day it has: who comes at ten
/// comes at ten.
///
/// # Errors
/// As [`answer_confirm`].
pub async fn answer_alike(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    id: AppointmentId,
    limit: usize,
) -> Result<Vec<FreeSlot>, BookingError> {
    let (mut reader, terms, wish, stands) = wished(clinic, grant, id).await?;
    Ok(alike(&mut reader, &terms, &wish, stands, limit, &[id]).await?)
}

/// What a patient may choose from, and when their visit stands.
async fn wished(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    id: AppointmentId,
) -> Result<(Reader, Terms, Wish, Civil), BookingError> {
    let open = check_open(clinic, grant, id).await?;
    let mut reader = clinic.vault.read(grant).await?;
    let terms =
        store::kept_terms(&mut reader, open.service_id).await?.ok_or(BookingError::NoSuch)?;
    let away = is_away(&mut reader, &open).await?;
    let wish = Wish {
        starts: now(clinic).plus_minutes(NOTICE),
        minutes: Some(open.place.minutes.clamp(*LENGTHS.start(), *LENGTHS.end())),
        doctor_id: open.place.doctor_id.filter(|_| !away),
        place_id: None,
        rather: open.place.place_id,
    };
    Ok((reader, terms, wish, open.place.starts))
}

/// Moves it to another time with the same doctor, or with another one when
/// theirs is away. It is confirmed then: the patient chose the time.
///
/// # Errors
/// As [`answer_confirm`]; [`BookingError::Taken`] and [`BookingError::OffShift`]
/// with what is free.
pub async fn answer_move(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    id: AppointmentId,
    starts: Civil,
    doctor_id: Option<ResourceId>,
) -> Result<Moved, BookingError> {
    let open = check_open(clinic, grant, id).await?;
    let other = doctor_id.filter(|asked| Some(*asked) != open.place.doctor_id);
    if other.is_some() && !is_away_of(clinic, grant, id, open.status).await? {
        return Err(BookingError::Impossible);
    }
    if starts <= now(clinic) {
        return Err(BookingError::Past);
    }
    let to = Moving { starts: Some(starts), doctor_id: other, ..Moving::default() };
    moved(clinic, grant, id, None, &to, Some(Status::Confirmed)).await
}

async fn check_open(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    id: AppointmentId,
) -> Result<Appointment, BookingError> {
    let mut reader = clinic.vault.read(grant).await?;
    let found = store::by_id(reader.sql(), id).await?.ok_or(BookingError::NoSuch)?;
    if !found.status.may_move() {
        let to = Status::Confirmed;
        return Err(BookingError::NotAllowed { from: found.status, to });
    }
    let place = found.place;
    let late = late_at(&mut reader, place.doctor_id, place.day()).await?;
    let begins = place.starts.plus_minutes(late);
    if begins <= now(clinic) { Err(BookingError::Past) } else { Ok(found) }
}
