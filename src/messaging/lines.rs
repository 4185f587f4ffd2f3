//! How fast each gateway is fed, and how long one in trouble is left alone:
//! known to this process only, because after a restart each deserves a new try.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::MessageId;
use crate::messaging::gateway::smpp::Pool;
use crate::messaging::model::Place;
use crate::messaging::setup::GatewayId;

/// The lines to all gateways. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    each: Arc<Mutex<HashMap<GatewayId, Line>>>,
    /// Connections to SMPP centres.
    pub pool: Pool,
    /// How far it was looked behind messages that wait.
    sweep: Arc<Mutex<Option<Place>>>,
    /// Messages this process has in its hands.
    under_way: Arc<Mutex<HashSet<MessageId>>>,
}

/// A message is in this process's hands until this is dropped.
pub(super) struct UnderWay {
    id: MessageId,
    all: Arc<Mutex<HashSet<MessageId>>>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Ok(mut all) = self.all.lock() {
            all.remove(&self.id);
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Line {
    /// Unix µs: when all that left until now has been paid for by the limit.
    paid_at: i64,
    rest_until: Option<Timestamp>,
    /// What somebody waits for found no place: until then the next is kept for it.
    kept_until: Option<Timestamp>,
    /// In a row.
    failures: u32,
}

/// Messages may leave together if a second's worth of the limit allows it.
const BURST_US: i64 = 1_000_000;

/// So long a place is kept for what is awaited, once it is free.
const KEPT_MS: i64 = 3000;

/// Rests grow no longer than 32 times the first, and an hour.
const LONGEST: u32 = 5;
const HOUR_MS: i64 = 60 * 60 * 1000;

impl Lines {
    /// Those of a running clinic.
    pub fn of(clinic: &Clinic) -> Self {
        clinic.kept.of()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<GatewayId, Line>> {
        self.each.lock().expect("no panic while it is held")
    }

    /// Books a place for one message (GCRA, ITU-T I.371). Where something awaited found
    /// none, it gets the next.
    ///
    /// # Errors
    /// When to come again.
    pub(super) fn book(
        &self,
        id: GatewayId,
        per_minute: u32,
        is_awaited: bool,
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        let mut all = self.all();
        let line = all.entry(id).or_default();
        let spacing = 60_000_000 / i64::from(per_minute.max(1));
        let now_us = now.unix_ms() * 1000;
        // After a jump of the clock backwards nobody waits for the old time.
        let paid_at =
            if line.paid_at > now_us + spacing + BURST_US { now_us } else { line.paid_at };
        let ahead = paid_at - now_us - (BURST_US - spacing).max(0);
        let free_at = now.plus_ms((ahead.max(0) + 999).div_euclid(1000));
        let kept = line
            .kept_until
            .filter(|until| !is_awaited && now < *until && *until <= free_at.plus_ms(KEPT_MS));
        if let Some(until) = kept {
            return Err(until);
        }
        if ahead > 0 {
            if is_awaited {
                line.kept_until = Some(free_at.plus_ms(KEPT_MS));
            }
            return Err(free_at);
        }
        if is_awaited {
            line.kept_until = None;
        }
        line.paid_at = paid_at.max(now_us) + spacing;
        Ok(())
    }

    pub(super) fn begin(&self, id: MessageId) -> UnderWay {
        self.under_way.lock().expect("no panic while it is held").insert(id);
        UnderWay { id, all: Arc::clone(&self.under_way) }
    }

    pub(super) fn under_way(&self) -> HashSet<MessageId> {
        self.under_way.lock().expect("no panic while it is held").clone()
    }

    /// Where the search behind messages that wait goes on; none: at the top.
    pub(super) fn sweep(&self) -> Option<Place> {
        *self.sweep.lock().expect("no panic while it is held")
    }

    pub(super) fn sweep_from(&self, place: Option<Place>) {
        *self.sweep.lock().expect("no panic while it is held") = place;
    }

    /// Leaves a gateway alone for a while: longer with each failure in a row.
    /// Failures of messages that were under way together are one. Gives the end
    /// of the rest.
    pub(super) fn rest(
        &self,
        id: GatewayId,
        after: Duration,
        chance: u8,
        now: Timestamp,
    ) -> Timestamp {
        let mut all = self.all();
        let line = all.entry(id).or_default();
        if let Some(until) = line.rest_until.filter(|until| now < *until) {
            return until;
        }
        let until = now.plus_ms(rest_ms(after, line.failures, chance));
        line.failures += 1;
        line.rest_until = Some(until);
        until
    }

    /// It works: whatever was remembered against it is forgotten.
    pub(super) fn well(&self, id: GatewayId) {
        if let Some(line) = self.all().get_mut(&id) {
            line.rest_until = None;
            line.failures = 0;
        }
    }

    /// It was changed or taken away.
    pub fn forget(&self, id: GatewayId) {
        self.all().remove(&id);
    }

    /// The end of its rest. None when it may be fed.
    pub fn rests_until(&self, id: GatewayId, now: Timestamp) -> Option<Timestamp> {
        let line = self.all().get(&id).copied()?;
        line.rest_until.filter(|until| now < *until)
    }
}

/// Twice as long each time, and up to a quarter longer by chance, so that what
/// failed together does not come back together.
fn rest_ms(after: Duration, failures: u32, chance: u8) -> i64 {
    let after = i64::try_from(after.as_millis()).unwrap_or(i64::MAX / 256);
    let grown = after.saturating_mul(1 << failures.min(LONGEST));
    let whole = grown.min(HOUR_MS).max(after);
    whole.saturating_add((whole / 1024).saturating_mul(i64::from(chance)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: GatewayId = GatewayId::from_number(1);
    const START: i64 = 1_790_000_000_000;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(START + ms)
    }

    #[test]
    fn rests_are_longer_and_longer_and_never_shorter_than_said() {
        let minute = Duration::from_mins(1);
        let minutes = |failures, chance| rest_ms(minute, failures, chance) / 60_000;
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 99].map(|n| minutes(n, 0)), [1, 2, 4, 8, 16, 32, 32, 32]);
        for chance in [0, 1, 128, 255] {
            let rest = rest_ms(minute, 0, chance);
            assert!((60_000..75_000).contains(&rest), "{rest}");
        }
        assert_ne!(rest_ms(minute, 0, 3), rest_ms(minute, 0, 200));
    }

    #[test]
    fn failures_under_way_together_are_one_and_success_forgets_them() {
        let lines = Lines::default();
        let minute = Duration::from_mins(1);
        assert_eq!(lines.rest(ID, minute, 0, at(0)), at(60_000));
        assert_eq!(lines.rest(ID, minute, 0, at(10)), at(60_000));
        assert_eq!(lines.rests_until(ID, at(59_999)), Some(at(60_000)));
        assert_eq!(lines.rests_until(ID, at(60_000)), None);
        assert_eq!(lines.rest(ID, minute, 0, at(60_000)), at(180_000));
        lines.well(ID);
        assert_eq!(lines.rests_until(ID, at(60_001)), None);
        assert_eq!(lines.rest(ID, minute, 0, at(60_001)), at(120_001));
    }

    #[test]
    fn the_next_place_is_kept_for_what_is_awaited_and_not_for_long() {
        let lines = Lines::default();
        let book = |is_awaited, ms| lines.book(ID, 30, is_awaited, at(ms));
        assert_eq!(book(false, 0), Ok(()));
        assert_eq!(book(true, 500), Err(at(2000)));
        assert_eq!(book(false, 2000), Err(at(5000)), "it is the code's");
        assert_eq!(book(true, 2001), Ok(()));
        assert_eq!(book(false, 2001), Err(at(4001)));
        // A code that was withdrawn holds nobody up.
        assert_eq!(book(true, 2001), Err(at(4001)));
        assert_eq!(book(false, 7001), Ok(()));
    }

    #[test]
    fn a_clock_set_back_by_a_day_stops_nobody() {
        let lines = Lines::default();
        assert_eq!(lines.book(ID, 6, false, at(0)), Ok(()));
        assert!(lines.book(ID, 6, false, at(5)).is_err());
        assert_eq!(lines.book(ID, 6, false, at(-86_400_000)), Ok(()));
    }

    proptest! {
        #[test]
        fn never_more_leave_in_a_minute_than_allowed_and_a_second(
            per_minute in 1_u32..2000,
            steps in prop::collection::vec(0_i64..700, 1..600),
        ) {
            let lines = Lines::default();
            let (mut now, mut left) = (0, Vec::new());
            for step in steps {
                now += step;
                if lines.book(ID, per_minute, false, at(now)).is_ok() {
                    left.push(now);
                }
            }
            let in_window = |from: i64, ms: i64| left.iter().filter(|at| (from..from + ms).contains(at)).count();
            let second = (per_minute / 60).max(1) as usize;
            for from in &left {
                prop_assert!(in_window(*from, 60_000) <= per_minute as usize + second + 1);
                prop_assert!(in_window(*from, 1000) <= 2 * second + 2);
            }
        }

        #[test]
        fn whoever_comes_when_told_gets_a_place(per_minute in 1_u32..60_000) {
            let lines = Lines::default();
            let mut now = at(0);
            for _ in 0..50 {
                if let Err(again) = lines.book(ID, per_minute, false, now) {
                    prop_assert!(now < again);
                    now = again;
                    prop_assert_eq!(lines.book(ID, per_minute, false, now), Ok(()));
                }
            }
        }
    }
}
