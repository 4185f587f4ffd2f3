//! What every request and job can reach.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};

use tokio::sync::broadcast;

use crate::clock::{Clock, Zone};
use crate::crypto::passkeys::Ceremonies;
use crate::crypto::{BlobStore, Keyring, Passwords, Random};
use crate::ids::StaffId;
use crate::pages::Pages;
use crate::presence::Presence;
use crate::turns::Turns;
use crate::vault::Vault;

/// The running clinic. Cheap to clone.
#[derive(Clone)]
pub struct Clinic {
    pub vault: Vault,
    pub pages: Pages,
    pub files: BlobStore,
    pub passwords: Passwords,
    pub random: Random,
    pub profile: Profile,
    pub keys: Keys,
    pub places: Arc<Places>,
    pub waiting: Waiting,
    /// Who has what open.
    pub presence: Presence,
    /// What capabilities keep in memory.
    pub kept: Kept,
    /// Questions to passkeys that wait for their answers.
    pub passkeys: Ceremonies,
    /// Whose guess at a password or code is being looked at, and from where, in
    /// the words of `access`.
    pub attempts: Turns<(StaffId, Vec<u8>)>,
}

/// How many changes of the rail a page may lag behind: it then asks for everything.
const WATCH_BACKLOG: usize = 64;

/// How many things wait for a person behind each entry of the rail, by its id.
/// Whatever counts them puts the number here when it changes.
#[derive(Clone, Debug)]
pub struct Waiting {
    counts: Arc<RwLock<HashMap<&'static str, u32>>>,
    changes: broadcast::Sender<Arc<str>>,
}

/// What capabilities keep in memory for as long as the program runs, one of each
/// type: nobody but the capability that declares the type gets at it. Cheap to
/// clone.
#[derive(Clone, Default)]
pub struct Kept(Arc<Mutex<HashMap<TypeId, Box<dyn Any + Send>>>>);

/// Where this installation is and how it is reached.
#[derive(Clone, Debug)]
pub struct Places {
    pub data_dir: PathBuf,
    /// How patients reach the public listener, for links: `https://clinic.kz`,
    /// without a slash at the end.
    pub public_url: String,
    /// How staff and tablets reach the staff listener.
    pub staff_url: String,
    /// Every other name this machine answers to; addresses need none.
    pub names: Vec<String>,
}

/// The opened keyring. Changes when a recovery kit is added.
#[derive(Clone)]
pub struct Keys(Arc<RwLock<Arc<Keyring>>>);

/// What every page shows of the clinic itself. Kept in memory; the capability
/// `schedule` stores it and puts changes here.
#[derive(Clone)]
pub struct Profile(Arc<RwLock<Arc<ProfileData>>>);

#[derive(Clone, Debug)]
pub struct ProfileData {
    /// As on the sign: «Арай Дент».
    pub name: String,
    pub zone: Zone,
    /// Whether the first-run wizard has been finished.
    pub set_up: bool,
}

/// Names of the files in a data folder.
impl Places {
    pub fn database(data_dir: &Path) -> PathBuf {
        data_dir.join("db").join("clinic.db")
    }
}

impl Clinic {
    pub fn clock(&self) -> &Clock {
        self.vault.clock()
    }
}

impl Kept {
    /// The one of this type; made when it is first asked for.
    pub fn of<T: Clone + Default + Send + 'static>(&self) -> T {
        let mut all = self.0.lock().expect("no panic while it is held");
        let kept = all.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()));
        kept.downcast_ref::<T>().expect("it is kept under its own type").clone()
    }
}

impl Waiting {
    /// What pages watch to see a number of the rail change.
    pub const TOPIC: &str = "waiting";

    pub fn set(&self, entry: &'static str, count: u32) {
        let before = self.counts.write().expect("no panic while it is held").insert(entry, count);
        if before.unwrap_or_default() != count {
            // Nobody watching is no fault.
            let _ = self.changes.send(Arc::from(Self::TOPIC));
        }
    }

    pub fn at(&self, entry: &str) -> u32 {
        let counts = self.counts.read().expect("no panic while it is held");
        counts.get(entry).copied().unwrap_or_default()
    }

    pub fn watch(&self) -> broadcast::Receiver<Arc<str>> {
        self.changes.subscribe()
    }
}

impl Default for Waiting {
    fn default() -> Self {
        Self { counts: Arc::default(), changes: broadcast::channel(WATCH_BACKLOG).0 }
    }
}

impl Keys {
    pub fn new(keyring: Keyring) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(keyring))))
    }

    pub fn get(&self) -> Arc<Keyring> {
        self.0.read().expect("no panic while it is held").clone()
    }

    /// To be called once the new keyring is on the disk.
    pub fn replace(&self, keyring: Keyring) {
        *self.0.write().expect("no panic while it is held") = Arc::new(keyring);
    }
}

impl Profile {
    pub fn new(data: ProfileData) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(data))))
    }

    pub fn get(&self) -> Arc<ProfileData> {
        self.0.read().expect("no panic while it is held").clone()
    }

    pub fn replace(&self, data: ProfileData) {
        *self.0.write().expect("no panic while it is held") = Arc::new(data);
    }
}

impl Default for ProfileData {
    /// A clinic that has not been set up.
    ///
    /// # Panics
    /// When tzdata is not installed; `doctor` says so before.
    fn default() -> Self {
        let zone = Zone::named("Asia/Almaty").expect("tzdata is installed");
        Self { name: "Тіркеу".to_owned(), zone, set_up: false }
    }
}
