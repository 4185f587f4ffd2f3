//! The keyring: every secret of the appliance in one age file that the machine
//! and each paper recovery kit opens, with or without this program:
//! `age -d -i kit.txt keys/keyring.age` prints JSON.
//!
//! The keys are independent random numbers, not derived from one another, so
//! that one can be replaced alone.

mod file;
mod kit;
#[cfg(test)]
mod tests;
mod text;

use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::crypto::ages::{self, AgeError, Identity, Recipient};
use crate::crypto::hash::HmacKey;
use crate::crypto::sign::{SigningKey, VerifyingKey};
use crate::crypto::{Random, Secret, hash};
use text::{HexKey, TextKey};

pub use file::KeyringFile;
pub use kit::RecoveryKit;

/// Version of the JSON.
const VERSION: u32 = 1;

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

impl From<AgeError> for KeyringError {
    fn from(error: AgeError) -> Self {
        match error {
            AgeError::WrongKey => Self::WrongKey,
            AgeError::NotAge => Self::Damaged("it is not an age file"),
            AgeError::Damaged | AgeError::Io(_) => Self::Damaged("its contents were altered"),
        }
    }
}
