//! The access log: its filters, its entries, its file.

mod form;
mod samples;

use std::time::Duration;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::csv;
use super::entry::{self, EntryView, FindingView};
use super::words::{acting, reason, said};
use crate::audit::checkpoints::start_walk;
use crate::audit::findings::{self, Which};
use crate::audit::kind::{Kind, kind_of};
use crate::audit::{self, Entry, Hours, reviews};
use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::pages::Chrome;
use crate::vault::permission::{ReviewLog, VerifyLog};
use crate::vault::{Fault, Grant, Verified};
use crate::web::{FieldErrors, Page, Problem, see_other};

pub use form::FilterForm;
use form::Understood;

/// A ledger of so many entries is walked while somebody waits: about a second.
/// A longer one shows how far it is, on its own page.
const AT_ONCE: u64 = 500_000;

/// Findings that the page itself shows.
const TOP: usize = 3;

/// Those who act without a name and have one way to be called, for the filter.
const NAMELESS: [&str; 10] = [
    "console",
    "visitor",
    "job:audit",
    "job:backup",
    "job:consents",
    "job:emergency",
    "job:messaging",
    "job:oversight",
    "job:reminders",
    "job:schedule",
];

/// The log and the state of the ledger.
#[derive(Debug, Serialize)]
pub struct AuditPage {
    entries: Vec<EntryView>,
    filter: FilterForm,
    errors: FieldErrors,
    /// Where older entries go on, and the newest again.
    older: Option<String>,
    newer: Option<String>,
    /// The same filters as a file, and with other days.
    file: String,
    periods: Vec<PeriodView>,
    groups: Vec<Group>,
    people: Vec<Choice>,
    reasons: Vec<Choice>,
    devices: Vec<Choice>,
    /// Cards of which one was looked for by name or phone.
    found: Option<Vec<i64>>,
    hours: Hours,
    findings: Vec<FindingView>,
    open: [i64; 3],
    overdue: bool,
    size: u64,
    /// Hexadecimal.
    root: String,
    verified: Option<VerifiedView>,
}

#[derive(Debug, Serialize)]
struct Choice {
    value: String,
    label: String,
}

/// Actions of one kind.
#[derive(Debug, Serialize)]
struct Group {
    kind: &'static str,
    actions: Vec<Choice>,
}

/// A period that one click chooses.
#[derive(Debug, Serialize)]
struct PeriodView {
    name: &'static str,
    href: String,
    chosen: bool,
}

/// The outcome of a walk just made.
#[derive(Debug, Serialize)]
struct VerifiedView {
    whole: bool,
    /// Fluent key of what is wrong.
    fault: Option<&'static str>,
    /// The first row that is wrong, where one can be named.
    seq: Option<u64>,
    milliseconds: i64,
}

/// What a page is asked to show beside the entries.
#[derive(Default)]
struct Beside {
    verified: Option<VerifiedView>,
    found: Option<Vec<i64>>,
}

pub(super) async fn log(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Query(form): Query<FilterForm>,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant, chrome.language, form, Beside::default()).await?;
    Page::of(&clinic, &chrome.active("audit"), &view)
}

/// The filters come by POST, because a patient may be looked for by name or
/// phone, which no address may hold; they go on as a link without them.
pub(super) async fn search(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Form(mut form): Form<FilterForm>,
) -> Result<Response, Problem> {
    let Some(text) = form.take_words() else { return Ok(see_other(&form.link("/audit", None))) };
    let found = audit::cards(&clinic, &grant, &text).await?;
    if let [card] = found.as_slice() {
        form.card = card.to_string();
        return Ok(see_other(&form.link("/audit", None)));
    }
    let beside = Beside { found: Some(found), ..Beside::default() };
    let view = page(&clinic, &grant, chrome.language, form, beside).await?;
    Ok(Page::of(&clinic, &chrome.active("audit"), &view)?.into_response())
}

pub(super) async fn verify(
    State(clinic): State<Clinic>,
    grant: Grant<VerifyLog>,
    chrome: Chrome,
) -> Result<Response, Problem> {
    let review = grant.also::<ReviewLog>()?;
    if AT_ONCE < clinic.vault.ledger_head().await?.size {
        start_walk(&clinic, &grant, Duration::ZERO).await;
        return Ok(see_other("/audit/ledger"));
    }
    let started = clinic.clock().now();
    let verified = audit::verify(&clinic, &grant).await?;
    let milliseconds = clinic.clock().now().unix_ms() - started.unix_ms();
    let beside = Beside { verified: Some(outcome(&verified, milliseconds)), ..Beside::default() };
    let view = page(&clinic, &review, chrome.language, FilterForm::default(), beside).await?;
    Ok(Page::of(&clinic, &chrome.active("audit"), &view)?.into_response())
}

pub(super) async fn export(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Query(form): Query<FilterForm>,
) -> Result<Response, Problem> {
    let actions = audit::choices(&clinic, &grant).await?.0;
    let Understood { filter, .. } = form.understand(&clinic, &actions);
    let entries = audit::export(&clinic, &grant, &filter).await?;
    let head = [
        "seq", "ts", "name", "role", "action", "object", "card", "people", "reason", "ip",
        "device", "session", "finding", "leaf",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(entries.into_iter().map(|entry| row(&clinic, chrome.language, entry)));
    csv::file("access-log.csv", rows)
}

fn row(clinic: &Clinic, language: Language, entry: Entry) -> Vec<String> {
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let view = entry::entry(clinic, language, entry);
    let EntryView { entry, action, who, office, thing, reason, flag, .. } = view;
    vec![
        entry.seq.to_string(),
        entry.ts,
        who,
        office,
        action,
        thing.unwrap_or_default(),
        number(entry.card),
        number(entry.people),
        reason.unwrap_or_default(),
        entry.ip.unwrap_or_default(),
        entry.device.unwrap_or_default(),
        entry.session.unwrap_or_default(),
        flag.unwrap_or_default(),
        entry.leaf,
    ]
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    language: Language,
    form: FilterForm,
    beside: Beside,
) -> Result<AuditPage, Problem> {
    let (actions, reasons, devices) = audit::choices(clinic, grant).await?;
    let Understood { filter, errors } = form.understand(clinic, &actions);
    let mut entries = audit::entries(clinic, grant, &filter).await?;
    let more = i64::try_from(entries.len()).is_ok_and(|shown| audit::PAGE < shown);
    entries.truncate(usize::try_from(audit::PAGE).unwrap_or_default());
    let last = entries.last().filter(|_| more).map(|entry| entry.seq);
    let head = clinic.vault.ledger_head().await?;
    let people = audit::people(clinic, grant).await?.into_iter();
    let top = findings::list(clinic, grant, &Which::Open).await?.into_iter().take(TOP);
    let shown = |one| entry::entry(clinic, language, one);
    let named =
        |code: &str| Choice { value: code.to_owned(), label: acting(clinic, language, code) };
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    Ok(AuditPage {
        older: last.map(|seq| form.link("/audit", Some(seq))),
        newer: form.before.map(|_| form.link("/audit", None)),
        file: form.link("/audit/export.csv", None),
        periods: form.periods(today),
        entries: entries.into_iter().map(shown).collect(),
        errors,
        groups: groups(clinic, language, &actions),
        people: people
            .map(|(value, label)| Choice { value, label })
            .chain(NAMELESS.iter().map(|actor| named(actor)))
            .collect(),
        reasons: reasons
            .into_iter()
            .map(|value| Choice { label: reason(clinic, language, &value), value })
            .collect(),
        devices: devices.into_iter().map(|value| Choice { label: value.clone(), value }).collect(),
        found: beside.found,
        hours: audit::hours(clinic, grant).await?,
        findings: top.map(|one| entry::finding(clinic, language, one)).collect(),
        open: findings::open_counts(clinic, grant).await?,
        overdue: reviews::next(clinic, grant).await?.overdue,
        size: head.size,
        root: data_encoding::HEXLOWER.encode(&head.root),
        verified: beside.verified,
        filter: form,
    })
}

fn groups(clinic: &Clinic, language: Language, actions: &[String]) -> Vec<Group> {
    let group = |kind: Kind| {
        let own = actions.iter().filter(|act| kind_of(act) == kind);
        let choice =
            |act: &String| Choice { value: act.clone(), label: said(clinic, language, act) };
        let mut actions: Vec<Choice> = own.map(choice).collect();
        actions.sort_by(|a, b| a.label.cmp(&b.label));
        Group { kind: kind.name(), actions }
    };
    Kind::ALL.into_iter().map(group).filter(|group| !group.actions.is_empty()).collect()
}

fn outcome(verified: &Verified, milliseconds: i64) -> VerifiedView {
    let (fault, seq) = match verified.fault {
        None if !verified.unlogged.is_empty() => (Some("ledger-fault-unlogged"), None),
        None => (None, None),
        Some(Fault::Reordered { seq, .. }) => (Some("ledger-fault-swapped"), Some(seq)),
        Some(Fault::Inserted { seq }) => (Some("ledger-fault-inserted"), Some(seq)),
        Some(Fault::Altered { seq }) => (Some("audit-fault-altered"), Some(seq)),
        Some(Fault::Missing { seq }) => (Some("audit-fault-missing"), Some(seq)),
        Some(Fault::Rewritten) => (Some("audit-fault-rewritten"), None),
        Some(Fault::RolledBack { .. }) => (Some("audit-fault-rolled-back"), None),
        Some(Fault::HistoryChanged { .. }) => (Some("audit-fault-history"), None),
    };
    VerifiedView { whole: fault.is_none(), fault, seq, milliseconds }
}
