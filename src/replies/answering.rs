//! Doing what a reply says: by a job, which may be done twice.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::booking::{self, BookingError};
use crate::clinic::Clinic;
use crate::contact::Phone;
use crate::conversations;
use crate::ids::{AppointmentId, MessageId, PatientId};
use crate::jobs::JobFailure;
use crate::messaging::MessagingError;
use crate::messaging::text::Purpose;
use crate::messaging::wanted::{self, Aim, Author, Source};
use crate::replies::acks::{self, Ack};
use crate::replies::model::{ANSWERED_WITHIN_MS, Asked, Decision, ReplyId, Why, decide};
use crate::replies::reading::Meaning;
use crate::replies::store::{self, Finished, Person, Taken};
use crate::replies::{Outcome, ReplyState, TOPIC};
use crate::schedule::ClinicFacts;
use crate::vault::permission::{AnswerAppointment, SendMessages, TakeReplies};
use crate::vault::{Actor, Denied, Event, Events, Grant, Subject, Tx, VaultError};
use crate::{messaging, reminders, schedule};

#[derive(Deserialize)]
struct Payload {
    reply: ReplyId,
}

/// A reply with all that is known of its telephone.
pub(super) struct Weighed {
    taken: Taken,
    phone: Option<Phone>,
    people: Vec<Person>,
    asked: Vec<Asked>,
    /// Visits ahead of those people.
    ahead: Vec<AppointmentId>,
    decision: Decision,
}

/// What was done, or why a person has to do it.
pub(super) struct Done {
    pub outcome: Option<Outcome>,
    pub why: Option<Why>,
    message: Option<MessageId>,
    visits: Vec<AppointmentId>,
    pub ack: Option<Purpose>,
}

pub(super) async fn answer(clinic: Clinic, payload: Value) -> Result<(), JobFailure> {
    let payload: Payload = serde_json::from_value(payload)
        .map_err(|_| JobFailure("payload_without_reply".to_owned()))?;
    let done = work(&clinic, payload.reply).await;
    done.map_err(|error| JobFailure(error.to_string()))
}

#[derive(Debug, thiserror::Error)]
pub(super) enum AnswerError {
    /// Somebody settled it meanwhile.
    #[error("there is nothing to do")]
    Nothing,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Messaging(#[from] MessagingError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

async fn work(clinic: &Clinic, id: ReplyId) -> Result<(), AnswerError> {
    let actor = Actor::job("replies");
    let Some(weighed) = weigh(clinic, &actor.grant()?, id, None).await? else { return Ok(()) };
    let done = perform(clinic, &weighed).await?;
    match finish(clinic, &actor.grant()?, id, &weighed, &done).await {
        Ok(()) => Ok(conversations::count_waiting(clinic).await?),
        Err(AnswerError::Nothing) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Does what was decided.
pub(super) async fn perform(clinic: &Clinic, weighed: &Weighed) -> Result<Done, AnswerError> {
    Ok(match &weighed.decision {
        Decision::Desk(why) => weighed.left_for(*why),
        Decision::Starts => Done::by_itself(Outcome::Started, None),
        Decision::Does(meaning, message, visits) => {
            let grant = Actor::job("replies").grant()?;
            let done = act(clinic, &grant, *meaning, visits, &weighed.asked).await?;
            Done { message: Some(*message), visits: visits.clone(), ..done }
        }
    })
}

/// A reply that nothing was done with yet, with what it may be about; `only` is
/// the message it certainly answers. None when it was seen to before.
pub(super) async fn weigh(
    clinic: &Clinic,
    grant: &Grant<TakeReplies>,
    id: ReplyId,
    only: Option<MessageId>,
) -> Result<Option<Weighed>, VaultError> {
    let now = clinic.profile.get().zone.civil(clinic.clock().now());
    clinic
        .vault
        .list(grant, "reply.weighed", async |listing| {
            let Some(taken) = store::taken(listing.sql(), id).await? else {
                return Ok((None, Vec::new()));
            };
            let phone = Phone::stored(&taken.phone);
            let (mut people, mut asked, mut ahead) = (Vec::new(), Vec::new(), Vec::new());
            if let Some(phone) = &phone {
                people = store::people(listing.sql(), phone).await?;
                let from = taken.came_at.plus_ms(-2 * ANSWERED_WITHIN_MS);
                asked = store::asked(listing.sql(), phone, from).await?;
                asked.retain(|one| only.is_none_or(|only| one.message_id == only));
                ahead = store::ahead(listing.sql(), phone, now).await?;
            } else if let Some(said) = taken.conversation_id {
                people = store::person_of(listing.sql(), said).await?;
            }
            let span = (taken.since, taken.came_at);
            let decision = match decide(taken.meaning, &asked, !people.is_empty(), span, now) {
                // Writing less is never wrong, whoever else has the telephone.
                Decision::Desk(Why::Stop) => Decision::Desk(Why::Stop),
                _ if people.iter().any(|one| one.blocked) => Decision::Desk(Why::Blocked),
                decision => decision,
            };
            let whose = people.iter().map(|one| one.id).collect();
            let weighed = Weighed { taken, phone, people, asked, ahead, decision };
            Ok::<_, VaultError>((Some(weighed), whose))
        })
        .await
}

impl Weighed {
    /// A person has to look, and is shown what may be meant.
    fn left_for(&self, why: Why) -> Done {
        let visits = self.ahead.clone();
        Done { outcome: None, why: Some(why), message: None, visits, ack: None }
    }

    /// Whose it is, where that is one person.
    fn patient(&self) -> Option<PatientId> {
        match self.people.as_slice() {
            [one] => Some(one.id),
            _ => None,
        }
    }
}

impl Done {
    fn by_itself(outcome: Outcome, ack: Option<Purpose>) -> Self {
        let (message, visits) = (None, Vec::new());
        Self { outcome: Some(outcome), why: None, message, visits, ack }
    }

    fn by_a_person(why: Why, ack: Option<Purpose>) -> Self {
        let (message, visits) = (None, Vec::new());
        Self { outcome: None, why: Some(why), message, visits, ack }
    }
}

/// Changes the schedule. Done twice, it is done once: then nothing is said again.
async fn act(
    clinic: &Clinic,
    grant: &Grant<AnswerAppointment>,
    meaning: Meaning,
    visits: &[AppointmentId],
    asked: &[Asked],
) -> Result<Done, VaultError> {
    let status = |id: &AppointmentId| {
        asked.iter().find(|one| one.appointment_id.as_ref() == Some(id)).and_then(|one| one.status)
    };
    for id in visits {
        match booking::answering(clinic, grant, *id).await {
            Ok(Some(visit)) if meaning == Meaning::Yes && visit.away => {
                return Ok(Done::by_a_person(Why::Away, Some(Purpose::ReplyHanded)));
            }
            Ok(Some(_)) => {}
            Ok(None) => return Ok(Done::by_a_person(Why::Failed, None)),
            Err(error) => return failed(error),
        }
        if meaning != Meaning::Yes && !reminders::may_change(clinic, grant, *id).await? {
            return Ok(Done::by_a_person(Why::TooLate, Some(Purpose::ReplyHanded)));
        }
    }
    if meaning == Meaning::Move {
        let links = messaging::setup::links(clinic, grant).await?;
        return Ok(match visits {
            [_] if links => Done::by_itself(Outcome::Move, Some(Purpose::ReplyMove)),
            _ => Done::by_a_person(Why::Move, Some(Purpose::ReplyHanded)),
        });
    }
    for id in visits {
        let done = match meaning {
            Meaning::Yes => booking::answer_confirm(clinic, grant, *id).await,
            _ => booking::answer_cancel(clinic, grant, *id).await,
        };
        if let Err(error) = done {
            return failed(error);
        }
    }
    let (outcome, ack, stands) = match meaning {
        Meaning::Yes => (Outcome::Confirmed, Purpose::ReplyConfirmed, booking::Status::Confirmed),
        _ => (Outcome::Cancelled, Purpose::ReplyCancelled, booking::Status::Cancelled),
    };
    let is_new = visits.iter().any(|id| status(id) != Some(stands));
    Ok(Done::by_itself(outcome, is_new.then_some(ack)))
}

/// The database is tried again; whatever else is in the way, a person sees to.
fn failed(error: BookingError) -> Result<Done, VaultError> {
    match error {
        BookingError::Vault(error) => Err(error),
        BookingError::Past => Ok(Done::by_a_person(Why::Over, None)),
        _ => Ok(Done::by_a_person(Why::Failed, None)),
    }
}

pub(super) async fn finish(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    id: ReplyId,
    weighed: &Weighed,
    done: &Done,
) -> Result<(), AnswerError> {
    let state = if done.why.is_some() { ReplyState::Open } else { ReplyState::Done };
    let patient = weighed.patient();
    let facts = schedule::facts(&mut clinic.vault.read(grant).await?).await?;
    clinic
        .vault
        .change(grant, async |tx| {
            let finished = Finished {
                state,
                outcome: done.outcome,
                reason: done.why,
                patient,
                message: done.message,
                visits: &done.visits,
            };
            if !store::finish(tx, id, &finished).await? {
                return Err(AnswerError::Nothing);
            }
            if let (Some(purpose), Some(phone)) = (done.ack, &weighed.phone) {
                let ack = Ack { purpose, reply: id, phone, visits: &done.visits };
                acks::put(tx, clinic, &ack, &weighed.asked, facts.as_ref()).await?;
            }
            let chosen = choose(tx, clinic, id, weighed, done, facts.as_ref()).await?;
            match weighed.taken.conversation_id {
                Some(said) if done.why.is_some() => {
                    conversations::left_in(tx, said, weighed.taken.came_at).await?;
                }
                Some(said) => conversations::done_in(tx, said).await?,
                None => {}
            }
            let subject = patient.map_or(Subject::Clinic, Subject::Patient);
            let event = Event::new(action(done), subject).on("reply", id);
            let event = event.with_detail(json!({ "visits": done.visits })).touching(TOPIC);
            let event = event.touching(messaging::TOPIC).touching(conversations::TOPIC);
            let event = match (done.why, done.outcome) {
                (Some(why), _) => event.because(why.name()),
                (None, Some(outcome)) => event.because(outcome.name()),
                (None, None) => event,
            };
            let events = chosen.into_iter().fold(Events::from(event), Events::and);
            Ok(((), events))
        })
        .await
}

/// "Stop" ends at once for everybody with that telephone what they did not ask
/// for, "start" begins it again, advertising aside; one SMS says so, if that
/// changed anything. Gives the events.
async fn choose(
    tx: &mut Tx,
    clinic: &Clinic,
    reply: ReplyId,
    weighed: &Weighed,
    done: &Done,
    facts: Option<&ClinicFacts>,
) -> Result<Vec<Event>, AnswerError> {
    let (ticked, purpose) = match (done.why, done.outcome) {
        (Some(Why::Stop), _) => (wanted::all(Aim::ALL, false), Purpose::ReplyStopped),
        (None, Some(Outcome::Started)) => {
            (wanted::all(&[Aim::Service, Aim::Recall], true), Purpose::ReplyStarted)
        }
        _ => return Ok(Vec::new()),
    };
    let (mut events, mut changed) = (Vec::new(), 0);
    for person in &weighed.people {
        let author = Author::patient(Source::Word);
        let differs = wanted::set_in(tx, person.id, &ticked, author).await?;
        events.push(wanted::event(person.id, Source::Word, differs));
        changed += differs;
    }
    if let (Some(phone), Some(person), true) = (&weighed.phone, weighed.people.first(), 0 < changed)
    {
        let ack = Ack { purpose, reply, phone, visits: &[] };
        acks::put_word(tx, clinic, &ack, person.id, &weighed.asked, facts).await?;
    }
    Ok(events)
}

fn action(done: &Done) -> &'static str {
    if done.why.is_some() { "reply.left" } else { "reply.done" }
}
