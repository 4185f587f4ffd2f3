//! Shifts, absences, visits and prices of a period, laid out by day for each
//! doctor and place.

use crate::capacity::model::{Cause, DayFacts, Outcome, Stretch, Use, Visit};
use crate::capacity::store::{self, Rule, Thing, VisitRow};
use crate::clock::{Civil, Day, Zone};
use crate::ids::ResourceId;
use crate::schedule::{self, Away, DayPlan, Pattern, Span};
use crate::vault::{Reader, VaultError};

pub(super) struct Gathered {
    pub things: Vec<Thing>,
    days: Vec<OneDay>,
    visits: Vec<VisitRow>,
    reserved: Vec<(ResourceId, Civil, Civil)>,
    rule: Rule,
    zone: Zone,
}

struct OneDay {
    plan: DayPlan,
    /// The usual week's shifts of that day, whoever is away; none on a holiday.
    usual: Vec<Pattern>,
    away: Vec<Away>,
}

impl Gathered {
    pub async fn read(
        reader: &mut Reader,
        zone: &Zone,
        first: Day,
        last: Day,
    ) -> Result<Self, VaultError> {
        let away = schedule::away_between(reader, first, last).await?;
        let mut days = Vec::new();
        for plan in schedule::plans_between(reader, first, last).await? {
            let mut usual = schedule::patterns(reader, plan.day).await?;
            usual.retain(|one| plan.holiday.is_none() && one.falls_on(plan.day));
            let away = away.iter().filter(|one| one.day == plan.day).copied().collect();
            days.push(OneDay { plan, usual, away });
        }
        let (from, until) = (midnight(first), midnight(last.plus_days(1)));
        Ok(Self {
            things: store::things(reader).await?,
            days,
            visits: store::visits(reader, from, until).await?,
            reserved: store::reserved(reader, from, until).await?,
            rule: store::rule(reader).await?,
            zone: zone.clone(),
        })
    }

    /// Each day of one of them.
    pub fn days_of(&self, thing: &Thing) -> Vec<(Day, DayFacts)> {
        self.days.iter().map(|day| (day.plan.day, self.facts(thing, day))).collect()
    }

    fn facts(&self, thing: &Thing, day: &OneDay) -> DayFacts {
        let date = day.plan.day;
        let own = |doctor: ResourceId, place: Option<ResourceId>| {
            doctor == thing.id || place == Some(thing.id)
        };
        let shifts = day.plan.shifts.iter().filter(|one| own(one.doctor, one.place));
        let mut absent: Vec<Span> = Vec::new();
        for usual in day.usual.iter().filter(|one| own(one.resource_id, one.place_id)) {
            let away = day.away.iter().filter(|away| away.doctor == usual.resource_id);
            absent.extend(away.flat_map(|away| missed(usual, away.span)));
        }
        let closures = day.plan.closures.iter().filter(|one| one.resource == thing.id);
        absent.extend(closures.map(|one| one.span));
        let reserved =
            self.reserved.iter().filter(|(id, starts, _)| *id == thing.id && starts.day() == date);
        let visits = self.visits.iter().filter(|one| {
            one.starts.day() == date
                && (one.doctor_id == Some(thing.id) || one.place_id == Some(thing.id))
        });
        DayFacts {
            open: self.open(thing, day),
            shifts: shifts.flat_map(schedule::Shift::working).collect(),
            absent,
            reserved: reserved
                .filter_map(|(_, starts, ends)| within(date, *starts, *ends))
                .collect(),
            visits: visits.filter_map(|one| self.visit(one)).collect(),
            shortest: u16::try_from(self.rule.shortest).unwrap_or(0),
        }
    }

    /// From the first shift of the branch to its last, whoever is away.
    fn open(&self, thing: &Thing, day: &OneDay) -> Option<Span> {
        let here = |doctor: ResourceId| {
            self.things.iter().any(|one| one.id == doctor && one.branch_id == thing.branch_id)
        };
        let usual = day.usual.iter().filter(|one| here(one.resource_id)).map(Pattern::hours);
        let shifts = day.plan.shifts.iter().filter(|one| here(one.doctor));
        let all = usual.chain(shifts.map(|one| Span { starts: one.starts, ends: one.ends }));
        all.reduce(|one, other| Span {
            starts: one.starts.min(other.starts),
            ends: one.ends.max(other.ends),
        })
    }

    /// None of a cancellation that came in time.
    fn visit(&self, row: &VisitRow) -> Option<Visit> {
        let said = row.said_at.map(|at| self.zone.civil(at));
        let outcome = match row.status.as_str() {
            "no_show" => Outcome::NoShow,
            "cancelled" => {
                let notice = row.starts.minutes_since(said?);
                if self.rule.late_minutes <= notice {
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

    /// What the time would have brought, in tiyn: of a missed visit its own
    /// price, of all else the mean of the price list by the minute. A doctor
    /// who was not to work could have sold nothing.
    pub fn price(&self, thing: &Thing, stretch: &Stretch) -> i64 {
        let minutes = i64::from(stretch.span.minutes());
        let mean = (minutes * self.rule.tiyn).checked_div(self.rule.minutes).unwrap_or(0);
        match stretch.what {
            Use::Used => 0,
            Use::Idle(Cause::NoShift) if thing.is_doctor() => 0,
            Use::Idle(Cause::NoShow | Cause::LateCancel) => {
                let visit = self.visits.iter().find(|row| Some(row.id) == stretch.visit);
                let own = visit.and_then(|row| Some(row.price_tiyn? * minutes / row.minutes));
                own.unwrap_or(mean)
            }
            Use::Idle(_) => mean,
        }
    }
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
