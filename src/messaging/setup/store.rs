//! The gateways and the wording in the database.

use sqlx::SqliteConnection;

use super::links::Heard;
use super::model::{Account, GatewayId, GatewayKind};
use super::terms::{StoredGateway, Terms};
use crate::clock::Timestamp;
use crate::i18n::Language;
use crate::ids::StaffId;
use crate::messaging::gateway::Trouble;
use crate::messaging::text::Purpose;
use crate::money::Money;
use crate::vault::{Reader, Tx, VaultError};

const GATEWAYS: &str = "
    SELECT gateway.id, rank, kind, endpoint, username, password, sender, report_url, ca,
        per_minute, price, low_balance, country, well_at, ill_at, gateway.trouble, is_ill, balance, checked_at,
        token.entered_at AS token_entered_at, token.until AS token_until,
        token.renewed_at AS token_renewed_at, token.failed_at AS token_failed_at,
        token.trouble AS token_trouble,
        CASE kind
            WHEN 'telegram' THEN (SELECT count(*) FROM telegram_update AS told
                JOIN telegram_bot AS bot ON bot.current = 1 AND bot.bot_id = told.bot_id
                WHERE told.state = 'aside')
            ELSE (SELECT count(*) FROM webhook_event WHERE state = 'aside'
                AND reason <> 'other_number' AND source = kind)
        END AS aside
    FROM gateway LEFT JOIN gateway_token AS token ON token.gateway_id = gateway.id
    ORDER BY rank";

const KIND: &str = "SELECT kind FROM gateway WHERE id = ?1";

/// A number that neither a gateway nor a message has had.
const NEW_ID: &str = "
    SELECT 1 + max(coalesce((SELECT max(id) FROM gateway), 0),
        coalesce((SELECT max(gateway_id) FROM message), 0))";

const ADD: &str = "
    INSERT INTO gateway (id, rank, kind, endpoint, username, password, sender, report_url,
        per_minute, price, low_balance, changed_at, country, ca)
    VALUES (?1, (SELECT coalesce(max(rank), 0) + 1 FROM gateway), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
        ?10, ?11, ?12, ?13)";

/// What was known of another account is forgotten.
const SET: &str = "
    UPDATE gateway SET kind = ?2, endpoint = ?3, username = ?4, password = ?5, sender = ?6,
        report_url = ?7, per_minute = ?8, price = ?9, low_balance = ?10, changed_at = ?11,
        country = ?12, ca = ?13, is_ill = 0, balance = NULL, checked_at = NULL
    WHERE id = ?1";

const REMOVE: &str = "DELETE FROM gateway WHERE id = ?1 RETURNING rank";

const CLOSE_GAP: &str = "UPDATE gateway SET rank = rank - 1 WHERE rank > ?1";

/// Changes places with the one before.
const RAISE: &str = "
    UPDATE gateway SET rank = CASE id WHEN ?1 THEN rank - 1 ELSE rank + 1 END
    WHERE id = ?1 OR rank = (SELECT rank - 1 FROM gateway WHERE id = ?1)";

const LINKS: &str = "SELECT links FROM reply_rule WHERE id = 1";

const SET_LINKS: &str = "
    UPDATE reply_rule SET links = ?1, changed_at = ?2, changed_by = ?3 WHERE id = 1";

const HEARD: &str = "SELECT until, at FROM gateway_heard WHERE gateway_id = ?1";

const SET_HEARD: &str = "
    INSERT INTO gateway_heard (gateway_id, until, at) VALUES (?1, ?2, ?3)
    ON CONFLICT DO UPDATE SET until = excluded.until, at = excluded.at";

const UNHEARD: &str = "DELETE FROM gateway_heard WHERE gateway_id = ?1";

const TOKEN_ENTERED: &str = "
    INSERT INTO gateway_token (gateway_id, entered_at) VALUES (?1, ?2)
    ON CONFLICT (gateway_id) DO UPDATE SET entered_at = excluded.entered_at, until = NULL,
        renewed_at = NULL, failed_at = NULL, trouble = NULL";

const NO_TOKEN: &str = "DELETE FROM gateway_token WHERE gateway_id = ?1";

/// None but the one that was renewed.
const NEW_TOKEN: &str = "UPDATE gateway SET password = ?3 WHERE id = ?1 AND password = ?2";

const TOKEN_RENEWED: &str = "
    UPDATE gateway_token SET until = ?2, renewed_at = ?3, failed_at = NULL, trouble = NULL
    WHERE gateway_id = ?1";

const TOKEN_NOT_RENEWED: &str = "
    UPDATE gateway_token SET failed_at = ?3, trouble = ?4
    WHERE gateway_id = (SELECT id FROM gateway WHERE id = ?1 AND password = ?2)";

const HAS: &str = "SELECT EXISTS (SELECT 1 FROM gateway WHERE kind = ?1)";

const RANK: &str = "SELECT rank FROM gateway WHERE id = ?1";

const WELL: &str = "UPDATE gateway SET well_at = ?2 WHERE id = ?1";

const RECOVERED: &str = "UPDATE gateway SET is_ill = 0 WHERE id = ?1 AND is_ill = 1";

const FAILED: &str = "UPDATE gateway SET ill_at = ?2 WHERE id = ?1";

const FELL_ILL: &str = "
    UPDATE gateway SET is_ill = 1, trouble = ?2
    WHERE id = ?1 AND (is_ill = 0 OR trouble IS NOT ?2)";

const CHECKED: &str = "UPDATE gateway SET checked_at = ?2, balance = ?3 WHERE id = ?1";

const TEXT: &str = "
    SELECT source FROM message_text WHERE purpose = ?1 AND language = ?2
    ORDER BY changed_at DESC, rowid DESC LIMIT 1";

const SET_TEXT: &str = "
    INSERT INTO message_text (purpose, language, source, changed_at, changed_by)
    VALUES (?1, ?2, ?3, ?4, ?5)";

pub async fn has(tx: &mut Tx, kind: GatewayKind) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(HAS).bind(kind).fetch_one(tx.sql()).await?)
}

/// In the order they are tried in.
pub async fn gateways(reader: &mut Reader) -> Result<Vec<StoredGateway>, VaultError> {
    Ok(sqlx::query_as(GATEWAYS).fetch_all(reader.sql()).await?)
}

/// The same inside a change.
pub async fn gateways_in(tx: &mut Tx) -> Result<Vec<StoredGateway>, VaultError> {
    Ok(sqlx::query_as(GATEWAYS).fetch_all(tx.sql()).await?)
}

/// Puts a gateway behind the others, or changes one.
pub async fn set(
    tx: &mut Tx,
    id: Option<GatewayId>,
    account: &Account,
    terms: Terms,
) -> Result<GatewayId, VaultError> {
    let (sql, id) = match id {
        Some(id) => (SET, id),
        None => (ADD, sqlx::query_scalar(NEW_ID).fetch_one(tx.sql()).await?),
    };
    // Another account has other replies.
    sqlx::query(UNHEARD).bind(id).execute(tx.sql()).await?;
    let now = tx.now();
    let settings = &account.settings;
    sqlx::query(sql)
        .bind(id)
        .bind(settings.kind)
        .bind(&settings.endpoint)
        .bind(&settings.username)
        .bind(&account.password)
        .bind(&settings.sender)
        .bind(&settings.report_url)
        .bind(terms.per_minute)
        .bind(terms.price)
        .bind(terms.low_balance)
        .bind(now)
        .bind(terms.country)
        .bind(&settings.ca)
        .execute(tx.sql())
        .await?;
    Ok(id)
}

/// A token that ends was typed in; where keys do not end, nothing is known of one.
pub async fn set_token(tx: &mut Tx, id: GatewayId, ends: bool) -> Result<(), VaultError> {
    let now = tx.now();
    let query = if ends {
        sqlx::query(TOKEN_ENTERED).bind(id).bind(now)
    } else {
        sqlx::query(NO_TOKEN).bind(id)
    };
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Puts the second token in the place of the first, where that still stands.
pub async fn renew(
    tx: &mut Tx,
    id: GatewayId,
    (before, after): (&str, &str),
    until: Timestamp,
) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(NEW_TOKEN).bind(id).bind(before).bind(after);
    if query.execute(tx.sql()).await?.rows_affected() == 0 {
        return Ok(false);
    }
    let query = sqlx::query(TOKEN_RENEWED).bind(id).bind(until).bind(now);
    query.execute(tx.sql()).await?;
    Ok(true)
}

/// It was not renewed, unless another stands there by now.
pub async fn note_not_renewed(
    tx: &mut Tx,
    id: GatewayId,
    token: &str,
    trouble: Trouble,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(TOKEN_NOT_RENEWED).bind(id).bind(token).bind(now);
    query.bind(trouble.code()).execute(tx.sql()).await?;
    Ok(())
}

/// False when there is no such gateway.
pub async fn remove(tx: &mut Tx, id: GatewayId) -> Result<bool, VaultError> {
    let rank: Option<i64> = sqlx::query_scalar(REMOVE).bind(id).fetch_optional(tx.sql()).await?;
    let Some(rank) = rank else { return Ok(false) };
    sqlx::query(UNHEARD).bind(id).execute(tx.sql()).await?;
    sqlx::query(CLOSE_GAP).bind(rank).execute(tx.sql()).await?;
    Ok(true)
}

/// Puts a gateway before the one that is before it. False when none is.
pub async fn raise(tx: &mut Tx, id: GatewayId) -> Result<bool, VaultError> {
    let rank: Option<i64> = sqlx::query_scalar(RANK).bind(id).fetch_optional(tx.sql()).await?;
    if rank.is_none_or(|rank| rank < 2) {
        return Ok(false);
    }
    sqlx::query(RAISE).bind(id).execute(tx.sql()).await?;
    Ok(true)
}

/// It took a message, or would. True when it had been ill.
pub async fn note_well(tx: &mut Tx, id: GatewayId) -> Result<bool, VaultError> {
    let now = tx.now();
    sqlx::query(WELL).bind(id).bind(now).execute(tx.sql()).await?;
    let done = sqlx::query(RECOVERED).bind(id).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

/// It failed. True when it had been well, or ill with something else.
pub async fn note_ill(tx: &mut Tx, id: GatewayId, trouble: Trouble) -> Result<bool, VaultError> {
    let now = tx.now();
    sqlx::query(FAILED).bind(id).bind(now).execute(tx.sql()).await?;
    let done = sqlx::query(FELL_ILL).bind(id).bind(trouble.code()).execute(tx.sql()).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn note_checked(
    tx: &mut Tx,
    id: GatewayId,
    balance: Option<Money>,
) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(CHECKED).bind(id).bind(now).bind(balance).execute(tx.sql()).await?;
    Ok(())
}

/// The clinic's own wording, or none.
pub async fn text(
    connection: &mut SqliteConnection,
    purpose: Purpose,
    language: Language,
) -> Result<Option<String>, VaultError> {
    let query = sqlx::query_scalar(TEXT).bind(purpose).bind(language);
    let latest: Option<Option<String>> = query.fetch_optional(connection).await?;
    Ok(latest.flatten())
}

pub async fn set_text(
    tx: &mut Tx,
    purpose: Purpose,
    language: Language,
    source: Option<&str>,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(SET_TEXT).bind(purpose).bind(language).bind(source);
    query.bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}

pub async fn links(connection: &mut SqliteConnection) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(LINKS).fetch_one(connection).await?)
}

pub async fn set_links(tx: &mut Tx, links: bool, by: Option<StaffId>) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(SET_LINKS).bind(links).bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}

pub async fn heard(reader: &mut Reader, id: GatewayId) -> Result<Option<Heard>, VaultError> {
    Ok(sqlx::query_as(HEARD).bind(id).fetch_optional(reader.sql()).await?)
}

pub async fn set_heard(tx: &mut Tx, id: GatewayId, heard: &Heard) -> Result<(), VaultError> {
    let query = sqlx::query(SET_HEARD).bind(id).bind(&heard.until).bind(heard.at);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// What a gateway is; None when there is none of that number.
pub async fn kind(tx: &mut Tx, id: GatewayId) -> Result<Option<GatewayKind>, VaultError> {
    Ok(sqlx::query_scalar(KIND).bind(id).fetch_optional(tx.sql()).await?)
}
