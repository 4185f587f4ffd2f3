//! Rounds: what became free is offered to the first of those who wait, or to
//! the first few, and to the next when nobody answered.

use std::collections::{HashMap, HashSet};

use crate::booking::{self, Span};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::ids::{ResourceId, ServiceId};
use crate::schedule::{self, ClinicFacts};
use crate::vault::permission::RunWaitlist;
use crate::vault::{Events, Grant, Tx, VaultError};
use crate::waitlist::WaitlistError;
use crate::waitlist::model::{Candidate, OpeningId, Rule, Slot, WishId, plan};
use crate::waitlist::offers::sending::{Asking, Means, may_be_asked, pass_over, send};
use crate::waitlist::offers::{self, Cause, OfferState, Opening, OpeningState, store};
use crate::waitlist::rules;
use crate::waitlist::wishes::{self, Wish};

/// Writes down that time became free, to be offered. None when it is over.
pub async fn open(
    clinic: &Clinic,
    grant: &Grant<RunWaitlist>,
    doctor: ResourceId,
    span: Span,
    cause: Cause,
) -> Result<Option<OpeningId>, VaultError> {
    let starts = span.starts.max(wishes::now(clinic));
    if span.ends <= starts {
        return Ok(None);
    }
    let id = clinic
        .vault
        .change(grant, async |tx| {
            let id = OpeningId::new(tx.now());
            let span = Span { starts, ..span };
            store::insert_opening(tx, id, doctor, span, cause).await?;
            Ok::<_, VaultError>((id, offers::opening_event("waitlist.opened", id)))
        })
        .await?;
    Ok(Some(id))
}

/// Ends offers whose time is over and asks the next, if it may.
///
/// # Errors
/// [`WaitlistError::Nothing`] when there was nothing to do.
pub async fn look(
    clinic: &Clinic,
    grant: &Grant<RunWaitlist>,
    id: OpeningId,
) -> Result<(), WaitlistError> {
    expire(clinic, grant, id).await?;
    let mut reader = clinic.vault.read(grant).await?;
    let opening = store::opening(&mut reader, id).await?;
    let opening = opening.filter(|one| one.state != OpeningState::Closed);
    let opening = opening.ok_or(WaitlistError::Nothing)?;
    let rule = rules::rule_of(&mut reader).await?;
    let wanted = wishes::wanted(&mut reader).await?;
    let facts = schedule::facts(&mut reader).await?;
    drop(reader);
    let now = wishes::now(clinic);
    let goes_on = rule.automatic && opening.cause != Cause::Desk;
    if goes_on && let Some(morning) = rule.quiet_until(now) {
        return hold(clinic, grant, &opening, morning).await;
    }
    let soonest = now.plus_minutes(rule.notice_minutes);
    let mut free: HashMap<ServiceId, Vec<Slot>> = HashMap::new();
    if goes_on && soonest < opening.ends {
        for (service, doctor) in wanted {
            if doctor.is_none_or(|doctor| doctor == opening.doctor_id)
                && !free.contains_key(&service)
            {
                let slots = slots(clinic, grant, &opening, service, soonest).await?;
                free.insert(service, slots);
            }
        }
    }
    ask(clinic, grant, &opening, &rule, facts.as_ref(), &free).await
}

async fn slots(
    clinic: &Clinic,
    grant: &Grant<RunWaitlist>,
    opening: &Opening,
    service: ServiceId,
    soonest: Civil,
) -> Result<Vec<Slot>, VaultError> {
    let doctor = Some(opening.doctor_id);
    let found = booking::slots_in(clinic, grant, service, doctor, opening.span()).await?;
    let ahead = found.into_iter().filter(|slot| soonest <= slot.starts);
    let slot = |one: booking::FreeSlot| Slot {
        starts: one.starts,
        minutes: one.minutes,
        doctor_id: one.doctor_id,
    };
    Ok(within(ahead.map(slot).collect(), opening.span()))
}

/// Times that lie within what became free; where none does, because the service
/// takes longer, those that need some of it.
fn within(slots: Vec<Slot>, freed: Span) -> Vec<Slot> {
    let inside: Vec<Slot> =
        slots.iter().filter(|slot| freed.contains(slot.span())).copied().collect();
    if inside.is_empty() { slots } else { inside }
}

/// Offers of an opening that nobody answered in time.
async fn expire(
    clinic: &Clinic,
    grant: &Grant<RunWaitlist>,
    id: OpeningId,
) -> Result<(), WaitlistError> {
    let ended = clinic
        .vault
        .change(grant, async |tx| {
            let ended = store::expire(tx, id).await?;
            let mut events: Option<Events> = None;
            for (offer, wish, patient) in ended {
                let event = offers::event("waitlist.offer_expired", patient, wish, offer);
                events = Some(joined(events, event.into()));
            }
            events.map(|events| ((), events)).ok_or(WaitlistError::Nothing)
        })
        .await;
    match ended {
        Err(WaitlistError::Nothing) => Ok(()),
        other => other,
    }
}

/// Nothing is sent in quiet hours: looks again in the morning.
async fn hold(
    clinic: &Clinic,
    grant: &Grant<RunWaitlist>,
    opening: &Opening,
    morning: Civil,
) -> Result<(), WaitlistError> {
    let at = clinic.profile.get().zone.instant(morning);
    clinic
        .vault
        .change(grant, async |tx| {
            if !store::set_opening(tx, opening.id, OpeningState::Held, "quiet").await? {
                return Err(WaitlistError::Nothing);
            }
            offers::look_later(tx, opening.id, at).await?;
            let held = offers::opening_event("waitlist.held", opening.id);
            Ok(((), held.because("quiet")))
        })
        .await
}

/// One round, in one transaction: who may be asked is decided and they are asked.
async fn ask(
    clinic: &Clinic,
    grant: &Grant<RunWaitlist>,
    opening: &Opening,
    rule: &Rule,
    facts: Option<&ClinicFacts>,
    free: &HashMap<ServiceId, Vec<Slot>>,
) -> Result<(), WaitlistError> {
    let means = Means { clinic, rule, facts, by: None };
    clinic
        .vault
        .change(grant, async |tx| {
            let mut round = Round::of(tx, opening, free).await?;
            round.sort_out(tx, wishes::now(clinic)).await?;
            let pending = store::pending(tx, opening.doctor_id).await?;
            let at_once = usize::try_from(rule.at_once).unwrap_or(1);
            let chosen = plan(&round.candidates, &pending, at_once);
            for (wish_id, slot) in &chosen {
                if let Some((wish, asking)) = round.asking.get(wish_id) {
                    let sent = send(tx, &means, opening.id, wish, asking, *slot).await?;
                    round.note(sent);
                }
            }
            let next = store::next_expiry(tx, opening.doctor_id).await?;
            if chosen.is_empty()
                && !round.candidates.is_empty()
                && let Some(next) = next
            {
                // Others are being asked for the same time in another opening.
                offers::look_later(tx, opening.id, next).await?;
                let waits = offers::opening_event("waitlist.waits", opening.id);
                round.note(waits.into());
            } else if store::open_of(tx, opening.id).await? == 0 {
                let reason = if round.asked_before { "asked" } else { "nobody" };
                if store::set_opening(tx, opening.id, OpeningState::Closed, reason).await? {
                    let closed = offers::opening_event("waitlist.closed", opening.id);
                    round.note(closed.because(reason).into());
                }
            } else {
                store::set_opening(tx, opening.id, OpeningState::Open, "").await?;
            }
            let events = round.events.ok_or(WaitlistError::Nothing)?;
            Ok(((), events))
        })
        .await
}

/// A round in the making.
struct Round<'a> {
    opening: &'a Opening,
    /// Those who wait and whom some free time suits.
    suited: Vec<(Wish, Vec<Slot>)>,
    /// Those who were passed over in this opening, and why.
    passed: HashSet<(WishId, String)>,
    asked_before: bool,
    candidates: Vec<Candidate>,
    asking: HashMap<WishId, (Wish, Asking)>,
    events: Option<Events>,
}

impl<'a> Round<'a> {
    /// Nobody is asked twice in one opening, or twice for one time.
    async fn of(
        tx: &mut Tx,
        opening: &'a Opening,
        free: &HashMap<ServiceId, Vec<Slot>>,
    ) -> Result<Self, VaultError> {
        let history = store::of_opening(tx, opening).await?;
        let real = |state: &OfferState| *state != OfferState::NotSent;
        let asked: HashSet<WishId> =
            history.iter().filter(|row| real(&row.1)).map(|row| row.0).collect();
        let passed = history.iter().filter(|row| !real(&row.1));
        let passed = passed.map(|row| (row.0, row.2.clone())).collect();
        let before: HashSet<(WishId, Civil)> =
            store::offered_before(tx, opening.doctor_id, opening.starts)
                .await?
                .into_iter()
                .collect();
        let mut suited = Vec::new();
        for wish in wishes::waiting_in(tx).await? {
            let with = wish.doctor_id.is_none_or(|doctor| doctor == opening.doctor_id);
            if !with || asked.contains(&wish.id) {
                continue;
            }
            let slots = free.get(&wish.service_id).map(Vec::as_slice).unwrap_or_default();
            let suits =
                |slot: &&Slot| wish.when.suits(slot) && !before.contains(&(wish.id, slot.starts));
            let slots: Vec<Slot> = slots.iter().filter(suits).copied().collect();
            if !slots.is_empty() {
                suited.push((wish, slots));
            }
        }
        let asked_before = !asked.is_empty();
        let (candidates, asking, events) = Default::default();
        Ok(Self { opening, suited, passed, asked_before, candidates, asking, events })
    }

    /// Tells those who may be asked from those who may not.
    async fn sort_out(&mut self, tx: &mut Tx, now: Civil) -> Result<(), VaultError> {
        for (wish, slots) in std::mem::take(&mut self.suited) {
            match may_be_asked(tx, &wish, slots, now).await? {
                Ok(asking) => {
                    self.candidates.push(Candidate {
                        wish_id: wish.id,
                        priority: wish.priority,
                        since: wish.created_at,
                        slots: asking.slots.clone(),
                    });
                    self.asking.insert(wish.id, (wish, asking));
                }
                Err((reason, slot)) => {
                    if self.passed.insert((wish.id, reason.to_owned())) {
                        let id = self.opening.id;
                        let passed = pass_over(tx, id, &wish, reason, slot, None).await?;
                        self.note(passed);
                    }
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, more: Events) {
        self.events = Some(joined(self.events.take(), more));
    }
}

pub(super) fn joined(events: Option<Events>, more: Events) -> Events {
    match events {
        Some(events) => events.and(more),
        None => more,
    }
}
