//! Letters by e-mail: to the clinic's own people when something cannot wait, and
//! with checkpoints of the ledger to those who keep them elsewhere (SECURITY.md
//! 4.4, 5.2).
//!
//! Patients are written to by `messaging`; nothing here is about one of them, and
//! what a letter says is neither clinical nor a name (94-V article 16: mailboxes
//! lie abroad). Whether a letter is still true, and where its reader reads mail,
//! is decided when its turn comes.

mod checkpoints;
mod compose;
mod jobs;
mod model;
mod notices;
pub mod outside;
pub mod people;
mod routes;
mod store;
mod trial;

use crate::clinic::Clinic;
use crate::vault::permission::SetUpGateways;
use crate::vault::{Event, Grant, Subject, Tx, VaultError};

pub use checkpoints::{Sealing, write_due};
pub use jobs::{Following, Hooks, run, run_due};
pub use model::{Due, Kind, LetterId, NewLetter, OutsideId, Posted, To};
pub use notices::jobs;
pub use routes::{LettersView, MailHealthPage, MailPage, OwnAddressPage, WitnessesPage, routes};
pub use trial::send_trial;

pub use crate::post::TOPIC;

/// The most letters that a page shows.
const SHOWN: i64 = 30;

/// Puts a letter into the queue, inside the change it tells about. It is sent
/// once that is committed: at once when the change's event touches [`TOPIC`].
pub async fn enqueue(tx: &mut Tx, letter: &NewLetter) -> Result<LetterId, VaultError> {
    let id = LetterId::new(tx.now());
    store::insert(tx, id, letter).await?;
    Ok(id)
}

/// The newest letters, for those who look after the server.
pub async fn latest(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
) -> Result<Vec<Posted>, VaultError> {
    store::latest(&mut clinic.vault.read(grant).await?, SHOWN).await
}

/// Sends a letter once more that failed or of which nobody knows whether it
/// arrived: its reader may then get it twice. False when it is not such a one.
pub async fn send_again(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    id: LetterId,
) -> Result<bool, VaultError> {
    let outcome = clinic
        .vault
        .change(grant, async |tx| {
            let not_after = tx.now().plus_ms(Kind::Checkpoint.useful_ms());
            if !store::again(tx, id, not_after).await? {
                return Err(AgainRefused::NoSuch);
            }
            let again = Event::new("letter.sent_again", Subject::Clinic).on("letter", id);
            Ok(((), again.touching(TOPIC)))
        })
        .await;
    match outcome {
        Ok(()) => Ok(true),
        Err(AgainRefused::NoSuch) => Ok(false),
        Err(AgainRefused::Vault(error)) => Err(error),
    }
}

#[derive(Debug, thiserror::Error)]
enum AgainRefused {
    #[error("this letter is not sent again")]
    NoSuch,
    #[error(transparent)]
    Vault(#[from] VaultError),
}
