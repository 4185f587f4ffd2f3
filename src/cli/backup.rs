//! `tirkeu backup …` and `tirkeu restore`.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::backup::{
    self, BackupError, Kind, List, Outcome, Report, RestoreError, Source, Watcher,
};
use crate::cli::desk::{self, Order, Progress, Tell};
use crate::cli::error::{Refusal, error_object};
use crate::cli::installation::Installation;
use crate::cli::{CliError, Common, InstallationError};
use crate::clinic::Clinic;
use crate::clock::{Clock, Timestamp};
use crate::crypto::{Identity, KeyringFile, MachineIdentity, MachinePlaces};
use crate::vault::Actor;

/// Exit status: the archive is damaged, altered or not there.
const DAMAGED: u8 = 3;
/// Exit status: no room.
const FULL: u8 = 5;

/// Backups: one encrypted archive of everything.
#[derive(clap::Subcommand)]
pub enum Backup {
    /// Make a backup into a folder and prove it by a test restore. Works while
    /// the server runs. Ends with 0 only when the archive is proven good, with
    /// 5 when the disk is full.
    Now {
        /// The folder; it is made when it is missing.
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// List the backups that were made or tried, newest first.
    List,
    /// Check an archive. With a recovery key everything in it is read, and its
    /// database is restored for a test and compared; without one, the file is
    /// compared with the signed note beside it. Ends with 2 when the key does
    /// not fit, 3 when the archive is damaged.
    Verify {
        /// The archive, NAME.zip.age.
        file: PathBuf,
        /// A file with a recovery key; `-` reads it from standard input.
        #[arg(long, value_name = "KEYFILE")]
        identity: Option<PathBuf>,
    },
}

/// Brings a clinic back from an archive into a new folder. Nothing is written
/// before all of the archive was checked. Ends with 2 when the key does not
/// fit, 3 when the archive is damaged, 4 when it is of a newer program, 5 when
/// the folder is not empty or the disk is full, 6 when data were destroyed on
/// request and the list of the acts is missing; nothing is left behind then.
/// Whoever was destroyed after the archive was made is destroyed again.
#[derive(clap::Args)]
pub struct Restore {
    /// The archive, NAME.zip.age.
    file: PathBuf,
    /// A file with a recovery key; `-` reads it from standard input.
    #[arg(long, value_name = "KEYFILE")]
    identity: PathBuf,
    /// The list of acts of destruction; without this, the one beside the archive.
    #[arg(long, value_name = "FILE", conflicts_with = "without_disposals")]
    disposals: Option<PathBuf>,
    /// Restore without that list: who was destroyed since may come back.
    #[arg(long)]
    without_disposals: bool,
}

/// What whoever has the clinic open is asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backups {
    /// Back up into a folder.
    Now {
        to: PathBuf,
    },
    List,
}

impl Backup {
    pub async fn run(&self, common: &Common) -> Result<(), CliError> {
        match self {
            Self::Now { to } => now(common, to).await,
            Self::List => list(common).await,
            Self::Verify { file, identity: Some(key) } => verify(common, file, key).await,
            Self::Verify { file, identity: None } => compare(common, file).await,
        }
    }
}

impl Backups {
    /// What programs get.
    pub async fn carry_out(
        self,
        clinic: &Clinic,
        actor: &Actor,
        tell: Tell,
    ) -> Result<Value, Refusal> {
        let source = Source::of(clinic);
        match self {
            Self::Now { to } => {
                let grant = actor.grant().map_err(Refusal::failed)?;
                let watcher = Watcher(Box::new(move |progress| tell(Progress::Backup(progress))));
                let made = backup::now(&source, &grant, &to, Kind::Manual, Some(watcher)).await;
                made.map(|made| json!(made)).map_err(refusal)
            }
            Self::List => {
                let grant = actor.grant().map_err(Refusal::failed)?;
                let runs = backup::list(&source.vault, &grant).await.map_err(Refusal::failed)?;
                Ok(json!({ "runs": runs }))
            }
        }
    }
}

fn refusal(error: BackupError) -> Refusal {
    let code = error.code();
    Refusal::new(code, error, if code == "disk_full" { FULL } else { 1 })
}

async fn now(common: &Common, to: &Path) -> Result<(), CliError> {
    let to = std::path::absolute(to).map_err(CliError::said)?;
    let made = desk::settle(common, Order::Backup(Backups::Now { to })).await?;
    let words = format!(
        "{} ({} bytes, {} rows, {} files; test restore passed)",
        made["path"].as_str().unwrap_or_default(),
        made["bytes"],
        made["rows"],
        made["files"],
    );
    common.tell(&made, &words);
    Ok(())
}

async fn list(common: &Common) -> Result<(), CliError> {
    let listed = desk::settle(common, Order::Backup(Backups::List)).await?;
    let runs = listed["runs"].as_array().cloned().unwrap_or_default();
    let lines: Vec<String> = runs.iter().map(in_words).collect();
    let words = if lines.is_empty() { "No backup yet.".to_owned() } else { lines.join("\n") };
    common.tell(&listed, &words);
    Ok(())
}

fn in_words(run: &Value) -> String {
    let started = run["started_at"].as_i64().and_then(|ms| Timestamp::try_from(ms).ok());
    let state = match (&run["finished_at"], run["failure"].as_str()) {
        (Value::Null, _) => "running",
        (_, Some(code)) => code,
        (_, None) if !run["removed_at"].is_null() => "removed",
        (_, None) => "good",
    };
    let text = |name: &str| run[name].as_str().unwrap_or_default().to_owned();
    let started = started.map(Timestamp::rfc3339).unwrap_or_default();
    format!("{started}  {state:<12}{}/{}", text("folder"), text("file"))
}

async fn verify(common: &Common, file: &Path, key: &Path) -> Result<(), CliError> {
    let identity = read_key(key)?;
    let (file, runtime) = (file.to_owned(), Handle::current());
    let report = tokio::task::spawn_blocking(move || {
        let scratch = std::env::temp_dir();
        backup::verify(&file, &identity, &scratch, &runtime, &mut read_so_far())
    });
    tell_report(common, report.await.unwrap_or(Err(RestoreError::BrokenOff)), "good")
}

/// Without a recovery key: the note beside the archive against its bytes.
async fn compare(common: &Common, file: &Path) -> Result<(), CliError> {
    let data_dir = common.settings()?.data_dir;
    let machine = MachineIdentity::find(&MachinePlaces::of_process(&data_dir));
    let machine = machine.map_err(InstallationError::from)?;
    let keyring = KeyringFile::in_data_dir(&data_dir).open(&machine.identity);
    let keyring = keyring.map_err(InstallationError::from)?;
    let file = file.to_owned();
    let compared = tokio::task::spawn_blocking(move || backup::compare(&file, &keyring));
    let outcome = compared.await.map_err(CliError::said)?;
    let words = match outcome {
        Outcome::Good => "The archive is bit for bit what was written.",
        Outcome::Missing => "The archive or the note beside it is missing.",
        Outcome::Altered => "The archive was altered or cut off since it was written.",
        Outcome::Unsigned => "The note beside the archive is not signed by this clinic.",
    };
    common.tell(&json!({ "state": outcome }), words);
    match outcome {
        Outcome::Good => Ok(()),
        _ => Err(CliError::Told { said: words.to_owned(), status: DAMAGED }),
    }
}

impl Restore {
    pub async fn run(&self, common: &Common) -> Result<(), CliError> {
        let identity = read_key(&self.identity)?;
        let data_dir = common.settings()?.data_dir;
        let (file, runtime) = (self.file.clone(), Handle::current());
        let list = match &self.disposals {
            Some(named) => List::At(named.clone()),
            None if self.without_disposals => List::Without,
            None => List::Beside,
        };
        let report = tokio::task::spawn_blocking(move || {
            let clock = Clock::machine();
            let tell = &mut read_so_far();
            backup::restore(&file, &identity, &data_dir, &list, &clock, &runtime, tell)
        });
        let report = report.await.unwrap_or(Err(RestoreError::BrokenOff));
        if report.as_ref().is_ok_and(|report| report.disposals.is_some_and(|acts| 0 < acts)) {
            destroy_again(common).await?;
        }
        tell_report(common, report, "restored")
    }
}

/// What was destroyed since the archive was made goes before anybody starts
/// the server.
async fn destroy_again(common: &Common) -> Result<(), CliError> {
    let installation = Installation::open(&common.settings()?).await?;
    let grant = Actor::console().grant().map_err(CliError::said)?;
    let recovered = backup::recover(&Source::of(&installation.clinic), &grant).await;
    installation.close().await;
    recovered.map_err(CliError::said)
}

/// Progress for people: a line for every 64 MiB.
fn read_so_far() -> impl FnMut(u64) + Send {
    let mut total = 0;
    move |bytes| {
        let before = total >> 26;
        total += bytes;
        if total >> 26 != before {
            eprintln!("{:6} MiB read and checked", total >> 20);
        }
    }
}

fn tell_report(
    common: &Common,
    report: Result<Report, RestoreError>,
    state: &str,
) -> Result<(), CliError> {
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            let (code, said, status) = (error.code(), error.to_string(), error.exit_code());
            let mut object = error_object(code, &said);
            (object["state"], object["code"]) = (json!("refused"), json!(code));
            common.tell_programs(&object);
            return Err(CliError::Told { said, status });
        }
    };
    let mut object = json!(report);
    object["state"] = json!(state);
    if state == "restored" && report.disposals.is_none() {
        eprintln!(
            "No list of acts of destruction was read: should anybody have been destroyed on \
             request after the archive was made, they are back. Look for tirkeu-<clinic>-disposals.jsonl on the media \
             with backups."
        );
    }
    let words = format!(
        "The archive of {} is {state}: {} rows, {} files, ledger of {} rows with root {}.",
        report.created, report.rows, report.files, report.ledger_size, report.ledger_root,
    );
    common.tell(&object, &words);
    Ok(())
}

/// The key never stands on the command line, where other programs see it.
fn read_key(path: &Path) -> Result<Identity, CliError> {
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    let unreadable = |error| Refusal::new("unreadable", format!("{}: {error}", path.display()), 1);
    let text = zeroize::Zeroizing::new(text.map_err(unreadable)?);
    let refused = |error| Refusal::new("bad_key", format!("{}: {error}", path.display()), 2);
    Ok(Identity::parse(&text).map_err(refused)?)
}
