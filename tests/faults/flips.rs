//! Disks that forget bits.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tirkeu::vault::Fault;

use crate::crash::{run, write_and_die};
use crate::disk::{self, Chance};
use crate::writer::{FULL, database};
use crate::{Outcome, check};

const DATABASE_FLIPS: usize = 60;
const LOG_FLIPS: usize = 30;

/// So many writers are tried until one leaves a log that is needed.
const LIVES: usize = 5;

/// `SQLCipher` authenticates each page; the page check reads them all.
pub fn database_file_flips() -> Outcome {
    let mut chance = Chance::new(3);
    let folder = tempfile::tempdir().unwrap();
    write_and_die(folder.path(), FULL, None, &mut chance);
    let _ = fs::remove_file(index_beside(folder.path()));
    let closed = at_rest(folder.path())?;
    let (mut opening, mut checking) = (0, 0);
    for _ in 0..DATABASE_FLIPS {
        let copy = disk::copy(closed.path());
        let file = database(copy.path());
        let place = flip(&file, size(&file), &mut chance);
        match run(check::look(copy.path())) {
            Err(_) => opening += 1,
            Ok(found) if found.fault.is_some() || found.unsound.is_some() => checking += 1,
            Ok(_) => return Err(format!("nobody noticed bit {place}")),
        }
    }
    Ok(format!("{DATABASE_FLIPS}: {opening} when read, {checking} by the page check"))
}

/// `SQLite` ends a log where it makes no sense, as if nothing had been after it:
/// only a head kept elsewhere knows better.
pub fn log() -> Outcome {
    let mut chance = Chance::new(4);
    let folder = tempfile::tempdir().unwrap();
    let mut known = BTreeSet::new();
    for _ in 0..LIVES {
        known.extend(write_and_die(folder.path(), FULL, None, &mut chance));
        if log_is_needed(folder.path(), &known) {
            return log_flips(folder.path(), &known, &mut chance);
        }
    }
    Err("no log was left over".to_owned())
}

/// Whether changes lie in the log alone. A writer that was killed just after a
/// checkpoint leaves a log that nobody needs.
fn log_is_needed(folder: &Path, known: &BTreeSet<String>) -> bool {
    let copy = disk::copy(folder);
    for file in [log_beside(copy.path()), index_beside(copy.path())] {
        let _ = fs::remove_file(file);
    }
    run(check::look(copy.path())).map_or(true, |found| !known.is_subset(&found.patients))
}

fn log_flips(folder: &Path, known: &BTreeSet<String>, chance: &mut Chance) -> Outcome {
    let _ = fs::remove_file(index_beside(folder));
    let used = used_bytes(&fs::read(log_beside(folder)).unwrap());
    let (mut refused, mut dropped, mut harmless) = (0, 0, 0);
    for _ in 0..LOG_FLIPS {
        let copy = disk::copy(folder);
        let place = flip(&log_beside(copy.path()), used, chance);
        let Ok(found) = run(check::look(copy.path())) else {
            refused += 1;
            continue;
        };
        let told = matches!(found.fault, Some(Fault::RolledBack { .. })) || found.unsound.is_some();
        match known.is_subset(&found.patients) {
            true => harmless += 1,
            false if told => dropped += 1,
            false => return Err(format!("bit {place}: changes are gone and nobody tells")),
        }
    }
    if dropped == 0 {
        return Err("no flip dropped changes: the test is blind".to_owned());
    }
    Ok(format!(
        "{LOG_FLIPS}: {dropped} dropped changes and were told, {refused} were refused, \
         {harmless} dropped nothing acknowledged"
    ))
}

fn log_beside(folder: &Path) -> PathBuf {
    folder.join("clinic.db-wal")
}

fn index_beside(folder: &Path) -> PathBuf {
    folder.join("clinic.db-shm")
}

/// How much of a log `SQLite` would read: after a checkpoint it begins again at the
/// front with another salt, and what lies behind is of an earlier life
/// (<https://sqlite.org/fileformat2.html#the_write_ahead_log>).
fn used_bytes(log: &[u8]) -> usize {
    const HEADER: usize = 32;
    const FRAME_HEADER: usize = 24;
    let page: [u8; 4] = log[8..12].try_into().unwrap();
    let frame = FRAME_HEADER + usize::try_from(u32::from_be_bytes(page)).unwrap();
    let salt = &log[16..24];
    let frames = log[HEADER..].chunks_exact(frame).take_while(|frame| &frame[8..16] == salt);
    HEADER + frames.count() * frame
}

/// The database closed, with all of its log in it.
fn at_rest(folder: &Path) -> Result<tempfile::TempDir, String> {
    use sqlx::{ConnectOptions, Connection};
    let copy = disk::copy(folder);
    run(async {
        let options = tirkeu::vault::connect_options(&database(copy.path()), &crate::writer::key());
        options.connect().await?.close().await
    })
    .map_err(|error: sqlx::Error| error.to_string())?;
    Ok(copy)
}

fn size(file: &Path) -> usize {
    usize::try_from(fs::metadata(file).unwrap().len()).unwrap()
}

/// Flips a bit somewhere in the first so many bytes. Which.
fn flip(file: &Path, within: usize, chance: &mut Chance) -> usize {
    let mut bytes = fs::read(file).unwrap();
    let place = chance.below(within * 8);
    bytes[place / 8] ^= 1 << (place % 8);
    fs::write(file, bytes).unwrap();
    place
}
