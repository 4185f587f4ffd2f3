//! Capacity on the web.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::capacity::model::{Cause, Stretch, Tally, Use, shares};
use crate::capacity::{self, LONGEST, Load};
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::i18n::dates;
use crate::ids::AppointmentId;
use crate::pages::{Chrome, View};
use crate::schedule::minute_text;
use crate::vault::Grant;
use crate::vault::permission::ViewCapacity;
use crate::web::{FieldErrors, Page, Problem, Routes};

pub fn routes() -> Routes {
    Routes::new().get("/capacity", page)
}

/// The period, as typed; nothing: the seven days before today.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PeriodForm {
    first: String,
    last: String,
}

/// Load and idle time of a period.
#[derive(Debug, Serialize)]
pub struct CapacityPage {
    form: PeriodForm,
    errors: FieldErrors,
    groups: Vec<Group>,
    /// Of a single day alone: each stretch of each.
    stretches: Vec<StretchView>,
}

/// The doctors, or the places: their money is never added up, for one visit
/// takes up one of each.
#[derive(Debug, Serialize)]
struct Group {
    /// `doctors`, `places`.
    name: &'static str,
    rows: Vec<RowView>,
    causes: Vec<CauseView>,
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
struct StretchView {
    whose: String,
    from: String,
    until: String,
    /// None: used.
    cause: Option<&'static str>,
    visit: Option<AppointmentId>,
}

impl PeriodForm {
    fn read(&mut self, today: Day) -> Result<(Day, Day), FieldErrors> {
        if self.first.is_empty() && self.last.is_empty() {
            self.first = dates::numeric(today.plus_days(-7));
            self.last = dates::numeric(today.plus_days(-1));
        }
        if self.last.is_empty() {
            self.last.clone_from(&self.first);
        }
        let mut errors = FieldErrors::new();
        let (first, last) = (dates::read(&self.first), dates::read(&self.last));
        if first.is_none() {
            errors.insert("first", "capacity-bad-day".to_owned());
        }
        if last.is_none() {
            errors.insert("last", "capacity-bad-day".to_owned());
        }
        let Some((first, last)) = first.zip(last) else { return Err(errors) };
        if !(0..LONGEST).contains(&last.days_since(first)) {
            errors.insert("last", "capacity-bad-period".to_owned());
            return Err(errors);
        }
        Ok((first, last))
    }
}

async fn page(
    State(clinic): State<Clinic>,
    grant: Grant<ViewCapacity>,
    chrome: Chrome,
    Query(mut form): Query<PeriodForm>,
) -> Result<Response, Problem> {
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let chrome = chrome.active("capacity");
    match form.read(today) {
        Ok(period) => {
            let loads = capacity::loads(&clinic, &grant, period).await?;
            let view = CapacityPage::of(form, &loads, period.0 == period.1);
            Ok(Page::of(&clinic, &chrome, &view)?.into_response())
        }
        Err(errors) => {
            let view = CapacityPage { form, errors, groups: Vec::new(), stretches: Vec::new() };
            Ok(Page::of(&clinic, &chrome, &view)?.refused().into_response())
        }
    }
}

impl CapacityPage {
    fn of(form: PeriodForm, loads: &[Load], one_day: bool) -> Self {
        let group = |name, doctors| {
            let own: Vec<&Load> = loads.iter().filter(|one| one.is_doctor == doctors).collect();
            Group::of(name, &own)
        };
        let mut stretches = Vec::new();
        for load in loads.iter().filter(|_| one_day) {
            let all = load.days.iter().flat_map(|(_, stretches)| stretches);
            stretches.extend(all.map(|one| StretchView::of(&load.name, one)));
        }
        let groups = vec![group("doctors", true), group("places", false)];
        Self { form, errors: FieldErrors::new(), groups, stretches }
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
            share: format!("{}.{}", share / 10, share % 10),
            tiyn,
        });
        Self {
            name,
            rows: loads.iter().map(|one| RowView::of(one)).collect(),
            causes: causes.collect(),
            idle: hours(sum.idle_minutes()),
            tiyn: sum.tiyn(),
        }
    }
}

impl RowView {
    fn of(load: &Load) -> Self {
        let (used, idle) = (load.tally.used, load.tally.idle_minutes());
        Self {
            name: load.name.clone(),
            per_cent: (used * 100).checked_div(used + idle).unwrap_or(0),
            used: hours(used),
            idle: hours(idle),
            tiyn: load.tally.tiyn(),
        }
    }
}

impl StretchView {
    fn of(whose: &str, stretch: &Stretch) -> Self {
        Self {
            whose: whose.to_owned(),
            from: minute_text(stretch.span.starts),
            until: minute_text(stretch.span.ends),
            cause: match stretch.what {
                Use::Used => None,
                Use::Idle(cause) => Some(cause.name()),
            },
            visit: stretch.visit,
        }
    }
}

/// `41:15`.
fn hours(minutes: u64) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

impl View for CapacityPage {
    const TEMPLATE: &'static str = "capacity/index.html";

    fn samples() -> Vec<Self> {
        let period =
            |first: &str, last: &str| PeriodForm { first: first.into(), last: last.into() };
        let mut tally = Tally { used: 300, ..Tally::default() };
        tally.idle = [(60, 0), (0, 0), (30, 800_000), (15, 0), (15, 400_000), (0, 0), (75, 1)];
        let load = |name: &str, is_doctor| Load {
            id: crate::ids::ResourceId::new(crate::clock::Timestamp::from_unix_ms(0)),
            name: name.to_owned(),
            is_doctor,
            tally: tally.clone(),
            days: Vec::new(),
        };
        let mut one_day = Self::of(
            period("23.11.2026", "23.11.2026"),
            &[load("Сейтова А. Н.", true), load("Кресло 1", false)],
            true,
        );
        let stretch = |cause| StretchView {
            whose: "Сейтова А. Н.".to_owned(),
            from: "09:00".to_owned(),
            until: "09:30".to_owned(),
            cause,
            visit: Some(AppointmentId::new(crate::clock::Timestamp::from_unix_ms(0))),
        };
        one_day.stretches = vec![stretch(None), stretch(Some("no-show"))];
        let refused = Self {
            form: period("soon", "01.12.2026"),
            errors: FieldErrors::from([("first", "capacity-bad-day".to_owned())]),
            groups: Vec::new(),
            stretches: Vec::new(),
        };
        let empty = Self::of(period("23.11.2026", "29.11.2026"), &[], false);
        vec![one_day, refused, empty]
    }
}
