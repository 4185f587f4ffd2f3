//! The list of acts of destruction that lies beside the archives of a clinic:
//! whoever restores an older archive learns from it what was destroyed since
//! (SECURITY.md 9.4, 9.5). Ids and days, no personal data; signed by the clinic.
//!
//! One act on each line as JSON, the oldest first; the last line is the
//! signature of all bytes before it.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::backup::archive::{ArchiveError, Checked, entry};
use crate::backup::refusal::RestoreError;
use crate::backup::restore::{at, vkeys_of};
use crate::backup::{Source, store};
use crate::crypto::{SigningKey, VerifyingKey, files, hash};
use crate::disposals::{self, CarriedOut};
use crate::vault::permission::RunBackup;
use crate::vault::{Grant, VaultError};

/// The last line.
#[derive(Serialize, Deserialize)]
struct Signed {
    /// The clinic, so that no other's list is taken for it.
    clinic: String,
    /// Ed25519, hex.
    signature: String,
}

/// `tirkeu-<clinic>-disposals.jsonl`
pub fn list_path(folder: &Path, clinic: &str) -> PathBuf {
    folder.join(format!("tirkeu-{clinic}-disposals.jsonl"))
}

/// The lines of an archive: they are signed with all of it.
pub fn lines(acts: &[CarriedOut]) -> String {
    let line = |act| serde_json::to_string(act).expect("plain fields are JSON") + "\n";
    acts.iter().map(line).collect()
}

/// None when a line is no act.
pub fn parse(lines: &str) -> Option<Vec<CarriedOut>> {
    lines.lines().map(|line| serde_json::from_str(line).ok()).collect()
}

fn sign(acts: &[CarriedOut], clinic: &str, key: &SigningKey) -> String {
    let body = lines(acts);
    let signature = hash::hex(&key.sign(&message(&body, clinic)));
    let signed = Signed { clinic: clinic.to_owned(), signature };
    body + &serde_json::to_string(&signed).expect("plain fields are JSON") + "\n"
}

fn message(body: &str, clinic: &str) -> Vec<u8> {
    format!("tirkeu disposals 1\n{clinic}\n{body}").into_bytes()
}

/// None when nobody of `keys` signed it for this clinic, or it was altered.
pub fn open(text: &str, clinic: &str, keys: &[VerifyingKey]) -> Option<Vec<CarriedOut>> {
    let start = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
    let (body, last) = text.split_at(start);
    let signed: Signed = serde_json::from_str(last.trim_end()).ok()?;
    let signature = hash::from_hex(&signed.signature)?;
    let message = message(body, clinic);
    let genuine =
        signed.clinic == clinic && keys.iter().any(|key| key.verify(&message, &signature));
    if genuine { parse(body) } else { None }
}

/// Writes the list anew into every folder that archives went to and that is
/// there now. A disk that is not connected, or refuses it, gets it with its next
/// archive.
pub async fn spread(source: &Source, grant: &Grant<RunBackup>) -> Result<(), VaultError> {
    let acts = disposals::carried_out(&source.vault, grant).await?;
    let mut folders = store::folders(&mut source.vault.read(grant).await?).await?;
    folders.retain(|folder| Path::new(folder).is_dir());
    let clinic = source.keyring.clinic_id();
    let text = sign(&acts, clinic, &source.keyring.audit_key());
    for folder in folders {
        let path = list_path(Path::new(&folder), clinic);
        if let Err(error) = files::write(&path, text.as_bytes()) {
            tracing::error!(%error, "the list of acts of destruction could not be written");
        }
    }
    Ok(())
}

/// Where the acts of destruction are told of that are younger than an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum List {
    /// Beside the archive.
    #[default]
    Beside,
    At(PathBuf),
    /// Whoever restores answers for doing without it.
    Without,
}

/// Acts that the archive does not know. None when there is no list, and the
/// archive knows of no act at all: nothing says that there was one.
pub(super) fn younger(
    path: &Path,
    checked: &mut Checked,
    list: &List,
) -> Result<Option<Vec<CarriedOut>>, RestoreError> {
    let lines = checked.get(entry::DISPOSALS)?;
    let known = parse(&String::from_utf8_lossy(&lines));
    let known = known.ok_or_else(|| ArchiveError::Damaged("its acts of destruction".to_owned()))?;
    let clinic = checked.format.clinic.clone();
    let named = match list {
        List::Without => return Ok(None),
        List::At(named) => named.clone(),
        List::Beside => list_path(path.parent().unwrap_or(Path::new(".")), &clinic),
    };
    let keys = vkeys_of(&checked.get(entry::VKEYS)?);
    let text = match std::fs::read_to_string(&named) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let unaware = known.is_empty() && *list == List::Beside;
            return if unaware { Ok(None) } else { Err(RestoreError::NoList) };
        }
        Err(reason) => return Err(at(&named)(reason)),
    };
    let told = open(&text, &clinic, &keys).ok_or(RestoreError::List(named))?;
    let is_younger = |act: &CarriedOut| known.iter().all(|known| known.id != act.id);
    Ok(Some(told.into_iter().filter(is_younger).collect()))
}

/// What a restore left to be done when the server starts.
#[derive(Deserialize)]
pub(super) struct Marker {
    /// Acts to be carried out again. Not in a marker of an earlier version.
    #[serde(default)]
    pub acts: Vec<CarriedOut>,
    /// Whoever restored did without the list of acts, and knew that there is one.
    #[serde(default)]
    pub without_list: bool,
}

impl Marker {
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::crypto::Random;
    use crate::disposals::DisposalId;
    use crate::ids::PatientId;
    use crate::retention::Extent;

    #[test]
    fn a_list_is_believed_only_whole_and_from_its_own_clinic() {
        let key = SigningKey::from_pkcs8(&SigningKey::generate_pkcs8(&Random::fixed(1))).unwrap();
        let keys = [key.verifying_key()];
        let at = Timestamp::from_unix_ms(1_790_000_000_000);
        let act = |number| CarriedOut {
            id: DisposalId::new(at),
            number,
            patient_id: PatientId::new(at),
            merged: Vec::new(),
            card: 7,
            extent: Extent::Whole,
            done_at: at,
        };
        let acts = vec![act(1), act(2)];
        let text = sign(&acts, "c", &key);

        assert_eq!(open(&text, "c", &keys), Some(acts));
        assert_eq!(open(&text, "d", &keys), None);
        assert_eq!(open(&text, "c", &[]), None);
        assert_eq!(open(&text.replace("\"card\":7", "\"card\":8"), "c", &keys), None);
        let (_, without_first) = text.split_once('\n').unwrap();
        assert_eq!(open(without_first, "c", &keys), None, "a line is missing");
        assert_eq!(open(&sign(&[], "c", &key), "c", &keys), Some(Vec::new()));
    }
}
