//! The rules of the source tree that the compiler does not check.

use std::fs;
use std::path::{Path, PathBuf};

/// `lib.rs` lists the modules lowest first; nobody looks down the list.
#[test]
fn modules_depend_only_on_those_listed_above_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let listing = fs::read_to_string(source.join("lib.rs")).unwrap();
    let modules: Vec<&str> = listing
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let level = |name: &str| modules.iter().position(|module| *module == name);

    let mut wrong = Vec::new();
    for (file, module) in rust_files(&source) {
        let Some(own_level) = level(&module) else {
            continue; // lib.rs and main.rs stand above the list.
        };
        for (line, text) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            for used in text.split("crate::").skip(1) {
                let used = used.split(|c: char| !c.is_alphanumeric() && c != '_').next();
                if used.and_then(level).is_some_and(|used| own_level < used) {
                    wrong.push(format!("{}:{}: {}", file.display(), line + 1, text.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these look down the list:\n{}", wrong.join("\n"));
}

/// SQL stands in `store.rs` files and in the vault, where it can be reviewed.
#[test]
fn sql_is_only_in_stores_and_the_vault() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (file, module) in rust_files(&source) {
        let may = module == "vault" || file.ends_with("store.rs");
        let text = fs::read_to_string(&file).unwrap();
        assert!(may || !text.contains("sqlx::query"), "SQL in {}", file.display());
        // A backup reads tables whose names it learns from the schema.
        let builds = file.ends_with("backup/store.rs");
        assert!(builds || !text.contains("AssertSqlSafe"), "built SQL in {}", file.display());
    }
}

/// All source files, each with the top-level module it belongs to.
pub fn rust_files(source: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![source.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let first = path.strip_prefix(source).unwrap().iter().next().unwrap();
                let module = first.to_str().unwrap().trim_end_matches(".rs").to_owned();
                files.push((path, module));
            }
        }
    }
    files
}
