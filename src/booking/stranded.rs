//! Appointments of a doctor who is away: nobody may overlook them.
//!
//! What stands here follows from the schedule alone (an exception "away" and no
//! later word), whoever entered it and for whatever reason.

use serde::Serialize;
use serde_json::json;

use crate::booking::BookingError;
use crate::booking::day::{Details, details};
use crate::booking::making::now;
use crate::booking::model::{Appointment, Status};
use crate::booking::slots::{FreeSlot, Span};
use crate::booking::store::{self, Due, StrandedRow};
use crate::booking::supply::{Wish, nearest, on_day};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId};
use crate::schedule::{self, Away};
use crate::vault::permission::{Permission, ViewSchedule};
use crate::vault::{Grant, Reader, Tx, VaultError};

/// How far ahead absences are looked at, in days.
const AHEAD: i64 = 366;

/// Slots of the same doctor and of others that are proposed for one visit.
const SAME: usize = 2;
const OTHERS: usize = 3;

/// An appointment ahead whose doctor will not be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stranded {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    pub doctor_id: ResourceId,
    pub starts: Civil,
}

/// All of them by doctor and time, earliest first: nobody's name.
pub async fn stranded<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Vec<(ResourceId, Civil)>, VaultError> {
    let now = now(clinic);
    let mut reader = clinic.vault.read(grant).await?;
    let (first, last) = (now.day(), now.day().plus_days(AHEAD));
    let away = schedule::away_between(&mut reader, first, last).await?;
    let spans = spans(&away);
    let rows = store::stranded(reader.sql(), &spans, now).await?;
    Ok(rows.into_iter().map(|row| (row.doctor_id, row.starts)).collect())
}

/// Those of one doctor between two days, as this transaction sees it.
pub async fn stranded_of(
    clinic: &Clinic,
    tx: &mut Tx,
    doctor_id: ResourceId,
    (first, last): (Day, Day),
) -> Result<Vec<Stranded>, VaultError> {
    let mut away = schedule::away_between_in(tx, first, last).await?;
    away.retain(|one| one.doctor == doctor_id);
    let rows = store::stranded(tx.sql(), &spans(&away), now(clinic)).await?;
    let of = |row: StrandedRow| Stranded {
        id: row.id,
        patient_id: row.patient_id,
        doctor_id: row.doctor_id,
        starts: row.starts,
    };
    Ok(rows.into_iter().map(of).collect())
}

/// Whether its doctor is away then, as this transaction sees it.
pub async fn is_stranded_in(tx: &mut Tx, due: &Due) -> Result<bool, VaultError> {
    let day = due.starts.day();
    let own = Span { starts: due.starts, ends: due.starts.plus_minutes(due.minutes) };
    let away = schedule::away_between_in(tx, day, day).await?;
    let of_doctor = away.iter().filter(|one| Some(one.doctor) == due.doctor_id);
    Ok(of_doctor.map(|one| on_day(one.day, one.span)).any(|span| span.overlaps(own)))
}

/// Where an appointment could be put instead: with the same doctor, and with
/// others who do the same, nearest first. What is spoken for by others is left
/// out.
///
/// # Errors
/// [`BookingError::NoSuch`].
pub async fn elsewhere(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    id: AppointmentId,
    language: Language,
    spoken_for: &[FreeSlot],
) -> Result<(Details, Vec<FreeSlot>), BookingError> {
    let found = details(clinic, grant, id, language).await?;
    let mut reader = clinic.vault.read(grant).await?;
    let terms = store::kept_terms(&mut reader, found.service_id).await?;
    let terms = terms.ok_or(BookingError::NoSuch)?;
    let from = now(clinic);
    let wish = Wish {
        starts: from,
        minutes: Some(found.minutes),
        doctor_id: None,
        place_id: None,
        rather: found.place_id,
    };
    let same = Wish { doctor_id: found.doctor_id, ..wish };
    let open = |slot: &FreeSlot| !spoken_for.iter().any(|other| slot.meets(other));
    // What is spoken for may meet a slot on either side of itself.
    let more = 2 * spoken_for.len();
    let mut slots = match found.doctor_id {
        Some(_) => nearest(&mut reader, &terms, &same, from, SAME + more, &[id]).await?,
        None => Vec::new(),
    };
    slots.retain(open);
    slots.truncate(SAME);
    let others = nearest(&mut reader, &terms, &wish, from, OTHERS + 8 + more, &[id]).await?;
    let others = others.into_iter().filter(|slot| Some(slot.doctor_id) != found.doctor_id);
    slots.extend(others.filter(open).take(OTHERS));
    Ok((found, slots))
}

/// Whether the doctor of an appointment is away at its time.
pub(super) async fn is_away(
    reader: &mut Reader,
    appointment: &Appointment,
) -> Result<bool, VaultError> {
    let Some(doctor) = appointment.place.doctor_id else { return Ok(false) };
    is_away_then(reader, doctor, appointment.place.span()).await
}

async fn is_away_then(
    reader: &mut Reader,
    doctor: ResourceId,
    span: Span,
) -> Result<bool, VaultError> {
    let day = span.starts.day();
    let away = schedule::away_between(reader, day, day).await?;
    Ok(away.iter().any(|one| one.doctor == doctor && on_day(day, one.span).overlaps(span)))
}

/// The same for whoever has followed a link.
pub(super) async fn is_away_of<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: AppointmentId,
    status: Status,
) -> Result<bool, VaultError> {
    if !status.may_move() {
        return Ok(false);
    }
    let mut reader = clinic.vault.read(grant).await?;
    match store::by_id(reader.sql(), id).await? {
        Some(found) => is_away(&mut reader, &found).await,
        None => Ok(false),
    }
}

/// For the query: who is away from when until when.
fn spans(away: &[Away]) -> String {
    let spans = away.iter().map(|one| {
        let span = on_day(one.day, one.span);
        json!({ "doctor": one.doctor, "starts": span.starts, "ends": span.ends })
    });
    spans.collect::<serde_json::Value>().to_string()
}
