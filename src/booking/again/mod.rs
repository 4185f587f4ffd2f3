//! First or repeated: which of two services a patient's next visit is, by when
//! they were last seen. Said to whoever books; they decide.

mod store;

use crate::booking::BookingError;
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::ids::{PatientId, ResourceId, ServiceId};
use crate::schedule::{self, Repeat};
use crate::vault::permission::{ViewClinic, ViewSchedule};
use crate::vault::{Grant, Tx, VaultError};

pub use store::Seen;

/// That the other service fits better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// They were here: the repeated one.
    Repeated { service: ServiceId, last: Seen },
    /// They were not, or too long ago: one of these.
    First { services: Vec<ServiceId>, days: i64 },
}

/// Whom a service is being booked for, with whom and for which day.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    pub patient: PatientId,
    pub service: ServiceId,
    /// None: any doctor.
    pub doctor: Option<ResourceId>,
    pub day: Day,
}

/// None when the service fits, or has no other.
///
/// A visit counts that took place with the doctor who is asked for, or with
/// another of the same specialty; when nobody is asked for, a visit for one of
/// the two services.
///
/// # Errors
/// Those of the database.
pub async fn advice(
    clinic: &Clinic,
    grant: &Grant<ViewSchedule>,
    planned: Planned,
) -> Result<Option<Advice>, BookingError> {
    let look: Grant<ViewClinic> = grant.also()?;
    let mut reader = clinic.vault.read(&look).await?;
    let rules = schedule::repeats_of(&mut reader, planned.service).await?;
    if rules.is_empty() {
        return Ok(None);
    }
    let last = store::last_seen(reader.sql(), planned, &pair(&rules)).await?;
    Ok(advise(planned.service, planned.day, &rules, last))
}

/// The same as things stand in this change, for those who book by themselves.
///
/// # Errors
/// Those of the database.
pub async fn advice_in(tx: &mut Tx, planned: Planned) -> Result<Option<Advice>, VaultError> {
    let rules = schedule::repeats_of_in(tx, planned.service).await?;
    if rules.is_empty() {
        return Ok(None);
    }
    let last = store::last_seen(tx.sql(), planned, &pair(&rules)).await?;
    Ok(advise(planned.service, planned.day, &rules, last))
}

fn pair(rules: &[Repeat]) -> Vec<ServiceId> {
    rules.iter().flat_map(|rule| [rule.service_id, rule.repeat_id]).collect()
}

/// The same for what is known. `last` is the last visit that counts, before `day`.
fn advise(service: ServiceId, day: Day, rules: &[Repeat], last: Option<Seen>) -> Option<Advice> {
    let since = last.map(|last| day.days_since(last.day()));
    let within = |rule: &Repeat| since.is_some_and(|since| since <= rule.days);
    if let Some(own) = rules.iter().find(|rule| rule.service_id == service) {
        let last = last.filter(|_| within(own))?;
        return Some(Advice::Repeated { service: own.repeat_id, last });
    }
    let days = rules.iter().map(|rule| rule.days).max()?;
    if rules.iter().any(within) {
        return None;
    }
    let services = rules.iter().map(|rule| rule.service_id).collect();
    Some(Advice::First { services, days })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn seen(text: &str) -> Seen {
        Seen { starts: text.parse().unwrap(), doctor_id: None }
    }

    fn day() -> Day {
        "2026-11-23".parse().unwrap()
    }

    fn rule() -> Repeat {
        let [service_id, repeat_id] = [1, 2].map(|ms| ServiceId::new(Timestamp::from_unix_ms(ms)));
        Repeat { service_id, repeat_id, days: 30 }
    }

    #[test]
    fn whoever_was_here_within_the_days_comes_again_and_on_the_day_after_them_for_the_first_time() {
        let rule = rule();
        let last = seen("2026-10-24T18:00");
        let repeated = Advice::Repeated { service: rule.repeat_id, last };
        assert_eq!(advise(rule.service_id, day(), &[rule], Some(last)), Some(repeated));
        let older = seen("2026-10-23T18:00");
        assert_eq!(advise(rule.service_id, day(), &[rule], Some(older)), None);
        assert_eq!(advise(rule.service_id, day(), &[rule], None), None);
    }

    #[test]
    fn the_repeated_service_is_refused_to_who_was_not_here() {
        let rule = rule();
        let first = Some(Advice::First { services: vec![rule.service_id], days: 30 });
        assert_eq!(advise(rule.repeat_id, day(), &[rule], None), first);
        let older = seen("2026-10-23T18:00");
        assert_eq!(advise(rule.repeat_id, day(), &[rule], Some(older)), first);
        let last = seen("2026-10-24T18:00");
        assert_eq!(advise(rule.repeat_id, day(), &[rule], Some(last)), None);
    }

    #[test]
    fn a_service_between_two_others_goes_by_its_own_rule() {
        let second = rule();
        let own = Repeat {
            service_id: second.repeat_id,
            repeat_id: ServiceId::new(Timestamp::from_unix_ms(3)),
            days: 10,
        };
        let last = seen("2026-11-20T10:00");
        let advice = advise(own.service_id, day(), &[own, second], Some(last));
        assert_eq!(advice, Some(Advice::Repeated { service: own.repeat_id, last }));
    }
}
