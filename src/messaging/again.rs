//! A message that did not arrive, sent once more: by whoever can write it
//! anew, because what opened something was taken out of the old text.
//!
//! A message of which nobody knows whether it arrived is asked about first.
//! Only when the gateway cannot say either may it go out a second time, and
//! only if the sender knows that the patient may then get two.

use crate::clinic::Clinic;
use crate::ids::{MessageId, PatientId};
use crate::messaging::model::{About, State};
use crate::messaging::text::Purpose;
use crate::messaging::worker::note_said;
use crate::messaging::{event_of, setup, store};
use crate::vault::permission::SendMessages;
use crate::vault::{Event, Grant, Tx, VaultError};

/// What is known of a message now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It failed or came too late: nothing will arrive.
    Lost,
    /// It may have arrived, and the gateway cannot or will not say.
    Unknown,
    /// It arrived, is on its way, or goes out by itself.
    Underway,
}

/// A message to be written anew.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Repeat {
    pub patient_id: Option<PatientId>,
    pub purpose: Purpose,
    #[sqlx(flatten)]
    pub about: About,
    pub state: State,
}

/// Asks the gateway about a message whose fate is unknown, where it can be
/// asked, and says how the message stands. None when there is no such message.
pub async fn standing(
    clinic: &Clinic,
    grant: &Grant<SendMessages>,
    id: MessageId,
) -> Result<Option<Standing>, VaultError> {
    let found = clinic
        .vault
        .list(grant, "messages.tended", async |listing| {
            let due = store::by_id(listing, id).await?;
            let whose = due.iter().filter_map(|due| due.patient_id).collect();
            Ok::<_, VaultError>((due, whose))
        })
        .await?;
    let Some(due) = found else { return Ok(None) };
    let mut state = due.state;
    if state == State::Uncertain
        && let all = setup::in_use(clinic, grant).await?
        && let Some(taker) = all.into_iter().find(|one| Some(one.id) == due.gateway_id)
        && taker.gateway.can_be_asked()
    {
        let said = taker.gateway.fate_of(&due).await;
        state = note_said(clinic, grant, &due, said).await?;
    }
    Ok(Some(match state {
        State::Failed | State::Expired => Standing::Lost,
        State::Uncertain => Standing::Unknown,
        _ => Standing::Underway,
    }))
}

/// The message to write anew, inside the change that does, and the event that
/// says so. None when it did arrive meanwhile, or another followed it. The old
/// one is not asked about any more, so that it cannot come to life as a third.
pub async fn repeat(tx: &mut Tx, id: MessageId) -> Result<Option<(Repeat, Event)>, VaultError> {
    let Some(repeat) = store::repeatable(tx, id).await? else { return Ok(None) };
    store::leave(tx, id).await?;
    let again = event_of("message.sent_again", repeat.patient_id, id).because(repeat.state.name());
    Ok(Some((repeat, again)))
}
