//! Blocks in the database. A block is lifted, never deleted.

use std::collections::HashSet;

use crate::clock::Day;
use crate::ids::{PatientId, StaffId};
use crate::patients::blocking::{Block, BlockId, NewBlock};
use crate::vault::{Disclosure, Listing, Reader, Tx, VaultError};

const INSERT: &str = "
    INSERT INTO patient_block (id, patient_id, request_id, reason, basis, until, blocked_at, blocked_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const LIFT: &str = "
    UPDATE patient_block SET lifted_at = ?2, lifted_by = ?3, lift_reason = ?4
    WHERE patient_id = ?1 AND lifted_at IS NULL RETURNING id";

const STANDING: &str = "
    SELECT patient_block.id, patient_id, patient.number AS card, reason, basis, until, blocked_at,
        staff.name AS blocked_by, lifted_at, lift_reason
    FROM patient_block JOIN patient ON patient.id = patient_id
    LEFT JOIN staff ON staff.id = blocked_by
    WHERE lifted_at IS NULL AND (?1 IS NULL OR patient_id = ?1) ORDER BY blocked_at DESC";

const STANDS: &str = "
    SELECT 1 FROM patient_block WHERE patient_id = ?1 AND lifted_at IS NULL";

const BLOCKED: &str = "SELECT patient_id FROM patient_block WHERE lifted_at IS NULL";

const BORN_ON: &str = "
    SELECT patient_id FROM patient_block JOIN patient ON patient.id = patient_id
    WHERE lifted_at IS NULL AND birth_date = ?1 AND merged_into IS NULL";

/// Where both cards are blocked, the block of the one that stays goes on.
const LIFT_SECOND: &str = "
    UPDATE patient_block SET lifted_at = ?3, lift_reason = 'merged'
    WHERE patient_id = ?1 AND lifted_at IS NULL AND EXISTS (
        SELECT 1 FROM patient_block AS own WHERE own.patient_id = ?2 AND own.lifted_at IS NULL)";

const HAND_OVER: &str =
    "UPDATE patient_block SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

pub async fn insert(
    tx: &mut Tx,
    id: BlockId,
    new: &NewBlock,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(id).bind(new.patient_id).bind(&new.request_id);
    let query = query.bind(new.reason).bind(&new.basis).bind(new.until).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// None when no block stands.
pub async fn lift(
    tx: &mut Tx,
    patient: PatientId,
    reason: &str,
    by: Option<StaffId>,
) -> Result<Option<BlockId>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(LIFT).bind(patient).bind(now).bind(by).bind(reason);
    Ok(query.fetch_optional(tx.sql()).await?)
}

/// The newest first.
pub async fn standing(reader: &mut Reader) -> Result<Vec<Block>, VaultError> {
    let query = sqlx::query_as(STANDING).bind(None::<PatientId>);
    Ok(query.fetch_all(reader.sql()).await?)
}

pub async fn on_card(reader: &mut Reader, patient: PatientId) -> Result<Option<Block>, VaultError> {
    Ok(sqlx::query_as(STANDING).bind(patient).fetch_optional(reader.sql()).await?)
}

/// The block that stands.
pub async fn of_patient(disclosure: &mut Disclosure) -> Result<Option<Block>, VaultError> {
    let id = disclosure.patient_id();
    Ok(sqlx::query_as(STANDING).bind(id).fetch_optional(disclosure.sql()).await?)
}

pub async fn stands_in(tx: &mut Tx, patient: PatientId) -> Result<bool, VaultError> {
    let found: Option<i64> =
        sqlx::query_scalar(STANDS).bind(patient).fetch_optional(tx.sql()).await?;
    Ok(found.is_some())
}

pub async fn born_on(tx: &mut Tx, day: Day) -> Result<Vec<PatientId>, VaultError> {
    Ok(sqlx::query_scalar(BORN_ON).bind(day).fetch_all(tx.sql()).await?)
}

pub async fn blocked(listing: &mut Listing) -> Result<HashSet<PatientId>, VaultError> {
    let found: Vec<PatientId> = sqlx::query_scalar(BLOCKED).fetch_all(listing.sql()).await?;
    Ok(found.into_iter().collect())
}

/// Puts the blocks of one card on another, which is blocked from then on when
/// one of them was. Gives their ids.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    let now = tx.now();
    sqlx::query(LIFT_SECOND).bind(from).bind(to).bind(now).execute(tx.sql()).await?;
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}
