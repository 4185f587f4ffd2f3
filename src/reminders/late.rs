//! Writing to whoever is still to come that their doctor runs late, and that the
//! doctor is in time again.
//!
//! Whom to write to is decided when it is written, not when it is said: whoever
//! arrived, cancelled or moved meanwhile is not written to. What is no longer
//! true when its turn comes does not leave, and is thought over again.

use serde::Deserialize;
use serde_json::Value;

use crate::booking::{self, LATE, ToCome, Word};
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::i18n::dates;
use crate::ids::{AppointmentId, ResourceId};
use crate::jobs::JobFailure;
use crate::messaging::text::{Purpose, Variable};
use crate::messaging::{About, Answer, TOPIC, Verdict};
use crate::patients::{self, blocking};
use crate::reminders::chain::AtBooking;
use crate::reminders::jobs::{Saying, Untold, say};
use crate::reminders::model;
use crate::reminders::reached_in;
use crate::schedule::{self, ClinicFacts};
use crate::vault::permission::SendMessages;
use crate::vault::{Actor, Event, Events, Grant, Subject, Tx, VaultError};

/// The kind of job that this does.
pub const KIND: &str = LATE;

#[derive(Deserialize)]
struct Payload {
    doctor: ResourceId,
    day: Day,
}

/// Tells each patient of a doctor who is still to come that day, once.
pub async fn tell(clinic: Clinic, payload: Value) -> Result<(), JobFailure> {
    let Payload { doctor, day } = serde_json::from_value(payload)
        .map_err(|_| JobFailure("payload_without_doctor".to_owned()))?;
    let grant: Grant<SendMessages> =
        Actor::job("reminders").grant().map_err(|denied| JobFailure(denied.to_string()))?;
    let facts = {
        let mut reader = clinic.vault.read(&grant).await?;
        schedule::facts(&mut reader).await?
    };
    let written = clinic
        .vault
        .change(&grant, async |tx| {
            let (late, visits) = booking::to_come_in(tx, doctor, day).await?;
            let mut events: Option<Events> = None;
            for visit in visits {
                let Some(word) = booking::word(visit.knows, late) else { continue };
                let Some(event) = tell_one(tx, &clinic, &visit, word, facts.as_ref()).await? else {
                    continue;
                };
                let event = event.touching(format!("schedule:{day}"));
                events = Some(match events {
                    Some(events) => events.and(event),
                    None => event.into(),
                });
            }
            events.map(|events| ((), events)).ok_or(Untold::NothingToTell)
        })
        .await;
    match written {
        Ok(()) | Err(Untold::NothingToTell) => Ok(()),
        Err(Untold::Failed(error)) => Err(JobFailure(error.to_string())),
    }
}

/// One message, or why there is none. None: their time has come, or they were
/// never told of what is over.
async fn tell_one(
    tx: &mut Tx,
    clinic: &Clinic,
    visit: &ToCome,
    word: Word,
    facts: Option<&ClinicFacts>,
) -> Result<Option<Event>, Untold> {
    let expected = visit.starts.plus_minutes(word.minutes());
    let not_after = clinic.profile.get().zone.instant(expected);
    if not_after <= tx.now() {
        return Ok(None);
    }
    let Some(due) = booking::told_in(tx, visit.id).await? else { return Ok(None) };
    let Some(patient) = patients::card_in(tx, due.patient_id).await? else { return Ok(None) };
    let to = reached_in(tx, &patient).await?;
    let why = match &to {
        _ if blocking::stands_in(tx, due.patient_id).await? => "blocked",
        _ if !due.notify => "not_wanted",
        None => "no_phone",
        Some(_) => "",
    };
    booking::said_in(tx, visit, word, why).await?;
    let Some(to) = to.filter(|_| why.is_empty()) else {
        let event = Event::new("lateness.not_told", Subject::Patient(due.patient_id));
        let event = event.on("appointment", visit.id).because(why).touching(TOPIC);
        return Ok((word != Word::OnTime).then_some(event));
    };
    let (purpose, late) = match word {
        Word::Late(minutes) => (Purpose::DoctorLate, minutes),
        Word::OnTime => (Purpose::DoctorOnTime, 0),
    };
    let about = model::about(&due);
    let stamp = format!("{}/{late}", about.stamp);
    let saying = Saying {
        purpose,
        about: About { stamp, ..about },
        not_after,
        facts,
        more: vec![(Variable::Expected, dates::time(expected))],
        step: AtBooking::Other,
    };
    say(tx, clinic, (&due, &patient, to), saying).await.map(Some)
}

/// Asked before a message leaves: whether the visit stands where it stood, and
/// the doctor is as late as it says.
pub fn still_true<'t>(tx: &'t mut Tx, purpose: Purpose, about: &'t About) -> Answer<'t> {
    Box::pin(async move {
        let Ok(id) = about.id.parse::<AppointmentId>() else {
            return Ok(Verdict::Withhold("cancelled"));
        };
        let Some(due) = booking::told_in(tx, id).await? else {
            return Ok(Verdict::Withhold("cancelled"));
        };
        let day = due.starts.day();
        let verdict = match model::verdict(purpose, &about.stamp, Some(&due)) {
            Verdict::Send if !says(about, booking::late_in(tx, due.doctor_id, day).await?) => {
                Verdict::Withhold("late_changed")
            }
            verdict => verdict,
        };
        if verdict != Verdict::Send {
            booking::unsaid_in(tx, id, due.doctor_id, day).await?;
        }
        Ok::<_, VaultError>(verdict)
    })
}

/// Whether a message says so many minutes.
fn says(about: &About, late: i64) -> bool {
    about.stamp.rsplit('/').next().and_then(|said| said.parse().ok()) == Some(late)
}
