//! Backups on the web.

use std::path::Path as FsPath;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::backup::kit;
use crate::backup::views::Facts;
use crate::backup::{self, BackupError, Kind, RunId, Source};
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{ManageKeys, RunBackup, ViewBackups};
use crate::web::{Page, Problem, Routes, see_other};

pub use crate::backup::kit::KitPage;
pub use crate::backup::views::{BackupPage, ProgressView};

pub fn routes() -> Routes {
    Routes::new()
        .get("/backups", index)
        .post("/backups", make)
        .get("/backups/progress", progress)
        .post("/backups/folder", set_folder)
        .merge(kit::routes())
        .post("/backups/{run_id}/check", check)
}

async fn index(
    State(clinic): State<Clinic>,
    grant: Grant<ViewBackups>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant).await?;
    Page::of(&clinic, &chrome.active("backup"), &view)
}

/// Starts a backup and does not wait for it.
async fn make(State(clinic): State<Clinic>, grant: Grant<RunBackup>) -> Result<Response, Problem> {
    let source = Source::of(&clinic);
    if source.keyring.kit_recipients().is_empty() {
        return Err(Problem::Conflict("backup-no-kits"));
    }
    let folder = backup::folder(&source, &grant.also()?).await?;
    if backup::progress(&source.data_dir).is_none() {
        tokio::spawn(async move {
            // What went wrong is in the list of attempts by then.
            let _ = backup::now(&source, &grant, &folder, Kind::Manual, None).await;
        });
    }
    Ok(see_other("/backups"))
}

/// The bar; when nothing runs any more, htmx loads the page anew.
async fn progress(
    State(clinic): State<Clinic>,
    _grant: Grant<ViewBackups>,
    chrome: Chrome,
) -> Result<Response, Problem> {
    match backup::progress(&clinic.places.data_dir) {
        Some(progress) => {
            let view = ProgressView::of(progress);
            Ok(Page::of(&clinic, &chrome, &view)?.into_response())
        }
        None => Ok(([("hx-refresh", "true")], "").into_response()),
    }
}

#[derive(Debug, Deserialize)]
struct NewFolder {
    folder: String,
}

async fn set_folder(
    State(clinic): State<Clinic>,
    grant: Grant<RunBackup>,
    chrome: Chrome,
    Form(form): Form<NewFolder>,
) -> Result<Response, Problem> {
    let typed = form.folder.trim();
    let set = backup::set_folder(&Source::of(&clinic), &grant, FsPath::new(typed)).await;
    match set {
        Ok(()) => Ok(see_other("/backups")),
        Err(BackupError::Folder { .. }) => {
            let view = page(&clinic, &grant.also()?).await?.refusing(typed, "backup-folder-bad");
            Ok(Page::of(&clinic, &chrome.active("backup"), &view)?.refused().into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn check(
    State(clinic): State<Clinic>,
    grant: Grant<RunBackup>,
    Path(run_id): Path<RunId>,
) -> Result<Response, Problem> {
    let source = Source::of(&clinic);
    let runs = backup::list(&source.vault, &grant.also()?).await?;
    let run = runs.iter().find(|run| run.id == run_id).ok_or(Problem::NotFound)?;
    backup::look(&source, &grant, run).await?;
    Ok(see_other("/backups"))
}

async fn page(clinic: &Clinic, grant: &Grant<ViewBackups>) -> Result<BackupPage, Problem> {
    let source = Source::of(clinic);
    let runs = backup::list(&source.vault, grant).await?;
    let folder = backup::folder(&source, grant).await?;
    Ok(BackupPage::of(&Facts {
        runs: &runs,
        now: clinic.clock().now(),
        folder: &folder,
        data_dir: &source.data_dir,
        holders: source.keyring.holders(),
        progress: backup::progress(&source.data_dir),
        may_make_kits: grant.actor().may::<ManageKeys>(),
        may_run: grant.actor().may::<RunBackup>(),
    }))
}

impl From<BackupError> for Problem {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Running => Self::Conflict("backup-already-running"),
            BackupError::NoKits => Self::Conflict("backup-no-kits"),
            BackupError::Full => Self::Unavailable,
            BackupError::Vault(cause) => cause.into(),
            other => Self::Internal(Box::new(other)),
        }
    }
}
