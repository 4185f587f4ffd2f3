//! The vault keeps its promises.

use sqlx::ConnectOptions;
use tirkeu::clinic::Places;
use tirkeu::clock::{Clock, Timestamp};
use tirkeu::ids::PatientId;
use tirkeu::vault::permission::{FindPatients, Role, SetUpClinic, ViewPatient};
use tirkeu::vault::{DatabaseKey, Event, Fault, Head, Subject, Vault, VaultError, connect_options};

use crate::support::{NOW, TestClinic};

async fn change(clinic: &TestClinic, count: usize) {
    let grant = clinic.grant::<SetUpClinic>(Role::Owner).await;
    for _ in 0..count {
        clinic.vault().record(&grant, Event::new("test.done", Subject::Clinic)).await.unwrap();
    }
}

#[tokio::test]
async fn no_file_on_disk_is_readable_without_the_key() {
    let clinic = TestClinic::open().await;
    clinic.sign_in(Role::Owner).await;
    let files = clinic.files();
    assert!(files.iter().any(|file| file.ends_with("clinic.db")));
    for file in files {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.starts_with(b"SQLite format 3"));
        assert!(!bytes.windows(10).any(|window| window == b"audit_even"));
    }
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_touches_nothing() {
    let clinic = TestClinic::open().await;
    let path = clinic.database();
    let TestClinic { clinic: running, folder, .. } = clinic;
    running.vault.close().await;
    let before = std::fs::read(&path).unwrap();
    let clock = Clock::fixed(Timestamp::from_unix_ms(NOW));

    let wrong = Vault::open(&path, &DatabaseKey::new([8; 32]), clock).await;

    assert!(matches!(wrong, Err(VaultError::WrongKey)));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    drop(folder);
}

#[tokio::test]
async fn a_failed_change_leaves_no_trace_and_no_gap() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<SetUpClinic>(Role::Owner).await;
    let before = clinic.vault().ledger_head().await.unwrap();

    let failed: Result<(), VaultError> =
        clinic.vault().change(&grant, async |_| Err::<((), Event), _>(VaultError::NotStaff)).await;

    assert!(failed.is_err());
    assert_eq!(clinic.vault().ledger_head().await.unwrap(), before);
    change(&clinic, 1).await;
    assert_eq!(clinic.vault().verify(None).await.unwrap().fault, None);
}

#[tokio::test]
async fn changes_made_at_once_are_all_kept_and_in_order() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<SetUpClinic>(Role::Owner).await;
    let before = clinic.vault().ledger_head().await.unwrap().size;
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (vault, grant) = (clinic.vault().clone(), grant.clone());
            tokio::spawn(async move {
                vault.record(&grant, Event::new("test.done", Subject::Clinic)).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }

    let verified =
        clinic.vault().verify(Some(clinic.vault().ledger_head().await.unwrap())).await.unwrap();
    assert_eq!(verified.fault, None);
    assert_eq!(verified.head.size, before + 100);
}

#[tokio::test]
async fn a_change_whose_client_went_away_half_done_is_taken_back() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<SetUpClinic>(Role::Owner).await;
    let before = clinic.vault().ledger_head().await.unwrap();
    for turns in 1..60 {
        let stuck = clinic.vault().change(&grant, async |_| {
            std::future::pending::<()>().await;
            Ok::<_, VaultError>(((), Event::new("test.never", Subject::Clinic)))
        });
        let mut stuck = std::pin::pin!(stuck);
        for _ in 0..turns {
            assert!(futures_util::poll!(stuck.as_mut()).is_pending());
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(clinic.vault().ledger_head().await.unwrap(), before);
    change(&clinic, 1).await;
    assert_eq!(clinic.vault().verify(None).await.unwrap().fault, None);
}

#[tokio::test]
async fn looks_of_one_session_at_one_patient_within_the_hour_are_one_entry() {
    let clinic = TestClinic::open().await;
    let doctor = clinic.grant::<ViewPatient>(Role::Doctor).await;
    let patient = PatientId::new(clinic.clinic.clock().now());

    for _ in 0..3 {
        clinic.vault().disclose(&doctor, patient).await.unwrap();
    }
    assert_eq!(clinic.audited().await, ["patient.viewed"]);
    clinic.clinic.clock().advance_ms(60 * 60 * 1000);
    clinic.vault().disclose(&doctor, patient).await.unwrap();
    assert_eq!(clinic.audited().await, ["patient.viewed", "patient.viewed"]);
}

#[tokio::test]
async fn a_list_names_everybody_whose_rows_were_shown() {
    let clinic = TestClinic::open().await;
    let desk = clinic.grant::<FindPatients>(Role::Reception).await;
    let now = clinic.clinic.clock().now();
    let people = [PatientId::new(now), PatientId::new(now)];

    let shown: Result<u8, VaultError> =
        clinic.vault().list(&desk, "patients.found", async |_| Ok((2, people.to_vec()))).await;

    assert_eq!(shown.unwrap(), 2);
    let ledger = clinic.ledger().await;
    let seen = ledger.last().unwrap()["pats"].as_array().unwrap().len();
    assert_eq!(seen, 2);
}

/// Edits the ledger as somebody with the key and the machine would.
async fn tamper(clinic: &TestClinic, statements: &[&'static str]) {
    let options = connect_options(&clinic.database(), &TestClinic::database_key());
    let mut connection = options.connect().await.unwrap();
    for statement in statements {
        sqlx::query(*statement).execute(&mut connection).await.unwrap();
    }
}

#[tokio::test]
async fn an_altered_row_is_named() {
    let clinic = TestClinic::open().await;
    change(&clinic, 5).await;
    tamper(
        &clinic,
        &[
            "DROP TRIGGER audit_event_is_never_changed",
            "UPDATE audit_event SET body = replace(body, 'test.done', 'test.gone') WHERE seq = 5",
        ],
    )
    .await;

    let verified = clinic.vault().verify(None).await.unwrap();
    assert_eq!(verified.fault, Some(Fault::Altered { seq: 5 }));
}

#[tokio::test]
async fn a_removed_row_is_named() {
    let clinic = TestClinic::open().await;
    change(&clinic, 5).await;
    tamper(
        &clinic,
        &["DROP TRIGGER audit_event_is_never_deleted", "DELETE FROM audit_event WHERE seq = 4"],
    )
    .await;

    let verified = clinic.vault().verify(None).await.unwrap();
    assert_eq!(verified.fault, Some(Fault::Missing { seq: 4 }));
}

#[tokio::test]
async fn an_end_that_was_cut_off_cleanly_is_seen_by_the_head_kept_outside() {
    let clinic = TestClinic::open().await;
    change(&clinic, 4).await;
    let early = clinic.vault().ledger_head().await.unwrap();
    change(&clinic, 4).await;
    let outside = Head::read(&Head::path_beside(&clinic.database())).unwrap().unwrap();
    assert_eq!(outside, clinic.vault().ledger_head().await.unwrap());

    let verified = clinic.vault().verify(Some(early)).await.unwrap();
    assert_eq!(verified.fault, None, "an older head is an ancestor");
    let ahead = Head { size: outside.size + 1, ..outside };
    let verified = clinic.vault().verify(Some(ahead)).await.unwrap();
    assert_eq!(verified.fault, Some(Fault::RolledBack { outside: ahead.size }));
    let other = Head { root: [0; 32], ..early };
    let verified = clinic.vault().verify(Some(other)).await.unwrap();
    assert_eq!(verified.fault, Some(Fault::HistoryChanged { outside: early.size }));
}

#[tokio::test]
async fn an_older_database_put_back_is_told_also_after_work_went_on() {
    let clinic = TestClinic::open().await;
    change(&clinic, 2).await;
    let folder = tempfile::tempdir().unwrap();
    let put_back = Places::database(folder.path());
    std::fs::create_dir(put_back.parent().unwrap()).unwrap();
    for file in ["clinic.db", "clinic.db-wal"] {
        let from = clinic.database().with_file_name(file);
        std::fs::copy(from, put_back.with_file_name(file)).unwrap();
    }
    change(&clinic, 2).await;
    let head = Head::path_beside(&clinic.database());
    std::fs::copy(head, Head::path_beside(&put_back)).unwrap();

    let later = TestClinic::open_in(folder).await;
    change(&later, 5).await;

    let outside = Head::beside(&put_back).unwrap();
    let found = later.vault().verify(outside).await.unwrap();
    assert!(matches!(found.fault, Some(Fault::HistoryChanged { .. })), "{:?}", found.fault);
}

#[tokio::test]
async fn a_closed_database_is_one_file_that_nobody_writes_to_any_more() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<SetUpClinic>(Role::Owner).await;
    change(&clinic, 3).await;
    let (path, vault) = (clinic.database(), clinic.vault().clone());

    clinic.clinic.vault.clone().close().await;

    for ending in ["clinic.db-wal", "clinic.db-shm"] {
        assert!(!path.with_file_name(ending).exists(), "{ending} is left");
    }
    let late = vault.record(&grant, Event::new("test.late", Subject::Clinic)).await;
    assert!(late.is_err());
}
