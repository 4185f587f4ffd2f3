//! Room on the disk. Records stop changing while a reserve is still free, and
//! the reserve carries on what must go on: who looked at what is written down
//! before the data leaves (SECURITY.md 4.2), so a disk without any room would
//! shut the clinic's own records away from it.

use std::error::Error;
use std::path::{Path, PathBuf};

use rustix::fs::statvfs;

use crate::vault::permission::{OwnAccount, Permission, SignIn};

/// Bytes that changes leave free: room for some ten thousand looks.
const RESERVE: u64 = 32 << 20;

/// On a small disk the reserve is one part in so many.
const SHARE: u64 = 20;

/// What SQLite calls a full disk: `SQLITE_FULL`, `SQLITE_IOERR_WRITE` and
/// `SQLITE_IOERR_SHMSIZE`.
const FULL_CODES: [&str; 3] = ["13", "778", "4874"];

/// Signing in and out goes on when there is little room.
const GOES_ON: [&str; 2] = [SignIn::NAME, OwnAccount::NAME];

/// No room left: nothing was stored, and reading goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no room on the disk")]
pub struct NoRoom;

/// The disk that the database lies on.
pub(super) struct Disk {
    folder: PathBuf,
    log: PathBuf,
}

impl Disk {
    pub(super) fn of(database: &Path) -> Self {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        let folder = database.parent().unwrap_or(Path::new("/")).to_owned();
        Self { folder, log: log.into() }
    }

    /// Bytes of the write-ahead log.
    pub(super) fn log_size(&self) -> u64 {
        std::fs::metadata(&self.log).map_or(0, |file| file.len())
    }

    /// Whether only the reserve is left. A disk that cannot be asked has room.
    pub(super) fn is_short(&self) -> bool {
        statvfs(&self.folder).is_ok_and(|disk| {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let size = disk.f_blocks.saturating_mul(disk.f_frsize);
            free < reserve(size)
        })
    }
}

pub(super) fn goes_on<P: Permission>() -> bool {
    GOES_ON.contains(&P::NAME)
}

fn reserve(size: u64) -> u64 {
    RESERVE.min(size / SHARE)
}

/// Whether somewhere below an error a disk was full.
pub fn is_disk_full(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| (*error).source()).any(|error| {
        let full = std::io::ErrorKind::StorageFull;
        error.is::<NoRoom>()
            || error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == full)
            || error.downcast_ref::<sqlx::Error>().is_some_and(is_full_code)
    })
}

fn is_full_code(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(cause) => {
            cause.code().is_some_and(|code| FULL_CODES.contains(&&*code))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_32_mib_and_less_on_a_small_disk() {
        assert_eq!(reserve(1 << 40), 32 << 20);
        assert_eq!(reserve(20 << 20), 1 << 20);
    }

    #[test]
    fn a_full_disk_is_known_however_deep_it_lies() {
        let deep =
            crate::vault::VaultError::from(std::io::Error::from(std::io::ErrorKind::StorageFull));
        assert!(is_disk_full(&deep) && is_disk_full(&crate::vault::VaultError::Full(NoRoom)));
        assert!(!is_disk_full(&crate::vault::VaultError::NotCommitted));
    }
}
