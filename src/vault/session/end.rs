//! A session ends: its owner signs out, or somebody is thrown out.

use crate::ids::StaffId;
use crate::vault::actor::Grant;
use crate::vault::event::{Event, Subject};
use crate::vault::permission::{ManageStaff, OwnAccount, Permission};
use crate::vault::session::{SessionToken, TokenHash, tag};
use crate::vault::{Vault, VaultError};

const END: &str = "DELETE FROM session WHERE token_hash = ?1";

const END_ALL: &str = "DELETE FROM session WHERE staff_id = ?1";

impl Vault {
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
}
