//! What the rules have found, and what people say it was.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::entry::{self, EntryView, FindingView};
use super::words::{encoded, read_day};
use crate::audit::findings::{self, FindingId, NoteRow, Rule, State as Answer, Which};
use crate::audit::{self, AuditError};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{AnswerFindings, ReviewLog};
use crate::web::{FieldErrors, Page, Problem, see_other};

/// How long a note is, in characters.
const SHORTEST_NOTE: usize = 3;
const LONGEST_NOTE: usize = 2000;

/// How far back answered findings are shown when nobody says.
const SHOWN_DAYS: i64 = 30;

/// The list's filters as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListForm {
    /// `open` or empty: what waits; `all`, `explained`, `incident`.
    state: String,
    from: String,
    until: String,
    actor: String,
    rule: String,
    /// The last finding of the page before: its time and id.
    after: String,
}

/// The findings of some days, or those that wait.
#[derive(Debug, Serialize)]
pub struct FindingsPage {
    findings: Vec<FindingView>,
    filter: ListForm,
    errors: FieldErrors,
    people: Vec<(String, String)>,
    rules: Vec<String>,
    open: [i64; 3],
    next: Option<String>,
}

/// One finding.
#[derive(Debug, Serialize)]
pub struct FindingPage {
    finding: FindingView,
    notes: Vec<NoteRow>,
    entries: Vec<EntryView>,
    /// Whether whoever looks may say what it was: not the one it is about.
    may_answer: bool,
    form: AnswerForm,
    errors: FieldErrors,
    open: [i64; 3],
}

/// An answer as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AnswerForm {
    state: String,
    note: String,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Query(form): Query<ListForm>,
) -> Result<Page, Problem> {
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let (which, errors) = form.understand(today);
    let mut rows = findings::list(&clinic, &grant, &which).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|shown| findings::PAGE < shown);
    rows.truncate(usize::try_from(findings::PAGE).unwrap_or_default());
    let last = rows.last().filter(|_| more && which != Which::Open);
    let next = last.map(|last| form.link(last.last_at, last.id));
    let shown = rows.into_iter().map(|row| entry::finding(&clinic, chrome.language, row));
    let view = FindingsPage {
        findings: shown.collect(),
        filter: form,
        errors,
        people: audit::people(&clinic, &grant).await?,
        rules: Rule::ALL.iter().map(|rule| rule.code().replace('_', "-")).collect(),
        open: findings::open_counts(&clinic, &grant).await?,
        next,
    };
    Page::of(&clinic, &chrome.active("audit"), &view)
}

/// Does not wait for the clock.
pub(super) async fn look(
    State(clinic): State<Clinic>,
    _grant: Grant<ReviewLog>,
) -> Result<Response, Problem> {
    findings::look_now(&clinic).await?;
    Ok(see_other("/audit/findings"))
}

pub(super) async fn one(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Path(id): Path<FindingId>,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant, &chrome, id, AnswerForm::default()).await?;
    Page::of(&clinic, &chrome.active("audit"), &view)
}

pub(super) async fn answer(
    State(clinic): State<Clinic>,
    grant: Grant<AnswerFindings>,
    chrome: Chrome,
    Path(id): Path<FindingId>,
    Form(form): Form<AnswerForm>,
) -> Result<Response, Problem> {
    let (state, errors) = form.understand();
    let Some(state) = state.filter(|_| errors.is_empty()) else {
        let review = grant.also::<ReviewLog>()?;
        let view = FindingPage { errors, ..page(&clinic, &review, &chrome, id, form).await? };
        return Ok(Page::of(&clinic, &chrome.active("audit"), &view)?.refused().into_response());
    };
    findings::answer(&clinic, &grant, id, state, form.note.trim()).await?;
    Ok(see_other(&format!("/audit/findings/{id}")))
}

pub(super) async fn erase(
    State(clinic): State<Clinic>,
    grant: Grant<AnswerFindings>,
    Path((id, note)): Path<(FindingId, String)>,
) -> Result<Response, Problem> {
    findings::erase_note(&clinic, &grant, &note).await?;
    Ok(see_other(&format!("/audit/findings/{id}")))
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    chrome: &Chrome,
    id: FindingId,
    form: AnswerForm,
) -> Result<FindingPage, AuditError> {
    let (row, notes, seqs) = findings::open(clinic, grant, id).await?;
    let entries = audit::entries_of(clinic, grant, &seqs).await?;
    let own = grant.staff().is_some_and(|staff| staff.to_string() == row.actor);
    Ok(FindingPage {
        may_answer: !own && grant.actor().may::<AnswerFindings>(),
        finding: entry::finding(clinic, chrome.language, row),
        notes,
        entries: entries
            .into_iter()
            .map(|one| entry::entry(clinic, chrome.language, one))
            .collect(),
        form,
        errors: FieldErrors::new(),
        open: findings::open_counts(clinic, grant).await?,
    })
}

impl ListForm {
    fn understand(&self, today: Day) -> (Which, FieldErrors) {
        let mut errors = FieldErrors::new();
        if matches!(self.state.as_str(), "" | "open") {
            return (Which::Open, errors);
        }
        let mut day = |field: &'static str, text: &str, otherwise: Day| {
            let read = read_day(text);
            if read.is_none() && !text.trim().is_empty() {
                errors.insert(field, "audit-error-day".to_owned());
            }
            read.unwrap_or(otherwise)
        };
        let first = day("from", &self.from, today.plus_days(-SHOWN_DAYS));
        let last = day("until", &self.until, today);
        let after = self.after.split_once('~').and_then(|(at, id)| {
            let at = Timestamp::try_from(at.parse::<i64>().ok()?).ok()?;
            Some((at, id.parse().ok()?))
        });
        let state = if self.state == "all" { String::new() } else { self.state.clone() };
        let (actor, rule) = (self.actor.clone(), self.rule.replace('-', "_"));
        (Which::OfDays { first, last, state, actor, rule, after }, errors)
    }

    fn link(&self, at: Timestamp, id: FindingId) -> String {
        let after = format!("{}~{id}", at.unix_ms());
        let fields = [
            ("state", &self.state),
            ("from", &self.from),
            ("until", &self.until),
            ("actor", &self.actor),
            ("rule", &self.rule),
            ("after", &after),
        ];
        let pairs: Vec<String> = fields
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        format!("/audit/findings?{}", pairs.join("&"))
    }
}

impl AnswerForm {
    fn understand(&self) -> (Option<Answer>, FieldErrors) {
        let mut errors = FieldErrors::new();
        let state = match self.state.as_str() {
            "explained" => Some(Answer::Explained),
            "incident" => Some(Answer::Incident),
            _ => None,
        };
        if state.is_none() {
            errors.insert("state", "audit-error-answer".to_owned());
        }
        if !(SHORTEST_NOTE..=LONGEST_NOTE).contains(&self.note.trim().chars().count()) {
            errors.insert("note", "audit-error-note".to_owned());
        }
        (state, errors)
    }
}

impl View for FindingsPage {
    const TEMPLATE: &'static str = "audit/findings.html";

    fn samples() -> Vec<Self> {
        let page = |findings: Vec<FindingView>, state: &str, errors| Self {
            findings,
            filter: ListForm { state: state.to_owned(), ..ListForm::default() },
            errors,
            people: vec![("p".to_owned(), "Aigul".to_owned())],
            rules: vec!["mass-viewing".to_owned()],
            open: [1, 2, 0],
            next: Some("/audit/findings?after=1".to_owned()),
        };
        let wrong = FieldErrors::from([("from", "audit-error-day".to_owned())]);
        vec![
            page(FindingView::samples(), "open", FieldErrors::new()),
            page(FindingView::samples(), "all", wrong),
            Self { next: None, ..page(Vec::new(), "open", FieldErrors::new()) },
            Self { next: None, ..page(Vec::new(), "incident", FieldErrors::new()) },
        ]
    }
}

impl View for FindingPage {
    const TEMPLATE: &'static str = "audit/finding.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let note = |text: Option<&str>| NoteRow {
            id: "n".to_owned(),
            at,
            name: "Gulnara".to_owned(),
            text: text.map(str::to_owned),
        };
        let errors = FieldErrors::from([("note", "audit-error-note".to_owned())]);
        let page = |finding, may_answer, errors| Self {
            finding,
            notes: vec![note(Some("Inventory")), note(None)],
            entries: vec![EntryView::sample()],
            may_answer,
            form: AnswerForm::default(),
            errors,
            open: [1, 0, 0],
        };
        let mut all = FindingView::samples().into_iter();
        let mut next = || all.next().expect("three samples");
        vec![
            page(next(), true, errors),
            page(next(), false, FieldErrors::new()),
            Self {
                notes: Vec::new(),
                entries: Vec::new(),
                ..page(next(), true, FieldErrors::new())
            },
        ]
    }
}
