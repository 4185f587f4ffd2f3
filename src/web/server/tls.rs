//! The TLS side of a listener, with a certificate that can be replaced.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};

use crate::crypto::Leaf;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the certificate and its key cannot be used: {0}")]
pub struct TlsError(#[from] rustls::Error);

/// The certificate of a listener. Connections that are open keep the one they
/// began with.
pub struct Certificate(RwLock<Arc<CertifiedKey>>);

impl Certificate {
    pub fn new(leaf: Leaf) -> Result<Self, TlsError> {
        certified(leaf).map(|key| Self(RwLock::new(key)))
    }

    /// # Errors
    /// When the new one cannot be used; the old one stays.
    pub fn replace(&self, leaf: Leaf) -> Result<(), TlsError> {
        let key = certified(leaf)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = key;
        Ok(())
    }

    fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate")
    }
}

/// TLS 1.3 and 1.2 with ring, HTTP/2 before HTTP/1.1, session tickets, no
/// early data (a replayed request would be a second booking).
pub(super) fn config(certificate: Arc<Certificate>) -> Arc<ServerConfig> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .expect("ring has cipher suites for both versions")
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    // All suites are sound; ours come strongest first.
    config.ignore_client_order = true;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    if let Ok(ticketer) = ring::Ticketer::new() {
        config.ticketer = ticketer;
    }
    Arc::new(config)
}

fn certified(leaf: Leaf) -> Result<Arc<CertifiedKey>, TlsError> {
    let key = CertifiedKey::from_der(leaf.chain, leaf.key, &ring::default_provider())?;
    Ok(Arc::new(key))
}
