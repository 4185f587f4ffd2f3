//! What people at the desk write: as they wrote it, on the channel they chose and
//! on no other. Its way through the outbox is that of every message.

mod store;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::i18n::Language;
use crate::ids::{MessageId, PatientId};
use crate::messaging::model::{About, BY_TEMPLATE, Channel, Message, NewMessage};
use crate::messaging::segments::Segments;
use crate::messaging::text::{self, Classes, Purpose, Values, Variable, Worded, Wording};
use crate::messaging::to::To;
use crate::messaging::{MessagingError, put, whatsapp};
use crate::vault::{Listing, Tx, VaultError};

/// SMS that one text of the desk may cost.
pub const MOST_PARTS: usize = 6;

/// Letters of a text that is no SMS.
const LONGEST: usize = 1000;

/// Bytes that Instagram takes: half as many Russian or Kazakh letters.
const LONGEST_BYTES: usize = 1000;

/// A text of the desk's.
#[derive(Clone, Debug)]
pub struct StaffText {
    /// None: to nobody's card.
    pub patient_id: Option<PatientId>,
    /// Who speaks: somebody at the desk, or the program itself.
    pub purpose: Purpose,
    /// The conversation it is written in.
    pub about: About,
    pub channel: Channel,
    pub language: Language,
    pub to: To,
    pub text: String,
    /// It leaves as the messenger's template for it, which says the same.
    pub by_template: bool,
    pub not_after: Timestamp,
}

/// A message to an address, and to whose card.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Outgoing {
    pub patient_id: Option<PatientId>,
    #[sqlx(flatten)]
    pub message: Message,
}

/// A text as it leaves, and what it costs.
///
/// # Errors
/// The Fluent key of what is wrong with it.
pub fn checked(
    channel: Channel,
    language: Language,
    typed: &str,
) -> Result<(String, Segments), &'static str> {
    let text = text::plain(language, typed);
    let segments = Segments::of(&text);
    if text.is_empty() {
        return Err("messaging-staff-empty");
    }
    if LONGEST < text.chars().count() || channel == Channel::Sms && MOST_PARTS < segments.parts {
        return Err("messaging-staff-long");
    }
    if channel == Channel::Instagram && LONGEST_BYTES < text.len() {
        return Err("messaging-staff-long-instagram");
    }
    Ok((text, segments))
}

/// Puts it into the outbox.
///
/// # Errors
/// [`MessagingError::NoSuchPatient`].
pub async fn enqueue_text(
    tx: &mut Tx,
    clinic: &Clinic,
    text: &StaffText,
) -> Result<MessageId, MessagingError> {
    let end = if text.by_template { BY_TEMPLATE } else { "" };
    let neutral = if text.by_template {
        let clinic = &clinic.profile.get().name;
        whatsapp::neutral_of(&Values::new().with(Variable::Clinic, clinic))
    } else {
        String::new()
    };
    let message = NewMessage {
        patient_id: text.patient_id,
        purpose: text.purpose,
        about: text.about.clone().stamped(format!("{}{end}", text.channel.name())),
        language: text.language,
        to: text.to.clone(),
        values: Values::new(),
        secret: None,
        not_after: text.not_after,
        first_by: None,
    };
    let words = Wording::of(text.text.clone());
    let worded = Worded { home: words.clone(), classes: Classes::leaving(), abroad: words };
    put(tx, clinic, &message, &worded, &neutral).await
}

/// What was written to an address of a channel or in a conversation, newest first; the
/// caller names those people to the ledger.
pub async fn to_phone(
    listing: &mut Listing,
    phone: &str,
    about: &About,
    most: i64,
) -> Result<Vec<Outgoing>, VaultError> {
    store::to_phone(listing, phone, about, most).await
}

/// A text of the desk's that did not arrive: what it said, and to which number, where
/// it went to one. None when it did, may have, or is none of the desk's in this conversation.
pub async fn undelivered_in(
    tx: &mut Tx,
    id: MessageId,
    about: &About,
) -> Result<Option<(Option<Phone>, Language, String)>, VaultError> {
    store::undelivered(tx, id, about).await
}

/// Forgets what was written in a conversation that is forgotten.
pub async fn forget_about_in(tx: &mut Tx, about: &About) -> Result<(), VaultError> {
    store::forget_about(tx, about).await
}
