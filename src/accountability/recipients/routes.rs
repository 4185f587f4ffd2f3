//! Third parties on the web.

use std::collections::BTreeSet;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{Country, Recipient, RecipientForm, RecipientRow};
use crate::accountability::{DataClass, ENTRY, recipients};
use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::incidents::papers::Speech;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{KeepRegisters, ViewRegisters};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

const PATH: &str = "/personal-data/recipients";

pub fn routes() -> Routes {
    Routes::new()
        .get(PATH, list)
        .get("/personal-data/recipients/new", blank)
        .post("/personal-data/recipients/new", add)
        .get("/personal-data/recipients/{code}", one)
        .post("/personal-data/recipients/{code}", replace)
}

/// Whoever receives data now.
#[derive(Debug, Serialize)]
pub struct RecipientsPage {
    pub(in crate::accountability) recipients: Vec<RecipientRow>,
    pub(in crate::accountability) may_keep: bool,
}

/// One recipient: its form and its history. No code: a new one.
#[derive(Debug, Serialize)]
pub struct RecipientPage {
    pub(in crate::accountability) code: Option<String>,
    /// Where the program sends, when it does.
    pub(in crate::accountability) endpoint: Option<String>,
    pub(in crate::accountability) form: RecipientForm,
    pub(in crate::accountability) errors: FieldErrors,
    pub(in crate::accountability) history: Vec<Recipient>,
    pub(in crate::accountability) classes: Vec<&'static str>,
    pub(in crate::accountability) countries: Vec<&'static str>,
    pub(in crate::accountability) may_keep: bool,
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let speech = Speech::of(&clinic, chrome.language);
    let view = RecipientsPage {
        recipients: recipients::rows(&clinic, &grant, &speech).await?,
        may_keep: grant.actor().may::<KeepRegisters>(),
    };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn blank(
    State(clinic): State<Clinic>,
    _grant: Grant<KeepRegisters>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = RecipientPage::of(None, RecipientForm::default(), Vec::new(), true);
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn one(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
    Path(code): Path<String>,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant, code).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

/// A recipient as it stands: as the clinic said, or as the program knows it.
async fn page(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    code: String,
) -> Result<RecipientPage, Problem> {
    let mut history = recipients::all(&clinic.vault, grant).await?;
    history.retain(|one| one.code == code);
    let row = |rows: Vec<RecipientRow>| rows.into_iter().find(|row| row.code == code);
    let ru = row(recipients::rows(clinic, grant, &Speech::of(clinic, Language::Ru)).await?);
    let kk = row(recipients::rows(clinic, grant, &Speech::of(clinic, Language::Kk)).await?);
    let endpoint = ru.as_ref().and_then(|row| row.channel.as_ref()?.endpoint.clone());
    let form = match (history.first(), ru, kk) {
        (Some(last), ..) => RecipientForm::of(last),
        (None, Some(ru), Some(kk)) => RecipientForm {
            ticked: ticked(&ru),
            country: ru.country.map(Country::name).unwrap_or_default().to_owned(),
            name: ru.name,
            purpose_ru: ru.purpose,
            purpose_kk: kk.purpose,
            basis_ru: ru.basis,
            basis_kk: kk.basis,
            ..RecipientForm::default()
        },
        _ => return Err(Problem::NotFound),
    };
    let may_keep = grant.actor().may::<KeepRegisters>();
    Ok(RecipientPage { endpoint, ..RecipientPage::of(Some(code), form, history, may_keep) })
}

/// The classes that the program knows to go that way.
fn ticked(row: &RecipientRow) -> BTreeSet<String> {
    let known = row.channel.as_ref().map_or(&[][..], recipients::classes_of);
    known.iter().map(|class| format!("class-{}", class.name())).collect()
}

async fn add(
    State(clinic): State<Clinic>,
    grant: Grant<KeepRegisters>,
    chrome: Chrome,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let view = RecipientPage::of(None, RecipientForm::default(), Vec::new(), true);
    save(&clinic, &grant, chrome, view, typed).await
}

async fn replace(
    State(clinic): State<Clinic>,
    grant: Grant<KeepRegisters>,
    chrome: Chrome,
    Path(code): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let view = page(&clinic, &grant.also()?, code).await?;
    save(&clinic, &grant, chrome, view, typed).await
}

async fn save(
    clinic: &Clinic,
    grant: &Grant<KeepRegisters>,
    chrome: Chrome,
    view: RecipientPage,
    typed: Vec<(String, String)>,
) -> Result<Response, Problem> {
    let form = RecipientForm::typed(typed);
    match form.read() {
        Ok(new) => {
            let code = view.code.as_deref();
            recipients::replace(&clinic.vault, grant, code, form.seen, &new).await?;
            Ok(see_other(PATH))
        }
        Err(errors) => {
            let view = RecipientPage { form, errors, ..view };
            Ok(Page::of(clinic, &chrome.active(ENTRY), &view)?.refused().into_response())
        }
    }
}

impl RecipientPage {
    pub(in crate::accountability) fn of(
        code: Option<String>,
        form: RecipientForm,
        history: Vec<Recipient>,
        may_keep: bool,
    ) -> Self {
        Self {
            code,
            endpoint: None,
            form,
            errors: FieldErrors::new(),
            history,
            classes: DataClass::ALL.iter().map(|one| one.name()).collect(),
            countries: Country::ALL.iter().map(|one| one.name()).collect(),
            may_keep,
        }
    }
}
