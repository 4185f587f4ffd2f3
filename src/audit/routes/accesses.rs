//! Who opened this card: a page, a paper for the patient, a line on the card.

use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::account::PeriodForm;
use super::words::{acting, office, reason, said};
use crate::audit::accesses::{self, Access, Register, Row};
use crate::audit::{AuditError, findings};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::i18n::dates::{numeric, time};
use crate::i18n::{Language, Words};
use crate::ids::PatientId;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::ReviewLog;
use crate::web::{FieldErrors, Page, Problem};

/// Days that are shown when nobody says which.
const USUAL_DAYS: i64 = 30;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Serialize)]
pub struct AccessesPage {
    number: i64,
    accesses: Vec<AccessView>,
    form: PeriodForm,
    errors: FieldErrors,
    /// More than the page shows.
    cut: bool,
    open: [i64; 3],
}

#[derive(Debug, Serialize)]
struct AccessView {
    seq: i64,
    /// Unix ms.
    at: Option<i64>,
    who: String,
    office: String,
    action: String,
    listed: bool,
    reason: Option<String>,
    ip: Option<String>,
    device: Option<String>,
}

/// The line on the patient's card, for those who may review.
#[derive(Debug, Serialize)]
pub struct AccessesFragment {
    number: i64,
    people: i64,
    last_at: Option<Timestamp>,
    days: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RegisterForm {
    from: String,
    until: String,
    language: String,
}

pub(super) async fn card(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Path(number): Path<i64>,
    Query(mut form): Query<PeriodForm>,
) -> Result<Page, Problem> {
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let (first, last, errors) = form.understand(today, USUAL_DAYS);
    let found = accesses::of_card(&clinic, &grant, number, first, last, false).await?;
    let cut = i64::try_from(found.len()) == Ok(accesses::MOST);
    let shown = found.into_iter().map(|access| access_view(&clinic, chrome.language, access));
    let view = AccessesPage {
        number,
        accesses: shown.collect(),
        form,
        errors,
        cut,
        open: findings::open_counts(&clinic, &grant).await?,
    };
    Page::of(&clinic, &chrome.active("audit"), &view)
}

/// For the patient: whose eyes and when, without addresses and devices.
pub(super) async fn register(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Path(number): Path<i64>,
    Query(asked): Query<RegisterForm>,
) -> Result<Response, Problem> {
    let language = asked.language.parse().unwrap_or(chrome.language);
    let now = clinic.clock().now();
    let today = clinic.profile.get().zone.today(now);
    let mut form = PeriodForm { from: asked.from, until: asked.until };
    let (first, last, errors) = form.understand(today, USUAL_DAYS);
    if !errors.is_empty() {
        return Err(AuditError::BadPeriod.into());
    }
    let found = accesses::of_card(&clinic, &grant, number, first, last, true).await?;
    let paper = paper(&clinic, language, number, (first, last), found, now);
    let printed = paper.print().map_err(|error| Problem::Internal(Box::new(error)))?;
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"register-{number}.pdf\"")),
    ];
    Ok((headers, printed.bytes).into_response())
}

pub(super) async fn fragment(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Path(patient): Path<PatientId>,
) -> Result<Page, Problem> {
    let since = clinic.clock().now().plus_ms(-USUAL_DAYS * DAY_MS);
    let (number, people, last_at) = accesses::in_short(&clinic, &grant, patient, since).await?;
    let view = AccessesFragment { number, people, last_at, days: USUAL_DAYS };
    Page::of(&clinic, &chrome.active("patients"), &view)
}

fn access_view(clinic: &Clinic, language: Language, access: Access) -> AccessView {
    let at = access.ts.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
    let role = access.role.as_deref().unwrap_or_default();
    AccessView {
        seq: access.seq,
        at,
        office: office(clinic, language, role),
        action: said(clinic, language, &access.act),
        reason: access.why.as_ref().map(|code| reason(clinic, language, code)),
        who: access.name.unwrap_or_else(|| acting(clinic, language, &access.actor)),
        listed: access.listed,
        ip: access.ip,
        device: access.device,
    }
}

fn paper(
    clinic: &Clinic,
    language: Language,
    number: i64,
    (first, last): (Day, Day),
    found: Vec<Access>,
    now: Timestamp,
) -> Register {
    let words: &Words = clinic.pages.words();
    let say = |key: &str| words.plain(language, &format!("audit-register-{key}"));
    let zone = clinic.profile.get().zone.clone();
    let instant = |at: Timestamp| {
        let civil = zone.civil(at);
        format!("{} {}", numeric(civil.day()), time(civil))
    };
    let row = |access: Access| {
        let view = access_view(clinic, language, access);
        let when = view.at.and_then(|at| Timestamp::try_from(at).ok()).map(instant);
        let listed = if view.listed { format!(" ({})", say("listed")) } else { String::new() };
        let reason = view.reason.map(|reason| format!("; {reason}")).unwrap_or_default();
        let what = format!("{}, {}. {}{listed}{reason}", view.who, view.office, view.action);
        Row { when: when.unwrap_or_default(), what }
    };
    Register {
        language: language.tag(),
        title: say("title"),
        clinic: clinic.profile.get().name.clone(),
        facts: vec![
            (say("card"), format!("№ {number}")),
            (say("period"), format!("{} – {}", numeric(first), numeric(last))),
            (say("made"), instant(now)),
            (say("patient"), "______________________________".to_owned()),
        ],
        basis: say("basis"),
        heading: say("heading"),
        nobody: say("nobody"),
        rows: found.into_iter().map(row).collect(),
        note: say("note"),
        signature: say("signature"),
        footer: say("title"),
        dated: now,
    }
}

impl View for AccessesPage {
    const TEMPLATE: &'static str = "audit/card.html";

    fn samples() -> Vec<Self> {
        let access = |listed| AccessView {
            seq: 4,
            at: Some(1_795_402_800_000),
            who: "Dana".to_owned(),
            office: "doctor".to_owned(),
            action: "a".to_owned(),
            listed,
            reason: listed.then(|| "r".to_owned()),
            ip: Some("10.0.4.21".to_owned()),
            device: listed.then(|| "Chrome, Windows".to_owned()),
        };
        let page = |accesses, cut, errors| Self {
            number: 7,
            accesses,
            form: PeriodForm::default(),
            errors,
            cut,
            open: [0; 3],
        };
        let errors = FieldErrors::from([("from", "audit-error-day".to_owned())]);
        vec![
            page(vec![access(true), access(false)], true, FieldErrors::new()),
            page(Vec::new(), false, errors),
        ]
    }
}

impl View for AccessesFragment {
    const TEMPLATE: &'static str = "audit/accesses.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        vec![
            Self { number: 7, people: 3, last_at: Some(at), days: 30 },
            Self { number: 7, people: 0, last_at: None, days: 30 },
        ]
    }
}
