//! Merged and likely equal cards in the database.

use super::{LikelyPair, Merging};
use crate::ids::{PatientId, StaffId};
use crate::patients::model::{Patient, folded};
use crate::patients::store::card_in;
use crate::patients::words;
use crate::vault::{Listing, Tx, VaultError};

const OFFER: &str = "
    INSERT INTO likely_duplicate (a, b, score, reasons, found_at)
    SELECT min(?1, ?2), max(?1, ?2), ?3, ?4, ?5
    WHERE ?1 <> ?2
        AND NOT EXISTS (SELECT 1 FROM different_people
            WHERE a = min(?1, ?2) AND b = max(?1, ?2))
        AND NOT EXISTS (SELECT 1 FROM patient WHERE id IN (?1, ?2) AND merged_into IS NOT NULL)
    ON CONFLICT DO NOTHING";

const OFFERED: &str = "
    SELECT a, b, score, reasons FROM likely_duplicate ORDER BY score DESC, a, b LIMIT ?2 OFFSET ?1";

const COUNT_OFFERED: &str = "SELECT count(*) FROM likely_duplicate";

const OFFERED_OF: &str = "
    SELECT a, b, score, reasons FROM likely_duplicate WHERE a = ?1 OR b = ?1
    ORDER BY score DESC, a, b LIMIT 20";

const CARDS_OF: &str = "
    SELECT patient.*,
        (SELECT json_group_array(phone) FROM (
            SELECT phone FROM patient_phone WHERE patient_id = patient.id ORDER BY position))
            AS phones,
        (SELECT json_group_array(text) FROM patient_contact WHERE patient_id = patient.id)
            AS other_contacts,
        (SELECT email FROM patient_email WHERE patient_id = patient.id) AS email,
        EXISTS (SELECT 1 FROM patient_email
            WHERE patient_id = patient.id AND refused_at IS NOT NULL) AS email_refused
    FROM patient WHERE patient.id IN (SELECT value FROM json_each(?1))";

const KEEP_APART: &str = "
    INSERT INTO different_people (a, b, at, staff_id)
    VALUES (min(?1, ?2), max(?1, ?2), ?3, ?4) ON CONFLICT DO NOTHING";

const WITHDRAW_PAIR: &str = "
    DELETE FROM likely_duplicate WHERE a = min(?1, ?2) AND b = max(?1, ?2)";

const ABSORB: &str = "
    UPDATE patient SET merged_into = ?2, iin = NULL, version = version + 1 WHERE id = ?1";

/// Cards that led to the absorbed one lead to where it leads.
const LEAD_ON: &str = "UPDATE patient SET merged_into = ?2 WHERE merged_into = ?1";

const KEEP_BEFORE: &str = "
    INSERT INTO patient_change (patient_id, version, at, before) VALUES (?1, ?2, ?3, ?4)";

const DELETE_PHONES: &str = "DELETE FROM patient_phone WHERE patient_id = ?1";
const DELETE_CONTACTS: &str = "DELETE FROM patient_contact WHERE patient_id = ?1";
const DELETE_EMAIL: &str = "DELETE FROM patient_email WHERE patient_id = ?1";

const HAND_APART: &str = "
    INSERT INTO different_people (a, b, at, staff_id)
    SELECT min(?2, other), max(?2, other), at, staff_id FROM (
        SELECT CASE WHEN a = ?1 THEN b ELSE a END AS other, at, staff_id
        FROM different_people WHERE a = ?1 OR b = ?1)
    WHERE other <> ?2 ON CONFLICT DO NOTHING";

const HAND_LIKELY: &str = "
    INSERT INTO likely_duplicate (a, b, score, reasons, found_at)
    SELECT min(?2, other), max(?2, other), score, reasons, found_at FROM (
        SELECT CASE WHEN a = ?1 THEN b ELSE a END AS other, score, reasons, found_at
        FROM likely_duplicate WHERE a = ?1 OR b = ?1)
    WHERE other <> ?2 AND NOT EXISTS (SELECT 1 FROM different_people
        WHERE a = min(?2, other) AND b = max(?2, other))
    ON CONFLICT DO NOTHING";

const DELETE_APART: &str = "DELETE FROM different_people WHERE a = ?1 OR b = ?1";
const DELETE_LIKELY: &str = "DELETE FROM likely_duplicate WHERE a = ?1 OR b = ?1";

const NOTE: &str = "
    INSERT INTO patient_merge (absorbed_id, kept_id, at, staff_id, moved)
    VALUES (?1, ?2, ?3, ?4, ?5)";

const UNCHANGED: &str = "
    SELECT number FROM patient WHERE id = ?1 AND version = 1 AND merged_into IS NULL";

const DELETE_CARD: &str = "DELETE FROM patient WHERE id = ?1";

/// One when the pair waits now and did not before.
pub async fn offer(tx: &mut Tx, pair: &LikelyPair) -> Result<u64, VaultError> {
    let now = tx.now();
    let reasons = serde_json::to_string(&pair.reasons).expect("texts are JSON");
    let query = sqlx::query(OFFER).bind(pair.a).bind(pair.b).bind(pair.score).bind(reasons);
    Ok(query.bind(now).execute(tx.sql()).await?.rows_affected())
}

pub async fn offered(
    listing: &mut Listing,
    skip: i64,
    most: i64,
) -> Result<Vec<LikelyPair>, VaultError> {
    Ok(sqlx::query_as(OFFERED).bind(skip).bind(most).fetch_all(listing.sql()).await?)
}

pub async fn count_offered(listing: &mut Listing) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(COUNT_OFFERED).fetch_one(listing.sql()).await?)
}

/// The pairs of one card that wait for a decision, the likeliest first.
pub async fn offered_of(
    listing: &mut Listing,
    id: PatientId,
) -> Result<Vec<LikelyPair>, VaultError> {
    Ok(sqlx::query_as(OFFERED_OF).bind(id).fetch_all(listing.sql()).await?)
}

/// Whole cards, in no order; those that do not exist are missing.
pub async fn cards_of(
    listing: &mut Listing,
    ids: &[PatientId],
) -> Result<Vec<Patient>, VaultError> {
    let ids = serde_json::to_string(ids).expect("ids are JSON");
    Ok(sqlx::query_as(CARDS_OF).bind(ids).fetch_all(listing.sql()).await?)
}

pub async fn keep_apart(
    tx: &mut Tx,
    a: PatientId,
    b: PatientId,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(KEEP_APART).bind(a).bind(b).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    sqlx::query(WITHDRAW_PAIR).bind(a).bind(b).execute(tx.sql()).await?;
    Ok(())
}

/// Makes a card a tombstone: nothing finds it any more, and what it said is on
/// file.
pub async fn absorb(tx: &mut Tx, card: &Patient, into: PatientId) -> Result<(), VaultError> {
    let now = tx.now();
    let before = serde_json::to_string(card).expect("a card is JSON");
    let query = sqlx::query(KEEP_BEFORE).bind(card.id).bind(card.version).bind(now);
    query.bind(before).execute(tx.sql()).await?;
    sqlx::query(ABSORB).bind(card.id).bind(into).execute(tx.sql()).await?;
    sqlx::query(LEAD_ON).bind(card.id).bind(into).execute(tx.sql()).await?;
    for statement in [DELETE_PHONES, DELETE_CONTACTS, DELETE_EMAIL] {
        sqlx::query(statement).bind(card.id).execute(tx.sql()).await?;
    }
    words::store::forget(tx, card.number, &folded(&card.parts())).await
}

pub async fn hand_over_pairs(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<(), VaultError> {
    for statement in [HAND_APART, HAND_LIKELY] {
        sqlx::query(statement).bind(from).bind(to).execute(tx.sql()).await?;
    }
    for statement in [DELETE_APART, DELETE_LIKELY] {
        sqlx::query(statement).bind(from).execute(tx.sql()).await?;
    }
    Ok(())
}

pub async fn note(
    tx: &mut Tx,
    merging: &Merging,
    by: Option<StaffId>,
    moved: &str,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(NOTE).bind(merging.absorbed.0).bind(merging.kept.0).bind(now);
    query.bind(by).bind(moved).execute(tx.sql()).await?;
    Ok(())
}

/// The number of a card that is as it was made.
pub async fn unchanged(tx: &mut Tx, id: PatientId) -> Result<Option<i64>, VaultError> {
    Ok(sqlx::query_scalar(UNCHANGED).bind(id).fetch_optional(tx.sql()).await?)
}

pub async fn remove(tx: &mut Tx, id: PatientId, number: i64) -> Result<(), VaultError> {
    if let Some(card) = card_in(tx, id).await? {
        words::store::forget(tx, number, &folded(&card.parts())).await?;
    }
    for statement in
        [DELETE_LIKELY, DELETE_APART, DELETE_PHONES, DELETE_CONTACTS, DELETE_EMAIL, DELETE_CARD]
    {
        sqlx::query(statement).bind(id).execute(tx.sql()).await?;
    }
    Ok(())
}
