//! What the officer knows of the staff, and the watched cards.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::words::{office, read_day};
use crate::audit::people::{self, Declared, Known, Watched};
use crate::audit::{AuditError, findings};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::contact::Phone;
use crate::i18n::dates::numeric;
use crate::ids::StaffId;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{MarkPeople, ReviewLog};
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct PeoplePage {
    people: Vec<KnownView>,
    watched: Vec<Watched>,
    may_mark: bool,
    number: String,
    errors: FieldErrors,
    open: [i64; 3],
}

#[derive(Debug, Serialize)]
struct KnownView {
    #[serde(flatten)]
    known: Known,
    office: String,
}

#[derive(Debug, Serialize)]
pub struct PersonPage {
    person: KnownView,
    declared: Vec<Declared>,
    may_mark: bool,
    form: PersonForm,
    card: CardForm,
    errors: FieldErrors,
    open: [i64; 3],
}

/// A person's facts as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonForm {
    phone: String,
    leaving_on: String,
}

/// A card as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CardForm {
    number: String,
    /// `own` or `relative`.
    kind: String,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = people_page(&clinic, &grant, &chrome).await?;
    Page::of(&clinic, &chrome.active("audit"), &view)
}

pub(super) async fn one(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Path(id): Path<StaffId>,
) -> Result<Page, Problem> {
    let view = person_page(&clinic, &grant, &chrome, id).await?;
    Page::of(&clinic, &chrome.active("audit"), &view)
}

pub(super) async fn set(
    State(clinic): State<Clinic>,
    grant: Grant<MarkPeople>,
    chrome: Chrome,
    Path(id): Path<StaffId>,
    Form(form): Form<PersonForm>,
) -> Result<Response, Problem> {
    match form.understand() {
        Ok((phone, leaving_on)) => {
            people::set_person(&clinic, &grant, id, phone.as_ref(), leaving_on).await?;
            Ok(see_other(&format!("/audit/people/{id}")))
        }
        Err(errors) => {
            let review = grant.also::<ReviewLog>()?;
            let page = person_page(&clinic, &review, &chrome, id).await?;
            let view = PersonPage { form, errors, ..page };
            Ok(Page::of(&clinic, &chrome.active("audit"), &view)?.refused().into_response())
        }
    }
}

pub(super) async fn declare(
    State(clinic): State<Clinic>,
    grant: Grant<MarkPeople>,
    chrome: Chrome,
    Path(id): Path<StaffId>,
    Form(card): Form<CardForm>,
) -> Result<Response, Problem> {
    let own = card.kind == "own";
    let done = match number(&card.number) {
        Some(number) => people::declare(&clinic, &grant, id, number, own).await,
        None => Err(AuditError::NoSuch),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/audit/people/{id}"))),
        Err(AuditError::NoSuch) => {
            let review = grant.also::<ReviewLog>()?;
            let page = person_page(&clinic, &review, &chrome, id).await?;
            let view = PersonPage { card, errors: no_card(), ..page };
            Ok(Page::of(&clinic, &chrome.active("audit"), &view)?.refused().into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn take_back(
    State(clinic): State<Clinic>,
    grant: Grant<MarkPeople>,
    Path((id, number)): Path<(StaffId, i64)>,
) -> Result<Response, Problem> {
    people::take_back(&clinic, &grant, id, number).await?;
    Ok(see_other(&format!("/audit/people/{id}")))
}

pub(super) async fn mark(
    State(clinic): State<Clinic>,
    grant: Grant<MarkPeople>,
    chrome: Chrome,
    Form(card): Form<CardForm>,
) -> Result<Response, Problem> {
    let done = match number(&card.number) {
        Some(number) => people::mark(&clinic, &grant, number).await,
        None => Err(AuditError::NoSuch),
    };
    match done {
        Ok(()) => Ok(see_other("/audit/people")),
        Err(AuditError::NoSuch) => {
            let review = grant.also::<ReviewLog>()?;
            let page = people_page(&clinic, &review, &chrome).await?;
            let view = PeoplePage { number: card.number, errors: no_card(), ..page };
            Ok(Page::of(&clinic, &chrome.active("audit"), &view)?.refused().into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn unmark(
    State(clinic): State<Clinic>,
    grant: Grant<MarkPeople>,
    Path(number): Path<i64>,
) -> Result<Response, Problem> {
    people::unmark(&clinic, &grant, number).await?;
    Ok(see_other("/audit/people"))
}

fn number(text: &str) -> Option<i64> {
    text.trim().trim_start_matches('№').trim().parse().ok()
}

fn no_card() -> FieldErrors {
    FieldErrors::from([("number", "audit-error-no-card".to_owned())])
}

async fn people_page(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    chrome: &Chrome,
) -> Result<PeoplePage, Problem> {
    let view =
        |known: Known| KnownView { office: office(clinic, chrome.language, &known.role), known };
    Ok(PeoplePage {
        people: people::known(clinic, grant).await?.into_iter().map(view).collect(),
        watched: people::watched(clinic, grant).await?,
        may_mark: grant.actor().may::<MarkPeople>(),
        number: String::new(),
        errors: FieldErrors::new(),
        open: findings::open_counts(clinic, grant).await?,
    })
}

async fn person_page(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    chrome: &Chrome,
    id: StaffId,
) -> Result<PersonPage, Problem> {
    let (known, declared) = people::one(clinic, grant, id).await?;
    let phone = known.phone.as_deref().and_then(|phone| Phone::parse(phone).ok());
    Ok(PersonPage {
        form: PersonForm {
            phone: phone.map(|phone| phone.to_string()).unwrap_or_default(),
            leaving_on: known.leaving_on.map(numeric).unwrap_or_default(),
        },
        person: KnownView { office: office(clinic, chrome.language, &known.role), known },
        declared,
        may_mark: grant.actor().may::<MarkPeople>(),
        card: CardForm { number: String::new(), kind: "relative".to_owned() },
        errors: FieldErrors::new(),
        open: findings::open_counts(clinic, grant).await?,
    })
}

impl PersonForm {
    fn understand(&self) -> Result<(Option<Phone>, Option<Day>), FieldErrors> {
        let mut errors = FieldErrors::new();
        let typed = self.phone.trim();
        let phone = Phone::parse(typed).ok();
        if !typed.is_empty() && phone.is_none() {
            errors.insert("phone", "audit-error-phone".to_owned());
        }
        let day = read_day(&self.leaving_on);
        if !self.leaving_on.trim().is_empty() && day.is_none() {
            errors.insert("leaving_on", "audit-error-day".to_owned());
        }
        if errors.is_empty() { Ok((phone, day)) } else { Err(errors) }
    }
}

fn sample_person(left: bool) -> KnownView {
    let at = Timestamp::from_unix_ms(1_795_402_800_000);
    let known = Known {
        id: StaffId::new(at),
        name: "Aigul Bekova".to_owned(),
        role: "reception".to_owned(),
        left,
        phone: (!left).then(|| "+77011234567".to_owned()),
        leaving_on: if left { None } else { Day::new(2026, 12, 1) },
        cards: 1,
    };
    KnownView { known, office: "reception".to_owned() }
}

impl View for PeoplePage {
    const TEMPLATE: &'static str = "audit/people.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let watched = |by: Option<&str>| Watched { number: 7, at, by_name: by.map(str::to_owned) };
        let page = |watched, may_mark, errors| Self {
            people: vec![sample_person(false), sample_person(true)],
            watched,
            may_mark,
            number: "x".to_owned(),
            errors,
            open: [0; 3],
        };
        let both = vec![watched(Some("Gulnara")), watched(None)];
        vec![page(both, true, no_card()), page(Vec::new(), false, FieldErrors::new())]
    }
}

impl View for PersonPage {
    const TEMPLATE: &'static str = "audit/person.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let page = |declared, may_mark, errors| Self {
            person: sample_person(false),
            declared,
            may_mark,
            form: PersonForm::default(),
            card: CardForm::default(),
            errors,
            open: [0; 3],
        };
        let cards = [true, false].map(|own| Declared { number: 7, own, at }).to_vec();
        let errors = FieldErrors::from([("phone", "audit-error-phone".to_owned())]);
        vec![page(cards, true, errors), page(Vec::new(), false, FieldErrors::new())]
    }
}
