//! One request to a gateway, one answer or the knowledge of having none.
//!
//! Addresses are never logged and never part of an error: a gateway's protocol
//! may put the password and the text into them.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode, Url, redirect, retry};

use crate::web::reach::PublicOnly;

/// Longer answers are not answers of a gateway.
const LARGEST_ANSWER: usize = 1024 * 1024;

#[derive(Clone)]
pub struct Http(Client);

pub struct Answer {
    pub status: StatusCode,
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nothing left this machine.
    NotSent,
    /// The request left, and was not answered, or not in full.
    Lost,
}

impl Http {
    pub fn new() -> Self {
        Self::with_timeout(Duration::from_secs(10))
    }

    /// Connecting takes at most half of it, so that a time-out later means the
    /// request had left.
    pub fn with_timeout(timeout: Duration) -> Self {
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        // A second call finds it set: the same one.
        let _ = rustls::crypto::CryptoProvider::install_default(Arc::unwrap_or_clone(ring));
        let client = Client::builder()
            .user_agent("Tirkeu")
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .dns_resolver(Arc::new(PublicOnly))
            .pool_max_idle_per_host(0)
            .connect_timeout(timeout / 2)
            .timeout(timeout)
            .build()
            .expect("the options above fit together");
        Self(client)
    }

    pub fn get(&self, url: Url) -> RequestBuilder {
        self.0.request(Method::GET, url)
    }

    pub fn post(&self, url: Url) -> RequestBuilder {
        self.0.request(Method::POST, url)
    }
}

/// Sends the request and reads all of its answer.
pub async fn fetch(request: RequestBuilder) -> Result<Answer, Silence> {
    let mut response = request.send().await.map_err(|error| {
        if error.is_connect() || error.is_builder() { Silence::NotSent } else { Silence::Lost }
    })?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Silence::Lost)? {
        body.extend_from_slice(&chunk);
        if LARGEST_ANSWER < body.len() {
            return Err(Silence::Lost);
        }
    }
    Ok(Answer { status, body })
}
