//! Whoever was destroyed stays destroyed when a backup from before is restored.

use sqlx::ConnectOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tirkeu::backup::{self, Kind, List, Report, RestoreError, Source};
use tirkeu::clinic::Places;
use tirkeu::clock::{Clock, Timestamp};
use tirkeu::contact::Name;
use tirkeu::crypto::keyring::HolderKind;
use tirkeu::crypto::{
    BlobStore, Keyring, KeyringFile, MachineIdentity, MachinePlaces, RecoveryKit,
};
use tirkeu::vault::permission::{Role, RunBackup};
use tirkeu::vault::{Actor, DatabaseKey, Grant, Vault};
use tokio::runtime::Handle;

use super::{ask, confirm_the_rule, destroy, enter, message, pages_of};
use crate::support::{NOW, TestClinic};

const MARK: &str = "зюмарк";

fn console() -> Grant<RunBackup> {
    Actor::console().grant().unwrap()
}

struct Place {
    clinic: TestClinic,
    source: Source,
    kit: RecoveryKit,
    media: tempfile::TempDir,
}

impl Place {
    /// Somebody with a message and a spreadsheet they came from, and another.
    async fn open() -> Self {
        let clinic = TestClinic::open().await;
        let name = Name::new("Зюмаркова", "Анна", "");
        let patient = enter(&clinic, name, "+77051112233", "850101300005").await;
        let other = Name::new("Бэтмаркова", "Анна", "");
        enter(&clinic, other, "+77054445566", "900101400003").await;
        let double = Name::new("Зюмаркина", "Анна", "");
        enter(&clinic, double, "+77051112233", "").await;
        message(&clinic, patient, "appointment", 1).await;
        let (sheet, _) = clinic
            .clinic
            .files
            .put(&b"\xd0\xb7\xd1\x8e\xd0\xbc\xd0\xb0\xd1\x80\xd0\xba"[..])
            .unwrap();
        let rows = format!(
            "INSERT INTO import_run (id, state, files, total, done, created_at) VALUES ('r', 'done',
                 '[{{\"name\":\"x\",\"kind\":null,\"blob\":\"{sheet}\",\"layouts\":[]}}]', 1, 1, 0);
             INSERT INTO import_row (run_id, position, file, sheet, row, verdict, reasons,
                 source_key, added, patient_id, patient, doctor, service)
             VALUES ('r', 0, 'x', '', 1, 'taken', '[]', 'k', 1, '{patient}', 'Зюмаркова', '', '')"
        );
        clinic.write(&rows).await.unwrap();
        confirm_the_rule(&clinic).await;
        let kit = RecoveryKit::generate();
        let mut keyring = Keyring::clone(&clinic.clinic.keys.get());
        keyring.add_holder(HolderKind::Kit, "A", &kit.recipient(), NOW / 1000);
        let source = Source { keyring: Arc::new(keyring), ..Source::of(&clinic.clinic) };
        Self { clinic, source, kit, media: tempfile::tempdir().unwrap() }
    }

    async fn back_up(&self) -> PathBuf {
        let grant = console();
        let made = backup::now(&self.source, &grant, self.media.path(), Kind::Manual, None).await;
        made.unwrap().path
    }

    async fn destroy(&self) {
        let officer = self.clinic.sign_in(Role::Compliance).await;
        let request = ask(&officer, 1).await;
        destroy(&self.clinic, &request).await;
    }

    fn list(&self) -> PathBuf {
        backup::list_path(self.media.path(), self.source.keyring.clinic_id())
    }

    async fn restore(
        &self,
        archive: &Path,
        list: List,
        into: &Path,
    ) -> Result<Report, RestoreError> {
        let (archive, into) = (archive.to_owned(), into.to_owned());
        let (kit, runtime) = (self.kit.identity().clone(), Handle::current());
        let clock = Clock::fixed(Timestamp::from_unix_ms(NOW));
        let work =
            move || backup::restore(&archive, &kit, &into, &list, &clock, &runtime, &mut |_| {});
        tokio::task::spawn_blocking(work).await.unwrap()
    }
}

/// As the server starts, or the command goes on.
async fn start(folder: &Path) -> (Source, DatabaseKey) {
    let machine = MachineIdentity::find(&MachinePlaces::data_dir_only(folder)).unwrap();
    let keyring = KeyringFile::in_data_dir(folder).open(&machine.identity).unwrap();
    let key = DatabaseKey::new(*keyring.db_key());
    let clock = Clock::fixed(Timestamp::from_unix_ms(NOW));
    let vault = Vault::open(&Places::database(folder), &key, clock).await.unwrap();
    let files = BlobStore::open(folder, &keyring).unwrap();
    let data_dir = folder.to_owned();
    let source = Source { vault, keyring: Arc::new(keyring), files, data_dir };
    backup::recover(&source, &console()).await.unwrap();
    (source, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_from_before_does_not_bring_back_whom_the_list_outside_names() {
    let place = Place::open().await;
    let archive = place.back_up().await;
    assert!(place.list().exists(), "every archive gets the list beside it");
    // Two cards of one person in the archive, merged before they were destroyed.
    let merged = "UPDATE patient SET merged_into = (SELECT id FROM patient WHERE number = 1)
                  WHERE number = 3";
    place.clinic.write(merged).await.unwrap();
    place.destroy().await;
    let list = std::fs::read_to_string(place.list()).unwrap();
    assert!(list.contains("\"extent\":\"whole\"") && !list.to_lowercase().contains(MARK), "{list}");

    let target = tempfile::tempdir().unwrap();
    let report = place.restore(&archive, List::Beside, target.path()).await.unwrap();
    assert_eq!(report.disposals, Some(1));
    let (restored, key) = start(target.path()).await;
    let pages = pages_of(&Places::database(target.path()), &key).await;
    for mark in [MARK, "7051112233", "850101300005"] {
        assert!(!pages.contains(mark), "{mark} came back");
    }
    assert!(pages.contains("бэтмарк"), "the other did");
    assert!(pages.contains("disposal.replayed"), "and the ledger says so");
    assert_eq!(restored.files.list().unwrap().len(), 0, "the spreadsheet went too");
    let head = restored.vault.ledger_head().await.unwrap();
    assert!(restored.vault.verify(Some(head)).await.unwrap().fault.is_none());
    let grant = console();
    let known = tirkeu::disposals::carried_out(&restored.vault, &grant).await.unwrap();
    assert_eq!(known.len(), 1, "the next list tells of it as well");
    let again = tirkeu::disposals::replay(&restored.vault, &restored.files, &grant, &known).await;
    assert_eq!(again.unwrap(), 0, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clinic_that_has_destroyed_is_not_restored_without_its_list_unless_told_to() {
    let place = Place::open().await;
    let before = place.back_up().await;
    place.destroy().await;
    place.clinic.clinic.clock().advance_ms(60_000);
    let after = place.back_up().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let kept = elsewhere.path().join("usb.jsonl");
    std::fs::rename(place.list(), &kept).unwrap();
    let target = tempfile::tempdir().unwrap();
    let into = |name: &str| target.path().join(name);

    let refused = place.restore(&after, List::Beside, &into("a")).await.unwrap_err();
    assert_eq!((refused.code(), refused.exit_code()), ("no_disposals", 6));
    assert!(!into("a").exists(), "nothing was restored");
    let told = place.restore(&after, List::Without, &into("b")).await.unwrap();
    assert_eq!(told.disposals, None);
    let marker = std::fs::read_to_string(into("b").join(tirkeu::backup::MARKER)).unwrap();
    assert!(marker.contains("\"without_list\":true"), "{marker}");
    let (_source, key) = start(&into("b")).await;
    let database = Places::database(&into("b"));
    let mut sql = tirkeu::vault::connect_options(&database, &key).connect().await.unwrap();
    let said = "SELECT act FROM audit_event WHERE act LIKE 'backup.restored%'";
    let said: Vec<String> = sqlx::query_scalar(said).fetch_all(&mut sql).await.unwrap();
    assert_eq!(said, ["backup.restored_without_list"], "and the ledger says so for good");
    let listed = place.restore(&after, List::At(kept.clone()), &into("c")).await.unwrap();
    assert_eq!(listed.disposals, Some(0), "the archive knows of it");
    let named = place.restore(&before, List::At(kept.clone()), &into("d")).await.unwrap();
    assert_eq!(named.disposals, Some(1));
    let text = std::fs::read_to_string(&kept).unwrap().replace("whole", "unkept");
    std::fs::write(&kept, text).unwrap();
    let altered = place.restore(&before, List::At(kept), &into("e")).await.unwrap_err();
    assert_eq!((altered.code(), altered.exit_code()), ("list_altered", 3));
    // An archive from before the first act cannot know that there is a list.
    let unaware = place.restore(&before, List::Beside, &into("f")).await.unwrap();
    assert_eq!(unaware.disposals, None);
}
