//! The clinic's app with Meta for Instagram: secrets of the door, and whether a
//! stranger's first message is answered by itself.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::store;
use crate::clinic::Clinic;
use crate::messaging::whatsapp::{AppError, kept_secret};
use crate::vault::permission::{Permission, SetUpGateways};
use crate::vault::{Event, Grant, Subject, VaultError};

/// The app as it is stored. No `Debug`: the secret stays out of logs.
#[derive(Clone, sqlx::FromRow)]
pub struct App {
    pub app_secret: String,
    /// What Meta says when it asks for the address.
    pub verify_token: String,
    /// A stranger's first message is answered with the way to book.
    pub greets: bool,
}

/// What the form asks for.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct AppChange {
    /// Empty: as it is.
    #[serde(default, skip_serializing)]
    pub app_secret: String,
    #[serde(default)]
    pub greets: bool,
}

/// The app, made with a new verify token when there is none.
pub async fn app(clinic: &Clinic, grant: &Grant<SetUpGateways>) -> Result<App, VaultError> {
    if let Some(app) = with_app(clinic, grant).await? {
        return Ok(app);
    }
    let verify_token = BASE64URL_NOPAD.encode(&clinic.random.bytes::<16>());
    let app = App { app_secret: String::new(), verify_token, greets: false };
    set(clinic, grant, &app).await?;
    Ok(app)
}

/// The app, if there is one.
pub async fn with_app<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Option<App>, VaultError> {
    store::app(&mut clinic.vault.read(grant).await?).await
}

/// # Errors
/// [`AppError`] says which field is wrong.
pub async fn save_app(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    change: &AppChange,
) -> Result<(), AppError> {
    let before = app(clinic, grant).await?;
    let app_secret = kept_secret(before.app_secret, &change.app_secret)
        .map_err(|key| AppError::Fields(BTreeMap::from([("app_secret", key)])))?;
    let app = App { app_secret, greets: change.greets, verify_token: before.verify_token };
    Ok(set(clinic, grant, &app).await?)
}

async fn set(clinic: &Clinic, grant: &Grant<SetUpGateways>, app: &App) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_app(tx, app).await?;
            Ok(((), Event::new("instagram.changed", Subject::Clinic)))
        })
        .await
}
