//! What the desk sees of replies, and what it does with those that are left.

use serde::{Deserialize, Serialize};

use crate::booking::{self, BookingError, CancelReason, Status};
use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::conversations::{self, ConversationId};
use crate::ids::{AppointmentId, PatientId, StaffId};
use crate::patients::blocking;
use crate::replies::model::{ReplyId, Why};
use crate::replies::reading::Meaning;
use crate::replies::store::{self, Row};
use crate::replies::{Outcome, ReplyState, TOPIC, taking};
use crate::vault::permission::SettleReplies;
use crate::vault::{Denied, Event, Grant, Listing, Subject, Tx, VaultError};

/// How many of each kind are shown.
const SHOWN: i64 = 50;

/// A reply as the desk sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub id: ReplyId,
    /// E.164; what is no telephone stands as it came.
    pub phone: String,
    pub text: String,
    pub came_at: Timestamp,
    pub meaning: Meaning,
    pub state: ReplyState,
    pub outcome: Option<Outcome>,
    pub reason: Option<Why>,
    pub patient_id: Option<PatientId>,
    /// Empty: nobody's telephone, or several people's.
    pub patient: String,
    pub visits: Vec<Visit>,
    pub settled_by: String,
    pub settled_at: Option<Timestamp>,
    /// Blocked data: that somebody wrote is all that is shown.
    pub hidden: bool,
}

/// A visit that a reply was about, or may be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Visit {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    /// The given name.
    pub patient: String,
    pub starts: Civil,
    pub status: Status,
    pub doctor: String,
}

/// What a person does with a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    Confirm(AppointmentId),
    Cancel(AppointmentId),
    /// Seen to otherwise.
    Nothing,
}

/// Why a reply was not settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// There is none, somebody settled it, or it is not about that visit.
    #[error("there is nothing to settle")]
    NoSuch,
    #[error(transparent)]
    Booking(#[from] BookingError),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Those that wait for a person, and the latest others.
pub(super) async fn lines(
    clinic: &Clinic,
    grant: &Grant<SettleReplies>,
) -> Result<(Vec<Line>, Vec<Line>), VaultError> {
    clinic
        .vault
        .list(grant, "replies.listed", async |listing| {
            let hidden = blocking::hidden_from(listing, grant).await?;
            let mut whose = Vec::new();
            let mut of = |rows: Vec<Row>| {
                let mut lines: Vec<Line> = rows.into_iter().map(Line::from).collect();
                for line in &mut lines {
                    let people: Vec<PatientId> = line.people().collect();
                    if people.iter().any(|one| hidden.contains(one)) {
                        line.hide();
                    } else {
                        whose.extend(people);
                    }
                }
                lines
            };
            let open = of(store::lines(listing, true, 4 * SHOWN).await?);
            let done = of(store::lines(listing, false, SHOWN).await?);
            whose.sort_unstable();
            whose.dedup();
            Ok::<_, VaultError>(((open, done), whose))
        })
        .await
}

/// Settles one by hand.
///
/// # Errors
/// [`SettleError::NoSuch`]; those of the booking when the visit does not stand
/// as it did.
pub async fn settle(
    clinic: &Clinic,
    grant: &Grant<SettleReplies>,
    id: ReplyId,
    hand: Hand,
) -> Result<(), SettleError> {
    let outcome = match hand {
        Hand::Confirm(visit) => {
            check(clinic, grant, id, visit).await?;
            match booking::confirm(clinic, &grant.also()?, visit).await {
                Ok(_) | Err(BookingError::NotAllowed { from: Status::Confirmed, .. }) => {}
                Err(error) => return Err(error.into()),
            }
            Outcome::Confirmed
        }
        Hand::Cancel(visit) => {
            check(clinic, grant, id, visit).await?;
            match booking::cancel(clinic, &grant.also()?, visit, CancelReason::Patient).await {
                Ok(_) | Err(BookingError::NotAllowed { from: Status::Cancelled, .. }) => {}
                Err(error) => return Err(error.into()),
            }
            Outcome::Cancelled
        }
        Hand::Nothing => Outcome::Nothing,
    };
    clinic
        .vault
        .change(grant, async |tx| {
            let settled = store::settle(tx, id, outcome, grant.staff()).await?;
            let place = settled.ok_or(SettleError::NoSuch)?;
            if place.patient_id.is_none() {
                taking::forget_later(tx).await?;
            }
            if let Some(conversation) = place.conversation_id
                && !store::is_open_in(tx, conversation).await?
            {
                conversations::seen_to_in(tx, conversation).await?;
            }
            let subject = place.patient_id.map_or(Subject::Clinic, Subject::Patient);
            let event = Event::new("reply.settled", subject).on("reply", id);
            let event = event.because(outcome.name()).touching(TOPIC);
            Ok::<_, SettleError>(((), event.touching(conversations::TOPIC)))
        })
        .await?;
    Ok(conversations::count_waiting(clinic).await?)
}

/// All that is open in a conversation is seen to, inside the change that closes
/// it. Gives how many were.
pub async fn settle_all_in(
    tx: &mut Tx,
    conversation: ConversationId,
    by: Option<StaffId>,
) -> Result<usize, VaultError> {
    let settled = store::settle_all(tx, conversation, by).await?;
    if conversations::patient_in(tx, conversation).await?.is_none() {
        taking::forget_later(tx).await?;
    }
    Ok(settled)
}

/// What was said in a conversation, newest first; the caller names those people
/// to the ledger whom [`Line::people`] gives, and hides the blocked.
pub async fn of_conversation(
    listing: &mut Listing,
    conversation: ConversationId,
    most: i64,
) -> Result<Vec<Line>, VaultError> {
    let rows = store::lines_of(listing, conversation, most).await?;
    Ok(rows.into_iter().map(Line::from).collect())
}

async fn check(
    clinic: &Clinic,
    grant: &Grant<SettleReplies>,
    id: ReplyId,
    visit: AppointmentId,
) -> Result<(), SettleError> {
    let mut reader = clinic.vault.read(grant).await?;
    let about = store::is_about(&mut reader, id, visit).await?;
    if about { Ok(()) } else { Err(SettleError::NoSuch) }
}

impl Line {
    /// Those whom it names.
    pub fn people(&self) -> impl Iterator<Item = PatientId> {
        self.patient_id.into_iter().chain(self.visits.iter().map(|visit| visit.patient_id))
    }

    /// Leaves that somebody wrote, and when.
    pub fn hide(&mut self) {
        (self.phone, self.text, self.patient) = Default::default();
        (self.patient_id, self.visits, self.hidden) = (None, Vec::new(), true);
    }
}

impl From<Row> for Line {
    fn from(row: Row) -> Self {
        Self {
            visits: serde_json::from_str(&row.visits).unwrap_or_default(),
            id: row.id,
            phone: row.phone,
            text: row.text,
            came_at: row.came_at,
            meaning: row.meaning,
            state: row.state,
            outcome: row.outcome,
            reason: row.reason,
            patient_id: row.patient_id,
            patient: row.patient,
            settled_by: row.settled_by,
            settled_at: row.settled_at,
            hidden: false,
        }
    }
}
