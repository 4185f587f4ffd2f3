//! The chain without a database: where steps go, and 10,000 random orders of
//! what may happen to three visits of one family.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::booking::Status;
use crate::clock::{Civil, Day, Timestamp, Zone};
use crate::crypto::Random;
use crate::ids::{AppointmentId, MessageId, PatientId};
use crate::reminders::chain::model::{
    Outcome, Placed, Reason, Rule, Step, StepId, Touch, Verdict, Visit,
};
use crate::reminders::chain::plan::{Times, stopped};

const RULE: Rule = Rule {
    running: true,
    quiet_from: 21 * 60,
    quiet_until: 9 * 60,
    late_minutes: 180,
    part_tiyn: None,
};

fn zone() -> Zone {
    Zone::named("Asia/Almaty").unwrap()
}

/// Independence Day, and the New Year.
fn rests(day: Day) -> bool {
    static DAYS: LazyLock<[Day; 3]> = LazyLock::new(|| {
        ["2026-12-16", "2027-01-01", "2027-01-02"].map(|day| day.parse().unwrap())
    });
    DAYS.contains(&day)
}

fn at(text: &str) -> Civil {
    text.parse().unwrap()
}

fn due(starts: &str, before: i64) -> String {
    let zone = zone();
    let times = Times { rule: RULE, zone: &zone, rests: &rests };
    times.place(at(starts), before).due.to_string()
}

#[test]
fn a_step_in_the_quiet_hours_goes_after_them_or_to_the_evening_before() {
    assert_eq!(due("2026-11-24T14:30", 2880), "2026-11-22T14:30");
    assert_eq!(due("2026-11-24T14:30", 120), "2026-11-24T12:30");
    // At 8:00 it is quiet; at 9:00 an hour and a half is left.
    assert_eq!(due("2026-11-24T10:30", 120), "2026-11-24T09:00");
    // At 9:00 half an hour would be left.
    assert_eq!(due("2026-11-24T09:30", 120), "2026-11-23T20:30");
    // Late in the evening, two days before: the morning after.
    assert_eq!(due("2026-11-24T22:00", 2880), "2026-11-23T09:00");
}

#[test]
fn a_step_on_a_holiday_goes_to_the_last_day_before_it() {
    assert_eq!(due("2026-12-17T12:00", 1440), "2026-12-15T12:00");
    assert_eq!(due("2027-01-03T12:00", 1440), "2026-12-31T12:00");
    assert_eq!(due("2027-01-03T09:30", 120), "2026-12-31T20:30", "the evening before rests too");
    assert_eq!(due("2026-12-16T12:00", 120), "2026-12-15T10:00", "the visit itself is on one");
}

#[test]
fn no_step_goes_after_its_visit_or_into_the_quiet() {
    let zone = zone();
    let times = Times { rule: RULE, zone: &zone, rests: &rests };
    for minutes in 0..40 * 24 * 12 {
        let starts = at("2026-12-01T00:00").plus_minutes(5 * minutes);
        for before in [30, 60, 120, 480, 1440, 2880, 20160] {
            let Placed { due, .. } = times.place(starts, before);
            assert!(due < starts, "{starts} {before}: {due}");
            assert!(!times.is_quiet(due), "{starts} {before}: {due}");
        }
    }
}

/// A step of the chain as shipped.
fn chain(now: Timestamp) -> Vec<Step> {
    let step = |before_minutes: Option<i64>| Step {
        id: StepId::new(now),
        service_id: None,
        before_minutes,
        confirmed_too: before_minutes.is_none(),
        channel: None,
    };
    [None, Some(2880), Some(1440), Some(120)].map(step).into()
}

/// A message in the outbox: of which steps it tells.
#[derive(Clone, Debug)]
struct Message {
    keys: Vec<(AppointmentId, i64, StepId)>,
    written_at: Timestamp,
    not_after: Timestamp,
    state: &'static str,
}

/// A clinic in which only reminders happen.
struct World {
    random: Random,
    zone: Zone,
    now: Timestamp,
    steps: Vec<Step>,
    visits: Vec<Visit>,
    touches: Vec<Touch>,
    outbox: Vec<Message>,
    gateway: bool,
    /// Each step that a patient was reminded by, with how often.
    sent: HashMap<(AppointmentId, i64, StepId), usize>,
    messages: usize,
    orders: Vec<String>,
}

const MINUTE: i64 = 60_000;

impl World {
    fn new(seed: u64) -> Self {
        let zone = zone();
        let now = zone.instant(at("2026-12-10T10:00"));
        let random = Random::fixed(seed);
        let steps = chain(now);
        let mut world = Self {
            random,
            zone,
            now,
            steps,
            visits: Vec::new(),
            touches: Vec::new(),
            outbox: Vec::new(),
            gateway: true,
            sent: HashMap::new(),
            messages: 0,
            orders: Vec::new(),
        };
        for _ in 0..3 {
            world.book();
        }
        world
    }

    fn below(&self, bound: u32) -> i64 {
        i64::from(self.random.below(bound))
    }

    fn book(&mut self) {
        let starts = self.time_ahead();
        self.visits.push(Visit {
            id: AppointmentId::new(self.now),
            patient_id: PatientId::new(self.now),
            service_id: None,
            starts,
            status: Status::Booked,
            notify: true,
            round: 1,
            since: self.now,
            confirmed: false,
        });
    }

    fn time_ahead(&self) -> Civil {
        let day = self.zone.civil(self.now).day().plus_days(self.below(7));
        let minute = u16::try_from(9 * 60 + 30 * self.below(20)).unwrap();
        let starts = Civil::new(day, minute).unwrap();
        if self.zone.civil(self.now) < starts { starts } else { starts.plus_minutes(24 * 60) }
    }

    /// Something happens.
    fn event(&mut self) {
        let index = usize::try_from(self.below(3)).unwrap();
        let ahead = self.zone.civil(self.now) < self.visits[index].starts;
        let elsewhere = self.time_ahead();
        let now = self.now;
        let what = self.below(12);
        let visit = &mut self.visits[index];
        let live = matches!(visit.status, Status::Booked | Status::Confirmed);
        match what {
            0 if live && ahead => (visit.status, visit.confirmed) = (Status::Confirmed, true),
            1 if live => visit.status = Status::Cancelled,
            2 if live && ahead => visit.status = Status::Arrived,
            // By the clinic: the colour stays, nobody has said yes to the new time.
            3 | 4 if live => {
                (visit.starts, visit.since, visit.confirmed) = (elsewhere, now, false);
                visit.round += 1;
            }
            5 if visit.status == Status::Cancelled && ahead => {
                (visit.status, visit.since, visit.confirmed) = (Status::Booked, now, false);
                visit.round += 1;
            }
            6 => self.gateway = !self.gateway,
            // The clock jumps, forwards or back.
            7 => self.now = self.now.plus_ms((self.below(72 * 60) - 12 * 60) * MINUTE),
            _ => self.now = self.now.plus_ms(self.below(10 * 60) * MINUTE),
        }
        self.orders.push(format!("{what} of {index}"));
    }

    /// The worker looks; it may die before it has written anything down.
    fn look(&mut self) {
        if self.below(8) == 0 {
            return;
        }
        let zone = self.zone.clone();
        let times = Times { rule: RULE, zone: &zone, rests: &rests };
        for index in 0..self.visits.len() {
            let visit = self.visits[index].clone();
            let due: Vec<(Step, Placed, Verdict)> = times
                .due(&visit, &self.steps, &self.touches, self.now)
                .into_iter()
                .map(|(step, placed, verdict)| (step.clone(), placed, verdict))
                .collect();
            for (step, placed, verdict) in due {
                match verdict {
                    Verdict::Wait => {}
                    Verdict::Not(reason) => {
                        self.touch(&visit, &step, placed, Outcome::Not, Some(reason));
                    }
                    Verdict::Send => self.write(&times, &visit, &step, placed),
                }
            }
        }
    }

    /// The message of a step, with the others of the telephone: all three have one.
    fn write(&mut self, times: &Times<'_>, lead: &Visit, step: &Step, placed: Placed) {
        let again = times.due(lead, &self.steps, &self.touches, self.now);
        if !again.iter().any(|(one, _, verdict)| one.id == step.id && *verdict == Verdict::Send) {
            return;
        }
        let mut all = vec![(lead.clone(), step.clone(), placed)];
        for visit in &self.visits {
            if visit.id == lead.id || visit.starts.day() != lead.starts.day() {
                continue;
            }
            let joins = times.joins(step, visit, &self.steps, &self.touches, self.now);
            all.extend(joins.map(|(step, placed)| (visit.clone(), step.clone(), placed)));
        }
        let before = step.before_minutes.unwrap();
        let now = self.zone.civil(self.now);
        let not_after = times.not_after(lead, before, placed.due.max(now), now);
        let mut keys = Vec::new();
        for (visit, step, placed) in all {
            keys.push((visit.id, visit.round, step.id));
            self.touch(&visit, &step, placed, Outcome::Written, None);
        }
        self.outbox.push(Message { keys, written_at: self.now, not_after, state: "queued" });
    }

    fn touch(
        &mut self,
        visit: &Visit,
        step: &Step,
        placed: Placed,
        outcome: Outcome,
        reason: Option<Reason>,
    ) {
        let same = |touch: &Touch| {
            (touch.appointment_id, touch.round, touch.step_id) == (visit.id, visit.round, step.id)
        };
        assert!(
            !self.touches.iter().any(|touch| same(touch) && touch.outcome == Outcome::Written),
            "a step that was written is written again"
        );
        self.touches.retain(|touch| !same(touch));
        self.touches.push(Touch {
            appointment_id: visit.id,
            round: visit.round,
            step_id: step.id,
            starts: visit.starts,
            due: placed.due,
            wanted: placed.wanted,
            outcome,
            reason,
            message_id: (outcome == Outcome::Written).then(|| MessageId::new(self.now)),
            decided_at: self.now,
        });
    }

    /// The outbox: the last word, then the gateway.
    fn deliver(&mut self) {
        for index in 0..self.outbox.len() {
            let message = self.outbox[index].clone();
            // The outbox takes nothing before its time, as when a clock was set back.
            if message.state != "queued" || self.now < message.written_at {
                continue;
            }
            if message.not_after <= self.now {
                self.outbox[index].state = "expired";
                continue;
            }
            let stands = |(id, round, step): &(AppointmentId, i64, StepId)| {
                let visit = self.visits.iter().find(|visit| visit.id == *id).unwrap();
                let too = self.steps.iter().any(|one| one.id == *step && one.confirmed_too);
                visit.round == *round && stopped(visit, too).is_none()
            };
            if !message.keys.iter().all(stands) {
                self.outbox[index].state = "withheld";
                if 1 < message.keys.len() {
                    for touch in &mut self.touches {
                        let key = (touch.appointment_id, touch.round, touch.step_id);
                        if message.keys.contains(&key) {
                            touch.outcome = Outcome::Again;
                        }
                    }
                }
                continue;
            }
            if self.gateway {
                self.outbox[index].state = "sent";
                self.messages += 1;
                for key in message.keys {
                    *self.sent.entry(key).or_default() += 1;
                    self.check_sent(key.0);
                }
            }
        }
    }

    fn check_sent(&self, id: AppointmentId) {
        let visit = self.visits.iter().find(|visit| visit.id == id).unwrap();
        let told = format!("{:?} {:?}", visit, self.orders);
        assert!(!visit.confirmed, "reminded after a confirmation: {told}");
        assert!(
            matches!(visit.status, Status::Booked | Status::Confirmed),
            "reminded of what is over: {told}"
        );
        let now = self.zone.civil(self.now);
        assert!(now < visit.starts, "reminded after the visit: {told}");
        let quiet = Times { rule: RULE, zone: &self.zone, rests: &rests }.is_quiet(now);
        assert!(!quiet, "reminded in the quiet at {now}: {told}");
    }

    /// A step is due in the round that holds and has no outcome: a silent gap.
    fn gaps(&self) -> Vec<String> {
        let times = Times { rule: RULE, zone: &self.zone, rests: &rests };
        let now = self.zone.civil(self.now);
        let mut gaps = Vec::new();
        for visit in &self.visits {
            for step in &self.steps {
                let known = self.touches.iter().any(|touch| {
                    (touch.appointment_id, touch.round, touch.step_id)
                        == (visit.id, visit.round, step.id)
                        && touch.outcome != Outcome::Again
                });
                if !known && times.placed(visit, step).due < now {
                    gaps.push(format!("{visit:?} {step:?}: {:?}", self.orders));
                }
            }
        }
        gaps
    }
}

#[test]
fn ten_thousand_orders_of_events_remind_nobody_wrongly_or_twice_and_leave_no_gap() {
    let (mut messages, mut joined, mut steps) = (0, 0, 0);
    for seed in 0..10_000 {
        let mut world = World::new(seed);
        for _ in 0..25 {
            world.event();
            world.look();
            world.deliver();
        }
        // Everything is over, and the worker comes back once more.
        world.now = world.now.plus_ms(40 * 24 * 60 * MINUTE);
        world.gateway = false;
        for _ in 0..12 {
            world.look();
            world.deliver();
        }
        assert_eq!(world.gaps(), Vec::<String>::new(), "seed {seed}");
        let twice = world.sent.iter().find(|(_, times)| 1 < **times);
        assert!(twice.is_none(), "seed {seed}: {twice:?} {:?}", world.orders);
        messages += world.messages;
        steps += world.sent.len();
        joined +=
            world.outbox.iter().filter(|one| one.state == "sent" && 1 < one.keys.len()).count();
    }
    // The orders do reach what they are to try.
    assert!(4_000 < messages && 100 < joined && messages < steps, "{messages} {joined} {steps}");
}

#[test]
fn a_family_of_three_on_one_telephone_gets_one_message() {
    let mut world = World::new(1);
    for (visit, starts) in world.visits.iter_mut().zip(["14:00", "14:30", "15:30"]) {
        visit.starts = at(&format!("2026-12-14T{starts}"));
    }
    world.now = world.zone.instant(at("2026-12-12T14:00"));
    let zone = world.zone.clone();
    let times = Times { rule: RULE, zone: &zone, rests: &rests };
    let lead = world.visits[0].clone();
    let steps = world.steps.clone();
    let due = times.due(&lead, &steps, &[], world.now);
    let (step, placed, verdict) = due.last().unwrap();
    assert_eq!((step.before_minutes, *verdict), (Some(2880), Verdict::Send));
    world.write(&times, &lead, step, *placed);
    assert_eq!(world.outbox.len(), 1);
    assert_eq!(world.outbox[0].keys.len(), 3);
    for visit in &world.visits.clone() {
        let later = zone.instant(at("2026-12-12T16:00"));
        let due = times.due(visit, &steps, &world.touches, later);
        assert!(due.iter().all(|(.., verdict)| *verdict != Verdict::Send), "{due:?}");
    }
}

#[test]
fn what_a_clock_that_ran_ahead_found_stale_is_decided_anew() {
    let mut world = World::new(2);
    let visit = Visit { starts: at("2026-12-14T14:00"), ..world.visits[0].clone() };
    world.visits = vec![visit.clone()];
    let zone = world.zone.clone();
    let times = Times { rule: RULE, zone: &zone, rests: &rests };
    let steps = world.steps.clone();
    let ahead = zone.instant(at("2027-12-14T14:00"));
    world.now = ahead;
    for (step, placed, verdict) in times.due(&visit, &steps, &[], ahead) {
        let Verdict::Not(reason) = verdict else { panic!("{verdict:?}") };
        world.touch(&visit, step, placed, Outcome::Not, Some(reason));
    }
    let right = zone.instant(at("2026-12-12T14:00"));
    let due = times.due(&visit, &steps, &world.touches, right);
    let sent: Vec<_> = due.iter().filter(|(.., verdict)| *verdict == Verdict::Send).collect();
    assert_eq!(sent.len(), 1, "{due:?}");
}
