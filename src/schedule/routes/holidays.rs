//! Public holidays of a year as the law has them, and what the clinic makes of
//! them: on which it works, and on which days of its own it rests.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Day;
use crate::pages::{Chrome, View};
use crate::schedule::routes::typed::{self, Errors, Typed};
use crate::schedule::routes::{Done, ENTRY};
use crate::schedule::{self, Holiday, HolidayKind, ScheduleError};
use crate::vault::Grant;
use crate::vault::permission::{SetUpClinic, ViewClinic, ViewWorkdays};
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new().get("/settings/holidays", list).post("/settings/holidays", set)
}

/// The holidays of a year.
#[derive(Debug, Serialize)]
pub struct HolidaysPage {
    year: i16,
    holidays: Vec<Holiday>,
    /// The day of the form, as typed.
    day: String,
    errors: Errors,
    done: &'static str,
    /// Whether the reader may see where the law's days come from.
    sees_law: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    year: Option<i16>,
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Query(asked): Query<Asked>,
    Query(done): Query<Done>,
) -> Result<Page, Problem> {
    let view = HolidaysPage::load(&clinic, &grant, asked.year, done.word()).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn set(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    typed: Typed,
) -> Result<Response, Problem> {
    let mut errors = Errors::new();
    let kind = match &*typed.text("kind") {
        "law" => None,
        "work" => Some(HolidayKind::Work),
        _ => Some(HolidayKind::Off),
    };
    if let Some(day) = typed::day(&typed.text("day"), "day", &mut errors) {
        decide(&clinic, &grant, day, kind).await?;
        return Ok(see_other(&format!("/settings/holidays?year={}&done=saved", day.year())));
    }
    let mut view = HolidaysPage::load(&clinic, &grant, None, "").await?;
    (view.day, view.errors) = (typed.text("day"), errors);
    let page = Page::of(&clinic, &chrome.active(ENTRY), &view)?;
    Ok(page.refused().into_response())
}

/// The clinic's word on a day; None: as the law has it, also said twice.
async fn decide(
    clinic: &Clinic,
    grant: &Grant<SetUpClinic>,
    day: Day,
    kind: Option<HolidayKind>,
) -> Result<(), ScheduleError> {
    let Some(kind) = kind else {
        return match schedule::drop_holiday(&clinic.vault, grant, day).await {
            Err(ScheduleError::NoSuch) => Ok(()),
            other => other,
        };
    };
    schedule::set_holiday(&clinic.vault, grant, day, kind).await
}

impl HolidaysPage {
    async fn load(
        clinic: &Clinic,
        grant: &Grant<SetUpClinic>,
        year: Option<i16>,
        done: &'static str,
    ) -> Result<Self, Problem> {
        let this = clinic.profile.get().zone.today(clinic.clock().now()).year();
        let year = year.filter(|year| (2020..=2100).contains(year)).unwrap_or(this);
        let view: Grant<ViewClinic> = grant.also()?;
        let mut reader = clinic.vault.read(&view).await?;
        let holidays = schedule::holidays_of_year(&mut reader, year).await?;
        let sees_law = grant.actor().may::<ViewWorkdays>();
        Ok(Self { year, holidays, day: String::new(), errors: Errors::new(), done, sees_law })
    }
}

impl View for HolidaysPage {
    const TEMPLATE: &'static str = "schedule/holidays.html";

    fn samples() -> Vec<Self> {
        let names = [
            "new_year",
            "orthodox_christmas",
            "womens_day",
            "constitution_day",
            "nauryz",
            "unity_day",
            "defender_day",
            "victory_day",
            "capital_day",
            "republic_day",
            "independence_day",
            "kurban_ait",
            "decree",
            "moved",
            "own",
        ];
        let holidays = names.iter().zip([HolidayKind::Off, HolidayKind::Work].iter().cycle());
        let holidays = holidays.map(|(name, kind)| Holiday {
            day: "2027-05-16".parse().expect("a day"),
            kind: *kind,
            name: (*name).to_owned(),
            estimated: *name == "kurban_ait",
            law: (*name != "own").then_some(HolidayKind::Off),
            own: *name == "own" || *kind == HolidayKind::Work,
        });
        let year = 2027;
        let full = Self {
            year,
            holidays: holidays.collect(),
            day: String::new(),
            errors: Errors::new(),
            done: "saved",
            sees_law: true,
        };
        let errors = Errors::from([("day".to_owned(), "schedule-error-day")]);
        let wrong = Self {
            holidays: Vec::new(),
            day: "31.02".to_owned(),
            errors,
            done: "",
            sees_law: false,
            year,
        };
        vec![full, wrong]
    }
}
