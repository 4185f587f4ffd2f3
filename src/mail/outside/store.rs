//! Those outside who get checkpoints, in the database.

use crate::contact::Email;
use crate::ids::StaffId;
use crate::mail::model::OutsideId;
use crate::mail::outside::{NewOutside, Outside};
use crate::vault::{Reader, Tx, VaultError};

const ALL: &str = "
    SELECT mail_outside.id, mail_outside.name, address, mail_outside.language, every, added_at,
        staff.name AS added_by, ended_at,
        (SELECT max(since) FROM letter WHERE outside_id = mail_outside.id AND kind = 'checkpoint'
            AND state = 'accepted') AS last_at,
        (SELECT about FROM letter WHERE outside_id = mail_outside.id AND kind = 'checkpoint'
            AND state = 'accepted' ORDER BY since DESC LIMIT 1) AS last_size
    FROM mail_outside LEFT JOIN staff ON staff.id = added_by
    ORDER BY ended_at IS NOT NULL, mail_outside.name, mail_outside.id";

const IN_FORCE: &str = "
    SELECT id, name, address, language, every, added_at, NULL AS added_by, ended_at,
        NULL AS last_at, NULL AS last_size
    FROM mail_outside WHERE ended_at IS NULL ORDER BY name, id";

const INSERT: &str = "
    INSERT INTO mail_outside (id, name, address, language, every, added_at, added_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const END: &str = "
    UPDATE mail_outside SET ended_at = ?2, ended_by = ?3 WHERE id = ?1 AND ended_at IS NULL
    RETURNING address, language";

const ADDRESS: &str = "SELECT address FROM mail_outside WHERE id = ?1 AND ended_at IS NULL";

pub async fn all(reader: &mut Reader) -> Result<Vec<Outside>, VaultError> {
    Ok(sqlx::query_as(ALL).fetch_all(reader.sql()).await?)
}

pub async fn in_force(tx: &mut Tx) -> Result<Vec<Outside>, VaultError> {
    Ok(sqlx::query_as(IN_FORCE).fetch_all(tx.sql()).await?)
}

/// # Errors
/// A [`Unique`](crate::vault::Violation::Unique) violation when the address gets
/// checkpoints already.
pub async fn insert(
    tx: &mut Tx,
    id: OutsideId,
    new: &NewOutside,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(id).bind(&new.name).bind(&new.address);
    let query = query.bind(new.language).bind(new.every).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// The address and language of whoever gets no more; None when there is nobody.
pub async fn end(
    tx: &mut Tx,
    id: OutsideId,
    by: Option<StaffId>,
) -> Result<Option<(Email, crate::i18n::Language)>, VaultError> {
    let now = tx.now();
    Ok(sqlx::query_as(END).bind(id).bind(now).bind(by).fetch_optional(tx.sql()).await?)
}

pub async fn address(tx: &mut Tx, id: OutsideId) -> Result<Option<Email>, VaultError> {
    Ok(sqlx::query_scalar(ADDRESS).bind(id).fetch_optional(tx.sql()).await?)
}
