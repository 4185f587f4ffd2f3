//! What is worked on a day: the usual week, holidays, and the days unlike it.
//!
//! Pure: what is stored comes in, what is worked goes out.

use crate::clock::Day;
use crate::ids::ResourceId;
use crate::schedule::hours::holidays::Calendar;
use crate::schedule::hours::model::{
    Closure, DayPlan, Exception, ExceptionKind, Pattern, Shift, Span,
};

/// Everybody's shifts on a day.
///
/// Patterns count unless the day is a holiday on which the clinic rests. Then
/// the exceptions are applied in the order in which they were entered: the last
/// word counts, so an extra shift within a vacation is worked.
pub fn plan(
    day: Day,
    patterns: &[Pattern],
    exceptions: &[Exception],
    calendar: &Calendar,
    is_person: impl Fn(ResourceId) -> bool,
) -> DayPlan {
    let usual = patterns.iter().filter(|pattern| pattern.falls_on(day) && !calendar.rests(day));
    let mut shifts: Vec<Shift> = usual.map(|pattern| pattern.on(day)).collect();
    let mut own: Vec<&Exception> = exceptions.iter().filter(|one| one.day == day).collect();
    own.sort_by_key(|exception| exception.id);
    let (people, things): (Vec<_>, Vec<_>) =
        own.into_iter().partition(|exception| is_person(exception.resource_id));
    for exception in people {
        shifts = apply(shifts, exception);
    }
    shifts.sort_by_key(|shift| (shift.doctor, shift.starts));
    DayPlan {
        day,
        holiday: calendar.name(day).map(str::to_owned),
        shifts,
        closures: closures(&things),
    }
}

fn apply(shifts: Vec<Shift>, exception: &Exception) -> Vec<Shift> {
    let hole = exception.span();
    let mut left: Vec<Shift> = Vec::with_capacity(shifts.len() + 1);
    for shift in shifts {
        if shift.doctor == exception.resource_id {
            left.extend(shift.span().without(hole).map(|piece| shift.within(piece)));
        } else {
            left.push(shift);
        }
    }
    if exception.kind == ExceptionKind::Extra {
        left.push(Shift {
            doctor: exception.resource_id,
            day: exception.day,
            place: exception.place_id,
            starts: hole.starts,
            ends: hole.ends,
            breaks: Vec::new(),
        });
    }
    left
}

/// When people are away by an exception of a day: holes that no later word has
/// filled again, whether or not they would have worked then.
pub fn away(
    day: Day,
    exceptions: &[Exception],
    is_person: impl Fn(ResourceId) -> bool,
) -> Vec<Closure> {
    let of_day = exceptions.iter().filter(|one| one.day == day && is_person(one.resource_id));
    let mut own: Vec<&Exception> = of_day.collect();
    own.sort_by_key(|exception| exception.id);
    closures(&own)
}

/// For chairs and devices, `off` closes and a later `extra` opens again.
fn closures(things: &[&Exception]) -> Vec<Closure> {
    let mut closed: Vec<Closure> = Vec::new();
    for exception in things {
        let span = exception.span();
        let pieces = closed.into_iter().flat_map(|closure| {
            let same = closure.resource == exception.resource_id;
            let hole = if same { span } else { Span { starts: 0, ends: 0 } };
            closure.span.without(hole).map(move |span| Closure { span, ..closure })
        });
        let mut next: Vec<Closure> = pieces.collect();
        if exception.kind == ExceptionKind::Off {
            next.push(Closure { resource: exception.resource_id, span });
        }
        closed = next;
    }
    closed.sort_by_key(|closure| (closure.resource, closure.span));
    closed
}

#[cfg(test)]
mod tests;
