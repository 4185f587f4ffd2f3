//! The browsers that somebody signs in on. A known one has its own budget of
//! attempts; a new one is in the ledger, and its owner can forget it again.

mod store;

use crate::access::AccessError;
use crate::access::attempts::Place;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::crypto::hash::sha256;
use crate::ids::StaffId;
use crate::vault::permission::{OwnAccount, SignIn};
use crate::vault::{DeskHash, Event, Grant, Subject, VaultError};

/// The secret in a browser's cookie by which it is known again.
pub struct DeviceToken(String);

/// One of somebody's browsers.
#[derive(Clone, Debug, serde::Serialize, sqlx::FromRow)]
pub struct Device {
    /// The first 8 hex digits of the cookie's hash.
    pub tag: String,
    pub device: Option<String>,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
}

impl DeviceToken {
    pub fn generate(clinic: &Clinic) -> Self {
        Self(clinic.random.hex::<32>())
    }

    /// None when it cannot be one of ours.
    pub fn from_cookie(value: &str) -> Option<Self> {
        let ours = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        ours.then(|| Self(value.to_owned()))
    }

    pub fn cookie_value(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> DeskHash {
        sha256(self.0.as_bytes())
    }
}

/// Where somebody is on a browser: known when they have signed in on it before
/// and have not forgotten it since.
pub async fn place(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
    desk: Option<DeskHash>,
) -> Result<Place, VaultError> {
    let Some(desk) = desk else { return Ok(Place::Elsewhere) };
    let known = store::knows(&mut clinic.vault.read(grant).await?, &desk, staff).await?;
    Ok(if known { Place::Known(desk) } else { Place::Elsewhere })
}

/// Writes down that somebody has just signed in on this browser.
pub async fn remember(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    token: &DeviceToken,
    staff: StaffId,
) -> Result<(), VaultError> {
    let hash = token.hash();
    let device = grant.actor().origin().device.clone();
    clinic
        .vault
        .change(grant, async |tx| {
            let new = store::remember(tx, &hash, staff, device.as_deref()).await?;
            let act = if new { "device.new" } else { "device.used" };
            Ok(((), Event::new(act, Subject::Clinic).on("staff", staff)))
        })
        .await
}

/// One's own browsers, the last used first.
pub async fn own(clinic: &Clinic, grant: &Grant<OwnAccount>) -> Result<Vec<Device>, AccessError> {
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    Ok(store::of(&mut clinic.vault.read(grant).await?, staff).await?)
}

/// Takes the trust back: the next sign-in there is as on any new browser.
pub async fn forget(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    tag: &str,
) -> Result<(), AccessError> {
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    clinic
        .vault
        .change(grant, async |tx| {
            if !store::forget(tx, staff, tag).await? {
                return Err(AccessError::NoSuchPerson);
            }
            Ok(((), Event::new("device.forgotten", Subject::Clinic).on("staff", staff)))
        })
        .await
}
