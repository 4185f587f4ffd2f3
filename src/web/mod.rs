//! Between HTTP and the capabilities: who asks, and how a refusal looks.

mod arrival;
mod chrome;
mod guard;
mod journal;
mod live;
mod local;
mod problem;
mod rail;
mod rates;
pub(crate) mod reach;
mod respond;
mod routes;
pub mod server;
mod statics;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::{COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use std::net::SocketAddr;

use crate::clinic::Clinic;
use crate::vault::permission::Permission;
use crate::vault::{Actor, Authenticated, Grant, Origin, SessionToken};

pub use chrome::{NavEntry, Navigation};
pub use guard::{Gate, framed_by, layers, public_layers};
pub use local::local_path;
pub use problem::{FieldErrors, Problem, ProblemPage};
pub use rail::RailView;
pub use rates::{Pace, Paces};
pub use respond::{Page, Toast, see_other, wants_fragment};
pub use routes::Routes;

/// The session cookie. The prefix makes browsers insist on `Secure` and `/`.
pub const SESSION_COOKIE: &str = "__Host-sid";

/// A handler that takes a `Grant<P>` runs only for those who hold `P`.
/// Refusals are in the ledger before the response leaves.
impl<P: Permission> FromRequestParts<Clinic> for Grant<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, clinic: &Clinic) -> Result<Self, Problem> {
        let actor = match authenticated(parts, clinic) {
            Authenticated::Live(actor) => actor,
            Authenticated::Locked(_) => return Err(Problem::Locked),
            Authenticated::Nobody => return Err(Problem::SignedOut),
        };
        match actor.grant() {
            Ok(grant) => Ok(grant),
            Err(denied) => {
                clinic.vault.record_denial(&actor, &denied).await?;
                Err(Problem::Denied(denied))
            }
        }
    }
}

/// Somebody who proved a short while ago, once more, who they are: what cannot
/// lightly be taken back asks for it. Others are sent to do so first.
pub struct Proven;

impl FromRequestParts<Clinic> for Proven {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, clinic: &Clinic) -> Result<Self, Problem> {
        match authenticated(parts, clinic) {
            Authenticated::Live(actor) if actor.is_proven() => Ok(Self),
            Authenticated::Live(_) => Err(Problem::ProofNeeded),
            Authenticated::Locked(_) => Err(Problem::Locked),
            Authenticated::Nobody => Err(Problem::SignedOut),
        }
    }
}

/// Somebody who need not be signed in: what is open to visitors.
pub struct Guest(pub Actor);

impl FromRequestParts<Clinic> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Clinic) -> Result<Self, Problem> {
        Ok(Self(Actor::visitor(origin(&parts.headers, &parts.extensions))))
    }
}

impl Guest {
    pub fn grant<P: Permission>(&self) -> Result<Grant<P>, Problem> {
        self.0.grant().map_err(Problem::Denied)
    }
}

impl FromRequestParts<Clinic> for SessionToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Clinic) -> Result<Self, Problem> {
        session_cookie(&parts.headers).ok_or(Problem::SignedOut)
    }
}

/// What belongs to every page of the staff listener.
pub fn routes() -> Routes {
    Routes::new().get("/rail", rail::rail)
}

/// Who the session cookie belongs to: asked of the vault once a request.
pub fn authenticated(parts: &mut Parts, clinic: &Clinic) -> Authenticated {
    if let Some(known) = parts.extensions.get::<Authenticated>() {
        return known.clone();
    }
    let found = match session_cookie(&parts.headers) {
        Some(token) => {
            let origin = origin(&parts.headers, &parts.extensions);
            if asks_by_itself(parts) {
                clinic.vault.recognise(&token, origin)
            } else {
                clinic.vault.authenticate(&token, origin)
            }
        }
        None => Authenticated::Nobody,
    };
    parts.extensions.insert(found.clone());
    found
}

/// Set by a page on what it asks of its own accord (`web/src/byitself.ts`).
const BY_ITSELF: &str = "x-by-itself";

/// By the clock, or because something changed: nobody need sit before the page.
/// Whoever leaves the mark out keeps their own session open, as any click does.
fn asks_by_itself(parts: &Parts) -> bool {
    parts.headers.contains_key(BY_ITSELF) || parts.uri.path() == "/live"
}

/// Where a request comes from.
pub fn origin(headers: &HeaderMap, extensions: &Extensions) -> Origin {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Origin {
        session: None,
        ip: peer.map(|ConnectInfo(address)| address.ip().to_canonical()),
        device: agent.map(device),
    }
}

/// What counts as one visitor's address: an IPv4 address, or the /64 of an IPv6 one.
pub fn network(ip: std::net::IpAddr) -> std::net::IpAddr {
    server::neighbourhood(ip)
}

/// The browser and system of a `User-Agent`, in a few words.
fn device(agent: &str) -> String {
    let first_of = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = first_of(&[
        ("Edg", "Edge"),
        ("YaBrowser", "Yandex"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first_of(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPad", "iPad"),
        ("iPhone", "iPhone"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    [browser, system].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// One cookie's value.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split("; "))
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn session_cookie(headers: &HeaderMap) -> Option<SessionToken> {
    cookie(headers, SESSION_COOKIE).map(SessionToken::from_cookie)
}
