//! The wizard's step for the owner: the recovery kit.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::crypto::RecoveryKit;
use crate::pages::{Chrome, View};
use crate::schedule::recovery::{self, SealedKit};
use crate::schedule::routes::typed::{Errors, Typed};
use crate::schedule::routes::wizard::{Frame, LAYOUT, Step};
use crate::vault::Grant;
use crate::vault::permission::{ManageKeys, SetUpClinic};
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new().get("/setup/kit", explain).post("/setup/kit", make).post("/setup/kit/keep", keep)
}

/// What the kit is for; the kit itself; or that it is kept. Not `Debug`: it
/// holds the key.
#[derive(Serialize)]
pub struct KitPage {
    wizard: Frame,
    /// Names of the kits that exist.
    kits: Vec<String>,
    /// None before one is made.
    shown: Option<Shown>,
    errors: Errors,
}

#[derive(Serialize)]
struct Shown {
    /// The key in groups of five.
    groups: String,
    /// An `<svg>` of our own making.
    qr: String,
    sealed: String,
}

async fn explain(
    State(clinic): State<Clinic>,
    grant: Grant<ManageKeys>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    KitPage::load(&clinic, &grant, None).await?.page(&clinic, chrome)
}

async fn make(
    State(clinic): State<Clinic>,
    grant: Grant<ManageKeys>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let kit = RecoveryKit::generate();
    let sealed = SealedKit::of(&clinic.keys.get(), &kit);
    KitPage::load(&clinic, &grant, Some(Shown::of(&kit, &sealed))).await?.page(&clinic, chrome)
}

async fn keep(
    State(clinic): State<Clinic>,
    grant: Grant<ManageKeys>,
    chrome: Chrome,
    typed: Typed,
) -> Result<Response, Problem> {
    let sealed = SealedKit::from_form(&typed.text("sealed"));
    let Some(kit) = sealed.open(&clinic.keys.get()) else { return Ok(see_other("/setup/kit")) };
    if kit.ends_with(&typed.text("ending")) {
        recovery::keep_kit(&clinic, &grant, &kit).await?;
        return Ok(see_other("/setup/kit"));
    }
    let mut view = KitPage::load(&clinic, &grant, Some(Shown::of(&kit, &sealed))).await?;
    view.errors.insert("ending".to_owned(), "schedule-error-kit");
    Ok(view.page(&clinic, chrome)?.refused().into_response())
}

impl Shown {
    fn of(kit: &RecoveryKit, sealed: &SealedKit) -> Self {
        let groups = kit.groups().to_string();
        Self { groups, qr: kit.qr_svg(), sealed: sealed.as_str().to_owned() }
    }
}

impl KitPage {
    async fn load(
        clinic: &Clinic,
        grant: &Grant<ManageKeys>,
        shown: Option<Shown>,
    ) -> Result<Self, Problem> {
        let set_up: Grant<SetUpClinic> = grant.also()?;
        let wizard = Frame::load(clinic, &set_up, Step::Kit).await?;
        Ok(Self { wizard, kits: recovery::kits(clinic), shown, errors: Errors::new() })
    }

    fn page(&self, clinic: &Clinic, chrome: Chrome) -> Result<Page, Problem> {
        Page::of(clinic, &chrome.layout(LAYOUT), self)
    }
}

impl View for KitPage {
    const TEMPLATE: &'static str = "schedule/setup/kit.html";

    fn samples() -> Vec<Self> {
        let wizard = || Frame::sample(Step::Kit);
        let shown = Shown {
            groups: "AGE-S ECRET".to_owned(),
            qr: "<svg></svg>".to_owned(),
            sealed: "x".to_owned(),
        };
        let errors = Errors::from([("ending".to_owned(), "schedule-error-kit")]);
        let none = Errors::new();
        vec![
            Self { wizard: wizard(), kits: Vec::new(), shown: None, errors: none.clone() },
            Self { wizard: wizard(), kits: Vec::new(), shown: Some(shown), errors },
            Self { wizard: wizard(), kits: vec!["A".to_owned()], shown: None, errors: none },
        ]
    }
}
