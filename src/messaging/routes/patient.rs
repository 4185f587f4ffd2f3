//! What was sent to one patient.

use std::collections::BTreeSet;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use fluent_bundle::FluentArgs;
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::i18n::Language;
use crate::ids::{MessageId, PatientId};
use crate::messaging::setup;
use crate::messaging::text::{Land, Purpose};
use crate::messaging::wanted::{self, Aim, Choice, Choices, Offered, Source};
use crate::messaging::{self, Channel, Message, State as MessageState, whatsapp};
use crate::money::Money;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{SendMessages, ViewMessages};
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct MessagesPage {
    patient_id: PatientId,
    messages: Vec<Line>,
    /// `sms`, `whatsapp`, `telegram` or empty: as the clinic does.
    choice: &'static str,
    /// Whether whoever looks may choose.
    may_choose: bool,
    /// What the patient wants to be written.
    aims: Vec<Offered>,
    /// The form of that as it was refused.
    reason: String,
    errors: FieldErrors,
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    channel: String,
}

#[derive(Clone, Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    message: Message,
    /// The word of the badge: `queued`, `sent`, `delivered`, `failed`, `uncertain`, or none.
    delivery: &'static str,
    /// Why it is in this state, in words.
    why: Option<String>,
    masked: String,
    /// Whether it may be sent again by whoever looks.
    again: bool,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewMessages>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
) -> Result<Page, Problem> {
    let page = MessagesPage::load(&clinic, &grant, &chrome, patient_id).await?;
    Page::of(&clinic, &chrome.active("patients"), &page)
}

/// What the patient told the desk; why it is changed has to be said.
pub(super) async fn set_wanted(
    State(clinic): State<Clinic>,
    grant: Grant<SendMessages>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let reason = typed.iter().find(|(name, _)| name == "reason").map(|(_, value)| value.trim());
    let reason = reason.unwrap_or_default().to_owned();
    let names: BTreeSet<String> = typed.into_iter().map(|(name, _)| name).collect();
    let ticked = wanted::ticked(&names, &setup::channels(&clinic, &grant).await?);
    if reason.is_empty() || LONGEST_REASON < reason.chars().count() {
        let view = grant.also::<ViewMessages>()?;
        let mut page = MessagesPage::load(&clinic, &view, &chrome, patient_id).await?;
        for tick in page.aims.iter_mut().flat_map(|one| &mut one.channels) {
            tick.ticked = names.contains(&tick.name);
        }
        page.errors.insert("reason", "wanted-error-reason".to_owned());
        page.reason = reason;
        return Ok(Page::of(&clinic, &chrome.active("patients"), &page)?.refused().into_response());
    }
    wanted::set(&clinic.vault, &grant, patient_id, &ticked, &reason).await?;
    Ok(see_other(&format!("/patients/{patient_id}/messages")))
}

/// Letters of a reason.
const LONGEST_REASON: usize = 200;

impl MessagesPage {
    async fn load(
        clinic: &Clinic,
        grant: &Grant<ViewMessages>,
        chrome: &Chrome,
        patient_id: PatientId,
    ) -> Result<Self, Problem> {
        let messages = messaging::of_patient(&clinic.vault, grant, patient_id).await?;
        let may_send = grant.actor().may::<SendMessages>();
        let lines = messages.into_iter().map(|message| {
            let why = message.reason.as_deref().map(|code| why(clinic, chrome.language, code));
            Line::of(message, why, may_send)
        });
        let choice = messaging::choice(&clinic.vault, grant, patient_id).await?;
        let wanted = wanted::of_patient(&clinic.vault, grant, patient_id).await?;
        Ok(Self {
            patient_id,
            messages: lines.collect(),
            choice: choice.map_or("", Channel::name),
            may_choose: may_send,
            aims: Offered::all(&wanted, &setup::channels(clinic, grant).await?),
            reason: String::new(),
            errors: FieldErrors::new(),
        })
    }
}

pub(super) async fn choose(
    State(clinic): State<Clinic>,
    grant: Grant<SendMessages>,
    Path(patient_id): Path<PatientId>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Problem> {
    let channel = Channel::of_patients(&chosen.channel);
    whatsapp::choose(&clinic.vault, &grant, patient_id, channel).await?;
    Ok(see_other(&format!("/patients/{patient_id}/messages")))
}

/// A reason in words; its code when another capability gave one without words.
fn why(clinic: &Clinic, language: Language, code: &str) -> String {
    let key = format!("messaging-reason-{code}");
    let said = clinic.pages.words().say(language, &key, &FluentArgs::new());
    said.unwrap_or_else(|| code.to_owned())
}

impl Line {
    fn of(message: Message, why: Option<String>, may_send: bool) -> Self {
        let (delivery, masked) = (message.state.shown(), message.to.masked());
        let repeatable = message.state.may_be_repeated() && message.purpose.may_be_repeated();
        let again = may_send && repeatable && message.newest;
        Self { message, delivery, why, masked, again }
    }
}

impl View for MessagesPage {
    const TEMPLATE: &'static str = "messaging/patient.html";

    fn samples() -> Vec<Self> {
        let now = Timestamp::from_unix_ms(1_790_000_000_000);
        let patient_id = PatientId::new(now);
        let message = |state, reason: Option<&str>| {
            let why = reason.map(str::to_owned);
            let message = Message {
                id: MessageId::new(now),
                purpose: Purpose::BookingMade,
                channel: Channel::Sms,
                language: Language::Kk,
                to: Phone::parse("+77010000001").expect("a number").into(),
                land: Land::Home,
                text: "A".to_owned(),
                state,
                reason: reason.map(str::to_owned),
                created_at: now,
                since: now,
                parts: Some(2),
                cost: Some(Money::from_tenge(31)),
                newest: true,
            };
            Line::of(message, why, true)
        };
        let all = vec![
            message(MessageState::Queued, Some("gateway_no_money")),
            message(MessageState::Delivered, None),
            message(MessageState::Failed, Some("bad_number")),
            message(MessageState::Uncertain, Some("no_answer")),
            message(MessageState::Withheld, Some("cancelled")),
        ];
        let mut all = all;
        all[1].message.channel = Channel::Whatsapp;
        all[2].message.land = Land::Abroad;
        let said = Choices(vec![Choice {
            aim: Aim::Service,
            channel: Channel::Sms,
            allowed: false,
            at: now,
            source: Source::Desk,
            by_name: Some("A".to_owned()),
            reason: "B".to_owned(),
        }]);
        let page = |messages, choice, may_choose, said: &Choices| Self {
            patient_id,
            messages,
            choice,
            may_choose,
            aims: Offered::all(said, &Channel::ALL),
            reason: String::new(),
            errors: FieldErrors::from([("reason", "wanted-error-reason".to_owned())]),
        };
        let none = Choices::default();
        let mut chats = all.clone();
        chats.truncate(1);
        chats[0].message.channel = Channel::Telegram;
        let mut handles = chats.clone();
        handles[0].message.channel = Channel::Instagram;
        vec![
            page(handles, "", false, &none),
            page(vec![], "", false, &none),
            page(all, "whatsapp", true, &said),
            page(chats, "telegram", false, &none),
        ]
    }
}
