//! The clinic's mail server: which one it is, and how one letter is handed over
//! to it. What letters say, and to whom, is for others to know: `mail` writes to
//! the clinic's own people, `messaging` to patients.

mod answer;
mod letter;
mod model;
mod smtp;
mod store;

use serde_json::json;

use crate::vault::permission::{Permission, SetUpGateways};
use crate::vault::{Event, Grant, Subject, Vault, VaultError};

pub use answer::{Answer, Said, Why};
pub use letter::{Letter, List, compose};
pub use lettre::error::Error as Impossible;
pub use model::{MailChange, MailSettings, MailSetupError, StoredServer};
pub use smtp::{Patience, Server, Tls};

/// What watches the mail server, and the letters that wait for it.
pub const TOPIC: &str = "letters";

/// The server in use, without its password. None: nothing can be sent.
pub async fn settings<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Option<MailSettings>, VaultError> {
    Ok(in_use(vault, grant).await?.map(|stored| stored.settings))
}

/// The server itself, for the workers and the health check.
pub(crate) async fn in_use<P: Permission>(
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
