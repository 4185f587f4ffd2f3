//! Audit: what the compliance officer works with. Who looked at or changed
//! what, when and from where (orders 179/НҚ and 672/НҚ), what of it is unlike
//! the usual, who has looked through it, and whether the ledger is whole.

pub mod accesses;
pub mod account;
pub mod checkpoints;
pub mod findings;
pub mod kind;
mod model;
pub mod people;
pub mod reviews;
mod routes;
mod store;

use crate::clinic::Clinic;
use crate::patients;
use crate::vault::permission::{ReviewLog, VerifyLog};
use crate::vault::{Event, Grant, Pace, Subject, VaultError, Verified};

pub use model::{Entry, Filter, Hours, Origin};
pub use routes::{
    AccessesFragment, AccessesPage, AccountPage, AuditPage, FindingPage, FindingsPage, LimitsPage,
    PeoplePage, PersonPage, ReviewsPage, routes,
};

/// How many entries a page shows.
pub const PAGE: i64 = 50;

/// The most entries that one file holds.
pub const EXPORTED: i64 = 20_000;

/// Why something of the desk was not done.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error("there is no such finding, review, note, limit or card")]
    NoSuch,
    /// Nobody answers or signs for themselves.
    #[error("it is about whoever wants to answer it")]
    AboutYou,
    #[error("somebody has changed it meanwhile")]
    Changed,
    #[error("a limit is a number with a basis")]
    BadLimit,
    #[error("the days of a review end before today and begin before they end")]
    BadPeriod,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

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

/// The entries that something rests on, newest first.
pub async fn entries_of(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    seqs: &[i64],
) -> Result<Vec<Entry>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::shown(&mut reader, seqs).await
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

/// The numbers of the cards that a name or a phone belongs to. Names stay
/// behind: the officer reviews behaviour, not charts.
pub async fn cards(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    text: &str,
) -> Result<Vec<i64>, VaultError> {
    let found = patients::find_for_review(&clinic.vault, grant, text).await?;
    Ok(found.into_iter().map(|brief| brief.number).collect())
}

/// How often cards were opened in each hour of today, by the clinic's clock.
pub async fn hours(clinic: &Clinic, grant: &Grant<ReviewLog>) -> Result<Hours, VaultError> {
    let zone = clinic.profile.get().zone.clone();
    let today = zone.today(clinic.clock().now());
    let usual = findings::usual_hours(clinic, grant, today).await?;
    let mut reader = clinic.vault.read(grant).await?;
    let counted = store::looks_by_hour(&mut reader, &zone, today).await?;
    Ok(Hours::of(&zone, today, &counted, &usual))
}

/// What the filters offer: codes of all actions that ever happened, of all
/// reasons, and every browser.
pub async fn choices(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
) -> Result<(Vec<String>, Vec<String>, Vec<String>), VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    let actions = store::actions(&mut reader).await?;
    let reasons = store::reasons(&mut reader).await?;
    Ok((actions, reasons, store::devices(&mut reader).await?))
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
