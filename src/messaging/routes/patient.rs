//! What was sent to one patient.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use fluent_bundle::FluentArgs;
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::i18n::Language;
use crate::ids::{MessageId, PatientId};
use crate::messaging::text::{Land, Purpose};
use crate::messaging::{self, Channel, Message, State as MessageState, whatsapp};
use crate::money::Money;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{SendMessages, ViewMessages};
use crate::web::{Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct MessagesPage {
    patient_id: PatientId,
    messages: Vec<Line>,
    /// `sms`, `whatsapp`, `telegram` or empty: as the clinic does.
    choice: &'static str,
    /// Whether whoever looks may choose.
    may_choose: bool,
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
    let messages = messaging::of_patient(&clinic.vault, &grant, patient_id).await?;
    let may_send = grant.actor().may::<SendMessages>();
    let lines = messages.into_iter().map(|message| {
        let why = message.reason.as_deref().map(|code| why(&clinic, chrome.language, code));
        Line::of(message, why, may_send)
    });
    let choice = messaging::choice(&clinic.vault, &grant, patient_id).await?;
    let page = MessagesPage {
        patient_id,
        messages: lines.collect(),
        choice: choice.map_or("", Channel::name),
        may_choose: may_send,
    };
    Page::of(&clinic, &chrome.active("patients"), &page)
}

pub(super) async fn choose(
    State(clinic): State<Clinic>,
    grant: Grant<SendMessages>,
    Path(patient_id): Path<PatientId>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Problem> {
    let channel = Channel::named(&chosen.channel);
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
        let (delivery, masked) = (message.state.shown(), message.phone.masked());
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
                phone: Phone::parse("+77010000001").expect("a number"),
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
        let page = |messages, choice, may_choose| Self { patient_id, messages, choice, may_choose };
        let mut chats = all.clone();
        chats.truncate(1);
        chats[0].message.channel = Channel::Telegram;
        vec![page(vec![], "", false), page(all, "whatsapp", true), page(chats, "telegram", false)]
    }
}
