//! `tirkeu import`: the clinic's spreadsheets, from the machine itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::cli::{CliError, Common, Installation};
use crate::interop::guess::Kind;
use crate::interop::interpret::{Content, Line};
use crate::interop::run::{self, Offered, Preview, RowReport, RunState, Upload};
use crate::vault::Actor;

/// Bring in journals, lists of patients and price lists (XLSX, XLS, ODS, CSV).
/// Running it again adds nothing twice. The server must not be running.
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

impl Import {
    pub async fn run(&self, common: &Common) -> Result<(), CliError> {
        let uploads = self.uploads()?;
        let installation = Installation::open(&common.settings()?).await?;
        let done = self.on(&installation, common, uploads).await;
        installation.close().await;
        done
    }

    fn uploads(&self) -> Result<Vec<Upload>, CliError> {
        let files = [
            (&self.prices, Kind::Prices),
            (&self.patients, Kind::People),
            (&self.journal, Kind::Journal),
        ];
        let mut uploads = Vec::new();
        for (path, kind) in
            files.into_iter().flat_map(|(paths, kind)| paths.iter().map(move |path| (path, kind)))
        {
            let bytes = std::fs::read(path)
                .map_err(|error| CliError::said(format!("{}: {error}", path.display())))?;
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            uploads.push(Upload { name, kind: Some(kind), bytes });
        }
        if uploads.is_empty() {
            return Err(CliError::said(
                "nothing to import: name a file with --journal, --patients or --prices",
            ));
        }
        Ok(uploads)
    }

    async fn on(
        &self,
        installation: &Installation,
        common: &Common,
        uploads: Vec<Upload>,
    ) -> Result<(), CliError> {
        let clinic = &installation.clinic;
        let grant = Actor::console().grant().map_err(CliError::said)?;
        if self.dry_run {
            let preview = run::look(clinic, &grant, &uploads).await.map_err(CliError::said)?;
            let (rows, offered) = foreseen(&preview);
            tell(common, &rows, &offered, &json!({ "dry_run": true }));
            return Ok(());
        }
        let id = run::draft(clinic, &grant, uploads).await.map_err(CliError::said)?;
        let progress = |done: usize, all: usize| eprint!("\r{done} of {all} rows ");
        let state = run::carry_out(clinic, &grant, id, progress).await.map_err(CliError::said)?;
        eprintln!();
        let (rows, offered) = run::report(clinic, &grant, id).await.map_err(CliError::said)?;
        tell(common, &rows, &offered, &json!({ "run": id, "complete": state == RunState::Done }));
        Ok(())
    }
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

fn tell(common: &Common, rows: &[RowReport], offered: &[Offered], more: &Value) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.verdict.as_str()).or_default() += 1;
    }
    let added = rows.iter().filter(|row| row.added).count();
    let mut object = json!({
        "rows": rows.iter().map(in_json).collect::<Vec<_>>(),
        "duplicates": offered,
        "counts": counts,
        "added": added,
    });
    if let (Some(object), Some(more)) = (object.as_object_mut(), more.as_object()) {
        object.extend(more.clone());
    }
    let count = |verdict: &str| counts.get(verdict).copied().unwrap_or_default();
    let words = format!(
        "{} rows taken, {} taken and flagged, {} refused, {} skipped; {added} added, {} pairs of cards may be one person",
        count("taken"),
        count("flagged"),
        count("refused"),
        count("skipped"),
        offered.len()
    );
    common.tell(&object, &words);
}

fn in_json(row: &RowReport) -> Value {
    let said = |text: &str| if text.is_empty() { Value::Null } else { Value::from(text) };
    json!({
        "file": row.file, "sheet": row.sheet, "row": row.row, "verdict": row.verdict, "reasons": row.reasons,
        "patient": row.patient_id, "visit": row.appointment_id, "date": row.day, "time": row.time,
        "doctor": said(&row.doctor), "service": said(&row.service), "added": row.added,
    })
}
