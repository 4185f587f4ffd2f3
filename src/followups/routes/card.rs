//! What a patient's card shows of follow-ups.

use axum::extract::{Path, State};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::followups::routes::{Line, reasons};
use crate::followups::{self, now};
use crate::ids::PatientId;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{Book, KeepFollowUps, ViewFollowUps};
use crate::web::{Page, Problem};

#[derive(Debug, Serialize)]
pub struct CardFollowUpsView {
    pub(super) patient_id: PatientId,
    pub(super) lines: Vec<Line>,
    pub(super) reasons: Vec<&'static str>,
    pub(super) can_keep: bool,
    pub(super) can_book: bool,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<ViewFollowUps>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
) -> Result<Page, Problem> {
    let lines = followups::of_patient(&clinic, &grant, patient_id, chrome.language).await?;
    let now = now(&clinic);
    let view = CardFollowUpsView {
        patient_id,
        lines: lines.into_iter().map(|line| Line::of(line, now)).collect(),
        reasons: reasons(),
        can_keep: grant.actor().may::<KeepFollowUps>(),
        can_book: grant.actor().may::<Book>(),
    };
    Page::of(&clinic, &chrome.active("patients"), &view)
}
