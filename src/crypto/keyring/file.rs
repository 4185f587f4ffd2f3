//! The keyring on the disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Keyring, KeyringError};
use crate::crypto::ages::Identity;
use crate::crypto::files;

/// Older keyrings kept beside the current one.
const OLDER_KEPT: usize = 2;

/// `keys/keyring.age` and its two predecessors.
#[derive(Clone, Debug)]
pub struct KeyringFile {
    path: PathBuf,
}

impl KeyringFile {
    pub fn in_data_dir(data_dir: &Path) -> Self {
        Self { path: data_dir.join("keys/keyring.age") }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// The sealed bytes, as they are copied into a backup's folder.
    pub fn sealed(&self) -> Result<Vec<u8>, KeyringError> {
        fs::read(&self.path).map_err(|reason| match reason.kind() {
            io::ErrorKind::NotFound => KeyringError::Missing(self.path.clone()),
            _ => self.failed(reason),
        })
    }

    pub fn open(&self, identity: &Identity) -> Result<Keyring, KeyringError> {
        Keyring::open(&self.sealed()?, identity)
    }

    /// Writes the first keyring of an appliance.
    ///
    /// # Errors
    /// [`KeyringError::Exists`] when there is one: losing it loses all data.
    pub fn create(&self, keyring: &Keyring) -> Result<(), KeyringError> {
        if self.exists() {
            return Err(KeyringError::Exists(self.path.clone()));
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        files::make_folder(folder).map_err(|reason| self.failed(reason))?;
        self.write(keyring)
    }

    /// Replaces the keyring and keeps the two before it as `keyring.age.1`
    /// (newer) and `keyring.age.2`.
    pub fn save(&self, keyring: &Keyring) -> Result<(), KeyringError> {
        if self.exists() {
            self.keep_older().map_err(|reason| self.failed(reason))?;
        }
        self.write(keyring)
    }

    fn write(&self, keyring: &Keyring) -> Result<(), KeyringError> {
        files::write(&self.path, &keyring.seal()).map_err(|reason| self.failed(reason))
    }

    /// At no moment is there no `keyring.age`: the copy is a second name.
    fn keep_older(&self) -> io::Result<()> {
        for number in (1..OLDER_KEPT).rev() {
            if self.older(number).exists() {
                fs::rename(self.older(number), self.older(number + 1))?;
            }
        }
        fs::hard_link(&self.path, self.older(1))
    }

    fn older(&self, number: usize) -> PathBuf {
        self.path.with_extension(format!("age.{number}"))
    }

    fn failed(&self, reason: io::Error) -> KeyringError {
        KeyringError::Io { path: self.path.clone(), reason }
    }
}
