//! The file store: photos, PDFs and recordings, each an age file of its own
//! under the SHA-256 of its plain text, so that a file is kept once, cannot
//! be changed unnoticed and is copied into backups as it is.
//!
//! `blobs/aa/<64 hex digits>.age`, aa being the first two digits.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::crypto::ages::{self, AgeError, Identity, Recipient};
use crate::crypto::hash::{self, Digest, Sha256};
use crate::crypto::{Keyring, files};

/// The name of a file: the SHA-256 of its plain text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobHash(Digest);

/// Why a file was not kept or not given.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("there is no file {0} in the store")]
    Missing(BlobHash),
    #[error("the file {0} in the store is damaged")]
    Damaged(BlobHash),
    #[error("the file {0} in the store was encrypted for other keys")]
    WrongKey(BlobHash),
    #[error("the disk is full: the file was not kept")]
    Full(#[source] io::Error),
    #[error("the file store cannot be read or written: {0}")]
    Io(io::Error),
}

/// The folder `blobs` with the keys to it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct BlobStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    identities: Vec<Identity>,
    recipients: Vec<Recipient>,
}

impl BlobStore {
    /// The store of a data folder, made if it does not exist.
    pub fn open(data_dir: &Path, keyring: &Keyring) -> io::Result<Self> {
        let folder = data_dir.join("blobs");
        files::make_folder(&folder)?;
        let (identities, recipients) = (keyring.blob_identities(), keyring.blob_recipients());
        Ok(Self(Arc::new(Inner { folder, identities, recipients })))
    }

    /// Keeps the contents of a reader and returns their name and size in
    /// bytes. Keeping the same contents again changes nothing. Blocks.
    pub fn put(&self, input: impl Read) -> Result<(BlobHash, u64), BlobError> {
        self.put_blocking(input).map_err(BlobError::from)
    }

    /// Keeps bytes, off the runtime's threads.
    pub async fn put_bytes(&self, bytes: Vec<u8>) -> Result<(BlobHash, u64), BlobError> {
        let store = self.clone();
        let kept = tokio::task::spawn_blocking(move || store.put(bytes.as_slice())).await;
        kept.map_err(|error| BlobError::Io(io::Error::other(error)))?
    }

    /// The whole contents, checked against the name. Blocks.
    pub fn get(&self, hash: BlobHash) -> Result<Vec<u8>, BlobError> {
        let mut bytes = Vec::new();
        self.copy_to(hash, &mut bytes)?;
        Ok(bytes)
    }

    /// The whole contents, off the runtime's threads.
    pub async fn get_bytes(&self, hash: BlobHash) -> Result<Vec<u8>, BlobError> {
        let store = self.clone();
        let read = tokio::task::spawn_blocking(move || store.get(hash)).await;
        read.map_err(|error| BlobError::Io(io::Error::other(error)))?
    }

    /// Streams the contents into a writer and returns their size. An error
    /// means that what was written must not be used. Blocks.
    pub fn copy_to(&self, hash: BlobHash, output: &mut impl Write) -> Result<u64, BlobError> {
        let mut plain = self.plain(hash)?;
        let mut hasher = Sha256::new();
        let mut size = 0;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = plain.read(&mut buffer).map_err(|_| BlobError::Damaged(hash))?;
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]);
            output.write_all(&buffer[..read])?;
            size += read as u64;
        }
        if hasher.finish() == hash.0 { Ok(size) } else { Err(BlobError::Damaged(hash)) }
    }

    /// At most so many bytes from the beginning, to tell what kind of file it
    /// is. They are genuine, but not compared with the name. Blocks.
    pub fn beginning(&self, hash: BlobHash, at_most: u64) -> Result<Vec<u8>, BlobError> {
        let mut bytes = Vec::new();
        let read = self.plain(hash)?.take(at_most).read_to_end(&mut bytes);
        read.map_err(|_| BlobError::Damaged(hash))?;
        Ok(bytes)
    }

    pub fn contains(&self, hash: BlobHash) -> bool {
        self.path(hash).exists()
    }

    /// The age file of a name, whether it exists or not.
    pub fn path(&self, hash: BlobHash) -> PathBuf {
        let name = hash.to_string();
        self.0.folder.join(&name[..2]).join(format!("{name}.age"))
    }

    /// Takes a file away for good; one that is gone already is no mistake. Blocks.
    pub fn remove(&self, hash: BlobHash) -> io::Result<()> {
        let path = self.path(hash);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => files::sync_folder_of(&path),
        }
    }

    /// The names of all files, in order.
    pub fn list(&self) -> io::Result<Vec<BlobHash>> {
        let mut names = Vec::new();
        for folder in fs::read_dir(&self.0.folder)? {
            let folder = folder?;
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let name = file?.file_name();
                let name = name.to_str().and_then(|name| name.strip_suffix(".age"));
                names.extend(name.and_then(|name| name.parse::<BlobHash>().ok()));
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn plain(&self, hash: BlobHash) -> Result<impl Read + use<>, BlobError> {
        let file = match File::open(self.path(hash)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(BlobError::Missing(hash));
            }
            file => BufReader::new(file?),
        };
        ages::decrypt_from(file, &self.0.identities).map_err(|error| match error {
            AgeError::WrongKey => BlobError::WrongKey(hash),
            AgeError::Io(error) => error.into(),
            AgeError::NotAge | AgeError::Damaged => BlobError::Damaged(hash),
        })
    }

    /// The name is known only after the contents were read, so they are
    /// written under a temporary one first.
    fn put_blocking(&self, mut input: impl Read) -> io::Result<(BlobHash, u64)> {
        let mut pending = files::Pending::create(&self.0.folder.join("incoming"))?;
        let mut writer = ages::encrypt_to(BufWriter::new(pending.file()), &self.0.recipients)?;
        let mut hasher = Sha256::new();
        let mut size = 0;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = input.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]);
            writer.write_all(&buffer[..read])?;
            size += read as u64;
        }
        writer.finish()?.flush()?;
        let hash = BlobHash(hasher.finish());
        if !self.contains(hash) {
            let path = self.path(hash);
            files::make_folder(path.parent().unwrap_or(&self.0.folder))?;
            files::sync_folder_of(path.parent().unwrap_or(&self.0.folder))?;
            pending.commit_as(&path)?;
        }
        Ok((hash, size))
    }
}

impl BlobHash {
    pub fn of(bytes: &[u8]) -> Self {
        Self(hash::sha256(bytes))
    }

    pub fn bytes(&self) -> &Digest {
        &self.0
    }
}

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hash::hex(&self.0))
    }
}

impl fmt::Debug for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobHash({self})")
    }
}

/// A text that is not 64 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a file in the store")]
pub struct NotAHash;

impl FromStr for BlobHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let digest = hash::from_hex(text).and_then(|bytes| bytes.try_into().ok());
        digest.map(Self).ok_or(NotAHash)
    }
}

impl Serialize for BlobHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BlobHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(error),
            _ => Self::Io(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::crypto::keyring::HolderKind;
    use crate::crypto::{Random, RecoveryKit};

    fn store(folder: &Path) -> (BlobStore, RecoveryKit) {
        let kit = RecoveryKit::generate();
        let mut keyring = Keyring::generate(&Random::system(), 0);
        keyring.add_holder(HolderKind::Kit, "A", &kit.recipient(), 0);
        (BlobStore::open(folder, &keyring).unwrap(), kit)
    }

    #[test]
    fn a_file_comes_back_as_it_was_under_the_hash_of_its_plain_text() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = store(folder.path());
        let contents: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let (hash, size) = store.put(contents.as_slice()).unwrap();

        assert_eq!((hash, size), (BlobHash::of(&contents), 200_000));
        assert_eq!(store.get(hash).unwrap(), contents);
        let path = format!("blobs/{}/{hash}.age", &hash.to_string()[..2]);
        assert!(fs::read(folder.path().join(path)).unwrap().starts_with(b"age-encryption.org/v1"));
        assert_eq!(store.list().unwrap(), [hash]);
    }

    #[test]
    fn the_age_program_opens_a_file_with_a_kit() {
        let folder = tempfile::tempdir().unwrap();
        let (store, kit) = store(folder.path());
        let (hash, _) = store.put(&b"scan"[..]).unwrap();
        let key = folder.path().join("kit.txt");
        fs::write(&key, kit.identity().to_text().as_bytes()).unwrap();

        let output =
            Command::new("age").arg("-d").arg("-i").arg(&key).arg(store.path(hash)).output();
        assert_eq!(output.expect("age is installed by scripts/test").stdout, b"scan");
    }

    #[test]
    fn equal_files_are_kept_once_and_leave_nothing_temporary() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = store(folder.path());
        let first = store.put(&b"same"[..]).unwrap();
        let kept = fs::read(store.path(first.0)).unwrap();

        assert_eq!(store.put(&b"same"[..]).unwrap(), first);
        assert_eq!(fs::read(store.path(first.0)).unwrap(), kept);
        assert_eq!(fs::read_dir(folder.path().join("blobs")).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_cut_off_swapped_or_foreign_file_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = store(folder.path());
        let (one, _) = store.put(&b"one"[..]).unwrap();
        let (two, _) = store.put(&b"two"[..]).unwrap();
        let sealed = fs::read(store.path(one)).unwrap();

        assert!(matches!(store.get(BlobHash::of(b"?")), Err(BlobError::Missing(_))));
        fs::write(store.path(one), &sealed[..sealed.len() - 1]).unwrap();
        assert!(matches!(store.get(one), Err(BlobError::Damaged(name)) if name == one));
        fs::copy(store.path(two), store.path(one)).unwrap();
        assert!(matches!(store.get(one), Err(BlobError::Damaged(name)) if name == one));
        let foreign = ages::encrypt(b"one", &[Identity::generate().recipient()]);
        fs::write(store.path(one), foreign).unwrap();
        assert!(matches!(store.get(one), Err(BlobError::WrongKey(_))));
    }

    #[test]
    fn input_that_breaks_off_keeps_nothing() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = store(folder.path());

        assert!(matches!(store.put((&b"begun"[..]).chain(Broken)), Err(BlobError::Full(_))));
        assert_eq!(fs::read_dir(folder.path().join("blobs")).unwrap().count(), 0);
    }
}
