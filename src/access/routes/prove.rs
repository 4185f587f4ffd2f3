//! Proving once more who one is, before what cannot lightly be taken back.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{Next, ProvePage, explain};
use crate::access;
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::permission::OwnAccount;
use crate::vault::{Grant, SessionToken};
use crate::web::{Page, Problem, see_other};

pub(super) async fn form(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    chrome: Chrome,
    Query(next): Query<Next>,
) -> Result<Page, Problem> {
    Page::of(&clinic, &chrome, &ProvePage::load(&clinic, &grant, next.path(), None).await?)
}

#[derive(Deserialize)]
pub(super) struct Proof {
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn prove(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    token: SessionToken,
    chrome: Chrome,
    Form(form): Form<Proof>,
) -> Result<Response, Problem> {
    let next = Next { next: form.next };
    match access::prove(&clinic, &grant, &form.password, &form.code).await {
        Ok(()) => {
            clinic.vault.mark_proven(&token);
            Ok(see_other(next.path()))
        }
        Err(error) => {
            let error = explain(error)?;
            let view = ProvePage::load(&clinic, &grant, next.path(), Some(error)).await?;
            Ok(Page::of(&clinic, &chrome, &view)?.refused().into_response())
        }
    }
}
