//! Which papers were made. Rows are only added.

use crate::accountability::papers::{Export, PaperCode};
use crate::ids::StaffId;
use crate::vault::{Reader, Tx, VaultError};

const LAST_EXPORTS: &str = "
    SELECT paper, language, at, (SELECT name FROM staff WHERE staff.id = by_staff) AS by_name
    FROM paper_export WHERE id IN (SELECT max(id) FROM paper_export GROUP BY paper)";

const NOTE_EXPORT: &str = "
    INSERT INTO paper_export (paper, language, at, by_staff) VALUES (?1, ?2, ?3, ?4)";

pub async fn last_exports(reader: &mut Reader) -> Result<Vec<Export>, VaultError> {
    Ok(sqlx::query_as(LAST_EXPORTS).fetch_all(reader.sql()).await?)
}

pub async fn note_export(
    tx: &mut Tx,
    paper: PaperCode,
    language: &str,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(NOTE_EXPORT).bind(paper).bind(language).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}
