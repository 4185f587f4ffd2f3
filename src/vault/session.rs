//! Turning a session cookie into an [`Actor`].
//!
//! Only the cookie's hash is stored. Sessions are held in memory as well: each
//! request asks for one, and a look that costs a query would double the price
//! of every page.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, RwLock};

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use sqlx::sqlite::SqlitePool;

use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::vault::actor::{Actor, Grant, Origin, Person, Who};
use crate::vault::desk::DeskHash;
use crate::vault::event::{Event, Subject};
use crate::vault::holding::Holding;
use crate::vault::permission::{GiveRights, ManageStaff, OwnAccount, Permission, SignIn};
use crate::vault::{Vault, VaultError, hex};

/// How long a session lives without a new sign-in, in milliseconds: one shift.
pub const LIFETIME_MS: i64 = 12 * 60 * 60 * 1000;

/// After so many idle milliseconds the screen is locked (SECURITY.md 5.4).
pub const IDLE_LOCK_MS: i64 = 5 * 60 * 1000;

/// After so many idle milliseconds the session is over.
pub const IDLE_END_MS: i64 = 30 * 60 * 1000;

/// How long a proof of who somebody is serves for what cannot lightly be taken
/// back, in milliseconds.
pub const PROOF_LASTS_MS: i64 = 10 * 60 * 1000;

/// How often a session's last look is written down, in milliseconds.
const LAST_SEEN_STEP_MS: i64 = 60 * 1000;

/// The secret in a browser's session cookie.
pub struct SessionToken(String);

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
    started_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) last_seen_ms: AtomicI64,
    written_ms: AtomicI64,
    /// When its owner last proved once more who they are; 0: never.
    proven_ms: AtomicI64,
    /// The browser it was started on.
    pub(super) desk: Option<DeskHash>,
    /// Whether it waits, locked, at a shared desk: see src/vault/desk.rs.
    pub(super) parked: AtomicBool,
    ip: Option<String>,
    device: Option<String>,
    pub(super) person: Arc<Person>,
}

#[derive(sqlx::FromRow)]
struct StoredSession {
    token_hash: Vec<u8>,
    staff_id: StaffId,
    started_at: Timestamp,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    ip: Option<String>,
    device: Option<String>,
    desk_hash: Option<Vec<u8>>,
    #[sqlx(flatten)]
    person: Person,
}

const LOAD: &str = "
    SELECT token_hash, staff_id, started_at, last_seen_at, expires_at, ip, device,
           desk_hash, staff.login, staff.name, staff.language
    FROM session JOIN staff ON staff.id = session.staff_id
    WHERE staff.left_at IS NULL";

const PERSON: &str = "
    SELECT login, name, language FROM staff WHERE id = ?1 AND left_at IS NULL";

const INSERT: &str = "
    INSERT INTO session (token_hash, staff_id, started_at, last_seen_at, expires_at, ip, device,
                         desk_hash)
    VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7)";

const SEEN: &str = "UPDATE session SET last_seen_at = ?2 WHERE token_hash = ?1";

const END: &str = "DELETE FROM session WHERE token_hash = ?1";

const END_ALL: &str = "DELETE FROM session WHERE staff_id = ?1";

const END_EXPIRED: &str = "DELETE FROM session WHERE expires_at <= ?1 OR last_seen_at <= ?2";

impl Vault {
    /// Who a cookie belongs to. Counts as a sign of life unless it is locked.
    pub fn authenticate(&self, token: &SessionToken, origin: Origin) -> Authenticated {
        let now = self.clock.now().unix_ms();
        let sessions = self.sessions.0.read().expect("no panic while it is held");
        let hash = token.hash();
        let Some(session) = sessions.get(&hash) else { return Authenticated::Nobody };
        let idle = now - session.last_seen_ms.load(Ordering::Relaxed);
        if session.is_over(now) {
            return Authenticated::Nobody;
        }
        let origin = Origin { session: Some(tag(&hash)), ..origin };
        let person = Some(session.person.clone());
        let rights = session.holding.at(Timestamp::from_unix_ms(now));
        let role = session.holding.role;
        let proven = now - session.proven_ms.load(Ordering::Relaxed) < PROOF_LASTS_MS;
        let who = Who::Staff(session.staff);
        let actor = Actor { who, role, rights, proven, origin, person };
        if IDLE_LOCK_MS <= idle {
            return Authenticated::Locked(actor);
        }
        session.last_seen_ms.store(now, Ordering::Relaxed);
        Authenticated::Live(actor)
    }

    /// Signs somebody in who has just proven who they are.
    pub(crate) async fn start_session(
        &self,
        grant: &Grant<SignIn>,
        staff: StaffId,
        desk: Option<DeskHash>,
    ) -> Result<SessionToken, VaultError> {
        let until = self.clock.now().plus_ms(LIFETIME_MS);
        self.start_session_until(grant, staff, desk, until).await
    }

    /// As [`start_session`](Self::start_session), and over by then at the latest.
    pub(super) async fn start_session_until(
        &self,
        grant: &Grant<SignIn>,
        staff: StaffId,
        desk: Option<DeskHash>,
        expires_at: Timestamp,
    ) -> Result<SessionToken, VaultError> {
        let token = SessionToken::generate();
        let hash = token.hash();
        let now = self.clock.now();
        let origin = Origin { session: Some(tag(&hash)), ..grant.actor.origin.clone() };
        let person: Option<Person> =
            sqlx::query_as(PERSON).bind(staff).fetch_optional(&self.readers).await?;
        let person = Arc::new(person.ok_or(VaultError::NotStaff)?);
        let holding = Holding::of(&self.readers, staff, now).await?.ok_or(VaultError::NotStaff)?;
        let (role, rights, holding) = (holding.role, holding.at(now), Arc::new(holding));
        let (who, proven) = (Who::Staff(staff), false);
        let actor = Actor { who, role, rights, proven, origin, person: Some(person.clone()) };
        let (ip, device) = (actor.origin.ip.map(|ip| ip.to_string()), actor.origin.device.clone());
        let own: Grant<OwnAccount> = actor.grant().map_err(|_| VaultError::NotStaff)?;
        self.change(&own, async |tx| {
            let query = sqlx::query(INSERT).bind(hash.as_slice()).bind(staff).bind(now);
            let query = query.bind(expires_at).bind(&ip).bind(&device);
            query.bind(desk.map(Vec::from)).execute(tx.sql()).await?;
            Ok::<_, VaultError>(((), Event::new("session.started", Subject::Clinic)))
        })
        .await?;
        let session = Session {
            staff,
            holding,
            started_at: now,
            expires_at,
            last_seen_ms: AtomicI64::new(now.unix_ms()),
            written_ms: AtomicI64::new(now.unix_ms()),
            proven_ms: AtomicI64::new(0),
            desk,
            parked: AtomicBool::new(false),
            ip,
            device,
            person,
        };
        self.sessions.0.write().expect("no panic while it is held").insert(hash, session);
        Ok(token)
    }

    /// Opens a locked session again, for its owner who gave the password anew.
    pub(crate) async fn unlock_session(
        &self,
        grant: &Grant<SignIn>,
        token: &SessionToken,
    ) -> Result<(), VaultError> {
        let event = Event::new("session.unlocked", Subject::Clinic);
        self.record(grant, event).await?;
        let now = self.clock.now().unix_ms();
        let sessions = self.sessions.0.read().expect("no panic while it is held");
        if let Some(session) = sessions.get(&token.hash()) {
            session.parked.store(false, Ordering::Relaxed);
            session.last_seen_ms.store(now, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Drops a session whose cookie was replaced.
    pub(super) async fn forget_session(
        &self,
        grant: &Grant<SignIn>,
        staff: StaffId,
        hash: [u8; 32],
    ) -> Result<(), VaultError> {
        self.change(grant, async |tx| {
            sqlx::query(END).bind(hash.as_slice()).execute(tx.sql()).await?;
            let event = Event::new("session.switched", Subject::Clinic).on("staff", staff);
            Ok::<_, VaultError>(((), event))
        })
        .await?;
        self.sessions.0.write().expect("no panic while it is held").remove(&hash);
        Ok(())
    }

    /// Counts its owner as proven from now on, for a while.
    pub(crate) fn mark_proven(&self, token: &SessionToken) {
        let now = self.clock.now().unix_ms();
        let sessions = self.sessions.0.read().expect("no panic while it is held");
        if let Some(session) = sessions.get(&token.hash()) {
            session.proven_ms.store(now, Ordering::Relaxed);
        }
    }

    /// Signs out one of one's own sessions, by its tag. False when there is none.
    pub async fn end_own_session(
        &self,
        grant: &Grant<OwnAccount>,
        session_tag: &str,
    ) -> Result<bool, VaultError> {
        let found = {
            let sessions = self.sessions.0.read().expect("no panic while it is held");
            let own = sessions.iter().filter(|(_, session)| Some(session.staff) == grant.staff());
            own.map(|(hash, _)| *hash).find(|hash| tag(hash) == session_tag)
        };
        let Some(hash) = found else { return Ok(false) };
        self.end_by_hash(grant, hash).await?;
        Ok(true)
    }

    async fn end_by_hash(
        &self,
        grant: &Grant<OwnAccount>,
        hash: TokenHash,
    ) -> Result<(), VaultError> {
        self.change(grant, async |tx| {
            sqlx::query(END).bind(hash.as_slice()).execute(tx.sql()).await?;
            Ok::<_, VaultError>(((), Event::new("session.ended", Subject::Clinic)))
        })
        .await?;
        self.sessions.0.write().expect("no panic while it is held").remove(&hash);
        Ok(())
    }

    /// Locks the screen at once.
    pub(crate) async fn lock_session(
        &self,
        grant: &Grant<OwnAccount>,
        token: &SessionToken,
    ) -> Result<(), VaultError> {
        self.record(grant, Event::new("session.locked", Subject::Clinic)).await?;
        let locked = self.clock.now().unix_ms() - IDLE_LOCK_MS;
        let sessions = self.sessions.0.read().expect("no panic while it is held");
        if let Some(session) = sessions.get(&token.hash()) {
            session.last_seen_ms.store(locked, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Signs out here.
    pub async fn end_session(
        &self,
        grant: &Grant<OwnAccount>,
        token: &SessionToken,
    ) -> Result<(), VaultError> {
        self.end_by_hash(grant, token.hash()).await
    }

    /// Signs out everywhere.
    pub async fn end_own_sessions(&self, grant: &Grant<OwnAccount>) -> Result<(), VaultError> {
        let staff = grant.staff().ok_or(VaultError::NotStaff)?;
        self.end_all(grant, staff).await
    }

    /// Throws somebody out everywhere: they left, or their password was reset.
    pub async fn end_sessions_of(
        &self,
        grant: &Grant<ManageStaff>,
        staff: StaffId,
    ) -> Result<(), VaultError> {
        self.end_all(grant, staff).await
    }

    /// Somebody's rights were changed: whoever is signed in has them at once.
    pub async fn rights_changed(&self, _grant: &Grant<GiveRights>) -> Result<(), VaultError> {
        let now = self.clock.now();
        let staff: HashSet<StaffId> = {
            let sessions = self.sessions.0.read().expect("no panic while it is held");
            sessions.values().map(|session| session.staff).collect()
        };
        for staff in staff {
            let holding = Holding::of(&self.readers, staff, now).await?.map(Arc::new);
            let mut sessions = self.sessions.0.write().expect("no panic while it is held");
            sessions.retain(|_, session| session.staff != staff || holding.is_some());
            for session in sessions.values_mut().filter(|session| session.staff == staff) {
                session.holding.clone_from(holding.as_ref().expect("retained"));
            }
        }
        Ok(())
    }

    async fn end_all<P: Permission>(
        &self,
        grant: &Grant<P>,
        staff: StaffId,
    ) -> Result<(), VaultError> {
        self.change(grant, async |tx| {
            sqlx::query(END_ALL).bind(staff).execute(tx.sql()).await?;
            let event = Event::new("session.all_ended", Subject::Clinic).on("staff", staff);
            Ok::<_, VaultError>(((), event))
        })
        .await?;
        let mut sessions = self.sessions.0.write().expect("no panic while it is held");
        sessions.retain(|_, session| session.staff != staff);
        Ok(())
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

    /// Writes down when sessions were last alive, and forgets those that are
    /// over. Runs once a minute.
    pub async fn tend_sessions(&self) -> Result<(), VaultError> {
        let now = self.clock.now();
        let idle_limit = now.unix_ms() - IDLE_END_MS;
        let mut alive = Vec::new();
        let forgotten;
        {
            let mut sessions = self.sessions.0.write().expect("no panic while it is held");
            let before = sessions.len();
            sessions.retain(|_, session| !session.is_over(now.unix_ms()));
            forgotten = before - sessions.len();
            for (hash, session) in sessions.iter() {
                let seen = session.last_seen_ms.load(Ordering::Relaxed);
                if LAST_SEEN_STEP_MS <= seen - session.written_ms.load(Ordering::Relaxed) {
                    session.written_ms.store(seen, Ordering::Relaxed);
                    alive.push((*hash, seen));
                }
            }
        }
        // A commit empties every reader's cache: none for nothing.
        if alive.is_empty() && forgotten == 0 {
            return Ok(());
        }
        let mut open = self.writer.begin().await?;
        for (hash, seen) in alive {
            let query = sqlx::query(SEEN).bind(hash.as_slice()).bind(seen);
            query.execute(open.connection()).await?;
        }
        let query = sqlx::query(END_EXPIRED).bind(now).bind(idle_limit);
        query.execute(open.connection()).await?;
        open.keep(Vec::new()).await?.committed().await
    }
}

impl Session {
    /// Whether it has run out, or nobody was there for too long.
    pub(super) fn is_over(&self, now: i64) -> bool {
        let idle = now - self.last_seen_ms.load(Ordering::Relaxed);
        let waits = self.parked.load(Ordering::Relaxed);
        self.expires_at.unix_ms() <= now || (IDLE_END_MS <= idle && !waits)
    }
}

impl Sessions {
    pub(super) async fn load(readers: &SqlitePool, now: Timestamp) -> Result<Self, VaultError> {
        let stored: Vec<StoredSession> = sqlx::query_as(LOAD).fetch_all(readers).await?;
        let mut holdings = HashMap::new();
        for row in &stored {
            if let Some(holding) = Holding::of(readers, row.staff_id, now).await? {
                holdings.insert(row.staff_id, Arc::new(holding));
            }
        }
        let sessions = stored.into_iter().filter_map(|row| {
            let hash: TokenHash = row.token_hash.try_into().ok()?;
            let seen = row.last_seen_at.unix_ms();
            let session = Session {
                staff: row.staff_id,
                holding: holdings.get(&row.staff_id)?.clone(),
                started_at: row.started_at,
                expires_at: row.expires_at,
                last_seen_ms: AtomicI64::new(seen),
                written_ms: AtomicI64::new(seen),
                proven_ms: AtomicI64::new(0),
                desk: row.desk_hash.and_then(|hash| hash.try_into().ok()),
                // Whoever waited at a desk when the server was restarted signs in anew.
                parked: AtomicBool::new(false),
                ip: row.ip,
                device: row.device,
                person: Arc::new(row.person),
            };
            Some((hash, session))
        });
        Ok(Self(RwLock::new(sessions.collect())))
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
