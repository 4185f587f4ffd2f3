//! The counter of people on the web, and the numbers it is judged by.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{Limit, LimitCode, NewLimit, Standing};
use crate::accountability::{ENTRY, disproved, past_day, said, size, today};
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::i18n::dates;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{KeepRegisters, ViewRegisters};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

const PATH: &str = "/personal-data/size";

pub fn routes() -> Routes {
    Routes::new()
        .get(PATH, show)
        .get("/personal-data/size/bar", bar)
        .get("/personal-data/limits/{code}", limit)
        .post("/personal-data/limits/{code}", replace)
}

/// How many people, which class, how far the next; and the clinic's numbers.
#[derive(Debug, Serialize)]
pub struct SizePage {
    pub(in crate::accountability) standing: Standing,
    pub(in crate::accountability) limits: Vec<Limit>,
    pub(in crate::accountability) may_keep: bool,
}

/// The bar alone, for the desk.
#[derive(Debug, Serialize)]
pub struct SizeBar {
    pub(in crate::accountability) standing: Standing,
}

/// One number: its form and its history.
#[derive(Debug, Serialize)]
pub struct LimitPage {
    pub(in crate::accountability) code: LimitCode,
    pub(in crate::accountability) form: LimitForm,
    pub(in crate::accountability) errors: FieldErrors,
    pub(in crate::accountability) history: Vec<Limit>,
    pub(in crate::accountability) may_keep: bool,
}

/// A version of a number, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitForm {
    pub seen: i64,
    pub value: String,
    pub basis_ru: String,
    pub basis_kk: String,
    pub source: String,
    pub checked_on: String,
    /// `on` when the clinic's lawyer has confirmed it.
    pub confirmed: String,
    pub effective_from: String,
    #[serde(skip_serializing)]
    pub password: String,
    #[serde(skip_serializing)]
    pub proof: String,
}

impl LimitForm {
    pub(in crate::accountability) fn of(limit: &Limit, today: Day) -> Self {
        Self {
            seen: limit.version,
            value: limit.value.to_string(),
            basis_ru: limit.basis_ru.clone(),
            basis_kk: limit.basis_kk.clone(),
            source: limit.source.clone(),
            checked_on: dates::numeric(today),
            confirmed: if limit.confirmed { "on" } else { "" }.to_owned(),
            effective_from: dates::numeric(today),
            ..Self::default()
        }
    }

    fn read(&self, today: Day) -> Result<NewLimit, FieldErrors> {
        let mut errors = FieldErrors::new();
        let digits = self.value.replace([' ', '\u{a0}'], "");
        let value = digits.parse::<i64>().ok().filter(|value| (1..=100_000_000).contains(value));
        if value.is_none() {
            errors.insert("value", "accountability-error-value".to_owned());
        }
        let basis = [
            said(&self.basis_ru, "basis_ru", true, &mut errors),
            said(&self.basis_kk, "basis_kk", true, &mut errors),
        ];
        let source = said(&self.source, "source", false, &mut errors);
        let checked_on = past_day(&self.checked_on, "checked_on", today, &mut errors);
        let from = dates::read(&self.effective_from).filter(|day| today <= *day);
        if from.is_none() {
            errors.insert("effective_from", "workdays-error-from".to_owned());
        }
        let (Some(value), Some(checked_on), Some(effective_from), true) =
            (value, checked_on, from, errors.is_empty())
        else {
            return Err(errors);
        };
        let confirmed = self.confirmed == "on";
        Ok(NewLimit { value, basis, source, checked_on, confirmed, effective_from })
    }
}

async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let limits = size::limits(&clinic.vault, &grant).await?;
    let today = today(&clinic);
    let in_force = LimitCode::ALL.iter().filter_map(|code| limits.in_force(*code, today));
    let view = SizePage {
        standing: size::standing(&clinic, &grant).await?,
        limits: in_force.cloned().collect(),
        may_keep: grant.actor().may::<KeepRegisters>(),
    };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn bar(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = SizeBar { standing: size::standing(&clinic, &grant).await? };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn limit(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
    Path(code): Path<String>,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant, &code).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn replace(
    State(clinic): State<Clinic>,
    grant: Grant<KeepRegisters>,
    chrome: Chrome,
    Path(name): Path<String>,
    Form(form): Form<LimitForm>,
) -> Result<Response, Problem> {
    let code = LimitCode::named(&name).ok_or(Problem::NotFound)?;
    let read = match form.read(today(&clinic)) {
        Ok(new) => match disproved(&clinic, &grant, &form.password, &form.proof).await? {
            None => Ok(new),
            Some(errors) => Err(errors),
        },
        Err(errors) => Err(errors),
    };
    match read {
        Ok(new) => {
            size::replace(&clinic.vault, &grant, code, form.seen, &new).await?;
            Ok(see_other(PATH))
        }
        Err(errors) => {
            let view = LimitPage { form, errors, ..page(&clinic, &grant.also()?, &name).await? };
            Ok(Page::of(&clinic, &chrome.active(ENTRY), &view)?.refused().into_response())
        }
    }
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    name: &str,
) -> Result<LimitPage, Problem> {
    let code = LimitCode::named(name).ok_or(Problem::NotFound)?;
    let history = size::limits(&clinic.vault, grant).await?.history(code);
    let last = history.first().ok_or(Problem::NotFound)?;
    Ok(LimitPage {
        code,
        form: LimitForm::of(last, today(clinic)),
        errors: FieldErrors::new(),
        may_keep: grant.actor().may::<KeepRegisters>(),
        history,
    })
}
