//! A disk without room, under a running clinic; and what must not grow.

use std::fs;

use std::process::Command;

use axum::http::{Method, StatusCode};
use tirkeu::contact::Name;
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{RegisterPatient, Role, RunBackup};
use tirkeu::vault::{Head, VaultError, is_disk_full};

use crate::peers::skipped;
use crate::support::TestClinic;

/// A clinic on a small disk of its own. Declared first, unmounted last.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// None when this machine lets nobody mount one.
    fn mount() -> Option<(Self, tempfile::TempDir)> {
        let outer = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs"]).arg(outer.path());
        if !mount.stderr(std::process::Stdio::null()).status().is_ok_and(|it| it.success()) {
            skipped("the full disk: only root can mount a tmpfs");
            return None;
        }
        let inner = tempfile::tempdir_in(outer.path()).unwrap();
        Some((Self(outer), inner))
    }

    fn ballast(&self) -> std::path::PathBuf {
        self.0.path().join("ballast")
    }

    /// Leaves so many bytes free.
    fn fill(&self, leave: u64) {
        let disk = rustix::fs::statvfs(self.0.path()).unwrap();
        let take = (disk.f_bavail * disk.f_frsize).saturating_sub(leave);
        let mut bytes = fs::read(self.ballast()).unwrap_or_default();
        bytes.resize(bytes.len() + usize::try_from(take).unwrap(), 7);
        fs::remove_file(self.ballast()).unwrap_or_default();
        fs::write(self.ballast(), bytes).unwrap();
    }

    fn make_room(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

const NEW_CARD: &str =
    "surname=%D0%9A%D0%B8%D0%BC&given=%D0%92%D0%B5%D1%80%D0%B0&phone=87012345678";

async fn cards(clinic: &TestClinic) -> usize {
    clinic.rows("SELECT id FROM patient").await.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_changes_in_words_goes_on_reading_and_recovers_by_itself() {
    let Some((disk, folder)) = SmallDisk::mount() else { return };
    let clinic = TestClinic::open_in(folder).await;
    let reception = clinic.sign_in(Role::Reception).await;
    let made = reception.post("/patients", NEW_CARD).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let card = made.header("location").to_owned();

    clinic.let_doctors_reach_everybody().await;
    let login = clinic.employ(Role::Doctor).await;

    disk.fill(500 << 10);
    let refused = reception.post("/patients", NEW_CARD).await;
    assert_eq!(refused.status, StatusCode::INSUFFICIENT_STORAGE, "{}", refused.body);
    assert!(refused.body.contains("На диске сервера не осталось места"), "{}", refused.body);
    assert!(refused.body.contains("Позовите администратора"));
    let health = clinic.knock(Method::GET, "/healthz").await;
    assert_eq!(health.status, StatusCode::INSUFFICIENT_STORAGE);
    assert!(health.body.contains("disk_full"), "{}", health.body);
    // Signing in and looks are in the ledger: the reserve is for them.
    let doctor = clinic.sign_in_as(&login).await;
    assert_eq!(doctor.get(&card).await.status, StatusCode::OK);
    assert_eq!(clinic.audited().await.last().unwrap(), "patient.viewed");

    disk.make_room();
    assert_eq!(clinic.knock(Method::GET, "/healthz").await.status, StatusCode::OK);
    let again = reception.post("/patients", NEW_CARD).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    assert_eq!(cards(&clinic).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_a_single_byte_loses_nothing_that_was_acknowledged() {
    let Some((disk, folder)) = SmallDisk::mount() else { return };
    let clinic = TestClinic::open_in(folder).await;
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new = || NewPatient { name: Name::new("Ким", "Вера", ""), ..NewPatient::default() };
    let mut acknowledged = 0;
    for room in [400 << 10, 100 << 10, 20 << 10, 0] {
        disk.fill(room);
        // Past the reserve's rule too: every look is a row.
        for _ in 0..200 {
            let look = clinic.vault().record_denial(
                grant.actor(),
                &tirkeu::vault::Denied { permission: "patients.view" },
            );
            match look.await {
                Ok(()) => acknowledged += 1,
                Err(error) => assert!(is_disk_full(&error), "{error:?}"),
            }
        }
        let changed = patients::register(clinic.vault(), &grant, &new()).await;
        assert!(changed.is_err(), "a change was taken with {room} bytes left");
    }
    disk.make_room();
    patients::register(clinic.vault(), &grant, &new()).await.unwrap();
    let kept = clinic.audited().await.iter().filter(|act| *act == "permission.denied").count();
    assert_eq!(kept, acknowledged);
    let outside = Head::beside(&clinic.database()).unwrap();
    assert_eq!(clinic.vault().verify(outside).await.unwrap().fault, None);
    assert_eq!(clinic.vault().unsound().await.unwrap(), None);
}

fn log_of(clinic: &TestClinic) -> u64 {
    fs::metadata(clinic.database().with_extension("db-wal")).unwrap().len()
}

#[tokio::test]
async fn the_write_ahead_log_is_emptied_and_a_long_reader_is_not_waited_for() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let register = async || {
        let new = NewPatient { name: Name::new("Ким", "Вера", ""), ..NewPatient::default() };
        patients::register(clinic.vault(), &grant, &new).await.unwrap();
    };
    register().await;
    assert!(log_of(&clinic) > 0);
    clinic.vault().trim_log(u64::MAX).await.unwrap();
    assert!(log_of(&clinic) > 0, "below the limit it stays");
    clinic.vault().trim_log(0).await.unwrap();
    assert_eq!(log_of(&clinic), 0);

    let backup = tirkeu::vault::Actor::console().grant::<RunBackup>().unwrap();
    let snapshot = clinic.vault().snapshot(&backup).await.unwrap();
    register().await;
    clinic.vault().trim_log(0).await.unwrap();
    drop(snapshot);
    register().await;
    assert_eq!(cards(&clinic).await, 3);
}

#[tokio::test]
async fn sessions_that_are_over_are_forgotten_and_a_quiet_minute_writes_nothing() {
    let clinic = TestClinic::open().await;
    let stays = clinic.sign_in(Role::Owner).await;
    clinic.vault().tend_sessions().await.unwrap();
    let before = log_of(&clinic);
    clinic.vault().tend_sessions().await.unwrap();
    assert_eq!(log_of(&clinic), before, "nothing to write");

    clinic.clinic.clock().advance_ms(tirkeu::vault::LIFETIME_MS);
    let _new = clinic.sign_in(Role::Reception).await;
    clinic.vault().tend_sessions().await.unwrap();
    assert!(!stays.is_live());
    assert_eq!(clinic.rows("SELECT count(*) || '' FROM session").await, ["1"]);
}

/// 100,000 hits of strangers would take minutes here; state that grew would show
/// in the first thousand.
#[tokio::test]
async fn strangers_leave_no_state_behind() {
    let clinic = TestClinic::open().await;
    let rows = async || clinic.rows("SELECT size || '' FROM audit_head").await;
    clinic.knock(Method::GET, "/sign-in").await;
    let (before, log) = (rows().await, log_of(&clinic));
    for number in 0..1000 {
        clinic.knock(Method::GET, ["/", "/sign-in", "/healthz", "/patients"][number % 4]).await;
    }
    assert_eq!((rows().await, log_of(&clinic)), (before, log));
}

#[test]
fn a_full_file_store_is_a_full_disk_too() {
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    let error = tirkeu::crypto::BlobError::Full(full);
    assert!(is_disk_full(&tirkeu::interop::run::ImportError::Files(error)));
    assert!(!is_disk_full(&VaultError::NotStaff));
}
