//! Who is asked for what became free, and when nobody is.
//!
//! Pure: wishes, free times and the clinic's rule go in, offers come out.

use serde::{Deserialize, Serialize};

use crate::booking::Span;
use crate::clock::{Civil, Day, Timestamp};
use crate::ids::{ResourceId, id};

id! {
    /// What somebody waits for.
    WishId
}
id! {
    /// Time that became free.
    OpeningId
}
id! {
    /// A time offered to somebody.
    OfferId
}

/// The latest minute of a day.
pub const DAY_ENDS: u16 = 1440;

/// When somebody can come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct When {
    /// `12345`: 1 is Monday (ISO 8601).
    pub weekdays: String,
    /// Minute of the day: comes no sooner.
    pub from_minute: u16,
    /// Minute of the day: has to be done by.
    pub until_minute: u16,
    pub first_day: Day,
    pub last_day: Day,
}

/// A free time of a doctor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Slot {
    pub starts: Civil,
    pub minutes: i64,
    pub doctor_id: ResourceId,
}

/// Somebody who may be asked, with the times that suit, earliest first.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub wish_id: WishId,
    /// 0 to 2; 2 is asked first.
    pub priority: i64,
    pub since: Timestamp,
    pub slots: Vec<Slot>,
}

/// How the clinic offers what became free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Rule {
    /// Or by hand only.
    pub automatic: bool,
    /// How many are asked for one time; 1: in turn.
    pub at_once: i64,
    /// Minutes for an answer.
    pub answer_minutes: i64,
    /// Nobody is asked for a time that begins sooner than so many minutes from now.
    pub notice_minutes: i64,
    /// Minute of the day from which nothing is sent, and until which.
    pub quiet_from: u16,
    pub quiet_until: u16,
}

impl When {
    /// Whether that time is on a day and in hours that suit.
    pub fn suits(&self, slot: &Slot) -> bool {
        let day = slot.starts.day();
        let starts = i64::from(slot.starts.minute_of_day());
        self.first_day <= day
            && day <= self.last_day
            && self.weekdays.contains(&day.weekday().to_string())
            && i64::from(self.from_minute) <= starts
            && starts + slot.minutes <= i64::from(self.until_minute)
    }
}

impl Slot {
    pub fn span(self) -> Span {
        Span { starts: self.starts, ends: self.starts.plus_minutes(self.minutes) }
    }

    /// Whether both cannot be had: the same doctor at the same time.
    pub fn rivals(self, other: Self) -> bool {
        self.doctor_id == other.doctor_id && self.span().overlaps(other.span())
    }
}

impl Rule {
    /// When messages go out again, if they do not now.
    pub fn quiet_until(&self, now: Civil) -> Option<Civil> {
        let (from, until) = (self.quiet_from, self.quiet_until);
        let minute = now.minute_of_day();
        let quiet = if from <= until {
            from <= minute && minute < until
        } else {
            from <= minute || minute < until
        };
        if !quiet {
            return None;
        }
        let day = if until <= minute { now.day().plus_days(1) } else { now.day() };
        Civil::new(day, until)
    }
}

/// Whom to ask for what: by priority, then by who has waited longest, each for
/// the earliest time that suits and for which fewer than `at_once` are being
/// asked. `pending` are the times being offered now.
pub fn plan(candidates: &[Candidate], pending: &[Slot], at_once: usize) -> Vec<(WishId, Slot)> {
    let mut order: Vec<&Candidate> = candidates.iter().collect();
    order.sort_by_key(|one| (-one.priority, one.since, one.wish_id));
    let mut asked: Vec<Slot> = pending.to_vec();
    let mut offers = Vec::new();
    for candidate in order {
        let room =
            |slot: &&Slot| asked.iter().filter(|other| other.rivals(**slot)).count() < at_once;
        if let Some(slot) = candidate.slots.iter().find(room).copied() {
            asked.push(slot);
            offers.push((candidate.wish_id, slot));
        }
    }
    offers
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_unix_ms(1_795_402_800_000)
    }

    fn at(minute: i64) -> Civil {
        "2026-11-23T00:00".parse::<Civil>().unwrap().plus_minutes(minute)
    }

    fn rule(from: u16, until: u16) -> Rule {
        Rule {
            automatic: true,
            at_once: 1,
            answer_minutes: 30,
            notice_minutes: 120,
            quiet_from: from,
            quiet_until: until,
        }
    }

    #[test]
    fn quiet_hours_end_in_the_morning_whichever_side_of_midnight_it_is() {
        let night = rule(21 * 60, 9 * 60);
        assert_eq!(night.quiet_until(at(20 * 60 + 59)), None);
        assert_eq!(night.quiet_until(at(21 * 60)), Some(at(33 * 60)));
        assert_eq!(night.quiet_until(at(8 * 60)), Some(at(9 * 60)));
        assert_eq!(night.quiet_until(at(9 * 60)), None);
        let noon = rule(13 * 60, 14 * 60);
        assert_eq!(noon.quiet_until(at(13 * 60 + 5)), Some(at(14 * 60)));
        assert_eq!(noon.quiet_until(at(12 * 60)), None);
        assert_eq!(rule(0, 0).quiet_until(at(60)), None, "the same hour: never quiet");
    }

    /// As a person would count it: minute by minute.
    fn slowly_suits(when: &When, slot: &Slot) -> bool {
        let allowed: HashSet<Civil> = (0..60)
            .map(|after| when.first_day.plus_days(after))
            .filter(|day| *day <= when.last_day)
            .filter(|day| {
                when.weekdays.chars().any(|c| c.to_digit(10) == u32::try_from(day.weekday()).ok())
            })
            .flat_map(|day| {
                let minutes = when.from_minute..when.until_minute;
                minutes.map(move |minute| Civil::new(day, minute).unwrap())
            })
            .collect();
        (0..slot.minutes).all(|minute| allowed.contains(&slot.starts.plus_minutes(minute)))
    }

    /// Asks the best of those who are left until nobody can be asked.
    fn slowly(
        candidates: &[Candidate],
        pending: &[Slot],
        at_once: usize,
    ) -> HashSet<(WishId, Slot)> {
        let mut left: Vec<Candidate> = candidates.to_vec();
        let mut asked = pending.to_vec();
        let mut offers = HashSet::new();
        while !left.is_empty() {
            let mut best = 0;
            for index in 1..left.len() {
                let (one, other) = (&left[index], &left[best]);
                let sooner = one.priority > other.priority
                    || (one.priority == other.priority && one.since < other.since)
                    || (one.priority == other.priority
                        && one.since == other.since
                        && one.wish_id < other.wish_id);
                if sooner {
                    best = index;
                }
            }
            let first = left.remove(best);
            for slot in &first.slots {
                let minutes = |slot: &Slot| -> HashSet<(ResourceId, Civil)> {
                    (0..slot.minutes)
                        .map(|minute| (slot.doctor_id, slot.starts.plus_minutes(minute)))
                        .collect()
                };
                let own = minutes(slot);
                let rivals = asked.iter().filter(|other| !own.is_disjoint(&minutes(other))).count();
                if rivals < at_once {
                    asked.push(*slot);
                    offers.insert((first.wish_id, *slot));
                    break;
                }
            }
        }
        offers
    }

    fn slot(doctors: [ResourceId; 2]) -> impl Strategy<Value = Slot> {
        (0..2_usize, 0..20_i64, 1..8_i64).prop_map(move |(doctor, starts, length)| Slot {
            starts: at(540 + starts * 15),
            minutes: length * 15,
            doctor_id: doctors[doctor],
        })
    }

    proptest! {
        #[test]
        fn who_is_asked_is_as_a_person_would_count_it(
            (slots, pending, at_once) in {
                let doctors = [ResourceId::new(now()), ResourceId::new(now())];
                let candidate = (0..3_i64, 0..4_i64, prop::collection::vec(slot(doctors), 0..5));
                (
                    prop::collection::vec(candidate, 0..9),
                    prop::collection::vec(slot(doctors), 0..4),
                    1..4_usize,
                )
            },
        ) {
            let candidates: Vec<Candidate> = slots
                .into_iter()
                .map(|(priority, since, mut slots)| {
                    slots.sort();
                    let since = now().plus_ms(since);
                    Candidate { wish_id: WishId::new(now()), priority, since, slots }
                })
                .collect();
            let quick = plan(&candidates, &pending, at_once);
            let one_each: HashSet<WishId> = quick.iter().map(|(wish, _)| *wish).collect();
            prop_assert_eq!(one_each.len(), quick.len(), "nobody is asked twice");
            let quick: HashSet<_> = quick.into_iter().collect();
            prop_assert_eq!(quick, slowly(&candidates, &pending, at_once));
        }

        #[test]
        fn a_time_suits_when_each_of_its_minutes_does(
            (weekdays, from, length) in ("[1-7]{1,5}", 0..1000_u16, 15..440_u16),
            (first, days) in (0..6_i64, 0..12_i64),
            (day, starts, minutes) in (0..20_i64, 0..90_i64, 1..8_i64),
        ) {
            let first_day = at(0).day().plus_days(first);
            let when = When {
                weekdays,
                from_minute: from,
                until_minute: from + length,
                first_day,
                last_day: first_day.plus_days(days),
            };
            let slot = Slot {
                starts: at(day * 1440 + starts * 15),
                minutes: minutes * 15,
                doctor_id: ResourceId::new(now()),
            };
            prop_assert_eq!(when.suits(&slot), slowly_suits(&when, &slot));
        }
    }

    #[test]
    fn different_times_are_offered_to_different_people_at_once() {
        let doctor_id = ResourceId::new(now());
        let free = |minute| Slot { starts: at(minute), minutes: 30, doctor_id };
        let someone = |priority, since| Candidate {
            wish_id: WishId::new(now()),
            priority,
            since: now().plus_ms(since),
            slots: vec![free(600), free(630)],
        };
        let all = [someone(0, 0), someone(0, 1), someone(2, 2)];
        let offers = plan(&all, &[], 1);
        assert_eq!(offers, [(all[2].wish_id, free(600)), (all[0].wish_id, free(630))]);
        assert_eq!(plan(&all, &[], 2).len(), 3);
        assert_eq!(plan(&all, &[free(600), free(630)], 1), []);
    }
}
