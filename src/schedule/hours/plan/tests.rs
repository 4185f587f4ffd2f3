//! The rules of a day's plan, by example and minute by minute.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::clock::Timestamp;
use crate::ids::{ShiftExceptionId, ShiftId};
use crate::schedule::hours::model::ExceptionReason;

const DAY: &str = "2026-11-23";

fn day() -> Day {
    DAY.parse().unwrap()
}

/// Ids that sort by their number.
fn resource(number: i64) -> ResourceId {
    thread_local!(static MADE: std::cell::RefCell<BTreeMap<i64, ResourceId>> = const {
        std::cell::RefCell::new(BTreeMap::new())
    });
    MADE.with_borrow_mut(|made| {
        *made.entry(number).or_insert_with(|| ResourceId::new(Timestamp::from_unix_ms(number)))
    })
}

fn pattern(doctor: i64, starts: u16, ends: u16, lunch: Option<(u16, u16)>) -> Pattern {
    Pattern {
        id: ShiftId::new(Timestamp::from_unix_ms(1)),
        resource_id: resource(doctor),
        place_id: Some(resource(100)),
        weekday: day().weekday(),
        starts,
        ends,
        break_starts: lunch.map(|(starts, _)| starts),
        break_ends: lunch.map(|(_, ends)| ends),
        valid_from: "2026-01-01".parse().unwrap(),
        valid_until: None,
        alternate_from: None,
    }
}

fn exception(at: i64, doctor: i64, kind: ExceptionKind, span: Option<(u16, u16)>) -> Exception {
    Exception {
        id: ShiftExceptionId::new(Timestamp::from_unix_ms(at)),
        resource_id: resource(doctor),
        day: day(),
        kind,
        starts: span.map(|(starts, _)| starts),
        ends: span.map(|(_, ends)| ends),
        place_id: None,
        reason: ExceptionReason::Other,
    }
}

proptest! {
    #[test]
    fn a_shift_of_every_second_week_is_worked_in_one_of_any_two_that_follow(
        anchor in -4000i64..4000,
        after in -4000i64..4000,
    ) {
        let anchor = day().plus_days(anchor);
        let monday = day().plus_days(after * 7);
        let valid_from = "1900-01-01".parse().unwrap();
        let all = Pattern { valid_from, ..pattern(1, 540, 1080, None) };
        let mine = Pattern { alternate_from: Some(anchor), ..all.clone() };
        let others = Pattern { alternate_from: Some(anchor.plus_days(7)), ..all.clone() };
        let on = Pattern::falls_on;
        prop_assert!(on(&all, monday));
        prop_assert!(on(&mine, monday) != on(&mine, monday.plus_days(7)));
        prop_assert!(on(&mine, monday) != on(&others, monday));
        prop_assert!(on(&mine, monday) == on(&mine, monday.plus_days(-14)));
        // By hand: whole weeks between the two Mondays, even or odd.
        let mut back = (0..7).map(|back| anchor.plus_days(-back));
        let first = back.find(|day| day.weekday() == 1).unwrap();
        prop_assert_eq!(on(&mine, monday), monday.days_since(first).rem_euclid(14) == 0);
    }
}

#[test]
fn every_second_week_goes_on_over_a_year_of_fifty_three_weeks() {
    // 2026 has an ISO week 53; after it come two weeks of odd numbers.
    let mine = Pattern { alternate_from: Some(day()), ..pattern(1, 540, 1080, None) };
    let mondays = (0..8).map(|after| day().plus_days(after * 7));
    let worked: Vec<String> =
        mondays.filter(|day| mine.falls_on(*day)).map(|day| day.to_string()).collect();
    assert_eq!(worked, ["2026-11-23", "2026-12-07", "2026-12-21", "2027-01-04"]);
}

fn shifts(patterns: &[Pattern], exceptions: &[Exception]) -> Vec<Shift> {
    plan(day(), patterns, exceptions, &Calendar::default(), |_| true).shifts
}

fn hours(shifts: &[Shift]) -> Vec<(u16, u16)> {
    shifts.iter().map(|shift| (shift.starts, shift.ends)).collect()
}

#[test]
fn a_vacation_leaves_nothing_and_an_extra_shift_within_it_is_worked() {
    let usual = [pattern(1, 540, 1080, Some((780, 840)))];
    let vacation = exception(1, 1, ExceptionKind::Off, None);
    let urgent = exception(2, 1, ExceptionKind::Extra, Some((600, 720)));

    assert!(shifts(&usual, std::slice::from_ref(&vacation)).is_empty());
    assert_eq!(hours(&shifts(&usual, &[urgent, vacation])), [(600, 720)]);
}

#[test]
fn an_hour_off_cuts_the_shift_and_keeps_the_lunch_and_the_chair() {
    let usual = [pattern(1, 540, 1080, Some((780, 840)))];
    let away = exception(1, 1, ExceptionKind::Off, Some((600, 660)));

    let left = shifts(&usual, &[away]);

    assert_eq!(hours(&left), [(540, 600), (660, 1080)]);
    assert_eq!(left[1].breaks, [Span { starts: 780, ends: 840 }]);
    assert!(left.iter().all(|shift| shift.place == Some(resource(100))));
    assert!(left[1].works(Span { starts: 700, ends: 780 }));
    assert!(!left[1].works(Span { starts: 700, ends: 785 }));
}

#[test]
fn a_pattern_holds_from_its_first_day_to_its_last_on_its_weekday() {
    let mut usual = pattern(1, 540, 1080, None);
    usual.valid_from = "2026-11-23".parse().unwrap();
    usual.valid_until = Some("2026-11-30".parse().unwrap());
    let holds = |text: &str| usual.falls_on(text.parse().unwrap());

    assert!(holds("2026-11-23") && holds("2026-11-30"));
    assert!(!holds("2026-11-16") && !holds("2026-12-07") && !holds("2026-11-24"));
}

#[test]
fn a_broken_chair_is_closed_until_somebody_says_it_works() {
    let broken = exception(1, 100, ExceptionKind::Off, None);
    let mended = exception(2, 100, ExceptionKind::Extra, Some((720, 1440)));

    let plan = plan(day(), &[], &[broken, mended], &Calendar::default(), |_| false);

    let morning = Closure { resource: resource(100), span: Span { starts: 0, ends: 720 } };
    assert_eq!(plan.closures, [morning]);
    assert!(plan.shifts.is_empty());
}

fn five_minutes() -> impl Strategy<Value = (u16, u16)> {
    (0u16..288, 1u16..=288).prop_filter_map("within a day", |(start, length)| {
        let ends = start + length;
        (ends <= 288).then_some((start * 5, ends * 5))
    })
}

proptest! {
    /// The rule said minute by minute: a minute is worked when the last
    /// word about it says so.
    #[test]
    fn the_last_word_about_a_minute_counts(
        usual in five_minutes(),
        said in proptest::collection::vec((any::<bool>(), five_minutes()), 0..8),
    ) {
        let patterns = [pattern(1, usual.0, usual.1, None), pattern(2, usual.0, usual.1, None)];
        let exceptions: Vec<Exception> = said
            .iter()
            .zip(1..)
            .map(|(&(extra, span), at)| {
                let kind = if extra { ExceptionKind::Extra } else { ExceptionKind::Off };
                exception(at, 1, kind, Some(span))
            })
            .collect();

        let shifts = shifts(&patterns, &exceptions);

        for minute in (0..1440).step_by(5) {
            let within = |span: (u16, u16)| span.0 <= minute && minute < span.1;
            let last = said.iter().rev().find(|(_, span)| within(*span));
            let expected = last.map_or(within(usual), |(extra, _)| *extra);
            let of = |doctor| shifts.iter().filter(|shift| {
                shift.doctor == resource(doctor) && within((shift.starts, shift.ends))
            }).count();
            prop_assert_eq!(of(1), usize::from(expected), "minute {}", minute);
            prop_assert_eq!(of(2), usize::from(within(usual)), "another's word counts for them");
        }
    }

    #[test]
    fn working_time_and_breaks_make_up_the_shift(hours in five_minutes(), lunch in five_minutes()) {
        let hours = Span { starts: hours.0, ends: hours.1 };
        let lunch = Span { starts: lunch.0, ends: lunch.1 }.common(hours);
        let shift = Shift {
            doctor: resource(1),
            day: day(),
            place: None,
            starts: hours.starts,
            ends: hours.ends,
            breaks: lunch.into_iter().collect(),
        };

        let worked: u16 = shift.working().iter().map(|span| span.minutes()).sum();

        prop_assert_eq!(worked + lunch.map_or(0, Span::minutes), hours.minutes());
        prop_assert!(shift.working().iter().all(|span| !lunch.is_some_and(|lunch| lunch.overlaps(*span))));
    }
}
