//! The log of transfers in the database.

use crate::contact::Country;
use crate::ids::{MessageId, PatientId};
use crate::messaging::setup::GatewayKind;
use crate::messaging::text::Classes;
use crate::vault::{Tx, VaultError};

/// Abroad go neutral words, whatever the text holds.
const INSERT: &str = "
    INSERT INTO transfer (at, patient_id, message_id, purpose, party, country, classes)
    SELECT ?2, patient_id, id, purpose, ?3, ?4,
        CASE land WHEN 'abroad' THEN ?5 ELSE classes END
    FROM message WHERE id = ?1";

const HAND_OVER: &str = "UPDATE transfer SET patient_id = ?2 WHERE patient_id = ?1";

pub async fn insert(
    tx: &mut Tx,
    id: MessageId,
    party: GatewayKind,
    country: Country,
) -> Result<(), VaultError> {
    let now = tx.now();
    let leaving = serde_json::to_string(&Classes::leaving()).expect("names are JSON");
    let query = sqlx::query(INSERT).bind(id).bind(now).bind(party).bind(country);
    query.bind(leaving).execute(tx.sql()).await?;
    Ok(())
}

/// Puts the log of one card on another.
pub async fn hand_over_in(tx: &mut Tx, from: PatientId, to: PatientId) -> Result<(), VaultError> {
    sqlx::query(HAND_OVER).bind(from).bind(to).execute(tx.sql()).await?;
    Ok(())
}
