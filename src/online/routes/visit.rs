//! One booking on its way: the code, what came of it, the calendar file. Its
//! address opens this booking alone, for a while, to whoever holds it.

use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::booking::{self, Answerable, FreeSlot, calendar, holds};
use crate::clock::Civil;
use crate::contact::Phone;
use crate::ids::ResourceId;
use crate::online::offer::{self, Offer, OfferedDoctor, OfferedService};
use crate::online::routes::visitor::{Frame, Visitor};
use crate::online::{self, OnlineError, Request, State, proof};
use crate::reminders::{self, Token};
use crate::vault::Grant;
use crate::vault::permission::AnswerAppointment;
use crate::web::{Page, Problem, Routes, see_other};

mod samples;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/visit/{token}", show)
        .post("/visit/{token}/code", prove)
        .post("/visit/{token}/again", again)
        .post("/visit/{token}/other", other)
        .get("/visit/{token}/visit.ics", ics)
}

/// A booking as its visitor sees it.
#[derive(Debug, Serialize)]
pub struct VisitPage {
    frame: Frame,
    token: String,
    /// A [`State`], or `declined`.
    state: &'static str,
    /// None when the clinic no longer does it.
    service: Option<OfferedService>,
    doctor: Option<OfferedDoctor>,
    starts: Civil,
    /// Masked; empty once there is a card.
    phone: String,
    for_other: bool,
    /// What is wrong with the code: `wrong`, `dead`, `soon` …; empty when nothing is.
    fault: &'static str,
    /// Tries or seconds left, with `wrong` and `soon`.
    left: i64,
    /// The repeated service was booked for the one that was asked for.
    repeated: bool,
    /// Other times, once this one is lost.
    others: Vec<Other>,
    /// The link that moves and cancels; empty while there is none.
    answer: String,
    /// Until when it does.
    until: Option<Civil>,
    map: String,
    /// How long the desk may think, in minutes.
    hold_minutes: i64,
}

#[derive(Debug, Serialize)]
struct Other {
    starts: Civil,
    doctor_id: ResourceId,
    doctor: String,
}

type Named = Path<String>;

/// A link that was followed.
struct Followed {
    offer: Offer,
    link: Token,
    request: Request,
}

async fn follow(visitor: &mut Visitor, token: &str) -> Result<Option<Followed>, Problem> {
    let Some(link) = Token::parse(token) else { return Ok(None) };
    let request = match online::open(&visitor.clinic, &visitor.grant, &link).await {
        Ok(request) => request,
        Err(OnlineError::Unknown) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // A page inside another site has no cookie that says so.
    visitor.speak(request.language);
    let offer = visitor.offer().await?;
    Ok(Some(Followed { offer, link, request }))
}

async fn show(mut visitor: Visitor, Path(token): Named) -> Result<Response, Problem> {
    match follow(&mut visitor, &token).await? {
        Some(followed) => followed.shown(&visitor).await,
        None => gone(&visitor).await,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    code: String,
}

async fn prove(
    mut visitor: Visitor,
    Path(token): Named,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let Some(followed) = follow(&mut visitor, &token).await? else { return gone(&visitor).await };
    let link = &followed.link;
    match online::prove(&visitor.clinic, &visitor.grant, link, &typed.code).await {
        Ok(State::Lost) => followed.again(&visitor).await,
        Ok(_) => {
            let _ = online::desk::count_waiting(&visitor.clinic).await;
            Ok(back(&visitor, link))
        }
        Err(OnlineError::WrongCode { left }) => followed.page(&visitor, "wrong", left.into()).await,
        Err(OnlineError::DeadCode) => followed.page(&visitor, "dead", 0).await,
        Err(OnlineError::Unknown) => gone(&visitor).await,
        Err(error) => Err(error.into()),
    }
}

async fn again(mut visitor: Visitor, Path(token): Named) -> Result<Response, Problem> {
    let Some(followed) = follow(&mut visitor, &token).await? else { return gone(&visitor).await };
    match online::send_again(&visitor.clinic, &visitor.grant, &followed.link).await {
        Ok(()) | Err(OnlineError::Unknown) => Ok(back(&visitor, &followed.link)),
        Err(OnlineError::Capped(capped)) => {
            let left = match capped {
                online::Capped::TooSoon { seconds } => seconds,
                _ => 0,
            };
            followed.page(&visitor, capped.code(), left).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    /// `2026-12-01T09:30 doctor`.
    time: String,
}

async fn other(
    mut visitor: Visitor,
    Path(token): Named,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Problem> {
    let Some(followed) = follow(&mut visitor, &token).await? else { return gone(&visitor).await };
    let parts = chosen.time.split_once(' ');
    let read = parts.and_then(|(at, who)| Some((at.parse().ok()?, who.parse().ok()?)));
    let Some((starts, doctor)) = read else { return Ok(back(&visitor, &followed.link)) };
    let Visitor { clinic, grant, .. } = &visitor;
    match online::choose(clinic, grant, &followed.link, starts, doctor).await {
        Ok(State::Lost) => followed.again(&visitor).await,
        Ok(_) | Err(OnlineError::Unknown) => {
            let _ = online::desk::count_waiting(clinic).await;
            Ok(back(&visitor, &followed.link))
        }
        Err(error) => Err(error.into()),
    }
}

async fn ics(mut visitor: Visitor, Path(token): Named) -> Result<Response, Problem> {
    let followed = follow(&mut visitor, &token).await?.ok_or(Problem::NotFound)?;
    let Followed { offer, request, .. } = &followed;
    // As it stands now, wherever it was moved to.
    let now = followed.standing(&visitor).await?.ok_or(Problem::NotFound)?;
    let profile = visitor.clinic.profile.get();
    let service = offer.booked(request.service_id);
    let starts = profile.zone.instant(now.starts);
    let file = calendar::Visit {
        uid: format!("{}@tirkeu", now.id),
        made_at: request.created_at,
        changed_at: now.changed_at,
        sequence: u32::try_from(now.version - 1).unwrap_or_default(),
        standing: calendar::Standing::of(now.status, followed.state(&visitor).await? == "held"),
        starts,
        ends: starts.plus_ms(now.minutes * 60_000),
        summary: profile.name.clone(),
        location: visitor.frame(offer, None).address,
        description: service.map(|service| service.prepare.clone()).unwrap_or_default(),
        alarm_minutes: Some(120),
    };
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"visit.ics\""),
    ];
    Ok((headers, file.file()).into_response())
}

fn back(visitor: &Visitor, link: &Token) -> Response {
    see_other(&format!("/visit/{}{}", link.as_str(), visitor.carry()))
}

async fn gone(visitor: &Visitor) -> Result<Response, Problem> {
    let offer = visitor.offer().await?;
    visitor.off(&offer)
}

impl Followed {
    /// As it stands now: whoever moved or cancelled it by the other link is
    /// led there.
    async fn shown(&self, visitor: &Visitor) -> Result<Response, Problem> {
        let changed = match (self.request.state, self.standing(visitor).await?) {
            (State::Booked, Some(now)) => {
                !now.status.may_move() || now.starts != self.request.starts
            }
            _ => false,
        };
        if changed {
            let pepper = visitor.clinic.keys.get().otp_pepper();
            let answer = proof::answer(&pepper, &self.link);
            return Ok(see_other(&format!("/m/{}", answer.as_str())));
        }
        self.page(visitor, "", 0).await
    }

    /// The appointment it led to, as it is now.
    async fn standing(&self, visitor: &Visitor) -> Result<Option<Answerable>, Problem> {
        let Some(id) = self.request.appointment_id else { return Ok(None) };
        let grant: Grant<AnswerAppointment> = visitor.grant.actor().grant()?;
        let found = booking::answering(&visitor.clinic, &grant, id).await;
        found.map_err(|error| OnlineError::Booking(error).into())
    }

    /// What the desk has said of a held time.
    async fn state(&self, visitor: &Visitor) -> Result<&'static str, Problem> {
        let (State::Held, Some(id)) = (self.request.state, self.request.appointment_id) else {
            return Ok(self.request.state.name());
        };
        if holds::waits(&mut visitor.clinic.vault.read(&visitor.view).await?, id).await? {
            return Ok(State::Held.name());
        }
        let now = self.standing(visitor).await?;
        let stands = now.is_some_and(|now| now.status.holds());
        Ok(if stands { State::Booked.name() } else { "declined" })
    }

    /// As it stands after somebody was quicker.
    async fn again(self, visitor: &Visitor) -> Result<Response, Problem> {
        let request = online::open(&visitor.clinic, &visitor.grant, &self.link).await?;
        Self { request, ..self }.page(visitor, "", 0).await
    }

    async fn page(
        &self,
        visitor: &Visitor,
        fault: &'static str,
        left: i64,
    ) -> Result<Response, Problem> {
        let view = VisitPage { fault, left, ..self.view(visitor).await? };
        let status = match (view.state, fault) {
            ("lost", _) => StatusCode::CONFLICT,
            (_, "") => StatusCode::OK,
            (_, "wrong" | "dead") => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::TOO_MANY_REQUESTS,
        };
        let page = Page::of(&visitor.clinic, &visitor.chrome, &view)?;
        Ok(visitor.drawn(&self.offer, page.status(status)))
    }

    async fn view(&self, visitor: &Visitor) -> Result<VisitPage, Problem> {
        let Self { offer, link, request } = self;
        let frame = visitor.frame(offer, None);
        let service = offer.booked(request.service_id).cloned();
        let mut others = Vec::new();
        if let (State::Lost, Some(service)) = (request.state, &service) {
            let Visitor { clinic, view, .. } = visitor;
            let free = offer::others(clinic, view, offer, service, request.starts).await?;
            others = free.iter().map(|slot| Other::of(slot, offer)).collect();
        }
        let pepper = visitor.clinic.keys.get().otp_pepper();
        let booked = request.state == State::Booked;
        let answer = booked.then(|| proof::answer(&pepper, link).as_str().to_owned());
        let cutoff = reminders::cutoff(&visitor.clinic, &visitor.view).await?;
        let phone = Phone::parse(&request.phone).ok();
        Ok(VisitPage {
            map: map(&offer.settings.map_url, &frame.address),
            frame,
            token: link.as_str().to_owned(),
            state: self.state(visitor).await?,
            service,
            doctor: request.doctor_id.and_then(|id| offer.doctor(id)).cloned(),
            starts: request.starts,
            phone: phone.map(|phone| phone.masked()).unwrap_or_default(),
            for_other: request.for_other,
            fault: "",
            left: 0,
            repeated: request.asked_service_id.is_some(),
            others,
            until: booked.then(|| request.starts.plus_minutes(-cutoff)),
            answer: answer.unwrap_or_default(),
            hold_minutes: {
                let made = super::super::now(&visitor.clinic, request.created_at);
                offer.settings.hold_minutes.min(request.starts.minutes_since(made)).max(1)
            },
        })
    }
}

impl Other {
    fn of(slot: &FreeSlot, offer: &Offer) -> Self {
        let doctor = offer.doctor(slot.doctor_id).map(|doctor| doctor.name.clone());
        let doctor = doctor.unwrap_or_default();
        Self { starts: slot.starts, doctor_id: slot.doctor_id, doctor }
    }
}

/// Where a map shows the way: the clinic's own link, or a search for the address.
fn map(own: &str, address: &str) -> String {
    if !own.is_empty() || address.is_empty() {
        return own.to_owned();
    }
    let encoded: String = address
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("https://2gis.kz/search/{encoded}")
}
