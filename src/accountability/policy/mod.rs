//! The personal-data policy (law 94-V art. 25(2)(1)): written by the registers,
//! approved by an order, and read by patients on the public listener.

mod document;
pub(in crate::accountability) mod routes;
mod store;

use serde::Serialize;
use serde_json::json;

use crate::accountability::AccountabilityError;
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::crypto::hash::{hex, sha256_of};
use crate::i18n::Language;
use crate::vault::permission::{KeepRegisters, Permission};
use crate::vault::{Event, Grant, Subject, Vault, VaultError};

pub use document::{Document, Section};
pub use routes::{ApprovalForm, PolicyPage, PublicPolicyPage, public_routes, routes};

/// The policy in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bilingual {
    pub ru: Document,
    pub kk: Document,
}

/// The policy as it was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Approved {
    pub version: i64,
    pub order_number: String,
    pub order_date: Day,
    #[sqlx(json)]
    pub body_ru: Document,
    #[sqlx(json)]
    pub body_kk: Document,
    pub sha256: String,
    pub approved_at: Timestamp,
    /// The name.
    pub approved_by: Option<String>,
}

impl Bilingual {
    /// Over both languages, so that neither changes alone.
    pub fn sha256(&self) -> String {
        let bytes = |document| serde_json::to_vec(document).unwrap_or_default();
        hex(&sha256_of(&[&bytes(&self.ru), b"\n", &bytes(&self.kk)]))
    }
}

impl Approved {
    pub fn body(&self, language: Language) -> &Document {
        if language == Language::Kk { &self.body_kk } else { &self.body_ru }
    }
}

/// What the registers say now, in both languages.
pub async fn written<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Bilingual, VaultError> {
    let ru = document::write(clinic, grant, Language::Ru).await?;
    let kk = document::write(clinic, grant, Language::Kk).await?;
    Ok(Bilingual { ru, kk })
}

/// Everything that was approved, the newest first.
pub async fn approved<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Vec<Approved>, VaultError> {
    store::approved(&mut vault.read(grant).await?).await
}

/// Freezes what the registers say now; patients read it from now on.
///
/// # Errors
/// [`AccountabilityError::Changed`] when the registers no longer say what was
/// on the page: `seen` is the hash of that.
pub async fn approve(
    clinic: &Clinic,
    grant: &Grant<KeepRegisters>,
    seen: &str,
    order: (&str, Day),
) -> Result<i64, AccountabilityError> {
    let text = written(clinic, grant).await?;
    let hash = text.sha256();
    if hash != seen {
        return Err(AccountabilityError::Changed);
    }
    clinic
        .vault
        .change(grant, async |tx| {
            let version = store::insert(tx, &text, &hash, order, grant.staff()).await?;
            let event = Event::new("accountability.policy_approved", Subject::Clinic);
            Ok((version, event.with_detail(json!({ "version": version, "sha256": hash }))))
        })
        .await
}
