//! A clinic's data folder: made once, opened by one process at a time.
//!
//! `keys/` holds the machine's key and the keyring it opens, `db/` the
//! encrypted database, `blobs/` the encrypted files, `ca.crt` the certificate
//! that browsers are told to trust, `lock` the lock of whoever has it open.

use std::fs::{File, OpenOptions};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use rustix::fs::{FlockOperation, flock};

use crate::clinic::{Clinic, Kept, Keys, Places, Profile, Waiting};
use crate::clock::Clock;
use crate::crypto::ca::CaError;
use crate::crypto::keyring::{HolderKind, KeyringFile};
use crate::crypto::machine::{MachineIdentity, MachineIdentityError, MachinePlaces};
use crate::crypto::passkeys::Ceremonies;
use crate::crypto::{
    BlobStore, Keyring, KeyringError, Leaf, LocalCa, Passwords, Random, RecoveryKit, files,
};
use crate::pages::Pages;
use crate::presence::Presence;
use crate::schedule;
use crate::settings::Settings;
use crate::turns::Turns;
use crate::vault::{DatabaseKey, Vault, VaultError};

/// The name of an appliance whose machine has none that fits a certificate.
const FALLBACK_HOST: &str = "tirkeu.local";

/// An address that is nobody's (RFC 5737): asking the system how it would be
/// reached tells our own address without sending anything.
const NOBODY: &str = "192.0.2.1:9";

/// Why a data folder was not made or opened. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    #[error("{}: the data folder is in use by another tirkeu (the server?): stop it first", .0.display())]
    InUse(PathBuf),
    #[error("{}: there is no clinic here. Make one with `tirkeu init`, or bring one back with \
             `tirkeu restore`", .0.display())]
    Absent(PathBuf),
    #[error("{}: {reason}", path.display())]
    Folder { path: PathBuf, reason: io::Error },
    #[error("{}: there is a clinic already; nothing was changed", .0.display())]
    Exists(PathBuf),
    #[error(transparent)]
    MachineKey(#[from] MachineIdentityError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Profile(#[from] schedule::ScheduleError),
    #[error(transparent)]
    Certificate(#[from] CaError),
    #[error("the keyring holds no certificate authority; restore it with a recovery kit")]
    NoAuthority,
}

/// An open clinic. Nobody else can open it until this is dropped.
pub struct Installation {
    pub clinic: Clinic,
    issuer: Arc<Issuer>,
    _lock: File,
}

/// The clinic's certificate authority with the names this machine goes by.
pub struct Issuer {
    authority: LocalCa,
    names: Vec<String>,
    random: Random,
    clock: Clock,
}

impl Installation {
    /// Opens what [`create`](Self::create) made.
    pub async fn open(settings: &Settings) -> Result<Self, InstallationError> {
        Self::open_by(settings, Clock::machine()).await
    }

    /// The same, for a clinic that goes by a clock of its own.
    pub async fn open_by(settings: &Settings, clock: Clock) -> Result<Self, InstallationError> {
        let data_dir = &settings.data_dir;
        if !exists(data_dir) {
            return Err(InstallationError::Absent(data_dir.clone()));
        }
        let lock = lock(data_dir)?;
        let machine = MachineIdentity::find(&MachinePlaces::of_process(data_dir))?;
        let keyring = KeyringFile::in_data_dir(data_dir).open(&machine.identity)?;
        let vault =
            Vault::open(&Places::database(data_dir), &database_key(&keyring), clock).await?;
        Self::assemble(settings, lock, keyring, vault).await
    }

    /// Makes keys, database and certificate authority. Picks up where an
    /// earlier attempt was cut off. Keys and certificates go by the machine's
    /// clock, which browsers compare with theirs; the clinic goes by `clock`.
    ///
    /// # Errors
    /// [`InstallationError::Exists`] when there is a database.
    pub async fn create(
        settings: &Settings,
        kit: Option<&RecoveryKit>,
        clock: Clock,
    ) -> Result<Self, InstallationError> {
        let data_dir = &settings.data_dir;
        let database = Places::database(data_dir);
        if database.exists() {
            return Err(InstallationError::Exists(data_dir.clone()));
        }
        let failed = |reason| InstallationError::Folder { path: data_dir.clone(), reason };
        let folder = database.parent().unwrap_or(data_dir);
        files::make_folder(data_dir).and_then(|()| files::make_folder(folder)).map_err(failed)?;
        let lock = lock(data_dir)?;
        let machine = MachineIdentity::find_or_create(&MachinePlaces::of_process(data_dir))?;
        let file = KeyringFile::in_data_dir(data_dir);
        let now = Clock::machine().now().unix_seconds();
        let mut keyring = if file.exists() {
            file.open(&machine.identity)?
        } else {
            let random = Random::system();
            let mut keyring = Keyring::generate(&random, now);
            let host = own_host(settings);
            keyring.add_holder(HolderKind::Machine, &host, &machine.identity.recipient(), now);
            keyring.local_ca = Some(LocalCa::generate("Tirkeu", &host, &random, now)?);
            file.create(&keyring)?;
            keyring
        };
        if let Some(kit) = kit {
            keyring.add_holder(HolderKind::Kit, "A", &kit.recipient(), now);
            file.save(&keyring)?;
        }
        let vault = Vault::create(&database, &database_key(&keyring), clock).await?;
        Self::assemble(settings, lock, keyring, vault).await
    }

    async fn assemble(
        settings: &Settings,
        lock: File,
        keyring: Keyring,
        vault: Vault,
    ) -> Result<Self, InstallationError> {
        let data_dir = settings.data_dir.clone();
        let failed = |reason| InstallationError::Folder { path: data_dir.clone(), reason };
        let entry = keyring.local_ca.as_ref().ok_or(InstallationError::NoAuthority)?;
        let authority = LocalCa::open(entry)?;
        let certificate = ca_file(&data_dir);
        if !certificate.exists() {
            files::write(&certificate, authority.pem().as_bytes()).map_err(failed)?;
        }
        let random = Random::system();
        let names = names(settings);
        let staff_url = url(&names, settings.staff_listen);
        let public_url =
            settings.public_url.clone().unwrap_or_else(|| match settings.public_listen {
                Some(address) => url(&names, address),
                None => staff_url.clone(),
            });
        let profile = schedule::load_profile(&vault).await?;
        let clock = Clock::machine();
        let places =
            Places { data_dir: data_dir.clone(), public_url, staff_url, names: names.clone() };
        let issuer = Arc::new(Issuer { authority, names, random: random.clone(), clock });
        let clinic = Clinic {
            vault,
            pages: Pages::load(),
            files: BlobStore::open(&data_dir, &keyring).map_err(failed)?,
            passwords: Passwords::new(random.clone()),
            random,
            profile: Profile::new(profile),
            keys: Keys::new(keyring),
            waiting: Waiting::default(),
            presence: Presence::default(),
            kept: Kept::default(),
            passkeys: Ceremonies::default(),
            attempts: Turns::default(),
            places: Arc::new(places),
        };
        Ok(Self { clinic, issuer, _lock: lock })
    }

    pub fn issuer(&self) -> Arc<Issuer> {
        Arc::clone(&self.issuer)
    }

    /// Waits for what is under way and lets the next process in.
    pub async fn close(self) {
        self.clinic.vault.close().await;
    }
}

impl Issuer {
    /// For a listener, from now on.
    pub fn certificate(&self) -> Result<Leaf, CaError> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        self.authority.issue(&names, &self.random, self.clock.now().unix_seconds())
    }
}

/// Whether there is a clinic in this folder.
pub fn exists(data_dir: &Path) -> bool {
    Places::database(data_dir).exists()
}

/// The certificate that browsers are told to trust.
pub fn ca_file(data_dir: &Path) -> PathBuf {
    data_dir.join("ca.crt")
}

/// Held until the file is closed; the kernel lets go when the process dies.
fn lock(data_dir: &Path) -> Result<File, InstallationError> {
    let path = data_dir.join("lock");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let failed = |reason| InstallationError::Folder { path: path.clone(), reason };
    let file = options.open(&path).map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(InstallationError::InUse(data_dir.to_owned())),
        Err(error) => Err(failed(error.into())),
    }
}

pub(super) fn database_key(keyring: &Keyring) -> DatabaseKey {
    let mut bytes = [0; 32];
    HEXLOWER
        .decode_mut(keyring.db_key_hex().as_bytes(), &mut bytes)
        .expect("a keyring holds 64 hex digits");
    DatabaseKey::new(bytes)
}

/// Names and addresses for the certificate: the administrator's first.
fn names(settings: &Settings) -> Vec<String> {
    let mut names = settings.names.clone();
    names.push(own_host(settings));
    names.extend(own_address().map(|address| address.to_string()));
    names
}

fn own_host(settings: &Settings) -> String {
    let named = settings.names.iter().find(|name| name.parse::<IpAddr>().is_err()).cloned();
    let machine = || std::fs::read_to_string("/etc/hostname").ok();
    let host = named.or_else(machine).map(|name| name.trim().to_ascii_lowercase());
    let fits = |name: &String| {
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        !name.is_empty() && name.len() <= 64 && name.chars().all(letter) && name != "localhost"
    };
    host.filter(fits).unwrap_or_else(|| FALLBACK_HOST.to_owned())
}

/// The address of this machine in the clinic's network, when it has one.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect(NOBODY).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(address) if address.is_private() => Some(IpAddr::V4(address)),
        _ => None,
    }
}

fn url(names: &[String], listen: SocketAddr) -> String {
    let host = match listen.ip() {
        ip if ip.is_loopback() => "localhost",
        _ => names.first().map_or("localhost", String::as_str),
    };
    format!("https://{host}:{}", listen.port())
}
