//! What the clock does with the chains, every minute: finds the steps that are
//! due, and writes each down as sent or as not sent and why.
//!
//! Visits are looked at as they stand; the outcome of a step and the message are
//! one change, whose key (appointment, round, step) exists once. So a server
//! that dies, is followed by another, or whose clock jumps, neither repeats a
//! step nor leaves one without an outcome.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::{Civil, Day, Timestamp};
use crate::ids::{AppointmentId, ServiceId};
use crate::messaging::MessagingError;
use crate::messaging::TOPIC;
use crate::patients;
use crate::reminders::chain::model::{Outcome, Placed, Reason, Rule, Step, Touch, Verdict, Visit};
use crate::reminders::chain::plan::Times;
use crate::reminders::chain::store::{self, Done};
use crate::reminders::chain::write;
use crate::reminders::reached_in;
use crate::schedule::{self, ClinicFacts};
use crate::vault::permission::{Permission, SendMessages};
use crate::vault::{Actor, Event, Events, Grant, Subject, Tx, VaultError};
use crate::workdays::{self, DayKind, WorkCalendar};

/// Visits that began so long before the last look are looked at once more.
const LOOKED_BACK_MS: i64 = 24 * 60 * 60 * 1000;

/// Each minute, in UTC.
pub const EVERY_MINUTE: &str = "0 * * * * *";

/// Visits whose steps are written down as not sent in one change.
const TOGETHER: usize = 25;

/// Why the chains were not looked at.
#[derive(Debug, thiserror::Error)]
pub enum RemindError {
    /// Somebody was quicker, or the visit has changed.
    #[error("there is nothing to be done any more")]
    Nothing,
    #[error(transparent)]
    Messaging(#[from] MessagingError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// All that the chains go by, as it stands.
pub(super) struct Chains {
    pub rule: Rule,
    pub steps: Vec<Step>,
    own: HashSet<ServiceId>,
    calendar: WorkCalendar,
}

impl Chains {
    pub async fn read<P: Permission>(
        clinic: &Clinic,
        grant: &Grant<P>,
    ) -> Result<Self, VaultError> {
        let today = clinic.profile.get().zone.today(clinic.clock().now());
        let calendar = workdays::calendar(&clinic.vault, grant, today).await?;
        let mut reader = clinic.vault.read(grant).await?;
        Ok(Self {
            rule: store::rule(reader.sql()).await?,
            steps: store::steps(reader.sql()).await?,
            own: store::own(reader.sql()).await?.into_iter().collect(),
            calendar,
        })
    }

    /// The steps of a service's chain.
    pub fn of(&self, service: Option<ServiceId>) -> Vec<Step> {
        let chain = service.filter(|service| self.own.contains(service));
        self.steps.iter().filter(|step| step.service_id == chain).cloned().collect()
    }

    /// Whether nobody is reminded on a day: holidays, not weekends.
    pub fn rests(&self, day: Day) -> bool {
        self.calendar.kind(day) == DayKind::Holiday
    }

    /// How far ahead a visit may have a step that is due.
    fn horizon(&self, now: Civil) -> Civil {
        let most = self.steps.iter().filter_map(|step| step.before_minutes).max().unwrap_or(0);
        let first = now.day();
        let last = now.plus_minutes(most).day().plus_days(14).days_since(first);
        let rests = (0..=last).filter(|days| self.rests(first.plus_days(*days))).count();
        let days = i64::try_from(rests).unwrap_or_default() + 1;
        now.plus_minutes(most + days * 24 * 60)
    }
}

/// The clock asks; what goes wrong is in the log.
pub async fn remind(clinic: Clinic) {
    if let Err(error) = remind_due(&clinic).await {
        tracing::error!(%error, "reminders could not be looked at");
    }
}

/// Decides every step that is due, once. Gives how many were decided.
///
/// # Errors
/// Those of the database; what was decided before stays decided.
pub async fn remind_due(clinic: &Clinic) -> Result<usize, RemindError> {
    let grant: Grant<SendMessages> =
        Actor::job("reminders").grant().map_err(|_| VaultError::NotStaff)?;
    let chains = Chains::read(clinic, &grant).await?;
    let zone = clinic.profile.get().zone.clone();
    let rests = |day| chains.rests(day);
    let times = Times { rule: chains.rule, zone: &zone, rests: &rests };
    let now = clinic.clock().now();
    let (facts, found) = {
        let mut reader = clinic.vault.read(&grant).await?;
        let seen = store::seen(&mut reader).await?;
        let from = if seen.unix_ms() == 0 { now } else { seen.min(now).plus_ms(-LOOKED_BACK_MS) };
        let (from, until) = (zone.civil(from), chains.horizon(zone.civil(now)));
        let visits = store::visits_between(reader.sql(), from, until).await?;
        let touches = by_visit(store::touches_between(reader.sql(), from, until).await?);
        (schedule::facts(&mut reader).await?, due(&times, &chains, visits, &touches, now))
    };
    let round =
        Round { clinic, grant: &grant, chains: &chains, times: &times, facts: facts.as_ref() };
    let mut decided = round.write_down(&found.not).await?;
    for (id, step) in &found.send {
        match round.send(*id, step).await {
            Ok(count) => decided += count,
            Err(RemindError::Nothing) => {}
            Err(error) => tracing::error!(appointment = %id, %error, "a reminder was not written"),
        }
    }
    round.note_seen(now).await?;
    Ok(decided)
}

type NotSent = (Visit, Vec<(Step, Placed, Reason)>);

#[derive(Default)]
struct Found {
    not: Vec<NotSent>,
    send: Vec<(AppointmentId, Step)>,
}

fn by_visit(touches: Vec<Touch>) -> HashMap<AppointmentId, Vec<Touch>> {
    let mut by_visit: HashMap<_, Vec<Touch>> = HashMap::new();
    for touch in touches {
        by_visit.entry(touch.appointment_id).or_default().push(touch);
    }
    by_visit
}

fn due(
    times: &Times<'_>,
    chains: &Chains,
    visits: Vec<Visit>,
    touches: &HashMap<AppointmentId, Vec<Touch>>,
    now: Timestamp,
) -> Found {
    let mut found = Found::default();
    for visit in visits {
        let own = touches.get(&visit.id).map_or(&[][..], Vec::as_slice);
        let steps = chains.of(visit.service_id);
        let mut not = Vec::new();
        for (step, placed, verdict) in times.due(&visit, &steps, own, now) {
            match verdict {
                Verdict::Wait => {}
                Verdict::Send => found.send.push((visit.id, step.clone())),
                Verdict::Not(reason) => not.push((step.clone(), placed, reason)),
            }
        }
        if !not.is_empty() {
            found.not.push((visit, not));
        }
    }
    found
}

/// One look of the clock.
pub(super) struct Round<'a> {
    pub clinic: &'a Clinic,
    pub grant: &'a Grant<SendMessages>,
    pub chains: &'a Chains,
    pub times: &'a Times<'a>,
    pub facts: Option<&'a ClinicFacts>,
}

impl Round<'_> {
    async fn write_down(&self, not: &[NotSent]) -> Result<usize, RemindError> {
        let mut decided = 0;
        for some in not.chunks(TOGETHER) {
            let done = self
                .clinic
                .vault
                .change(self.grant, async |tx| {
                    let mut events: Option<Events> = None;
                    let mut count = 0;
                    for (visit, steps) in some {
                        for (step, placed, reason) in steps {
                            let reason = seen_closer(tx, visit, *reason).await?;
                            count += usize::from(not_sent(tx, visit, step, *placed, reason).await?);
                        }
                        let (step, _, reason) = &steps[0];
                        let reason = seen_closer(tx, visit, *reason).await?;
                        let event = skipped(visit, step, reason, steps.len());
                        events = Some(match events {
                            None => event.into(),
                            Some(events) => events.and(event),
                        });
                    }
                    if count == 0 {
                        return Err(RemindError::Nothing);
                    }
                    Ok((count, events.ok_or(RemindError::Nothing)?))
                })
                .await;
            match done {
                Ok(count) => decided += count,
                Err(RemindError::Nothing) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(decided)
    }

    /// Decides one step anew inside the change that writes its message, together
    /// with those of other visits of the same telephone.
    async fn send(&self, id: AppointmentId, step: &Step) -> Result<usize, RemindError> {
        self.clinic
            .vault
            .change(self.grant, async |tx| {
                let visit = store::visit(tx.sql(), id).await?.ok_or(RemindError::Nothing)?;
                let touches = store::touches_of(tx.sql(), id).await?;
                let steps = self.chains.of(visit.service_id);
                let due = self.times.due(&visit, &steps, &touches, tx.now());
                let own = due.into_iter().find(|(one, ..)| one.id == step.id);
                match own {
                    Some((step, placed, Verdict::Send)) => {
                        write::write(tx, self, &visit, step, placed).await
                    }
                    _ => Err(RemindError::Nothing),
                }
            })
            .await
    }

    /// What began a day before this moment is not looked at again: moved on every
    /// few hours, and back only when the clock was.
    async fn note_seen(&self, now: Timestamp) -> Result<(), RemindError> {
        let seen = store::seen(&mut self.clinic.vault.read(self.grant).await?).await?;
        if seen <= now && now.unix_ms() < seen.unix_ms() + SEEN_EVERY_MS {
            return Ok(());
        }
        self.clinic
            .vault
            .change(self.grant, async |tx| {
                store::set_seen(tx, now).await?;
                Ok(((), Event::new("reminder.looked", Subject::Clinic)))
            })
            .await
    }
}

/// Nothing was said at the booking where there was nowhere to say it.
async fn seen_closer(tx: &mut Tx, visit: &Visit, reason: Reason) -> Result<Reason, VaultError> {
    if reason != Reason::Unsaid {
        return Ok(reason);
    }
    let card = patients::card_in(tx, visit.patient_id).await?;
    let reached = match &card {
        Some(card) => reached_in(tx, card).await?,
        None => None,
    };
    Ok(if reached.is_none() { Reason::NoPhone } else { reason })
}

/// Writing down how far the clock came is a change of its own: not every minute.
const SEEN_EVERY_MS: i64 = 6 * 60 * 60 * 1000;

/// Notes that a step was not sent. False when it has an outcome already.
pub(super) async fn not_sent(
    tx: &mut Tx,
    visit: &Visit,
    step: &Step,
    placed: Placed,
    reason: Reason,
) -> Result<bool, VaultError> {
    let (outcome, reason) = (Outcome::Not, Some(reason));
    store::touch(tx, &Done { visit, step: step.id, placed, outcome, reason, message: None }).await
}

/// The event of steps of one visit that were not sent.
pub(super) fn skipped(visit: &Visit, step: &Step, reason: Reason, count: usize) -> Event {
    Event::new("reminder.skipped", Subject::Patient(visit.patient_id))
        .on("appointment", visit.id)
        .with_detail(json!({ "step": step.id, "steps": count }))
        .because(reason.name())
        .touching(TOPIC)
}
