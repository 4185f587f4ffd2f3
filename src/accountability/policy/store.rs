//! The approved policies in the database. Rows are only added.

use sqlx::types::Json;

use crate::accountability::policy::{Approved, Bilingual};
use crate::clock::Day;
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

const APPROVED: &str = "
    SELECT version, order_number, order_date, body_ru, body_kk, sha256, approved_at,
        (SELECT name FROM staff WHERE staff.id = approved_by) AS approved_by
    FROM privacy_policy ORDER BY version DESC";

const INSERT: &str = "
    INSERT INTO privacy_policy (version, order_number, order_date, body_ru, body_kk, sha256,
        approved_at, approved_by)
    VALUES ((SELECT coalesce(max(version), 0) + 1 FROM privacy_policy),
        ?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING version";

/// Newest first.
pub async fn approved(reader: &mut Reader) -> Result<Vec<Approved>, VaultError> {
    Ok(sqlx::query_as(APPROVED).fetch_all(reader.sql()).await?)
}

pub async fn insert(
    tx: &mut Tx,
    text: &Bilingual,
    sha256: &str,
    order: (&str, Day),
    by: Option<StaffId>,
) -> Result<i64, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(INSERT).bind(order.0).bind(order.1);
    let query = query.bind(Json(&text.ru)).bind(Json(&text.kk)).bind(sha256);
    Ok(query.bind(now).bind(by).fetch_one(tx.sql()).await?)
}
