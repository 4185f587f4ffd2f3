//! The one SMS that says what was done with a reply.

use crate::booking::{self, Status};
use crate::clinic::Clinic;
use crate::contact::Phone;
use crate::i18n::dates;
use crate::ids::{AppointmentId, PatientId};
use crate::messaging::text::{Purpose, Values, Variable};
use crate::messaging::{self, About, Answer, Hooks, NewMessage, Verdict};
use crate::patients;
use crate::reminders::{self, Token};
use crate::replies::answering::AnswerError;
use crate::replies::model::{Asked, ReplyId};
use crate::replies::store;
use crate::schedule::ClinicFacts;
use crate::vault::Tx;

/// Whoever waits longer for it has called.
const LASTS_MS: i64 = 60 * 60 * 1000;

/// What is to be said.
pub(super) struct Ack<'a> {
    pub purpose: Purpose,
    pub reply: ReplyId,
    pub phone: &'a Phone,
    pub visits: &'a [AppointmentId],
}

/// Adds the last word before such an SMS leaves.
#[must_use]
pub fn hooks(hooks: Hooks) -> Hooks {
    hooks
        .before(Purpose::ReplyConfirmed, |tx, about| still_true(tx, Status::Confirmed, about))
        .before(Purpose::ReplyCancelled, |tx, about| still_true(tx, Status::Cancelled, about))
}

/// Puts it into the outbox, in the language of the question.
pub(super) async fn put(
    tx: &mut Tx,
    clinic: &Clinic,
    ack: &Ack<'_>,
    asked: &[Asked],
    facts: Option<&ClinicFacts>,
) -> Result<(), AnswerError> {
    let mut visits = Vec::new();
    for id in ack.visits {
        let Some(due) = booking::told_in(tx, *id).await? else { continue };
        let Some(patient) = patients::card_in(tx, due.patient_id).await? else { continue };
        visits.push((due, patient));
    }
    visits.sort_by_key(|(due, _)| (due.starts, due.id));
    let Some((first, patient)) = visits.first() else { return Ok(()) };
    let question = asked.iter().filter(|one| one.appointment_id == Some(first.id));
    let question = question.max_by_key(|one| one.left_at);
    let language = question.map_or(patient.language, |one| one.language);
    let token = Token::generate(&clinic.random);
    let link = format!("{}/m/{}", clinic.places.public_url, token.as_str());
    let each: Vec<String> = visits
        .iter()
        .map(|(due, patient)| match visits.len() {
            1 => dates::time(due.starts),
            _ => format!("{} {}", patient.given, dates::time(due.starts)).trim().to_owned(),
        })
        .collect();
    let values = reminders::values(clinic, patient, facts, &link, first.starts);
    let values = values.with(Variable::Visits, each.join(", "));
    if ack.purpose == Purpose::ReplyMove {
        reminders::link_in(tx, clinic, &token, first.id, language).await?;
    }
    let message = NewMessage {
        patient_id: Some(first.patient_id),
        purpose: ack.purpose,
        about: About::new("reply", ack.reply),
        language,
        to: ack.phone.clone().into(),
        values,
        secret: (ack.purpose == Purpose::ReplyMove).then(|| token.as_str().to_owned()),
        not_after: tx.now().plus_ms(LASTS_MS),
        first_by: None,
    };
    messaging::enqueue(tx, clinic, &message).await?;
    Ok(())
}

/// Puts the answer to a word that is about no visit into the outbox.
pub(super) async fn put_word(
    tx: &mut Tx,
    clinic: &Clinic,
    ack: &Ack<'_>,
    patient: PatientId,
    asked: &[Asked],
    facts: Option<&ClinicFacts>,
) -> Result<(), AnswerError> {
    let Some(card) = patients::card_in(tx, patient).await? else { return Ok(()) };
    let question = asked.iter().max_by_key(|one| one.left_at);
    let phone = facts.and_then(|facts| facts.phone.as_ref()).map(ToString::to_string);
    let message = NewMessage {
        patient_id: Some(patient),
        purpose: ack.purpose,
        about: About::new("reply", ack.reply),
        language: question.map_or(card.language, |one| one.language),
        to: ack.phone.clone().into(),
        values: Values::new().with(Variable::Phone, phone.unwrap_or_default()),
        secret: None,
        not_after: tx.now().plus_ms(LASTS_MS),
        first_by: None,
    };
    messaging::enqueue(tx, clinic, &message).await?;
    Ok(())
}

/// Whether every visit still stands as the SMS says.
fn still_true<'t>(tx: &'t mut Tx, stands: Status, about: &'t About) -> Answer<'t> {
    Box::pin(async move {
        let Ok(id) = about.id.parse::<ReplyId>() else {
            return Ok(Verdict::Withhold("answered"));
        };
        for visit in store::visits_of(tx, id).await? {
            let due = booking::told_in(tx, visit).await?;
            if due.is_none_or(|due| due.status != stands) {
                return Ok(Verdict::Withhold("answered"));
            }
        }
        Ok(Verdict::Send)
    })
}
