//! Records whose event is missing: somebody wrote them past the program
//! (SECURITY.md 4.5).

use serde::Serialize;
use sqlx::SqliteConnection;

use crate::vault::VaultError;

/// A record without its event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unlogged {
    /// Its kind, as the ledger names it.
    pub what: &'static str,
    pub id: String,
}

/// So many are named.
const MOST: usize = 20;

const HAS_TABLE: &str = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";

const STAFF: &str = "
    SELECT id FROM staff WHERE id NOT IN (
        SELECT body ->> '$.oid' FROM audit_event
        WHERE act = 'staff.added' AND body ->> '$.oid' IS NOT NULL)";

const CONSENTS: &str = "
    SELECT consent_id FROM consent_end
    WHERE outcome IN ('signed', 'signed_on_paper') AND consent_id NOT IN (
        SELECT body ->> '$.oid' FROM audit_event
        WHERE act IN ('consent.signed', 'consent.signed_on_paper')
            AND body ->> '$.oid' IS NOT NULL)";

const IMPORTS: &str = "
    SELECT id FROM import_run WHERE state = 'done' AND id NOT IN (
        SELECT body ->> '$.oid' FROM audit_event
        WHERE act = 'import.done' AND body ->> '$.oid' IS NOT NULL)";

const BACKUPS: &str = "
    SELECT id FROM backup_run
    WHERE finished_at IS NOT NULL AND failure IS NULL AND id NOT IN (
        SELECT body ->> '$.oid' FROM audit_event
        WHERE act = 'backup.made' AND body ->> '$.oid' IS NOT NULL)";

/// The other way about: a checkpoint that the ledger tells of and is gone.
const CHECKPOINTS: &str = "
    SELECT CAST(body ->> '$.detail.size' AS TEXT) FROM audit_event
    WHERE act = 'audit.checkpoint_signed'
        AND body ->> '$.detail.size' NOT IN (SELECT size FROM audit_checkpoint)";

/// What is looked for, the table without which it is not, and how.
const CHECKS: [(&str, &str, &str); 5] = [
    ("staff", "staff", STAFF),
    ("consent", "consent_end", CONSENTS),
    ("import", "import_run", IMPORTS),
    ("backup", "backup_run", BACKUPS),
    ("checkpoint", "audit_checkpoint", CHECKPOINTS),
];

/// Looks through every kind of record that exists in this database.
pub(super) async fn unlogged(sql: &mut SqliteConnection) -> Result<Vec<Unlogged>, VaultError> {
    let mut found = Vec::new();
    for (what, table, query) in CHECKS {
        let tables: i64 = sqlx::query_scalar(HAS_TABLE).bind(table).fetch_one(&mut *sql).await?;
        if tables > 0 {
            let ids: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut *sql).await?;
            found.extend(ids.into_iter().map(|id| Unlogged { what, id }));
        }
    }
    found.truncate(MOST);
    Ok(found)
}
