//! A router that remembers what it was told, so that tests can walk it.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{get, post};

use tower::limit::ConcurrencyLimitLayer;

use crate::clinic::Clinic;

/// Uploads of one route at once (SECURITY.md 7.3).
const UPLOADS: usize = 4;

/// The routes of a capability, or of all of them together.
///
/// `tests/suite/doors.rs` asks each one for entry as every role and as a stranger.
#[derive(Default)]
pub struct Routes {
    router: Router<Clinic>,
    listing: Vec<(Method, &'static str)>,
}

impl Routes {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn get<H: Handler<T, Clinic>, T: 'static>(
        mut self,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.router = self.router.route(path, get(handler));
        self.listing.push((Method::GET, path));
        self
    }

    #[must_use]
    pub fn post<H: Handler<T, Clinic>, T: 'static>(
        mut self,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.router = self.router.route(path, post(handler));
        self.listing.push((Method::POST, path));
        self
    }

    /// A POST that takes files of up to so many bytes; a few at once, so that
    /// what waits in memory stays small.
    #[must_use]
    pub fn upload<H: Handler<T, Clinic>, T: 'static>(
        mut self,
        path: &'static str,
        limit: usize,
        handler: H,
    ) -> Self {
        let layers = (ConcurrencyLimitLayer::new(UPLOADS), DefaultBodyLimit::max(limit));
        let limited = post(handler).layer(layers);
        self.router = self.router.route(path, limited);
        self.listing.push((Method::POST, path));
        self
    }

    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.listing.extend(other.listing);
        self
    }

    pub fn listing(&self) -> &[(Method, &'static str)] {
        &self.listing
    }

    pub fn into_router(self) -> Router<Clinic> {
        self.router
    }
}
