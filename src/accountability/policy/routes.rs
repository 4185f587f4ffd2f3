//! The policy on the web: what the registers say, what was approved, and the
//! page that patients read.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{Approved, Document};
use crate::accountability::{ENTRY, disproved, past_day, policy, said, today};
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::i18n::{Language, dates};
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{KeepRegisters, ReadPolicy, ViewRegisters};
use crate::web::{FieldErrors, Guest, Page, Problem, Routes, see_other};

const PATH: &str = "/personal-data/policy";

pub fn routes() -> Routes {
    Routes::new().get(PATH, show).post(PATH, approve)
}

/// A stable address: online booking and consents link to it.
pub fn public_routes() -> Routes {
    Routes::new().get("/privacy", read)
}

/// What the registers say now, and what was approved.
#[derive(Debug, Serialize)]
pub struct PolicyPage {
    /// In the language of the page; Russian for English.
    pub(in crate::accountability) document: Document,
    pub(in crate::accountability) sha256: String,
    pub(in crate::accountability) approved: Vec<ApprovedRow>,
    /// Whether the newest approval is of what the registers say now.
    pub(in crate::accountability) current: bool,
    pub(in crate::accountability) public_url: String,
    pub(in crate::accountability) form: ApprovalForm,
    pub(in crate::accountability) errors: FieldErrors,
    pub(in crate::accountability) may_keep: bool,
}

#[derive(Debug, Serialize)]
pub(in crate::accountability) struct ApprovedRow {
    pub version: i64,
    pub order_number: String,
    pub order_date: Day,
    pub approved_by: Option<String>,
}

/// The approved policy, for patients. None: nothing was approved yet.
#[derive(Debug, Serialize)]
pub struct PublicPolicyPage {
    pub(in crate::accountability) document: Option<Document>,
    pub(in crate::accountability) order_number: String,
    pub(in crate::accountability) order_date: Option<Day>,
    /// `ru` or `kk`: the language of the text.
    pub(in crate::accountability) written_in: &'static str,
    /// E.164; empty when the clinic has not given one.
    pub(in crate::accountability) phone: String,
}

/// An approval, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ApprovalForm {
    /// The hash of what was on the page.
    pub seen: String,
    pub order_number: String,
    pub order_date: String,
    #[serde(skip_serializing)]
    pub password: String,
    #[serde(skip_serializing)]
    pub proof: String,
}

async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant, chrome.language).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    language: Language,
) -> Result<PolicyPage, Problem> {
    let text = policy::written(clinic, grant).await?;
    let approved = policy::approved(&clinic.vault, grant).await?;
    let sha256 = text.sha256();
    let row = |one: &Approved| ApprovedRow {
        version: one.version,
        order_number: one.order_number.clone(),
        order_date: one.order_date,
        approved_by: one.approved_by.clone(),
    };
    let form =
        ApprovalForm { order_date: dates::numeric(today(clinic)), ..ApprovalForm::default() };
    Ok(PolicyPage {
        current: approved.first().is_some_and(|newest| newest.sha256 == sha256),
        approved: approved.iter().map(row).collect(),
        document: if language == Language::Kk { text.kk } else { text.ru },
        sha256,
        public_url: format!("{}/privacy", clinic.places.public_url),
        form,
        errors: FieldErrors::new(),
        may_keep: grant.actor().may::<KeepRegisters>(),
    })
}

async fn approve(
    State(clinic): State<Clinic>,
    grant: Grant<KeepRegisters>,
    chrome: Chrome,
    Form(form): Form<ApprovalForm>,
) -> Result<Response, Problem> {
    let mut errors = FieldErrors::new();
    let number = said(&form.order_number, "order_number", true, &mut errors);
    let date = past_day(&form.order_date, "order_date", today(&clinic), &mut errors);
    if errors.is_empty() {
        let wrong = disproved(&clinic, &grant, &form.password, &form.proof).await?;
        errors = wrong.unwrap_or_default();
    }
    if let (Some(date), true) = (date, errors.is_empty()) {
        policy::approve(&clinic, &grant, &form.seen, (&number, date)).await?;
        return Ok(see_other(PATH));
    }
    let view = page(&clinic, &grant.also()?, chrome.language).await?;
    let view = PolicyPage { form, errors, ..view };
    Ok(Page::of(&clinic, &chrome.active(ENTRY), &view)?.refused().into_response())
}

async fn read(State(clinic): State<Clinic>, guest: Guest, chrome: Chrome) -> Result<Page, Problem> {
    let grant: Grant<ReadPolicy> = guest.grant()?;
    let newest = policy::approved(&clinic.vault, &grant).await?.into_iter().next();
    let facts = crate::schedule::facts(&mut clinic.vault.read(&grant).await?).await?;
    let phone = facts.and_then(|facts| facts.phone);
    let kazakh = chrome.language == Language::Kk;
    let view = PublicPolicyPage {
        document: newest.as_ref().map(|newest| newest.body(chrome.language).clone()),
        order_number: newest.as_ref().map(|one| one.order_number.clone()).unwrap_or_default(),
        order_date: newest.as_ref().map(|one| one.order_date),
        written_in: if kazakh { "kk" } else { "ru" },
        phone: phone.map(|phone| phone.as_str().to_owned()).unwrap_or_default(),
    };
    Page::of(&clinic, &chrome, &view)
}
