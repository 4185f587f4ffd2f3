//! Signed states of the ledger (c2sp.org/tlog-checkpoint): in the database, in
//! a file beside it, and from there wherever people keep them (SECURITY.md 4.4).
//!
//! A rewritten ledger adds up in itself, and whoever has the machine has its
//! signing key too. What they do not have is a checkpoint that already left.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::Timestamp;
use crate::crypto::{Checkpoint, Keyring, SigningKey};
use crate::vault::head::Head;
use crate::vault::permission::VerifyLog;
use crate::vault::tree::{self, Tree};
use crate::vault::tx::Tx;
use crate::vault::{Actor, Event, Grant, Subject, Vault, VaultError, hex};

/// Why a checkpoint was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Cause {
    /// A quarter of an hour had passed.
    Clock,
    /// A thousand events had come.
    Growth,
    /// The clinic's day was over.
    Day,
    /// Before and after a backup.
    Backup,
    Restore,
    /// A key was added or changed.
    Keys,
    /// For the evidence pack of a consent.
    Consent,
    /// Somebody asked for it.
    Asked,
}

/// A checkpoint as it was handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Sealed {
    /// How many events the ledger had.
    #[sqlx(try_from = "i64")]
    pub size: u64,
    /// A signed note.
    pub note: String,
    pub cause: Cause,
    pub made_at: Timestamp,
}

const NEWEST: &str = "
    SELECT size, note, cause, made_at FROM audit_checkpoint ORDER BY size DESC LIMIT 1";

/// Whether anything happened since but our own checkpoints and anchors: else a
/// clinic at night would sign its own signatures for ever.
const GREW: &str = "
    SELECT EXISTS (SELECT 1 FROM audit_event WHERE seq >= ?1
        AND act NOT IN ('audit.checkpoint_signed', 'audit.anchored'))";

const KEEP: &str = "
    INSERT INTO audit_checkpoint (size, note, cause, made_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT DO NOTHING";

const KEEP_SPAN: &str = "
    INSERT INTO audit_span (span, root) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

/// What is to be signed.
struct Draft {
    head: Head,
    tree: Tree,
}

impl Vault {
    /// The newest checkpoint; None before the first.
    pub async fn newest_checkpoint(
        &self,
        _grant: &Grant<VerifyLog>,
    ) -> Result<Option<Sealed>, VaultError> {
        Ok(sqlx::query_as(NEWEST).fetch_optional(&self.readers).await?)
    }

    /// Whether anything but checkpoints and anchors happened since then.
    pub async fn grew_since(
        &self,
        _grant: &Grant<VerifyLog>,
        sealed: Option<&Sealed>,
    ) -> Result<bool, VaultError> {
        let size = sealed.map_or(0, |sealed| sealed.size).cast_signed();
        Ok(sqlx::query_scalar(GREW).bind(size).fetch_one(&self.readers).await?)
    }

    /// Signs the ledger as it stands, unless nothing has happened since the
    /// newest checkpoint, which is given then. Its leaves are read and must lead
    /// to its head. Reading waits for nobody; nobody waits for it.
    ///
    /// # Errors
    /// [`VaultError::LedgerBroken`] when they do not: nothing is signed.
    pub async fn checkpoint(
        &self,
        grant: &Grant<VerifyLog>,
        origin: &str,
        key: &SigningKey,
        cause: Cause,
    ) -> Result<Sealed, VaultError> {
        let newest = self.newest_checkpoint(grant).await?;
        if let Some(newest) = &newest
            && !self.grew_since(grant, Some(newest)).await?
        {
            return Ok(newest.clone());
        }
        let draft = self.draft().await?;
        let Head { size, root } = draft.head;
        let checkpoint = Checkpoint { origin: origin.to_owned(), size, root };
        let note = checkpoint.sign(key);
        let sealed = self
            .change(grant, async |tx| {
                let sealed = Sealed { size, note, cause, made_at: tx.now() };
                keep(tx, &sealed, &draft.tree).await?;
                let detail = json!({ "size": size, "root": hex(&root), "cause": cause });
                let signed = Event::new("audit.checkpoint_signed", Subject::Clinic);
                Ok::<_, VaultError>((sealed, signed.with_detail(detail).touching("ledger")))
            })
            .await?;
        if let Err(error) = append(&self.notes, &sealed.note) {
            tracing::error!(%error, "a checkpoint could not be written beside the database");
        }
        Ok(sealed)
    }

    /// The same for what runs by the clock or follows from something else.
    pub async fn seal(&self, keyring: &Keyring, cause: Cause) -> Result<Sealed, VaultError> {
        let grant = Actor::job("audit").grant::<VerifyLog>().map_err(|_| VaultError::NotStaff)?;
        self.checkpoint(&grant, &keyring.audit_origin(), &keyring.audit_key(), cause).await
    }

    /// The same for whoever has to go on without: a ledger that cannot be signed
    /// must not keep a backup from being made. The log says why.
    pub async fn try_seal(&self, keyring: &Keyring, cause: Cause) -> Option<Sealed> {
        match self.seal(keyring, cause).await {
            Ok(sealed) => Some(sealed),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "no checkpoint");
                None
            }
        }
    }

    async fn draft(&self) -> Result<Draft, VaultError> {
        let mut reader = self.readers.begin().await?;
        let tree = Tree::load(&mut reader, &[]).await?;
        let head = Head::of(&tree::stored_head(&mut reader).await?);
        if head.size != tree.size() || tree.root(head.size) != Some(head.root) {
            return Err(VaultError::LedgerBroken);
        }
        Ok(Draft { head, tree })
    }
}

async fn keep(tx: &mut Tx, sealed: &Sealed, tree: &Tree) -> Result<(), VaultError> {
    for (span, root) in tree.unstored() {
        let query = sqlx::query(KEEP_SPAN).bind(span.cast_signed()).bind(root.as_slice());
        query.execute(tx.sql()).await?;
    }
    let query = sqlx::query(KEEP).bind(sealed.size.cast_signed()).bind(&sealed.note);
    query.bind(sealed.cause).bind(sealed.made_at).execute(tx.sql()).await?;
    Ok(())
}

/// Beside the database: `clinic.db` has `ledger.checkpoints`, to which each
/// checkpoint is added.
pub fn checkpoints_beside(database: &Path) -> PathBuf {
    database.with_file_name("ledger.checkpoints")
}

/// Adds a note to a file of them, an empty line after each, and waits for the
/// disk.
///
/// # Errors
/// When it cannot be written.
pub fn append(file: &Path, note: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.append(true).create(true).mode(0o600).open(file)?;
    file.write_all(format!("{note}\n").as_bytes())?;
    file.sync_data()
}
