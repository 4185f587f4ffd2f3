//! A clinic brought back to life from one archive and one recovery key.
//!
//! Everything is checked before anything is written, and put in its place only
//! when it has been proven whole: whatever goes wrong, the target is as it was.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::runtime::Handle;

use crate::backup::acts::{self, List};
use crate::backup::archive::{ArchiveError, ArchiveReader, Checked, entry};
use crate::backup::model::{Note, note_path};
use crate::backup::rebuild;
use crate::backup::refusal::RestoreError;
use crate::clinic::Places;
use crate::clock::Clock;
use crate::crypto::hash::{self, Sha256};
use crate::crypto::keyring::HolderKind;
use crate::crypto::{
    BlobHash, BlobStore, Identity, Keyring, KeyringFile, MachineIdentity, MachinePlaces, Random,
    VerifyingKey, files,
};
use crate::disposals::CarriedOut;
use crate::vault::{DatabaseKey, Head, checkpoints_beside};

/// The marker that makes the next start write the restore into the ledger.
pub const MARKER: &str = "restored.json";

/// Where things lie until all of them are proven.
const STAGING: &str = ".restoring";

/// Room beyond the bare sizes: journals, file system, encryption.
const SPARE_PERCENT: u64 = 15;

/// What was restored, or was found by a verification.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// When the archive was made, RFC 3339, UTC.
    pub created: String,
    pub clinic: String,
    pub schema: i64,
    pub rows: u64,
    pub files: u64,
    pub ledger_size: u64,
    /// Hex.
    pub ledger_root: String,
    /// Whether the note beside the archive was there and fits it.
    pub note: NoteState,
    /// Acts of destruction that the archive does not know yet; None: there was
    /// no list to tell.
    pub disposals: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteState {
    Good,
    Missing,
}

/// Tells how many bytes of how many were dealt with.
pub type Tell<'a> = &'a mut (dyn FnMut(u64) + Send);

/// Reads a whole archive and proves its checksums, without writing anything
/// anywhere. Blocks.
pub fn check(
    path: &Path,
    identity: &Identity,
    tell: Tell,
) -> Result<(Checked, NoteState), RestoreError> {
    let mut checked = ArchiveReader::open(path, identity)?.check(tell)?;
    let vkeys = checked.get(entry::VKEYS)?;
    let note = check_note(path, &checked.format.clinic, &vkeys)?;
    Ok((checked, note))
}

/// As [`check`], and restores the database into a scratch file beside nothing
/// of value to prove rows, integrity and ledger. Blocks.
pub fn verify(
    path: &Path,
    identity: &Identity,
    scratch: &Path,
    runtime: &Handle,
    tell: Tell,
) -> Result<Report, RestoreError> {
    let (mut checked, note) = check(path, identity, tell)?;
    let head = drill(&mut checked, scratch, runtime)?;
    Ok(report(&checked, &head, note))
}

/// A test restore of the database under a key that nobody keeps.
pub fn drill(
    checked: &mut Checked,
    scratch: &Path,
    runtime: &Handle,
) -> Result<Head, RestoreError> {
    let folder = Staging::create(scratch.join(format!(".drill-{}", std::process::id())))?;
    let key = DatabaseKey::new(Random::system().bytes());
    let head = rebuild::database(checked, &folder.path.join("clinic.db"), &key, runtime)?;
    Ok(head)
}

/// Restores a clinic into a folder that is empty or does not exist. Blocks.
pub fn restore(
    path: &Path,
    identity: &Identity,
    data_dir: &Path,
    list: &List,
    clock: &Clock,
    runtime: &Handle,
    tell: Tell,
) -> Result<Report, RestoreError> {
    must_be_empty(data_dir)?;
    let (mut checked, note) = check(path, identity, tell)?;
    let acts = acts::younger(path, &mut checked, list)?;
    let sealed = checked.get(entry::KEYRING)?;
    let keyring = Keyring::open(&sealed, identity)?.with_new_db_key(&Random::system());
    let existed = data_dir.exists();
    // Who did without the list stands in the ledger of what was restored.
    let known = (acts.as_deref().unwrap_or_default(), *list == List::Without);
    let outcome = stage(&mut checked, keyring, data_dir, known, clock, runtime, tell);
    match outcome {
        Ok(head) => {
            let disposals = acts.map(|acts| acts.len());
            Ok(Report { disposals, ..report(&checked, &head, note) })
        }
        Err(error) => {
            if !existed {
                // Empty by now; a folder somebody filled meanwhile stays.
                let _ = fs::remove_dir(data_dir);
            }
            Err(error)
        }
    }
}

fn stage(
    checked: &mut Checked,
    keyring: Keyring,
    data_dir: &Path,
    (acts, without_list): (&[CarriedOut], bool),
    clock: &Clock,
    runtime: &Handle,
    tell: Tell,
) -> Result<Head, RestoreError> {
    files::make_folder(data_dir).map_err(at(data_dir))?;
    must_have_room(checked, data_dir)?;
    let staging = Staging::create(data_dir.join(STAGING))?;
    let now = clock.now().unix_seconds();

    let key = DatabaseKey::new(*keyring.db_key());
    let database = Places::database(&staging.path);
    let folder = database.parent().unwrap_or(&staging.path);
    files::make_folder(folder).map_err(at(folder))?;
    let head = rebuild::database(checked, &database, &key, runtime);
    let head = head.map_err(|error| full_or(error, &staging.path))?;
    sync(&database)?;
    let head_path = Head::path_beside(&database);
    files::write(&head_path, head.to_string().as_bytes()).map_err(at(&head_path))?;
    let notes_path = checkpoints_beside(&database);
    files::write(&notes_path, &checked.get(entry::CHECKPOINTS)?).map_err(at(&notes_path))?;

    let store = BlobStore::open(&staging.path, &keyring).map_err(at(&staging.path))?;
    for line in checked.blobs.clone() {
        let expected: Option<BlobHash> = line.sha256.parse().ok();
        let mut contents = Vec::new();
        checked.copy(&line.path, &mut contents)?;
        let (hash, bytes) = store.put(contents.as_slice())?;
        if expected != Some(hash) || bytes != line.bytes {
            return Err(ArchiveError::Damaged(format!("{} is another file", line.path)).into());
        }
        tell(bytes);
    }

    let machine = MachineIdentity::find_or_create(&MachinePlaces::data_dir_only(&staging.path))?;
    let mut keyring = keyring;
    keyring.add_holder(HolderKind::Machine, "machine", &machine.identity.recipient(), now);
    KeyringFile::in_data_dir(&staging.path).create(&keyring)?;
    let created = &checked.format.created;
    let marker = serde_json::json!({
        "created": created, "ledger": head.size, "acts": acts, "without_list": without_list,
    });
    let marker_path = staging.path.join(MARKER);
    files::write(&marker_path, marker.to_string().as_bytes()).map_err(at(&marker_path))?;
    staging.promote(data_dir)?;
    Ok(head)
}

fn report(checked: &Checked, head: &Head, note: NoteState) -> Report {
    Report {
        created: checked.format.created.clone(),
        clinic: checked.format.clinic.clone(),
        schema: checked.format.schema,
        rows: checked.manifest.rows,
        files: checked.manifest.files,
        ledger_size: head.size,
        ledger_root: hash::hex(&head.root),
        note,
        disposals: None,
    }
}

pub(super) fn vkeys_of(vkeys: &[u8]) -> Vec<VerifyingKey> {
    String::from_utf8_lossy(vkeys)
        .lines()
        .filter_map(|line| VerifyingKey::from_vkey(line).map(|(_, key)| key))
        .collect()
}

/// Compares an archive with the note beside it, if there is one. The keys that
/// check the note are inside the archive, which only a kit opens.
fn check_note(path: &Path, clinic: &str, vkeys: &[u8]) -> Result<NoteState, RestoreError> {
    let text = match fs::read_to_string(note_path(path)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(NoteState::Missing),
        Err(reason) => return Err(RestoreError::Io { path: note_path(path), reason }),
    };
    let keys = vkeys_of(vkeys);
    let note = Note::open(&text, clinic, &keys).ok_or(RestoreError::Note)?;
    let (bytes, sha256) = measure(path).map_err(at(path))?;
    if note.bytes == bytes && note.sha256 == sha256 {
        Ok(NoteState::Good)
    } else {
        Err(RestoreError::Note)
    }
}

/// Size and SHA-256 (hex) of a file.
pub fn measure(path: &Path) -> io::Result<(u64, String)> {
    struct Hash(Sha256);
    impl io::Write for Hash {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut hasher = Hash(Sha256::new());
    let mut file = io::BufReader::with_capacity(256 * 1024, fs::File::open(path)?);
    let bytes = io::copy(&mut file, &mut hasher)?;
    Ok((bytes, hash::hex(&hasher.0.finish())))
}

fn must_be_empty(folder: &Path) -> Result<(), RestoreError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(RestoreError::NotEmpty(folder.to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(RestoreError::NotEmpty(folder.to_owned()))
        }
        Err(reason) => Err(RestoreError::Io { path: folder.to_owned(), reason }),
    }
}

fn must_have_room(checked: &Checked, folder: &Path) -> Result<(), RestoreError> {
    let bare = checked.manifest.database_bytes + checked.manifest.file_bytes;
    let need = bare + bare / 100 * SPARE_PERCENT + (4 << 20);
    let stat = rustix::fs::statvfs(folder).map_err(|error| at(folder)(error.into()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if free < need { Err(RestoreError::NoRoom { need, free }) } else { Ok(()) }
}

/// SQLite has many words for a disk without room.
fn full_or(error: RestoreError, folder: &Path) -> RestoreError {
    let stat = rustix::fs::statvfs(folder);
    let full = stat.is_ok_and(|stat| stat.f_favail == 0 || stat.f_bavail == 0);
    match error {
        RestoreError::Vault(_) if full => RestoreError::Full,
        other => other,
    }
}

fn sync(path: &Path) -> Result<(), RestoreError> {
    fs::File::open(path).and_then(|file| file.sync_all()).map_err(at(path))
}

pub(super) fn at(path: &Path) -> impl Fn(io::Error) -> RestoreError + use<> {
    let path = path.to_owned();
    move |reason| match reason.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => RestoreError::Full,
        _ => RestoreError::Io { path: path.clone(), reason },
    }
}

/// A folder that disappears unless it is promoted.
struct Staging {
    path: PathBuf,
}

impl Staging {
    fn create(path: PathBuf) -> Result<Self, RestoreError> {
        // Left behind by a process that was killed: it is nobody's.
        let _ = fs::remove_dir_all(&path);
        files::make_folder(&path).map_err(at(&path))?;
        Ok(Self { path })
    }

    /// Moves everything one folder up, the keys last: without them nothing
    /// starts.
    fn promote(self, data_dir: &Path) -> Result<(), RestoreError> {
        for name in ["db", "blobs", MARKER, "keys"] {
            let target = data_dir.join(name);
            fs::rename(self.path.join(name), &target).map_err(at(&target))?;
        }
        files::sync_folder_of(&data_dir.join(MARKER)).map_err(at(data_dir))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Nothing else can be done; the next restore refuses the folder.
        let _ = fs::remove_dir_all(&self.path);
    }
}
