//! Which way a message takes, decided as it leaves: SMS, WhatsApp, Telegram or a
//! letter.

use super::app::App;
use super::template::{Template, may_go};
use crate::messaging::Channel;
use crate::messaging::model::Due;
use crate::messaging::setup::InUse;
use crate::messaging::telegram::Bot;
use crate::messaging::text::Purpose;

/// What the clinic decided about messengers, for one pass over the outbox.
pub struct Plan {
    app: Option<App>,
    templates: Vec<Template>,
    bot: Option<Bot>,
}

const MINUTE_MS: i64 = 60 * 1000;

impl Plan {
    pub fn new(app: Option<App>, templates: Vec<Template>, bot: Option<Bot>) -> Self {
        Self { app, templates, bot }
    }

    pub fn template(&self, due: &Due) -> Option<&Template> {
        let fits = |one: &&Template| one.purpose == due.purpose && one.language == due.language;
        self.templates.iter().find(fits)
    }

    /// How long a message may be on its way by WhatsApp, in milliseconds.
    pub fn wait_ms(&self) -> i64 {
        self.app.as_ref().map_or(30, |app| app.wait_minutes) * MINUTE_MS
    }

    /// Whether WhatsApp may carry this one.
    fn takes(&self, due: &Due) -> bool {
        let is_wanted = match due.choice.or(due.first_by) {
            Some(Channel::Whatsapp) => true,
            Some(_) => false,
            None => self.app.as_ref().is_some_and(|app| app.to_all),
        };
        is_wanted
            && due.patient_id.is_some()
            && !due.whatsapp_over
            && due.may_go_by(Channel::Whatsapp)
            && may_go(due.purpose)
            && self.template(due).is_some()
    }

    /// Whether the bot may carry this one: to whoever linked the telephone and
    /// asked for it, there or at the desk, or where the clinic writes so to all.
    fn may_chat(&self, due: &Due) -> bool {
        let is_wanted = match due.choice {
            Some(Channel::Telegram) => true,
            Some(_) => false,
            None => due.chat_wants || self.chats_with_all(due),
        };
        is_wanted
            && due.patient_id.is_some()
            && due.chat_id.is_some()
            && !due.telegram_over
            && due.may_go_by(Channel::Telegram)
            && may_go(due.purpose)
    }

    /// Whether the bot is for whoever has said nothing: by the step of the chain, else
    /// by the clinic's rule for all.
    fn chats_with_all(&self, due: &Due) -> bool {
        match due.first_by {
            Some(channel) => channel == Channel::Telegram,
            None => self.bot.as_ref().is_some_and(|bot| bot.to_all),
        }
    }

    /// Whether it may go as a letter: whatever nobody waits for at this moment, to
    /// whoever has an address.
    fn may_be_letter(due: &Due) -> bool {
        due.patient_id.is_some()
            && due.email.is_some()
            // A mailbox is one person's.
            && due.purpose != Purpose::FamilyReminder
            && due.purpose.aim().is_some()
            && due.may_go_by(Channel::Email)
    }

    /// Whether another channel may take over what WhatsApp carried no further: SMS,
    /// else a letter.
    pub fn may_give_way(gateways: &[InUse], due: &Due) -> bool {
        let by_sms = due.may_go_by(Channel::Sms) && gateways.iter().any(InUse::is_sms);
        let by_letter = Self::may_be_letter(due) && gateways.iter().any(InUse::is_letters);
        due.only_by().is_none() && (by_sms || by_letter)
    }

    /// The gateways that may take a message, in the order they are tried in: the
    /// channel that the patient chose first, or asked for in the chat, else that of
    /// the step, else as the clinic ranked them. A letter is the last resort where
    /// something else was chosen. Where the step's channel leaves nobody, the clinic's
    /// rule stands.
    pub fn takers<'a>(&self, gateways: &'a [InUse], due: &Due) -> Vec<&'a InUse> {
        let all = self.in_order(gateways, due);
        if !all.is_empty() || due.first_by.is_none() {
            return all;
        }
        self.in_order(gateways, &Due { first_by: None, ..due.clone() })
    }

    fn in_order<'a>(&self, gateways: &'a [InUse], due: &Due) -> Vec<&'a InUse> {
        let (by_whatsapp, by_chat) = (self.takes(due), self.may_chat(due));
        let by_letter = Self::may_be_letter(due) && gateways.iter().any(InUse::is_letters);
        let is_left = gateways.iter().any(|one| one.is_sms() && due.past_rank < one.rank);
        let may = |one: &&InUse| match one.kind.channel() {
            Channel::Sms if by_letter && !is_left => false,
            Channel::Sms => due.may_go_by(Channel::Sms) && (!is_left || due.past_rank < one.rank),
            Channel::Whatsapp => by_whatsapp,
            Channel::Telegram => by_chat,
            Channel::Email => by_letter,
            // Nobody's telephone leads there.
            Channel::Instagram | Channel::Site => false,
        };
        let mut all: Vec<_> = gateways.iter().filter(may).collect();
        let asked = by_chat.then_some(Channel::Telegram);
        let first = due.choice.or(asked).or(due.first_by).filter(|one| *one != Channel::Sms);
        if first.is_some() {
            all.sort_by_key(|one| Some(one.kind.channel()) != first);
        }
        if due.choice.or(due.first_by).is_some_and(|one| one != Channel::Email) {
            all.sort_by_key(|one| one.is_letters());
        }
        all
    }
}
