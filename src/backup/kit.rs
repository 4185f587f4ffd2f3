//! The page of the recovery kit beside the backups it opens.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::pages::{Chrome, View};
use crate::recovery::{self, RecoveryError, Sheet, Typed};
use crate::vault::Grant;
use crate::vault::permission::ManageKeys;
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/backups/kit", explain)
        .post("/backups/kit", make)
        .post("/backups/kit/keep", keep)
}

/// What a kit is for, or a new one.
#[derive(Debug, Serialize)]
pub struct KitPage {
    /// Names of the kits that exist.
    kits: Vec<String>,
    /// None before one is made.
    sheet: Option<Sheet>,
}

async fn explain(
    State(clinic): State<Clinic>,
    _grant: Grant<ManageKeys>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    page(&clinic, chrome, None)
}

async fn make(
    State(clinic): State<Clinic>,
    grant: Grant<ManageKeys>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    page(&clinic, chrome, Some(recovery::make(&clinic, &grant)))
}

async fn keep(
    State(clinic): State<Clinic>,
    grant: Grant<ManageKeys>,
    chrome: Chrome,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    match recovery::keep(&clinic, &grant, &typed).await {
        Ok(_) => Ok(see_other("/backups")),
        Err(RecoveryError::Mistyped(sheet)) => {
            Ok(page(&clinic, chrome, Some(*sheet))?.refused().into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn page(clinic: &Clinic, chrome: Chrome, sheet: Option<Sheet>) -> Result<Page, Problem> {
    let view = KitPage { kits: recovery::kits(clinic), sheet };
    Page::of(clinic, &chrome.active("backup"), &view)
}

impl View for KitPage {
    const TEMPLATE: &'static str = "backup/kit.html";

    fn samples() -> Vec<Self> {
        let kits = || vec!["A".to_owned()];
        let [fresh, refused] = Sheet::samples();
        let page = |kits, sheet| Self { kits, sheet };
        vec![
            page(Vec::new(), None),
            page(kits(), None),
            page(kits(), Some(fresh)),
            page(kits(), Some(refused)),
        ]
    }
}
