//! A note and a copy of the database in the hands of somebody without this
//! program: openssl, Python and sqlite3; and of somebody with it, far away.

use std::path::Path;
use std::process::Command;

use sqlx::{ConnectOptions, Row};
use tirkeu::vault::connect_options;

use super::{Forger, Story};
use crate::support::TestClinic;

/// A folder as the officer hands it over: note, keys, and the plain database as
/// it stands in an opened backup.
async fn hand_over(story: &Story) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let notes = tirkeu::vault::notes_in(&story.outside);
    write("note.txt", notes[1].as_bytes());
    let keyring = story.clinic.clinic.keys.get();
    let key = keyring.audit_key().verifying_key();
    let keys = format!("{}\n{}", key.to_vkey(&keyring.audit_origin()), key.to_pem());
    write("keys.txt", keys.as_bytes());
    write("clinic.sqlite", &plain(&story.clinic).await);
    folder
}

/// The database's pages, decrypted, not in WAL mode: as a backup writes them.
async fn plain(clinic: &TestClinic) -> Vec<u8> {
    let options = connect_options(&clinic.database(), &TestClinic::database_key());
    let mut sql = options.connect().await.unwrap();
    let pages = sqlx::query("SELECT data FROM sqlite_dbpage").fetch_all(&mut sql).await.unwrap();
    let mut bytes: Vec<u8> = pages.iter().flat_map(|page| page.get::<Vec<u8>, _>(0)).collect();
    bytes[18..20].fill(1);
    bytes
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
}

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_instruction_verify_a_note_with_openssl_alone() {
    let folder = hand_over(&Story::tell().await).await;
    let text = document("docs/verify-checkpoint.md");
    let (_, rest) = text.split_once("```sh\n").expect("the commands of the instruction");
    let (commands, _) = rest.split_once("```").unwrap();
    assert!(commands.lines().count() > 3, "{commands}");

    let (status, said) = run(folder.path(), "sh", &["-ec", commands]);
    assert!(status == 0 && said.contains("Signature Verified Successfully"), "{said}");
    let note = std::fs::read_to_string(folder.path().join("note.txt")).unwrap();
    let size = note.lines().nth(1).unwrap().to_owned();
    let altered = note.replacen(&format!("\n{size}\n"), &format!("\n{size}0\n"), 1);
    std::fs::write(folder.path().join("note.txt"), altered).unwrap();
    let (status, said) = run(folder.path(), "sh", &["-ec", commands]);
    assert!(status != 0 && !said.contains("Successfully"), "{said}");
}

const SCRIPT: &str = "packaging/verify_ledger.py";
const ASKED: [&str; 5] = ["clinic.sqlite", "--keys", "keys.txt", "--note", "note.txt"];

fn ask_python(folder: &Path) -> (i32, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(SCRIPT);
    let script = script.display().to_string();
    run(folder, "python3", &[[script.as_str()].as_slice(), ASKED.as_slice()].concat())
}

/// What the program says of the same folder: no data folder, no keyring.
fn ask_tirkeu(folder: &Path) -> (i32, serde_json::Value) {
    let arguments = [
        "audit",
        "verify",
        "--json",
        "--data-dir",
        "nowhere",
        "--config",
        "nowhere.toml",
        "--database",
        "clinic.sqlite",
        "--vkey",
        "keys.txt",
        "--checkpoint",
        "note.txt",
    ];
    let output = Command::new(env!("CARGO_BIN_EXE_tirkeu"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let object = serde_json::from_slice(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), object.unwrap_or_else(|error| panic!("{error}: {said}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn python_and_the_program_agree_about_a_copy_whatever_sqlite3_does_to_it() {
    let story = Story::tell().await;
    let second = story.sizes[1];
    let triggers = "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_schema
                    WHERE type = 'trigger' AND tbl_name LIKE 'audit%'";
    let late = second + 3;
    let deeds = [
        (String::new(), 0, "whole", None),
        (
            "UPDATE audit_event SET body = replace(body, 'test.done', 'x') WHERE seq = 5"
                .to_owned(),
            2,
            "altered",
            Some(5),
        ),
        (
            format!(
                "UPDATE audit_event SET body = replace(body, 'test.done', 'x') WHERE seq = {late}"
            ),
            2,
            "altered",
            Some(late),
        ),
        ("DELETE FROM audit_event WHERE seq = 8".to_owned(), 2, "missing", Some(8)),
        (
            format!("DELETE FROM audit_event WHERE seq >= {}", second - 2),
            3,
            "rolled_back",
            Some(second - 2),
        ),
    ];
    for (deed, expected, state, first_bad) in deeds {
        let folder = hand_over(&story).await;
        let (status, drops) = run(folder.path(), "sqlite3", &["clinic.sqlite", triggers]);
        assert_eq!(status, 0, "{drops}");
        if !deed.is_empty() {
            let (status, said) =
                run(folder.path(), "sqlite3", &["clinic.sqlite", &format!("{drops}{deed}")]);
            assert_eq!(status, 0, "{deed}: {said}");
        }
        let (status, said) = ask_python(folder.path());
        assert_eq!(status, expected, "{deed}: {said}");
        if let Some(seq) = first_bad {
            assert!(said.contains(&seq.to_string()), "{deed}: {said}");
        }
        let (status, object) = ask_tirkeu(folder.path());
        assert_eq!((status, object["state"].as_str()), (expected, Some(state)), "{deed}: {object}");
        assert_eq!(object["first_bad"].as_u64(), first_bad, "{deed}: {object}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thorough_forger_with_the_clinics_keys_is_caught_by_both() {
    let story = Story::tell().await;
    let before = hand_over(&story).await;
    let mut forger = Forger::at(&story.clinic).await;
    forger.edit_body(story.sizes[0] + 3, "test.done", "test.gone").await;
    forger.hash_again().await;
    forger.rebuild_the_tree().await;
    forger.sign_checkpoints_again().await;
    forger.leave().await;
    std::fs::write(before.path().join("clinic.sqlite"), plain(&story.clinic).await).unwrap();

    let (status, said) = ask_python(before.path());
    assert_eq!(status, 2, "{said}");
    let (status, object) = ask_tirkeu(before.path());
    assert_eq!((status, object["state"].as_str()), (2, Some("history_changed")), "{object}");
    assert_eq!(object["contradicted_by"], story.sizes[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_is_not_believed_is_no_success() {
    let folder = hand_over(&Story::tell().await).await;
    let note = folder.path().join("note.txt");
    let text = std::fs::read_to_string(&note).unwrap();
    std::fs::write(&note, text.replacen('\n', "\n1", 1)).unwrap();
    let (status, object) = ask_tirkeu(folder.path());
    assert_eq!((status, object["error"]["code"].as_str()), (4, Some("note_refused")), "{object}");
    assert_eq!(ask_python(folder.path()).0, 4);
    std::fs::write(&note, "no checkpoint").unwrap();
    let (status, object) = ask_tirkeu(folder.path());
    assert_eq!((status, object["error"]["code"].as_str()), (4, Some("unreadable")), "{object}");
}
