//! A screen is locked, at once or because nobody was there, and opened again.

use std::sync::atomic::Ordering;

use crate::ids::StaffId;
use crate::vault::actor::Grant;
use crate::vault::event::{Event, Subject};
use crate::vault::permission::{OwnAccount, SignIn};
use crate::vault::session::{SessionToken, TokenHash};
use crate::vault::{Vault, VaultError};

const LOCK: &str = "UPDATE session SET locked_at = ?2 WHERE token_hash = ?1";

const END: &str = "DELETE FROM session WHERE token_hash = ?1";

impl Vault {
    /// Locks the screen at once; it is locked after a restart as well.
    pub(crate) async fn lock_session(
        &self,
        grant: &Grant<OwnAccount>,
        token: &SessionToken,
    ) -> Result<(), VaultError> {
        let hash = token.hash();
        self.change_anyway(grant, async |tx| {
            let now = tx.now();
            let query = sqlx::query(LOCK).bind(hash.as_slice()).bind(Some(now));
            query.execute(tx.sql()).await?;
            Ok::<_, VaultError>(((), Event::new("session.locked", Subject::Clinic)))
        })
        .await?;
        let sessions = self.sessions.0.read().expect("no panic while it is held");
        if let Some(session) = sessions.get(&hash) {
            session.locked.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Opens a locked session again, for its owner who gave the password anew.
    pub(crate) async fn unlock_session(
        &self,
        grant: &Grant<SignIn>,
        token: &SessionToken,
    ) -> Result<(), VaultError> {
        let hash = token.hash();
        self.change_anyway(grant, async |tx| {
            let query = sqlx::query(LOCK).bind(hash.as_slice()).bind(None::<i64>);
            query.execute(tx.sql()).await?;
            Ok::<_, VaultError>(((), Event::new("session.unlocked", Subject::Clinic)))
        })
        .await?;
        let now = self.clock.now().unix_ms();
        let sessions = self.sessions.0.read().expect("no panic while it is held");
        if let Some(session) = sessions.get(&hash) {
            session.parked.store(false, Ordering::Relaxed);
            session.last_seen_ms.store(now, Ordering::Relaxed);
            session.locked.store(false, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Drops a session whose cookie was replaced.
    pub(in crate::vault) async fn forget_session(
        &self,
        grant: &Grant<SignIn>,
        staff: StaffId,
        hash: TokenHash,
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
}
