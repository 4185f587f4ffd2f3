//! What the clock and a freed time set going.

use serde::Deserialize;
use serde_json::Value;

use crate::booking::{self, Span};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::ids::ResourceId;
use crate::jobs::{JobFailure, Jobs};
use crate::schedule;
use crate::vault::permission::RunWaitlist;
use crate::vault::{Actor, Grant};
use crate::waitlist::model::{OpeningId, WishId};
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
    doctor: ResourceId,
    starts: Civil,
    ends: Civil,
    cause: Cause,
}

#[derive(Deserialize)]
struct Opened {
    resource: ResourceId,
    from: Day,
    until: Option<Day>,
}

async fn freed(clinic: Clinic, payload: Value) -> Result<(), JobFailure> {
    let freed: Freed = read(payload)?;
    let grant = grant()?;
    let span = Span { starts: freed.starts, ends: freed.ends };
    open(&clinic, &grant, freed.doctor, &[span], freed.cause).await
}

/// One opening for each day on which somebody works more than before.
async fn opened(clinic: Clinic, payload: Value) -> Result<(), JobFailure> {
    let opened: Opened = read(payload)?;
    let grant = grant()?;
    let first = opened.from.max(wishes::now(&clinic).day());
    let most = first.plus_days(DAYS_OF_A_SHIFT - 1);
    let last = opened.until.unwrap_or(most).min(most);
    if last < first || !is_wanted(&clinic, &grant, opened.resource).await? {
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
