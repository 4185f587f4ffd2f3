//! Recipients in the database, and the gateways that the program sends to.

use sqlx::types::Json;

use crate::accountability::recipients::{Channel, NewRecipient, Recipient};
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

const ALL: &str = "
    SELECT code, version, name, country, purpose_ru, purpose_kk, basis_ru, basis_kk, classes,
        contract, ended, made_at, (SELECT name FROM staff WHERE staff.id = made_by) AS made_by
    FROM data_recipient ORDER BY code, version DESC";

/// The gateways in use, and those of the log of transfers; the mail server,
/// or that there was one. What the demo takes stays on this machine.
const CHANNELS: &str = "
    SELECT kind, endpoint, country, sent, first_at, last_at FROM (
        SELECT used.kind,
            (SELECT endpoint FROM gateway WHERE kind = used.kind ORDER BY rank LIMIT 1) AS endpoint,
            (SELECT country FROM gateway WHERE kind = used.kind ORDER BY rank LIMIT 1) AS country,
            (SELECT count(*) FROM transfer WHERE party = used.kind) AS sent,
            (SELECT min(at) FROM transfer WHERE party = used.kind) AS first_at,
            (SELECT max(at) FROM transfer WHERE party = used.kind) AS last_at
        FROM (SELECT kind FROM gateway UNION SELECT DISTINCT party FROM transfer) AS used
        WHERE used.kind <> 'demo'
        UNION ALL
        SELECT 'mail', (SELECT host || ':' || port FROM mail_server), NULL,
            count(*), min(since), max(since)
        FROM letter WHERE state = 'accepted')
    WHERE 0 < sent OR endpoint IS NOT NULL
    ORDER BY endpoint IS NULL, kind";

const LAST_VERSION: &str = "SELECT coalesce(max(version), 0) FROM data_recipient WHERE code = ?1";

const HOW_MANY: &str = "SELECT count(DISTINCT code) FROM data_recipient";

const INSERT: &str = "
    INSERT INTO data_recipient (code, version, name, country, purpose_ru, purpose_kk, basis_ru,
        basis_kk, classes, contract, ended, made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

pub async fn all(reader: &mut Reader) -> Result<Vec<Recipient>, VaultError> {
    Ok(sqlx::query_as(ALL).fetch_all(reader.sql()).await?)
}

pub async fn channels(reader: &mut Reader) -> Result<Vec<Channel>, VaultError> {
    Ok(sqlx::query_as(CHANNELS).fetch_all(reader.sql()).await?)
}

pub async fn last_version(tx: &mut Tx, code: &str) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(LAST_VERSION).bind(code).fetch_one(tx.sql()).await?)
}

/// A code that no recipient has: they are never deleted.
pub async fn free_code(tx: &mut Tx) -> Result<String, VaultError> {
    let count: i64 = sqlx::query_scalar(HOW_MANY).fetch_one(tx.sql()).await?;
    Ok(format!("own_{}", count + 1))
}

pub async fn insert(
    tx: &mut Tx,
    code: &str,
    version: i64,
    new: &NewRecipient,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(code).bind(version).bind(&new.name).bind(new.country);
    let query = query.bind(&new.purpose[0]).bind(&new.purpose[1]);
    let query = query.bind(&new.basis[0]).bind(&new.basis[1]).bind(Json(&new.classes));
    query.bind(&new.contract).bind(new.ended).bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}
