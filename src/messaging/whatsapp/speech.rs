//! An answer of a conversation on its way to a person. It is stored with what it
//! answers, so that each is answered once; taken before it leaves, so that one
//! whose answer was lost is never said again; and gone once it was said.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::shape::{Shape, shaped};
use super::store;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::i18n::Language;
use crate::jobs::{self, JobFailure};
use crate::messaging::gateway::{Gateway, Outcome, Reason, Trouble, Whatsapp};
use crate::messaging::hearing::Inbound;
use crate::messaging::hooks::Hooks;
use crate::messaging::lines::Lines;
use crate::messaging::setup::{self, InUse};
use crate::messaging::speaking::{self, Answered, SpokenFate};
use crate::vault::permission::SendMessages;
use crate::vault::{Actor, Event, Grant, Subject, VaultError};

/// Work: an answer.
pub const SAY: &str = "messaging.speech";

/// What could not be said by then is left to a person, in milliseconds: also far
/// within the 24 hours in which free words are taken.
const LASTS_MS: i64 = 15 * 60 * 1000;

/// What was certainly not taken is tried again after 3 s, 6 s, 12 s … a minute.
const FIRST_RETRY_MS: i64 = 3_000;
const LAST_RETRY_MS: i64 = 60_000;

/// A number that does not answer is left alone for so long at first.
const REST: Duration = Duration::from_mins(1);

/// Where an answer is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum SpeechState {
    Waiting,
    /// Handed over, and no answer yet.
    Sending,
    Said,
    /// It may have been taken: it is not said again.
    Uncertain,
    /// It will never be taken, this way.
    Refused,
    /// Nobody could take it in time.
    Late,
}

impl SpeechState {
    /// What became of what was to be said; None: not known yet.
    fn fate(self) -> Option<SpokenFate> {
        match self {
            Self::Waiting | Self::Sending => None,
            Self::Said => Some(SpokenFate::Said),
            Self::Uncertain => Some(SpokenFate::Uncertain),
            Self::Refused | Self::Late => Some(SpokenFate::Lost),
        }
    }
}

/// One that is to be said.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Speech {
    pub heard: String,
    pub phone: Phone,
    /// Of whom hides the number: what they are called instead.
    #[sqlx(default)]
    pub hidden: Option<String>,
    /// JSON of a [`Shape`].
    pub body: String,
    pub state: SpeechState,
    pub attempts: i64,
    pub made_at: Timestamp,
}

#[derive(Debug, thiserror::Error)]
enum Put {
    #[error("it was answered before")]
    Before,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Puts an answer on its way, once for each thing that was heard.
pub(super) async fn put(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    (heard, phone): (&str, &Phone),
    answered: &Answered,
) -> Result<(), VaultError> {
    let body = serde_json::to_string(&shaped(answered)).expect("texts are JSON");
    let put = clinic
        .vault
        .change(grant, async |tx| {
            let id = store::put_speech(tx, heard, phone, &body).await?.ok_or(Put::Before)?;
            let now = tx.now();
            jobs::enqueue(tx, SAY, &json!({ "speech": id }), now).await?;
            Ok(((), Event::new("whatsapp.answered", Subject::Clinic).on("speech", id)))
        })
        .await;
    match put {
        Ok(()) | Err(Put::Before) => Ok(()),
        Err(Put::Vault(error)) => Err(error),
    }
}

/// Whether this was answered before.
pub(super) async fn is_answered(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    heard: &str,
) -> Result<bool, VaultError> {
    store::is_answered(&mut clinic.vault.read(grant).await?, heard).await
}

/// Says an answer, or puts it off.
pub(super) async fn say(clinic: Clinic, hooks: Hooks, payload: Value) -> Result<(), JobFailure> {
    let id = payload["speech"].as_i64().ok_or_else(|| JobFailure("payload_without".to_owned()))?;
    let grant: Grant<SendMessages> =
        Actor::job("messaging").grant().map_err(|denied| JobFailure(denied.to_string()))?;
    Ok(Saying { clinic: &clinic, hooks: &hooks, grant: &grant, id }.work().await?)
}

/// What is to be done.
enum Taken {
    Speech(Speech),
    /// An earlier answer to the same person is still to be said.
    Behind,
    Nothing,
}

struct Saying<'a> {
    clinic: &'a Clinic,
    hooks: &'a Hooks,
    grant: &'a Grant<SendMessages>,
    id: i64,
}

impl Saying<'_> {
    async fn work(&self) -> Result<(), VaultError> {
        let all = setup::in_use(self.clinic, self.grant).await?;
        let number = all.iter().find_map(|one| match &one.gateway {
            Gateway::Whatsapp(number) => Some((one, number)),
            _ => None,
        });
        if let Some((by, _)) = number
            && let Err(again) = self.book(by)
        {
            return self.put_off(again, false).await;
        }
        let speech = match self.take().await? {
            Taken::Speech(speech) => speech,
            Taken::Behind => {
                let again = self.clinic.clock().now().plus_ms(FIRST_RETRY_MS);
                return self.put_off(again, false).await;
            }
            Taken::Nothing => return Ok(()),
        };
        let Some((by, number)) = number else {
            return self.end(&speech, SpeechState::Refused, None).await;
        };
        let outcome = self.send(number, &speech).await;
        if let Outcome::Uncertain | Outcome::Retry { trouble: Trouble::Unreachable, .. } = outcome {
            // Other work is not kept waiting for one who does not answer.
            let [chance] = self.clinic.random.bytes();
            let now = self.clinic.clock().now();
            Lines::of(self.clinic).rest(by.id, REST, chance, now);
        }
        match outcome {
            Outcome::Accepted { .. } => self.end(&speech, SpeechState::Said, Some(by)).await,
            Outcome::Uncertain => self.end(&speech, SpeechState::Uncertain, Some(by)).await,
            Outcome::Rejected(_) => self.end(&speech, SpeechState::Refused, Some(by)).await,
            Outcome::Retry { .. } | Outcome::PutOff { .. } => {
                let grown = FIRST_RETRY_MS << speech.attempts.clamp(0, 10);
                let again = self.clinic.clock().now().plus_ms(grown.min(LAST_RETRY_MS));
                self.put_off(again, true).await
            }
        }
    }

    /// A place within the limit of the number.
    fn book(&self, by: &InUse) -> Result<(), Timestamp> {
        let now = self.clinic.clock().now();
        let lines = Lines::of(self.clinic);
        match lines.rests_until(by.id, now) {
            Some(until) => Err(until),
            None => lines.book(by.id, by.terms.per_minute, true, now),
        }
    }

    /// Nothing when it is over, or was under way when somebody died over it.
    async fn take(&self) -> Result<Taken, VaultError> {
        let taken = self
            .clinic
            .vault
            .change(self.grant, async |tx| {
                let mut found = store::speech(tx, self.id).await?;
                if let Some(one) = &mut found {
                    one.hidden = store::hidden_behind_in(tx, &one.phone).await?;
                }
                let now = tx.now();
                let (state, action) = match &found {
                    Some(one) if one.state == SpeechState::Sending => {
                        (Some(SpeechState::Uncertain), "whatsapp.answer_lost")
                    }
                    Some(one) if one.state != SpeechState::Waiting => {
                        (None, "whatsapp.answer_seen")
                    }
                    Some(one) if one.made_at.plus_ms(LASTS_MS) <= now => {
                        (Some(SpeechState::Late), "whatsapp.answer_late")
                    }
                    Some(_) if store::is_behind(tx, self.id).await? => {
                        (Some(SpeechState::Waiting), "whatsapp.answer_seen")
                    }
                    Some(_) => (Some(SpeechState::Sending), "whatsapp.answer_sent"),
                    None => (None, "whatsapp.answer_seen"),
                };
                if let Some(state) = state {
                    store::step_speech(tx, self.id, state).await?;
                }
                if let (Some(one), Some(fate)) = (&found, state.and_then(SpeechState::fate)) {
                    speaking::ended_in(tx, &one.heard, fate).await?;
                }
                let event = Event::new(action, Subject::Clinic).on("speech", self.id);
                Ok::<_, VaultError>((found.zip(state), event.touching(speaking::TOPIC)))
            })
            .await?;
        match taken {
            Some((speech, SpeechState::Sending)) => Ok(Taken::Speech(speech)),
            Some((_, SpeechState::Waiting)) => Ok(Taken::Behind),
            Some((speech, SpeechState::Late)) => {
                self.leave(&speech).await?;
                Ok(Taken::Nothing)
            }
            _ => Ok(Taken::Nothing),
        }
    }

    async fn send(&self, number: &Whatsapp, speech: &Speech) -> Outcome {
        let to = speech.hidden.as_deref().unwrap_or(speech.phone.digits());
        let mark = format!("speech-{}", self.id);
        match serde_json::from_str(&speech.body) {
            Ok(Shape::Text { text }) => number.say(to, &mark, &text).await,
            Ok(Shape::Buttons { text, buttons }) => {
                number.say_buttons(to, &mark, &text, &buttons).await
            }
            Ok(Shape::List { text, button, rows }) => {
                number.say_list(to, &mark, &text, (&button, &rows)).await
            }
            Err(_) => Outcome::Rejected(Reason::Parameters),
        }
    }

    async fn end(
        &self,
        speech: &Speech,
        state: SpeechState,
        by: Option<&InUse>,
    ) -> Result<(), VaultError> {
        if let Some(by) = by.filter(|_| state == SpeechState::Said) {
            Lines::of(self.clinic).well(by.id);
        }
        self.clinic
            .vault
            .change(self.grant, async |tx| {
                store::step_speech(tx, self.id, state).await?;
                if let Some(fate) = state.fate() {
                    speaking::ended_in(tx, &speech.heard, fate).await?;
                }
                let event = Event::new("whatsapp.answer_ended", Subject::Clinic);
                let event = event.on("speech", self.id).with_detail(json!({ "state": state }));
                Ok::<_, VaultError>(((), event.touching(speaking::TOPIC)))
            })
            .await?;
        if state == SpeechState::Refused {
            self.leave(speech).await?;
        }
        Ok(())
    }

    async fn put_off(&self, again: Timestamp, was_taken: bool) -> Result<(), VaultError> {
        self.clinic
            .vault
            .change(self.grant, async |tx| {
                if was_taken {
                    store::step_speech(tx, self.id, SpeechState::Waiting).await?;
                }
                jobs::enqueue(tx, SAY, &json!({ "speech": self.id }), again).await?;
                let event = Event::new("whatsapp.answer_put_off", Subject::Clinic);
                Ok::<_, VaultError>(((), event.on("speech", self.id)))
            })
            .await
    }

    /// Whoever could not be answered is answered by a person.
    async fn leave(&self, speech: &Speech) -> Result<(), VaultError> {
        let all = setup::in_use(self.clinic, self.grant).await?;
        let Some(own) = all.iter().find(|one| matches!(one.gateway, Gateway::Whatsapp(_))) else {
            return Ok(());
        };
        let language = Language::default();
        let at = self.clinic.clock().now();
        let said = Inbound {
            gateway: own.id,
            id: Some(format!("{}:{SAY}", speech.heard)),
            from: speech.phone.digits().to_owned(),
            to: String::new(),
            text: self.clinic.pages.words().plain(language, "messaging-whatsapp-unanswered"),
            at,
            since: at,
            nickname: None,
        };
        self.hooks.give(self.clinic, &said).await
    }
}
