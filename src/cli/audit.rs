//! `tirkeu audit verify`: walks the ledger from its first row.

use std::path::Path;

use serde_json::json;

use crate::cli::error::Refusal;
use crate::cli::{CliError, Common, Installation, InstallationError};
use crate::clinic::Places;
use crate::crypto::keyring::KeyringFile;
use crate::crypto::machine::{MachineIdentity, MachinePlaces};
use crate::vault::{Fault, Head, Verified, verify_beside};

/// Exit status: a row was changed or is missing.
const TAMPERED: u8 = 2;
/// Exit status: the end is missing, an older database was put back.
const ROLLED_BACK: u8 = 3;
/// Exit status: it could not be read.
const UNREADABLE: u8 = 4;

/// The ledger of who looked at what and changed what.
#[derive(clap::Subcommand)]
pub enum Audit {
    /// Check every row of the ledger and the head that is kept outside the
    /// database. Ends with 0 when all is whole, 2 when a row was changed or is
    /// missing (and names the first), 3 when the end was cut off or an older
    /// database put back, 4 when it cannot be read.
    Verify,
}

impl Audit {
    pub async fn run(&self, common: &Common) -> Result<(), CliError> {
        let Self::Verify = self;
        let settings = common.settings()?;
        let outside = Head::beside(&Places::database(&settings.data_dir));
        let outside = outside.map_err(unreadable)?;
        let found = match Installation::open(&settings).await {
            Ok(installation) => {
                let found = installation.clinic.vault.verify(outside).await.map_err(unreadable)?;
                installation.close().await;
                found
            }
            // The server is running: its ledger can be read all the same.
            Err(InstallationError::InUse(_)) => beside(&settings.data_dir, outside).await?,
            Err(error) => return Err(error.into()),
        };
        let root = data_encoding::HEXLOWER.encode(&found.head.root);
        let size = found.head.size;
        let (state, first_bad) = match found.fault {
            None => ("whole", None),
            Some(Fault::Altered { seq }) => ("altered", Some(seq)),
            Some(Fault::Missing { seq }) => ("missing", Some(seq)),
            Some(Fault::Rewritten) => ("rewritten", None),
            Some(Fault::RolledBack { .. }) => ("rolled_back", Some(size)),
            Some(Fault::HistoryChanged { .. }) => ("history_changed", None),
        };
        let words = match found.fault {
            None => format!("The ledger is whole: {size} rows, root {root}."),
            Some(fault) => in_words(fault),
        };
        common.tell(
            &json!({ "state": state, "size": size, "root": root, "redacted": found.redacted,
                     "first_bad": first_bad }),
            &words,
        );
        match found.fault {
            None => Ok(()),
            Some(Fault::RolledBack { .. }) => {
                Err(CliError::Told { said: words, status: ROLLED_BACK })
            }
            Some(_) => Err(CliError::Told { said: words, status: TAMPERED }),
        }
    }
}

async fn beside(data_dir: &Path, outside: Option<Head>) -> Result<Verified, CliError> {
    let machine =
        MachineIdentity::find(&MachinePlaces::of_process(data_dir)).map_err(unreadable)?;
    let keyring = KeyringFile::in_data_dir(data_dir).open(&machine.identity).map_err(unreadable)?;
    let key = crate::cli::installation::database_key(&keyring);
    verify_beside(&Places::database(data_dir), &key, outside).await.map_err(unreadable)
}

fn in_words(fault: Fault) -> String {
    match fault {
        Fault::Altered { seq } => format!("Row {seq} was changed after it was written."),
        Fault::Missing { seq } => format!("Row {seq} is missing, or another stands in its place."),
        Fault::Rewritten => "Rows and their hashes were rewritten together.".to_owned(),
        Fault::RolledBack { outside } => {
            format!(
                "The head kept outside knows {outside} rows: the end was cut off, or an older database put back."
            )
        }
        Fault::HistoryChanged { outside } => {
            format!("The head kept outside, of {outside} rows, saw other rows than these.")
        }
    }
}

fn unreadable(error: impl std::fmt::Display) -> CliError {
    Refusal::new("unreadable", error, UNREADABLE).into()
}
