//! Moving what is left of a series, on the same kind of screen: one new day and
//! hour for the open visit, every visit after it as many days further.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::booking::BookingError;
use crate::booking::day::{self, Details, Furniture};
use crate::booking::making::now;
use crate::booking::routes::Choice;
use crate::booking::routes::panel::typed_time;
use crate::booking::routes::repeat::form::rows;
use crate::booking::routes::repeat::rows::{Row, Rows};
use crate::booking::routes::repeat::to_series;
use crate::booking::routes::words::Say;
use crate::booking::series::{self, Mark, Planned, Repeated, Rest, SeriesError, Trouble, picked};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day, Timestamp};
use crate::i18n::dates;
use crate::ids::{AppointmentId, ResourceId, SeriesId};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{Book, ViewSchedule};
use crate::web::{FieldErrors, Page, Problem};

/// The form, and the dates once somebody asked for them.
#[derive(Debug, Serialize)]
pub struct RestView {
    id: AppointmentId,
    series: Mark,
    day: Day,
    starts: Civil,
    minutes: i64,
    patient: String,
    service: String,
    doctor: String,
    errors: FieldErrors,
    /// Why nothing was moved; empty at first.
    notice: &'static str,
    form: Typed,
    doctors: Vec<Choice>,
    rows: Vec<Row>,
    /// How many visits the button moves.
    chosen: usize,
}

/// What was typed.
#[derive(Clone, Debug, Default, Serialize)]
struct Typed {
    day: String,
    time: String,
    doctor: String,
    #[serde(skip)]
    rows: HashMap<i64, series::Choice>,
    #[serde(skip)]
    moves: bool,
}

impl Typed {
    /// At first what is open, as it stands.
    fn open(details: &Details) -> Self {
        Self {
            day: dates::numeric(details.starts.day()),
            time: dates::time(details.starts),
            doctor: details.doctor_id.map(|id| id.to_string()).unwrap_or_default(),
            ..Self::default()
        }
    }

    fn of(fields: &HashMap<String, String>) -> Self {
        let text = |name: &str| fields.get(name).map_or("", |value| value.trim()).to_owned();
        let mut typed = Self {
            day: text("day"),
            time: text("time"),
            doctor: text("doctor"),
            ..Self::default()
        };
        let asked = format!("{}/{}/{}", typed.day, typed.time, typed.doctor);
        // What was chosen for other dates says nothing about these.
        if fields.get("asked") == Some(&asked) {
            typed.rows = rows(fields);
            typed.moves = fields.get("do").is_some_and(|verb| verb == "move");
        }
        typed
    }

    fn to(&self) -> Result<Civil, FieldErrors> {
        typed_time(&self.day, &self.time).ok_or_else(|| {
            let day = dates::read(&self.day).is_some();
            let wrong =
                if day { ("time", "booking-rest-time") } else { ("day", "booking-rest-day") };
            [(wrong.0, wrong.1.to_owned())].into()
        })
    }
}

pub(in crate::booking::routes) async fn blank(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    chrome: Chrome,
    Path(id): Path<AppointmentId>,
) -> Result<Response, Problem> {
    let desk = Desk::open(&clinic, &grant, &chrome, id).await?;
    let typed = Typed::open(&desk.details);
    Ok(desk.page(&typed, &[], FieldErrors::new(), "")?.into_response())
}

pub(in crate::booking::routes) async fn send(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    chrome: Chrome,
    Path(id): Path<AppointmentId>,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response, Problem> {
    let desk = Desk::open(&clinic, &grant, &chrome, id).await?;
    let typed = Typed::of(&fields);
    match typed.to() {
        Ok(to) => desk.go_on(&grant, &typed, to).await,
        Err(errors) => {
            let page = desk.page(&typed, &[], errors, "")?;
            Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
    }
}

/// The visit that is open, its series, and all that the page needs.
struct Desk<'a> {
    clinic: &'a Clinic,
    chrome: &'a Chrome,
    details: Details,
    furniture: Arc<Furniture>,
    mark: Mark,
    rest: Rest,
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
        let mark = series::mark(clinic, grant, id).await?.filter(|mark| !mark.together);
        let mark = mark.ok_or(Problem::NotFound)?;
        let rest = series::rest(clinic, grant, id).await?;
        if rest.going.first().is_none_or(|first| first.id != id) {
            return Err(BookingError::Settled(details.status).into());
        }
        Ok(Self { clinic, chrome, details, furniture, mark, rest })
    }

    /// Shows the dates, or moves the visits.
    async fn go_on(
        &self,
        grant: &Grant<Book>,
        typed: &Typed,
        to: Civil,
    ) -> Result<Response, Problem> {
        let service_id = self.details.service_id.ok_or(Problem::Invalid("booking-impossible"))?;
        let doctor_id = typed.doctor.parse().ok();
        let what = Repeated { service_id, doctor_id, minutes: self.details.minutes };
        let chosen = |number| typed.rows.get(&number).copied();
        let stays = |number| chosen(number) == Some(series::Choice::Out);
        let course = self.rest.course(to, what, stays);
        let mut dates = series::plan(self.clinic, &grant.also()?, &course, chosen).await?;
        if !typed.moves {
            return Ok(self.page(typed, &dates, FieldErrors::new(), "")?.into_response());
        }
        if dates.iter().any(|date| date.chosen.is_none()) {
            return self.refused(typed, &dates, "booking-rest-undecided");
        }
        match series::move_rest(self.clinic, grant, self.details.id, &picked(&dates)).await {
            Ok(_) => Ok(to_series(self.mark.series_id)),
            Err(SeriesError::Lost(number)) => {
                // Whoever was quicker may not be committed yet.
                self.clinic.vault.settled().await?;
                dates = series::plan(self.clinic, &grant.also()?, &course, chosen).await?;
                series::refuse(&mut dates, number, Trouble::Lost);
                self.refused(typed, &dates, "booking-rest-lost")
            }
            Err(SeriesError::SameDay(number)) => {
                series::refuse(&mut dates, number, Trouble::SameDay);
                self.refused(typed, &dates, "booking-rest-undecided")
            }
            Err(SeriesError::Booking(BookingError::Impossible)) => {
                self.refused(typed, &dates, "booking-rest-nothing")
            }
            Err(SeriesError::Already(id)) => Ok(to_series(id)),
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
        let details = &self.details;
        let stands = |number| {
            let visit = self.rest.going.iter().find(|visit| visit.position == number);
            let at = visit.map(|visit| {
                format!("{} {}", say.day(visit.starts.day()), dates::time(visit.starts))
            });
            say.with("booking-rest-stays", &[("when", at.unwrap_or_default())])
        };
        let today = now(self.clinic).day();
        let rows =
            Rows { say: &say, furniture: &self.furniture, today, sent: typed.moves, out: &stands };
        let view = RestView {
            id: details.id,
            series: self.mark,
            day: details.starts.day(),
            starts: details.starts,
            minutes: details.minutes,
            patient: details.patient.clone(),
            service: details.service.clone(),
            doctor: details.doctor.clone(),
            errors,
            notice,
            form: typed.clone(),
            doctors: self.doctors(&say),
            rows: rows.of(dates),
            chosen: picked(dates).len(),
        };
        Page::of(self.clinic, &self.chrome.clone().active("schedule"), &view)
    }

    /// Those who work here, and any of them.
    fn doctors(&self, say: &Say<'_>) -> Vec<Choice> {
        let there = |id: ResourceId| Some(id) == self.details.doctor_id;
        let all = self.furniture.resources.iter().filter(|one| one.is_doctor());
        let known = all.filter(|one| !one.ended || there(one.id));
        let any = Choice { value: String::new(), label: say.key("booking-any-doctor") };
        let named = known.map(|one| Choice { value: one.id.to_string(), label: one.name.clone() });
        named.chain([any]).collect()
    }
}

impl View for RestView {
    const TEMPLATE: &'static str = "booking/rest.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let starts: Civil = "2026-11-23T10:00".parse().expect("a time");
        let blank = || Self {
            id: AppointmentId::new(at),
            series: Mark {
                series_id: SeriesId::new(at),
                position: 3,
                visits: 12,
                together: false,
                later: 9,
            },
            day: starts.day(),
            starts,
            minutes: 30,
            patient: "Мусин Ержан".to_owned(),
            service: "Лечение".to_owned(),
            doctor: "Сейтова А. Н.".to_owned(),
            errors: FieldErrors::new(),
            notice: "",
            form: Typed { day: "24.11.2026".to_owned(), ..Typed::default() },
            doctors: vec![Choice { value: "1".to_owned(), label: "—".to_owned() }],
            rows: Vec::new(),
            chosen: 0,
        };
        let rows = || vec![Row::sample(3, true, ""), Row::sample(4, false, "")];
        vec![
            blank(),
            Self { errors: [("day", "booking-rest-day".to_owned())].into(), ..blank() },
            Self { rows: rows(), chosen: 1, ..blank() },
            Self { rows: rows(), notice: "booking-rest-lost", ..blank() },
        ]
    }
}
