//! On what law a refusal rests: versioned data in Russian and Kazakh. An answer
//! keeps the text that counted on its day.

mod routes;
mod store;

use serde::Serialize;
use serde_json::json;

use crate::clock::{Day, Timestamp};
use crate::subject_requests::{Refusal, RequestError};
use crate::vault::permission::{EditBases, Permission};
use crate::vault::{Event, Grant, Subject, Tx, Vault, VaultError};

pub use routes::{BasesPage, BasisPage, routes};

/// One version of a basis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Basis {
    pub reason: Refusal,
    pub version: i64,
    pub basis: String,
    /// Empty in versions from before it was asked for.
    pub basis_kk: String,
    pub source: String,
    pub checked_on: Day,
    /// By the clinic's lawyer.
    pub confirmed: bool,
    pub effective_from: Day,
    pub made_at: Timestamp,
    /// The name; None for those shipped.
    pub made_by: Option<String>,
}

/// A version to be put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBasis {
    /// Russian, Kazakh.
    pub text: [String; 2],
    pub source: String,
    pub checked_on: Day,
    pub confirmed: bool,
    pub effective_from: Day,
}

/// Every basis with every version, the newest of each first.
pub async fn all<P: Permission>(vault: &Vault, grant: &Grant<P>) -> Result<Vec<Basis>, VaultError> {
    store::all(&mut vault.read(grant).await?).await
}

/// The version of each that counts on a day.
pub fn in_force(all: &[Basis], on: Day) -> Vec<&Basis> {
    let of = |reason: &Refusal| {
        let begun = all.iter().filter(|one| one.reason == *reason && one.effective_from <= on);
        begun.max_by_key(|one| one.version)
    };
    Refusal::ALL.iter().filter_map(of).collect()
}

/// The texts that count on a day, Russian and Kazakh.
pub(super) async fn text_in(
    tx: &mut Tx,
    refusal: Refusal,
    on: Day,
) -> Result<[String; 2], VaultError> {
    store::text(tx, refusal, on).await
}

/// Puts a new version in the place of a basis, from a day on.
///
/// # Errors
/// [`RequestError::Changed`] when `seen` is no longer its last version.
pub async fn replace(
    vault: &Vault,
    grant: &Grant<EditBases>,
    reason: Refusal,
    seen: i64,
    new: &NewBasis,
) -> Result<(), RequestError> {
    vault
        .change(grant, async |tx| {
            if store::last_version(tx, reason).await? != seen {
                return Err(RequestError::Changed);
            }
            store::insert(tx, reason, seen + 1, new, grant.staff()).await?;
            let event = Event::new("subject_request.basis_replaced", Subject::Clinic);
            let detail = json!({ "reason": reason, "version": seen + 1,
                "effective_from": new.effective_from });
            Ok(((), event.with_detail(detail)))
        })
        .await
}
