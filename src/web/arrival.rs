//! What a request must look like before anybody asks what it wants: it names
//! one host, which is ours, and its path holds nothing that two programs could
//! read differently (RFC 9112 3.2, RFC 9110 7.2; SECURITY.md 7.1).
//!
//! A page from elsewhere can make a browser send requests to an address in the
//! clinic's network under a name of its own (DNS rebinding). It cannot make the
//! browser say our name, so any other is answered with 421.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::clinic::{Clinic, Places};
use crate::web::Problem;

pub(super) async fn looked_at(
    State(clinic): State<Clinic>,
    request: Request,
    next: Next,
) -> Response {
    match fault(&request, &clinic.places) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}

fn fault(request: &Request, places: &Places) -> Option<Problem> {
    if !is_plain(request.uri().path()) {
        return Some(Problem::Malformed);
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let header = match (hosts.next().map(|host| host.to_str()), hosts.next()) {
        (Some(Err(_)), _) | (_, Some(_)) => return Some(Problem::Malformed),
        (host, None) => host.and_then(Result::ok),
    };
    let authority = request.uri().authority().map(Authority::as_str);
    if let (Some(header), Some(authority)) = (header, authority)
        && !header.eq_ignore_ascii_case(authority)
    {
        return Some(Problem::Malformed);
    }
    if let Some(host) = authority.or(header) {
        return (!is_ours(host, places)).then_some(Problem::UnknownHost);
    }
    // Nothing that came over a socket may leave it out.
    let socket = request.extensions().get::<ConnectInfo<SocketAddr>>();
    socket.map(|_| Problem::Malformed)
}

/// Without control characters and backslashes, also encoded, and with nothing
/// after a `%` but two hex digits.
fn is_plain(path: &str) -> bool {
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let letter = match (first, after) {
            (b'%', [high, low, ..]) => {
                rest = &after[2..];
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                let (Some(high), Some(low)) = (digit(high), digit(low)) else { return false };
                high * 16 + low
            }
            (b'%', _) => return false,
            (byte, _) => u32::from(*byte),
        };
        if letter < 0x20 || letter == 0x7f || letter == u32::from(b'\\') {
            return false;
        }
    }
    true
}

/// An address, this machine's own name for itself, or a name of the settings.
/// Addresses cannot be rebound: there is no name to point elsewhere.
fn is_ours(host: &str, places: &Places) -> bool {
    let name = without_port(host);
    let name = name.strip_suffix('.').unwrap_or(name);
    let literal = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    if literal.parse::<IpAddr>().is_ok() || name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let of_urls = [&places.staff_url, &places.public_url];
    let of_urls = of_urls.iter().filter_map(|url| Some(url.split_once("://")?.1)).map(without_port);
    of_urls
        .chain(places.names.iter().map(String::as_str))
        .any(|ours| name.eq_ignore_ascii_case(ours))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // The colons of an IPv6 address stand in brackets.
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use proptest::prelude::*;

    fn places() -> Places {
        Places {
            data_dir: std::path::PathBuf::new(),
            public_url: "https://arai.kz".to_owned(),
            staff_url: "https://crm.arai.kz:8443".to_owned(),
            names: vec!["Reception-PC".to_owned()],
        }
    }

    fn fault_of(uri: &str, hosts: &[&str]) -> Option<u16> {
        let mut request = Request::builder().uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let peer: SocketAddr = ([10, 0, 0, 9], 40_000).into();
        let request = request.extension(ConnectInfo(peer)).body(Body::empty()).unwrap();
        fault(&request, &places()).map(|problem| problem.status().as_u16())
    }

    #[test]
    fn a_request_is_answered_under_our_names_and_addresses_only() {
        for ours in [
            "arai.kz",
            "crm.arai.kz:8443",
            "CRM.ARAI.KZ",
            "reception-pc:8443",
            "reception-pc.",
            "localhost:8443",
            "192.168.1.10:8443",
            "[fd00::1]:8443",
            "[::1]",
        ] {
            assert_eq!(fault_of("/", &[ours]), None, "{ours}");
        }
        for foreign in ["evil.example", "arai.kz.evil.example", "xarai.kz", "", "arai.kz@evil"] {
            assert_eq!(fault_of("/", &[foreign]), Some(421), "{foreign}");
        }
    }

    #[test]
    fn a_request_names_its_host_once() {
        assert_eq!(fault_of("/", &[]), Some(400));
        assert_eq!(fault_of("/", &["arai.kz", "arai.kz"]), Some(400));
        assert_eq!(fault_of("https://arai.kz/", &["arai.kz"]), None);
        assert_eq!(fault_of("https://arai.kz/", &["localhost"]), Some(400));
        assert_eq!(fault_of("https://evil.example/", &["evil.example"]), Some(421));
    }

    #[test]
    fn a_path_holds_nothing_that_can_be_read_in_two_ways() {
        for odd in ["/a%00", "/a%0d%0aSet-Cookie:x", "/%5c..", "/%", "/%4", "/%zz", "/a%7F", "/%1b"]
        {
            assert_eq!(fault_of(odd, &["arai.kz"]), Some(400), "{odd}");
        }
        for fine in ["/", "//", "/..", "/%2e%2e/", "/static/a-1.css", "/%D0%90"] {
            assert_eq!(fault_of(fine, &["arai.kz"]), None, "{fine}");
        }
    }

    proptest! {
        #[test]
        fn no_host_makes_it_stumble(host in "\\PC{0,40}", path in "\\PC{0,40}") {
            let _ = is_ours(&host, &places());
            let _ = is_plain(&path);
        }
    }
}
