//! The page behind an offer's link: on a phone, without scripts, in the
//! language of the message. It names neither the patient nor the service.

use axum::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::booking::{self, Furniture};
use crate::clock::{Civil, Day};
use crate::reminders::{Closed, LinkVisit};
use crate::vault::permission::TakeOffer;
use crate::waitlist::offers::{self, Alternatives, Followed, LinkError, Standing};
use crate::web::{Page, Problem, Routes, see_other};

pub fn public_routes() -> Routes {
    Routes::new()
        .get("/w/{token}", show)
        .post("/w/{token}/accept", accept)
        .post("/w/{token}/decline", decline)
        .post("/w/{token}/book", book)
        .post("/w/{token}/stop", stop)
}

/// The offered time and what can be done about it.
#[derive(Debug, Serialize)]
pub struct OfferPage {
    pub(super) token: String,
    /// `open`, `accepted`, `taken`, `expired`, `declined`, `settled`.
    pub(super) state: &'static str,
    /// The offered time; the booked one once something came of it.
    pub(super) starts: Civil,
    pub(super) doctor: String,
    /// The hour until which an answer counts.
    pub(super) until: Civil,
    /// E.164; empty when the clinic has not given one.
    pub(super) phone: String,
    /// Other times; empty while the offered one stands.
    pub(super) days: Vec<OtherDay>,
    /// Whether they are at the hours that were asked for.
    pub(super) suit: bool,
    /// Whether the patient goes on waiting.
    pub(super) waits: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct OtherDay {
    pub(super) day: Day,
    pub(super) times: Vec<OtherTime>,
}

#[derive(Debug, Serialize)]
pub(super) struct OtherTime {
    pub(super) starts: Civil,
    /// What the button sends.
    pub(super) value: String,
    pub(super) doctor: String,
}

type Visit = LinkVisit<TakeOffer>;

async fn show(visit: Visit) -> Result<Response, Problem> {
    visit.page(StatusCode::OK).await
}

async fn accept(visit: Visit) -> Result<Response, Problem> {
    let done = offers::accept(&visit.clinic, &visit.grant, &visit.token).await;
    visit.after(done).await
}

async fn decline(visit: Visit) -> Result<Response, Problem> {
    let done = offers::decline(&visit.clinic, &visit.grant, &visit.token).await;
    visit.after(done).await
}

async fn stop(visit: Visit) -> Result<Response, Problem> {
    let done = offers::stop(&visit.clinic, &visit.grant, &visit.token).await;
    visit.after(done).await
}

#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    starts: String,
}

async fn book(visit: Visit, Form(chosen): Form<Chosen>) -> Result<Response, Problem> {
    let (starts, doctor) = chosen.starts.split_once('_').unwrap_or_default();
    let (Ok(starts), Ok(doctor)) = (starts.parse(), doctor.parse()) else {
        return visit.page(StatusCode::OK).await;
    };
    let Visit { clinic, grant, token, .. } = &visit;
    let done = offers::choose(clinic, grant, token, starts, doctor).await;
    visit.after(done).await
}

impl Visit {
    /// Back to the offer, which says how it stands; what was lost says so at once.
    async fn after(&self, done: Result<(), LinkError>) -> Result<Response, Problem> {
        match done {
            Ok(()) => Ok(see_other(&format!("/w/{}", self.token.as_str()))),
            Err(LinkError::Gone) => self.page(StatusCode::CONFLICT).await,
            Err(error) => self.refuse(error).await,
        }
    }

    async fn page(&self, status: StatusCode) -> Result<Response, Problem> {
        let Self { clinic, grant, token, .. } = self;
        let followed = match offers::follow(clinic, grant, token).await {
            Ok(followed) => followed,
            Err(error) => return self.refuse(error).await,
        };
        let furniture = booking::resources(clinic, &grant.also()?).await?;
        let wants_others = !matches!(followed.standing, Standing::Open | Standing::Accepted)
            && followed.booked.is_none()
            && followed.standing != Standing::Settled;
        let others = if wants_others {
            let offered = followed.offer.slot.starts;
            Some(offers::alternatives(clinic, grant, &followed.wish, offered).await?)
        } else {
            None
        };
        let language = followed.offer.language;
        let phone = self.phone().await?;
        let view = OfferPage::of(self, &followed, others, &furniture, phone);
        let page = Page::of(clinic, &self.chrome_in(language), &view)?;
        Ok(page.status(status).into_response())
    }

    async fn refuse(&self, error: LinkError) -> Result<Response, Problem> {
        let why = match error {
            LinkError::Unknown | LinkError::Gone => Closed::Unknown,
            LinkError::Expired => Closed::Offer,
            LinkError::Waitlist(cause) => return Err(cause.into()),
            LinkError::Vault(cause) => return Err(cause.into()),
        };
        self.closed(why).await
    }
}

impl OfferPage {
    fn of(
        visit: &Visit,
        followed: &Followed,
        others: Option<Alternatives>,
        furniture: &Furniture,
        phone: String,
    ) -> Self {
        let Followed { offer, standing, booked, .. } = followed;
        let zone = visit.clinic.profile.get().zone.clone();
        let (starts, doctor) = match booked {
            Some(slot) => (slot.starts, slot.doctor_id),
            None => (offer.slot.starts, offer.slot.doctor_id),
        };
        let suit = others.as_ref().is_none_or(|others| others.suit);
        Self {
            token: visit.token.as_str().to_owned(),
            state: match standing {
                Standing::Open => "open",
                Standing::Accepted => "accepted",
                Standing::Settled if booked.is_some() => "accepted",
                Standing::Taken => "taken",
                Standing::Expired => "expired",
                Standing::Declined => "declined",
                Standing::Settled => "settled",
            },
            starts,
            doctor: furniture.name(Some(doctor)).to_owned(),
            until: zone.civil(offer.expires_at),
            phone,
            waits: others.is_some(),
            days: others.map(|others| days(&others, furniture)).unwrap_or_default(),
            suit,
        }
    }
}

/// Times by day, in order, each with whose it is.
fn days(others: &Alternatives, furniture: &Furniture) -> Vec<OtherDay> {
    let mut days: Vec<OtherDay> = Vec::new();
    for slot in &others.slots {
        let time = OtherTime {
            starts: slot.starts,
            value: format!("{}_{}", slot.starts, slot.doctor_id),
            doctor: furniture.name(Some(slot.doctor_id)).to_owned(),
        };
        match days.last_mut() {
            Some(last) if last.day == slot.starts.day() => last.times.push(time),
            _ => days.push(OtherDay { day: slot.starts.day(), times: vec![time] }),
        }
    }
    days
}
