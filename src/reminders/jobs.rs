//! What a booking, a move or a cancellation sets going.

use serde::Deserialize;
use serde_json::Value;

use crate::booking::{self, Due};
use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::i18n::Language;
use crate::ids::AppointmentId;
use crate::jobs::{JobFailure, Jobs};
use crate::messaging::text::{Purpose, Values, Variable};
use crate::messaging::{
    self, About, Answer, Hooks, MessagingError, NewMessage, TOPIC, To, Verdict, speaking,
};
use crate::patients::{self, Patient};
use crate::reminders::chain;
use crate::reminders::model::{self, LINK_OUTLIVES_MS, Token};
use crate::reminders::{late, reached_in, series, store};
use crate::schedule::{self, ClinicFacts};
use crate::vault::permission::SendMessages;
use crate::vault::{Actor, Event, Grant, Subject, Tx, VaultError};

/// The work this capability does for `booking`.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new()
        .on(booking::MADE, |clinic, payload| tell(clinic, payload, Purpose::BookingMade))
        .on(booking::MOVED, |clinic, payload| tell(clinic, payload, Purpose::BookingMoved))
        .on(booking::CANCELLED, |clinic, payload| tell(clinic, payload, Purpose::BookingCancelled))
        .on(late::KIND, late::tell)
        .on(series::KIND, series::tell)
}

/// Who is asked before a message about an appointment leaves.
pub fn hooks() -> Hooks {
    Hooks::new()
        .before(Purpose::BookingMade, |tx, about| still_true(tx, Purpose::BookingMade, about))
        .before(Purpose::BookingMoved, |tx, about| still_true(tx, Purpose::BookingMoved, about))
        .before(Purpose::BookingCancelled, |tx, about| {
            still_true(tx, Purpose::BookingCancelled, about)
        })
        .before(Purpose::SeriesMade, series::still_true)
        .before(Purpose::DoctorAway, |tx, about| still_true(tx, Purpose::DoctorAway, about))
        .before(Purpose::DoctorLate, |tx, about| late::still_true(tx, Purpose::DoctorLate, about))
        .before(Purpose::DoctorOnTime, |tx, about| {
            late::still_true(tx, Purpose::DoctorOnTime, about)
        })
        .before(Purpose::VisitReminder, chain::still_wanted)
        .before(Purpose::FamilyReminder, chain::still_wanted)
}

fn still_true<'t>(tx: &'t mut Tx, purpose: Purpose, about: &'t messaging::About) -> Answer<'t> {
    Box::pin(async move {
        let Ok(id) = about.id.parse::<AppointmentId>() else {
            return Ok(Verdict::Withhold("cancelled"));
        };
        let due = booking::told_in(tx, id).await?;
        let verdict = model::verdict(purpose, &about.stamp, due.as_ref());
        match due {
            Some(due) if (purpose, verdict) == (Purpose::BookingMoved, Verdict::Send) => {
                unless_told_in_chat(tx, about, &due).await
            }
            Some(due) if (purpose, verdict) == (Purpose::DoctorAway, Verdict::Send) => {
                let away = booking::is_stranded_in(tx, &due).await?;
                Ok(if away { verdict } else { Verdict::Withhold("away_changed") })
            }
            _ => Ok(verdict),
        }
    })
}

/// Whoever moved it in a chat has read so there, or is just about to: the chat says
/// what it is about to tell before the visit moves.
async fn unless_told_in_chat(
    tx: &mut Tx,
    about: &messaging::About,
    due: &Due,
) -> Result<Verdict, VaultError> {
    let now = tx.now();
    let mut told = speaking::telling_in(tx, about).await?;
    if told.is_none() {
        told = speaking::telling_in(tx, &model::moved(due.id, due.starts, None)).await?;
    }
    Ok(model::unless_told(told, now))
}

#[derive(Deserialize)]
struct Payload {
    appointment: AppointmentId,
}

/// Puts a message about an appointment into the outbox, once.
async fn tell(clinic: Clinic, payload: Value, purpose: Purpose) -> Result<(), JobFailure> {
    let payload: Payload = serde_json::from_value(payload)
        .map_err(|_| JobFailure("payload_without_appointment".to_owned()))?;
    let grant: Grant<SendMessages> =
        Actor::job("reminders").grant().map_err(|denied| JobFailure(denied.to_string()))?;
    let facts = {
        let mut reader = clinic.vault.read(&grant).await?;
        schedule::facts(&mut reader).await?
    };
    let written = clinic
        .vault
        .change(&grant, async |tx| {
            let facts = facts.as_ref();
            let told = write(tx, &clinic, payload.appointment, purpose, facts, Once::Only).await?;
            told.map(|event| ((), event)).ok_or(Untold::NothingToTell)
        })
        .await;
    match written {
        Ok(()) | Err(Untold::NothingToTell) => Ok(()),
        Err(Untold::Failed(error)) => Err(JobFailure(error.to_string())),
    }
}

/// Whether the same may be said a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Once {
    Only,
    /// The first time it did not arrive.
    More,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Untold {
    /// Said already, not wanted, no number, or over.
    #[error("there is nothing to tell")]
    NothingToTell,
    #[error(transparent)]
    Failed(#[from] MessagingError),
}

impl From<VaultError> for Untold {
    fn from(error: VaultError) -> Self {
        Self::Failed(error.into())
    }
}

/// Puts a message into the outbox and gives the event of it. None when there is
/// nothing to tell.
pub(super) async fn write(
    tx: &mut Tx,
    clinic: &Clinic,
    id: AppointmentId,
    purpose: Purpose,
    facts: Option<&ClinicFacts>,
    once: Once,
) -> Result<Option<Event>, Untold> {
    let Some(due) = booking::told_in(tx, id).await? else { return Ok(None) };
    let about = model::about(&due);
    let starts_at = clinic.profile.get().zone.instant(due.starts);
    let wanted = model::verdict(purpose, &about.stamp, Some(&due)) == Verdict::Send;
    if !wanted || starts_at <= tx.now() {
        return Ok(None);
    }
    if once == Once::Only && messaging::has(tx, purpose, &about).await? {
        return Ok(None);
    }
    let Some(patient) = patients::card_in(tx, due.patient_id).await? else { return Ok(None) };
    let step = if matches!(purpose, Purpose::BookingMade | Purpose::BookingMoved) {
        chain::at_booking(tx, due.service_id, patient.language).await?
    } else {
        chain::AtBooking::Other
    };
    if step.is_left_out() {
        return Ok(None);
    }
    let Some(to) = reached_in(tx, &patient).await? else { return Ok(None) };
    if matches!(purpose, Purpose::BookingMade | Purpose::BookingMoved) {
        booking::told_if_late_in(tx, clinic, &due).await?;
    }
    let not_after = not_after(purpose, starts_at, tx.now());
    let saying = Saying { purpose, about, not_after, facts, more: Vec::new(), step };
    say(tx, clinic, (&due, &patient, to), saying).await.map(Some)
}

/// What is said about an appointment.
pub(super) struct Saying<'a> {
    pub purpose: Purpose,
    pub about: About,
    /// When it is of no more use.
    pub not_after: Timestamp,
    pub facts: Option<&'a ClinicFacts>,
    /// Values besides those of every message about a time.
    pub more: Vec<(Variable, String)>,
    /// The step of the chain of reminders that it is.
    pub step: chain::AtBooking,
}

/// Puts it into the outbox, with a link of its own unless nothing can be done by
/// one, and gives the event of it.
pub(super) async fn say(
    tx: &mut Tx,
    clinic: &Clinic,
    (due, patient, to): (&Due, &Patient, To),
    saying: Saying<'_>,
) -> Result<Event, Untold> {
    let Saying { purpose, about, not_after, facts, more, step } = saying;
    let language = patient.language;
    let token = Token::generate(&clinic.random);
    let starts_at = clinic.profile.get().zone.instant(due.starts);
    if purpose != Purpose::BookingCancelled {
        store::insert(tx, &token, due, language, starts_at.plus_ms(LINK_OUTLIVES_MS)).await?;
    }
    let link = format!("{}/m/{}", clinic.places.public_url, token.as_str());
    let values = values(clinic, patient, facts, &link, due.starts);
    let values = treatment(tx, due.id, language, values).await?;
    let message = NewMessage {
        patient_id: Some(due.patient_id),
        purpose,
        about,
        language,
        to,
        values: more.iter().fold(values, |values, (variable, value)| values.with(*variable, value)),
        secret: Some(token.as_str().to_owned()),
        not_after,
        first_by: step.channel(purpose),
    };
    let sources = step.source(purpose);
    let message_id = messaging::enqueue_as(tx, clinic, &message, &sources).await?;
    chain::note_at_booking(tx, clinic, due.id, &step, message_id).await?;
    let event = Event::new("appointment.told", Subject::Patient(due.patient_id))
        .on("appointment", due.id)
        .with_detail(serde_json::json!({ "message": message_id, "purpose": purpose }))
        .touching(TOPIC);
    Ok(event)
}

/// Writes to a patient that their doctor is away, with the link to choose
/// another time. `Err` holds the code of why nothing was written.
///
/// # Errors
/// Those of the outbox.
pub async fn tell_away_in(
    tx: &mut Tx,
    clinic: &Clinic,
    id: AppointmentId,
    facts: Option<&ClinicFacts>,
) -> Result<Result<Event, &'static str>, TellError> {
    let Some(due) = booking::told_in(tx, id).await? else { return Ok(Err("cancelled")) };
    if let Verdict::Withhold(reason) =
        model::verdict(Purpose::DoctorAway, &model::about(&due).stamp, Some(&due))
    {
        return Ok(Err(reason));
    }
    let Some(patient) = patients::card_in(tx, due.patient_id).await? else {
        return Ok(Err("cancelled"));
    };
    if reached_in(tx, &patient).await?.is_none() {
        return Ok(Err("no_phone"));
    }
    match write(tx, clinic, id, Purpose::DoctorAway, facts, Once::Only).await {
        Ok(Some(event)) => Ok(Ok(event)),
        Ok(None) | Err(Untold::NothingToTell) => Ok(Err("written")),
        Err(Untold::Failed(error)) => Err(TellError(error)),
    }
}

/// The outbox did not take a message.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct TellError(#[from] pub MessagingError);

impl From<VaultError> for TellError {
    fn from(error: VaultError) -> Self {
        Self(error.into())
    }
}

/// A message about an appointment is of no use once that has begun; one about
/// a cancellation, after a day.
fn not_after(purpose: Purpose, starts_at: Timestamp, now: Timestamp) -> Timestamp {
    match purpose {
        Purpose::BookingCancelled => starts_at.min(now.plus_ms(LINK_OUTLIVES_MS)),
        _ => starts_at,
    }
}

/// Adds by whom and for what a visit is: clinical values, which never leave the
/// country.
pub(super) async fn treatment(
    tx: &mut Tx,
    id: AppointmentId,
    language: Language,
    values: Values,
) -> Result<Values, VaultError> {
    let treatment = store::treatment(tx, id, language).await?;
    Ok(values
        .with(Variable::Doctor, treatment.doctor)
        .with(Variable::Service, treatment.service)
        .with(Variable::Preparation, treatment.preparation))
}

/// What a message about a time of this patient's may name.
pub fn values(
    clinic: &Clinic,
    patient: &Patient,
    facts: Option<&ClinicFacts>,
    link: &str,
    starts: Civil,
) -> Values {
    let words = clinic.pages.words();
    let values = Values::new().with(Variable::Name, &patient.given).with(Variable::Link, link).at(
        words,
        patient.language,
        starts,
    );
    let Some(facts) = facts else { return values };
    let phone = facts.phone.as_ref().map(ToString::to_string).unwrap_or_default();
    values
        .with(Variable::Address, facts.address(patient.language))
        .with(Variable::Entrance, facts.entrance(patient.language))
        .with(Variable::Phone, phone)
}
