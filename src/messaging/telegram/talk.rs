//! Working through what Telegram told, in its order: greetings, numbers, buttons,
//! and words, which go where everything goes that people write back.

use std::time::Duration;

use serde_json::json;

use super::chats::Chat;
use super::store;
use super::update::{Update, What, read};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::i18n::Language;
use crate::messaging::Channel;
use crate::messaging::gateway::telegram::{Button, Markup};
use crate::messaging::gateway::{Outcome, Reason, Telegram};
use crate::messaging::hearing::Inbound;
use crate::messaging::hooks::{Hooks, Introduced};
use crate::messaging::setup::{self, InUse};
use crate::messaging::speaking::{self, Answered, Said, Spoken, SpokenFate};
use crate::vault::permission::SendMessages;
use crate::vault::{Event, Grant, Subject, VaultError};

/// Tries with one update before it is put aside.
pub(super) const MOST_TRIES: i64 = 5;

pub(super) const ASK_NUMBER: &str = "telegram-ask-number";

/// Whoever was asked for their number is not asked at each word.
const ASKS_AGAIN_MS: i64 = 24 * 60 * 60 * 1000;

/// Whether all was worked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Done,
    /// Telegram takes nothing at the moment.
    Later(Option<Duration>),
}

/// One pass over what waits.
pub(super) struct Talk<'a> {
    pub(super) clinic: &'a Clinic,
    pub(super) grant: &'a Grant<SendMessages>,
    pub(super) hooks: &'a Hooks,
    pub(super) one: &'a InUse,
    pub(super) telegram: &'a Telegram,
}

/// Why an update is not over.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsaid {
    #[error("Telegram takes nothing at the moment")]
    Later(Option<Duration>),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Works through all that waits.
pub async fn work(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    hooks: &Hooks,
    (one, telegram): (&InUse, &Telegram),
) -> Result<Step, VaultError> {
    let talk = Talk { clinic, grant, hooks, one, telegram };
    let bot = telegram.bot_id();
    loop {
        let next = store::waiting(&mut clinic.vault.read(grant).await?, bot).await?;
        let Some((id, body, attempts)) = next else { return Ok(Step::Done) };
        talk.note(id, "telegram.tried", async |tx| store::try_update(tx, bot, id).await).await?;
        let is_last = MOST_TRIES <= attempts + 1;
        let aside = match talk.see_to(id, &body, is_last).await {
            Ok(()) => None,
            Err(Unsaid::Later(after)) => {
                let untried = async |tx: &mut _| store::untry_update(tx, bot, id).await;
                talk.note(id, "telegram.put_off", untried).await?;
                return Ok(Step::Later(after));
            }
            Err(Unsaid::Vault(error)) if !is_last => return Err(error),
            Err(Unsaid::Vault(_)) => Some("failed_often"),
        };
        let action = if aside.is_some() { "telegram.put_aside" } else { "telegram.done" };
        talk.note(id, action, async |tx| store::end_update(tx, bot, id, aside).await).await?;
        if aside.is_some() {
            setup::count_waiting(clinic, grant).await?;
        }
    }
}

impl Talk<'_> {
    pub(super) async fn note<F>(
        &self,
        id: i64,
        action: &'static str,
        change: F,
    ) -> Result<(), VaultError>
    where
        F: AsyncFnOnce(&mut crate::vault::Tx) -> Result<(), VaultError>,
    {
        self.clinic
            .vault
            .change(self.grant, async |tx| {
                change(tx).await?;
                Ok(((), Event::new(action, Subject::Clinic).on("telegram_update", id)))
            })
            .await
    }

    /// The last try goes to a person past any conversation with the bot: what was said
    /// is kept whatever is wrong there.
    async fn see_to(&self, id: i64, body: &str, is_last: bool) -> Result<(), Unsaid> {
        let Some(update) = read(body) else { return Ok(()) };
        let bot = self.telegram.bot_id();
        if let What::Blocked(blocked) = update.what {
            let change = async |tx: &mut _| store::block_in(tx, bot, update.chat, blocked).await;
            let action = if blocked { "telegram.blocked" } else { "telegram.unblocked" };
            return Ok(self.note(id, action, change).await?);
        }
        let chat = self.chat(id, &update).await?;
        match &update.what {
            What::Text(text) if is_command(text, "start") || is_command(text, "language") => {
                self.ask_language(&chat).await
            }
            What::Text(text) if is_command(text, "stop") => self.stop(id, &chat).await,
            What::Contact { phone, own } => self.share(id, &chat, phone, *own).await,
            What::Pressed { callback, data, under } => {
                self.press(id, &chat, callback, data, under.as_ref()).await
            }
            What::Text(text) => self.hear(id, &chat, &update, text, is_last).await,
            What::Other(kind) => self.hear(id, &chat, &update, &format!("[{kind}]"), is_last).await,
            What::Blocked(_) => Ok(()),
        }
    }

    /// The chat as it is known; met for the first time, in the language of the
    /// person's Telegram.
    async fn chat(&self, id: i64, update: &Update) -> Result<Chat, VaultError> {
        let bot = self.telegram.bot_id();
        if let Some(chat) =
            self.known(update.chat).await?.filter(|chat| !chat.blocked && !chat.stopped)
        {
            return Ok(chat);
        }
        let language = update.language.unwrap_or_default();
        let meet = async |tx: &mut _| store::meet(tx, bot, update.chat, language).await;
        self.note(id, "telegram.met", meet).await?;
        let fresh = || Chat {
            chat_id: update.chat,
            phone: None,
            language,
            wanted: false,
            blocked: false,
            asked_at: None,
            stopped: false,
        };
        Ok(self.known(update.chat).await?.unwrap_or_else(fresh))
    }

    async fn known(&self, chat: i64) -> Result<Option<Chat>, VaultError> {
        let mut reader = self.clinic.vault.read(self.grant).await?;
        store::chat(&mut reader, self.telegram.bot_id(), chat).await
    }

    pub(super) fn word(&self, language: Language, key: &str) -> String {
        let name = &self.clinic.profile.get().name;
        self.clinic.pages.words().with(language, key, &[("clinic", name.as_str().into())])
    }

    /// Says something of the bot's own, and what became of it. Whoever blocked it
    /// hears nothing.
    pub(super) async fn say(
        &self,
        chat: &Chat,
        text: &str,
        markup: &Markup,
    ) -> Result<SpokenFate, Unsaid> {
        match self.telegram.say(chat.chat_id, text, markup).await {
            Outcome::Retry { after, .. } | Outcome::PutOff { after } => {
                Err(Unsaid::Later(Some(after)))
            }
            Outcome::Rejected(Reason::Unreachable) => {
                let bot = self.telegram.bot_id();
                let block = async |tx: &mut _| store::block_in(tx, bot, chat.chat_id, true).await;
                self.note(0, "telegram.blocked", block).await?;
                Ok(SpokenFate::Lost)
            }
            Outcome::Accepted { .. } => Ok(SpokenFate::Said),
            Outcome::Uncertain => Ok(SpokenFate::Uncertain),
            Outcome::Rejected(_) => Ok(SpokenFate::Lost),
        }
    }

    /// In both languages: whoever reads it may read only one.
    async fn ask_language(&self, chat: &Chat) -> Result<(), Unsaid> {
        let greeting = [Language::Kk, Language::Ru].map(|it| self.word(it, "telegram-greeting"));
        let button = |language: Language, text: &str| {
            vec![Button { text: text.to_owned(), data: format!("language:{language}") }]
        };
        let rows = vec![button(Language::Kk, "Қазақша"), button(Language::Ru, "Русский")];
        self.say(chat, &greeting.join("\n\n"), &Markup::Buttons(rows)).await.map(drop)
    }

    pub(super) async fn ask_number(&self, chat: &Chat, question: &str) -> Result<(), Unsaid> {
        let key = self.word(chat.language, "telegram-share");
        let text = self.word(chat.language, question);
        self.say(chat, &text, &Markup::Contact(key)).await?;
        let bot = self.telegram.bot_id();
        let asked = async |tx: &mut _| store::asked(tx, bot, chat.chat_id).await;
        Ok(self.note(0, "telegram.number_asked", asked).await?)
    }

    async fn share(&self, id: i64, chat: &Chat, number: &str, own: bool) -> Result<(), Unsaid> {
        // Some clients leave the plus out.
        let phone = Phone::parse(&format!("+{}", number.trim_start_matches('+')));
        let (true, Ok(phone)) = (own, phone) else {
            let text = self.word(chat.language, "telegram-not-own");
            self.say(chat, &text, &Markup::Nothing).await?;
            return self.ask_number(chat, ASK_NUMBER).await;
        };
        let bot = self.telegram.bot_id();
        let link = async |tx: &mut _| store::link(tx, bot, chat.chat_id, &phone).await;
        self.note(id, "telegram.linked", link).await?;
        let (channel, handle) = (Channel::Telegram, chat.chat_id.to_string());
        let known = Introduced { channel, handle, phone: phone.clone() };
        self.hooks.introduce(self.clinic, &known).await?;
        let linked = self.word(chat.language, "telegram-linked");
        self.say(chat, &linked, &Markup::Plain).await?;
        self.ask_wish(chat).await
    }

    /// Whether messages of visits come here: its servers are abroad.
    async fn ask_wish(&self, chat: &Chat) -> Result<(), Unsaid> {
        let button = |wish: &str| Button {
            text: self.word(chat.language, &format!("telegram-wish-{wish}")),
            data: format!("wish:{wish}"),
        };
        let rows = vec![vec![button("here")], vec![button("sms")]];
        let text = self.word(chat.language, "telegram-ask-wish");
        self.say(chat, &text, &Markup::Buttons(rows)).await.map(drop)
    }

    async fn stop(&self, id: i64, chat: &Chat) -> Result<(), Unsaid> {
        let bot = self.telegram.bot_id();
        let unlink = async |tx: &mut _| store::unlink(tx, bot, chat.chat_id).await;
        self.note(id, "telegram.unlinked", unlink).await?;
        let text = self.word(chat.language, "telegram-stopped");
        self.say(chat, &text, &Markup::Plain).await.map(drop)
    }

    /// What a person writes goes where everything goes that people write back.
    async fn hear(
        &self,
        id: i64,
        chat: &Chat,
        update: &Update,
        text: &str,
        is_last: bool,
    ) -> Result<(), Unsaid> {
        let Some(phone) = &chat.phone else {
            let handle = chat.chat_id.to_string();
            self.give(id, (&handle, Some(&update.name)), text, update.at).await?;
            let now = self.clinic.clock().now();
            if chat.asked_at.is_some_and(|at| now < at.plus_ms(ASKS_AGAIN_MS)) {
                return Ok(());
            }
            return self.ask_number(chat, "telegram-heard-ask-number").await;
        };
        let spoken = self.spoken(id, chat, phone, Said::Text(text.to_owned()));
        if !is_last && let Some(answered) = self.hooks.speak(self.clinic, &spoken).await? {
            return self.answer(id, chat, phone, &answered).await;
        }
        Ok(self.give(id, (phone.digits(), None), text, update.at).await?)
    }

    async fn give(
        &self,
        id: i64,
        (from, name): (&str, Option<&str>),
        text: &str,
        at: Option<Timestamp>,
    ) -> Result<(), VaultError> {
        let at = at.unwrap_or_else(|| self.clinic.clock().now());
        let said = Inbound {
            gateway: self.one.id,
            id: Some(self.told(id)),
            from: from.to_owned(),
            to: self.telegram.bot_id().to_string(),
            text: text.to_owned(),
            at,
            since: at,
            nickname: name.map(str::to_owned),
        };
        self.hooks.give(self.clinic, &said).await
    }

    /// Goes on with a conversation; a person is told first.
    pub(super) async fn answer(
        &self,
        id: i64,
        chat: &Chat,
        phone: &Phone,
        answered: &Answered,
    ) -> Result<(), Unsaid> {
        if let Some(hand) = &answered.hand {
            self.give(id, (phone.digits(), None), hand, None).await?;
        }
        let markup = if answered.rows.is_empty() {
            Markup::Nothing
        } else {
            Markup::Buttons(answered.rows.clone())
        };
        let fate = self.say(chat, &answered.text, &markup).await?;
        let heard = self.told(id);
        self.clinic
            .vault
            .change(self.grant, async |tx| {
                speaking::ended_in(tx, &heard, fate).await?;
                let event = Event::new("telegram.answered", Subject::Clinic);
                let event = event.on("telegram_update", id).with_detail(json!({ "state": fate }));
                Ok::<_, VaultError>(((), event.touching(speaking::TOPIC)))
            })
            .await?;
        Ok(())
    }

    pub(super) fn told(&self, id: i64) -> String {
        format!("{}:{id}", self.telegram.bot_id())
    }

    pub(super) fn spoken(&self, id: i64, chat: &Chat, phone: &Phone, said: Said) -> Spoken {
        Spoken {
            id: self.told(id),
            channel: Channel::Telegram,
            chat: chat.chat_id.to_string(),
            phone: phone.clone(),
            language: Some(chat.language),
            opens: true,
            greets: false,
            at: self.clinic.clock().now(),
            said,
        }
    }
}

/// `/start`, `/start payload`, `/start@bot`.
fn is_command(text: &str, name: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    let word = word.split('@').next().unwrap_or_default();
    word.strip_prefix('/').is_some_and(|word| word.eq_ignore_ascii_case(name))
}
