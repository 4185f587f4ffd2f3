//! The bases of refusals on the web.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{Basis, NewBasis};
use crate::access::{self, AccessError};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::i18n::dates;
use crate::pages::{Chrome, View};
use crate::subject_requests::{Refusal, bases};
use crate::vault::Grant;
use crate::vault::permission::{EditBases, ViewRequests};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

const ENTRY: &str = "personal-data";

/// Longest text, in characters.
const LONGEST: usize = 500;

pub fn routes() -> Routes {
    Routes::new()
        .get("/personal-data/refusals", list)
        .get("/personal-data/refusals/{reason}", one)
        .post("/personal-data/refusals/{reason}", replace)
}

/// Every basis as it counts today.
#[derive(Debug, Serialize)]
pub struct BasesPage {
    bases: Vec<Basis>,
    may_edit: bool,
}

/// One basis: its form and its history.
#[derive(Debug, Serialize)]
pub struct BasisPage {
    reason: Refusal,
    form: BasisForm,
    errors: FieldErrors,
    history: Vec<Basis>,
    may_edit: bool,
}

/// A version, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct BasisForm {
    seen: i64,
    basis: String,
    basis_kk: String,
    source: String,
    checked_on: String,
    /// `on` when the clinic's lawyer has confirmed it.
    confirmed: String,
    effective_from: String,
    #[serde(skip_serializing)]
    password: String,
    #[serde(skip_serializing)]
    proof: String,
}

impl BasisForm {
    fn of(basis: &Basis, today: Day) -> Self {
        Self {
            seen: basis.version,
            basis: basis.basis.clone(),
            basis_kk: basis.basis_kk.clone(),
            source: basis.source.clone(),
            checked_on: dates::numeric(today),
            confirmed: if basis.confirmed { "on" } else { "" }.to_owned(),
            effective_from: dates::numeric(today),
            ..Self::default()
        }
    }

    fn read(&self, today: Day) -> Result<NewBasis, FieldErrors> {
        let mut errors = FieldErrors::new();
        for (field, text) in [("basis", &self.basis), ("basis_kk", &self.basis_kk)] {
            if text.trim().is_empty() || LONGEST < text.chars().count() {
                errors.insert(field, "workdays-error-basis".to_owned());
            }
        }
        if LONGEST < self.source.chars().count() {
            errors.insert("source", "workdays-error-source".to_owned());
        }
        let checked = dates::read(&self.checked_on).filter(|day| *day <= today);
        if checked.is_none() {
            errors.insert("checked_on", "workdays-error-checked".to_owned());
        }
        let from = dates::read(&self.effective_from).filter(|day| today <= *day);
        if from.is_none() {
            errors.insert("effective_from", "workdays-error-from".to_owned());
        }
        let (Some(checked_on), Some(effective_from), true) = (checked, from, errors.is_empty())
        else {
            return Err(errors);
        };
        let text = [self.basis.trim().to_owned(), self.basis_kk.trim().to_owned()];
        let (source, confirmed) = (self.source.trim().to_owned(), self.confirmed == "on");
        Ok(NewBasis { text, source, checked_on, confirmed, effective_from })
    }
}

fn today(clinic: &Clinic) -> Day {
    clinic.profile.get().zone.today(clinic.clock().now())
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRequests>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let all = bases::all(&clinic.vault, &grant).await?;
    let in_force = bases::in_force(&all, today(&clinic)).into_iter().cloned().collect();
    let view = BasesPage { bases: in_force, may_edit: grant.actor().may::<EditBases>() };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn one(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRequests>,
    chrome: Chrome,
    Path(reason): Path<String>,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant, &reason).await?;
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn replace(
    State(clinic): State<Clinic>,
    grant: Grant<EditBases>,
    chrome: Chrome,
    Path(name): Path<String>,
    Form(form): Form<BasisForm>,
) -> Result<Response, Problem> {
    let reason = Refusal::named(&name).ok_or(Problem::NotFound)?;
    let read = match form.read(today(&clinic)) {
        Ok(new) => proven(&clinic, &grant, &form).await?.map(|()| new),
        Err(errors) => Err(errors),
    };
    match read {
        Ok(new) => {
            bases::replace(&clinic.vault, &grant, reason, form.seen, &new).await?;
            Ok(see_other(&format!("/personal-data/refusals/{name}")))
        }
        Err(errors) => {
            let view = BasisPage { form, errors, ..page(&clinic, &grant.also()?, &name).await? };
            Ok(Page::of(&clinic, &chrome.active(ENTRY), &view)?.refused().into_response())
        }
    }
}

/// Whoever changes what a refusal rests on proves once more who they are.
async fn proven(
    clinic: &Clinic,
    grant: &Grant<EditBases>,
    form: &BasisForm,
) -> Result<Result<(), FieldErrors>, Problem> {
    let key = match access::prove(clinic, grant, &form.password, &form.proof).await {
        Ok(()) => return Ok(Ok(())),
        Err(AccessError::Wrong) => "workdays-error-proof",
        Err(AccessError::TooSoon { .. }) => "workdays-error-proof-soon",
        Err(error) => return Err(error.into()),
    };
    Ok(Err(FieldErrors::from([("password", key.to_owned())])))
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<ViewRequests>,
    name: &str,
) -> Result<BasisPage, Problem> {
    let reason = Refusal::named(name).ok_or(Problem::NotFound)?;
    let mut history = bases::all(&clinic.vault, grant).await?;
    history.retain(|one| one.reason == reason);
    let last = history.first().ok_or(Problem::NotFound)?;
    Ok(BasisPage {
        reason,
        form: BasisForm::of(last, today(clinic)),
        errors: FieldErrors::new(),
        may_edit: grant.actor().may::<EditBases>(),
        history,
    })
}

fn sample(reason: Refusal, shipped: bool) -> Basis {
    let day = Day::new(2026, 11, 27).expect("a day of the calendar");
    Basis {
        reason,
        version: 1,
        basis: "Law 1".to_owned(),
        basis_kk: if shipped { "" } else { "Law 1" }.to_owned(),
        source: "https://adilet.zan.kz/".to_owned(),
        checked_on: day,
        confirmed: !shipped,
        effective_from: day,
        made_at: Timestamp::from_unix_ms(1_790_000_000_000),
        made_by: (!shipped).then(|| "A. B.".to_owned()),
    }
}

impl View for BasesPage {
    const TEMPLATE: &'static str = "subject_requests/bases.html";

    fn samples() -> Vec<Self> {
        let all = Refusal::ALL.iter().map(|reason| sample(*reason, false));
        let shipped = Refusal::ALL.iter().map(|reason| sample(*reason, true));
        let seen = Self { bases: shipped.collect(), may_edit: false };
        vec![Self { bases: all.collect(), may_edit: true }, seen]
    }
}

impl View for BasisPage {
    const TEMPLATE: &'static str = "subject_requests/basis.html";

    fn samples() -> Vec<Self> {
        let page = |reason, may_edit, errors| Self {
            reason,
            form: BasisForm::of(&sample(reason, false), Day::new(2026, 11, 27).expect("a day")),
            errors,
            history: vec![sample(reason, false), sample(reason, true)],
            may_edit,
        };
        let wrong = FieldErrors::from([
            ("basis_kk", "workdays-error-basis".to_owned()),
            ("password", "workdays-error-proof".to_owned()),
        ]);
        let each = Refusal::ALL.iter().map(|reason| page(*reason, false, FieldErrors::new()));
        let mut all: Vec<Self> = each.collect();
        all.push(page(Refusal::Unfounded, true, wrong));
        all
    }
}
