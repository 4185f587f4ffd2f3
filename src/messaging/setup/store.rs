//! The gateway and the wording in the database.

use sqlx::SqliteConnection;

use super::model::StoredGateway;
use crate::i18n::Language;
use crate::ids::StaffId;
use crate::messaging::text::Purpose;
use crate::vault::{Reader, Tx, VaultError};

const GATEWAY: &str = "
    SELECT kind, endpoint, username, password, sender, report_url FROM gateway WHERE id = 1";

const SET_GATEWAY: &str = "
    INSERT INTO gateway (id, kind, endpoint, username, password, sender, report_url, changed_at)
    VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (id) DO UPDATE SET kind = ?1, endpoint = ?2, username = ?3, password = ?4,
        sender = ?5, report_url = ?6, changed_at = ?7";

const TEXT: &str = "
    SELECT source FROM message_text WHERE purpose = ?1 AND language = ?2
    ORDER BY changed_at DESC, rowid DESC LIMIT 1";

const SET_TEXT: &str = "
    INSERT INTO message_text (purpose, language, source, changed_at, changed_by)
    VALUES (?1, ?2, ?3, ?4, ?5)";

pub async fn gateway(reader: &mut Reader) -> Result<Option<StoredGateway>, VaultError> {
    Ok(sqlx::query_as(GATEWAY).fetch_optional(reader.sql()).await?)
}

pub async fn set_gateway(tx: &mut Tx, stored: &StoredGateway) -> Result<(), VaultError> {
    let now = tx.now();
    let settings = &stored.settings;
    sqlx::query(SET_GATEWAY)
        .bind(settings.kind)
        .bind(&settings.endpoint)
        .bind(&settings.username)
        .bind(&stored.password)
        .bind(&settings.sender)
        .bind(&settings.report_url)
        .bind(now)
        .execute(tx.sql())
        .await?;
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
