//! Checkpoints and their anchors in the database; the vault writes the former.

use crate::audit::checkpoints::model::{Anchor, AnchorFolderId, AnchorId, AnchorKind, LastCheck};
use crate::ids::StaffId;
use crate::vault::{Reader, Sealed, Tx, VaultError};

const CHECKPOINTS: &str = "
    SELECT size, note, cause, made_at FROM audit_checkpoint
    WHERE size < ?1 ORDER BY size DESC LIMIT ?2";

const CHECKPOINT: &str = "
    SELECT size, note, cause, made_at FROM audit_checkpoint WHERE size = ?1";

const SIZE: &str = "SELECT size FROM audit_head WHERE id = 1";

const ANCHORS: &str = "
    SELECT kind, size, made_at, staff.name FROM audit_anchor
    LEFT JOIN staff ON staff.id = staff_id
    WHERE audit_anchor.id IN (SELECT (
        SELECT id FROM audit_anchor AS newest
        WHERE newest.kind = kinds.value ORDER BY made_at DESC, id DESC LIMIT 1)
        FROM json_each('[\"sheet\", \"mail\", \"file\", \"folder\", \"backup\"]') AS kinds)";

const INSERT_ANCHOR: &str = "
    INSERT INTO audit_anchor (id, size, kind, made_at, staff_id) VALUES (?1, ?2, ?3, ?4, ?5)";

const FOLDER: &str = "
    SELECT folder FROM audit_anchor_folder ORDER BY set_at DESC, id DESC LIMIT 1";

const SET_FOLDER: &str = "
    INSERT INTO audit_anchor_folder (id, folder, set_at) VALUES (?1, ?2, ?3)";

const LAST_CHECK: &str = "
    SELECT ts, coalesce(body ->> '$.detail.state', '') AS state FROM audit_event
    WHERE act = 'audit.verified' ORDER BY seq DESC LIMIT 1";

pub async fn checkpoints(
    reader: &mut Reader,
    before: Option<u64>,
    limit: i64,
) -> Result<Vec<Sealed>, VaultError> {
    let before = before.map_or(i64::MAX, |size| i64::try_from(size).unwrap_or(i64::MAX));
    Ok(sqlx::query_as(CHECKPOINTS).bind(before).bind(limit).fetch_all(reader.sql()).await?)
}

pub async fn checkpoint(reader: &mut Reader, size: u64) -> Result<Option<Sealed>, VaultError> {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    Ok(sqlx::query_as(CHECKPOINT).bind(size).fetch_optional(reader.sql()).await?)
}

/// How many events the ledger has.
pub async fn size(reader: &mut Reader) -> Result<u64, VaultError> {
    let size: i64 = sqlx::query_scalar(SIZE).fetch_one(reader.sql()).await?;
    Ok(size.cast_unsigned())
}

pub async fn anchors(reader: &mut Reader) -> Result<Vec<Anchor>, VaultError> {
    Ok(sqlx::query_as(ANCHORS).fetch_all(reader.sql()).await?)
}

pub async fn insert_anchor(
    tx: &mut Tx,
    size: u64,
    kind: AnchorKind,
    staff: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_ANCHOR).bind(AnchorId::new(now)).bind(size.cast_signed());
    query.bind(kind).bind(now).bind(staff).execute(tx.sql()).await?;
    Ok(())
}

pub async fn folder(reader: &mut Reader) -> Result<Option<String>, VaultError> {
    Ok(sqlx::query_scalar(FOLDER).fetch_optional(reader.sql()).await?)
}

pub async fn set_folder(tx: &mut Tx, folder: &str) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(SET_FOLDER).bind(AnchorFolderId::new(now)).bind(folder).bind(now);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn last_check(reader: &mut Reader) -> Result<Option<LastCheck>, VaultError> {
    Ok(sqlx::query_as(LAST_CHECK).fetch_optional(reader.sql()).await?)
}
