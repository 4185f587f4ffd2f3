//! Staff and credentials in the database.

use crate::access::model::{Credential, NewStaff, StaffMember};
use crate::access::{attempts, passkeys, recovery_codes};
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

const INSERT_STAFF: &str = "
    INSERT INTO staff (id, login, name, role, language, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const INSERT_CREDENTIAL: &str = "
    INSERT INTO credential (staff_id, password_hash, must_change, totp_secret, changed_at)
    VALUES (?1, ?2, ?3, ?4, ?5)";

const BY_LOGIN: &str = "
    SELECT staff_id, staff.login, staff.name, password_hash, must_change, totp_secret,
           totp_last_step,
           EXISTS (SELECT 1 FROM account_hold WHERE account_hold.staff_id = staff.id
                   AND released_at IS NULL) AS held
    FROM credential JOIN staff ON staff.id = credential.staff_id
    WHERE staff.login = ?1 AND staff.left_at IS NULL";

const BY_ID: &str = "
    SELECT staff_id, staff.login, staff.name, password_hash, must_change, totp_secret,
           totp_last_step,
           EXISTS (SELECT 1 FROM account_hold WHERE account_hold.staff_id = staff.id
                   AND released_at IS NULL) AS held
    FROM credential JOIN staff ON staff.id = credential.staff_id
    WHERE staff.id = ?1 AND staff.left_at IS NULL";

const ID: &str = "SELECT id FROM staff WHERE login = ?1 AND left_at IS NULL";

const STAFF: &str = "
    SELECT id, login, name, role, language, left_at IS NOT NULL AS left
    FROM staff ORDER BY left_at IS NOT NULL, name";

const SPEND_STEP: &str = "
    UPDATE credential SET totp_last_step = ?2 WHERE staff_id = ?1 AND totp_last_step < ?2";

const SET_PASSWORD: &str = "
    UPDATE credential SET password_hash = ?2, must_change = 0, changed_at = ?3
    WHERE staff_id = ?1";

const ENROL: &str = "UPDATE credential SET totp_secret = ?2 WHERE staff_id = ?1";

const HAS_FACTOR: &str = "
    SELECT EXISTS (SELECT 1 FROM credential WHERE staff_id = ?1 AND totp_secret IS NOT NULL)";

const UNENROL: &str = "
    UPDATE credential SET totp_secret = NULL, totp_last_step = 0 WHERE staff_id = ?1";

const RESET: &str = "
    UPDATE credential SET password_hash = ?2, must_change = 1, totp_secret = NULL,
        totp_last_step = 0, changed_at = ?3
    WHERE staff_id = ?1";

const DROP_PIN: &str = "DELETE FROM pin WHERE staff_id = ?1";

const LEAVE: &str = "UPDATE staff SET left_at = ?2 WHERE id = ?1 AND left_at IS NULL";

const OTHER_OWNERS: &str = "
    SELECT count(*) FROM staff AS leaving JOIN staff AS other
        ON other.role = 'owner' AND other.left_at IS NULL AND other.id <> leaving.id
    WHERE leaving.id = ?1";

const IS_OWNER: &str = "SELECT count(*) FROM staff WHERE id = ?1 AND role = 'owner'";

pub async fn insert_staff(tx: &mut Tx, id: StaffId, new: &NewStaff) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_STAFF).bind(id).bind(new.login.to_lowercase());
    let query = query.bind(&new.name).bind(new.role).bind(new.language).bind(now);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn insert_credential(
    tx: &mut Tx,
    id: StaffId,
    hash: &str,
    new: &NewStaff,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_CREDENTIAL).bind(id).bind(hash).bind(new.must_change);
    query.bind(&new.totp_secret).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// Of somebody who still works here.
pub async fn credential(
    reader: &mut Reader,
    login: &str,
) -> Result<Option<Credential>, VaultError> {
    let query = sqlx::query_as(BY_LOGIN).bind(login.trim().to_lowercase());
    Ok(query.fetch_optional(reader.sql()).await?)
}

pub async fn credential_of(
    reader: &mut Reader,
    id: StaffId,
) -> Result<Option<Credential>, VaultError> {
    Ok(sqlx::query_as(BY_ID).bind(id).fetch_optional(reader.sql()).await?)
}

pub async fn id_of(tx: &mut Tx, login: &str) -> Result<Option<StaffId>, VaultError> {
    let query = sqlx::query_scalar(ID).bind(login.trim().to_lowercase());
    Ok(query.fetch_optional(tx.sql()).await?)
}

pub async fn staff(reader: &mut Reader) -> Result<Vec<StaffMember>, VaultError> {
    Ok(sqlx::query_as(STAFF).fetch_all(reader.sql()).await?)
}

/// False when the code of this step, or of a later one, was used: of two that
/// come at the same moment one wins.
pub async fn spend_step(tx: &mut Tx, id: StaffId, step: i64) -> Result<bool, VaultError> {
    let done = sqlx::query(SPEND_STEP).bind(id).bind(step).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn set_password(tx: &mut Tx, id: StaffId, hash: &str) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(SET_PASSWORD).bind(id).bind(hash).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn enrol(tx: &mut Tx, id: StaffId, secret: &[u8]) -> Result<(), VaultError> {
    sqlx::query(ENROL).bind(id).bind(secret).execute(tx.sql()).await?;
    Ok(())
}

pub async fn has_second_factor(reader: &mut Reader, id: StaffId) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(HAS_FACTOR).bind(id).fetch_one(reader.sql()).await?)
}

/// Takes the second factor away, and the codes that stand in for it.
pub async fn unenrol(tx: &mut Tx, id: StaffId) -> Result<(), VaultError> {
    sqlx::query(UNENROL).bind(id).execute(tx.sql()).await?;
    recovery_codes::store::replace(tx, id, std::iter::empty()).await
}

pub async fn reset(tx: &mut Tx, id: StaffId, hash: &str) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(RESET).bind(id).bind(hash).bind(now).execute(tx.sql()).await?;
    sqlx::query(DROP_PIN).bind(id).execute(tx.sql()).await?;
    attempts::forget(tx, id).await?;
    recovery_codes::store::replace(tx, id, std::iter::empty()).await?;
    passkeys::store::remove_all(tx, id).await
}

/// False when there is nobody like that, or they have left before.
pub async fn leave(tx: &mut Tx, id: StaffId) -> Result<bool, VaultError> {
    let now = tx.now();
    let done = sqlx::query(LEAVE).bind(id).bind(now).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn is_owner(tx: &mut Tx, id: StaffId) -> Result<bool, VaultError> {
    let owner: i64 = sqlx::query_scalar(IS_OWNER).bind(id).fetch_one(tx.sql()).await?;
    Ok(owner == 1)
}

pub async fn is_last_owner(tx: &mut Tx, id: StaffId) -> Result<bool, VaultError> {
    let others: i64 = sqlx::query_scalar(OTHER_OWNERS).bind(id).fetch_one(tx.sql()).await?;
    Ok(others == 0 && is_owner(tx, id).await?)
}
