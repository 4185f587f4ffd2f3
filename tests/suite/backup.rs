//! Backups and the way back, with `age`, `unzip`, `sha256sum` and `sqlite3` as
//! independent witnesses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use sqlx::ConnectOptions;
use tokio::runtime::Handle;

use tirkeu::backup::{self, BackupError, Kind, List, Made, Outcome, Report, RestoreError, Source};
use tirkeu::clinic::Places;
use tirkeu::clock::{Clock, Timestamp};
use tirkeu::crypto::keyring::HolderKind;
use tirkeu::crypto::{
    BlobStore, Identity, Keyring, KeyringFile, MachineIdentity, MachinePlaces, RecoveryKit,
};
use tirkeu::vault::permission::{Role, RunBackup};
use tirkeu::vault::{Actor, DatabaseKey, Event, Grant, Head, Subject, Vault, connect_options};

use crate::support::{NOW, TestClinic, files_below};

/// A clinic with staff, a file and two recovery kits.
struct Place {
    clinic: TestClinic,
    source: Source,
    kits: [RecoveryKit; 2],
    target: tempfile::TempDir,
}

const SCAN: &[u8] = b"%PDF-1.7 \xd2\x9b\xd0\xb0\xd0\xb7\xd0\xb0\xd2\x9b";

impl Place {
    async fn open() -> Self {
        let clinic = TestClinic::open().await;
        clinic.sign_in(Role::Owner).await;
        let kits = [RecoveryKit::generate(), RecoveryKit::generate()];
        let mut keyring = Keyring::clone(&clinic.clinic.keys.get());
        for (kit, name) in kits.iter().zip(["A", "B"]) {
            keyring.add_holder(HolderKind::Kit, name, &kit.recipient(), NOW / 1000);
        }
        let files = BlobStore::open(clinic.folder.path(), &keyring).unwrap();
        files.put(SCAN).unwrap();
        let source = Source { keyring: Arc::new(keyring), files, ..Source::of(&clinic.clinic) };
        Self { clinic, source, kits, target: tempfile::tempdir().unwrap() }
    }

    async fn back_up(&self) -> Result<Made, BackupError> {
        backup::now(&self.source, &console(), self.target.path(), Kind::Manual, None).await
    }

    async fn restore(
        &self,
        archive: &Path,
        kit: &Identity,
        into: &Path,
    ) -> Result<Report, RestoreError> {
        let (archive, kit, into) = (archive.to_owned(), kit.clone(), into.to_owned());
        let clock = Clock::fixed(Timestamp::from_unix_ms(NOW));
        let runtime = Handle::current();
        let list = List::Beside;
        let work =
            move || backup::restore(&archive, &kit, &into, &list, &clock, &runtime, &mut |_| {});
        tokio::task::spawn_blocking(work).await.unwrap()
    }

    fn kit(&self) -> &Identity {
        self.kits[0].identity()
    }

    async fn runs(&self) -> Vec<backup::Run> {
        let grant = Actor::console().grant().unwrap();
        backup::list(&self.source.vault, &grant).await.unwrap()
    }
}

fn console() -> Grant<RunBackup> {
    Actor::console().grant().unwrap()
}

/// Runs a shell script in a folder and gives what it prints.
fn sh(folder: &Path, script: &str) -> String {
    let output = Command::new("sh").args(["-euc", script]).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{script}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn public_tools_alone_read_an_archive_with_either_kit() {
    let place = Place::open().await;
    let made = place.back_up().await.unwrap();
    for kit in &place.kits {
        let out = tempfile::tempdir().unwrap();
        fs::write(out.path().join("kit.txt"), kit.identity().to_text().as_bytes()).unwrap();
        fs::copy(&made.path, out.path().join("b.zip.age")).unwrap();
        let run = |script: &str| sh(out.path(), script);

        run("age -d -i kit.txt b.zip.age > b.zip && unzip -q b.zip");
        run("sha256sum -c --quiet SHA256SUMS");
        let integrity = run("sqlite3 -readonly db/clinic.sqlite 'pragma integrity_check'");
        assert_eq!(integrity, "ok");
        assert_eq!(run("sqlite3 -readonly db/clinic.sqlite 'select role from staff'"), "owner");
        assert_eq!(run("cat docs/clinic/*.pdf").as_bytes(), SCAN);
        assert!(run("cat export/jsonl/staff.jsonl").contains("\"role\":\"owner\""));
        assert!(run("cat export/csv/staff.csv").starts_with("\u{feff}id,login,name,role"));
        assert!(run("cat db/schema.sql").contains("CREATE TABLE audit_event"));
        let keyring = run("age -d -i kit.txt keys/keyring.age");
        assert!(keyring.contains("\"v\": 1") && keyring.contains("AGE-SECRET-KEY"), "{keyring}");
        let secrets = run("grep -rlE 'argon2|AGE-SECRET-KEY-1[A-Z0-9]' export docs audit || true");
        assert_eq!(secrets, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_verifies_the_checkpoint_in_an_archive() {
    let place = Place::open().await;
    let made = place.back_up().await.unwrap();
    let out = tempfile::tempdir().unwrap();
    fs::write(out.path().join("kit.txt"), place.kit().to_text().as_bytes()).unwrap();
    fs::copy(&made.path, out.path().join("b.zip.age")).unwrap();

    // The signature is the base64 of the last word less four bytes.
    let said = sh(
        out.path(),
        "age -d -i kit.txt b.zip.age > b.zip && unzip -q b.zip
         tail -n 5 audit/checkpoints.txt | head -n 3 > body
         tail -n 1 audit/checkpoints.txt | awk '{print $NF}' | base64 -d | tail -c 64 > sig
         sed -n '/BEGIN/,/END/p' audit/vkeys.txt > key.pem
         openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in body -sigfile sig",
    );
    assert!(said.contains("Signature Verified Successfully"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_clinic_has_the_same_ledger_head_rows_and_files() {
    let place = Place::open().await;
    let made = place.back_up().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("new");
    let report = place.restore(&made.path, place.kit(), &data_dir).await.unwrap();

    assert_eq!(report.ledger_root, made.ledger_root);
    assert_eq!((report.rows, report.files), (made.rows, made.files));
    let machine = MachineIdentity::find(&MachinePlaces::data_dir_only(&data_dir)).unwrap();
    let keyring = KeyringFile::in_data_dir(&data_dir).open(&machine.identity).unwrap();
    assert_ne!(*keyring.db_key_hex(), *place.source.keyring.db_key_hex());
    assert_eq!(keyring.kit_recipients(), place.source.keyring.kit_recipients());

    let database = Places::database(&data_dir);
    assert!(!fs::read(&database).unwrap().starts_with(b"SQLite format 3"));
    let key = DatabaseKey::new(*keyring.db_key());
    let clock = Clock::fixed(Timestamp::from_unix_ms(NOW));
    let vault = Vault::open(&database, &key, clock).await.unwrap();
    let outside = Head::read(&Head::path_beside(&database)).unwrap();
    let verified = vault.verify(outside).await.unwrap();
    assert_eq!(verified.fault, None);
    assert_eq!(verified.head.size, made.ledger_size);
    let notes = fs::read_to_string(tirkeu::vault::checkpoints_beside(&database)).unwrap();
    assert_eq!(tirkeu::vault::notes_in(&notes).len(), 2, "the backup's own and the one before");
    let files = BlobStore::open(&data_dir, &keyring).unwrap();
    let [name] = files.list().unwrap().try_into().unwrap();
    assert_eq!(files.get(name).unwrap(), SCAN);
    assert!(
        files_below(&data_dir).iter().all(|path| !path.to_string_lossy().contains(".restoring"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_after_a_restore_writes_it_into_the_ledger_once() {
    let place = Place::open().await;
    let made = place.back_up().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    place.restore(&made.path, place.kit(), folder.path()).await.unwrap();
    let machine = MachineIdentity::find(&MachinePlaces::data_dir_only(folder.path())).unwrap();
    let keyring = KeyringFile::in_data_dir(folder.path()).open(&machine.identity).unwrap();
    let key = DatabaseKey::new(*keyring.db_key());
    let clock = Clock::fixed(Timestamp::from_unix_ms(NOW));
    let vault = Vault::open(&Places::database(folder.path()), &key, clock).await.unwrap();
    let files = BlobStore::open(folder.path(), &keyring).unwrap();
    let data_dir = folder.path().to_owned();
    let source = Source { vault, keyring: Arc::new(keyring), files, data_dir };

    backup::recover(&source, &console()).await.unwrap();
    backup::recover(&source, &console()).await.unwrap();
    let head = source.vault.ledger_head().await.unwrap();
    assert_eq!(head.size, made.ledger_size + 2, "the restore and its checkpoint");
    let grant = Actor::console().grant().unwrap();
    let runs = backup::list(&source.vault, &grant).await.unwrap();
    assert_eq!(runs[0].failure.as_deref(), Some("interrupted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_or_a_changed_archive_is_refused_and_leaves_nothing() {
    let place = Place::open().await;
    let made = place.back_up().await.unwrap();
    let whole = fs::read(&made.path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("new");
    let stranger = Identity::generate();

    let error = place.restore(&made.path, &stranger, &data_dir).await.unwrap_err();
    assert_eq!((error.code(), error.exit_code()), ("wrong_key", 2));
    for length in [0, 10, whole.len() / 2, whole.len() - 1] {
        fs::write(&made.path, &whole[..length]).unwrap();
        let error = place.restore(&made.path, place.kit(), &data_dir).await.unwrap_err();
        assert_eq!(error.exit_code(), 3, "cut at {length}: {error}");
    }
    for position in [200, whole.len() / 3, whole.len() - 20] {
        let mut altered = whole.clone();
        altered[position] ^= 4;
        fs::write(&made.path, &altered).unwrap();
        let error = place.restore(&made.path, place.kit(), &data_dir).await.unwrap_err();
        assert!([2, 3].contains(&error.exit_code()), "flip at {position}: {error}");
    }
    assert!(!data_dir.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_exchanged_for_an_older_one_does_not_fit_its_note() {
    let place = Place::open().await;
    let older = place.back_up().await.unwrap();
    place.clinic.clinic.clock().advance_ms(60_000);
    let newer = place.back_up().await.unwrap();
    fs::copy(&older.path, &newer.path).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let error = place.restore(&newer.path, place.kit(), folder.path()).await.unwrap_err();
    assert!(matches!(error, RestoreError::Note), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_anything_in_it_is_never_restored_into() {
    let place = Place::open().await;
    let made = place.back_up().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();

    let error = place.restore(&made.path, place.kit(), folder.path()).await.unwrap_err();
    assert_eq!(error.code(), "not_empty");
    assert_eq!(files_below(folder.path()), [folder.path().join("thesis.txt")]);
    let file = folder.path().join("thesis.txt");
    let error = place.restore(&made.path, place.kit(), &file).await.unwrap_err();
    assert_eq!(error.code(), "not_empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_a_newer_program_is_refused() {
    let place = Place::open().await;
    let mut sql = connect_options(&place.clinic.database(), &TestClinic::database_key())
        .connect()
        .await
        .unwrap();
    let newer =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'later', 1, x'00', 0)";
    sqlx::query(newer).execute(&mut sql).await.unwrap();
    // The test restore of the backup itself meets it first.
    let error = place.back_up().await.unwrap_err();

    assert!(matches!(error, BackupError::Drill(RestoreError::NewerSchema { .. })), "{error}");
}

/// A file system of a few hundred kilobytes.
struct TinyDisk(PathBuf);

impl TinyDisk {
    fn mount(at: PathBuf, size: &str) -> Self {
        fs::create_dir_all(&at).unwrap();
        let options = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&at);
        let status = mount.status().unwrap();
        assert!(status.success(), "this test mounts a tmpfs and must run as root");
        Self(at)
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_fails_the_backup_and_leaves_no_half_archive() {
    let place = Place::open().await;
    let noise: Vec<u8> =
        (0..200_000_u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes()).collect();
    place.source.files.put(noise.as_slice()).unwrap();
    let disk = TinyDisk::mount(place.target.path().join("disk"), "300k");

    let error =
        backup::now(&place.source, &console(), &disk.0, Kind::Manual, None).await.unwrap_err();
    assert!(matches!(error, BackupError::Full), "{error}");
    assert_eq!(fs::read_dir(&disk.0).unwrap().count(), 0);
    assert_eq!(place.runs().await[0].failure.as_deref(), Some("disk_full"));
    assert_eq!(place.clinic.audited().await.last().unwrap(), "backup.failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_the_restore_before_and_while_it_writes() {
    let place = Place::open().await;
    let noise: Vec<u8> =
        (0..2_000_000_u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes()).collect();
    place.source.files.put(noise.as_slice()).unwrap();
    let made = place.back_up().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let disk = TinyDisk::mount(folder.path().join("disk"), "6m");

    let error = place.restore(&made.path, place.kit(), &disk.0).await.unwrap_err();
    assert_eq!((error.code(), error.exit_code()), ("no_room", 5), "{error}");
    assert_eq!(fs::read_dir(&disk.0).unwrap().count(), 0);
    drop(disk);
    // Room enough, but no more than a handful of files.
    for files in 3..10 {
        let size = format!("64m,nr_inodes={files}");
        let disk = TinyDisk::mount(folder.path().join(format!("disk{files}")), &size);
        let error = place.restore(&made.path, place.kit(), &disk.0).await.unwrap_err();
        assert_eq!(error.exit_code(), 5, "{files}: {error}");
        assert_eq!(fs::read_dir(&disk.0).unwrap().count(), 0, "{files}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_while_others_write_is_of_one_moment() {
    let place = Place::open().await;
    let vault = place.source.vault.clone();
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let writing = tokio::spawn(async move {
        let mut written = 0;
        while !*stopped.borrow_and_update() {
            let event = Event::new("test.written", Subject::Clinic);
            vault.record(&console(), event).await.unwrap();
            written += 1;
        }
        written
    });

    let made = place.back_up().await.unwrap();
    stop.send(true).unwrap();
    assert!(writing.await.unwrap() > 10);
    // The test restore has compared rows, integrity and ledger; ours again.
    let folder = tempfile::tempdir().unwrap();
    let report = place.restore(&made.path, place.kit(), folder.path()).await.unwrap();
    assert_eq!(report.ledger_size, made.ledger_size);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_listed_and_logged_and_a_second_one_waits_its_turn() {
    let place = Place::open().await;
    let (first, second) = tokio::join!(place.back_up(), place.back_up());

    assert!(first.is_ok() != second.is_ok());
    let runs = place.runs().await;
    assert_eq!(runs.len(), 1);
    assert!(runs[0].is_good() && runs[0].drill_ms.is_some());
    assert_eq!(place.clinic.audited().await, ["backup.started", "backup.made"]);
    let beside = fs::read_dir(place.target.path()).unwrap().count();
    assert_eq!(beside, 3, "the archive, its note, the list of acts of destruction");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_recovery_kit_there_is_no_backup() {
    let place = Place::open().await;
    let source = Source::of(&place.clinic.clinic);
    let made = backup::now(&source, &console(), place.target.path(), Kind::Manual, None).await;

    assert!(matches!(made, Err(BackupError::NoKits)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_an_archive_says_what_became_of_it() {
    let place = Place::open().await;
    let made = place.back_up().await.unwrap();
    let look = async || {
        place.clinic.clinic.clock().advance_ms(1_000);
        let run = place.runs().await.remove(0);
        backup::look(&place.source, &console(), &run).await.unwrap()
    };
    assert_eq!(look().await, Outcome::Good);
    let note = made
        .path
        .with_file_name(format!("{}.note", made.path.file_name().unwrap().to_string_lossy()));
    let (whole, signed) = (fs::read(&made.path).unwrap(), fs::read_to_string(&note).unwrap());

    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 1;
    fs::write(&made.path, altered).unwrap();
    assert_eq!(look().await, Outcome::Altered);
    fs::remove_file(&made.path).unwrap();
    assert_eq!(look().await, Outcome::Missing);
    fs::write(&made.path, whole).unwrap();
    fs::write(&note, signed.replace("bytes ", "bytes 1")).unwrap();
    assert_eq!(look().await, Outcome::Unsigned);
    assert_eq!(place.runs().await[0].check_outcome, Some(Outcome::Unsigned));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_archive_outlives_four_hundred_days() {
    let place = Place::open().await;
    let made = place.back_up().await.unwrap();
    assert_eq!(backup::prune(&place.source, &console()).await.unwrap(), 0);
    place.clinic.clinic.clock().advance_ms(401 * 24 * 60 * 60 * 1000);

    assert_eq!(backup::prune(&place.source, &console()).await.unwrap(), 1);
    assert!(!made.path.exists());
    let left = fs::read_dir(place.target.path()).unwrap().count();
    assert_eq!(left, 1, "the list of acts of destruction outlives the archives");
    assert!(place.runs().await[0].removed_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_makes_a_kit_on_the_page_then_backs_up_with_a_button() {
    let clinic = TestClinic::open().await;
    let machine =
        MachineIdentity::find_or_create(&MachinePlaces::data_dir_only(clinic.folder.path()));
    let mut keyring = Keyring::clone(&clinic.clinic.keys.get());
    keyring.add_holder(HolderKind::Machine, "m", &machine.unwrap().identity.recipient(), 0);
    KeyringFile::in_data_dir(clinic.folder.path()).create(&keyring).unwrap();
    clinic.clinic.keys.replace(keyring);
    let owner = clinic.sign_in(Role::Owner).await;

    assert_eq!(owner.post("/backups", "").await.status, 409);
    let shown = owner.post("/backups/kit", "").await.body;
    let between = |from: &str, to: char| {
        shown.split(from).nth(1).unwrap().split(to).next().unwrap().replace(' ', "")
    };
    let (key, sealed) =
        (between("kit-k\" lang=\"en\">", '<'), between("name=\"sealed\" value=\"", '"'));
    let keep = async |sealed: &str, ending: &str| {
        owner.post("/backups/kit/keep", &format!("sealed={sealed}&ending={ending}")).await
    };
    let refused = keep(&sealed, "AAAAAAAA").await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("AAAAAAAA") && refused.body.replace(' ', "").contains(&key));
    assert_eq!(keep("abc", &key[66..]).await.status, 422, "not sealed here");
    assert_eq!(keep(&sealed, &key[66..]).await.status, 303);
    let kit = Identity::parse(&key).unwrap();
    let file = KeyringFile::in_data_dir(clinic.folder.path());
    assert!(file.open(&kit).is_ok());

    assert_eq!(owner.post("/backups", "").await.status, 303);
    let grant = Actor::console().grant().unwrap();
    let run = loop {
        let runs = backup::list(clinic.vault(), &grant).await.unwrap();
        match runs.into_iter().find(|run| run.finished_at.is_some()) {
            Some(run) => break run,
            None => tokio::task::yield_now().await,
        }
    };
    assert_eq!(run.failure, None);
    let check = owner.post(&format!("/backups/{}/check", run.id), "").await;
    assert_eq!(check.status, 303);
    let page = owner.get("/backups").await;
    assert!(page.body.contains(&run.file));
    assert_eq!(owner.get("/backups/progress").await.header("hx-refresh"), "true");
    let progress = clinic.audited().await;
    assert_eq!(progress, ["backup.kit_added", "backup.started", "backup.made", "backup.checked"]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_refused_with_what_was_typed() {
    let clinic = TestClinic::open().await;
    let admin = clinic.sign_in(Role::Sysadmin).await;
    for folder in ["backups", "/proc/nothing"] {
        let answer = admin.post("/backups/folder", &format!("folder={folder}")).await;
        assert_eq!(answer.status, 422, "{folder}");
        let shown = format!("value=\"{}\"", folder.replace('/', "&#x2f;"));
        assert!(answer.body.contains(&shown), "{folder}");
    }
    let good = clinic.folder.path().join("elsewhere");
    let form = format!("folder={}", good.display());
    assert_eq!(admin.post("/backups/folder", &form).await.status, 303);
    let source = Source::of(&clinic.clinic);
    let grant = Actor::console().grant().unwrap();
    assert_eq!(backup::folder(&source, &grant).await.unwrap(), good);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_night_makes_one_backup_and_makes_up_for_a_missed_one() {
    let place = Place::open().await;
    let mut clinic = place.clinic.clinic.clone();
    clinic.keys = tirkeu::clinic::Keys::new(Keyring::clone(&place.source.keyring));
    clinic.files = place.source.files.clone();

    assert!(backup::nightly_if_due(&clinic).await.unwrap());
    assert!(!backup::nightly_if_due(&clinic).await.unwrap());
    clinic.clock().advance_ms(3 * 24 * 60 * 60 * 1000);
    assert!(backup::nightly_if_due(&clinic).await.unwrap());
    assert!(!backup::nightly_if_due(&clinic).await.unwrap());
    assert_eq!(place.runs().await.len(), 2);
}

/// The program itself, as a script calls it.
fn tirkeu(arguments: &[&str]) -> (i32, serde_json::Value, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tirkeu"));
    let output = command.args(arguments).arg("--json").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let object = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code().unwrap_or(-1), object, said)
}

#[test]
fn the_command_backs_up_verifies_and_restores_a_clinic() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, kit, to, new) = (path("data"), path("kit.txt"), path("to"), path("new"));
    let (status, _, said) = tirkeu(&["init", "--data-dir", &data, "--recovery-kit", &kit]);
    assert_eq!(status, 0, "{said}");

    let (status, made, said) = tirkeu(&["backup", "now", "--to", &to, "--data-dir", &data]);
    assert_eq!(status, 0, "{said}");
    let archive = made["path"].as_str().unwrap();
    let (status, listed, _) = tirkeu(&["backup", "list", "--data-dir", &data]);
    assert_eq!((status, listed["runs"].as_array().unwrap().len()), (0, 1));
    let verify = ["backup", "verify", archive, "--identity", &kit, "--data-dir", &data];
    let (status, report, said) = tirkeu(&verify);
    assert_eq!((status, &report["ledger_root"]), (0, &made["ledger_root"]), "{said}");
    let (status, compared, _) = tirkeu(&["backup", "verify", archive, "--data-dir", &data]);
    assert_eq!((status, compared["state"].as_str()), (0, Some("good")));

    let restore = ["restore", archive, "--identity", &kit, "--data-dir", &new];
    let (status, report, said) = tirkeu(&restore);
    assert_eq!((status, &report["rows"]), (0, &made["rows"]), "{said}");
    let (status, ledger, said) = tirkeu(&["audit", "verify", "--data-dir", &new]);
    assert_eq!((status, &ledger["root"]), (0, &made["ledger_root"]), "{said}");
    assert_eq!(tirkeu(&restore).0, 5);

    fs::write(path("other.txt"), Identity::generate().to_text().as_bytes()).unwrap();
    let (status, refused, _) =
        tirkeu(&["restore", archive, "--identity", &path("other.txt"), "--data-dir", &path("x")]);
    assert_eq!((status, refused["code"].as_str()), (2, Some("wrong_key")));
    let whole = fs::read(archive).unwrap();
    fs::write(archive, &whole[..whole.len() / 2]).unwrap();
    let cut = ["restore", archive, "--identity", &kit, "--data-dir", &path("x")];
    assert_eq!(tirkeu(&cut).0, 3);
    assert_eq!(tirkeu(&["backup", "verify", archive, "--data-dir", &data]).0, 3);
    assert!(!Path::new(&path("x")).exists());
}
