//! Working time: shifts of the usual week, days unlike it, and what is worked.
//!
//! What follows from them for a day is in `plan`, what a week to be shown or
//! entered needs is in `week`.

use serde::{Deserialize, Serialize};

use crate::clock::{Civil, Day};
use crate::ids::{ResourceId, ShiftExceptionId, ShiftId};

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
    /// A day of a week in which it is worked, if only every second one has it.
    pub alternate_from: Option<Day>,
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
    /// A day of a week in which it is worked, if only every second one has it.
    pub alternate_from: Option<Day>,
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

impl PatternDraft {
    /// Whether one person could not work both.
    pub fn clashes(&self, other: &Self) -> bool {
        self.weekday == other.weekday
            && self.hours.overlaps(other.hours)
            && share_weeks(self.alternate_from, other.alternate_from)
    }
}

/// The Monday of a day's week.
pub fn monday(day: Day) -> Day {
    day.plus_days(1 - i64::from(day.weekday()))
}

/// Whether a day's week is the anchor's or the second, fourth … from it.
fn alternates(anchor: Day, day: Day) -> bool {
    (monday(day).days_since(monday(anchor)) / 7) % 2 == 0
}

/// Whether shifts of every or every second week ever fall into one week.
pub fn share_weeks(one: Option<Day>, other: Option<Day>) -> bool {
    one.zip(other).is_none_or(|(one, other)| alternates(one, other))
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
            && self.alternate_from.is_none_or(|anchor| alternates(anchor, day))
    }

    /// What stands in it, to be entered again.
    pub fn draft(&self) -> PatternDraft {
        PatternDraft {
            weekday: self.weekday,
            hours: self.hours(),
            lunch: self.lunch(),
            place_id: self.place_id,
            alternate_from: self.alternate_from,
        }
    }

    pub(super) fn on(&self, day: Day) -> Shift {
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
    pub(super) fn is_like(&self, other: &Self) -> bool {
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

    pub(super) fn within(&self, piece: Span) -> Self {
        let breaks = self.breaks.iter().filter_map(|lunch| lunch.common(piece)).collect();
        Self { starts: piece.starts, ends: piece.ends, breaks, ..*self }
    }
}

fn cut(pieces: &[Span], hole: Span) -> Vec<Span> {
    pieces.iter().flat_map(|piece| piece.without(hole)).collect()
}
