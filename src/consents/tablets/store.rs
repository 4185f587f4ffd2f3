//! Tablets in the database.

use sqlx::SqliteConnection;

use crate::clock::Timestamp;
use crate::consents::tablets::JoinFailures;
use crate::crypto::hash::Digest;
use crate::ids::{StaffId, TabletId};
use crate::vault::{Tx, VaultError};

/// A tablet as the list shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: TabletId,
    pub name: String,
    pub paired_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

const ALL: &str = "
    SELECT id, name, paired_at, last_seen_at, revoked_at FROM tablet
    ORDER BY revoked_at IS NOT NULL, name, paired_at";

const BY_TOKEN: &str = "
    SELECT id, name, paired_at, last_seen_at, revoked_at FROM tablet
    WHERE token_hash = ?1 AND revoked_at IS NULL";

const BY_ID: &str = "
    SELECT id, name, paired_at, last_seen_at, revoked_at FROM tablet WHERE id = ?1";

const OFFER: &str = "
    INSERT INTO tablet_pairing (code_hash, name, made_by, expires_at) VALUES (?1, ?2, ?3, ?4)";

const TAKE: &str = "
    UPDATE tablet_pairing SET used_at = ?2
    WHERE code_hash = ?1 AND used_at IS NULL AND expires_at >= ?2 RETURNING name, made_by";

const INSERT: &str = "
    INSERT INTO tablet (id, name, token_hash, paired_at, paired_by, last_seen_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?4)";

const REVOKE: &str = "
    UPDATE tablet SET revoked_at = ?2, revoked_by = ?3 WHERE id = ?1 AND revoked_at IS NULL";

const SEEN: &str = "UPDATE tablet SET last_seen_at = ?2 WHERE id = ?1";

const JOIN_FAILURES: &str = "
    SELECT count(*) FILTER (WHERE address = ?1) AS own,
        max(at) FILTER (WHERE address = ?1) AS own_last,
        count(*) AS everybody, max(at) AS last
    FROM tablet_join_failure WHERE at > ?2";

const NOTE_JOIN_FAILURE: &str = "INSERT INTO tablet_join_failure (at, address) VALUES (?1, ?2)";

const FORGET_JOIN_FAILURES: &str = "DELETE FROM tablet_join_failure WHERE at < ?1";

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

type Sql<'a> = &'a mut SqliteConnection;

pub async fn all(sql: Sql<'_>) -> Result<Vec<Row>, VaultError> {
    Ok(sqlx::query_as(ALL).fetch_all(sql).await?)
}

pub async fn by_token(sql: Sql<'_>, hash: &Digest) -> Result<Option<Row>, VaultError> {
    Ok(sqlx::query_as(BY_TOKEN).bind(&hash[..]).fetch_optional(sql).await?)
}

pub async fn by_id(sql: Sql<'_>, id: TabletId) -> Result<Option<Row>, VaultError> {
    Ok(sqlx::query_as(BY_ID).bind(id).fetch_optional(sql).await?)
}

pub async fn offer(
    tx: &mut Tx,
    code_hash: &Digest,
    name: &str,
    staff: StaffId,
    expires_at: Timestamp,
) -> Result<(), VaultError> {
    let query = sqlx::query(OFFER).bind(&code_hash[..]).bind(name).bind(staff).bind(expires_at);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Name and who offered it; None when there is no such code, or no longer.
pub async fn take(
    tx: &mut Tx,
    code_hash: &Digest,
) -> Result<Option<(String, StaffId)>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_as(TAKE).bind(&code_hash[..]).bind(now);
    Ok(query.fetch_optional(tx.sql()).await?)
}

pub async fn insert(
    tx: &mut Tx,
    id: TabletId,
    name: &str,
    token_hash: &Digest,
    staff: StaffId,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(id).bind(name).bind(&token_hash[..]).bind(now);
    query.bind(staff).execute(tx.sql()).await?;
    Ok(())
}

/// Whether it was still paired.
pub async fn revoke(tx: &mut Tx, id: TabletId, staff: StaffId) -> Result<bool, VaultError> {
    let now = tx.now();
    let done = sqlx::query(REVOKE).bind(id).bind(now).bind(staff).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn seen(tx: &mut Tx, id: TabletId) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(SEEN).bind(id).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// Wrong pairing codes since a moment, of one address and of all.
pub async fn join_failures(
    sql: Sql<'_>,
    address: &str,
    since: Timestamp,
) -> Result<JoinFailures, VaultError> {
    Ok(sqlx::query_as(JOIN_FAILURES).bind(address).bind(since).fetch_one(sql).await?)
}

/// Counts a wrong pairing code, and forgets those of before yesterday.
pub async fn note_join_failure(tx: &mut Tx, address: &str) -> Result<(), VaultError> {
    let now = tx.now();
    let old = now.plus_ms(-DAY_MS);
    sqlx::query(FORGET_JOIN_FAILURES).bind(old).execute(tx.sql()).await?;
    sqlx::query(NOTE_JOIN_FAILURE).bind(now).bind(address).execute(tx.sql()).await?;
    Ok(())
}
