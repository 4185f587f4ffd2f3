//! What a connection is doing, so that one that does nothing can be ended.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, io};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::limits::{LEAST_TAKEN, Limits};

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
    /// takes all we have.
    blocked_since: AtomicU64,
    /// Bytes it took since then.
    taken: AtomicU64,
    /// Answers of which the client holds a piece and has not made room for more.
    handed: AtomicU64,
    /// The same as `quiet_since` at which one of them went on.
    went_on: AtomicU64,
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
            taken: AtomicU64::new(0),
            handed: AtomicU64::new(0),
            went_on: AtomicU64::new(0),
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
        // HTTP/2 lets a client take nothing of an answer on a lively socket.
        let stuck = now.saturating_sub(self.went_on.load(Ordering::Relaxed));
        if self.handed.load(Ordering::Relaxed) > 0 && stuck >= millis(limits.idle) {
            return Verdict::Cut;
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

    fn wrote(&self, outcome: &Poll<io::Result<usize>>) {
        match outcome {
            Poll::Pending => self.refused_at(self.now()),
            Poll::Ready(Ok(bytes)) => self.took_at(*bytes as u64, self.now()),
            Poll::Ready(Err(_)) => {}
        }
    }

    fn refused_at(&self, now: u64) {
        if self.blocked_since.load(Ordering::Relaxed) == 0 {
            self.blocked_since.store(now + 1, Ordering::Relaxed);
            self.taken.store(0, Ordering::Relaxed);
        }
    }

    /// A few bytes now and then are no excuse.
    fn took_at(&self, bytes: u64, now: u64) {
        if self.blocked_since.load(Ordering::Relaxed) == 0 {
            return;
        }
        if self.taken.fetch_add(bytes, Ordering::Relaxed) + bytes >= LEAST_TAKEN {
            self.blocked_since.store(now + 1, Ordering::Relaxed);
            self.taken.store(0, Ordering::Relaxed);
            self.quiet_since.store(now, Ordering::Relaxed);
            self.went_on.store(now, Ordering::Relaxed);
        }
    }

    /// Nothing waits for the socket any more.
    fn emptied(&self) {
        self.blocked_since.store(0, Ordering::Relaxed);
    }
}

/// A request whose answer is not yet handed over.
pub(super) struct Open(Arc<Pulse>);

impl Open {
    /// Whether the client holds a piece of the answer and has not made room for
    /// the next.
    pub(super) fn set_handed(&self, before: bool, now: bool) {
        match (before, now) {
            (false, true) => self.0.handed.fetch_add(1, Ordering::Relaxed),
            (true, false) => self.0.handed.fetch_sub(1, Ordering::Relaxed),
            _ => 0,
        };
        self.0.went_on.store(self.0.now(), Ordering::Relaxed);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.quiet_since.store(self.0.now(), Ordering::Relaxed);
        self.0.open.fetch_sub(1, Ordering::Relaxed);
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
        self.pulse.wrote(&outcome);
        outcome
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.socket).poll_write_vectored(cx, parts);
        self.pulse.wrote(&outcome);
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.socket).poll_flush(cx);
        if outcome.is_ready() {
            self.pulse.emptied();
        }
        outcome
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
        pulse.refused_at(0);
        pulse.emptied();
        pulse.refused_at(2_000);
        pulse.refused_at(3_000);

        assert_eq!(pulse.verdict_at(&limits, 1_999 + stalled), Verdict::Fine);
        assert_eq!(pulse.verdict_at(&limits, 2_000 + stalled), Verdict::Cut);
    }

    #[test]
    fn a_client_that_takes_a_byte_now_and_then_is_cut_and_a_slow_one_is_not() {
        let limits = Limits::staff();
        let stalled = millis(limits.stalled);
        let (dripping, slow) = (Pulse::begin(), Pulse::begin());
        let _open = [dripping.request(), slow.request()];
        for pulse in [&dripping, &slow] {
            pulse.refused_at(0);
        }
        for second in 1..=stalled / 1_000 {
            dripping.took_at(1, second * 1_000);
            slow.took_at(LEAST_TAKEN / 20, second * 1_000);
        }
        assert_eq!(dripping.verdict_at(&limits, stalled), Verdict::Cut);
        assert_eq!(slow.verdict_at(&limits, stalled), Verdict::Fine);
    }

    #[test]
    fn an_answer_of_which_nothing_more_is_taken_ends_its_connection() {
        let limits = Limits::staff();
        let idle = millis(limits.idle);
        let pulse = Pulse::begin();
        let open = pulse.request();
        assert_eq!(pulse.verdict_at(&limits, idle * 10), Verdict::Fine);
        open.set_handed(false, true);
        pulse.went_on.store(1_000, Ordering::Relaxed);
        assert_eq!(pulse.verdict_at(&limits, 999 + idle), Verdict::Fine);
        assert_eq!(pulse.verdict_at(&limits, 1_000 + idle), Verdict::Cut);
        open.set_handed(true, false);
        assert_eq!(pulse.verdict_at(&limits, idle * 10), Verdict::Fine);
    }
}
