//! Public holidays of a year, and on which of them the clinic works.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::pages::{Chrome, View};
use crate::schedule::routes::typed::{self, Errors, Typed};
use crate::schedule::routes::{Done, ENTRY};
use crate::schedule::{self, Holiday, HolidayKind};
use crate::vault::Grant;
use crate::vault::permission::{SetUpClinic, ViewClinic};
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
    let works = typed.text("kind") == "work";
    let kind = if works { HolidayKind::Work } else { HolidayKind::Off };
    if let Some(day) = typed::day(&typed.text("day"), "day", &mut errors) {
        schedule::set_holiday(&clinic.vault, &grant, day, kind).await?;
        return Ok(see_other(&format!("/settings/holidays?year={}&done=saved", day.year())));
    }
    let mut view = HolidaysPage::load(&clinic, &grant, None, "").await?;
    (view.day, view.errors) = (typed.text("day"), errors);
    let page = Page::of(&clinic, &chrome.active(ENTRY), &view)?;
    Ok(page.refused().into_response())
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
        Ok(Self { year, holidays, day: String::new(), errors: Errors::new(), done })
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
            note: if *name == "kurban_ait" { "estimated" } else { "" }.to_owned(),
        });
        let year = 2027;
        let full = Self {
            year,
            holidays: holidays.collect(),
            day: String::new(),
            errors: Errors::new(),
            done: "saved",
        };
        let errors = Errors::from([("day".to_owned(), "schedule-error-day")]);
        vec![full, Self { year, holidays: Vec::new(), day: "31.02".to_owned(), errors, done: "" }]
    }
}
