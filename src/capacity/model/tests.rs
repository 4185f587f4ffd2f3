//! The partition against a slow obvious model that looks at each minute.

use proptest::prelude::*;

use super::*;
use crate::clock::Timestamp;

fn id() -> AppointmentId {
    AppointmentId::new(Timestamp::from_unix_ms(1_795_402_800_000))
}

fn span(starts: u16, ends: u16) -> Span {
    Span { starts, ends }
}

fn has(spans: &[Span], minute: u16) -> bool {
    spans.iter().any(|span| span.starts <= minute && minute < span.ends)
}

/// What a minute was, gaps apart: None is a gap.
fn plainly(day: &DayFacts, minute: u16) -> Option<Use> {
    let within = |visit: &&Visit| has(&[visit.span], minute);
    let kept = |early: bool| {
        day.visits.iter().filter(within).any(|visit| match visit.outcome {
            Outcome::Kept { ended: Some(ended) } => (ended <= minute) == early,
            Outcome::Kept { ended: None } => !early,
            _ => false,
        })
    };
    let turned_out = |outcome| day.visits.iter().filter(within).any(|one| one.outcome == outcome);
    let cause = if kept(false) {
        return Some(Use::Used);
    } else if kept(true) {
        Cause::WrongDuration
    } else if has(&day.reserved, minute) {
        Cause::Buffer
    } else if has(&day.absent, minute) {
        Cause::Absent
    } else if !has(&day.shifts, minute) {
        Cause::NoShift
    } else if turned_out(Outcome::NoShow) {
        Cause::NoShow
    } else if turned_out(Outcome::LateCancel) {
        Cause::LateCancel
    } else {
        return None;
    };
    Some(Use::Idle(cause))
}

/// Each minute of the branch's hours, gaps measured by walking to both ends.
fn minute_by_minute(day: &DayFacts) -> Vec<Use> {
    let Some(open) = day.open else { return Vec::new() };
    let is_gap = |minute: u16| has(&[open], minute) && plainly(day, minute).is_none();
    let of = |minute: u16| {
        plainly(day, minute).unwrap_or_else(|| {
            let before = (0..minute).rev().take_while(|one| is_gap(*one)).count();
            let after = (minute..1440).take_while(|one| is_gap(*one)).count();
            let short = before + after < usize::from(day.shortest);
            Use::Idle(if short { Cause::WrongDuration } else { Cause::Unsold })
        })
    };
    (open.starts..open.ends).map(of).collect()
}

prop_compose! {
    fn any_span()(starts in 0u16..1435, minutes in 1u16..400) -> Span {
        span(starts, (starts + minutes).min(1440))
    }
}

prop_compose! {
    fn any_visit()(span in any_span(), kind in 0u8..5, part in 0u16..400) -> Visit {
        let outcome = match kind {
            0 => Outcome::NoShow,
            1 => Outcome::LateCancel,
            2 => Outcome::Kept { ended: Some((span.starts + part).min(span.ends)) },
            _ => Outcome::Kept { ended: None },
        };
        Visit { id: id(), span, outcome }
    }
}

prop_compose! {
    /// Closed on holidays; everything may lie over everything.
    fn any_day()(
        open in proptest::option::weighted(0.9, any_span()),
        shifts in proptest::collection::vec(any_span(), 0..4),
        absent in proptest::collection::vec(any_span(), 0..3),
        reserved in proptest::collection::vec(any_span(), 0..4),
        visits in proptest::collection::vec(any_visit(), 0..8),
        shortest in 0u16..90,
    ) -> DayFacts {
        DayFacts { open, shifts, absent, reserved, visits, shortest }
    }
}

proptest! {
    #[test]
    fn every_minute_has_exactly_the_use_that_looking_at_it_alone_gives(day in any_day()) {
        let stretches = classify(&day);
        let mut at = day.open.map_or(0, |open| open.starts);
        let mut found = Vec::new();
        for stretch in &stretches {
            prop_assert_eq!(stretch.span.starts, at, "nothing twice, nothing missing");
            at = stretch.span.ends;
            found.extend((stretch.span.starts..stretch.span.ends).map(|_| stretch.what));
        }
        prop_assert_eq!(found, minute_by_minute(&day));
    }

    #[test]
    fn the_causes_make_all_idle_minutes_and_their_shares_a_hundred_per_cent(day in any_day()) {
        let mut tally = Tally::default();
        for stretch in &classify(&day) {
            tally.add(stretch, 0);
        }
        let open = day.open.map_or(0, |open| u64::from(open.minutes()));
        prop_assert_eq!(tally.used + tally.idle_minutes(), open);
        let shares: u64 = shares(&tally.idle.map(|(minutes, _)| minutes)).iter().sum();
        prop_assert_eq!(shares, if tally.idle_minutes() == 0 { 0 } else { 1000 });
    }
}

#[test]
fn moving_one_visit_changes_only_its_own_rows() {
    let visit = |starts| Visit {
        id: id(),
        span: span(starts, starts + 30),
        outcome: Outcome::Kept { ended: None },
    };
    let day = |visits| DayFacts {
        open: Some(span(540, 1080)),
        shifts: vec![span(540, 780), span(840, 1080)],
        visits,
        shortest: 30,
        ..DayFacts::default()
    };
    let sum = |day: DayFacts| {
        let mut tally = Tally::default();
        for stretch in &classify(&day) {
            tally.add(stretch, 0);
        }
        tally
    };
    let (at_the_edge, in_between) = (sum(day(vec![visit(540)])), sum(day(vec![visit(555)])));
    let of = |tally: &Tally, at: usize| tally.idle[at].0;
    assert_eq!(at_the_edge.used, 30);
    assert_eq!((of(&at_the_edge, 0), of(&at_the_edge, 4), of(&at_the_edge, 6)), (60, 0, 450));
    assert_eq!((of(&in_between, 0), of(&in_between, 4), of(&in_between, 6)), (60, 15, 435));
}
