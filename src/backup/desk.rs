//! Where the command line asks a running server for backups: a socket in the
//! data folder, which only its owner can enter. The server has the database
//! open; a second program must not.
//!
//! One JSON object a line: a request, then progress, then the answer.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;

use crate::backup::{self, BackupError, Kind, Progress, Source, Watcher};
use crate::clinic::Clinic;
use crate::vault::Actor;

/// What may be asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// Back up into a folder.
    Now {
        to: PathBuf,
    },
    List,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Progress(Progress),
    Done(Value),
    Failed { code: String, said: String },
}

/// What the server answered.
#[derive(Debug)]
pub enum Answer {
    Done(Value),
    /// A stable code and words.
    Failed(String, String),
    /// No server listens.
    Nobody,
}

/// Answers until dropped.
pub async fn serve(clinic: Clinic) -> io::Result<()> {
    let path = path(&clinic.places.data_dir);
    // Left behind by a server that was killed; the data folder's lock is ours.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    loop {
        let (stream, _) = listener.accept().await?;
        let clinic = clinic.clone();
        tokio::spawn(async move {
            if let Err(error) = answer(&clinic, stream).await {
                tracing::warn!(%error, "the command line went away");
            }
        });
    }
}

/// Asks the server of a data folder, telling progress while waiting.
pub async fn ask(
    data_dir: &Path,
    request: &Request,
    mut tell: impl FnMut(Progress),
) -> io::Result<Answer> {
    let Ok(stream) = UnixStream::connect(path(data_dir)).await else {
        return Ok(Answer::Nobody);
    };
    let (reading, mut writing) = stream.into_split();
    send(&mut writing, request).await?;
    let mut lines = BufReader::new(reading).lines();
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line)? {
            Reply::Progress(progress) => tell(progress),
            Reply::Done(value) => return Ok(Answer::Done(value)),
            Reply::Failed { code, said } => return Ok(Answer::Failed(code, said)),
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

async fn answer(clinic: &Clinic, stream: UnixStream) -> io::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let Some(line) = BufReader::new(reading).lines().next_line().await? else { return Ok(()) };
    let source = Source::of(clinic);
    let done = match serde_json::from_str(&line)? {
        Request::List => list(&source).await,
        Request::Now { to } => {
            let (tell, mut told) = mpsc::unbounded_channel();
            let watcher = Watcher(Box::new(move |progress| {
                // Whoever asked may have gone; the backup goes on.
                let _ = tell.send(progress);
            }));
            let work = tokio::spawn(async move { now(&source, &to, Some(watcher)).await });
            while let Some(progress) = told.recv().await {
                send(&mut writing, &Reply::Progress(progress)).await?;
            }
            work.await.unwrap_or(Err(BackupError::BrokenOff))
        }
    };
    let reply = match done {
        Ok(value) => Reply::Done(value),
        Err(error) => Reply::Failed { code: error.code().to_owned(), said: error.to_string() },
    };
    send(&mut writing, &reply).await
}

/// A backup for the command line.
pub async fn now(
    source: &Source,
    to: &Path,
    watcher: Option<Watcher>,
) -> Result<Value, BackupError> {
    let grant = Actor::console().grant().expect("the console may run backups");
    let made = backup::now(source, &grant, to, Kind::Manual, watcher).await?;
    Ok(json!(made))
}

/// The list for the command line.
pub async fn list(source: &Source) -> Result<Value, BackupError> {
    let grant = Actor::console().grant().expect("the console may see backups");
    let runs = backup::list(&source.vault, &grant).await?;
    Ok(json!({ "runs": runs }))
}

async fn send(writing: &mut OwnedWriteHalf, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    writing.write_all(&line).await
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("admin.sock")
}
