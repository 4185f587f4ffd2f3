//! How many connections there may be, and how long each stage may take.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Bytes. Slower than this for [`Limits::stalled`] is nobody who waits for a page.
pub(super) const LEAST_TAKEN: u64 = 16 * 1024;

/// Streams of one HTTP/2 connection that a client may have broken off before we
/// came to them, or broken by errors of its own, before the connection is ended
/// (CVE-2023-44487, CVE-2025-8671).
pub(super) const MOST_RESET: usize = 20;
pub(super) const MOST_ERRORS: usize = 100;

/// The limits of one listener.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one address (IPv6: from one /64).
    pub per_ip: usize,
    /// Whether `per_ip` does not count on the loopback: a reverse proxy there
    /// is one address for everybody.
    pub loopback_is_free: bool,
    /// From the connection to the end of the TLS handshake.
    pub handshake: Duration,
    /// From the handshake to the first whole request head.
    pub first_request: Duration,
    /// From the first byte of a request's head to its last (HTTP/1.1).
    pub head: Duration,
    /// Between requests.
    pub idle: Duration,
    /// How long a client may not take what we send it: in each such time it
    /// takes at least [`LEAST_TAKEN`] or all there is.
    pub stalled: Duration,
    /// Bytes of a request's head.
    pub head_bytes: usize,
    /// Requests at once in one connection (HTTP/2).
    pub streams: u32,
    /// For requests under way when the server stops.
    pub drain: Duration,
}

impl Limits {
    /// For the listener on the clinic's network.
    pub fn staff() -> Self {
        Self {
            connections: 512,
            per_ip: 32,
            loopback_is_free: true,
            handshake: Duration::from_secs(10),
            first_request: Duration::from_secs(10),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            stalled: Duration::from_secs(30),
            head_bytes: 16 * 1024,
            streams: 100,
            drain: Duration::from_secs(10),
        }
    }

    /// For the listener that strangers reach.
    pub fn public() -> Self {
        Self {
            connections: 64,
            handshake: Duration::from_secs(5),
            first_request: Duration::from_secs(5),
            head: Duration::from_secs(5),
            idle: Duration::from_secs(15),
            stalled: Duration::from_secs(10),
            streams: 32,
            ..Self::staff()
        }
    }

    /// How often a connection looks at its clocks.
    pub(super) fn tick(&self) -> Duration {
        let shortest = self.first_request.min(self.idle).min(self.stalled);
        (shortest / 4).clamp(Duration::from_millis(10), Duration::from_secs(1))
    }
}

/// Counts who is inside.
pub(super) struct Doors {
    inside: Arc<Mutex<HashMap<IpAddr, usize>>>,
    connections: usize,
    per_ip: usize,
    loopback_is_free: bool,
}

/// One who is inside, until dropped.
pub(super) struct Pass {
    inside: Arc<Mutex<HashMap<IpAddr, usize>>>,
    from: IpAddr,
}

impl Doors {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            inside: Arc::default(),
            connections: limits.connections,
            per_ip: limits.per_ip,
            loopback_is_free: limits.loopback_is_free,
        }
    }

    /// None when there is no room.
    pub(super) fn enter(&self, ip: IpAddr) -> Option<Pass> {
        let from = neighbourhood(ip);
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if inside.values().sum::<usize>() >= self.connections {
            return None;
        }
        let here = inside.entry(from).or_default();
        if *here >= self.per_ip && !(self.loopback_is_free && from.is_loopback()) {
            return None;
        }
        *here += 1;
        Some(Pass { inside: Arc::clone(&self.inside), from })
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = inside.get_mut(&self.from) {
            *here -= 1;
            if *here == 0 {
                inside.remove(&self.from);
            }
        }
    }
}

/// Whom an address counts as: an IPv6 client has a whole /64 to itself.
pub(in crate::web) fn neighbourhood(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) if !ip.is_loopback() => IpAddr::V6((ip.to_bits() >> 64 << 64).into()),
        ip => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_its_share_and_its_places_come_back() {
        let doors = Doors::new(&Limits { connections: 5, per_ip: 2, ..Limits::staff() });
        let [one, same_net, other] =
            ["fd00::1", "fd00::2", "10.0.0.1"].map(|ip| ip.parse::<IpAddr>().unwrap());
        let first = doors.enter(one).unwrap();
        let _second = doors.enter(same_net).unwrap();

        assert!(doors.enter(one).is_none());
        drop(first);
        assert!(doors.enter(one).is_some());
        let _third = doors.enter(other).unwrap();
        let free: Vec<_> =
            (0..10).map_while(|_| doors.enter("127.0.0.1".parse().unwrap())).collect();
        assert_eq!(free.len(), 3);
        assert!(doors.enter("10.0.0.2".parse().unwrap()).is_none());
    }
}
