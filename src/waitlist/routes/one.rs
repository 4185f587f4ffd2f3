//! One wish: what is free for it, what was offered, and what to do now.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::booking::again::Planned;
use crate::booking::{self, BookingError};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::ids::ResourceId;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{Book, KeepWaitlist, ViewWaitlist};
use crate::waitlist::model::WishId;
use crate::waitlist::offers::Proposal;
use crate::waitlist::routes::shown::{Line, OfferView};
use crate::waitlist::{TOPIC, WAITING, WaitlistError, offers, wishes};
use crate::web::{Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct WishPage {
    pub(super) line: Line,
    pub(super) waits: bool,
    /// The first visit or the repeated one fits better.
    pub(super) advised: Option<booking::Advised>,
    pub(super) proposals: Vec<ProposalView>,
    pub(super) offers: Vec<OfferView>,
    /// Why the last thing asked for was not done: the end of a Fluent key.
    pub(super) refusal: String,
    pub(super) topic: &'static str,
    pub(super) can_keep: bool,
    pub(super) can_book: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct ProposalView {
    pub(super) starts: Civil,
    pub(super) minutes: i64,
    pub(super) doctor_id: ResourceId,
    pub(super) doctor: String,
    pub(super) suits: bool,
}

/// A time that was chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    starts: String,
    doctor: String,
}

impl Chosen {
    fn read(&self) -> Result<(Civil, ResourceId), Problem> {
        let read = self.starts.parse().ok().zip(self.doctor.parse().ok());
        read.ok_or(Problem::Invalid("waitlist-no-time"))
    }
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<ViewWaitlist>,
    chrome: Chrome,
    Path(id): Path<WishId>,
) -> Result<Page, Problem> {
    let view = WishPage::of(&clinic, &grant, &chrome, id).await?;
    view.page(&clinic, chrome)
}

pub(super) async fn offer(
    State(clinic): State<Clinic>,
    grant: Grant<KeepWaitlist>,
    chrome: Chrome,
    Path(id): Path<WishId>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Problem> {
    let (starts, doctor) = chosen.read()?;
    match offers::offer_by_hand(&clinic, &grant, id, starts, doctor).await {
        Ok(()) => Ok(see_other(&format!("/waitlist/{id}"))),
        Err(WaitlistError::NotOffered(reason)) => {
            refused(&clinic, &grant.also()?, chrome, id, reason).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn book(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    chrome: Chrome,
    Path(id): Path<WishId>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Problem> {
    let (starts, doctor) = chosen.read()?;
    match offers::book_now(&clinic, &grant, id, starts, doctor).await {
        Ok(made) => Ok(see_other(&format!("/schedule?day={}&open={}", made.place.day(), made.id))),
        Err(WaitlistError::Booking(BookingError::Taken(_) | BookingError::OffShift(_))) => {
            refused(&clinic, &grant.also()?, chrome, id, "taken").await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Other {
    service: String,
}

pub(super) async fn change_service(
    State(clinic): State<Clinic>,
    grant: Grant<KeepWaitlist>,
    chrome: Chrome,
    Path(id): Path<WishId>,
    Form(other): Form<Other>,
) -> Result<Response, Problem> {
    let service = other.service.parse().map_err(|_| Problem::NotFound)?;
    match wishes::change_service(&clinic, &grant, id, service).await {
        Ok(()) => Ok(see_other(&format!("/waitlist/{id}"))),
        Err(WaitlistError::NotOffered(reason)) => {
            refused(&clinic, &grant.also()?, chrome, id, reason).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn withdraw(
    State(clinic): State<Clinic>,
    grant: Grant<KeepWaitlist>,
    Path(id): Path<WishId>,
) -> Result<Response, Problem> {
    wishes::withdraw(&clinic, &grant, id).await?;
    Ok(see_other("/waitlist"))
}

/// The page again, with why it was not done.
async fn refused(
    clinic: &Clinic,
    grant: &Grant<ViewWaitlist>,
    chrome: Chrome,
    id: WishId,
    reason: &str,
) -> Result<Response, Problem> {
    let mut view = WishPage::of(clinic, grant, &chrome, id).await?;
    view.refusal = reason.replace('_', "-");
    Ok(view.page(clinic, chrome)?.status(StatusCode::CONFLICT).into_response())
}

impl WishPage {
    async fn of(
        clinic: &Clinic,
        grant: &Grant<ViewWaitlist>,
        chrome: &Chrome,
        id: WishId,
    ) -> Result<Self, Problem> {
        let wish = wishes::one(clinic, grant, id, chrome.language).await?;
        let furniture = booking::furniture(clinic, &grant.also()?, chrome.language).await?;
        let waits = wish.state == wishes::WishState::Waiting;
        let planned = Planned {
            patient: wish.patient_id,
            service: wish.service_id,
            doctor: wish.doctor_id,
            day: wishes::now(clinic).day(),
        };
        // Whoever has a time already and wants a sooner one keeps its service.
        let may_change = waits && wish.appointment_id.is_none();
        let advised = if may_change && grant.actor().may::<KeepWaitlist>() {
            let see = grant.also()?;
            booking::advised(clinic, &see, chrome.language, &furniture, planned).await?
        } else {
            None
        };
        let free = if waits { offers::proposals(clinic, grant, &wish).await? } else { Vec::new() };
        let view = |Proposal { slot, suits }: Proposal| ProposalView {
            starts: slot.starts,
            minutes: slot.minutes,
            doctor_id: slot.doctor_id,
            doctor: furniture.name(Some(slot.doctor_id)).to_owned(),
            suits,
        };
        let asked = offers::of_wish(clinic, grant, id, chrome.language).await?;
        Ok(Self {
            line: Line::of(wish, wishes::now(clinic)),
            waits,
            advised,
            proposals: free.into_iter().map(view).collect(),
            offers: asked.into_iter().map(|one| OfferView::of(clinic, one)).collect(),
            refusal: String::new(),
            topic: TOPIC,
            can_keep: grant.actor().may::<KeepWaitlist>(),
            can_book: grant.actor().may::<Book>(),
        })
    }

    fn page(&self, clinic: &Clinic, chrome: Chrome) -> Result<Page, Problem> {
        let mut chrome = chrome.active(WAITING);
        chrome.live = true;
        Page::of(clinic, &chrome, self)
    }
}
