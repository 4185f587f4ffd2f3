//! One message leaves: it is decided and taken, then handed over.

use data_encoding::BASE64URL_NOPAD;

use super::{Worker, event};
use crate::contact::Phone;
use crate::crypto::hash::sha256;
use crate::messaging::buttons::{self, Tokens};
use crate::messaging::gateway::telegram::Markup;
use crate::messaging::gateway::whatsapp::Filled;
use crate::messaging::gateway::{Asking, Gateway, Outcome, Reason, Sms, Telegram};
use crate::messaging::hooks::Verdict;
use crate::messaging::letter;
use crate::messaging::model::{Channel, Due, Leaving, State, Step};
use crate::messaging::setup::{GatewayKind, InUse};
use crate::messaging::telegram;
use crate::messaging::text::Purpose;
use crate::messaging::to::To;
use crate::messaging::whatsapp::{self, Template};
use crate::messaging::{event_of, store, transfers, wanted};
use crate::patients;
use crate::vault::{Tx, VaultError};

impl Worker<'_> {
    /// Whether anything came of it.
    pub(super) async fn send(&self, due: &Due) -> Result<bool, VaultError> {
        // What is too late is said so even when nobody could take it.
        let is_late = due.not_after <= self.now();
        let chosen =
            if is_late || self.is_refused(due) { self.gateways.first() } else { self.choose(due) };
        let Some(by) = chosen else { return Ok(false) };
        let _under_way = self.lines.begin(due.id);
        self.hand_over(due, by).await.map(|()| true)
    }

    async fn hand_over(&self, due: &Due, by: &InUse) -> Result<(), VaultError> {
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
                } else if is_shut(tx, due, by).await? {
                    Some(Step::last(State::Failed, Some(Reason::Unreachable.code())))
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

    /// Says it in the chat of the telephone, in neutral words.
    async fn say(
        &self,
        bot: &Telegram,
        due: &Due,
        leaving: &Leaving,
        buttons: Option<&Tokens>,
    ) -> Outcome {
        let Some(chat) = due.chat() else { return Outcome::Rejected(Reason::Unreachable) };
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

    fn report_url(&self, by: &InUse, token: &str) -> Option<String> {
        if by.gateway.asking() != Asking::Never {
            return None;
        }
        let base = by.report_url.as_ref().unwrap_or(&self.clinic.places.public_url);
        Some(format!("{base}/r/{token}"))
    }
}

/// Whether it goes to somebody by what Telegram calls them, who said that no more is to
/// come.
async fn is_shut(tx: &mut Tx, due: &Due, by: &InUse) -> Result<bool, VaultError> {
    let (Gateway::Telegram(bot), Some(chat)) = (&by.gateway, due.chat()) else { return Ok(false) };
    Ok(due.to.handle().is_some() && telegram::is_shut_in(tx, bot.bot_id(), chat).await?)
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
