//! Enquiries in the database.

use sqlx::types::Json;

use crate::clock::Timestamp;
use crate::enquiries::Enquiry;
use crate::online::{Keys, Sent};
use crate::replies::ReplyId;
use crate::vault::{Tx, VaultError};

const INSERT: &str = "
    INSERT INTO enquiry (reply_id, language, consent_version, campaign) VALUES (?1, ?2, ?3, ?4)";

const COUNTED: &str = "
    SELECT max(iif(phone_key = ?1, asked_at, NULL)) AS last, 0 AS request,
        coalesce(sum(phone_key = ?1), 0) AS phone, coalesce(sum(net_key = ?2), 0) AS net,
        coalesce(sum(net_key = ?2 AND worked = 0), 0) AS plain_net,
        coalesce(sum(worked = 0), 0) AS plain, count(*) AS 'all'
    FROM enquiry_count WHERE asked_at > ?3";

const FORGET_COUNTS: &str = "DELETE FROM enquiry_count WHERE asked_at <= ?1";

const COUNT: &str = "
    INSERT INTO enquiry_count (asked_at, phone_key, net_key, worked) VALUES (?1, ?2, ?3, ?4)";

pub async fn insert(
    tx: &mut Tx,
    reply: ReplyId,
    enquiry: &Enquiry,
    consent_version: i64,
) -> Result<(), VaultError> {
    let query = sqlx::query(INSERT).bind(reply).bind(enquiry.language).bind(consent_version);
    query.bind(Json(&enquiry.campaign)).execute(tx.sql()).await?;
    Ok(())
}

/// Those since then; older ones are forgotten.
pub async fn counted(tx: &mut Tx, keys: Keys, since: Timestamp) -> Result<Sent, VaultError> {
    sqlx::query(FORGET_COUNTS).bind(since).execute(tx.sql()).await?;
    let query = sqlx::query_as(COUNTED).bind(keys.phone.to_vec()).bind(keys.net.to_vec());
    Ok(query.bind(since).fetch_one(tx.sql()).await?)
}

pub async fn count(tx: &mut Tx, keys: Keys, worked: bool) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(COUNT).bind(now).bind(keys.phone.to_vec()).bind(keys.net.to_vec());
    query.bind(worked).execute(tx.sql()).await?;
    Ok(())
}
