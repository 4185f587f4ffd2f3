//! Hands messages over and asks what became of them.
//!
//! A message is taken (`sending`, with a lease) in one transaction, handed over
//! outside any, and the answer noted in another. Whatever happens in between,
//! a message that may have left is never handed over again before the gateway
//! has denied having it; only what was certainly not taken goes to the next
//! gateway.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::crypto::hash::sha256;
use crate::ids::MessageId;
use crate::messaging::buttons::{self, Tokens};
use crate::messaging::gateway::telegram::Markup;
use crate::messaging::gateway::whatsapp::Filled;
use crate::messaging::gateway::{
    Asking, Delivery, Gateway, Outcome, Reason, Sms, Telegram, Trouble,
};
use crate::messaging::hearing;
use crate::messaging::jobs::{Hooks, Verdict};
use crate::messaging::letter;
use crate::messaging::lines::Lines;
use crate::messaging::model::{Channel, Due, Leaving, State, Step};
use crate::messaging::setup::{self, GatewayKind, InUse};
use crate::messaging::telegram;
use crate::messaging::text::Purpose;
use crate::messaging::to::To;
use crate::messaging::whatsapp::{self, Plan, Template};
use crate::messaging::{event_of, store, transfers, wanted};
use crate::patients;
use crate::vault::permission::SendMessages;
use crate::vault::{Event, Events, Grant, Subject, Tx, VaultError};

/// A gateway that does not answer is left alone for so long at first: each
/// message more would be one more of which nobody knows.
const SILENT_FOR: Duration = Duration::from_mins(1);

/// Telegram asks for rests of seconds: so long is waited for it.
const PATIENCE_MS: i64 = 2 * 60 * 1000;

/// Whatever had to wait is looked at again within this.
const LOOKS_AGAIN_MS: i64 = 60 * 1000;

/// The same for what somebody waits for at this moment.
const CODE_WAITS_MS: i64 = 5 * 1000;

/// A letter waits for what is read sooner, if that rests for less than this.
const LETTER_WAITS_MS: i64 = 10 * 60 * 1000;

/// One pass over what is due.
pub(super) struct Worker<'a> {
    clinic: &'a Clinic,
    hooks: &'a Hooks,
    pub grant: Grant<SendMessages>,
    /// In the order they are tried in.
    gateways: Vec<InUse>,
    /// Which of them is for whom.
    plan: Plan,
    lines: Lines,
    again_at: Mutex<Option<Timestamp>>,
    /// Those that had to wait, and until when: they make room for the others.
    deferred: Mutex<Vec<(MessageId, State, Timestamp)>>,
    /// A gateway fell ill or got over it.
    has_news: AtomicBool,
}

impl<'a> Worker<'a> {
    pub fn new(
        clinic: &'a Clinic,
        hooks: &'a Hooks,
        grant: Grant<SendMessages>,
        gateways: Vec<InUse>,
        plan: Plan,
    ) -> Self {
        let (again_at, deferred) = (Mutex::default(), Mutex::default());
        let has_news = AtomicBool::default();
        let lines = Lines::of(clinic);
        Self { clinic, hooks, grant, gateways, plan, lines, again_at, deferred, has_news }
    }

    /// When the first of the messages that had to wait can be tried again.
    pub fn again_at(&self) -> Option<Timestamp> {
        *self.again_at.lock().expect("no panic while it is held")
    }

    fn come_again(&self, at: Timestamp) {
        let mut again = self.again_at.lock().expect("no panic while it is held");
        *again = Some(again.map_or(at, |before| before.min(at)));
    }

    /// A message asks again then, or within a minute: gateways get well sooner than was
    /// thought, and are changed.
    fn defer(&self, due: &Due, until: Timestamp) {
        let most = if due.purpose.aim().is_some() { LOOKS_AGAIN_MS } else { CODE_WAITS_MS };
        let at = until.min(self.clinic.clock().now().plus_ms(most));
        self.come_again(at);
        let mut deferred = self.deferred.lock().expect("no panic while it is held");
        deferred.push((due.id, due.state, at));
    }

    /// Writes down who waits. False when nobody does.
    pub async fn note_deferred(&self) -> Result<bool, VaultError> {
        let deferred =
            std::mem::take(&mut *self.deferred.lock().expect("no panic while it is held"));
        if deferred.is_empty() {
            return Ok(false);
        }
        self.clinic
            .vault
            .change(&self.grant, async |tx| {
                store::defer(tx, &deferred).await?;
                // Nobody is told: nothing that anybody sees has changed.
                Ok::<_, VaultError>(((), Event::new("messages.deferred", Subject::Clinic)))
            })
            .await?;
        Ok(true)
    }

    /// Tells the rail when a gateway fell ill or got over it.
    pub async fn report_news(&self) -> Result<(), VaultError> {
        if self.has_news.swap(false, Ordering::Relaxed) {
            setup::count_waiting(self.clinic, &self.grant).await?;
        }
        Ok(())
    }

    /// What a worker held when it died may have left.
    pub async fn give_up_abandoned(&self) -> Result<(), VaultError> {
        let now = self.clinic.clock().now();
        let abandoned = self
            .clinic
            .vault
            .list(&self.grant, "messages.tended", async |listing| {
                let found = store::abandoned(listing, now).await?;
                let patients = found.iter().filter_map(|(_, patient_id, _)| *patient_id).collect();
                Ok::<_, VaultError>((found, patients))
            })
            .await?;
        for (id, patient_id, gateway_id) in abandoned {
            let taker = self.gateways.iter().find(|one| Some(one.id) == gateway_id);
            let asking = taker.map_or(Asking::Never, |one| one.gateway.asking());
            let step = Step::lost("worker_died", asking, now);
            self.clinic
                .vault
                .change(&self.grant, async |tx| {
                    store::step(tx, id, State::Sending, &step, 0).await?;
                    let event = event_of(step.state.action(), patient_id, id);
                    Ok::<_, VaultError>(((), event.because("worker_died")))
                })
                .await?;
        }
        Ok(())
    }

    pub async fn see_to(&self, due: &Due) -> Result<(), VaultError> {
        match due.state {
            State::Queued => self.send(due).await,
            _ => self.ask(due).await,
        }
    }

    /// The gateways that may take it, in order: those that have not refused it,
    /// or the one that is being tried out.
    fn takers(&self, due: &Due) -> Vec<&InUse> {
        if due.purpose == Purpose::Trial {
            let wanted = |one: &&InUse| one.id.to_string() == due.about.id;
            return self.gateways.iter().filter(wanted).collect();
        }
        let only = due.to.handle().map(|handle| handle.channel).or_else(|| due.only_by());
        if let Some(only) = only.filter(|only| *only != Channel::Sms) {
            // Whoever has only a mailbox may have asked to be left alone there.
            let may = only != Channel::Email || due.may_go_by(only);
            let all = self.gateways.iter().filter(|one| may && one.kind.channel() == only);
            return all.collect();
        }
        self.plan.takers(&self.gateways, due)
    }

    /// The first that is not in trouble, and whose limit has room; else when one may
    /// be. Neither, when nobody would take it.
    fn choose(&self, due: &Due) -> Result<&InUse, Option<Timestamp>> {
        let now = self.clinic.clock().now();
        let lines = &self.lines;
        let (mut is_waited_for, mut again) = (false, None::<Timestamp>);
        for one in self.takers(due) {
            if one.is_letters() && is_waited_for {
                return Err(again);
            }
            let rests = lines.rests_until(one.id, now).filter(|_| due.purpose != Purpose::Trial);
            let Some(until) = rests else {
                let per_minute = one.terms.per_minute;
                return lines
                    .book(one.id, per_minute, now)
                    .map(|()| one)
                    // A code stands in no queue: somebody waits for it.
                    .map_err(|again| match due.purpose.aim() {
                        Some(_) => Some(lines.promise(one.id, per_minute, again, now)),
                        None => Some(again),
                    });
            };
            again = Some(again.map_or(until, |before| before.min(until)));
            is_waited_for |= until < now.plus_ms(LETTER_WAITS_MS) && until < due.not_after;
            // A chat that has to wait a moment is no reason to pay for an SMS.
            if one.kind == GatewayKind::Telegram && until <= now.plus_ms(PATIENCE_MS) {
                return Err(again);
            }
        }
        Err(again)
    }

    async fn send(&self, due: &Due) -> Result<(), VaultError> {
        // What is too late is said so even when nobody could take it.
        let is_late = due.not_after <= self.clinic.clock().now();
        let is_refused = self.is_refused(due);
        let chosen = if is_late || is_refused {
            self.gateways.first().ok_or(None)
        } else {
            self.choose(due)
        };
        let by = match chosen {
            Ok(by) => by,
            Err(again) => {
                let nobody = self.clinic.clock().now().plus_ms(LOOKS_AGAIN_MS);
                self.defer(due, again.unwrap_or(nobody));
                return Ok(());
            }
        };
        let token = BASE64URL_NOPAD.encode(&self.clinic.random.bytes::<16>());
        let is_chat = by.kind == GatewayKind::Telegram;
        let buttons = (is_chat && telegram::may_have_buttons(due))
            .then(|| Tokens::generate(&self.clinic.random, due.purpose));
        let Some(leaving) = self.take(due, by, &token, buttons.as_ref()).await? else {
            return Ok(());
        };
        if let Gateway::Telegram(bot) = &by.gateway {
            let outcome = self.say(bot, due, &leaving, buttons.as_ref()).await;
            return self.note_outcome(due, by, &outcome).await;
        }
        if let Gateway::Email(mailer) = &by.gateway {
            let outcome = letter::post(self.clinic, mailer, due, &leaving).await;
            return self.note_outcome(due, by, &outcome).await;
        }
        if let Gateway::Instagram(account) = &by.gateway {
            let outcome = match leaving.to.handle() {
                Some(handle) => account.send_text(&handle.id, &leaving.text).await,
                None => Outcome::Rejected(Reason::Parameters),
            };
            return self.note_outcome(due, by, &outcome).await;
        }
        if let Gateway::Whatsapp(number) = &by.gateway {
            if due.only_by().is_some() && !due.is_template() {
                let to = match &leaving.to {
                    To::Phone(phone) => phone.digits(),
                    To::Handle(handle) => &handle.id,
                };
                let outcome = number.send_text(to, leaving.reference, &leaving.text).await;
                return self.note_outcome(due, by, &outcome).await;
            }
            let outcome = match (self.filled(due, &leaving), leaving.to.phone()) {
                (Some(filled), Some(phone)) => {
                    number.send_template(phone, leaving.reference, &filled).await
                }
                _ => Outcome::Rejected(Reason::Parameters),
            };
            return self.note_outcome(due, by, &outcome).await;
        }
        let Some(phone) = leaving.to.phone() else {
            return self.note_outcome(due, by, &Outcome::Rejected(Reason::BadNumber)).await;
        };
        let report_url = self.report_url(by, &token);
        let sms = Sms {
            to: phone,
            text: &leaving.text,
            reference: leaving.reference,
            report_url: report_url.as_deref(),
        };
        let outcome = by.gateway.send(sms).await;
        self.note_outcome(due, by, &outcome).await
    }

    /// Whether its patient refused the channels by which it could go.
    fn is_refused(&self, due: &Due) -> bool {
        let refused = Channel::ALL.into_iter().any(|channel| !due.may_go_by(channel));
        refused && self.takers(due).is_empty()
    }

    /// What the patient wants now: None when this channel may carry it.
    async fn unwanted(
        &self,
        tx: &mut Tx,
        due: &Due,
        by: &InUse,
    ) -> Result<Option<Step>, VaultError> {
        let Some(patient) = due.patient_id else { return Ok(None) };
        if self.is_refused(due) {
            return Ok(Some(Step::withheld("opted_out")));
        }
        if wanted::allow_in(tx, patient, due.purpose, by.kind.channel()).await? {
            return Ok(None);
        }
        // Said a moment ago: the next look goes by what stands now.
        let due_at = Some(tx.now());
        Ok(Some(Step { state: State::Queued, reason: Some("opted_out"), due_at }))
    }

    /// Decides and takes in one transaction. None when it is not to be sent.
    async fn take(
        &self,
        due: &Due,
        by: &InUse,
        token: &str,
        tokens: Option<&Tokens>,
    ) -> Result<Option<Leaving>, VaultError> {
        let hash = sha256(token.as_bytes()).to_vec();
        self.clinic
            .vault
            .change(&self.grant, async |tx| {
                let stopped = if due.not_after <= tx.now() {
                    Some(Step::expired())
                } else if let Some(step) = readdress(tx, due).await? {
                    Some(step)
                } else {
                    match self.hooks.ask(tx, due).await? {
                        Verdict::Send => self.unwanted(tx, due, by).await?,
                        Verdict::Withhold(reason) => Some(Step::withheld(reason)),
                        Verdict::Later(at) => {
                            Some(Step { state: State::Queued, reason: None, due_at: Some(at) })
                        }
                    }
                };
                if let Some(step) = stopped {
                    store::step(tx, due.id, State::Queued, &step, due.asked).await?;
                    return Ok((None, event(due, &step)));
                }
                let letter_to = due.letter_to();
                let mut leaving =
                    store::take(tx, due.id, by, Some(hash), letter_to.as_ref()).await?;
                if let Some(leaving) = &mut leaving {
                    transfers::note(tx, due.id, by).await?;
                    let template = self.plan.template(due).filter(|one| one.buttons);
                    if template.is_some() && by.kind == GatewayKind::Whatsapp {
                        leaving.payloads = whatsapp::make_buttons(tx, self.clinic, due).await?;
                    }
                }
                if let (Some(_), Some(tokens)) = (&leaving, tokens) {
                    let until = telegram::good_until(tx.now());
                    buttons::put_in(tx, (due.id, Channel::Telegram), tokens, until).await?;
                }
                let event = event_of(State::Sending.action(), due.patient_id, due.id);
                Ok::<_, VaultError>((leaving, event))
            })
            .await
    }

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

    /// When what was certainly not taken may be tried again, by whom ever. None
    /// when it was refused and nobody else is left to ask.
    fn elsewhere(
        &self,
        due: &Due,
        by: &InUse,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let refused = matches!(outcome, Outcome::Rejected(_) | Outcome::PutOff { .. });
        // A number that does not exist leaves a letter, at most.
        let by_letter_only = is_nobodys(outcome);
        let free_at = |one: &InUse| self.lines.rests_until(one.id, now).unwrap_or(now);
        let takers = self.takers(due);
        let by_sms = by.is_sms();
        let left =
            takers.into_iter().filter(|one| !by_letter_only || one.is_letters()).filter(|one| {
                let is_next = !by_sms || by.rank < one.rank || one.is_letters();
                !refused || (one.id != by.id && is_next)
            });
        left.map(free_at).min()
    }

    async fn note_outcome(
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
                        (outcome, due.chat_id)
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

    async fn ask(&self, due: &Due) -> Result<(), VaultError> {
        let taker = self.gateways.iter().find(|one| Some(one.id) == due.gateway_id);
        let now = self.clinic.clock().now();
        if let Some(until) = taker.and_then(|one| self.lines.rests_until(one.id, now)) {
            self.defer(due, until);
            return Ok(());
        }
        let said = match taker {
            Some(taker) if taker.kind == GatewayKind::Whatsapp => return self.give_way(due).await,
            Some(taker) => taker.gateway.fate_of(due).await,
            None => Delivery::Unknown,
        };
        note_said(self.clinic, &self.grant, due, said).await.map(drop)
    }

    /// Says it in the chat of the telephone, in neutral words.
    async fn say(
        &self,
        bot: &Telegram,
        due: &Due,
        leaving: &Leaving,
        buttons: Option<&Tokens>,
    ) -> Outcome {
        let Some(chat) = due.chat_id else { return Outcome::Rejected(Reason::Unreachable) };
        let words = self.clinic.pages.words();
        if due.only_by().is_some() {
            return bot.say(chat, &leaving.text, &Markup::Nothing).await;
        }
        let neutral = leaving.neutral.as_deref().unwrap_or_default();
        let Some(text) = telegram::text(words, due.purpose, due.language, neutral) else {
            return Outcome::Rejected(Reason::Parameters);
        };
        let markup =
            buttons.map(|tokens| telegram::markup(tokens, words, (due.purpose, due.language)));
        bot.say(chat, &text, &markup.unwrap_or(Markup::Nothing)).await
    }

    /// The template of a message with its values. A trial needs none: every
    /// account has a sample.
    fn filled(&self, due: &Due, leaving: &Leaving) -> Option<Filled> {
        let template = self.plan.template(due);
        if due.purpose == Purpose::Trial && template.is_none() {
            return Some(Template::sample());
        }
        template?.filled(leaving.neutral.as_deref()?, leaving.payloads.clone())
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

    fn report_url(&self, by: &InUse, token: &str) -> Option<String> {
        if by.gateway.asking() != Asking::Never {
            return None;
        }
        let base = by.report_url.as_ref().unwrap_or(&self.clinic.places.public_url);
        Some(format!("{base}/r/{token}"))
    }
}

/// What its card says of the number by now: none when it is still there. What goes to
/// another number looks anew who takes it.
async fn readdress(tx: &mut Tx, due: &Due) -> Result<Option<Step>, VaultError> {
    let (Some(patient), Some(phone)) = (due.patient_id, due.to.phone()) else { return Ok(None) };
    if !due.purpose.goes_by_card() {
        return Ok(None);
    }
    let Some(card) = patients::card_in(tx, patient).await? else { return Ok(None) };
    let is_there = |text: &String| Phone::parse(text).is_ok_and(|one| one == *phone);
    if card.phones.iter().any(is_there) {
        return Ok(None);
    }
    let Some(number) = card.mobile() else { return Ok(Some(Step::withheld("number_gone"))) };
    store::readdress(tx, due.id, &number).await?;
    let due_at = Some(tx.now());
    Ok(Some(Step { state: State::Queued, reason: Some("readdressed"), due_at }))
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Refused because there is no such telephone.
fn is_nobodys(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Rejected(reason) if !reason.is_the_gateways_own())
}

/// The event of a message's step.
pub(super) fn event(due: &Due, step: &Step) -> Event {
    let event = event_of(step.state.action(), due.patient_id, due.id);
    let event = event.touching(due.about.topic());
    step.reason.map_or(event.clone(), |reason| event.because(reason))
}

/// Notes what the gateway said of a message; gives what that makes of it.
pub(super) async fn note_said(
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
