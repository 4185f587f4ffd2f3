//! Opens what a fault has left, as the product does, and looks whether it is
//! whole and whether all is there that was acknowledged.

use std::collections::BTreeSet;
use std::path::Path;

use sqlx::{ConnectOptions, SqliteConnection};
use tirkeu::clock::Clock;
use tirkeu::vault::{Fault, Head, Vault, connect_options};

use crate::disk;
use crate::writer::{database, key};

/// What was found in a database that could be opened.
pub struct Found {
    pub patients: BTreeSet<String>,
    /// Of the ledger, compared with the head beside the database.
    pub fault: Option<Fault>,
    /// Of the pages and their authentication codes.
    pub unsound: Option<String>,
}

/// Each gives 0 when no change is there by half.
const HALVES: [(&str, &str); 5] = [
    (
        "couples of one",
        "SELECT count(*) FROM (SELECT 1 FROM patient GROUP BY note HAVING count(*) <> 2)",
    ),
    (
        "patients without their two numbers",
        "SELECT count(*) FROM patient
         WHERE 2 <> (SELECT count(*) FROM patient_phone WHERE patient_id = patient.id)",
    ),
    (
        "patients more or fewer than the ledger's events",
        "SELECT (SELECT count(*) FROM patient)
              - (SELECT count(*) FROM audit_event WHERE act = 'patient.registered')",
    ),
    (
        "patients that the ledger's index does not know",
        "SELECT (SELECT count(*) FROM patient) - (SELECT count(*) FROM audit_patient)",
    ),
    (
        "patients that the search does not know",
        "SELECT (SELECT count(*) FROM patient) - (SELECT count(*) FROM patient_words_docsize)",
    ),
];

const PATIENTS: &str = "SELECT id FROM patient";

/// Looks at a copy: the folder stays as the fault has left it.
pub async fn look(folder: &Path) -> Result<Found, String> {
    let copy = disk::copy(folder);
    open_and_look(copy.path()).await.map_err(|error| error.to_string())
}

async fn open_and_look(folder: &Path) -> Result<Found, Box<dyn std::error::Error>> {
    let path = database(folder);
    let outside = Head::read(&Head::path_beside(&path)).unwrap_or_default();
    let vault = Vault::open(&path, &key(), Clock::machine()).await?;
    let fault = vault.verify(outside).await?.fault;
    let mut connection = connect_options(&path, &key()).connect().await?;
    for (what, query) in HALVES {
        let wrong: i64 = sqlx::query_scalar(query).fetch_one(&mut connection).await?;
        if wrong != 0 {
            return Err(format!("{wrong} {what}").into());
        }
    }
    let patients = patients(&mut connection).await?;
    // The page check reads the file itself: what the log holds must be in it.
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
    let unsound = vault.unsound().await?;
    vault.close().await;
    Ok(Found { patients, fault, unsound })
}

async fn patients(connection: &mut SqliteConnection) -> Result<BTreeSet<String>, sqlx::Error> {
    let ids: Vec<String> = sqlx::query_scalar(PATIENTS).fetch_all(connection).await?;
    Ok(ids.into_iter().collect())
}
