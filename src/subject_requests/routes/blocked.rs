//! What is blocked, and lifting a block.

use axum::Form;
use axum::extract::{Path, State as Running};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::ENTRY;
use crate::clinic::Clinic;
use crate::ids::PatientId;
use crate::pages::Chrome;
use crate::patients::blocking::{self, Block};
use crate::vault::Grant;
use crate::vault::permission::{BlockPatients, ViewBlocked};
use crate::web::{FieldErrors, Page, Problem, see_other};

/// Longest reason, in characters.
const LONGEST: usize = 500;

/// Every block that stands.
#[derive(Debug, Serialize)]
pub struct BlockedPage {
    pub(super) blocks: Vec<Block>,
    pub(super) may_lift: bool,
    /// The card whose form was refused.
    pub(super) refused: Option<PatientId>,
    pub(super) reason: String,
    pub(super) errors: FieldErrors,
}

pub(super) async fn list(
    Running(clinic): Running<Clinic>,
    grant: Grant<ViewBlocked>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn page(clinic: &Clinic, grant: &Grant<ViewBlocked>) -> Result<BlockedPage, Problem> {
    Ok(BlockedPage {
        blocks: blocking::standing(&clinic.vault, grant).await?,
        may_lift: grant.actor().may::<BlockPatients>(),
        refused: None,
        reason: String::new(),
        errors: FieldErrors::new(),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LiftForm {
    lift_reason: String,
}

pub(super) async fn lift(
    Running(clinic): Running<Clinic>,
    grant: Grant<BlockPatients>,
    chrome: Chrome,
    Path(patient): Path<PatientId>,
    Form(form): Form<LiftForm>,
) -> Result<Response, Problem> {
    let reason = form.lift_reason.trim();
    if reason.is_empty() || LONGEST < reason.chars().count() {
        let errors = FieldErrors::from([("lift_reason", "requests-error-lift".to_owned())]);
        let view = page(&clinic, &grant.also()?).await?;
        let reason = form.lift_reason;
        let view = BlockedPage { refused: Some(patient), reason, errors, ..view };
        return Ok(Page::of(&clinic, &chrome.active(ENTRY), &view)?.refused().into_response());
    }
    blocking::unblock(&clinic.vault, &grant, patient, reason).await?;
    Ok(see_other("/personal-data/blocked"))
}
