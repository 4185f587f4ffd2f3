//! Shifts, absences, visits and prices of a period, laid out by day for each
//! doctor and place. Six statements, however long the period is.

use std::collections::HashMap;

use crate::capacity::Rule;
use crate::capacity::model::{Cause, DayFacts, Outcome, Stretch, Use, Visit};
use crate::capacity::price::{Rate, Sold};
use crate::capacity::store::{self, PriceList, Thing, VisitRow};
use crate::clock::{Civil, Day, Zone};
use crate::ids::{AppointmentId, BranchId, ResourceId};
use crate::schedule::{self, Away, DayPlan, Pattern, Span};
use crate::vault::{Reader, VaultError};

pub(super) struct Gathered {
    pub things: Vec<Thing>,
    days: Vec<OneDay>,
    /// What one of them had on a day.
    own: HashMap<(ResourceId, Day), Own>,
    /// What one of them completed in the period.
    done: HashMap<ResourceId, Sold>,
    /// Tiyn and minutes of visits whose service has a price.
    prices: HashMap<AppointmentId, (i64, i64)>,
    list: PriceList,
    rule: Rule,
}

struct OneDay {
    plan: DayPlan,
    /// The usual week's shifts of that day, whoever is away; none on a holiday.
    usual: Vec<Pattern>,
    away: Vec<Away>,
    /// From the first shift of a branch to its last, whoever is away.
    open: HashMap<BranchId, Span>,
}

#[derive(Default)]
struct Own {
    visits: Vec<Visit>,
    reserved: Vec<Span>,
}

impl Gathered {
    pub async fn read(
        reader: &mut Reader,
        zone: &Zone,
        first: Day,
        last: Day,
    ) -> Result<Self, VaultError> {
        let (from, until) = (midnight(first), midnight(last.plus_days(1)));
        let things = store::things(reader, zone.instant(from)).await?;
        let patterns = schedule::patterns_between(reader, first, last).await?;
        let away = schedule::away_between(reader, first, last).await?;
        let plans = schedule::plans_between(reader, first, last).await?;
        let branches = things.iter().map(|one| (one.id, one.branch_id)).collect();
        let day = |plan| OneDay::of(plan, &patterns, &away, &branches);
        let mut gathered = Self {
            days: plans.into_iter().map(day).collect(),
            things,
            own: HashMap::new(),
            done: HashMap::new(),
            prices: HashMap::new(),
            list: store::price_list(reader).await?,
            rule: store::rule(reader).await?,
        };
        for row in store::visits(reader, from, until).await? {
            gathered.put(&row, zone);
        }
        for (id, starts, ends) in store::reserved(reader, from, until).await? {
            let own = gathered.own.entry((id, starts.day())).or_default();
            own.reserved.extend(within(starts.day(), starts, ends));
        }
        Ok(gathered)
    }

    fn put(&mut self, row: &VisitRow, zone: &Zone) {
        let both = [row.doctor_id, row.place_id].into_iter().flatten();
        if let Some(tiyn) = row.price_tiyn {
            self.prices.insert(row.id, (tiyn, row.minutes));
            if row.status == "completed" {
                for id in both.clone() {
                    self.done.entry(id).or_default().add(row.minutes, tiyn);
                }
            }
        }
        let Some(visit) = visit(row, self.rule.late_minutes, zone) else { return };
        for id in both {
            self.own.entry((id, row.starts.day())).or_default().visits.push(visit);
        }
    }

    /// Each day of one of them.
    pub fn days_of(&self, thing: &Thing) -> Vec<(Day, DayFacts)> {
        self.days.iter().map(|day| (day.plan.day, self.facts(thing, day))).collect()
    }

    fn facts(&self, thing: &Thing, day: &OneDay) -> DayFacts {
        let concerns = |doctor: ResourceId, place: Option<ResourceId>| {
            doctor == thing.id || place == Some(thing.id)
        };
        let shifts = day.plan.shifts.iter().filter(|one| concerns(one.doctor, one.place));
        let mut absent: Vec<Span> = Vec::new();
        for usual in day.usual.iter().filter(|one| concerns(one.resource_id, one.place_id)) {
            let away = day.away.iter().filter(|away| away.doctor == usual.resource_id);
            absent.extend(away.flat_map(|away| missed(usual, away.span)));
        }
        let closures = day.plan.closures.iter().filter(|one| one.resource == thing.id);
        absent.extend(closures.map(|one| one.span));
        let own = self.own.get(&(thing.id, day.plan.day));
        DayFacts {
            open: day.open.get(&thing.branch_id).copied(),
            shifts: shifts.flat_map(schedule::Shift::working).collect(),
            absent,
            reserved: own.map(|own| own.reserved.clone()).unwrap_or_default(),
            visits: own.map(|own| own.visits.clone()).unwrap_or_default(),
            shortest: u16::try_from(self.list.shortest).unwrap_or(0),
        }
    }

    /// What a minute of it is worth.
    pub fn rate(&self, thing: &Thing) -> Rate {
        let own = self.done.get(&thing.id).copied().unwrap_or_default();
        let list = Sold { visits: 0, minutes: self.list.minutes, tiyn: self.list.tiyn };
        let set = if thing.is_doctor() { None } else { self.rule.chair_hour_tiyn };
        Rate::of(own, list, set)
    }

    /// What the time would have brought, in tiyn: of a missed visit its own
    /// price, of all else the worth of the minute; of a chair whose hour the
    /// owner set always that. A doctor who was not to work could have sold nothing.
    /// Whole tenge: an estimate is no exacter, and the rows add up as printed.
    pub fn price(&self, thing: &Thing, rate: Rate, stretch: &Stretch) -> i64 {
        let minutes = i64::from(stretch.span.minutes());
        let set = !thing.is_doctor() && self.rule.chair_hour_tiyn.is_some();
        let tiyn = match stretch.what {
            Use::Used => 0,
            Use::Idle(Cause::NoShift) if thing.is_doctor() => 0,
            Use::Idle(Cause::NoShow | Cause::LateCancel) if !set => {
                let known = stretch.visit.and_then(|id| self.prices.get(&id));
                known.map_or(rate.price(minutes), |(tiyn, whole)| tiyn * minutes / whole)
            }
            Use::Idle(_) => rate.price(minutes),
        };
        tiyn / 100 * 100
    }
}

impl OneDay {
    fn of(
        plan: DayPlan,
        patterns: &[Pattern],
        away: &[Away],
        branches: &HashMap<ResourceId, BranchId>,
    ) -> Self {
        let works = plan.holiday.is_none();
        let usual = patterns.iter().filter(|one| works && one.falls_on(plan.day));
        let usual: Vec<Pattern> = usual.cloned().collect();
        let mut open: HashMap<BranchId, Span> = HashMap::new();
        let hours = usual.iter().map(|one| (one.resource_id, one.hours()));
        let shifts = plan.shifts.iter().map(|one| (one.doctor, one.span()));
        for (doctor, span) in hours.chain(shifts) {
            let Some(branch) = branches.get(&doctor) else { continue };
            let all = open.entry(*branch).or_insert(span);
            all.starts = all.starts.min(span.starts);
            all.ends = all.ends.max(span.ends);
        }
        let away = away.iter().filter(|one| one.day == plan.day).copied().collect();
        Self { plan, usual, away, open }
    }
}

/// None of a cancellation that came in time.
fn visit(row: &VisitRow, late_minutes: i64, zone: &Zone) -> Option<Visit> {
    let said = row.said_at.map(|at| zone.civil(at));
    let outcome = match row.status.as_str() {
        "no_show" => Outcome::NoShow,
        "cancelled" => {
            let notice = row.starts.minutes_since(said?);
            if late_minutes <= notice {
                return None;
            }
            Outcome::LateCancel
        }
        "completed" => {
            let ends = row.starts.plus_minutes(row.minutes);
            let early = said.filter(|at| row.starts < *at && *at < ends);
            let early = early.filter(|at| at.day() == row.starts.day());
            Outcome::Kept { ended: early.map(Civil::minute_of_day) }
        }
        _ => Outcome::Kept { ended: None },
    };
    let span = within(row.starts.day(), row.starts, row.starts.plus_minutes(row.minutes))?;
    Some(Visit { id: row.id, span, outcome })
}

/// What an absence takes of a usual shift, its break left out.
fn missed(usual: &Pattern, away: Span) -> Vec<Span> {
    let Some(missed) = usual.hours().common(away) else { return Vec::new() };
    match usual.lunch() {
        Some(lunch) => missed.without(lunch).collect(),
        None => vec![missed],
    }
}

fn midnight(day: Day) -> Civil {
    Civil::new(day, 0).expect("every day has a midnight")
}

/// The part of a day, its end cut at midnight.
fn within(day: Day, starts: Civil, ends: Civil) -> Option<Span> {
    let ends = if ends.day() == day { ends.minute_of_day() } else { 1440 };
    Span::new(starts.minute_of_day(), ends)
}
