//! HTTPS listeners: TLS 1.2 and 1.3 by rustls with ring, HTTP/1.1 and HTTP/2.
//!
//! Every stage of a connection has a time limit, so that clients who connect
//! and say nothing, or say it one byte at a time, cannot use up the machine
//! (PERFORMANCE.md, "What faults taught"): the TLS handshake, the first
//! request, each request's head, a client that no longer reads, and idleness.

mod body;
mod connection;
mod limits;
mod plain;
mod pulse;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::crypto::Leaf;
use connection::Connection;
use limits::Doors;

pub use limits::Limits;
pub(in crate::web) use limits::neighbourhood;
pub use tls::{Certificate, TlsError};

/// After a failure to accept (out of file descriptors): time to let others end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why a listener did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("cannot listen on {address}: {reason}{}", hint(.reason))]
    Bind { address: SocketAddr, reason: io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A bound listener that does not yet answer.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    certificate: Arc<Certificate>,
    limits: Limits,
}

impl Server {
    /// Takes the port. Port 0 lets the system choose: see [`Server::address`].
    pub async fn bind(
        address: SocketAddr,
        leaf: Leaf,
        limits: Limits,
    ) -> Result<Self, ServerError> {
        let certificate = Arc::new(Certificate::new(leaf)?);
        let bound = TcpListener::bind(address).await;
        let listener = bound.map_err(|reason| ServerError::Bind { address, reason })?;
        let address = listener.local_addr().unwrap_or(address);
        Ok(Self { listener, address, certificate, limits })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Keep it to replace the certificate while the server runs: new
    /// connections use the new one.
    pub fn certificate(&self) -> Arc<Certificate> {
        Arc::clone(&self.certificate)
    }

    /// Answers until `stop` says true (or its sender is gone), then lets
    /// requests under way finish for [`Limits::drain`]. Handlers find the
    /// client in `ConnectInfo<SocketAddr>`.
    pub async fn run(self, router: Router, mut stop: watch::Receiver<bool>) {
        let acceptor = TlsAcceptor::from(tls::config(Arc::clone(&self.certificate)));
        let doors = Doors::new(&self.limits);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        // Over the limit the socket is closed at once.
                        let Some(pass) = doors.enter(peer.ip()) else { continue };
                        let connection = Connection {
                            acceptor: acceptor.clone(),
                            router: router.clone(),
                            limits: self.limits,
                            peer,
                            stop: stop.clone(),
                        };
                        connections.spawn(async move {
                            let _pass = pass;
                            serve(connection, stream).await;
                        });
                    }
                    Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
                },
                Some(_) = connections.join_next() => {}
                () = stopped(&mut stop) => break,
            }
        }
        drop(self.listener);
        let all = async { while connections.join_next().await.is_some() {} };
        // Whoever is not done by then is cut off as the set is dropped.
        let _ = tokio::time::timeout(self.limits.drain, all).await;
    }
}

async fn serve(connection: Connection, stream: TcpStream) {
    let peer = connection.peer;
    // Clients break off all the time: nothing of it is worth more than a trace.
    if let Err(error) = connection.serve(stream).await {
        tracing::trace!(%error, local = peer.ip().is_loopback(), "a connection ended early");
    }
}

/// Returns once `stop` says true or nobody can say it any more.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

fn hint(reason: &io::Error) -> &'static str {
    match reason.kind() {
        io::ErrorKind::AddrInUse => ". Another program (another tirkeu?) uses the port",
        io::ErrorKind::AddrNotAvailable => ". This machine does not have the address",
        io::ErrorKind::PermissionDenied => ". Ports below 1024 are not for this user: take another",
        _ => "",
    }
}

#[cfg(test)]
mod abuse;
#[cfg(test)]
mod tests;
