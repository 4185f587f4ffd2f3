//! The working calendar and the terms of the law on the web.

mod samples;
mod terms;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Day;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{EditWorkdays, ViewWorkdays};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};
use crate::workdays::form::{DayForm, HoursForm};
use crate::workdays::{self, DayKind, HoursRule, LegalDay, WorkdaysError};

pub use terms::{TermPage, TermsPage};

/// The rail's entry that these pages belong to.
pub const ENTRY: &str = "personal-data";

const PATH: &str = "/personal-data/workdays";

pub fn routes() -> Routes {
    Routes::new()
        .get(PATH, calendar)
        .post("/personal-data/workdays/day", set_day)
        .post("/personal-data/workdays/hours", set_hours)
        .get("/personal-data/terms", terms::list)
        .get("/personal-data/terms/{code}", terms::one)
        .post("/personal-data/terms/{code}", terms::replace)
}

/// A year of working days.
#[derive(Debug, Serialize)]
pub struct CalendarPage {
    year: i16,
    months: Vec<MonthRow>,
    days: i64,
    hours: i64,
    special: Vec<SpecialRow>,
    /// What was said of single days of this year.
    words: Vec<LegalDay>,
    /// The working week of today.
    week: Option<HoursRule>,
    form: DayForm,
    hours_form: HoursForm,
    errors: FieldErrors,
    may_edit: bool,
}

#[derive(Debug, Serialize)]
struct MonthRow {
    month: i8,
    days: i64,
    /// Whole working hours.
    hours: i64,
}

#[derive(Debug, Serialize)]
struct SpecialRow {
    day: Day,
    name: String,
    kind: DayKind,
    estimated: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    year: Option<i16>,
}

async fn calendar(
    State(clinic): State<Clinic>,
    grant: Grant<ViewWorkdays>,
    chrome: Chrome,
    Query(asked): Query<Asked>,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant, asked.year).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn set_day(
    State(clinic): State<Clinic>,
    grant: Grant<EditWorkdays>,
    chrome: Chrome,
    Form(form): Form<DayForm>,
) -> Result<Response, Problem> {
    match form.read(today(&clinic)) {
        Ok(new) => {
            let year = new.day.year();
            workdays::set_day(&clinic.vault, &grant, new).await?;
            Ok(see_other(&format!("{PATH}?year={year}")))
        }
        Err(errors) => {
            let view = page(&clinic, &grant.also()?, None).await?;
            refused(&clinic, chrome, &CalendarPage { form, errors, ..view })
        }
    }
}

async fn set_hours(
    State(clinic): State<Clinic>,
    grant: Grant<EditWorkdays>,
    chrome: Chrome,
    Form(form): Form<HoursForm>,
) -> Result<Response, Problem> {
    match form.read(today(&clinic)) {
        Ok(new) => {
            workdays::set_hours(&clinic.vault, &grant, form.seen, new).await?;
            Ok(see_other(PATH))
        }
        Err(errors) => {
            let view = page(&clinic, &grant.also()?, None).await?;
            refused(&clinic, chrome, &CalendarPage { hours_form: form, errors, ..view })
        }
    }
}

fn refused(clinic: &Clinic, chrome: Chrome, view: &CalendarPage) -> Result<Response, Problem> {
    let page = Page::of(clinic, &chrome.active(ENTRY), view)?;
    Ok(page.refused().into_response())
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<ViewWorkdays>,
    year: Option<i16>,
) -> Result<CalendarPage, Problem> {
    let today = today(clinic);
    let year = year.filter(|year| (2020..=2100).contains(year)).unwrap_or(today.year());
    let around = Day::new(year, 7, 1).unwrap_or(today);
    let calendar = workdays::calendar(&clinic.vault, grant, around).await?;
    let words = workdays::days(&clinic.vault, grant).await?;
    let month = |month: i8| {
        let first = Day::new(year, month, 1)?;
        let days = (0..31).map(|after| first.plus_days(after));
        let own = days.filter(|day| day.to_jiff().month() == month);
        let worked: Vec<Day> = own.filter(|day| calendar.is_working(*day)).collect();
        let minutes = worked.iter().flat_map(|day| calendar.spans(*day));
        let minutes: i64 = minutes.map(|(from, to)| i64::from(to) - i64::from(from)).sum();
        let days = i64::try_from(worked.len()).unwrap_or_default();
        Some(MonthRow { month, days, hours: minutes / 60 })
    };
    let months: Vec<MonthRow> = (1..=12).filter_map(month).collect();
    let special = calendar.special(year).map(|holiday| SpecialRow {
        day: holiday.day,
        name: holiday.name.clone(),
        kind: calendar.kind(holiday.day),
        estimated: holiday.estimated,
    });
    let week = calendar.hours_on(today).cloned();
    let last = workdays::hours(&clinic.vault, grant).await?;
    Ok(CalendarPage {
        year,
        days: months.iter().map(|month| month.days).sum(),
        hours: months.iter().map(|month| month.hours).sum(),
        months,
        special: special.collect(),
        words: words.into_iter().filter(|word| word.day.year() == year).collect(),
        hours_form: last.first().map(|rule| HoursForm::of(rule, today)).unwrap_or_default(),
        week,
        form: DayForm { kind: "off".into(), name: "decree".into(), ..DayForm::default() },
        errors: FieldErrors::new(),
        may_edit: grant.actor().may::<EditWorkdays>(),
    })
}

fn today(clinic: &Clinic) -> Day {
    clinic.profile.get().zone.today(clinic.clock().now())
}

impl From<WorkdaysError> for Problem {
    fn from(error: WorkdaysError) -> Self {
        match error {
            WorkdaysError::Changed => Self::Conflict("workdays-changed"),
            WorkdaysError::Vault(cause) => cause.into(),
        }
    }
}
