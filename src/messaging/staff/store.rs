//! What the desk wrote, in the database.

use crate::contact::Phone;
use crate::i18n::Language;
use crate::ids::MessageId;
use crate::messaging::model::About;
use crate::messaging::staff::Outgoing;
use crate::vault::{Listing, Tx, VaultError};

/// What was withheld was never written, but for what somebody wrote by hand.
const TO_PHONE: &str = "
    SELECT id, patient_id, purpose, channel, language, phone, address, land,
        CASE WHEN land = 'abroad' AND abroad IS NOT NULL
            THEN coalesce(replace(abroad, secret, ?4), abroad)
            ELSE coalesce(replace(text, secret, ?4), text) END AS text, state, reason, created_at,
        coalesce((SELECT max(at) FROM message_state WHERE message_id = message.id),
            created_at) AS since,
        parts, cost, 0 AS newest
    FROM message
    WHERE (phone = ?1 OR object_kind = ?2 AND object_id = ?3)
        AND (state <> 'withheld' OR purpose = 'staff_text')
    ORDER BY created_at DESC, id DESC LIMIT ?5";

const UNDELIVERED: &str = "
    SELECT phone, language, text FROM message
    WHERE id = ?1 AND object_kind = ?2 AND object_id = ?3 AND purpose = 'staff_text'
        AND state IN ('failed', 'expired', 'withheld')
        AND NOT EXISTS (SELECT 1 FROM message AS later
            WHERE later.object_kind = ?2 AND later.object_id = ?3
                AND (later.created_at, later.id) > (message.created_at, message.id))";

const FORGET_STATES: &str = "
    DELETE FROM message_state WHERE message_id IN (
        SELECT id FROM message WHERE object_kind = ?1 AND object_id = ?2)";

const FORGET: &str = "DELETE FROM message WHERE object_kind = ?1 AND object_id = ?2";

/// What stands where something that opened was.
const TAKEN_OUT: &str = "•••";

pub async fn to_phone(
    listing: &mut Listing,
    phone: &str,
    about: &About,
    most: i64,
) -> Result<Vec<Outgoing>, VaultError> {
    let query = sqlx::query_as(TO_PHONE).bind(phone).bind(&about.kind).bind(&about.id);
    Ok(query.bind(TAKEN_OUT).bind(most).fetch_all(listing.sql()).await?)
}

pub async fn undelivered(
    tx: &mut Tx,
    id: MessageId,
    about: &About,
) -> Result<Option<(Option<Phone>, Language, String)>, VaultError> {
    let query = sqlx::query_as(UNDELIVERED).bind(id).bind(&about.kind).bind(&about.id);
    Ok(query.fetch_optional(tx.sql()).await?)
}

pub async fn forget_about(tx: &mut Tx, about: &About) -> Result<(), VaultError> {
    sqlx::query(FORGET_STATES).bind(&about.kind).bind(&about.id).execute(tx.sql()).await?;
    sqlx::query(FORGET).bind(&about.kind).bind(&about.id).execute(tx.sql()).await?;
    Ok(())
}
