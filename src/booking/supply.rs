//! What there is to book: who works when, what is taken, and where a wish fits.

use sqlx::SqliteConnection;

use crate::booking::model::Place;
use crate::booking::slots::{Busy, FreeSlot, Span, Wanted, Working, free_slots};
use crate::booking::store::{self, Present, Terms, midnight};
use crate::clock::{Civil, Day};
use crate::ids::{AppointmentId, BranchId, ResourceId};
use crate::schedule::{self, DayPlan};
use crate::vault::{Reader, Tx, VaultError};

/// How far ahead slots are looked for, in days: at first and at most.
const WINDOW: i64 = 14;
const HORIZON: i64 = 56;

/// Who works and what is taken between two days.
pub(super) struct Supply {
    pub(super) working: Vec<Working>,
    pub(super) busy: Busy,
}

/// What somebody asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub starts: Civil,
    /// None: as long as the doctor takes.
    pub minutes: Option<i64>,
    /// None: any who does it.
    pub doctor_id: Option<ResourceId>,
    /// This place and no other.
    pub place_id: Option<ResourceId>,
    /// Rather this place, if it is free.
    pub rather: Option<ResourceId>,
}

/// A wish with everything found for it.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    pub place: Place,
    pub branch_id: BranchId,
    /// All that it takes up: doctor, place and whatever else the service needs.
    pub resources: Vec<ResourceId>,
    /// From when until when, buffers included.
    pub span: Span,
}

/// Why a wish does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// Nobody who may do it works then.
    OffShift,
    Taken,
    /// That doctor does not do it, or that place is none.
    Impossible,
}

/// The supply of some days for a wish and what it needs, without what some
/// appointments themselves take up.
pub(super) async fn supply(
    reader: &mut Reader,
    (first, last): (Day, Day),
    terms: &Terms,
    wish: &Wish,
    except: &[AppointmentId],
) -> Result<Supply, VaultError> {
    let plans = schedule::plans_between(reader, first, last).await?;
    let resources = terms.concerned(wish.doctor_id, wish.place_id);
    of_plans(reader.sql(), &plans, &resources, except).await
}

/// Finds all that a wish needs as things stand inside this change, so that
/// nobody can be quicker; or says why not.
pub(super) async fn fit_in(
    tx: &mut Tx,
    terms: &Terms,
    wish: &Wish,
) -> Result<Result<Fit, Misfit>, VaultError> {
    let plan = schedule::plan_on_in(tx, wish.starts.day()).await?;
    let resources = terms.concerned(wish.doctor_id, wish.place_id);
    let supply = of_plans(tx.sql(), std::slice::from_ref(&plan), &resources, &[]).await?;
    Ok(supply.fit(terms, wish))
}

/// The same for these resources and days whose plans are at hand.
pub(super) async fn of_plans(
    sql: &mut SqliteConnection,
    plans: &[DayPlan],
    resources: &[ResourceId],
    except: &[AppointmentId],
) -> Result<Supply, VaultError> {
    let (Some(first), Some(last)) = (plans.first(), plans.last()) else {
        return Ok(Supply { working: Vec::new(), busy: Busy::default() });
    };
    // What began the day before may reach into the first.
    let from = midnight(first.day.plus_days(-1));
    let until = midnight(last.day.plus_days(1));
    let taken = store::busy(sql, resources, from, until, except).await?;
    let mut busy = Busy::default();
    for (resource_id, starts, ends) in taken {
        busy.add(resource_id, Span { starts, ends });
    }
    let mut working = Vec::new();
    for plan in plans {
        for shift in &plan.shifts {
            let pieces = shift.working();
            working.extend(pieces.into_iter().map(|piece| Working {
                doctor_id: shift.doctor,
                span: on_day(plan.day, piece),
                place_id: shift.place,
            }));
        }
        for closure in &plan.closures {
            busy.add(closure.resource, on_day(plan.day, closure.span));
        }
    }
    busy.settle();
    Ok(Supply { working, busy })
}

/// Minutes of a day as wall-clock time.
pub(super) fn on_day(day: Day, span: schedule::Span) -> Span {
    let start = midnight(day);
    Span {
        starts: start.plus_minutes(span.starts.into()),
        ends: start.plus_minutes(span.ends.into()),
    }
}

impl Supply {
    /// What is left of a doctor's shifts, or of a chair while `open`.
    pub fn gaps(&self, resource_id: ResourceId, open: &[Span]) -> Vec<Span> {
        open.iter().flat_map(|span| self.busy.gaps(resource_id, *span)).collect()
    }

    /// When somebody works, or when somebody works in that place.
    pub fn open(&self, resource_id: ResourceId) -> Vec<Span> {
        let own = |shift: &&Working| {
            shift.doctor_id == resource_id || shift.place_id == Some(resource_id)
        };
        let mut spans: Vec<Span> = self.working.iter().filter(own).map(|one| one.span).collect();
        spans.sort();
        // Two doctors may share a chair: their hours there are counted once.
        spans.dedup_by(|next, last| {
            let overlaps = next.starts < last.ends;
            if overlaps {
                last.ends = last.ends.max(next.ends);
            }
            overlaps
        });
        spans
    }

    /// When a doctor works, breaks left out, in order.
    pub fn shifts(&self, doctor_id: ResourceId) -> Vec<Span> {
        let own = self.working.iter().filter(|shift| shift.doctor_id == doctor_id);
        let mut spans: Vec<Span> = own.map(|shift| shift.span).collect();
        spans.sort();
        spans
    }

    /// What is taken of it in that time, in order.
    pub fn taken(&self, resource_id: ResourceId, span: Span) -> Vec<Span> {
        self.busy.within(resource_id, span)
    }

    pub fn is_taken(&self, resource_id: ResourceId, span: Span) -> bool {
        !self.busy.leaves(resource_id, span)
    }

    /// Finds everything for a wish, or says why not.
    pub fn fit(&self, terms: &Terms, wish: &Wish) -> Result<Fit, Misfit> {
        let Some(doctor_id) = wish.doctor_id else {
            let tries = terms.doctors().into_iter().map(|(doctor_id, _)| {
                self.fit(terms, &Wish { doctor_id: Some(doctor_id), ..*wish })
            });
            return tries.reduce(better).unwrap_or(Err(Misfit::Impossible));
        };
        let doctor = terms.present(doctor_id).filter(|one| one.kind == "doctor");
        let doctor = doctor.ok_or(Misfit::Impossible)?;
        let usual = terms.minutes_with(doctor_id).ok_or(Misfit::Impossible)?;
        let minutes = wish.minutes.unwrap_or(usual);
        let treatment = Span { starts: wish.starts, ends: wish.starts.plus_minutes(minutes) };
        let mut own = self.working.iter().filter(|shift| shift.doctor_id == doctor_id);
        let shift = own.find(|shift| shift.span.contains(treatment)).ok_or(Misfit::OffShift)?;
        let span = terms.buffer().around(wish.starts, minutes);
        if !self.busy.leaves(doctor_id, span) {
            return Err(Misfit::Taken);
        }
        let rather = [wish.rather, shift.place_id];
        let others = self.others(terms, doctor.branch_id, wish.place_id, rather, span)?;
        let place_id = others.first().copied().filter(|id| is_place(terms, *id));
        let place = Place { starts: wish.starts, minutes, doctor_id: Some(doctor_id), place_id };
        let resources = [doctor_id].into_iter().chain(others).collect();
        Ok(Fit { place, branch_id: doctor.branch_id, resources, span })
    }

    /// What is taken up besides the doctor, the place first.
    fn others(
        &self,
        terms: &Terms,
        branch_id: BranchId,
        exactly: Option<ResourceId>,
        rather: [Option<ResourceId>; 2],
        span: Span,
    ) -> Result<Vec<ResourceId>, Misfit> {
        let free = |id: &ResourceId| self.busy.leaves(*id, span);
        let mut found: Vec<ResourceId> = Vec::new();
        if let Some(place) = exactly {
            if !is_place(terms, place) {
                return Err(Misfit::Impossible);
            }
            if !free(&place) {
                return Err(Misfit::Taken);
            }
            found.push(place);
        }
        for kind in &terms.needs {
            let has = |id: &ResourceId| terms.present(*id).is_some_and(|one| one.kind == *kind);
            if found.iter().any(has) {
                continue;
            }
            let liked = rather.into_iter().flatten().filter(has);
            let any = terms.of_kind(kind, branch_id);
            let one = liked.chain(any).find(free).ok_or(Misfit::Taken)?;
            found.push(one);
        }
        if !found.iter().any(|id| is_place(terms, *id)) {
            // It needs none, but the doctor sits somewhere.
            let liked = rather.into_iter().flatten();
            let sits = liked.filter(|id| is_place(terms, *id)).find(free);
            found.splice(0..0, sits);
        }
        Ok(found)
    }

    /// Free slots from a time on: see [`free_slots`].
    pub fn slots(&self, terms: &Terms, wish: &Wish, from: Civil, limit: usize) -> Vec<FreeSlot> {
        let mut branches: Vec<BranchId> = Vec::new();
        let doctors: Vec<(ResourceId, i64)> = terms
            .doctors()
            .into_iter()
            .filter(|(id, _)| wish.doctor_id.is_none_or(|asked| asked == *id))
            .map(|(id, usual)| (id, wish.minutes.unwrap_or(usual)))
            .collect();
        let branch_of = |id: ResourceId| terms.present(id).map(|one| one.branch_id);
        for branch in doctors.iter().filter_map(|(id, _)| branch_of(*id)) {
            if !branches.contains(&branch) {
                branches.push(branch);
            }
        }
        let mut found: Vec<FreeSlot> = Vec::new();
        for branch in branches {
            let own = |(id, _): &(ResourceId, i64)| branch_of(*id) == Some(branch);
            let wanted = Wanted {
                doctors: doctors.iter().copied().filter(own).collect(),
                needs: needs(terms, wish, branch),
                buffer: terms.buffer(),
                from,
            };
            found.extend(free_slots(&self.working, &self.busy, &wanted, limit));
        }
        found.sort_by_key(|slot| slot.starts);
        found.truncate(limit);
        found
    }
}

/// The nearest slots for a wish from a time on, without crowding: of several
/// that begin within one appointment's length, the first.
pub(super) async fn nearest(
    reader: &mut Reader,
    terms: &Terms,
    wish: &Wish,
    from: Civil,
    limit: usize,
    except: &[AppointmentId],
) -> Result<Vec<FreeSlot>, VaultError> {
    let mut found = Vec::new();
    let mut first = from.day();
    let end = first.plus_days(HORIZON);
    while first < end && found.len() < limit {
        let last = first.plus_days(WINDOW - 1);
        let supply = supply(reader, (first, last), terms, wish, except).await?;
        found.extend(spread(supply.slots(terms, wish, from, 4_000), limit));
        first = last.plus_days(1);
    }
    found.truncate(limit);
    Ok(found)
}

/// Of each day those closest to a time of day, so many days and slots at most.
pub(super) async fn alike(
    reader: &mut Reader,
    terms: &Terms,
    wish: &Wish,
    like: Civil,
    limit: usize,
    except: &[AppointmentId],
) -> Result<Vec<FreeSlot>, VaultError> {
    let (from, mut found) = (wish.starts, Vec::new());
    let mut first = from.day();
    let end = first.plus_days(HORIZON);
    while first < end && found.len() < limit {
        let last = first.plus_days(WINDOW - 1);
        let supply = supply(reader, (first, last), terms, wish, except).await?;
        let slots = supply.slots(terms, wish, from, 4_000);
        for of_day in slots.chunk_by(|one, other| one.starts.day() == other.starts.day()) {
            found.extend(closest_of_day(of_day, like));
        }
        first = last.plus_days(1);
    }
    found.truncate(limit);
    Ok(found)
}

/// A few, none that begins while another would still go on.
fn closest_of_day(of_day: &[FreeSlot], like: Civil) -> Vec<FreeSlot> {
    let far = |slot: &FreeSlot| slot.starts.minute_of_day().abs_diff(like.minute_of_day());
    let mut slots: Vec<&FreeSlot> = of_day.iter().filter(|slot| slot.starts != like).collect();
    slots.sort_by_key(|slot| (far(slot), slot.starts));
    let mut kept: Vec<FreeSlot> = Vec::new();
    for slot in slots {
        let apart = |one: &FreeSlot| slot.minutes <= slot.starts.minutes_since(one.starts).abs();
        if kept.len() < ALIKE_A_DAY && kept.iter().all(apart) {
            kept.push(slot.clone());
        }
    }
    kept.sort_by_key(|slot| slot.starts);
    kept
}

const ALIKE_A_DAY: usize = 3;

/// The slots closest to a time on either side, earliest first: other times of
/// the same doctor, and other doctors.
pub(super) async fn around(
    reader: &mut Reader,
    terms: &Terms,
    wish: &Wish,
    not_before: Civil,
    limit: usize,
    except: &[AppointmentId],
) -> Result<Vec<FreeSlot>, VaultError> {
    let first = wish.starts.day();
    let from = not_before.max(midnight(first));
    // Other doctors are offered too.
    let anybody = Wish { doctor_id: None, ..*wish };
    let days = (first, first.plus_days(WINDOW - 1));
    let supply = supply(reader, days, terms, &anybody, except).await?;
    let mut found = closest(supply.slots(terms, wish, from, 4_000), wish.starts, limit);
    if let Some(asked) = wish.doctor_id {
        let mut others = supply.slots(terms, &anybody, from, 4_000);
        others.retain(|slot| slot.doctor_id != asked);
        let others = closest(others, wish.starts, 2);
        found.truncate(limit.saturating_sub(others.len()));
        found.extend(others);
    }
    found.sort_by_key(|slot| slot.starts);
    Ok(found)
}

/// The closest first, none that begins while another would still go on.
fn closest(mut slots: Vec<FreeSlot>, to: Civil, limit: usize) -> Vec<FreeSlot> {
    slots.sort_by_key(|slot| slot.starts.minutes_since(to).abs());
    let mut kept: Vec<FreeSlot> = Vec::new();
    for slot in slots {
        let apart =
            |other: &FreeSlot| slot.minutes <= slot.starts.minutes_since(other.starts).abs();
        if kept.len() < limit && kept.iter().all(apart) {
            kept.push(slot);
        }
    }
    kept
}

/// At most four a day, none that begins while another would still go on.
fn spread(slots: Vec<FreeSlot>, limit: usize) -> Vec<FreeSlot> {
    let mut kept: Vec<FreeSlot> = Vec::new();
    let mut on_day = 0;
    for slot in slots {
        if kept.len() == limit {
            break;
        }
        let new_day = kept.last().is_none_or(|last| last.starts.day() != slot.starts.day());
        let apart =
            kept.last().is_none_or(|last| last.minutes <= slot.starts.minutes_since(last.starts));
        if new_day {
            on_day = 0;
        }
        if new_day || (apart && on_day < MOST_A_DAY) {
            on_day += 1;
            kept.push(slot);
        }
    }
    kept
}

const MOST_A_DAY: usize = 4;

fn needs(terms: &Terms, wish: &Wish, branch: BranchId) -> Vec<Vec<ResourceId>> {
    let exact = wish.place_id.and_then(|id| terms.present(id));
    let mut needs: Vec<Vec<ResourceId>> = exact.iter().map(|place| vec![place.id]).collect();
    for kind in &terms.needs {
        if exact.is_none_or(|place| place.kind != *kind) {
            needs.push(terms.of_kind(kind, branch));
        }
    }
    needs
}

fn is_place(terms: &Terms, id: ResourceId) -> bool {
    terms.present(id).is_some_and(Present::is_place)
}

/// A fit before a refusal, and the more telling of two refusals.
fn better(a: Result<Fit, Misfit>, b: Result<Fit, Misfit>) -> Result<Fit, Misfit> {
    match (&a, &b) {
        (Ok(_), _) => a,
        (_, Ok(_)) => b,
        (Err(Misfit::Taken), _) => a,
        (_, Err(Misfit::Taken)) => b,
        _ => a,
    }
}
