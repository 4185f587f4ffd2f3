//! Opening the database file, and making it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{OnceCell, broadcast};
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::vault::background::Walks;
use crate::vault::checkpoint::checkpoints_beside;
use crate::vault::head::{Head, HeadFile};
use crate::vault::kept::Kept;
use crate::vault::session::Sessions;
use crate::vault::sightings::Sightings;
use crate::vault::space::Disk;
use crate::vault::writer::Writer;
use crate::vault::{Inner, Vault, VaultError, hex};

/// Every schema change so far, embedded in the program.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// How many reads can be under way at once. Each has a page cache of its own.
const READERS: u32 = 4;

/// Page cache of one reader, in KiB (negative: SQLite's convention). With the
/// default of 2 MiB, SQLCipher decrypts each page anew (PERFORMANCE.md).
const CACHE_KIB: &str = "-65536";

/// The writer touches few pages again; together with the readers' caches the
/// server stays below 300 MiB at any size (PERFORMANCE.md, Growth).
const WRITER_CACHE_KIB: &str = "-16384";

/// How many changes a watcher may lag behind before it must ask for everything.
const WATCH_BACKLOG: usize = 1024;

/// `SQLITE_NOTADB`: what a wrong key looks like.
const NOT_A_DATABASE: &str = "26";

/// The 256-bit key that encrypts the database file.
#[derive(Clone)]
pub struct DatabaseKey(Zeroizing<[u8; 32]>);

impl Vault {
    /// Opens an existing file and brings its schema up to date.
    ///
    /// # Errors
    /// [`VaultError::Absent`] when there is none, [`VaultError::WrongKey`] when
    /// the key is not the file's; the file is not touched then.
    pub async fn open(path: &Path, key: &DatabaseKey, clock: Clock) -> Result<Self, VaultError> {
        if !path.is_file() {
            return Err(VaultError::Absent(path.to_owned()));
        }
        wake_sqlcipher(key).await?;
        try_key(path, key).await?;
        Self::start(path, connect_options(path, key), clock).await
    }

    /// Makes the file.
    ///
    /// # Errors
    /// [`VaultError::Exists`] when there is one.
    pub async fn create(path: &Path, key: &DatabaseKey, clock: Clock) -> Result<Self, VaultError> {
        if path.exists() {
            return Err(VaultError::Exists(path.to_owned()));
        }
        wake_sqlcipher(key).await?;
        Self::start(path, connect_options(path, key), clock).await
    }

    /// Opens or makes a file with other connection options: for the fault tests,
    /// which must see that weaker ones lose rows.
    #[doc(hidden)]
    pub async fn open_with(
        path: &Path,
        key: &DatabaseKey,
        clock: Clock,
        tune: impl FnOnce(SqliteConnectOptions) -> SqliteConnectOptions,
    ) -> Result<Self, VaultError> {
        wake_sqlcipher(key).await?;
        Self::start(path, tune(connect_options(path, key)), clock).await
    }

    async fn start(
        path: &Path,
        options: SqliteConnectOptions,
        clock: Clock,
    ) -> Result<Self, VaultError> {
        let options = options.create_if_missing(true);
        // SQLite allows one writer. One connection makes the others wait for
        // it in order here, instead of polling the file for its lock; and it
        // alone checkpoints, which keeps SQLite 3.50's WAL-reset fault away.
        let mut writing = options.clone().pragma("cache_size", WRITER_CACHE_KIB).connect().await?;
        MIGRATIONS.run(&mut writing).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.read_only(true).pragma("query_only", "ON"))
            .await?;
        let (watchers, _) = broadcast::channel(WATCH_BACKLOG);
        let head_path = Head::path_beside(path);
        warn_when_rolled_back(&mut writing, path).await?;
        let head = HeadFile::open(&head_path)?;
        let writer = Writer::start(writing, head, watchers.clone()).await?;
        let sessions = Sessions::load(&readers, clock.now()).await?;
        let sightings = Sightings::default();
        let (kept, disk) = (Kept::default(), Disk::of(path));
        let notes = checkpoints_beside(path);
        let walks = Walks::default();
        let inner = Inner {
            readers,
            writer,
            sessions,
            sightings,
            kept,
            watchers,
            clock,
            disk,
            notes,
            walks,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// Waits for what is under way and closes the file, also when others still
    /// hold a clone. The writer goes last and takes the write-ahead log into the
    /// database. A process that ends before that is done may meet OpenSSL, which
    /// tidies up at the end of a process, in the middle of encrypting a page.
    pub async fn close(self) {
        self.readers.close().await;
        if let Err(error) = self.writer.close().await {
            tracing::error!(error = &error as &dyn std::error::Error, "the database did not close");
        }
    }
}

/// SQLCipher sets itself up when the process opens its first connection, and two
/// first ones at once now and then meet a half-made one ("PRAGMA key requires a
/// key"). One is opened alone, and closed, before all others.
async fn wake_sqlcipher(key: &DatabaseKey) -> Result<(), VaultError> {
    static AWAKE: OnceCell<()> = OnceCell::const_new();
    let first = async {
        let options = SqliteConnectOptions::new().in_memory(true);
        let options = options.pragma("key", key.to_pragma()).disable_statement_logging();
        options.connect().await?.close().await
    };
    AWAKE.get_or_try_init(|| first).await?;
    Ok(())
}

/// How every connection to an encrypted database is opened. Never print it:
/// its `Debug` shows the key.
pub fn connect_options(path: &Path, key: &DatabaseKey) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .pragma("key", key.to_pragma())
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
        .pragma("cell_size_check", "ON")
        .pragma("cache_size", CACHE_KIB)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        .foreign_keys(true)
        .row_buffer_size(512)
        .statement_cache_capacity(512)
        // sqlx logs the connect pragmas, the key among them.
        .disable_statement_logging()
}

/// Reads one page without writing anything.
async fn try_key(path: &Path, key: &DatabaseKey) -> Result<(), VaultError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(true)
        .pragma("key", key.to_pragma())
        .disable_statement_logging();
    let look = async {
        let mut connection: SqliteConnection = options.connect().await?;
        sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&mut connection).await?;
        connection.close().await
    };
    match look.await {
        Err(sqlx::Error::Database(cause)) if cause.code().as_deref() == Some(NOT_A_DATABASE) => {
            Err(VaultError::WrongKey)
        }
        outcome => Ok(outcome?),
    }
}

/// An outside head that knows more rows than the database is evidence: it is
/// kept under another name, and said loudly, before a new one is written.
async fn warn_when_rolled_back(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), VaultError> {
    let size: i64 = sqlx::query_scalar("SELECT size FROM audit_head WHERE id = 1")
        .fetch_one(connection)
        .await?;
    let head_path = Head::path_beside(path);
    let outside = Head::read(&head_path).unwrap_or_default();
    if outside.is_some_and(|head| i64::try_from(head.size).is_ok_and(|known| size < known)) {
        tracing::error!("the database is older than the ledger head kept beside it");
        let evidence = Head::evidence_beside(path);
        if !evidence.exists() {
            std::fs::copy(head_path, evidence)?;
        }
    }
    Ok(())
}

impl DatabaseKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A raw key skips `SQLCipher`'s passphrase stretching, which would cost
    /// every new connection a tenth of a second and buy nothing here: these
    /// 256 bits are random.
    pub(crate) fn to_pragma(&self) -> String {
        format!("\"x'{}'\"", hex(self.0.as_slice()))
    }
}

impl std::fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseKey([redacted])")
    }
}
