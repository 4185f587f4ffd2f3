//! The dispute sheet: an appointment's whole story in the order in which it
//! happened. Who booked, moved or cancelled it; what the patient was told,
//! word for word; when the gateway delivered it; what they answered.

use crate::booking::BookingError;
use crate::booking::day::{APPOINTMENT, Details, details};
use crate::booking::model::Step;
use crate::booking::series::{self, Mark, WHOLE};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::i18n::Language;
use crate::ids::AppointmentId;
use crate::messaging::{self, Told, ToldState};
use crate::vault::permission::{ViewMessages, ViewSchedule};
use crate::vault::{Grant, VaultError};

/// One appointment, and all that happened.
#[derive(Clone, Debug)]
pub struct Story {
    pub details: Details,
    /// Its place in a series, when it has one.
    pub series: Option<Mark>,
    /// Oldest first.
    pub moments: Vec<Moment>,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Moment {
    pub at: Timestamp,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    /// A step, by its place in [`Details::history`].
    Step(usize),
    /// A message was written.
    Written(Told),
    /// A message came into a state; with the purpose of the message.
    Became(messaging::text::Purpose, ToldState),
}

/// Tells an appointment's story.
///
/// # Errors
/// [`BookingError::NoSuch`]; [`BookingError::Denied`] to those who may not read
/// messages.
pub async fn story(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    id: AppointmentId,
    language: Language,
) -> Result<Story, BookingError> {
    let messages: Grant<ViewMessages> = grant.also()?;
    let details = details(clinic, grant, id, language).await?;
    let whose = details.patient_id;
    let series = series::mark(clinic, grant, id).await?;
    let told = clinic.vault.list(&messages, "appointment.story_read", async |listing| {
        let mut told = messaging::told_about(listing, APPOINTMENT, &id.to_string()).await?;
        if let Some(series) = &series {
            let id = series.series_id.to_string();
            told.extend(messaging::told_about(listing, WHOLE, &id).await?);
        }
        Ok::<_, VaultError>((told, vec![whose]))
    });
    let moments = in_order(&details.history, told.await?);
    Ok(Story { details, series, moments })
}

/// Steps and messages by time; of one moment, the step before what it caused.
fn in_order(steps: &[Step], told: Vec<Told>) -> Vec<Moment> {
    let mut moments: Vec<Moment> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| Moment { at: step.at, what: What::Step(index) })
        .collect();
    for mut message in told {
        let purpose = message.purpose;
        let states = std::mem::take(&mut message.states);
        moments.push(Moment { at: message.created_at, what: What::Written(message) });
        let passing = [messaging::State::Queued, messaging::State::Sending];
        let became = states.into_iter().filter(|state| !passing.contains(&state.state));
        moments.extend(
            became.map(|state| Moment { at: state.at, what: What::Became(purpose, state) }),
        );
    }
    moments.sort_by_key(|moment| moment.at);
    moments
}
