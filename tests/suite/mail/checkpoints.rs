//! Checkpoints that left by mail convict whoever edits the ledger afterwards.

use std::path::Path;
use std::process::Command;

use tirkeu::audit::checkpoints;
use tirkeu::vault::connect_options;
use tirkeu::vault::permission::{Role, VerifyLog};

use super::Post;
use crate::ledger::{Forger, happen};
use crate::peers::skipped;
use crate::peers::smtp::Taken;
use crate::support::{Browser, TestClinic};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// As the clock does it: signs what is due, writes to whom it is due, sends.
async fn turn(post: &Post) {
    checkpoints::chores(&post.clinic.clinic).await.unwrap();
    post.work().await;
}

async fn prove(browser: &Browser<'_>) {
    let form = format!("password={}&code=&next=/", crate::support::PASSWORD.replace(' ', "%20"));
    browser.post("/prove", &form).await;
}

async fn add(browser: &Browser<'_>, form: &str) {
    prove(browser).await;
    let answer = browser.post("/audit/ledger/mail", form).await;
    assert_eq!(answer.header("location"), "/audit/ledger/mail?done=added", "{}", answer.body);
}

const AUDITOR: &str = "name=Auditor&address=auditor%40outside.example&every=day&language=ru";

/// The database as it stands in an opened backup: decrypted, not in WAL mode.
async fn plain(clinic: &TestClinic, to: &Path) {
    use sqlx::{ConnectOptions, Row};
    let options = connect_options(&clinic.database(), &TestClinic::database_key());
    let mut sql = options.connect().await.unwrap();
    let pages = sqlx::query("SELECT data FROM sqlite_dbpage").fetch_all(&mut sql).await.unwrap();
    let mut bytes: Vec<u8> = pages.iter().flat_map(|page| page.get::<Vec<u8>, _>(0)).collect();
    bytes[18..20].fill(1);
    std::fs::write(to, bytes).unwrap();
}

/// What the program says of a copy, given what was kept of a letter: no data
/// folder, no server, no keyring but the public keys.
fn verify(folder: &Path, kept: &str) -> (i32, serde_json::Value) {
    std::fs::write(folder.join("kept.txt"), kept).unwrap();
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
        "kept.txt",
    ];
    let output = Command::new(env!("CARGO_BIN_EXE_tirkeu"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let object =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    (output.status.code().unwrap_or(-1), object)
}

fn keys(post: &Post, folder: &Path) {
    let keyring = post.clinic.clinic.keys.get();
    let key = keyring.audit_key().verifying_key();
    let keys = format!("{}\n{}", key.to_vkey(&keyring.audit_origin()), key.to_pem());
    std::fs::write(folder.join("keys.txt"), keys).unwrap();
}

fn note(letter: &Taken) -> &str {
    letter.files.values().next().expect("a note goes with it")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_letter_that_the_server_got_proves_the_ledger_and_names_the_row_that_was_edited() {
    let Some(mut post) = Post::open("implicit").await else { return };
    let officer = post.clinic.sign_in(Role::Compliance).await;
    add(&officer, AUDITOR).await;
    happen(&post.clinic, 10).await;
    turn(&post).await;
    let letter = post.peer.next().await;
    assert_eq!(letter.to, ["auditor@outside.example"]);
    assert_eq!(letter.defects, Vec::<String>::new());
    assert_eq!(letter.header("List-Id"), "<checkpoint.arai.kz>");
    assert_eq!(letter.header("List-Unsubscribe"), "<mailto:crm@arai.kz?subject=unsubscribe>");
    assert!(letter.text.contains("tirkeu audit verify --checkpoint"), "{}", letter.text);
    happen(&post.clinic, 5).await;

    let folder = tempfile::tempdir().unwrap();
    keys(&post, folder.path());
    plain(&post.clinic, &folder.path().join("clinic.sqlite")).await;
    // The attached file, and the text of the letter with everything around the note.
    for kept in [note(&letter), &letter.text] {
        let (status, said) = verify(folder.path(), kept);
        assert_eq!((status, said["state"].as_str()), (0, Some("whole")), "{said}");
    }

    let mut forger = Forger::at(&post.clinic).await;
    forger.edit_body(5, "\"role\"", "\"rule\"").await;
    plain(&post.clinic, &folder.path().join("clinic.sqlite")).await;
    let (status, said) = verify(folder.path(), note(&letter));
    assert_eq!((status, said["state"].as_str()), (2, Some("altered")), "{said}");
    assert_eq!(said["first_bad"], 5, "{said}");

    // Whoever also recomputes all of it, with the clinic's own keys, is caught by
    // the letter alone.
    forger.hash_again().await;
    forger.rebuild_the_tree().await;
    forger.sign_checkpoints_again().await;
    forger.leave().await;
    plain(&post.clinic, &folder.path().join("clinic.sqlite")).await;
    let (status, said) = verify(folder.path(), note(&letter));
    assert_eq!((status, said["state"].as_str()), (2, Some("history_changed")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_sqlciphers_own_library_edits_is_named_by_the_letter() {
    let Some(mut post) = Post::open("implicit").await else { return };
    let Some(python) = post.peer.python_with("sqlcipher3") else {
        return skipped("SQLCipher's library: PyPI (sqlcipher3-binary)");
    };
    add(&post.clinic.sign_in(Role::Compliance).await, AUDITOR).await;
    turn(&post).await;
    let letter = post.peer.next().await;
    let edit = "
import sqlcipher3, sys
sql = sqlcipher3.connect(sys.argv[1], isolation_level=None)
sql.execute(f\"PRAGMA key = \\\"x'{sys.argv[2]}'\\\"\")
sql.execute('DROP TRIGGER audit_event_is_never_changed')
changed = sql.execute(\"UPDATE audit_event SET body = replace(body, 'compliance', 'owner') WHERE seq = 4\")
assert changed.rowcount == 1
sql.close()
";
    let key = "07".repeat(32);
    let database = post.clinic.database();
    let edited =
        Command::new(python).arg("-c").arg(edit).arg(&database).arg(&key).output().unwrap();
    assert!(edited.status.success(), "{}", String::from_utf8_lossy(&edited.stderr));

    let folder = tempfile::tempdir().unwrap();
    keys(&post, folder.path());
    plain(&post.clinic, &folder.path().join("clinic.sqlite")).await;
    let (status, said) = verify(folder.path(), note(&letter));
    assert_eq!((status, said["state"].as_str()), (2, Some("altered")), "{said}");
    assert_eq!(said["first_bad"], 4, "{said}");
}

#[tokio::test]
async fn the_openssl_commands_of_the_instruction_take_the_attached_file() {
    let Some(mut post) = Post::open("implicit").await else { return };
    add(&post.clinic.sign_in(Role::Compliance).await, AUDITOR).await;
    turn(&post).await;
    let letter = post.peer.next().await;
    let folder = tempfile::tempdir().unwrap();
    keys(&post, folder.path());
    std::fs::write(folder.path().join("note.txt"), note(&letter)).unwrap();
    let document = include_str!("../../../docs/verify-checkpoint.md");
    let commands = document.split_once("```sh\n").unwrap().1.split_once("```").unwrap().0;
    let output =
        Command::new("sh").args(["-ec", commands]).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("Signature Verified Successfully"), "{said}");
}

#[tokio::test]
async fn each_gets_one_a_day_or_a_week_and_the_ledger_says_that_it_left() {
    let Some(mut post) = Post::open("implicit").await else { return };
    let officer = post.clinic.employ(Role::Compliance).await;
    post.confirm(&officer, "officer@arai.kz").await;
    let browser = post.clinic.sign_in_as(&officer).await;
    add(&browser, AUDITOR).await;
    add(&browser, "name=Lawyer&address=lawyer%40outside.example&every=week&language=kk").await;

    let mut per_day = Vec::new();
    for _ in 0..15 {
        let before = post.peer.count();
        happen(&post.clinic, 2).await;
        for _ in 0..3 {
            turn(&post).await;
            post.clinic.clinic.clock().advance_ms(16 * 60_000);
        }
        per_day.push(post.peer.count() - before);
        post.clinic.clinic.clock().advance_ms(DAY - 48 * 60_000);
    }
    let weekly = [0, 7, 14];
    let wanted: Vec<usize> = (0..15).map(|day| if weekly.contains(&day) { 3 } else { 2 }).collect();
    assert_eq!(per_day, wanted, "officer and auditor daily, the lawyer each seventh day");

    let mut last = post.peer.next().await;
    let mut subjects = Vec::new();
    for _ in 0..2 {
        subjects.push(last.header("Subject").to_owned());
        last = post.peer.next().await;
    }
    assert!(subjects.iter().all(|subject| subject.contains("Контрольная точка")), "{subjects:?}");
    let anchors = "SELECT cast(count(*) AS TEXT) FROM audit_anchor WHERE kind = 'mail'";
    assert_eq!(post.clinic.rows(anchors).await, [wanted.iter().sum::<usize>().to_string()]);
    let grant = post.clinic.grant::<VerifyLog>(Role::Compliance).await;
    let newest = checkpoints::anchors(&post.clinic.clinic, &grant).await.unwrap();
    assert!(
        newest
            .iter()
            .any(|anchor| anchor.kind == checkpoints::AnchorKind::Mail && anchor.name.is_none())
    );
}

#[tokio::test]
async fn whoever_is_taken_off_the_list_is_told_and_gets_no_more() {
    let Some(mut post) = Post::open("implicit").await else { return };
    let officer = post.clinic.employ(Role::Compliance).await;
    let browser = post.clinic.sign_in_as(&officer).await;
    add(&browser, AUDITOR).await;
    turn(&post).await;
    post.peer.next().await;

    let id = post.clinic.rows("SELECT id FROM mail_outside").await.remove(0);
    prove(&browser).await;
    browser.post(&format!("/audit/ledger/mail/{id}/end"), "").await;
    post.clinic.clinic.clock().advance_ms(DAY);
    happen(&post.clinic, 2).await;
    turn(&post).await;
    let told = post.peer.next().await;
    assert!(told.header("Subject").contains("больше не приходят"), "{told:?}");
    assert_eq!((told.to, post.peer.count()), (vec!["auditor@outside.example".to_owned()], 2));
    assert!(post.clinic.audited().await.contains(&"mail_outside.ended".to_owned()));
    // And can be put on it again.
    let browser = post.clinic.sign_in_as(&officer).await;
    add(&browser, AUDITOR).await;
}

#[tokio::test]
async fn a_letter_to_somebody_who_left_the_list_meanwhile_is_not_sent() {
    let Some(post) = Post::open("implicit").await else { return };
    let officer = post.clinic.employ(Role::Compliance).await;
    let browser = post.clinic.sign_in_as(&officer).await;
    add(&browser, AUDITOR).await;
    checkpoints::chores(&post.clinic.clinic).await.unwrap();
    let id = post.clinic.rows("SELECT id FROM mail_outside").await.remove(0);
    prove(&browser).await;
    browser.post(&format!("/audit/ledger/mail/{id}/end"), "").await;
    post.work().await;
    assert_eq!(post.states("checkpoint").await, ["withheld not_wanted"]);
    assert_eq!(post.states("farewell").await, ["accepted"]);
}
