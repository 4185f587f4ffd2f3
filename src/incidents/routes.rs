//! The breach desk on the web: the register, and what is due.

mod one;
mod opening;
mod papers;
mod samples;

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::{Timestamp, Zone};
use crate::i18n::Language;
use crate::incidents::papers::{Letterhead, Speech, printed, register};
use crate::incidents::{self, EventKind, Incident, IncidentError, IncidentId};
use crate::pages::Chrome;
use crate::paper::PaperError;
use crate::schedule;
use crate::vault::Grant;
use crate::vault::permission::{HandleIncidents, Permission, ViewIncidents};
use crate::web::{Page, Problem, Routes};
use crate::workdays::{self, Left, TermCode, Terms, WorkCalendar};

pub use one::IncidentPage;
pub use opening::NewIncidentPage;

/// The rail's entry that these pages belong to.
pub const ENTRY: &str = "personal-data";

const PATH: &str = "/personal-data/incidents";

pub fn routes() -> Routes {
    Routes::new()
        .get(PATH, list)
        .get("/personal-data/incidents/export.csv", export_csv)
        .get("/personal-data/incidents/export.pdf", export_pdf)
        .get("/personal-data/incidents/new", opening::blank)
        .post(PATH, opening::open)
        .get("/personal-data/incidents/{id}", one::page)
        .post("/personal-data/incidents/{id}/events", one::add_event)
        .post("/personal-data/incidents/{id}/story", one::describe)
        .post("/personal-data/incidents/{id}/people", one::correct)
        .get("/personal-data/incidents/{id}/people.csv", papers::people)
        .get("/personal-data/incidents/{id}/authority.pdf", papers::authority)
        .post("/personal-data/incidents/{id}/papers", papers::named)
}

/// Something the law wants done by a moment.
#[derive(Clone, Debug, Serialize)]
struct Duty {
    done_at: Option<Timestamp>,
    /// Done after its end.
    late: bool,
    /// None when no term is in force.
    left: Option<LeftView>,
}

/// How far off the end is, for the page.
#[derive(Clone, Debug, Serialize)]
pub struct LeftView {
    pub due: crate::clock::Civil,
    pub overdue: bool,
    pub hours: i64,
    pub minutes: i64,
    pub days: i64,
}

impl From<Left> for LeftView {
    fn from(left: Left) -> Self {
        let Left { due, overdue, minutes, days } = left;
        Self { due, overdue, hours: minutes / 60, minutes: minutes % 60, days }
    }
}

/// The calendar and the terms, to say what is due.
struct Terminal {
    calendar: WorkCalendar,
    terms: Terms,
    zone: Zone,
    now: Timestamp,
}

impl Terminal {
    async fn load<P: Permission>(clinic: &Clinic, grant: &Grant<P>) -> Result<Self, Problem> {
        let zone = clinic.profile.get().zone.clone();
        let now = clinic.clock().now();
        let calendar = workdays::calendar(&clinic.vault, grant, zone.today(now)).await?;
        let terms = workdays::terms(&clinic.vault, grant).await?;
        Ok(Self { calendar, terms, zone, now })
    }

    fn duty(&self, code: TermCode, incident: &Incident, done: Option<Timestamp>) -> Duty {
        let from = self.zone.civil(incident.detected_at);
        let until = self.zone.civil(done.unwrap_or(self.now));
        let left = workdays::left(&self.calendar, &self.terms, code, from, until);
        let late = done.is_some() && left.is_some_and(|left| left.overdue);
        Duty { done_at: done, late, left: left.map(LeftView::from) }
    }
}

/// The register.
#[derive(Debug, Serialize)]
pub struct IncidentsPage {
    incidents: Vec<Row>,
    may_handle: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    id: IncidentId,
    number: i64,
    detected_at: Timestamp,
    people: i64,
    authority: Duty,
    subjects: Duty,
    closed_at: Option<Timestamp>,
}

impl Row {
    fn of(incident: &Incident, terminal: &Terminal) -> Self {
        let duty = |code, done| terminal.duty(code, incident, done);
        Self {
            id: incident.id,
            number: incident.number,
            detected_at: incident.detected_at,
            people: incident.people,
            authority: duty(TermCode::AuthorityNotice, incident.authority_at),
            subjects: duty(TermCode::SubjectNotice, incident.subjects_at),
            closed_at: incident.closed_at,
        }
    }
}

async fn rows(clinic: &Clinic, grant: &Grant<ViewIncidents>) -> Result<Vec<Row>, Problem> {
    let terminal = Terminal::load(clinic, grant).await?;
    let all = incidents::register(&clinic.vault, grant).await?;
    Ok(all.iter().map(|incident| Row::of(incident, &terminal)).collect())
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewIncidents>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = IncidentsPage {
        incidents: rows(&clinic, &grant).await?,
        may_handle: grant.actor().may::<HandleIncidents>(),
    };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn export_csv(
    State(clinic): State<Clinic>,
    grant: Grant<ViewIncidents>,
) -> Result<Response, Problem> {
    let mut writer = csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    let head =
        ["number", "detected", "people", "authority_notified", "subjects_notified", "closed"];
    let mut written = writer.write_record(head);
    let moment = |at: Option<Timestamp>| at.map(Timestamp::rfc3339).unwrap_or_default();
    for row in rows(&clinic, &grant).await? {
        written = written.and(writer.write_record([
            row.number.to_string(),
            row.detected_at.rfc3339(),
            row.people.to_string(),
            moment(row.authority.done_at),
            moment(row.subjects.done_at),
            moment(row.closed_at),
        ]));
    }
    incidents::note_export(&clinic.vault, &grant, "csv").await?;
    csv_file(written, writer, "incidents.csv")
}

pub(crate) fn csv_file(
    written: csv::Result<()>,
    writer: csv::Writer<Vec<u8>>,
    name: &str,
) -> Result<Response, Problem> {
    written.map_err(|error| Problem::Internal(Box::new(error)))?;
    let body = writer.into_inner().map_err(|error| Problem::Internal(error.to_string().into()))?;
    Ok(file(body, "text/csv; charset=utf-8", name))
}

/// A file to be kept.
pub(crate) fn file(body: Vec<u8>, media_type: &'static str, name: &str) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, media_type.to_owned()), (CONTENT_DISPOSITION, disposition)], body)
        .into_response()
}

/// The language of a paper: Russian unless Kazakh is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct InLanguage {
    pub lang: String,
}

impl InLanguage {
    pub fn language(&self) -> Language {
        if self.lang == "kk" { Language::Kk } else { Language::Ru }
    }
}

async fn export_pdf(
    State(clinic): State<Clinic>,
    grant: Grant<ViewIncidents>,
    Query(asked): Query<InLanguage>,
) -> Result<Response, Problem> {
    let speech = Speech::of(&clinic, asked.language());
    let head = letterhead(&clinic, &grant, &speech).await?;
    let rows = rows(&clinic, &grant).await?.into_iter().map(|row| {
        let moment = |at: Option<Timestamp>| match at {
            Some(at) => speech.moment(at),
            None => speech.say("incidents-not-yet"),
        };
        let said = speech.with(
            "incidents-paper-row",
            &[
                ("people", row.people.into()),
                ("authority", moment(row.authority.done_at).into()),
                ("subjects", moment(row.subjects.done_at).into()),
                ("closed", moment(row.closed_at).into()),
            ],
        );
        (format!("№ {} · {}", row.number, speech.moment(row.detected_at)), said)
    });
    let rows = rows.collect();
    let paper = register(&speech, &head, "incidents-register", clinic.clock().now(), rows);
    incidents::note_export(&clinic.vault, &grant, "pdf").await?;
    Ok(file(printed(paper).await?, "application/pdf", "incidents.pdf"))
}

/// The clinic at the top of a paper.
pub(crate) async fn letterhead<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    speech: &Speech<'_>,
) -> Result<Letterhead, Problem> {
    let facts = schedule::facts(&mut clinic.vault.read(grant).await?).await?;
    Ok(Letterhead::of(facts.as_ref(), &clinic.profile.get().name, speech))
}

impl From<IncidentError> for Problem {
    fn from(error: IncidentError) -> Self {
        match error {
            IncidentError::NoSuchIncident => Self::NotFound,
            IncidentError::Closed => Self::Conflict("incidents-is-closed"),
            IncidentError::NotNotified => Self::Conflict("incidents-not-notified"),
            IncidentError::BadTime => Self::Invalid("incidents-bad-time"),
            IncidentError::Changed => Self::Conflict("incidents-changed"),
            IncidentError::Vault(cause) => cause.into(),
        }
    }
}

impl From<PaperError> for Problem {
    fn from(error: PaperError) -> Self {
        Self::Internal(Box::new(error))
    }
}

/// The names of what may be written down, in the order of the form.
fn kinds() -> Vec<&'static str> {
    EventKind::WRITTEN.map(EventKind::name).to_vec()
}
