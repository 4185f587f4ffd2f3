//! A checkpoint on paper and in a letter: a hash and nobody's data.

use serde::Serialize;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::crypto::hash::{hex, sha256};
use crate::crypto::{Checkpoint, VerifyingKey, qr};
use crate::i18n::Language;
use crate::pages::View;
use crate::vault::permission::VerifyLog;
use crate::vault::{Grant, Sealed};

/// A day-close sheet for the printer.
#[derive(Debug, Serialize)]
pub struct SheetPage {
    clinic: String,
    size: u64,
    made_at: Timestamp,
    root: String,
    note: String,
    qr: Option<String>,
    fingerprint: String,
    who: String,
}

impl SheetPage {
    pub(super) fn of(clinic: &Clinic, grant: &Grant<VerifyLog>, sealed: &Sealed) -> Self {
        let root = Checkpoint::parse(&sealed.note).map(|checkpoint| hex(&checkpoint.root));
        let who = grant.actor().person().map(|person| person.name.clone());
        Self {
            clinic: clinic.profile.get().name.clone(),
            size: sealed.size,
            made_at: sealed.made_at,
            root: grouped(&root.unwrap_or_default()),
            note: sealed.note.clone(),
            qr: qr::svg(&sealed.note),
            fingerprint: fingerprint(&clinic.keys.get().audit_key().verifying_key()),
            who: who.unwrap_or_default(),
        }
    }
}

/// The letter as a file that a mail program opens as a draft (RFC 5322): who
/// gets it, the sender knows. It holds a hash and nobody's data.
pub(super) fn letter(clinic: &Clinic, language: Language, sealed: &Sealed) -> String {
    let words = clinic.pages.words();
    let say = |key: &str| words.plain(language, key);
    let name = clinic.profile.get().name.clone();
    let subject = format!("{} {} · {}", say("ledger-letter-subject"), sealed.size, name);
    let body = format!("{}\n\n{}", say("ledger-letter-text"), sealed.note);
    let encoded = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    let lines: Vec<String> = encoded(&body)
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    // One encoded word holds 75 characters (RFC 2047): 42 bytes of text.
    let mut words = vec![String::new()];
    for letter in subject.chars() {
        if words.last().is_some_and(|word| word.len() + letter.len_utf8() > 42) {
            words.push(String::new());
        }
        words.last_mut().expect("never empty").push(letter);
    }
    let subject: Vec<String> =
        words.iter().map(|word| format!("=?UTF-8?B?{}?=", encoded(word))).collect();
    format!(
        "X-Unsent: 1\r\nTo: \r\nSubject: {}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        subject.join("\r\n "),
        lines.join("\r\n"),
    )
}

/// The same for the clinic's own mail server: subject and text. The note goes
/// with it as a file too, byte for byte.
pub(super) fn mail(clinic: &Clinic, language: Language, sealed: &Sealed) -> (String, String) {
    let words = clinic.pages.words();
    let key = fingerprint(&clinic.keys.get().audit_key().verifying_key());
    let about = [
        ("clinic", clinic.profile.get().name.clone().into()),
        ("size", i64::try_from(sealed.size).unwrap_or(i64::MAX).into()),
        ("fingerprint", key.into()),
    ];
    let text = words.with(language, "ledger-mail-text", &about);
    (words.with(language, "ledger-mail-subject", &about), format!("{text}\n\n{}", sealed.note))
}

/// SHA-256 of the key in the form openssl prints, to be compared by eye.
fn fingerprint(key: &VerifyingKey) -> String {
    let pem = key.to_pem();
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = data_encoding::BASE64.decode(base64.as_bytes()).expect("just encoded");
    grouped(&hex(&sha256(&der)))
}

fn grouped(hex: &str) -> String {
    let groups = hex.as_bytes().chunks(8).map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(" ")
}

impl View for SheetPage {
    const TEMPLATE: &'static str = "audit/sheet.html";

    fn samples() -> Vec<Self> {
        vec![Self {
            clinic: "Арай Дент".to_owned(),
            size: 5,
            made_at: Timestamp::from_unix_ms(1_795_402_800_000),
            root: "9f3c 0000".to_owned(),
            note: "x.tirkeu/audit\n5\nAAAA\n\n\u{2014} x BBBB\n".to_owned(),
            qr: qr::svg("x"),
            fingerprint: "00".to_owned(),
            who: "Aigul Bekova".to_owned(),
        }]
    }
}
