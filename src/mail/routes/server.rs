//! The page of the mail server: its settings, how it is, and a trial.

use std::time::Duration;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::letters::{self, LettersView};
use crate::clinic::Clinic;
use crate::contact::Email;
use crate::mail;
use crate::pages::{Chrome, View};
use crate::post::{
    self, Answer, MailChange, MailSettings, MailSetupError, Patience, Said, Tls, Why,
};
use crate::vault::Grant;
use crate::vault::permission::SetUpGateways;
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct MailPage {
    ways: Vec<&'static str>,
    form: MailForm,
    /// Whether there is a server, and so a password that can be kept.
    in_use: bool,
    errors: FieldErrors,
    trial_address: String,
    trial_errors: FieldErrors,
    /// `saved`, `tried` or empty: what was just done.
    done: String,
    #[serde(flatten)]
    letters: LettersView,
}

/// What was typed; the password is never sent back.
#[derive(Clone, Debug, Default, Serialize)]
struct MailForm {
    host: String,
    port: String,
    tls: String,
    username: String,
    sender: String,
    ca: String,
}

/// How the server is, as a fragment.
#[derive(Debug, Serialize)]
pub struct MailHealthPage {
    /// `well`, a code of trouble with dashes, or `none`.
    state: String,
    /// The server's own words.
    said: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// How long somebody who looks waits for the server.
const LOOK: Patience = Patience { command: Duration::from_secs(5), text: Duration::from_secs(5) };

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Query(Done { done }): Query<Done>,
) -> Result<Page, Problem> {
    let page = MailPage { done, ..page(&clinic, &grant).await? };
    Page::of(&clinic, &chrome.active("messages"), &page)
}

pub(super) async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Form(change): Form<MailChange>,
) -> Result<Response, Problem> {
    let wrong = match post::set(&clinic.vault, &grant, &change).await {
        Ok(()) => return Ok(see_other("/messages/mail?done=saved")),
        Err(MailSetupError::Fields(wrong)) => wrong,
        Err(other) => return Err(other.into()),
    };
    let errors = wrong.into_iter().map(|(field, key)| (field, key.to_owned()));
    let form = MailForm::typed(change);
    let page = MailPage { errors: errors.collect(), form, ..page(&clinic, &grant).await? };
    Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.refused().into_response())
}

pub(super) async fn health(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let said = post::health(&clinic.vault, &grant, LOOK).await?;
    Page::of(&clinic, &chrome.active("messages"), &MailHealthPage::of(said))
}

#[derive(Deserialize)]
pub(super) struct Trial {
    #[serde(default)]
    address: String,
}

pub(super) async fn send_trial(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Form(trial): Form<Trial>,
) -> Result<Response, Problem> {
    if let Ok(address) = Email::parse(&trial.address) {
        mail::send_trial(&clinic, &grant, chrome.language, address).await?;
        return Ok(see_other("/messages/mail?done=tried"));
    }
    let page = MailPage {
        trial_address: trial.address,
        trial_errors: FieldErrors::from([("address", "mail-error-address".to_owned())]),
        ..page(&clinic, &grant).await?
    };
    Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.refused().into_response())
}

async fn page(clinic: &Clinic, grant: &Grant<SetUpGateways>) -> Result<MailPage, Problem> {
    let settings = post::settings(&clinic.vault, grant).await?;
    Ok(MailPage::of(settings.as_ref(), LettersView::load(clinic, grant).await?))
}

impl MailPage {
    fn of(settings: Option<&MailSettings>, letters: LettersView) -> Self {
        Self {
            ways: Tls::ALL.map(Tls::name).into(),
            form: settings.map_or_else(MailForm::empty, MailForm::of),
            in_use: settings.is_some(),
            errors: FieldErrors::new(),
            trial_address: String::new(),
            trial_errors: FieldErrors::new(),
            done: String::new(),
            letters,
        }
    }
}

impl MailForm {
    fn empty() -> Self {
        Self { port: "465".to_owned(), tls: Tls::Implicit.name().to_owned(), ..Self::default() }
    }

    fn of(settings: &MailSettings) -> Self {
        Self {
            host: settings.host.clone(),
            port: settings.port.to_string(),
            tls: settings.tls.name().to_owned(),
            username: settings.username.clone(),
            sender: settings.sender.to_string(),
            ca: settings.ca.clone().unwrap_or_default(),
        }
    }

    fn typed(change: MailChange) -> Self {
        let MailChange { host, port, tls, username, sender, ca, .. } = change;
        Self { host, port, tls, username, sender, ca }
    }
}

impl MailHealthPage {
    fn of(said: Option<Said>) -> Self {
        let Some(Said { answer, words }) = said else {
            return Self { state: "none".to_owned(), said: None };
        };
        let state = match answer {
            Answer::Accepted => "well",
            Answer::Refused(why) | Answer::Later(why) => why.code(),
            Answer::Uncertain => "silent",
        };
        Self { state: state.replace('_', "-"), said: words }
    }
}

impl View for MailPage {
    const TEMPLATE: &'static str = "mail/server.html";

    fn samples() -> Vec<Self> {
        let fresh = || {
            let letters = letters::samples().remove(1);
            Self::of(None, letters)
        };
        let wrong = |fields: &[&'static str]| {
            fields.iter().map(|field| (*field, "mail-error-needed".to_owned())).collect()
        };
        vec![
            fresh(),
            Self { in_use: true, done: "saved".to_owned(), ..fresh() },
            Self { in_use: true, done: "tried".to_owned(), ..fresh() },
            Self { letters: letters::samples().remove(0), in_use: true, ..fresh() },
            Self { trial_errors: wrong(&["address"]), ..fresh() },
            Self { errors: wrong(&["host", "port", "tls", "sender", "password", "ca"]), ..fresh() },
        ]
    }
}

impl View for MailHealthPage {
    const TEMPLATE: &'static str = "mail/health.html";

    fn samples() -> Vec<Self> {
        let said = |answer| Some(Said { answer, words: Some("250 ready".to_owned()) });
        let mut samples = vec![Self::of(None), Self::of(said(Answer::Accepted))];
        samples.extend(Why::ALL.map(|why| Self::of(said(Answer::Later(why)))));
        samples
    }
}
