//! The wording of a step: the clinic's own, else the program's by how long
//! before the visit it goes out.

use crate::clinic::Clinic;
use crate::i18n::{Language, Words};
use crate::ids::{AppointmentId, MessageId, ServiceId};
use crate::messaging::Channel;
use crate::messaging::text::{self, Purpose};
use crate::reminders::chain::model::{Outcome, Placed, Step};
use crate::reminders::chain::store::{self, Done};
use crate::vault::{Tx, VaultError};

/// Notice from which a step has the words of days before; and below which,
/// those of the same day. In minutes.
const DAYS: i64 = 36 * 60;
const SAME_DAY: i64 = 12 * 60;

/// The purpose that a step's text has to serve.
pub fn purpose(step: &Step) -> Purpose {
    if step.before_minutes.is_some() { Purpose::VisitReminder } else { Purpose::BookingMade }
}

/// The program's wording for a step so long before a visit.
pub fn standard(words: &Words, language: Language, before: i64) -> String {
    let key = match before {
        before if before < SAME_DAY => "messaging-text-visit-reminder-hours",
        before if before < DAYS => "messaging-text-visit-reminder-day",
        _ => "messaging-text-visit-reminder",
    };
    text::standard(words, language, key)
}

/// The wordings of a reminding step, the one to be tried first in front.
pub(super) async fn sources(
    tx: &mut Tx,
    clinic: &Clinic,
    step: &Step,
    language: Language,
) -> Result<Vec<String>, VaultError> {
    let own = store::text(tx.sql(), step.id, language).await?;
    let before = step.before_minutes.unwrap_or_default();
    let standard = standard(clinic.pages.words(), language, before);
    Ok(own.into_iter().chain([standard]).collect())
}

/// What the chain of a service says of the message at booking.
#[derive(Debug)]
pub enum AtBooking {
    /// Not such a message.
    Other,
    /// The clinic sends none.
    LeftOut,
    Step {
        step: Step,
        /// The step's own wording.
        own: Option<String>,
    },
}

impl AtBooking {
    pub fn is_left_out(&self) -> bool {
        matches!(self, Self::LeftOut)
    }

    /// The channel that is tried first.
    pub fn channel(&self, purpose: Purpose) -> Option<Channel> {
        match self {
            Self::Step { step, .. }
                if matches!(purpose, Purpose::BookingMade | Purpose::BookingMoved) =>
            {
                step.channel
            }
            _ => None,
        }
    }

    /// The wordings to be tried before the purpose's own.
    pub fn source(&self, purpose: Purpose) -> Vec<String> {
        match self {
            Self::Step { own: Some(own), .. } if purpose == Purpose::BookingMade => {
                vec![own.clone()]
            }
            _ => Vec::new(),
        }
    }
}

/// The step at booking of a service's chain.
pub async fn at_booking(
    tx: &mut Tx,
    service: Option<ServiceId>,
    language: Language,
) -> Result<AtBooking, VaultError> {
    let own = store::own(tx.sql()).await?;
    let chain = service.filter(|service| own.contains(service));
    let steps = store::steps(tx.sql()).await?;
    let mut steps = steps.into_iter().filter(|step| step.service_id == chain);
    let Some(step) = steps.find(|step| step.before_minutes.is_none()) else {
        return Ok(AtBooking::LeftOut);
    };
    let own = store::text(tx.sql(), step.id, language).await?;
    Ok(AtBooking::Step { step, own })
}

/// Notes that the message at booking was written.
pub async fn note_at_booking(
    tx: &mut Tx,
    clinic: &Clinic,
    id: AppointmentId,
    at: &AtBooking,
    message: MessageId,
) -> Result<(), VaultError> {
    let AtBooking::Step { step, .. } = at else { return Ok(()) };
    let Some(visit) = store::visit(tx.sql(), id).await? else { return Ok(()) };
    let since = clinic.profile.get().zone.civil(visit.since);
    let done = Done {
        visit: &visit,
        step: step.id,
        placed: Placed { wanted: since, due: since },
        outcome: Outcome::Written,
        reason: None,
        message: Some(message),
    };
    store::touch(tx, &done).await.map(drop)
}
