//! A reply as it comes: kept once, whoever brings it and however often.

use serde_json::json;

use crate::clinic::Clinic;
use crate::contact::Phone;
use crate::conversations::{self, ConversationId};
use crate::crypto::hash::{Digest, sha256};
use crate::jobs::{self, JobFailure};
use crate::messaging::{Channel, Inbound, setup};
use crate::replies::model::ReplyId;
use crate::replies::model::Why;
use crate::replies::{ANSWER, FORGET, FORGOTTEN_AFTER_MS, TOPIC, reading, store};
use crate::vault::permission::TakeReplies;
use crate::vault::{Actor, Event, Events, Grant, Subject, Tx, VaultError};

/// Letters that are kept of a text, of a sender, and of what a messenger calls one.
const LONGEST_TEXT: usize = 1000;
const LONGEST_SENDER: usize = 40;
const LONGEST_HANDLE: usize = 160;

/// Letters of a name.
const LONGEST_NAME: usize = 60;

/// What a gateway brought by itself or was asked for.
pub async fn from_gateway(clinic: &Clinic, said: &Inbound) -> Result<(), VaultError> {
    let grant: Grant<TakeReplies> =
        Actor::job("replies").grant().map_err(|_| VaultError::NotStaff)?;
    take(clinic, &grant, said).await
}

/// Keeps a reply and queues what is done with it; what is known already changes
/// nothing.
pub(super) async fn take(
    clinic: &Clinic,
    grant: &Grant<TakeReplies>,
    said: &Inbound,
) -> Result<(), VaultError> {
    let phone = match said.nickname {
        Some(_) => plain(&said.from).chars().take(LONGEST_HANDLE).collect(),
        None => sender(&said.from),
    };
    let text = plain(&said.text);
    let digest = sha256(format!("{phone}\n{text}").as_bytes());
    let meaning = reading::read(&text);
    let said = Inbound { text, ..said.clone() };
    let taken = clinic
        .vault
        .change(grant, async |tx| {
            let id = store::take(tx, &said, (&phone, &digest), meaning).await?;
            let id = id.ok_or(Refused::Known)?;
            let conversation = put_in_conversation(tx, id, &said, &phone).await?;
            let due = tx.now();
            jobs::enqueue(tx, ANSWER, &json!({ "reply": id }), due).await?;
            let event = Event::new("reply.taken", Subject::Clinic).on("reply", id);
            let detail = json!({ "gateway": said.gateway, "meaning": meaning,
                "conversation": conversation });
            Ok(((), event.with_detail(detail).touching(TOPIC).touching(conversations::TOPIC)))
        })
        .await;
    match taken {
        Ok(()) | Err(Refused::Known) => Ok(()),
        Err(Refused::Vault(error)) => Err(error),
    }
}

/// What stands where somebody took back what they wrote.
const TAKEN_BACK: &str = "[deleted]";

/// Somebody took back what they wrote: it is forgotten. That something came stays,
/// also where it comes after this.
pub async fn taken_back(clinic: &Clinic, said: &Inbound) -> Result<(), VaultError> {
    let grant: Grant<TakeReplies> =
        Actor::job("replies").grant().map_err(|_| VaultError::NotStaff)?;
    let found = store::all_told(&mut clinic.vault.read(&grant).await?, said).await?;
    let Some((first, rest)) = found.split_first() else {
        let gone = Inbound { text: TAKEN_BACK.to_owned(), ..said.clone() };
        return take(clinic, &grant, &gone).await;
    };
    clinic
        .vault
        .change(&grant, async |tx| {
            let mut events = Events::from(take_back_in(tx, *first).await?);
            for id in rest {
                events = events.and(take_back_in(tx, *id).await?);
            }
            Ok(((), events))
        })
        .await
}

async fn take_back_in(tx: &mut Tx, id: ReplyId) -> Result<Event, VaultError> {
    store::take_back(tx, id, TAKEN_BACK, &sha256(TAKEN_BACK.as_bytes())).await?;
    let event = Event::new("reply.taken_back", Subject::Clinic).on("reply", id);
    Ok(event.touching(TOPIC).touching(conversations::TOPIC))
}

/// A reply stands in its conversation, opened for it.
pub(super) async fn put_in_conversation(
    tx: &mut Tx,
    id: ReplyId,
    said: &Inbound,
    phone: &str,
) -> Result<ConversationId, VaultError> {
    let channel = setup::channel_in(tx, said.gateway).await?;
    let conversation = conversations::heard_in(tx, channel, phone, said.at).await?;
    if let Some(name) = said.nickname.as_deref().filter(|name| !name.trim().is_empty()) {
        let name: String = plain(name).chars().take(LONGEST_NAME).collect();
        conversations::name_in(tx, conversation, &name).await?;
    }
    store::put_in(tx, id, conversation).await?;
    Ok(conversation)
}

/// What somebody left on the clinic's site waits for a person, in a conversation
/// of its own: nobody has shown that the number is theirs, so nothing in it is an
/// answer. `key` is what makes two presses of one button the same. None: known.
pub async fn left_on_site_in(
    tx: &mut Tx,
    key: &Digest,
    phone: &Phone,
    text: &str,
) -> Result<Option<(ReplyId, ConversationId)>, VaultError> {
    let text = plain(text);
    let Some(id) = store::leave(tx, key, (phone, &text), Why::Site).await? else {
        return Ok(None);
    };
    let now = tx.now();
    let conversation = conversations::heard_in(tx, Channel::Site, phone.as_str(), now).await?;
    store::put_in(tx, id, conversation).await?;
    conversations::left_in(tx, conversation, now).await?;
    Ok(Some((id, conversation)))
}

/// What a stranger wrote, and was settled now, is forgotten in half a year.
pub(super) async fn forget_later(tx: &mut Tx) -> Result<(), VaultError> {
    let due = tx.now().plus_ms(FORGOTTEN_AFTER_MS);
    jobs::enqueue(tx, FORGET, &json!({}), due).await?;
    Ok(())
}

/// Forgets what strangers wrote long ago.
pub(super) async fn forget(clinic: Clinic) -> Result<(), JobFailure> {
    let actor = Actor::job("replies");
    let grant: Grant<TakeReplies> =
        actor.grant().map_err(|denied| JobFailure(denied.to_string()))?;
    let done = clinic
        .vault
        .change(&grant, async |tx| {
            let before = tx.now().plus_ms(-FORGOTTEN_AFTER_MS);
            let gone = store::forget(tx, before).await?;
            let event = Event::new("replies.forgotten", Subject::Clinic);
            Ok::<_, VaultError>(((), event.with_detail(json!({ "replies": gone }))))
        })
        .await;
    Ok(done?)
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("it came before")]
    Known,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The sender as a telephone, where it is one: gateways leave the plus out.
fn sender(from: &str) -> String {
    let from: String = plain(from).chars().take(LONGEST_SENDER).collect();
    let digits = from.trim_start_matches('+');
    let is_whole = digits.len() >= 11 && !digits.starts_with('8');
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let phone = if is_whole && is_number {
        Phone::parse(&format!("+{digits}"))
    } else {
        Phone::parse(&from)
    };
    phone.map_or(from, |phone| phone.as_str().to_owned())
}

fn plain(text: &str) -> String {
    let seen = text.trim().chars().filter(|letter| !letter.is_control() || *letter == '\n');
    seen.take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_one_telephone_however_a_gateway_writes_it() {
        for from in ["77012345678", "+77012345678", "87012345678", " 77012345678 "] {
            assert_eq!(sender(from), "+77012345678", "{from}");
        }
        for other in ["4040", "Beeline", ""] {
            assert_eq!(sender(other), other);
        }
        assert_eq!(sender("+491701234567"), "+491701234567");
    }
}
