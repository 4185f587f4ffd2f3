//! Runs of the importer.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::crypto::blob::BlobHash;
use crate::ids::id;
use crate::interop::guess::{Kind, Layout};
use crate::interop::interpret::{Content, Line};

id! {
    /// One import: files, what they were understood to be, what was taken.
    ImportRunId
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum RunState {
    /// Files are read, the guess can be corrected; nothing is taken yet.
    Draft,
    Running,
    /// Somebody asked it to stop; it does after the rows under way.
    Stopping,
    /// Stopped by somebody or by the end of the process; can go on.
    Stopped,
    Done,
    Undone,
}

impl RunState {
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Running | Self::Stopping)
    }
}

/// A file of a run. Its bytes are in the file store, encrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunFile {
    pub name: String,
    /// What its owner said it is; None: guessed.
    pub kind: Option<Kind>,
    pub blob: BlobHash,
    /// One for each sheet, as guessed or corrected.
    pub layouts: Vec<Layout>,
}

#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Run {
    pub id: ImportRunId,
    pub state: RunState,
    #[sqlx(json)]
    pub files: Vec<RunFile>,
    pub total: i64,
    pub done: i64,
    pub created_at: Timestamp,
    /// None until it is done, stopped or undone.
    pub ended_at: Option<Timestamp>,
    /// What undoing left in place, because it is in use.
    pub kept: i64,
}

/// One row of a run's report.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct RowReport {
    pub position: i64,
    pub file: String,
    pub sheet: String,
    pub row: i64,
    pub verdict: String,
    #[sqlx(json)]
    pub reasons: Vec<String>,
    pub source_key: String,
    /// False when an earlier run had taken it.
    pub added: bool,
    pub patient_id: Option<String>,
    pub appointment_id: Option<String>,
    pub patient: String,
    pub day: Option<String>,
    pub time: Option<String>,
    pub doctor: String,
    pub service: String,
}

/// A pair of cards offered as one person.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Offered {
    pub a: String,
    pub b: String,
    pub score: f64,
    #[sqlx(json)]
    pub reasons: Vec<String>,
}

impl RowReport {
    /// What a line says, before it is known on which card it ends.
    pub fn of(position: usize, file: &str, line: &Line) -> Self {
        let mut report = Self {
            position: i64::try_from(position).unwrap_or(i64::MAX),
            file: file.to_owned(),
            sheet: line.sheet.clone(),
            row: i64::from(line.row),
            verdict: code(&line.verdict),
            reasons: line
                .reasons
                .iter()
                .filter(|reason| !reason.is_remark())
                .map(|reason| reason.code().to_owned())
                .collect(),
            source_key: line.source_key.clone(),
            added: false,
            patient_id: None,
            appointment_id: None,
            patient: String::new(),
            day: None,
            time: None,
            doctor: String::new(),
            service: String::new(),
        };
        match &line.content {
            Content::Visit(visit) => {
                report.patient.clone_from(&visit.patient);
                report.day = visit.day.map(|day| day.to_string());
                report.time = visit.start.map(|at| at.strftime("%H:%M").to_string());
                report.doctor = visit.doctor.clone().unwrap_or_default();
                report.service = visit.service.clone().unwrap_or_default();
            }
            Content::Price(price) => report.service.clone_from(&price.service),
            Content::Person { .. } | Content::Nothing => {}
        }
        report
    }
}

/// The word that serde writes for a unit variant.
pub fn code(value: &impl Serialize) -> String {
    let written = serde_json::to_value(value).ok();
    written.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
