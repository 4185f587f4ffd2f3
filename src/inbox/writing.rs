//! Writing in a conversation.

use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::conversations::{self, ConversationId};
use crate::i18n::Language;
use crate::ids::{MessageId, StaffId};
use crate::inbox::model::{Conversation, WINDOW_MS, has_window, window};
use crate::inbox::{InboxError, TOPIC, store};
use crate::messaging::staff::{self, StaffText};
use crate::messaging::text::Purpose;
use crate::messaging::{self, About, Answer, Channel, Handle, Hooks, To, Verdict, setup, whatsapp};
use crate::patients::blocking;
use crate::vault::permission::{Permission, ViewBlocked, WriteInbox};
use crate::vault::{Event, Grant, Subject, Tx, VaultError};

/// An answer that comes later than this is of no use.
const LASTS_MS: i64 = 6 * 60 * 60 * 1000;

/// The same words within so long are a button that was pressed twice.
const TWICE_MS: i64 = 10 * 1000;

/// What messages of a conversation are about.
pub(super) fn about(id: ConversationId) -> About {
    About::new("conversation", id)
}

/// Adds the last word before such a message leaves.
#[must_use]
pub fn hooks(hooks: Hooks) -> Hooks {
    hooks.before(Purpose::StaffText, may_leave)
}

/// Whether its channel still takes words.
fn may_leave<'t>(tx: &'t mut Tx, about: &'t About) -> Answer<'t> {
    Box::pin(async move {
        let channel = Channel::named(&about.stamp).filter(|channel| has_window(*channel));
        let Some(channel) = channel else { return Ok(Verdict::Send) };
        let Ok(id) = about.id.parse() else { return Ok(Verdict::Withhold("window_shut")) };
        let until = window(channel, store::last_in(tx, id).await?);
        let is_open = until.is_some_and(|until| tx.now() < until);
        Ok(if is_open { Verdict::Send } else { Verdict::Withhold("window_shut") })
    })
}

/// Writes, through the outbox. None when the same was written a moment ago.
///
/// # Errors
/// [`InboxError::Shut`] when that channel takes no words now; [`InboxError::Text`]
/// when the text is empty or too long.
pub async fn write(
    clinic: &Clinic,
    grant: &Grant<WriteInbox>,
    id: ConversationId,
    channel: Channel,
    typed: &str,
) -> Result<Option<MessageId>, InboxError> {
    let by = grant.staff().ok_or(VaultError::NotStaff)?;
    let channels = setup::channels_in_use(clinic, grant).await?;
    let written = clinic
        .vault
        .change(grant, async |tx| {
            let talk = open(tx, grant, id).await?;
            let ways = talk.ways(&channels, tx.now());
            let way = ways.into_iter().find(|way| way.channel == channel);
            let way = way.ok_or(InboxError::Shut)?;
            let to = if channel == talk.channel {
                answered_to(tx, &talk).await?
            } else {
                talk.phone().map(To::Phone)
            };
            let to = to.ok_or(InboxError::Shut)?;
            let (text, _) =
                staff::checked(channel, talk.language, typed).map_err(InboxError::Text)?;
            if store::has_just(tx, id, &text, tx.now().plus_ms(-TWICE_MS)).await? {
                return Err(Refused::Twice);
            }
            let (language, until) = (talk.language, way.until);
            let letter = Letter { to, language, text, channel, until, by_template: false };
            let message = put(tx, clinic, &talk, by, letter).await?;
            let event = said("conversation.written", &talk);
            Ok((message, event.with_detail(json!({ "channel": channel, "message": message }))))
        })
        .await;
    match written {
        Ok(message) => {
            conversations::count_waiting(clinic).await?;
            Ok(Some(message))
        }
        Err(Refused::Twice) => Ok(None),
        Err(Refused::Other(error)) => Err(error),
    }
}

/// Asks somebody by WhatsApp's template to write again, which opens its 24 hours.
///
/// # Errors
/// [`InboxError::Meanwhile`] when they wrote or were asked within a day;
/// [`InboxError::Shut`] when there is no template in their language.
pub async fn invite(
    clinic: &Clinic,
    grant: &Grant<WriteInbox>,
    id: ConversationId,
) -> Result<(), InboxError> {
    let by = grant.staff().ok_or(VaultError::NotStaff)?;
    let has = invitations(clinic, grant).await?;
    clinic
        .vault
        .change(grant, async |tx| {
            let talk = open(tx, grant, id).await?;
            let language = talk.language;
            if !talk.may_be_invited(&has, tx.now()) {
                return Err(InboxError::Shut);
            }
            let to = talk.phone().map(To::Phone).ok_or(InboxError::Shut)?;
            let name = clinic.profile.get().name.clone();
            let args = [("clinic", name.as_str().into())];
            let text = clinic.pages.words().with(language, "inbox-invitation", &args);
            if store::has_just(tx, id, &text, tx.now().plus_ms(-WINDOW_MS)).await? {
                return Err(InboxError::Meanwhile);
            }
            let channel = Channel::Whatsapp;
            let letter = Letter { to, language, text, channel, until: None, by_template: true };
            let message = put(tx, clinic, &talk, by, letter).await?;
            let event = said("conversation.invited", &talk);
            Ok(((), event.with_detail(json!({ "message": message }))))
        })
        .await
}

/// The languages in which WhatsApp has a template that asks somebody to write.
pub(super) async fn invitations<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Vec<Language>, VaultError> {
    if !setup::channels_in_use(clinic, grant).await?.contains(&Channel::Whatsapp) {
        return Ok(Vec::new());
    }
    whatsapp::languages_of(clinic, grant, Purpose::StaffText).await
}

/// Sends what did not arrive once more, as an SMS.
///
/// # Errors
/// [`InboxError::Meanwhile`] when it arrived, may have, or something was written
/// since.
pub async fn send_again(
    clinic: &Clinic,
    grant: &Grant<WriteInbox>,
    id: ConversationId,
    message: MessageId,
) -> Result<(), InboxError> {
    let by = grant.staff().ok_or(VaultError::NotStaff)?;
    let channels = setup::channels_in_use(clinic, grant).await?;
    if !channels.contains(&Channel::Sms) {
        return Err(InboxError::Shut);
    }
    clinic
        .vault
        .change(grant, async |tx| {
            let talk = open(tx, grant, id).await?;
            let lost = staff::undelivered_in(tx, message, &about(id)).await?;
            let (phone, language, text) = lost.ok_or(InboxError::Meanwhile)?;
            // It went to the id of whoever hides a number that is known.
            let phone = phone.or_else(|| talk.phone()).ok_or(InboxError::Meanwhile)?;
            let channel = Channel::Sms;
            staff::checked(channel, language, &text).map_err(InboxError::Text)?;
            let to = phone.into();
            let letter = Letter { to, language, text, channel, until: None, by_template: false };
            let again = put(tx, clinic, &talk, by, letter).await?;
            let detail = json!({ "message": again, "instead_of": message });
            let event = said("conversation.written_again", &talk);
            Ok(((), event.with_detail(detail)))
        })
        .await
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the same was written a moment ago")]
    Twice,
    #[error(transparent)]
    Other(#[from] InboxError),
}

impl From<VaultError> for Refused {
    fn from(error: VaultError) -> Self {
        Self::Other(error.into())
    }
}

/// What is written, to whom, on which way.
struct Letter {
    to: To,
    language: Language,
    text: String,
    channel: Channel,
    by_template: bool,
    until: Option<Timestamp>,
}

/// Where it is answered on its own channel: whoever hides the number now is answered
/// by what the messenger calls them.
async fn answered_to(tx: &mut Tx, talk: &Conversation) -> Result<Option<To>, VaultError> {
    let phone = talk.phone().filter(|_| talk.channel == Channel::Whatsapp);
    let Some(phone) = phone else { return Ok(talk.to()) };
    let hidden = whatsapp::hidden_behind_in(tx, &phone).await?;
    Ok(match hidden {
        Some(id) => Some(To::Handle(Handle { channel: Channel::Whatsapp, id })),
        None => Some(To::Phone(phone)),
    })
}

/// The conversation, if whoever acts may see whose it is.
pub(super) async fn open<P: Permission>(
    tx: &mut Tx,
    grant: &Grant<P>,
    id: ConversationId,
) -> Result<Conversation, InboxError> {
    let talk = store::one_in(tx, id).await?.ok_or(InboxError::NoSuch)?;
    if let Some(patient) = talk.patient_id
        && !grant.actor().may::<ViewBlocked>()
        && blocking::stands_in(tx, patient).await?
    {
        return Err(VaultError::Blocked { patient, emergency: false }.into());
    }
    Ok(talk)
}

async fn put(
    tx: &mut Tx,
    clinic: &Clinic,
    talk: &Conversation,
    by: StaffId,
    letter: Letter,
) -> Result<MessageId, InboxError> {
    let lasts = tx.now().plus_ms(LASTS_MS);
    let text = StaffText {
        patient_id: talk.patient_id,
        purpose: Purpose::StaffText,
        about: about(talk.id),
        channel: letter.channel,
        language: letter.language,
        to: letter.to,
        text: letter.text,
        by_template: letter.by_template,
        not_after: letter.until.map_or(lasts, |until| until.min(lasts)),
    };
    let message = staff::enqueue_text(tx, clinic, &text).await?;
    store::wrote(tx, message, talk.id, by).await?;
    conversations::answered_in(tx, talk.id, by).await?;
    Ok(message)
}

fn said(action: &'static str, talk: &Conversation) -> Event {
    event(action, talk.patient_id.map_or(Subject::Clinic, Subject::Patient), talk.id)
        .touching(messaging::TOPIC)
}

/// The event of something that was done in a conversation.
pub(super) fn event(action: &'static str, subject: Subject, id: ConversationId) -> Event {
    Event::new(action, subject).on("conversation", id).touching(TOPIC)
}
