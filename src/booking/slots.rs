//! Free slots: where an appointment of some length fits, nearest first.
//!
//! Pure: shifts and reservations go in, slots come out. All stretches of time
//! are half-open, so that one appointment may end when the next begins.

use std::collections::HashMap;

use serde::Serialize;

use crate::clock::Civil;
use crate::ids::ResourceId;

/// Slots begin at whole quarters of an hour, or where a gap begins.
const GRID: i64 = 15;

/// A stretch of wall-clock time, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Span {
    pub starts: Civil,
    pub ends: Civil,
}

impl Span {
    pub fn minutes(self) -> i64 {
        self.ends.minutes_since(self.starts)
    }

    pub fn overlaps(self, other: Self) -> bool {
        self.starts < other.ends && other.starts < self.ends
    }

    pub fn contains(self, other: Self) -> bool {
        self.starts <= other.starts && other.ends <= self.ends
    }
}

/// Time in which a doctor works, lunch already cut out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Working {
    pub doctor_id: ResourceId,
    pub span: Span,
    /// The chair or room of this shift.
    pub place_id: Option<ResourceId>,
}

/// What is taken, by resource. Stretches may overlap and come in any order.
#[derive(Clone, Debug, Default)]
pub struct Busy(HashMap<ResourceId, Vec<Span>>);

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Who may do it, preferred first, and how long it takes each, in minutes.
    pub doctors: Vec<(ResourceId, i64)>,
    /// For each thing it needs besides a doctor, what would do, preferred first.
    pub needs: Vec<Vec<ResourceId>>,
    /// Minutes kept free before and after.
    pub buffer: Buffer,
    /// Not before this.
    pub from: Civil,
}

/// Minutes that a service keeps free around itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Buffer {
    pub before_minutes: i64,
    pub after_minutes: i64,
}

/// Where it fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FreeSlot {
    pub starts: Civil,
    pub minutes: i64,
    pub doctor_id: ResourceId,
    /// What was found for each need, in their order.
    pub others: Vec<ResourceId>,
}

impl FreeSlot {
    /// Whether whoever takes the one takes something of the other away.
    pub fn meets(&self, other: &Self) -> bool {
        let span = |slot: &Self| Span {
            starts: slot.starts,
            ends: slot.starts.plus_minutes(slot.minutes),
        };
        let shares = self.doctor_id == other.doctor_id
            || self.others.iter().any(|one| other.others.contains(one));
        shares && span(self).overlaps(span(other))
    }
}

impl Buffer {
    /// What an appointment takes up.
    pub fn around(self, starts: Civil, minutes: i64) -> Span {
        Span {
            starts: starts.plus_minutes(-self.before_minutes),
            ends: starts.plus_minutes(minutes + self.after_minutes),
        }
    }
}

impl Busy {
    pub fn add(&mut self, resource_id: ResourceId, span: Span) {
        self.0.entry(resource_id).or_default().push(span);
    }

    /// Sorts and joins, so that what follows may search.
    pub fn settle(&mut self) {
        for spans in self.0.values_mut() {
            spans.sort();
            let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
            for span in spans.drain(..) {
                match joined.last_mut() {
                    Some(last) if span.starts <= last.ends => last.ends = last.ends.max(span.ends),
                    _ => joined.push(span),
                }
            }
            *spans = joined;
        }
    }

    fn of(&self, resource_id: ResourceId) -> &[Span] {
        self.0.get(&resource_id).map_or(&[], Vec::as_slice)
    }

    /// Whether nothing of it is taken in that time.
    pub fn leaves(&self, resource_id: ResourceId, span: Span) -> bool {
        let spans = self.of(resource_id);
        let at = spans.partition_point(|taken| taken.ends <= span.starts);
        spans.get(at).is_none_or(|taken| !taken.overlaps(span))
    }

    /// The taken stretches that reach into that time, in order.
    pub fn within(&self, resource_id: ResourceId, span: Span) -> Vec<Span> {
        let spans = self.of(resource_id);
        let first = spans.partition_point(|taken| taken.ends <= span.starts);
        spans[first..].iter().take_while(|taken| taken.starts < span.ends).copied().collect()
    }

    /// The stretches of `within` in which nothing of it is taken.
    pub fn gaps(&self, resource_id: ResourceId, within: Span) -> Vec<Span> {
        let mut gaps = Vec::new();
        let mut free_from = within.starts;
        let spans = self.of(resource_id);
        for taken in &spans[spans.partition_point(|taken| taken.ends <= within.starts)..] {
            if within.ends <= taken.starts {
                break;
            }
            if free_from < taken.starts {
                gaps.push(Span { starts: free_from, ends: taken.starts });
            }
            free_from = free_from.max(taken.ends);
        }
        if free_from < within.ends {
            gaps.push(Span { starts: free_from, ends: within.ends });
        }
        gaps
    }
}

/// The nearest slots, earliest first and at one time in the order of the wanted
/// doctors; at most `limit`. `busy` is settled.
pub fn free_slots(
    working: &[Working],
    busy: &Busy,
    wanted: &Wanted,
    limit: usize,
) -> Vec<FreeSlot> {
    let mut found: Vec<(Civil, usize, FreeSlot)> = Vec::new();
    for (order, (doctor_id, minutes)) in wanted.doctors.iter().enumerate() {
        let mut own: Vec<&Working> =
            working.iter().filter(|shift| shift.doctor_id == *doctor_id).collect();
        own.sort_by_key(|shift| shift.span);
        let fitting = own.iter().flat_map(|shift| {
            let gaps = busy.gaps(*doctor_id, shift.span);
            gaps.into_iter().map(|gap| (**shift, gap))
        });
        let slots = fitting.flat_map(|(shift, gap)| in_gap(shift, gap, busy, wanted, *minutes));
        found.extend(slots.take(limit).map(|slot| (slot.starts, order, slot)));
    }
    found.sort_by_key(|(starts, order, _)| (*starts, *order));
    found.truncate(limit);
    found.into_iter().map(|(_, _, slot)| slot).collect()
}

/// The slots of one gap of a doctor's.
fn in_gap(
    shift: Working,
    gap: Span,
    busy: &Busy,
    wanted: &Wanted,
    minutes: i64,
) -> impl Iterator<Item = FreeSlot> {
    let first = gap.starts.plus_minutes(wanted.buffer.before_minutes);
    let last = gap.ends.plus_minutes(-(minutes + wanted.buffer.after_minutes));
    starts_between(first, last, wanted.from).filter_map(move |starts| {
        let span = wanted.buffer.around(starts, minutes);
        let others = wanted
            .needs
            .iter()
            .map(|candidates| candidate(candidates, shift.place_id, busy, span))
            .collect::<Option<Vec<_>>>()?;
        Some(FreeSlot { starts, minutes, doctor_id: shift.doctor_id, others })
    })
}

/// What would do and is free: the shift's own place first.
fn candidate(
    candidates: &[ResourceId],
    own: Option<ResourceId>,
    busy: &Busy,
    span: Span,
) -> Option<ResourceId> {
    let own = own.filter(|own| candidates.contains(own));
    own.iter().chain(candidates).copied().find(|id| busy.leaves(*id, span))
}

/// `first` itself, and every whole quarter until `last`; none before `from`.
fn starts_between(first: Civil, last: Civil, from: Civil) -> impl Iterator<Item = Civil> {
    let off_grid = i64::from(first.minute_of_day()) % GRID;
    let own = (off_grid != 0).then_some(first);
    let to_grid = if off_grid == 0 { 0 } else { GRID - off_grid };
    let mut next = first.plus_minutes(to_grid);
    // Straight to the first quarter that is not past.
    let behind = from.minutes_since(next);
    if 0 < behind {
        next = next.plus_minutes((behind + GRID - 1) / GRID * GRID);
    }
    let quarters = std::iter::successors(Some(next), |at| Some(at.plus_minutes(GRID)));
    own.into_iter()
        .chain(quarters.take_while(move |at| *at <= last))
        .filter(move |at| from <= *at && *at <= last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::{Day, Timestamp};

    fn at(minute: i64) -> Civil {
        let day: Day = "2026-11-23".parse().unwrap();
        Civil::new(day, 0).unwrap().plus_minutes(minute)
    }

    fn span(starts: i64, ends: i64) -> Span {
        Span { starts: at(starts), ends: at(ends) }
    }

    fn ids<const N: usize>() -> [ResourceId; N] {
        std::array::from_fn(|_| ResourceId::new(Timestamp::from_unix_ms(1)))
    }

    /// Tries every five minutes of the day with every doctor and every choice.
    fn slowly(
        working: &[Working],
        taken: &[(ResourceId, Span)],
        wanted: &Wanted,
    ) -> Vec<(Civil, ResourceId)> {
        let free = |id: ResourceId, span: Span| {
            taken.iter().all(|(taken, other)| *taken != id || !other.overlaps(span))
        };
        let mut found = Vec::new();
        for starts in (0..24 * 60).step_by(5).map(at) {
            for (doctor_id, minutes) in &wanted.doctors {
                let span = wanted.buffer.around(starts, *minutes);
                let works = |span: Span| {
                    let mut own = working.iter().filter(|shift| shift.doctor_id == *doctor_id);
                    own.any(|shift| shift.span.contains(span)) && free(*doctor_id, span)
                };
                let just_before = Span { starts: span.starts.plus_minutes(-5), ..span };
                let allowed = starts.minute_of_day() % 15 == 0 || !works(just_before);
                let served = wanted.needs.iter().all(|any| any.iter().any(|id| free(*id, span)));
                if wanted.from <= starts && allowed && works(span) && served {
                    found.push((starts, *doctor_id));
                }
            }
        }
        found
    }

    prop_compose! {
        fn stretch()(from in 96_i64..240, length in 1_i64..40) -> Span {
            span(from * 5, (from + length) * 5)
        }
    }

    proptest! {
        #[test]
        fn the_quick_search_finds_what_trying_everything_finds(
            shifts in prop::collection::vec((0_usize..3, stretch()), 0..5),
            taken in prop::collection::vec((0_usize..5, stretch()), 0..14),
            lengths in prop::array::uniform3(1_i64..20),
            buffer in (0_i64..4, 0_i64..4),
            from in 80_i64..200,
            needs_chair in any::<bool>(),
        ) {
            let all = ids::<5>();
            let chairs = vec![all[3], all[4]];
            // One doctor's shifts do not overlap: the schedule sees to that.
            let mut working: Vec<Working> = Vec::new();
            for (doctor, span) in shifts {
                let apart = working.iter().all(|shift| {
                    shift.doctor_id != all[doctor]
                        || shift.span.ends < span.starts || span.ends < shift.span.starts
                });
                if apart {
                    working.push(Working { doctor_id: all[doctor], span, place_id: Some(all[4]) });
                }
            }
            let taken: Vec<_> = taken.into_iter().map(|(who, span)| (all[who], span)).collect();
            let mut busy = Busy::default();
            for (id, span) in &taken {
                busy.add(*id, *span);
            }
            busy.settle();
            let wanted = Wanted {
                doctors: (0..3).map(|i| (all[i], lengths[i] * 5)).collect(),
                needs: if needs_chair { vec![chairs] } else { vec![] },
                buffer: Buffer { before_minutes: buffer.0 * 5, after_minutes: buffer.1 * 5 },
                from: at(from * 5),
            };

            let slots = free_slots(&working, &busy, &wanted, 10_000);

            let quick: Vec<_> = slots.iter().map(|slot| (slot.starts, slot.doctor_id)).collect();
            prop_assert_eq!(quick, slowly(&working, &taken, &wanted));
            for slot in &slots {
                let span = wanted.buffer.around(slot.starts, slot.minutes);
                prop_assert!(slot.others.iter().all(|id| busy.leaves(*id, span)));
            }
            let few = free_slots(&working, &busy, &wanted, 3);
            prop_assert_eq!(&few[..], &slots[..slots.len().min(3)]);
        }
    }

    #[test]
    fn the_shifts_own_chair_is_taken_before_others() {
        let [doctor, first, own] = ids();
        let working = [Working { doctor_id: doctor, span: span(540, 720), place_id: Some(own) }];
        let wanted = Wanted {
            doctors: vec![(doctor, 60)],
            needs: vec![vec![first, own]],
            buffer: Buffer::default(),
            from: at(0),
        };
        let mut busy = Busy::default();
        busy.add(own, span(600, 660));
        busy.settle();

        let slots = free_slots(&working, &busy, &wanted, 3);

        let chosen: Vec<_> = slots.iter().map(|slot| (slot.starts, slot.others[0])).collect();
        assert_eq!(chosen, [(at(540), own), (at(555), first), (at(570), first)]);
    }

    #[test]
    fn a_slot_may_begin_when_the_one_before_ends() {
        let [doctor] = ids();
        let working = [Working { doctor_id: doctor, span: span(540, 600), place_id: None }];
        let wanted = Wanted {
            doctors: vec![(doctor, 25)],
            needs: vec![],
            buffer: Buffer::default(),
            from: at(0),
        };
        let mut busy = Busy::default();
        busy.add(doctor, span(540, 575));
        busy.settle();

        let slots = free_slots(&working, &busy, &wanted, 9);

        assert_eq!(slots.iter().map(|slot| slot.starts).collect::<Vec<_>>(), [at(575)]);
    }
}
