//! Doctors and assistants; chairs, rooms and devices.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::{BranchId, ResourceId, StaffId};
use crate::pages::{Chrome, View};
use crate::schedule::routes::typed::{self, Errors, Typed};
use crate::schedule::routes::{Choice, Done, ENTRY};
use crate::schedule::{self, Catalog, Resource, ResourceDraft, ResourceKind, short_name};
use crate::vault::Grant;
use crate::vault::permission::{SetUpClinic, ViewClinic};
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/settings/doctors", doctors)
        .get("/settings/places", places)
        .get("/settings/resources/new", blank)
        .post("/settings/resources", add)
        .get("/settings/resources/{resource_id}", edit)
        .post("/settings/resources/{resource_id}", change)
        .post("/settings/resources/{resource_id}/end", end)
        .post("/settings/resources/{resource_id}/resume", resume)
}

/// People, or things.
#[derive(Debug, Serialize)]
pub struct ResourcesPage {
    /// `doctors` or `places`.
    tab: &'static str,
    present: Vec<Resource>,
    ended: Vec<Resource>,
    done: &'static str,
}

/// What stands in the fields, as typed.
#[derive(Clone, Debug, Default, Serialize)]
struct ResourceForm {
    branch_id: String,
    kind: String,
    name: String,
    short_name: String,
    specialty: String,
    staff_id: String,
}

/// The form of a doctor, chair, room, device or assistant.
#[derive(Debug, Serialize)]
pub struct ResourceEditPage {
    /// None for a new one.
    id: Option<ResourceId>,
    form: ResourceForm,
    errors: Errors,
    /// The kinds that the page offers.
    kinds: Vec<&'static str>,
    branches: Vec<Choice>,
    staff: Vec<Choice>,
    /// `doctors` or `places`.
    tab: &'static str,
    ended: bool,
}

impl ResourceForm {
    fn of(resource: &Resource) -> Self {
        Self {
            branch_id: resource.branch_id.to_string(),
            kind: resource.kind.name().to_owned(),
            name: resource.name.clone(),
            short_name: resource.short_name.clone(),
            specialty: resource.specialty.clone(),
            staff_id: resource.staff_id.map(|id| id.to_string()).unwrap_or_default(),
        }
    }

    fn read(typed: &Typed) -> Self {
        Self {
            branch_id: typed.text("branch_id"),
            kind: typed.text("kind"),
            name: typed.text("name"),
            short_name: typed.text("short_name"),
            specialty: typed.text("specialty"),
            staff_id: typed.text("staff_id"),
        }
    }

    fn kind(&self) -> ResourceKind {
        ResourceKind::named(&self.kind).unwrap_or(ResourceKind::Doctor)
    }

    fn understand(&self) -> Result<ResourceDraft, Errors> {
        let mut errors = Errors::new();
        let name = typed::name(&self.name, "name", &mut errors);
        let kind = self.kind();
        let short_name = match self.short_name.as_str() {
            "" if kind.is_person() => short_name(&name),
            "" => name.clone(),
            given => given.to_owned(),
        };
        let branch_id = self.branch_id.parse::<BranchId>().ok();
        if branch_id.is_none() {
            errors.insert("branch_id".to_owned(), "schedule-error-branch");
        }
        let staff_id = self.staff_id.parse::<StaffId>().ok().filter(|_| kind.is_person());
        match branch_id {
            Some(branch_id) if errors.is_empty() => {
                let specialty = self.specialty.clone();
                Ok(ResourceDraft { branch_id, kind, name, short_name, specialty, staff_id })
            }
            _ => Err(errors),
        }
    }
}

async fn doctors(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Query(done): Query<Done>,
) -> Result<Page, Problem> {
    let view = ResourcesPage::of(catalog(&clinic, &grant).await?, "doctors", done.word());
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn places(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Query(done): Query<Done>,
) -> Result<Page, Problem> {
    let view = ResourcesPage::of(catalog(&clinic, &grant).await?, "places", done.word());
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct New {
    kind: String,
}

async fn blank(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Query(new): Query<New>,
) -> Result<Page, Problem> {
    let form = ResourceForm { kind: new.kind, ..ResourceForm::default() };
    ResourceEditPage::of(&clinic, &grant, None, form).await?.page(&clinic, chrome)
}

async fn add(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    typed: Typed,
) -> Result<Response, Problem> {
    let form = ResourceForm::read(&typed);
    match form.understand() {
        Ok(draft) => {
            schedule::add_resource(&clinic.vault, &grant, &draft).await?;
            Ok(see_other(&format!("/settings/{}?done=added", tab(draft.kind))))
        }
        Err(errors) => {
            let view = ResourceEditPage::of(&clinic, &grant, None, form).await?;
            view.refuse(&clinic, chrome, errors)
        }
    }
}

async fn edit(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Path(id): Path<ResourceId>,
) -> Result<Page, Problem> {
    let catalog = catalog(&clinic, &grant).await?;
    let form = ResourceForm::of(catalog.resource(id).ok_or(Problem::NotFound)?);
    ResourceEditPage::of(&clinic, &grant, Some(id), form).await?.page(&clinic, chrome)
}

async fn change(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Path(id): Path<ResourceId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let form = ResourceForm::read(&typed);
    match form.understand() {
        Ok(draft) => {
            schedule::change_resource(&clinic.vault, &grant, id, &draft).await?;
            Ok(see_other(&format!("/settings/{}?done=saved", tab(draft.kind))))
        }
        Err(errors) => {
            let view = ResourceEditPage::of(&clinic, &grant, Some(id), form).await?;
            view.refuse(&clinic, chrome, errors)
        }
    }
}

async fn end(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    Path(id): Path<ResourceId>,
) -> Result<Response, Problem> {
    let kind = catalog(&clinic, &grant).await?.resource(id).ok_or(Problem::NotFound)?.kind;
    schedule::end_resource(&clinic.vault, &grant, id).await?;
    Ok(see_other(&format!("/settings/{}?done=ended", tab(kind))))
}

async fn resume(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    Path(id): Path<ResourceId>,
) -> Result<Response, Problem> {
    let kind = catalog(&clinic, &grant).await?.resource(id).ok_or(Problem::NotFound)?.kind;
    schedule::resume_resource(&clinic.vault, &grant, id).await?;
    Ok(see_other(&format!("/settings/{}?done=resumed", tab(kind))))
}

async fn catalog(clinic: &Clinic, grant: &Grant<SetUpClinic>) -> Result<Catalog, Problem> {
    let view: Grant<ViewClinic> = grant.also()?;
    Ok(schedule::setup(&mut clinic.vault.read(&view).await?).await?)
}

fn tab(kind: ResourceKind) -> &'static str {
    if kind.is_person() { "doctors" } else { "places" }
}

impl ResourcesPage {
    fn of(catalog: Catalog, own: &'static str, done: &'static str) -> Self {
        let resources = catalog.resources.into_iter().filter(|one| tab(one.kind) == own);
        let (ended, present) = resources.partition(|resource| resource.ended);
        Self { tab: own, present, ended, done }
    }
}

impl ResourceEditPage {
    async fn of(
        clinic: &Clinic,
        grant: &Grant<SetUpClinic>,
        id: Option<ResourceId>,
        mut form: ResourceForm,
    ) -> Result<Self, Problem> {
        let view: Grant<ViewClinic> = grant.also()?;
        let mut reader = clinic.vault.read(&view).await?;
        let catalog = schedule::setup(&mut reader).await?;
        let staff = schedule::treating_staff(&mut reader).await?;
        let branches: Vec<Choice> =
            catalog.open_branches().map(|branch| Choice::new(branch.id, &*branch.name)).collect();
        if let (true, Some(first)) = (form.branch_id.is_empty(), branches.first()) {
            form.branch_id.clone_from(&first.value);
        }
        let staff = staff.iter().map(|one| Choice::new(one.id, &*one.name)).collect();
        let ended = id.and_then(|id| catalog.resource(id)).is_some_and(|resource| resource.ended);
        Ok(Self::made(id, form, branches, staff, ended))
    }

    fn made(
        id: Option<ResourceId>,
        mut form: ResourceForm,
        branches: Vec<Choice>,
        staff: Vec<Choice>,
        ended: bool,
    ) -> Self {
        let tab = tab(form.kind());
        form.kind().name().clone_into(&mut form.kind);
        let offered = ResourceKind::ALL.into_iter().filter(|kind| self::tab(*kind) == tab);
        let kinds = offered.map(ResourceKind::name).collect();
        Self { id, form, errors: Errors::new(), kinds, branches, staff, tab, ended }
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

/// Somebody for the samples of several pages.
pub(super) fn sample(kind: ResourceKind, name: &str) -> Resource {
    let now = Timestamp::from_unix_ms(0);
    Resource {
        id: ResourceId::new(now),
        branch_id: BranchId::new(now),
        kind,
        name: name.to_owned(),
        short_name: short_name(name),
        specialty: "Терапевт".to_owned(),
        staff_id: None,
        position: 1,
        ended: false,
    }
}

impl View for ResourcesPage {
    const TEMPLATE: &'static str = "schedule/resources.html";

    fn samples() -> Vec<Self> {
        let doctor = sample(ResourceKind::Doctor, "Сейтова Айгуль Нурлановна");
        let chair = sample(ResourceKind::Chair, "Кресло 1");
        let empty = Self { tab: "places", present: Vec::new(), ended: Vec::new(), done: "" };
        let people = Self {
            tab: "doctors",
            present: vec![doctor.clone()],
            ended: vec![doctor],
            done: "added",
        };
        vec![
            people,
            Self { present: vec![chair], ..empty },
            Self { tab: "places", present: Vec::new(), ended: Vec::new(), done: "" },
        ]
    }
}

impl View for ResourceEditPage {
    const TEMPLATE: &'static str = "schedule/resource.html";

    fn samples() -> Vec<Self> {
        let doctor = sample(ResourceKind::Doctor, "Сейтова Айгуль Нурлановна");
        let chair = sample(ResourceKind::Chair, "Кресло 1");
        let choices = || vec![Choice::new(1, "На Абая"), Choice::new(2, "На Сатпаева")];
        let made = |resource: &Resource, ended| {
            Self::made(Some(resource.id), ResourceForm::of(resource), choices(), choices(), ended)
        };
        let mut refused = Self::made(None, ResourceForm::default(), Vec::new(), Vec::new(), false);
        refused.errors = refused.form.understand().expect_err("nobody without a name");
        vec![made(&doctor, false), made(&chair, true), refused]
    }
}
