//! The evidence pack: one ZIP that proves one consent without Tirkeu.
//!
//! Whoever holds it needs `unzip`, `sha256sum` and `openssl` only; `verify.sh`
//! inside does the steps, the three readme files tell them by hand. Files are
//! plain, names are fixed, times are not stored: equal consents, equal packs.

mod container;
mod verify;

use std::fmt::Write as _;

use crate::crypto::hash;
use crate::crypto::{SigningKey, VerifyingKey};
use crate::vault::Inclusion;

pub use verify::{
    Fault, Verified, fingerprint, grouped, read_fingerprint, verify, verify_sealed_by,
};

/// What goes into a pack, but for what is made here.
#[derive(Clone, Debug)]
pub struct Contents {
    pub document_pdf: Vec<u8>,
    pub signed_pdf: Vec<u8>,
    /// Canonical JSON.
    pub evidence: String,
    /// None at level L1.
    pub signature_svg: Option<String>,
    pub inclusion: Inclusion,
    /// A signed note over the ledger of `inclusion.size` events.
    pub checkpoint: String,
    pub audit_key: VerifyingKey,
}

const README_EN: &str = include_str!("readme.en.txt");
const README_RU: &str = include_str!("readme.ru.txt");
const README_KK: &str = include_str!("readme.kk.txt");
const VERIFY_SH: &str = include_str!("verify.sh");

/// What is listed in `SHA256SUMS` of every pack.
const ALWAYS: [&str; 11] = [
    "document.pdf",
    "signed.pdf",
    "evidence.json",
    "audit-proof.txt",
    "checkpoint.txt",
    "seal.pub.pem",
    "audit.pub.pem",
    "verify.sh",
    "ПРОЧТИ.txt",
    "ОҚЫ.txt",
    "README.txt",
];

/// Makes the pack and seals it.
pub fn write(contents: &Contents, seal: &SigningKey) -> Vec<u8> {
    let files = files(contents, seal.verifying_key());
    let sums = sums(&files);
    let seal = seal.sign(sums.as_bytes());
    let mut entries: Vec<container::Entry> =
        files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    entries.extend([("SHA256SUMS", sums.as_bytes()), ("SHA256SUMS.sig", &seal[..])]);
    container::write(&entries)
}

/// As `sha256sum` writes and reads it.
fn sums(files: &[(&str, Vec<u8>)]) -> String {
    let mut sums = String::new();
    for (name, bytes) in files {
        writeln!(sums, "{}  {name}", sha256(bytes)).expect("a String takes all text");
    }
    sums
}

fn files(contents: &Contents, seal: VerifyingKey) -> Vec<(&'static str, Vec<u8>)> {
    let mut files = vec![
        ("document.pdf", contents.document_pdf.clone()),
        ("signed.pdf", contents.signed_pdf.clone()),
        ("evidence.json", contents.evidence.clone().into_bytes()),
        ("audit-proof.txt", proof(&contents.inclusion).into_bytes()),
        ("checkpoint.txt", contents.checkpoint.clone().into_bytes()),
        ("seal.pub.pem", seal.to_pem().into_bytes()),
        ("audit.pub.pem", contents.audit_key.to_pem().into_bytes()),
        ("verify.sh", VERIFY_SH.as_bytes().to_vec()),
        ("ПРОЧТИ.txt", README_RU.as_bytes().to_vec()),
        ("ОҚЫ.txt", README_KK.as_bytes().to_vec()),
        ("README.txt", README_EN.as_bytes().to_vec()),
    ];
    if let Some(svg) = &contents.signature_svg {
        files.insert(3, ("signature.svg", svg.clone().into_bytes()));
    }
    files
}

/// `audit-proof.txt`: lines of a name and a value.
fn proof(inclusion: &Inclusion) -> String {
    let Inclusion { seq, size, body, path } = inclusion;
    let path: Vec<_> = path.iter().map(|hash| format!("path {}\n", hash::hex(hash))).collect();
    format!("tirkeu-audit-proof 1\nseq {seq}\nsize {size}\n{}body {body}\n", path.concat())
}

/// Reads what [`proof`] wrote.
fn read_proof(text: &str) -> Option<Inclusion> {
    let mut lines = text.lines();
    (lines.next()? == "tirkeu-audit-proof 1").then_some(())?;
    let seq = lines.next()?.strip_prefix("seq ")?.parse().ok()?;
    let size = lines.next()?.strip_prefix("size ")?.parse().ok()?;
    let mut path = Vec::new();
    for line in lines {
        if let Some(body) = line.strip_prefix("body ") {
            return Some(Inclusion { seq, size, body: body.to_owned(), path });
        }
        path.push(hash::from_hex(line.strip_prefix("path ")?)?.try_into().ok()?);
    }
    None
}

fn sha256(bytes: &[u8]) -> String {
    hash::hex(&hash::sha256(bytes))
}

#[cfg(test)]
mod tests;
