//! Messages to patients: what is sent, through whom, and what became of it.
//!
//! Whoever wants something sent puts it into the outbox in the same
//! transaction as the change it tells about ([`enqueue`]). Whether it is still
//! true is decided when its turn comes ([`Hooks`]), never before; each state it
//! has been in is kept with its time and its reason. What leaves the country is
//! neutral, and which classes of data went to whom is in a log (94-V;
//! KAZAKHSTAN.md 3.5).

mod again;
mod aside;
pub mod buttons;
mod fetching;
pub mod gateway;
mod hearing;
mod hooks;
pub mod inbox;
pub mod instagram;
mod jobs;
mod lanes;
mod letter;
mod lines;
mod model;
mod routes;
pub mod segments;
pub mod setup;
pub mod speaking;
pub mod staff;
mod store;
pub mod telegram;
pub mod text;
mod to;
pub mod transfers;
pub mod wanted;
pub mod whatsapp;
mod worker;

use std::collections::HashMap;

use crate::clinic::Clinic;
use crate::crypto::hash::sha256;
use crate::ids::{MessageId, PatientId};
use crate::messaging::gateway::{Reference, Report};
use crate::messaging::text::{Purpose, TextError, Variable, Worded};
use crate::money::Money;
use crate::vault::permission::{Permission, ReportDelivery, ViewMessages};
use crate::vault::{Event, Grant, Listing, Subject, Tx, Vault, VaultError, Violation};

pub use again::{Repeat, Standing, repeat, standing};
pub use fetching::fetch_replies;
pub use hearing::Inbound;
pub use hooks::{Answer, Effected, Hooks, Introduced, Kept, Taken, Verdict};
pub use jobs::{check_due, hear_one, run, run_due};
pub use letter::LetterPage;
pub use lines::Lines;
pub use model::{About, Brief, Channel, Fate, Message, NewMessage, State, Told, ToldState};
pub use routes::{
    GatewayHealthPage, GatewayPage, GatewaysPage, InstagramPage, MessagesPage, Named, Preview,
    PreviewPage, Sending, TelegramPage, TextPage, TextsPage, TrialPage, WhatsappPage, explained,
    public_routes, routes,
};
pub use to::{Handle, To};

/// What pages and the worker watch to see the outbox change.
pub const TOPIC: &str = "messages";

/// The most messages a card shows.
const SHOWN: i64 = 200;

/// Why a message was not put into the outbox, or a wording not taken.
#[derive(Debug, thiserror::Error)]
pub enum MessagingError {
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("there is no such patient")]
    NoSuchPatient,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Puts a message into the outbox, inside the change it tells about. It is sent
/// once that is committed, unless by then it is no longer true: at once when
/// the change's event touches [`TOPIC`], else within seconds.
///
/// # Errors
/// [`MessagingError::Text`] when the patient's address or the clinic's name
/// makes it longer than three SMS in any wording.
pub async fn enqueue(
    tx: &mut Tx,
    clinic: &Clinic,
    message: &NewMessage,
) -> Result<MessageId, MessagingError> {
    enqueue_as(tx, clinic, message, &[]).await
}

/// The same in the first of these wordings that can be sent, else in the
/// clinic's or the program's own.
///
/// # Errors
/// As [`enqueue`].
pub async fn enqueue_as(
    tx: &mut Tx,
    clinic: &Clinic,
    message: &NewMessage,
    sources: &[String],
) -> Result<MessageId, MessagingError> {
    let values = message.values.clone().with(Variable::Clinic, &clinic.profile.get().name);
    let links = setup::links_in(tx).await?;
    let values = if links { values } else { values.without(Variable::Link) };
    let (purpose, language) = (message.purpose, message.language);
    let words = clinic.pages.words();
    let of = (purpose, language);
    let mut given = sources.iter().map(|source| Worded::new(words, of, source, &values));
    let worded = match given.find_map(Result::ok) {
        Some(worded) => worded,
        None => setup::word(tx, clinic, purpose, language, &values).await?,
    };
    put(tx, clinic, message, &worded, &whatsapp::neutral_of(&values)).await
}

/// Puts a message into the outbox in these words.
async fn put(
    tx: &mut Tx,
    clinic: &Clinic,
    message: &NewMessage,
    worded: &Worded,
    neutral: &str,
) -> Result<MessageId, MessagingError> {
    loop {
        let id = MessageId::new(tx.now());
        let reference = Reference::from_random(u32::from_be_bytes(clinic.random.bytes()));
        match store::insert(tx, id, reference, message, worded, neutral).await {
            Ok(()) => return Ok(id),
            // Somebody has that number: one in two thousand million.
            Err(error) if error.violation() == Some(Violation::Unique) => {}
            Err(error) if error.violation() == Some(Violation::Reference) => {
                return Err(MessagingError::NoSuchPatient);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether a message of this purpose about this, as it stands now, was put into
/// the outbox: for work that may be done twice.
pub async fn has(tx: &mut Tx, purpose: Purpose, about: &About) -> Result<bool, VaultError> {
    store::has(tx, purpose, about).await
}

/// How a patient wants to be written to; None: as the clinic does.
pub async fn choice(
    vault: &Vault,
    grant: &Grant<ViewMessages>,
    patient_id: PatientId,
) -> Result<Option<Channel>, VaultError> {
    whatsapp::choice(&mut vault.disclose(grant, patient_id).await?).await
}

/// All messages to a patient, newest first.
pub async fn of_patient(
    vault: &Vault,
    grant: &Grant<ViewMessages>,
    patient_id: PatientId,
) -> Result<Vec<Message>, VaultError> {
    store::of_patient(&mut vault.disclose(grant, patient_id).await?, SHOWN).await
}

/// The newest message about each of these things (appointments of a day, say),
/// by their id; things nobody was written to about are missing.
pub async fn states_for(
    listing: &mut Listing,
    kind: &'static str,
    ids: &[String],
) -> Result<HashMap<String, Brief>, VaultError> {
    let briefs = store::latest_about(listing, kind, ids).await?;
    Ok(briefs.into_iter().map(|brief| (brief.object_id.clone(), brief)).collect())
}

/// What became of these messages, by their id.
pub async fn fates(
    connection: &mut sqlx::SqliteConnection,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, Fate>, VaultError> {
    let fates = store::fates(connection, ids).await?;
    Ok(fates.into_iter().map(|fate| (fate.id, fate)).collect())
}

/// What one SMS cost when the gateway last said so.
pub async fn last_price<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Option<Money>, VaultError> {
    store::last_price(&mut vault.read(grant).await?).await
}

/// Puts all messages of one card on another. Gives their ids.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    whatsapp::hand_over_in(tx, from, to).await?;
    transfers::hand_over_in(tx, from, to).await?;
    wanted::hand_over_in(tx, from, to).await?;
    store::hand_over_in(tx, from, to).await
}

/// All that was written about one thing (an appointment, say), oldest first,
/// with every state it was in; the caller names the patient to the ledger.
pub async fn told_about(
    listing: &mut Listing,
    kind: &'static str,
    id: &str,
) -> Result<Vec<Told>, VaultError> {
    store::about(listing, kind, id).await
}

/// Takes a gateway's report about the message whose report address had this
/// token. False when there is none, or nothing more to say about it.
pub async fn report(
    vault: &Vault,
    grant: &Grant<ReportDelivery>,
    token: &str,
    Report(delivery): Report,
) -> Result<bool, VaultError> {
    let hash = sha256(token.as_bytes());
    let known = vault
        .change(grant, async |tx| {
            let Some(due) = store::by_report(tx, &hash).await? else {
                return Err(ReportRefused::Unknown);
            };
            if due.state.is_final() {
                return Err(ReportRefused::Unknown);
            }
            let step = model::Step::after_report(due.state, delivery, due.asked, tx.now());
            store::step(tx, due.id, due.state, &step, due.asked).await?;
            Ok(((), worker::event(&due, &step)))
        })
        .await;
    match known {
        Ok(()) => Ok(true),
        Err(ReportRefused::Unknown) => Ok(false),
        Err(ReportRefused::Vault(error)) => Err(error),
    }
}

#[derive(Debug, thiserror::Error)]
enum ReportRefused {
    #[error("no message waits for this report")]
    Unknown,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The event of something that happened to a message.
fn event_of(action: &'static str, patient_id: Option<PatientId>, id: MessageId) -> Event {
    let subject = patient_id.map_or(Subject::Clinic, Subject::Patient);
    let event = Event::new(action, subject).on("message", id).touching(TOPIC);
    match patient_id {
        Some(patient_id) => event.touching(format!("patient:{patient_id}")),
        None => event,
    }
}
