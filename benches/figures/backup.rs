//! A nightly backup, test restore included, beside a plain copy of the same
//! files to the same disk.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use tirkeu::backup::{self, Kind, Source};
use tirkeu::crypto::keyring::HolderKind;
use tirkeu::crypto::{Keyring, Random, RecoveryKit};
use tirkeu::vault::permission::{Role, RunBackup};

use crate::measure::{TRIES, rates, seconds};
use crate::people;
use crate::support::{NOW, TestClinic, files_below};

const PATIENTS: usize = 10_000;
const FILES: usize = 100;
/// A photo's worth of bytes that do not compress.
const FILE_BYTES: usize = 3_000_000;

pub async fn all() {
    let clinic = TestClinic::open().await;
    people::fill(&clinic, 0, PATIENTS).await;
    let random = Random::system();
    for _ in 0..FILES {
        let photo: Vec<u8> = (0..FILE_BYTES / 500).flat_map(|_| random.bytes::<500>()).collect();
        clinic.clinic.files.put_bytes(photo).await.unwrap();
    }
    let mut keyring = Keyring::generate(&Random::fixed(7), NOW / 1000);
    keyring.add_holder(HolderKind::Kit, "A", &RecoveryKit::generate().recipient(), NOW / 1000);
    let source = Source { keyring: Arc::new(keyring), ..Source::of(&clinic.clinic) };
    let grant = clinic.grant::<RunBackup>(Role::Owner).await;
    let megabytes = files_below(clinic.folder.path()).iter().map(|file| size(file)).sum::<u64>();
    let megabytes = megabytes as f64 / 1e6;

    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..TRIES {
        let target = tempfile::tempdir().unwrap();
        let making = seconds(async {
            backup::now(&source, &grant, target.path(), Kind::Manual, None).await.unwrap();
        });
        ours.push(megabytes / making.await);
        let copying = seconds(async {
            for (number, file) in files_below(clinic.folder.path()).iter().enumerate() {
                let copy = target.path().join(number.to_string());
                fs::copy(file, &copy).unwrap();
                File::open(copy).unwrap().sync_all().unwrap();
            }
        });
        bare.push(megabytes / copying.await);
    }
    let what = format!("backup with its test restore, {megabytes:.0} MB: MB/s");
    rates(&what, ours, bare, "create >= 360 MB/s");
}

fn size(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |file| file.len())
}
