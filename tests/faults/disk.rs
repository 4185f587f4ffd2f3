//! Folders, and what a power cut makes of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Bytes that a disk writes as a whole.
const SECTOR: usize = 512;

/// What became of the writes that nobody had waited for.
#[derive(Clone, Copy, Debug)]
pub enum Unsynced {
    /// All lost.
    Lost,
    /// Each sector by chance: disks and kernels write in the order they like.
    Torn,
}

/// Numbers that look random and are the same in each run (xorshift64*).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let next = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(next).unwrap() % limit
    }
}

/// The shim, compiled once.
pub fn shim() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/powercut.c");
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("powercut.so");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O2", "-o"]).arg(&library).arg(&source);
    assert!(cc.args(["-ldl", "-lpthread"]).status().unwrap().success(), "cc failed");
    library
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn is_kept_copy(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "synced" || ending == "synced-half")
}

/// All that lies in the folder is on the disk for certain.
pub fn all_synced(folder: &Path) {
    for file in files(folder) {
        fs::copy(&file, beside(&file, ".synced")).unwrap();
    }
}

/// Leaves in the folder what a cut at this moment leaves on the disk.
pub fn cut(folder: &Path, unsynced: Unsynced, chance: &mut Chance) {
    for file in files(folder).into_iter().filter(|file| !is_kept_copy(file)) {
        let synced = fs::read(beside(&file, ".synced")).ok();
        let is_shared_memory = file.to_string_lossy().ends_with("-shm");
        let left = match unsynced {
            _ if is_shared_memory => None,
            Unsynced::Lost => synced,
            Unsynced::Torn => {
                Some(torn(&synced.unwrap_or_default(), &fs::read(&file).unwrap(), chance))
            }
        };
        match left {
            Some(bytes) => fs::write(&file, bytes).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
    }
    forget_copies(folder);
}

pub fn forget_copies(folder: &Path) {
    for file in files(folder).into_iter().filter(|file| is_kept_copy(file)) {
        fs::remove_file(file).unwrap();
    }
}

fn torn(before: &[u8], after: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut left = before.to_vec();
    for (index, sector) in after.chunks(SECTOR).enumerate() {
        if chance.below(2) == 0 {
            let (start, end) = (index * SECTOR, index * SECTOR + sector.len());
            left.resize(left.len().max(end), 0);
            left[start..end].copy_from_slice(sector);
        }
    }
    left
}

/// The same files in a folder of their own.
pub fn copy(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in files(folder).into_iter().filter(|file| !is_kept_copy(file)) {
        fs::copy(&file, copy.path().join(file.file_name().unwrap())).unwrap();
    }
    copy
}
