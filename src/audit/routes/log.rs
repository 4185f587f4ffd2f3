//! The access log: its filters, its entries, its file.

mod samples;

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::words::{acting, read_day, said, words};
use crate::audit::{self, Entry, Filter, Hours};
use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::pages::Chrome;
use crate::vault::permission::{ReviewLog, Role, VerifyLog};
use crate::vault::{Fault, Grant, Verified};
use crate::web::{FieldErrors, Page, Problem};

/// Those who act without a name and have one way to be called, for the filter.
const NAMELESS: [&str; 8] = [
    "console",
    "visitor",
    "job:backup",
    "job:consents",
    "job:emergency",
    "job:messaging",
    "job:reminders",
    "job:schedule",
];

/// The filters as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterForm {
    /// `22.11.2026` or ISO 8601.
    from: String,
    until: String,
    actor: String,
    act: String,
    /// The number of a card.
    card: String,
    before: Option<i64>,
}

/// The log and the state of the ledger.
#[derive(Debug, Serialize)]
pub struct AuditPage {
    entries: Vec<EntryView>,
    filter: FilterForm,
    errors: FieldErrors,
    /// Where older entries go on.
    older: Option<String>,
    actions: Vec<Choice>,
    people: Vec<Choice>,
    hours: Hours,
    concerns: Vec<ConcernView>,
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

/// Something of the last 24 hours that an officer asks about first.
#[derive(Debug, Serialize)]
struct ConcernView {
    act: String,
    label: String,
    count: i64,
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

#[derive(Debug, Serialize)]
struct EntryView {
    #[serde(flatten)]
    entry: Entry,
    /// Unix ms.
    at: Option<i64>,
    action: String,
    /// Who did it: a name, or what acts here without one.
    who: String,
    /// In what office.
    office: String,
    /// What kind of thing it was done to.
    thing: Option<String>,
}

pub(super) async fn log(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Query(form): Query<FilterForm>,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant, chrome.language, form, None).await?;
    Page::of(&clinic, &chrome.active("audit"), &view)
}

pub(super) async fn verify(
    State(clinic): State<Clinic>,
    grant: Grant<VerifyLog>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let review = grant.also::<ReviewLog>()?;
    let started = clinic.clock().now();
    let verified = audit::verify(&clinic, &grant).await?;
    let milliseconds = clinic.clock().now().unix_ms() - started.unix_ms();
    let outcome = Some(outcome(&verified, milliseconds));
    let view = page(&clinic, &review, chrome.language, FilterForm::default(), outcome).await?;
    Page::of(&clinic, &chrome.active("audit"), &view)
}

pub(super) async fn export(
    State(clinic): State<Clinic>,
    grant: Grant<ReviewLog>,
    chrome: Chrome,
    Query(form): Query<FilterForm>,
) -> Result<Response, Problem> {
    let (filter, _) = form.understand(&clinic);
    let entries = audit::export(&clinic, &grant, &filter).await?;
    let mut writer = csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    let head = ["seq", "ts", "name", "role", "action", "card", "people", "ip", "device", "leaf"];
    let mut written = writer.write_record(head);
    for entry in &entries {
        written = written.and(writer.write_record([
            &entry.seq.to_string(),
            &entry.ts,
            entry.name.as_ref().unwrap_or(&acting(&clinic, chrome.language, &entry.actor)),
            entry.role.as_deref().unwrap_or_default(),
            &said(&clinic, chrome.language, &entry.act),
            &entry.card.map(|card| card.to_string()).unwrap_or_default(),
            &entry.people.map(|people| people.to_string()).unwrap_or_default(),
            entry.ip.as_deref().unwrap_or_default(),
            entry.device.as_deref().unwrap_or_default(),
            &entry.leaf,
        ]));
    }
    written.map_err(|error| Problem::Internal(Box::new(error)))?;
    let body = writer.into_inner().map_err(|error| Problem::Internal(error.to_string().into()))?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"access-log.csv\""),
    ];
    Ok((headers, body).into_response())
}

impl FilterForm {
    /// What the fields mean, and what is wrong with each.
    fn understand(&self, clinic: &Clinic) -> (Filter, FieldErrors) {
        let mut errors = FieldErrors::new();
        let mut day = |field: &'static str, text: &str| {
            let text = text.trim();
            let read = read_day(text);
            if read.is_none() && !text.is_empty() {
                errors.insert(field, "audit-error-day".to_owned());
            }
            read
        };
        let (first, last) = (day("from", &self.from), day("until", &self.until));
        let card = self.card.trim().trim_start_matches('№').trim();
        if !card.is_empty() && card.parse::<i64>().is_err() {
            errors.insert("card", "audit-error-card".to_owned());
        }
        let chosen = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let filter = Filter {
            actor: chosen(&self.actor),
            act: chosen(&self.act),
            card: card.parse().ok(),
            before: self.before,
            ..Filter::default()
        };
        (filter.between(&clinic.profile.get().zone, first, last), errors)
    }

    /// Where the entries older than `seq` are.
    fn older(&self, seq: i64) -> String {
        let mut query = String::from("/audit?before=");
        query.push_str(&seq.to_string());
        let fields = [
            ("from", &self.from),
            ("until", &self.until),
            ("actor", &self.actor),
            ("act", &self.act),
            ("card", &self.card),
        ];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            let safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
            let value: String = value.chars().filter(safe).collect();
            query.push_str(&format_args!("&{name}={value}").to_string());
        }
        query
    }
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<ReviewLog>,
    language: Language,
    form: FilterForm,
    verified: Option<VerifiedView>,
) -> Result<AuditPage, Problem> {
    let (filter, errors) = form.understand(clinic);
    let mut entries = audit::entries(clinic, grant, &filter).await?;
    let more = i64::try_from(entries.len()).is_ok_and(|shown| audit::PAGE < shown);
    entries.truncate(usize::try_from(audit::PAGE).unwrap_or_default());
    let last = entries.last().filter(|_| more).map(|entry| entry.seq);
    let head = clinic.vault.ledger_head().await?;
    let choices = |codes: Vec<String>| {
        let choice = |value: String| Choice { label: said(clinic, language, &value), value };
        codes.into_iter().map(choice).collect()
    };
    let people = audit::people(clinic, grant).await?.into_iter();
    let concern = |(act, count): (String, i64)| ConcernView {
        label: said(clinic, language, &act),
        act,
        count,
    };
    let concerns = audit::concerns(clinic, grant).await?.into_iter().map(concern).collect();
    Ok(AuditPage {
        older: last.map(|seq| form.older(seq)),
        entries: entries.into_iter().map(|entry| shown(clinic, language, entry)).collect(),
        filter: form,
        errors,
        actions: choices(audit::actions(clinic, grant).await?),
        people: people
            .map(|(value, label)| Choice { value, label })
            .chain(NAMELESS.iter().map(|actor| Choice {
                value: (*actor).to_owned(),
                label: acting(clinic, language, actor),
            }))
            .collect(),
        hours: audit::hours(clinic, grant).await?,
        concerns,
        size: head.size,
        root: data_encoding::HEXLOWER.encode(&head.root),
        verified,
    })
}

fn shown(clinic: &Clinic, language: Language, entry: Entry) -> EntryView {
    let at = entry.ts.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
    let who = entry.name.clone().unwrap_or_else(|| acting(clinic, language, &entry.actor));
    let role = entry.role.as_deref().unwrap_or_default();
    let book = if Role::staff(role).is_some() { "shell" } else { "audit" };
    let office = words(clinic, language, &format!("{book}-role-{role}"));
    let thing = entry.object.as_ref().map(|kind| {
        words(clinic, language, &format!("audit-object-{}", kind.replace('_', "-")))
            .unwrap_or_else(|| kind.clone())
    });
    let office = office.unwrap_or_else(|| role.to_owned());
    EntryView { at, action: said(clinic, language, &entry.act), who, office, thing, entry }
}
fn outcome(verified: &Verified, milliseconds: i64) -> VerifiedView {
    let (fault, seq) = match verified.fault {
        None => (None, None),
        Some(Fault::Altered { seq }) => (Some("audit-fault-altered"), Some(seq)),
        Some(Fault::Missing { seq }) => (Some("audit-fault-missing"), Some(seq)),
        Some(Fault::Rewritten) => (Some("audit-fault-rewritten"), None),
        Some(Fault::RolledBack { .. }) => (Some("audit-fault-rolled-back"), None),
        Some(Fault::HistoryChanged { .. }) => (Some("audit-fault-history"), None),
    };
    VerifiedView { whole: fault.is_none(), fault, seq, milliseconds }
}
