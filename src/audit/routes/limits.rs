//! The limits of the rules, each with its basis and all its versions.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::audit::AuditError;
use crate::audit::findings::{self, LimitRow};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{ReviewLog, SetLimits};
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct LimitsPage {
    limits: Vec<LimitView>,
    may_set: bool,
    /// The limit whose form was refused, as typed.
    refused: Option<LimitForm>,
    errors: FieldErrors,
    open: [i64; 3],
}

/// A limit in force and those before it.
#[derive(Debug, Serialize)]
struct LimitView {
    /// As in the words: with dashes.
    word: String,
    now: LimitRow,
    before: Vec<LimitRow>,
}

/// A new version as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitForm {
    #[serde(skip_deserializing)]
    code: String,
    seen: i64,
    value: String,
    basis: String,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant).await?;
    Page::of(&clinic, &chrome.active("audit"), &view)
}

pub(super) async fn replace(
    State(clinic): State<Clinic>,
    grant: Grant<SetLimits>,
    chrome: Chrome,
    Path(code): Path<String>,
    Form(form): Form<LimitForm>,
) -> Result<Response, Problem> {
    let value = form.value.trim().parse().unwrap_or(-1);
    match findings::replace_limit(&clinic, &grant, &code, form.seen, value, &form.basis).await {
        Ok(()) => Ok(see_other("/audit/limits")),
        Err(AuditError::BadLimit) => {
            let review = grant.also::<ReviewLog>()?;
            let errors = FieldErrors::from([("value", "audit-error-limit".to_owned())]);
            let refused = Some(LimitForm { code, ..form });
            let view = LimitsPage { refused, errors, ..page(&clinic, &review).await? };
            Ok(Page::of(&clinic, &chrome.active("audit"), &view)?.refused().into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(clinic: &Clinic, grant: &Grant<ReviewLog>) -> Result<LimitsPage, Problem> {
    let mut limits: Vec<LimitView> = Vec::new();
    for row in findings::limits(clinic, grant).await? {
        if let Some(last) = limits.last_mut().filter(|last| last.now.code == row.code) {
            last.before.insert(0, std::mem::replace(&mut last.now, row));
        } else {
            let word = row.code.replace('_', "-");
            limits.push(LimitView { word, now: row, before: Vec::new() });
        }
    }
    Ok(LimitsPage {
        limits,
        may_set: grant.actor().may::<SetLimits>(),
        refused: None,
        errors: FieldErrors::new(),
        open: findings::open_counts(clinic, grant).await?,
    })
}

impl View for LimitsPage {
    const TEMPLATE: &'static str = "audit/limits.html";

    fn samples() -> Vec<Self> {
        let row = |version, by: Option<&str>| LimitRow {
            code: "mass_hour".to_owned(),
            version,
            value: 40,
            basis: "R1".to_owned(),
            made_at: Timestamp::from_unix_ms(0),
            made_by: by.map(str::to_owned),
        };
        let page = |may_set, refused, errors| Self {
            limits: vec![LimitView {
                word: "mass-hour".to_owned(),
                now: row(2, Some("Gulnara")),
                before: vec![row(1, None)],
            }],
            may_set,
            refused,
            errors,
            open: [0; 3],
        };
        let typed = LimitForm { code: "mass_hour".to_owned(), ..LimitForm::default() };
        let errors = FieldErrors::from([("value", "audit-error-limit".to_owned())]);
        vec![page(true, Some(typed), errors), page(false, None, FieldErrors::new())]
    }
}
