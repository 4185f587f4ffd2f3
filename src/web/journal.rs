//! A line in the technical log for each request (SECURITY.md 8.3): method, the
//! route's pattern, status, time, the net it came from. Never the path itself
//! (it holds ids and whatever a stranger types), its query, a body, a name.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

pub(super) async fn noted(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let from = peer.map(|ConnectInfo(peer)| net(peer.ip()));
    let response = next.run(request).await;

    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let status = response.status();
    let from = from.as_deref().unwrap_or("-");
    let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status_code = status.as_u16();
    if is_worth_reading(status) {
        tracing::info!(%method, route, status = status_code, ms, net = from, "refused");
    } else {
        tracing::debug!(%method, route, status = status_code, ms, net = from, "answered");
    }
    response
}

/// Failures, and what only attackers and broken clients meet. (Wrong passwords
/// and refused permissions are in the ledger as well.)
fn is_worth_reading(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(status.as_u16(), 400 | 403 | 405 | 408 | 413 | 415 | 421 | 429)
}

/// An address without its last part: the /24 of IPv4, the /48 of IPv6.
fn net(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(ip) => {
            let [a, b, c, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_down_without_its_last_part() {
        let of = |ip: &str| net(ip.parse().unwrap());
        assert_eq!(of("203.0.113.77"), "203.0.113.0/24");
        assert_eq!(of("::ffff:203.0.113.77"), "203.0.113.0/24");
        assert_eq!(of("2a00:1:2:3::4"), "2a00:1:2::/48");
    }
}
