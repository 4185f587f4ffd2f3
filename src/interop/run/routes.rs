//! Importing on the web: bring files, look at the guess and correct it, carry
//! out with a bar and a stop, read the report, take everything back.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::model::code;
use super::report::{Words, xlsx};
use super::{ImportError, ImportRunId, Preview, RowReport, Run, RunState, Upload};
use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::interop::guess::{Field, Kind, Layout};
use crate::interop::interpret::File;
use crate::interop::reading::{MAX_FILE_BYTES, ReadError};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::ImportRecords;
use crate::web::{FieldErrors, Page, Problem, Routes, see_other};

/// Rows of one page of a report.
const PAGE: usize = 200;

pub fn routes() -> Routes {
    Routes::new()
        .get("/import", index)
        .upload("/import", MAX_FILE_BYTES * 3, bring)
        .get("/import/{id}", show)
        .post("/import/{id}/layout", correct)
        .post("/import/{id}/start", start)
        .get("/import/{id}/progress", progress)
        .post("/import/{id}/stop", stop)
        .post("/import/{id}/undo", undo)
        .get("/import/{id}/report.xlsx", download)
}

/// The form and the runs so far.
#[derive(Debug, Serialize)]
pub struct ImportPage {
    runs: Vec<RunView>,
    errors: FieldErrors,
    /// The file that could not be read.
    refused: Option<String>,
}

/// A draft: what it would do, and the guess.
#[derive(Debug, Serialize)]
pub struct DraftPage {
    run: RunView,
    counts: BTreeMap<String, usize>,
    new_cards: usize,
    duplicates: usize,
    sheets: Vec<SheetView>,
    fields: Vec<&'static str>,
    kinds: Vec<&'static str>,
}

/// A run that is going on, done, stopped or undone.
#[derive(Debug, Serialize)]
pub struct RunPage {
    run: RunView,
    counts: BTreeMap<String, usize>,
    rows: Vec<RowReport>,
    /// The verdict shown; empty: all.
    verdict: String,
    page: usize,
    pages: usize,
    duplicates: usize,
}

#[derive(Debug, Serialize)]
pub struct ProgressView {
    run: RunView,
}

#[derive(Debug, Serialize)]
struct RunView {
    id: String,
    state: String,
    files: Vec<String>,
    done: i64,
    total: i64,
    /// Unix ms.
    created_at: i64,
    kept: i64,
}

#[derive(Debug, Serialize)]
struct SheetView {
    file: usize,
    sheet: usize,
    file_name: String,
    name: String,
    kind: String,
    header_row: Option<u32>,
    columns: Vec<ColumnView>,
    rows: usize,
}

#[derive(Debug, Serialize)]
struct ColumnView {
    at: usize,
    letter: String,
    title: String,
    field: String,
    samples: Vec<String>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Shown {
    verdict: String,
    page: usize,
}

async fn index(
    State(clinic): State<Clinic>,
    grant: Grant<ImportRecords>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = import_page(&clinic, &grant).await?;
    Page::of(&clinic, &chrome.active("import"), &view)
}

async fn bring(
    State(clinic): State<Clinic>,
    grant: Grant<ImportRecords>,
    chrome: Chrome,
    form: Multipart,
) -> Result<Response, Problem> {
    let uploads = uploads(form).await?;
    let mut view = import_page(&clinic, &grant).await?;
    let refusal = if uploads.is_empty() {
        "interop-error-no-file".to_owned()
    } else {
        match super::draft(&clinic, &grant, uploads).await {
            Ok(id) => return Ok(see_other(&format!("/import/{id}"))),
            Err(ImportError::Unreadable(name, error)) => {
                view.refused = Some(name);
                format!("interop-error-{}", error_code(&error))
            }
            Err(other) => return Err(other.into()),
        }
    };
    view.errors.insert("files", refusal);
    Ok(Page::of(&clinic, &chrome.active("import"), &view)?.refused().into_response())
}

async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<ImportRecords>,
    chrome: Chrome,
    Path(id): Path<ImportRunId>,
    Query(shown): Query<Shown>,
) -> Result<Page, Problem> {
    let chrome = chrome.active("import");
    let run = super::run(&clinic, &grant, id).await?;
    if run.state == RunState::Draft {
        let preview = super::preview(&clinic, &grant, id).await?;
        return Page::of(&clinic, &chrome, &draft_page(&run, &preview));
    }
    let (rows, offered) = super::report(&clinic, &grant, id).await?;
    Page::of(&clinic, &chrome, &run_page(&run, rows, offered.len(), shown))
}

async fn correct(
    State(clinic): State<Clinic>,
    grant: Grant<ImportRecords>,
    Path(id): Path<ImportRunId>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let run = super::run(&clinic, &grant, id).await?;
    let place = |name: &str| form.get(name).and_then(|text| text.parse::<usize>().ok());
    let (Some(file), Some(sheet)) = (place("file"), place("sheet")) else {
        return Err(Problem::Invalid("interop-error-form"));
    };
    let layouts = run.files.get(file).map(|file| file.layouts.as_slice()).unwrap_or_default();
    let model = corrected(layouts.get(sheet).ok_or(Problem::NotFound)?, &form);
    for (at, own) in layouts.iter().enumerate() {
        // Sheets of one form are corrected together, as the months of a journal.
        let alike =
            at != sheet && form.contains_key("alike") && own.titles == layouts[sheet].titles;
        if at == sheet || alike {
            let mut layout = own.clone();
            layout.columns.clone_from(&model.columns);
            layout.kind = model.kind;
            if at == sheet {
                layout.header_row = model.header_row;
            }
            super::set_layout(&clinic, &grant, id, (file, at), layout).await?;
        }
    }
    Ok(see_other(&format!("/import/{id}")))
}

async fn start(
    State(clinic): State<Clinic>,
    grant: Grant<ImportRecords>,
    Path(id): Path<ImportRunId>,
) -> Result<Response, Problem> {
    let run = super::run(&clinic, &grant, id).await?;
    if !matches!(run.state, RunState::Draft | RunState::Stopped) {
        return Err(Problem::Conflict("interop-not-now"));
    }
    let mut begun = clinic.vault.watch();
    let topic = format!("import:{id}");
    tokio::spawn(async move {
        if let Err(error) = super::carry_out(&clinic, &grant, id, |_, _| {}).await {
            tracing::error!(%error, "an import ended early");
            let _ = super::leave_stopped(&clinic, &grant, id).await;
        }
    });
    // The page that follows should see it running.
    let waiting = async { while begun.recv().await.is_ok_and(|changed| *changed != *topic) {} };
    let _ = tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await;
    Ok(see_other(&format!("/import/{id}")))
}

async fn progress(
    State(clinic): State<Clinic>,
    grant: Grant<ImportRecords>,
    chrome: Chrome,
    Path(id): Path<ImportRunId>,
) -> Result<Response, Problem> {
    let run = super::run(&clinic, &grant, id).await?;
    let over = !matches!(run.state, RunState::Running | RunState::Stopping);
    let view = ProgressView { run: RunView::of(&run) };
    let chrome = chrome.layout(crate::pages::FRAGMENT);
    let mut response = Page::of(&clinic, &chrome, &view)?.into_response();
    if over {
        let refresh = (HeaderName::from_static("hx-refresh"), HeaderValue::from_static("true"));
        response.headers_mut().insert(refresh.0, refresh.1);
    }
    Ok(response)
}

async fn stop(
    State(clinic): State<Clinic>,
    grant: Grant<ImportRecords>,
    Path(id): Path<ImportRunId>,
) -> Result<Response, Problem> {
    match super::stop(&clinic, &grant, id).await {
        // It was over before the word came.
        Ok(()) | Err(ImportError::NotNow(_)) => Ok(see_other(&format!("/import/{id}"))),
        Err(other) => Err(other.into()),
    }
}

async fn undo(
    State(clinic): State<Clinic>,
    grant: Grant<ImportRecords>,
    Path(id): Path<ImportRunId>,
) -> Result<Response, Problem> {
    super::undo(&clinic, &grant, id).await?;
    Ok(see_other(&format!("/import/{id}")))
}

async fn download(
    State(clinic): State<Clinic>,
    grant: Grant<ImportRecords>,
    chrome: Chrome,
    Path(id): Path<ImportRunId>,
) -> Result<Response, Problem> {
    let (rows, offered) = super::report(&clinic, &grant, id).await?;
    let body = in_words(&clinic, chrome.language, &rows, &offered)?;
    let mut headers = HeaderMap::new();
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"import-report.xlsx\""),
    );
    Ok((headers, body).into_response())
}

async fn import_page(clinic: &Clinic, grant: &Grant<ImportRecords>) -> Result<ImportPage, Problem> {
    let runs = super::runs(clinic, grant).await?;
    Ok(ImportPage {
        runs: runs.iter().map(RunView::of).collect(),
        errors: FieldErrors::new(),
        refused: None,
    })
}

async fn uploads(mut form: Multipart) -> Result<Vec<Upload>, Problem> {
    let too_large = |_| Problem::TooLarge;
    let mut uploads = Vec::new();
    while let Some(part) = form.next_field().await.map_err(too_large)? {
        let kind = match part.name() {
            Some("journal") => Some(Kind::Journal),
            Some("people") => Some(Kind::People),
            Some("prices") => Some(Kind::Prices),
            _ => None,
        };
        let name = part.file_name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(too_large)?;
        if !name.is_empty() && !bytes.is_empty() {
            uploads.push(Upload { name, kind, bytes: bytes.to_vec() });
        }
    }
    Ok(uploads)
}

fn corrected(layout: &Layout, form: &BTreeMap<String, String>) -> Layout {
    let mut layout = layout.clone();
    let named = |text: &String| serde_json::from_value(serde_json::Value::from(text.as_str())).ok();
    if let Some(kind) = form.get("kind").and_then(named) {
        layout.kind = kind;
    }
    if let Some(row) = form.get("header") {
        layout.header_row = row.trim().parse().ok();
    }
    for (at, column) in layout.columns.iter_mut().enumerate() {
        if let Some(field) = form.get(&format!("c{at}")) {
            *column = serde_json::from_value::<Field>(serde_json::Value::from(field.as_str())).ok();
        }
    }
    layout
}

fn draft_page(run: &Run, preview: &Preview) -> DraftPage {
    let count = preview.outcome.count();
    let counts = [
        ("taken", count.taken),
        ("flagged", count.flagged),
        ("refused", count.refused),
        ("skipped", count.skipped),
    ];
    DraftPage {
        run: RunView::of(run),
        counts: counts.map(|(word, count)| (word.to_owned(), count)).into(),
        new_cards: preview.outcome.cards.iter().filter(|card| card.known.is_none()).count(),
        duplicates: preview.outcome.duplicates.len(),
        sheets: preview
            .files
            .iter()
            .enumerate()
            .flat_map(|(at, file)| sheet_views(at, file))
            .collect(),
        fields: FIELDS.to_vec(),
        kinds: vec!["journal", "people", "prices", "other"],
    }
}

fn sheet_views(file_at: usize, file: &File) -> Vec<SheetView> {
    let view =
        |(sheet_at, (sheet, layout)): (usize, (&crate::interop::reading::Sheet, &Layout))| {
            let first = layout.header_row.unwrap_or_default();
            let rows: Vec<_> = sheet
                .rows
                .iter()
                .filter(|row| row.number > first && row.filled() > 1)
                .take(3)
                .collect();
            let column = |(at, field): (usize, &Option<Field>)| ColumnView {
                at,
                letter: letter(at),
                title: layout.titles.get(at).cloned().unwrap_or_default(),
                field: field.as_ref().map(code).unwrap_or_default(),
                samples: rows
                    .iter()
                    .map(|row| row.cell(at).shown().chars().take(40).collect())
                    .collect(),
            };
            SheetView {
                file: file_at,
                sheet: sheet_at,
                file_name: file.name.clone(),
                name: sheet.name.clone(),
                kind: code(&layout.kind),
                header_row: layout.header_row,
                columns: layout.columns.iter().enumerate().map(column).collect(),
                rows: sheet.rows.len(),
            }
        };
    file.sheets.iter().zip(&file.layouts).enumerate().map(view).collect()
}

/// The letter over a column: A to Z, then AA.
fn letter(at: usize) -> String {
    let single = |at: usize| char::from(b'A' + u8::try_from(at % 26).unwrap_or_default());
    if at < 26 { single(at).to_string() } else { format!("{}{}", single(at / 26 - 1), single(at)) }
}

fn run_page(run: &Run, rows: Vec<RowReport>, duplicates: usize, shown: Shown) -> RunPage {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for row in &rows {
        *counts.entry(row.verdict.clone()).or_default() += 1;
    }
    let fitting: Vec<RowReport> = rows
        .into_iter()
        .filter(|row| shown.verdict.is_empty() || row.verdict == shown.verdict)
        .collect();
    let pages = fitting.len().div_ceil(PAGE).max(1);
    let page = shown.page.clamp(1, pages);
    RunPage {
        run: RunView::of(run),
        counts,
        rows: fitting.into_iter().skip((page - 1) * PAGE).take(PAGE).collect(),
        verdict: shown.verdict,
        page,
        pages,
        duplicates,
    }
}

impl RunView {
    fn of(run: &Run) -> Self {
        Self {
            id: run.id.to_string(),
            state: code(&run.state),
            files: run.files.iter().map(|file| file.name.clone()).collect(),
            done: run.done,
            total: run.total,
            created_at: run.created_at.unix_ms(),
            kept: run.kept,
        }
    }
}

/// Fluent keys have dashes.
fn error_code(error: &ReadError) -> String {
    error.code().replace('_', "-")
}

fn in_words(
    clinic: &Clinic,
    language: Language,
    rows: &[RowReport],
    offered: &[super::Offered],
) -> Result<Vec<u8>, Problem> {
    let words = clinic.pages.words();
    let say = |key: &str| words.plain(language, key);
    let titles = [
        "file", "sheet", "row", "verdict", "reasons", "patient", "day", "time", "doctor", "service",
    ]
    .map(|name| say(&format!("interop-col-{name}")));
    let duplicate_titles =
        ["a", "b", "score", "reasons"].map(|name| say(&format!("interop-dup-{name}")));
    let word = |code: &str| {
        let dashed = code.replace('_', "-");
        let keys = [
            format!("interop-verdict-{dashed}"),
            format!("interop-reason-{dashed}"),
            format!("interop-likely-{dashed}"),
        ];
        let none = fluent_bundle::FluentArgs::new();
        keys.iter()
            .find_map(|key| words.say(language, key, &none))
            .unwrap_or_else(|| code.to_owned())
    };
    let report = Words {
        sheet_rows: &say("interop-rows"),
        sheet_duplicates: &say("interop-duplicates-sheet"),
        titles: titles.each_ref().map(String::as_str),
        duplicate_titles: duplicate_titles.each_ref().map(String::as_str),
        word: &word,
    };
    xlsx(rows, offered, &report).map_err(|error| Problem::Internal(Box::new(error)))
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::NoSuch => Self::NotFound,
            ImportError::NotNow(_) => Self::Conflict("interop-not-now"),
            ImportError::Unreadable(..) => Self::Invalid("interop-error-damaged"),
            ImportError::Vault(error) => error.into(),
            other => Self::Internal(Box::new(other)),
        }
    }
}

const FIELDS: [&str; 27] = [
    "date",
    "date_time",
    "time",
    "end_time",
    "patient",
    "surname",
    "given",
    "patronymic",
    "phone",
    "doctor",
    "service",
    "sum",
    "payment",
    "status",
    "comment",
    "iin",
    "birth_date",
    "sex",
    "allergy",
    "source",
    "duration",
    "card_no",
    "room",
    "email",
    "address",
    "section",
    "ignored",
];

impl RunView {
    fn sample(state: &str) -> Self {
        Self {
            id: "0190".to_owned(),
            state: state.to_owned(),
            files: vec!["journal.xlsx".to_owned()],
            done: 200,
            total: 4000,
            created_at: 1_795_402_800_000,
            kept: 1,
        }
    }
}

impl View for ImportPage {
    const TEMPLATE: &'static str = "interop/index.html";

    fn samples() -> Vec<Self> {
        let states = ["draft", "running", "stopping", "stopped", "done", "undone"];
        let errors = FieldErrors::from([("files", "interop-error-pdf".to_owned())]);
        vec![
            Self { runs: Vec::new(), errors: FieldErrors::new(), refused: None },
            Self {
                runs: states.map(RunView::sample).into(),
                errors,
                refused: Some("scan.pdf".to_owned()),
            },
        ]
    }
}

impl View for DraftPage {
    const TEMPLATE: &'static str = "interop/draft.html";

    fn samples() -> Vec<Self> {
        let column = ColumnView {
            at: 0,
            letter: "A".to_owned(),
            title: "Date".to_owned(),
            field: "date".to_owned(),
            samples: vec!["06.01.2025".to_owned()],
        };
        let sheet = SheetView {
            file: 0,
            sheet: 0,
            file_name: "journal.xlsx".to_owned(),
            name: "1".to_owned(),
            kind: "journal".to_owned(),
            header_row: Some(2),
            columns: vec![column],
            rows: 350,
        };
        let counts = ["taken", "flagged", "refused", "skipped"]
            .map(|verdict| (verdict.to_owned(), 3))
            .into();
        vec![Self {
            run: RunView::sample("draft"),
            counts,
            new_cards: 900,
            duplicates: 12,
            sheets: vec![sheet],
            fields: FIELDS.to_vec(),
            kinds: vec!["journal", "people", "prices", "other"],
        }]
    }
}

impl View for RunPage {
    const TEMPLATE: &'static str = "interop/run.html";

    fn samples() -> Vec<Self> {
        let row = RowReport {
            position: 0,
            file: "journal.xlsx".to_owned(),
            sheet: "1".to_owned(),
            row: 3,
            verdict: "flagged".to_owned(),
            reasons: vec!["two_phones".to_owned(), "time_taken".to_owned()],
            source_key: "0".to_owned(),
            added: true,
            patient_id: Some("0190".to_owned()),
            appointment_id: None,
            patient: "Kim Vera".to_owned(),
            day: Some("2025-01-06".to_owned()),
            time: Some("09:30".to_owned()),
            doctor: "Pak".to_owned(),
            service: "X".to_owned(),
        };
        let page = |state: &str, rows: Vec<RowReport>| Self {
            run: RunView::sample(state),
            counts: [("flagged".to_owned(), 1)].into(),
            rows,
            verdict: String::new(),
            page: 1,
            pages: 2,
            duplicates: 3,
        };
        vec![
            page("running", Vec::new()),
            page("done", vec![row.clone()]),
            page("stopped", vec![row]),
            page("undone", Vec::new()),
        ]
    }
}

impl View for ProgressView {
    const TEMPLATE: &'static str = "interop/progress.html";

    fn samples() -> Vec<Self> {
        vec![Self { run: RunView::sample("running") }, Self { run: RunView::sample("done") }]
    }
}
