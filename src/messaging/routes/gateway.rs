//! The page of the SMS gateway: its settings, how it is, and a trial.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::Choice;
use crate::clinic::Clinic;
use crate::contact::Phone;
use crate::messaging::gateway::Health;
use crate::messaging::setup::{self, GatewayChange, GatewayError, GatewayKind, GatewaySettings};
use crate::money::Money;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::SetUpGateways;
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct GatewayPage {
    kinds: Vec<Choice>,
    form: GatewayForm,
    /// Whether there is a gateway, and so a password that can be kept.
    in_use: bool,
    is_demo: bool,
    errors: FieldErrors,
    trial_phone: String,
    trial_errors: FieldErrors,
    /// `saved`, `tried` or empty: what was just done.
    done: String,
}

/// What was typed; the password is never sent back.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GatewayForm {
    kind: &'static str,
    endpoint: String,
    username: String,
    sender: String,
    report_url: String,
}

#[derive(Debug, Serialize)]
pub struct GatewayHealthPage {
    /// `well`, a code of trouble, or `none`.
    state: &'static str,
    /// Tiyn.
    balance: Option<Money>,
}

#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Query(Done { done }): Query<Done>,
) -> Result<Page, Problem> {
    let settings = setup::gateway_settings(&clinic.vault, &grant).await?;
    let page = GatewayPage { done, ..GatewayPage::of(&clinic, &chrome, settings.as_ref()) };
    Page::of(&clinic, &chrome.active("messages"), &page)
}

pub(super) async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Form(change): Form<GatewayChange>,
) -> Result<Response, Problem> {
    let wrong = match setup::set_gateway(&clinic.vault, &grant, &change).await {
        Ok(()) => return Ok(see_other("/messages/gateway?done=saved")),
        Err(GatewayError::Fields(wrong)) => wrong,
        Err(other) => return Err(other.into()),
    };
    let settings = setup::gateway_settings(&clinic.vault, &grant).await?;
    let errors = wrong.into_iter().map(|(field, key)| (field, key.to_owned()));
    let page = GatewayPage {
        errors: errors.collect(),
        form: GatewayForm::typed(change),
        ..GatewayPage::of(&clinic, &chrome, settings.as_ref())
    };
    Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.refused().into_response())
}

pub(super) async fn health(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let page = match setup::health(&clinic.vault, &grant).await? {
        Some(Health::Well { balance }) => GatewayHealthPage { state: "well", balance },
        Some(Health::Ill(trouble)) => GatewayHealthPage { state: trouble.code(), balance: None },
        None => GatewayHealthPage { state: "none", balance: None },
    };
    Page::of(&clinic, &chrome.active("messages"), &page)
}

#[derive(Deserialize)]
pub(super) struct Trial {
    #[serde(default)]
    phone: String,
}

pub(super) async fn send_trial(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Form(trial): Form<Trial>,
) -> Result<Response, Problem> {
    let language = chrome.language;
    if let Ok(phone) = Phone::parse(&trial.phone) {
        setup::send_trial(&clinic, &grant, language, phone).await?;
        return Ok(see_other("/messages/gateway?done=tried"));
    }
    let settings = setup::gateway_settings(&clinic.vault, &grant).await?;
    let page = GatewayPage {
        trial_phone: trial.phone,
        trial_errors: FieldErrors::from([("phone", "messaging-error-phone".to_owned())]),
        ..GatewayPage::of(&clinic, &chrome, settings.as_ref())
    };
    Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.refused().into_response())
}

impl GatewayPage {
    fn of(clinic: &Clinic, chrome: &Chrome, settings: Option<&GatewaySettings>) -> Self {
        let label = |kind: GatewayKind| {
            let key = format!("messaging-gateway-{}", kind.name());
            clinic.pages.words().plain(chrome.language, &key)
        };
        let kinds = [GatewayKind::Smsc, GatewayKind::Kannel];
        let is_demo = settings.is_some_and(|settings| settings.kind == GatewayKind::Demo);
        Self {
            kinds: kinds.map(|kind| Choice { value: kind.name(), label: label(kind) }).into(),
            form: settings.filter(|_| !is_demo).map_or_else(GatewayForm::empty, GatewayForm::of),
            in_use: settings.is_some(),
            is_demo,
            errors: FieldErrors::new(),
            trial_phone: String::new(),
            trial_errors: FieldErrors::new(),
            done: String::new(),
        }
    }
}

impl GatewayForm {
    fn empty() -> Self {
        let kind = GatewayKind::Smsc;
        let endpoint = kind.usual_endpoint().to_owned();
        Self { kind: kind.name(), endpoint, ..Self::default() }
    }

    fn of(settings: &GatewaySettings) -> Self {
        Self {
            kind: settings.kind.name(),
            endpoint: settings.endpoint.clone(),
            username: settings.username.clone(),
            sender: settings.sender.clone().unwrap_or_default(),
            report_url: settings.report_url.clone().unwrap_or_default(),
        }
    }

    fn typed(change: GatewayChange) -> Self {
        let GatewayChange { kind, endpoint, username, sender, report_url, .. } = change;
        Self { kind: kind.name(), endpoint, username, sender, report_url }
    }
}

impl View for GatewayPage {
    const TEMPLATE: &'static str = "messaging/gateway.html";

    fn samples() -> Vec<Self> {
        let fresh = || Self {
            kinds: vec![Choice { value: "smsc", label: "SMSC.kz".to_owned() }],
            form: GatewayForm::empty(),
            in_use: false,
            is_demo: false,
            errors: FieldErrors::new(),
            trial_phone: String::new(),
            trial_errors: FieldErrors::new(),
            done: String::new(),
        };
        let wrong = |fields: &[&'static str]| {
            fields.iter().map(|field| (*field, "messaging-error-needed".to_owned())).collect()
        };
        vec![
            fresh(),
            Self { in_use: true, done: "saved".to_owned(), ..fresh() },
            Self { is_demo: true, in_use: true, done: "tried".to_owned(), ..fresh() },
            Self { trial_errors: wrong(&["phone"]), ..fresh() },
            Self { errors: wrong(&["endpoint", "sender"]), ..fresh() },
        ]
    }
}

impl View for GatewayHealthPage {
    const TEMPLATE: &'static str = "messaging/health.html";

    fn samples() -> Vec<Self> {
        let balance = Some(Money::from_tenge(980));
        vec![
            Self { state: "well", balance },
            Self { state: "well", balance: None },
            Self { state: "gateway_no_money", balance: None },
            Self { state: "none", balance: None },
        ]
    }
}
