//! Working time: the usual week, the days unlike it, and what follows.
//!
//! Pure: what is stored comes in, what is worked on a day goes out.

use serde::{Deserialize, Serialize};

use crate::clock::{Civil, Day};
use crate::ids::{ResourceId, ShiftExceptionId, ShiftId};
use crate::schedule::hours::holidays::Calendar;

/// Minutes of one day, the last not included. `ends` is at most 1440.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    pub starts: u16,
    pub ends: u16,
}

/// A person's hours on one weekday of the usual week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Pattern {
    pub id: ShiftId,
    pub resource_id: ResourceId,
    /// The chair or room of this shift; None where none is kept.
    pub place_id: Option<ResourceId>,
    /// 1 Monday to 7 Sunday.
    pub weekday: i8,
    pub starts: u16,
    pub ends: u16,
    /// None: no lunch.
    pub break_starts: Option<u16>,
    pub break_ends: Option<u16>,
    /// The first day.
    pub valid_from: Day,
    /// The last day; None until further notice.
    pub valid_until: Option<Day>,
}

/// What is entered of a shift of the usual week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternDraft {
    /// 1 Monday to 7 Sunday.
    pub weekday: i8,
    pub hours: Span,
    /// Within the hours.
    pub lunch: Option<Span>,
    pub place_id: Option<ResourceId>,
}

/// How a day is unlike the usual week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum ExceptionKind {
    /// Not there.
    Off,
    /// There, though the usual week or a holiday says no.
    Extra,
}

/// Why: a code, so that nobody writes down an illness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum ExceptionReason {
    Vacation,
    Sick,
    Training,
    Personal,
    Repair,
    Swap,
    Demand,
    Other,
}

/// One day unlike the usual week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Exception {
    pub id: ShiftExceptionId,
    /// A person, or a chair or device that is out of order.
    pub resource_id: ResourceId,
    pub day: Day,
    pub kind: ExceptionKind,
    /// None with [`ExceptionKind::Off`]: the whole day.
    pub starts: Option<u16>,
    pub ends: Option<u16>,
    /// Of an extra shift.
    pub place_id: Option<ResourceId>,
    pub reason: ExceptionReason,
}

/// What is entered of days unlike the usual week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionDraft {
    pub resource_id: ResourceId,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
    pub what: OneDay,
    pub reason: ExceptionReason,
}

/// What is different on each of the days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OneDay {
    /// Not there at all.
    Off,
    /// Not there for a part.
    PartOff(Span),
    /// There, in that place.
    Extra(Span, Option<ResourceId>),
}

/// When somebody works on one day. Two shifts of one person never overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shift {
    pub doctor: ResourceId,
    pub day: Day,
    /// The chair or room; None where none is kept.
    pub place: Option<ResourceId>,
    /// Minute of the day.
    pub starts: u16,
    /// Minute of the day, at most 1440.
    pub ends: u16,
    /// Lunch, within the hours, in order.
    pub breaks: Vec<Span>,
}

/// A chair or device that is out of order for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Closure {
    pub resource: ResourceId,
    pub span: Span,
}

/// One day of the whole clinic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayPlan {
    pub day: Day,
    /// Code of the holiday's name, whether or not the clinic works on it.
    pub holiday: Option<String>,
    /// By doctor, then by time.
    pub shifts: Vec<Shift>,
    pub closures: Vec<Closure>,
}

impl Span {
    pub const WHOLE_DAY: Self = Self { starts: 0, ends: 1440 };

    /// None when it is empty or goes beyond the day.
    pub fn new(starts: u16, ends: u16) -> Option<Self> {
        (starts < ends && ends <= 1440).then_some(Self { starts, ends })
    }

    pub fn minutes(self) -> u16 {
        self.ends - self.starts
    }

    pub fn overlaps(self, other: Self) -> bool {
        self.starts < other.ends && other.starts < self.ends
    }

    pub fn contains(self, other: Self) -> bool {
        self.starts <= other.starts && other.ends <= self.ends
    }

    /// The part that both share.
    pub fn common(self, other: Self) -> Option<Self> {
        Self::new(self.starts.max(other.starts), self.ends.min(other.ends))
    }

    /// What is left of it: nothing, one piece or two.
    pub fn without(self, other: Self) -> impl Iterator<Item = Self> {
        let before = Self::new(self.starts, self.ends.min(other.starts));
        let after = Self::new(self.starts.max(other.ends), self.ends);
        [before, after].into_iter().flatten()
    }
}

impl Pattern {
    pub fn hours(&self) -> Span {
        Span { starts: self.starts, ends: self.ends }
    }

    pub fn lunch(&self) -> Option<Span> {
        Span::new(self.break_starts?, self.break_ends?)
    }

    /// Whether it is worked on that day, holidays aside.
    pub fn falls_on(&self, day: Day) -> bool {
        self.weekday == day.weekday()
            && self.valid_from <= day
            && self.valid_until.is_none_or(|last| day <= last)
    }

    /// What stands in it, to be entered again.
    pub fn draft(&self) -> PatternDraft {
        PatternDraft {
            weekday: self.weekday,
            hours: self.hours(),
            lunch: self.lunch(),
            place_id: self.place_id,
        }
    }

    fn on(&self, day: Day) -> Shift {
        Shift {
            doctor: self.resource_id,
            day,
            place: self.place_id,
            starts: self.starts,
            ends: self.ends,
            breaks: self.lunch().into_iter().collect(),
        }
    }
}

impl Exception {
    /// The part of the day it is about.
    pub fn span(&self) -> Span {
        let given = self.starts.zip(self.ends).and_then(|(starts, ends)| Span::new(starts, ends));
        given.unwrap_or(Span::WHOLE_DAY)
    }
}

impl Exception {
    fn is_like(&self, other: &Self) -> bool {
        self.resource_id == other.resource_id
            && self.kind == other.kind
            && (self.starts, self.ends) == (other.starts, other.ends)
            && self.place_id == other.place_id
            && self.reason == other.reason
    }
}

impl ExceptionReason {
    pub const ALL: [Self; 8] = [
        Self::Vacation,
        Self::Sick,
        Self::Training,
        Self::Personal,
        Self::Repair,
        Self::Swap,
        Self::Demand,
        Self::Other,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Vacation => "vacation",
            Self::Sick => "sick",
            Self::Training => "training",
            Self::Personal => "personal",
            Self::Repair => "repair",
            Self::Swap => "swap",
            Self::Demand => "demand",
            Self::Other => "other",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

impl Shift {
    pub fn span(&self) -> Span {
        Span { starts: self.starts, ends: self.ends }
    }

    /// The hours without the breaks, in order.
    pub fn working(&self) -> Vec<Span> {
        self.breaks.iter().fold(vec![self.span()], |pieces, lunch| cut(&pieces, *lunch))
    }

    /// Whether all of that time is worked.
    pub fn works(&self, span: Span) -> bool {
        self.working().iter().any(|piece| piece.contains(span))
    }

    pub fn starts_at(&self) -> Civil {
        Civil::new(self.day, 0).expect("a day starts").plus_minutes(self.starts.into())
    }

    /// May be midnight at the end of the day.
    pub fn ends_at(&self) -> Civil {
        Civil::new(self.day, 0).expect("a day starts").plus_minutes(self.ends.into())
    }

    fn within(&self, piece: Span) -> Self {
        let breaks = self.breaks.iter().filter_map(|lunch| lunch.common(piece)).collect();
        Self { starts: piece.starts, ends: piece.ends, breaks, ..*self }
    }
}

fn cut(pieces: &[Span], hole: Span) -> Vec<Span> {
    pieces.iter().flat_map(|piece| piece.without(hole)).collect()
}

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

/// The weekday on which shifts of a week to be entered overlap, if any.
pub fn overlap(week: &[PatternDraft]) -> Option<i8> {
    let pairs = week
        .iter()
        .enumerate()
        .flat_map(|(index, one)| week[index + 1..].iter().map(move |other| (one, other)));
    let mut clashes = pairs
        .filter(|(one, other)| one.weekday == other.weekday && one.hours.overlaps(other.hours));
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
        })
        .filter_map(|(one, other)| {
            let people = [one.resource_id, other.resource_id];
            Some(SharedPlace { place: one.place_id?, weekday: one.weekday, people })
        })
        .collect()
}

/// Reads what people type for a time of day: `9`, `9:00`, `9.30`, `0930`,
/// `24:00`. Minutes since midnight; None when it is no time in steps of five.
pub fn read_minute(text: &str) -> Option<u16> {
    let text = text.trim();
    let (hours, minutes) = match text.split_once([':', '.', '-', ' ']) {
        Some((hours, minutes)) => (hours, minutes),
        None if text.len() <= 2 => (text, "00"),
        None => text.split_at_checked(text.len().checked_sub(2)?)?,
    };
    let digits =
        |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(hours) || !digits(minutes) || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= 1440 && minute.is_multiple_of(5)).then_some(minute)
}

/// `09:30`; `24:00` at the end of the day.
pub fn minute_text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::clock::Timestamp;

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

    #[test]
    fn times_are_read_as_people_type_them() {
        for (typed, minute) in [
            ("9", 540),
            ("09", 540),
            (" 9:30 ", 570),
            ("9.30", 570),
            ("0930", 570),
            ("930", 570),
            ("9-30", 570),
            ("24:00", 1440),
            ("0:00", 0),
        ] {
            assert_eq!(read_minute(typed), Some(minute), "{typed}");
        }
        for typed in
            ["", "9:", ":30", "25", "24:05", "9:60", "9:33", "9:3", "abc", "+9:00", "09300", "нет"]
        {
            assert_eq!(read_minute(typed), None, "{typed}");
        }
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

        #[test]
        fn a_time_is_read_as_it_is_shown(five in 0u16..=288) {
            prop_assert_eq!(read_minute(&minute_text(five * 5)), Some(five * 5));
        }
    }
}
