//! Retention on the web.

mod samples;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::access::{self, AccessError};
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::i18n::dates;
use crate::ids::PatientId;
use crate::pages::Chrome;
use crate::retention::{
    self, CardKind, Code, Fate, HoldRow, OfPatient, RetentionError, Rule, RuleForm,
};
use crate::vault::permission::{EditPatient, EditRetention, ViewRetention};
use crate::vault::{Actor, Grant};
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/retention", index)
        .get("/retention/rules/{code}", rule)
        .post("/retention/rules/{code}", replace)
        .get("/patients/{patient_id}/retention", of_patient)
        .post("/patients/{patient_id}/retention/card", card)
        .post("/patients/{patient_id}/retention/hold", hold)
        .post("/patients/{patient_id}/retention/release", release)
}

/// Longest reason of a ban.
const REASON: usize = 300;

/// The rules and the cards.
#[derive(Debug, Serialize)]
pub struct RetentionPage {
    rules: Vec<RuleRow>,
    first_due: Option<FirstDue>,
    cards: Vec<CardRow>,
    next: Option<i64>,
    may_edit: bool,
}

#[derive(Debug, Serialize)]
struct RuleRow {
    code: Code,
    /// None when no version is in force today.
    rule: Option<Rule>,
    /// None where nothing is counted.
    count: Option<i64>,
}

#[derive(Debug, Serialize)]
struct FirstDue {
    due: Day,
    count: i64,
}

#[derive(Debug, Serialize)]
struct CardRow {
    id: PatientId,
    number: i64,
    code: Code,
    fate: Fate,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Below {
    below: Option<i64>,
}

async fn index(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRetention>,
    chrome: Chrome,
    Query(from): Query<Below>,
) -> Result<Page, Problem> {
    let overview = retention::overview(&clinic, &grant).await?;
    let cards = retention::cards(&clinic, &grant, from.below).await?;
    let today = today(&clinic);
    let rules = Code::ALL.map(|code| RuleRow {
        code,
        rule: overview.rules.in_force(code, today).cloned(),
        count: overview.counts.iter().find(|(known, _)| *known == code).map(|(_, count)| *count),
    });
    let next = cards.last().filter(|_| cards.len() == 50).map(|card| card.number);
    let rows = cards.into_iter().map(|card| CardRow {
        id: card.id,
        number: card.number,
        code: card.code,
        fate: card.fate,
    });
    let view = RetentionPage {
        rules: rules.into(),
        first_due: overview.first_due.map(|(due, count)| FirstDue { due, count }),
        cards: rows.collect(),
        next,
        may_edit: grant.actor().may::<EditRetention>(),
    };
    Page::of(&clinic, &chrome.active("retention"), &view)
}

/// One rule: its form and its history.
#[derive(Debug, Serialize)]
pub struct RulePage {
    code: Code,
    /// The last version that was seen when the form was shown.
    seen: i64,
    form: RuleForm,
    errors: FieldErrors,
    history: Vec<Rule>,
    may_edit: bool,
}

async fn rule(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRetention>,
    chrome: Chrome,
    Path(code): Path<String>,
) -> Result<Page, Problem> {
    let view = rule_page(&clinic, &grant, &code).await?;
    Page::of(&clinic, &chrome.active("retention"), &view)
}

struct Replacement {
    seen: i64,
    form: RuleForm,
    /// Of whoever changes it, and the code of their second factor.
    password: String,
    proof: String,
}

async fn replace(
    State(clinic): State<Clinic>,
    grant: Grant<EditRetention>,
    chrome: Chrome,
    Path(name): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let Replacement { seen, form, password, proof } = replacement(&typed);
    let code = Code::named(&name).ok_or(Problem::NotFound)?;
    let read = match form.read(code, today(&clinic)) {
        Ok(new) => proven(&clinic, &grant, &password, &proof).await?.map(|()| new),
        Err(errors) => Err(errors),
    };
    match read {
        Ok(new) => {
            retention::replace_rule(&clinic.vault, &grant, code, seen, new).await?;
            Ok(see_other(&format!("/retention/rules/{name}")))
        }
        Err(errors) => {
            let view = rule_page(&clinic, &grant.also()?, &name).await?;
            let view = RulePage { seen, form, errors, ..view };
            let page = Page::of(&clinic, &chrome.active("retention"), &view)?;
            Ok(page.refused().into_response())
        }
    }
}

/// Whoever changes how long records are kept proves once more who they are.
async fn proven(
    clinic: &Clinic,
    grant: &Grant<EditRetention>,
    password: &str,
    code: &str,
) -> Result<Result<(), FieldErrors>, Problem> {
    let key = match access::prove(clinic, grant, password, code).await {
        Ok(()) => return Ok(Ok(())),
        Err(AccessError::Wrong) => "retention-error-proof",
        Err(AccessError::TooSoon { .. }) => "retention-error-proof-soon",
        Err(error) => return Err(error.into()),
    };
    Ok(Err(FieldErrors::from([("password", key.to_owned())])))
}

/// Reads the fields by name; what is missing is empty.
fn replacement(typed: &[(String, String)]) -> Replacement {
    let field = |name: &str| {
        let found = typed.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    Replacement {
        seen: field("seen").parse().unwrap_or_default(),
        password: field("password"),
        proof: field("proof"),
        form: RuleForm {
            years: field("years"),
            until_age: field("until_age"),
            combine: field("combine"),
            basis: field("basis"),
            basis_kk: field("basis_kk"),
            source: field("source"),
            checked_on: field("checked_on"),
            confirmed: field("confirmed"),
            effective_from: field("effective_from"),
        },
    }
}

async fn rule_page(
    clinic: &Clinic,
    grant: &Grant<ViewRetention>,
    name: &str,
) -> Result<RulePage, Problem> {
    let code = Code::named(name).ok_or(Problem::NotFound)?;
    let rules = retention::rules(&clinic.vault, grant).await?;
    let history: Vec<Rule> = rules.history(code).into_iter().cloned().collect();
    let last = history.first().ok_or(Problem::NotFound)?;
    Ok(RulePage {
        code,
        seen: last.version,
        form: RuleForm::of(last, today(clinic)),
        errors: FieldErrors::new(),
        may_edit: grant.actor().may::<EditRetention>(),
        history,
    })
}

/// The part of a patient's card: until when everything is kept, and why.
#[derive(Debug, Serialize)]
pub struct PatientRetention {
    patient_id: PatientId,
    code: Code,
    kind: CardKind,
    /// As stored, or as typed when it was refused; empty when unknown.
    discharged: String,
    may_edit: bool,
    card: Fate,
    consent: Fate,
    visits: Vec<VisitRow>,
    consents: Vec<ConsentRow>,
    hold: Option<HoldRow>,
    may_hold: bool,
    /// As typed when it was refused.
    reason: String,
    errors: FieldErrors,
}

#[derive(Debug, Serialize)]
struct VisitRow {
    day: Day,
    fate: Fate,
}

#[derive(Debug, Serialize)]
struct ConsentRow {
    number: String,
    day: Day,
    fate: Fate,
}

impl PatientRetention {
    fn of(patient_id: PatientId, found: OfPatient, actor: &Actor) -> Self {
        let visits = found.visits.into_iter().map(|(_, day, fate)| VisitRow { day, fate });
        let consents = found.consents.into_iter();
        let consents = consents.map(|(number, day, fate)| ConsentRow { number, day, fate });
        Self {
            patient_id,
            code: found.code,
            kind: found.kind,
            discharged: found.discharged.map(dates::numeric).unwrap_or_default(),
            may_edit: actor.may::<EditPatient>(),
            card: found.card,
            consent: found.consent,
            visits: visits.collect(),
            consents: consents.collect(),
            hold: found.hold,
            may_hold: actor.may::<EditRetention>(),
            reason: String::new(),
            errors: FieldErrors::new(),
        }
    }
}

async fn of_patient(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRetention>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
) -> Result<Page, Problem> {
    let found = retention::of_patient(&clinic, &grant, patient_id).await?;
    let view = PatientRetention::of(patient_id, found, grant.actor());
    Page::of(&clinic, &chrome.active("patients"), &view)
}

#[derive(Debug, Deserialize)]
struct CardForm {
    kind: CardKind,
    #[serde(default)]
    discharged: String,
}

async fn card(
    State(clinic): State<Clinic>,
    grant: Grant<EditPatient>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
    Form(form): Form<CardForm>,
) -> Result<Response, Problem> {
    let typed = form.discharged.trim();
    let day = dates::read(typed).filter(|day| *day <= today(&clinic));
    if !typed.is_empty() && day.is_none() {
        let found = retention::of_patient(&clinic, &grant.also()?, patient_id).await?;
        let mut view = PatientRetention::of(patient_id, found, grant.actor());
        view.kind = form.kind;
        view.discharged.clone_from(&form.discharged);
        view.errors.insert("discharged", "retention-error-discharged".to_owned());
        let page = Page::of(&clinic, &chrome.active("patients"), &view)?;
        return Ok(page.refused().into_response());
    }
    retention::record_card(&clinic.vault, &grant, patient_id, form.kind, day).await?;
    Ok(see_other(&format!("/patients/{patient_id}/retention")))
}

#[derive(Debug, Deserialize)]
struct NewHold {
    reason: String,
}

async fn hold(
    State(clinic): State<Clinic>,
    grant: Grant<EditRetention>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
    Form(form): Form<NewHold>,
) -> Result<Response, Problem> {
    let reason = form.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON {
        let found = retention::of_patient(&clinic, &grant.also()?, patient_id).await?;
        let mut view = PatientRetention::of(patient_id, found, grant.actor());
        view.reason.clone_from(&form.reason);
        view.errors.insert("reason", "retention-error-reason".to_owned());
        let page = Page::of(&clinic, &chrome.active("patients"), &view)?;
        return Ok(page.refused().into_response());
    }
    retention::hold(&clinic.vault, &grant, patient_id, reason).await?;
    Ok(see_other(&format!("/patients/{patient_id}/retention")))
}

async fn release(
    State(clinic): State<Clinic>,
    grant: Grant<EditRetention>,
    Path(patient_id): Path<PatientId>,
) -> Result<Response, Problem> {
    retention::release(&clinic.vault, &grant, patient_id).await?;
    Ok(see_other(&format!("/patients/{patient_id}/retention")))
}

fn today(clinic: &Clinic) -> Day {
    clinic.profile.get().zone.today(clinic.clock().now())
}

impl From<RetentionError> for Problem {
    fn from(error: RetentionError) -> Self {
        match error {
            RetentionError::NoSuchPatient => Self::NotFound,
            RetentionError::AlreadyHeld => Self::Conflict("retention-already-held"),
            RetentionError::NotHeld => Self::Conflict("retention-not-held"),
            RetentionError::Changed => Self::Conflict("retention-changed"),
            RetentionError::Vault(cause) => cause.into(),
        }
    }
}
