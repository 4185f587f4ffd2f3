//! How fast one address may ask (SECURITY.md 7.3): a bucket for each address
//! and kind of request, by `governor`. What lies behind has limits of its own:
//! failures of an account (`access`), codes of a consent (`consents::otp`).

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::Clock;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::web::Problem;
use crate::web::server::neighbourhood;

/// After so many requests, addresses that have not asked for a while are
/// forgotten.
const SWEEP: u32 = 1024;

/// So many at once, and one more every so often.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub burst: NonZeroU32,
    pub refill: Duration,
}

impl Pace {
    /// # Panics
    /// When it would let nobody through.
    pub const fn new(burst: u32, refill: Duration) -> Self {
        let burst = NonZeroU32::new(burst).expect("somebody has to come through");
        Self { burst, refill }
    }

    fn quota(self) -> Quota {
        let one = Duration::from_nanos(1);
        let quota = Quota::with_period(self.refill.max(one)).expect("longer than nothing");
        quota.allow_burst(self.burst)
    }
}

/// The paces of one listener, for each address.
#[derive(Clone, Copy, Debug)]
pub struct Paces {
    /// Everything that is none of the following.
    pub pages: Pace,
    /// Files of the program and reports of a gateway: many, and cheap.
    pub light: Pace,
    /// Secrets to be looked at: each costs a tenth of a second and 64 MiB.
    pub secrets: Pace,
    /// Whether none of it counts on the loopback: a reverse proxy there is one
    /// address for everybody, and has to limit by itself.
    pub loopback_is_free: bool,
}

impl Paces {
    pub const fn staff() -> Self {
        Self {
            pages: Pace::new(300, Duration::from_millis(20)),
            light: Pace::new(600, Duration::from_millis(10)),
            secrets: Pace::new(30, Duration::from_secs(2)),
            loopback_is_free: true,
        }
    }

    /// 20 requests in 10 seconds.
    pub const fn public() -> Self {
        Self {
            pages: Pace::new(20, Duration::from_millis(500)),
            light: Pace::new(200, Duration::from_millis(20)),
            secrets: Pace::new(5, Duration::from_mins(1)),
            loopback_is_free: true,
        }
    }
}

/// What has been asked lately, by whom.
pub(super) struct Rates {
    pages: DefaultKeyedRateLimiter<IpAddr>,
    light: DefaultKeyedRateLimiter<IpAddr>,
    secrets: DefaultKeyedRateLimiter<IpAddr>,
    loopback_is_free: bool,
    asked: AtomicU32,
}

impl Rates {
    pub(super) fn new(paces: Paces) -> Arc<Self> {
        Arc::new(Self {
            pages: RateLimiter::keyed(paces.pages.quota()),
            light: RateLimiter::keyed(paces.light.quota()),
            secrets: RateLimiter::keyed(paces.secrets.quota()),
            loopback_is_free: paces.loopback_is_free,
            asked: AtomicU32::new(0),
        })
    }

    /// How long to wait; None when it may be asked now.
    fn wait(&self, method: &Method, path: &str, ip: IpAddr) -> Option<Duration> {
        if self.loopback_is_free && ip.to_canonical().is_loopback() {
            return None;
        }
        let limiter = match path {
            _ if is_light(path) => &self.light,
            _ if method == Method::POST && is_secret(path) => &self.secrets,
            _ => &self.pages,
        };
        self.sweep();
        let refused = limiter.check_key(&neighbourhood(ip)).err()?;
        Some(refused.wait_time_from(limiter.clock().now()))
    }

    fn sweep(&self) {
        if self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            for limiter in [&self.pages, &self.light, &self.secrets] {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
    }
}

/// Files of the program, and what machines tell: many, and cheap.
fn is_light(path: &str) -> bool {
    ["/static/", "/r/", "/hooks/", "/in/"].iter().any(|way| path.starts_with(way))
}

/// Where a password, a code or a tablet's number is given.
fn is_secret(path: &str) -> bool {
    ["/sign-in", "/unlock", "/prove", "/account/", "/tablet/join"]
        .iter()
        .any(|way| path.starts_with(way))
}

pub(super) async fn paced(
    State(rates): State<Arc<Rates>>,
    request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let wait = peer.and_then(|ConnectInfo(peer)| {
        rates.wait(request.method(), request.uri().path(), peer.ip())
    });
    match wait {
        None => next.run(request).await,
        Some(wait) => {
            let mut response = Problem::TooMany.into_response();
            let seconds = HeaderValue::from(wait.as_secs() + 1);
            response.headers_mut().insert(RETRY_AFTER, seconds);
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow() -> Paces {
        let hour = Duration::from_hours(1);
        Paces { pages: Pace::new(3, hour), secrets: Pace::new(1, hour), ..Paces::public() }
    }

    fn asked(rates: &Rates, method: &Method, path: &str, ip: &str) -> Option<Duration> {
        rates.wait(method, path, ip.parse().unwrap())
    }

    #[test]
    fn each_address_has_its_own_bucket_and_is_told_how_long_to_wait() {
        let rates = Rates::new(slow());
        for _ in 0..3 {
            assert_eq!(asked(&rates, &Method::GET, "/m/x", "203.0.113.7"), None);
        }
        let wait = asked(&rates, &Method::GET, "/m/x", "203.0.113.7").unwrap();
        assert!(wait > Duration::from_secs(3500), "{wait:?}");
        assert_eq!(asked(&rates, &Method::GET, "/m/x", "203.0.113.8"), None);
        // Other kinds have other buckets.
        assert_eq!(asked(&rates, &Method::GET, "/static/app.css", "203.0.113.7"), None);
        assert_eq!(asked(&rates, &Method::POST, "/sign-in", "203.0.113.7"), None);
        assert!(asked(&rates, &Method::POST, "/sign-in/code", "203.0.113.7").is_some());
    }

    #[test]
    fn one_net_of_ipv6_is_one_address() {
        let rates = Rates::new(slow());
        for last in 1..=3 {
            let ip = format!("2a00:1::{last}");
            assert_eq!(asked(&rates, &Method::GET, "/", &ip), None);
        }
        assert!(asked(&rates, &Method::GET, "/", "2a00:1::ffff").is_some());
        assert_eq!(asked(&rates, &Method::GET, "/", "2a00:1:0:1::1"), None);
    }

    #[test]
    fn those_who_asked_long_ago_take_no_memory() {
        let brief = Pace::new(1, Duration::from_nanos(1));
        let rates = Rates::new(Paces { pages: brief, ..slow() });
        for number in 0..4 * SWEEP {
            let ip = IpAddr::from(number.to_be_bytes());
            let _ = rates.wait(&Method::GET, "/", ip);
        }
        assert!(rates.pages.len() <= SWEEP as usize, "{}", rates.pages.len());
    }
}
