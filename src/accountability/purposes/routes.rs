//! The register of processing on the web, and the list of data under it.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{PurposeForm, PurposeRow};
use crate::accountability::classes::places;
use crate::accountability::purposes::{self, Purpose};
use crate::accountability::{DataClass, ENTRY, Whose, today, told};
use crate::clinic::Clinic;
use crate::incidents::papers::Speech;
use crate::pages::Chrome;
use crate::retention::Code;
use crate::vault::Grant;
use crate::vault::permission::{KeepRegisters, ViewRegisters};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

const PATH: &str = "/personal-data/purposes";

pub fn routes() -> Routes {
    Routes::new()
        .get(PATH, list)
        .get("/personal-data/purposes/new", blank)
        .post("/personal-data/purposes/new", add)
        .get("/personal-data/purposes/{code}", one)
        .post("/personal-data/purposes/{code}", replace)
}

/// The register of today, and where each class of data lies.
#[derive(Debug, Serialize)]
pub struct PurposesPage {
    pub(in crate::accountability) purposes: Vec<PurposeRow>,
    pub(in crate::accountability) classes: Vec<ClassRow>,
    pub(in crate::accountability) may_keep: bool,
}

/// A class of data.
#[derive(Debug, Serialize)]
pub(in crate::accountability) struct ClassRow {
    pub class: DataClass,
    /// The purposes in force that need it; none: it is held for nothing.
    pub purposes: Vec<String>,
    /// Columns of the database.
    pub places: Vec<String>,
}

/// One purpose: its form and its history. No code: a new one.
#[derive(Debug, Serialize)]
pub struct PurposePage {
    pub(in crate::accountability) code: Option<String>,
    pub(in crate::accountability) form: PurposeForm,
    pub(in crate::accountability) errors: FieldErrors,
    pub(in crate::accountability) history: Vec<Purpose>,
    pub(in crate::accountability) classes: Vec<&'static str>,
    pub(in crate::accountability) people: Vec<&'static str>,
    pub(in crate::accountability) rules: Vec<&'static str>,
    pub(in crate::accountability) may_keep: bool,
}

/// Each class with the purposes that need it.
pub(in crate::accountability) fn class_rows(
    in_force: &[&Purpose],
    speech: &Speech<'_>,
) -> Vec<ClassRow> {
    let row = |class: &DataClass| {
        let needing = in_force.iter().filter(|one| one.classes.contains(class));
        let title = |one: &&Purpose| told(speech.language, &one.title_ru, &one.title_kk).to_owned();
        ClassRow { class: *class, purposes: needing.map(title).collect(), places: places(*class) }
    };
    DataClass::ALL.iter().map(row).collect()
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let speech = Speech::of(&clinic, chrome.language);
    let all = purposes::all(&clinic.vault, &grant).await?;
    let view = PurposesPage {
        purposes: purposes::rows(&clinic, &grant, &speech).await?,
        classes: class_rows(&purposes::in_force(&all, today(&clinic)), &speech),
        may_keep: grant.actor().may::<KeepRegisters>(),
    };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn blank(
    State(clinic): State<Clinic>,
    _grant: Grant<KeepRegisters>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = PurposePage::of(None, PurposeForm::blank(today(&clinic)), Vec::new(), true);
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn one(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
    Path(code): Path<String>,
) -> Result<Page, Problem> {
    let history = history(&clinic, &grant, &code).await?;
    let last = history.first().ok_or(Problem::NotFound)?;
    let form = PurposeForm::of(last, today(&clinic));
    let may_keep = grant.actor().may::<KeepRegisters>();
    let view = PurposePage::of(Some(code), form, history, may_keep);
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn add(
    State(clinic): State<Clinic>,
    grant: Grant<KeepRegisters>,
    chrome: Chrome,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    save(&clinic, &grant, chrome, None, PurposeForm::typed(typed)).await
}

async fn replace(
    State(clinic): State<Clinic>,
    grant: Grant<KeepRegisters>,
    chrome: Chrome,
    Path(code): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    save(&clinic, &grant, chrome, Some(code), PurposeForm::typed(typed)).await
}

async fn save(
    clinic: &Clinic,
    grant: &Grant<KeepRegisters>,
    chrome: Chrome,
    code: Option<String>,
    form: PurposeForm,
) -> Result<Response, Problem> {
    let history = match &code {
        Some(code) => history(clinic, &grant.also()?, code).await?,
        None => Vec::new(),
    };
    if code.is_some() && history.is_empty() {
        return Err(Problem::NotFound);
    }
    match form.read(today(clinic)) {
        Ok(new) => {
            purposes::replace(&clinic.vault, grant, code.as_deref(), form.seen, &new).await?;
            Ok(see_other(PATH))
        }
        Err(errors) => {
            let view = PurposePage { errors, ..PurposePage::of(code, form, history, true) };
            Ok(Page::of(clinic, &chrome.active(ENTRY), &view)?.refused().into_response())
        }
    }
}

/// The versions of a purpose, newest first.
async fn history(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    code: &str,
) -> Result<Vec<Purpose>, Problem> {
    let mut all = purposes::all(&clinic.vault, grant).await?;
    all.retain(|purpose| purpose.code == code);
    Ok(all)
}

impl PurposePage {
    pub(in crate::accountability) fn of(
        code: Option<String>,
        form: PurposeForm,
        history: Vec<Purpose>,
        may_keep: bool,
    ) -> Self {
        Self {
            code,
            form,
            errors: FieldErrors::new(),
            history,
            classes: DataClass::ALL.iter().map(|one| one.name()).collect(),
            people: Whose::ALL.iter().map(|one| one.name()).collect(),
            rules: Code::ALL.iter().map(|one| one.name()).collect(),
            may_keep,
        }
    }
}
