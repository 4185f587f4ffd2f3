//! The terms of the law: all of them, and one with its history and its form.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{ENTRY, today};
use crate::access::{self, AccessError};
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{EditWorkdays, ViewWorkdays};
use crate::web::{FieldErrors, Page, Problem, see_other};
use crate::workdays::form::TermForm;
use crate::workdays::{self, Term, TermCode};

/// Every term as it counts today.
#[derive(Debug, Serialize)]
pub struct TermsPage {
    pub(super) terms: Vec<Term>,
    pub(super) may_edit: bool,
}

/// One term: its form and its history.
#[derive(Debug, Serialize)]
pub struct TermPage {
    pub(super) code: TermCode,
    pub(super) form: TermForm,
    pub(super) errors: FieldErrors,
    pub(super) history: Vec<Term>,
    pub(super) may_edit: bool,
}

/// A new version, and the proof of who puts it in force.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Replacement {
    #[serde(flatten)]
    form: TermFields,
    password: String,
    proof: String,
}

/// The form's fields, all as text: a flattened form knows no numbers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TermFields {
    seen: String,
    working_days: String,
    basis: String,
    basis_kk: String,
    source: String,
    checked_on: String,
    confirmed: String,
    effective_from: String,
}

impl TermFields {
    fn form(self) -> TermForm {
        TermForm {
            seen: self.seen.parse().unwrap_or_default(),
            working_days: self.working_days,
            basis: self.basis,
            basis_kk: self.basis_kk,
            source: self.source,
            checked_on: self.checked_on,
            confirmed: self.confirmed,
            effective_from: self.effective_from,
        }
    }
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewWorkdays>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let terms = workdays::terms(&clinic.vault, &grant).await?;
    let today = today(&clinic);
    let in_force = TermCode::ALL.into_iter().filter_map(|code| terms.in_force(code, today));
    let view = TermsPage {
        terms: in_force.cloned().collect(),
        may_edit: grant.actor().may::<EditWorkdays>(),
    };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

pub(super) async fn one(
    State(clinic): State<Clinic>,
    grant: Grant<ViewWorkdays>,
    chrome: Chrome,
    Path(code): Path<String>,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant, &code).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

pub(super) async fn replace(
    State(clinic): State<Clinic>,
    grant: Grant<EditWorkdays>,
    chrome: Chrome,
    Path(name): Path<String>,
    Form(typed): Form<Replacement>,
) -> Result<Response, Problem> {
    let code = TermCode::named(&name).ok_or(Problem::NotFound)?;
    let Replacement { form, password, proof } = typed;
    let form = form.form();
    let read = match form.read(today(&clinic)) {
        Ok(new) => proven(&clinic, &grant, &password, &proof).await?.map(|()| new),
        Err(errors) => Err(errors),
    };
    match read {
        Ok(new) => {
            workdays::replace_term(&clinic.vault, &grant, code, form.seen, new).await?;
            Ok(see_other(&format!("/personal-data/terms/{name}")))
        }
        Err(errors) => {
            let view = page(&clinic, &grant.also()?, &name).await?;
            let view = TermPage { form, errors, ..view };
            let page = Page::of(&clinic, &chrome.active(ENTRY), &view)?;
            Ok(page.refused().into_response())
        }
    }
}

/// Whoever changes a term of the law proves once more who they are.
async fn proven(
    clinic: &Clinic,
    grant: &Grant<EditWorkdays>,
    password: &str,
    code: &str,
) -> Result<Result<(), FieldErrors>, Problem> {
    let key = match access::prove(clinic, grant, password, code).await {
        Ok(()) => return Ok(Ok(())),
        Err(AccessError::Wrong) => "workdays-error-proof",
        Err(AccessError::TooSoon { .. }) => "workdays-error-proof-soon",
        Err(error) => return Err(error.into()),
    };
    Ok(Err(FieldErrors::from([("password", key.to_owned())])))
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<ViewWorkdays>,
    name: &str,
) -> Result<TermPage, Problem> {
    let code = TermCode::named(name).ok_or(Problem::NotFound)?;
    let terms = workdays::terms(&clinic.vault, grant).await?;
    let history: Vec<Term> = terms.history(code).into_iter().cloned().collect();
    let last = history.first().ok_or(Problem::NotFound)?;
    Ok(TermPage {
        code,
        form: TermForm::of(last, today(clinic)),
        errors: FieldErrors::new(),
        may_edit: grant.actor().may::<EditWorkdays>(),
        history,
    })
}
