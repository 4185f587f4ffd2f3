//! Conversations: who writes to the clinic from which address on which channel,
//! who at the desk answers, and since when somebody waits.
//!
//! What is said in them is kept where it is made: what came in by `replies`,
//! what left, and what the bot said, by `messaging`. An address is matched by number, and only where the
//! number is on one card; whoever is not certain to be somebody is nobody until a
//! person says so.

mod store;

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::{PatientId, StaffId, id};
use crate::messaging::{Channel, Introduced};
use crate::vault::permission::TendInbox;
use crate::vault::{Actor, Event, Grant, Reader, Subject, Tx, VaultError};

pub use store::{Attached, assign_in, attach_in, close_in, hand_over_cards_in, read_in, reopen_in};

id!(
    /// All that is said between the clinic and one address on one channel.
    ConversationId
);

/// The rail's entry, which counts the conversations that wait for a person.
pub const WAITING: &str = "inbox";

/// What pages watch to see conversations change.
pub const TOPIC: &str = "inbox";

/// A person who has written speaks for so long before a dialogue does again.
pub const SILENT_MS: i64 = 12 * 60 * 60 * 1000;

/// Where a conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum ConversationState {
    Open,
    /// Nobody has anything to do in it until they write again.
    Closed,
}

/// See [`known`].
#[derive(Clone, Copy, Debug, Default, sqlx::FromRow)]
pub struct Known {
    pub wrote_before: bool,
    pub waits: bool,
    /// A card has the number.
    pub has_card: bool,
}

/// Somebody wrote: their conversation, opened for it. Whoever has the number as
/// the only one is who wrote, unless a person has said otherwise; a number that
/// was typed on the clinic's site may be anybody's.
pub async fn heard_in(
    tx: &mut Tx,
    channel: Channel,
    address: &str,
    at: Timestamp,
) -> Result<ConversationId, VaultError> {
    let id = store::open(tx, channel, address, at).await?;
    if channel != Channel::Site {
        store::match_number(tx, id).await?;
    }
    Ok(id)
}

/// As whoever has no number calls themselves.
pub async fn name_in(tx: &mut Tx, id: ConversationId, name: &str) -> Result<(), VaultError> {
    store::name(tx, id, name).await
}

/// A messenger told whose telephone it is that it called by a name of its own until
/// now: the conversation goes on with that number, or in the one that there is.
pub async fn introduced(clinic: &Clinic, known: &Introduced) -> Result<(), VaultError> {
    let grant: Grant<TendInbox> = Actor::job("inbox").grant().map_err(|_| VaultError::NotStaff)?;
    let joined = clinic
        .vault
        .change(&grant, async |tx| {
            let id = match store::readdress(tx, known).await? {
                Some(id) => id,
                None => store::join(tx, known).await?.ok_or(NotJoined::Nothing)?,
            };
            store::match_number(tx, id).await?;
            let event = Event::new("conversation.number_told", Subject::Clinic);
            Ok(((), event.on("conversation", id).touching(TOPIC)))
        })
        .await;
    match joined {
        Ok(()) | Err(NotJoined::Nothing) => Ok(()),
        Err(NotJoined::Vault(error)) => Err(error),
    }
}

#[derive(Debug, thiserror::Error)]
enum NotJoined {
    #[error("they wrote nothing before")]
    Nothing,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// What came at that time waits for a person.
pub async fn left_in(tx: &mut Tx, id: ConversationId, at: Timestamp) -> Result<(), VaultError> {
    store::left(tx, id, at).await
}

/// What came was done by itself: a conversation that nobody deals with is over.
pub async fn done_in(tx: &mut Tx, id: ConversationId) -> Result<(), VaultError> {
    store::done(tx, id).await
}

/// Nothing that came waits any more.
pub async fn seen_to_in(tx: &mut Tx, id: ConversationId) -> Result<(), VaultError> {
    store::seen_to(tx, id).await
}

/// Somebody at the desk wrote: whoever does so first has the conversation, and
/// no dialogue speaks meanwhile.
pub async fn answered_in(tx: &mut Tx, id: ConversationId, by: StaffId) -> Result<(), VaultError> {
    let until = tx.now().plus_ms(SILENT_MS);
    store::answered(tx, id, by, until).await
}

/// Whether a person speaks with this address: then a dialogue is silent.
pub async fn is_with_a_person(
    tx: &mut Tx,
    channel: Channel,
    address: &str,
) -> Result<bool, VaultError> {
    store::is_with_a_person(tx, channel, address).await
}

/// The same, outside of a change.
pub async fn is_silent(
    reader: &mut Reader,
    channel: Channel,
    address: &str,
    now: Timestamp,
) -> Result<bool, VaultError> {
    store::is_silent(reader, channel, address, now).await
}

/// Somebody answered in the messenger itself: nothing that came before that waits.
/// The conversation, and whose it is; None when there is none.
pub async fn answered_elsewhere_in(
    tx: &mut Tx,
    channel: Channel,
    address: &str,
    at: Timestamp,
) -> Result<Option<(ConversationId, Option<PatientId>)>, VaultError> {
    store::answered_elsewhere(tx, (channel, address), at, at.plus_ms(SILENT_MS)).await
}

/// The conversation of somebody who wrote the first time just now: nobody's card, and
/// nothing was said to them. None: there is none such.
pub async fn newcomer_in(
    tx: &mut Tx,
    channel: Channel,
    address: &str,
) -> Result<Option<ConversationId>, VaultError> {
    store::newcomer(tx, channel, address).await
}

/// How much is known of an address: whether anything was said there before, and
/// whether something waits for a person.
pub async fn known(
    reader: &mut Reader,
    channel: Channel,
    address: &str,
) -> Result<Known, VaultError> {
    store::known(reader, channel, address).await
}

/// A dialogue is silent from now; what it tells a person comes by itself.
pub async fn silence_in(tx: &mut Tx, channel: Channel, address: &str) -> Result<(), VaultError> {
    let now = tx.now();
    let id = heard_in(tx, channel, address, now).await?;
    store::set_silent(tx, id, Some(now.plus_ms(SILENT_MS))).await
}

/// They did something in a dialogue, which answers in their conversation. One that
/// is opened for it is nobody's to deal with; where a channel takes free words for a
/// while, it does so from then. Nothing waits because of it.
pub async fn spoken_in(
    tx: &mut Tx,
    channel: Channel,
    address: &str,
    at: Timestamp,
) -> Result<ConversationId, VaultError> {
    let id = store::spoken(tx, channel, address, at).await?;
    store::match_number(tx, id).await?;
    Ok(id)
}

/// Somebody asked a dialogue to speak again.
pub async fn speak_in(tx: &mut Tx, channel: Channel, address: &str) -> Result<(), VaultError> {
    store::speak(tx, channel, address).await
}

/// A dialogue gives the word to a person, who is waited for from now.
pub async fn hand_over_in(
    tx: &mut Tx,
    channel: Channel,
    address: &str,
) -> Result<ConversationId, VaultError> {
    let now = tx.now();
    let id = heard_in(tx, channel, address, now).await?;
    store::left(tx, id, now).await?;
    store::set_silent(tx, id, Some(now.plus_ms(SILENT_MS))).await?;
    Ok(id)
}

/// A person gives the word back to the dialogue.
pub async fn hand_back_in(tx: &mut Tx, id: ConversationId) -> Result<(), VaultError> {
    store::set_silent(tx, id, None).await
}

/// Who is taken for the other side. None: nobody in particular.
pub async fn patient_in(tx: &mut Tx, id: ConversationId) -> Result<Option<PatientId>, VaultError> {
    store::patient(tx, id).await
}

/// Forgets conversations with strangers that ended before this, in which nothing
/// is left of what they wrote. Gives how many.
pub async fn forget_in(tx: &mut Tx, before: Timestamp) -> Result<usize, VaultError> {
    store::forget(tx, before).await
}

/// Puts the number of those that wait into the rail.
///
/// # Errors
/// Those of the database.
pub async fn count_waiting(clinic: &Clinic) -> Result<(), VaultError> {
    let grant: Grant<TendInbox> = Actor::job("inbox").grant().map_err(|_| VaultError::NotStaff)?;
    let waiting = store::count_waiting(&mut clinic.vault.read(&grant).await?).await?;
    clinic.waiting.set(WAITING, u32::try_from(waiting).unwrap_or(u32::MAX));
    Ok(())
}

/// Counts them anew whenever a conversation changes, so that whoever looks at
/// another page sees at once that somebody has written.
pub async fn keep_counted(clinic: Clinic) {
    let mut changes = clinic.vault.watch();
    loop {
        match changes.recv().await {
            Ok(topic) if &*topic != TOPIC => continue,
            Err(RecvError::Closed) => return,
            // Of many changes at once the last is enough.
            Ok(_) | Err(RecvError::Lagged(_)) => while changes.try_recv().is_ok() {},
        }
        if let Err(error) = count_waiting(&clinic).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "conversations were not counted");
        }
    }
}
