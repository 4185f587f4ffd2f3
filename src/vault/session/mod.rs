//! Turning a session cookie into an [`Actor`].
//!
//! Only the cookie's hash is stored. Sessions are held in memory as well: each
//! request asks for one, and a look that costs a query would double the price
//! of every page.

mod end;
mod keep;
mod lock;
mod start;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, RwLock};

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::vault::actor::{Actor, Grant, Origin, Person, Who};
use crate::vault::desk::DeskHash;
use crate::vault::holding::Holding;
use crate::vault::permission::OwnAccount;
use crate::vault::{Vault, hex};

/// How long a session lives without a new sign-in, in milliseconds: one shift.
pub const LIFETIME_MS: i64 = 12 * 60 * 60 * 1000;

/// After so many idle milliseconds the screen is locked, as delivered; the clinic
/// may say otherwise (SECURITY.md 5.4, `migrations/0025_sign_in_rules.sql`).
pub const IDLE_LOCK_MS: i64 = 5 * 60 * 1000;

/// After so many idle milliseconds the session is over.
pub const IDLE_END_MS: i64 = 30 * 60 * 1000;

/// How long a proof of who somebody is serves for what cannot lightly be taken
/// back, in milliseconds.
pub const PROOF_LASTS_MS: i64 = 10 * 60 * 1000;

/// The secret in a browser's session cookie.
pub struct SessionToken(String);

/// With how much somebody proved who they are when the session began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factors {
    /// The password alone, where the clinic asks for no more. What must never
    /// hang on a password is closed: [`Rights::guarded`].
    ///
    /// [`Rights::guarded`]: crate::vault::permission::Rights::guarded
    One,
    Two,
}

impl Factors {
    fn count(self) -> i64 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }

    fn counted(count: i64) -> Self {
        if count == 2 { Self::Two } else { Self::One }
    }
}

/// What a cookie turned out to be.
#[derive(Clone, Debug)]
pub enum Authenticated {
    Live(Actor),
    /// Idle for too long: only unlocking and signing out are open to it.
    Locked(Actor),
    /// Unknown, ended or expired.
    Nobody,
}

/// One of somebody's sign-ins, for the page that lists and ends them.
#[derive(Clone, Debug, serde::Serialize)]
pub struct SessionInfo {
    /// The first 8 hex digits of the cookie's hash.
    pub tag: String,
    pub started_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub ip: Option<String>,
    pub device: Option<String>,
}

#[derive(Default)]
pub(super) struct Sessions(pub(super) RwLock<HashMap<TokenHash, Session>>);

type TokenHash = [u8; 32];

pub(super) struct Session {
    pub(super) staff: StaffId,
    holding: Arc<Holding>,
    pub(super) factors: Factors,
    started_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) last_seen_ms: AtomicI64,
    written_ms: AtomicI64,
    /// When its owner last proved once more who they are; 0: never.
    proven_ms: AtomicI64,
    /// The browser it was started on.
    pub(super) desk: Option<DeskHash>,
    /// Locked until its owner opens it, whatever the clock says.
    pub(super) locked: AtomicBool,
    /// Whether it waits, locked, at a shared desk: see src/vault/desk.rs.
    pub(super) parked: AtomicBool,
    ip: Option<String>,
    device: Option<String>,
    pub(super) person: Arc<Person>,
}

impl Vault {
    /// Who a cookie belongs to. Counts as a sign of life unless it is locked.
    pub fn authenticate(&self, token: &SessionToken, origin: Origin) -> Authenticated {
        self.known(token, origin, true)
    }

    /// The same for what a page asks of its own accord: it does not keep a
    /// session from locking itself.
    pub fn recognise(&self, token: &SessionToken, origin: Origin) -> Authenticated {
        self.known(token, origin, false)
    }

    fn known(&self, token: &SessionToken, origin: Origin, is_alive: bool) -> Authenticated {
        let now = self.clock.now().unix_ms();
        let sessions = self.sessions.0.read().expect("no panic while it is held");
        let hash = token.hash();
        let Some(session) = sessions.get(&hash) else { return Authenticated::Nobody };
        if session.is_over(now) {
            return Authenticated::Nobody;
        }
        let origin = Origin { session: Some(tag(&hash)), ..origin };
        let person = Some(session.person.clone());
        let rights = session.holding.at(Timestamp::from_unix_ms(now), session.factors);
        let role = session.holding.role;
        let proven = now - session.proven_ms.load(Ordering::Relaxed) < PROOF_LASTS_MS;
        let who = Who::Staff(session.staff);
        let actor = Actor { who, role, rights, proven, origin, person };
        if session.locks_at(now) {
            return Authenticated::Locked(actor);
        }
        if is_alive {
            session.last_seen_ms.store(now, Ordering::Relaxed);
        }
        Authenticated::Live(actor)
    }

    /// One's own sign-ins, newest first.
    pub fn own_sessions(&self, grant: &Grant<OwnAccount>) -> Vec<SessionInfo> {
        let sessions = self.sessions.0.read().expect("no panic while it is held");
        let own = sessions.iter().filter(|(_, session)| Some(session.staff) == grant.staff());
        let mut found: Vec<_> = own
            .map(|(hash, session)| SessionInfo {
                tag: tag(hash),
                started_at: session.started_at,
                last_seen_at: Timestamp::from_unix_ms(session.last_seen_ms.load(Ordering::Relaxed)),
                ip: session.ip.clone(),
                device: session.device.clone(),
            })
            .collect();
        found.sort_by_key(|session| std::cmp::Reverse(session.started_at));
        found
    }
}

impl Session {
    /// Whether the screen is locked; once it is, it stays so until its owner
    /// opens it, also when the clinic gives itself more time.
    fn locks_at(&self, now: i64) -> bool {
        let idle = now - self.last_seen_ms.load(Ordering::Relaxed);
        if self.holding.idle_lock_ms <= idle {
            self.locked.store(true, Ordering::Relaxed);
        }
        self.locked.load(Ordering::Relaxed)
    }

    /// Whether it has run out, or nobody was there for too long.
    pub(super) fn is_over(&self, now: i64) -> bool {
        let idle = now - self.last_seen_ms.load(Ordering::Relaxed);
        let waits = self.parked.load(Ordering::Relaxed);
        self.expires_at.unix_ms() <= now || (IDLE_END_MS <= idle && !waits)
    }
}

impl SessionToken {
    pub fn from_cookie(value: &str) -> Self {
        Self(value.to_owned())
    }

    pub fn cookie_value(&self) -> &str {
        &self.0
    }

    fn generate() -> Self {
        let mut bytes = [0; 32];
        SystemRandom::new().fill(&mut bytes).expect("the operating system supplies random bytes");
        Self(hex(&bytes))
    }

    fn hash(&self) -> TokenHash {
        digest(&SHA256, self.0.as_bytes()).as_ref().try_into().expect("SHA-256 gives 32 bytes")
    }
}

fn tag(hash: &TokenHash) -> String {
    hex(&hash[..4])
}
