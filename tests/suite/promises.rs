//! What the documents promise exists: each test and each file they name, each
//! requirement and each threat they have to speak of (SECURITY.md T1.1); and what
//! `deny.toml` bans is not in the tree (T3.1).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::architecture::rust_files;

/// Levels 1 and 2 of ASVS 5.0: section and how far its numbers go.
const ASVS: &str = "1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 \
    4.1:3 4.2:1 4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 \
    7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 11.1:2 11.2:3 11.3:3 \
    11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 \
    15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap()
}

/// The names of all tests and functions.
fn functions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let files: Vec<PathBuf> = ["src", "tests", "fuzz"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .map(|(file, _)| file)
        .collect();
    for file in files {
        for after in fs::read_to_string(file).unwrap().split("fn ").skip(1) {
            names.extend(after.split(['(', '<']).next().map(str::to_owned));
        }
    }
    names
}

/// What stands in backticks.
fn named(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A sentence is a test, a path is a file; the rest is a word of the code.
fn missing(text: &str) -> Vec<&str> {
    let functions = functions();
    let is_missing = |name: &&str| {
        let is_sentence = name.matches('_').count() >= 3
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let is_path = !name.starts_with('/')
            && *name != "n/a"
            && (name.contains('/') || [".toml", ".lock"].iter().any(|end| name.ends_with(end)));
        (is_sentence && !functions.contains(*name)) || (is_path && !root().join(name).exists())
    };
    named(text).filter(is_missing).collect()
}

#[test]
fn every_test_and_file_that_a_document_names_exists() {
    for name in ["asvs.md", "threat-model.md"] {
        let text = document(name);
        assert!(named(&text).count() > 20, "{name} names nothing");
        assert_eq!(missing(&text), Vec::<&str>::new(), "docs/{name}");
    }
}

#[test]
fn every_requirement_of_levels_one_and_two_has_its_line() {
    let text = document("asvs.md");
    let mut lines = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |"));
    let states: Vec<(&str, &str, &str)> = lines
        .by_ref()
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').splitn(4, '|').map(str::trim).collect();
            (cells[0], cells[2], cells[3])
        })
        .collect();
    for (number, state, how) in &states {
        assert!(["met", "part", "no", "n/a"].contains(state), "{number}: {state}");
        assert!(!how.is_empty(), "{number} says nothing");
        assert!(
            *state != "met" || how.contains('`') || how.contains("compiler"),
            "{number}: where?"
        );
    }
    let known: BTreeSet<&str> = states.iter().map(|(number, ..)| *number).collect();
    assert_eq!(known.len(), states.len(), "a number stands twice");
    for section in ASVS.split_whitespace() {
        let (section, last) = section.split_once(':').unwrap();
        for number in 1..=last.parse().unwrap() {
            let number = format!("{section}.{number}");
            assert!(known.contains(number.as_str()), "docs/asvs.md has no line {number}");
        }
    }
    for whole in ["10.*", "17.*"] {
        assert!(known.contains(whole));
    }
    let of = |state: &str| states.iter().filter(|(_, it, _)| *it == state).count();
    let counted = format!(
        "{} met, {} in part, {} not, {} do not concern us.",
        of("met"),
        of("part"),
        of("no"),
        of("n/a")
    );
    assert!(text.contains(&counted), "count anew: {counted}");
}

#[test]
fn every_threat_has_a_test_against_it() {
    let text = document("threat-model.md");
    for number in 1..=14 {
        let line = text.lines().find(|line| line.starts_with(&format!("| TM{number} |")));
        let line = line.unwrap_or_else(|| panic!("TM{number} is missing"));
        let tests = named(line).filter(|name| name.matches('_').count() >= 3).count();
        assert!(tests >= 1, "TM{number} names no test");
    }
}

/// Each package of the lock file: its name and where it comes from.
fn locked() -> Vec<(String, Option<String>)> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let lock: toml::Value = toml::from_str(&lock).unwrap();
    let packages = lock["package"].as_array().unwrap();
    let text = |value: Option<&toml::Value>| value.and_then(toml::Value::as_str).map(str::to_owned);
    packages.iter().map(|it| (text(it.get("name")).unwrap(), text(it.get("source")))).collect()
}

#[test]
fn nothing_in_the_tree_is_banned() {
    let deny = fs::read_to_string(root().join("deny.toml")).unwrap();
    let deny: toml::Value = toml::from_str(&deny).unwrap();
    let banned: Vec<&str> = deny["bans"]["deny"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["crate"].as_str().unwrap())
        .collect();
    for must in ["openssl-sys", "aws-lc-rs"] {
        assert!(banned.contains(&must), "deny.toml does not ban {must}");
    }
    for (name, _) in locked() {
        assert!(!banned.contains(&name.as_str()), "{name} is in Cargo.lock");
        assert!(!["aws-lc-sys", "native-tls", "openssl"].contains(&name.as_str()), "{name}");
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("features = [\"bundled-sqlcipher\"]"), "SQLite without encryption");
}

#[test]
fn every_library_comes_from_the_registry() {
    for (name, source) in locked() {
        match source {
            Some(source) => assert!(source.starts_with("registry+"), "{name}: {source}"),
            None => assert_eq!(name, "tirkeu", "a library of unknown origin"),
        }
    }
}

/// No route and no job starts a program: there is nothing to inject into.
#[test]
fn the_server_starts_no_program() {
    for (file, module) in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let is_test = file.file_name().is_some_and(|name| name == "tests.rs");
        let starts = code.contains("process::Command") || code.contains("Command::new(");
        assert!(!starts || is_test || module == "cli", "{} starts a program", file.display());
    }
}
