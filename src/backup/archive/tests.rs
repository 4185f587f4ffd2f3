//! The archive against the `age` and `unzip` programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::clock::Timestamp;
use crate::crypto::Identity;

const NOW: i64 = 1_790_000_000_000;

fn write(path: &Path, identities: &[&Identity]) -> Written {
    let recipients: Vec<_> = identities.iter().map(|identity| identity.recipient()).collect();
    let file = fs::File::create(path).unwrap();
    let now = Timestamp::from_unix_ms(NOW);
    let mut archive = ArchiveWriter::new(file, &recipients, now).unwrap();
    let format = Format {
        format: "tirkeu-backup".to_owned(),
        version: VERSION,
        app: "0".to_owned(),
        schema: 1,
        created: now.rfc3339(),
        kind: "full".to_owned(),
        clinic: "c".to_owned(),
    };
    let manifest = Manifest {
        tables: BTreeMap::new(),
        rows: 0,
        files: 0,
        file_bytes: 0,
        database_bytes: 0,
        ledger_size: 0,
        ledger_root: String::new(),
    };
    for (name, text) in READ_ME {
        archive.put(name, text.as_bytes()).unwrap();
    }
    archive.put(entry::FORMAT, &serde_json::to_vec(&format).unwrap()).unwrap();
    archive.begin("docs/scan.jpg", false).unwrap();
    io::Write::write_all(&mut archive, &vec![7; 300_000]).unwrap();
    archive.put(entry::BLOBS, BlobLine::HEADING.as_bytes()).unwrap();
    archive.put(entry::MANIFEST, &serde_json::to_vec(&manifest).unwrap()).unwrap();
    archive.finish().unwrap().1
}

fn check(path: &Path, identity: &Identity) -> Result<Checked, ArchiveError> {
    ArchiveReader::open(path, identity)?.check(&mut |_| {})
}

fn sealed() -> (tempfile::TempDir, PathBuf, Identity) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.zip.age");
    let identity = Identity::generate();
    write(&path, &[&identity]);
    (folder, path, identity)
}

#[test]
fn age_unzip_and_sha256sum_open_an_archive_with_either_kit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.zip.age");
    let kits = [Identity::generate(), Identity::generate()];
    let written = write(&path, &[&kits[0], &kits[1]]);
    assert_eq!(written.bytes, fs::metadata(&path).unwrap().len());
    assert_eq!(written.sha256, hex_of(&path));

    for kit in &kits {
        let out = folder.path().join(kit.recipient().fingerprint());
        fs::create_dir(&out).unwrap();
        fs::write(out.join("kit.txt"), kit.to_text().as_bytes()).unwrap();
        let script = "age -d -i kit.txt ../b.zip.age > b.zip && unzip -tq b.zip && \
                      unzip -q b.zip && sha256sum -c --quiet SHA256SUMS && cat 00-ОҚЫ.txt";
        let output = Command::new("sh").args(["-ec", script]).current_dir(&out).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8(output.stdout).unwrap().ends_with(READ_ME[1].1));
    }
}

fn hex_of(path: &Path) -> String {
    crate::crypto::hash::hex(&crate::crypto::hash::sha256(&fs::read(path).unwrap()))
}

#[test]
fn a_whole_archive_is_believed_and_read_again() {
    let (_folder, path, identity) = sealed();
    let mut checked = check(&path, &identity).unwrap();

    assert_eq!(checked.format.schema, 1);
    assert_eq!(checked.get("docs/scan.jpg").unwrap(), vec![7; 300_000]);
    assert!(matches!(checked.get("docs/other"), Err(ArchiveError::Damaged(_))));
}

#[test]
fn a_wrong_key_is_told_from_damage_and_both_from_another_file() {
    let (_folder, path, identity) = sealed();

    assert!(matches!(check(&path, &Identity::generate()), Err(ArchiveError::WrongKey)));
    fs::write(&path, b"%PDF-1.7 something else altogether").unwrap();
    assert!(matches!(check(&path, &identity), Err(ArchiveError::NotAnArchive)));
    fs::write(&path, b"").unwrap();
    assert!(matches!(check(&path, &identity), Err(ArchiveError::NotAnArchive)));
}

#[test]
fn an_archive_cut_off_anywhere_is_refused() {
    let (_folder, path, identity) = sealed();
    let whole = fs::read(&path).unwrap();
    let step = whole.len() / 37;

    for length in (0..whole.len()).step_by(step).chain([whole.len() - 1]) {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(check(&path, &identity).is_err(), "cut at {length} was believed");
    }
    fs::write(&path, [whole.as_slice(), b"more"].concat()).unwrap();
    assert!(check(&path, &identity).is_err(), "a longer file was believed");
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let (_folder, path, identity) = sealed();
    let whole = fs::read(&path).unwrap();
    let step = whole.len() / 101;

    for position in (0..whole.len()).step_by(step) {
        let mut flipped = whole.clone();
        flipped[position] ^= 1 << (position % 8);
        fs::write(&path, &flipped).unwrap();
        assert!(check(&path, &identity).is_err(), "a flip at {position} was believed");
    }
}

#[test]
fn a_line_of_the_file_list_comes_back() {
    let line = BlobLine {
        path: "docs/p/a.pdf".to_owned(),
        sha256: "00".repeat(32),
        bytes: 12,
        owner: "consent 7".to_owned(),
    };

    assert_eq!(BlobLine::parse(line.to_line().trim_end()), Some(line));
    assert_eq!(BlobLine::parse("docs/p/a.pdf\t00"), None);
    assert_eq!(BlobLine::parse("docs/p/a.pdf\t00\t7\tpatient\n/x"), None, "two lines");
}
