//! When the clinic works: the usual week of each doctor, the days unlike it,
//! and public holidays.

mod holidays;
mod minutes;
mod model;
mod plan;
mod simple;
mod store;
mod week;

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::json;
use sqlx::SqliteConnection;

use crate::clock::Day;
use crate::ids::{ResourceId, ShiftExceptionId};
use crate::jobs;
use crate::schedule::catalogue::{Unchanged, joined, unless_nothing};
use crate::schedule::{ScheduleError, catalogue};
use crate::vault::permission::SetUpClinic;
use crate::vault::{Event, Events, Grant, Reader, Subject, Tx, Vault, VaultError, Violation};

use store::{ExceptionRow, Stored};

pub use holidays::{Calendar, Holiday, HolidayKind};
pub use minutes::{minute_text, read_minute};
pub use model::{
    Closure, DayPlan, Exception, ExceptionDraft, ExceptionKind, ExceptionReason, OneDay, Pattern,
    PatternDraft, Shift, Span, monday, share_weeks,
};
pub use simple::SimpleWeek;
pub use week::{Period, SharedPlace, periods, shared_places};

/// What a waiting list listens to: somebody works more than before,
/// `{"resource": id, "from": day, "until": day or null, "starts": minute or null,
/// "ends": minute or null}`.
pub const OPENED: &str = "schedule.opened";

/// The longest period of exceptions entered at once, in days.
const LONGEST_PERIOD: i64 = 366;

/// Everybody's shifts on a day, by doctor, then by time.
pub async fn shifts_on(reader: &mut Reader, day: Day) -> Result<Vec<Shift>, VaultError> {
    Ok(plan_on(reader, day).await?.shifts)
}

/// Everybody's shifts from the first day to the last, by day.
pub async fn shifts_between(
    reader: &mut Reader,
    first: Day,
    last: Day,
) -> Result<Vec<Shift>, VaultError> {
    let plans = plans_between(reader, first, last).await?;
    Ok(plans.into_iter().flat_map(|plan| plan.shifts).collect())
}

/// A day of the whole clinic: shifts, chairs out of order, holiday.
pub async fn plan_on(reader: &mut Reader, day: Day) -> Result<DayPlan, VaultError> {
    Ok(year(reader, day.year()).await?.plan(day))
}

/// The same, with what this transaction has changed so far.
pub async fn plan_on_in(tx: &mut Tx, day: Day) -> Result<DayPlan, VaultError> {
    Ok(Year::of(store::stored_in(tx, day, day).await?, day.year()).plan(day))
}

/// Each day from the first to the last.
pub async fn plans_between(
    reader: &mut Reader,
    first: Day,
    last: Day,
) -> Result<Vec<DayPlan>, VaultError> {
    let mut plans = Vec::new();
    let days = (0..=last.days_since(first)).map(|after| first.plus_days(after));
    let mut current: Option<(i16, Arc<Year>)> = None;
    for day in days {
        let known = current.take().filter(|(year, _)| *year == day.year());
        let own = match known {
            Some((_, own)) => own,
            None => year(reader, day.year()).await?,
        };
        plans.push(own.plan(day));
        current = Some((day.year(), own));
    }
    Ok(plans)
}

/// A day and a part of it on which somebody is away by an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away {
    pub doctor: ResourceId,
    pub day: Day,
    pub span: Span,
}

/// Who is away when by an exception, from the first day to the last.
pub async fn away_between(
    reader: &mut Reader,
    first: Day,
    last: Day,
) -> Result<Vec<Away>, VaultError> {
    let mut away = Vec::new();
    for number in first.year()..=last.year() {
        away.extend(year(reader, number).await?.away(first, last));
    }
    Ok(away)
}

/// The same, with what this transaction has changed so far.
pub async fn away_between_in(tx: &mut Tx, first: Day, last: Day) -> Result<Vec<Away>, VaultError> {
    Ok(Year::of(store::stored_in(tx, first, last).await?, first.year()).away(first, last))
}

/// All that says when is worked in a year.
struct Year {
    patterns: Vec<Pattern>,
    exceptions: Vec<Exception>,
    people: HashSet<ResourceId>,
    calendar: Calendar,
}

impl Year {
    fn of(stored: Stored, year: i16) -> Self {
        let people = stored.kinds.iter().filter(|(_, kind)| kind.is_person()).map(|(id, _)| *id);
        Self {
            people: people.collect(),
            calendar: calendar_of(&stored, year),
            patterns: stored.patterns,
            exceptions: stored.exceptions,
        }
    }

    fn away(&self, first: Day, last: Day) -> Vec<Away> {
        let within = self.exceptions.iter().map(|one| one.day);
        let mut days: Vec<Day> = within.filter(|day| first <= *day && *day <= last).collect();
        days.sort_unstable();
        days.dedup();
        let on = |day: Day| {
            let holes = plan::away(day, &self.exceptions, |id| self.people.contains(&id));
            holes.into_iter().map(move |hole| Away { doctor: hole.resource, day, span: hole.span })
        };
        days.into_iter().flat_map(on).collect()
    }

    fn plan(&self, day: Day) -> DayPlan {
        let is_person = |id| self.people.contains(&id);
        plan::plan(day, &self.patterns, &self.exceptions, &self.calendar, is_person)
    }
}

/// A year's hours, kept until something of them changes.
async fn year(reader: &mut Reader, year: i16) -> Result<Arc<Year>, VaultError> {
    let load = async |sql: &mut SqliteConnection| {
        let ends = Day::new(year, 1, 1).zip(Day::new(year, 12, 31));
        let (first, last) = ends.expect("every year of a Day has both");
        Ok(Year::of(store::stored(sql, first, last).await?, year))
    };
    reader.kept(&year.to_string(), load).await
}

/// The usual week of everybody that holds on a day.
pub async fn patterns(reader: &mut Reader, day: Day) -> Result<Vec<Pattern>, VaultError> {
    store::patterns(reader, day, day).await
}

/// The usual weeks of everybody that hold on some day from the first to the last.
pub async fn patterns_between(
    reader: &mut Reader,
    first: Day,
    last: Day,
) -> Result<Vec<Pattern>, VaultError> {
    store::patterns(reader, first, last).await
}

/// Whether anybody has hours on some day of this year or a later one.
pub async fn anybody_works(reader: &mut Reader, day: Day) -> Result<bool, VaultError> {
    let year = year(reader, day.year()).await?;
    let extra = year.exceptions.iter().any(|one| one.kind == ExceptionKind::Extra);
    Ok(extra || !year.patterns.is_empty())
}

/// What somebody's usual week is from a day on, changes planned for later
/// included.
pub async fn patterns_from(
    reader: &mut Reader,
    resource_id: ResourceId,
    first: Day,
) -> Result<Vec<Pattern>, VaultError> {
    let all = store::patterns(reader, first, Day::new(9999, 12, 31).expect("a day")).await?;
    Ok(all.into_iter().filter(|pattern| pattern.resource_id == resource_id).collect())
}

/// Standing exceptions of somebody or something from a day on.
pub async fn exceptions_from(
    reader: &mut Reader,
    resource_id: ResourceId,
    first: Day,
) -> Result<Vec<Exception>, VaultError> {
    store::exceptions_of(reader, resource_id, first).await
}

/// The year as the clinic keeps it.
fn calendar_of(stored: &Stored, year: i16) -> Calendar {
    Calendar::of_law(year..=year, &stored.rules, &stored.law).kept_by(&stored.own)
}

/// The holidays of a year as the clinic keeps them, single days and moved ones
/// included.
pub async fn holidays_of_year(
    reader: &mut Reader,
    year: i16,
) -> Result<Vec<Holiday>, ScheduleError> {
    let first = Day::new(year, 1, 1).ok_or(ScheduleError::BadPeriod)?;
    let stored = store::stored(reader.sql(), first, first).await?;
    Ok(calendar_of(&stored, year).of_year(year).cloned().collect())
}

/// The holidays of these years as the law has them, whatever the clinic does:
/// what terms of the law are counted by.
pub async fn holidays_of_law(
    reader: &mut Reader,
    years: RangeInclusive<i16>,
) -> Result<Calendar, VaultError> {
    let (rules, single) = store::law(reader).await?;
    Ok(Calendar::of_law(years, &rules, &single))
}

/// Sets somebody's usual week from a day on. What held before stays for the
/// days before; what was planned for later is withdrawn.
///
/// # Errors
/// [`ScheduleError::ShiftsOverlap`], [`ScheduleError::NoSuch`].
pub async fn set_week(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    resource_id: ResourceId,
    from: Day,
    week: &[PatternDraft],
) -> Result<(), ScheduleError> {
    vault.change(grant, async |tx| Ok(((), set_week_in(tx, resource_id, from, week).await?))).await
}

/// Sets the usual weeks of several people from a day on; those that are as they
/// were stay untouched.
///
/// # Errors
/// As [`set_week`].
pub async fn set_weeks(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    from: Day,
    weeks: &[(ResourceId, Vec<PatternDraft>)],
) -> Result<(), ScheduleError> {
    let changed = vault
        .change(grant, async |tx| {
            let current = store::stored_in(tx, from, from).await?.patterns;
            let mut events: Option<Events> = None;
            for (id, week) in weeks {
                let own = current.iter().filter(|pattern| pattern.resource_id == *id);
                if own.map(Pattern::draft).eq(week.iter().cloned()) {
                    continue;
                }
                let changed = set_week_in(tx, *id, from, week).await?;
                events = Some(joined(events, changed.into()));
            }
            events.map(|events| ((), events)).ok_or(Unchanged::Nothing)
        })
        .await;
    unless_nothing(changed)
}

pub async fn set_week_in(
    tx: &mut Tx,
    resource_id: ResourceId,
    from: Day,
    week: &[PatternDraft],
) -> Result<Event, ScheduleError> {
    if let Some(weekday) = week::overlap(week) {
        return Err(ScheduleError::ShiftsOverlap { weekday });
    }
    store::end_patterns(tx, resource_id, from.plus_days(-1)).await?;
    for draft in week {
        store::insert_pattern(tx, resource_id, from, draft).await.map_err(no_such)?;
    }
    opened(tx, resource_id, (from, None), None).await?;
    Ok(event("shifts.changed").on("resource", resource_id))
}

/// Enters days unlike the usual week: one row for each day of the period.
///
/// # Errors
/// [`ScheduleError::BadPeriod`] when it ends before it starts or is over a year
/// long; [`ScheduleError::NoSuch`].
pub async fn add_exceptions(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    draft: &ExceptionDraft,
) -> Result<(), ScheduleError> {
    vault.change(grant, async |tx| Ok(((), add_exceptions_in(tx, draft).await?))).await
}

pub async fn add_exceptions_in(
    tx: &mut Tx,
    draft: &ExceptionDraft,
) -> Result<Event, ScheduleError> {
    let days = draft.until.days_since(draft.from);
    if !(0..LONGEST_PERIOD).contains(&days) {
        return Err(ScheduleError::BadPeriod);
    }
    let (kind, span, place_id) = match draft.what {
        OneDay::Off => (ExceptionKind::Off, None, None),
        OneDay::PartOff(span) => (ExceptionKind::Off, Some(span), None),
        OneDay::Extra(span, place_id) => (ExceptionKind::Extra, Some(span), place_id),
    };
    let row = ExceptionRow { kind, span, place_id, reason: draft.reason };
    for after in 0..=days {
        let day = draft.from.plus_days(after);
        store::insert_exception(tx, draft.resource_id, day, &row).await.map_err(no_such)?;
    }
    if kind == ExceptionKind::Extra {
        opened(tx, draft.resource_id, (draft.from, Some(draft.until)), span).await?;
    }
    let added = event("exception.added").on("resource", draft.resource_id);
    let detail = json!({ "from": draft.from, "until": draft.until, "kind": kind });
    Ok(added.with_detail(detail))
}

/// Says that somebody or something works more than before, to whoever has
/// somebody for that time. No last day: until further notice; no hours: all day.
async fn opened(
    tx: &mut Tx,
    resource_id: ResourceId,
    (from, until): (Day, Option<Day>),
    hours: Option<Span>,
) -> Result<(), VaultError> {
    let (starts, ends) = hours.map(|hours| (hours.starts, hours.ends)).unzip();
    let payload = json!({
        "resource": resource_id, "from": from, "until": until, "starts": starts, "ends": ends,
    });
    jobs::enqueue(tx, OPENED, &payload, tx.now()).await.map(drop)
}

/// Takes exceptions back: the usual week counts again.
///
/// # Errors
/// [`ScheduleError::NoSuch`] when one of them does not stand; then all stay.
pub async fn withdraw_exceptions(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    ids: &[ShiftExceptionId],
) -> Result<(), ScheduleError> {
    vault
        .change(grant, async |tx| {
            for id in ids {
                let was = store::withdraw_exception(tx, *id).await?;
                let (resource_id, day, starts, ends) = was.ok_or(ScheduleError::NoSuch)?;
                let hours = starts.zip(ends).map(|(starts, ends)| Span { starts, ends });
                opened(tx, resource_id, (day, Some(day)), hours).await?;
            }
            Ok(((), event("exception.withdrawn").with_detail(json!({ "ids": ids }))))
        })
        .await
}

/// Says whether the clinic's usual week is worked on a day: a holiday on which
/// it works, a day of its own on which it rests. No term of the law moves by it.
pub async fn set_holiday(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    day: Day,
    kind: HolidayKind,
) -> Result<(), ScheduleError> {
    vault
        .change(grant, async |tx| {
            store::put_holiday(tx, day, kind).await?;
            let detail = json!({ "day": day, "kind": kind });
            Ok(((), event("holiday.set").with_detail(detail)))
        })
        .await
}

/// Takes the clinic's word on a day back: it is kept as the law has it.
///
/// # Errors
/// [`ScheduleError::NoSuch`] when the clinic has said nothing of it.
pub async fn drop_holiday(
    vault: &Vault,
    grant: &Grant<SetUpClinic>,
    day: Day,
) -> Result<(), ScheduleError> {
    vault
        .change(grant, async |tx| {
            if !store::drop_holiday(tx, day).await? {
                return Err(ScheduleError::NoSuch);
            }
            Ok(((), event("holiday.dropped").with_detail(json!({ "day": day }))))
        })
        .await
}

/// Whoever ends has no shifts after the last day.
pub(super) async fn end_all_in(
    tx: &mut Tx,
    resource_id: ResourceId,
    last: Day,
) -> Result<(), VaultError> {
    store::end_patterns(tx, resource_id, last).await?;
    store::withdraw_exceptions_after(tx, resource_id, last).await
}

fn event(action: &'static str) -> Event {
    Event::new(action, Subject::Clinic).touching(catalogue::TOPIC)
}

fn no_such(error: VaultError) -> ScheduleError {
    match error.violation() {
        Some(Violation::Reference) => ScheduleError::NoSuch,
        _ => error.into(),
    }
}
