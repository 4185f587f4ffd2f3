//! What a service becomes for whoever comes again.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::clinic::Clinic;
use crate::ids::ServiceId;
use crate::pages::{Chrome, View};
use crate::schedule::routes::services::{catalog, sample_catalog};
use crate::schedule::routes::typed::{Errors, Typed};
use crate::schedule::routes::{Choice, ENTRY};
use crate::schedule::{self, Catalog, DAYS, Repeat, Service};
use crate::vault::Grant;
use crate::vault::permission::{SetUpClinic, ViewClinic};
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/settings/services/{service_id}/repeat", edit)
        .post("/settings/services/{service_id}/repeat", change)
}

/// The usual one when nothing has been said.
const A_MONTH: i64 = 30;

/// The form.
#[derive(Debug, Serialize)]
pub struct RepeatPage {
    id: ServiceId,
    name: String,
    /// As chosen; empty: none.
    repeat: String,
    /// As typed.
    days: String,
    others: Vec<Choice>,
    errors: Errors,
}

async fn edit(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Path(id): Path<ServiceId>,
) -> Result<Page, Problem> {
    let catalog = catalog(&clinic, &grant).await?;
    let look: Grant<ViewClinic> = grant.also()?;
    let rules = schedule::repeats_of(&mut clinic.vault.read(&look).await?, id).await?;
    let own = rules.into_iter().find(|rule| rule.service_id == id);
    Page::of(&clinic, &chrome.active(ENTRY), &RepeatPage::of(&catalog, id, own)?)
}

async fn change(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpClinic>,
    chrome: Chrome,
    Path(id): Path<ServiceId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let catalog = catalog(&clinic, &grant).await?;
    let mut page = RepeatPage::of(&catalog, id, None)?;
    page.repeat = typed.text("repeat");
    page.days = typed.text("days");
    match page.understand() {
        Ok(to) => {
            schedule::set_repeat(&clinic.vault, &grant, id, to).await?;
            Ok(see_other("/settings/services?done=saved"))
        }
        Err(errors) => {
            page.errors = errors;
            let answer = Page::of(&clinic, &chrome.active(ENTRY), &page)?;
            Ok(answer.refused().into_response())
        }
    }
}

impl RepeatPage {
    fn of(catalog: &Catalog, id: ServiceId, own: Option<Repeat>) -> Result<Self, Problem> {
        let service = catalog.service(id).filter(|service| !service.ended);
        let service = service.ok_or(Problem::NotFound)?;
        let choice = |other: &Service| Choice {
            value: other.id.to_string(),
            label: match other.price {
                Some(price) => format!("{} · {price}", other.name),
                None => other.name.clone(),
            },
        };
        Ok(Self {
            id,
            name: service.name.clone(),
            repeat: own.map(|rule| rule.repeat_id.to_string()).unwrap_or_default(),
            days: own.map_or(A_MONTH, |rule| rule.days).to_string(),
            others: catalog.offered().filter(|other| other.id != id).map(choice).collect(),
            errors: Errors::new(),
        })
    }

    fn understand(&self) -> Result<Option<(ServiceId, i64)>, Errors> {
        if self.repeat.is_empty() {
            return Ok(None);
        }
        let mut errors = Errors::new();
        let known = self.others.iter().any(|other| other.value == self.repeat);
        let service = self.repeat.parse().ok().filter(|_| known);
        if service.is_none() {
            errors.insert("repeat".to_owned(), "schedule-error-repeat");
        }
        let days = self.days.parse().ok().filter(|days| DAYS.contains(days));
        if days.is_none() {
            errors.insert("days".to_owned(), "schedule-error-repeat-days");
        }
        service.zip(days).map(Some).ok_or(errors)
    }
}

impl View for RepeatPage {
    const TEMPLATE: &'static str = "schedule/repeat.html";

    fn samples() -> Vec<Self> {
        let catalog = sample_catalog();
        let id = catalog.services[0].id;
        let page = || Self::of(&catalog, id, None).expect("it is offered");
        let mut refused = page();
        "1".clone_into(&mut refused.repeat);
        "—".clone_into(&mut refused.days);
        refused.errors = refused.understand().expect_err("no such service");
        let mut alone = page();
        alone.others.clear();
        vec![page(), refused, alone]
    }
}
