//! The rule in the database.

use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};
use crate::waitlist::model::Rule;

const RULE: &str = "
    SELECT automatic, at_once, answer_minutes, notice_minutes, quiet_from, quiet_until
    FROM waitlist_rule WHERE id = 1";

const SET: &str = "
    UPDATE waitlist_rule SET automatic = ?1, at_once = ?2, answer_minutes = ?3,
        notice_minutes = ?4, quiet_from = ?5, quiet_until = ?6, changed_at = ?7, changed_by = ?8
    WHERE id = 1";

pub async fn rule(reader: &mut Reader) -> Result<Rule, VaultError> {
    Ok(sqlx::query_as(RULE).fetch_one(reader.sql()).await?)
}

pub async fn set(tx: &mut Tx, rule: Rule, by: Option<StaffId>) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(SET)
        .bind(rule.automatic)
        .bind(rule.at_once)
        .bind(rule.answer_minutes)
        .bind(rule.notice_minutes)
        .bind(rule.quiet_from)
        .bind(rule.quiet_until)
        .bind(now)
        .bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}
