//! What the page of capacity shows.

use serde::Serialize;

use super::PeriodForm;
use crate::capacity::model::{Cause, Tally, Use, shares};
use crate::capacity::{Load, Priced};
use crate::clock::Day;
use crate::ids::AppointmentId;
use crate::schedule::minute_text;
use crate::web::FieldErrors;

/// Load and idle time of a period.
#[derive(Debug, Serialize)]
pub struct CapacityPage {
    pub(super) form: PeriodForm,
    pub(super) errors: FieldErrors,
    pub(super) groups: Vec<Group>,
    /// Of a single day alone: each stretch of each.
    pub(super) stretches: Vec<StretchView>,
    /// Whether some of the period is still to come.
    pub(super) unfinished: bool,
    /// Whether the reader may set the rule.
    pub(super) may_set: bool,
}

/// The doctors, or the places: their money is never added up, for one visit
/// takes up one of each.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    /// `doctors`, `places`.
    name: &'static str,
    rows: Vec<RowView>,
    causes: Vec<CauseView>,
    per_cent: u64,
    used: String,
    idle: String,
    tiyn: i64,
}

#[derive(Debug, Serialize)]
struct RowView {
    name: String,
    per_cent: u64,
    used: String,
    idle: String,
    tiyn: i64,
    /// Of an hour.
    hour_tiyn: i64,
    /// How that is known: `set`, `done`, `price-list`, `unknown`.
    basis: &'static str,
    /// How many visits say so.
    visits: Option<i64>,
    bars: Vec<Bar>,
}

/// A part of a drawn bar: `used` or a cause.
#[derive(Debug, Serialize)]
struct Bar {
    name: &'static str,
    /// Its left edge and width, in thousandths of the bar.
    x: u64,
    w: u64,
    time: String,
    /// `12.5`.
    share: String,
}

#[derive(Debug, Serialize)]
struct CauseView {
    name: &'static str,
    time: String,
    /// `12.5`.
    share: String,
    tiyn: i64,
}

#[derive(Debug, Serialize)]
pub(super) struct StretchView {
    pub(super) whose: String,
    pub(super) from: String,
    pub(super) until: String,
    /// None: used.
    pub(super) cause: Option<&'static str>,
    pub(super) tiyn: i64,
    pub(super) visit: Option<AppointmentId>,
}

impl CapacityPage {
    pub(super) fn of(
        form: PeriodForm,
        loads: &[Load],
        (first, last): (Day, Day),
        today: Day,
        may_set: bool,
    ) -> Self {
        let group = |name, doctors| {
            let own: Vec<&Load> = loads.iter().filter(|one| one.is_doctor == doctors).collect();
            Group::of(name, &own)
        };
        let mut stretches = Vec::new();
        for load in loads.iter().filter(|_| first == last) {
            stretches.extend(load.stretches.iter().map(|one| StretchView::of(&load.name, one)));
        }
        let groups = vec![group("doctors", true), group("places", false)];
        let unfinished = today <= last;
        Self { form, errors: FieldErrors::new(), groups, stretches, unfinished, may_set }
    }

    pub(super) fn refused(form: PeriodForm, errors: FieldErrors, may_set: bool) -> Self {
        let (groups, stretches) = (Vec::new(), Vec::new());
        Self { form, errors, groups, stretches, unfinished: false, may_set }
    }
}

impl Group {
    fn of(name: &'static str, loads: &[&Load]) -> Self {
        let mut sum = Tally::default();
        for one in loads {
            sum.and(&one.tally);
        }
        let shares = shares(&sum.idle.map(|(minutes, _)| minutes));
        let causes = Cause::ALL.iter().zip(sum.idle).zip(shares);
        let causes = causes.map(|((cause, (minutes, tiyn)), share)| CauseView {
            name: cause.name(),
            time: hours(minutes),
            share: tenths(share),
            tiyn,
        });
        Self {
            name,
            rows: loads.iter().map(|one| RowView::of(one)).collect(),
            causes: causes.collect(),
            per_cent: per_cent(&sum),
            used: hours(sum.used),
            idle: hours(sum.idle_minutes()),
            tiyn: sum.tiyn(),
        }
    }
}

impl RowView {
    fn of(load: &Load) -> Self {
        Self {
            name: load.name.clone(),
            per_cent: per_cent(&load.tally),
            used: hours(load.tally.used),
            idle: hours(load.tally.idle_minutes()),
            tiyn: load.tally.tiyn(),
            hour_tiyn: load.rate.hour(),
            basis: load.rate.basis.name(),
            visits: load.rate.basis.visits(),
            bars: bars(&load.tally),
        }
    }
}

/// Used time first, then each cause; what there is nothing of is left out.
fn bars(tally: &Tally) -> Vec<Bar> {
    let mut parts = vec![("used", tally.used)];
    let idle = Cause::ALL.iter().zip(tally.idle);
    parts.extend(idle.map(|(cause, (minutes, _))| (cause.name(), minutes)));
    let shares = shares(&parts.iter().map(|(_, minutes)| *minutes).collect::<Vec<_>>());
    let (mut x, mut bars) = (0, Vec::new());
    for ((name, minutes), w) in parts.into_iter().zip(shares) {
        if 0 < minutes {
            bars.push(Bar { name, x, w, time: hours(minutes), share: tenths(w) });
        }
        x += w;
    }
    bars
}

impl StretchView {
    fn of(whose: &str, priced: &Priced) -> Self {
        Self {
            whose: whose.to_owned(),
            from: minute_text(priced.stretch.span.starts),
            until: minute_text(priced.stretch.span.ends),
            cause: match priced.stretch.what {
                Use::Used => None,
                Use::Idle(cause) => Some(cause.name()),
            },
            tiyn: priced.tiyn,
            visit: priced.stretch.visit,
        }
    }
}

fn per_cent(tally: &Tally) -> u64 {
    (tally.used * 100).checked_div(tally.used + tally.idle_minutes()).unwrap_or(0)
}

/// `41:15`.
fn hours(minutes: u64) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// `12.5` of 125.
fn tenths(share: u64) -> String {
    format!("{}.{}", share / 10, share % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_bar_has_no_hole_and_ends_at_its_end() {
        let mut tally = Tally { used: 100, ..Tally::default() };
        tally.idle = [(33, 0), (0, 0), (33, 0), (1, 0), (0, 0), (7, 0), (126, 0)];
        let bars = bars(&tally);
        assert_eq!(bars.len(), 6, "nothing is drawn of what there is nothing of");
        let end = bars.iter().fold(0, |at, bar| {
            assert_eq!(bar.x, at);
            at + bar.w
        });
        assert_eq!(end, 1000);
    }
}
