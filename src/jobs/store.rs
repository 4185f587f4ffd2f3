//! The queue in the database.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::ids::JobId;
use crate::vault::{Tx, VaultError};

const INSERT: &str = "INSERT INTO job (id, kind, payload, due_at) VALUES (?1, ?2, ?3, ?4)";

pub async fn insert(
    tx: &mut Tx,
    id: JobId,
    kind: &str,
    payload: &Value,
    due: Timestamp,
) -> Result<(), VaultError> {
    let query = sqlx::query(INSERT).bind(id).bind(kind).bind(payload.to_string());
    query.bind(due).execute(tx.sql()).await?;
    Ok(())
}
