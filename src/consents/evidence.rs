//! The evidence record: who said yes to what, when, how, and before whom.
//!
//! It is canonical JSON; its hash stands in the ledger's entry about the
//! sealing, so that the record cannot be rewritten without the ledger. It
//! holds no full phone and no full IIN: the last digits are enough to compare.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::consents::model::{ConsentId, IdentityDocument, Language, Level};
use crate::ids::{PatientId, StaffId, TabletId};

/// `evidence.json`. Instants are RFC 3339 in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The version of this format: 1.
    pub format: u8,
    pub consent: ConsentId,
    pub number: String,
    pub level: Level,
    pub template: crate::consents::document::TemplateRef,
    pub document: DocumentEvidence,
    /// Who asked and sealed, in its own words: only the key proves it. None in
    /// packs of before it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clinic: Option<ClinicEvidence>,
    pub patient: PatientEvidence,
    /// Who signed: the patient; a representative signs on paper.
    pub signer: String,
    /// None at level L1 when nobody looked.
    pub identity_check: Option<IdentityCheck>,
    pub display: Display,
    /// Each box and whether the patient ticked it.
    pub checks: BTreeMap<String, bool>,
    /// SHA-256 of `signature.svg`, hex; None without a drawing.
    pub signature: Option<String>,
    pub code: CodeEvidence,
    pub tablet: TabletEvidence,
    /// The member of staff who gave the document out.
    pub prepared_by: StaffEvidence,
    pub signed_at: String,
    /// The law the document names.
    pub legal_basis: String,
    /// SHA-256 of the public key of the seal, hex (DER).
    pub seal_key: String,
    /// The program and its version.
    pub software: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentEvidence {
    /// Of `document.pdf`, hex: what the code was bound to.
    pub sha256: String,
    /// Of the data inside it, hex.
    pub model_sha256: String,
    pub bytes: u64,
    pub pages: u64,
    pub language: Language,
    /// `A1B2-C3D4`, as the SMS named it.
    pub short_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClinicEvidence {
    pub name: String,
    /// Empty when the clinic had not given it.
    pub bin: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientEvidence {
    pub id: PatientId,
    pub name: String,
    /// The last four digits, or empty.
    pub iin_last4: String,
}

/// What a member of staff did to know who signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityCheck {
    pub document: IdentityDocument,
    /// The last four characters of its number, or empty.
    pub last4: String,
    pub face_matches: bool,
    pub by: StaffEvidence,
    pub at: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffEvidence {
    pub id: StaffId,
    pub name: String,
}

/// How the document was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Display {
    pub shown_at: String,
    /// SHA-256 of the page as it was sent to the tablet, hex.
    pub html_sha256: String,
    pub scrolled_to_end: bool,
    /// From showing to accepting, in milliseconds.
    pub read_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeEvidence {
    /// `+7 (701) ***-**-78`
    pub phone: String,
    /// Keyed digest of the whole number, hex, to compare with if it is known.
    pub phone_index: String,
    /// The message in the clinic's outbox, which knows the operator's id.
    pub message: String,
    pub sent_at: String,
    pub verified_at: String,
    pub wrong_tries: u8,
    pub codes_sent: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabletEvidence {
    pub id: TabletId,
    pub name: String,
    pub user_agent: String,
    pub ip: String,
}

impl Evidence {
    /// Canonical JSON (RFC 8785).
    pub fn canonical(&self) -> String {
        serde_json_canonicalizer::to_string(self).expect("strings, lists and small numbers only")
    }
}

/// An instant as evidence states it.
pub fn instant(at: Timestamp) -> String {
    at.rfc3339()
}
