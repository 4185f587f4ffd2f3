//! The wordings, their versions, and the phones that get no codes.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::consents::model::Language;
use crate::consents::routes::ShownPart;
use crate::consents::store::TemplateRow;
use crate::consents::{ConsentError, wordings};
use crate::contact::Phone;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{EditConsents, ViewConsents};
use crate::web::{Page, Problem, Routes, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/consents/wordings", list)
        .get("/consents/wordings/{key}", one)
        .post("/consents/wordings/{key}", publish)
        .get("/consents/staff-phones", phones)
        .post("/consents/staff-phones", add_phone)
        .post("/consents/staff-phones/removal", drop_phone)
}

#[derive(Debug, Serialize)]
pub struct WordingsPage {
    wordings: Vec<Shown>,
    may_edit: bool,
}

#[derive(Debug, Serialize)]
struct Shown {
    key: String,
    title: String,
    version: u32,
    level: u8,
    published_at: Timestamp,
    published_by: String,
}

/// One wording: its text, its versions, and the editor.
#[derive(Debug, Serialize)]
pub struct WordingPage {
    key: String,
    title: String,
    parts: Vec<ShownPart>,
    versions: Vec<Shown>,
    russian: String,
    kazakh: String,
    may_edit: bool,
    /// What is wrong, ready to be read; empty when nothing is.
    error: String,
}

/// Phones of staff.
#[derive(Debug, Serialize)]
pub struct StaffPhonesPage {
    phones: Vec<StaffPhone>,
    typed_phone: String,
    typed_note: String,
    /// A Fluent key, or empty.
    error: &'static str,
}

#[derive(Debug, Serialize)]
struct StaffPhone {
    phone: String,
    shown: String,
    note: String,
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewConsents>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let language = Language::from_tag(chrome.language.tag());
    let rows = wordings::newest(&clinic, &grant).await?;
    let wordings = rows.iter().map(|row| Shown::of(row, language)).collect::<Result<_, _>>()?;
    let page = WordingsPage { wordings, may_edit: grant.actor().may::<EditConsents>() };
    Page::of(&clinic, &chrome.active("consents"), &page)
}

async fn one(
    State(clinic): State<Clinic>,
    grant: Grant<ViewConsents>,
    chrome: Chrome,
    Path(key): Path<String>,
) -> Result<Page, Problem> {
    let page = WordingPage::of(&clinic, &grant, &chrome, &key).await?;
    Page::of(&clinic, &chrome.active("consents"), &page)
}

#[derive(Debug, Deserialize)]
struct Texts {
    russian: String,
    kazakh: String,
}

async fn publish(
    State(clinic): State<Clinic>,
    grant: Grant<EditConsents>,
    chrome: Chrome,
    Path(key): Path<String>,
    Form(form): Form<Texts>,
) -> Result<Response, Problem> {
    // Browsers send lines with carriage returns.
    let (russian, kazakh) = (form.russian.replace('\r', ""), form.kazakh.replace('\r', ""));
    let view = grant.also::<ViewConsents>()?;
    let before = WordingPage::of(&clinic, &view, &chrome, &key).await?;
    match wordings::publish(&clinic, &grant, &key, &russian, &kazakh).await {
        Ok(_) => Ok(see_other(&format!("/consents/wordings/{key}"))),
        Err(error @ (ConsentError::Wording(_) | ConsentError::Unchanged)) => {
            let words = clinic.pages.words();
            let told = match &error {
                ConsentError::Wording(wrong) => {
                    let detail = [("detail", wrong.to_string().into())];
                    words.with(chrome.language, "consents-wording-wrong", &detail)
                }
                other => words.plain(chrome.language, other.key()),
            };
            let page = WordingPage { russian, kazakh, error: told, ..before };
            Ok(Page::of(&clinic, &chrome.active("consents"), &page)?.refused().into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn phones(
    State(clinic): State<Clinic>,
    grant: Grant<EditConsents>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let page = StaffPhonesPage::of(&clinic, &grant, "", "", "").await?;
    Page::of(&clinic, &chrome.active("consents"), &page)
}

#[derive(Debug, Deserialize)]
struct NewPhone {
    phone: String,
    note: String,
}

async fn add_phone(
    State(clinic): State<Clinic>,
    grant: Grant<EditConsents>,
    chrome: Chrome,
    Form(form): Form<NewPhone>,
) -> Result<Response, Problem> {
    let Ok(phone) = Phone::parse(&form.phone) else {
        let wrong = "consents-phone-wrong";
        let page = StaffPhonesPage::of(&clinic, &grant, &form.phone, &form.note, wrong).await?;
        return Ok(Page::of(&clinic, &chrome.active("consents"), &page)?.refused().into_response());
    };
    wordings::bar_phone(&clinic, &grant, phone.as_str(), form.note.trim()).await?;
    Ok(see_other("/consents/staff-phones"))
}

#[derive(Debug, Deserialize)]
struct OldPhone {
    phone: String,
}

async fn drop_phone(
    State(clinic): State<Clinic>,
    grant: Grant<EditConsents>,
    Form(form): Form<OldPhone>,
) -> Result<Response, Problem> {
    wordings::unbar_phone(&clinic, &grant, &form.phone).await?;
    Ok(see_other("/consents/staff-phones"))
}

impl Shown {
    fn of(row: &TemplateRow, language: Language) -> Result<Self, ConsentError> {
        let template = row.to_template()?;
        Ok(Self {
            key: row.key.clone(),
            title: template.wording(language).title.clone(),
            version: row.version,
            level: template.level().number(),
            published_at: row.published_at,
            published_by: row.published_by.clone(),
        })
    }
}

impl WordingPage {
    async fn of(
        clinic: &Clinic,
        grant: &Grant<ViewConsents>,
        chrome: &Chrome,
        key: &str,
    ) -> Result<Self, ConsentError> {
        let language = Language::from_tag(chrome.language.tag());
        let rows = wordings::versions(clinic, grant, key).await?;
        let versions =
            rows.iter().map(|row| Shown::of(row, language)).collect::<Result<Vec<_>, _>>()?;
        let newest = rows.first().ok_or(ConsentError::NoSuchConsent)?;
        let template = newest.to_template()?;
        let wording = template.wording(language);
        Ok(Self {
            key: key.to_owned(),
            title: wording.title.clone(),
            parts: ShownPart::all(&wording.parts),
            versions,
            russian: newest.russian.clone(),
            kazakh: newest.kazakh.clone(),
            may_edit: grant.actor().may::<EditConsents>(),
            error: String::new(),
        })
    }
}

impl StaffPhonesPage {
    async fn of(
        clinic: &Clinic,
        grant: &Grant<EditConsents>,
        phone: &str,
        note: &str,
        error: &'static str,
    ) -> Result<Self, ConsentError> {
        let phones = wordings::barred_phones(clinic, grant).await?;
        let shown = |(phone, note): (String, String)| StaffPhone {
            shown: Phone::parse(&phone).map_or(phone.clone(), |phone| phone.to_string()),
            phone,
            note,
        };
        Ok(Self {
            phones: phones.into_iter().map(shown).collect(),
            typed_phone: phone.to_owned(),
            typed_note: note.to_owned(),
            error,
        })
    }
}

fn sample() -> Shown {
    Shown {
        key: "treatment".to_owned(),
        title: "Treatment".to_owned(),
        version: 2,
        level: 2,
        published_at: Timestamp::from_unix_ms(1_790_000_000_000),
        published_by: "Tirkeu".to_owned(),
    }
}

impl View for WordingsPage {
    const TEMPLATE: &'static str = "consents/wordings.html";

    fn samples() -> Vec<Self> {
        vec![Self { wordings: vec![sample()], may_edit: true }]
    }
}

impl View for WordingPage {
    const TEMPLATE: &'static str = "consents/wording.html";

    fn samples() -> Vec<Self> {
        let page = |may_edit, error: &str| Self {
            key: "treatment".to_owned(),
            title: "Treatment".to_owned(),
            parts: Vec::new(),
            versions: vec![sample()],
            russian: "# Да".to_owned(),
            kazakh: "# Иә".to_owned(),
            may_edit,
            error: error.to_owned(),
        };
        vec![page(true, "line 3"), page(true, ""), page(false, "")]
    }
}

impl View for StaffPhonesPage {
    const TEMPLATE: &'static str = "consents/staff_phones.html";

    fn samples() -> Vec<Self> {
        let phone = || StaffPhone {
            phone: "+77010000001".to_owned(),
            shown: "+7 (701) 000-00-01".to_owned(),
            note: "Reception".to_owned(),
        };
        let page = |phones, error| Self {
            phones,
            typed_phone: String::new(),
            typed_note: String::new(),
            error,
        };
        vec![page(vec![phone()], ""), page(Vec::new(), "consents-phone-wrong")]
    }
}
