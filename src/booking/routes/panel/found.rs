//! Patients for the panel's field.

use axum::Form;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::ids::PatientId;
use crate::pages::{Chrome, View};
use crate::patients::{self};
use crate::vault::Grant;
use crate::vault::permission::FindPatients;
use crate::web::{Page, Problem};

/// Options of the panel's patient field, and the list without scripts.
#[derive(Debug, Serialize)]
pub struct FoundView {
    query: String,
    /// The query as a phone number (E.164) for a new patient; empty otherwise.
    phone: String,
    found: Vec<FoundPatient>,
}

#[derive(Debug, Serialize)]
struct FoundPatient {
    id: PatientId,
    name: String,
    detail: String,
    alert: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::booking::routes) struct FindQuery {
    query: String,
}

pub(in crate::booking::routes) async fn found(
    State(clinic): State<Clinic>,
    grant: Grant<FindPatients>,
    chrome: Chrome,
    Form(FindQuery { query }): Form<FindQuery>,
) -> Result<Page, Problem> {
    let found = patients::find(&clinic.vault, &grant, &query).await?;
    let found = found.into_iter().map(|brief| {
        let phone = brief.phone.as_deref().and_then(|phone| Phone::parse(phone).ok());
        let parts =
            [phone.map(|one| one.to_string()), brief.birth_date.map(|d| d.year().to_string())];
        let detail = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        FoundPatient { id: brief.id, name: brief.name, detail, alert: brief.allergy }
    });
    let phone = Phone::parse(&query).map(|phone| phone.as_str().to_owned()).unwrap_or_default();
    let view = FoundView { found: found.collect(), phone, query };
    Page::of(&clinic, &chrome.active("schedule"), &view)
}

impl View for FoundView {
    const TEMPLATE: &'static str = "booking/found.html";

    fn samples() -> Vec<Self> {
        let found = FoundPatient {
            id: PatientId::new(Timestamp::from_unix_ms(1_795_402_800_000)),
            name: "Мусин Ержан".to_owned(),
            detail: "+7 (701) 234-56-78".to_owned(),
            alert: true,
        };
        let (query, phone) = ("701".to_owned(), "+77012345678".to_owned());
        vec![
            Self { query: query.clone(), phone: String::new(), found: vec![found] },
            Self { query, phone, found: Vec::new() },
        ]
    }
}
