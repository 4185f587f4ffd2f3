//! The rules and their confirmations in the database. Rows are only added.

use crate::accountability::training::{Confirmed, StaffRules};
use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::vault::permission::Role;
use crate::vault::{Reader, Tx, VaultError};

const VERSIONS: &str = "
    SELECT version, text_ru, text_kk, made_at,
        (SELECT name FROM staff WHERE staff.id = made_by) AS made_by
    FROM staff_rules ORDER BY version DESC";

const NEWEST: &str = "
    SELECT version, text_ru, text_kk, made_at, NULL AS made_by
    FROM staff_rules ORDER BY version DESC LIMIT 1";

const PUBLISH: &str = "
    INSERT INTO staff_rules (version, text_ru, text_kk, made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5)";

/// Everybody who works here, with their newest confirmation.
const PEOPLE: &str = "
    SELECT staff.id, staff.name, staff.role, staff.created_at, confirmed.version,
        confirmed.language AS read_in, confirmed.at
    FROM staff LEFT JOIN rules_acknowledgement AS confirmed ON confirmed.id =
        (SELECT max(id) FROM rules_acknowledgement WHERE staff_id = staff.id)
    WHERE left_at IS NULL ORDER BY staff.name";

const CONFIRM: &str = "
    INSERT INTO rules_acknowledgement (staff_id, version, language, sha256, at)
    VALUES (?1, ?2, ?3, ?4, ?5)";

/// Somebody who works here.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PersonRow {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
    pub created_at: Timestamp,
    version: Option<i64>,
    read_in: Option<String>,
    at: Option<Timestamp>,
}

impl PersonRow {
    pub fn confirmed(&self) -> Option<Confirmed> {
        let language = self.read_in.clone()?;
        Some(Confirmed { version: self.version?, language, at: self.at? })
    }
}

/// Newest first.
pub async fn versions(reader: &mut Reader) -> Result<Vec<StaffRules>, VaultError> {
    Ok(sqlx::query_as(VERSIONS).fetch_all(reader.sql()).await?)
}

pub async fn newest(tx: &mut Tx) -> Result<Option<StaffRules>, VaultError> {
    Ok(sqlx::query_as(NEWEST).fetch_optional(tx.sql()).await?)
}

pub async fn publish(
    tx: &mut Tx,
    version: i64,
    text: [&str; 2],
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(PUBLISH).bind(version).bind(text[0]).bind(text[1]);
    query.bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}

pub async fn people(reader: &mut Reader) -> Result<Vec<PersonRow>, VaultError> {
    Ok(sqlx::query_as(PEOPLE).fetch_all(reader.sql()).await?)
}

pub async fn confirm(
    tx: &mut Tx,
    staff: StaffId,
    version: i64,
    language: &str,
    sha256: &str,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(CONFIRM).bind(staff).bind(version).bind(language);
    query.bind(sha256).bind(now).execute(tx.sql()).await?;
    Ok(())
}
