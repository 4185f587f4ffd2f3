//! Repeating an appointment: the dates of a series on one screen, each free or
//! refused with other times in its place, and one button that books them all.

pub(super) mod form;
mod rest;
pub(super) mod rows;
mod samples;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::booking::day::{self, Details, Furniture};
use crate::booking::making::now;
use crate::booking::routes::Choice;
use crate::booking::routes::repeat::form::Typed;
use crate::booking::routes::repeat::rows::{Row, Rows};
use crate::booking::routes::words::Say;
use crate::booking::series::{self, COUNTS, Planned, Rhythm, SeriesError, Trouble, picked};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::ids::{AppointmentId, SeriesId};
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{Book, ViewSchedule};
use crate::web::{FieldErrors, Page, Problem, see_other};

pub use rest::RestView;
pub(super) use rest::{blank as rest_blank, send as rest_send};

/// The form, and the dates once somebody asked for them.
#[derive(Debug, Serialize)]
pub struct RepeatView {
    id: AppointmentId,
    day: Day,
    starts: Civil,
    minutes: i64,
    patient: String,
    service: String,
    doctor: String,
    errors: FieldErrors,
    /// Why nothing was booked; empty at first.
    notice: &'static str,
    form: Typed,
    most: i64,
    units: Vec<Choice>,
    doctors: Vec<Choice>,
    rows: Vec<Row>,
    /// How many visits the button books.
    chosen: usize,
}

pub(super) async fn blank(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    chrome: Chrome,
    Path(id): Path<AppointmentId>,
) -> Result<Response, Problem> {
    if let Some(answer) = in_series(&clinic, &grant, id).await? {
        return Ok(answer);
    }
    let desk = Desk::open(&clinic, &grant, &chrome, id).await?;
    let typed = Typed::of(&clinic, &HashMap::new());
    Ok(desk.page(&typed, &[], FieldErrors::new(), "")?.into_response())
}

pub(super) async fn send(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    chrome: Chrome,
    Path(id): Path<AppointmentId>,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Problem> {
    if let Some(answer) = in_series(&clinic, &grant, id).await? {
        return Ok(answer);
    }
    let desk = Desk::open(&clinic, &grant, &chrome, id).await?;
    let typed = Typed::of(&clinic, &fields);
    match typed.rhythm() {
        Ok(rhythm) => desk.go_on(&grant, &typed, rhythm).await,
        Err(errors) => {
            let page = desk.page(&typed, &[], errors, "")?;
            Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
    }
}

/// To the series, of whoever is in one: also the answer to a form sent twice.
pub(super) async fn in_series(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AppointmentId,
) -> Result<Option<Response>, Problem> {
    let mark = series::mark(clinic, grant, id).await?;
    Ok(mark.map(|mark| to_series(mark.series_id)))
}

pub(super) fn to_series(id: SeriesId) -> Response {
    see_other(&format!("/series/{id}"))
}

/// The appointment that is repeated, and all that its page needs.
struct Desk<'a> {
    clinic: &'a Clinic,
    chrome: &'a Chrome,
    details: Details,
    furniture: Arc<Furniture>,
}

impl<'a> Desk<'a> {
    async fn open(
        clinic: &'a Clinic,
        grant: &Grant<Book>,
        chrome: &'a Chrome,
        id: AppointmentId,
    ) -> Result<Self, Problem> {
        let look: Grant<ViewSchedule> = grant.also()?;
        let details = day::details(clinic, &look, id, chrome.language).await?;
        let furniture = day::resources(clinic, &look.also()?).await?;
        Ok(Self { clinic, chrome, details, furniture })
    }

    /// Shows the dates, or books them.
    async fn go_on(
        &self,
        grant: &Grant<Book>,
        typed: &Typed,
        rhythm: Rhythm,
    ) -> Result<Response, Problem> {
        let course = typed.course(&self.details, rhythm);
        let course = course.ok_or(Problem::Invalid("booking-impossible"))?;
        let chosen = |number| typed.rows.get(&number).copied();
        let mut dates = series::plan(self.clinic, &grant.also()?, &course, chosen).await?;
        if !typed.books {
            return Ok(self.page(typed, &dates, FieldErrors::new(), "")?.into_response());
        }
        if dates.iter().any(|date| date.chosen.is_none()) {
            return self.refused(typed, &dates, "booking-repeat-undecided");
        }
        let picks = picked(&dates);
        if picks.is_empty() {
            return self.refused(typed, &dates, "booking-repeat-nothing");
        }
        let Ok(id) = typed.series.parse() else { return Err(Problem::NotFound) };
        let first = self.details.id;
        match series::book_series(self.clinic, grant, id, first, rhythm, &picks).await {
            Ok(()) => Ok(to_series(id)),
            Err(SeriesError::Already(other)) => Ok(to_series(other)),
            Err(SeriesError::Lost(number)) => {
                // Whoever was quicker may not be committed yet.
                self.clinic.vault.settled().await?;
                dates = series::plan(self.clinic, &grant.also()?, &course, chosen).await?;
                series::refuse(&mut dates, number, Trouble::Lost);
                self.refused(typed, &dates, "booking-repeat-lost")
            }
            Err(SeriesError::SameDay(number)) => {
                series::refuse(&mut dates, number, Trouble::SameDay);
                self.refused(typed, &dates, "booking-repeat-undecided")
            }
            Err(SeriesError::Booking(error)) => Err(error.into()),
        }
    }

    /// The same screen, nothing lost.
    fn refused(
        &self,
        typed: &Typed,
        dates: &[Planned],
        notice: &'static str,
    ) -> Result<Response, Problem> {
        let page = self.page(typed, dates, FieldErrors::new(), notice)?;
        Ok(page.status(StatusCode::CONFLICT).into_response())
    }

    fn page(
        &self,
        typed: &Typed,
        dates: &[Planned],
        errors: FieldErrors,
        notice: &'static str,
    ) -> Result<Page, Problem> {
        let say = Say::to(self.clinic, self.chrome);
        let word = |value: &str, key: &str| Choice { value: value.to_owned(), label: say.key(key) };
        let details = &self.details;
        let out = |_| say.key("booking-repeat-leave-out");
        let rows = Rows {
            say: &say,
            furniture: &self.furniture,
            today: now(self.clinic).day(),
            sent: typed.books,
            out: &out,
        };
        let view = RepeatView {
            id: details.id,
            day: details.starts.day(),
            starts: details.starts,
            minutes: details.minutes,
            patient: details.patient.clone(),
            service: details.service.clone(),
            doctor: details.doctor.clone(),
            errors,
            notice,
            form: typed.clone(),
            most: *COUNTS.end(),
            units: vec![word("weeks", "booking-repeat-weeks"), word("days", "booking-repeat-days")],
            doctors: vec![word("same", "booking-repeat-same"), word("any", "booking-any-doctor")],
            rows: rows.of(dates),
            chosen: picked(dates).len(),
        };
        Page::of(self.clinic, &self.chrome.clone().active("schedule"), &view)
    }
}
