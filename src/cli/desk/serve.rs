//! The server's side of the socket.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use rustix::process::geteuid;
use tokio::io::{AsyncReadExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::wire::{self, Address, Reply};
use super::{Stop, operator};
use crate::cli::error::Refusal;
use crate::clinic::Clinic;

/// A socket in the data folder, which only the service's account (and root)
/// can enter.
pub struct Desk {
    listener: UnixListener,
    clinic: Clinic,
}

impl Desk {
    /// To be called by whoever holds the data folder's lock.
    pub fn open(clinic: Clinic) -> io::Result<Self> {
        let address = Address::of(&clinic.places.data_dir)?;
        // Left behind by a server that was killed.
        let _ = std::fs::remove_file(&address.path);
        let listener = UnixListener::bind(&address.path)?;
        std::fs::set_permissions(&address.path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, clinic })
    }

    /// Answers until dropped; orders under way are then asked to stop.
    pub async fn serve(self) {
        let mut answering = JoinSet::new();
        loop {
            let stream = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(%error, "an order from the command line was not taken");
                        continue;
                    }
                },
                Some(_) = answering.join_next() => continue,
            };
            let clinic = self.clinic.clone();
            answering.spawn(async move {
                if let Err(error) = answer(&clinic, stream).await {
                    tracing::warn!(%error, "the command line went away");
                }
            });
        }
    }
}

async fn answer(clinic: &Clinic, stream: UnixStream) -> io::Result<()> {
    let uid = stream.peer_cred()?.uid();
    let (reading, mut writing) = stream.into_split();
    if !operator::may(uid, geteuid()) {
        tracing::warn!(uid, "an order from another account was refused");
        let said = "only root and the service's own account may do this";
        return wire::send(&mut writing, &Reply::Refused(Refusal::new("denied", said, 1))).await;
    }
    let mut reading = BufReader::new(reading);
    let task = match wire::receive_task(&mut reading).await {
        Ok(task) => task,
        Err(error) => {
            let refused = Refusal::new("bad_order", error, 1);
            return wire::send(&mut writing, &Reply::Refused(refused)).await;
        }
    };
    let (tell, mut told) = mpsc::unbounded_channel();
    let (wish, stop) = watch::channel(false);
    let tell = Arc::new(move |progress| {
        // Whoever asked may have gone; a backup goes on.
        let _ = tell.send(progress);
    });
    let work = task.carry_out(clinic, operator::of(uid), tell, Stop(stop));
    tokio::pin!(work);
    let done = loop {
        tokio::select! {
            biased;
            Some(progress) = told.recv() => {
                wire::send(&mut writing, &Reply::Progress(progress)).await?;
            }
            done = &mut work => break done,
            // Anything more, or the end, is the wish to stop.
            _ = reading.read_u8(), if !*wish.borrow() => { wish.send_replace(true); }
        }
    };
    let reply = done.map_or_else(Reply::Refused, Reply::Done);
    wire::send(&mut writing, &reply).await
}
