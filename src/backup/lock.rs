//! One backup at a time on one machine, whoever asks for it, and how far it
//! is: a locked file in the data folder that says it.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

/// How often the file is written at most.
const PACE: Duration = Duration::from_millis(200);

/// What a backup is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Copying the database.
    Database,
    /// Writing tables as text.
    Tables,
    /// Copying documents and pictures.
    Files,
    /// Reading the archive again and restoring it for a test.
    Drill,
}

/// How far a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub stage: Stage,
    /// Bytes, of this stage.
    pub done: u64,
    /// Bytes, of this stage; 0 when it is not known.
    pub total: u64,
}

impl Progress {
    /// Of the whole backup, from 0 to 100.
    pub fn percent(&self) -> u64 {
        let (from, share) = match self.stage {
            Stage::Database => (0, 40),
            Stage::Tables => (40, 10),
            Stage::Files => (50, 20),
            Stage::Drill => (70, 29),
        };
        from + (self.done.min(self.total) * share).checked_div(self.total).unwrap_or(0)
    }
}

/// Held while a backup runs.
#[derive(Debug)]
pub struct Lock {
    file: File,
    progress: Progress,
    said: Instant,
    /// Also told to whoever waits at a terminal.
    watcher: Option<Watcher>,
}

/// Whom the progress is told.
pub struct Watcher(pub Box<dyn FnMut(Progress) + Send>);

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watcher")
    }
}

impl Lock {
    /// None when another backup is running.
    pub fn take(data_dir: &Path, watcher: Option<Watcher>) -> io::Result<Option<Self>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path(data_dir))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(error) if error == rustix::io::Errno::WOULDBLOCK => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let progress = Progress { stage: Stage::Database, done: 0, total: 0 };
        let mut lock = Self { file, progress, said: Instant::now(), watcher };
        lock.say()?;
        Ok(Some(lock))
    }

    pub fn stage(&mut self, stage: Stage, total: u64) {
        self.progress = Progress { stage, done: 0, total };
        // Nobody is hurt by a progress bar that stands still.
        let _ = self.say();
    }

    pub fn advance(&mut self, bytes: u64) {
        self.progress.done += bytes;
        if self.said.elapsed() >= PACE {
            let _ = self.say();
        }
    }

    fn say(&mut self) -> io::Result<()> {
        self.said = Instant::now();
        if let Some(Watcher(watcher)) = &mut self.watcher {
            watcher(self.progress);
        }
        let text = serde_json::to_vec(&self.progress)?;
        self.file.rewind()?;
        self.file.write_all(&text)?;
        self.file.set_len(text.len() as u64)
    }
}

impl Drop for Lock {
    /// An empty file says that nothing runs, without asking for the lock: who
    /// looks must not stand in the way of who begins.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}

/// How far the backup is that runs now; None when none does.
pub fn progress(data_dir: &Path) -> Option<Progress> {
    let text = std::fs::read_to_string(path(data_dir)).ok().filter(|text| !text.is_empty())?;
    let file = File::open(path(data_dir)).ok()?;
    // Left behind by a process that was killed.
    if flock(&file, FlockOperation::NonBlockingLockShared).is_ok() {
        return None;
    }
    let begun = Progress { stage: Stage::Database, done: 0, total: 0 };
    Some(serde_json::from_str(&text).unwrap_or(begun))
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("backup.lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_backup_is_refused_until_the_first_ends() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(progress(folder.path()), None);
        let mut first = Lock::take(folder.path(), None).unwrap().unwrap();
        first.stage(Stage::Files, 200);
        first.progress.done = 50;
        first.say().unwrap();

        assert!(Lock::take(folder.path(), None).unwrap().is_none());
        let far = progress(folder.path()).unwrap();
        assert_eq!((far.stage, far.percent()), (Stage::Files, 55));
        drop(first);
        assert_eq!(progress(folder.path()), None);
        assert!(Lock::take(folder.path(), None).unwrap().is_some());
    }

    #[test]
    fn progress_never_goes_back_from_stage_to_stage() {
        let percent = |stage, done| Progress { stage, done, total: 10 }.percent();
        let all = [Stage::Database, Stage::Tables, Stage::Files, Stage::Drill]
            .map(|stage| [percent(stage, 0), percent(stage, 10)]);

        assert!(all.as_flattened().is_sorted());
        assert_eq!(percent(Stage::Drill, 99), 99);
    }
}
