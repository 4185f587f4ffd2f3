//! Taking a request in: at the desk, or by the officer.

use axum::Form;
use axum::extract::{Query, State as Running};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{Due, ENTRY, PATH};
use crate::clinic::Clinic;
use crate::i18n::dates;
use crate::incidents::LeftView;
use crate::pages::Chrome;
use crate::subject_requests::form::TakeForm;
use crate::subject_requests::{self, IdentityDocument, Kind, RequestError, Way};
use crate::vault::Grant;
use crate::vault::permission::{TakeRequests, ViewRequests};
use crate::web::{FieldErrors, Page, Problem, see_other};

/// The form, and what became of the one before.
#[derive(Debug, Serialize)]
pub struct TakePage {
    pub(super) form: TakeForm,
    pub(super) errors: FieldErrors,
    pub(super) kinds: Vec<&'static str>,
    pub(super) ways: Vec<&'static str>,
    pub(super) documents: Vec<&'static str>,
    /// The number that was just given.
    pub(super) taken: Option<i64>,
    /// Its term.
    pub(super) left: Option<LeftView>,
    pub(super) may_view: bool,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    card: String,
    taken: Option<i64>,
    kind: String,
}

pub(super) async fn blank(
    Running(clinic): Running<Clinic>,
    grant: Grant<TakeRequests>,
    chrome: Chrome,
    Query(asked): Query<Asked>,
) -> Result<Page, Problem> {
    let due = Due::load(&clinic, &grant).await?;
    let now = due.zone.civil(due.now);
    let form = TakeForm {
        kind: "access".to_owned(),
        card: asked.card.chars().filter(char::is_ascii_digit).collect(),
        requester: "patient".to_owned(),
        way: "in_person".to_owned(),
        received: format!("{} {}", dates::numeric(now.day()), dates::time(now)),
        ..TakeForm::default()
    };
    let kind = Kind::named(&asked.kind).filter(|_| asked.taken.is_some());
    let left = kind.and_then(|kind| due.of(kind, due.now, None));
    let view = TakePage { taken: asked.taken, left, ..page(&grant, form) };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

pub(super) async fn take(
    Running(clinic): Running<Clinic>,
    grant: Grant<TakeRequests>,
    chrome: Chrome,
    Form(form): Form<TakeForm>,
) -> Result<Response, Problem> {
    let zone = clinic.profile.get().zone.clone();
    let errors = match form.read(&zone) {
        Ok(new) => match subject_requests::take(&clinic.vault, &grant, &new).await {
            Ok((id, _)) if grant.actor().may::<ViewRequests>() => {
                return Ok(see_other(&format!("{PATH}/{id}")));
            }
            Ok((_, number)) => {
                let kind = new.kind.name();
                return Ok(see_other(&format!("{PATH}/new?taken={number}&kind={kind}")));
            }
            Err(RequestError::NoSuchCard) => {
                FieldErrors::from([("card", "requests-no-such-card".to_owned())])
            }
            Err(RequestError::BadTime) => {
                FieldErrors::from([("received", "requests-bad-time".to_owned())])
            }
            Err(error) => return Err(error.into()),
        },
        Err(errors) => errors,
    };
    let view = TakePage { errors, ..page(&grant, form) };
    Ok(Page::of(&clinic, &chrome.active(ENTRY), &view)?.refused().into_response())
}

fn page(grant: &Grant<TakeRequests>, form: TakeForm) -> TakePage {
    TakePage {
        form,
        errors: FieldErrors::new(),
        kinds: Kind::ALL.iter().map(|kind| kind.name()).collect(),
        ways: Way::ALL.iter().map(|way| way.name()).collect(),
        documents: IdentityDocument::ALL.iter().map(|document| document.name()).collect(),
        taken: None,
        left: None,
        may_view: grant.actor().may::<ViewRequests>(),
    }
}
