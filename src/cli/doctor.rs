//! `tirkeu doctor`: what is wrong with this installation, and what to do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use crate::cli::installation::{self, Installation, InstallationError};
use crate::cli::{CliError, Common};
use crate::clinic::Places;
use crate::clock::{Clock, Timestamp, Zone};
use crate::crypto::keyring::KeyringFile;
use crate::crypto::machine::{MachineIdentity, MachinePlaces};
use crate::schedule;
use crate::settings::Settings;
use crate::vault::permission::ViewClinic;
use crate::vault::{Actor, DatabaseKey, Grant, Head, Vault, unsound_beside, verify_beside};

/// Below so much free space (bytes) a backup or an upgrade may not fit.
const LITTLE_SPACE: u64 = 2 << 30;
/// Below so much the database may stop.
const NO_SPACE: u64 = 200 << 20;

/// A clock before this has lost its battery: 2026-01-01.
const EARLIEST: i64 = 1_767_225_600_000;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    state: State,
    /// What was found.
    says: String,
    /// What to do about it; empty when nothing.
    todo: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Well,
    /// Works, and should be seen to.
    Doubtful,
    Bad,
}

/// Looks at everything and changes nothing, also beside a running server. Fails when something is bad.
pub async fn run(common: &Common) -> Result<(), CliError> {
    let findings = match common.settings() {
        Ok(settings) => look(&settings).await,
        Err(error) => vec![bad("settings", error, "correct the line and try again")],
    };
    let well = findings.iter().all(|finding| finding.state != State::Bad);
    let lines: Vec<String> = findings.iter().map(Finding::in_words).collect();
    common.tell(&json!({ "well": well, "findings": findings }), &lines.join("\n"));
    if well {
        Ok(())
    } else {
        Err(CliError::Told { said: "something is wrong: see above".to_owned(), status: 1 })
    }
}

async fn look(settings: &Settings) -> Vec<Finding> {
    let data_dir = &settings.data_dir;
    let mut findings = vec![clock(&Clock::machine()), zone(), space(data_dir)];
    if !installation::exists(data_dir) {
        let says = format!("{}: there is no clinic here", data_dir.display());
        findings.push(bad("data folder", says, "tirkeu init, or tirkeu restore from a backup"));
        return findings;
    }
    findings.push(closed_to_others(data_dir));
    findings.push(keys(data_dir));
    findings.extend(database(settings).await);
    findings
}

fn clock(clock: &Clock) -> Finding {
    let now = clock.now();
    if now < Timestamp::from_unix_ms(EARLIEST) {
        let todo = "set the clock (timedatectl set-ntp true) before anybody works";
        return bad("clock", format!("it says {}", now.rfc3339()), todo);
    }
    well("clock", now.rfc3339())
}

fn zone() -> Finding {
    match Zone::named("Asia/Almaty") {
        Ok(_) => well("time zones", "Asia/Almaty is known".to_owned()),
        Err(_) => bad("time zones", "Asia/Almaty is not known", "apt-get install tzdata"),
    }
}

fn space(data_dir: &Path) -> Finding {
    let folder = data_dir.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    let Ok(disk) = rustix::fs::statvfs(folder) else {
        return doubtful("disk", format!("{}: cannot be asked", folder.display()), "");
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let says = format!("{} MiB free for {}", free >> 20, data_dir.display());
    match free {
        0..NO_SPACE => bad("disk", says, "make room now: the database stops when it is full"),
        NO_SPACE..LITTLE_SPACE => {
            doubtful("disk", says, "make room: backups and upgrades need a copy of the database")
        }
        _ => well("disk", says),
    }
}

fn closed_to_others(data_dir: &Path) -> Finding {
    let open: Vec<PathBuf> = [data_dir.to_owned(), data_dir.join("keys"), data_dir.join("db")]
        .into_iter()
        .filter(|path| fs::metadata(path).is_ok_and(|it| it.permissions().mode() & 0o077 != 0))
        .collect();
    match open.first() {
        None => well("data folder", format!("{} is closed to others", data_dir.display())),
        Some(path) => bad(
            "data folder",
            format!("{}: other users of this machine can look in", path.display()),
            &format!("chmod -R go= {}", data_dir.display()),
        ),
    }
}

fn keys(data_dir: &Path) -> Finding {
    let machine = match MachineIdentity::find(&MachinePlaces::of_process(data_dir)) {
        Ok(machine) => machine,
        Err(error) => return bad("keys", error, "put the key back, or restore with the kit"),
    };
    match KeyringFile::in_data_dir(data_dir).open(&machine.identity) {
        Ok(keyring) if keyring.kit_recipients().is_empty() => doubtful(
            "keys",
            "no recovery kit was made: a dead machine takes the records with it".to_owned(),
            "make the kit in the browser (Backup) and put the paper into a safe",
        ),
        Ok(keyring) => {
            let kits = keyring.kit_recipients().len();
            well("keys", format!("opened by {}; recovery kits: {kits}", machine.path.display()))
        }
        Err(error) => bad("keys", error, "put the right key back, or restore with the kit"),
    }
}

async fn database(settings: &Settings) -> Vec<Finding> {
    let database = Places::database(&settings.data_dir);
    let outside = Head::beside(&database).unwrap_or_default();
    let (found, unsound, papers) = match Installation::open(settings).await {
        Ok(installation) => {
            let vault = &installation.clinic.vault;
            let looked = (vault.verify(outside).await, vault.unsound().await, papers(vault).await);
            installation.close().await;
            looked
        }
        // The server is running: all of it can be read beside, but for what the
        // browser says anyway.
        Err(InstallationError::InUse(_)) => match key(&settings.data_dir) {
            Ok(key) => (
                verify_beside(&database, &key, outside).await,
                unsound_beside(&database, &key).await,
                None,
            ),
            // Said by the finding about the keys.
            Err(_) => return Vec::new(),
        },
        Err(error) => return vec![bad("database", error, "see the message; nothing was changed")],
    };
    let todo = "do not work on: keep this machine as it is, tell the compliance officer, \
                and compare with the last backup";
    let ledger = match found {
        Ok(found) => match found.fault {
            None => well("ledger", format!("whole, {} rows", found.head.size)),
            Some(fault) => bad("ledger", format!("{fault:?}"), todo),
        },
        Err(error) => bad("ledger", error, todo),
    };
    let restore = "the disk is failing: copy the folder elsewhere, then restore the last backup";
    let pages = match unsound {
        Ok(None) => well("database", format!("every page of {} is whole", database.display())),
        Ok(Some(wrong)) => bad("database", wrong, restore),
        Err(error) => bad("database", error, restore),
    };
    [pages, ledger].into_iter().chain(papers).collect()
}

/// What consents and other papers must say of the clinic; nothing before the
/// first step of the wizard.
async fn papers(vault: &Vault) -> Option<Finding> {
    let grant: Grant<ViewClinic> = Actor::console().grant().ok()?;
    let mut reader = vault.read(&grant).await.ok()?;
    let missing = schedule::facts(&mut reader).await.ok()??.missing();
    if missing.is_empty() {
        return Some(well("papers", "consents name the clinic in full".to_owned()));
    }
    let names: Vec<_> = missing.into_iter().map(|what| what.name().replace('_', " ")).collect();
    let says = format!("consents say that this is missing: {}", names.join(", "));
    Some(doubtful("papers", says, "fill it in in the browser (Settings, Clinic)"))
}

fn key(data_dir: &Path) -> Result<DatabaseKey, InstallationError> {
    let machine = MachineIdentity::find(&MachinePlaces::of_process(data_dir))?;
    let keyring = KeyringFile::in_data_dir(data_dir).open(&machine.identity)?;
    Ok(installation::database_key(&keyring))
}

fn well(check: &'static str, says: String) -> Finding {
    Finding { check, state: State::Well, says, todo: String::new() }
}

fn doubtful(check: &'static str, says: String, todo: &str) -> Finding {
    Finding { check, state: State::Doubtful, says, todo: todo.to_owned() }
}

fn bad(check: &'static str, says: impl std::fmt::Display, todo: &str) -> Finding {
    Finding { check, state: State::Bad, says: says.to_string(), todo: todo.to_owned() }
}

impl Finding {
    fn in_words(&self) -> String {
        let mark = match self.state {
            State::Well => "well    ",
            State::Doubtful => "DOUBTFUL",
            State::Bad => "BAD     ",
        };
        let todo = if self.todo.is_empty() {
            String::new()
        } else {
            format!("\n          do: {}", self.todo)
        };
        format!("{mark}  {}: {}{todo}", self.check, self.says)
    }
}
