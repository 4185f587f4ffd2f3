//! Answers a stranger's first message by Instagram with the way to book, where the
//! clinic has switched that on: once in a conversation, in both languages, without
//! a word about anybody. It waits for a person all the same.

use fluent_bundle::FluentArgs;

use crate::clinic::Clinic;
use crate::conversations::{self, ConversationId};
use crate::i18n::Language;
use crate::messaging::staff::{self, StaffText};
use crate::messaging::text::Purpose;
use crate::messaging::{self, About, Channel, Handle, Inbound, MessagingError, To, instagram};
use crate::online::store;
use crate::vault::permission::TendOnline;
use crate::vault::{Actor, Event, Grant, Subject, VaultError};

/// Later it is no first answer any more.
const LASTS_MS: i64 = 60 * 60 * 1000;

#[derive(Debug, thiserror::Error)]
enum Greeted {
    #[error("they are no stranger, or were answered")]
    Nothing,
    #[error(transparent)]
    Messaging(#[from] MessagingError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Somebody wrote: what came is kept by now.
pub async fn greet(clinic: &Clinic, said: &Inbound) -> Result<(), VaultError> {
    if said.nickname.is_none() {
        return Ok(());
    }
    let grant: Grant<TendOnline> =
        Actor::job("online").grant().map_err(|_| VaultError::NotStaff)?;
    let app = instagram::with_app(clinic, &grant).await?;
    if !app.is_some_and(|app| app.greets) {
        return Ok(());
    }
    let greeted = clinic
        .vault
        .change(&grant, async |tx| {
            let channel = messaging::setup::channel_in(tx, said.gateway).await?;
            if channel != Channel::Instagram || !store::settings_in(tx).await?.enabled {
                return Err(Greeted::Nothing);
            }
            let found = conversations::newcomer_in(tx, channel, &said.from).await?;
            let id: ConversationId = found.ok_or(Greeted::Nothing)?;
            let text = StaffText {
                patient_id: None,
                purpose: Purpose::Dialogue,
                about: About::new("conversation", id),
                channel,
                language: Language::Ru,
                to: To::Handle(Handle { channel, id: said.from.clone() }),
                text: words(clinic),
                by_template: false,
                not_after: tx.now().plus_ms(LASTS_MS),
            };
            let message = staff::enqueue_text(tx, clinic, &text).await?;
            let event = Event::new("conversation.greeted", Subject::Clinic).on("message", message);
            Ok((message, event.touching(messaging::TOPIC).touching(conversations::TOPIC)))
        })
        .await;
    match greeted {
        Err(Greeted::Vault(error) | Greeted::Messaging(MessagingError::Vault(error))) => Err(error),
        // A text that is the program's own, to nobody's card, is never refused.
        Ok(_) | Err(Greeted::Nothing | Greeted::Messaging(_)) => Ok(()),
    }
}

/// Nobody knows yet in which language they read.
fn words(clinic: &Clinic) -> String {
    let said = [Language::Ru, Language::Kk].map(|language| {
        let base = &clinic.places.public_url;
        let link = format!("{base}/book?lang={}&src=instagram", language.tag());
        let mut args = FluentArgs::new();
        args.set("link", link);
        clinic.pages.words().say(language, "online-greeting", &args).unwrap_or_default()
    });
    // Fluent puts marks around what is filled in, which would break the link.
    said.join("\n\n").replace(['\u{2068}', '\u{2069}'], "")
}
