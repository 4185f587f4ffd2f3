//! The page of WhatsApp: the clinic's app with Meta, the address that Meta is
//! to be told, who is written to, and which template is which message.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::gateway::Done;
use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::messaging::setup::{self, GatewayKind};
use crate::messaging::text::{NEUTRAL, Purpose, Variable};
use crate::messaging::whatsapp::{
    self, App, AppChange, AppError, Category, Template, TemplateChange, may_go, may_have_buttons,
};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::SetUpGateways;
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct WhatsappPage {
    /// The number of the gateway; none while there is none.
    gateway: Option<i64>,
    /// What Meta asks for under "Webhook".
    address: String,
    verify_token: String,
    has_secret: bool,
    form: AppForm,
    errors: FieldErrors,
    rows: Vec<Row>,
    /// `saved` or empty: what was just done.
    done: String,
}

#[derive(Debug, Default, Serialize)]
struct AppForm {
    business_account_id: String,
    wait_minutes: String,
    to_all: bool,
}

/// One purpose in one language.
#[derive(Debug, Serialize)]
struct Row {
    purpose: Purpose,
    language: Language,
    /// Whether a template is named.
    is_set: bool,
    form: TemplateChange,
    errors: FieldErrors,
    /// Names of what may be a parameter.
    may: Vec<&'static str>,
    may_have_buttons: bool,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Query(Done { done }): Query<Done>,
) -> Result<Page, Problem> {
    let page = WhatsappPage { done, ..WhatsappPage::load(&clinic, &grant).await? };
    Page::of(&clinic, &chrome.active("messages"), &page)
}

pub(super) async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Form(change): Form<AppChange>,
) -> Result<Response, Problem> {
    let wrong = match whatsapp::save_app(&clinic, &grant, &change).await {
        Ok(()) => return Ok(see_other("/messages/whatsapp?done=saved")),
        Err(AppError::Fields(wrong)) => wrong,
        Err(AppError::Vault(error)) => return Err(error.into()),
    };
    let AppChange { business_account_id, wait_minutes, to_all, .. } = change;
    let form = AppForm { business_account_id, wait_minutes, to_all };
    let page = WhatsappPage::load(&clinic, &grant).await?;
    let page = WhatsappPage { form, errors: told(wrong), ..page };
    Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.refused().into_response())
}

pub(super) async fn save_template(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Path(of): Path<(Purpose, Language)>,
    Form(change): Form<TemplateChange>,
) -> Result<Response, Problem> {
    if !may_go(of.0) || of.0 == Purpose::Dialogue {
        return Err(Problem::NotFound);
    }
    let wrong = match whatsapp::save_template(&clinic, &grant, of, &change).await {
        Ok(()) => return Ok(see_other("/messages/whatsapp?done=saved#templates")),
        Err(AppError::Fields(wrong)) => wrong,
        Err(AppError::Vault(error)) => return Err(error.into()),
    };
    let mut page = WhatsappPage::load(&clinic, &grant).await?;
    if let Some(row) = page.rows.iter_mut().find(|row| (row.purpose, row.language) == of) {
        row.form = change;
        row.errors = told(wrong);
    }
    Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.refused().into_response())
}

pub(super) async fn remove_template(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    Path(of): Path<(Purpose, Language)>,
) -> Result<Response, Problem> {
    whatsapp::remove_template(&clinic, &grant, of).await?;
    Ok(see_other("/messages/whatsapp?done=saved#templates"))
}

fn told(wrong: std::collections::BTreeMap<&'static str, &'static str>) -> FieldErrors {
    wrong.into_iter().map(|(field, key)| (field, key.to_owned())).collect()
}

impl WhatsappPage {
    async fn load(clinic: &Clinic, grant: &Grant<SetUpGateways>) -> Result<Self, Problem> {
        let all = setup::gateways(&clinic.vault, grant).await?;
        let is_number = |kind| kind == GatewayKind::Whatsapp;
        let gateway = all.iter().find(|one| is_number(one.account.settings.kind));
        let app = whatsapp::app(clinic, grant).await?;
        let templates = whatsapp::templates(clinic, grant).await?;
        let gateway = gateway.map(|one| one.id.number());
        Ok(Self::of(gateway, &clinic.places.public_url, app, &templates))
    }

    fn of(gateway: Option<i64>, base: &str, app: App, templates: &[Template]) -> Self {
        let each = Purpose::ALL.into_iter().chain([Purpose::StaffText]).filter(|one| may_go(*one));
        let rows = each.flat_map(|purpose| {
            Language::ALL.map(|language| Row::of(purpose, language, templates))
        });
        Self {
            gateway,
            address: format!("{base}/hooks/whatsapp"),
            verify_token: app.verify_token,
            has_secret: !app.app_secret.is_empty(),
            form: AppForm {
                business_account_id: app.business_account_id,
                wait_minutes: app.wait_minutes.to_string(),
                to_all: app.to_all,
            },
            errors: FieldErrors::new(),
            rows: rows.collect(),
            done: String::new(),
        }
    }
}

impl Row {
    fn of(purpose: Purpose, language: Language, templates: &[Template]) -> Self {
        let is_this = |one: &&Template| (one.purpose, one.language) == (purpose, language);
        let set = templates.iter().find(is_this);
        let knows = |one: &Variable| purpose.variables().iter().any(|(has, _)| has == one);
        let form = set.map(|one| TemplateChange {
            name: one.name.clone(),
            code: one.code.clone(),
            marketing: one.category == Category::Marketing,
            parameters: one.parameters.iter().map(|it| it.name()).collect::<Vec<_>>().join(", "),
            buttons: one.buttons,
        });
        Self {
            purpose,
            language,
            is_set: set.is_some(),
            form: form.unwrap_or_default(),
            errors: FieldErrors::new(),
            may: NEUTRAL.iter().filter(|one| knows(one)).map(|one| one.name()).collect(),
            may_have_buttons: may_have_buttons(purpose),
        }
    }
}

impl View for WhatsappPage {
    const TEMPLATE: &'static str = "messaging/whatsapp.html";

    fn samples() -> Vec<Self> {
        let app = |secret: &str| App {
            business_account_id: "1020".to_owned(),
            app_secret: secret.to_owned(),
            verify_token: "A".repeat(22),
            wait_minutes: 30,
            to_all: true,
        };
        let one = Template {
            purpose: Purpose::VisitReminder,
            language: Language::Kk,
            name: "visit".to_owned(),
            code: "kk".to_owned(),
            category: Category::Utility,
            parameters: sqlx::types::Json(vec![Variable::Date, Variable::Link]),
            buttons: true,
        };
        let base = "https://clinic.example";
        let empty = Self::of(None, base, app(""), &[]);
        let mut wrong = Self::of(Some(1), base, app("secret"), &[one]);
        wrong.errors = told([("app_secret", "messaging-error-secret")].into());
        wrong.rows[0].errors = told([("name", "messaging-error-template-name")].into());
        "saved".clone_into(&mut wrong.done);
        vec![empty, wrong]
    }
}
