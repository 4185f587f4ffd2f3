//! Leads: strangers who may become patients, so that none is lost; and what is
//! forgotten of strangers in the end.

use serde_json::json;

use crate::clinic::Clinic;
use crate::contact::{Name, Phone};
use crate::conversations::{self, ConversationId};
use crate::i18n::Language;
use crate::ids::PatientId;
use crate::inbox::acting::attach_in;
use crate::inbox::model::{Lead, LeadId, LeadState};
use crate::inbox::writing::{about, event, open};
use crate::inbox::{InboxError, TOPIC, store};
use crate::jobs::{self, Jobs};
use crate::messaging::{speaking, staff, whatsapp};
use crate::patients::blocking;
use crate::patients::{self, NewPatient};
use crate::replies::FORGOTTEN_AFTER_MS;
use crate::vault::permission::{ReadInbox, RegisterPatient, TendInbox, WriteInbox};
use crate::vault::{Actor, Event, Grant, Subject, Tx, VaultError};

/// Queued with each that ends: `{}`.
const FORGET: &str = "inbox.forget";

const MINUTE_MS: i64 = 60 * 1000;

/// Leads on one page.
const SHOWN: i64 = 200;

/// Letters of a name and of a note.
const LONGEST_NAME: usize = 80;
const LONGEST_NOTE: usize = 300;

fn cut(text: &str, most: usize) -> String {
    text.trim().chars().filter(|letter| !letter.is_control()).take(most).collect()
}

/// All leads, the new ones first.
pub async fn leads(clinic: &Clinic, grant: &Grant<ReadInbox>) -> Result<Vec<Lead>, VaultError> {
    clinic
        .vault
        .list(grant, "leads.listed", async |listing| {
            let hidden = blocking::hidden_from(listing, grant).await?;
            let mut leads = store::leads(listing, SHOWN).await?;
            leads.retain(|lead| lead.patient_id.is_none_or(|id| !hidden.contains(&id)));
            let whose = leads.iter().filter_map(|lead| lead.patient_id).collect();
            Ok::<_, VaultError>((leads, whose))
        })
        .await
}

/// Makes a lead of whoever writes in a conversation.
///
/// # Errors
/// [`InboxError::Meanwhile`] when there is a new one already.
pub async fn make_lead(
    clinic: &Clinic,
    grant: &Grant<WriteInbox>,
    id: ConversationId,
    (name, note): (&str, &str),
) -> Result<LeadId, InboxError> {
    let (name, note) = (cut(name, LONGEST_NAME), cut(note, LONGEST_NOTE));
    if name.is_empty() {
        return Err(InboxError::Missing("inbox-lead-nameless"));
    }
    clinic
        .vault
        .change(grant, async |tx| {
            let talk = open(tx, grant, id).await?;
            let phone = talk.phone().map(|phone| phone.as_str().to_owned()).unwrap_or_default();
            let made = store::make_lead(tx, id, (&name, &phone, &note), grant.staff()).await?;
            let lead = made.ok_or(InboxError::Meanwhile)?;
            let of = talk.patient_id.map_or(Subject::Clinic, Subject::Patient);
            let event = Event::new("lead.made", of).on("lead", lead).touching(TOPIC);
            Ok((lead, event.with_detail(json!({ "conversation": id }))))
        })
        .await
}

/// Somebody left name and number by themselves: a lead, unless there is a new one
/// of theirs already.
pub async fn leave_lead_in(
    tx: &mut Tx,
    id: ConversationId,
    (name, phone, note): (&str, &Phone, &str),
) -> Result<Option<Event>, VaultError> {
    let (name, note) = (cut(name, LONGEST_NAME), cut(note, LONGEST_NOTE));
    let made = store::make_lead(tx, id, (&name, phone.as_str(), &note), None).await?;
    Ok(made.map(|lead| {
        let event = Event::new("lead.made", Subject::Clinic).on("lead", lead).touching(TOPIC);
        event.with_detail(json!({ "conversation": id }))
    }))
}

/// Says what became of a lead.
///
/// # Errors
/// [`InboxError::Meanwhile`] when that was said before.
pub async fn set_lead(
    clinic: &Clinic,
    grant: &Grant<WriteInbox>,
    id: LeadId,
    state: LeadState,
) -> Result<(), InboxError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let set = store::set_lead(tx, id, state).await?;
            let patient = set.ok_or(InboxError::Meanwhile)?;
            if patient.is_none() {
                forget_later(tx).await?;
            }
            let of = patient.map_or(Subject::Clinic, Subject::Patient);
            let event = Event::new("lead.settled", of).on("lead", id).touching(TOPIC);
            Ok(((), event.because(state.name())))
        })
        .await
}

/// A card for whoever writes in a conversation, which is theirs from now.
///
/// # Errors
/// [`InboxError::Missing`] without a name.
pub async fn make_card(
    clinic: &Clinic,
    grant: &Grant<WriteInbox>,
    id: ConversationId,
    (name, phone): (Name, Option<Phone>),
    language: Language,
) -> Result<PatientId, InboxError> {
    let _: Grant<RegisterPatient> = grant.also()?;
    if name.is_empty() {
        return Err(InboxError::Missing("inbox-card-nameless"));
    }
    clinic
        .vault
        .change(grant, async |tx| {
            let talk = open(tx, grant, id).await?;
            if talk.patient_id.is_some() {
                return Err(InboxError::Meanwhile);
            }
            // What was typed is asked for where the messenger tells no number.
            let phones = talk.phone().or(phone).into_iter().collect();
            let source = talk.channel.name().to_owned();
            let new = NewPatient { name, phones, language, source, ..NewPatient::default() };
            let (patient, registered) = patients::register_in(tx, &new).await?;
            attach_in(tx, grant, id, Some(patient)).await?;
            let attached = event("conversation.attached", Subject::Patient(patient), id);
            Ok((patient, registered.and(attached)))
        })
        .await
}

/// The work of this capability.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new().on(FORGET, |clinic, _| async move { Ok(forget(&clinic).await?) })
}

/// What is over now with a stranger is forgotten in half a year: after what they
/// wrote.
pub async fn forget_later(tx: &mut Tx) -> Result<(), VaultError> {
    let due = tx.now().plus_ms(FORGOTTEN_AFTER_MS + MINUTE_MS);
    jobs::enqueue(tx, FORGET, &json!({}), due).await?;
    Ok(())
}

/// Forgets strangers' conversations, what they were written, and leads that came
/// to nothing.
async fn forget(clinic: &Clinic) -> Result<(), VaultError> {
    let grant: Grant<TendInbox> = Actor::job("inbox").grant().map_err(|_| VaultError::NotStaff)?;
    clinic
        .vault
        .change(&grant, async |tx| {
            let before = tx.now().plus_ms(-FORGOTTEN_AFTER_MS);
            speaking::forget_strangers_in(tx, before).await?;
            for id in store::over(tx, before).await? {
                staff::forget_about_in(tx, &about(id)).await?;
            }
            let leads = store::forget_leads(tx, before).await?;
            let gone = conversations::forget_in(tx, before).await?;
            whatsapp::forget_people_in(tx).await?;
            let detail = json!({ "conversations": gone, "leads": leads });
            let event = Event::new("inbox.forgotten", Subject::Clinic).with_detail(detail);
            Ok::<_, VaultError>(((), event.touching(TOPIC)))
        })
        .await
}
