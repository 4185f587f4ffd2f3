//! What a gateway made of a message, at once and later.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Worker;
use super::choosing::is_nobodys;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::messaging::gateway::{Asking, Delivery, Gateway, Outcome, Reason, Trouble};
use crate::messaging::hearing;
use crate::messaging::letter;
use crate::messaging::model::{Due, State, Step};
use crate::messaging::setup::{self, GatewayKind, InUse};
use crate::messaging::telegram;
use crate::messaging::whatsapp::{self, Plan};
use crate::messaging::{event_of, store};
use crate::vault::permission::SendMessages;
use crate::vault::{Event, Events, Grant, VaultError};

/// A gateway that does not answer is left alone for so long at first: each
/// message more would be one more of which nobody knows.
const SILENT_FOR: Duration = Duration::from_mins(1);

/// No answer to a question within so long is silence, and no answer of its own.
const SILENT_AFTER: Duration = Duration::from_secs(2);

impl Worker<'_> {
    /// What the outcome says of the gateway: it rests, or is well again.
    fn judge(&self, by: &InUse, outcome: &Outcome, now: Timestamp) -> Option<Trouble> {
        let lines = &self.lines;
        let [chance] = self.clinic.random.bytes();
        let (after, trouble) = match outcome {
            Outcome::Accepted { .. } | Outcome::Rejected(_) | Outcome::PutOff { .. } => {
                lines.well(by.id);
                return None;
            }
            Outcome::Retry { after, trouble } => (*after, *trouble),
            Outcome::Uncertain => (SILENT_FOR, Trouble::Silent),
        };
        lines.rest(by.id, after, chance, now);
        Some(trouble)
    }

    pub(super) async fn note_outcome(
        &self,
        due: &Due,
        by: &InUse,
        outcome: &Outcome,
    ) -> Result<(), VaultError> {
        let now = self.clinic.clock().now();
        let trouble = self.judge(by, outcome, now);
        let elsewhere = self.elsewhere(due, by, outcome, now);
        let again = match outcome {
            Outcome::PutOff { after } => elsewhere.or(Some(now.plus_ms(ms(*after)))),
            _ => elsewhere,
        };
        let asking = by.gateway.asking();
        let asked = i64::try_from(asking.first_time()).unwrap_or_default();
        // What was put off gives way to another channel, where there is one.
        let is_put_off = matches!(outcome, Outcome::PutOff { .. });
        let is_refused =
            matches!(outcome, Outcome::Rejected(_)) || is_put_off && elsewhere.is_some();
        let gives_way = Plan::may_give_way(&self.gateways, due);
        let news = self
            .clinic
            .vault
            .change(&self.grant, async |tx| {
                let mut step = Step::after_attempt(outcome, asking, again, tx.now());
                let mut refused_email = None;
                if by.kind == GatewayKind::Whatsapp && step.state == State::Accepted && gives_way {
                    step.due_at = Some(tx.now().plus_ms(self.plan.wait_ms()));
                }
                store::note_price(tx, due.id, outcome, by.terms.price).await?;
                if is_refused && by.kind == GatewayKind::Whatsapp {
                    whatsapp::mark_over(tx, due.id).await?;
                } else if let (true, Gateway::Telegram(bot)) = (is_refused, &by.gateway) {
                    telegram::mark_over(tx, due.id).await?;
                    if let (&Outcome::Rejected(Reason::Unreachable), Some(chat)) =
                        (outcome, due.chat())
                    {
                        telegram::block_in(tx, bot.bot_id(), chat, true).await?;
                    }
                } else if is_refused && by.is_letters() {
                    store::mark_letter_over(tx, due.id).await?;
                    refused_email = letter::refuse_in(tx, due, outcome).await?;
                } else if is_refused && elsewhere.is_some() {
                    let rank = if is_nobodys(outcome) { i64::MAX } else { by.rank };
                    store::pass(tx, due.id, rank).await?;
                }
                // A report may have been quicker than the answer: then it stands.
                let said = if store::step(tx, due.id, State::Sending, &step, asked).await? {
                    event(due, &step)
                } else {
                    event_of("message.answered_late", due.patient_id, due.id)
                };
                let news = setup::note_state(tx, by.id, trouble).await?;
                let events = Events::from(said);
                let has_news = news.is_some();
                let news = news.into_iter().chain(refused_email);
                let events = news.fold(events, Events::and);
                Ok::<_, VaultError>((has_news, events))
            })
            .await?;
        self.has_news.fetch_or(news, Ordering::Relaxed);
        hearing::settle(self.clinic).await
    }

    /// Whether anything came of it.
    pub(super) async fn ask(&self, due: &Due) -> Result<bool, VaultError> {
        let taker = self.gateways.iter().find(|one| Some(one.id) == due.gateway_id);
        let said = match taker {
            Some(taker) if taker.kind == GatewayKind::Whatsapp => {
                return self.give_way(due).await.map(|()| true);
            }
            // It reports, or nobody will ever know.
            Some(taker) if taker.gateway.asking() == Asking::Never => {
                return self.leave(due).await.map(|()| true);
            }
            // It rests, or did not answer a moment ago: the others come later.
            Some(taker) if self.is_silent(taker) || self.rests(taker) => return Ok(false),
            Some(taker) => {
                let asked = Instant::now();
                let said = taker.gateway.fate_of(due).await;
                if said == Delivery::Unknown && SILENT_AFTER <= asked.elapsed() {
                    self.silent.lock().expect("no panic while it is held").insert(taker.id);
                }
                said
            }
            None => Delivery::Unknown,
        };
        note_said(self.clinic, &self.grant, due, said).await.map(|_| true)
    }

    /// Asks about it no more.
    async fn leave(&self, due: &Due) -> Result<(), VaultError> {
        self.clinic
            .vault
            .change(&self.grant, async |tx| {
                let step = Step { state: due.state, reason: None, due_at: None };
                store::step(tx, due.id, due.state, &step, due.asked).await?;
                Ok::<_, VaultError>(((), event_of("message.asked_about", due.patient_id, due.id)))
            })
            .await
    }

    /// WhatsApp did not deliver in time: SMS or a letter takes over, once, if what it says
    /// is still of use.
    async fn give_way(&self, due: &Due) -> Result<(), VaultError> {
        self.clinic
            .vault
            .change(&self.grant, async |tx| {
                let now = tx.now();
                let gives_way = Plan::may_give_way(&self.gateways, due);
                let step = if gives_way && due.state == State::Accepted && now < due.not_after {
                    let reason = Some("whatsapp_silent");
                    Step { state: State::Queued, reason, due_at: Some(now) }
                } else {
                    Step { state: due.state, reason: None, due_at: None }
                };
                let moved = store::step(tx, due.id, due.state, &step, due.asked).await?;
                if moved && step.state == State::Queued {
                    whatsapp::mark_over(tx, due.id).await?;
                    return Ok(((), event(due, &step)));
                }
                Ok::<_, VaultError>(((), event_of("message.asked_about", due.patient_id, due.id)))
            })
            .await
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The event of a message's step.
pub fn event(due: &Due, step: &Step) -> Event {
    let event = event_of(step.state.action(), due.patient_id, due.id);
    let event = event.touching(due.about.topic());
    step.reason.map_or(event.clone(), |reason| event.because(reason))
}

/// Notes what the gateway said of a message; gives what that makes of it.
pub async fn note_said(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    due: &Due,
    said: Delivery,
) -> Result<State, VaultError> {
    let asked = due.asked + 1;
    clinic
        .vault
        .change(grant, async |tx| {
            let step = Step::after_report(due.state, said, asked, tx.now());
            store::step(tx, due.id, due.state, &step, asked).await?;
            let quiet = step.state == due.state || said == Delivery::Unknown;
            let event = if quiet {
                event_of("message.asked_about", due.patient_id, due.id)
            } else {
                event(due, &step)
            };
            Ok::<_, VaultError>((step.state, event))
        })
        .await
}
