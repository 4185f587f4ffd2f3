//! What staff see of consents: a patient's list, one consent as it goes, its
//! files, all of a week.

mod views;

use axum::Form;
use axum::extract::{Multipart, Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::consents::desk::{self, File};
use crate::consents::document::Fact;
use crate::consents::evidence::Evidence;
use crate::consents::model::{ConsentId, Step, WithdrawalWay};
use crate::consents::routes::ShownPart;
use crate::consents::{ConsentError, TOPIC, otp};
use crate::ids::PatientId;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{DownloadConsents, StartConsent, ViewConsents};
use crate::web::{Page, Problem, Routes, see_other};

/// The largest scan of a signed sheet.
const SCAN_LIMIT: usize = 12 * 1024 * 1024;

/// How far the list of all consents looks back, in milliseconds.
const LISTED_MS: i64 = 7 * 24 * 60 * 60 * 1000;

pub fn routes() -> Routes {
    Routes::new()
        .get("/patients/{patient_id}/consents", of_patient)
        .get("/consents", list)
        .get("/consents/{consent_id}", one)
        .get("/consents/{consent_id}/print", print)
        .get("/consents/{consent_id}/document.pdf", document_pdf)
        .get("/consents/{consent_id}/signed.pdf", signed_pdf)
        .get("/consents/{consent_id}/pack.zip", pack_zip)
        .post("/consents/{consent_id}/cancellation", cancel)
        .post("/consents/{consent_id}/withdrawal", withdraw)
        .upload("/consents/{consent_id}/paper", SCAN_LIMIT, paper)
}

/// A consent on a list.
#[derive(Debug, Serialize)]
struct Line {
    id: ConsentId,
    number: String,
    title: String,
    patient_id: PatientId,
    patient: String,
    /// Fluent key's end and the badge's colour.
    state: &'static str,
    kind: &'static str,
    prepared_at: Timestamp,
    prepared_by: String,
}

/// What a patient agreed to: a part of the card, or a page.
#[derive(Debug, Serialize)]
pub struct PatientConsents {
    patient_id: PatientId,
    lines: Vec<Line>,
    may_start: bool,
}

/// Everybody's consents of the last week.
#[derive(Debug, Serialize)]
pub struct ConsentListPage {
    lines: Vec<Line>,
    topic: &'static str,
    /// Codes sent within a day, when they are nearly all; 0 otherwise.
    codes: u32,
    most_codes: u32,
}

/// One consent as it goes.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "a page shows each by itself")]
pub struct ConsentPage {
    line: Line,
    topic: String,
    language: &'static str,
    level: u8,
    /// Which version of the wording.
    version: u32,
    phone: String,
    facts: Vec<Fact>,
    checks: Vec<ShownPart>,
    /// What has happened: Fluent key's end and when.
    passed: Vec<Passed>,
    step: Step,
    /// Neither signed nor ended otherwise.
    open: bool,
    on_tablet: bool,
    stands: bool,
    has_signed: bool,
    has_pack: bool,
    /// Of `document.pdf`, hex; empty before it was accepted.
    sha256: String,
    short_id: String,
    withdrawn_by: String,
    may_start: bool,
    may_download: bool,
}

#[derive(Debug, Serialize)]
struct Passed {
    what: &'static str,
    at: Timestamp,
}

/// A consent for the printer, with how it was confirmed.
#[derive(Debug, Serialize)]
pub struct ConsentPrint {
    number: String,
    title: String,
    version: u32,
    clinic: String,
    patient: String,
    staff: String,
    language: &'static str,
    facts: Vec<Fact>,
    parts: Vec<ShownPart>,
    basis: String,
    /// The path of the drawing and its size; empty without one.
    drawing: String,
    drawing_size: String,
    signed_at: Option<Timestamp>,
    evidence: Option<Evidence>,
    id: ConsentId,
    patient_id: PatientId,
}

async fn of_patient(
    State(clinic): State<Clinic>,
    grant: Grant<ViewConsents>,
    chrome: Chrome,
    Path(patient_id): Path<PatientId>,
) -> Result<Page, Problem> {
    let rows = desk::of_patient(&clinic.vault, &grant, patient_id).await?;
    let now = clinic.clock().now();
    let lines = rows.iter().map(|row| Line::of(row, now)).collect::<Result<_, _>>()?;
    let may_start = grant.actor().may::<StartConsent>();
    Page::of(&clinic, &chrome.active("patients"), &PatientConsents { patient_id, lines, may_start })
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewConsents>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let now = clinic.clock().now();
    let rows = desk::since(&clinic.vault, &grant, now.plus_ms(-LISTED_MS)).await?;
    let lines = rows.iter().map(|row| Line::of(row, now)).collect::<Result<_, _>>()?;
    let codes = desk::codes_today(&clinic.vault, &grant).await?;
    let codes = if codes >= otp::MANY_CODES { codes } else { 0 };
    let page = ConsentListPage { lines, topic: TOPIC, codes, most_codes: otp::CODES_PER_CLINIC };
    Page::of(&clinic, &live(chrome.active("consents")), &page)
}

async fn one(
    State(clinic): State<Clinic>,
    grant: Grant<ViewConsents>,
    chrome: Chrome,
    Path(id): Path<ConsentId>,
) -> Result<Page, Problem> {
    let row = desk::open(&clinic.vault, &grant, id).await?;
    let page = ConsentPage::of(&row, &grant, clinic.clock().now())?;
    Page::of(&clinic, &live(chrome.active("consents")), &page)
}

async fn print(
    State(clinic): State<Clinic>,
    grant: Grant<DownloadConsents>,
    chrome: Chrome,
    Path(id): Path<ConsentId>,
) -> Result<Page, Problem> {
    // The same disclosure as taking the file out.
    let (row, _) = desk::download(&clinic, &grant, id, File::Document).await?;
    Page::of(&clinic, &chrome.active("consents"), &ConsentPrint::of(&row)?)
}

async fn document_pdf(
    State(clinic): State<Clinic>,
    grant: Grant<DownloadConsents>,
    Path(id): Path<ConsentId>,
) -> Result<Response, Problem> {
    file(&clinic, &grant, id, File::Document).await
}

async fn signed_pdf(
    State(clinic): State<Clinic>,
    grant: Grant<DownloadConsents>,
    Path(id): Path<ConsentId>,
) -> Result<Response, Problem> {
    file(&clinic, &grant, id, File::Signed).await
}

async fn pack_zip(
    State(clinic): State<Clinic>,
    grant: Grant<DownloadConsents>,
    Path(id): Path<ConsentId>,
) -> Result<Response, Problem> {
    file(&clinic, &grant, id, File::Pack).await
}

/// The browser saves it and never shows it: what a scanner made is not ours.
async fn file(
    clinic: &Clinic,
    grant: &Grant<DownloadConsents>,
    id: ConsentId,
    file: File,
) -> Result<Response, Problem> {
    let (row, bytes) = desk::download(clinic, grant, id, file).await?;
    let (name, media_type) = match file {
        File::Document => ("document.pdf", "application/pdf"),
        File::Signed if bytes.starts_with(b"%PDF") => ("signed.pdf", "application/pdf"),
        File::Signed => ("signed.jpg", "image/jpeg"),
        File::Pack => ("pack.zip", "application/zip"),
    };
    let disposition = format!("attachment; filename=\"consent-{}-{name}\"", row.number);
    let headers = [(CONTENT_TYPE, media_type.to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, bytes).into_response())
}

async fn cancel(
    State(clinic): State<Clinic>,
    grant: Grant<StartConsent>,
    Path(id): Path<ConsentId>,
) -> Result<Response, Problem> {
    desk::cancel(&clinic.vault, &grant, id).await?;
    Ok(see_other(&format!("/consents/{id}")))
}

#[derive(Debug, Deserialize)]
struct Withdrawal {
    way: WithdrawalWay,
}

async fn withdraw(
    State(clinic): State<Clinic>,
    grant: Grant<StartConsent>,
    Path(id): Path<ConsentId>,
    Form(form): Form<Withdrawal>,
) -> Result<Response, Problem> {
    desk::withdraw(&clinic.vault, &grant, id, form.way).await?;
    Ok(see_other(&format!("/consents/{id}")))
}

async fn paper(
    State(clinic): State<Clinic>,
    grant: Grant<StartConsent>,
    Path(id): Path<ConsentId>,
    mut form: Multipart,
) -> Result<Response, Problem> {
    let mut scan = None;
    while let Some(field) = form.next_field().await.map_err(|_| Problem::TooLarge)? {
        if field.name() != Some("scan") {
            continue;
        }
        let bytes = field.bytes().await.map_err(|_| Problem::TooLarge)?;
        if bytes.is_empty() {
            continue;
        }
        if !bytes.starts_with(b"%PDF") && !bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            return Err(Problem::Invalid("consents-scan-kind"));
        }
        let kept = clinic.files.put_bytes(bytes.to_vec()).await;
        scan = Some(kept.map_err(ConsentError::from)?.0);
    }
    desk::record_paper(&clinic.vault, &grant, id, scan).await?;
    Ok(see_other(&format!("/consents/{id}")))
}

fn live(mut chrome: Chrome) -> Chrome {
    chrome.live = true;
    chrome
}
