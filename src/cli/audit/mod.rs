//! `tirkeu audit verify`: walks the ledger from its first row, here or in a
//! copy, and compares it with checkpoints that were kept elsewhere.

mod told;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use crate::audit::checkpoints::evidence_beside;
use crate::cli::error::Refusal;
use crate::cli::{CliError, Common, Installation, InstallationError};
use crate::clinic::Places;
use crate::crypto::keyring::KeyringFile;
use crate::crypto::machine::{MachineIdentity, MachinePlaces};
use crate::crypto::{Keyring, VerifyingKey};
use crate::settings::Settings;
use crate::vault::{self, DatabaseKey, Evidence, Kept, Pace, is_plain, open_beside, open_copy};

use told::Told;

/// Exit status: it could not be read.
const UNREADABLE: u8 = 4;

/// The ledger of who looked at what and changed what.
#[derive(clap::Subcommand)]
pub enum Audit {
    /// Check every row of the ledger, the head and the checkpoints beside the
    /// database, and checkpoints that were kept elsewhere. Ends with 0 when all
    /// is whole, 2 when a row was changed, put in or is missing (and names the
    /// first), 3 when the end was cut off or an older database put back, 4 when
    /// it cannot be read or a checkpoint is not believed.
    Verify(Verify),
    /// Print the keys that checkpoints are checked with: keep them apart.
    Keys,
}

#[derive(clap::Args)]
pub struct Verify {
    /// Checkpoints that were kept outside: notes, letters, sheets typed off, a
    /// file of many. May be given more than once.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    checkpoint: Vec<PathBuf>,
    /// Believe only the keys in this file (of `audit keys`) and not those of
    /// the data folder, which whoever has the machine can exchange.
    #[arg(long, value_name = "FILE")]
    vkey: Option<PathBuf>,
    /// Look at a copy: an encrypted one of this clinic, or the clinic.sqlite
    /// out of an opened backup.
    #[arg(long, value_name = "FILE", visible_alias = "backup")]
    database: Option<PathBuf>,
}

impl Audit {
    pub async fn run(&self, common: &Common) -> Result<(), CliError> {
        match self {
            Self::Verify(verify) => verify.run(common).await,
            Self::Keys => {
                let keyring = keyring(&common.settings()?.data_dir)?;
                let (origin, keys) = (keyring.audit_origin(), keyring.audit_verifying_keys());
                let vkeys: Vec<String> = keys.iter().map(|key| key.to_vkey(&origin)).collect();
                let pems: Vec<String> = keys.iter().map(VerifyingKey::to_pem).collect();
                let lines = vkeys.iter().zip(&pems).map(|(vkey, pem)| format!("{vkey}\n{pem}"));
                common.tell(
                    &json!({ "origin": origin, "vkeys": vkeys, "pem": pems }),
                    lines.collect::<Vec<_>>().join("\n").trim_end(),
                );
                Ok(())
            }
        }
    }
}

/// A database to walk, and what is believed about it.
struct Subject {
    sql: SqliteConnection,
    evidence: Evidence,
    origin: Option<String>,
    /// None: there is no key to check signatures with.
    keys: Option<Vec<VerifyingKey>>,
}

impl Verify {
    async fn run(&self, common: &Common) -> Result<(), CliError> {
        let settings = common.settings()?;
        let mut subject = self.open(&settings).await?;
        self.bring(&mut subject)?;
        let Subject { mut sql, evidence, keys, .. } = subject;
        let mut snapshot = sql.begin().await.map_err(unreadable)?;
        let found = vault::verify_with(&mut snapshot, &evidence, &Pace::default()).await;
        let found = found.map_err(unreadable)?;
        let told = Told { found: &found, evidence: &evidence, signed: keys.is_some() };
        common.tell(&told.object(), &told.words());
        match told.status() {
            0 => Ok(()),
            status => Err(CliError::Told { said: told.verdict(), status }),
        }
    }

    async fn open(&self, settings: &Settings) -> Result<Subject, CliError> {
        let data_dir = &settings.data_dir;
        let pinned = self.vkey.as_deref().map(read_vkeys).transpose()?;
        let plain = match &self.database {
            Some(copy) => is_plain(copy).map_err(|error| in_file(copy, error))?,
            None => false,
        };
        // A plain copy can be checked far away from the clinic's keys.
        let keyring = match keyring(data_dir) {
            Err(_) if plain => None,
            outcome => Some(outcome?),
        };
        let origin = match (&pinned, &keyring) {
            (Some((origin, _)), _) => Some(origin.clone()),
            (None, keyring) => keyring.as_ref().map(Keyring::audit_origin),
        };
        let own = keyring.as_ref().map(Keyring::audit_verifying_keys);
        let keys = pinned.map(|(_, keys)| keys).or(own);
        let key = keyring.as_ref().map(crate::cli::installation::database_key);
        let mut sql = self.connect(settings, key.filter(|_| !plain).as_ref()).await?;
        let mut evidence = Evidence::default();
        if self.database.is_none() {
            let database = Places::database(data_dir);
            let (origin, keys) = (origin.as_deref().unwrap_or_default(), keys.as_deref());
            evidence =
                evidence_beside(&database, origin, keys.unwrap_or_default()).map_err(unreadable)?;
        }
        // An older schema has no table of them.
        let inside = vault::stored_notes(&mut sql).await.unwrap_or_default();
        evidence.add_notes(&inside, Kept::Inside, origin.as_deref(), keys.as_deref());
        Ok(Subject { sql, evidence, origin, keys })
    }

    /// The copy, or the clinic's own database: as it lies there when nobody has
    /// it open, so that looking at evidence does not change it.
    async fn connect(
        &self,
        settings: &Settings,
        key: Option<&DatabaseKey>,
    ) -> Result<SqliteConnection, CliError> {
        let own = Places::database(&settings.data_dir);
        let (database, key) = match (&self.database, key) {
            (Some(copy), key) => return open_copy(copy, key).await.map_err(unreadable),
            (None, Some(key)) => (own, key),
            (None, None) => return Err(unreadable("there is no key to the database")),
        };
        if database.with_extension("db-wal").exists() {
            match Installation::open(settings).await {
                // Left by a server that died: it is taken into the database.
                Ok(installation) => installation.close().await,
                // The server is running: its ledger can be read all the same.
                Err(InstallationError::InUse(_)) => {
                    return open_beside(&database, key).await.map_err(unreadable);
                }
                Err(error) => return Err(error.into()),
            }
        }
        open_copy(&database, Some(key)).await.map_err(unreadable)
    }

    /// Adds the checkpoints that were kept outside.
    fn bring(&self, subject: &mut Subject) -> Result<(), CliError> {
        let (origin, keys) = (subject.origin.as_deref(), subject.keys.as_deref());
        for path in &self.checkpoint {
            let text = fs::read(path).map_err(|error| in_file(path, error))?;
            let text = String::from_utf8_lossy(&text);
            if subject.evidence.add_notes(&text, Kept::Outside, origin, keys) == 0 {
                return Err(in_file(path, "there is no checkpoint in it"));
            }
        }
        let outside = |note: &&vault::Unbelieved| note.kept == Kept::Outside;
        match subject.evidence.unbelieved.iter().find(outside) {
            None => Ok(()),
            Some(note) => {
                let said = format!("the checkpoint of {} rows: {}", note.size, note.why);
                Err(Refusal::new("note_refused", said, UNREADABLE).into())
            }
        }
    }
}

/// Lines of `name+hash+key`; others (PEM, blanks) are passed over.
fn read_vkeys(path: &Path) -> Result<(String, Vec<VerifyingKey>), CliError> {
    let text = fs::read_to_string(path).map_err(|error| in_file(path, error))?;
    let keys: Vec<_> = text.lines().filter_map(VerifyingKey::from_vkey).collect();
    let Some((origin, _)) = keys.first().cloned() else {
        return Err(in_file(path, "there is no key in it"));
    };
    Ok((origin.clone(), keys.into_iter().filter(|it| it.0 == origin).map(|it| it.1).collect()))
}

fn keyring(data_dir: &Path) -> Result<Keyring, CliError> {
    if !crate::cli::installation::exists(data_dir) {
        return Err(InstallationError::Absent(data_dir.to_owned()).into());
    }
    let machine =
        MachineIdentity::find(&MachinePlaces::of_process(data_dir)).map_err(unreadable)?;
    KeyringFile::in_data_dir(data_dir).open(&machine.identity).map_err(unreadable)
}

fn in_file(path: &Path, error: impl std::fmt::Display) -> CliError {
    unreadable(format!("{}: {error}", path.display()))
}

fn unreadable(error: impl std::fmt::Display) -> CliError {
    Refusal::new("unreadable", error, UNREADABLE).into()
}
