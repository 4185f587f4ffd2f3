//! The reminder chain: at booking, two days before, one day before, two hours
//! before — or whatever steps the clinic sets, for all visits or for a service.
//!
//! What is due is decided at the moment it is due, from the visit as it stands
//! then ([`plan`]); each step's outcome is kept with its reason, whether it was
//! sent or not ([`touches`]). Holidays are those of the law (267-II, Labour Code
//! art. 84, 85; `workdays`); the quiet hours, 21:00 to 9:00 as shipped, are the
//! clinic's choice: no law sets them (KAZAKHSTAN.md 2.6).

mod model;
pub mod plan;
mod routes;
mod store;
mod texts;
mod touches;
mod work;
mod write;

#[cfg(test)]
mod tests;

use serde_json::json;

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::ids::ServiceId;
use crate::messaging::text::{TextError, lint};
use crate::messaging::{Channel, setup};
use crate::vault::permission::{EditTexts, Permission};
use crate::vault::{Event, Grant, Subject, VaultError, Violation};

pub use model::{Outcome, Placed, Reason, Rule, Step, StepId, Touch, Unit, Verdict, Visit};
pub use routes::{CardRemindersView, ChainPage, StepPage, TouchesPage, routes};
pub use texts::{AtBooking, at_booking, note_at_booking, purpose};
pub use touches::{Fate, Line, Touches, of_appointment, of_patient};
pub use work::{EVERY_MINUTE, RemindError, remind, remind_due};
pub use write::still_wanted;

/// Bounds of a step, in minutes before the visit.
pub const BEFORE: std::ops::RangeInclusive<i64> = 30..=20160;

/// Why a chain was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    #[error("there is no such step or service")]
    NoSuch,
    /// Two steps at one time.
    #[error("the chain has a step at that time")]
    Twice,
    #[error("the text in {0} cannot be sent: {1}")]
    Text(Language, TextError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// A step as it is typed.
#[derive(Clone, Debug)]
pub struct StepChange {
    /// None: at booking.
    pub before_minutes: Option<i64>,
    pub confirmed_too: bool,
    /// The channel tried first; None: as the clinic's gateways stand.
    pub channel: Option<Channel>,
    /// The wording in each language; None: the program's own.
    pub texts: Vec<(Language, Option<String>)>,
}

/// The rule as it stands.
pub async fn rule<P: Permission>(clinic: &Clinic, grant: &Grant<P>) -> Result<Rule, VaultError> {
    store::rule(clinic.vault.read(grant).await?.sql()).await
}

/// Sets the rule. Messages that were written go out by the old one.
///
/// # Errors
/// A [`Check`](Violation::Check) violation when a number is out of its bounds.
pub async fn set_rule(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    rule: Rule,
) -> Result<(), VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_rule(tx, rule, grant.staff()).await?;
            let detail = json!({
                "running": rule.running, "quiet_from": rule.quiet_from,
                "quiet_until": rule.quiet_until, "late_minutes": rule.late_minutes,
                "part_tiyn": rule.part_tiyn,
            });
            Ok(((), Event::new("reminder.rule_set", Subject::Clinic).with_detail(detail)))
        })
        .await
}

/// The services that have a chain of their own.
pub async fn own<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<Vec<ServiceId>, VaultError> {
    store::own(clinic.vault.read(grant).await?.sql()).await
}

/// The steps of the clinic's chain, or of a service's own.
pub async fn steps<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    service: Option<ServiceId>,
) -> Result<Vec<Step>, VaultError> {
    let steps = store::steps(clinic.vault.read(grant).await?.sql()).await?;
    Ok(steps.into_iter().filter(|step| step.service_id == service).collect())
}

/// A step that holds.
pub async fn step<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    id: StepId,
) -> Result<Option<Step>, VaultError> {
    let steps = store::steps(clinic.vault.read(grant).await?.sql()).await?;
    Ok(steps.into_iter().find(|step| step.id == id))
}

/// A step's wording, and the one that stands where the clinic has none.
pub async fn wording(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    step: &Step,
    language: Language,
) -> Result<(Option<String>, String), VaultError> {
    let own = store::text(clinic.vault.read(grant).await?.sql(), step.id, language).await?;
    let standard = match step.before_minutes {
        Some(before) => texts::standard(clinic.pages.words(), language, before),
        None => setup::wording(clinic, grant, texts::purpose(step), language).await?.source,
    };
    Ok((own, standard))
}

/// Adds a step to the clinic's chain or to a service's own; None: at booking.
///
/// # Errors
/// [`ChainError::Twice`]; [`ChainError::NoSuch`] for a service without a chain.
pub async fn add_step(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    service: Option<ServiceId>,
    before_minutes: Option<i64>,
) -> Result<StepId, ChainError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let own = store::own(tx.sql()).await?;
            if service.is_some_and(|service| !own.contains(&service)) {
                return Err(ChainError::NoSuch);
            }
            let confirmed_too = before_minutes.is_none();
            let id = StepId::new(tx.now());
            let channel = None;
            let step = Step { id, service_id: service, before_minutes, confirmed_too, channel };
            store::insert_step(tx, &step, grant.staff()).await.map_err(twice)?;
            let event = Event::new("reminder.step_added", Subject::Clinic);
            Ok((id, event.with_detail(json!({ "step": id, "before_minutes": before_minutes }))))
        })
        .await
}

/// Changes when a step goes out, to whom, and in which words.
///
/// # Errors
/// [`ChainError::Text`] names the language of a text that cannot be sent.
pub async fn change_step(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    id: StepId,
    change: &StepChange,
) -> Result<(), ChainError> {
    let step = step(clinic, grant, id).await?.ok_or(ChainError::NoSuch)?;
    let way = setup::way_by(clinic, grant, change.channel).await?;
    for (language, source) in &change.texts {
        if let Some(source) = source {
            setup::preview(clinic, texts::purpose(&step), *language, source, way)
                .and_then(|_| lint(source, way.land()))
                .map_err(|error| ChainError::Text(*language, error))?;
        }
    }
    clinic
        .vault
        .change(grant, async |tx| {
            let before = change.before_minutes.filter(|_| step.before_minutes.is_some());
            let changed = store::change_step(tx, id, before, change.confirmed_too, change.channel);
            let changed = changed.await;
            if !changed.map_err(twice)? {
                return Err(ChainError::NoSuch);
            }
            for (language, source) in &change.texts {
                if store::text(tx.sql(), id, *language).await? != *source {
                    let source = source.as_deref();
                    store::set_text(tx, id, *language, source, grant.staff()).await?;
                }
            }
            let event = Event::new("reminder.step_changed", Subject::Clinic);
            let channel = change.channel.map(Channel::name);
            let detail = json!({
                "step": id, "before_minutes": before, "channel": channel,
                "channel_was": step.channel.map(Channel::name),
            });
            Ok(((), event.with_detail(detail)))
        })
        .await
}

/// Takes a step out of its chain. What it did stays in the touches.
///
/// # Errors
/// [`ChainError::NoSuch`].
pub async fn remove_step(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    id: StepId,
) -> Result<(), ChainError> {
    clinic
        .vault
        .change(grant, async |tx| {
            if !store::end_step(tx, id, grant.staff()).await? {
                return Err(ChainError::NoSuch);
            }
            let event = Event::new("reminder.step_removed", Subject::Clinic);
            Ok(((), event.with_detail(json!({ "step": id }))))
        })
        .await
}

/// Gives a service a chain of its own, which begins as a copy of the clinic's.
///
/// # Errors
/// [`ChainError::NoSuch`].
pub async fn make_own(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    service: ServiceId,
) -> Result<(), ChainError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let made = store::insert_own(tx, service, grant.staff()).await;
            if made.map_err(unknown)? {
                for step in store::steps(tx.sql()).await? {
                    if step.service_id.is_none() {
                        copy(tx, grant, service, &step).await?;
                    }
                }
            }
            let event = Event::new("reminder.own_made", Subject::Clinic);
            Ok(((), event.with_detail(json!({ "service": service }))))
        })
        .await
}

async fn copy(
    tx: &mut crate::vault::Tx,
    grant: &Grant<EditTexts>,
    service: ServiceId,
    step: &Step,
) -> Result<(), VaultError> {
    let own = Step { id: StepId::new(tx.now()), service_id: Some(service), ..step.clone() };
    store::insert_step(tx, &own, grant.staff()).await?;
    for language in Language::ALL {
        if let Some(source) = store::text(tx.sql(), step.id, language).await? {
            store::set_text(tx, own.id, language, Some(&source), grant.staff()).await?;
        }
    }
    Ok(())
}

/// Gives a service the clinic's chain again.
///
/// # Errors
/// [`ChainError::NoSuch`].
pub async fn drop_own(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    service: ServiceId,
) -> Result<(), ChainError> {
    clinic
        .vault
        .change(grant, async |tx| {
            if !store::delete_own(tx, service, grant.staff()).await? {
                return Err(ChainError::NoSuch);
            }
            let event = Event::new("reminder.own_dropped", Subject::Clinic);
            Ok(((), event.with_detail(json!({ "service": service }))))
        })
        .await
}

fn twice(error: VaultError) -> ChainError {
    if error.violation() == Some(Violation::Unique) { ChainError::Twice } else { error.into() }
}

fn unknown(error: VaultError) -> ChainError {
    if error.violation() == Some(Violation::Reference) { ChainError::NoSuch } else { error.into() }
}
