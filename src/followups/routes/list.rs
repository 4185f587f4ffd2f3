//! The list: who is to be called, who was booked, what was closed.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::followups::model::{CloseReason, FollowUpId, Shown};
use crate::followups::routes::{Choice, Line, reasons};
use crate::followups::{self, TOPIC, WAITING, now, store};
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{Book, KeepFollowUps, ReachEverybody, ViewFollowUps};
use crate::web::{Page, Problem, local_path, see_other};

#[derive(Debug, Serialize)]
pub struct FollowUpsPage {
    pub(super) lines: Vec<Line>,
    pub(super) shown: &'static str,
    pub(super) views: Vec<&'static str>,
    /// Empty: all.
    pub(super) doctor: String,
    /// Empty for a doctor, who sees their own.
    pub(super) doctors: Vec<Choice>,
    pub(super) reasons: Vec<&'static str>,
    pub(super) topic: &'static str,
    pub(super) can_keep: bool,
    pub(super) can_book: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    show: Shown,
    doctor: String,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewFollowUps>,
    chrome: Chrome,
    Query(filter): Query<Filter>,
) -> Result<Page, Problem> {
    let Filter { show, doctor } = filter;
    let of = doctor.parse().ok();
    let lines = followups::list(&clinic, &grant, show, of, chrome.language).await?;
    let now = now(&clinic);
    let view = FollowUpsPage {
        lines: lines.into_iter().map(|line| Line::of(line, now)).collect(),
        shown: show.name(),
        views: Shown::ALL.map(Shown::name).into(),
        doctor,
        doctors: doctors(&clinic, &grant).await?,
        reasons: reasons(),
        topic: TOPIC,
        can_keep: grant.actor().may::<KeepFollowUps>(),
        can_book: grant.actor().may::<Book>(),
    };
    let mut chrome = chrome.active(WAITING);
    chrome.live = true;
    Page::of(&clinic, &chrome, &view)
}

async fn doctors(clinic: &Clinic, grant: &Grant<ViewFollowUps>) -> Result<Vec<Choice>, Problem> {
    if !grant.actor().may::<ReachEverybody>() {
        return Ok(Vec::new());
    }
    let rows = store::doctors(&mut clinic.vault.read(grant).await?, None).await?;
    let choice = |row: store::DoctorRow| Choice { value: row.id.to_string(), label: row.name };
    Ok(rows.into_iter().map(choice).collect())
}

/// What a button of the list or the card says.
#[derive(Debug, Deserialize)]
pub(super) struct Step {
    version: i64,
    #[serde(default)]
    reason: Option<CloseReason>,
    #[serde(default)]
    back: String,
}

impl Step {
    fn after(&self) -> Response {
        see_other(local_path(&self.back).unwrap_or("/follow-ups"))
    }
}

pub(super) async fn close(
    State(clinic): State<Clinic>,
    grant: Grant<KeepFollowUps>,
    Path(id): Path<FollowUpId>,
    Form(step): Form<Step>,
) -> Result<Response, Problem> {
    let reason = step.reason.ok_or(Problem::Invalid("followups-no-reason"))?;
    followups::close(&clinic, &grant, id, step.version, reason).await?;
    Ok(step.after())
}

pub(super) async fn reopen(
    State(clinic): State<Clinic>,
    grant: Grant<KeepFollowUps>,
    Path(id): Path<FollowUpId>,
    Form(step): Form<Step>,
) -> Result<Response, Problem> {
    followups::reopen(&clinic, &grant, id, step.version).await?;
    Ok(step.after())
}
