//! What the buttons in a chat do: choices of the bot's own, a conversation's answers,
//! and what stands under a message about a visit.

use data_encoding::BASE64URL_NOPAD;

use super::chats::Chat;
use super::store;
use super::talk::{ASK_NUMBER, Talk, Unsaid};
use super::update::Under;
use crate::contact::Phone;
use crate::messaging::Channel;
use crate::messaging::buttons::{self, Action, Effect, Pressed};
use crate::messaging::gateway::telegram::{Button, Markup};
use crate::messaging::speaking::{BEGIN, Said};

impl Talk<'_> {
    pub(super) async fn press(
        &self,
        id: i64,
        chat: &Chat,
        callback: &str,
        data: &str,
        under: Option<&Under>,
    ) -> Result<(), Unsaid> {
        let bot = self.telegram.bot_id();
        if let Some(language) = data.strip_prefix("language:").and_then(|it| it.parse().ok()) {
            let speak = async |tx: &mut _| store::speak(tx, bot, chat.chat_id, language).await;
            self.note(id, "telegram.language_chosen", speak).await?;
            self.telegram.answer(callback, "").await;
            let chat = Chat { language, ..chat.clone() };
            if chat.phone.is_none() {
                return self.ask_number(&chat, ASK_NUMBER).await;
            }
            let text = self.word(language, "telegram-linked");
            return self.say(&chat, &text, &Markup::Nothing).await.map(drop);
        }
        if let Some(wish) = data.strip_prefix("wish:").filter(|_| chat.phone.is_some()) {
            let here = wish == "here";
            let want = async |tx: &mut _| store::want(tx, bot, chat.chat_id, here).await;
            self.note(id, "telegram.wish_said", want).await?;
            self.telegram.answer(callback, "").await;
            let key = if here { "telegram-wish-is-here" } else { "telegram-wish-is-sms" };
            let text = self.word(chat.language, key);
            if let Some(under) = under {
                let book = Button {
                    text: self.word(chat.language, "telegram-book"),
                    data: BEGIN.to_owned(),
                };
                let can_talk = self.hooks.can_talk();
                let markup =
                    if can_talk { Markup::Buttons(vec![vec![book]]) } else { Markup::Nothing };
                self.telegram.change(chat.chat_id, under.message, &text, &markup).await;
            }
            return Ok(());
        }
        let effect = match &chat.phone {
            Some(phone) => {
                let pressed = Said::Pressed(data.to_owned());
                let spoken = self.spoken(id, chat, phone, pressed);
                if let Some(answered) = self.hooks.speak(self.clinic, &spoken).await? {
                    self.answer(id, chat, phone, &answered).await?;
                    self.telegram.answer(callback, "").await;
                    if let Some(under) = under {
                        self.mark(chat, under, data).await;
                    }
                    return Ok(());
                }
                let Some(effect) = self.effect(id, chat, phone, data).await? else {
                    // What can be done about the visit stays under its message.
                    self.telegram.answer(callback, "").await;
                    return Ok(());
                };
                effect
            }
            None => Effect::Over,
        };
        let text = self.word(chat.language, &format!("telegram-pressed-{}", effect.name()));
        self.telegram.answer(callback, &text).await;
        if let Some(under) = under {
            let whole = format!("{}\n\n{text}", under.text);
            let left = if effect.ends() { Vec::new() } else { under.without(data) };
            let markup = if left.is_empty() { Markup::Nothing } else { Markup::Buttons(left) };
            self.telegram.change(chat.chat_id, under.message, &whole, &markup).await;
        }
        Ok(())
    }

    /// Leaves what was chosen under a question, without its buttons.
    async fn mark(&self, chat: &Chat, under: &Under, data: &str) {
        let chosen = under.buttons.iter().flatten().find(|one| one.data == data);
        let Some(chosen) = chosen else { return };
        let text = format!("{}\n\n→ {}", under.text, chosen.text);
        self.telegram.change(chat.chat_id, under.message, &text, &Markup::Nothing).await;
    }

    /// A button means something only in the chat it was sent to. None: another time
    /// was asked for, and a conversation goes on about it.
    async fn effect(
        &self,
        id: i64,
        chat: &Chat,
        phone: &Phone,
        data: &str,
    ) -> Result<Option<Effect>, Unsaid> {
        let is_token = BASE64URL_NOPAD.decode(data.as_bytes()).is_ok_and(|it| it.len() == 16);
        let now = self.clinic.clock().now();
        let found = if is_token {
            let mut reader = self.clinic.vault.read(self.grant).await?;
            buttons::meaning(&mut reader, Channel::Telegram, data, now).await?
        } else {
            None
        };
        let Some((message, action, to)) = found else { return Ok(Some(Effect::Over)) };
        if to != *phone {
            return Ok(Some(Effect::Over));
        }
        if action == Action::Move {
            let spoken = self.spoken(id, chat, phone, Said::Move(message));
            if let Some(answered) = self.hooks.speak(self.clinic, &spoken).await? {
                self.answer(id, chat, phone, &answered).await?;
                return Ok(None);
            }
        }
        let phone = phone.clone();
        let gateway = self.one.id;
        let pressed =
            Pressed { gateway, id: self.told(id), message, action, phone, at: now, is_shown: true };
        Ok(Some(self.hooks.press(self.clinic, &pressed).await?))
    }
}
