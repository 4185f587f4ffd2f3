//! Packs, as a court's expert checks them: with `verify.sh` and without us.

use std::path::Path;
use std::process::Command;

use super::*;
use crate::clock::Timestamp;
use crate::consents::document::short_id;
use crate::consents::document::tests::{NOW, document};
use crate::consents::evidence::*;
use crate::consents::model::{IdentityDocument, Language};
use crate::consents::signature::Signature;
use crate::consents::signature::tests::STROKES;
use crate::crypto::{Checkpoint, Random};
use crate::ids::{StaffId, TabletId};
use crate::vault::{Frontier, leaf};

fn key(seed: u64) -> SigningKey {
    SigningKey::from_pkcs8(&SigningKey::generate_pkcs8(&Random::fixed(seed))).unwrap()
}

fn contents(others: u8) -> Contents {
    let now = Timestamp::from_unix_ms(NOW);
    let document = document("dental-treatment", Language::Kazakh);
    let printed = document.print().unwrap();
    let digest = hash::sha256(&printed.bytes);
    let svg = Signature::from_strokes(STROKES).unwrap().to_svg();
    let staff =
        StaffEvidence { id: StaffId::new(now), name: "Оспанова Б. К.".to_owned() };
    let evidence = Evidence {
        format: 1,
        consent: document.consent,
        number: document.number.clone(),
        level: document.level,
        template: document.template.clone(),
        document: DocumentEvidence {
            sha256: hash::hex(&digest),
            model_sha256: sha256(document.canonical().as_bytes()),
            bytes: printed.bytes.len() as u64,
            pages: printed.pages as u64,
            language: document.language,
            short_id: short_id(&digest),
        },
        clinic: Some(ClinicEvidence {
            name: document.clinic.name.clone(),
            bin: document.clinic.bin.clone(),
        }),
        patient: PatientEvidence {
            id: document.patient.id,
            name: document.patient.name.clone(),
            iin_last4: "0123".to_owned(),
        },
        signer: "self".to_owned(),
        identity_check: Some(IdentityCheck {
            document: IdentityDocument::IdCard,
            last4: "4411".to_owned(),
            face_matches: true,
            by: staff.clone(),
            at: instant(now),
        }),
        display: Display {
            shown_at: instant(now),
            html_sha256: "00".repeat(32),
            scrolled_to_end: true,
            read_ms: 132_000,
        },
        checks: document.checks().map(|(key, ..)| (key.to_owned(), true)).collect(),
        signature: Some(sha256(svg.as_bytes())),
        code: CodeEvidence {
            phone: "+7 (701) ***-**-78".to_owned(),
            phone_index: "ab".repeat(32),
            message: "m".to_owned(),
            sent_at: instant(now),
            verified_at: instant(now),
            wrong_tries: 0,
            codes_sent: 1,
        },
        tablet: TabletEvidence {
            id: TabletId::new(now),
            name: "Регистратура-2".to_owned(),
            user_agent: "Chrome".to_owned(),
            ip: "10.0.0.7".to_owned(),
        },
        prepared_by: staff,
        signed_at: instant(now),
        legal_basis: document.basis.clone(),
        seal_key: fingerprint(&key(1).verifying_key()),
        software: "tirkeu test".to_owned(),
    }
    .canonical();
    let body = format!(
        r#"{{"act":"consent.signed","detail":{{"evidence":"{}"}}}}"#,
        sha256(evidence.as_bytes())
    );
    // The entry, and `others` entries after it.
    let mut frontier = Frontier::default();
    frontier.push(leaf(body.as_bytes()));
    let mut path = Vec::new();
    for other in 0..others {
        frontier.push(leaf(&[other]));
    }
    if others > 0 {
        // With one entry after it, its hash is the whole way.
        path.push(leaf(&[0]));
    }
    let size = frontier.size();
    let origin = "aray.tirkeu/audit".to_owned();
    let checkpoint = Checkpoint { origin, size, root: frontier.root() }.sign(&key(2));
    Contents {
        document_pdf: printed.bytes.clone(),
        signed_pdf: printed.bytes,
        evidence,
        signature_svg: Some(svg),
        inclusion: Inclusion { seq: 0, size, body, path },
        checkpoint,
        audit_key: key(2).verifying_key(),
    }
}

fn unpack(zip: &[u8], folder: &Path) {
    std::fs::write(folder.join("pack.zip"), zip).unwrap();
    let status = Command::new("unzip").args(["-q", "pack.zip"]).current_dir(folder).status();
    assert!(status.expect("apt install unzip").success());
    std::fs::remove_file(folder.join("pack.zip")).unwrap();
}

/// Exit status and words of `verify.sh`.
fn run_verify_sh(folder: &Path) -> (i32, String) {
    let output = Command::new("sh").arg("verify.sh").current_dir(folder).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_pack_is_genuine_for_us_and_for_public_tools() {
    for others in [0, 1] {
        let zip = write(&contents(others), &key(1));
        let verified = verify(&zip, Some(&key(1).verifying_key()));
        assert_eq!(verified.faults, [], "{others}");

        let folder = tempfile::tempdir().unwrap();
        unpack(&zip, folder.path());
        let (code, words) = run_verify_sh(folder.path());
        assert_eq!(code, 0, "{words}");
        assert!(words.starts_with("OK"), "{words}");
        assert!(words.contains(&verified.seal_key.unwrap()), "{words}");
    }
}

/// The blocks of commands in a readme: indented lines that begin with one.
fn commands(readme: &str) -> Vec<String> {
    let begins = |block: &&str| {
        ["  mkdir", "  sha256sum", "  openssl"].iter().any(|command| block.starts_with(command))
    };
    readme.split("\n\n").filter(begins).map(str::to_owned).collect()
}

/// A folder with these programs and no others.
fn only(programs: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for program in programs {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|place| place.join(program))
            .find(|path| path.exists())
            .unwrap_or_else(|| panic!("no {program} on this machine"));
        std::os::unix::fs::symlink(found, folder.path().join(program)).unwrap();
    }
    folder
}

#[test]
fn the_steps_of_each_readme_work_exactly_as_they_are_written() {
    let zip = write(&contents(1), &key(1));
    for readme in [README_EN, README_RU, README_KK] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pack.zip"), &zip).unwrap();
        let [all, by_hand, key_of_seal] = &commands(readme)[..] else {
            panic!("{:?}", commands(readme))
        };
        let run = |commands: &str, programs: &[&str], place: &Path| {
            let path = only(programs);
            let mut sh = Command::new("/bin/sh");
            let sh = sh.args(["-e", "-c", commands]).current_dir(place).env("PATH", path.path());
            let output = sh.output().unwrap();
            assert!(output.status.success(), "{commands}\n{output:?}");
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        // coreutils, openssl, unzip, grep and sed: what every Debian has or is told to.
        let tools = [
            "mkdir",
            "unzip",
            "sh",
            "dirname",
            "openssl",
            "sha256sum",
            "sed",
            "rm",
            "grep",
            "cut",
            "tr",
            "od",
            "tail",
            "mktemp",
        ];
        assert!(run(all, &tools, folder.path()).contains("OK: "));
        let unpacked = folder.path().join("pack");
        let said = run(by_hand, &["sha256sum", "openssl"], &unpacked);
        assert!(said.contains("Signature Verified Successfully"), "{said}");
        let said = run(key_of_seal, &["sha256sum", "openssl"], &unpacked);
        assert!(said.starts_with(&fingerprint(&key(1).verifying_key())), "{said}");
    }
}

#[test]
fn a_fingerprint_is_read_as_people_write_it_and_ties_a_pack_to_its_clinic() {
    let known = fingerprint(&key(1).verifying_key());
    let typed = grouped(&known).to_uppercase();
    assert_eq!(read_fingerprint(&typed), Some(known.clone()));
    assert_eq!(read_fingerprint(&known[..62]), None);
    assert_eq!(read_fingerprint(&"xy".repeat(32)), None);
    let zip = write(&contents(1), &key(1));
    assert_eq!(verify_sealed_by(&zip, Some(&known)).faults, []);
    let other = fingerprint(&key(9).verifying_key());
    assert_eq!(verify_sealed_by(&zip, Some(&other)).faults, [Fault::OtherKey]);
}

#[test]
fn a_flipped_byte_in_any_file_is_found_and_the_file_is_named() {
    let zip = write(&contents(1), &key(1));
    let folder = tempfile::tempdir().unwrap();
    unpack(&zip, folder.path());
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 14, "{names:?}");
    for name in &names {
        let path = folder.path().join(name);
        let good = std::fs::read(&path).unwrap();
        let mut bad = good.clone();
        // In the script, a letter of its first comment: a broken script could
        // not say what is wrong with it.
        let place = if name == "verify.sh" { 20 } else { bad.len() / 2 };
        bad[place] ^= 1;
        std::fs::write(&path, &bad).unwrap();
        let (code, words) = run_verify_sh(folder.path());
        assert_eq!(code, 1, "{name}: {words}");
        assert!(words.contains(name.as_str()), "{name}: {words}");

        let faults = verify(&packed(folder.path(), &names), None).faults;
        let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|fault| fault.contains(name.as_str())), "{name}: {said:?}");
        std::fs::write(&path, &good).unwrap();
    }
    assert_eq!(run_verify_sh(folder.path()).0, 0);
    assert_eq!(verify(&packed(folder.path(), &names), None).faults, []);
}

/// In the order of a pack, so that only what is altered differs.
fn packed(folder: &Path, names: &[String]) -> Vec<u8> {
    let order = |name: &String| ORDER.iter().position(|known| known == name).unwrap_or(99);
    let mut names: Vec<_> = names.to_vec();
    names.sort_by_key(order);
    let files: Vec<_> =
        names.iter().map(|name| (name, std::fs::read(folder.join(name)).unwrap())).collect();
    let entries: Vec<_> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    container::write(&entries)
}

const ORDER: [&str; 14] = [
    "document.pdf",
    "signed.pdf",
    "evidence.json",
    "signature.svg",
    "audit-proof.txt",
    "checkpoint.txt",
    "seal.pub.pem",
    "audit.pub.pem",
    "verify.sh",
    "ПРОЧТИ.txt",
    "ОҚЫ.txt",
    "README.txt",
    "SHA256SUMS",
    "SHA256SUMS.sig",
];

#[test]
fn a_bit_flipped_anywhere_in_the_archive_is_found() {
    let zip = write(&contents(1), &key(1));
    assert_eq!(verify(&zip, None).faults, []);
    let ends = zip.len() - 1500;
    for place in (0..400).chain((400..ends).step_by(997)).chain(ends..zip.len()) {
        let mut bad = zip.clone();
        bad[place] ^= 1 << (place % 8);
        assert_ne!(verify(&bad, None).faults, [], "byte {place} of {}", zip.len());
    }
    for shorter in [zip.len() - 1, zip.len() / 2, 1, 0] {
        assert_ne!(verify(&zip[..shorter], None).faults, [], "cut to {shorter}");
    }
    let longer = [&zip[..], b"x"].concat();
    assert_ne!(verify(&longer, None).faults, []);
}

#[test]
fn a_pack_that_somebody_else_sealed_is_not_the_clinics() {
    let zip = write(&contents(1), &key(9));
    assert_eq!(verify(&zip, Some(&key(1).verifying_key())).faults, [Fault::OtherKey]);
}

#[test]
fn a_genuine_seal_on_evidence_about_something_else_is_not_enough() {
    let good = contents(1);
    let other = Contents { document_pdf: b"%PDF-other".to_vec(), ..good.clone() };
    assert_eq!(verify(&write(&other, &key(1)), None).faults, [Fault::OtherDocument]);
    let other = Contents {
        evidence: good.evidence.replace("Оспанова", "Иванова"), ..good.clone()
    };
    assert_eq!(verify(&write(&other, &key(1)), None).faults, [Fault::OtherEvidence]);
    let mut other = good.clone();
    other.inclusion.path[0][0] ^= 1;
    assert_eq!(verify(&write(&other, &key(1)), None).faults, [Fault::Proof]);
    let other = Contents { audit_key: key(9).verifying_key(), ..good };
    assert_eq!(verify(&write(&other, &key(1)), None).faults, [Fault::Checkpoint]);

    for (contents, words) in [
        (Contents { document_pdf: b"%PDF-other".to_vec(), ..contents(1) }, "another document"),
        (
            Contents { audit_key: key(9).verifying_key(), ..contents(1) },
            "not signed by audit.pub.pem",
        ),
        (other_path(), "does not lead to the root"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        unpack(&write(&contents, &key(1)), folder.path());
        let (code, said) = run_verify_sh(folder.path());
        assert!(code == 1 && said.contains(words), "{said}");
    }
}

fn other_path() -> Contents {
    let mut contents = contents(1);
    contents.inclusion.path[0][0] ^= 1;
    contents
}

#[test]
fn a_file_more_or_less_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    unpack(&write(&contents(0), &key(1)), folder.path());
    std::fs::write(folder.path().join("extra.txt"), "x").unwrap();
    let names = |drop: &str| -> Vec<String> {
        let all = std::fs::read_dir(folder.path()).unwrap();
        let names = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != drop).collect()
    };
    let faults = verify(&packed(folder.path(), &names("")), None).faults;
    assert_eq!(faults, [Fault::Foreign { file: "extra.txt".to_owned() }]);
    std::fs::remove_file(folder.path().join("extra.txt")).unwrap();
    let faults = verify(&packed(folder.path(), &names("signed.pdf")), None).faults;
    assert_eq!(faults, [Fault::Missing { file: "signed.pdf".to_owned() }]);
    std::fs::remove_file(folder.path().join("signed.pdf")).unwrap();
    let (code, words) = run_verify_sh(folder.path());
    assert!(code == 1 && words.contains("signed.pdf"), "{words}");
}

#[test]
fn what_is_no_pack_is_called_so() {
    assert_eq!(verify(b"PK\x03\x04nonsense", None).faults, [Fault::Unreadable]);
}

/// Writes a pack for a person to look at: `PACK_SAMPLE=/tmp/pack.zip`.
#[test]
fn the_sample_can_be_looked_at() {
    if let Ok(file) = std::env::var("PACK_SAMPLE") {
        std::fs::write(file, write(&contents(1), &key(1))).unwrap();
    }
}
