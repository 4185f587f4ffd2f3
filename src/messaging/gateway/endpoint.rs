//! Where a gateway listens.

use std::net::IpAddr;

use reqwest::Url;

use crate::web::reach::{Place, place};

/// The address of a gateway: `https` anywhere, plain `http` on this machine or
/// in the clinic's own network only, because the password and the text travel
/// in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    #[error("this is not a web address")]
    NotAnAddress,
    #[error("outside the clinic's own network the address must begin with https://")]
    Plain,
    #[error("the address must not hold a password or parameters")]
    Laden,
    #[error("no gateway can have this address")]
    Nobodys,
}

impl Endpoint {
    /// # Errors
    /// Says which rule the address breaks.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let url = Url::parse(text.trim()).map_err(|_| EndpointError::NotAnAddress)?;
        let host = url.host_str().ok_or(EndpointError::NotAnAddress)?;
        let place = literal(host).map(place);
        let is_near = place == Some(Place::Near) || host == "localhost";
        match url.scheme() {
            "http" | "https" if place == Some(Place::Nowhere) => {
                return Err(EndpointError::Nobodys);
            }
            "https" => {}
            "http" if is_near => {}
            "http" => return Err(EndpointError::Plain),
            _ => return Err(EndpointError::NotAnAddress),
        }
        let laden = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
            // A password written after one slash too many is read as a path.
            || url.path().contains('@');
        if laden { Err(EndpointError::Laden) } else { Ok(Self(url)) }
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }

    /// The address of something below this one.
    pub(super) fn below(&self, path: &str) -> Url {
        let base = self.0.path().trim_end_matches('/').to_owned();
        self.join(&format!("{base}/{path}"))
    }

    /// The address of a file beside or below this one.
    pub(super) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }
}

/// None when the host is a name.
fn literal(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_in_the_clinic() {
        for near in
            ["http://127.0.0.1:13013/cgi-bin/sendsms", "http://192.168.1.5/", "http://[::1]/"]
        {
            assert!(Endpoint::parse(near).is_ok(), "{near}");
        }
        for far in ["http://smsc.kz/", "http://8.8.8.8/", "http://kannel.example/"] {
            assert_eq!(Endpoint::parse(far), Err(EndpointError::Plain), "{far}");
        }
        assert!(Endpoint::parse("https://smsc.kz/").is_ok());
    }

    #[test]
    fn an_address_holds_no_secrets_and_no_surprises() {
        for laden in [
            "https://me:pw@smsc.kz/",
            "https://smsc.kz/me:pw@smsc.kz/",
            "https://smsc.kz/?psw=1",
            "https://smsc.kz/#a",
        ] {
            assert_eq!(Endpoint::parse(laden), Err(EndpointError::Laden), "{laden}");
        }
        for odd in ["", "smsc.kz", "ftp://smsc.kz/", "file:///etc/passwd", "javascript:1"] {
            assert_eq!(Endpoint::parse(odd), Err(EndpointError::NotAnAddress), "{odd}");
        }
    }

    #[test]
    fn no_gateway_is_where_clouds_keep_their_secrets() {
        for nobodys in [
            "http://169.254.169.254/latest/",
            "https://169.254.169.254/",
            "https://0.0.0.0/",
            "http://[fe80::1]/",
        ] {
            assert_eq!(Endpoint::parse(nobodys), Err(EndpointError::Nobodys), "{nobodys}");
        }
        // Other ways to write an address are read before they are judged.
        for other in ["http://0xa9fea9fe/", "http://2852039166/", "http://0251.0376.0251.0376/"] {
            assert_eq!(Endpoint::parse(other), Err(EndpointError::Nobodys), "{other}");
        }
        assert!(Endpoint::parse("http://0x7f000001/").unwrap().as_str().contains("127.0.0.1"));
    }
}
