//! What a patient's card shows of the list: wishes, and every offer with what
//! became of it.

use axum::extract::{Path, State};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::ids::PatientId;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{KeepWaitlist, ViewWaitlist};
use crate::waitlist::routes::shown::{Line, OfferView};
use crate::waitlist::{offers, wishes};
use crate::web::{Page, Problem};

#[derive(Debug, Serialize)]
pub struct CardWishesView {
    pub(super) patient_id: PatientId,
    pub(super) lines: Vec<Line>,
    pub(super) offers: Vec<OfferView>,
    pub(super) can_keep: bool,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<ViewWaitlist>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
) -> Result<Page, Problem> {
    let now = wishes::now(&clinic);
    let lines = wishes::of_patient(&clinic, &grant, patient_id, chrome.language).await?;
    let asked = offers::of_patient(&clinic, &grant, patient_id, chrome.language).await?;
    let view = CardWishesView {
        patient_id,
        lines: lines.into_iter().map(|line| Line::of(line, now)).collect(),
        offers: asked.into_iter().map(|one| OfferView::of(&clinic, one)).collect(),
        can_keep: grant.actor().may::<KeepWaitlist>(),
    };
    Page::of(&clinic, &chrome.active("patients"), &view)
}
