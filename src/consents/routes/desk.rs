//! What staff see of consents: a patient's list, one consent as it goes, its
//! files, all of a week.

use axum::Form;
use axum::extract::{Multipart, Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::consents::desk::{self, File};
use crate::consents::document::{Document, Fact};
use crate::consents::evidence::Evidence;
use crate::consents::model::{ConsentId, Level, Outcome, Step, WithdrawalWay, masked_phone};
use crate::consents::routes::ShownPart;
use crate::consents::store::Row;
use crate::consents::{ConsentError, TOPIC, otp, topic};
use crate::ids::PatientId;
use crate::pages::{Chrome, View};
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
    /// The template's key and version.
    wording: String,
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

impl Line {
    fn of(row: &Row, now: Timestamp) -> Result<Self, ConsentError> {
        let document = row.document()?;
        let (state, kind) = state(row, now);
        Ok(Self {
            id: row.id,
            number: row.number.clone(),
            title: document.title,
            patient_id: row.patient_id,
            patient: document.patient.name,
            state,
            kind,
            prepared_at: row.prepared_at,
            prepared_by: row.prepared_by_name.clone(),
        })
    }
}

/// The end of the Fluent key of a consent's state, and its badge.
fn state(row: &Row, now: Timestamp) -> (&'static str, &'static str) {
    if row.withdrawn_at.is_some() {
        return ("withdrawn", "bad");
    }
    match row.outcome {
        Some(Outcome::Signed) => ("signed", "ok"),
        Some(Outcome::SignedOnPaper) => ("paper-signed", "ok"),
        Some(Outcome::Refused) => ("refused", "bad"),
        Some(Outcome::Cancelled) => ("cancelled", ""),
        Some(Outcome::Expired) => ("expired", "warn"),
        None if row.step != Step::Paper && row.expires_at <= now => ("expired", "warn"),
        None => match row.step {
            Step::Read if row.shown_at.is_none() => ("waiting", "info"),
            Step::Read => ("reading", "info"),
            Step::Sign => ("signing", "info"),
            Step::Code => ("code", "info"),
            Step::Paper => ("paper", "warn"),
        },
    }
}

impl ConsentPage {
    fn of(row: &Row, grant: &Grant<ViewConsents>, now: Timestamp) -> Result<Self, ConsentError> {
        let document = row.document()?;
        let line = Line::of(row, now)?;
        let expired = line.state == "expired";
        let digest = row.document_sha256.as_deref().and_then(|sha| <[u8; 32]>::try_from(sha).ok());
        let passed = [
            ("prepared", Some(row.prepared_at)),
            ("shown", row.shown_at),
            ("accepted", row.accepted_at),
            ("ended", row.ended_at),
            ("withdrawn", row.withdrawn_at),
        ];
        let passed = passed.into_iter().filter_map(|(what, at)| Some(Passed { what, at: at? }));
        let checks: Vec<_> = ShownPart::all(&document.parts);
        Ok(Self {
            topic: topic(row.id),
            language: row.language.tag(),
            level: row.level.number(),
            wording: format!("{} {}", document.template.key, document.template.version),
            phone: row.phone.as_deref().map(masked_phone).unwrap_or_default(),
            checks: checks.into_iter().filter(|part| part.kind == "check").collect(),
            facts: document.facts,
            passed: passed.collect(),
            step: row.step,
            open: row.outcome.is_none() && !expired,
            on_tablet: row.tablet_id.is_some(),
            stands: row.stands(),
            has_signed: row.signed_pdf.is_some(),
            has_pack: row.pack.is_some(),
            sha256: digest.map(|sha| crate::crypto::hash::hex(&sha)).unwrap_or_default(),
            short_id: digest.map(|sha| super::super::document::short_id(&sha)).unwrap_or_default(),
            withdrawn_by: row.withdrawn_by.clone().unwrap_or_default(),
            may_start: grant.actor().may::<StartConsent>(),
            may_download: grant.actor().may::<DownloadConsents>(),
            line,
        })
    }
}

impl ConsentPrint {
    fn of(row: &Row) -> Result<Self, ConsentError> {
        let document: Document = row.document()?;
        let evidence = row.evidence.as_deref().map(serde_json::from_str).transpose()?;
        let between = |svg: &str, from: &str| {
            let rest = svg.split_once(from)?.1;
            Some(rest.split_once('"')?.0.to_owned())
        };
        let svg = row.signature_svg.as_deref().filter(|_| row.outcome == Some(Outcome::Signed));
        let drawn = |from| svg.and_then(|svg| between(svg, from)).unwrap_or_default();
        Ok(Self {
            number: row.number.clone(),
            title: document.title,
            version: document.template.version,
            clinic: document.clinic.name,
            patient: document.patient.name,
            staff: row.prepared_by_name.clone(),
            language: row.language.tag(),
            facts: document.facts,
            parts: ShownPart::all(&document.parts),
            basis: document.basis,
            drawing: drawn(" d=\""),
            drawing_size: drawn("viewBox=\""),
            signed_at: row.ended_at.filter(|_| row.outcome.is_some_and(Outcome::stands)),
            evidence,
            id: row.id,
            patient_id: row.patient_id,
        })
    }
}

fn sample_line(state: &'static str, kind: &'static str) -> Line {
    let now = Timestamp::from_unix_ms(1_790_000_000_000);
    Line {
        id: ConsentId::new(now),
        number: "2026-000042".to_owned(),
        title: "Consent".to_owned(),
        patient_id: PatientId::new(now),
        patient: "Ada Lovelace".to_owned(),
        state,
        kind,
        prepared_at: now,
        prepared_by: "Reception".to_owned(),
    }
}

/// Every state a consent can show.
const STATES: [(&str, &str); 11] = [
    ("waiting", "info"),
    ("reading", "info"),
    ("signing", "info"),
    ("code", "info"),
    ("paper", "warn"),
    ("signed", "ok"),
    ("paper-signed", "ok"),
    ("refused", "bad"),
    ("cancelled", ""),
    ("expired", "warn"),
    ("withdrawn", "bad"),
];

impl View for PatientConsents {
    const TEMPLATE: &'static str = "consents/of_patient.html";

    fn samples() -> Vec<Self> {
        let patient_id = PatientId::new(Timestamp::from_unix_ms(1_790_000_000_000));
        let all = || STATES.iter().map(|(state, kind)| sample_line(state, kind)).collect();
        vec![
            Self { patient_id, lines: Vec::new(), may_start: true },
            Self { patient_id, lines: all(), may_start: false },
        ]
    }
}

impl View for ConsentListPage {
    const TEMPLATE: &'static str = "consents/list.html";

    fn samples() -> Vec<Self> {
        let lines = STATES.iter().map(|(state, kind)| sample_line(state, kind)).collect();
        let page = |lines, codes| Self { lines, topic: TOPIC, codes, most_codes: 300 };
        vec![page(lines, 0), page(Vec::new(), 220)]
    }
}

impl View for ConsentPage {
    const TEMPLATE: &'static str = "consents/one.html";

    fn samples() -> Vec<Self> {
        let now = Timestamp::from_unix_ms(1_790_000_000_000);
        let sample = |state, open, stands| {
            let line = sample_line(state, "info");
            Self {
                topic: topic(line.id),
                language: "ru",
                level: Level::L2.number(),
                wording: "treatment 1".to_owned(),
                phone: "+7 (701) ***-**-78".to_owned(),
                facts: vec![Fact { name: "Service".to_owned(), value: "Filling".to_owned() }],
                checks: vec![ShownPart::of(&crate::consents::template::Part::Check {
                    key: "agree".to_owned(),
                    text: "I agree".to_owned(),
                    required: true,
                    ticked: stands,
                })],
                passed: ["prepared", "shown", "accepted", "ended", "withdrawn"]
                    .map(|what| Passed { what, at: now })
                    .into(),
                step: Step::Read,
                open,
                on_tablet: open,
                stands,
                has_signed: stands,
                has_pack: stands,
                sha256: if stands { "ab".repeat(32) } else { String::new() },
                short_id: if stands { "ABAB-ABAB".to_owned() } else { String::new() },
                withdrawn_by: String::new(),
                may_start: true,
                may_download: true,
                line,
            }
        };
        let mut samples: Vec<_> =
            STATES.iter().map(|(state, _)| sample(state, false, false)).collect();
        samples.push(sample("reading", true, false));
        samples.push(sample("paper", true, false));
        samples.push(sample("signed", false, true));
        samples
    }
}

impl View for ConsentPrint {
    const TEMPLATE: &'static str = "consents/print.html";

    fn samples() -> Vec<Self> {
        let now = Timestamp::from_unix_ms(1_790_000_000_000);
        let sample = |drawing: &str| Self {
            number: "2026-000042".to_owned(),
            title: "Consent".to_owned(),
            version: 1,
            clinic: "Clinic".to_owned(),
            patient: "Ada Lovelace".to_owned(),
            staff: "Reception".to_owned(),
            language: "kk",
            facts: Vec::new(),
            parts: Vec::new(),
            basis: "Law".to_owned(),
            drawing: drawing.to_owned(),
            drawing_size: if drawing.is_empty() { String::new() } else { "0 0 9 9".to_owned() },
            signed_at: (!drawing.is_empty()).then_some(now),
            evidence: None,
            id: ConsentId::new(now),
            patient_id: PatientId::new(now),
        };
        vec![sample(""), sample("M1 1L2 2")]
    }
}
