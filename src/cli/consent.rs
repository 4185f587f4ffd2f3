//! `tirkeu consent verify`: checks an evidence pack, without any clinic's data.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::error::Refusal;
use crate::cli::{CliError, Common};
use crate::consents::pack::{self, Fault, Verified};
use crate::crypto::VerifyingKey;

/// Exit status: something in the pack is not as it was sealed.
const ALTERED: u8 = 1;
/// Exit status: genuine in itself, but sealed with another key.
const OTHER_KEY: u8 = 2;
/// Exit status: it could not be read.
const UNREADABLE: u8 = 4;

/// The largest file that is read.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Evidence packs of consents.
#[derive(clap::Subcommand)]
pub enum Consent {
    /// Check that a pack is whole, sealed, and says what the clinic's log says.
    /// Ends with 0 when all is genuine, 1 when something was altered (and names
    /// it), 2 when another key than the given one sealed it, 4 when it cannot
    /// be read.
    Verify {
        /// The pack: a ZIP file.
        pack: PathBuf,
        /// The clinic's seal, as published: a public key in PEM.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Or its fingerprint, from the clinic's page or order about the seal:
        /// 64 hex digits, blanks and colons between them do no harm.
        #[arg(long, value_name = "HEX", conflicts_with = "key")]
        fingerprint: Option<String>,
    },
}

impl Consent {
    pub fn run(&self, common: &Common) -> Result<(), CliError> {
        let Self::Verify { pack, key, fingerprint } = self;
        let size = std::fs::metadata(pack).map_err(unreadable)?.len();
        if size > LARGEST {
            return Err(unreadable("the file is too large to be a consent pack"));
        }
        let zip = std::fs::read(pack).map_err(unreadable)?;
        let expected = match (key, fingerprint) {
            (Some(path), _) => Some(fingerprint_of(path)?),
            (None, Some(typed)) => Some(
                pack::read_fingerprint(typed)
                    .ok_or_else(|| unreadable("a fingerprint is 64 hex digits"))?,
            ),
            (None, None) => None,
        };
        let found = pack::verify_sealed_by(&zip, expected.as_deref());
        let words = in_words(&found, expected.is_some());
        let status = status(&found.faults);
        let known = object(&found, expected.is_some());
        if status == 0 {
            common.tell(&known, &words);
            return Ok(());
        }
        common.tell_programs(&known);
        Err(CliError::Told { said: words, status })
    }
}

fn fingerprint_of(path: &Path) -> Result<String, CliError> {
    let pem = std::fs::read_to_string(path).map_err(unreadable)?;
    let key = VerifyingKey::from_pem(&pem);
    let key = key.ok_or_else(|| unreadable("the key is not an Ed25519 public key"))?;
    Ok(pack::fingerprint(&key))
}

fn status(faults: &[Fault]) -> u8 {
    match faults {
        [] => 0,
        [Fault::OtherKey] => OTHER_KEY,
        faults if faults.contains(&Fault::Unreadable) => UNREADABLE,
        _ => ALTERED,
    }
}

/// What programs get. The person's name stays in the pack. `tied` is whether
/// the seal was compared with a key that the caller knew.
fn object(found: &Verified, tied: bool) -> serde_json::Value {
    let evidence = found.evidence.as_ref().filter(|_| found.faults.is_empty());
    let said: Vec<String> = found.faults.iter().map(ToString::to_string).collect();
    json!({
        "valid": found.faults.is_empty(),
        "faults": found.faults,
        "said": said,
        "seal_key": found.seal_key,
        "tied": tied && found.faults.is_empty(),
        "clinic": evidence.and_then(|evidence| evidence.clinic.as_ref()),
        "consent": evidence.map(|evidence| json!({
            "number": evidence.number,
            "level": evidence.level,
            "document_sha256": evidence.document.sha256,
            "signed_at": evidence.signed_at,
        })),
    })
}

fn in_words(found: &Verified, key_given: bool) -> String {
    if !found.faults.is_empty() {
        let said: Vec<String> = found.faults.iter().map(ToString::to_string).collect();
        return format!("NOT VALID: {}.", said.join("; "));
    }
    let Some(evidence) = &found.evidence else { return String::new() };
    let key = found.seal_key.as_deref().map(pack::grouped).unwrap_or_default();
    let clinic = evidence.clinic.as_ref().map(|clinic| {
        let bin = if clinic.bin.is_empty() { "not given" } else { &clinic.bin };
        format!("Clinic, as the pack says: {}, BIN {bin}\n", clinic.name)
    });
    let tied = if key_given {
        "The seal is of the key that you gave: the pack is this clinic's."
    } else {
        "NOT TIED to a clinic yet: anybody can make a key. Compare the fingerprint with the one\n\
         on the clinic's page or order about its seal, or give --fingerprint HEX or --key FILE."
    };
    format!(
        "OK: consent {}, confirmed at {}, is unchanged and sealed.\n{}\
         Fingerprint of the seal's key (SHA-256): {key}\n{tied}",
        evidence.number,
        evidence.signed_at,
        clinic.unwrap_or_default(),
    )
}

fn unreadable(error: impl std::fmt::Display) -> CliError {
    Refusal::new("unreadable", error, UNREADABLE).into()
}
