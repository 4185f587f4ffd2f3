//! The process that is killed: it enters couples of patients, two in one
//! change, from several tasks at once, and says who is in.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use tirkeu::clock::Clock;
use tirkeu::contact::{Name, Phone};
use tirkeu::ids::PatientId;
use tirkeu::patients::{self, NewPatient, PatientError};
use tirkeu::vault::permission::RegisterPatient;
use tirkeu::vault::{Actor, DatabaseKey, Grant, Vault};

pub const ROLE: &str = "--writer";
pub const FULL: &str = "full";
pub const NORMAL: &str = "normal";

/// How many change at once: they share commits.
const TASKS: u64 = 8;

pub fn key() -> DatabaseKey {
    DatabaseKey::new([7; 32])
}

pub fn database(folder: &Path) -> PathBuf {
    folder.join("clinic.db")
}

/// This program as a writer; `shim` is preloaded when given.
pub fn command(folder: &Path, strength: &str, shim: Option<&Path>) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(ROLE).arg(folder).arg(strength).stdout(Stdio::piped());
    if let Some(shim) = shim {
        command.env("LD_PRELOAD", shim);
    }
    command
}

/// Writes until killed.
pub fn run(folder: &Path, strength: &str) -> ! {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let synchronous =
            if strength == NORMAL { SqliteSynchronous::Normal } else { SqliteSynchronous::Full };
        let (path, key) = (database(folder), key());
        let tuned = |options: SqliteConnectOptions| options.synchronous(synchronous);
        let vault = Vault::open_with(&path, &key, Clock::machine(), tuned).await.unwrap();
        let tasks: Vec<_> = (0..TASKS).map(|_| tokio::spawn(enter(vault.clone()))).collect();
        for task in tasks {
            task.await.unwrap();
        }
        unreachable!("writers end with the process")
    })
}

async fn enter(vault: Vault) {
    let grant: Grant<RegisterPatient> = Actor::console().grant().unwrap();
    loop {
        let couple = PatientId::new(vault.clock().now()).to_string();
        let entered = vault.change(&grant, async |tx| {
            let (one, first) = patients::register_in(tx, &partner(&couple)).await?;
            let (other, second) = patients::register_in(tx, &partner(&couple)).await?;
            Ok::<_, PatientError>(((one, other), first.and(second)))
        });
        let (one, other) = entered.await.unwrap();
        // One write of one line, after the acknowledgement and not before.
        let mut out = std::io::stdout().lock();
        out.write_all(format!("{one}\n{other}\n").as_bytes()).unwrap();
    }
}

fn partner(couple: &str) -> NewPatient {
    NewPatient {
        name: Name::new("Сейтқали", "Қанат", ""),
        phones: ["87770000001", "87770000002"].iter().map(|p| Phone::parse(p).unwrap()).collect(),
        note: couple.to_owned(),
        ..NewPatient::default()
    }
}
