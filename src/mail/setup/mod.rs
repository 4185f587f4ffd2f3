//! Through which server the clinic's letters go.

mod model;
mod store;

use serde_json::json;

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::mail::model::{Kind, LetterId, NewLetter, To};
use crate::mail::smtp::Patience;
use crate::mail::{Address, Said, TOPIC, enqueue};
use crate::vault::permission::{Permission, SetUpGateways};
use crate::vault::{Event, Grant, Subject, Vault, VaultError};

pub use model::{MailChange, MailSettings, MailSetupError, StoredServer};

/// The server in use, without its password. None: nothing can be sent.
pub async fn settings(
    vault: &Vault,
    grant: &Grant<SetUpGateways>,
) -> Result<Option<MailSettings>, VaultError> {
    Ok(in_use(vault, grant).await?.map(|stored| stored.settings))
}

/// The server itself, for the worker and the health check.
pub(super) async fn in_use<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Option<StoredServer>, VaultError> {
    store::server(&mut vault.read(grant).await?).await
}

/// How the server is, asked now. None when there is none.
pub async fn health(
    vault: &Vault,
    grant: &Grant<SetUpGateways>,
    patience: Patience,
) -> Result<Option<Said>, VaultError> {
    match in_use(vault, grant).await? {
        Some(stored) => Ok(Some(stored.server().health(patience).await)),
        None => Ok(None),
    }
}

/// Puts another server to use, or changes the one there is.
///
/// # Errors
/// [`MailSetupError`] says which field is wrong.
pub async fn set(
    vault: &Vault,
    grant: &Grant<SetUpGateways>,
    change: &MailChange,
) -> Result<(), MailSetupError> {
    let before = in_use(vault, grant).await?;
    let stored = change.applied_to(before.as_ref())?;
    vault
        .change(grant, async |tx| {
            store::set_server(tx, &stored).await?;
            let event = Event::new("mail_server.changed", Subject::Clinic)
                .with_detail(json!({ "tls": stored.settings.tls.name() }))
                .touching(TOPIC);
            Ok(((), event))
        })
        .await
}

/// Queues a letter to an address of whoever tries the settings.
pub async fn send_trial(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    language: Language,
    address: Address,
) -> Result<LetterId, VaultError> {
    let words = clinic.pages.words();
    let name = clinic.profile.get().name.clone();
    let letter = NewLetter {
        kind: Kind::Trial,
        to: To::Nobody(address),
        about: None,
        language,
        subject: words.with(language, "mail-letter-trial-subject", &[("clinic", name.into())]),
        body: words.plain(language, "mail-letter-trial-body"),
        secret: None,
        attached: None,
    };
    clinic
        .vault
        .change(grant, async |tx| {
            let id = enqueue(tx, &letter).await?;
            let tried = Event::new("mail_server.tried", Subject::Clinic);
            Ok((id, tried.on("letter", id).touching(TOPIC)))
        })
        .await
}
