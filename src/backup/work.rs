//! One backup under way: written, proven by a test restore, signed, named.

use std::path::{Path, PathBuf};

use tokio::runtime::Handle;

use crate::backup::archive::{ArchiveError, ArchiveReader};
use crate::backup::lock::{Lock, Stage};
use crate::backup::model::{Note, RunId, note_path};
use crate::backup::{BackupError, Made, Source, in_folder, restore, store, write};
use crate::clock::Timestamp;
use crate::crypto::{Identity, Recipient, files};
use crate::vault::Grant;
use crate::vault::permission::RunBackup;

/// One backup under way.
pub struct Work {
    pub source: Source,
    pub path: PathBuf,
    pub started: Timestamp,
    pub id: RunId,
}

impl Work {
    pub async fn run(
        self,
        grant: &Grant<RunBackup>,
        lock: Lock,
    ) -> Result<(Made, store::Figures), BackupError> {
        let grant = grant.clone();
        let runtime = Handle::current();
        let done = tokio::task::spawn_blocking(move || self.write(&grant, lock, &runtime)).await;
        done.map_err(|_| BackupError::BrokenOff)?
    }

    /// Blocks.
    fn write(
        &self,
        grant: &Grant<RunBackup>,
        mut lock: Lock,
        runtime: &Handle,
    ) -> Result<(Made, store::Figures), BackupError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        files::make_folder(folder).map_err(|reason| in_folder(folder, reason))?;
        let pending = files::Pending::create(&self.path);
        let mut pending = pending.map_err(|reason| in_folder(folder, reason))?;
        // A key that exists only now, to prove that the archive opens.
        let witness = Identity::generate();
        let mut recipients = self.source.keyring.kit_recipients();
        let fingerprints = recipients.iter().map(Recipient::fingerprint).collect();
        recipients.push(witness.recipient());
        let contents = runtime.block_on(async {
            let mut snapshot = self.source.vault.snapshot(grant).await?;
            let (output, now) = (pending.file(), self.started);
            write::archive(&self.source, &mut snapshot, output, &recipients, now, &mut lock).await
        })?;
        pending.file().sync_all().map_err(ArchiveError::from)?;
        let begun = std::time::Instant::now();
        self.drill(pending.temporary(), &witness, &contents, &mut lock, runtime)?;
        let note = Note {
            file: self.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            bytes: contents.written.bytes,
            sha256: contents.written.sha256.clone(),
            recipients: fingerprints,
            ledger_size: contents.head.size,
            ledger_root: contents.manifest.ledger_root.clone(),
        };
        let signed = note.sign(self.source.keyring.clinic_id(), &self.source.keyring.audit_key());
        let note = note_path(&self.path);
        let kept = files::write(&note, signed.as_bytes()).and_then(|()| pending.commit());
        if let Err(reason) = kept {
            let _ = std::fs::remove_file(&note);
            return Err(ArchiveError::from(reason).into());
        }
        Ok((self.made(&contents), figures(&contents, begun.elapsed())))
    }

    fn drill(
        &self,
        written: &Path,
        witness: &Identity,
        contents: &write::Contents,
        lock: &mut Lock,
        runtime: &Handle,
    ) -> Result<(), BackupError> {
        let manifest = &contents.manifest;
        lock.stage(Stage::Drill, manifest.database_bytes + manifest.file_bytes);
        let proven = (|| {
            let opened = ArchiveReader::open(written, witness)?;
            let mut checked = opened.check(&mut |bytes| lock.advance(bytes))?;
            if checked.bytes() != contents.written.bytes || checked.manifest != *manifest {
                let other = "it is not what was written".to_owned();
                return Err(ArchiveError::Damaged(other).into());
            }
            restore::drill(&mut checked, &self.source.data_dir, runtime)
        })();
        proven.map(drop).map_err(BackupError::Drill)
    }

    fn made(&self, contents: &write::Contents) -> Made {
        Made {
            id: self.id,
            path: self.path.clone(),
            bytes: contents.written.bytes,
            sha256: contents.written.sha256.clone(),
            rows: contents.manifest.rows,
            files: contents.manifest.files,
            ledger_size: contents.head.size,
            ledger_root: contents.manifest.ledger_root.clone(),
        }
    }
}

fn figures(contents: &write::Contents, drill: std::time::Duration) -> store::Figures {
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    store::Figures {
        bytes: number(contents.written.bytes),
        sha256: contents.written.sha256.clone(),
        rows: number(contents.manifest.rows),
        files: number(contents.manifest.files),
        ledger_size: number(contents.head.size),
        drill_ms: i64::try_from(drill.as_millis()).unwrap_or(i64::MAX),
    }
}
