//! One connection, from its first byte to its end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{interval, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt;

use super::body::OpenBody;
use super::limits::{Limits, MOST_ERRORS, MOST_RESET};
use super::pulse::{Pulse, Verdict, Watched};
use super::{plain, stopped};

/// What a connection needs to be served.
pub(super) struct Connection {
    pub(super) acceptor: TlsAcceptor,
    pub(super) router: Router,
    pub(super) limits: Limits,
    pub(super) peer: SocketAddr,
    pub(super) stop: watch::Receiver<bool>,
}

type Socket = TlsStream<Watched<TcpStream>>;

impl Connection {
    pub(super) async fn serve(self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut stop = self.stop.clone();
        let socket = tokio::select! {
            socket = timeout(self.limits.handshake, self.handshake(stream)) => socket??,
            () = stopped(&mut stop) => return Ok(()),
        };
        let Some(socket) = socket else { return Ok(()) };
        // Time for the first request runs from here.
        let pulse = Pulse::begin();
        let socket = renewed(socket, &pulse);
        if socket.get_ref().1.alpn_protocol() == Some(b"h2") {
            self.http2(socket, pulse).await
        } else {
            self.http1(socket, pulse).await
        }
    }

    /// None when it was plain HTTP and has been answered.
    async fn handshake(&self, stream: TcpStream) -> io::Result<Option<Socket>> {
        if !plain::is_tls(&stream).await? {
            plain::redirect(stream).await?;
            return Ok(None);
        }
        let watched = Watched { socket: stream, pulse: Pulse::begin() };
        self.acceptor.accept(watched).await.map(Some)
    }

    async fn http1(self, socket: Socket, pulse: Arc<Pulse>) -> io::Result<()> {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head)
            .max_header_size(self.limits.head_bytes)
            .max_headers(100)
            .serve_connection(TokioIo::new(socket), self.service(&pulse));
        self.drive(connection, &pulse).await
    }

    async fn http2(self, socket: Socket, pulse: Arc<Pulse>) -> io::Result<()> {
        let head_bytes = u32::try_from(self.limits.head_bytes).unwrap_or(u32::MAX);
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(self.limits.streams)
            .max_pending_accept_reset_streams(MOST_RESET)
            .max_local_error_reset_streams(MOST_ERRORS)
            .max_header_list_size(head_bytes)
            .max_send_buf_size(256 * 1024)
            .keep_alive_interval(self.limits.idle / 2)
            .keep_alive_timeout(self.limits.stalled)
            .serve_connection(TokioIo::new(socket), self.service(&pulse));
        self.drive(connection, &pulse).await
    }

    /// Lets the connection run until it ends, is too slow, or the server stops.
    async fn drive<C>(&self, connection: C, pulse: &Pulse) -> io::Result<()>
    where
        C: GracefulConnection<Error = hyper::Error>,
    {
        let mut connection = pin!(connection);
        let mut stop = self.stop.clone();
        let mut tick = interval(self.limits.tick());
        let mut ending = false;
        loop {
            tokio::select! {
                outcome = connection.as_mut() => return outcome.map_err(io::Error::other),
                () = stopped(&mut stop), if !ending => {
                    connection.as_mut().graceful_shutdown();
                    ending = true;
                }
                _ = tick.tick() => match pulse.verdict(&self.limits) {
                    Verdict::Fine => {}
                    Verdict::Finish if ending => {}
                    Verdict::Finish => {
                        connection.as_mut().graceful_shutdown();
                        ending = true;
                    }
                    Verdict::Cut => return Err(io::ErrorKind::TimedOut.into()),
                },
            }
        }
    }

    fn service(
        &self,
        pulse: &Arc<Pulse>,
    ) -> impl hyper::service::HttpService<
        Incoming,
        ResBody = OpenBody,
        Error = Infallible,
        Future: Send + 'static,
    > + use<> {
        let (router, peer, pulse) = (self.router.clone(), self.peer, Arc::clone(pulse));
        service_fn(move |mut request: Request<Incoming>| {
            let open = pulse.request();
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = router.clone().oneshot(request.map(Body::new));
            async move {
                let response: Response<Body> = answer.await?;
                Ok::<_, Infallible>(response.map(|body| OpenBody::new(body, open)))
            }
        })
    }
}

/// The same socket under a pulse that begins now.
fn renewed(mut socket: Socket, pulse: &Arc<Pulse>) -> Socket {
    socket.get_mut().0.pulse = Arc::clone(pulse);
    socket
}
