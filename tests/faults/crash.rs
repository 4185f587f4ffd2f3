//! Processes that end in the middle of their work.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;

use tirkeu::clock::Clock;
use tirkeu::vault::{Fault, Vault};

use crate::disk::{self, Chance, Unsynced};
use crate::writer::{self, FULL, NORMAL};
use crate::{Outcome, check};

const ROUNDS: usize = 50;
const CONTROL_ROUNDS: usize = 10;

/// A database lives through so many crashes before a new one is made.
const LIVES: usize = 10;

/// A writer is killed once it has said so many lines, or fewer.
const LINES: usize = 120;

/// `kill -9`: the kernel keeps what was written, the process is gone.
pub fn killed() -> Outcome {
    survive(None)
}

/// The disk keeps what was synced, and of the rest what it likes.
pub fn cut() -> Outcome {
    survive(Some(&disk::shim()))
}

fn survive(shim: Option<&Path>) -> Outcome {
    let mut chance = Chance::new(1);
    let (mut folder, mut known) = (tempfile::tempdir().unwrap(), BTreeSet::new());
    let mut total = 0;
    for round in 0..ROUNDS {
        if round % LIVES == 0 {
            (folder, known) = (tempfile::tempdir().unwrap(), BTreeSet::new());
        }
        if shim.is_some() {
            disk::all_synced(folder.path());
        }
        let acknowledged = write_and_die(folder.path(), FULL, shim, &mut chance);
        total += acknowledged.len();
        known.extend(acknowledged);
        if shim.is_some() {
            let unsynced = [Unsynced::Lost, Unsynced::Torn][round % 2];
            disk::cut(folder.path(), unsynced, &mut chance);
        }
        whole(folder.path(), &known).map_err(|wrong| format!("round {round}: {wrong}"))?;
    }
    Ok(format!("{ROUNDS} times, {total} acknowledged patients all there"))
}

fn whole(folder: &Path, known: &BTreeSet<String>) -> Result<(), String> {
    let found = run(check::look(folder))?;
    if let Some(fault) = found.fault {
        return Err(format!("the ledger: {fault:?}"));
    }
    if let Some(unsound) = found.unsound {
        return Err(unsound);
    }
    match known.difference(&found.patients).count() {
        0 => Ok(()),
        lost => Err(format!("{lost} of {} acknowledged patients are lost", known.len())),
    }
}

/// With `synchronous=NORMAL` commits do not wait for the disk: these cuts must
/// lose rows, and the head beside the database, when it was luckier than the
/// log, must tell.
pub fn control() -> Outcome {
    let (shim, mut chance) = (disk::shim(), Chance::new(2));
    let empty = tempfile::tempdir().unwrap();
    run(async {
        let path = writer::database(empty.path());
        Vault::create(&path, &writer::key(), Clock::machine()).await.unwrap().close().await;
    });
    let (mut lost, mut told) = (0, 0);
    for round in 0..CONTROL_ROUNDS {
        let folder = disk::copy(empty.path());
        disk::all_synced(folder.path());
        let acknowledged = write_and_die(folder.path(), NORMAL, Some(&shim), &mut chance);
        let head = folder.path().join("ledger.head");
        let written = std::fs::read(&head).unwrap();
        disk::cut(folder.path(), Unsynced::Lost, &mut chance);
        std::fs::write(&head, written).unwrap();
        let found = run(check::look(folder.path()));
        let found = found.map_err(|error| format!("round {round}: {error}"))?;
        let missing = acknowledged.difference(&found.patients).count();
        let is_told = matches!(found.fault, Some(Fault::RolledBack { .. }));
        if missing > 0 && !is_told {
            return Err(format!("round {round}: {missing} lost, and the head outside is silent"));
        }
        lost += missing;
        told += usize::from(is_told);
    }
    if lost == 0 {
        return Err("nothing was lost: these cuts cut nothing, the test is blind".to_owned());
    }
    Ok(format!("{CONTROL_ROUNDS} cuts lost {lost} acknowledged patients; {told} were told"))
}

/// Runs a writer and kills it. Who was acknowledged.
pub fn write_and_die(
    folder: &Path,
    strength: &str,
    shim: Option<&Path>,
    chance: &mut Chance,
) -> BTreeSet<String> {
    let enough = 1 + chance.below(LINES);
    let mut child = writer::command(folder, strength, shim).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = BTreeSet::new();
    let mut line = String::new();
    while out.read_line(&mut line).unwrap() > 0 {
        // A line without its end was never said.
        if let Some(id) = line.strip_suffix('\n') {
            acknowledged.insert(id.to_owned());
        }
        line.clear();
        if acknowledged.len() == enough {
            child.kill().unwrap(); // SIGKILL; what it said until then still comes
        }
    }
    let status = child.wait().unwrap();
    assert!(acknowledged.len() >= enough, "the writer ended by itself: {status}");
    acknowledged
}

pub fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(work)
}
