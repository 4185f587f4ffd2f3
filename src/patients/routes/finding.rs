//! The search box and the list of all cards.

use axum::Form;
use axum::extract::{Query as UrlQuery, State};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Day;
use crate::contact::Phone;
use crate::ids::PatientId;
use crate::pages::Chrome;
use crate::patients::{self, Brief};
use crate::vault::Grant;
use crate::vault::permission::{FindPatients, RegisterPatient};
use crate::web::{Page, Problem};

/// How many cards a page of the list shows.
const PAGE: i64 = 50;

/// The answer to what was typed into the search box.
#[derive(Debug, Serialize)]
pub struct FoundList {
    pub(super) query: String,
    pub(super) may_add: bool,
    pub(super) found: Vec<FoundItem>,
}

#[derive(Debug, Serialize)]
pub(super) struct FoundItem {
    id: PatientId,
    name: String,
    number: i64,
    /// What tells namesakes apart: phone and year of birth.
    detail: String,
    allergy: bool,
    /// Not the reader's own patient.
    masked: bool,
}

impl FoundItem {
    pub(super) fn of(brief: Brief) -> Self {
        let phone = brief.phone.as_deref().and_then(|phone| Phone::parse(phone).ok());
        let year = brief.birth_date.map(Day::year);
        let parts = [
            phone.map(|phone| phone.to_string()),
            year.map(|year| year.to_string()),
            Some(format!("№\u{a0}{}", brief.number)),
        ];
        let detail = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let Brief { id, number, name, allergy, masked, .. } = brief;
        Self { id, name, number, detail, allergy, masked }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    q: String,
}

/// By POST from the box, so that no address holds a name (OWASP ASVS 14.2.1);
/// `Form` reads the query of a GET.
pub async fn search(
    State(clinic): State<Clinic>,
    grant: Grant<FindPatients>,
    chrome: Chrome,
    Form(search): Form<Search>,
) -> Result<Page, Problem> {
    let found = patients::find(&clinic.vault, &grant, &search.q).await?;
    let found = found.into_iter().map(FoundItem::of).collect();
    let may_add = grant.actor().may::<RegisterPatient>();
    let view = FoundList { query: search.q, may_add, found };
    Page::of(&clinic, &chrome.active("patients"), &view)
}

/// All cards, newest first.
#[derive(Debug, Serialize)]
pub struct PatientsPage {
    pub(super) patients: Vec<Brief>,
    pub(super) count: i64,
    pub(super) may_add: bool,
    /// The number of the last card shown, when there are more below it.
    pub(super) next: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListFrom {
    below: Option<i64>,
}

pub async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<FindPatients>,
    chrome: Chrome,
    UrlQuery(from): UrlQuery<ListFrom>,
) -> Result<Page, Problem> {
    let (patients, count) = patients::list(&clinic.vault, &grant, from.below, PAGE).await?;
    let full = i64::try_from(patients.len()) == Ok(PAGE);
    let next = patients.last().filter(|_| full).map(|last| last.number);
    let may_add = grant.actor().may::<RegisterPatient>();
    let view = PatientsPage { patients, count, may_add, next };
    Page::of(&clinic, &chrome.active("patients"), &view)
}
