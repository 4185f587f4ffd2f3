//! Where members of staff read mail, in the database.

use crate::clock::Timestamp;
use crate::contact::Email;
use crate::ids::StaffId;
use crate::mail::model::LetterId;
use crate::mail::people::{Overseer, OwnAddress, Waiting};
use crate::vault::{Reader, Tx, VaultError};

const OWN: &str = "SELECT address, confirmed_at, wanted FROM staff_mail WHERE staff_id = ?1";

const OWN_NOW: &str = "SELECT address FROM staff_mail WHERE staff_id = ?1";

const ASK: &str = "
    INSERT INTO staff_mail (staff_id, wanted, code_hash, letter_id, asked_at)
    VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (staff_id) DO UPDATE SET wanted = ?2, code_hash = ?3, letter_id = ?4,
        asked_at = ?5, tries = 0";

const WAITING: &str = "
    SELECT wanted, code_hash, asked_at, tries FROM staff_mail
    WHERE staff_id = ?1 AND wanted IS NOT NULL";

const ASKED_AT: &str = "SELECT asked_at FROM staff_mail WHERE staff_id = ?1";

const WRONG: &str = "
    UPDATE staff_mail SET tries = tries + 1,
        wanted = CASE WHEN tries + 1 < ?2 THEN wanted END,
        code_hash = CASE WHEN tries + 1 < ?2 THEN code_hash END
    WHERE staff_id = ?1";

const CONFIRM: &str = "
    UPDATE staff_mail SET address = wanted, confirmed_at = ?2, wanted = NULL, code_hash = NULL,
        letter_id = NULL
    WHERE staff_id = ?1";

const DROP: &str = "
    UPDATE staff_mail SET address = NULL, confirmed_at = NULL, wanted = NULL, code_hash = NULL,
        letter_id = NULL
    WHERE staff_id = ?1";

const AWAITS: &str = "
    SELECT EXISTS (SELECT 1 FROM staff_mail WHERE staff_id = ?1 AND letter_id = ?2
        AND wanted IS NOT NULL)";

/// Who answers for what happens here, by their role or standing in for somebody.
const OVERSEERS: &str = "
    SELECT staff.id, name, language, address FROM staff
    LEFT JOIN staff_mail ON staff_mail.staff_id = staff.id
    WHERE left_at IS NULL AND (role IN ('owner', 'compliance') OR EXISTS (
        SELECT 1 FROM deputation WHERE deputation.staff_id = staff.id
            AND deputation.role IN ('owner', 'compliance') AND ended_at IS NULL
            AND from_at <= ?1 AND ?1 < until_at))
    ORDER BY name, staff.id";

pub async fn own(reader: &mut Reader, staff: StaffId) -> Result<Option<OwnAddress>, VaultError> {
    Ok(sqlx::query_as(OWN).bind(staff).fetch_optional(reader.sql()).await?)
}

/// The confirmed address, inside a change.
pub async fn own_now(tx: &mut Tx, staff: StaffId) -> Result<Option<Email>, VaultError> {
    let found: Option<Option<Email>> =
        sqlx::query_scalar(OWN_NOW).bind(staff).fetch_optional(tx.sql()).await?;
    Ok(found.flatten())
}

pub async fn asked_at(tx: &mut Tx, staff: StaffId) -> Result<Option<Timestamp>, VaultError> {
    let found: Option<Option<Timestamp>> =
        sqlx::query_scalar(ASKED_AT).bind(staff).fetch_optional(tx.sql()).await?;
    Ok(found.flatten())
}

pub async fn ask(
    tx: &mut Tx,
    staff: StaffId,
    wanted: &Email,
    hash: &[u8],
    letter: LetterId,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(ASK).bind(staff).bind(wanted).bind(hash).bind(letter).bind(now);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn waiting(tx: &mut Tx, staff: StaffId) -> Result<Option<Waiting>, VaultError> {
    Ok(sqlx::query_as(WAITING).bind(staff).fetch_optional(tx.sql()).await?)
}

/// Counts a wrong code; the last one ends it.
pub async fn wrong(tx: &mut Tx, staff: StaffId, most: i64) -> Result<(), VaultError> {
    sqlx::query(WRONG).bind(staff).bind(most).execute(tx.sql()).await?;
    Ok(())
}

pub async fn confirm(tx: &mut Tx, staff: StaffId) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(CONFIRM).bind(staff).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn forget(tx: &mut Tx, staff: StaffId) -> Result<(), VaultError> {
    sqlx::query(DROP).bind(staff).execute(tx.sql()).await?;
    Ok(())
}

/// Whether the code in this letter is still the one to be typed.
pub async fn awaits(tx: &mut Tx, staff: StaffId, letter: LetterId) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(AWAITS).bind(staff).bind(letter).fetch_one(tx.sql()).await?)
}

pub async fn overseers(tx: &mut Tx) -> Result<Vec<Overseer>, VaultError> {
    let now = tx.now();
    Ok(sqlx::query_as(OVERSEERS).bind(now).fetch_all(tx.sql()).await?)
}

/// The same for a page.
pub async fn overseers_at(
    reader: &mut Reader,
    now: Timestamp,
) -> Result<Vec<Overseer>, VaultError> {
    Ok(sqlx::query_as(OVERSEERS).bind(now).fetch_all(reader.sql()).await?)
}
