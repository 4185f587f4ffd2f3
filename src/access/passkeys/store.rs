//! Passkeys in the database.

use crate::access::passkeys::{Passkey, PasskeyId};
use crate::crypto::passkeys::NewKey;
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

/// What an answer of a key is compared with.
#[derive(sqlx::FromRow)]
pub struct Stored {
    pub id: PasskeyId,
    pub staff_id: StaffId,
    pub public_key: Vec<u8>,
    pub state: Vec<u8>,
    pub suspect: bool,
}

const OF: &str = "
    SELECT id, name, host, made_at, used_at, suspect_at IS NOT NULL AS suspect
    FROM passkey WHERE staff_id = ?1 ORDER BY made_at DESC, id DESC";

const KNOWN: &str = "SELECT credential, transports FROM passkey WHERE staff_id = ?1";

const FIND: &str = "
    SELECT passkey.id, staff_id, public_key, state, suspect_at IS NOT NULL AS suspect
    FROM passkey JOIN staff ON staff.id = staff_id
    WHERE credential = ?1 AND left_at IS NULL";

const INSERT: &str = "
    INSERT INTO passkey (id, staff_id, credential, public_key, state, transports, host, name, made_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

const USED: &str = "
    UPDATE passkey SET state = ?3, used_at = ?4
    WHERE id = ?1 AND state = ?2 AND suspect_at IS NULL";

const SUSPECT: &str = "
    UPDATE passkey SET suspect_at = coalesce(suspect_at, ?2) WHERE id = ?1";

const REMOVE: &str = "DELETE FROM passkey WHERE staff_id = ?1 AND id = ?2";

const REMOVE_ALL: &str = "DELETE FROM passkey WHERE staff_id = ?1";

pub async fn of(reader: &mut Reader, staff: StaffId) -> Result<Vec<Passkey>, VaultError> {
    Ok(sqlx::query_as(OF).bind(staff).fetch_all(reader.sql()).await?)
}

/// How an authenticator knows that it holds one of them already.
pub async fn known(reader: &mut Reader, staff: StaffId) -> Result<Vec<(Vec<u8>, u8)>, VaultError> {
    Ok(sqlx::query_as(KNOWN).bind(staff).fetch_all(reader.sql()).await?)
}

/// The key of somebody who still works here.
pub async fn find(reader: &mut Reader, key: &[u8]) -> Result<Option<Stored>, VaultError> {
    Ok(sqlx::query_as(FIND).bind(key).fetch_optional(reader.sql()).await?)
}

pub async fn insert(
    tx: &mut Tx,
    (id, staff): (PasskeyId, StaffId),
    key: &NewKey,
    (host, name): (&str, &str),
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(id).bind(staff).bind(&key.id).bind(&key.public);
    let query = query.bind(&key.state).bind(key.transports).bind(host).bind(name).bind(now);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// False when the key is not as it was when it was looked at.
pub async fn used(tx: &mut Tx, id: PasskeyId, old: &[u8], new: &[u8]) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(USED).bind(id).bind(old).bind(new).bind(now);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

pub async fn suspect(tx: &mut Tx, id: PasskeyId) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(SUSPECT).bind(id).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// False when it is none of theirs.
pub async fn remove(tx: &mut Tx, staff: StaffId, id: PasskeyId) -> Result<bool, VaultError> {
    let done = sqlx::query(REMOVE).bind(staff).bind(id).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn remove_all(tx: &mut Tx, staff: StaffId) -> Result<(), VaultError> {
    sqlx::query(REMOVE_ALL).bind(staff).execute(tx.sql()).await?;
    Ok(())
}
