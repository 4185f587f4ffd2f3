//! The log of transfers (law 94-V art. 16, 22): which classes of whose data went
//! to which third party and country, and when. `messaging` writes it as messages
//! are handed over; here it is read, and whose lines were read is in the ledger.

mod form;
pub(in crate::accountability) mod routes;
mod store;

use serde::Serialize;
use sqlx::types::Json;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Country;
use crate::ids::PatientId;
use crate::messaging::text::{Class, Purpose};
use crate::vault::permission::ViewRegisters;
use crate::vault::{Grant, VaultError};

pub use form::TransferForm;
pub use routes::{TransfersPage, routes};

/// Lines of one page.
pub const A_PAGE: i64 = 50;

/// Lines that a file holds, at most: the newest.
pub const A_FILE: i64 = 5000;

/// Which lines are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The number on a card; of one that was merged, the card that stayed is meant.
    pub card: Option<i64>,
    /// A kind of gateway.
    pub party: Option<String>,
    pub from: Option<Timestamp>,
    /// Not at that moment any more.
    pub until: Option<Timestamp>,
}

/// One hand-over. Cards by their numbers: no names.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Transfer {
    pub at: Timestamp,
    #[serde(skip)]
    pub patient_id: Option<PatientId>,
    /// None: of nobody who has a card, or has one still.
    pub card: Option<i64>,
    pub purpose: Purpose,
    pub party: String,
    pub country: Country,
    pub classes: Json<Vec<Class>>,
}

/// How much went to whom.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Party {
    pub party: String,
    pub country: Country,
    pub times: i64,
    /// People with a card.
    pub people: i64,
    pub last_at: Timestamp,
}

/// One page of the log.
#[derive(Clone, Debug)]
pub struct Log {
    pub rows: Vec<Transfer>,
    /// How many lines there are in all.
    pub total: i64,
    pub parties: Vec<Party>,
}

/// A page of the log, the newest first, from 1 on.
pub async fn page(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    filter: &Filter,
    page: i64,
) -> Result<Log, VaultError> {
    clinic
        .vault
        .list(grant, "transfers.listed", async |listing| {
            let rows = store::rows(listing, filter, A_PAGE, (page - 1).max(0) * A_PAGE).await?;
            let parties = store::parties(listing, filter).await?;
            let total = parties.iter().map(|party| party.times).sum();
            let whose = whose(&rows);
            Ok::<_, VaultError>((Log { rows, total, parties }, whose))
        })
        .await
}

/// The newest lines, for a file.
pub async fn file(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    filter: &Filter,
) -> Result<Vec<Transfer>, VaultError> {
    clinic
        .vault
        .list(grant, "transfers.exported", async |listing| {
            let rows = store::rows(listing, filter, A_FILE, 0).await?;
            let whose = whose(&rows);
            Ok::<_, VaultError>((rows, whose))
        })
        .await
}

fn whose(rows: &[Transfer]) -> Vec<PatientId> {
    let mut whose: Vec<PatientId> = rows.iter().filter_map(|row| row.patient_id).collect();
    whose.sort_unstable();
    whose.dedup();
    whose
}
