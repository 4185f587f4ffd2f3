//! People outside the clinic who keep its checkpoints (SECURITY.md 4.4): whoever
//! rewrites the ledger here would have to rewrite their mailboxes too. Nobody is
//! taken off the list unheard: the address itself is told.

mod store;

use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Email;
use crate::i18n::Language;
use crate::mail::model::{Kind, NewLetter, OutsideId, To};
use crate::mail::{TOPIC, enqueue};
use crate::vault::permission::SetWitnesses;
use crate::vault::{Event, Grant, Subject, VaultError, Violation};

pub(super) use store::{address, in_force};

/// How often checkpoints are sent to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Every {
    Day,
    Week,
}

impl Every {
    pub const ALL: [Self; 2] = [Self::Day, Self::Week];

    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// Whether the next is due, when the last was written then and the clinic's
    /// day began at `today`.
    pub fn is_due(self, last: Option<Timestamp>, today: Timestamp) -> bool {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        let from = match self {
            Self::Day => today,
            Self::Week => today.plus_ms(-6 * DAY_MS),
        };
        last.is_none_or(|last| last < from)
    }
}

/// Somebody outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Outside {
    pub id: OutsideId,
    pub name: String,
    pub address: Email,
    pub language: Language,
    pub every: Every,
    pub added_at: Timestamp,
    pub added_by: Option<String>,
    pub ended_at: Option<Timestamp>,
    /// When their server last took a checkpoint, and of how many entries.
    pub last_at: Option<Timestamp>,
    pub last_size: Option<String>,
}

/// Somebody to be added.
#[derive(Clone, Debug)]
pub struct NewOutside {
    pub name: String,
    pub address: Email,
    pub language: Language,
    pub every: Every,
}

/// Why the list was not changed.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    #[error("this address gets checkpoints already")]
    Known,
    #[error("there is no such address")]
    NoSuch,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Everybody who gets checkpoints, then those who did.
pub async fn all(clinic: &Clinic, grant: &Grant<SetWitnesses>) -> Result<Vec<Outside>, VaultError> {
    store::all(&mut clinic.vault.read(grant).await?).await
}

/// Has checkpoints sent to somebody from now on; the first within a minute.
///
/// # Errors
/// [`OutsideError::Known`].
pub async fn add(
    clinic: &Clinic,
    grant: &Grant<SetWitnesses>,
    new: &NewOutside,
) -> Result<OutsideId, OutsideError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let id = OutsideId::new(tx.now());
            match store::insert(tx, id, new, grant.staff()).await {
                Err(error) if error.violation() == Some(Violation::Unique) => {
                    return Err(OutsideError::Known);
                }
                other => other?,
            }
            let added = Event::new("mail_outside.added", Subject::Clinic)
                .on("mail_outside", id)
                .because(new.every.name())
                .touching("ledger");
            Ok((id, added))
        })
        .await
}

/// Sends somebody no more; their address is told.
///
/// # Errors
/// [`OutsideError::NoSuch`].
pub async fn end(
    clinic: &Clinic,
    grant: &Grant<SetWitnesses>,
    id: OutsideId,
) -> Result<(), OutsideError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let ended = store::end(tx, id, grant.staff()).await?;
            let (address, language) = ended.ok_or(OutsideError::NoSuch)?;
            let words = clinic.pages.words();
            let name = clinic.profile.get().name.clone();
            let about = [("clinic", name.into())];
            let letter = NewLetter {
                kind: Kind::Farewell,
                to: To::OutsideAt(id, address),
                about: None,
                language,
                subject: words.with(language, "mail-letter-farewell-subject", &about),
                body: words.with(language, "mail-letter-farewell-body", &about),
                secret: None,
                attached: None,
            };
            let letter = enqueue(tx, &letter).await?;
            let queued = Event::new("letter.queued", Subject::Clinic).on("letter", letter);
            let ended = Event::new("mail_outside.ended", Subject::Clinic);
            Ok(((), ended.on("mail_outside", id).touching("ledger").and(queued.touching(TOPIC))))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_checkpoint_and_a_week_one_in_seven_days() {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        let today = Timestamp::from_unix_ms(1_790_000_000_000);
        let days_ago = |days: i64| Some(today.plus_ms(-days * DAY + 3_600_000));
        assert!(Every::Day.is_due(None, today) && Every::Week.is_due(None, today));
        assert!(!Every::Day.is_due(days_ago(0), today));
        assert!(Every::Day.is_due(days_ago(1), today));
        assert!(!Every::Week.is_due(days_ago(6), today));
        assert!(Every::Week.is_due(days_ago(7), today));
    }
}
