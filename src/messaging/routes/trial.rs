//! A trial of one gateway: one SMS to a phone of the clinic's, and what became
//! of it; of Instagram, what Meta says of the account.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use fluent_bundle::FluentArgs;
use serde::{Deserialize, Serialize};

use super::gateway::{GatewayPage, found};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::{Email, Phone};
use crate::i18n::Language;
use crate::messaging::setup::{self, GatewayId, GatewayKind};
use crate::messaging::{self, State as At, To, instagram};
use crate::pages::{Chrome, View};
use crate::vault::permission::SetUpGateways;
use crate::vault::{Grant, VaultError};
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Clone, Debug, Serialize)]
pub struct TrialPage {
    gateway: Option<GatewayId>,
    last: Option<Last>,
    /// As typed.
    phone: String,
    errors: FieldErrors,
}

/// The last trial.
#[derive(Clone, Debug, Serialize)]
struct Last {
    masked: String,
    delivery: &'static str,
    /// Why, in words.
    why: Option<String>,
    at: Timestamp,
    /// The gateway's own number of it.
    provider_id: Option<String>,
    /// Something is about to happen to it: the page looks again.
    moving: bool,
}

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    phone: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Path(id): Path<GatewayId>,
) -> Result<Page, Problem> {
    found(&clinic, &grant, id).await?;
    let page = TrialPage::load(&clinic, &grant, chrome.language, id).await?;
    Page::of(&clinic, &chrome.active("messages"), &page)
}

pub(super) async fn send(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Path(id): Path<GatewayId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let page = GatewayPage::load(&clinic, &grant, &chrome, id).await?;
    if page.kind() == GatewayKind::Instagram {
        // Nobody can be written to there first: Meta is asked instead.
        instagram::try_account(&clinic, &grant, id).await?.ok_or(Problem::NotFound)?;
        return Ok(see_other(&format!("/messages/gateway/{id}#gt")));
    }
    let language = chrome.language;
    let is_letters = page.kind() == GatewayKind::Email;
    let to: Option<To> = if is_letters {
        Email::parse(&typed.phone).ok().map(To::from)
    } else {
        Phone::parse(&typed.phone).ok().map(To::from)
    };
    if let Some(to) = to {
        setup::try_gateway(&clinic, &grant, id, language, to).await?;
        return Ok(see_other(&format!("/messages/gateway/{id}#gt")));
    }
    let wrong = if is_letters { "mail-error-address" } else { "messaging-error-phone" };
    let trial = TrialPage {
        phone: typed.phone,
        errors: FieldErrors::from([("phone", wrong.to_owned())]),
        ..TrialPage::load(&clinic, &grant, language, id).await?
    };
    let page = page.with_trial(trial);
    Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.refused().into_response())
}

impl TrialPage {
    pub(super) fn empty() -> Self {
        Self { gateway: None, last: None, phone: String::new(), errors: FieldErrors::new() }
    }

    pub(super) async fn load(
        clinic: &Clinic,
        grant: &Grant<SetUpGateways>,
        language: Language,
        id: GatewayId,
    ) -> Result<Self, VaultError> {
        let number = id.to_string();
        let told = clinic
            .vault
            .list(grant, "messages.tended", async |listing| {
                Ok::<_, VaultError>((
                    messaging::told_about(listing, "gateway", &number).await?,
                    Vec::new(),
                ))
            })
            .await?;
        let last = told.into_iter().next_back().and_then(|told| {
            let now = told.states.last()?;
            let why = now.reason.as_deref().map(|code| {
                let key = format!("messaging-reason-{code}");
                let said = clinic.pages.words().say(language, &key, &FluentArgs::new());
                said.unwrap_or_else(|| code.to_owned())
            });
            Some(Last {
                masked: told.to.masked(),
                delivery: now.state.shown(),
                why,
                at: now.at,
                provider_id: told.provider_id.clone(),
                moving: matches!(now.state, At::Queued | At::Sending | At::Accepted),
            })
        });
        Ok(Self { gateway: Some(id), last, ..Self::empty() })
    }
}

impl View for TrialPage {
    const TEMPLATE: &'static str = "messaging/trial.html";

    fn samples() -> Vec<Self> {
        let gateway = Some(GatewayId::from_number(1));
        let last = |delivery, moving, why: Option<&str>| Last {
            masked: "+7 701 ••• 00 01".to_owned(),
            delivery,
            why: why.map(str::to_owned),
            at: Timestamp::from_unix_ms(1_790_000_000_000),
            provider_id: Some("1234".to_owned()),
            moving,
        };
        let with = |last| Self { gateway, last: Some(last), ..Self::empty() };
        let errors = FieldErrors::from([("phone", "messaging-error-phone".to_owned())]);
        vec![
            Self { gateway, ..Self::empty() },
            with(last("queued", true, Some("A"))),
            with(last("sent", true, None)),
            with(last("delivered", false, None)),
            with(last("uncertain", false, Some("A"))),
            Self { errors, phone: "12".to_owned(), ..with(last("failed", false, Some("A"))) },
        ]
    }
}
