//! `tirkeu consent verify`: checks an evidence pack, without any clinic's data.

use std::path::PathBuf;

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
    },
}

impl Consent {
    pub fn run(&self, common: &Common) -> Result<(), CliError> {
        let Self::Verify { pack, key } = self;
        let size = std::fs::metadata(pack).map_err(unreadable)?.len();
        if size > LARGEST {
            return Err(unreadable("the file is too large to be a consent pack"));
        }
        let zip = std::fs::read(pack).map_err(unreadable)?;
        let key = match key {
            None => None,
            Some(path) => {
                let pem = std::fs::read_to_string(path).map_err(unreadable)?;
                let key = VerifyingKey::from_pem(&pem);
                Some(key.ok_or_else(|| unreadable("the key is not an Ed25519 public key"))?)
            }
        };
        let found = pack::verify(&zip, key.as_ref());
        let words = in_words(&found, key.is_some());
        let status = status(&found.faults);
        if status == 0 {
            common.tell(&object(&found), &words);
            return Ok(());
        }
        common.tell_programs(&object(&found));
        Err(CliError::Told { said: words, status })
    }
}

fn status(faults: &[Fault]) -> u8 {
    match faults {
        [] => 0,
        [Fault::OtherKey] => OTHER_KEY,
        faults if faults.contains(&Fault::Unreadable) => UNREADABLE,
        _ => ALTERED,
    }
}

/// What programs get. The person's name stays in the pack.
fn object(found: &Verified) -> serde_json::Value {
    let evidence = found.evidence.as_ref().filter(|_| found.faults.is_empty());
    let said: Vec<String> = found.faults.iter().map(ToString::to_string).collect();
    json!({
        "valid": found.faults.is_empty(),
        "faults": found.faults,
        "said": said,
        "seal_key": found.seal_key,
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
    let number = found.evidence.as_ref().map(|e| e.number.as_str()).unwrap_or_default();
    let signed_at = found.evidence.as_ref().map(|e| e.signed_at.as_str()).unwrap_or_default();
    let key = found.seal_key.as_deref().unwrap_or_default();
    let compare = if key_given {
        "It is the key that you gave."
    } else {
        "Compare it with the fingerprint that the clinic has published, or give --key."
    };
    format!(
        "OK: consent {number}, confirmed at {signed_at}, is unchanged and sealed.\n\
         Fingerprint of the seal's key: {key}\n{compare}"
    )
}

fn unreadable(error: impl std::fmt::Display) -> CliError {
    Refusal::new("unreadable", error, UNREADABLE).into()
}
