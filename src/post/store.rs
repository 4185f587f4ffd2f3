//! The mail server in the database.

use crate::post::StoredServer;
use crate::vault::{Reader, Tx, VaultError};

const SERVER: &str = "
    SELECT host, port, tls, username, sender, ca, password FROM mail_server WHERE id = 1";

const SET_SERVER: &str = "
    INSERT INTO mail_server (id, host, port, tls, username, password, sender, ca, changed_at)
    VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (id) DO UPDATE SET host = ?1, port = ?2, tls = ?3, username = ?4, password = ?5,
        sender = ?6, ca = ?7, changed_at = ?8";

pub async fn server(reader: &mut Reader) -> Result<Option<StoredServer>, VaultError> {
    Ok(sqlx::query_as(SERVER).fetch_optional(reader.sql()).await?)
}

pub async fn set_server(tx: &mut Tx, stored: &StoredServer) -> Result<(), VaultError> {
    let now = tx.now();
    let settings = &stored.settings;
    sqlx::query(SET_SERVER)
        .bind(&settings.host)
        .bind(settings.port)
        .bind(settings.tls)
        .bind(&settings.username)
        .bind(&stored.password)
        .bind(&settings.sender)
        .bind(&settings.ca)
        .bind(now)
        .execute(tx.sql())
        .await?;
    Ok(())
}
