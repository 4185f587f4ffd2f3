//! The page of one gateway (a channel): its settings, its limits and prices.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::gateways::Row;
use super::instagram::standings;
use super::trial::TrialPage;
use crate::clinic::Clinic;
use crate::contact::Country;
use crate::messaging::instagram::{self, Standing};
use crate::messaging::setup::{
    self, GatewayChange, GatewayError, GatewayId, GatewayKind, GatewaySettings, StoredGateway,
    Terms, TermsTyped,
};
use crate::messaging::{Lines, aside};
use crate::pages::{Chrome, View};
use crate::post;
use crate::vault::permission::SetUpGateways;
use crate::vault::{Grant, VaultError};
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct GatewayPage {
    kind: GatewayKind,
    /// None while it is being added.
    row: Option<Row>,
    form: GatewayForm,
    terms: TermsTyped,
    errors: FieldErrors,
    /// Where its servers may be.
    countries: Vec<&'static str>,
    trial: TrialPage,
    /// Of Instagram: what its last trial found.
    standing: Standing,
    /// Of letters: through which server they go, and from whom. None: there is none.
    server: Option<ServerView>,
    /// `saved` or empty: what was just done.
    done: String,
}

/// What was typed; the password is never sent back.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GatewayForm {
    endpoint: String,
    username: String,
    sender: String,
    report_url: String,
    /// A certificate is public: it is shown again.
    ca: String,
}

/// The form: who carries, and on which terms.
#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(flatten)]
    change: GatewayChange,
    #[serde(flatten)]
    terms: TermsTyped,
}

/// The clinic's mail server, as far as it matters here.
#[derive(Clone, Debug, Serialize)]
struct ServerView {
    host: String,
    sender: String,
}

#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    pub done: String,
}

pub(super) async fn new(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Path(kind): Path<String>,
) -> Result<Response, Problem> {
    let kind = GatewayKind::named(&kind).ok_or(Problem::NotFound)?;
    if kind == GatewayKind::Telegram {
        // There is one bot, and it has a page.
        return Ok(see_other("/messages/telegram"));
    }
    if kind == GatewayKind::Email {
        // There is one mail server, and so one way for letters.
        let all = setup::gateways(&clinic.vault, &grant).await?;
        let there = all.iter().find(|one| one.account.settings.kind == kind);
        if let Some(one) = there {
            return Ok(see_other(&format!("/messages/gateway/{}", one.id)));
        }
    }
    let server = ServerView::load(&clinic, &grant).await?;
    let page = GatewayPage { server, ..GatewayPage::empty(kind) };
    Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.into_response())
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Path(id): Path<GatewayId>,
    Query(Done { done }): Query<Done>,
) -> Result<Page, Problem> {
    let page = GatewayPage { done, ..GatewayPage::load(&clinic, &grant, &chrome, id).await? };
    Page::of(&clinic, &chrome.active("messages"), &page)
}

pub(super) async fn add(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let wrong = match store(&clinic, &grant, None, &typed).await {
        Ok(id) => return Ok(see_other(&format!("/messages/gateway/{id}?done=saved"))),
        Err(GatewayError::Fields(wrong)) => wrong,
        Err(other) => return Err(other.into()),
    };
    let page = GatewayPage::empty(typed.change.kind).refused(typed, wrong);
    Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.refused().into_response())
}

pub(super) async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Path(id): Path<GatewayId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let before = GatewayPage::load(&clinic, &grant, &chrome, id).await?;
    let wrong = match store(&clinic, &grant, Some(id), &typed).await {
        Ok(id) => return Ok(see_other(&format!("/messages/gateway/{id}?done=saved"))),
        Err(GatewayError::Fields(wrong)) => wrong,
        Err(other) => return Err(other.into()),
    };
    let page = before.refused(typed, wrong);
    Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.refused().into_response())
}

/// All wrong fields are named together, the account's and the terms'.
async fn store(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    id: Option<GatewayId>,
    typed: &Typed,
) -> Result<GatewayId, GatewayError> {
    let terms = match typed.terms.read(typed.change.kind) {
        Ok(terms) => terms,
        Err(mut wrong) => {
            let all = setup::gateways(&clinic.vault, grant).await?;
            let before = all.iter().find(|one| Some(one.id) == id).map(|one| &one.account);
            if let Err(GatewayError::Fields(more)) = typed.change.applied_to(before) {
                wrong.extend(more);
            }
            return Err(GatewayError::Fields(wrong));
        }
    };
    let id = setup::save_gateway(&clinic.vault, grant, id, &typed.change, terms).await?;
    Lines::of(clinic).forget(id);
    aside::take_up_of_other_numbers(clinic, grant, id, typed.change.kind).await?;
    setup::count_waiting(clinic, grant).await?;
    Ok(id)
}

/// A gateway by its number.
pub(super) async fn found(
    clinic: &Clinic,
    grant: &Grant<SetUpGateways>,
    id: GatewayId,
) -> Result<StoredGateway, Problem> {
    let all = setup::gateways(&clinic.vault, grant).await?;
    all.into_iter().find(|one| one.id == id).ok_or(Problem::NotFound)
}

fn countries(kind: GatewayKind) -> Vec<&'static str> {
    let all = Country::ALL.iter().filter(|one| one.is_abroad() || kind.may_be_at_home());
    all.map(|one| one.name()).collect()
}

impl GatewayPage {
    fn empty(kind: GatewayKind) -> Self {
        let endpoint = kind.usual_endpoint().to_owned();
        Self {
            kind,
            row: None,
            form: GatewayForm { endpoint, ..GatewayForm::default() },
            terms: Terms::usual(kind).typed(),
            errors: FieldErrors::new(),
            countries: countries(kind),
            trial: TrialPage::empty(),
            standing: Standing::default(),
            server: None,
            done: String::new(),
        }
    }

    pub(super) async fn load(
        clinic: &Clinic,
        grant: &Grant<SetUpGateways>,
        chrome: &Chrome,
        id: GatewayId,
    ) -> Result<Self, Problem> {
        let stored = found(clinic, grant, id).await?;
        let settings = &stored.account.settings;
        Ok(Self {
            form: GatewayForm::of(settings),
            terms: stored.terms.typed(),
            row: Some(Row::of(clinic, &stored)),
            trial: TrialPage::load(clinic, grant, chrome.language, id).await?,
            standing: if settings.kind == GatewayKind::Instagram {
                instagram::standing(clinic, grant, id).await?
            } else {
                Standing::default()
            },
            server: ServerView::load(clinic, grant).await?,
            ..Self::empty(settings.kind)
        })
    }

    pub(super) fn kind(&self) -> GatewayKind {
        self.kind
    }

    pub(super) fn with_trial(self, trial: TrialPage) -> Self {
        Self { trial, ..self }
    }

    fn refused(
        self,
        typed: Typed,
        wrong: std::collections::BTreeMap<&'static str, &'static str>,
    ) -> Self {
        let errors = wrong.into_iter().map(|(field, key)| (field, key.to_owned())).collect();
        let GatewayChange { endpoint, username, sender, report_url, ca, .. } = typed.change;
        let form = GatewayForm { endpoint, username, sender, report_url, ca };
        Self { form, terms: typed.terms, errors, ..self }
    }
}

impl ServerView {
    async fn load(
        clinic: &Clinic,
        grant: &Grant<SetUpGateways>,
    ) -> Result<Option<Self>, VaultError> {
        let settings = post::settings(&clinic.vault, grant).await?;
        Ok(settings.map(|it| Self { host: it.host, sender: it.sender.to_string() }))
    }
}

impl GatewayForm {
    fn of(settings: &GatewaySettings) -> Self {
        Self {
            endpoint: settings.endpoint.clone(),
            username: settings.username.clone(),
            sender: settings.sender.clone().unwrap_or_default(),
            report_url: settings.report_url.clone().unwrap_or_default(),
            ca: settings.ca.clone().unwrap_or_default(),
        }
    }
}

impl View for GatewayPage {
    const TEMPLATE: &'static str = "messaging/gateway.html";

    fn samples() -> Vec<Self> {
        let wrong = |fields: &[&'static str]| {
            fields.iter().map(|field| (*field, "messaging-error-needed".to_owned())).collect()
        };
        let all = GatewayKind::OFFERED.into_iter().chain([GatewayKind::Demo]);
        let mut pages: Vec<Self> = all.map(Self::empty).collect();
        let trials = TrialPage::samples().into_iter();
        pages.extend(Row::samples().into_iter().zip(trials.cycle()).map(|(row, trial)| Self {
            row: Some(row),
            trial,
            done: "saved".to_owned(),
            ..Self::empty(GatewayKind::Smsc)
        }));
        let server =
            || Some(ServerView { host: "mail.arai.kz".to_owned(), sender: "a@b.kz".to_owned() });
        pages.push(Self { server: server(), ..Self::empty(GatewayKind::Email) });
        pages.push(Self {
            row: Row::samples().pop(),
            server: server(),
            ..Self::empty(GatewayKind::Email)
        });
        let errors = wrong(&["endpoint", "sender", "per_minute", "price", "low_balance"]);
        pages.push(Self { errors, ..Self::empty(GatewayKind::Kannel) });
        pages.extend(standings().into_iter().map(|standing| Self {
            row: Row::samples().into_iter().nth(7),
            standing,
            ..Self::empty(GatewayKind::Instagram)
        }));
        let errors = FieldErrors::from([("ca", "messaging-error-ca".to_owned())]);
        let form = GatewayForm { ca: "-----BEGIN".to_owned(), ..GatewayForm::default() };
        pages.push(Self { form, errors, ..Self::empty(GatewayKind::Smpp) });
        pages
    }
}
