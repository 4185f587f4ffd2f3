//! The command's side of the socket.

use std::io;
use std::path::Path;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::wire::{self, Address, Reply};
use super::{Stop, Task, Tell};
use crate::cli::error::Refusal;

/// Asks the server of a data folder. None when no server listens.
pub async fn ask(
    data_dir: &Path,
    task: &Task,
    tell: &Tell,
    stop: &Stop,
) -> io::Result<Option<Result<Value, Refusal>>> {
    let Ok(address) = Address::of(data_dir) else { return Ok(None) };
    let stream = match UnixStream::connect(&address.path).await {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(error),
        Err(_) => return Ok(None),
    };
    let (reading, mut writing) = stream.into_split();
    // A server that refuses the order says why before it has read all of it.
    let sent = wire::send_task(&mut writing, task).await;
    let mut lines = BufReader::new(reading).lines();
    let mut stopping = false;
    loop {
        let line = tokio::select! {
            line = lines.next_line() => line?,
            () = stop.wished(), if !stopping => {
                stopping = true;
                writing.shutdown().await?;
                continue;
            }
        };
        match line.map(|line| serde_json::from_str(&line)).transpose()? {
            Some(Reply::Progress(progress)) => tell(progress),
            Some(Reply::Done(value)) => return Ok(Some(Ok(value))),
            Some(Reply::Refused(refusal)) => return Ok(Some(Err(refusal))),
            None => {
                sent?;
                let ended = "the server ended before it was done; see its log";
                return Ok(Some(Err(Refusal::new("server_ended", ended, 1))));
            }
        }
    }
}
