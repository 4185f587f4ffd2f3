//! The list: who waits, what is offered now, who has to be called.

use axum::extract::{Query, State};
use serde::Serialize;

use crate::booking::{self, Furniture};
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{KeepWaitlist, SetUpClinic, ViewWaitlist};
use crate::waitlist::routes::Choice;
use crate::waitlist::routes::shown::{Line, OfferView};
use crate::waitlist::wishes::Filter;
use crate::waitlist::{self, WAITING, offers, wishes};
use crate::web::{Page, Problem};

#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "what a template asks")]
pub struct ListPage {
    pub(super) lines: Vec<Line>,
    pub(super) offers: Vec<OfferView>,
    pub(super) calls: Vec<OfferView>,
    pub(super) filter: Filter,
    pub(super) filtered: bool,
    pub(super) doctors: Vec<Choice>,
    pub(super) services: Vec<Choice>,
    pub(super) automatic: bool,
    pub(super) can_keep: bool,
    pub(super) can_set: bool,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewWaitlist>,
    chrome: Chrome,
    Query(filter): Query<Filter>,
) -> Result<Page, Problem> {
    let lines = wishes::list(&clinic, &grant, &filter, chrome.language).await?;
    let all = offers::under_way(&clinic, &grant, chrome.language).await?;
    let furniture = booking::furniture(&clinic, &grant.also()?, chrome.language).await?;
    // Who is blocked since is to be called no more.
    waitlist::count_waiting(&clinic).await?;
    let now = wishes::now(&clinic);
    let shown = all.into_iter().map(|offer| OfferView::of(&clinic, offer));
    let (offers, calls) = shown.partition(|one| one.offer.state == waitlist::OfferState::Offered);
    let view = ListPage {
        lines: lines.into_iter().map(|line| Line::of(line, now)).collect(),
        offers,
        calls,
        filtered: !(filter.doctor.is_empty() && filter.service.is_empty()),
        filter,
        doctors: doctors(&furniture),
        services: services(&furniture),
        automatic: waitlist::rule(&clinic, &grant).await?.automatic,
        can_keep: grant.actor().may::<KeepWaitlist>(),
        can_set: grant.actor().may::<SetUpClinic>(),
    };
    let mut chrome = chrome.active(WAITING);
    chrome.live = true;
    Page::of(&clinic, &chrome, &view)
}

pub(super) fn doctors(furniture: &Furniture) -> Vec<Choice> {
    let there = furniture.resources.iter().filter(|one| one.is_doctor() && !one.ended);
    there.map(|one| Choice { value: one.id.to_string(), label: one.name.clone() }).collect()
}

pub(super) fn services(furniture: &Furniture) -> Vec<Choice> {
    let named =
        |one: &booking::Offer| Choice { value: one.id.to_string(), label: one.name.clone() };
    furniture.services.iter().map(named).collect()
}
