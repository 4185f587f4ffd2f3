//! Who gets checkpoints of the ledger by mail: the officers here, and those
//! outside.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Email;
use crate::i18n::Language;
use crate::mail::OutsideId;
use crate::mail::outside::{self, Every, NewOutside, Outside, OutsideError};
use crate::mail::people::{self, Overseer};
use crate::pages::{Chrome, View};
use crate::post;
use crate::vault::Grant;
use crate::vault::permission::SetWitnesses;
use crate::web::{FieldErrors, Page, Problem, Proven, see_other};

#[derive(Debug, Serialize)]
pub struct WitnessesPage {
    has_server: bool,
    officers: Vec<OfficerView>,
    outside: Vec<Outside>,
    ended: Vec<Outside>,
    form: OutsideForm,
    errors: FieldErrors,
    /// `added`, `ended` or empty: what was just done.
    done: String,
}

#[derive(Debug, Serialize)]
struct OfficerView {
    name: String,
    /// Masked; None while they have confirmed none.
    address: Option<String>,
}

/// Somebody outside as typed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct OutsideForm {
    name: String,
    address: String,
    language: String,
    every: String,
}

#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// The longest name, in characters.
const LONGEST_NAME: usize = 80;

impl Default for OutsideForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            address: String::new(),
            language: Language::Ru.tag().to_owned(),
            every: Every::Day.name().to_owned(),
        }
    }
}

impl OutsideForm {
    fn read(&self) -> Result<NewOutside, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = self.name.trim();
        if name.is_empty()
            || LONGEST_NAME < name.chars().count()
            || name.chars().any(char::is_control)
        {
            errors.insert("name", "mail-error-name".to_owned());
        }
        let address = Email::parse(&self.address);
        if address.is_err() {
            errors.insert("address", "mail-error-address".to_owned());
        }
        let language = self.language.parse().unwrap_or_default();
        let every = Every::ALL.into_iter().find(|every| every.name() == self.every);
        match address {
            Ok(address) if errors.is_empty() => Ok(NewOutside {
                name: name.to_owned(),
                address,
                language,
                every: every.unwrap_or(Every::Day),
            }),
            _ => Err(errors),
        }
    }
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetWitnesses>,
    chrome: Chrome,
    Query(Done { done }): Query<Done>,
) -> Result<Page, Problem> {
    let language = chrome.language.tag().to_owned();
    let form = OutsideForm { language, ..OutsideForm::default() };
    let page = WitnessesPage { form, done, ..page(&clinic, &grant).await? };
    Page::of(&clinic, &chrome.active("audit"), &page)
}

pub(super) async fn add(
    State(clinic): State<Clinic>,
    grant: Grant<SetWitnesses>,
    _proven: Proven,
    chrome: Chrome,
    Form(form): Form<OutsideForm>,
) -> Result<Response, Problem> {
    let errors = match form.read() {
        Err(errors) => errors,
        Ok(new) => match outside::add(&clinic, &grant, &new).await {
            Ok(_) => return Ok(see_other("/audit/ledger/mail?done=added")),
            Err(OutsideError::Known) => {
                FieldErrors::from([("address", "mail-error-known".to_owned())])
            }
            Err(other) => return Err(other.into()),
        },
    };
    let page = WitnessesPage { form, errors, ..page(&clinic, &grant).await? };
    Ok(Page::of(&clinic, &chrome.active("audit"), &page)?.refused().into_response())
}

pub(super) async fn end(
    State(clinic): State<Clinic>,
    grant: Grant<SetWitnesses>,
    _proven: Proven,
    Path(id): Path<OutsideId>,
) -> Result<Response, Problem> {
    outside::end(&clinic, &grant, id).await?;
    Ok(see_other("/audit/ledger/mail?done=ended"))
}

async fn page(clinic: &Clinic, grant: &Grant<SetWitnesses>) -> Result<WitnessesPage, Problem> {
    let officers = people::who_is_told(clinic, grant).await?;
    let all = outside::all(clinic, grant).await?;
    let has_server = post::in_use(&clinic.vault, grant).await?.is_some();
    Ok(WitnessesPage::of(has_server, officers, all))
}

impl WitnessesPage {
    fn of(has_server: bool, officers: Vec<Overseer>, all: Vec<Outside>) -> Self {
        let (outside, ended) = all.into_iter().partition(|one| one.ended_at.is_none());
        let officer = |one: Overseer| OfficerView {
            name: one.name,
            address: one.address.map(|address| address.masked()),
        };
        Self {
            has_server,
            officers: officers.into_iter().map(officer).collect(),
            outside,
            ended,
            form: OutsideForm::default(),
            errors: FieldErrors::new(),
            done: String::new(),
        }
    }
}

impl View for WitnessesPage {
    const TEMPLATE: &'static str = "mail/witnesses.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let address = || Email::parse("auditor@example.kz").ok();
        let officer = |address| Overseer {
            id: crate::ids::StaffId::new(at),
            name: "Aigul Bekova".to_owned(),
            language: Language::Kk,
            address,
        };
        let one = |every, last_at, ended_at| Outside {
            id: OutsideId::new(at),
            name: "Auditor".to_owned(),
            address: address().expect("an address"),
            language: Language::Ru,
            every,
            added_at: at,
            added_by: Some("Aigul Bekova".to_owned()),
            ended_at,
            last_at,
            last_size: last_at.map(|_| "42".to_owned()),
        };
        let all = vec![
            one(Every::Day, Some(at), None),
            one(Every::Week, None, None),
            one(Every::Week, Some(at), Some(at)),
        ];
        let empty = || Self::of(false, Vec::new(), Vec::new());
        let full = |done: &str| Self {
            done: done.to_owned(),
            ..Self::of(true, vec![officer(address()), officer(None)], all.clone())
        };
        let errors = ["name", "address"].map(|field| (field, "mail-error-needed".to_owned()));
        vec![empty(), full("added"), full("ended"), Self { errors: errors.into(), ..full("") }]
    }
}
