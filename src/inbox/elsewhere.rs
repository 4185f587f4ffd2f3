//! What the clinic answered in a messenger itself, past this program.

use crate::clinic::Clinic;
use crate::conversations;
use crate::inbox::writing::{about, event};
use crate::messaging::{self, Channel, Inbound, instagram};
use crate::vault::permission::TendInbox;
use crate::vault::{Actor, Grant, Subject, VaultError};

#[derive(Debug, thiserror::Error)]
enum Noted {
    #[error("it is known, or nobody of whom anything is known was answered")]
    Nothing,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Notes it in the conversation, which waits no more for what came before.
pub async fn answered(clinic: &Clinic, said: &Inbound) -> Result<(), VaultError> {
    let grant: Grant<TendInbox> = Actor::job("inbox").grant().map_err(|_| VaultError::NotStaff)?;
    let noted = clinic
        .vault
        .change(&grant, async |tx| {
            let (channel, to) = (Channel::Instagram, said.from.as_str());
            let found = conversations::answered_elsewhere_in(tx, channel, to, said.at).await?;
            let (id, patient) = found.ok_or(Noted::Nothing)?;
            let of = (&about(id), patient);
            if !instagram::note_elsewhere_in(tx, clinic, said, of).await? {
                return Err(Noted::Nothing);
            }
            let of = patient.map_or(Subject::Clinic, Subject::Patient);
            let event = event("conversation.answered_elsewhere", of, id);
            Ok(((), event.touching(messaging::TOPIC)))
        })
        .await;
    match noted {
        Ok(()) => conversations::count_waiting(clinic).await,
        Err(Noted::Nothing) => Ok(()),
        Err(Noted::Vault(error)) => Err(error),
    }
}
