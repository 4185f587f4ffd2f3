//! A button under a message: an answer that says which message it is for. It is
//! kept among the replies like any other, and done by the same rules.

use serde_json::json;

use crate::clinic::Clinic;
use crate::contact::Phone;
use crate::conversations;
use crate::crypto::hash::sha256;
use crate::i18n::Language;
use crate::ids::{AppointmentId, MessageId};
use crate::messaging::Inbound;
use crate::messaging::buttons::{Action, Effect, Pressed};
use crate::reminders;
use crate::replies::answering::{AnswerError, finish, perform, weigh};
use crate::replies::model::{ANSWERED_WITHIN_MS, Decision, ReplyId, decide};
use crate::replies::reading::Meaning;
use crate::replies::{Outcome, TOPIC, store, taking};
use crate::vault::permission::TakeReplies;
use crate::vault::{Actor, Event, Grant, Subject, VaultError};

/// Does what a button says, and tells what came of it. Pressed twice, it is done
/// once.
///
/// # Errors
/// Those of the database: then it is tried again.
pub async fn pressed(clinic: &Clinic, pressed: &Pressed) -> Result<Effect, VaultError> {
    match work(clinic, pressed).await {
        Ok(effect) => Ok(effect),
        Err(AnswerError::Vault(error)) => Err(error),
        Err(AnswerError::Denied(_)) => Err(VaultError::NotStaff),
        // Somebody settled it, or the outbox did not take the link: a person sees to it.
        Err(AnswerError::Nothing | AnswerError::Messaging(_)) => Ok(Effect::Handed),
    }
}

/// The one visit of a message that whoever has its button may move by themselves,
/// and the language of the message. None: the usual answer says why.
///
/// # Errors
/// Those of the database.
pub async fn movable(
    clinic: &Clinic,
    message: MessageId,
    phone: &Phone,
) -> Result<Option<(AppointmentId, Language)>, VaultError> {
    let actor = Actor::job("replies");
    let grant: Grant<TakeReplies> = actor.grant().map_err(|_| VaultError::NotStaff)?;
    let at = clinic.clock().now();
    let now = clinic.profile.get().zone.civil(at);
    let found = clinic
        .vault
        .list(&grant, "reply.weighed", async |listing| {
            let people = store::people(listing.sql(), phone).await?;
            let from = at.plus_ms(-2 * ANSWERED_WITHIN_MS);
            let mut asked = store::asked(listing.sql(), phone, from).await?;
            asked.retain(|one| one.message_id == message);
            let whose = people.iter().map(|one| one.id).collect();
            let decision = decide(Meaning::Move, &asked, !people.is_empty(), (at, at), now);
            let visit = match decision {
                _ if people.iter().any(|one| one.blocked) => None,
                Decision::Does(_, _, visits) => match visits.as_slice() {
                    [only] => Some(*only),
                    _ => None,
                },
                Decision::Starts | Decision::Desk(_) => None,
            };
            let language = asked.first().map(|one| one.language);
            Ok::<_, VaultError>((visit.zip(language), whose))
        })
        .await?;
    let Some((visit, language)) = found else { return Ok(None) };
    let answering = actor.grant().map_err(|_| VaultError::NotStaff)?;
    let may = reminders::may_change(clinic, &answering, visit).await?;
    Ok(may.then_some((visit, language)))
}

async fn work(clinic: &Clinic, pressed: &Pressed) -> Result<Effect, AnswerError> {
    let actor = Actor::job("replies");
    let id = take(clinic, &actor.grant()?, pressed).await?;
    let Some(weighed) = weigh(clinic, &actor.grant()?, id, Some(pressed.message)).await? else {
        // It was done before.
        let mut reader = clinic.vault.read(&actor.grant::<TakeReplies>()?).await?;
        return Ok(store::outcome(&mut reader, id).await?.map_or(Effect::Handed, effect));
    };
    let mut done = perform(clinic, &weighed).await?;
    if pressed.is_shown && done.outcome != Some(Outcome::Move) {
        // What the chat shows is not said a second time.
        done.ack = None;
    }
    finish(clinic, &actor.grant()?, id, &weighed, &done).await?;
    conversations::count_waiting(clinic).await?;
    Ok(match (done.outcome, done.why) {
        (Some(outcome), _) => effect(outcome),
        (None, Some(why)) if why.is_over() => Effect::Over,
        (None, _) => Effect::Handed,
    })
}

fn effect(outcome: Outcome) -> Effect {
    match outcome {
        Outcome::Confirmed => Effect::Confirmed,
        Outcome::Cancelled => Effect::Cancelled,
        Outcome::Move => Effect::Link,
        Outcome::Stopped | Outcome::Started | Outcome::Nothing => Effect::Handed,
    }
}

/// Keeps it once, and gives the one that is kept.
async fn take(
    clinic: &Clinic,
    grant: &Grant<TakeReplies>,
    pressed: &Pressed,
) -> Result<ReplyId, VaultError> {
    let meaning = match pressed.action {
        Action::Confirm => Meaning::Yes,
        Action::Move => Meaning::Move,
        Action::Cancel => Meaning::No,
    };
    let said = Inbound {
        gateway: pressed.gateway,
        id: Some(pressed.id.clone()),
        from: pressed.phone.digits().to_owned(),
        to: String::new(),
        text: format!("[{}]", pressed.action.name()),
        at: pressed.at,
        since: pressed.at,
        nickname: None,
    };
    if let Some(known) = store::told(&mut clinic.vault.read(grant).await?, &said).await? {
        return Ok(known);
    }
    let digest = sha256(pressed.id.as_bytes());
    clinic
        .vault
        .change(grant, async |tx| {
            let phone = pressed.phone.as_str();
            let id = store::take(tx, &said, (phone, &digest), meaning).await?;
            let id = id.ok_or(VaultError::NotStaff)?;
            taking::put_in_conversation(tx, id, &said, phone).await?;
            let event = Event::new("reply.taken", Subject::Clinic).on("reply", id);
            let detail = json!({ "gateway": said.gateway, "meaning": meaning });
            Ok((id, event.with_detail(detail).touching(TOPIC).touching(conversations::TOPIC)))
        })
        .await
}
