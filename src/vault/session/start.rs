//! A session begins: under a cookie of its own, in the database and in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::vault::actor::{Actor, Grant, Origin, Person, Who};
use crate::vault::desk::DeskHash;
use crate::vault::event::{Event, Subject};
use crate::vault::holding::Holding;
use crate::vault::permission::{OwnAccount, Permission, SignIn};
use crate::vault::session::{Factors, LIFETIME_MS, Session, SessionToken, tag};
use crate::vault::{Vault, VaultError};

const PERSON: &str = "
    SELECT login, name, language FROM staff WHERE id = ?1 AND left_at IS NULL";

const INSERT: &str = "
    INSERT INTO session (token_hash, staff_id, started_at, last_seen_at, expires_at, ip, device,
                         desk_hash, factors)
    VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8)";

impl Vault {
    /// Signs somebody in who has just proven who they are, with so many factors.
    pub(crate) async fn start_session(
        &self,
        grant: &Grant<SignIn>,
        staff: StaffId,
        desk: Option<DeskHash>,
        factors: Factors,
    ) -> Result<SessionToken, VaultError> {
        let until = self.clock.now().plus_ms(LIFETIME_MS);
        self.start_session_until(grant, staff, desk, (factors, until)).await
    }

    /// As [`start_session`](Self::start_session), and over by then at the latest.
    pub(in crate::vault) async fn start_session_until(
        &self,
        grant: &Grant<SignIn>,
        staff: StaffId,
        desk: Option<DeskHash>,
        (factors, expires_at): (Factors, Timestamp),
    ) -> Result<SessionToken, VaultError> {
        let token = SessionToken::generate();
        let hash = token.hash();
        let now = self.clock.now();
        let origin = Origin { session: Some(tag(&hash)), ..grant.actor.origin.clone() };
        let person: Option<Person> =
            sqlx::query_as(PERSON).bind(staff).fetch_optional(&self.readers).await?;
        let person = Arc::new(person.ok_or(VaultError::NotStaff)?);
        let holding = Holding::of(&self.readers, staff, now).await?.ok_or(VaultError::NotStaff)?;
        let (role, rights, holding) = (holding.role, holding.at(now, factors), Arc::new(holding));
        let (who, proven) = (Who::Staff(staff), false);
        let actor = Actor { who, role, rights, proven, origin, person: Some(person.clone()) };
        let (ip, device) = (actor.origin.ip.map(|ip| ip.to_string()), actor.origin.device.clone());
        let own: Grant<OwnAccount> = actor.grant().map_err(|_| VaultError::NotStaff)?;
        self.change(&own, async |tx| {
            let query = sqlx::query(INSERT).bind(hash.as_slice()).bind(staff).bind(now);
            let query = query.bind(expires_at).bind(&ip).bind(&device);
            let query = query.bind(desk.map(Vec::from)).bind(factors.count());
            query.execute(tx.sql()).await?;
            Ok::<_, VaultError>(((), Event::new("session.started", Subject::Clinic)))
        })
        .await?;
        let session = Session {
            staff,
            holding,
            factors,
            started_at: now,
            expires_at,
            last_seen_ms: AtomicI64::new(now.unix_ms()),
            written_ms: AtomicI64::new(now.unix_ms()),
            proven_ms: AtomicI64::new(0),
            desk,
            locked: AtomicBool::new(false),
            parked: AtomicBool::new(false),
            ip,
            device,
            person,
        };
        self.sessions.0.write().expect("no panic while it is held").insert(hash, session);
        Ok(token)
    }

    /// Whether somebody may sign in with two factors only: see
    /// `migrations/0025_sign_in_rules.sql`. Nobody unknown may do with less.
    pub(crate) async fn needs_two_factors<P: Permission>(
        &self,
        _grant: &Grant<P>,
        staff: StaffId,
    ) -> Result<bool, VaultError> {
        let holding = Holding::of(&self.readers, staff, self.clock.now()).await?;
        Ok(holding.is_none_or(|holding| holding.needs_two_factors()))
    }

    /// Counts its owner as proven from now on, for a while.
    pub(crate) fn mark_proven(&self, token: &SessionToken) {
        let now = self.clock.now().unix_ms();
        let sessions = self.sessions.0.read().expect("no panic while it is held");
        if let Some(session) = sessions.get(&token.hash()) {
            session.proven_ms.store(now, Ordering::Relaxed);
        }
    }
}
