//! Writing files so that after a power cut there is the old one or the new
//! one, whole: temporary file, fsync, rename, fsync of the folder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A file under a temporary name beside its final one. Dropping it before
/// [`Pending::commit`] removes it.
#[derive(Debug)]
pub struct Pending {
    file: File,
    temporary: PathBuf,
    target: PathBuf,
    committed: bool,
}

impl Pending {
    /// Readable by the owner only.
    pub fn create(target: &Path) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let temporary =
            target.with_file_name(format!(".{name}.{}-{number}.tmp", std::process::id()));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        Ok(Self { file, temporary, target: target.to_owned(), committed: false })
    }

    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Where the bytes are until [`Pending::commit`].
    pub fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Gives the file its final name, durably, in place of an older one.
    pub fn commit(self) -> io::Result<()> {
        let target = self.target.clone();
        self.commit_as(&target)
    }

    /// Gives the file a name on the same file system that was not known before.
    pub fn commit_as(mut self, target: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.temporary, target)?;
        self.committed = true;
        sync_folder_of(target)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing else can be done: a left-over is ignored by every reader.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Writes a small file whole or not at all, readable by the owner only.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut pending = Pending::create(path)?;
    pending.file().write_all(bytes)?;
    pending.commit()
}

/// Makes a folder and its missing parents, open to the owner only.
pub fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes renames and removals in the folder of a path durable.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write(&path, b"old").unwrap();
        write(&path, b"new").unwrap();

        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_given_up_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let mut pending = Pending::create(&folder.path().join("half")).unwrap();
        pending.file().write_all(b"half").unwrap();
        drop(pending);

        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
