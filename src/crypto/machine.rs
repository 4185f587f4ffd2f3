//! The machine identity: the key that opens the keyring when the service
//! starts. Looked for in order in systemd's credentials, in a file the
//! settings of the service name, and in the data folder.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::crypto::ages::{Identity, IdentityError};
use crate::crypto::files;

/// The name of the credential in the unit file.
pub const CREDENTIAL: &str = "tirkeu-mi";

/// Where a machine identity may be.
#[derive(Clone, Debug)]
pub struct MachinePlaces {
    /// `$CREDENTIALS_DIRECTORY`: set by systemd when the unit has credentials.
    pub credentials: Option<PathBuf>,
    /// `$TIRKEU_MACHINE_KEY_FILE`: set by an administrator.
    pub key_file: Option<PathBuf>,
    /// Where the database and `keys/` are.
    pub data_dir: PathBuf,
}

/// The identity of this machine and where it was found.
#[derive(Clone, Debug)]
pub struct MachineIdentity {
    pub identity: Identity,
    pub path: PathBuf,
}

/// Why there is no machine identity, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum MachineIdentityError {
    #[error(
        "no machine key: neither the systemd credential `{CREDENTIAL}` nor \
         TIRKEU_MACHINE_KEY_FILE is set, and {} does not exist. \
         If this is a new machine run `tirkeu init`; if the key was lost, \
         restore with the recovery kit: `tirkeu restore`", .0.display()
    )]
    Missing(PathBuf),
    #[error("cannot read the machine key {}: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: io::Error },
    #[error(
        "the machine key {} can be read by other users (mode {mode:03o}): \
         run `chmod 600` on it and, if others have used this machine, make a new one",
        path.display()
    )]
    Exposed { path: PathBuf, mode: u32 },
    #[error("the machine key {} is not usable: {reason}", path.display())]
    NotAKey { path: PathBuf, reason: IdentityError },
}

impl MachinePlaces {
    /// The places that the environment of this process names.
    pub fn of_process(data_dir: &Path) -> Self {
        let path = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            credentials: path("CREDENTIALS_DIRECTORY").map(PathBuf::from),
            key_file: path("TIRKEU_MACHINE_KEY_FILE").map(PathBuf::from),
            data_dir: data_dir.to_owned(),
        }
    }

    /// The data folder alone: what tests and a restore use.
    pub fn data_dir_only(data_dir: &Path) -> Self {
        Self { credentials: None, key_file: None, data_dir: data_dir.to_owned() }
    }

    /// `<data-dir>/keys/machine.key`
    pub fn own_file(&self) -> PathBuf {
        self.data_dir.join("keys/machine.key")
    }

    /// Where the key is: systemd's credential if there is one, then the file
    /// the environment names whether it exists or not, then our own.
    fn chosen(&self) -> PathBuf {
        let credential = self.credentials.as_ref().map(|folder| folder.join(CREDENTIAL));
        credential
            .filter(|path| path.exists())
            .or_else(|| self.key_file.clone())
            .unwrap_or_else(|| self.own_file())
    }
}

impl MachineIdentity {
    /// Finds and reads the key.
    pub fn find(places: &MachinePlaces) -> Result<Self, MachineIdentityError> {
        let path = places.chosen();
        if path == places.own_file() && !path.exists() {
            return Err(MachineIdentityError::Missing(path));
        }
        Self::read(path)
    }

    /// Makes a new key in the data folder, or returns the one that is there.
    ///
    /// # Errors
    /// When a key is there and cannot be used: it is never overwritten.
    pub fn find_or_create(places: &MachinePlaces) -> Result<Self, MachineIdentityError> {
        match Self::find(places) {
            Err(MachineIdentityError::Missing(path)) => Self::create(path),
            found => found,
        }
    }

    fn create(path: PathBuf) -> Result<Self, MachineIdentityError> {
        let identity = Identity::generate();
        let text = Zeroizing::new(format!("{}\n", *identity.to_text()));
        let folder = path.parent().unwrap_or(Path::new("."));
        let written =
            files::make_folder(folder).and_then(|()| files::write(&path, text.as_bytes()));
        match written {
            Ok(()) => Ok(Self { identity, path }),
            Err(reason) => Err(MachineIdentityError::Unreadable { path, reason }),
        }
    }

    fn read(path: PathBuf) -> Result<Self, MachineIdentityError> {
        let mode = match fs::metadata(&path) {
            Ok(metadata) => metadata.permissions().mode() & 0o777,
            Err(reason) => return Err(MachineIdentityError::Unreadable { path, reason }),
        };
        // systemd gives credentials as 0440 in a folder only the service enters.
        let allowed = if path.ends_with(CREDENTIAL) { 0o770 } else { 0o700 };
        if mode & !allowed != 0 {
            return Err(MachineIdentityError::Exposed { path, mode });
        }
        let text = match fs::read_to_string(&path) {
            Ok(text) => Zeroizing::new(text),
            Err(reason) => return Err(MachineIdentityError::Unreadable { path, reason }),
        };
        match Identity::parse(&text) {
            Ok(identity) => Ok(Self { identity, path }),
            Err(reason) => Err(MachineIdentityError::NotAKey { path, reason }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(path: &Path, identity: &Identity, mode: u32) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, identity.to_text().as_bytes()).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn systemd_comes_before_the_named_file_and_that_before_our_own() {
        let folder = tempfile::tempdir().unwrap();
        let keys = [(); 3].map(|()| Identity::generate());
        let places = MachinePlaces {
            credentials: Some(folder.path().join("credentials")),
            key_file: Some(folder.path().join("elsewhere.key")),
            data_dir: folder.path().join("data"),
        };
        put(&places.own_file(), &keys[2], 0o600);
        let none_named = MachinePlaces { key_file: None, ..places.clone() };
        let found = MachineIdentity::find(&none_named).unwrap();
        assert_eq!(found.identity.recipient(), keys[2].recipient());

        let missing = MachineIdentity::find(&places);
        assert!(matches!(missing, Err(MachineIdentityError::Unreadable { .. })));
        put(&folder.path().join("elsewhere.key"), &keys[1], 0o600);
        let found = MachineIdentity::find(&places).unwrap();
        assert_eq!(found.identity.recipient(), keys[1].recipient());

        put(&folder.path().join("credentials/tirkeu-mi"), &keys[0], 0o440);
        let found = MachineIdentity::find(&places).unwrap();
        assert_eq!(found.identity.recipient(), keys[0].recipient());
    }

    #[test]
    fn a_missing_exposed_or_broken_key_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let places = MachinePlaces::data_dir_only(folder.path());
        let message = || MachineIdentity::find(&places).unwrap_err().to_string();

        assert!(message().contains("tirkeu init"));
        put(&places.own_file(), &Identity::generate(), 0o640);
        assert!(message().contains("mode 640") && message().contains("chmod 600"));
        fs::write(places.own_file(), "not a key").unwrap();
        fs::set_permissions(places.own_file(), fs::Permissions::from_mode(0o600)).unwrap();
        assert!(message().contains("AGE-SECRET-KEY-1"));
        assert!(MachineIdentity::find_or_create(&places).is_err());
        assert_eq!(fs::read_to_string(places.own_file()).unwrap(), "not a key");
    }

    #[test]
    fn a_new_key_is_private_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let places = MachinePlaces::data_dir_only(folder.path());
        let made = MachineIdentity::find_or_create(&places).unwrap();
        let found = MachineIdentity::find_or_create(&places).unwrap();

        assert_eq!(made.identity.recipient(), found.identity.recipient());
        let permissions = fs::metadata(places.own_file()).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
    }
}
