//! Checkpoints of the ledger by mail: to the owner and the compliance officer
//! each day, to those outside as often as the list says (SECURITY.md 4.4).

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::i18n::Language;
use crate::mail::model::{Kind, NewLetter, To};
use crate::mail::outside::Every;
use crate::mail::{TOPIC, enqueue, jobs, outside, people, store};
use crate::vault::{Event, Events, Subject, Tx, VaultError};

/// The checkpoint that is sent.
#[derive(Clone, Copy, Debug)]
pub struct Sealing<'a> {
    /// How many entries it covers.
    pub size: u64,
    /// The signed note.
    pub note: &'a str,
    /// When the clinic's day began.
    pub today: Timestamp,
}

/// Writes to everybody for whom a checkpoint is due and who does not have this
/// one. `say` words it. Gives how many letters there are.
pub async fn write_due(
    clinic: &Clinic,
    sealing: Sealing<'_>,
    say: impl Fn(Language) -> (String, String),
) -> Result<usize, VaultError> {
    let outcome = clinic
        .vault
        .change(&jobs::grant()?, async |tx| {
            let mut queued: Option<Events> = None;
            let mut count = 0;
            for (to, language) in who_is_due(tx, sealing).await? {
                let (subject, body) = say(language);
                let letter = NewLetter {
                    kind: Kind::Checkpoint,
                    to,
                    about: Some(sealing.size.to_string()),
                    language,
                    subject,
                    body,
                    secret: None,
                    attached: Some(sealing.note.to_owned()),
                };
                let id = enqueue(tx, &letter).await?;
                let event = Event::new("letter.queued", Subject::Clinic);
                let event = event.on("letter", id).touching(TOPIC);
                queued = Some(match queued {
                    None => event.into(),
                    Some(events) => events.and(event),
                });
                count += 1;
            }
            queued.map(|events| (count, events)).ok_or(NothingDue::Nobody)
        })
        .await;
    match outcome {
        Ok(count) => Ok(count),
        Err(NothingDue::Nobody) => Ok(0),
        Err(NothingDue::Vault(error)) => Err(error),
    }
}

async fn who_is_due(tx: &mut Tx, sealing: Sealing<'_>) -> Result<Vec<(To, Language)>, VaultError> {
    let size = sealing.size.to_string();
    let is_due = |every: Every, last: Option<(Timestamp, Option<String>)>| {
        let has_it = last.as_ref().is_some_and(|(_, about)| about.as_ref() == Some(&size));
        !has_it && every.is_due(last.map(|(at, _)| at), sealing.today)
    };
    let mut due = Vec::new();
    for overseer in people::overseers(tx).await? {
        let last = store::last_to_staff(tx, overseer.id, Kind::Checkpoint).await?;
        if overseer.address.is_some() && is_due(Every::Day, last) {
            due.push((To::Staff(overseer.id), overseer.language));
        }
    }
    for one in outside::in_force(tx).await? {
        let last = store::last_to_outside(tx, one.id, Kind::Checkpoint).await?;
        if is_due(one.every, last) {
            due.push((To::Outside(one.id), one.language));
        }
    }
    Ok(due)
}

#[derive(Debug, thiserror::Error)]
enum NothingDue {
    #[error("nobody waits for a checkpoint")]
    Nobody,
    #[error(transparent)]
    Vault(#[from] VaultError),
}
