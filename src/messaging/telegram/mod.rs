//! Telegram as a way for messages: a bot that is asked by long polling, people
//! who shared their own number with it, and the buttons under what it writes.
//!
//! What Telegram tells is kept before the next is asked for, and worked through
//! afterwards in its order. Its servers are abroad, so a message is made of
//! neutral values only ([`NEUTRAL`](super::text::NEUTRAL); KAZAKHSTAN.md
//! 3.5), for those who asked for it in the chat or at the desk, or where the
//! clinic writes so to all. A number is believed only when Telegram says that it
//! is the sender's own.

mod bot;
mod buttons;
mod chats;
mod listen;
mod pressing;
mod store;
mod talk;
mod update;
mod words;

pub use bot::{Bot, BotChange, bot, save, test};
pub(super) use buttons::{good_until, markup, may_have_buttons};
pub use chats::{Chat, Counts, counts};
pub(super) use listen::run;
pub use listen::{Ears, Hearing, listen};
pub(super) use store::{block_in, is_shut_in, mark_over, take_up_in};
pub(super) use words::{said as words, text};

use crate::clinic::Clinic;
use crate::contact::Phone;
use crate::messaging::gateway::telegram::Markup;
use crate::messaging::gateway::{Gateway, Outcome, Reason, Telegram};
use crate::messaging::setup::{self, InUse};
use crate::vault::permission::{Permission, SendMessages};
use crate::vault::{Grant, VaultError};

/// Says words of a person's to whoever linked this telephone: for those who hold
/// conversations. They go abroad as they are.
pub async fn say(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    phone: &Phone,
    text: &str,
) -> Result<Outcome, VaultError> {
    let chat = store::chat_of(&mut clinic.vault.read(grant).await?, phone).await?;
    match (in_use(clinic, grant).await?, chat) {
        (Some((_, bot)), Some(chat)) => Ok(bot.say(chat, text, &Markup::Nothing).await),
        _ => Ok(Outcome::Rejected(Reason::Unreachable)),
    }
}

/// The bot in use, with the gateway that it is; the first where there are more.
pub(super) async fn in_use<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Option<(InUse, Telegram)>, VaultError> {
    let all = setup::in_use(clinic, grant).await?;
    Ok(all.into_iter().find_map(|one| match &one.gateway {
        Gateway::Telegram(bot) => Some((one.clone(), bot.clone())),
        _ => None,
    }))
}
