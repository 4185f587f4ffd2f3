//! The state of the ledger on the web.

use std::path::Path as FsPath;
use std::time::Duration;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::audit::checkpoints::sheet::{SheetPage, letter};
use crate::audit::checkpoints::views::{Facts, LedgerPage, WalkView};
use crate::audit::checkpoints::{self, AnchorError, AnchorKind, PATIENCE};
use crate::clinic::Clinic;
use crate::pages::Chrome;
use crate::vault::permission::{ReviewLog, VerifyLog};
use crate::vault::{Cause, Grant, Sealed};
use crate::web::{Page, Problem, Routes, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/audit/ledger", index)
        .post("/audit/ledger/seal", seal)
        .post("/audit/ledger/verify", verify)
        .get("/audit/ledger/progress", progress)
        .post("/audit/ledger/stop", stop)
        .post("/audit/ledger/folder", set_folder)
        .post("/audit/ledger/folder/write", write_to_folder)
        .post("/audit/ledger/sheet", make_sheet)
        .get("/audit/ledger/{size}/sheet", sheet)
        .post("/audit/ledger/{size}/note", take_note)
        .post("/audit/ledger/{size}/letter", take_letter)
        .get("/audit/ledger/{size}/proof", proof)
        .get("/audit/ledger/keys", keys)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Paging {
    before: Option<u64>,
    to: Option<u64>,
}

async fn index(
    State(clinic): State<Clinic>,
    grant: Grant<VerifyLog>,
    chrome: Chrome,
    Query(paging): Query<Paging>,
) -> Result<Page, Problem> {
    let view = page(&clinic, &grant, paging.before).await?;
    let room = if grant.actor().may::<ReviewLog>() { "audit" } else { "ledger" };
    Page::of(&clinic, &chrome.active(room), &view)
}

async fn seal(State(clinic): State<Clinic>, grant: Grant<VerifyLog>) -> Result<Response, Problem> {
    checkpoints::seal(&clinic, &grant, Cause::Asked).await?;
    Ok(see_other("/audit/ledger"))
}

async fn verify(
    State(clinic): State<Clinic>,
    grant: Grant<VerifyLog>,
) -> Result<Response, Problem> {
    start_walk(&clinic, &grant, PATIENCE).await;
    Ok(see_other("/audit/ledger"))
}

/// Walks in the background and waits a little: most ledgers are done by then.
pub async fn start_walk(clinic: &Clinic, grant: &Grant<VerifyLog>, patience: Duration) {
    let (clinic, grant) = (clinic.clone(), grant.clone());
    let walking = tokio::spawn(async move {
        if let Err(error) = checkpoints::walk(&clinic, &grant).await {
            tracing::error!(error = &error as &dyn std::error::Error, "the ledger was not walked");
        }
    });
    // Who is out of patience finds the bar on the page.
    let _ = tokio::time::timeout(patience, walking).await;
}

/// The bar; when nothing runs any more, htmx loads the page anew.
async fn progress(
    State(clinic): State<Clinic>,
    _grant: Grant<VerifyLog>,
    chrome: Chrome,
) -> Result<Response, Problem> {
    match clinic.vault.walk_under_way() {
        Some(pace) => Ok(Page::of(&clinic, &chrome, &WalkView::of(&pace))?.into_response()),
        None => Ok(([("hx-refresh", "true")], "").into_response()),
    }
}

async fn stop(State(clinic): State<Clinic>, _grant: Grant<VerifyLog>) -> Response {
    if let Some(pace) = clinic.vault.walk_under_way() {
        pace.stop();
        // The walk looks at every two thousand rows.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    see_other("/audit/ledger")
}

#[derive(Debug, Deserialize)]
struct NewFolder {
    folder: String,
}

async fn set_folder(
    State(clinic): State<Clinic>,
    grant: Grant<VerifyLog>,
    chrome: Chrome,
    Form(form): Form<NewFolder>,
) -> Result<Response, Problem> {
    let typed = form.folder.trim();
    let folder = (!typed.is_empty()).then(|| FsPath::new(typed));
    let set = checkpoints::set_folder(&clinic, &grant, folder).await;
    refuse_or_return(&clinic, &grant, chrome, typed, set).await
}

async fn write_to_folder(
    State(clinic): State<Clinic>,
    grant: Grant<VerifyLog>,
    chrome: Chrome,
) -> Result<Response, Problem> {
    let Some(folder) = checkpoints::folder(&clinic, &grant).await? else {
        return Ok(see_other("/audit/ledger"));
    };
    let sealed = checkpoints::seal(&clinic, &grant, Cause::Asked).await?;
    let written = checkpoints::write_to_folder(&clinic, &grant, &folder, &sealed).await;
    refuse_or_return(&clinic, &grant, chrome, &folder.to_string_lossy(), written).await
}

async fn refuse_or_return(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
    chrome: Chrome,
    typed: &str,
    outcome: Result<(), AnchorError>,
) -> Result<Response, Problem> {
    match outcome {
        Ok(()) => Ok(see_other("/audit/ledger")),
        Err(AnchorError::Folder { .. }) => {
            let view = page(clinic, grant, None).await?.refusing(typed);
            Ok(Page::of(clinic, &chrome.active("audit"), &view)?.refused().into_response())
        }
        Err(AnchorError::Vault(error)) => Err(error.into()),
    }
}

/// Signs the ledger as it stands and gives the sheet of it.
async fn make_sheet(
    State(clinic): State<Clinic>,
    grant: Grant<VerifyLog>,
) -> Result<Response, Problem> {
    let sealed = checkpoints::seal(&clinic, &grant, Cause::Asked).await?;
    checkpoints::anchor(&clinic, &grant, sealed.size, AnchorKind::Sheet).await?;
    Ok(see_other(&format!("/audit/ledger/{}/sheet", sealed.size)))
}

async fn sheet(
    State(clinic): State<Clinic>,
    grant: Grant<VerifyLog>,
    chrome: Chrome,
    Path(size): Path<u64>,
) -> Result<Page, Problem> {
    let sealed = found(&clinic, &grant, size).await?;
    let view = SheetPage::of(&clinic, &grant, &sealed);
    Page::of(&clinic, &chrome.active("audit"), &view)
}

async fn take_note(
    State(clinic): State<Clinic>,
    grant: Grant<VerifyLog>,
    Path(size): Path<u64>,
) -> Result<Response, Problem> {
    let sealed = found(&clinic, &grant, size).await?;
    checkpoints::anchor(&clinic, &grant, size, AnchorKind::File).await?;
    let name = format!("tirkeu-checkpoint-{size}.txt");
    Ok(file(&name, "text/plain; charset=utf-8", sealed.note))
}

async fn take_letter(
    State(clinic): State<Clinic>,
    grant: Grant<VerifyLog>,
    chrome: Chrome,
    Path(size): Path<u64>,
) -> Result<Response, Problem> {
    let sealed = found(&clinic, &grant, size).await?;
    checkpoints::anchor(&clinic, &grant, size, AnchorKind::Mail).await?;
    let letter = letter(&clinic, chrome.language, &sealed);
    Ok(file(&format!("tirkeu-checkpoint-{size}.eml"), "message/rfc822", letter))
}

/// From this checkpoint to another one, or to the newest.
async fn proof(
    State(clinic): State<Clinic>,
    grant: Grant<VerifyLog>,
    Path(size): Path<u64>,
    Query(paging): Query<Paging>,
) -> Result<Response, Problem> {
    let newest = clinic.vault.newest_checkpoint(&grant).await?.ok_or(Problem::NotFound)?;
    let to = paging.to.unwrap_or(newest.size);
    let (from, to) = (size.min(to), size.max(to));
    let proof = checkpoints::proof(&clinic, &grant, from, to).await?.ok_or(Problem::NotFound)?;
    Ok(file(&format!("tirkeu-proof-{from}-{to}.txt"), "text/plain; charset=utf-8", proof))
}

/// What notes are checked with: to be kept apart from the notes.
async fn keys(State(clinic): State<Clinic>, _grant: Grant<VerifyLog>) -> Response {
    let keyring = clinic.keys.get();
    let origin = keyring.audit_origin();
    let keys = keyring.audit_verifying_keys();
    let lines = keys.iter().map(|key| format!("{}\n{}\n", key.to_vkey(&origin), key.to_pem()));
    file("tirkeu-ledger-keys.txt", "text/plain; charset=utf-8", lines.collect())
}

fn file(name: &str, kind: &'static str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], text).into_response()
}

async fn found(clinic: &Clinic, grant: &Grant<VerifyLog>, size: u64) -> Result<Sealed, Problem> {
    checkpoints::of_size(clinic, grant, size).await?.ok_or(Problem::NotFound)
}

async fn page(
    clinic: &Clinic,
    grant: &Grant<VerifyLog>,
    before: Option<u64>,
) -> Result<LedgerPage, Problem> {
    let newest = clinic.vault.newest_checkpoint(grant).await?;
    let facts = Facts {
        grew: clinic.vault.grew_since(grant, newest.as_ref()).await?,
        newest,
        head: clinic.vault.ledger_head().await?,
        listed: checkpoints::list(clinic, grant, before).await?,
        anchors: checkpoints::anchors(clinic, grant).await?,
        folder: checkpoints::folder(clinic, grant).await?,
        last_check: checkpoints::last_verified(clinic, grant).await?,
        walk: clinic.vault.walk_under_way(),
        walked: clinic.vault.last_walk(),
        now: clinic.clock().now(),
        data_dir: clinic.places.data_dir.clone(),
        may_review: grant.actor().may::<ReviewLog>(),
    };
    let grew_since_anchor = match facts.anchors.iter().max_by_key(|anchor| anchor.made_at) {
        None => true,
        Some(anchor) => {
            let sealed = checkpoints::of_size(clinic, grant, anchor.size).await?;
            clinic.vault.grew_since(grant, sealed.as_ref()).await?
        }
    };
    Ok(LedgerPage::of(facts, grew_since_anchor))
}
