//! What became of every step of a visit, and what is still to come: read by
//! people.

use sqlx::SqliteConnection;

use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::ids::{AppointmentId, MessageId, PatientId};
use crate::messaging;
use crate::reminders::chain::model::{Outcome, Placed, Reason, Step, Touch, Visit};
use crate::reminders::chain::plan::{Times, stopped};
use crate::reminders::chain::store;
use crate::reminders::chain::work::Chains;
use crate::vault::permission::ViewMessages;
use crate::vault::{Grant, VaultError};

/// The next visits whose steps a card shows.
const VISITS_OF_A_CARD: i64 = 3;

/// A visit and its steps.
#[derive(Clone, Debug)]
pub struct Touches {
    pub id: AppointmentId,
    pub patient_id: PatientId,
    pub starts: Civil,
    /// In the order in which they are due, earlier rounds first.
    pub lines: Vec<Line>,
}

/// A step of a visit.
#[derive(Clone, Debug)]
pub struct Line {
    /// None: at booking.
    pub before_minutes: Option<i64>,
    pub placed: Placed,
    /// Where the visit stood, when it has moved since.
    pub moved_from: Option<Civil>,
    pub fate: Fate,
}

/// What became of a step.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It goes out when it is due, as things stand.
    Planned,
    /// It is due, and decided within a minute or once the quiet time is over.
    Waits,
    /// It will not go out, as things stand.
    Spared(Reason),
    /// A message was written.
    Written { at: Timestamp, together: bool, message: Option<messaging::Fate> },
    /// Nothing was written.
    Not { at: Timestamp, reason: Option<Reason> },
}

/// The steps of one appointment. None when there is none, or it is a place that
/// was left.
pub async fn of_appointment(
    clinic: &Clinic,
    grant: &Grant<ViewMessages>,
    id: AppointmentId,
) -> Result<Option<Touches>, VaultError> {
    let chains = Chains::read(clinic, grant).await?;
    clinic
        .vault
        .list(grant, "reminder.read", async |listing| {
            let Some(visit) = store::visit(listing.sql(), id).await? else {
                return Ok((None, Vec::new()));
            };
            let touches = read(listing.sql(), clinic, &chains, &visit).await?;
            Ok::<_, VaultError>((Some(touches), vec![visit.patient_id]))
        })
        .await
}

/// The steps of a patient's next visits.
pub async fn of_patient(
    clinic: &Clinic,
    grant: &Grant<ViewMessages>,
    patient: PatientId,
) -> Result<Vec<Touches>, VaultError> {
    let chains = Chains::read(clinic, grant).await?;
    let now = clinic.profile.get().zone.civil(clinic.clock().now());
    let mut disclosure = clinic.vault.disclose(grant, patient).await?;
    let visits = store::visits_of(disclosure.sql(), patient, now, VISITS_OF_A_CARD).await?;
    let mut all = Vec::new();
    for visit in visits {
        all.push(read(disclosure.sql(), clinic, &chains, &visit).await?);
    }
    Ok(all)
}

async fn read(
    connection: &mut SqliteConnection,
    clinic: &Clinic,
    chains: &Chains,
    visit: &Visit,
) -> Result<Touches, VaultError> {
    let zone = clinic.profile.get().zone.clone();
    let rests = |day| chains.rests(day);
    let times = Times { rule: chains.rule, zone: &zone, rests: &rests };
    let touches = store::touches_of(connection, visit.id).await?;
    let known = store::every_step(connection).await?;
    let ids: Vec<MessageId> = touches.iter().filter_map(|touch| touch.message_id).collect();
    let fates = messaging::fates(connection, &ids).await?;
    let decided = touches.iter().filter(|touch| touch.outcome != Outcome::Again);
    let mut lines: Vec<(i64, Line)> = decided
        .map(|touch| {
            let step = known.iter().find(|step| step.id == touch.step_id);
            let fate = fate_of(touch, &fates);
            let moved = touch.round != visit.round && touch.starts != visit.starts;
            let line = Line {
                before_minutes: step.and_then(|step| step.before_minutes),
                placed: Placed { wanted: touch.wanted, due: touch.due },
                moved_from: moved.then_some(touch.starts),
                fate,
            };
            (touch.round, line)
        })
        .collect();
    let now = zone.civil(clinic.clock().now());
    for step in chains.of(visit.service_id) {
        let done = touches.iter().any(|touch| {
            touch.round == visit.round
                && touch.step_id == step.id
                && touch.outcome != Outcome::Again
        });
        if !done {
            lines.push((visit.round, to_come(&times, visit, &step, now)));
        }
    }
    lines.sort_by_key(|(round, line)| (*round, line.placed.due));
    let lines = lines.into_iter().map(|(_, line)| line).collect();
    Ok(Touches { id: visit.id, patient_id: visit.patient_id, starts: visit.starts, lines })
}

fn fate_of(touch: &Touch, fates: &std::collections::HashMap<MessageId, messaging::Fate>) -> Fate {
    match touch.outcome {
        Outcome::Written => Fate::Written {
            at: touch.decided_at,
            together: touch.reason == Some(Reason::Together),
            message: touch.message_id.and_then(|id| fates.get(&id).cloned()),
        },
        _ => Fate::Not { at: touch.decided_at, reason: touch.reason },
    }
}

fn to_come(times: &Times<'_>, visit: &Visit, step: &Step, now: Civil) -> Line {
    let placed = times.placed(visit, step);
    // Of what came to stand there when it was over nothing is said, not even that.
    let last = if step.before_minutes.is_some() { placed.due } else { visit.starts };
    let spared = stopped(visit, step.confirmed_too)
        .or((last < times.zone.civil(visit.since)).then_some(Reason::Passed))
        .or((step.before_minutes.is_some() && !times.rule.running).then_some(Reason::Off));
    let fate = match spared {
        Some(reason) => Fate::Spared(reason),
        None if now < placed.due => Fate::Planned,
        None => Fate::Waits,
    };
    Line { before_minutes: step.before_minutes, placed, moved_from: None, fate }
}
