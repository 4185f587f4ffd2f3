//! Disks that forget bits.

use std::fs;
use std::path::Path;

use tirkeu::vault::Fault;

use crate::crash::{run, write_and_die};
use crate::disk::{self, Chance};
use crate::writer::{FULL, database};
use crate::{Outcome, check};

const DATABASE_FLIPS: usize = 60;
const LOG_FLIPS: usize = 30;

/// `SQLCipher` authenticates each page; the page check reads them all.
pub fn database_file_flips() -> Outcome {
    let mut chance = Chance::new(3);
    let folder = tempfile::tempdir().unwrap();
    write_and_die(folder.path(), FULL, None, &mut chance);
    let _ = fs::remove_file(folder.path().join("clinic.db-shm"));
    let closed = at_rest(folder.path())?;
    let (mut opening, mut checking) = (0, 0);
    for _ in 0..DATABASE_FLIPS {
        let copy = disk::copy(closed.path());
        let place = flip(&database(copy.path()), &mut chance);
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
    let known = write_and_die(folder.path(), FULL, None, &mut chance);
    let _ = fs::remove_file(folder.path().join("clinic.db-shm"));
    let log = folder.path().join("clinic.db-wal");
    if fs::metadata(&log).map_or(0, |file| file.len()) == 0 {
        return Err("no log was left over".to_owned());
    }
    let (mut refused, mut dropped, mut harmless) = (0, 0, 0);
    for _ in 0..LOG_FLIPS {
        let copy = disk::copy(folder.path());
        let place = flip(&copy.path().join("clinic.db-wal"), &mut chance);
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
         {harmless} hit nothing in use"
    ))
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

/// Flips a bit somewhere. Which.
fn flip(file: &Path, chance: &mut Chance) -> usize {
    let mut bytes = fs::read(file).unwrap();
    let place = chance.below(bytes.len() * 8);
    bytes[place / 8] ^= 1 << (place % 8);
    fs::write(file, bytes).unwrap();
    place
}
