//! The rules on the web: one's own confirmation, and the officer's list.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{Learner, StaffRules};
use crate::accountability::{ENTRY, told, training};
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{KeepRegisters, OwnAccount, ViewRegisters};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

const PATH: &str = "/personal-data/training";
const OWN: &str = "/account/rules";

/// Longest text of the rules, in characters.
const LONGEST_RULES: usize = 20_000;

pub fn routes() -> Routes {
    Routes::new()
        .get(PATH, list)
        .post(PATH, publish)
        .get(OWN, own)
        .post(OWN, confirm)
        .get("/account/rules/state", card)
}

/// Who has confirmed and who has not; the text, to be replaced.
#[derive(Debug, Serialize)]
pub struct TrainingPage {
    pub(in crate::accountability) learners: Vec<Learner>,
    pub(in crate::accountability) overdue: usize,
    pub(in crate::accountability) versions: Vec<StaffRules>,
    pub(in crate::accountability) form: RulesForm,
    pub(in crate::accountability) errors: FieldErrors,
    pub(in crate::accountability) may_keep: bool,
}

/// The rules as everybody reads them.
#[derive(Debug, Serialize)]
pub struct MyRulesPage {
    pub(in crate::accountability) version: i64,
    pub(in crate::accountability) paragraphs: Vec<String>,
    /// `ru` or `kk`: the language of the text.
    pub(in crate::accountability) written_in: &'static str,
    pub(in crate::accountability) learner: Learner,
    pub(in crate::accountability) errors: FieldErrors,
}

/// How one stands, on the page of one's account.
#[derive(Debug, Serialize)]
pub struct MyRulesCard {
    pub(in crate::accountability) learner: Learner,
}

/// A new text, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RulesForm {
    pub seen: i64,
    pub text_ru: String,
    pub text_kk: String,
}

impl RulesForm {
    fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::new();
        for (field, text) in [("text_ru", &self.text_ru), ("text_kk", &self.text_kk)] {
            if text.trim().is_empty() {
                errors.insert(field, "accountability-error-empty".to_owned());
            } else if LONGEST_RULES < text.chars().count() {
                errors.insert(field, "accountability-error-long".to_owned());
            }
        }
        errors
    }
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn page(clinic: &Clinic, grant: &Grant<ViewRegisters>) -> Result<TrainingPage, Problem> {
    let learners = training::learners(clinic, grant).await?;
    let versions = training::versions(&clinic.vault, grant).await?;
    let form = versions.first().map(|last| RulesForm {
        seen: last.version,
        text_ru: last.text_ru.clone(),
        text_kk: last.text_kk.clone(),
    });
    let is_overdue = |one: &&Learner| one.standing == training::Standing::Overdue;
    Ok(TrainingPage {
        overdue: learners.iter().filter(is_overdue).count(),
        learners,
        versions,
        form: form.unwrap_or_default(),
        errors: FieldErrors::new(),
        may_keep: grant.actor().may::<KeepRegisters>(),
    })
}

async fn publish(
    State(clinic): State<Clinic>,
    grant: Grant<KeepRegisters>,
    chrome: Chrome,
    Form(form): Form<RulesForm>,
) -> Result<Response, Problem> {
    let errors = form.check();
    if errors.is_empty() {
        // Browsers end lines with CR LF (HTML 4.10.21.4).
        let text = [form.text_ru.replace('\r', ""), form.text_kk.replace('\r', "")];
        let text = [text[0].trim(), text[1].trim()];
        training::publish(&clinic.vault, &grant, form.seen, text).await?;
        return Ok(see_other(PATH));
    }
    let view = TrainingPage { form, errors, ..page(&clinic, &grant.also()?).await? };
    Ok(Page::of(&clinic, &chrome.active(ENTRY), &view)?.refused().into_response())
}

async fn own(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = own_page(&clinic, &grant, &chrome).await?;
    Page::of(&clinic, &chrome.active("account"), &view)
}

async fn own_page(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    chrome: &Chrome,
) -> Result<MyRulesPage, Problem> {
    let (rules, learner) = training::own(clinic, grant).await?.ok_or(Problem::NotFound)?;
    let text = told(chrome.language, &rules.text_ru, &rules.text_kk);
    let written_in = if text == rules.text_ru { "ru" } else { "kk" };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(MyRulesPage {
        version: rules.version,
        paragraphs: lines.map(str::to_owned).collect(),
        written_in,
        learner,
        errors: FieldErrors::new(),
    })
}

/// The tick, and which text was on the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ConfirmForm {
    seen: i64,
    read: String,
}

async fn confirm(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    chrome: Chrome,
    Form(form): Form<ConfirmForm>,
) -> Result<Response, Problem> {
    if form.read == "on" {
        training::confirm(&clinic.vault, &grant, form.seen, chrome.language).await?;
        return Ok(see_other(OWN));
    }
    let mut view = own_page(&clinic, &grant, &chrome).await?;
    view.errors.insert("read", "accountability-error-read".to_owned());
    Ok(Page::of(&clinic, &chrome.active("account"), &view)?.refused().into_response())
}

async fn card(
    State(clinic): State<Clinic>,
    grant: Grant<OwnAccount>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let (_, learner) = training::own(&clinic, &grant).await?.ok_or(Problem::NotFound)?;
    Page::of(&clinic, &chrome.active("account"), &MyRulesCard { learner })
}
