//! The limits of the rules: versioned, each with its basis and its author.

mod store;

use serde_json::json;

use super::model::Limits;
use crate::audit::AuditError;
use crate::clinic::Clinic;
use crate::vault::permission::{ReviewLog, SetLimits};
use crate::vault::{Event, Grant, Reader, Subject, VaultError};

pub use store::LimitRow;

/// No rule needs more.
const LARGEST: i64 = 100_000;

/// Those in force.
pub async fn limits_of(reader: &mut Reader) -> Result<Limits, VaultError> {
    let rows = store::limits(reader).await?;
    let newest = rows.into_iter().map(|row| (row.code, row.value));
    // The migration brings every one; a schema without them is no schema of ours.
    Limits::of(newest).ok_or(VaultError::Sql(sqlx::Error::RowNotFound))
}

/// Every version of every limit, by code, then the oldest first.
pub async fn limits(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
) -> Result<Vec<LimitRow>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::limits(&mut reader).await
}

/// Puts a new version in the place of a limit. Days that were judged stay
/// judged; today is judged anew.
///
/// # Errors
/// [`AuditError::Changed`] when `seen` is no longer the last version,
/// [`AuditError::NoSuch`], [`AuditError::BadLimit`].
pub async fn replace_limit(
    clinic: &Clinic,
    grant: &Grant<SetLimits>,
    code: &str,
    seen: i64,
    value: i64,
    basis: &str,
) -> Result<(), AuditError> {
    if !(0..=LARGEST).contains(&value) || basis.trim().is_empty() {
        return Err(AuditError::BadLimit);
    }
    clinic
        .vault
        .change(grant, async |tx| {
            let last = store::last_version(tx, code).await?.ok_or(AuditError::NoSuch)?;
            if last != seen {
                return Err(AuditError::Changed);
            }
            store::add_limit(tx, code, seen + 1, value, basis.trim(), grant.staff()).await?;
            let detail = json!({ "code": code, "version": seen + 1, "value": value });
            Ok(((), Event::new("audit.limit_replaced", Subject::Clinic).with_detail(detail)))
        })
        .await
}
