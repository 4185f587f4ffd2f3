//! The log of transfers in the database.

use crate::contact::Country;
use crate::ids::{MessageId, PatientId};
use crate::messaging::setup::GatewayKind;
use crate::messaging::text::{Classes, Purpose};
use crate::vault::{Tx, VaultError};

/// Abroad go neutral words, whatever the text holds; what people write themselves
/// may hold anything. A reminder of several visits, and what says that several were
/// confirmed, is about each of their patients.
const INSERT: &str = "
    INSERT INTO transfer (at, patient_id, message_id, purpose, party, country, classes)
    SELECT ?2, whose.patient_id, id, purpose, ?3, ?4,
        CASE WHEN purpose = 'staff_text' THEN ?6 WHEN land = 'abroad' THEN ?5 ELSE classes END
    FROM message JOIN (
        SELECT patient_id FROM message WHERE id = ?1
        UNION SELECT appointment.patient_id
            FROM reminder_touch JOIN appointment ON appointment.id = appointment_id
            WHERE message_id = ?1
        UNION SELECT appointment.patient_id
            FROM message AS ack JOIN reply_visit ON reply_visit.reply_id = ack.object_id
                JOIN appointment ON appointment.id = appointment_id
            WHERE ack.id = ?1 AND ack.object_kind = 'reply') AS whose
    WHERE id = ?1";

const INSERT_SAID: &str = "
    INSERT INTO transfer (at, patient_id, purpose, party, country, classes)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

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
    let free = serde_json::to_string(&Classes::free()).expect("names are JSON");
    query.bind(leaving).bind(free).execute(tx.sql()).await?;
    Ok(())
}

pub async fn insert_said(
    tx: &mut Tx,
    patient: Option<PatientId>,
    party: GatewayKind,
    classes: &Classes,
) -> Result<(), VaultError> {
    let now = tx.now();
    let classes = serde_json::to_string(classes).expect("names are JSON");
    let query = sqlx::query(INSERT_SAID).bind(now).bind(patient).bind(Purpose::Dialogue);
    query.bind(party).bind(party.usual_country()).bind(classes).execute(tx.sql()).await?;
    Ok(())
}

/// Puts the log of one card on another.
pub async fn hand_over_in(tx: &mut Tx, from: PatientId, to: PatientId) -> Result<(), VaultError> {
    sqlx::query(HAND_OVER).bind(from).bind(to).execute(tx.sql()).await?;
    Ok(())
}
