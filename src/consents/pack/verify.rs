//! Checking a pack, as `verify.sh` does, and a little more sternly.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use serde::Serialize;
use zip::ZipArchive;

use crate::consents::evidence::Evidence;
use crate::consents::pack::{ALWAYS, container, read_proof, sha256};
use crate::crypto::{Checkpoint, VerifyingKey};

/// More than any consent takes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What a check found.
#[derive(Debug, Serialize)]
pub struct Verified {
    /// SHA-256 of the seal's public key, hex; None when there is none.
    pub seal_key: Option<String>,
    /// What the pack says, to be believed only without faults.
    pub evidence: Option<Evidence>,
    /// Empty when the pack is genuine.
    pub faults: Vec<Fault>,
}

/// Something wrong, with the file it is wrong in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    #[error("this is not a consent pack")]
    Unreadable,
    /// Its files may be whole: `verify.sh` checks those.
    #[error("the archive is not as the clinic made it")]
    Container,
    #[error("{file} is missing")]
    Missing { file: String },
    #[error("{file} is altered")]
    Altered { file: String },
    #[error("{file} does not belong to this pack")]
    Foreign { file: String },
    #[error("the seal does not fit: SHA256SUMS, SHA256SUMS.sig or seal.pub.pem is altered")]
    Seal,
    #[error("the pack is sealed with another key than this clinic's")]
    OtherKey,
    #[error("evidence.json is about another document")]
    OtherDocument,
    #[error("audit-proof.txt is about other evidence")]
    OtherEvidence,
    #[error("audit-proof.txt does not lead to the root in checkpoint.txt")]
    Proof,
    #[error("checkpoint.txt is not signed by audit.pub.pem")]
    Checkpoint,
}

/// Checks a pack; `expected` is the clinic's own key, where it is known.
pub fn verify(zip: &[u8], expected: Option<&VerifyingKey>) -> Verified {
    verify_sealed_by(zip, expected.map(fingerprint).as_deref())
}

/// Checks a pack; `expected` is the [`fingerprint`] of the clinic's key, where
/// it is known. Without it a genuine pack is genuine of whoever sealed it.
pub fn verify_sealed_by(zip: &[u8], expected: Option<&str>) -> Verified {
    let Some((names, files)) = read(zip) else {
        return Verified { seal_key: None, evidence: None, faults: vec![Fault::Unreadable] };
    };
    let entries: Vec<_> =
        names.iter().map(|name| (name.as_str(), files[name].as_slice())).collect();
    let same = container::write(&entries) == zip;
    let pack = Pack { files };
    let seal = pack.text("seal.pub.pem").and_then(VerifyingKey::from_pem);
    let mut faults = pack.sums();
    match seal {
        Some(key) if pack.is_sealed_by(&key) => {
            if expected.is_some_and(|expected| *expected != fingerprint(&key)) {
                faults.push(Fault::OtherKey);
            }
        }
        _ => faults.push(Fault::Seal),
    }
    let evidence = pack.text("evidence.json").and_then(|text| serde_json::from_str(text).ok());
    faults.extend(pack.content(evidence.as_ref()));
    if !same {
        faults.push(Fault::Container);
    }
    Verified { seal_key: seal.map(|key| fingerprint(&key)), evidence, faults }
}

/// SHA-256 of the public key in DER, hex: what `verify.sh` prints.
pub fn fingerprint(key: &VerifyingKey) -> String {
    let pem = key.to_pem();
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = data_encoding::BASE64.decode(base64.as_bytes()).expect("just encoded");
    sha256(&der)
}

/// A fingerprint in groups of eight, to be read out and compared.
pub fn grouped(fingerprint: &str) -> String {
    let groups = fingerprint.as_bytes().chunks(8).map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(" ")
}

/// A fingerprint as somebody typed it: hex in any case, with blanks, colons or
/// dashes. None when it is not 64 digits.
pub fn read_fingerprint(typed: &str) -> Option<String> {
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, ':' | '-');
    let hex: String = typed.chars().filter(kept).map(|c| c.to_ascii_lowercase()).collect();
    (hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hex)
}

/// The names in their order, and what each file holds.
type Contents = (Vec<String>, BTreeMap<String, Vec<u8>>);

/// The files' names in their order, and the files.
fn read(zip: &[u8]) -> Option<Contents> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).ok()?;
    let (mut names, mut files) = (Vec::new(), BTreeMap::new());
    let mut left = LARGEST;
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).ok()?;
        let name = file.name().ok()?.into_owned();
        let mut bytes = Vec::new();
        // A file that does not unpack is altered; its hash will say so.
        let whole = file.by_ref().take(left).read_to_end(&mut bytes).is_ok();
        left = left.checked_sub(bytes.len() as u64).filter(|left| *left > 0)?;
        names.push(name.clone());
        files.insert(name, if whole { bytes } else { Vec::new() });
    }
    Some((names, files))
}

struct Pack {
    files: BTreeMap<String, Vec<u8>>,
}

impl Pack {
    fn bytes(&self, name: &str) -> &[u8] {
        self.files.get(name).map_or(&[], Vec::as_slice)
    }

    fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.files.get(name)?).ok()
    }

    /// Every file is listed and is as listed; nothing else is there.
    fn sums(&self) -> Vec<Fault> {
        let listed: BTreeMap<&str, &str> = self
            .text("SHA256SUMS")
            .unwrap_or_default()
            .lines()
            .filter_map(|line| line.split_once("  "))
            .map(|(sum, name)| (name, sum))
            .collect();
        let mut faults = Vec::new();
        let file = |name: &str| name.to_owned();
        for name in ALWAYS.into_iter().chain(["SHA256SUMS", "SHA256SUMS.sig"]) {
            let expected = listed.contains_key(name) || name.starts_with("SHA256SUMS");
            if !expected && self.files.contains_key(name) {
                faults.push(Fault::Foreign { file: file(name) });
            } else if !self.files.contains_key(name) {
                faults.push(Fault::Missing { file: file(name) });
            }
        }
        for (name, sum) in &listed {
            match self.files.get(*name) {
                Some(bytes) if sha256(bytes) == *sum => {}
                Some(_) => faults.push(Fault::Altered { file: file(name) }),
                None if ALWAYS.contains(name) => {}
                None => faults.push(Fault::Missing { file: file(name) }),
            }
        }
        for name in self.files.keys() {
            let known = listed.contains_key(name.as_str()) || name.starts_with("SHA256SUMS");
            if !known && !ALWAYS.contains(&name.as_str()) {
                faults.push(Fault::Foreign { file: file(name) });
            }
        }
        faults
    }

    fn is_sealed_by(&self, key: &VerifyingKey) -> bool {
        key.verify(self.bytes("SHA256SUMS"), self.bytes("SHA256SUMS.sig"))
    }

    /// Evidence about this document, an entry about this evidence, a root over
    /// this entry, a signature on this root.
    fn content(&self, evidence: Option<&Evidence>) -> Vec<Fault> {
        let mut faults = Vec::new();
        let document = sha256(self.bytes("document.pdf"));
        let signature = self.files.get("signature.svg").map(|svg| sha256(svg));
        if !evidence.is_some_and(|e| e.document.sha256 == document && e.signature == signature) {
            faults.push(Fault::OtherDocument);
        }
        let Some(proof) = self.text("audit-proof.txt").and_then(read_proof) else {
            faults.push(Fault::Proof);
            return faults;
        };
        let body: serde_json::Value = serde_json::from_str(&proof.body).unwrap_or_default();
        let about = body.pointer("/detail/evidence").and_then(serde_json::Value::as_str);
        if about != Some(sha256(self.bytes("evidence.json")).as_str()) {
            faults.push(Fault::OtherEvidence);
        }
        let note = self.text("checkpoint.txt").unwrap_or_default();
        let key = self.text("audit.pub.pem").and_then(VerifyingKey::from_pem);
        let origin = note.lines().next().unwrap_or_default();
        match key.and_then(|key| Checkpoint::open(note, origin, &[key]).ok()) {
            None => faults.push(Fault::Checkpoint),
            Some(checkpoint) => {
                if checkpoint.size != proof.size || proof.root() != Some(checkpoint.root) {
                    faults.push(Fault::Proof);
                }
            }
        }
        faults
    }
}
