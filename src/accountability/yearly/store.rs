//! Reviews in the database, and what they are made from. Rows are only added.

use crate::accountability::yearly::{Item, Review};
use crate::clock::{Day, Timestamp};
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

/// What other capabilities keep. `?1`: before it an account is idle.
const FACTS: &str = "
    SELECT (SELECT count(*) FROM retention_rule AS rule WHERE confirmed = 0 AND version =
            (SELECT max(version) FROM retention_rule WHERE code = rule.code))
        + (SELECT count(*) FROM legal_term AS term WHERE confirmed = 0 AND version =
            (SELECT max(version) FROM legal_term WHERE code = term.code))
        + (SELECT count(*) FROM refusal_basis AS basis WHERE confirmed = 0 AND version =
            (SELECT max(version) FROM refusal_basis WHERE reason = basis.reason))
            AS law_unconfirmed,
        (SELECT max(at) FROM paper_export WHERE paper = 'access') AS access_listed_at,
        (SELECT count(*) FROM staff WHERE left_at IS NULL AND created_at < ?1
            AND NOT EXISTS (SELECT 1 FROM session
                WHERE session.staff_id = staff.id AND ?1 <= last_seen_at)
            AND NOT EXISTS (SELECT 1 FROM known_device
                WHERE known_device.staff_id = staff.id AND ?1 <= last_at)) AS idle_accounts,
        (SELECT count(*) FROM audit_finding WHERE state = 'open') AS findings,
        (SELECT max(last_day) FROM audit_review WHERE staff_id IS NULL) AS log_reviewed_on,
        (SELECT count(*) FROM emergency_access WHERE NOT EXISTS
            (SELECT 1 FROM emergency_review WHERE access_id = emergency_access.id)) AS emergencies,
        (SELECT count(*) FROM incident WHERE NOT EXISTS
            (SELECT 1 FROM incident_event
             WHERE incident_id = incident.id AND kind = 'closed')) AS incidents,
        (SELECT max(finished_at) FROM backup_run
            WHERE failure IS NULL AND drill_ms IS NOT NULL) AS drilled_at,
        (SELECT max(made_at) FROM audit_anchor) AS anchored_at";

const REVIEWS: &str = "
    SELECT number, conclusion, signed_at,
        (SELECT name FROM staff WHERE staff.id = signed_by) AS signed_by, next_on,
        (SELECT count(*) FROM yearly_review_item
         WHERE yearly_review_item.number = yearly_review.number AND answer = 'to_do') AS to_do
    FROM yearly_review ORDER BY number DESC";

const ITEMS: &str = "
    SELECT code, found, fine, answer, note FROM yearly_review_item
    WHERE number = ?1 ORDER BY position";

const INSERT: &str = "
    INSERT INTO yearly_review (number, conclusion, signed_at, signed_by, next_on)
    VALUES ((SELECT coalesce(max(number), 0) + 1 FROM yearly_review), ?1, ?2, ?3, ?4)
    RETURNING number";

const INSERT_ITEM: &str = "
    INSERT INTO yearly_review_item (number, position, code, found, fine, answer, note)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Facts {
    pub law_unconfirmed: i64,
    /// When the list of persons with access was last made.
    pub access_listed_at: Option<Timestamp>,
    pub idle_accounts: i64,
    pub findings: i64,
    /// The last day whose log somebody signed for everybody.
    pub log_reviewed_on: Option<Day>,
    pub emergencies: i64,
    pub incidents: i64,
    /// The last backup that was restored for a test.
    pub drilled_at: Option<Timestamp>,
    /// The last checkpoint of the ledger kept outside.
    pub anchored_at: Option<Timestamp>,
}

pub async fn facts(reader: &mut Reader, idle: Timestamp) -> Result<Facts, VaultError> {
    Ok(sqlx::query_as(FACTS).bind(idle).fetch_one(reader.sql()).await?)
}

/// Newest first.
pub async fn reviews(reader: &mut Reader) -> Result<Vec<Review>, VaultError> {
    Ok(sqlx::query_as(REVIEWS).fetch_all(reader.sql()).await?)
}

pub async fn items(reader: &mut Reader, number: i64) -> Result<Vec<Item>, VaultError> {
    Ok(sqlx::query_as(ITEMS).bind(number).fetch_all(reader.sql()).await?)
}

/// Gives its number.
pub async fn insert(
    tx: &mut Tx,
    conclusion: &str,
    next_on: Day,
    by: Option<StaffId>,
) -> Result<i64, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(INSERT).bind(conclusion).bind(now).bind(by).bind(next_on);
    Ok(query.fetch_one(tx.sql()).await?)
}

pub async fn insert_item(
    tx: &mut Tx,
    number: i64,
    position: usize,
    item: &Item,
) -> Result<(), VaultError> {
    let position = i64::try_from(position).unwrap_or(i64::MAX);
    let query = sqlx::query(INSERT_ITEM).bind(number).bind(position).bind(item.code);
    let query = query.bind(item.found).bind(item.fine).bind(item.answer).bind(&item.note);
    query.execute(tx.sql()).await?;
    Ok(())
}
