//! The desk of papers: which is in order, when it was last made, and the paper.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{Export, PaperCode};
use crate::accountability::size::{Reach, Standing};
use crate::accountability::yearly::{self, Check, CheckCode};
use crate::accountability::{ENTRY, papers, size, today};
use crate::clinic::Clinic;
use crate::incidents::papers::{Speech, printed};
use crate::incidents::{InLanguage, file};
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{KeepRegisters, ViewRegisters};
use crate::web::{Page, Problem, Routes};

pub fn routes() -> Routes {
    Routes::new().get("/personal-data/papers", desk).get("/personal-data/papers/{paper}/pdf", pdf)
}

/// Every paper with its state.
#[derive(Debug, Serialize)]
pub struct PapersPage {
    pub(in crate::accountability) papers: Vec<PaperRow>,
    pub(in crate::accountability) standing: Standing,
    /// When the next review is due; None before the first.
    pub(in crate::accountability) review_on: Option<crate::clock::Day>,
    pub(in crate::accountability) review_overdue: bool,
    /// What the checklist finds wrong now.
    pub(in crate::accountability) wrong: Vec<Check>,
    pub(in crate::accountability) may_keep: bool,
}

#[derive(Debug, Serialize)]
pub(in crate::accountability) struct PaperRow {
    pub code: PaperCode,
    /// Where it is kept.
    pub href: &'static str,
    /// `fine`, `wrong`.
    pub state: &'static str,
    pub export: Option<Export>,
}

async fn desk(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let checks = yearly::checks(&clinic, &grant, &grant.also()?).await?;
    let exports = papers::last_exports(&clinic.vault, &grant).await?;
    let reviews = yearly::reviews(&clinic.vault, &grant).await?;
    let standing = size::standing(&clinic, &grant).await?;
    let review_on = reviews.first().map(|newest| newest.next_on);
    let review_overdue = review_on.is_none_or(|day| day < today(&clinic));
    let row = |code: &PaperCode| {
        let near = standing.thresholds.iter().any(|one| one.reach != Reach::Far);
        let fine = match code {
            PaperCode::Size => !near,
            PaperCode::Review => !review_overdue,
            code => all_fine(*code, &checks),
        };
        let export = exports.iter().find(|one| one.paper == *code).cloned();
        let state = if fine { "fine" } else { "wrong" };
        PaperRow { code: *code, href: href(*code), state, export }
    };
    let view = PapersPage {
        papers: PaperCode::ALL.iter().map(row).collect(),
        review_on,
        review_overdue,
        wrong: checks.into_iter().filter(|check| !check.fine).collect(),
        standing,
        may_keep: grant.actor().may::<KeepRegisters>(),
    };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

/// Whether the points of the checklist that a paper rests on are in order.
fn all_fine(code: PaperCode, checks: &[Check]) -> bool {
    let points: &[CheckCode] = match code {
        PaperCode::Purposes => &[CheckCode::Purposes],
        PaperCode::Data => &[CheckCode::DataWithoutPurpose],
        PaperCode::Policy => &[CheckCode::Policy],
        PaperCode::Recipients => &[CheckCode::Recipients],
        PaperCode::Responsible => &[CheckCode::Responsible],
        PaperCode::Access => &[CheckCode::AccessList, CheckCode::IdleAccounts],
        PaperCode::Training => &[CheckCode::Rules],
        PaperCode::Size | PaperCode::Rules | PaperCode::Review => &[],
    };
    checks.iter().all(|check| check.fine || !points.contains(&check.code))
}

fn href(code: PaperCode) -> &'static str {
    match code {
        PaperCode::Purposes | PaperCode::Data => "/personal-data/purposes",
        PaperCode::Policy => "/personal-data/policy",
        PaperCode::Recipients => "/personal-data/recipients",
        PaperCode::Responsible => "/personal-data/responsible",
        PaperCode::Access => "/access-list",
        PaperCode::Size => "/personal-data/size",
        PaperCode::Rules | PaperCode::Training => "/personal-data/training",
        PaperCode::Review => "/personal-data/reviews",
    }
}

/// Which review, when it is one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Which {
    number: Option<i64>,
}

async fn pdf(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    Path(name): Path<String>,
    Query(asked): Query<InLanguage>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let code = PaperCode::named(&name).ok_or(Problem::NotFound)?;
    let language = asked.language();
    let speech = Speech::of(&clinic, language);
    let paper = papers::make(&clinic, &grant, code, &speech, which.number).await?;
    let bytes = printed(paper).await?;
    papers::note_export(&clinic, &grant, code, language).await?;
    let name = format!("{}-{}.pdf", code.name(), language.tag());
    Ok(file(bytes, "application/pdf", &name))
}
