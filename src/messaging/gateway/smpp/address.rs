//! Where a centre listens, and the connection to it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::messaging::gateway::{EndpointError, Trouble};
use crate::web::reach::{self, Place, place};

/// `smpps://` anywhere; `smpp://`, where password and texts can be read on
/// their way, on this machine or in the clinic's own network (and so through a
/// tunnel to the operator) only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    is_tls: bool,
}

/// Where centres usually listen.
const PORT: u16 = 2775;
const TLS_PORT: u16 = 3550;

/// Either kind of connection.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Address {
    /// # Errors
    /// Says which rule the address breaks.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let url = Url::parse(text.trim()).map_err(|_| EndpointError::NotAnAddress)?;
        let is_tls = match url.scheme() {
            "smpps" => true,
            "smpp" => false,
            _ => return Err(EndpointError::NotAnAddress),
        };
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err(EndpointError::NotAnAddress);
        }
        let place = host.parse::<IpAddr>().ok().map(place);
        let is_near = place == Some(Place::Near) || host == "localhost";
        let is_laden = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
            || !matches!(url.path(), "" | "/");
        match place {
            Some(Place::Nowhere) => Err(EndpointError::Nobodys),
            _ if is_laden => Err(EndpointError::Laden),
            _ if !is_tls && !is_near => Err(EndpointError::Plain),
            _ => {
                let port = url.port().unwrap_or(if is_tls { TLS_PORT } else { PORT });
                Ok(Self { host, port, is_tls })
            }
        }
    }

    /// # Errors
    /// Why nobody can be reached.
    pub async fn connect(
        &self,
        own_roots: Option<&RootCertStore>,
        patience: Duration,
    ) -> Result<Box<dyn Stream>, Trouble> {
        let connected = timeout(patience, self.open()).await;
        let tcp = connected.map_err(|_| Trouble::Unreachable)?.map_err(|_| Trouble::Unreachable)?;
        let _ = tcp.set_nodelay(true);
        if !self.is_tls {
            return Ok(Box::new(tcp));
        }
        let name = ServerName::try_from(self.host.clone()).map_err(|_| Trouble::WrongAddress)?;
        let connector = TlsConnector::from(Arc::new(tls(own_roots).ok_or(Trouble::WrongAddress)?));
        let secured = timeout(patience, connector.connect(name, tcp)).await;
        let secured = secured.map_err(|_| Trouble::Unreachable)?;
        Ok(Box::new(secured.map_err(|error| refused(&error))?))
    }

    async fn open(&self) -> io::Result<TcpStream> {
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await?;
        let kept: Vec<SocketAddr> = match self.host.parse::<IpAddr>() {
            Ok(_) => found.collect(),
            Err(_) => reach::kept(&self.host, found),
        };
        TcpStream::connect(kept.as_slice()).await
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.is_tls { "smpps" } else { "smpp" };
        let host = &self.host;
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{}", self.port)
        } else {
            write!(f, "{scheme}://{host}:{}", self.port)
        }
    }
}

/// What is wrong when the connection could not be secured.
fn refused(error: &io::Error) -> Trouble {
    let cause = error.get_ref().and_then(|it| it.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(_)) => Trouble::Untrusted,
        _ => Trouble::WrongAddress,
    }
}

/// With the roots that the system trusts, unless others are given.
fn tls(own_roots: Option<&RootCertStore>) -> Option<ClientConfig> {
    let roots = own_roots.cloned().unwrap_or_else(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    });
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Some(builder.ok()?.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_centre_is_reached_in_the_clear_in_the_clinics_network_only() {
        let said = |text: &str| Address::parse(text).map(|address| address.to_string());
        assert_eq!(said("smpp://10.0.0.5"), Ok("smpp://10.0.0.5:2775".to_owned()));
        assert_eq!(said("smpps://smpp.example.kz/"), Ok("smpps://smpp.example.kz:3550".to_owned()));
        assert_eq!(said("smpp://[::1]:9/"), Ok("smpp://[::1]:9".to_owned()));
        assert_eq!(said("smpp://smpp.example.kz"), Err(EndpointError::Plain));
        assert_eq!(said("smpp://8.8.8.8"), Err(EndpointError::Plain));
        assert_eq!(said("smpps://169.254.169.254"), Err(EndpointError::Nobodys));
        assert_eq!(said("smpps://me:pw@smpp.example.kz"), Err(EndpointError::Laden));
        assert_eq!(said("smpps://smpp.example.kz/path"), Err(EndpointError::Laden));
        for odd in ["", "smpp://", "http://10.0.0.5/", "10.0.0.5:2775"] {
            assert_eq!(said(odd), Err(EndpointError::NotAnAddress), "{odd}");
        }
    }
}
