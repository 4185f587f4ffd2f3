//! The clinic's app with Meta: secrets of the door, and who is written to.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::store;
use super::template::Template;
use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::messaging::text::Purpose;
use crate::vault::permission::{Permission, SetUpGateways};
use crate::vault::{Event, Grant, Reader, Subject, VaultError};

/// The app as it is stored. No `Debug`: the secret stays out of logs.
#[derive(Clone, sqlx::FromRow)]
pub struct App {
    pub business_account_id: String,
    pub app_secret: String,
    /// What Meta says when it asks for the address.
    pub verify_token: String,
    /// A message not delivered by then goes as SMS.
    pub wait_minutes: i64,
    /// Also to those who chose nothing.
    pub to_all: bool,
    /// A visit is booked in the chat by whoever asks for it there.
    pub talks: bool,
    /// A stranger who writes for the first time is asked what they need.
    pub greets: bool,
}

/// What the form asks for.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct AppChange {
    #[serde(default)]
    pub business_account_id: String,
    /// Empty: as it is.
    #[serde(default, skip_serializing)]
    pub app_secret: String,
    #[serde(default)]
    pub wait_minutes: String,
    #[serde(default)]
    pub to_all: bool,
    #[serde(default)]
    pub talks: bool,
    #[serde(default)]
    pub greets: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Field name to a Fluent key.
    #[error("the settings are not right")]
    Fields(BTreeMap<&'static str, &'static str>),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Minutes after which SMS takes over, unless the clinic says otherwise.
const USUAL_WAIT: i64 = 30;

/// Letters of an app secret, as Meta makes them.
const SECRET_LETTERS: std::ops::RangeInclusive<usize> = 16..=128;

/// The secret of an app after something was typed: empty leaves it as it is.
///
/// # Errors
/// The Fluent key of what is wrong with it.
pub fn kept_secret(before: String, typed: &str) -> Result<String, &'static str> {
    let typed = typed.trim();
    let looks_right = SECRET_LETTERS.contains(&typed.len())
        && typed.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match typed {
        "" => Ok(before),
        secret if looks_right => Ok(secret.to_owned()),
        _ => Err("messaging-error-secret"),
    }
}

/// The app, made with a new verify token when there is none.
pub async fn app(clinic: &Clinic, grant: &Grant<SetUpGateways>) -> Result<App, VaultError> {
    if let Some(app) = store::app(&mut clinic.vault.read(grant).await?).await? {
        return Ok(app);
    }
    let app = App {
        business_account_id: String::new(),
        app_secret: String::new(),
        verify_token: BASE64URL_NOPAD.encode(&clinic.random.bytes::<16>()),
        wait_minutes: USUAL_WAIT,
        to_all: false,
        talks: false,
        greets: false,
    };
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
    let mut wrong = BTreeMap::new();
    let business_account_id = change.business_account_id.trim().to_owned();
    if !business_account_id.bytes().all(|byte| byte.is_ascii_digit()) {
        wrong.insert("business_account_id", "messaging-error-digits");
    }
    let app_secret = kept_secret(before.app_secret, &change.app_secret).unwrap_or_else(|key| {
        wrong.insert("app_secret", key);
        String::new()
    });
    let wait = match change.wait_minutes.trim() {
        "" => Some(USUAL_WAIT),
        typed => typed.parse().ok().filter(|minutes| (1..=1440).contains(minutes)),
    };
    if wait.is_none() {
        wrong.insert("wait_minutes", "messaging-error-wait");
    }
    let (Some(wait_minutes), true) = (wait, wrong.is_empty()) else {
        return Err(AppError::Fields(wrong));
    };
    let app = App {
        business_account_id,
        app_secret,
        verify_token: before.verify_token,
        wait_minutes,
        to_all: change.to_all,
        talks: change.talks,
        greets: change.greets,
    };
    set(clinic, grant, &app).await?;
    Ok(())
}

async fn set(clinic: &Clinic, grant: &Grant<SetUpGateways>, app: &App) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_app(tx, app).await?;
            Ok(((), Event::new("whatsapp.changed", Subject::Clinic)))
        })
        .await
}

/// The languages in which a purpose has a template.
pub async fn languages_of<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    purpose: Purpose,
) -> Result<Vec<Language>, VaultError> {
    let all = templates(clinic, grant).await?;
    Ok(all.iter().filter(|one| one.purpose == purpose).map(|one| one.language).collect())
}

/// All templates of the clinic.
pub async fn templates<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Vec<Template>, VaultError> {
    let mut reader: Reader = clinic.vault.read(grant).await?;
    store::templates(&mut reader).await
}
