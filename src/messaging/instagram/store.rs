//! Instagram in the database: the app, and messages by Instagram's numbers.

use super::app::App;
use super::trial::{Found, Trial};
use crate::clock::Timestamp;
use crate::ids::{MessageId, PatientId};
use crate::messaging::gateway::Reference;
use crate::messaging::model::{About, Due};
use crate::messaging::setup::GatewayId;
use crate::vault::{Reader, Tx, VaultError};

const APP: &str = "SELECT app_secret, verify_token, greets FROM instagram_app WHERE id = 1";

const SET_APP: &str = "
    INSERT INTO instagram_app (id, app_secret, verify_token, greets, changed_at)
    VALUES (1, ?1, ?2, ?3, ?4)
    ON CONFLICT (id) DO UPDATE SET app_secret = ?1, verify_token = ?2, greets = ?3,
        changed_at = ?4";

const TRIAL: &str = "SELECT at, username, found FROM instagram_trial WHERE gateway_id = ?1";

const SET_TRIAL: &str = "
    INSERT INTO instagram_trial (gateway_id, at, username, found) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (gateway_id) DO UPDATE SET at = excluded.at, username = excluded.username,
        found = excluded.found";

/// The latest first: there are nine days of them.
const HEARD_AT: &str = "
    SELECT received_at FROM webhook_event WHERE source = 'instagram'
    ORDER BY received_at DESC LIMIT 1";

const IS_KNOWN: &str = "
    SELECT EXISTS (SELECT 1 FROM message WHERE gateway_id = ?1 AND provider_id = ?2)";

/// One whose answer is lost or still under way, by whom it went to and what it says.
const LOST: &str = "
    SELECT due.* FROM message_due AS due JOIN message ON message.id = due.id
    WHERE due.gateway_id = ?1 AND due.address = ?2 AND message.text = ?3
        AND due.state IN ('sending', 'uncertain') AND due.provider_id IS NULL
    ORDER BY due.created_at LIMIT 1";

/// A conversation says what somebody is called.
const IS_NAMED: &str = "
    SELECT EXISTS (SELECT 1 FROM conversation
        WHERE channel = 'instagram' AND address = ?1 AND name <> '')";

const NOTE: &str = "UPDATE message SET provider_id = ?2 WHERE id = ?1";

const BY_ID: &str = "SELECT * FROM message_due WHERE gateway_id = ?1 AND provider_id = ?2";

const ELSEWHERE: &str = "
    INSERT INTO message (id, patient_id, purpose, object_kind, object_id, object_stamp, channel,
        language, address, text, reference, state, created_at, not_after, gateway, gateway_id,
        provider_id, land)
    VALUES (?1, ?2, 'staff_text', ?3, ?4, 'instagram', 'instagram', 'ru', ?5, ?6, ?7,
        'delivered', ?8, ?8, 'instagram', ?9, ?10, 'abroad')";

/// What somebody wrote in the app itself.
pub struct Elsewhere<'a> {
    pub gateway: GatewayId,
    /// Instagram's number of it.
    pub id: &'a str,
    pub to: &'a str,
    pub text: &'a str,
    pub at: Timestamp,
    pub patient: Option<PatientId>,
    pub about: &'a About,
}

pub async fn app(reader: &mut Reader) -> Result<Option<App>, VaultError> {
    Ok(sqlx::query_as(APP).fetch_optional(reader.sql()).await?)
}

pub async fn set_app(tx: &mut Tx, app: &App) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(SET_APP).bind(&app.app_secret).bind(&app.verify_token);
    query.bind(app.greets).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn trial(reader: &mut Reader, id: GatewayId) -> Result<Option<Trial>, VaultError> {
    Ok(sqlx::query_as(TRIAL).bind(id).fetch_optional(reader.sql()).await?)
}

pub async fn set_trial(
    tx: &mut Tx,
    id: GatewayId,
    username: &str,
    found: Found,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(SET_TRIAL).bind(id).bind(now).bind(username).bind(found.code());
    query.execute(tx.sql()).await?;
    Ok(())
}

/// When Meta last told anything.
pub async fn heard_at(reader: &mut Reader) -> Result<Option<Timestamp>, VaultError> {
    Ok(sqlx::query_scalar(HEARD_AT).fetch_optional(reader.sql()).await?)
}

/// Whether a message of ours, or one that is noted already, has this number.
pub async fn is_known(tx: &mut Tx, gateway: GatewayId, id: &str) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(IS_KNOWN).bind(gateway).bind(id).fetch_one(tx.sql()).await?)
}

pub async fn lost(
    tx: &mut Tx,
    gateway: GatewayId,
    to: &str,
    text: &str,
) -> Result<Option<Due>, VaultError> {
    let query = sqlx::query_as(LOST).bind(gateway).bind(to).bind(text);
    Ok(query.fetch_optional(tx.sql()).await?)
}

/// Whether it is known what somebody is called.
pub async fn is_named(reader: &mut Reader, id: &str) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(IS_NAMED).bind(id).fetch_one(reader.sql()).await?)
}

pub async fn note(tx: &mut Tx, id: MessageId, number: &str) -> Result<(), VaultError> {
    sqlx::query(NOTE).bind(id).bind(number).execute(tx.sql()).await?;
    Ok(())
}

pub async fn by_id(tx: &mut Tx, gateway: GatewayId, id: &str) -> Result<Option<Due>, VaultError> {
    Ok(sqlx::query_as(BY_ID).bind(gateway).bind(id).fetch_optional(tx.sql()).await?)
}

pub async fn insert_elsewhere(
    tx: &mut Tx,
    id: MessageId,
    reference: Reference,
    said: &Elsewhere<'_>,
) -> Result<(), VaultError> {
    sqlx::query(ELSEWHERE)
        .bind(id)
        .bind(said.patient)
        .bind(&said.about.kind)
        .bind(&said.about.id)
        .bind(said.to)
        .bind(said.text)
        .bind(reference)
        .bind(said.at)
        .bind(said.gateway)
        .bind(said.id)
        .execute(tx.sql())
        .await?;
    Ok(())
}
