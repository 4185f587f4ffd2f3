//! The clinic's bot: its token goes in and is never shown, its name is asked for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{in_use, store};
use crate::clinic::Clinic;
use crate::messaging::Lines;
use crate::messaging::gateway::{Health, Telegram};
use crate::messaging::setup::{self, GatewayChange, GatewayError, GatewayKind, Terms};
use crate::vault::permission::{Permission, SetUpGateways};
use crate::vault::{Event, Grant, Subject, VaultError};

/// The bot in use.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Bot {
    pub bot_id: i64,
    /// Without the `@`; empty until it was asked.
    pub username: String,
    /// Also to those who chose nothing, once their number is linked.
    pub to_all: bool,
}

/// What the form asks for.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct BotChange {
    /// Empty: as it is.
    #[serde(default, skip_serializing)]
    pub token: String,
    #[serde(default)]
    pub to_all: bool,
}

/// The bot in use, if there is one.
pub async fn bot<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Option<Bot>, VaultError> {
    store::bot(&mut clinic.vault.read(grant).await?).await
}

/// Puts a bot to use, or changes what is done with the one there is.
///
/// # Errors
/// [`GatewayError`] says which field is wrong.
pub async fn save(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    change: &BotChange,
) -> Result<(), GatewayError> {
    let all = setup::gateways(&clinic.vault, grant).await?;
    let is_bot = |kind| kind == GatewayKind::Telegram;
    let before = all.into_iter().find(|one| is_bot(one.account.settings.kind));
    let token = change.token.trim();
    let wrong = |key| Err(GatewayError::Fields(BTreeMap::from([("token", key)])));
    if token.is_empty() && before.is_none() {
        return wrong("messaging-error-needed");
    }
    if !token.is_empty() && !Telegram::is_token(token) {
        return wrong("messaging-error-bot-token");
    }
    let usual = GatewayKind::Telegram.usual_endpoint();
    let gateway = GatewayChange {
        kind: GatewayKind::Telegram,
        endpoint: before.as_ref().map_or(usual, |one| &one.account.settings.endpoint).to_owned(),
        username: String::new(),
        password: token.to_owned(),
        sender: String::new(),
        report_url: String::new(),
        ca: String::new(),
    };
    let terms = before.as_ref().map_or(Terms::usual(GatewayKind::Telegram), |one| one.terms);
    let id = before.map(|one| one.id);
    let id = setup::save_gateway(&clinic.vault, grant, id, &gateway, terms).await?;
    Lines::of(clinic).forget(id);
    let Some((_, telegram)) = in_use(clinic, grant).await? else { return Ok(()) };
    let to_all = change.to_all;
    clinic
        .vault
        .change(grant, async |tx| {
            store::use_bot(tx, telegram.bot_id()).await?;
            store::set_to_all(tx, telegram.bot_id(), to_all).await?;
            Ok::<_, VaultError>(((), Event::new("telegram.changed", Subject::Clinic)))
        })
        .await?;
    Ok(())
}

/// Asks Telegram who the bot is, and keeps its name and how it is. None while
/// there is no bot.
pub async fn test(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
) -> Result<Option<Health>, VaultError> {
    let Some((one, telegram)) = in_use(clinic, grant).await? else { return Ok(None) };
    if let Ok(me) = telegram.me().await {
        clinic
            .vault
            .change(grant, async |tx| {
                store::use_bot(tx, telegram.bot_id()).await?;
                store::name_bot(tx, telegram.bot_id(), &me.username).await?;
                Ok::<_, VaultError>(((), Event::new("telegram.named", Subject::Clinic)))
            })
            .await?;
    }
    setup::check(clinic, grant, one.id).await
}
