//! The officer's page of the ledger, and what leaves it.

use axum::http::StatusCode;
use tirkeu::vault::permission::Role;
use tirkeu::vault::{Kept, notes_in};

use super::{Story, happen, seal};
use crate::support::TestClinic;

#[tokio::test]
async fn the_page_warns_until_a_checkpoint_has_left_the_machine_and_after_26_hours_of_work() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let page = officer.get("/audit/ledger").await;
    assert!(page.body.contains("Ни одна контрольная точка не вынесена"), "{}", page.body);

    let made = officer.post("/audit/ledger/sheet", "").await;
    let sheet = officer.get(made.header("location")).await;
    assert_eq!(sheet.status, StatusCode::OK);
    let body = sheet.body.replace("&#x2f;", "/");
    let (_, text) = body.split_once("<pre").unwrap();
    let (_, text) = text.split_once('>').unwrap();
    let [note] = notes_in(text).try_into().unwrap();
    assert!(sheet.body.contains("<svg") && note.contains(".tirkeu/audit\n"));
    let page = officer.get("/audit/ledger").await;
    assert!(!page.body.contains("Ни одна контрольная точка не вынесена"));

    clinic.clinic.clock().advance_ms(27 * 60 * 60 * 1000);
    let later = clinic.sign_in(Role::Compliance).await;
    let page = later.get("/audit/ledger").await;
    assert!(page.body.contains("старше 26 часов"), "{}", page.body);
}

#[tokio::test]
async fn the_note_the_letter_and_the_proof_leave_with_nobodys_data_and_say_so_in_the_ledger() {
    let story = Story::tell().await;
    let officer = story.clinic.sign_in(Role::Compliance).await;
    let [first, second, _] = story.sizes;

    let note = officer.post(&format!("/audit/ledger/{first}/note"), "").await;
    assert!(note.header("content-disposition").contains(&format!("checkpoint-{first}.txt")));
    assert_eq!(notes_in(&note.body).len(), 1);
    assert!(story.outside.starts_with(&note.body));

    let letter = officer.post(&format!("/audit/ledger/{first}/letter"), "").await;
    let (head, body) = letter.body.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("X-Unsent: 1") && head.is_ascii());
    assert!(head.lines().all(|line| line.len() <= 78), "{head}");
    let body: String = body.split_whitespace().collect();
    let body = data_encoding::BASE64.decode(body.as_bytes()).unwrap();
    assert_eq!(notes_in(&String::from_utf8(body).unwrap()), [note.body]);

    let proof = officer.get(&format!("/audit/ledger/{first}/proof?to={second}")).await;
    assert!(proof.body.starts_with("tirkeu-consistency-proof 1\nfrom "));
    assert_eq!(notes_in(&proof.body).len(), 2);
    let keys = officer.get("/audit/ledger/keys").await;
    assert!(keys.body.contains("BEGIN PUBLIC KEY") && keys.body.contains(".tirkeu/audit+"));
    let ledger = story.clinic.ledger().await;
    assert_eq!(ledger.iter().filter(|event| event["act"] == "audit.anchored").count(), 2);
    let unknown = officer.get("/audit/ledger/999999/sheet").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_folder_gets_the_newest_checkpoint_once_a_day_and_an_absent_one_is_refused() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let stick = tempfile::tempdir().unwrap();
    let absent = stick.path().join("absent").display().to_string();
    let refused = officer.post("/audit/ledger/folder", &format!("folder={absent}")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let body = refused.body.replace("&#x2f;", "/");
    assert!(body.contains("Такой папки нет") && body.contains(&absent));

    let folder = format!("folder={}", stick.path().display());
    assert_eq!(officer.post("/audit/ledger/folder", &folder).await.status, StatusCode::SEE_OTHER);
    let chores = async || {
        tirkeu::audit::checkpoints::chores(&clinic.clinic).await.unwrap();
        let file = stick.path().read_dir().unwrap().next().unwrap().unwrap().path();
        notes_in(&std::fs::read_to_string(file).unwrap()).len()
    };
    assert_eq!(chores().await, 1);
    happen(&clinic, 3).await;
    clinic.clinic.clock().advance_ms(16 * 60 * 1000);
    assert_eq!(chores().await, 1, "once a day");
    clinic.clinic.clock().advance_ms(24 * 60 * 60 * 1000);
    assert_eq!(chores().await, 2);
    let officer = clinic.sign_in(Role::Compliance).await;
    officer.post("/audit/ledger/folder/write", "").await;
    assert_eq!(chores().await, 3, "when it is asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn verifying_on_the_page_names_what_is_wrong_and_what_is_still_covered() {
    let story = Story::tell().await;
    let officer = story.clinic.sign_in(Role::Compliance).await;
    officer.post("/audit/ledger/verify", "").await;
    let page = officer.get("/audit/ledger").await;
    assert!(page.body.contains("Цепочка цела"), "{}", page.body);

    let mut forger = super::Forger::at(&story.clinic).await;
    forger.swap(4, 9).await;
    forger.leave().await;
    officer.post("/audit/ledger/verify", "").await;
    let page = officer.get("/audit/ledger").await;
    assert!(page.body.contains("Записи 4 и 9 поменяли местами"), "{}", page.body);
    assert_eq!(officer.post("/audit/ledger/stop", "").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_ledger_where_nothing_happened_is_not_signed_twice() {
    let clinic = TestClinic::open().await;
    happen(&clinic, 2).await;
    let sealed = seal(&clinic).await;
    let again = seal(&clinic).await;
    assert_eq!(sealed, again, "nothing happened since");
    let evidence = tirkeu::audit::checkpoints::evidence(&clinic.clinic).await.unwrap();
    let beside = evidence.witnesses.iter().filter(|it| it.kept == Kept::Beside);
    assert_eq!(beside.count(), 2, "the head and one checkpoint");
}
