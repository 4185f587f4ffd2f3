//! Requests on the web: taking one in, the register, one request, what is blocked.

mod blocked;
mod one;
mod samples;
mod take;

use axum::extract::{Query, State as Running};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::{Timestamp, Zone};
use crate::incidents::papers::{Speech, printed, register};
use crate::incidents::{InLanguage, LeftView, csv_file, file, letterhead};
use crate::pages::Chrome;
use crate::patients::blocking::BlockError;
use crate::subject_requests::{
    self, Filter, Kind, RequestError, RequestId, RequestRow, State, answered_at, bases, term_of,
};
use crate::vault::Grant;
use crate::vault::permission::{Permission, TakeRequests, ViewRegisters, ViewRequests};
use crate::web::{Page, Problem, Routes, see_other};
use crate::workdays::{self, Terms, WorkCalendar};

pub use blocked::BlockedPage;
pub use one::RequestPage;
pub use take::TakePage;

/// The rail's entry that these pages belong to.
const ENTRY: &str = "personal-data";

const PATH: &str = "/personal-data/requests";

pub fn routes() -> Routes {
    Routes::new()
        .get("/personal-data", desk)
        .get(PATH, list)
        .post(PATH, take::take)
        .get("/personal-data/requests/new", take::blank)
        .get("/personal-data/requests/export.csv", export_csv)
        .get("/personal-data/requests/export.pdf", export_pdf)
        .get("/personal-data/requests/{id}", one::page)
        .post("/personal-data/requests/{id}/steps", one::advance)
        .post("/personal-data/requests/{id}/block", one::block)
        .post("/personal-data/requests/{id}/answer", one::answer)
        .merge(bases::routes())
        .get("/personal-data/blocked", blocked::list)
        .post("/personal-data/blocked/{patient_id}/lift", blocked::lift)
}

/// The desk opens where whoever asks may go: the register, or the form.
async fn desk(grant: Grant<TakeRequests>) -> Response {
    let register = grant.actor().may::<ViewRequests>();
    see_other(if register { PATH } else { "/personal-data/requests/new" })
}

/// The register.
#[derive(Debug, Serialize)]
pub struct RequestsPage {
    requests: Vec<Row>,
    filter: FilterForm,
    kinds: Vec<&'static str>,
    /// Whether there is any request at all.
    any: bool,
    /// Whether the counter of people may be shown below.
    counts_people: bool,
}

/// A line of the register, with its term.
#[derive(Debug, Serialize)]
struct Row {
    id: RequestId,
    number: i64,
    kind: Kind,
    card: Option<i64>,
    received_at: Timestamp,
    state: State,
    answered_at: Option<Timestamp>,
    /// None when no term was in force.
    left: Option<LeftView>,
}

/// The filters as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct FilterForm {
    kind: String,
    /// `open`, `overdue`, or everything.
    state: String,
    card: String,
}

impl FilterForm {
    fn filter(&self) -> Filter {
        Filter {
            kind: Kind::named(&self.kind),
            open: !self.state.is_empty(),
            card: self.card.trim().trim_start_matches('№').trim().parse().ok(),
        }
    }
}

/// The calendar and the terms, to say what is due.
struct Due {
    calendar: WorkCalendar,
    terms: Terms,
    zone: Zone,
    now: Timestamp,
}

impl Due {
    async fn load<P: Permission>(clinic: &Clinic, grant: &Grant<P>) -> Result<Self, Problem> {
        let zone = clinic.profile.get().zone.clone();
        let now = clinic.clock().now();
        let calendar = workdays::calendar(&clinic.vault, grant, zone.today(now)).await?;
        let terms = workdays::terms(&clinic.vault, grant).await?;
        Ok(Self { calendar, terms, zone, now })
    }

    /// How far off the end is; of what was answered, how far off it was then.
    fn of(&self, kind: Kind, received: Timestamp, until: Option<Timestamp>) -> Option<LeftView> {
        let (from, now) = (self.zone.civil(received), self.zone.civil(until.unwrap_or(self.now)));
        workdays::left(&self.calendar, &self.terms, term_of(kind), from, now).map(LeftView::from)
    }

    fn row(&self, row: &RequestRow) -> Row {
        let answered = answered_at(row);
        Row {
            id: row.id,
            number: row.number,
            kind: row.kind,
            card: row.card,
            received_at: row.received_at,
            state: row.state,
            answered_at: answered,
            left: self.of(row.kind, row.received_at, answered),
        }
    }
}

async fn rows(
    clinic: &Clinic,
    grant: &Grant<ViewRequests>,
    form: &FilterForm,
) -> Result<Vec<Row>, Problem> {
    let due = Due::load(clinic, grant).await?;
    let found = subject_requests::register(&clinic.vault, grant, &form.filter()).await?;
    let mut rows: Vec<Row> = found.iter().map(|row| due.row(row)).collect();
    if form.state == "overdue" {
        rows.retain(|row| row.left.as_ref().is_some_and(|left| left.overdue));
    }
    Ok(rows)
}

async fn list(
    Running(clinic): Running<Clinic>,
    grant: Grant<ViewRequests>,
    chrome: Chrome,
    Query(filter): Query<FilterForm>,
) -> Result<Page, Problem> {
    let requests = rows(&clinic, &grant, &filter).await?;
    let filtered = [&filter.kind, &filter.state, &filter.card].iter().any(|text| !text.is_empty());
    let any = filtered || !requests.is_empty();
    let kinds = Kind::ALL.iter().map(|kind| kind.name()).collect();
    let counts_people = grant.actor().may::<ViewRegisters>();
    let view = RequestsPage { requests, filter, kinds, any, counts_people };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn export_csv(
    Running(clinic): Running<Clinic>,
    grant: Grant<ViewRequests>,
    Query(filter): Query<FilterForm>,
) -> Result<Response, Problem> {
    let mut writer = csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    let mut written = writer.write_record([
        "number", "kind", "card", "received", "due", "state", "answered", "overdue",
    ]);
    for row in rows(&clinic, &grant, &filter).await? {
        let left = row.left.as_ref();
        written = written.and(writer.write_record([
            row.number.to_string(),
            row.kind.name().to_owned(),
            row.card.map(|card| card.to_string()).unwrap_or_default(),
            row.received_at.rfc3339(),
            left.map(|left| left.due.to_string()).unwrap_or_default(),
            row.state.name().to_owned(),
            row.answered_at.map(Timestamp::rfc3339).unwrap_or_default(),
            u8::from(left.is_some_and(|left| left.overdue)).to_string(),
        ]));
    }
    subject_requests::note_export(&clinic.vault, &grant, "csv").await?;
    csv_file(written, writer, "requests.csv")
}

async fn export_pdf(
    Running(clinic): Running<Clinic>,
    grant: Grant<ViewRequests>,
    Query(asked): Query<InLanguage>,
    Query(filter): Query<FilterForm>,
) -> Result<Response, Problem> {
    let speech = Speech::of(&clinic, asked.language());
    let head = letterhead(&clinic, &grant, &speech).await?;
    let rows = rows(&clinic, &grant, &filter).await?.into_iter().map(|row| {
        let card = row.card.map_or("—".to_owned(), |card| card.to_string());
        let due = row.left.as_ref().map(|left| speech.civil(left.due)).unwrap_or_default();
        let said = speech.with(
            "requests-paper-row",
            &[
                ("kind", speech.say(&format!("requests-kind-{}", row.kind.name())).into()),
                ("card", card.into()),
                ("due", due.into()),
                ("state", speech.say(&format!("requests-state-{}", row.state.name())).into()),
            ],
        );
        (format!("№ {} · {}", row.number, speech.moment(row.received_at)), said)
    });
    let rows = rows.collect();
    let paper = register(&speech, &head, "requests-register", clinic.clock().now(), rows);
    subject_requests::note_export(&clinic.vault, &grant, "pdf").await?;
    Ok(file(printed(paper).await?, "application/pdf", "requests.pdf"))
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::NoSuchRequest => Self::NotFound,
            RequestError::NoSuchCard => Self::Invalid("requests-no-such-card"),
            RequestError::Changed => Self::Conflict("requests-changed"),
            RequestError::NotNext => Self::Conflict("requests-not-next"),
            RequestError::BadTime => Self::Invalid("requests-bad-time"),
            RequestError::Vault(cause) => cause.into(),
        }
    }
}

impl From<BlockError> for Problem {
    fn from(error: BlockError) -> Self {
        match error {
            BlockError::NoSuchPatient => Self::NotFound,
            BlockError::AlreadyBlocked => Self::Conflict("requests-already-blocked"),
            BlockError::NotBlocked => Self::Conflict("requests-not-blocked"),
            BlockError::Vault(cause) => cause.into(),
        }
    }
}
