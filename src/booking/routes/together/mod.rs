//! Visits beside an open one: more services after it, or the family at the same
//! time. All on one screen, and one button that books them all.

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
use crate::booking::routes::repeat::rows::{Row, Rows};
use crate::booking::routes::repeat::{in_series, to_series};
use crate::booking::routes::together::form::Typed;
use crate::booking::routes::words::Say;
use crate::booking::series::together::{self, Opening, Part, Placed, Placing};
use crate::booking::series::{SeriesError, Trouble};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::i18n::dates;
use crate::ids::AppointmentId;
use crate::pages::Chrome;
use crate::patients;
use crate::vault::Grant;
use crate::vault::permission::{Book, ViewSchedule};
use crate::web::{Page, Problem};

/// The form, and the times once somebody asked for them.
#[derive(Debug, Serialize)]
pub struct TogetherView {
    id: AppointmentId,
    day: Day,
    starts: Civil,
    ends: Civil,
    patient: String,
    service: String,
    doctor: String,
    /// Why nothing was booked; empty at first.
    notice: &'static str,
    form: Typed,
    people: Vec<Choice>,
    services: Vec<Choice>,
    doctors: Vec<Choice>,
    placings: Vec<Choice>,
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
    let typed = Typed::of(&clinic, &HashMap::new());
    let desk = Desk::open(&clinic, &grant, &chrome, id, &typed).await?;
    Ok(desk.page(&typed, &[], "")?.into_response())
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
    let typed = Typed::of(&clinic, &fields);
    let desk = Desk::open(&clinic, &grant, &chrome, id, &typed).await?;
    if fields.get("do").is_some_and(|verb| verb == "find") {
        return Ok(desk.page(&typed, &[], "")?.into_response());
    }
    match typed.parts().filter(|parts| desk.knows(parts)) {
        Some(parts) if !parts.is_empty() => desk.go_on(&grant, &typed, &parts).await,
        Some(_) => desk.wrong(&typed, "booking-together-none"),
        None => desk.wrong(&typed, "booking-together-who"),
    }
}

/// The appointment that is open, and all that its page needs.
struct Desk<'a> {
    clinic: &'a Clinic,
    chrome: &'a Chrome,
    details: Details,
    furniture: Arc<Furniture>,
    /// Whoever may come too, the patient first.
    people: Vec<Choice>,
}

impl<'a> Desk<'a> {
    async fn open(
        clinic: &'a Clinic,
        grant: &Grant<Book>,
        chrome: &'a Chrome,
        id: AppointmentId,
        typed: &Typed,
    ) -> Result<Self, Problem> {
        let look: Grant<ViewSchedule> = grant.also()?;
        let details = day::details(clinic, &look, id, chrome.language).await?;
        let furniture = day::furniture(clinic, &look.also()?, chrome.language).await?;
        let mut people =
            vec![Choice { value: details.patient_id.to_string(), label: details.patient.clone() }];
        // A family often has one phone.
        let phone = details.phone.clone().unwrap_or_default();
        for text in [phone.as_str(), typed.query.as_str()].iter().filter(|text| !text.is_empty()) {
            for brief in patients::find(&clinic.vault, &grant.also()?, text).await? {
                let value = brief.id.to_string();
                if people.iter().all(|known| known.value != value) {
                    people.push(Choice { value, label: brief.name });
                }
            }
        }
        Ok(Self { clinic, chrome, details, furniture, people })
    }

    fn knows(&self, parts: &[Part]) -> bool {
        let known =
            |part: &Part| self.people.iter().any(|one| one.value == part.patient_id.to_string());
        parts.iter().all(known)
    }

    /// Shows the times, or books them.
    async fn go_on(
        &self,
        grant: &Grant<Book>,
        typed: &Typed,
        parts: &[Part],
    ) -> Result<Response, Problem> {
        let details = &self.details;
        let opening = Opening {
            patient_id: details.patient_id,
            starts: details.starts,
            ends: details.starts.plus_minutes(details.minutes),
        };
        let chosen = |number| typed.rows.get(&number).copied();
        let look = || together::plan(self.clinic, grant, &opening, parts, chosen);
        let mut placed = look().await?;
        if !typed.books {
            return Ok(self.page(typed, &placed, "")?.into_response());
        }
        if placed.iter().any(|one| one.planned.chosen.is_none()) {
            return self.refused(typed, &placed, "booking-repeat-undecided");
        }
        let picks = together::picked(&placed);
        if picks.is_empty() {
            return self.refused(typed, &placed, "booking-repeat-nothing");
        }
        let Ok(id) = typed.series.parse() else { return Err(Problem::NotFound) };
        match together::book_together(self.clinic, grant, id, details.id, &picks).await {
            Ok(()) => Ok(to_series(id)),
            Err(SeriesError::Already(other)) => Ok(to_series(other)),
            Err(SeriesError::Lost(number) | SeriesError::SameDay(number)) => {
                // Whoever was quicker may not be committed yet.
                self.clinic.vault.settled().await?;
                placed = look().await?;
                let lost = placed.iter_mut().filter(|one| one.part.number == number);
                lost.for_each(|one| one.planned.refuse(Trouble::Lost));
                self.refused(typed, &placed, "booking-repeat-lost")
            }
            Err(SeriesError::Booking(error)) => Err(error.into()),
        }
    }

    /// The same screen, nothing lost.
    fn refused(
        &self,
        typed: &Typed,
        placed: &[Placed],
        notice: &'static str,
    ) -> Result<Response, Problem> {
        let page = self.page(typed, placed, notice)?;
        Ok(page.status(StatusCode::CONFLICT).into_response())
    }

    fn wrong(&self, typed: &Typed, notice: &'static str) -> Result<Response, Problem> {
        let page = self.page(typed, &[], notice)?;
        Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
    }

    fn page(
        &self,
        typed: &Typed,
        placed: &[Placed],
        notice: &'static str,
    ) -> Result<Page, Problem> {
        let say = Say::to(self.clinic, self.chrome);
        let word = |placing: Placing| Choice {
            value: placing.name().to_owned(),
            label: say.key(&format!("booking-together-{}", placing.name())),
        };
        let details = &self.details;
        let view = TogetherView {
            id: details.id,
            day: details.starts.day(),
            starts: details.starts,
            ends: details.starts.plus_minutes(details.minutes),
            patient: details.patient.clone(),
            service: details.service.clone(),
            doctor: details.doctor.clone(),
            notice,
            form: typed.clone(),
            people: self.people.clone(),
            services: self.services(),
            doctors: self.doctors(&say),
            placings: vec![word(Placing::After), word(Placing::Beside)],
            rows: placed.iter().map(|one| self.row(&say, typed, one)).collect(),
            chosen: together::picked(placed).len(),
        };
        Page::of(self.clinic, &self.chrome.clone().active("schedule"), &view)
    }

    /// A visit's line: what, for whom and when, instead of the day.
    fn row(&self, say: &Say<'_>, typed: &Typed, placed: &Placed) -> Row {
        let out = |_| say.key("booking-repeat-leave-out");
        let rows = Rows {
            say,
            furniture: &self.furniture,
            today: now(self.clinic).day(),
            sent: typed.books,
            out: &out,
        };
        let mut row = rows.row(&placed.planned);
        let name = |list: &[Choice], value: String| {
            let found = list.iter().find(|one| one.value == value);
            found.map(|one| one.label.clone()).unwrap_or_default()
        };
        let service = name(&self.services(), placed.part.service_id.to_string());
        let who = name(&self.people, placed.part.patient_id.to_string());
        row.when = format!("{service} · {who}, {}", dates::time(placed.planned.starts));
        if !row.free && row.sentences.is_empty() {
            row.sentences.push(say.key("booking-together-taken"));
        }
        row
    }

    fn services(&self) -> Vec<Choice> {
        let all = self.furniture.services.iter();
        all.map(|one| Choice { value: one.id.to_string(), label: one.name.clone() }).collect()
    }

    fn doctors(&self, say: &Say<'_>) -> Vec<Choice> {
        let any = Choice { value: String::new(), label: say.key("booking-any-doctor") };
        let doctors = self.furniture.resources.iter().filter(|one| one.is_doctor() && !one.ended);
        let named =
            doctors.map(|one| Choice { value: one.id.to_string(), label: one.name.clone() });
        [any].into_iter().chain(named).collect()
    }
}
