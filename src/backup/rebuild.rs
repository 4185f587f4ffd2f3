//! From an archive back to an encrypted database, proven to be the same.

use std::io::{self, Write};
use std::path::Path;

use tokio::runtime::Handle;

use crate::backup::archive::{ArchiveError, Checked, entry};
use crate::backup::refusal::RestoreError;
use crate::backup::store::{self, PAGE, Pages};
use crate::crypto::hash;
use crate::vault::{self, DatabaseKey, Head, MIGRATIONS, VaultError};

/// Pages written by one statement: 1 MiB.
const BATCH: usize = 256;

/// Writes the database of a checked archive to a new encrypted file and
/// compares rows, integrity and ledger with the manifest. Must run on a thread
/// that may block. The file is the caller's to remove when this fails.
pub fn database(
    checked: &mut Checked,
    path: &Path,
    key: &DatabaseKey,
    runtime: &Handle,
) -> Result<Head, RestoreError> {
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    if checked.format.schema > known {
        return Err(RestoreError::NewerSchema { archive: checked.format.schema, known });
    }
    let pages = runtime.block_on(Pages::create(path, key))?;
    let mut sink = Sink { pages, runtime, batch: Vec::new(), failure: None };
    let copied = checked.copy(entry::DATABASE, &mut sink);
    let failure = sink.failure.take();
    match (copied, failure) {
        (_, Some(error)) => return Err(error.into()),
        (Err(error), None) => return Err(error.into()),
        (Ok(()), None) => {}
    }
    runtime.block_on(sink.finish())?;
    runtime.block_on(prove(checked, path, key))
}

async fn prove(checked: &Checked, path: &Path, key: &DatabaseKey) -> Result<Head, RestoreError> {
    let mut sql = store::reopen(path, key).await?;
    if let Some(said) = store::unsound(&mut sql).await? {
        return Err(RestoreError::Unsound(said));
    }
    let manifest = &checked.manifest;
    for (table, rows) in store::counts(&mut sql).await? {
        let expected = manifest.tables.get(&table).copied().unwrap_or_default();
        if rows != expected {
            return Err(RestoreError::Rows { table, expected, found: rows });
        }
    }
    let root = hash::from_hex(&manifest.ledger_root).and_then(|root| root.try_into().ok());
    let root = root.ok_or_else(|| ArchiveError::Damaged("its ledger head".to_owned()))?;
    let outside = Head { size: manifest.ledger_size, root };
    let verified = vault::verify(&mut sql, Some(outside)).await?;
    sqlx::Connection::close(sql).await.map_err(VaultError::from)?;
    match verified.fault {
        None if verified.head == outside => Ok(verified.head),
        fault => Err(RestoreError::Ledger(format!("{fault:?}"))),
    }
}

/// Cuts a stream into pages.
struct Sink<'a> {
    pages: Pages,
    runtime: &'a Handle,
    batch: Vec<u8>,
    /// What the database said; the `Write` trait has no room for it.
    failure: Option<VaultError>,
}

impl Sink<'_> {
    fn pour(&mut self, all: bool) -> io::Result<()> {
        let whole = self.batch.len() / PAGE * PAGE;
        let ready = if all || whole >= BATCH * PAGE { whole } else { return Ok(()) };
        let rest = self.batch.split_off(ready);
        let batch = std::mem::replace(&mut self.batch, rest);
        let pages = &mut self.pages;
        let written = self.runtime.block_on(pages.write(batch));
        written.map_err(|error| {
            self.failure = Some(error);
            io::Error::other("the database could not be written")
        })
    }

    async fn finish(self) -> Result<(), RestoreError> {
        let Self { mut pages, batch, .. } = self;
        pages.write(batch).await?;
        Ok(pages.finish().await?)
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.batch.extend_from_slice(bytes);
        self.pour(false)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pour(true)
    }
}
