//! Reading an archive, and checking all of it before any of it is used.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use age::stream::StreamReader;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::backup::archive::{ArchiveError, BlobLine, Format, Manifest, VERSION, entry};
use crate::crypto::Identity;
use crate::crypto::ages::{self, AgeError};
use crate::crypto::hash::{self, Sha256};

/// Longest entry that is read into memory.
const SMALL: u64 = 256 << 20;

/// An opened archive whose contents are not yet believed.
pub struct ArchiveReader {
    zip: ZipArchive<StreamReader<BufReader<File>>>,
    /// Of the age file.
    bytes: u64,
}

/// An archive of which every byte was checked against its checksums.
pub struct Checked {
    reader: ArchiveReader,
    sums: HashMap<String, String>,
    pub format: Format,
    pub manifest: Manifest,
    pub blobs: Vec<BlobLine>,
}

impl ArchiveReader {
    /// Decrypts and finds the list of entries.
    pub fn open(path: &Path, identity: &Identity) -> Result<Self, ArchiveError> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let file = BufReader::with_capacity(256 * 1024, file);
        let plain = match ages::decrypt_from(file, std::slice::from_ref(identity)) {
            Ok(plain) => plain,
            Err(AgeError::WrongKey) => return Err(ArchiveError::WrongKey),
            Err(AgeError::NotAge) => return Err(ArchiveError::NotAnArchive),
            Err(AgeError::Damaged) => return Err(damaged("its header was altered")),
            Err(AgeError::Io(error)) => return Err(error.into()),
        };
        let zip = ZipArchive::new(plain).map_err(|_| damaged("its end is missing or altered"))?;
        Ok(Self { zip, bytes })
    }

    /// Reads everything and compares it with the checksums. Nothing is written.
    /// `progress` is told how many bytes of contents were read.
    pub fn check(mut self, progress: &mut dyn FnMut(u64)) -> Result<Checked, ArchiveError> {
        let format: Format = self.json(entry::FORMAT)?;
        if format.format != "tirkeu-backup" {
            return Err(ArchiveError::NotAnArchive);
        }
        if format.version > VERSION {
            return Err(ArchiveError::NewerFormat(format.version));
        }
        let sums = self.sums()?;
        let names: Vec<String> = self
            .zip
            .file_names()
            .map(|name| name.map(std::borrow::Cow::into_owned))
            .collect::<Result<_, _>>()
            .map_err(|_| damaged("its list of entries is malformed"))?;
        if let Some(name) = sums.keys().find(|name| !names.contains(name)) {
            return Err(damaged(&format!("{name} is missing")));
        }
        for name in names.iter().filter(|name| *name != entry::SUMS) {
            let expected =
                sums.get(name).ok_or_else(|| damaged(&format!("{name} is not listed")))?;
            if self.copy(name, &mut io::sink(), progress)? != *expected {
                return Err(damaged(&format!("{name} was altered")));
            }
        }
        let manifest = self.json(entry::MANIFEST)?;
        let blobs = self.blob_lines()?;
        Ok(Checked { reader: self, sums, format, manifest, blobs })
    }

    /// Of the age file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn sums(&mut self) -> Result<HashMap<String, String>, ArchiveError> {
        let text = self.text(entry::SUMS)?;
        let line = |line: &str| {
            let (sum, name) = line.split_once("  ")?;
            Some((name.to_owned(), sum.to_owned()))
        };
        let sums = text.lines().map(line).collect::<Option<HashMap<_, _>>>();
        sums.ok_or_else(|| damaged("its list of checksums is malformed"))
    }

    fn blob_lines(&mut self) -> Result<Vec<BlobLine>, ArchiveError> {
        let text = self.text(entry::BLOBS)?;
        let lines = text.lines().skip(1).map(BlobLine::parse).collect::<Option<Vec<_>>>();
        lines.ok_or_else(|| damaged("its list of files is malformed"))
    }

    fn json<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Result<T, ArchiveError> {
        let bytes = self.small(name)?;
        serde_json::from_slice(&bytes).map_err(|_| damaged(&format!("{name} is malformed")))
    }

    fn text(&mut self, name: &str) -> Result<String, ArchiveError> {
        let bytes = self.small(name)?;
        String::from_utf8(bytes).map_err(|_| damaged(&format!("{name} is malformed")))
    }

    fn small(&mut self, name: &str) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = Vec::new();
        let file = self.zip.by_name(name).map_err(|error| of_zip(name, &error))?;
        let read = file.take(SMALL).read_to_end(&mut bytes);
        read.map_err(|_| damaged(&format!("{name} cannot be read")))?;
        Ok(bytes)
    }

    /// Copies an entry and returns the checksum of what was copied.
    fn copy(
        &mut self,
        name: &str,
        output: &mut dyn Write,
        progress: &mut dyn FnMut(u64),
    ) -> Result<String, ArchiveError> {
        let mut file = self.zip.by_name(name).map_err(|error| of_zip(name, &error))?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            // Reading fails on what age or zip finds altered.
            let read = file.read(&mut buffer).map_err(|_| damaged(&format!("in {name}")))?;
            if read == 0 {
                return Ok(hash::hex(&hasher.finish()));
            }
            hasher.update(&buffer[..read]);
            output.write_all(&buffer[..read])?;
            progress(read as u64);
        }
    }
}

impl Checked {
    /// Copies an entry once more; an error when it is no longer what was
    /// checked: what was written must not be used then.
    pub fn copy(&mut self, name: &str, output: &mut dyn Write) -> Result<(), ArchiveError> {
        let sum = self.reader.copy(name, output, &mut |_| {})?;
        match self.sums.get(name) {
            Some(expected) if *expected == sum => Ok(()),
            _ => Err(damaged(&format!("{name} was altered while it was read"))),
        }
    }

    /// A whole small entry.
    pub fn get(&mut self, name: &str) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = Vec::new();
        self.copy(name, &mut bytes)?;
        Ok(bytes)
    }

    /// Of the age file.
    pub fn bytes(&self) -> u64 {
        self.reader.bytes
    }
}

fn damaged(what: &str) -> ArchiveError {
    ArchiveError::Damaged(what.to_owned())
}

fn of_zip(name: &str, error: &ZipError) -> ArchiveError {
    match error {
        ZipError::FileNotFound => damaged(&format!("{name} is missing")),
        _ => damaged(&format!("{name} cannot be read")),
    }
}
