//! Ed25519 signatures (RFC 8032), signed notes (c2sp.org/signed-note) and
//! checkpoints of the ledger (c2sp.org/tlog-checkpoint), all of which
//! `openssl` and other people's programs can check.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::crypto::hash::{self, Digest};
use crate::crypto::{Random, Secret};

/// PKCS#8 v1 around a 32-byte seed (RFC 8410, 7), the form openssl reads too.
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// SubjectPublicKeyInfo around a 32-byte key (RFC 8410, 4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];

/// Ed25519 in signed notes.
const NOTE_ED25519: u8 = 1;

/// The dash that begins a signature line.
const DASH: &str = "\u{2014} ";

/// A key that signs.
pub struct SigningKey(Ed25519KeyPair);

/// The public half of a [`SigningKey`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VerifyingKey([u8; 32]);

/// The state of the ledger that a signature vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose ledger: `<clinic-id>.tirkeu/audit`.
    pub origin: String,
    /// How many leaves the tree has.
    pub size: u64,
    pub root: Digest,
}

/// Why a note or a checkpoint is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("this is not a signed note")]
    Malformed,
    #[error("the note is about something else: {0}")]
    OtherOrigin(&'static str),
    #[error("none of the known keys has signed the note")]
    UnknownKey,
    #[error("the signature does not fit the text: one of them was altered")]
    BadSignature,
}

impl SigningKey {
    /// A new key as PKCS#8, to be kept in the keyring.
    pub fn generate_pkcs8(random: &Random) -> Secret {
        let seed = Secret::generate::<32>(random);
        Secret::new([&PKCS8_PREFIX[..], seed.bytes()].concat())
    }

    /// None when the bytes are not an Ed25519 key in PKCS#8.
    pub fn from_pkcs8(pkcs8: &Secret) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8.bytes()).ok().map(Self)
    }

    pub fn verifying_key(&self) -> VerifyingKey {
        let key = self.0.public_key().as_ref();
        VerifyingKey(key.try_into().expect("an Ed25519 public key has 32 bytes"))
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).as_ref().try_into().expect("an Ed25519 signature has 64 bytes")
    }

    /// A signed note: the text, an empty line and the signature line. The text
    /// ends with a line feed; it is added when missing.
    pub fn sign_note(&self, name: &str, text: &str) -> String {
        let text = if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
        let id = self.verifying_key().note_id(name);
        let signature = [&id[..], &self.sign(text.as_bytes())].concat();
        format!("{text}\n{DASH}{name} {}\n", BASE64_STANDARD.encode(signature))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey([redacted] of {:?})", self.verifying_key())
    }
}

impl VerifyingKey {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }

    /// `-----BEGIN PUBLIC KEY-----`, as openssl reads it.
    pub fn to_pem(&self) -> String {
        let base64 = BASE64_STANDARD.encode([&SPKI_PREFIX[..], &self.0].concat());
        format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n")
    }

    /// None when this is not an Ed25519 public key in PEM.
    pub fn from_pem(pem: &str) -> Option<Self> {
        let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = BASE64_STANDARD.decode(base64.trim()).ok()?;
        let key = der.strip_prefix(&SPKI_PREFIX)?;
        key.try_into().ok().map(Self)
    }

    /// The key as one line of text that names it: `name+hash+base64`.
    pub fn to_vkey(&self, name: &str) -> String {
        let key = [&[NOTE_ED25519][..], &self.0].concat();
        format!("{name}+{}+{}", hash::hex(&self.note_id(name)), BASE64_STANDARD.encode(key))
    }

    /// The name and the key of a line made by [`VerifyingKey::to_vkey`]; None
    /// when it is no such line or its hash does not fit.
    pub fn from_vkey(vkey: &str) -> Option<(String, Self)> {
        let mut parts = vkey.trim().splitn(3, '+');
        let (name, id, key) = (parts.next()?, parts.next()?, parts.next()?);
        let key = BASE64_STANDARD.decode(key).ok()?;
        let key = Self(key.strip_prefix(&[NOTE_ED25519])?.try_into().ok()?);
        (hash::hex(&key.note_id(name)) == id).then(|| (name.to_owned(), key))
    }

    fn note_id(&self, name: &str) -> [u8; 4] {
        let digest = hash::sha256_of(&[name.as_bytes(), b"\n", &[NOTE_ED25519], &self.0]);
        [digest[0], digest[1], digest[2], digest[3]]
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", BASE64_STANDARD.encode(self.0))
    }
}

/// The text of a note, its last line feed included, when one of the keys has
/// signed it under this name. Signatures of other names and of unknown kinds
/// are passed over, as the format asks.
pub fn open_note<'a>(
    note: &'a str,
    name: &str,
    keys: &[VerifyingKey],
) -> Result<&'a str, NoteError> {
    let split = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
    let (text, signatures) = (&note[..=split], &note[split + 2..]);
    let mut outcome = NoteError::UnknownKey;
    for line in signatures.lines() {
        let rest = line.strip_prefix(DASH).ok_or(NoteError::Malformed)?;
        let (signer, base64) = rest.split_once(' ').ok_or(NoteError::Malformed)?;
        let bytes = BASE64_STANDARD.decode(base64).map_err(|_| NoteError::Malformed)?;
        if signer != name || bytes.len() != 68 {
            continue;
        }
        for key in keys.iter().filter(|key| key.note_id(name) == bytes[..4]) {
            if key.verify(text.as_bytes(), &bytes[4..]) {
                return Ok(text);
            }
            outcome = NoteError::BadSignature;
        }
    }
    Err(outcome)
}

impl Checkpoint {
    /// The checkpoint as a signed note.
    pub fn sign(&self, key: &SigningKey) -> String {
        key.sign_note(&self.origin, &self.body())
    }

    /// Reads a checkpoint and checks its signature.
    pub fn open(note: &str, origin: &str, keys: &[VerifyingKey]) -> Result<Self, NoteError> {
        let text = open_note(note, origin, keys)?;
        let checkpoint = Self::parse(text).ok_or(NoteError::Malformed)?;
        if checkpoint.origin != origin {
            return Err(NoteError::OtherOrigin("the ledger of another clinic"));
        }
        Ok(checkpoint)
    }

    /// Reads a checkpoint without checking who signed it: three lines, of
    /// which lines that follow are extensions we do not know.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let canonical = size == "0" || !size.starts_with(['0', '+']);
        Some(Self {
            origin: (!origin.is_empty()).then(|| origin.to_owned())?,
            size: canonical.then(|| size.parse().ok()).flatten()?,
            root: BASE64_STANDARD.decode(root).ok()?.try_into().ok()?,
        })
    }

    fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64_STANDARD.encode(self.root))
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn key(seed: u64) -> SigningKey {
        SigningKey::from_pkcs8(&SigningKey::generate_pkcs8(&Random::fixed(seed))).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "aq-tis.tirkeu/audit".to_owned(), size: 42, root: [7; 32] }
    }

    #[test]
    fn openssl_accepts_our_signature_and_refuses_an_altered_text() {
        let folder = tempfile::tempdir().unwrap();
        let [pem, body, sig] = ["k.pem", "body", "sig"].map(|name| folder.path().join(name));
        std::fs::write(&pem, key(1).verifying_key().to_pem()).unwrap();
        std::fs::write(&body, "the text").unwrap();
        std::fs::write(&sig, key(1).sign(b"the text")).unwrap();
        let openssl = || {
            Command::new("openssl")
                .args(["pkeyutl", "-verify", "-pubin", "-rawin", "-inkey"])
                .arg(&pem)
                .arg("-in")
                .arg(&body)
                .arg("-sigfile")
                .arg(&sig)
                .output()
                .expect("openssl is installed by scripts/test")
                .status
                .success()
        };

        assert!(openssl());
        std::fs::write(&body, "the Text").unwrap();
        assert!(!openssl());
    }

    #[test]
    fn openssl_reads_our_private_key_as_the_same_public_key() {
        let folder = tempfile::tempdir().unwrap();
        let der = folder.path().join("key.der");
        std::fs::write(&der, SigningKey::generate_pkcs8(&Random::fixed(1)).bytes()).unwrap();
        let output = Command::new("openssl")
            .args(["pkey", "-inform", "DER", "-pubout", "-in"])
            .arg(&der)
            .output()
            .expect("openssl is installed by scripts/test");

        assert_eq!(String::from_utf8(output.stdout).unwrap(), key(1).verifying_key().to_pem());
    }

    #[test]
    fn a_checkpoint_comes_back_from_its_note() {
        let note = checkpoint().sign(&key(1));
        let keys = [key(2).verifying_key(), key(1).verifying_key()];

        assert_eq!(Checkpoint::open(&note, "aq-tis.tirkeu/audit", &keys), Ok(checkpoint()));
    }

    #[test]
    fn an_altered_foreign_or_unsigned_checkpoint_is_refused_for_its_own_reason() {
        let note = checkpoint().sign(&key(1));
        let keys = [key(1).verifying_key()];
        let open = |note: &str, keys: &[VerifyingKey]| {
            Checkpoint::open(note, "aq-tis.tirkeu/audit", keys).unwrap_err()
        };

        assert_eq!(open(&note.replace("\n42\n", "\n43\n"), &keys), NoteError::BadSignature);
        assert_eq!(open(&note, &[key(2).verifying_key()]), NoteError::UnknownKey);
        assert_eq!(open("aq-tis.tirkeu/audit\n42\n", &keys), NoteError::Malformed);
        assert_eq!(open(&note.replace("\n\n", "\n"), &keys), NoteError::Malformed);
        assert_eq!(open(&note.replace(DASH, "- "), &keys), NoteError::Malformed);
    }

    #[test]
    fn signatures_of_other_people_on_the_same_note_are_passed_over() {
        let note = checkpoint().sign(&key(1));
        let witness = format!("{note}{DASH}witness.example AAAAAAAA\n");

        let keys = [key(1).verifying_key()];
        assert!(Checkpoint::open(&witness, "aq-tis.tirkeu/audit", &keys).is_ok());
    }

    #[test]
    fn a_key_survives_its_texts() {
        let key = key(1).verifying_key();

        assert_eq!(VerifyingKey::from_pem(&key.to_pem()), Some(key));
        let vkey = key.to_vkey("aq-tis.tirkeu/audit");
        assert_eq!(VerifyingKey::from_vkey(&vkey), Some(("aq-tis.tirkeu/audit".to_owned(), key)));
        assert_eq!(VerifyingKey::from_vkey(&vkey.replace("aq-tis", "other")), None);
    }

    #[test]
    fn the_vkey_of_the_specification_is_read() {
        let vkey = "example.com/foo+530d903f+AekRyXbJcQBDAqBWxl7nOOhIZK0qXL3oJp7YqrjDkq3A";
        // The hash in the line is of another key: it must be refused.
        assert_eq!(VerifyingKey::from_vkey(vkey), None);
    }
}
