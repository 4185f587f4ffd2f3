//! What a connection is doing, so that one that does nothing can be ended.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, io};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::limits::Limits;

/// The state of one connection, shared by its socket and its requests.
pub(super) struct Pulse {
    begun: Instant,
    /// Requests whose heads have arrived.
    requests: AtomicU64,
    /// Of those, the ones whose answers are not yet handed over.
    open: AtomicU64,
    /// Milliseconds since `begun` at which the last answer ended.
    quiet_since: AtomicU64,
    /// The same plus one at which the socket stopped taking bytes; 0 while it
    /// takes them.
    blocked_since: AtomicU64,
}

/// What to do with a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine,
    /// Nothing is under way: ask it to end.
    Finish,
    /// It keeps us waiting: close it.
    Cut,
}

impl Pulse {
    pub(super) fn begin() -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            requests: AtomicU64::new(0),
            open: AtomicU64::new(0),
            quiet_since: AtomicU64::new(0),
            blocked_since: AtomicU64::new(0),
        })
    }

    /// Counts a request as open until the guard is dropped.
    pub(super) fn request(self: &Arc<Self>) -> Open {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(self))
    }

    pub(super) fn verdict(&self, limits: &Limits) -> Verdict {
        self.verdict_at(limits, self.now())
    }

    /// `now` in milliseconds since the beginning.
    fn verdict_at(&self, limits: &Limits, now: u64) -> Verdict {
        let blocked = self.blocked_since.load(Ordering::Relaxed);
        if blocked > 0 && now.saturating_sub(blocked - 1) >= millis(limits.stalled) {
            return Verdict::Cut;
        }
        if self.requests.load(Ordering::Relaxed) == 0 {
            let late = now >= millis(limits.first_request);
            return if late { Verdict::Cut } else { Verdict::Fine };
        }
        let quiet = now.saturating_sub(self.quiet_since.load(Ordering::Relaxed));
        match self.open.load(Ordering::Relaxed) {
            0 if quiet >= millis(limits.idle) * 2 => Verdict::Cut,
            0 if quiet >= millis(limits.idle) => Verdict::Finish,
            _ => Verdict::Fine,
        }
    }

    fn now(&self) -> u64 {
        millis(self.begun.elapsed())
    }

    fn wrote(&self, pending: bool) {
        self.wrote_at(pending, self.now());
    }

    fn wrote_at(&self, pending: bool, now: u64) {
        if !pending {
            self.blocked_since.store(0, Ordering::Relaxed);
        } else if self.blocked_since.load(Ordering::Relaxed) == 0 {
            self.blocked_since.store(now + 1, Ordering::Relaxed);
        }
    }
}

/// A request whose answer is not yet handed over.
pub(super) struct Open(Arc<Pulse>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.quiet_since.store(self.0.now(), Ordering::Relaxed);
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An answer's body that keeps its request open to its end.
pub(super) struct OpenBody {
    pub(super) body: Body,
    pub(super) _open: Open,
}

impl HttpBody for OpenBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A socket whose stalls are noted.
pub(super) struct Watched<S> {
    pub(super) socket: S,
    pub(super) pulse: Arc<Pulse>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.pulse.wrote(outcome.is_pending());
        outcome
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.socket).poll_write_vectored(cx, parts);
        self.pulse.wrote(outcome.is_pending());
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

impl fmt::Debug for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pulse").field("requests", &self.requests).finish_non_exhaustive()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_cut_silent_ended_idle_and_left_alone_busy() {
        let limits = Limits::staff();
        let [first, idle] = [limits.first_request, limits.idle].map(millis);
        let pulse = Pulse::begin();
        assert_eq!(pulse.verdict_at(&limits, first - 1), Verdict::Fine);
        assert_eq!(pulse.verdict_at(&limits, first), Verdict::Cut);

        let open = pulse.request();
        assert_eq!(pulse.verdict_at(&limits, idle * 10), Verdict::Fine);
        drop(open);
        pulse.quiet_since.store(500, Ordering::Relaxed);
        assert_eq!(pulse.verdict_at(&limits, 499 + idle), Verdict::Fine);
        assert_eq!(pulse.verdict_at(&limits, 500 + idle), Verdict::Finish);
        assert_eq!(pulse.verdict_at(&limits, 500 + idle * 2), Verdict::Cut);
    }

    #[test]
    fn a_client_that_takes_nothing_is_cut_even_in_the_middle_of_an_answer() {
        let limits = Limits::staff();
        let stalled = millis(limits.stalled);
        let pulse = Pulse::begin();
        let _open = pulse.request();
        pulse.wrote_at(true, 0);
        pulse.wrote_at(false, 1_000);
        pulse.wrote_at(true, 2_000);
        pulse.wrote_at(true, 3_000);

        assert_eq!(pulse.verdict_at(&limits, 1_999 + stalled), Verdict::Fine);
        assert_eq!(pulse.verdict_at(&limits, 2_000 + stalled), Verdict::Cut);
    }
}
