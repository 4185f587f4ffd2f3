//! What somebody wrote or tapped, given to whoever holds conversations first, and
//! else to where everything goes that people write back.

use super::event::{Heard, Kind};
use super::{button, person, speech, with_app};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::messaging::Channel;
use crate::messaging::buttons::Action;
use crate::messaging::hearing::Inbound;
use crate::messaging::hooks::Hooks;
use crate::messaging::setup::GatewayId;
use crate::messaging::speaking::{OURS, Said, Spoken};
use crate::vault::permission::SendMessages;
use crate::vault::{Grant, VaultError};

/// What came later than this is not answered by itself: whoever wrote it has done
/// something else meanwhile. Also far within the 24 hours of free words.
const LATELY_MS: i64 = 60 * 60 * 1000;

/// Works through one thing.
pub(super) async fn hear(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    hooks: &Hooks,
    own: GatewayId,
    heard: &Heard,
) -> Result<(), VaultError> {
    // A thumb under a message asks for nothing.
    if heard.kind == Kind::Other("reaction".to_owned()) {
        return Ok(());
    }
    let heard = &person::known(clinic, grant, heard).await?;
    let talk = Talk { clinic, grant, hooks, own, heard };
    if let Some(pressed) = button::pressed(clinic, grant, own, heard).await? {
        let is_move = pressed.action == Action::Move;
        if is_move && talk.speak(Said::Move(pressed.message)).await? {
            return Ok(());
        }
        return hooks.press(clinic, &pressed).await.map(drop);
    }
    let said = match &heard.kind {
        Kind::Text(text) => Some(Said::Text(text.clone())),
        Kind::Button { payload, .. } if payload.starts_with(OURS) => {
            Some(Said::Pressed(payload.clone()))
        }
        Kind::Button { .. } | Kind::Other(_) => None,
    };
    if let Some(said) = said
        && talk.speak(said).await?
    {
        return Ok(());
    }
    hooks.give(clinic, &inbound(own, heard)).await
}

struct Talk<'a> {
    clinic: &'a Clinic,
    grant: &'a Grant<SendMessages>,
    hooks: &'a Hooks,
    own: GatewayId,
    heard: &'a Heard,
}

impl Talk<'_> {
    /// Whether it belonged to a conversation. Whoever hides a number that was never
    /// told is known to nobody: a person speaks with them.
    async fn speak(&self, said: Said) -> Result<bool, VaultError> {
        let Self { clinic, grant, heard, .. } = *self;
        let now: Timestamp = clinic.clock().now();
        let phone = heard.phone.as_ref().and_then(|it| Phone::parse(&format!("+{it}")).ok());
        let Some(phone) = phone.filter(|_| now < heard.at.plus_ms(LATELY_MS)) else {
            return Ok(false);
        };
        if speech::is_answered(clinic, grant, &heard.id).await? {
            return Ok(true);
        }
        let app = with_app(clinic, grant).await?;
        let opens = app.as_ref().is_some_and(|app| app.talks);
        let greets = opens && app.is_some_and(|app| app.greets);
        let spoken = Spoken {
            id: heard.id.clone(),
            channel: Channel::Whatsapp,
            chat: phone.digits().to_owned(),
            phone: phone.clone(),
            language: None,
            opens,
            greets,
            at: heard.at,
            said,
        };
        let Some(answered) = self.hooks.speak(clinic, &spoken).await? else { return Ok(false) };
        // A person is told first.
        if let Some(text) = &answered.hand {
            let said = Inbound { text: text.clone(), ..inbound(self.own, heard) };
            self.hooks.give(clinic, &said).await?;
        }
        speech::put(clinic, grant, (&heard.id, &phone), &answered).await?;
        Ok(true)
    }
}

/// What somebody wrote, as a text that came through the clinic's number; what is
/// no text is named by its kind.
fn inbound(gateway: GatewayId, heard: &Heard) -> Inbound {
    let text = match &heard.kind {
        Kind::Text(text) => text.clone(),
        Kind::Button { title, .. } => title.clone(),
        Kind::Other(kind) => format!("[{kind}]"),
    };
    Inbound {
        gateway,
        id: Some(heard.id.clone()),
        from: heard.phone.clone().unwrap_or_else(|| heard.user.clone()),
        to: heard.phone_number_id.clone(),
        text,
        at: heard.at,
        since: heard.at,
        nickname: heard.phone.is_none().then(|| heard.name.clone().unwrap_or_default()),
    }
}
