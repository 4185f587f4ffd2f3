//! The trial of an account. Nobody can be written to there first, so Meta is asked:
//! is the token good, whose is it, and will the account's messages be told to us?
//! Whether they arrive shows only when somebody writes.

use serde::Serialize;

use super::{store, with_app};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::messaging::TOPIC;
use crate::messaging::gateway::{Gateway, Instagram, Trouble};
use crate::messaging::lines::Lines;
use crate::messaging::setup::{self, GatewayId};
use crate::vault::permission::SetUpGateways;
use crate::vault::{Event, Events, Grant, Subject, VaultError};

/// What a trial found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Connected,
    /// The token is good, and another account's than the one that was typed in.
    OtherAccount,
    /// Meta tells our app nothing of this account.
    Unsubscribed,
    /// It tells something, and no messages.
    NoMessages,
    /// It would tell, and without the app's secret nothing it tells is believed.
    NoSecret,
    Trouble(Trouble),
}

/// The last trial of an account, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Trial {
    pub at: Timestamp,
    /// Whose the token is, without the `@`; empty: Meta did not tell.
    pub username: String,
    /// [`Found::code`].
    pub found: String,
}

/// What is known of an account besides its token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    pub trial: Option<Trial>,
    /// When Meta last told anything; it is known for nine days.
    pub heard_at: Option<Timestamp>,
}

impl Found {
    /// The stable name, as stored and as in the keys of `locales/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::OtherAccount => "other_account",
            Self::Unsubscribed => "unsubscribed",
            Self::NoMessages => "no_messages",
            Self::NoSecret => "no_secret",
            Self::Trouble(trouble) => trouble.code(),
        }
    }
}

/// The account's last trial, and when Meta last told anything.
pub async fn standing(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    id: GatewayId,
) -> Result<Standing, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    let trial = store::trial(&mut reader, id).await?;
    Ok(Standing { trial, heard_at: store::heard_at(&mut reader).await? })
}

/// Asks Meta about an account, now, and keeps what it said. None when no account of
/// Instagram has this number.
pub async fn try_account(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    id: GatewayId,
) -> Result<Option<Found>, VaultError> {
    let all = setup::in_use(clinic, grant).await?;
    let own = all.iter().find(|one| one.id == id);
    let Some(Gateway::Instagram(account)) = own.map(|one| &one.gateway) else { return Ok(None) };
    let app = with_app(clinic, grant).await?;
    let has_secret = app.is_some_and(|app| !app.app_secret.is_empty());
    let Asked { username, found, trouble } = ask(account, has_secret).await;
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_trial(tx, id, &username, found).await?;
            let news = setup::note_state(tx, id, trouble).await?;
            let tried = Event::new("gateway.tried", Subject::Clinic).on("gateway", id);
            let tried = Events::from(tried.because(found.code()).touching(TOPIC));
            Ok::<_, VaultError>(((), news.map_or(tried.clone(), |news| tried.and(news))))
        })
        .await?;
    if trouble.is_none() {
        Lines::of(clinic).well(id);
    }
    setup::count_waiting(clinic, grant).await?;
    Ok(Some(found))
}

/// What Meta said, and what that says of the gateway's own health: what our app is
/// told is another matter.
struct Asked {
    username: String,
    found: Found,
    trouble: Option<Trouble>,
}

async fn ask(account: &Instagram, has_secret: bool) -> Asked {
    let profile = match account.profile().await {
        Ok(profile) => profile,
        Err(trouble) => {
            let (username, found) = (String::new(), Found::Trouble(trouble));
            return Asked { username, found, trouble: Some(trouble) };
        }
    };
    let username = profile.username;
    if profile.user_id != account.account_id() {
        let trouble = Some(Trouble::WrongAddress);
        return Asked { username, found: Found::OtherAccount, trouble };
    }
    let found = match account.told_fields().await {
        Err(trouble) => Found::Trouble(trouble),
        Ok(None) => Found::Unsubscribed,
        Ok(Some(fields)) if !fields.iter().any(|field| field == "messages") => Found::NoMessages,
        Ok(Some(_)) if !has_secret => Found::NoSecret,
        Ok(Some(_)) => Found::Connected,
    };
    Asked { username, found, trouble: None }
}
