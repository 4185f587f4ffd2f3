//! age files (c2sp.org/age), the format of everything that must still open
//! when this program is gone: the keyring, the file store and the backups.
//!
//! Recipients are X25519 only, which every implementation of age reads.

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::crypto::hash;

const PREFIX: &str = "AGE-SECRET-KEY-1";
/// Characters of an identity.
const LENGTH: usize = 74;

/// A key that opens age files.
#[derive(Clone)]
pub struct Identity(age::x25519::Identity);

/// Whom an age file is written for. Not secret.
#[derive(Clone)]
pub struct Recipient(age::x25519::Recipient);

/// Why a text is not an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    #[error("there is no key here: a key begins with AGE-SECRET-KEY-1")]
    Missing,
    #[error("the key is incomplete or mistyped: {LENGTH} letters and digits are expected")]
    Mistyped,
    #[error("there is more than one key here: give the file with one")]
    Several,
}

/// Why an age file did not open.
#[derive(Debug, thiserror::Error)]
pub enum AgeError {
    #[error("the file was not encrypted for this key")]
    WrongKey,
    #[error("this is not an age file, or its beginning is damaged")]
    NotAge,
    #[error("the file is damaged or cut off")]
    Damaged,
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Identity {
    /// A new one from the kernel's generator.
    pub fn generate() -> Self {
        Self(age::x25519::Identity::generate())
    }

    /// Reads an identity as `age-keygen` writes it, or as typed from paper:
    /// lines with `#` and all white space are passed over, case is free.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let packed: Zeroizing<String> = Zeroizing::new(
            text.lines()
                .filter(|line| !line.trim_start().starts_with('#'))
                .flat_map(str::chars)
                .filter(|c| !c.is_whitespace())
                .flat_map(char::to_uppercase)
                .collect(),
        );
        match packed.matches(PREFIX).count() {
            0 => return Err(IdentityError::Missing),
            1 => {}
            _ => return Err(IdentityError::Several),
        }
        let identity = packed.strip_prefix(PREFIX).map(|_| packed.as_str());
        let identity = identity.filter(|text| text.len() == LENGTH);
        let identity = identity.ok_or(IdentityError::Mistyped)?;
        age::x25519::Identity::from_str(identity).map(Self).map_err(|_| IdentityError::Mistyped)
    }

    /// `AGE-SECRET-KEY-1…`
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string().expose_secret().to_owned())
    }

    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity([redacted] of {})", self.recipient())
    }
}

impl Recipient {
    /// The first eight hex digits of the SHA-256 of the text, to name a key by.
    pub fn fingerprint(&self) -> String {
        hash::hex(&hash::sha256(self.to_string().as_bytes())[..4])
    }
}

impl FromStr for Recipient {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let recipient = age::x25519::Recipient::from_str(text.trim());
        recipient.map(Self).map_err(|_| IdentityError::Mistyped)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({self})")
    }
}

impl PartialEq for Recipient {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Recipient {}

/// A writer whose input comes out encrypted for every recipient. Call its
/// `finish`: without it the file is cut off and does not open.
///
/// # Panics
/// When there is no recipient: nobody could ever open the file.
pub fn encrypt_to<W: Write>(
    output: W,
    recipients: &[Recipient],
) -> io::Result<age::stream::StreamWriter<W>> {
    let recipients = recipients.iter().map(|recipient| &recipient.0 as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients)
        .expect("an age file has at least one X25519 recipient");
    encryptor.wrap_output(output)
}

/// A reader of the plain text. An error of its own while reading means that
/// the file is damaged or cut off; what was read before stays genuine.
pub fn decrypt_from<R: Read>(
    input: R,
    identities: &[Identity],
) -> Result<age::stream::StreamReader<R>, AgeError> {
    let identities = identities.iter().map(|identity| &identity.0 as &dyn age::Identity);
    Ok(age::Decryptor::new(input)?.decrypt(identities)?)
}

/// Encrypts what is small enough to be held in memory.
pub fn encrypt(plain: &[u8], recipients: &[Recipient]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(plain.len() + 1024);
    let written = encrypt_to(&mut sealed, recipients)
        .and_then(|mut writer| writer.write_all(plain).and_then(|()| writer.finish().map(drop)));
    written.expect("writing to a Vec cannot fail");
    sealed
}

/// Decrypts what is small enough to be held in memory.
pub fn decrypt(sealed: &[u8], identities: &[Identity]) -> Result<Zeroizing<Vec<u8>>, AgeError> {
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    let mut reader = decrypt_from(sealed, identities)?;
    reader.read_to_end(&mut plain).map_err(|_| AgeError::Damaged)?;
    Ok(plain)
}

impl From<age::DecryptError> for AgeError {
    fn from(error: age::DecryptError) -> Self {
        use age::DecryptError as E;
        match error {
            E::NoMatchingKeys | E::ExcessiveWork { .. } => Self::WrongKey,
            E::InvalidMac | E::DecryptionFailed | E::KeyDecryptionFailed => Self::Damaged,
            E::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => Self::Io(error),
            _ => Self::NotAge,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipient_opens_the_file_and_nobody_else() {
        let (one, other, stranger) =
            (Identity::generate(), Identity::generate(), Identity::generate());
        let sealed = encrypt("тіркеу".as_bytes(), &[one.recipient(), other.recipient()]);

        assert_eq!(&**decrypt(&sealed, &[one]).unwrap(), "тіркеу".as_bytes());
        assert_eq!(&**decrypt(&sealed, &[other]).unwrap(), "тіркеу".as_bytes());
        assert!(matches!(decrypt(&sealed, &[stranger]), Err(AgeError::WrongKey)));
    }

    #[test]
    fn damage_and_cutting_off_are_told_from_a_wrong_key() {
        let identity = Identity::generate();
        let sealed = encrypt(&[7; 1000], &[identity.recipient()]);
        let keys = [identity];
        let mut flipped = sealed.clone();
        let last = flipped.len() - 1;
        flipped[last] ^= 1;

        assert!(matches!(decrypt(&flipped, &keys), Err(AgeError::Damaged)));
        assert!(matches!(decrypt(&sealed[..last], &keys), Err(AgeError::Damaged)));
        assert!(matches!(decrypt(&sealed[..30], &keys), Err(AgeError::NotAge)));
        assert!(matches!(decrypt(b"PK\x03\x04", &keys), Err(AgeError::NotAge)));
        assert!(matches!(decrypt(b"", &keys), Err(AgeError::NotAge)));
    }

    #[test]
    fn a_key_is_read_from_a_file_and_from_paper() {
        let identity = Identity::generate();
        let text = identity.to_text();
        let file = format!("# created: today\n# public key: {}\n{}\n", identity.recipient(), *text);
        let paper: String = text.to_lowercase().chars().flat_map(|c| [c, ' ']).collect();

        assert_eq!(Identity::parse(&file).unwrap().recipient(), identity.recipient());
        assert_eq!(Identity::parse(&paper).unwrap().recipient(), identity.recipient());
    }

    #[test]
    fn a_text_that_is_no_key_says_why() {
        let text = Identity::generate().to_text();

        assert_eq!(Identity::parse("hello").unwrap_err(), IdentityError::Missing);
        assert_eq!(Identity::parse(&text[..70]).unwrap_err(), IdentityError::Mistyped);
        let other = if text.as_bytes()[30] == b'Q' { "P" } else { "Q" };
        let swapped = format!("{}{other}{}", &text[..30], &text[31..]);
        assert_eq!(Identity::parse(&swapped).unwrap_err(), IdentityError::Mistyped);
        let twice = format!("{}\n{}", *text, *text);
        assert_eq!(Identity::parse(&twice).unwrap_err(), IdentityError::Several);
    }

    #[test]
    fn debug_shows_the_recipient_and_never_the_key() {
        let identity = Identity::generate();

        assert!(!format!("{identity:?}").contains("SECRET"));
        assert!(format!("{identity:?}").contains(&identity.recipient().to_string()));
    }
}
