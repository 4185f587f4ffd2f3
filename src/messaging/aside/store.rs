//! What was put aside in the database.

use crate::messaging::setup::GatewayKind;
use crate::vault::{Tx, VaultError};

const TAKE_UP_EVENTS: &str = "
    UPDATE webhook_event SET state = 'waiting', reason = NULL, attempts = 0
    WHERE state = 'aside' AND source = ?1 RETURNING id";

const TAKE_UP_UPDATES: &str = "
    UPDATE telegram_update SET state = 'waiting', reason = NULL, attempts = 0
    WHERE state = 'aside' AND bot_id = (SELECT bot_id FROM telegram_bot WHERE current = 1)
    RETURNING update_id";

pub(super) async fn take_up_events(tx: &mut Tx, kind: GatewayKind) -> Result<Vec<i64>, VaultError> {
    Ok(sqlx::query_scalar(TAKE_UP_EVENTS).bind(kind).fetch_all(tx.sql()).await?)
}

pub(super) async fn take_up_updates(tx: &mut Tx) -> Result<usize, VaultError> {
    let taken: Vec<i64> = sqlx::query_scalar(TAKE_UP_UPDATES).fetch_all(tx.sql()).await?;
    Ok(taken.len())
}
