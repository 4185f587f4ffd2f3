//! `tirkeu audit verify`: walks the ledger from its first row, here or in a
//! copy, and compares it with checkpoints that were kept elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use crate::audit::checkpoints::evidence_beside;
use crate::cli::error::Refusal;
use crate::cli::{CliError, Common};
use crate::clinic::Places;
use crate::crypto::keyring::KeyringFile;
use crate::crypto::machine::{MachineIdentity, MachinePlaces};
use crate::crypto::{Keyring, VerifyingKey};
use crate::vault::{
    self, DatabaseKey, Evidence, Fault, Kept, Pace, Verified, is_plain, open_beside, open_copy,
};

/// Exit status: a row was changed or is missing.
const TAMPERED: u8 = 2;
/// Exit status: the end is missing, an older database was put back.
const ROLLED_BACK: u8 = 3;
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
        let data_dir = common.settings()?.data_dir;
        let mut subject = self.open(&data_dir).await?;
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

    async fn open(&self, data_dir: &Path) -> Result<Subject, CliError> {
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
        let (mut sql, mut evidence) = self.connect(data_dir, key.filter(|_| !plain)).await?;
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

    async fn connect(
        &self,
        data_dir: &Path,
        key: Option<DatabaseKey>,
    ) -> Result<(SqliteConnection, Evidence), CliError> {
        let opened = match (&self.database, key) {
            (Some(copy), key) => open_copy(copy, key.as_ref()).await,
            (None, Some(key)) => {
                let database = Places::database(data_dir);
                // Beside a server, or with nobody there: nothing is written.
                open_beside(&database, &key).await
            }
            (None, None) => return Err(unreadable("there is no key to the database")),
        };
        Ok((opened.map_err(unreadable)?, Evidence::default()))
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

/// What is said of a walk.
struct Told<'a> {
    found: &'a Verified,
    evidence: &'a Evidence,
    /// Whether signatures were checked.
    signed: bool,
}

impl Told<'_> {
    fn status(&self) -> u8 {
        match self.found.fault {
            Some(Fault::RolledBack { .. }) => ROLLED_BACK,
            None if self.found.unlogged.is_empty() => 0,
            _ => TAMPERED,
        }
    }

    fn object(&self) -> serde_json::Value {
        let Verified { head, redacted, jumps, unlogged, fault, .. } = self.found;
        let (state, first_bad) = match *fault {
            None if !unlogged.is_empty() => ("unlogged", None),
            None => ("whole", None),
            Some(Fault::Altered { seq }) => ("altered", Some(seq)),
            Some(Fault::Missing { seq }) => ("missing", Some(seq)),
            Some(Fault::Reordered { seq, .. }) => ("reordered", Some(seq)),
            Some(Fault::Inserted { seq }) => ("inserted", Some(seq)),
            Some(Fault::Rewritten) => ("rewritten", None),
            Some(Fault::RolledBack { .. }) => ("rolled_back", Some(head.size)),
            Some(Fault::HistoryChanged { .. }) => ("history_changed", None),
        };
        let by = |kept| self.found.proven_by(kept);
        let contradicted = match *fault {
            Some(Fault::HistoryChanged { outside } | Fault::RolledBack { outside }) => {
                Some(outside)
            }
            _ => None,
        };
        json!({
            "state": state, "size": head.size,
            "root": data_encoding::HEXLOWER.encode(&head.root),
            "redacted": redacted, "first_bad": first_bad,
            "proven": { "outside": by(Kept::Outside), "beside": by(Kept::Beside),
                        "inside": by(Kept::Inside) },
            "contradicted_by": contradicted, "signatures_checked": self.signed,
            "clock_went_back": jumps, "unlogged": unlogged,
        })
    }

    fn words(&self) -> String {
        let Verified { head, redacted, jumps, .. } = self.found;
        let mut lines = vec![self.verdict()];
        let root = data_encoding::HEXLOWER.encode(&head.root);
        lines.push(format!(
            "Sound rows: {}, root {root}; redacted by an act: {redacted}.",
            head.size
        ));
        lines.push(self.proven());
        if !self.signed && !self.evidence.witnesses.is_empty() {
            lines.push("No key was given: signatures of checkpoints were not checked.".to_owned());
        }
        if !jumps.is_empty() {
            lines.push(format!("The clock went back and nothing says why, before rows {jumps:?}."));
        }
        lines.join("\n")
    }

    /// How far somebody vouches for the rows.
    fn proven(&self) -> String {
        let by = |kept| self.found.proven_by(kept);
        let size = self.found.head.size;
        match (by(Kept::Outside), by(Kept::Beside).max(by(Kept::Inside))) {
            (0, 0) => {
                "No checkpoint vouches for them: they are only consistent in themselves.".to_owned()
            }
            (0, near) => format!(
                "Rows before {near} are as the checkpoints on this machine saw them; without one \
                 kept elsewhere (--checkpoint) whoever has the machine could have made both."
            ),
            (outside, _) if outside >= size => {
                "All rows are proven by a checkpoint kept outside.".to_owned()
            }
            (outside, _) => format!(
                "Rows before {outside} are proven by a checkpoint kept outside; later ones are \
                 only consistent in themselves."
            ),
        }
    }

    fn verdict(&self) -> String {
        let Verified { fault, unlogged, head, .. } = self.found;
        match *fault {
            None => match unlogged.first() {
                None => format!("The ledger is whole: {} rows.", head.size),
                Some(first) => format!(
                    "{} records have no event: they were written past the program. The first: \
                     {} {}.",
                    unlogged.len(),
                    first.what,
                    first.id
                ),
            },
            Some(fault) => in_words(fault, self.last_agreed()),
        }
    }

    /// The last size at which any witness agreed.
    fn last_agreed(&self) -> u64 {
        self.found.proven.iter().map(|witness| witness.head.size).max().unwrap_or(0)
    }
}

fn in_words(fault: Fault, agreed: u64) -> String {
    match fault {
        Fault::Altered { seq } => format!("Row {seq} was changed after it was written."),
        Fault::Missing { seq } => format!("Row {seq} is missing, or another stands in its place."),
        Fault::Reordered { seq, with } => format!("Rows {seq} and {with} have changed places."),
        Fault::Inserted { seq } => format!("A row was put in: two say that they are row {seq}."),
        Fault::Rewritten => "Rows and their hashes were rewritten together.".to_owned(),
        Fault::RolledBack { outside } => format!(
            "The head kept outside knows {outside} rows: the end was cut off, or an older \
             database put back."
        ),
        Fault::HistoryChanged { outside } => format!(
            "The head kept outside, of {outside} rows, saw other rows than these: between row \
             {agreed} and row {outside} history was rewritten."
        ),
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
        return Err(crate::cli::InstallationError::Absent(data_dir.to_owned()).into());
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
