//! An answer's body that says how its connection is doing.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::pulse::Open;

/// Keeps its request open to its end.
pub(super) struct OpenBody {
    body: Body,
    open: Open,
    /// Whether it is the client's turn: it has the head, or a piece, and has not
    /// made room for the next.
    handed: bool,
}

impl OpenBody {
    pub(super) fn new(body: Body, open: Open) -> Self {
        let mut body = Self { body, open, handed: false };
        body.set_handed(true);
        body
    }

    fn set_handed(&mut self, handed: bool) {
        self.open.set_handed(self.handed, handed);
        self.handed = handed;
    }
}

impl HttpBody for OpenBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        self.set_handed(matches!(polled, Poll::Ready(Some(Ok(_)))));
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for OpenBody {
    fn drop(&mut self) {
        self.set_handed(false);
    }
}
