//! Writing one archive: the whole clinic as of one moment.

use std::collections::HashSet;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::backup::archive::{
    ArchiveError, ArchiveWriter, BlobLine, Format, Manifest, READ_ME, VERSION, Written, entry,
};
use crate::backup::export::{self, Owner};
use crate::backup::lock::{Lock, Stage};
use crate::backup::{BackupError, Source, acts, store};
use crate::clock::Timestamp;
use crate::crypto::{BlobHash, Checkpoint, Recipient};
use crate::disposals;
use crate::vault::{Head, Snapshot};

/// What the archive holds.
pub struct Contents {
    pub written: Written,
    pub manifest: Manifest,
    pub head: Head,
}

/// Streams everything into `output`. Blocks its thread while it writes.
pub async fn archive(
    source: &Source,
    snapshot: &mut Snapshot,
    output: &mut File,
    recipients: &[Recipient],
    created: Timestamp,
    lock: &mut Lock,
) -> Result<Contents, BackupError> {
    let mut archive = ArchiveWriter::new(output, recipients, created)?;
    for (name, text) in READ_ME {
        archive.put(name, text.as_bytes())?;
    }
    let format = Format {
        format: "tirkeu-backup".to_owned(),
        version: VERSION,
        app: env!("CARGO_PKG_VERSION").to_owned(),
        schema: store::schema_version(snapshot.sql()).await?,
        created: created.rfc3339(),
        kind: "full".to_owned(),
        clinic: source.keyring.clinic_id().to_owned(),
    };
    archive.put(entry::FORMAT, &json(&format))?;
    let database_bytes = database(snapshot, &mut archive, lock).await?;
    archive.put(entry::SCHEMA, store::schema(snapshot.sql()).await?.as_bytes())?;

    lock.stage(Stage::Tables, database_bytes);
    let hashes = source.files.list().map_err(ArchiveError::from)?;
    let known: HashSet<BlobHash> = hashes.iter().copied().collect();
    let owners = export::tables(snapshot, &mut archive, &known, lock).await?;
    let (file_bytes, lines) = documents(source, &mut archive, &hashes, &owners, lock)?;
    archive.put(entry::BLOBS, lines.as_bytes())?;
    let acts = disposals::carried_out_in(snapshot).await?;
    archive.put(entry::DISPOSALS, acts::lines(&acts).as_bytes())?;

    let head = ledger(source, snapshot, &mut archive).await?;
    archive.put(entry::KEYRING, &source.keyring.seal())?;
    let tables = store::counts(snapshot.sql()).await?;
    let manifest = Manifest {
        rows: tables.values().sum(),
        tables,
        files: hashes.len() as u64,
        file_bytes,
        database_bytes,
        ledger_size: head.size,
        ledger_root: crate::crypto::hash::hex(&head.root),
    };
    archive.put(entry::MANIFEST, &json(&manifest))?;
    let (_, written) = archive.finish()?;
    Ok(Contents { written, manifest, head })
}

async fn database<W: Write>(
    snapshot: &mut Snapshot,
    archive: &mut ArchiveWriter<W>,
    lock: &mut Lock,
) -> Result<u64, BackupError> {
    let bytes = store::database_bytes(snapshot.sql()).await?;
    lock.stage(Stage::Database, bytes);
    archive.begin(entry::DATABASE, true)?;
    store::pages(snapshot, |page| {
        archive.write_all(page).map_err(ArchiveError::from)?;
        lock.advance(page.len() as u64);
        Ok::<_, BackupError>(())
    })
    .await?;
    Ok(bytes)
}

/// Copies every file of the store, decrypted. Returns their bytes together and
/// the list of them.
fn documents<W: Write>(
    source: &Source,
    archive: &mut ArchiveWriter<W>,
    hashes: &[BlobHash],
    owners: &export::Owners,
    lock: &mut Lock,
) -> Result<(u64, String), BackupError> {
    lock.stage(Stage::Files, sealed_bytes(source, hashes));
    let mut lines = BlobLine::HEADING.to_owned();
    let mut total = 0;
    for &hash in hashes {
        let kind = extension(&source.files.beginning(hash, 64)?);
        let owner = owners.get(&hash);
        let path = document_path(hash, owner, kind);
        archive.begin(&path, false)?;
        let bytes = source.files.copy_to(hash, archive)?;
        total += bytes;
        lock.advance(bytes);
        let owner = owner.map(|owner| format!("{} {}", owner.table, owner.row));
        let line =
            BlobLine { path, sha256: hash.to_string(), bytes, owner: owner.unwrap_or_default() };
        lines.push_str(&line.to_line());
    }
    Ok((total, lines))
}

/// `docs/<patient>/<table>-<first digits>.pdf`
fn document_path(hash: BlobHash, owner: Option<&Owner>, extension: &str) -> String {
    let folder = owner.and_then(|owner| owner.patient.as_deref()).unwrap_or("clinic");
    let table = owner.map_or("file", |owner| owner.table.as_str());
    format!("docs/{folder}/{table}-{}.{extension}", &hash.to_string()[..24])
}

fn sealed_bytes(source: &Source, hashes: &[BlobHash]) -> u64 {
    let size = |hash: &BlobHash| source.files.path(*hash).metadata().map_or(0, |data| data.len());
    hashes.iter().map(size).sum()
}

fn extension(beginning: &[u8]) -> &'static str {
    const KNOWN: [(&[u8], &str); 8] = [
        (b"%PDF-", "pdf"),
        (b"\x89PNG", "png"),
        (b"\xff\xd8\xff", "jpg"),
        (b"PK\x03\x04", "zip"),
        (b"<svg", "svg"),
        (b"<?xml", "xml"),
        (b"{", "json"),
        (b"RIFF", "webp"),
    ];
    let known = KNOWN.iter().find(|(magic, _)| beginning.starts_with(magic));
    known.map_or("bin", |(_, extension)| extension)
}

/// The ledger's head as of the snapshot, signed, and what checks it.
async fn ledger<W: Write>(
    source: &Source,
    snapshot: &mut Snapshot,
    archive: &mut ArchiveWriter<W>,
) -> Result<Head, BackupError> {
    let head = store::ledger_head(snapshot.sql()).await?;
    let origin = source.keyring.audit_origin();
    let now = Checkpoint { origin: origin.clone(), size: head.size, root: head.root };
    let mut notes = store::checkpoints(snapshot.sql()).await?;
    notes.push(now.sign(&source.keyring.audit_key()));
    let keys = source.keyring.audit_verifying_keys();
    let vkeys: Vec<String> =
        keys.iter().flat_map(|key| [key.to_vkey(&origin), key.to_pem()]).collect();
    archive.put(entry::HEAD, head.to_string().as_bytes())?;
    archive.put(entry::CHECKPOINTS, notes.join("\n").as_bytes())?;
    archive.put(entry::VKEYS, vkeys.join("\n").as_bytes())?;
    Ok(head)
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("plain fields are JSON")
}

/// Whether two paths are on one disk, as far as the system tells.
pub fn same_disk(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| path.metadata().ok().map(|data| data.dev());
    device(one).is_some() && device(one) == device(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_lies_with_its_patient_under_what_it_is() {
        let hash = BlobHash::of(b"x");
        let owner = Owner {
            table: "consent".to_owned(),
            row: "1".to_owned(),
            patient: Some("p".to_owned()),
        };
        let path = document_path(hash, Some(&owner), extension(b"%PDF-1.7"));

        assert_eq!(path, format!("docs/p/consent-{}.pdf", &hash.to_string()[..24]));
        assert!(document_path(hash, None, extension(b"??")).starts_with("docs/clinic/file-"));
    }
}
