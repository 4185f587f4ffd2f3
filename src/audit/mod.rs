//! Audit: what the compliance officer reads. Who looked at or changed what,
//! when and from where (orders 179/НҚ and 672/НҚ), and whether the ledger is whole.

pub mod checkpoints;
mod model;
mod routes;
mod store;

use crate::clinic::Clinic;
use crate::vault::permission::{ReviewLog, VerifyLog};
use crate::vault::{Event, Grant, Pace, Subject, VaultError, Verified};

pub use model::{Entry, Filter, Hours};
pub use routes::{AuditPage, routes};

/// How many entries a page shows.
pub const PAGE: i64 = 50;

/// The most entries that one file holds.
const EXPORTED: i64 = 20_000;

/// Entries that match, newest first; one more than a page when there are more.
/// That the log was read, and by which filters, is in the log.
pub async fn entries(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    filter: &Filter,
) -> Result<Vec<Entry>, VaultError> {
    let read = Event::new("audit.reviewed", Subject::Clinic).with_detail(filter.used());
    clinic.vault.record(grant, read).await?;
    let mut reader = clinic.vault.read(grant).await?;
    store::entries(&mut reader, filter, PAGE + 1).await
}

/// The same for a file, and how many there are at most.
pub async fn export(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    filter: &Filter,
) -> Result<Vec<Entry>, VaultError> {
    let taken = Event::new("audit.exported", Subject::Clinic).with_detail(filter.used());
    clinic.vault.record(grant, taken).await?;
    let mut reader = clinic.vault.read(grant).await?;
    store::entries(&mut reader, filter, EXPORTED).await
}

/// How often cards were opened in each hour of today, by the clinic's clock.
pub async fn hours(clinic: &Clinic, grant: &Grant<ReviewLog>) -> Result<Hours, VaultError> {
    let zone = clinic.profile.get().zone.clone();
    let today = zone.today(clinic.clock().now());
    let mut reader = clinic.vault.read(grant).await?;
    let counted = store::looks_by_hour(&mut reader, &zone, today).await?;
    Ok(Hours::of(&zone, today, &counted))
}

/// A day, in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Denials, failed sign-ins, exports and revealed IINs of the last 24 hours:
/// the action's code and how often.
pub async fn concerns(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
) -> Result<Vec<(String, i64)>, VaultError> {
    let since = clinic.clock().now().plus_ms(-DAY_MS);
    let mut reader = clinic.vault.read(grant).await?;
    store::concerns(&mut reader, since).await
}

/// The codes of all actions that ever happened, for the filter.
pub async fn actions(clinic: &Clinic, grant: &Grant<ReviewLog>) -> Result<Vec<String>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::actions(&mut reader).await
}

/// Everybody who ever acted, for the filter: id and name.
pub async fn people(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
) -> Result<Vec<(String, String)>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::people(&mut reader).await
}

/// Walks the whole ledger and compares it with every head and checkpoint in and
/// beside the database. The outcome is in the ledger too.
pub async fn verify(clinic: &Clinic, grant: &Grant<VerifyLog>) -> Result<Verified, VaultError> {
    let evidence = checkpoints::evidence(clinic).await?;
    let verified = clinic.vault.verify_with(&evidence, &Pace::default()).await?;
    record_verified(clinic, grant, &verified).await?;
    Ok(verified)
}

async fn record_verified(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
    verified: &Verified,
) -> Result<(), VaultError> {
    let outcome = if verified.is_whole() { "whole" } else { "broken" };
    let event = Event::new("audit.verified", Subject::Clinic)
        .with_detail(serde_json::json!({ "size": verified.head.size, "state": outcome }));
    clinic.vault.record(grant, event).await
}
