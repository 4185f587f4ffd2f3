//! Which addresses may be asked at all (SECURITY.md 7.4, SSRF).
//!
//! A gateway on this machine or in the clinic's network is named by its address.
//! A name is a gateway on the internet, so it has to lead there: one that leads
//! inside (a forgotten entry, DNS rebinding, somebody who means the router's
//! settings page) is not asked.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Where an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// This machine or a private network (RFC 1918, RFC 4193).
    Near,
    Public,
    /// Nobody's: link-local (where clouds keep their secrets), multicast, kept
    /// for documentation and the like (RFC 6890).
    Nowhere,
}

pub(crate) fn place(ip: IpAddr) -> Place {
    match ip.to_canonical() {
        IpAddr::V4(ip) if ip.is_loopback() || ip.is_private() => Place::Near,
        IpAddr::V4(ip) if is_nobodys(ip) => Place::Nowhere,
        IpAddr::V4(_) => Place::Public,
        IpAddr::V6(ip) if ip.is_loopback() || ip.is_unique_local() => Place::Near,
        // Of IPv6 only 2000::/3 is in use, and its 2001:db8::/32 is for books.
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            let is_public = first & 0xe000 == 0x2000 && (first, second) != (0x2001, 0x0db8);
            if is_public { Place::Public } else { Place::Nowhere }
        }
    }
}

fn is_nobodys(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && b & 0xfe == 18)
}

/// Looks names up in the system's resolver and keeps the public addresses.
pub(crate) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let kept = kept(name.as_str(), found);
            if kept.is_empty() {
                return Err(io::Error::other("the name leads to no public address").into());
            }
            let kept: Addrs = Box::new(kept.into_iter());
            Ok(kept)
        })
    }
}

pub(crate) fn kept(name: &str, found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let wanted = if name == "localhost" { Place::Near } else { Place::Public };
    found.filter(|address| place(address.ip()) == wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ip: &str) -> Place {
        place(ip.parse().unwrap())
    }

    #[test]
    fn each_address_is_near_public_or_nobodys() {
        for near in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "::1",
            "fd00::5",
            "::ffff:10.0.0.1",
        ] {
            assert_eq!(of(near), Place::Near, "{near}");
        }
        for public in ["185.62.188.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2a00:1450::5"] {
            assert_eq!(of(public), Place::Public, "{public}");
        }
        for nobodys in [
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "203.0.113.1",
            "::",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "64:ff9b::a00:1",
        ] {
            assert_eq!(of(nobodys), Place::Nowhere, "{nobodys}");
        }
    }

    #[test]
    fn a_name_leads_to_the_internet_or_nowhere() {
        let found = ["10.0.0.5:0", "169.254.169.254:0", "8.8.8.8:0"].map(|a| a.parse().unwrap());
        assert_eq!(kept("kannel.example", found.into_iter()), [found[2]]);
        assert_eq!(kept("router.lan", found[..2].iter().copied()), []);
        let own = ["127.0.0.1:0".parse().unwrap()];
        assert_eq!(kept("localhost", own.into_iter()), own);
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_asked() {
        // /etc/hosts of every Debian has it, for ::1.
        let name = "ip6-loopback".parse().unwrap();
        assert!(PublicOnly.resolve(name).await.is_err());
    }
}
