//! Opening an incident: whose doing, when, and what the ledger says.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{ENTRY, PATH};
use crate::audit;
use crate::clinic::Clinic;
use crate::i18n::{Language, dates};
use crate::incidents::form::ScopeForm;
use crate::incidents::{self, Look, Nature, NewIncident, Origin, Story};
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{HandleIncidents, ReviewLog};
use crate::web::{FieldErrors, Page, Problem, see_other};

/// Opening an incident: whose doing, when, and what the ledger says.
#[derive(Debug, Serialize)]
pub struct NewIncidentPage {
    pub(super) form: ScopeForm,
    pub(super) errors: FieldErrors,
    pub(super) accounts: Vec<Choice>,
    pub(super) natures: Vec<&'static str>,
    pub(super) found: Option<FoundView>,
}

#[derive(Debug, Serialize)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
}

#[derive(Debug, Serialize)]
pub(super) struct FoundView {
    pub(super) people: usize,
    pub(super) doubtful: usize,
    pub(super) redacted: i64,
    pub(super) origins: Vec<Origin>,
    /// Class of fields and how many people's.
    pub(super) fields: Vec<(&'static str, usize)>,
}

impl FoundView {
    fn of(look: Look) -> Self {
        let counted = incidents::Field::ALL.into_iter().map(|field| {
            let count = look.people.iter().filter(|one| one.fields.contains(&field)).count();
            (field.name(), count)
        });
        Self {
            people: look.people.iter().filter(|one| !one.doubtful).count(),
            doubtful: look.people.iter().filter(|one| one.doubtful).count(),
            redacted: look.redacted,
            fields: counted.filter(|(_, count)| 0 < *count).collect(),
            origins: look.origins,
        }
    }
}

pub(super) async fn blank(
    State(clinic): State<Clinic>,
    grant: Grant<HandleIncidents>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let zone = clinic.profile.get().zone.clone();
    let now = zone.civil(clinic.clock().now());
    let said =
        |at: crate::clock::Civil| format!("{} {}", dates::numeric(at.day()), dates::time(at));
    let form = ScopeForm {
        from: said(now.plus_minutes(-24 * 60)),
        until: said(now),
        detected: said(now),
        ..ScopeForm::default()
    };
    let view = new_page(&clinic, &grant, &chrome, form).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

pub(super) async fn open(
    State(clinic): State<Clinic>,
    grant: Grant<HandleIncidents>,
    chrome: Chrome,
    Form(form): Form<ScopeForm>,
) -> Result<Response, Problem> {
    let zone = clinic.profile.get().zone.clone();
    let asked = match form.read(&zone, clinic.clock().now()) {
        Ok(asked) => asked,
        Err(errors) => {
            let view = new_page(&clinic, &grant, &chrome, form).await?;
            let view = NewIncidentPage { errors, ..view };
            let page = Page::of(&clinic, &chrome.active(ENTRY), &view)?;
            return Ok(page.refused().into_response());
        }
    };
    if form.verb != "open" {
        let found = incidents::look(&clinic, &grant, &asked.scope).await?;
        let view = new_page(&clinic, &grant, &chrome, form).await?;
        let view = NewIncidentPage { found: Some(FoundView::of(found)), ..view };
        return Ok(Page::of(&clinic, &chrome.active(ENTRY), &view)?.into_response());
    }
    let story = first_story(&clinic, asked.nature);
    let new = NewIncident { scope: asked.scope, detected_at: asked.detected_at, by: grant.staff() };
    let id = incidents::open(&clinic, &grant, &new, &story).await?;
    Ok(see_other(&format!("{PATH}/{id}")))
}

/// What the notices say until the officer writes more exactly.
fn first_story(clinic: &Clinic, nature: Nature) -> Story {
    let said = |language, part: &str| {
        clinic.pages.words().plain(language, &format!("incidents-story-{part}"))
    };
    Story {
        nature,
        consequences_ru: said(Language::Ru, "consequences"),
        consequences_kk: said(Language::Kk, "consequences"),
        measures_ru: said(Language::Ru, "measures"),
        measures_kk: said(Language::Kk, "measures"),
        advice_ru: said(Language::Ru, "advice"),
        advice_kk: said(Language::Kk, "advice"),
    }
}

async fn new_page(
    clinic: &Clinic,
    grant: &Grant<HandleIncidents>,
    chrome: &Chrome,
    form: ScopeForm,
) -> Result<NewIncidentPage, Problem> {
    let log: Grant<ReviewLog> = grant.also()?;
    let people = audit::people(clinic, &log).await?.into_iter();
    let nameless = ["console", "visitor"].map(|actor| Choice {
        value: actor.to_owned(),
        label: clinic.pages.words().plain(chrome.language, &format!("audit-actor-{actor}")),
    });
    Ok(NewIncidentPage {
        form,
        errors: FieldErrors::new(),
        accounts: people.map(|(value, label)| Choice { value, label }).chain(nameless).collect(),
        natures: Nature::ALL.map(Nature::name).to_vec(),
        found: None,
    })
}
