//! Writing an archive: contents → checksum → zip → age → checksum → file.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use zip::write::{SimpleFileOptions, StreamWriter as ZipStream};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::backup::archive::{ArchiveError, entry};
use crate::clock::Timestamp;
use crate::crypto::Recipient;
use crate::crypto::ages;
use crate::crypto::hash::{self, Sha256};

/// Deflate's fastest level: a third of the size for a tenth of the time of the
/// usual one (PERFORMANCE.md).
const LEVEL: i64 = 1;

type Age<W> = age::stream::StreamWriter<BufWriter<Hashed<W>>>;

/// An archive in the making. Write an entry's contents into it after
/// [`ArchiveWriter::begin`].
pub struct ArchiveWriter<W: Write> {
    zip: ZipWriter<ZipStream<Age<W>>>,
    modified: DateTime,
    /// The entry under way.
    current: Option<(String, Sha256)>,
    sums: String,
    entries: u64,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Of the age file.
    pub bytes: u64,
    /// Of the age file, hex.
    pub sha256: String,
    pub entries: u64,
}

impl<W: Write> ArchiveWriter<W> {
    pub fn new(
        output: W,
        recipients: &[Recipient],
        created: Timestamp,
    ) -> Result<Self, ArchiveError> {
        let output = BufWriter::with_capacity(256 * 1024, Hashed::new(output));
        let zip = ZipWriter::new_stream(ages::encrypt_to(output, recipients)?);
        let modified = zip_time(created);
        Ok(Self { zip, modified, current: None, sums: String::new(), entries: 0 })
    }

    /// Ends the entry before and begins one. `compress` is for text and tables;
    /// documents are compressed already.
    pub fn begin(&mut self, name: &str, compress: bool) -> Result<(), ArchiveError> {
        self.end_entry();
        let options = SimpleFileOptions::default()
            .large_file(true)
            .last_modified_time(self.modified)
            .unix_permissions(0o600);
        let options = if compress {
            options.compression_method(CompressionMethod::Deflated).compression_level(Some(LEVEL))
        } else {
            options.compression_method(CompressionMethod::Stored)
        };
        self.zip.start_file(name, options).map_err(of_zip)?;
        self.current = Some((name.to_owned(), Sha256::new()));
        self.entries += 1;
        Ok(())
    }

    /// A whole small entry.
    pub fn put(&mut self, name: &str, contents: &[u8]) -> Result<(), ArchiveError> {
        self.begin(name, true)?;
        Ok(self.write_all(contents)?)
    }

    /// Writes the checksums and the ends of all formats.
    pub fn finish(mut self) -> Result<(W, Written), ArchiveError> {
        self.end_entry();
        let sums = std::mem::take(&mut self.sums);
        self.put(entry::SUMS, sums.as_bytes())?;
        let entries = self.entries;
        let age = self.zip.finish().map_err(of_zip)?.into_inner();
        let buffer = age.finish()?;
        let hashed = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
        let (bytes, sha256) = (hashed.bytes, hash::hex(&hashed.hasher.finish()));
        Ok((hashed.output, Written { bytes, sha256, entries }))
    }

    fn end_entry(&mut self) {
        if let Some((name, hasher)) = self.current.take() {
            let sum = hash::hex(&hasher.finish());
            writeln!(self.sums, "{sum}  {name}").expect("a String takes all text");
        }
    }
}

impl<W: Write> Write for ArchiveWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.zip.write(bytes)?;
        if let Some((_, hasher)) = &mut self.current {
            hasher.update(&bytes[..written]);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}

/// Counts and hashes what goes through.
struct Hashed<W> {
    output: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W> Hashed<W> {
    fn new(output: W) -> Self {
        Self { output, hasher: Sha256::new(), bytes: 0 }
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.output.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

fn of_zip(error: zip::result::ZipError) -> ArchiveError {
    match error {
        zip::result::ZipError::Io(error) => error.into(),
        other => ArchiveError::Io(io::Error::other(other)),
    }
}

/// Zip keeps civil time without a zone; ours is UTC.
fn zip_time(at: Timestamp) -> DateTime {
    let text = at.rfc3339();
    let part = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse().ok());
    let small = |from: usize| part(from, from + 2).and_then(|n: u16| u8::try_from(n).ok());
    let time = (|| {
        let (year, month, day) = (part(0, 4)?, small(5)?, small(8)?);
        DateTime::from_date_and_time(year, month, day, small(11)?, small(14)?, small(17)?).ok()
    })();
    time.unwrap_or_default()
}
