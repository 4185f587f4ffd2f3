//! The recovery kit: the keyring's way in that lies in a safe.

use zeroize::Zeroizing;

use crate::crypto::ages::{Identity, Recipient};
use crate::crypto::{hash, qr};

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
