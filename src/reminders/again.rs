//! "Send again": a message about an appointment that did not arrive.

use crate::clinic::Clinic;
use crate::ids::{AppointmentId, MessageId, PatientId};
use crate::messaging::{self, MessagingError, Standing};
use crate::reminders::jobs::{Once, Untold, write};
use crate::schedule;
use crate::vault::permission::SendMessages;
use crate::vault::{Grant, VaultError};

/// Why it was not sent again.
#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    #[error("there is no such message")]
    NoSuchMessage,
    /// It arrived, is on its way, or another followed it.
    #[error("nothing needs to be sent again")]
    Underway,
    /// It may have arrived, and whoever asks has not said that two will do.
    #[error("the message may have arrived")]
    Unsure,
    /// The appointment is over, cancelled, moved or answered.
    #[error("what it said is no longer true")]
    NothingToTell,
    #[error(transparent)]
    Messaging(#[from] MessagingError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Writes a message anew, with a link of its own, when the first did not
/// arrive. One of which nobody knows is asked about first; `sure` says that the
/// patient may get it twice.
///
/// # Errors
/// [`AgainError`] says why nothing was sent.
pub async fn send_again(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    id: MessageId,
    sure: bool,
) -> Result<PatientId, AgainError> {
    match messaging::standing(clinic, grant, id).await? {
        None => return Err(AgainError::NoSuchMessage),
        Some(Standing::Underway) => return Err(AgainError::Underway),
        Some(Standing::Unknown) if !sure => return Err(AgainError::Unsure),
        Some(Standing::Unknown | Standing::Lost) => {}
    }
    let facts = schedule::facts(&mut clinic.vault.read(grant).await?).await?;
    clinic
        .vault
        .change(grant, async |tx| {
            let found = messaging::repeat(tx, id).await?;
            let (message, again) = found.ok_or(AgainError::Underway)?;
            let appointment: Option<AppointmentId> =
                message.about.id.parse().ok().filter(|_| message.purpose.may_be_repeated());
            let appointment = appointment.ok_or(AgainError::NothingToTell)?;
            let facts = facts.as_ref();
            let told = write(tx, clinic, appointment, message.purpose, facts, Once::More).await?;
            let told = told.ok_or(AgainError::NothingToTell)?;
            let patient = message.patient_id.ok_or(AgainError::NoSuchMessage)?;
            Ok((patient, again.and(told)))
        })
        .await
}

impl From<Untold> for AgainError {
    fn from(untold: Untold) -> Self {
        match untold {
            Untold::NothingToTell => Self::NothingToTell,
            Untold::Failed(error) => error.into(),
        }
    }
}
