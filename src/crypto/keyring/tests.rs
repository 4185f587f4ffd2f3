use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::*;

fn for_two(machine: &Identity, kit: &RecoveryKit) -> Keyring {
    let mut keyring = Keyring::generate(&Random::system(), 1_790_000_000);
    keyring.add_holder(HolderKind::Machine, "machine", &machine.recipient(), 1_790_000_000);
    keyring.add_holder(HolderKind::Kit, "A", &kit.recipient(), 1_790_000_000);
    keyring
}

#[test]
fn the_machine_and_every_kit_open_the_keyring_and_nobody_else() {
    let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
    let keyring = for_two(&machine, &kit);
    let sealed = keyring.seal();

    for identity in [&machine, kit.identity()] {
        let opened = Keyring::open(&sealed, identity).unwrap();
        assert_eq!(*opened.db_key_hex(), *keyring.db_key_hex());
        assert_eq!(opened.holders(), keyring.holders());
        assert_eq!(opened.seal_key().verifying_key(), keyring.seal_key().verifying_key());
    }
    let stranger = Keyring::open(&sealed, &Identity::generate());
    assert!(matches!(stranger, Err(KeyringError::WrongKey)));
}

#[test]
fn the_age_program_opens_the_keyring_with_a_kit_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
    let keyring = for_two(&machine, &kit);
    let file = KeyringFile::in_data_dir(folder.path());
    file.create(&keyring).unwrap();
    let kit_file = folder.path().join("kit.txt");
    fs::write(&kit_file, kit.identity().to_text().as_bytes()).unwrap();

    let output = Command::new("age").arg("-d").arg("-i").arg(&kit_file).arg(file.path()).output();
    let output = output.expect("age is installed by scripts/test");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["v"], 1);
    assert_eq!(json["db"][0]["key_hex"], **keyring.db_key_hex());
}

#[test]
fn a_keyring_sealed_by_the_age_program_opens_here() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
    let keyring = for_two(&machine, &kit);
    let [plain, sealed] = ["plain", "sealed"].map(|name| folder.path().join(name));
    fs::write(&plain, serde_json::to_vec(&keyring).unwrap()).unwrap();
    let recipient = machine.recipient().to_string();
    let mut age = Command::new("age");
    age.args(["-r", &recipient, "-o"]).arg(&sealed).arg(&plain);

    assert!(age.status().expect("age is installed by scripts/test").success());
    assert!(Keyring::open(&fs::read(&sealed).unwrap(), &machine).is_ok());
}

#[test]
fn three_generations_are_kept_and_only_the_owner_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
    let mut keyring = for_two(&machine, &kit);
    let file = KeyringFile::in_data_dir(folder.path());
    file.create(&keyring).unwrap();
    for created in 1..=4 {
        keyring.created = created;
        file.save(&keyring).unwrap();
    }

    let created = |name: &str| {
        let path = folder.path().join("keys").join(name);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        Keyring::open(&fs::read(path).unwrap(), &machine).unwrap().created
    };
    assert_eq!(["keyring.age", "keyring.age.1", "keyring.age.2"].map(created), [4, 3, 2]);
    assert_eq!(fs::read_dir(folder.path().join("keys")).unwrap().count(), 3);
}

#[test]
fn a_new_keyring_never_replaces_one_and_a_wrong_key_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
    let file = KeyringFile::in_data_dir(folder.path());
    assert!(matches!(file.open(&machine), Err(KeyringError::Missing(_))));
    file.create(&for_two(&machine, &kit)).unwrap();
    let before = file.sealed().unwrap();

    assert!(matches!(file.open(&Identity::generate()), Err(KeyringError::WrongKey)));
    assert!(matches!(file.create(&for_two(&machine, &kit)), Err(KeyringError::Exists(_))));
    assert_eq!(file.sealed().unwrap(), before);
}

#[test]
fn a_damaged_or_newer_keyring_says_so() {
    let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
    let mut keyring = for_two(&machine, &kit);
    let mut sealed = keyring.seal();
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    assert!(matches!(Keyring::open(&sealed, &machine), Err(KeyringError::Damaged(_))));
    assert!(matches!(Keyring::open(b"", &machine), Err(KeyringError::Damaged(_))));

    keyring.v = 2;
    assert!(matches!(Keyring::open(&keyring.seal(), &machine), Err(KeyringError::Newer(2))));
    keyring.v = 1;
    keyring.db.clear();
    assert!(matches!(Keyring::open(&keyring.seal(), &machine), Err(KeyringError::Damaged(_))));
}

#[test]
fn another_kit_opens_the_keyring_after_it_was_added() {
    let (machine, kit, second) =
        (Identity::generate(), RecoveryKit::generate(), RecoveryKit::generate());
    let mut keyring = for_two(&machine, &kit);
    keyring.add_holder(HolderKind::Kit, "B", &second.recipient(), 2);
    let next_machine = Identity::generate();
    keyring.add_holder(HolderKind::Machine, "machine", &next_machine.recipient(), 3);

    let sealed = keyring.seal();
    assert!(Keyring::open(&sealed, second.identity()).is_ok());
    assert!(Keyring::open(&sealed, &next_machine).is_ok());
    assert!(matches!(Keyring::open(&sealed, &machine), Err(KeyringError::WrongKey)));
    assert_eq!(keyring.kit_recipients(), [kit.recipient(), second.recipient()]);
    assert_eq!(keyring.blob_recipients().len(), 3);
}

#[test]
fn nothing_secret_is_printed() {
    let (machine, kit) = (Identity::generate(), RecoveryKit::generate());
    let keyring = for_two(&machine, &kit);
    let printed = format!("{keyring:?} {kit:?}");

    assert!(!printed.contains("AGE-SECRET-KEY"));
    assert!(!printed.contains(&**keyring.db_key_hex()));
}

#[test]
fn a_kit_is_printed_in_groups_that_can_be_typed_back() {
    let kit = RecoveryKit::generate();
    let groups = kit.groups();

    assert_eq!(groups.split(' ').count(), 15);
    assert_eq!(Identity::parse(&groups).unwrap().recipient(), kit.recipient());
    let text = kit.identity().to_text();
    assert!(kit.ends_with(&text[66..].to_lowercase()));
    assert!(!kit.ends_with(&text[67..]) && !kit.ends_with("QQQQQQQQ"));
    assert!(kit.qr_svg().starts_with("<svg"));
}
