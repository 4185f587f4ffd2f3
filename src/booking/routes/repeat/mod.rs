//! Repeating an appointment: the dates of a series on one screen, each free or
//! refused with other times in its place, and one button that books them all.

mod form;
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
use crate::booking::routes::repeat::form::{Typed, picks};
use crate::booking::routes::why::sentence;
use crate::booking::routes::words::Say;
use crate::booking::series::{self, COUNTS, Pick, Planned, Rhythm, SeriesError};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::i18n::dates;
use crate::ids::{AppointmentId, SeriesId};
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{Book, ViewSchedule};
use crate::web::{FieldErrors, Page, Problem, see_other};

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

#[derive(Debug, Serialize)]
struct Row {
    /// Name of the field.
    name: String,
    number: i64,
    when: String,
    free: bool,
    /// What speaks against the time, with the doctor's name where several were asked.
    sentences: Vec<String>,
    choices: Vec<Choice>,
    /// Value of the choice; empty while there is none.
    chosen: String,
    /// Key of what is wrong with the choice; empty when nothing is.
    error: &'static str,
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
async fn in_series(
    clinic: &Clinic,
    grant: &Grant<Book>,
    id: AppointmentId,
) -> Result<Option<Response>, Problem> {
    let mark = series::mark(clinic, grant, id).await?;
    Ok(mark.map(|mark| to_series(mark.series_id)))
}

fn to_series(id: SeriesId) -> Response {
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
        let what = typed.repeated(&self.details).ok_or(Problem::Invalid("booking-impossible"))?;
        let chosen = |number| typed.rows.get(&number).copied();
        let plan = series::plan(self.clinic, &grant.also()?, &what, rhythm, chosen).await;
        let mut dates = plan?;
        if !typed.books {
            return Ok(self.page(typed, &dates, FieldErrors::new(), "")?.into_response());
        }
        let Some(picks) = picks(&dates) else {
            return self.refused(typed, &dates, "booking-repeat-undecided");
        };
        if picks.is_empty() {
            return self.refused(typed, &dates, "booking-repeat-nothing");
        }
        let Ok(id) = typed.series.parse() else { return Err(Problem::NotFound) };
        let first = self.details.id;
        match series::book_series(self.clinic, grant, id, first, rhythm, &picks).await {
            Ok(()) => Ok(to_series(id)),
            Err(SeriesError::Already(other)) => Ok(to_series(other)),
            Err(SeriesError::Lost(number)) => {
                dates.iter_mut().filter(|date| date.number == number).for_each(Planned::lose);
                self.refused(typed, &dates, "booking-repeat-lost")
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
        let at = |date: &&Planned| matches!(date.chosen, Some(series::Choice::At(_)));
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
            rows: dates.iter().map(|date| self.row(&say, date, typed.books)).collect(),
            chosen: dates.iter().filter(at).count(),
        };
        Page::of(self.clinic, &self.chrome.clone().active("schedule"), &view)
    }

    fn row(&self, say: &Say<'_>, date: &Planned, sent: bool) -> Row {
        let today = now(self.clinic).day();
        let own = date.doctor_id.map(|doctor_id| {
            let pick = series::Choice::At(Pick { starts: date.starts, doctor_id });
            let name = self.furniture.name(Some(doctor_id));
            let label = say.with("booking-repeat-then", &[("doctor", name.to_owned())]);
            Choice { value: pick.to_string(), label }
        });
        let others = date.instead.iter().map(|slot| {
            let pick = Pick { starts: slot.starts, doctor_id: slot.doctor_id };
            let value = series::Choice::At(pick).to_string();
            Choice { value, label: say.slot(today, slot, Some(&self.furniture)) }
        });
        let out = Choice {
            value: series::Choice::Out.to_string(),
            label: say.key("booking-repeat-leave-out"),
        };
        let error = match date.chosen {
            Some(_) => "",
            None if date.lost => "booking-repeat-row-lost",
            None if sent => "booking-repeat-row-open",
            None => "",
        };
        Row {
            name: format!("row-{}", date.number),
            number: date.number,
            when: format!("{}, {}", say.day(date.starts.day()), dates::time(date.starts)),
            free: date.doctor_id.is_some(),
            sentences: self.sentences(say, date),
            choices: own.into_iter().chain(others).chain([out]).collect(),
            chosen: date.chosen.map(|choice| choice.to_string()).unwrap_or_default(),
            error,
        }
    }

    /// Every rule that refuses the date.
    fn sentences(&self, say: &Say<'_>, date: &Planned) -> Vec<String> {
        if date.past {
            return vec![say.key("booking-why-past")];
        }
        let mut said = Vec::new();
        for (id, rules) in &date.refused {
            for rule in rules.iter().filter(|rule| rule.refuses()) {
                let text = sentence(say, rule);
                let name = self.furniture.name(Some(*id));
                let several = 1 < date.refused.len();
                said.push(if several { format!("{name}: {text}") } else { text });
            }
        }
        said
    }
}
