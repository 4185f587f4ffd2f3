//! Capacity on the web.

mod rule;
mod samples;
mod views;
mod workbook;

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::capacity::{self, LONGEST};
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::i18n::dates;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{SetCapacity, ViewCapacity};
use crate::web::{FieldErrors, Page, Problem, Routes};

pub use rule::CapacityRulePage;
pub use views::CapacityPage;

/// How files of this kind are called on the web.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub fn routes() -> Routes {
    Routes::new()
        .get("/capacity", page)
        .get("/capacity/report.xlsx", file)
        .get("/capacity/rule", rule::show)
        .post("/capacity/rule", rule::set)
}

/// The period, as typed; nothing: the seven days before today.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct PeriodForm {
    first: String,
    last: String,
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
    let chrome = chrome.active("capacity");
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let may_set = grant.also::<SetCapacity>().is_ok();
    let period = match form.read(today) {
        Ok(period) => period,
        Err(errors) => {
            let view = CapacityPage::refused(form, errors, may_set);
            return Ok(Page::of(&clinic, &chrome, &view)?.refused().into_response());
        }
    };
    let loads = capacity::loads(&clinic, &grant, period).await?;
    let view = CapacityPage::of(form, &loads, period, today, may_set);
    Ok(Page::of(&clinic, &chrome, &view)?.into_response())
}

/// What the page shows, and each stretch of each day, for a spreadsheet.
async fn file(
    State(clinic): State<Clinic>,
    grant: Grant<ViewCapacity>,
    chrome: Chrome,
    Query(mut form): Query<PeriodForm>,
) -> Result<Response, Problem> {
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let period = form.read(today).map_err(|_| Problem::Invalid("capacity-bad-period"))?;
    let loads = capacity::export(&clinic, &grant, period).await?;
    let say = |key: &str| clinic.pages.words().plain(chrome.language, key);
    let body = workbook::xlsx(&loads, &say).map_err(|error| Problem::Internal(Box::new(error)))?;
    let headers = [
        (CONTENT_TYPE, XLSX.to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"capacity-{}-{}.xlsx\"", period.0, period.1),
        ),
    ];
    Ok((headers, body).into_response())
}
