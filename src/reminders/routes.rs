//! The pages behind a message's link: on a phone, without scripts, in the
//! language of the message. Nothing changes by looking: messengers follow
//! links to draw previews.

use axum::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::booking::{self, Answerable, BookingError, FreeSlot, Furniture, Status};
use crate::clock::{Civil, Day};
use crate::i18n::Language;
use crate::pages::View;
use crate::reminders::{self, Closed, LinkError, LinkVisit, Opened, Token, writing};
use crate::schedule;
use crate::vault::permission::AnswerAppointment;
use crate::web::{Page, Problem, Routes, see_other};

pub fn public_routes() -> Routes {
    Routes::new()
        .get("/m/{token}", show)
        .post("/m/{token}/confirm", confirm)
        .get("/m/{token}/cancel", ask_cancel)
        .post("/m/{token}/cancel", cancel)
        .get("/m/{token}/move", other_times)
        .post("/m/{token}/move", move_to)
        .merge(writing::public_routes())
}

/// The appointment, and what can be done about it.
#[derive(Debug, Serialize)]
pub struct AnswerPage {
    token: String,
    starts: Civil,
    /// When it is to begin, if the doctor is late.
    expected: Option<Civil>,
    doctor: String,
    branch: String,
    address: String,
    /// How its door is found.
    entrance: String,
    /// E.164; empty when the clinic has not given one.
    phone: String,
    /// `booked`, `confirmed`, `away`, `cancelled`, `past` or `settled`.
    state: &'static str,
    /// Until when it is moved and cancelled here.
    until: Civil,
    /// Whether that is over.
    late: bool,
}

/// "Cancel? Yes / no."
#[derive(Debug, Serialize)]
pub struct CancelPage {
    token: String,
    starts: Civil,
}

/// Other times with the same doctor; with others too when that one is away.
#[derive(Debug, Serialize)]
pub struct MovePage {
    token: String,
    starts: Civil,
    doctor: String,
    phone: String,
    /// The doctor will not be there: each time names who would be.
    away: bool,
    days: Vec<FreeDay>,
    /// Whether the time just chosen was given to somebody else meanwhile.
    taken: bool,
}

#[derive(Debug, Serialize)]
struct FreeDay {
    day: Day,
    times: Vec<FreeTime>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct FreeTime {
    starts: Civil,
    /// What the button sends: the time, and whose it is when that is somebody else.
    value: String,
    /// Empty when it is the same doctor.
    doctor: String,
}

type Visit = LinkVisit<AnswerAppointment>;

/// Several visits told in one message: each with the link that answers for it.
#[derive(Debug, Serialize)]
pub struct FamilyPage {
    phone: String,
    visits: Vec<FamilyVisit>,
}

#[derive(Debug, Serialize)]
struct FamilyVisit {
    token: String,
    starts: Civil,
    doctor: String,
    /// As [`AnswerPage::state`].
    state: &'static str,
}

async fn show(visit: Visit) -> Result<Response, Problem> {
    let several = match reminders::together(&visit.clinic, &visit.grant, &visit.token).await {
        Ok(several) => several,
        Err(error) => return visit.refuse(error).await,
    };
    if let Some((_, Opened { language, .. })) = several.first() {
        let language = *language;
        let page = FamilyPage::of(several, visit.phone().await?, visit.now());
        return visit.page(&page, language);
    }
    let opened = match reminders::open(&visit.clinic, &visit.grant, &visit.token).await {
        Ok(opened) => opened,
        Err(error) => return visit.refuse(error).await,
    };
    let phone = visit.phone().await?;
    let now = visit.now();
    let language = visit.chrome_in(opened.language).language;
    let mut appointment = opened.appointment;
    let entrance;
    (appointment.address, entrance) = visit.place_in(language, appointment.address).await?;
    let page = AnswerPage::of(&visit.token, appointment, phone, now, opened.until);
    let page = AnswerPage { entrance, ..page };
    visit.page(&page, opened.language)
}

async fn confirm(visit: Visit) -> Result<Response, Problem> {
    match reminders::confirm(&visit.clinic, &visit.grant, &visit.token).await {
        Ok(()) => Ok(visit.back()),
        Err(error) => visit.refuse(error).await,
    }
}

async fn ask_cancel(visit: Visit) -> Result<Response, Problem> {
    match reminders::open(&visit.clinic, &visit.grant, &visit.token).await {
        Ok(Opened { appointment, language, until })
            if appointment.status.may_move() && visit.now() <= until =>
        {
            let token = visit.token.as_str().to_owned();
            visit.page(&CancelPage { token, starts: appointment.starts }, language)
        }
        Ok(_) => Ok(visit.back()),
        Err(error) => visit.refuse(error).await,
    }
}

async fn cancel(visit: Visit) -> Result<Response, Problem> {
    match reminders::cancel(&visit.clinic, &visit.grant, &visit.token).await {
        Ok(()) => Ok(visit.back()),
        Err(error) => visit.refuse(error).await,
    }
}

async fn other_times(visit: Visit) -> Result<Response, Problem> {
    visit.offer(false).await
}

#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    starts: String,
}

async fn move_to(visit: Visit, Form(chosen): Form<Chosen>) -> Result<Response, Problem> {
    let (starts, doctor) = chosen.starts.split_once('_').unwrap_or((&chosen.starts, ""));
    let (Ok(starts), doctor) = (starts.parse(), doctor.parse().ok()) else {
        return visit.offer(false).await;
    };
    let Visit { clinic, grant, token, .. } = &visit;
    match reminders::move_to(clinic, grant, token, starts, doctor).await {
        Ok(()) => Ok(visit.back()),
        Err(LinkError::Booking(
            BookingError::Taken(_)
            | BookingError::OffShift(_)
            | BookingError::OddTime
            | BookingError::Impossible
            | BookingError::Changed(_),
        )) => visit.offer(true).await,
        Err(error) => visit.refuse(error).await,
    }
}

impl Visit {
    async fn offer(&self, taken: bool) -> Result<Response, Problem> {
        let Self { clinic, grant, token, .. } = self;
        let times = reminders::other_times(clinic, grant, token).await;
        let opened = reminders::open(clinic, grant, token).await;
        let (times, Opened { appointment, language, .. }) = match (times, opened) {
            (Ok(times), Ok(opened)) => (times, opened),
            (Err(error), _) | (_, Err(error)) => return self.refuse(error).await,
        };
        let furniture = booking::resources(clinic, &grant.also()?).await?;
        let page = MovePage {
            token: token.as_str().to_owned(),
            away: appointment.away,
            days: FreeDay::of(&times, appointment.away.then_some(&*furniture)),
            starts: appointment.starts,
            doctor: appointment.doctor,
            phone: self.phone().await?,
            taken,
        };
        let status = if taken { StatusCode::CONFLICT } else { StatusCode::OK };
        let page = Page::of(&self.clinic, &self.chrome_in(language), &page)?;
        Ok(page.status(status).into_response())
    }

    /// A link that opens nothing says so; an answer that came too late leads
    /// back to the appointment, which says how it stands.
    pub(super) async fn refuse(&self, error: LinkError) -> Result<Response, Problem> {
        let why = match error {
            LinkError::Unknown => Closed::Unknown,
            LinkError::Expired => Closed::Expired,
            LinkError::Booking(BookingError::Vault(cause)) | LinkError::Vault(cause) => {
                return Err(cause.into());
            }
            LinkError::TooLate | LinkError::Booking(_) => return Ok(self.back()),
        };
        self.closed(why).await
    }

    fn now(&self) -> Civil {
        self.clinic.profile.get().zone.civil(self.clinic.clock().now())
    }

    /// A branch has one address; where it is the clinic's, it is in the reader's
    /// language, and with how the door is found.
    async fn place_in(
        &self,
        language: Language,
        address: String,
    ) -> Result<(String, String), Problem> {
        let mut reader = self.clinic.vault.read(&self.grant).await?;
        let facts = schedule::facts(&mut reader).await?;
        let same = facts.filter(|facts| facts.address_ru == address);
        Ok(same.map_or((address, String::new()), |facts| {
            (facts.address(language).to_owned(), facts.entrance(language).to_owned())
        }))
    }

    fn back(&self) -> Response {
        see_other(&format!("/m/{}", self.token.as_str()))
    }

    pub(super) fn page<V: View>(&self, view: &V, language: Language) -> Result<Response, Problem> {
        Ok(Page::of(&self.clinic, &self.chrome_in(language), view)?.into_response())
    }
}

impl AnswerPage {
    fn of(token: &Token, appointment: Answerable, phone: String, now: Civil, until: Civil) -> Self {
        let state = state(&appointment, now);
        let expected = Some(appointment.expected())
            .filter(|at| *at != appointment.starts && matches!(state, "booked" | "confirmed"));
        let Answerable { starts, doctor, branch, address, .. } = appointment;
        let token = token.as_str().to_owned();
        let late = until < now;
        let entrance = String::new();
        Self {
            token,
            starts,
            expected,
            doctor,
            branch,
            address,
            entrance,
            phone,
            state,
            until,
            late,
        }
    }
}

/// How an appointment stands to whoever has its link.
fn state(appointment: &Answerable, now: Civil) -> &'static str {
    match appointment.status {
        Status::Cancelled => "cancelled",
        Status::Booked | Status::Confirmed if appointment.expected() <= now => "past",
        Status::Booked | Status::Confirmed if appointment.away => "away",
        Status::Booked => "booked",
        Status::Confirmed => "confirmed",
        _ => "settled",
    }
}

impl FamilyPage {
    fn of(several: Vec<(Token, Opened)>, phone: String, now: Civil) -> Self {
        let visits = several.into_iter().map(|(token, opened)| FamilyVisit {
            token: token.as_str().to_owned(),
            starts: opened.appointment.starts,
            state: state(&opened.appointment, now),
            doctor: opened.appointment.doctor,
        });
        Self { phone, visits: visits.collect() }
    }
}

impl FreeDay {
    /// Times by day, days and times in order; with their doctors' names when
    /// those are to be said.
    fn of(slots: &[FreeSlot], named: Option<&Furniture>) -> Vec<Self> {
        let time = |slot: &FreeSlot| match named {
            None => FreeTime {
                starts: slot.starts,
                value: slot.starts.to_string(),
                doctor: String::new(),
            },
            Some(furniture) => FreeTime {
                starts: slot.starts,
                value: format!("{}_{}", slot.starts, slot.doctor_id),
                doctor: furniture.name(Some(slot.doctor_id)).to_owned(),
            },
        };
        let mut times: Vec<FreeTime> = slots.iter().map(time).collect();
        times.sort();
        times.dedup();
        let mut days: Vec<Self> = Vec::new();
        for time in times {
            match days.last_mut() {
                Some(last) if last.day == time.starts.day() => last.times.push(time),
                _ => days.push(Self { day: time.starts.day(), times: vec![time] }),
            }
        }
        days
    }
}

/// For samples.
fn sample_time(text: &str) -> Civil {
    text.parse().expect("a civil time")
}

impl View for AnswerPage {
    const TEMPLATE: &'static str = "public/answer.html";

    fn samples() -> Vec<Self> {
        ["booked", "confirmed", "away", "cancelled", "past", "settled"]
            .map(|state| Self {
                token: "A".repeat(22),
                starts: sample_time("2026-12-01T09:30"),
                expected: (state == "booked").then(|| sample_time("2026-12-01T09:45")),
                doctor: if state == "past" { String::new() } else { "A".to_owned() },
                branch: "B".to_owned(),
                address: "C".to_owned(),
                entrance: if state == "booked" { "D".to_owned() } else { String::new() },
                phone: if state == "booked" { String::new() } else { "+77273550000".to_owned() },
                state,
                until: sample_time("2026-12-01T07:30"),
                late: state == "confirmed",
            })
            .into()
    }
}

impl View for FamilyPage {
    const TEMPLATE: &'static str = "public/family.html";

    fn samples() -> Vec<Self> {
        let visit = |state| FamilyVisit {
            token: "A".repeat(22),
            starts: sample_time("2026-12-01T09:30"),
            doctor: "A".to_owned(),
            state,
        };
        let states = ["booked", "confirmed", "away", "cancelled", "past", "settled"];
        let visits = || states.into_iter().map(visit).collect();
        vec![
            Self { phone: "+77273550000".to_owned(), visits: visits() },
            Self { phone: String::new(), visits: visits() },
        ]
    }
}

impl View for CancelPage {
    const TEMPLATE: &'static str = "public/cancel.html";

    fn samples() -> Vec<Self> {
        vec![Self { token: "A".repeat(22), starts: sample_time("2026-12-01T09:30") }]
    }
}

impl View for MovePage {
    const TEMPLATE: &'static str = "public/move.html";

    fn samples() -> Vec<Self> {
        let starts = sample_time("2026-12-01T09:30");
        let time = |doctor: &str| FreeTime {
            starts,
            value: starts.to_string(),
            doctor: doctor.to_owned(),
        };
        let day = FreeDay { day: starts.day(), times: vec![time("")] };
        let others = FreeDay { day: starts.day(), times: vec![time("B"), time("C")] };
        let sample = |days, taken, away| Self {
            away,
            token: "A".repeat(22),
            starts,
            doctor: "A".to_owned(),
            phone: "+77273550000".to_owned(),
            days,
            taken,
        };
        vec![
            sample(vec![day], true, false),
            sample(vec![others], false, true),
            sample(vec![], false, false),
        ]
    }
}
