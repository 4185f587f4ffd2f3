//! Branches.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::BranchId;
use crate::pages::{Chrome, View};
use crate::schedule::routes::facts::{ZONES, ZoneChoice, zones};
use crate::schedule::routes::typed::{self, Errors, Typed};
use crate::schedule::routes::{Done, ENTRY};
use crate::schedule::{self, Branch, BranchDraft, Catalog, ScheduleError};
use crate::vault::Grant;
use crate::vault::permission::{SetUpClinic, ViewClinic};
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/settings/branches", list)
        .get("/settings/branches/new", blank)
        .post("/settings/branches", add)
        .get("/settings/branches/{branch_id}", edit)
        .post("/settings/branches/{branch_id}", change)
        .post("/settings/branches/{branch_id}/end", end)
}

/// Where the clinic works.
#[derive(Debug, Serialize)]
pub struct BranchesPage {
    branches: Vec<Branch>,
    done: &'static str,
}

/// What stands in the fields, as typed.
#[derive(Clone, Debug, Default, Serialize)]
struct BranchForm {
    name: String,
    address: String,
    phone: String,
    zone: String,
}

/// The form of a branch.
#[derive(Debug, Serialize)]
pub struct BranchEditPage {
    /// None for a new one.
    id: Option<BranchId>,
    form: BranchForm,
    errors: Errors,
    zones: Vec<ZoneChoice>,
    /// Whether it can be closed: another one works.
    may_end: bool,
    /// Whether closing it was refused.
    last: bool,
}

impl BranchForm {
    fn of(branch: &Branch) -> Self {
        Self {
            name: branch.name.clone(),
            address: branch.address.clone(),
            phone: branch.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
            zone: branch.zone.clone(),
        }
    }

    fn read(typed: &Typed) -> Self {
        Self {
            name: typed.text("name"),
            address: typed.text("address"),
            phone: typed.text("phone"),
            zone: typed.text("zone"),
        }
    }

    fn understand(&self) -> Result<BranchDraft, Errors> {
        let mut errors = Errors::new();
        let name = typed::name(&self.name, "name", &mut errors);
        let phone = typed::phone(&self.phone, "phone", &mut errors);
        if !ZONES.iter().any(|(zone, _)| *zone == self.zone) {
            errors.insert("zone".to_owned(), "schedule-error-zone");
        }
        let draft =
            BranchDraft { name, address: self.address.clone(), phone, zone: self.zone.clone() };
        if errors.is_empty() { Ok(draft) } else { Err(errors) }
    }
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Query(done): Query<Done>,
) -> Result<Page, Problem> {
    let branches = catalog(&clinic, &grant).await?.branches;
    Page::of(&clinic, &chrome.active(ENTRY), &BranchesPage { branches, done: done.word() })
}

async fn blank(
    State(clinic): State<Clinic>,
    _grant: Grant<SetUpClinic>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let form = BranchForm { zone: ZONES[0].0.to_owned(), ..BranchForm::default() };
    BranchEditPage::of(None, form, false).page(&clinic, chrome)
}

async fn add(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    typed: Typed,
) -> Result<Response, Problem> {
    let form = BranchForm::read(&typed);
    match form.understand() {
        Ok(draft) => {
            schedule::add_branch(&clinic.vault, &grant, &draft).await?;
            Ok(see_other("/settings/branches?done=added"))
        }
        Err(errors) => BranchEditPage::of(None, form, false).refuse(&clinic, chrome, errors),
    }
}

async fn edit(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Path(id): Path<BranchId>,
) -> Result<Page, Problem> {
    let catalog = catalog(&clinic, &grant).await?;
    let branch = catalog.branch(id).ok_or(Problem::NotFound)?;
    let view = BranchEditPage::of(Some(id), BranchForm::of(branch), may_end(&catalog, id));
    view.page(&clinic, chrome)
}

async fn change(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Path(id): Path<BranchId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let form = BranchForm::read(&typed);
    match form.understand() {
        Ok(draft) => {
            schedule::change_branch(&clinic.vault, &grant, id, &draft).await?;
            Ok(see_other("/settings/branches?done=saved"))
        }
        Err(errors) => {
            let may_end = may_end(&catalog(&clinic, &grant).await?, id);
            BranchEditPage::of(Some(id), form, may_end).refuse(&clinic, chrome, errors)
        }
    }
}

async fn end(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Path(id): Path<BranchId>,
) -> Result<Response, Problem> {
    match schedule::end_branch(&clinic.vault, &grant, id).await {
        Ok(()) => Ok(see_other("/settings/branches?done=ended")),
        Err(ScheduleError::LastBranch) => {
            let catalog = catalog(&clinic, &grant).await?;
            let branch = catalog.branch(id).ok_or(Problem::NotFound)?;
            let mut view = BranchEditPage::of(Some(id), BranchForm::of(branch), false);
            view.last = true;
            view.refuse(&clinic, chrome, Errors::new())
        }
        Err(other) => Err(other.into()),
    }
}

async fn catalog(clinic: &Clinic, grant: &Grant<SetUpClinic>) -> Result<Catalog, Problem> {
    let view: Grant<ViewClinic> = grant.also()?;
    Ok(schedule::setup(&mut clinic.vault.read(&view).await?).await?)
}

fn may_end(catalog: &Catalog, id: BranchId) -> bool {
    let open = catalog.branch(id).is_some_and(|branch| !branch.ended);
    open && catalog.open_branches().count() > 1
}

impl BranchEditPage {
    fn of(id: Option<BranchId>, form: BranchForm, may_end: bool) -> Self {
        Self { id, form, errors: Errors::new(), zones: zones(), may_end, last: false }
    }

    fn page(&self, clinic: &Clinic, chrome: Chrome) -> Result<Page, Problem> {
        Page::of(clinic, &chrome.active(ENTRY), self)
    }

    fn refuse(
        mut self,
        clinic: &Clinic,
        chrome: Chrome,
        errors: Errors,
    ) -> Result<Response, Problem> {
        self.errors = errors;
        Ok(self.page(clinic, chrome)?.refused().into_response())
    }
}

impl View for BranchesPage {
    const TEMPLATE: &'static str = "schedule/branches.html";

    fn samples() -> Vec<Self> {
        let id = BranchId::new(Timestamp::from_unix_ms(0));
        let branch = |ended| Branch {
            id,
            name: "На Абая".to_owned(),
            address: String::new(),
            phone: None,
            zone: ZONES[0].0.to_owned(),
            ended,
        };
        let branches = vec![branch(false), branch(true)];
        vec![Self { branches, done: "ended" }, Self { branches: Vec::new(), done: "" }]
    }
}

impl View for BranchEditPage {
    const TEMPLATE: &'static str = "schedule/branch.html";

    fn samples() -> Vec<Self> {
        let id = BranchId::new(Timestamp::from_unix_ms(0));
        let mut refused = Self::of(None, BranchForm::default(), false);
        refused.errors = refused.form.understand().expect_err("a branch without a name");
        let mut last = Self::of(Some(id), BranchForm::default(), false);
        last.last = true;
        vec![refused, last, Self::of(Some(id), BranchForm::default(), true)]
    }
}
