//! The page of Instagram: what has to be done at Meta, the app's secret, the address
//! that Meta is to be told, and whether strangers are answered by itself.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::gateway::Done;
use super::gateways::Row;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::messaging::gateway::Trouble;
use crate::messaging::instagram::{self, App, AppChange, Found, Standing, Trial};
use crate::messaging::setup::{self, GatewayKind};
use crate::messaging::whatsapp::AppError;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::SetUpGateways;
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct InstagramPage {
    /// The account; none while there is none.
    row: Option<Row>,
    /// What Meta asks for under "Webhooks".
    address: String,
    verify_token: String,
    has_secret: bool,
    greets: bool,
    errors: FieldErrors,
    /// `saved` or empty: what was just done.
    done: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Query(Done { done }): Query<Done>,
) -> Result<Page, Problem> {
    let page = InstagramPage { done, ..InstagramPage::load(&clinic, &grant).await? };
    Page::of(&clinic, &chrome.active("messages"), &page)
}

pub(super) async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Form(change): Form<AppChange>,
) -> Result<Response, Problem> {
    let wrong = match instagram::save_app(&clinic, &grant, &change).await {
        Ok(()) => return Ok(see_other("/messages/instagram?done=saved")),
        Err(AppError::Fields(wrong)) => wrong,
        Err(AppError::Vault(error)) => return Err(error.into()),
    };
    let errors = wrong.into_iter().map(|(field, key)| (field, key.to_owned())).collect();
    let page = InstagramPage::load(&clinic, &grant).await?;
    let page = InstagramPage { greets: change.greets, errors, ..page };
    Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.refused().into_response())
}

impl InstagramPage {
    async fn load(clinic: &Clinic, grant: &Grant<SetUpGateways>) -> Result<Self, Problem> {
        let all = setup::gateways(&clinic.vault, grant).await?;
        let is_account = |kind| kind == GatewayKind::Instagram;
        let own = all.iter().find(|one| is_account(one.account.settings.kind));
        let row = own.map(|one| Row::of(clinic, one));
        Ok(Self::of(row, &clinic.places.public_url, instagram::app(clinic, grant).await?))
    }

    fn of(row: Option<Row>, base: &str, app: App) -> Self {
        Self {
            row,
            address: format!("{base}/hooks/instagram"),
            verify_token: app.verify_token,
            has_secret: !app.app_secret.is_empty(),
            greets: app.greets,
            errors: FieldErrors::new(),
            done: String::new(),
        }
    }
}

/// All that a trial can find, for samples.
pub(super) fn standings() -> Vec<Standing> {
    let at = Timestamp::from_unix_ms(1_790_000_000_000);
    let told = |username: &str, found: Found| {
        let (username, found) = (username.to_owned(), found.code().to_owned());
        Standing { trial: Some(Trial { at, username, found }), heard_at: None }
    };
    vec![
        Standing::default(),
        Standing { heard_at: Some(at), ..told("arai_dent", Found::Connected) },
        told("", Found::Connected),
        told("arai_dent", Found::OtherAccount),
        told("arai_dent", Found::Unsubscribed),
        told("arai_dent", Found::NoMessages),
        told("arai_dent", Found::NoSecret),
        told("", Found::Trouble(Trouble::Credentials)),
        told("arai_dent", Found::Trouble(Trouble::Unreachable)),
    ]
}

impl View for InstagramPage {
    const TEMPLATE: &'static str = "messaging/instagram.html";

    fn samples() -> Vec<Self> {
        let app = |secret: &str| App {
            app_secret: secret.to_owned(),
            verify_token: "A".repeat(22),
            greets: !secret.is_empty(),
        };
        let base = "https://clinic.example";
        // The accounts among them.
        let mut rows = Row::samples().into_iter().skip(7);
        let mut wrong = Self::of(None, base, app(""));
        wrong.errors.insert("app_secret", "messaging-error-secret".to_owned());
        let mut saved = Self::of(rows.next(), base, app("secret"));
        "saved".clone_into(&mut saved.done);
        vec![Self::of(None, base, app("")), wrong, saved, Self::of(rows.next(), base, app(""))]
    }
}
