//! `tirkeu import`: the clinic's spreadsheets, from the machine itself.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::cli::desk::{self, LARGEST, Order, Progress, Stop, Task, Tell};
use crate::cli::error::Refusal;
use crate::cli::{CliError, Common};
use crate::clinic::Clinic;
use crate::interop::guess::Kind;
use crate::interop::interpret::{Content, Line};
use crate::interop::run::{
    self, ImportError, ImportRunId, Offered, Preview, RowReport, RunState, Upload,
};
use crate::vault::permission::ImportRecords;
use crate::vault::{Actor, Grant, VaultError};

/// Exit status: stopped by whoever typed it (128 + SIGINT, as shells say it).
const STOPPED: u8 = 130;

/// How often a wish to stop is tried again until the first row.
const PAUSE: Duration = Duration::from_millis(50);

/// Bring in journals, lists of patients and price lists (XLSX, XLS, ODS, CSV).
/// Running it again adds nothing twice. Works while the server runs. Ctrl-C
/// stops it after the rows under way, with status 130; the same command then
/// takes the rest.
#[derive(clap::Args)]
pub struct Import {
    /// A journal of visits.
    #[arg(long, value_name = "FILE")]
    journal: Vec<PathBuf>,
    /// A list of patients.
    #[arg(long, value_name = "FILE")]
    patients: Vec<PathBuf>,
    /// A price list.
    #[arg(long, value_name = "FILE")]
    prices: Vec<PathBuf>,
    /// Say what would be taken and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// An import as whoever has the clinic open is asked for it; the files come
/// beside it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ImportOrder {
    pub dry_run: bool,
}

impl Import {
    pub async fn run(&self, common: &Common) -> Result<(), CliError> {
        let order = Order::Import(ImportOrder { dry_run: self.dry_run });
        let told = desk::settle(common, Task { order, uploads: self.uploads()? }).await?;
        common.tell(&told, &in_words(&told));
        if told["complete"] == false {
            let said = "stopped: run the same command again to take the rest".to_owned();
            return Err(CliError::Told { said, status: STOPPED });
        }
        Ok(())
    }

    fn uploads(&self) -> Result<Vec<Upload>, CliError> {
        let files = [
            (&self.prices, Kind::Prices),
            (&self.patients, Kind::People),
            (&self.journal, Kind::Journal),
        ];
        let (mut uploads, mut total) = (Vec::new(), 0);
        for (path, kind) in
            files.into_iter().flat_map(|(paths, kind)| paths.iter().map(move |path| (path, kind)))
        {
            let unreadable = |said: &dyn std::fmt::Display| {
                Refusal::new("unreadable", format!("{}: {said}", path.display()), 1)
            };
            total += std::fs::metadata(path).map_err(|error| unreadable(&error))?.len();
            if total > LARGEST {
                return Err(unreadable(&"too large to be a clinic's spreadsheet").into());
            }
            let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            uploads.push(Upload { name, kind: Some(kind), bytes });
        }
        if uploads.is_empty() {
            let said = "nothing to import: name a file with --journal, --patients or --prices";
            return Err(Refusal::new("nothing_to_import", said, 1).into());
        }
        Ok(uploads)
    }
}

impl ImportOrder {
    /// The report, with `complete` false when it was stopped.
    pub async fn carry_out(
        self,
        clinic: &Clinic,
        actor: &Actor,
        uploads: Vec<Upload>,
        tell: &Tell,
        stop: &Stop,
    ) -> Result<Value, Refusal> {
        let grant = actor.grant().map_err(Refusal::failed)?;
        if self.dry_run {
            let preview = run::look(clinic, &grant, &uploads).await.map_err(refusal)?;
            let (rows, offered) = foreseen(&preview);
            return Ok(object(&rows, &offered, &json!({ "dry_run": true })));
        }
        let id = run::draft(clinic, &grant, uploads).await.map_err(refusal)?;
        let state = carried_out(clinic, &grant, id, tell, stop).await;
        if state.is_err() {
            // Best effort: the next start of the server does it otherwise.
            let _ = run::leave_stopped(clinic, &grant, id).await;
        }
        let complete = state.map_err(refusal)? == RunState::Done;
        let (rows, offered) = run::report(clinic, &grant, id).await.map_err(refusal)?;
        Ok(object(&rows, &offered, &json!({ "run": id, "complete": complete })))
    }
}

async fn carried_out(
    clinic: &Clinic,
    grant: &Grant<ImportRecords>,
    id: ImportRunId,
    tell: &Tell,
    stop: &Stop,
) -> Result<RunState, ImportError> {
    let over = Notify::new();
    let progress = |done, of| tell(Progress::Rows { done, of });
    let carrying = async {
        let state = run::carry_out(clinic, grant, id, progress).await;
        over.notify_one();
        state
    };
    let stopping = async {
        tokio::select! {
            () = over.notified() => return,
            () = stop.wished() => {}
        }
        // Between the draft and its first row there is nothing to stop yet.
        while let Err(ImportError::NotNow(RunState::Draft)) = run::stop(clinic, grant, id).await {
            tokio::select! {
                () = over.notified() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    };
    // Together: whoever stops waits for the writer that the rows may hold.
    tokio::join!(carrying, stopping).0
}

/// The report as it would be; new cards are called `new-1`, `new-2` …
fn foreseen(preview: &Preview) -> (Vec<RowReport>, Vec<Offered>) {
    let id = |card: usize| match preview.outcome.cards[card]
        .known
        .and_then(|at| preview.card_ids.get(at))
    {
        Some(known) => known.to_string(),
        None => format!("new-{}", card + 1),
    };
    let row = |(at, line): (usize, &Line)| {
        let mut report = RowReport::of(at, &preview.files[line.file].name, line);
        let card = match &line.content {
            Content::Person { card } => *card,
            Content::Visit(visit) => visit.card,
            Content::Nothing | Content::Price(_) => None,
        };
        report.patient_id = card.map(id);
        report
    };
    let pair = |pair: &crate::interop::matching::Duplicate| Offered {
        a: id(pair.a),
        b: id(pair.b),
        score: pair.score,
        reasons: pair
            .reasons
            .iter()
            .map(|reason| json!(reason).as_str().unwrap_or_default().to_owned())
            .collect(),
    };
    (
        preview.outcome.lines.iter().enumerate().map(row).collect(),
        preview.outcome.duplicates.iter().map(pair).collect(),
    )
}

fn object(rows: &[RowReport], offered: &[Offered], more: &Value) -> Value {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.verdict.as_str()).or_default() += 1;
    }
    let mut object = json!({
        "rows": rows.iter().map(in_json).collect::<Vec<_>>(),
        "duplicates": offered,
        "counts": counts,
        "added": rows.iter().filter(|row| row.added).count(),
    });
    if let (Some(object), Some(more)) = (object.as_object_mut(), more.as_object()) {
        object.extend(more.clone());
    }
    object
}

fn in_words(told: &Value) -> String {
    let count = |verdict: &str| told["counts"][verdict].as_u64().unwrap_or_default();
    format!(
        "{} rows taken, {} taken and flagged, {} refused, {} skipped; {} added, \
         {} pairs of cards may be one person",
        count("taken"),
        count("flagged"),
        count("refused"),
        count("skipped"),
        told["added"],
        told["duplicates"].as_array().map_or(0, Vec::len),
    )
}

fn refusal(error: ImportError) -> Refusal {
    let code = match &error {
        ImportError::Unreadable(..) => "unreadable",
        ImportError::NotNow(_) => "not_now",
        ImportError::Vault(VaultError::NotCommitted) => "not_stored",
        _ => "failed",
    };
    Refusal::new(code, error, 1)
}

fn in_json(row: &RowReport) -> Value {
    let said = |text: &str| if text.is_empty() { Value::Null } else { Value::from(text) };
    json!({
        "file": row.file, "sheet": row.sheet, "row": row.row, "verdict": row.verdict, "reasons": row.reasons,
        "patient": row.patient_id, "visit": row.appointment_id, "date": row.day, "time": row.time,
        "doctor": said(&row.doctor), "service": said(&row.service), "added": row.added,
    })
}
