//! The sheet with the key, as the page carries it.

use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::crypto::RecoveryKit;
use crate::web::{FieldErrors, Problem};

use super::RecoveryError;

/// What `recovery/sheet.html` shows: the sheet for the printer, and the form
/// that proves it was printed. Not `Debug` in words: it holds the key.
#[derive(Serialize)]
pub struct Sheet {
    clinic: String,
    /// The key in groups of five.
    groups: String,
    /// An `<svg>` of our own making.
    qr: String,
    /// The key once more, for the way back.
    sealed: String,
    fingerprint: String,
    made_at: Timestamp,
    /// As typed when it was refused.
    ending: String,
    errors: FieldErrors,
}

/// What comes back from the page.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    pub sealed: String,
    /// The last eight characters, from the sheet.
    #[serde(default)]
    pub ending: String,
}

impl Sheet {
    pub(super) fn of(kit: &RecoveryKit, sealed: String, clinic: &Clinic) -> Self {
        Self::made(kit, sealed, clinic.profile.get().name.clone(), clinic.clock().now())
    }

    fn made(kit: &RecoveryKit, sealed: String, clinic: String, made_at: Timestamp) -> Self {
        Self {
            clinic,
            groups: kit.groups().to_string(),
            qr: kit.qr_svg(),
            sealed,
            fingerprint: kit.recipient().fingerprint(),
            made_at,
            ending: String::new(),
            errors: FieldErrors::new(),
        }
    }

    #[must_use]
    pub(super) fn refusing(mut self, ending: &str) -> Self {
        ending.clone_into(&mut self.ending);
        self.errors.insert("ending", "recovery-mistyped".to_owned());
        self
    }

    /// For the samples of the pages that show it: fresh, and refused.
    pub fn samples() -> [Self; 2] {
        let at = Timestamp::from_unix_ms(1_790_000_000_000);
        let made = || Self::made(&RecoveryKit::generate(), "x".into(), "Arai Dent".into(), at);
        [made(), made().refusing("ABC")]
    }
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

impl From<RecoveryError> for Problem {
    fn from(error: RecoveryError) -> Self {
        match error {
            RecoveryError::Lost => Self::Invalid("recovery-lost"),
            RecoveryError::Mistyped(_) => Self::Invalid("recovery-mistyped"),
            RecoveryError::Vault(cause) => cause.into(),
            RecoveryError::Keyring(_) => Self::Internal(Box::new(error)),
        }
    }
}
