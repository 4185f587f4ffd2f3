//! The keyring: every secret of the appliance in one age file that the machine
//! and each paper recovery kit opens, with or without this program:
//! `age -d -i kit.txt keys/keyring.age` prints JSON.
//!
//! The keys are independent random numbers, not derived from one another, so
//! that one can be replaced alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::crypto::ages::{self, AgeError, Identity, Recipient};
use crate::crypto::hash::HmacKey;
use crate::crypto::sign::{SigningKey, VerifyingKey};
use crate::crypto::{Random, Secret, files, hash, qr};

/// Version of the JSON.
const VERSION: u32 = 1;
/// Older keyrings kept beside the current one.
const OLDER_KEPT: usize = 2;

/// Every secret of the appliance, opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Keyring {
    v: u32,
    /// Which appliance this is: 16 hex digits, for the origins of notes.
    clinic: String,
    /// Seconds since 1970.
    pub created: i64,
    db: Vec<DbKeyEntry>,
    blob: Vec<BlobKeyEntry>,
    lookup_hmac: Secret,
    otp_pepper: Secret,
    session_pepper: Secret,
    pin_pepper: Secret,
    audit_sign: SignEntry,
    seal_sign: SignEntry,
    /// None until the appliance has a name: see [`crate::crypto::ca`].
    pub local_ca: Option<CaEntry>,
    recipients: Vec<Holder>,
}

/// The key of the appliance's own certificate authority.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaEntry {
    pub pkcs8: Secret,
    /// The certificate, PEM.
    pub certificate: String,
}

/// Somebody who can open the keyring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub kind: HolderKind,
    /// `machine`, `A`, `B` …
    pub name: String,
    /// `age1…`
    pub recipient: String,
    /// Seconds since 1970.
    pub since: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HolderKind {
    Machine,
    Kit,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct DbKeyEntry {
    id: String,
    /// 64 hex digits: the raw key that SQLCipher takes.
    key_hex: HexKey,
    state: KeyState,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct BlobKeyEntry {
    id: String,
    /// `AGE-SECRET-KEY-1…`
    age_identity: TextKey,
    state: KeyState,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SignEntry {
    pkcs8: Secret,
    /// Seconds since 1970.
    since: i64,
    /// PEM of keys that signed before.
    retired: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KeyState {
    Current,
    Pending,
    Retired,
}

/// Why a keyring did not open or was not kept. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    #[error(
        "the keyring was not made for this key: this is another machine's or another clinic's \
         key. Put the right machine key back or restore with a recovery kit; nothing was changed"
    )]
    WrongKey,
    #[error(
        "the keyring is damaged: {0}. An older copy lies beside it (keyring.age.1) and with every \
         backup; nothing was changed"
    )]
    Damaged(&'static str),
    #[error("the keyring has version {0}; this program knows version {VERSION} and older")]
    Newer(u32),
    #[error("there is no keyring at {}: run `tirkeu init` first", .0.display())]
    Missing(PathBuf),
    #[error("there is a keyring at {} already: it is never overwritten by a new one", .0.display())]
    Exists(PathBuf),
    #[error("cannot read or write {}: {reason}", path.display())]
    Io { path: PathBuf, reason: io::Error },
}

impl Keyring {
    /// New keys for a new appliance, which nobody can open yet: add the
    /// machine and at least one kit.
    pub fn generate(random: &Random, unix_seconds: i64) -> Self {
        let sign = || SignEntry {
            pkcs8: SigningKey::generate_pkcs8(random),
            since: unix_seconds,
            retired: Vec::new(),
        };
        Self {
            v: VERSION,
            clinic: random.hex::<8>(),
            created: unix_seconds,
            db: vec![DbKeyEntry {
                id: random.hex::<4>(),
                key_hex: HexKey(Zeroizing::new(random.hex::<32>())),
                state: KeyState::Current,
            }],
            blob: vec![BlobKeyEntry {
                id: random.hex::<4>(),
                age_identity: TextKey(Identity::generate().to_text()),
                state: KeyState::Current,
            }],
            lookup_hmac: Secret::generate::<32>(random),
            otp_pepper: Secret::generate::<32>(random),
            session_pepper: Secret::generate::<32>(random),
            pin_pepper: Secret::generate::<32>(random),
            audit_sign: sign(),
            seal_sign: sign(),
            local_ca: None,
            recipients: Vec::new(),
        }
    }

    /// Opens a keyring with the machine's identity or a kit's.
    pub fn open(sealed: &[u8], identity: &Identity) -> Result<Self, KeyringError> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let plain = ages::decrypt(sealed, std::slice::from_ref(identity))?;
        let damaged = |_| KeyringError::Damaged("its text is not a keyring");
        let Version { v } = serde_json::from_slice(&plain).map_err(damaged)?;
        if v > VERSION {
            return Err(KeyringError::Newer(v));
        }
        let keyring: Self = serde_json::from_slice(&plain).map_err(damaged)?;
        keyring.check()?;
        Ok(keyring)
    }

    /// The age file for everyone who may open it.
    ///
    /// # Panics
    /// When nobody was added.
    pub fn seal(&self) -> Vec<u8> {
        let json = serde_json::to_vec_pretty(self).expect("a keyring is plain JSON");
        ages::encrypt(&Zeroizing::new(json), &self.recipients())
    }

    /// Lets one more key open the keyring from the next [`KeyringFile::save`]
    /// on. A machine takes the place of the former machine.
    pub fn add_holder(&mut self, kind: HolderKind, name: &str, key: &Recipient, unix_seconds: i64) {
        let recipient = key.to_string();
        self.recipients.retain(|holder| {
            holder.recipient != recipient
                && !(kind == HolderKind::Machine && holder.kind == HolderKind::Machine)
        });
        let name = name.to_owned();
        self.recipients.push(Holder { kind, name, recipient, since: unix_seconds });
    }

    /// Everyone who can open the keyring.
    pub fn holders(&self) -> &[Holder] {
        &self.recipients
    }

    /// Recipients of the paper kits: for whom backups are encrypted.
    pub fn kit_recipients(&self) -> Vec<Recipient> {
        let kits = self.recipients.iter().filter(|holder| holder.kind == HolderKind::Kit);
        kits.filter_map(|holder| holder.recipient.parse().ok()).collect()
    }

    /// Which appliance this is: 16 hex digits. A restored one is the same.
    pub fn clinic_id(&self) -> &str {
        &self.clinic
    }

    /// The origin of the ledger's checkpoints.
    pub fn audit_origin(&self) -> String {
        format!("{}.tirkeu/audit", self.clinic)
    }

    /// The raw key of the database, 32 bytes.
    pub fn db_key(&self) -> Zeroizing<[u8; 32]> {
        let key = hash::from_hex(&self.current_db().key_hex.0).map(Zeroizing::new);
        let key = key.and_then(|key| <[u8; 32]>::try_from(key.as_slice()).ok());
        Zeroizing::new(key.expect("checked when the keyring was opened"))
    }

    /// The same as 64 hex digits.
    pub fn db_key_hex(&self) -> Zeroizing<String> {
        self.current_db().key_hex.0.clone()
    }

    /// Gives the appliance a new key for a database made anew, at a restore.
    #[must_use]
    pub fn with_new_db_key(mut self, random: &Random) -> Self {
        self.db = vec![DbKeyEntry {
            id: random.hex::<4>(),
            key_hex: HexKey(Zeroizing::new(random.hex::<32>())),
            state: KeyState::Current,
        }];
        self
    }

    /// Opens files of the store: the current key first, older ones after it.
    pub fn blob_identities(&self) -> Vec<Identity> {
        let mut entries: Vec<&BlobKeyEntry> = self.blob.iter().collect();
        entries.sort_by_key(|entry| entry.state != KeyState::Current);
        entries.iter().filter_map(|entry| Identity::parse(&entry.age_identity.0).ok()).collect()
    }

    /// For whom files of the store are encrypted: the store and every kit.
    pub fn blob_recipients(&self) -> Vec<Recipient> {
        let own = self.blob_identities().first().map(Identity::recipient);
        own.into_iter().chain(self.kit_recipients()).collect()
    }

    /// Blind index of phones and IINs.
    pub fn lookup_hmac(&self) -> HmacKey {
        HmacKey::new(self.lookup_hmac.bytes())
    }

    pub fn otp_pepper(&self) -> HmacKey {
        HmacKey::new(self.otp_pepper.bytes())
    }

    pub fn session_pepper(&self) -> HmacKey {
        HmacKey::new(self.session_pepper.bytes())
    }

    pub fn pin_pepper(&self) -> HmacKey {
        HmacKey::new(self.pin_pepper.bytes())
    }

    /// Signs checkpoints of the ledger.
    pub fn audit_key(&self) -> SigningKey {
        self.audit_sign.key().expect("checked when the keyring was opened")
    }

    /// Seals consents in the clinic's name.
    pub fn seal_key(&self) -> SigningKey {
        self.seal_sign.key().expect("checked when the keyring was opened")
    }

    /// Keys whose checkpoints are believed: the current one and retired ones.
    pub fn audit_verifying_keys(&self) -> Vec<VerifyingKey> {
        let retired = self.audit_sign.retired.iter().filter_map(|pem| VerifyingKey::from_pem(pem));
        std::iter::once(self.audit_key().verifying_key()).chain(retired).collect()
    }

    fn recipients(&self) -> Vec<Recipient> {
        self.recipients.iter().filter_map(|holder| holder.recipient.parse().ok()).collect()
    }

    fn current_db(&self) -> &DbKeyEntry {
        let current = self.db.iter().find(|entry| entry.state == KeyState::Current);
        current.expect("checked when the keyring was opened")
    }

    fn check(&self) -> Result<(), KeyringError> {
        let db = self.db.iter().find(|entry| entry.state == KeyState::Current);
        let db = db.and_then(|entry| hash::from_hex(&entry.key_hex.0));
        let whole = [
            (db.is_some_and(|key| key.len() == 32), "the database key is missing"),
            (!self.blob_identities().is_empty(), "the key of the file store is missing"),
            (self.audit_sign.key().is_some(), "the ledger's signing key is unreadable"),
            (self.seal_sign.key().is_some(), "the seal's signing key is unreadable"),
            (self.recipients().len() == self.recipients.len(), "a recipient is unreadable"),
        ];
        match whole.iter().find(|(fine, _)| !fine) {
            Some((_, reason)) => Err(KeyringError::Damaged(reason)),
            None => Ok(()),
        }
    }
}

impl SignEntry {
    fn key(&self) -> Option<SigningKey> {
        SigningKey::from_pkcs8(&self.pkcs8)
    }
}

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

/// A recovery key to be printed on paper and kept in a safe: it opens the
/// keyring and every backup. It exists in memory only.
#[derive(Debug)]
pub struct RecoveryKit {
    identity: Identity,
}

impl RecoveryKit {
    pub fn generate() -> Self {
        Self { identity: Identity::generate() }
    }

    pub fn from_identity(identity: Identity) -> Self {
        Self { identity }
    }

    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub fn recipient(&self) -> Recipient {
        self.identity.recipient()
    }

    /// The key in groups of five, to be read out and typed.
    pub fn groups(&self) -> Zeroizing<String> {
        let text = self.identity.to_text();
        let mut groups = Zeroizing::new(String::with_capacity(text.len() * 6 / 5 + 1));
        for (position, letter) in text.chars().enumerate() {
            if position > 0 && position % 5 == 0 {
                groups.push(' ');
            }
            groups.push(letter);
        }
        groups
    }

    /// The key as a picture to scan.
    pub fn qr_svg(&self) -> String {
        qr::svg(&self.identity.to_text()).expect("74 characters fit a QR code")
    }

    /// Whether somebody who holds the sheet typed the end of the key: proof
    /// that it was printed before it is needed.
    pub fn ends_with(&self, last_eight: &str) -> bool {
        let typed: Zeroizing<String> = Zeroizing::new(
            last_eight
                .chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_uppercase)
                .collect(),
        );
        let text = self.identity.to_text();
        typed.len() == 8 && hash::equal(&text.as_bytes()[text.len() - 8..], typed.as_bytes())
    }
}

impl From<AgeError> for KeyringError {
    fn from(error: AgeError) -> Self {
        match error {
            AgeError::WrongKey => Self::WrongKey,
            AgeError::NotAge => Self::Damaged("it is not an age file"),
            AgeError::Damaged | AgeError::Io(_) => Self::Damaged("its contents were altered"),
        }
    }
}

/// Hex of a key: redacted in `Debug`, wiped when dropped.
#[derive(Clone)]
struct HexKey(Zeroizing<String>);

/// Text of a key: redacted in `Debug`, wiped when dropped.
#[derive(Clone)]
struct TextKey(Zeroizing<String>);

macro_rules! key_text {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("[redacted]")
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            /// Borrows the text, so that no copy of it is left behind.
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                <&str>::deserialize(d).map(|text| Self(Zeroizing::new(text.to_owned())))
            }
        }
    };
}

key_text!(HexKey);
key_text!(TextKey);

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    fn for_two(machine: &Identity, kit: &RecoveryKit) -> Keyring {
        let mut keyring = Keyring::generate(&Random::system(), 1_790_000_000);
        keyring.add_holder(HolderKind::Machine, "machine", &machine.recipient(), 1_790_000_000);
        keyring.add_holder(HolderKind::Kit, "A", &kit.recipient(), 1_790_000_000);
        keyring
    }

    #[test]
    fn the_machine_and_every_kit_open_the_keyring_and_nobody_else() {
        let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
        let keyring = for_two(&machine, &kit);
        let sealed = keyring.seal();

        for identity in [&machine, kit.identity()] {
            let opened = Keyring::open(&sealed, identity).unwrap();
            assert_eq!(*opened.db_key_hex(), *keyring.db_key_hex());
            assert_eq!(opened.holders(), keyring.holders());
            assert_eq!(opened.seal_key().verifying_key(), keyring.seal_key().verifying_key());
        }
        let stranger = Keyring::open(&sealed, &Identity::generate());
        assert!(matches!(stranger, Err(KeyringError::WrongKey)));
    }

    #[test]
    fn the_age_program_opens_the_keyring_with_a_kit_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
        let keyring = for_two(&machine, &kit);
        let file = KeyringFile::in_data_dir(folder.path());
        file.create(&keyring).unwrap();
        let kit_file = folder.path().join("kit.txt");
        fs::write(&kit_file, kit.identity().to_text().as_bytes()).unwrap();

        let output =
            Command::new("age").arg("-d").arg("-i").arg(&kit_file).arg(file.path()).output();
        let output = output.expect("age is installed by scripts/test");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["v"], 1);
        assert_eq!(json["db"][0]["key_hex"], **keyring.db_key_hex());
    }

    #[test]
    fn a_keyring_sealed_by_the_age_program_opens_here() {
        let folder = tempfile::tempdir().unwrap();
        let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
        let keyring = for_two(&machine, &kit);
        let [plain, sealed] = ["plain", "sealed"].map(|name| folder.path().join(name));
        fs::write(&plain, serde_json::to_vec(&keyring).unwrap()).unwrap();
        let recipient = machine.recipient().to_string();
        let mut age = Command::new("age");
        age.args(["-r", &recipient, "-o"]).arg(&sealed).arg(&plain);

        assert!(age.status().expect("age is installed by scripts/test").success());
        assert!(Keyring::open(&fs::read(&sealed).unwrap(), &machine).is_ok());
    }

    #[test]
    fn three_generations_are_kept_and_only_the_owner_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
        let mut keyring = for_two(&machine, &kit);
        let file = KeyringFile::in_data_dir(folder.path());
        file.create(&keyring).unwrap();
        for created in 1..=4 {
            keyring.created = created;
            file.save(&keyring).unwrap();
        }

        let created = |name: &str| {
            let path = folder.path().join("keys").join(name);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            Keyring::open(&fs::read(path).unwrap(), &machine).unwrap().created
        };
        assert_eq!(["keyring.age", "keyring.age.1", "keyring.age.2"].map(created), [4, 3, 2]);
        assert_eq!(fs::read_dir(folder.path().join("keys")).unwrap().count(), 3);
    }

    #[test]
    fn a_new_keyring_never_replaces_one_and_a_wrong_key_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
        let file = KeyringFile::in_data_dir(folder.path());
        assert!(matches!(file.open(&machine), Err(KeyringError::Missing(_))));
        file.create(&for_two(&machine, &kit)).unwrap();
        let before = file.sealed().unwrap();

        assert!(matches!(file.open(&Identity::generate()), Err(KeyringError::WrongKey)));
        assert!(matches!(file.create(&for_two(&machine, &kit)), Err(KeyringError::Exists(_))));
        assert_eq!(file.sealed().unwrap(), before);
    }

    #[test]
    fn a_damaged_or_newer_keyring_says_so() {
        let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
        let mut keyring = for_two(&machine, &kit);
        let mut sealed = keyring.seal();
        let last = sealed.len() - 1;
        sealed[last] ^= 1;
        assert!(matches!(Keyring::open(&sealed, &machine), Err(KeyringError::Damaged(_))));
        assert!(matches!(Keyring::open(b"", &machine), Err(KeyringError::Damaged(_))));

        keyring.v = 2;
        assert!(matches!(Keyring::open(&keyring.seal(), &machine), Err(KeyringError::Newer(2))));
        keyring.v = 1;
        keyring.db.clear();
        assert!(matches!(Keyring::open(&keyring.seal(), &machine), Err(KeyringError::Damaged(_))));
    }

    #[test]
    fn another_kit_opens_the_keyring_after_it_was_added() {
        let (machine, kit, second) =
            (Identity::generate(), RecoveryKit::generate(), RecoveryKit::generate());
        let mut keyring = for_two(&machine, &kit);
        keyring.add_holder(HolderKind::Kit, "B", &second.recipient(), 2);
        let next_machine = Identity::generate();
        keyring.add_holder(HolderKind::Machine, "machine", &next_machine.recipient(), 3);

        let sealed = keyring.seal();
        assert!(Keyring::open(&sealed, second.identity()).is_ok());
        assert!(Keyring::open(&sealed, &next_machine).is_ok());
        assert!(matches!(Keyring::open(&sealed, &machine), Err(KeyringError::WrongKey)));
        assert_eq!(keyring.kit_recipients(), [kit.recipient(), second.recipient()]);
        assert_eq!(keyring.blob_recipients().len(), 3);
    }

    #[test]
    fn nothing_secret_is_printed() {
        let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
        let keyring = for_two(&machine, &kit);
        let printed = format!("{keyring:?} {kit:?}");

        assert!(!printed.contains("AGE-SECRET-KEY"));
        assert!(!printed.contains(&**keyring.db_key_hex()));
    }

    #[test]
    fn a_kit_is_printed_in_groups_that_can_be_typed_back() {
        let kit = RecoveryKit::generate();
        let groups = kit.groups();

        assert_eq!(groups.split(' ').count(), 15);
        assert_eq!(Identity::parse(&groups).unwrap().recipient(), kit.recipient());
        let text = kit.identity().to_text();
        assert!(kit.ends_with(&text[66..].to_lowercase()));
        assert!(!kit.ends_with(&text[67..]) && !kit.ends_with("QQQQQQQQ"));
        assert!(kit.qr_svg().starts_with("<svg"));
    }
}
