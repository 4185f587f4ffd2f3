//! What people wrote back, from gateways that keep it until they are asked: SMSC
//! (`get.php` with `get_answers`) and the spool of `gammu-smsd`.

use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::Value;
use tokio::fs;

use super::Trouble;
use super::smsc::plain;
use crate::clock::Timestamp;

/// A reply as the gateway keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The gateway's own number of it.
    pub id: String,
    pub from: String,
    pub to: String,
    pub text: String,
    /// When it came there, where that is known.
    pub at: Option<Timestamp>,
    /// What is to be taken away once it is kept.
    pub(super) files: Vec<PathBuf>,
}

/// SMSC's answer: a list, or one object with an error.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answers {
    List(Vec<SmscReply>),
    Error { error_code: i64 },
}

#[derive(Deserialize)]
struct SmscReply {
    id: Value,
    phone: Value,
    #[serde(default)]
    message: String,
    #[serde(default)]
    to_phone: Value,
}

/// Reads what SMSC says of replies, oldest first.
pub(super) fn of_smsc(body: &[u8]) -> Result<Vec<Written>, Trouble> {
    let list = match serde_json::from_slice(body).map_err(|_| Trouble::WrongAddress)? {
        Answers::List(list) => list,
        // Nothing was found.
        Answers::Error { error_code: 3 } => return Ok(Vec::new()),
        Answers::Error { error_code: 2 } => return Err(Trouble::Credentials),
        Answers::Error { error_code: 4 } => return Err(Trouble::Blocked),
        Answers::Error { error_code: 9 } => return Err(Trouble::Busy),
        Answers::Error { .. } => return Err(Trouble::WrongAddress),
    };
    let written = list.into_iter().map(|one| Written {
        id: plain(&one.id),
        from: plain(&one.phone),
        to: plain(&one.to_phone),
        text: one.message,
        at: None,
        files: Vec::new(),
    });
    let mut written: Vec<Written> = written.filter(|one| !one.id.is_empty()).collect();
    written.sort_by_key(|one| one.id.parse::<u64>().unwrap_or_default());
    Ok(written)
}

/// A file is whole once nothing was written to it for so long.
const AT_REST: Duration = Duration::from_secs(2);

/// What lies in the inbox of a spool: `IN20261124_101500_00_+77012345678_00.txt`,
/// one file for each part of a long SMS.
pub(super) async fn of_spool(inbox: &Path) -> Vec<Written> {
    let Ok(mut files) = fs::read_dir(inbox).await else { return Vec::new() };
    let mut parts: Vec<(String, PathBuf)> = Vec::new();
    while let Ok(Some(file)) = files.next_entry().await {
        let name = file.file_name().to_string_lossy().into_owned();
        // gammu-smsd writes the ending in small letters.
        if name.starts_with("IN") && name.strip_suffix(".txt").is_some() {
            parts.push((name, file.path()));
        }
    }
    parts.sort();
    let mut all: Vec<Written> = Vec::new();
    let mut resting = Vec::new();
    for (name, path) in parts {
        let Some((id, from)) = whose(&name) else { continue };
        let (Ok(bytes), Ok(known)) = (fs::read(&path).await, fs::metadata(&path).await) else {
            continue;
        };
        let modified = known.modified().ok();
        let rests = modified.and_then(|at| at.elapsed().ok()).is_some_and(|age| AT_REST <= age);
        let at = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let at = at.and_then(|at| i64::try_from(at.as_millis()).ok()).map(Timestamp::from_unix_ms);
        let text = decoded(&bytes);
        match all.last_mut() {
            Some(last) if last.id == id => {
                last.text.push_str(&text);
                last.files.push(path);
            }
            _ => {
                let to = String::new();
                all.push(Written { id: id.clone(), from, to, text, at, files: vec![path] });
            }
        }
        if !rests {
            resting.push(id);
        }
    }
    all.retain(|one| !resting.contains(&one.id));
    all
}

/// Takes it off the disk.
pub(super) async fn forget(written: &Written) {
    for file in &written.files {
        let _ = fs::remove_file(file).await;
    }
}

/// The name without the number of the part, and the sender.
fn whose(name: &str) -> Option<(String, String)> {
    let (id, _) = name.strip_suffix(".txt")?.rsplit_once('_')?;
    let (_, from) = id.rsplit_once('_')?;
    Some((id.to_owned(), from.to_owned()))
}

/// `gammu-smsd` writes UTF-16 with a mark in front, or bytes when told to.
fn decoded(bytes: &[u8]) -> String {
    let (encoding, rest) = match bytes {
        [0xfe, 0xff, rest @ ..] => (encoding_rs::UTF_16BE, rest),
        [0xff, 0xfe, rest @ ..] => (encoding_rs::UTF_16LE, rest),
        bytes => (encoding_rs::UTF_8, bytes),
    };
    encoding.decode_without_bom_handling(rest).0.trim_end_matches('\0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smsc_tells_replies_oldest_first_or_that_there_are_none() {
        let body = r#"[
            {"id":"9","received":"24.11.2026 10:15:00","phone":"77012345678","message":"жоқ",
             "to_phone":"77770000000","sent":"24.11.2026 10:14:58"},
            {"id":7,"phone":77012345678,"message":"1","to_phone":"77770000000"}]"#;
        let all = of_smsc(body.as_bytes()).unwrap();
        let said: Vec<_> = all.iter().map(|one| (&*one.id, &*one.from, &*one.text)).collect();
        assert_eq!(said, [("7", "77012345678", "1"), ("9", "77012345678", "жоқ")]);
        assert_eq!(of_smsc(b"[]").unwrap(), []);
        let said = |code: i64| of_smsc(format!("{{\"error_code\":{code}}}").as_bytes());
        assert_eq!(said(3), Ok(Vec::new()));
        assert_eq!(said(2), Err(Trouble::Credentials));
        assert_eq!(of_smsc(b"<html>"), Err(Trouble::WrongAddress));
    }

    fn put(folder: &Path, name: &str, text: &str) {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        let bytes: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        let now = file.metadata().unwrap().modified().unwrap();
        file.set_modified(now - Duration::from_mins(1)).unwrap();
    }

    #[tokio::test]
    async fn the_parts_of_a_long_sms_in_the_spool_are_one_and_are_taken_away_together() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        put(at, "IN20261124_101500_00_+77012345678_01.txt", "приду");
        put(at, "IN20261124_101500_00_+77012345678_00.txt", "Да, ");
        put(at, "IN20261124_101500_01_+77010000001_00.txt", "иә");
        put(at, "notes.txt", "1");
        // The daemon is still writing this one.
        std::fs::write(at.join("IN20261124_101600_00_+77010000002_00.txt"), b"1").unwrap();
        let all = of_spool(at).await;
        let said: Vec<_> = all.iter().map(|one| (&*one.from, &*one.text)).collect();
        assert_eq!(said, [("+77012345678", "Да, приду"), ("+77010000001", "иә")]);
        for one in &all {
            forget(one).await;
        }
        assert_eq!(std::fs::read_dir(at).unwrap().count(), 2);
        assert_eq!(of_spool(&at.join("none")).await, []);
    }
}
