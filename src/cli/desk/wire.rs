//! What goes over the socket. The command sends one line of JSON and then the
//! bytes of its files, and whatever comes after, or the end, is its wish to
//! stop. The server answers in lines of JSON: progress, then the outcome.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Order, Progress, Task};
use crate::cli::error::Refusal;
use crate::interop::guess::Kind;
use crate::interop::run::Upload;

/// Bytes of all files of one order: more than any clinic's spreadsheets, less
/// than would trouble the server.
pub const LARGEST: u64 = 256 << 20;

/// Bytes of the line that an order begins with.
const LONGEST_LINE: u64 = 256 << 10;

/// The longest path that a socket's address holds (unix(7)), with its final 0.
const LONGEST_ADDRESS: usize = 108;

#[derive(Debug, Serialize, Deserialize)]
struct Request<T> {
    order: T,
    files: Vec<Sent>,
}

/// A file whose bytes follow.
#[derive(Debug, Serialize, Deserialize)]
struct Sent {
    name: String,
    kind: Option<Kind>,
    bytes: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    Progress(Progress),
    Done(Value),
    Refused(Refusal),
}

pub async fn send_task(out: &mut (impl AsyncWrite + Unpin), task: &Task) -> io::Result<()> {
    let sent = |upload: &Upload| Sent {
        name: upload.name.clone(),
        kind: upload.kind,
        bytes: upload.bytes.len() as u64,
    };
    let files = task.uploads.iter().map(sent).collect();
    send(out, &Request { order: &task.order, files }).await?;
    for upload in &task.uploads {
        out.write_all(&upload.bytes).await?;
    }
    Ok(())
}

/// # Errors
/// When it is no order, or too large.
pub async fn receive_task(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Task> {
    let mut line = Vec::new();
    (&mut *from).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
    let request: Request<Order> = serde_json::from_slice(&line)?;
    let total = request.files.iter().try_fold(0_u64, |sum, file| sum.checked_add(file.bytes));
    if total.is_none_or(|total| total > LARGEST) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the files are too large"));
    }
    let mut uploads = Vec::new();
    for Sent { name, kind, bytes: size } in request.files {
        let mut bytes = Vec::new();
        (&mut *from).take(size).read_to_end(&mut bytes).await?;
        if bytes.len() as u64 != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        uploads.push(Upload { name, kind, bytes });
    }
    Ok(Task { order: request.order, uploads })
}

pub async fn send(out: &mut (impl AsyncWrite + Unpin), message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    out.write_all(&line).await
}

/// Where the socket of a data folder is. A folder with a long name is reached
/// through its open file, which must live as long as the address is used.
pub struct Address {
    pub path: PathBuf,
    _folder: Option<OwnedFd>,
}

impl Address {
    pub fn of(data_dir: &Path) -> io::Result<Self> {
        let name = "admin.sock";
        let path = data_dir.join(name);
        if path.as_os_str().len() < LONGEST_ADDRESS {
            return Ok(Self { path, _folder: None });
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(data_dir, flags, Mode::empty())?;
        let path = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name);
        Ok(Self { path, _folder: Some(folder) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::import::ImportOrder;

    async fn heard(bytes: &[u8]) -> io::Result<Task> {
        receive_task(&mut &bytes[..]).await
    }

    #[tokio::test]
    async fn files_arrive_as_they_were_sent() {
        let upload = |name: &str, bytes: &[u8]| Upload {
            name: name.to_owned(),
            kind: Some(Kind::Journal),
            bytes: bytes.to_vec(),
        };
        let order = Order::Import(ImportOrder { dry_run: true });
        let uploads = vec![upload("a.csv", b"one\ntwo"), upload("b.csv", b"")];
        let mut sent = Vec::new();
        send_task(&mut sent, &Task { order, uploads }).await.unwrap();

        let task = heard(&sent).await.unwrap();
        let got: Vec<_> = task.uploads.iter().map(|it| (&*it.name, &*it.bytes)).collect();
        assert_eq!(got, [("a.csv", &b"one\ntwo"[..]), ("b.csv", b"")]);
        assert!(matches!(task.order, Order::Import(ImportOrder { dry_run: true })));
        assert!(heard(&sent[..sent.len() - 1]).await.is_err(), "cut off");
    }

    #[tokio::test]
    async fn an_order_that_is_too_large_or_makes_no_sense_is_refused_before_its_bytes_are_read() {
        let huge = r#"{"order":{"import":{"dry_run":true}},"files":[{"name":"a","kind":null,"bytes":SIZE}]}"#;
        let of_size = |size: u64| huge.replace("SIZE", &size.to_string()) + "\n";
        for wrong in [of_size(LARGEST + 1), of_size(u64::MAX), "{}\n".to_owned(), "\0".to_owned()] {
            assert!(heard(wrong.as_bytes()).await.is_err(), "{wrong}");
        }
        let endless = vec![b'['; usize::try_from(LONGEST_LINE).unwrap() + 1];
        assert!(heard(&endless).await.is_err());
    }

    #[test]
    fn a_folder_with_a_name_longer_than_a_sockets_address_is_reached_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let long = folder.path().join("x".repeat(120));
        std::fs::create_dir(&long).unwrap();
        let address = Address::of(&long).unwrap();

        std::os::unix::net::UnixListener::bind(&address.path).unwrap();
        assert!(long.join("admin.sock").exists());
    }
}
