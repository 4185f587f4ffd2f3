//! What the clock and a freed time set going.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::booking::{self, Span};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::ids::{ResourceId, ServiceId};
use crate::jobs::{JobFailure, Jobs};
use crate::schedule;
use crate::vault::permission::RunWaitlist;
use crate::vault::{Actor, Grant};
use crate::waitlist::model::{DAY_ENDS, OpeningId, WishId};
use crate::waitlist::offers::{self, Cause};
use crate::waitlist::wishes::{self, WishState};
use crate::waitlist::{ENDED, LOOK, WaitlistError, count_waiting, rules};

/// A new shift is offered from so many days at first.
const DAYS_OF_A_SHIFT: i64 = 14;

/// The work this capability does for `booking`, `schedule` and itself.
pub fn jobs() -> Jobs<Clinic> {
    Jobs::new()
        .on(booking::FREED, freed)
        .on(schedule::OPENED, opened)
        .on(LOOK, look)
        .on(ENDED, ended)
}

#[derive(Deserialize)]
struct Freed {
    /// None: an appointment that had none.
    doctor: Option<ResourceId>,
    /// The chair, room and devices that it had, too.
    #[serde(default)]
    things: Vec<ResourceId>,
    starts: Civil,
    ends: Civil,
    cause: Cause,
}

#[derive(Deserialize)]
struct Opened {
    resource: ResourceId,
    from: Day,
    until: Option<Day>,
    /// Minutes of each day; None: all of it.
    #[serde(default)]
    starts: Option<u16>,
    #[serde(default)]
    ends: Option<u16>,
}

async fn freed(clinic: Clinic, payload: Value) -> Result<(), JobFailure> {
    let freed: Freed = read(payload)?;
    let grant = grant()?;
    let span = Span { starts: freed.starts, ends: freed.ends };
    if let Some(doctor) = freed.doctor {
        open(&clinic, &grant, doctor, &[span], freed.cause).await?;
    }
    for (doctor, span) in unlocked(&clinic, &grant, &freed.things, span).await? {
        // Their own time is open already.
        if Some(doctor) != freed.doctor {
            open(&clinic, &grant, doctor, &[span], freed.cause).await?;
        }
    }
    Ok(())
}

/// The doctors for whom a chair, a room or a device was what they lacked, each
/// with the time that its being free unlocks.
async fn unlocked(
    clinic: &Clinic,
    grant: &Grant<RunWaitlist>,
    things: &[ResourceId],
    freed: Span,
) -> Result<BTreeMap<ResourceId, Span>, JobFailure> {
    let mut found: BTreeMap<ResourceId, Span> = BTreeMap::new();
    if things.is_empty() || !rules::rule(clinic, grant).await?.automatic {
        return Ok(found);
    }
    let wanted = wishes::wanted(&mut clinic.vault.read(grant).await?).await?;
    let services: BTreeSet<ServiceId> = wanted.iter().map(|(service, _)| *service).collect();
    for service in services {
        let with = |doctor: ResourceId| {
            let same = |asked: Option<ResourceId>| asked.is_none_or(|asked| asked == doctor);
            wanted.iter().any(|(other, asked)| *other == service && same(*asked))
        };
        let slots = booking::slots_by_things(clinic, grant, service, things, freed).await?;
        for slot in slots.into_iter().filter(|slot| with(slot.doctor_id)) {
            let span = Span { starts: slot.starts, ends: slot.starts.plus_minutes(slot.minutes) };
            let own = found.entry(slot.doctor_id).or_insert(span);
            own.starts = own.starts.min(span.starts);
            own.ends = own.ends.max(span.ends);
        }
    }
    Ok(found)
}

/// One opening for each day on which somebody works more than before, or on
/// which a chair, a room or a device is there again.
async fn opened(clinic: Clinic, payload: Value) -> Result<(), JobFailure> {
    let opened: Opened = read(payload)?;
    let grant = grant()?;
    let first = opened.from.max(wishes::now(&clinic).day());
    let most = first.plus_days(DAYS_OF_A_SHIFT - 1);
    let last = opened.until.unwrap_or(most).min(most);
    if last < first {
        return Ok(());
    }
    let catalog = schedule::setup(&mut clinic.vault.read(&grant).await?).await?;
    let of = catalog.resource(opened.resource).map(|resource| resource.kind);
    if of.is_some_and(|kind| !kind.is_person()) {
        return there_again(&clinic, &grant, &opened, (first, last)).await;
    }
    if !is_wanted(&clinic, &grant, opened.resource).await? {
        return Ok(());
    }
    let plans = {
        let mut reader = clinic.vault.read(&grant).await?;
        schedule::plans_between(&mut reader, first, last).await?
    };
    let shifts = plans.iter().flat_map(|plan| &plan.shifts);
    let own = shifts.filter(|shift| shift.doctor == opened.resource);
    let spans: Vec<Span> =
        own.map(|shift| Span { starts: shift.starts_at(), ends: shift.ends_at() }).collect();
    open(&clinic, &grant, opened.resource, &spans, Cause::Shift).await
}

/// A chair, a room or a device that is there again on these days.
async fn there_again(
    clinic: &Clinic,
    grant: &Grant<RunWaitlist>,
    opened: &Opened,
    (first, last): (Day, Day),
) -> Result<(), JobFailure> {
    let (starts, ends) = (opened.starts.unwrap_or(0), opened.ends.unwrap_or(DAY_ENDS));
    for after in 0..=last.days_since(first) {
        let day = Civil::new(first.plus_days(after), 0);
        let day = day.ok_or_else(|| JobFailure("day".to_owned()))?;
        let (starts, ends) = (day.plus_minutes(starts.into()), day.plus_minutes(ends.into()));
        let span = Span { starts, ends };
        for (doctor, span) in unlocked(clinic, grant, &[opened.resource], span).await? {
            open(clinic, grant, doctor, &[span], Cause::Shift).await?;
        }
    }
    Ok(())
}

/// Looks for somebody at once, if anybody waits for that doctor.
async fn open(
    clinic: &Clinic,
    grant: &Grant<RunWaitlist>,
    doctor: ResourceId,
    spans: &[Span],
    cause: Cause,
) -> Result<(), JobFailure> {
    let automatic = rules::rule(clinic, grant).await?.automatic;
    if !automatic || !is_wanted(clinic, grant, doctor).await? {
        return Ok(());
    }
    for span in spans {
        if let Some(id) = offers::open(clinic, grant, doctor, *span, cause).await? {
            done(clinic, offers::look(clinic, grant, id).await).await?;
        }
    }
    Ok(())
}

async fn is_wanted(
    clinic: &Clinic,
    grant: &Grant<RunWaitlist>,
    doctor: ResourceId,
) -> Result<bool, JobFailure> {
    let mut reader = clinic.vault.read(grant).await?;
    let wanted = wishes::wanted(&mut reader).await?;
    Ok(wanted.iter().any(|(_, asked)| asked.is_none_or(|id| id == doctor)))
}

async fn look(clinic: Clinic, payload: Value) -> Result<(), JobFailure> {
    #[derive(Deserialize)]
    struct Payload {
        opening: OpeningId,
    }
    let payload: Payload = read(payload)?;
    done(&clinic, offers::look(&clinic, &grant()?, payload.opening).await).await
}

async fn ended(clinic: Clinic, payload: Value) -> Result<(), JobFailure> {
    #[derive(Deserialize)]
    struct Payload {
        wish: WishId,
    }
    let payload: Payload = read(payload)?;
    let grant = grant()?;
    let outcome = clinic
        .vault
        .change(&grant, async |tx| {
            let (_, event) =
                wishes::end_in(tx, &grant, payload.wish, WishState::Expired, "last_day").await?;
            Ok::<_, WaitlistError>(((), event))
        })
        .await;
    done(&clinic, outcome).await
}

/// What was done meanwhile, or by others, is no failure.
async fn done(clinic: &Clinic, outcome: Result<(), WaitlistError>) -> Result<(), JobFailure> {
    match outcome {
        Ok(()) | Err(WaitlistError::Nothing | WaitlistError::NoSuch) => {}
        Err(error) => return Err(JobFailure(error.to_string())),
    }
    Ok(count_waiting(clinic).await?)
}

fn grant() -> Result<Grant<RunWaitlist>, JobFailure> {
    Actor::job("waitlist").grant().map_err(|denied| JobFailure(denied.to_string()))
}

fn read<T: serde::de::DeserializeOwned>(payload: Value) -> Result<T, JobFailure> {
    serde_json::from_value(payload).map_err(|_| JobFailure("payload_not_understood".to_owned()))
}
