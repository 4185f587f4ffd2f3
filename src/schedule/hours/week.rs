//! Questions about whole weeks: shifts that clash, days that go together,
//! chairs that two people have.

use serde::Serialize;

use crate::clock::Day;
use crate::ids::{ResourceId, ShiftExceptionId};
use crate::schedule::hours::model::{Exception, Pattern, PatternDraft, share_weeks};

/// The weekday on which shifts of a week to be entered overlap, if any.
pub fn overlap(week: &[PatternDraft]) -> Option<i8> {
    let pairs = week
        .iter()
        .enumerate()
        .flat_map(|(index, one)| week[index + 1..].iter().map(move |other| (one, other)));
    let mut clashes = pairs.filter(|(one, other)| one.clashes(other));
    clashes.next().map(|(one, _)| one.weekday)
}

/// Days in a row that are unlike the usual week in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    pub from: Day,
    /// The last day.
    pub until: Day,
    pub first: Exception,
    pub ids: Vec<ShiftExceptionId>,
}

/// Exceptions of one resource, in the order of their days, put together.
pub fn periods(exceptions: &[Exception]) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    for exception in exceptions {
        let goes_on = periods.iter_mut().find(|period| {
            period.until.plus_days(1) == exception.day && period.first.is_like(exception)
        });
        match goes_on {
            Some(period) => {
                period.until = exception.day;
                period.ids.push(exception.id);
            }
            None => periods.push(Period {
                from: exception.day,
                until: exception.day,
                first: exception.clone(),
                ids: vec![exception.id],
            }),
        }
    }
    periods
}

/// Two people who are in one chair at one time in the usual week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SharedPlace {
    pub place: ResourceId,
    pub weekday: i8,
    pub people: [ResourceId; 2],
}

/// Chairs that two people have at one time. Not forbidden, but to be seen.
pub fn shared_places(patterns: &[Pattern]) -> Vec<SharedPlace> {
    let pairs = patterns
        .iter()
        .enumerate()
        .flat_map(|(index, one)| patterns[index + 1..].iter().map(move |other| (one, other)));
    pairs
        .filter(|(one, other)| {
            one.place_id == other.place_id
                && one.weekday == other.weekday
                && one.resource_id != other.resource_id
                && one.hours().overlaps(other.hours())
                && share_weeks(one.alternate_from, other.alternate_from)
        })
        .filter_map(|(one, other)| {
            let people = [one.resource_id, other.resource_id];
            Some(SharedPlace { place: one.place_id?, weekday: one.weekday, people })
        })
        .collect()
}
