//! When a step is due, and what is to be done about it: pure rules.
//!
//! **Where a step goes that falls into a quiet time.** A step wanted on a
//! holiday goes to the same time of the last day before it that is none. A step
//! wanted in the quiet hours goes to their end when that still leaves half of
//! its notice, on a day that is no holiday; else to half an hour before the quiet
//! hours began, again before any holiday. It never goes after the visit.
//!
//! **When it is too late.** A step is sent until half of its notice is gone, and
//! no later than the clinic's bound after it was due. While it is quiet it waits.
//!
//! Everything is decided from the visit as it stands at that moment; nothing of
//! an earlier decision is remembered but the touches.

use crate::booking::Status;
use crate::clock::{Civil, Day, Timestamp, Zone};
use crate::reminders::chain::model::{Outcome, Placed, Reason, Rule, Step, Touch, Verdict, Visit};

/// Holidays in a row that a step is taken over at most.
const MOST_HOLIDAYS: i64 = 14;

/// Whoever was written to about a visit is left alone for so many minutes.
pub const GAP_MINUTES: i64 = 180;

/// A step that is taken to the evening before goes out so many minutes before
/// the quiet hours begin.
const EVENING_MINUTES: i64 = 30;

/// The message of a booking is waited for so long before its step is given up.
const BOOKING_MINUTES: i64 = 10;

/// What the chain asks of the day it is in.
pub struct Times<'a> {
    pub rule: Rule,
    pub zone: &'a Zone,
    /// Whether a day is a holiday.
    pub rests: &'a (dyn Fn(Day) -> bool + Sync),
}

impl Times<'_> {
    /// Whether nobody is written to at that time.
    pub fn is_quiet(&self, at: Civil) -> bool {
        (self.rests)(at.day()) || self.in_quiet_hours(at.minute_of_day())
    }

    fn in_quiet_hours(&self, minute: u16) -> bool {
        let (from, until) = (self.rule.quiet_from, self.rule.quiet_until);
        if from <= until {
            from <= minute && minute < until
        } else {
            from <= minute || minute < until
        }
    }

    /// When a step so many minutes before a visit is due.
    pub fn place(&self, starts: Civil, before: i64) -> Placed {
        let wanted = starts.plus_minutes(-before);
        let open = self.before_holidays(wanted);
        if !self.in_quiet_hours(open.minute_of_day()) {
            return Placed { wanted, due: open };
        }
        let later = self.quiet_ends(open);
        let notice = starts.minutes_since(later);
        if before <= 2 * notice && !self.is_quiet(later) {
            return Placed { wanted, due: later };
        }
        Placed {
            wanted,
            due: self.before_holidays(self.quiet_begins(open).plus_minutes(-EVENING_MINUTES)),
        }
    }

    /// The same time on the last day up to this one that is no holiday.
    fn before_holidays(&self, at: Civil) -> Civil {
        let earlier = (0..MOST_HOLIDAYS).map(|days| at.plus_minutes(-days * 24 * 60));
        earlier.into_iter().find(|at| !(self.rests)(at.day())).unwrap_or(at)
    }

    /// When the quiet time that holds at this moment ends.
    fn quiet_ends(&self, at: Civil) -> Civil {
        let today = at_minute(at.day(), self.rule.quiet_until);
        if at < today { today } else { at_minute(at.day().plus_days(1), self.rule.quiet_until) }
    }

    /// When the quiet time that holds at this moment began.
    fn quiet_begins(&self, at: Civil) -> Civil {
        let today = at_minute(at.day(), self.rule.quiet_from);
        if today <= at { today } else { at_minute(at.day().plus_days(-1), self.rule.quiet_from) }
    }

    /// After which a step is of no use.
    pub fn deadline(&self, visit: &Visit, before: i64, due: Civil) -> Civil {
        let late = self.rule.late_minutes.min(before / 2);
        due.plus_minutes(late).min(visit.starts)
    }

    /// Until when a message that is written now may leave: its deadline, or the
    /// next quiet time when that begins earlier.
    pub fn not_after(&self, visit: &Visit, before: i64, due: Civil, now: Civil) -> Timestamp {
        let mut end = self.deadline(visit, before, due);
        if self.rule.quiet_from != self.rule.quiet_until && !self.is_quiet(now) {
            let today = at_minute(now.day(), self.rule.quiet_from);
            let next = if now < today {
                today
            } else {
                at_minute(now.day().plus_days(1), self.rule.quiet_from)
            };
            end = end.min(next);
        }
        self.zone.instant(end)
    }

    /// When a step of a visit is due; a step at booking when that was made.
    pub fn placed(&self, visit: &Visit, step: &Step) -> Placed {
        if let Some(before) = step.before_minutes {
            return self.place(visit.starts, before);
        }
        let made = self.zone.civil(visit.since);
        Placed { wanted: made, due: made }
    }

    /// What is to be done about a step now. `told`: when this visit was last
    /// written about in this round.
    pub fn decide(
        &self,
        visit: &Visit,
        step: &Step,
        placed: Placed,
        told: Option<Civil>,
        now: Civil,
    ) -> Verdict {
        let Some(before) = step.before_minutes else { return at_booking(visit, placed, now) };
        if now < placed.due {
            return Verdict::Wait;
        }
        if let Some(reason) = stopped(visit, step.confirmed_too) {
            return Verdict::Not(reason);
        }
        if placed.due < self.zone.civil(visit.since) {
            return Verdict::Not(Reason::Passed);
        }
        if !self.rule.running {
            return Verdict::Not(Reason::Off);
        }
        if self.deadline(visit, before, placed.due) <= now {
            return Verdict::Not(Reason::Stale);
        }
        if told.is_some_and(|told| now.minutes_since(told).abs() < GAP_MINUTES) {
            return Verdict::Not(Reason::JustTold);
        }
        if self.is_quiet(now) { Verdict::Wait } else { Verdict::Send }
    }

    /// The steps of a visit that have to be decided now, with what is to be done.
    pub fn due<'s>(
        &self,
        visit: &Visit,
        steps: &'s [Step],
        touches: &[Touch],
        now: Timestamp,
    ) -> Vec<(&'s Step, Placed, Verdict)> {
        let civil = self.zone.civil(now);
        let told = self.told(visit, steps, touches);
        let open = steps.iter().filter(|step| is_open(visit, step, touches, now));
        let placed = open.map(|step| (step, self.placed(visit, step)));
        let mut due: Vec<_> = placed
            .map(|(step, placed)| (step, placed, self.decide(visit, step, placed, told, civil)))
            .filter(|(.., verdict)| *verdict != Verdict::Wait)
            .collect();
        due.sort_by_key(|(_, placed, _)| placed.due);
        // Of two that are due at once, the patient gets one.
        let mut sending = false;
        for (_, _, verdict) in due.iter_mut().rev().filter(|(.., one)| *one == Verdict::Send) {
            if sending {
                *verdict = Verdict::Not(Reason::JustTold);
            }
            sending = true;
        }
        due
    }

    /// The step of another visit of the same telephone that goes into a message
    /// which is written now for `lead`: one that is due within the hours that
    /// `lead` gives notice of (an hour at least, six at most).
    pub fn joins<'s>(
        &self,
        lead: &Step,
        visit: &Visit,
        steps: &'s [Step],
        touches: &[Touch],
        now: Timestamp,
    ) -> Option<(&'s Step, Placed)> {
        let civil = self.zone.civil(now);
        let window = lead.before_minutes.unwrap_or_default().clamp(60, 360);
        let told = self.told(visit, steps, touches);
        let open = steps.iter().filter(|step| step.before_minutes.is_some());
        let open = open.filter(|step| is_open(visit, step, touches, now));
        let placed = open.map(|step| (step, self.placed(visit, step)));
        let near = placed.filter(|(_, placed)| placed.due <= civil.plus_minutes(window));
        let sendable = near.filter(|(step, placed)| {
            let early = Placed { due: placed.due.min(civil), ..*placed };
            self.decide(visit, step, early, told, civil) == Verdict::Send
        });
        sendable.min_by_key(|(_, placed)| placed.due)
    }

    /// When this visit was last written about in this round.
    fn told(&self, visit: &Visit, steps: &[Step], touches: &[Touch]) -> Option<Civil> {
        let own = touches.iter().filter(|touch| {
            touch.appointment_id == visit.id
                && touch.round == visit.round
                && touch.outcome == Outcome::Written
        });
        let written = own.map(|touch| self.zone.civil(touch.decided_at)).max();
        let at_booking = steps.iter().any(|step| step.before_minutes.is_none());
        written.max(at_booking.then(|| self.zone.civil(visit.since)))
    }
}

/// The message of a booking is written by the booking's own work; here it is
/// only asked why there is none.
fn at_booking(visit: &Visit, placed: Placed, now: Civil) -> Verdict {
    if now.minutes_since(placed.due) < BOOKING_MINUTES {
        return Verdict::Wait;
    }
    Verdict::Not(stopped(visit, true).unwrap_or(Reason::Unsaid))
}

/// Whether a step of the round that holds has no outcome yet. What was found
/// stale by a clock that ran ahead is decided anew once the clock is right.
fn is_open(visit: &Visit, step: &Step, touches: &[Touch], now: Timestamp) -> bool {
    let own = touches.iter().find(|touch| {
        touch.appointment_id == visit.id && touch.round == visit.round && touch.step_id == step.id
    });
    own.is_none_or(|touch| match touch.outcome {
        Outcome::Written => false,
        Outcome::Again => true,
        Outcome::Not => touch.reason == Some(Reason::Stale) && now < touch.decided_at,
    })
}

/// Why a visit as it stands is not to be reminded of.
pub fn stopped(visit: &Visit, confirmed_too: bool) -> Option<Reason> {
    match visit.status {
        _ if !visit.notify => Some(Reason::NotWanted),
        Status::Cancelled | Status::Moved => Some(Reason::Cancelled),
        Status::Confirmed if visit.confirmed && !confirmed_too => Some(Reason::Confirmed),
        Status::Booked | Status::Confirmed => None,
        _ => Some(Reason::Arrived),
    }
}

fn at_minute(day: Day, minute: u16) -> Civil {
    Civil::new(day, minute).expect("a minute of the day")
}
