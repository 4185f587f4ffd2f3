//! The machine room: how this installation is, for whoever keeps it running.
//!
//! Every night it looks at itself, and at once when somebody asks: that no two
//! live reservations of one doctor, chair or device overlap (the database
//! refuses them; here it is counted that it did), that every page of the
//! database is as it was written, that the ledger is whole. No patient is named.

mod jobs;
mod model;
mod routes;
mod store;

use serde_json::json;

use crate::clinic::{Clinic, Places};
use crate::jobs::enqueue;
use crate::vault::permission::{RunChecks, ViewSystem};
use crate::vault::{Event, Grant, Head, Subject, VaultError};

pub use jobs::{NIGHTLY, jobs, nightly, nightly_if_due};
pub use model::{Check, Outcome, Standing, Work};
pub use routes::{SystemPage, routes};

/// The rail's entry that counts checks which found something.
pub const WAITING: &str = "system";

/// The work that asking for the checks makes.
const CHECK: &str = "system.check";

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Found {
    /// The last outcome of each check.
    pub last: Vec<Outcome>,
    pub work: Work,
    /// Bytes.
    pub database: u64,
}

/// How it stands.
pub async fn look(clinic: &Clinic, grant: &Grant<ViewSystem>) -> Result<Found, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    let last = store::last(&mut reader).await?;
    let work = store::work(&mut reader, clinic.clock().now()).await?;
    let file = Places::database(&clinic.places.data_dir);
    let database = tokio::fs::metadata(file).await.map_or(0, |file| file.len());
    Ok(Found { last, work, database })
}

/// Asks for the checks, now.
pub async fn ask(clinic: &Clinic, grant: &Grant<RunChecks>) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let now = tx.now();
            enqueue(tx, CHECK, &json!({}), now).await?;
            Ok(((), Event::new("system.check_asked", Subject::Clinic)))
        })
        .await
}

/// Looks at everything, and keeps what was found.
pub async fn check(clinic: &Clinic, grant: &Grant<RunChecks>) -> Result<Vec<Outcome>, VaultError> {
    let mut outcomes = Vec::new();
    for check in Check::ALL {
        let began = clinic.clock().now();
        let wrong = count(clinic, grant, check).await?;
        let at = clinic.clock().now();
        outcomes.push(Outcome { check, at, wrong, took_ms: at.unix_ms() - began.unix_ms() });
    }
    let wrong: serde_json::Map<String, serde_json::Value> =
        outcomes.iter().map(|one| (one.check.name().to_owned(), one.wrong.into())).collect();
    clinic
        .vault
        .change(grant, async |tx| {
            for outcome in &outcomes {
                store::insert(tx, outcome).await?;
            }
            let event = Event::new("system.checked", Subject::Clinic);
            Ok::<_, VaultError>(((), event.with_detail(wrong.into()).touching("system")))
        })
        .await?;
    count_wrong(clinic, &outcomes);
    Ok(outcomes)
}

/// How many things are wrong.
async fn count(clinic: &Clinic, grant: &Grant<RunChecks>, check: Check) -> Result<i64, VaultError> {
    match check {
        Check::Overlaps => store::overlaps(&mut clinic.vault.read(grant).await?).await,
        Check::Pages => Ok(i64::from(clinic.vault.unsound().await?.is_some())),
        Check::Ledger => {
            let file = Places::database(&clinic.places.data_dir);
            // Without a head kept outside a cut-off end goes unnoticed: that is wrong too.
            let Ok(Some(outside)) = Head::beside(&file) else { return Ok(1) };
            Ok(i64::from(!clinic.vault.verify(Some(outside)).await?.is_whole()))
        }
    }
}

/// To be called once at the start: what the last night found is still so.
pub async fn count_waiting(clinic: &Clinic) -> Result<(), VaultError> {
    let Ok(grant) = crate::vault::Actor::job("system").grant::<RunChecks>() else { return Ok(()) };
    let last = store::last(&mut clinic.vault.read(&grant).await?).await?;
    count_wrong(clinic, &last);
    Ok(())
}

fn count_wrong(clinic: &Clinic, outcomes: &[Outcome]) {
    let wrong = outcomes.iter().filter(|outcome| outcome.wrong > 0).count();
    clinic.waiting.set(WAITING, u32::try_from(wrong).unwrap_or(u32::MAX));
}
