//! Backups in the database: the list of attempts, and reading and writing a
//! whole database as pages and as text.

use std::collections::BTreeMap;
use std::path::Path;

use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};

use crate::backup::model::{CheckId, FolderId, Kind, Outcome, Run, RunId};
use crate::clock::Timestamp;
use crate::vault::{
    DatabaseKey, Frontier, Head, Reader, Snapshot, Tx, VaultError, connect_options,
};

const RUNS: &str = "
    SELECT backup_run.id, kind, folder, file, started_at, finished_at, failure, bytes, sha256,
           row_count, file_count, ledger_size, drill_ms, removed_at, checked_at,
           outcome AS check_outcome
    FROM backup_run
    LEFT JOIN backup_check ON backup_check.id = (
        SELECT id FROM backup_check AS look
        WHERE look.run_id = backup_run.id ORDER BY checked_at DESC, id DESC LIMIT 1)
    ORDER BY started_at DESC, backup_run.id DESC LIMIT ?1";

const OLDEST: &str = "
    SELECT min(started_at) FROM backup_run WHERE removed_at IS NULL AND failure IS NULL";

const BEGIN_RUN: &str = "
    INSERT INTO backup_run (id, kind, folder, file, started_at) VALUES (?1, ?2, ?3, ?4, ?5)";

const END_RUN: &str = "
    UPDATE backup_run
    SET finished_at = ?2, bytes = ?3, sha256 = ?4, row_count = ?5, file_count = ?6,
        ledger_size = ?7, drill_ms = ?8
    WHERE id = ?1 AND finished_at IS NULL";

const FAIL_RUN: &str = "
    UPDATE backup_run SET finished_at = ?2, failure = ?3 WHERE id = ?1 AND finished_at IS NULL";

const INTERRUPT_RUNS: &str = "
    UPDATE backup_run SET finished_at = ?1, failure = 'interrupted'
    WHERE finished_at IS NULL RETURNING id";

const REMOVED: &str = "
    UPDATE backup_run SET removed_at = ?2 WHERE id = ?1 AND removed_at IS NULL";

const INSERT_CHECK: &str = "
    INSERT INTO backup_check (id, run_id, checked_at, outcome) VALUES (?1, ?2, ?3, ?4)";

const FOLDER: &str = "SELECT folder FROM backup_folder ORDER BY set_at DESC, id DESC LIMIT 1";

/// Wherever archives were put, and will be.
const FOLDERS: &str = "
    SELECT folder FROM backup_run UNION SELECT folder FROM backup_folder";

const SET_FOLDER: &str = "INSERT INTO backup_folder (id, folder, set_at) VALUES (?1, ?2, ?3)";

const TABLES: &str = "
    SELECT name FROM pragma_table_list
    WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite|_%' ESCAPE '|'
    ORDER BY name";

const COLUMNS: &str = "
    SELECT name, type, pk FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY cid";

const SCHEMA: &str = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";

const SCHEMA_VERSION: &str = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations";

const DATABASE_BYTES: &str = "
    SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";

const LEDGER: &str = "SELECT size, frontier FROM audit_head WHERE id = 1";

const CHECKPOINTS: &str = "SELECT note FROM audit_checkpoint ORDER BY size";

const PAGES: &str = "SELECT data FROM sqlite_dbpage";

/// ?3 pages of ?4 bytes, which stand in ?2 one after another, from page ?1 on. A
/// statement for each page would cost a thread hop for each.
const WRITE_PAGES: &str = "
    INSERT INTO sqlite_dbpage (pgno, data)
    WITH RECURSIVE page (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM page WHERE at + 1 < ?3)
    SELECT ?1 + at, substr(?2, 1 + at * ?4, ?4) FROM page";

const INTEGRITY: &str = "SELECT integrity_check FROM pragma_integrity_check";

/// A column whose name has one of these is a secret.
const SECRET: [&str; 7] =
    ["secret", "password", "token", "totp", "pepper", "recovery_code", "api_key"];

/// Bytes of a page (PERFORMANCE.md: larger is slower).
pub const PAGE: usize = 4096;

/// Offsets in page 1 of the versions that say whether the file is in WAL mode
/// (sqlite.org/fileformat.html, 1.3.3).
const FORMAT_VERSIONS: std::ops::Range<usize> = 18..20;

/// A column of a table.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Column {
    pub name: String,
    #[sqlx(rename = "type")]
    pub kind: String,
    /// Position in the primary key, from 1; 0 when it is not in it.
    pub pk: i64,
}

impl Column {
    /// Known by its name: it is left out where data are written as text.
    pub fn is_secret(&self) -> bool {
        let name = self.name.to_lowercase();
        SECRET.iter().any(|part| name.contains(part))
    }
}

pub async fn runs(reader: &mut Reader, at_most: i64) -> Result<Vec<Run>, VaultError> {
    Ok(sqlx::query_as(RUNS).bind(at_most).fetch_all(reader.sql()).await?)
}

pub async fn oldest(reader: &mut Reader) -> Result<Option<Timestamp>, VaultError> {
    Ok(sqlx::query_scalar(OLDEST).fetch_one(reader.sql()).await?)
}

pub async fn folders(reader: &mut Reader) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(FOLDERS).fetch_all(reader.sql()).await?)
}

pub async fn begin_run(
    tx: &mut Tx,
    id: RunId,
    kind: Kind,
    folder: &str,
    file: &str,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(BEGIN_RUN).bind(id).bind(kind).bind(folder).bind(file).bind(now);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Sizes and counts of a finished run.
#[derive(Clone, Debug)]
pub struct Figures {
    pub bytes: i64,
    pub sha256: String,
    pub rows: i64,
    pub files: i64,
    pub ledger_size: i64,
    pub drill_ms: i64,
}

pub async fn end_run(tx: &mut Tx, id: RunId, figures: &Figures) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(END_RUN)
        .bind(id)
        .bind(now)
        .bind(figures.bytes)
        .bind(&figures.sha256)
        .bind(figures.rows)
        .bind(figures.files)
        .bind(figures.ledger_size)
        .bind(figures.drill_ms)
        .execute(tx.sql())
        .await?;
    Ok(())
}

pub async fn fail_run(tx: &mut Tx, id: RunId, code: &str) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(FAIL_RUN).bind(id).bind(now).bind(code).execute(tx.sql()).await?;
    Ok(())
}

/// Ends runs that nobody is running any more.
pub async fn interrupt_runs(tx: &mut Tx) -> Result<Vec<RunId>, VaultError> {
    let now = tx.now();
    Ok(sqlx::query_scalar(INTERRUPT_RUNS).bind(now).fetch_all(tx.sql()).await?)
}

pub async fn removed(tx: &mut Tx, id: RunId) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(REMOVED).bind(id).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn checked(
    tx: &mut Tx,
    id: CheckId,
    run: RunId,
    at: Timestamp,
    outcome: Outcome,
) -> Result<(), VaultError> {
    let query = sqlx::query(INSERT_CHECK).bind(id).bind(run).bind(at).bind(outcome);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// None when nobody has set one.
pub async fn folder(reader: &mut Reader) -> Result<Option<String>, VaultError> {
    Ok(sqlx::query_scalar(FOLDER).fetch_optional(reader.sql()).await?)
}

pub async fn set_folder(tx: &mut Tx, folder: &str) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(SET_FOLDER).bind(FolderId::new(now)).bind(folder).bind(now);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Every ordinary table, by name.
pub async fn tables(sql: &mut SqliteConnection) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(TABLES).fetch_all(sql).await?)
}

pub async fn columns(sql: &mut SqliteConnection, table: &str) -> Result<Vec<Column>, VaultError> {
    Ok(sqlx::query_as(COLUMNS).bind(table).fetch_all(sql).await?)
}

/// Rows of every table.
pub async fn counts(sql: &mut SqliteConnection) -> Result<BTreeMap<String, u64>, VaultError> {
    let mut counts = BTreeMap::new();
    for table in tables(sql).await? {
        let count = format!("SELECT count(*) FROM {}", quoted(&table));
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut *sql).await?;
        counts.insert(table, u64::try_from(rows).unwrap_or_default());
    }
    Ok(counts)
}

pub async fn schema(sql: &mut SqliteConnection) -> Result<String, VaultError> {
    let statements: Vec<String> = sqlx::query_scalar(SCHEMA).fetch_all(sql).await?;
    Ok(statements.iter().flat_map(|statement| [statement, ";\n\n"]).collect())
}

pub async fn schema_version(sql: &mut SqliteConnection) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(SCHEMA_VERSION).fetch_one(sql).await?)
}

pub async fn database_bytes(sql: &mut SqliteConnection) -> Result<u64, VaultError> {
    let bytes: i64 = sqlx::query_scalar(DATABASE_BYTES).fetch_one(sql).await?;
    Ok(u64::try_from(bytes).unwrap_or_default())
}

pub async fn ledger_head(sql: &mut SqliteConnection) -> Result<Head, VaultError> {
    let (size, frontier): (i64, Vec<u8>) = sqlx::query_as(LEDGER).fetch_one(sql).await?;
    let size = u64::try_from(size).map_err(|_| VaultError::LedgerHead)?;
    let ledger = Frontier::from_bytes(size, &frontier).ok_or(VaultError::LedgerHead)?;
    Ok(Head::of(&ledger))
}

pub async fn checkpoints(sql: &mut SqliteConnection) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(CHECKPOINTS).fetch_all(sql).await?)
}

/// The database as an ordinary SQLite file that is not in WAL mode, so that it
/// opens from read-only media, page by page.
pub async fn pages<E: From<VaultError>>(
    snapshot: &mut Snapshot,
    mut page: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut rows = sqlx::query(PAGES).fetch(snapshot.sql());
    let mut first = true;
    while let Some(row) = rows.try_next().await.map_err(VaultError::from)? {
        let data: &[u8] = row.try_get(0).map_err(VaultError::from)?;
        if std::mem::take(&mut first) {
            let mut patched = data.to_vec();
            patched[FORMAT_VERSIONS].fill(1);
            page(&patched)?;
        } else {
            page(data)?;
        }
    }
    Ok(())
}

/// Every row of a table as one JSON object, by primary key; without its
/// secret columns.
pub async fn rows<E: From<VaultError>>(
    snapshot: &mut Snapshot,
    table: &str,
    columns: &[Column],
    mut row: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let open = columns.iter().filter(|column| !column.is_secret());
    let fields: Vec<String> = open.map(json_field).collect();
    let mut keys: Vec<&Column> = columns.iter().filter(|column| column.pk > 0).collect();
    keys.sort_by_key(|column| column.pk);
    let order: Vec<String> = keys.iter().map(|column| quoted(&column.name)).collect();
    let order = if order.is_empty() { "rowid".to_owned() } else { order.join(", ") };
    let select = format!(
        "SELECT json_object({}) FROM {} ORDER BY {order}",
        fields.join(", "),
        quoted(table)
    );
    let mut found = sqlx::query_scalar::<_, String>(AssertSqlSafe(select)).fetch(snapshot.sql());
    while let Some(json) = found.try_next().await.map_err(VaultError::from)? {
        row(&json)?;
    }
    Ok(())
}

/// JSON has no bytes: they are written as hex.
fn json_field(column: &Column) -> String {
    let (name, value) = (column.name.replace('\'', "''"), quoted(&column.name));
    if column.kind.eq_ignore_ascii_case("BLOB") {
        format!("'{name}', iif({value} IS NULL, NULL, lower(hex({value})))")
    } else {
        format!("'{name}', {value}")
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A database in the making, page by page.
pub struct Pages {
    connection: SqliteConnection,
    next: i64,
}

impl Pages {
    /// Makes an encrypted file at a path where there is none.
    pub async fn create(path: &Path, key: &DatabaseKey) -> Result<Self, VaultError> {
        let mut connection = making(path, key).connect().await?;
        // Page 1 must exist before it can be written over.
        sqlx::raw_sql("CREATE TABLE x (y); DROP TABLE x; BEGIN IMMEDIATE")
            .execute(&mut connection)
            .await?;
        Ok(Self { connection, next: 1 })
    }

    /// Writes the next pages. SQLite refuses one that is not whole.
    pub async fn write(&mut self, pages: Vec<u8>) -> Result<(), VaultError> {
        let count = i64::try_from(pages.len().div_ceil(PAGE)).unwrap_or(i64::MAX);
        if count > 0 {
            let size = i64::try_from(PAGE).unwrap_or(i64::MAX);
            let query = sqlx::query(WRITE_PAGES).bind(self.next).bind(pages);
            query.bind(count).bind(size).execute(&mut self.connection).await?;
            self.next += count;
        }
        Ok(())
    }

    pub async fn finish(mut self) -> Result<(), VaultError> {
        sqlx::raw_sql("COMMIT").execute(&mut self.connection).await?;
        self.connection.close().await?;
        Ok(())
    }
}

fn making(path: &Path, key: &DatabaseKey) -> SqliteConnectOptions {
    // It is thrown away when anything goes wrong: no journal is needed.
    connect_options(path, key)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .foreign_keys(false)
}

/// Opens a database that [`Pages`] made, in its everyday mode.
pub async fn reopen(path: &Path, key: &DatabaseKey) -> Result<SqliteConnection, VaultError> {
    Ok(connect_options(path, key).connect().await?)
}

/// None when the database is sound; otherwise what SQLite says of it.
pub async fn unsound(sql: &mut SqliteConnection) -> Result<Option<String>, VaultError> {
    let said: Vec<String> = sqlx::query_scalar(INTEGRITY).fetch_all(sql).await?;
    let sound = said.len() == 1 && said[0] == "ok";
    Ok((!sound).then(|| said.into_iter().take(3).collect::<Vec<_>>().join("; ")))
}
