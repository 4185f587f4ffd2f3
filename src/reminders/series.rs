//! A series is told of once: how many visits, the first and the last, and a link
//! to all of them, from which each has a link of its own.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::booking::series::{self, Visit, WHOLE};
use crate::booking::{self, Due, SERIES_MADE};
use crate::clinic::Clinic;
use crate::i18n::dates;
use crate::ids::SeriesId;
use crate::jobs::JobFailure;
use crate::messaging::text::{Purpose, Variable};
use crate::messaging::{self, About, Answer, NewMessage, TOPIC, Verdict};
use crate::patients;
use crate::reminders::chain;
use crate::reminders::jobs::{Untold, values};
use crate::reminders::model::{LINK_OUTLIVES_MS, Token};
use crate::reminders::reached_in;
use crate::reminders::store;
use crate::schedule::{self, ClinicFacts};
use crate::vault::permission::SendMessages;
use crate::vault::{Actor, Event, Grant, Subject, Tx, VaultError};

/// The kind of job that this does.
pub const KIND: &str = SERIES_MADE;

#[derive(Deserialize)]
struct Payload {
    series: SeriesId,
}

/// Puts the message about a series into the outbox, once.
pub async fn tell(clinic: Clinic, payload: Value) -> Result<(), JobFailure> {
    let Payload { series } = serde_json::from_value(payload)
        .map_err(|_| JobFailure("payload_without_series".to_owned()))?;
    let grant: Grant<SendMessages> =
        Actor::job("reminders").grant().map_err(|denied| JobFailure(denied.to_string()))?;
    let facts = {
        let mut reader = clinic.vault.read(&grant).await?;
        schedule::facts(&mut reader).await?
    };
    let written = clinic
        .vault
        .change(&grant, async |tx| {
            let told = write(tx, &clinic, series, facts.as_ref()).await?;
            told.map(|event| ((), event)).ok_or(Untold::NothingToTell)
        })
        .await;
    match written {
        Ok(()) | Err(Untold::NothingToTell) => Ok(()),
        Err(Untold::Failed(error)) => Err(JobFailure(error.to_string())),
    }
}

/// What takes place of a series, by its time.
async fn standing(tx: &mut Tx, series: SeriesId) -> Result<Vec<Visit>, VaultError> {
    let mut visits = series::visits_in(tx, series).await?;
    visits.retain(|visit| visit.status.holds());
    visits.sort_by_key(|visit| (visit.starts, visit.id));
    Ok(visits)
}

/// Which visits a message names, to compare before it leaves.
fn stamp(visits: &[Visit]) -> String {
    let day = |visit: Option<&Visit>| visit.map(|one| one.starts.to_string()).unwrap_or_default();
    format!("{}/{}/{}", visits.len(), day(visits.first()), day(visits.last()))
}

async fn write(
    tx: &mut Tx,
    clinic: &Clinic,
    series: SeriesId,
    facts: Option<&ClinicFacts>,
) -> Result<Option<Event>, Untold> {
    let visits = standing(tx, series).await?;
    let about = About::new(WHOLE, series).stamped(stamp(&visits));
    if visits.len() < 2 || messaging::has(tx, Purpose::SeriesMade, &about).await? {
        return Ok(None);
    }
    let mut dues = Vec::new();
    for visit in &visits {
        dues.extend(booking::told_in(tx, visit.id).await?);
    }
    let (Some(first), Some(last)) = (dues.first(), dues.last()) else { return Ok(None) };
    let zone = clinic.profile.get().zone.clone();
    let not_after = zone.instant(first.starts);
    if !first.notify || not_after <= tx.now() {
        return Ok(None);
    }
    let Some(patient) = patients::card_in(tx, first.patient_id).await? else { return Ok(None) };
    let Some(to) = reached_in(tx, &patient).await? else { return Ok(None) };
    let step = chain::at_booking(tx, first.service_id, patient.language).await?;
    if step.is_left_out() {
        return Ok(None);
    }
    let token = Token::generate(&clinic.random);
    let link = format!("{}/m/{}", clinic.places.public_url, token.as_str());
    let values = values(clinic, &patient, facts, &link, first.starts)
        .with(Variable::Count, dues.len().to_string())
        .with(Variable::Last, dates::numeric(last.starts.day()));
    let message = NewMessage {
        patient_id: Some(first.patient_id),
        purpose: Purpose::SeriesMade,
        about,
        language: patient.language,
        to,
        values,
        secret: Some(token.as_str().to_owned()),
        not_after,
        first_by: None,
    };
    let id = messaging::enqueue(tx, clinic, &message).await?;
    links(tx, clinic, &token, &dues, &message).await?;
    let event = Event::new("appointment.told", Subject::Patient(first.patient_id))
        .on("series", series)
        .with_detail(json!({ "message": id, "purpose": Purpose::SeriesMade }));
    Ok(Some(event.touching(TOPIC)))
}

/// A link to all of them, and from it one to each.
async fn links(
    tx: &mut Tx,
    clinic: &Clinic,
    token: &Token,
    dues: &[Due],
    message: &NewMessage,
) -> Result<(), VaultError> {
    let zone = clinic.profile.get().zone.clone();
    let expires = |due: &Due| zone.instant(due.starts).plus_ms(LINK_OUTLIVES_MS);
    if let (Some(first), Some(last)) = (dues.first(), dues.last()) {
        let until = expires(last);
        store::insert_for(tx, token, first, message.language, until, dues.len()).await?;
    }
    for (index, due) in dues.iter().enumerate() {
        store::insert(tx, &token.nth(index), due, message.language, expires(due)).await?;
    }
    Ok(())
}

/// Asked before it leaves: whether those visits still stand as it says.
pub fn still_true<'t>(tx: &'t mut Tx, about: &'t About) -> Answer<'t> {
    Box::pin(async move {
        let Ok(series) = about.id.parse::<SeriesId>() else {
            return Ok(Verdict::Withhold("cancelled"));
        };
        let visits = standing(tx, series).await?;
        Ok(match visits.len() {
            0 | 1 => Verdict::Withhold("cancelled"),
            _ if stamp(&visits) == about.stamp => Verdict::Send,
            _ => Verdict::Withhold("moved"),
        })
    })
}
