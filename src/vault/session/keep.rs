//! Sessions in memory and in the database: read at the start, kept alike while
//! the server runs.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, RwLock};

use sqlx::sqlite::SqlitePool;

use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::vault::actor::{Grant, Person};
use crate::vault::holding::Holding;
use crate::vault::permission::GiveRights;
use crate::vault::session::{Factors, IDLE_END_MS, Session, Sessions, TokenHash};
use crate::vault::{Vault, VaultError};

/// How often a session's last look is written down, in milliseconds.
const LAST_SEEN_STEP_MS: i64 = 60 * 1000;

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
    factors: i64,
    locked_at: Option<Timestamp>,
    #[sqlx(flatten)]
    person: Person,
}

const LOAD: &str = "
    SELECT token_hash, staff_id, started_at, last_seen_at, expires_at, ip, device,
           desk_hash, factors, locked_at, staff.login, staff.name, staff.language
    FROM session JOIN staff ON staff.id = session.staff_id
    WHERE staff.left_at IS NULL";

const SEEN: &str = "UPDATE session SET last_seen_at = ?2 WHERE token_hash = ?1";

const END_EXPIRED: &str = "DELETE FROM session WHERE expires_at <= ?1 OR last_seen_at <= ?2";

impl Vault {
    /// Somebody's rights or the rules of signing in were changed: whoever is
    /// signed in has them at once. A screen that was locked stays so.
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
                session.locks_at(now.unix_ms());
                session.holding.clone_from(holding.as_ref().expect("retained"));
            }
        }
        Ok(())
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

impl Sessions {
    pub(in crate::vault) async fn load(
        readers: &SqlitePool,
        now: Timestamp,
    ) -> Result<Self, VaultError> {
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
                factors: Factors::counted(row.factors),
                started_at: row.started_at,
                expires_at: row.expires_at,
                last_seen_ms: AtomicI64::new(seen),
                written_ms: AtomicI64::new(seen),
                proven_ms: AtomicI64::new(0),
                desk: row.desk_hash.and_then(|hash| hash.try_into().ok()),
                locked: AtomicBool::new(row.locked_at.is_some()),
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
