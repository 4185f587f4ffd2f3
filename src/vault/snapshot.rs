//! The whole database as it stands at one moment, for a backup.

use sqlx::{Sqlite, SqliteConnection, Transaction};

use crate::vault::permission::RunBackup;
use crate::vault::{Grant, Vault, VaultError};

/// Leave to read everything, in one read transaction: what others write
/// meanwhile is not seen. Whoever takes one has said so in the ledger before.
pub struct Snapshot {
    transaction: Transaction<'static, Sqlite>,
}

impl Vault {
    /// The moment is that of the first read. A long snapshot keeps the
    /// write-ahead log from being emptied: do not hold it without need.
    pub async fn snapshot(&self, _grant: &Grant<RunBackup>) -> Result<Snapshot, VaultError> {
        Ok(Snapshot { transaction: self.readers.begin().await? })
    }
}

impl Snapshot {
    /// For `store` modules.
    pub(crate) fn sql(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}
