//! Consents of merged cards in the database.

use crate::ids::PatientId;
use crate::vault::{Tx, VaultError};

/// The schema lets a consent go only where its card went.
const HAND_OVER: &str = "UPDATE consent SET patient_id = ?2 WHERE patient_id = ?1 RETURNING id";

/// Puts all consents of one card on another, signed or not. What was signed,
/// the name in it included, stays as it is. Gives their ids.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?)
}
