//! The list of leads.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::conversations::WAITING;
use crate::inbox;
use crate::inbox::model::{Lead, LeadId, LeadState};
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{ReadInbox, WriteInbox};
use crate::web::{Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct LeadsPage {
    pub(super) leads: Vec<Lead>,
    pub(super) may_write: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Said {
    state: LeadState,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ReadInbox>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let leads = inbox::leads(&clinic, &grant).await?;
    let may_write = grant.actor().may::<WriteInbox>();
    Page::of(&clinic, &chrome.active(WAITING), &LeadsPage { leads, may_write })
}

pub(super) async fn set(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    Path(id): Path<LeadId>,
    Form(said): Form<Said>,
) -> Result<Response, Problem> {
    inbox::set_lead(&clinic, &grant, id, said.state).await?;
    Ok(see_other("/inbox/leads"))
}
