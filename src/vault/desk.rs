//! A shared desk: several people signed in on one browser, one of them at the
//! keyboard, the others' sessions waiting, locked, until their owner opens them
//! with a PIN.

use std::sync::atomic::Ordering;

use ring::digest::{SHA256, digest};

use crate::ids::StaffId;
use crate::vault::permission::{OwnAccount, SignIn};
use crate::vault::{Grant, SessionToken, Vault, VaultError};

/// SHA-256 of the cookie by which a browser is known again.
pub type DeskHash = [u8; 32];

impl Vault {
    /// Whose sessions on this browser are not over: ids and names, by name.
    pub(crate) fn at_desk(&self, desk: &DeskHash) -> Vec<(StaffId, String)> {
        let now = self.clock.now().unix_ms();
        let sessions = self.sessions.0.read().expect("no panic while it is held");
        let mut found: Vec<(StaffId, String)> = sessions
            .values()
            .filter(|session| session.desk.as_ref() == Some(desk) && !session.is_over(now))
            .map(|session| (session.staff, session.person.name.clone()))
            .collect();
        found.sort_by(|(_, a), (_, b)| a.cmp(b));
        found.dedup_by_key(|(staff, _)| *staff);
        found
    }

    /// Opens somebody's session on this browser under a new cookie, in place of
    /// the one that waited; None when none waits. The other people's sessions
    /// here are locked, and wait from now on until they are over.
    pub(crate) async fn switch_session(
        &self,
        grant: &Grant<SignIn>,
        desk: &DeskHash,
        staff: StaffId,
    ) -> Result<Option<SessionToken>, VaultError> {
        let now = self.clock.now().unix_ms();
        let waiting: Vec<_> = {
            let sessions = self.sessions.0.read().expect("no panic while it is held");
            let here = sessions.iter().filter(|(_, session)| session.desk.as_ref() == Some(desk));
            let open = here.filter(|(_, session)| !session.is_over(now));
            open.map(|(hash, session)| {
                (*hash, session.staff, (session.factors, session.expires_at))
            })
            .collect()
        };
        let own = waiting.iter().filter(|(_, whose, _)| *whose == staff);
        let last = own.clone().map(|(_, _, begun)| *begun).max_by_key(|(_, until)| *until);
        let Some(begun) = last else { return Ok(None) };
        let old: Vec<_> = own.map(|(hash, _, _)| *hash).collect();
        let token = self.start_session_until(grant, staff, Some(*desk), begun).await?;
        for hash in old {
            self.forget_session(grant, staff, hash).await?;
        }
        self.park(desk, Some(&token));
        Ok(Some(token))
    }

    /// Locks every session of a browser but this one; they wait until they are
    /// over, however long nobody touches them.
    pub(crate) fn park(&self, desk: &DeskHash, but: Option<&SessionToken>) {
        let but = but.map(|token| digest(&SHA256, token.cookie_value().as_bytes()));
        let sessions = self.sessions.0.read().expect("no panic while it is held");
        for (hash, session) in sessions.iter() {
            let this = but.as_ref().is_some_and(|but| but.as_ref() == hash);
            if session.desk.as_ref() == Some(desk) && !this {
                session.parked.store(true, Ordering::Relaxed);
                session.locked.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Locks one's own session and lets it wait on this browser.
    pub(crate) async fn lock_at_desk(
        &self,
        grant: &Grant<OwnAccount>,
        token: &SessionToken,
        desk: Option<&DeskHash>,
    ) -> Result<(), VaultError> {
        self.lock_session(grant, token).await?;
        if let Some(desk) = desk {
            self.park(desk, None);
        }
        Ok(())
    }
}
