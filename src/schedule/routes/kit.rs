//! The wizard's step for the owner: the recovery kit.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::pages::{Chrome, View};
use crate::recovery::{self, RecoveryError, Sheet, Typed};
use crate::schedule::routes::wizard::{Frame, LAYOUT, Step};
use crate::vault::Grant;
use crate::vault::permission::{ManageKeys, SetUpClinic};
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new().get("/setup/kit", explain).post("/setup/kit", make).post("/setup/kit/keep", keep)
}

/// What the kit is for; the kit itself; or that it is kept.
#[derive(Debug, Serialize)]
pub struct KitPage {
    wizard: Frame,
    /// Names of the kits that exist.
    kits: Vec<String>,
    /// None before one is made.
    sheet: Option<Sheet>,
}

async fn explain(
    State(clinic): State<Clinic>,
    grant: Grant<ManageKeys>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    page(&clinic, &grant, chrome, None).await
}

async fn make(
    State(clinic): State<Clinic>,
    grant: Grant<ManageKeys>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let sheet = recovery::make(&clinic, &grant);
    page(&clinic, &grant, chrome, Some(sheet)).await
}

async fn keep(
    State(clinic): State<Clinic>,
    grant: Grant<ManageKeys>,
    chrome: Chrome,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    match recovery::keep(&clinic, &grant, &typed).await {
        Ok(_) => Ok(see_other("/setup/kit")),
        Err(RecoveryError::Mistyped(sheet)) => {
            Ok(page(&clinic, &grant, chrome, Some(*sheet)).await?.refused().into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<ManageKeys>,
    chrome: Chrome,
    sheet: Option<Sheet>,
) -> Result<Page, Problem> {
    let set_up: Grant<SetUpClinic> = grant.also()?;
    let wizard = Frame::load(clinic, &set_up, Step::Kit).await?;
    let view = KitPage { wizard, kits: recovery::kits(clinic), sheet };
    Page::of(clinic, &chrome.layout(LAYOUT), &view)
}

impl View for KitPage {
    const TEMPLATE: &'static str = "schedule/setup/kit.html";

    fn samples() -> Vec<Self> {
        let page = |kits: &[&str], sheet| Self {
            wizard: Frame::sample(Step::Kit),
            kits: kits.iter().map(|&name| name.to_owned()).collect(),
            sheet,
        };
        let [fresh, refused] = Sheet::samples();
        vec![page(&[], None), page(&[], Some(fresh)), page(&[], Some(refused)), page(&["A"], None)]
    }
}
