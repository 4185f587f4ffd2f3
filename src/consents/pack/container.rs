//! The ZIP around a pack, written by ourselves (APPNOTE.TXT 6.3.10, method 0).
//!
//! Files are stored as they are, without times or comments, so that one list
//! of files is one sequence of bytes, now and in thirty years, whatever a
//! compressor makes of them by then. Checking a pack writes it again and
//! compares: a flipped bit is found wherever it is.

/// Needs the version for folders and UTF-8 names; made on Unix.
const NEEDED: u16 = 20;
const MADE_BY: u16 = (3 << 8) + 20;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// 1980-01-01, the first day ZIP knows.
const DATE: u16 = 1 << 5 | 1;

/// Name and contents.
pub type Entry<'a> = (&'a str, &'a [u8]);

/// The archive of these files in this order.
///
/// # Panics
/// When they are larger than 4 GB together.
pub fn write(entries: &[Entry]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in entries {
        let offset = length(zip.len());
        let common = common(name, bytes);
        zip.extend(0x0403_4b50_u32.to_le_bytes());
        zip.extend(&common);
        zip.extend(name.as_bytes());
        zip.extend(*bytes);
        let mode: u32 = if has_program(name) { 0o100_755 } else { 0o100_644 };
        directory.extend(0x0201_4b50_u32.to_le_bytes());
        directory.extend(MADE_BY.to_le_bytes());
        directory.extend(&common);
        // Comment, disk and internal attributes: none.
        directory.extend([0; 6]);
        directory.extend((mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(entries.len()).expect("a dozen files");
    let (size, start) = (length(directory.len()), length(zip.len()));
    zip.extend(directory);
    zip.extend(0x0605_4b50_u32.to_le_bytes());
    zip.extend([0; 4]);
    zip.extend(count.to_le_bytes());
    zip.extend(count.to_le_bytes());
    zip.extend(size.to_le_bytes());
    zip.extend(start.to_le_bytes());
    zip.extend([0; 2]);
    zip
}

/// What the two headers of a file share.
fn common(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut header = Vec::new();
    let name_length = u16::try_from(name.len()).expect("short names");
    for field in [NEEDED, UTF8, 0, 0, DATE] {
        header.extend(field.to_le_bytes());
    }
    header.extend(crc32(bytes).to_le_bytes());
    header.extend(length(bytes.len()).to_le_bytes());
    header.extend(length(bytes.len()).to_le_bytes());
    header.extend(name_length.to_le_bytes());
    header.extend([0; 2]);
    header
}

fn has_program(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension == "sh")
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("less than 4 GB")
}

/// CRC-32 of ISO 3309, as ZIP wants it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
