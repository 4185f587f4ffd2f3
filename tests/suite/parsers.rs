//! Every parser of ours against generated input and against the corpus that
//! `scripts/fuzz` found worth keeping. What must hold is said in `fuzz/checks.rs`.

#[path = "../../fuzz/checks.rs"]
mod checks;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{TestClinic, files_below};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// Text that nearly is something, any text, any bytes.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let nearly = "[0-9+() .,:;/\\-]{0,24}|\\PC{0,12}[0-9]{1,14}\\PC{0,12}|[А-ЯӘІҢҒҮҰҚӨҺа-яәіңғүұқөһ .\\-]{0,40}";
    prop_oneof![
        nearly.prop_map(String::into_bytes),
        "\\PC{0,80}".prop_map(String::into_bytes),
        "[ -~\\n\\t{}%\"'<>=;,А-я]{0,120}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..200),
    ]
}

#[test]
fn no_parser_stumbles_over_anything() {
    for (name, check) in checks::ALL {
        // An archive is a file on the disk, a sheet is a whole import.
        let cases = if ["archives", "sheets"].contains(&name) { 64 } else { 512 };
        let mut runner =
            TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(cases) });
        let outcome = runner.run(&input(), |bytes| {
            check(&bytes);
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("{name}: {error}");
        }
    }
}

#[test]
fn what_was_found_once_is_tried_again_for_good() {
    for (name, check) in checks::ALL {
        let files = files_below(&fuzz().join("corpus").join(name));
        assert!(!files.is_empty(), "fuzz/corpus/{name} is empty");
        for file in files {
            let bytes = fs::read(&file).unwrap();
            let outcome = std::panic::catch_unwind(|| check(&bytes));
            assert!(outcome.is_ok(), "{name} stumbles over {}", file.display());
        }
    }
}

#[test]
fn each_check_has_its_fuzz_target() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    let targets = fs::read_dir(fuzz().join("fuzz_targets")).unwrap();
    let targets: BTreeSet<String> = targets
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let checks: BTreeSet<String> = checks::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets, checks);
    for name in checks {
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "{name} is not in fuzz/Cargo.toml"
        );
    }
}

/// What a browser carries between the steps of signing in, changed in any place.
#[tokio::test]
async fn a_challenge_that_was_touched_is_none() {
    use tirkeu::access::{Challenge, Step};
    let clinic = TestClinic::open().await;
    let staff = "01900000-0000-7000-8000-000000000000".parse().unwrap();
    let challenge = Challenge::new(staff, Step::Code, clinic.clinic.clock().now());
    let sealed = challenge.seal(&clinic.clinic);
    assert_eq!(Challenge::open(&clinic.clinic, &sealed), Some(challenge));
    let mut runner =
        TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(2000) });
    let touched = (0..sealed.len(), any::<char>());
    let outcome = runner.run(&touched, |(at, letter)| {
        let mut letters: Vec<char> = sealed.chars().collect();
        prop_assume!(letters[at] != letter);
        letters[at] = letter;
        let text: String = letters.into_iter().collect();
        prop_assert!(Challenge::open(&clinic.clinic, &text).is_none(), "{}", text);
        Ok(())
    });
    outcome.unwrap();
    for cut in 0..sealed.len() {
        assert_eq!(Challenge::open(&clinic.clinic, &sealed[..cut]), None);
    }
}
