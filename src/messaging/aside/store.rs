//! What was put aside in the database.

use crate::messaging::setup::GatewayKind;
use crate::vault::{Reader, Tx, VaultError};

const TAKE_UP_EVENTS: &str = "
    UPDATE webhook_event SET state = 'waiting', reason = NULL, attempts = 0
    WHERE state = 'aside' AND source = ?1 RETURNING id";

const HAS_OF_OTHER_NUMBERS: &str = "
    SELECT EXISTS (SELECT 1 FROM webhook_event
        WHERE state = 'aside' AND reason = 'other_number' AND source = ?1)";

pub(super) async fn has_of_other_numbers(
    reader: &mut Reader,
    kind: GatewayKind,
) -> Result<bool, VaultError> {
    let query = sqlx::query_scalar(HAS_OF_OTHER_NUMBERS).bind(kind);
    Ok(query.fetch_one(reader.sql()).await?)
}

pub(super) async fn take_up_events(tx: &mut Tx, kind: GatewayKind) -> Result<Vec<i64>, VaultError> {
    Ok(sqlx::query_scalar(TAKE_UP_EVENTS).bind(kind).fetch_all(tx.sql()).await?)
}
